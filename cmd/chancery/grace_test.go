package main

import (
	"strconv"
	"strings"
	"syscall"
	"testing"

	"chancery/internal/servertest"
)

// inbox counts the messages of INBOX and those of them with a keyword.
func inbox(t testing.TB, d *servertest.DovecotServer, keyword string) (n, marked int) {
	for _, m := range d.Dump(t, gc)["INBOX"] {
		n++
		if strings.Contains(strings.Join(m.Flags, " "), keyword) {
			marked++
		}
	}
	return n, marked
}

// New mail is marked at once and stays in INBOX until the grace is over.
func TestGraceKeepsMailInInbox(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	f.edit("chancery.yaml", "grace: 0s", "grace: 1h")
	c := d.Client(t, gc)
	c.Append("INBOX", mail("1", "Invoice 881 for 10042.0070", "x"))
	c.OK("APPEND INBOX \"01-Nov-2026 10:00:00 +0000\" {" + strconv.Itoa(len(mail("2", "Invoice 882 for 10042.0070", "x"))) + "+}\r\n" + string(mail("2", "Invoice 882 for 10042.0070", "x")))
	f.once()
	got := where(t, d, gc)
	if got["Invoice 881 for 10042.0070"] != "INBOX [lx-4];" {
		t.Errorf("new mail: %s", got["Invoice 881 for 10042.0070"])
	}
	if !strings.HasPrefix(got["Invoice 882 for 10042.0070"], "Billing/") {
		t.Errorf("mail of three weeks ago: %s", got["Invoice 882 for 10042.0070"])
	}
	if out, _ := f.cli("plan"); !strings.Contains(out, "not before") {
		t.Errorf("plan does not say that it waits:\n%s", out)
	}
	// A person deletes it while it waits: it is not brought back by filing it.
	act(c, "INBOX", "Invoice 881 for 10042.0070", `UID STORE %d +FLAGS (\Deleted)`, "UID EXPUNGE %d")
	f.once()
	if got := where(t, d, gc)["Invoice 881 for 10042.0070"]; got != "" {
		t.Errorf("after it was deleted: %s", got)
	}
}

// What a person has just opened is not taken away under the eyes.
func TestNothingMovesWhileItIsRead(t *testing.T) {
	for _, hide := range [][]string{nil, {"QRESYNC"}, {"CONDSTORE", "QRESYNC"}} {
		t.Run(strings.Join(hide, " "), func(t *testing.T) {
			t.Parallel()
			d := servertest.Dovecot(t, servertest.DovecotOptions{Hide: hide})
			f := newFirm(t, d, nil)
			f.edit("chancery.yaml", "grace: 0s", "grace: 8s")
			f.edit("chancery.yaml", "poll: 2s", "poll: 1s")
			c := d.Client(t, gc)
			c.Append("INBOX", mail("1", "Invoice 881 for 10042.0070", "x"), mail("2", "Invoice 882 for 10042.0070", "x"))
			r := f.start()
			await(t, "both marks", func() bool { _, marked := inbox(t, d, "lx-4"); return marked == 2 })
			act(c, "INBOX", "Invoice 881 for 10042.0070", "UID FETCH %d BODY[]")
			await(t, "the other one filed", func() bool {
				return strings.HasPrefix(where(t, d, gc)["Invoice 882 for 10042.0070"], "Billing/")
			})
			if err := r.stop(syscall.SIGTERM); err != nil {
				t.Errorf("SIGTERM: %v\n%s", err, r.log())
			}
			if got := where(t, d, gc)["Invoice 881 for 10042.0070"]; !strings.HasPrefix(got, "INBOX") {
				t.Errorf("the one that is being read: %s", got)
			}
		})
	}
}
