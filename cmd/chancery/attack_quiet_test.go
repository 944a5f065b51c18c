package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"chancery/internal/servertest"
)

// What Chancery itself sets is no sign of a reader: the moves come when the grace
// is over, also when the service was killed between its marks and their echo.
func TestOurOwnMarksDelayNoMove(t *testing.T) {
	for _, hide := range [][]string{nil, {"QRESYNC"}, {"CONDSTORE", "QRESYNC"}} {
		for _, kill := range []bool{false, true} {
			t.Run(fmt.Sprintf("without %v killed %t", hide, kill), func(t *testing.T) {
				t.Parallel()
				d := servertest.Dovecot(t, servertest.DovecotOptions{Hide: hide})
				f := newFirm(t, d, nil)
				f.edit("chancery.yaml", "grace: 0s", "grace: 6s")
				f.edit("chancery.yaml", "poll: 2s", "poll: 1s")
				f.edit("rules.d/10.yaml", "billing: {keyword: lx-4}", "billing: {keyword: lx-4, thunderbird: $label4, apple: green}")
				d.Client(t, gc).Append("INBOX", invoices(0, 20)...)
				if out, code := f.cli("check"); code != 0 {
					t.Fatal(out)
				}
				r := f.start()
				await(t, "the marks", func() bool { _, marked := inbox(t, d, "lx-4"); return marked > 0 })
				if kill {
					_ = r.stop(syscall.SIGKILL)
					r = f.start()
				}
				// In a minute: half of what a reader would keep it.
				await(t, "the moves", func() bool { n, _ := inbox(t, d, "lx-4"); return n == 0 })
				if err := r.stop(syscall.SIGTERM); err != nil {
					t.Errorf("SIGTERM: %v\n%s", err, r.log())
				}
			})
		}
	}
}

// Who unmarks, opens, moves or deletes what waits is heard, however it waits: for
// its time or for approval.
func TestWhatPeopleDoToWhatWaits(t *testing.T) {
	const bill = "Invoice 3 for 10042.0070"
	for _, a := range []struct {
		name  string
		do    func(c *servertest.RawIMAP)
		where string // in the end, after it was approved
	}{
		{"unmarked", func(c *servertest.RawIMAP) { act(c, "INBOX", bill, "UID STORE %d -FLAGS (lx-4)") }, "INBOX [];"},
		{"archived", func(c *servertest.RawIMAP) { act(c, "INBOX", bill, "UID MOVE %d Mine") }, "Mine [lx-4];"},
		{"moved to a followed mailbox", func(c *servertest.RawIMAP) { act(c, "INBOX", bill, "UID MOVE %d Team") }, "Team [lx-4];"},
		{"moved there and back", func(c *servertest.RawIMAP) {
			act(c, "INBOX", bill, "UID MOVE %d Mine")
			act(c, "Mine", bill, "UID MOVE %d INBOX")
		}, "INBOX [lx-4];"},
		{"deleted", func(c *servertest.RawIMAP) {
			act(c, "INBOX", bill, `UID STORE %d +FLAGS (\Deleted)`, "UID EXPUNGE %d")
		}, ""},
		{"marked as deleted", func(c *servertest.RawIMAP) { act(c, "INBOX", bill, `UID STORE %d +FLAGS (\Deleted)`) }, `INBOX [\Deleted lx-4];`},
		{"filed by hand where the rule would", func(c *servertest.RawIMAP) {
			c.OK("CREATE Billing/Acme/10042-0070")
			act(c, "INBOX", bill, "UID MOVE %d Billing/Acme/10042-0070")
		}, "Billing/Acme/10042-0070 [lx-4];"},
		{"copied", func(c *servertest.RawIMAP) { act(c, "INBOX", bill, "UID COPY %d Mine") }, "Billing/Acme/10042-0070 [lx-4];Mine [lx-4];"},
	} {
		for _, running := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s running %t", a.name, running), func(t *testing.T) {
				t.Parallel()
				d := servertest.Dovecot(t, servertest.DovecotOptions{Hide: [][]string{nil, {"QRESYNC"}, {"CONDSTORE", "QRESYNC"}}[len(a.name)%3]})
				f := newFirm(t, d, nil)
				c := d.Client(t, gc)
				for _, box := range []string{"Mine", "Team"} {
					c.OK("CREATE " + box)
				}
				d.Client(t, pa).OK("CREATE Team")
				f.edit("chancery.yaml", "mailboxes: [INBOX]", "mailboxes: [INBOX, Team]")
				f.edit("chancery.yaml", "brake: off", "brake: {moves: 10, percent: 100}")
				c.Append("INBOX", invoices(0, 20)...)
				f.once()
				if running {
					r := f.start()
					await(t, "ready", func() bool { return strings.Contains(r.log(), "ready") })
					a.do(c)
					c.Append("INBOX", mail("n", "Privileged and confidential: next", "x"))
					await(t, "the next mail", func() bool { return strings.Contains(where(t, d, gc)["Privileged and confidential: next"], "lx-1") })
					if err := r.stop(syscall.SIGTERM); err != nil {
						t.Errorf("SIGTERM: %v\n%s", err, r.log())
					}
				} else {
					a.do(c)
				}
				f.once()
				held := 19
				if a.name == "copied" || a.name == "marked as deleted" {
					held = 20
				}
				if n := len(f.heldNow()); n != held {
					t.Errorf("%d steps wait", n)
				}
				if out, code := f.cli("approve", "--yes"); code != 0 {
					t.Fatal(out)
				}
				f.once()
				f.once()
				got := where(t, d, gc)
				if got[bill] != a.where {
					t.Errorf("%s, want %s", got[bill], a.where)
				}
				delete(got, bill)
				for subject, at := range got {
					if strings.HasPrefix(subject, "Invoice") && !strings.HasPrefix(at, "Billing/") {
						t.Errorf("%s: %s", subject, at)
					}
				}
			})
		}
	}
}
