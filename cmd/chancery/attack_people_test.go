package main

import (
	"fmt"
	"maps"
	"strings"
	"syscall"
	"testing"

	"chancery/internal/servertest"
)

const invoice, secretMail = "Invoice 881 for 10042.0070", "Privileged and confidential: merger"

// uidOf finds a message by its subject in the selected mailbox; 0 if it is not
// there.
func uidOf(c *servertest.RawIMAP, subject string) (uid int) {
	for _, p := range c.OK(fmt.Sprintf("UID SEARCH SUBJECT %q", subject)) {
		if rest, ok := strings.CutPrefix(p.Text, "* SEARCH "); ok {
			_, _ = fmt.Sscanf(rest, "%d", &uid)
		}
	}
	return uid
}

// act does something to one message of a mailbox: %d stands for its UID.
func act(c *servertest.RawIMAP, box, subject string, commands ...string) {
	c.OK(fmt.Sprintf("SELECT %q", box))
	uid := uidOf(c, subject)
	for _, command := range commands {
		if strings.Contains(command, "%d") {
			command = fmt.Sprintf(command, uid)
		}
		c.OK(command)
	}
}

// Each person does one thing to what Chancery did. Whatever it was, it stands
// after the next runs, and nothing else moves.
func TestWhatPeopleDoStands(t *testing.T) {
	const filed = "Billing/Acme/10042-0070"
	acts := []struct {
		name     string
		do       func(c *servertest.RawIMAP)
		released string // what the audit says; "" for nothing
	}{
		{"moved back", func(c *servertest.RawIMAP) { act(c, filed, invoice, "UID MOVE %d INBOX") }, "moved"},
		{"moved elsewhere", func(c *servertest.RawIMAP) { c.OK("CREATE Mine"); act(c, filed, invoice, "UID MOVE %d Mine") }, ""},
		{"copied back", func(c *servertest.RawIMAP) { act(c, filed, invoice, "UID COPY %d INBOX") }, "moved"},
		{"copied within", func(c *servertest.RawIMAP) { act(c, "INBOX", secretMail, "UID COPY %d INBOX") }, ""},
		{"one flag removed", func(c *servertest.RawIMAP) { act(c, "INBOX", secretMail, "UID STORE %d -FLAGS ($label1)") }, "unmarked"},
		{"all flags removed", func(c *servertest.RawIMAP) { act(c, "INBOX", secretMail, "UID STORE %d FLAGS ()") }, "unmarked"},
		{"recoloured", func(c *servertest.RawIMAP) {
			act(c, "INBOX", secretMail, "UID STORE %d -FLAGS ($MailFlagBit0 $MailFlagBit2)", "UID STORE %d +FLAGS ($MailFlagBit1)")
		}, "unmarked"},
		{"flag added", func(c *servertest.RawIMAP) { act(c, "INBOX", secretMail, `UID STORE %d +FLAGS (\Seen mine)`) }, ""},
		{"expunged", func(c *servertest.RawIMAP) {
			act(c, "INBOX", secretMail, `UID STORE %d +FLAGS (\Deleted)`, "UID EXPUNGE %d")
		}, "removed"},
		{"marked deleted", func(c *servertest.RawIMAP) { act(c, "INBOX", secretMail, `UID STORE %d +FLAGS (\Deleted)`) }, ""},
		{"folder renamed", func(c *servertest.RawIMAP) { c.OK("RENAME Billing Rechnungen") }, ""},
		{"folder deleted", func(c *servertest.RawIMAP) { c.OK(fmt.Sprintf("DELETE %q", filed)) }, ""},
	}
	for _, a := range acts {
		for _, running := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s running %t", a.name, running), func(t *testing.T) {
				t.Parallel()
				d := servertest.Dovecot(t, servertest.DovecotOptions{})
				f := newFirm(t, d, nil)
				c := d.Client(t, gc)
				c.Append("INBOX", mail("1", secretMail, "x"), mail("2", invoice, "x"))
				f.once()
				if got := where(t, d, gc); !strings.Contains(got[secretMail], "lx-1") || !strings.HasPrefix(got[invoice], filed) {
					t.Fatalf("before: %v", got)
				}
				if running {
					r := f.start()
					await(t, "ready", func() bool { return strings.Contains(r.log(), "ready") })
					a.do(c)
					after := where(t, d, gc)
					c.Append("INBOX", mail("3", "Privileged and confidential: next", "x"))
					await(t, "the next mail", func() bool { return strings.Contains(where(t, d, gc)["Privileged and confidential: next"], "lx-1") })
					expectStill(t, d, after)
					if err := r.stop(syscall.SIGTERM); err != nil {
						t.Errorf("SIGTERM: %v\n%s", err, r.log())
					}
				} else {
					a.do(c)
				}
				after := where(t, d, gc)
				f.once()
				f.once()
				expectStill(t, d, after)
				out, _ := f.cli("journal")
				if n := strings.Count(out, "released  "); n != min(len(a.released), 1) || !strings.Contains(out, a.released) {
					t.Errorf("%d releases, want %q\n%s", n, a.released, out)
				}
			})
		}
	}
}

