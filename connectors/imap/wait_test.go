package imap

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chancery/connectors"
)

func howMany(log []string, prefix string) int {
	n := 0
	for _, l := range log {
		if strings.HasPrefix(l, prefix) {
			n++
		}
	}
	return n
}

// News in a mailbox that no IDLE stands in is seen within a minute, once for each
// state, and a mailbox that is gone does not end a Wait.
func TestGlance(t *testing.T) {
	for _, idles := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			next := 5
			o, log := pipeServer(func(w net.Conn, tag, command string) bool {
				switch {
				case command == "CAPABILITY" && !idles:
					_, _ = fmt.Fprintf(w, "* CAPABILITY IMAP4rev1\r\n%s OK done\r\n", tag)
				case strings.HasPrefix(command, `STATUS "Sent"`):
					_, _ = fmt.Fprintf(w, "* STATUS Sent (MESSAGES 4 UIDNEXT %d UIDVALIDITY 1)\r\n%s OK done\r\n", next, tag)
				case strings.HasPrefix(command, `STATUS "Gone"`):
					_, _ = fmt.Fprintf(w, "%s NO [NONEXISTENT] gone\r\n", tag)
				default:
					return false
				}
				return true
			})
			o.Mailboxes, o.Poll, o.Baseline = []string{"INBOX", "Gone", "Sent"}, time.Hour, true
			s := open(t, o)
			s.last = map[string]place{"Sent": {Validity: 1, Next: 5, count: 4}}
			wait := func() time.Duration {
				t.Helper()
				began := time.Now()
				if err := s.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				return time.Since(began)
			}
			if took := wait(); took < time.Hour {
				t.Fatalf("nothing has changed, and Wait ended after %s", took)
			}
			if n := howMany(*log, `STATUS "Sent"`); n < 55 || n > 60 {
				t.Fatalf("looked %d times in an hour", n)
			}
			next = 6
			if took := wait(); took > 2*time.Minute {
				t.Fatalf("seen after %s", took)
			}
			if took := wait(); took < time.Hour {
				t.Fatalf("the same state was told twice, after %s", took)
			}
			if n := howMany(*log, `STATUS "INBOX"`); idles && n > 0 {
				t.Fatal("STATUS was asked of the mailbox that is selected")
			}
			_ = s.Close()
		})
	}
}

// Where one mailbox is followed nothing disturbs the IDLE.
func TestNoGlanceAtOneMailbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, log := pipeServer(func(w net.Conn, tag, command string) bool {
			switch command {
			case "CAPABILITY":
				_, _ = fmt.Fprintf(w, "* CAPABILITY IMAP4rev1 IDLE ID\r\n%s OK done\r\n", tag)
			case `ID ("name" "chancery")`:
				_, _ = fmt.Fprintf(w, "* ID (\"name\" \"Dovecot\")\r\n%s OK done\r\n", tag)
			default:
				return false
			}
			return true
		})
		o.Poll = 8 * time.Minute
		s := open(t, o)
		before := len(*log)
		if err := s.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		said := slices.DeleteFunc(slices.Clone((*log)[before:]), func(l string) bool { return strings.HasPrefix(l, "LIST") })
		if len(said) != 3 || !strings.HasPrefix(said[0], "SELECT") || said[1] != "IDLE" || said[2] != "IDLE" {
			t.Fatalf("%q", said)
		}
		_ = s.Close()
	})
}

// The session is renewed five minutes before its token ends, and Wait says so:
// the mailboxes are read again.
func TestNewLoginBeforeTheTokenEnds(t *testing.T) {
	for _, idles := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			logins := 0
			o, _ := pipeServer(func(w net.Conn, tag, command string) bool {
				switch {
				case command == "CAPABILITY":
					more := map[bool]string{true: " IDLE"}[idles]
					_, _ = fmt.Fprintf(w, "* CAPABILITY IMAP4rev1 AUTH=XOAUTH2 SASL-IR%s\r\n%s OK done\r\n", more, tag)
				case strings.HasPrefix(command, "AUTHENTICATE XOAUTH2"):
					logins++
					_, _ = fmt.Fprintf(w, "%s OK done\r\n", tag)
				default:
					return false
				}
				return true
			})
			ends := time.Now().Add(time.Hour)
			byToken("xoauth2", "good")(&o)
			o.Poll, o.Ends = 5*time.Hour, func() time.Time { return ends }
			s := open(t, o)
			for i := range 3 {
				began := time.Now()
				if err := s.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); i == 0 && took != 55*time.Minute {
					t.Fatalf("after %s", took)
				}
				if logins != i+2 {
					t.Fatalf("%d logins", logins)
				}
				ends = time.Now().Add(time.Hour)
				s.until = s.o.relogin(time.Now())
			}
			_ = s.Close()
		})
	}
}

