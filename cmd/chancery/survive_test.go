package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	gosync "sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"chancery/internal/servertest"
)

// hostileMemory is how much more memory a hostile server may make the daemon
// hold, in MiB.
const hostileMemory = 48

// floodLines is how many lines a flood has: $CHANCERY_FLOOD, else a tenth of ten
// million.
func floodLines(t testing.TB) int {
	if s := os.Getenv("CHANCERY_FLOOD"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("CHANCERY_FLOOD=%q is no number", s)
		}
		return n
	}
	return 1_000_000
}

// attack is what a hostile server does when a command comes. It returns whether
// the session goes on.
type attack struct {
	name    string
	at      string // word of the command, or "greeting"
	do      func(s *session, tag string) bool
	forever bool // it ends with the test
}

// session is one connection of the hostile server.
type session struct {
	*bufio.Writer
	conn net.Conn
	host *hostileHost
}

// repeat writes a line many times. It reports whether the client still takes it.
func (s *session) repeat(line string, n int) bool {
	chunk := []byte(strings.Repeat(line, max(1, 32<<10/len(line))))
	for left := n * len(line); left > 0; {
		k, err := s.Write(chunk[:min(left, len(chunk))])
		if s.host.sent.Add(int64(k)); err != nil {
			return false
		}
		left -= k
	}
	return s.Flush() == nil
}

