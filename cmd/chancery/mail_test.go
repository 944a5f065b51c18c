package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing"

	"chancery/internal/servertest"
)

// where returns the mailbox and the flags of every message by subject.
func where(t testing.TB, d *servertest.DovecotServer, user string) map[string]string {
	t.Helper()
	c := d.Client(t, user)
	defer c.Close()
	out := map[string]string{}
	dump := c.Dump()
	for _, box := range slices.Sorted(maps.Keys(dump)) {
		for _, m := range dump[box] {
			_, subject, _ := strings.Cut(string(m.Body), "Subject: ")
			subject, _, _ = strings.Cut(subject, "\r\n")
			out[subject] += fmt.Sprintf("%s %v;", box, m.Flags)
		}
	}
	return out
}

func TestMailIsMarkedAndFiled(t *testing.T) {
	for _, format := range []string{"maildir", "mdbox"} {
		for _, hide := range [][]string{nil, {"MOVE"}, {"MOVE", "UIDPLUS"}} {
			t.Run(fmt.Sprintf("%s without %v", format, hide), func(t *testing.T) {
				t.Parallel()
				d := servertest.Dovecot(t, servertest.DovecotOptions{Format: format, Hide: hide})
				f := newFirm(t, d, nil)
				c := d.Client(t, gc)
				c.Append("INBOX",
					mail("1", "Privileged and confidential: merger", "See attached."),
					mail("2", "Invoice 881 for 10042.0070", "Total due: $1,250.00"),
					mail("3", "Lunch", "This message is attorney-client privileged and confidential and intended only for the addressee. If you are not the intended recipient, please delete it and notify the sender."),
					mail("4", "Invoice without a matter", "99999.9999"),
				)
				before := servertest.Bodies(d.Dump(t, gc))
				f.once()
				got := where(t, d, gc)
				matter := "10042.0070"
				if format == "maildir" {
					matter = "10042-0070" // its folders know no dot
				}
				if !strings.Contains(got["Privileged and confidential: merger"], "INBOX [$MailFlagBit0 $MailFlagBit2 $label1 \\Flagged lx-1") {
					t.Errorf("privileged: %s", got["Privileged and confidential: merger"])
				}
				if !strings.Contains(got["Invoice 881 for 10042.0070"], "Billing/Acme/"+matter+" [lx-4") {
					t.Errorf("invoice: %s", got["Invoice 881 for 10042.0070"])
				}
				for _, s := range []string{"Lunch", "Invoice without a matter"} {
					if got[s] != "INBOX [];" {
						t.Errorf("%s: %s", s, got[s])
					}
				}
				after := servertest.Bodies(d.Dump(t, gc))
				if slices.Contains(hide, "UIDPLUS") {
					// COPY and mark: the original stays, nothing is expunged.
					for sum, n := range before {
						if after[sum] < n {
							t.Error("a message was lost")
						}
					}
				} else if !maps.Equal(before, after) {
					t.Error("the messages are not the same as before")
				}
				f.once()
				if again := where(t, d, gc); !maps.Equal(got, again) {
					t.Errorf("a second run changed something:\n%v\n%v", got, again)
				}
			})
		}
	}
}

func TestAPersonWins(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	c := d.Client(t, gc)
	c.Append("INBOX", mail("1", "Privileged and confidential: merger", "x"), mail("2", "Invoice 881 for 10042.0070", "x"))
	r := f.start()
	await(t, "both rules", func() bool {
		got := where(t, d, gc)
		return strings.Contains(got["Invoice 881 for 10042.0070"], "Billing") && strings.Contains(got["Privileged and confidential: merger"], "lx-1")
	})
	// The assistant clears the mark and moves the invoice back.
	c.OK("SELECT INBOX")
	c.OK(`UID STORE 1:* -FLAGS.SILENT (lx-1 $label1 \Flagged)`)
	c.OK(`SELECT "Billing/Acme/10042-0070"`)
	c.OK("UID MOVE 1:* INBOX")
	await(t, "both releases", func() bool {
		out, _ := f.cli("journal")
		return strings.Count(out, "released") == 2
	})
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Fatalf("SIGTERM: %v\n%s", err, r.log())
	}
	f.once()
	got := where(t, d, gc)
	if s := got["Privileged and confidential: merger"]; strings.Contains(s, "lx-1") || strings.Contains(s, "Flagged") {
		t.Errorf("marked again: %s", s)
	}
	if s := got["Invoice 881 for 10042.0070"]; !strings.HasPrefix(s, "INBOX ") {
		t.Errorf("filed again: %s", s)
	}
	out, code := f.cli("explain", "<2@counsel.example>")
	if code != 0 || !strings.Contains(out, "overruled by a person: moved") || !strings.Contains(out, "rules.d/10.yaml:") {
		t.Errorf("explain: exit %d\n%s", code, out)
	}
	if out, code := f.cli("journal", "verify"); code != 0 {
		t.Errorf("verify: %s", out)
	}
}

