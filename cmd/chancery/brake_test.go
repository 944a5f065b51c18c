package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"chancery/internal/servertest"
)

// invoices are n messages that the firm's rules file.
func invoices(from, n int) [][]byte {
	var out [][]byte
	for i := from; i < from+n; i++ {
		out = append(out, mail(fmt.Sprint("i", i), fmt.Sprintf("Invoice %d for 10042.0070", i), "Total due"))
	}
	return out
}

// Too many moves at once are marked, but wait for a person. What comes after them
// in small numbers is filed as ever.
func TestTheBrakeHoldsAMassMove(t *testing.T) {
	for name, brake := range map[string]string{"number": "{moves: 30, percent: 100}", "share": "{moves: 1000, percent: 40}"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := servertest.Dovecot(t, servertest.DovecotOptions{})
			f := newFirm(t, d, nil)
			f.edit("chancery.yaml", "brake: off", "brake: "+brake)
			c := d.Client(t, gc)
			c.Append("INBOX", invoices(0, 40)...)
			c.Append("INBOX", planted(30)[7]) // not ours
			if out, code := f.cli("plan"); code != 0 || !strings.Contains(out, "40 moves would wait for approval") {
				t.Errorf("plan: exit %d\n%s", code, out)
			}
			f.once()
			if n, marked := inbox(t, d, "lx-4"); n != 41 || marked != 40 {
				t.Fatalf("%d messages in INBOX, %d marked", n, marked)
			}
			c.Append("INBOX", invoices(40, 3)...)
			f.once()
			if n, _ := inbox(t, d, "lx-4"); n != 41 {
				t.Errorf("%d messages in INBOX after three more", n)
			}
			if out, _ := f.cli("status"); !strings.Contains(out, "40 steps wait for approval") {
				t.Errorf("status:\n%s", out)
			}
			if out, code := f.cli("approve", "gc-mail", "--yes"); code != 0 {
				t.Fatalf("approve: exit %d\n%s", code, out)
			}
			f.once()
			if n, _ := inbox(t, d, "lx-4"); n != 1 {
				t.Errorf("%d messages in INBOX after the approval", n)
			}
		})
	}
}

// A daemon at work files as soon as a person approves, and never what a person
// rejected.
func TestApproveBesideTheDaemon(t *testing.T) {
	for _, word := range []string{"--yes", "--reject"} {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			d := servertest.Dovecot(t, servertest.DovecotOptions{})
			f := newFirm(t, d, nil)
			f.edit("chancery.yaml", "brake: off", "brake: {moves: 30, percent: 100}")
			d.Client(t, gc).Append("INBOX", invoices(0, 40)...)
			r := f.start()
			await(t, "the marks", func() bool { _, marked := inbox(t, d, "lx-4"); return marked == 40 })
			await(t, "the brake", func() bool { return strings.Contains(r.log(), "moves wait for approval") })
			args := []string{"approve", "gc-mail", word, "--yes"}
			if word == "--yes" {
				args = args[:3]
			}
			if out, code := f.cli(args...); code != 0 {
				t.Fatalf("approve: exit %d\n%s", code, out)
			}
			left := 0
			if word == "--reject" {
				left = 40
				d.Client(t, gc).Append("INBOX", invoices(40, 1)...)
				await(t, "the next invoice", func() bool { n, _ := inbox(t, d, "lx-4"); return len(d.Dump(t, gc)) > 1 && n == 40 })
			}
			await(t, "the end", func() bool { n, _ := inbox(t, d, "lx-4"); return n == left })
			if err := r.stop(syscall.SIGTERM); err != nil {
				t.Errorf("SIGTERM: %v\n%s", err, r.log())
			}
			f.once()
			if n, _ := inbox(t, d, "lx-4"); n != left {
				t.Errorf("%d messages in INBOX after one more run", n)
			}
		})
	}
}

// The count goes on over a kill: what was planned before and not filed belongs to
// the same read.
func TestTheBrakeCountsOverAKill(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	f.edit("chancery.yaml", "brake: off", "brake: {moves: 30, percent: 100}")
	f.edit("chancery.yaml", "grace: 0s", "grace: 1h")
	c := d.Client(t, gc)
	c.Append("INBOX", invoices(0, 25)...)
	f.once() // planned, and waiting for the end of the grace
	c.Append("INBOX", invoices(25, 25)...)
	f.edit("chancery.yaml", "grace: 1h", "grace: 0s")
	r := f.start()
	await(t, "the brake", func() bool { return strings.Contains(r.log(), "moves wait for approval") })
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, r.log())
	}
	if n, _ := inbox(t, d, "lx-4"); n != 50 {
		t.Errorf("%d messages in INBOX", n)
	}
}