func (s *session) drip() bool {
	for i := 0; ; i++ {
		if _, err := s.conn.Write([]byte{'a' + byte(i%26)}); err != nil {
			return false
		}
		s.host.sent.Add(1)
		select {
		case <-s.host.over:
			return false
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func attacks(t testing.TB) []attack {
	const endless = 1 << 40
	many := floodLines(t)
	flood := func(line string) func(*session, string) bool {
		return func(s *session, tag string) bool {
			return s.repeat(line, many) && s.answer(tag)
		}
	}
	var out []attack
	for _, at := range []string{"CAPABILITY", "SELECT", "FETCH"} {
		out = append(out, attack{name: "3 MB of parentheses at " + at, at: at, do: func(s *session, tag string) bool {
			_, _ = s.WriteString("* 1 FETCH ")
			return s.repeat("(", 3<<20) && s.repeat("\r\n", 1) && s.answer(tag)
		}})
	}
	return append(out,
		attack{name: "a literal of 1 GB", at: "FETCH", do: func(s *session, tag string) bool {
			_, _ = s.WriteString("* 1 FETCH (UID 1 FLAGS () BODY[]<0> {1073741824}\r\n")
			return s.repeat("abcdefgh", 1<<27)
		}},
		attack{name: "a literal of 1 GB where none belongs", at: "SELECT", do: func(s *session, tag string) bool {
			_, _ = s.WriteString("* LIST () \"/\" {1073741824}\r\n")
			return s.repeat("abcdefgh", 1<<27)
		}},
		attack{name: "literals in a status that nobody asked for", at: "SELECT", do: func(s *session, tag string) bool {
			for range 200 {
				_, _ = s.WriteString("* STATUS {1000000}\r\n")
				if !s.repeat("abcdefgh\r\n", 100_000) || !s.repeat(" (MESSAGES 1)\r\n", 1) {
					return false
				}
			}
			return s.answer(tag)
		}},
		attack{name: "a flood of EXISTS at FETCH", at: "FETCH", do: flood("* 1000 EXISTS\r\n")},
		attack{name: "a flood of FETCH at FETCH", at: "FETCH", do: flood("* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n")},
		attack{name: "a flood of FETCH at IDLE", at: "IDLE", do: flood("* 1 FETCH (FLAGS (\\Seen))\r\n")},
		attack{name: "a flood of VANISHED at SELECT", at: "SELECT", do: flood("* VANISHED 1:4294967294\r\n")},
		attack{name: "a flood of VANISHED (EARLIER) at FETCH", at: "FETCH", do: flood("* VANISHED (EARLIER) 1:4294967294\r\n")},
		attack{name: "a flood of SEARCH at FETCH", at: "FETCH", do: flood("* SEARCH 1 2 3 4 5 6 7 8 9 10\r\n")},
		attack{name: "a flood of keywords at SELECT", at: "SELECT", do: func(s *session, tag string) bool {
			for i := range many / 100 {
				if !s.repeat(fmt.Sprintf("* FLAGS (a%d b%d)\r\n* OK [PERMANENTFLAGS (c%d \\*)] x\r\n", i, i, i), 1) {
					return false
				}
			}
			return s.answer(tag)
		}},
		attack{name: "a flood of mailboxes at LIST", at: "LIST", do: func(s *session, tag string) bool {
			for i := range many / 20 {
				if !s.repeat(fmt.Sprintf("* LIST () \"/\" box%d\r\n", i), 1) {
					return false
				}
			}
			return s.answer(tag)
		}},
		attack{name: "an endless line", at: "SELECT", do: func(s *session, tag string) bool { return s.repeat("* OK still more ", endless) }},
		attack{name: "an endless answer", at: "FETCH", forever: true, do: func(s *session, tag string) bool { return s.repeat("* OK still more\r\n", endless) }},
		attack{name: "an endless greeting", at: "greeting", do: func(s *session, tag string) bool { return s.repeat("* OK still more ", endless) }},
		attack{name: "endless lines of greeting", at: "greeting", do: func(s *session, tag string) bool { return s.repeat("* still more\r\n", endless) }},
		attack{name: "endless lines at login", at: "AUTHENTICATE", do: func(s *session, tag string) bool { return s.repeat("* OK still more\r\n", endless) }},
		attack{name: "a greeting that drips", at: "greeting", forever: true, do: func(s *session, tag string) bool { return s.drip() }},
		attack{name: "an answer that drips", at: "SELECT", forever: true, do: func(s *session, tag string) bool { return s.drip() }},
	)
}

// hostileHost is an IMAP server with one message that behaves until its moment.
type hostileHost struct {
	attack attack
	port   int
	sent   atomic.Int64 // octets of the attack
	done   atomic.Int64 // attacks that came to an end, by either side
	over   chan struct{}
}

func newHostileHost(t testing.TB, a attack) *hostileHost {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &hostileHost{attack: a, port: l.Addr().(*net.TCPAddr).Port, over: make(chan struct{})}
	var all gosync.WaitGroup
	var mu gosync.Mutex
	open := map[net.Conn]bool{}
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[conn] = true
			mu.Unlock()
			all.Go(func() { h.serve(conn) })
		}
	})
	t.Cleanup(func() {
		close(h.over)
		_ = l.Close()
		mu.Lock()
		for conn := range open {
			_ = conn.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return h
}

func (h *hostileHost) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	s := &session{Writer: bufio.NewWriterSize(conn, 64<<10), conn: conn, host: h}
	if h.attack.at == "greeting" {
		h.attack.do(s, "")
		h.done.Add(1)
		return
	}
	s.line("* OK [CAPABILITY %s] at your service", hostileCaps)
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		tag, command, _ := strings.Cut(lines.Text(), " ")
		word, rest, _ := strings.Cut(strings.TrimPrefix(command, "UID "), " ")
		if word == "EXAMINE" {
			word = "SELECT"
		}
		if word == "LOGIN" {
			word = "AUTHENTICATE"
		}
		if word == h.attack.at && (word != "FETCH" || strings.Contains(rest, "BODY")) {
			goesOn := h.attack.do(s, tag)
			if h.done.Add(1); !goesOn {
				return
			}
			continue
		}
		if !s.behave(lines, tag, word, rest) {
			return
		}
	}
}

const hostileCaps = "IMAP4rev1 IDLE CONDSTORE ENABLE QRESYNC UIDPLUS MOVE SASL-IR AUTH=PLAIN"

func (s *session) line(format string, args ...any) bool {
	_, _ = fmt.Fprintf(s, format+"\r\n", args...)
	return s.Flush() == nil
}

func (s *session) answer(tag string) bool { return s.line("%s OK done", tag) }

// behave answers as a decent server would.
func (s *session) behave(lines *bufio.Scanner, tag, word, rest string) bool {
	const letter = "Subject: hostile\r\nFrom: a@b.example\r\n\r\nx\r\n"
	if s.host.attack.at == "LIST" && (word == "STATUS" || word == "SELECT") {
		return s.line("%s NO no such mailbox", tag) // then one looks for it
	}
	switch word {
	case "CAPABILITY":
		s.line("* CAPABILITY %s", hostileCaps)
	case "ENABLE":
		s.line("* ENABLED QRESYNC")
	case "STATUS":
		s.line("* STATUS INBOX (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 7 HIGHESTMODSEQ 5)")
	case "SELECT":
		s.line("* FLAGS (\\Seen \\Deleted)\r\n* OK [PERMANENTFLAGS (\\Seen \\Deleted \\*)] x\r\n* 1 EXISTS\r\n* 0 RECENT\r\n" +
			"* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 2] x\r\n* OK [HIGHESTMODSEQ 5] x")
	case "LIST":
		s.line("* LIST () \"/\" INBOX")
	case "SEARCH":
		s.line("* SEARCH 1")
	case "FETCH":
		if strings.Contains(rest, "BODY") {
			s.line("* 1 FETCH (UID 1 MODSEQ (3) FLAGS () INTERNALDATE \"05-Oct-2026 10:00:00 +0000\" RFC822.SIZE %d BODY[]<0> {%d}\r\n%s)", len(letter), len(letter), letter)
		} else {
			s.line("* 1 FETCH (UID 1 MODSEQ (3) FLAGS () INTERNALDATE \"05-Oct-2026 10:00:00 +0000\" RFC822.SIZE %d)", len(letter))
		}
	case "IDLE":
		s.line("+ idling")
		if !lines.Scan() {
			return false
		}
	case "LOGOUT":
		s.line("* BYE")
	}
	return s.answer(tag)
}

// A hostile server takes neither the daemon's memory nor its time for others:
// while it does its worst, the mail of another account is marked.
func TestHostileServer(t *testing.T) {
	calm := calmMemory(t)
	for _, a := range attacks(t) {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			d := servertest.Dovecot(t, servertest.DovecotOptions{})
			h := newHostileHost(t, a)
			f := newFirm(t, d, nil)
			f.edit("chancery.yaml", fmt.Sprintf("port: %d, tls: implicit, ca_file: %s, user: %s", d.TLS, d.CAFile, pa), fmt.Sprintf("port: %d, tls: none, user: %s", h.port, pa))
			c := d.Client(t, gc)
			r := f.start()
			await(t, "the attack", func() bool { return h.sent.Load() > 0 })
			c.Append("INBOX", mail("1", secretMail, "x"))
			await(t, "the mark for another account", func() bool { return strings.Contains(where(t, d, gc)[secretMail], "lx-1") })
			if !a.forever {
				await(t, "the end of the attack", func() bool { return h.done.Load() > 0 })
			}
			peak := statusKiB(r.cmd.Process.Pid, "VmHWM:") >> 10
			// Still with us, and the other account too.
			c.Append("INBOX", mail("2", "Privileged and confidential: next", "x"))
			await(t, "the next mark", func() bool {
				return strings.Contains(where(t, d, gc)["Privileged and confidential: next"], "lx-1")
			})
			t.Logf("%d MiB sent, peak %d MiB, %d more than in peace", h.sent.Load()>>20, peak, peak-calm)
			if peak > calm+hostileMemory {
				t.Errorf("the daemon took %d MiB, in peace %d", peak, calm)
			}
			if err := r.stop(syscall.SIGTERM); err != nil {
				t.Errorf("SIGTERM: %v\n%s", err, r.log())
			}
			if bytes.Contains([]byte(r.log()), []byte("panic")) {
				t.Errorf("log:\n%s", r.log())
			}
		})
	}
}

// calmMemory is the peak of a daemon whose servers behave, in MiB.
func calmMemory(t testing.TB) int {
	t.Helper()
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	d.Client(t, gc).Append("INBOX", mail("1", secretMail, "x"))
	r := f.start()
	await(t, "the mark", func() bool { return strings.Contains(where(t, d, gc)[secretMail], "lx-1") })
	peak := statusKiB(r.cmd.Process.Pid, "VmHWM:") >> 10
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Fatalf("SIGTERM: %v\n%s", err, r.log())
	}
	return peak
}