// expectStill compares what is where with what was.
func expectStill(t *testing.T, d *servertest.DovecotServer, want map[string]string) {
	t.Helper()
	got := where(t, d, gc)
	for s := range got {
		if _, ok := want[s]; !ok {
			delete(got, s)
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("a person's act did not stand:\n got %v\nwant %v", got, want)
	}
}

// A mark \Deleted stands for what it says: such a message is not carried off to
// a folder where the next clean-up would take it unseen.
func TestWhatIsMarkedDeletedIsNotFiled(t *testing.T) {
	for _, hide := range [][]string{nil, {"MOVE"}} {
		d := servertest.Dovecot(t, servertest.DovecotOptions{Hide: hide})
		f := newFirm(t, d, nil)
		c := d.Client(t, gc)
		c.Append("INBOX", mail("2", invoice, "x"))
		c.OK("SELECT INBOX")
		c.OK(`UID STORE 1:* +FLAGS (\Deleted)`)
		f.once()
		if got := where(t, d, gc)[invoice]; !strings.HasPrefix(got, "INBOX ") {
			t.Errorf("without %v: %s", hide, got)
		}
	}
}

// Without UIDPLUS the original stays with its copy. Seeing it is no person's act.
func TestTheLeftoverOriginalIsNoOverrule(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{Hide: []string{"MOVE", "UIDPLUS"}})
	f := newFirm(t, d, nil)
	d.Client(t, gc).Append("INBOX", mail("2", invoice, "x"))
	f.once()
	f.once()
	if out, _ := f.cli("journal"); strings.Contains(out, "released") {
		t.Errorf("released:\n%s", out)
	}
}

// A rule hands on to another: the second step is not a person's act either.
func TestARuleThatHandsOnIsNoOverrule(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	f.edit("chancery.yaml", "mailboxes: [INBOX]", "mailboxes: [INBOX, Review, Done]")
	f.write("rules.d/10.yaml", `version: 1
defaults: {mode: enforce}
marks:
  billing: {keyword: lx-4}
mail:
  - name: first
    folders: [INBOX]
    when: msg.subject.contains("nvoice")
    then: [file: Review]
  - name: second
    folders: [Review]
    when: msg.subject.contains("nvoice")
    then: [mark: billing, file: Done]
`)
	c := d.Client(t, gc)
	c.OK("CREATE Review")
	c.OK("CREATE Done")
	c.Append("INBOX", mail("2", invoice, "x"))
	f.once()
	if got := where(t, d, gc)[invoice]; got != "Done [lx-4];" {
		out, _ := f.cli("journal")
		plan, _ := f.cli("plan")
		t.Errorf("got %s\n%s\n%s", got, out, plan)
	}
	f.once()
	if out, _ := f.cli("journal"); strings.Contains(out, "released") {
		t.Errorf("released:\n%s", out)
	}
	act(c, "Done", invoice, "UID MOVE %d INBOX")
	f.once()
	f.once()
	if got := where(t, d, gc)[invoice]; got != "INBOX [lx-4];" {
		t.Errorf("after it was moved back: %s", got)
	}
}

// The same message twice, by list and directly, and three times the same octets:
// each copy is treated, none is lost, none is doubled.
func TestTwins(t *testing.T) {
	for _, hide := range [][]string{nil, {"MOVE"}} {
		t.Run(fmt.Sprintf("without %v", hide), func(t *testing.T) {
			t.Parallel()
			d := servertest.Dovecot(t, servertest.DovecotOptions{Hide: hide})
			f := newFirm(t, d, nil)
			c := d.Client(t, gc)
			direct := mail("2", invoice, "x")
			list := append([]byte("List-Id: <billing.firm.example>\r\n"), direct...)
			c.Append("INBOX", direct, list, direct, direct)
			before := servertest.Bodies(d.Dump(t, gc))
			f.once()
			f.once()
			if after := servertest.Bodies(d.Dump(t, gc)); !maps.Equal(before, after) {
				t.Error("the messages are not the same as before")
			}
			if got := where(t, d, gc)[invoice]; got != strings.Repeat("Billing/Acme/10042-0070 [lx-4];", 4) {
				t.Errorf("got %s", got)
			}
		})
	}
}