func TestPlanIsWhatRunDoes(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	d.Client(t, gc).Append("INBOX", mail("1", "Privileged and confidential", "x"), mail("2", "Invoice 7 for 00420.0001", "x"), mail("3", "Hello", "x"))
	before := d.Dump(t, gc)
	plan, code := f.cli("plan")
	if code != 0 || strings.Count(plan, "would ") != 3 || !strings.Contains(plan, "Billing/Northwind/00420.0001") {
		t.Fatalf("plan: exit %d\n%s", code, plan)
	}
	if after := d.Dump(t, gc); !maps.EqualFunc(before, after, func(a, b []servertest.Dumped) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
		t.Error("plan changed the mailbox")
	}
	f.once()
	out, _ := f.cli("journal")
	if n := strings.Count(out, " confirmed "); n != 3 {
		t.Errorf("%d steps done, planned 3\n%s", n, out)
	}
	if plan, _ := f.cli("plan"); strings.Contains(plan, "would ") {
		t.Errorf("something is left to do:\n%s", plan)
	}
}

func TestTheDaemonSurvivesItsServerAndItsFiles(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	r := f.start()
	await(t, "ready", func() bool { return strings.Contains(r.log(), "ready") })

	d.Kill()
	await(t, "the failure in the log", func() bool { return strings.Contains(r.log(), "source failed") })
	d.Restart(t)
	d.Client(t, gc).Append("INBOX", mail("1", "Privileged and confidential", "x"))
	await(t, "the mark after the restart", func() bool {
		return strings.Contains(where(t, d, gc)["Privileged and confidential"], "lx-1")
	})

	f.write("rules.d/20.yaml", "version: 1\nmail:\n  - name: broken\n    when: msg.subjct == \"x\"\n    then: [mark: privileged]\n")
	out, code := f.cli("reload")
	if code != 1 || !strings.Contains(out, "rules.d/20.yaml:4:") || !strings.Contains(out, "subject") {
		t.Errorf("reload of a bad file: exit %d\n%s", code, out)
	}
	_ = r.cmd.Process.Signal(syscall.SIGHUP)
	await(t, "the refusal in the log", func() bool { return strings.Count(r.log(), "reload refused") == 2 })
	d.Client(t, gc).Append("INBOX", mail("2", "Privileged and confidential: two", "x"))
	await(t, "the old rules still at work", func() bool {
		return strings.Contains(where(t, d, gc)["Privileged and confidential: two"], "lx-1")
	})

	f.write("rules.d/20.yaml", "version: 1\nmail:\n  - name: hello\n    mode: enforce\n    when: msg.subject == \"Hello\"\n    then: [mark: billing]\n")
	if out, code := f.cli("reload"); code != 0 {
		t.Fatalf("reload: %s", out)
	}
	d.Client(t, gc).Append("INBOX", mail("3", "Hello", "x"))
	await(t, "the new rule", func() bool { return strings.Contains(where(t, d, gc)["Hello"], "lx-4") })
	if out, _ := f.cli("status"); !strings.Contains(out, "following") {
		t.Errorf("status:\n%s", out)
	}
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, r.log())
	}
	for _, content := range []string{"Privileged and", "Hello", "counsel.example", "Billing"} {
		if strings.Contains(r.log(), content) {
			t.Errorf("the log shows content: %q", content)
		}
	}
}

// A rule that observes writes down what it would do, and does nothing.
func TestObserveRecordsAndChangesNothing(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	f.edit("rules.d/10.yaml", "mode: enforce, folders", "mode: observe, folders")
	d.Client(t, gc).Append("INBOX", mail("1", "Privileged and confidential", "x"), mail("2", "Invoice 7 for 00420.0001", "x"))
	before := where(t, d, gc)
	f.once()
	f.once()
	if after := where(t, d, gc); !maps.Equal(before, after) {
		t.Errorf("something changed:\n%v\n%v", before, after)
	}
	out, _ := f.cli("journal")
	if strings.Count(out, "observed") != 3 || strings.Contains(out, "planned") {
		t.Errorf("the journal must tell three effects once:\n%s", out)
	}
	if out, code := f.cli("journal", "verify"); code != 0 {
		t.Error(out)
	}
}
