package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"chancery/internal/servertest"
)

// gate stands between the daemon and its server and sees every line that the
// daemon sends. It cuts the connection where see says so. quiet reports whether the
// server is through with all that it was asked for and nobody asks any more.
func (f *firm) gate(see func(line string) (cut bool)) (quiet func() bool) {
	f.t.Helper()
	var open atomic.Int64
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.t.Fatal(err)
	}
	var all sync.WaitGroup
	f.t.Cleanup(func() { _ = l.Close(); all.Wait() })
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s, err := net.Dial("tcp", f.dovecot.Addr())
			if err != nil {
				_ = c.Close()
				continue
			}
			open.Add(1)
			all.Go(func() {
				defer open.Add(-1)
				_, _ = io.Copy(c, s)
				_ = c.Close()
				_, _ = io.Copy(io.Discard, s) // what it says to who has gone
				_ = s.Close()
			})
			all.Go(func() {
				defer func() { _ = c.Close(); _ = s.(*net.TCPConn).CloseWrite() }()
				for in := bufio.NewReader(c); ; {
					line, err := in.ReadString('\n')
					if err != nil || see(line) {
						return
					}
					if _, err := io.WriteString(s, line); err != nil {
						return
					}
				}
			})
		}
	})
	f.edit("chancery.yaml", fmt.Sprintf("port: %d, tls: implicit, ca_file: %s", f.dovecot.TLS, f.dovecot.CAFile),
		fmt.Sprintf("port: %d, tls: none", l.Addr().(*net.TCPAddr).Port))
	return func() bool { return open.Load() == 0 }
}

// A person acts in the very moment between the decision and the effect.
func TestAPersonIsFaster(t *testing.T) {
	acts := []struct {
		name, command, box string // box: where the person wants it; "" for nowhere
	}{
		{"moved away", "UID MOVE %d Mine", "Mine"},
		{"moved to a followed mailbox", "UID MOVE %d Watched", "Watched"},
		{"deleted", `UID EXPUNGE %d`, ""},
		{"marked deleted", `NOOP`, "INBOX"},
	}
	for _, moment := range []string{"NOOP", "UID STORE", "UID MOVE", "UID COPY"} {
		for _, a := range acts {
			t.Run(moment+" "+a.name, func(t *testing.T) {
				t.Parallel()
				o := servertest.DovecotOptions{}
				if moment == "UID COPY" {
					o.Hide = []string{"MOVE"}
				}
				d := servertest.Dovecot(t, o)
				f := newFirm(t, d, nil)
				f.edit("chancery.yaml", "mailboxes: [INBOX]", "mailboxes: [INBOX, Watched]")
				f.edit("rules.d/10.yaml", "folders: [INBOX]", "folders: [INBOX, Watched]")
				c := d.Client(t, gc)
				c.OK("CREATE Mine")
				c.OK("CREATE Watched")
				d.Client(t, pa).OK("CREATE Watched")
				c.Append("INBOX", mail("2", invoice, "x"), mail("1", secretMail, "x"))
				bodies := servertest.Bodies(d.Dump(t, gc))
				var once sync.Once
				f.gate(func(line string) bool {
					if strings.Contains(line, moment) {
						once.Do(func() {
							deleted := []string{`UID STORE %d +FLAGS (\Deleted)`, a.command}
							if strings.Contains(a.command, "MOVE") {
								deleted = deleted[1:]
							}
							act(c, "INBOX", invoice, deleted...)
							act(c, "INBOX", secretMail, deleted...)
						})
					}
					return false
				})
				f.once()
				f.once()
				got := where(t, d, gc)
				for _, s := range []string{invoice, secretMail} {
					if a.box == "" {
						if got[s] != "" && moment != "UID COPY" && moment != "UID MOVE" {
							t.Errorf("%s: %s", s, got[s])
						}
						continue
					}
					// What was copied or moved just before stays so; but it is in one place.
					if n := strings.Count(got[s], ";"); n != 1 {
						t.Errorf("%s is in %d places: %s", s, n, got[s])
					}
					if moment == "NOOP" && !strings.HasPrefix(got[s], a.box+" ") {
						t.Errorf("%s: %s, the person wants it in %q", s, got[s], a.box)
					}
				}
				if a.box == "Watched" && !strings.Contains(got[secretMail], "lx-1") {
					t.Errorf("never marked: %s", got[secretMail])
				}
				if a.box != "" && fmt.Sprint(bodies) != fmt.Sprint(servertest.Bodies(d.Dump(t, gc))) {
					t.Error("the messages are not the same as before")
				}
			})
		}
	}
}

// One message whose every command kills the connection keeps no other from being
// worked on.
func TestOneStepThatKillsConnections(t *testing.T) {
	t.Parallel()
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	c := d.Client(t, gc)
	for i := range 5 {
		c.Append("INBOX", mail(fmt.Sprint(i), fmt.Sprintf("Privileged and confidential: %d", i), "x"))
	}
	f.gate(func(line string) bool {
		_, set, ok := strings.Cut(line, "UID STORE ")
		set, _, _ = strings.Cut(set, " ")
		for part := range strings.SplitSeq(set, ",") {
			var from, to int
			if n, _ := fmt.Sscanf(part, "%d:%d", &from, &to); n == 1 {
				to = from
			}
			if ok && from <= 3 && 3 <= to {
				return true
			}
		}
		return false
	})
	r := f.start()
	marked := func(s string) bool { return strings.Contains(where(t, d, gc)[s], "lx-1") }
	for _, i := range []int{0, 1, 3, 4} {
		await(t, fmt.Sprintf("the mark of message %d", i), func() bool { return marked(fmt.Sprintf("Privileged and confidential: %d", i)) })
	}
	c.Append("INBOX", mail("9", "Privileged and confidential: 9", "x"))
	await(t, "the mark of a later message", func() bool { return marked("Privileged and confidential: 9") })
	if marked("Privileged and confidential: 2") {
		t.Error("the gate did not cut")
	}
	await(t, "a word in the log", func() bool { return strings.Contains(r.log(), "put off") })
}
