package imap

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chancery/connectors"
)

// pipeServer answers over an in-memory pipe, so that hours pass at once.
func pipeServer(handle func(w net.Conn, tag, command string) bool) (Options, *[]string) {
	var log []string
	o := Options{
		Host: "127.0.0.1", TLS: "none", User: "ann", Password: func(context.Context) (string, error) { return "x", nil },
		Dial: func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go func() {
				defer func() { _ = server.Close() }()
				_, _ = fmt.Fprint(server, "* OK ready\r\n")
				br := bufio.NewReader(server)
				for {
					line, err := br.ReadString('\n')
					if err != nil {
						return
					}
					tag, command, _ := strings.Cut(strings.TrimSpace(line), " ")
					log = append(log, command)
					switch {
					case handle(server, tag, command):
					case command == "IDLE":
						_, _ = fmt.Fprint(server, "+ idling\r\n")
						if _, err := br.ReadString('\n'); err != nil {
							return
						}
						_, _ = fmt.Fprintf(server, "%s OK done\r\n", tag)
					case command == "CAPABILITY":
						_, _ = fmt.Fprintf(server, "* CAPABILITY IMAP4rev1 IDLE\r\n%s OK done\r\n", tag)
					case strings.HasPrefix(command, "STATUS"):
						_, _ = fmt.Fprintf(server, "* STATUS INBOX (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 1)\r\n%s OK done\r\n", tag)
					default:
						_, _ = fmt.Fprintf(server, "%s OK done\r\n", tag)
					}
				}
			}()
			return client, nil
		},
	}
	return o, &log
}

// A server that stops in the middle of a command is given up after the gap, not
// earlier while bytes still come.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, _ := pipeServer(func(w net.Conn, tag, command string) bool {
			if !strings.HasPrefix(command, "SELECT") {
				return false
			}
			for range 20 {
				time.Sleep(longTimeout - time.Second)
				_, _ = fmt.Fprint(w, "* OK still here\r\n")
			}
			_, _ = io.Copy(io.Discard, w) // until the client leaves
			return true
		})
		s := open(t, o)
		began := time.Now()
		_, err := s.Pull(t.Context(), "")
		if class, code := connectors.Classify(err); class != connectors.Network || code != "timeout" {
			t.Fatalf("%v", err)
		}
		if took, want := time.Since(began), 21*longTimeout-20*time.Second; took < want-time.Minute || took > want+time.Minute {
			t.Fatalf("given up after %v, want %v", took, want)
		}
		_ = s.Close()
	})
}

// IDLE is issued anew at random between 9 and 25 minutes, without a timeout in
// between, and ends with the poll.
func TestIdleTerms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, log := pipeServer(func(net.Conn, string, string) bool { return false })
		o.Poll = 10 * time.Hour
		s := open(t, o)
		began := time.Now()
		if err := s.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != o.Poll {
			t.Fatalf("waited %v", took)
		}
		idles := 0
		for _, l := range *log {
			if l == "IDLE" {
				idles++
			}
		}
		least, most := int(o.Poll/idleMax)+len(idleFirst), int(o.Poll/idleMin)+len(idleFirst)+1
		if idles < least || idles > most {
			t.Fatalf("%d IDLEs in %v, want %d to %d", idles, o.Poll, least, most)
		}
		_ = s.Close()
	})
}

// A server without IDLE is polled.
func TestPollWithoutIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, _ := pipeServer(func(w net.Conn, tag, command string) bool {
			if command == "IDLE" {
				_, _ = fmt.Fprintf(w, "%s BAD what\r\n", tag)
			}
			return command == "IDLE"
		})
		o.Poll = 7 * time.Minute
		s := open(t, o)
		for range 2 {
			began := time.Now()
			if err := s.Wait(t.Context()); err != nil || time.Since(began) != o.Poll {
				t.Fatalf("waited %v, %v", time.Since(began), err)
			}
		}
		_ = s.Close()
	})
}

// A server that does not end an IDLE loses the connection, and Wait says so.
func TestIdleThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, _ := pipeServer(func(w net.Conn, tag, command string) bool {
			if command == "IDLE" {
				_, _ = fmt.Fprint(w, "+ idling\r\n")
				_, _ = io.Copy(io.Discard, w)
			}
			return command == "IDLE"
		})
		s := open(t, o)
		err := s.Wait(t.Context())
		if class, code := connectors.Classify(err); class != connectors.Network || code != "timeout" && code != "connection" {
			t.Fatalf("%v", err)
		}
		_ = s.Close()
	})
}