func TestRelogin(t *testing.T) {
	now := time.Now()
	for left, want := range map[time.Duration]time.Duration{
		time.Hour: 55 * time.Minute, 20 * time.Minute: 15 * time.Minute, 10 * time.Minute: 5 * time.Minute,
		4 * time.Minute: 2 * time.Minute, 10 * time.Second: 5 * time.Second,
	} {
		o := Options{Ends: func() time.Time { return now.Add(left) }}
		if got := o.relogin(now).Sub(now); got != want {
			t.Errorf("a token of %s: a new login after %s, want %s", left, got, want)
		}
	}
	if o := (Options{Ends: func() time.Time { return time.Time{} }}); !o.relogin(now).IsZero() {
		t.Error("a token without end needs no new login")
	}
}

// A new login that fails is an error of its own, and the old session is left.
func TestNewLoginFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, _ := pipeServer(func(w net.Conn, tag, command string) bool {
			if command == "CAPABILITY" {
				_, _ = fmt.Fprintf(w, "* CAPABILITY IMAP4rev1 IDLE AUTH=XOAUTH2 SASL-IR\r\n%s OK done\r\n", tag)
				return true
			}
			return false
		})
		ends := time.Now().Add(time.Hour)
		o.Auth, o.Poll, o.Ends = "xoauth2", 5*time.Hour, func() time.Time { return ends }
		first := true
		o.Token = func(context.Context) (string, error) {
			if first {
				first = false
				return "good", nil
			}
			return "", &connectors.Error{Class: connectors.Auth, Code: "consent"}
		}
		s := open(t, o)
		err := s.Wait(t.Context())
		if class, code := connectors.Classify(err); class != connectors.Auth || code != "consent" {
			t.Fatalf("%v", err)
		}
		_ = s.Close()
	})
}

// A Dovecot that hibernates says so by how little it knows of an IDLE; it is then
// asked once a minute, because it forgets what comes while it falls asleep.
func TestNapsAreNoticed(t *testing.T) {
	for name, c := range map[string]struct {
		server, said string
		most         int // IDLEs in half an hour without naps; 0: it naps
	}{
		"Dovecot that hibernates": {"Dovecot", "Idle completed (0.001 + 0.001 secs).", 0},
		"Dovecot that was asleep": {"Dovecot", "Idle completed.", 0},
		"Dovecot that does not":   {"Dovecot", "Idle completed (%.3f + %.3f secs).", 6},
		"another server":          {"Other", "Idle completed (0.001 + 0.001 secs).", 7},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, log := pipeServer(func(w net.Conn, tag, command string) bool {
					switch command {
					case "CAPABILITY":
						_, _ = fmt.Fprintf(w, "* CAPABILITY IMAP4rev1 IDLE ID\r\n%s OK done\r\n", tag)
					case `ID ("name" "chancery")`:
						_, _ = fmt.Fprintf(w, "* ID (\"name\" \"%s\")\r\n%s OK done\r\n", c.server, tag)
					case "IDLE":
						began := time.Now()
						_, _ = fmt.Fprint(w, "+ idling\r\n")
						if n, err := w.Read(make([]byte, 100)); n == 0 || err != nil {
							return true
						}
						said := c.said
						if strings.Contains(said, "%") {
							spent := time.Since(began).Seconds()
							said = fmt.Sprintf(said, spent, spent)
						}
						_, _ = fmt.Fprintf(w, "%s OK %s\r\n", tag, said)
					default:
						return false
					}
					return true
				})
				o.Poll = 30 * time.Minute
				s := open(t, o)
				if err := s.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				n := howMany(*log, "IDLE")
				if c.most == 0 && (n < 28 || n > 34) || c.most > 0 && n > c.most {
					t.Fatalf("%d IDLEs in half an hour", n)
				}
				_ = s.Close()
			})
		})
	}
}
