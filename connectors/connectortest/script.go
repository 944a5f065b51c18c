package connectortest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Script is an IMAP server that says exactly the bytes a test wants, for what no
// real server would say on request. It logs anybody in. A handler answers what a
// test is about; the rest is answered as a small mailbox would.
type Script struct {
	Greeting string // default "* OK ready"
	Caps     string
	// Handle answers one command; false leaves it to the default. It is called
	// for every connection, one command at a time.
	Handle func(c *ScriptConn, tag, command string) bool
	// The mailbox INBOX, by UID, for the default answers.
	Messages map[uint32]string
	Flags    map[uint32]string
	Next     uint32 // UIDNEXT

	mu    sync.Mutex
	log   []string
	conns int
	live  map[net.Conn]bool
}

// ScriptConn is one connection of a client.
type ScriptConn struct {
	net.Conn
	Number int // from 1
	br     *bufio.Reader
}

// Say writes bytes as they are.
func (c *ScriptConn) Say(format string, args ...any) { _, _ = fmt.Fprintf(c.Conn, format, args...) }

// Start listens until the test ends and returns a dialer that reaches it.
func (s *Script) Start(t testing.TB) func(ctx context.Context, network, addr string) (net.Conn, error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.live = map[net.Conn]bool{}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns++
			s.live[conn] = true
			c := &ScriptConn{Conn: conn, Number: s.conns, br: bufio.NewReader(conn)}
			s.mu.Unlock()
			all.Go(func() { defer func() { _ = conn.Close() }(); s.serve(c) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		s.mu.Lock()
		for c := range s.live {
			_ = c.Close()
		}
		s.mu.Unlock()
		all.Wait()
	})
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", listener.Addr().String())
	}
}

// Log returns every command line received, without tags.
func (s *Script) Log() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.log...)
}

// Sent reports whether a command that begins so was received.
func (s *Script) Sent(prefix string) bool {
	for _, l := range s.Log() {
		if strings.HasPrefix(l, prefix) {
			return true
		}
	}
	return false
}

func (s *Script) serve(c *ScriptConn) {
	greeting := s.Greeting
	if greeting == "" {
		greeting = "* OK ready"
	}
	c.Say("%s\r\n", greeting)
	for {
		line, err := c.br.ReadString('\n')
		if err != nil {
			return
		}
		for {
			m := scriptLiteral.FindStringSubmatch(line)
			if m == nil {
				break
			}
			n, _ := strconv.Atoi(m[1])
			if m[2] == "" {
				c.Say("+ go\r\n")
			}
			literal := make([]byte, n)
			if _, err := io.ReadFull(c.br, literal); err != nil {
				return
			}
			rest, err := c.br.ReadString('\n')
			if err != nil {
				return
			}
			line = strings.TrimSuffix(line, m[0]) + string(literal) + rest
		}
		tag, command, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		s.mu.Lock()
		s.log = append(s.log, command)
		s.mu.Unlock()
		if s.Handle != nil && s.Handle(c, tag, command) {
			continue
		}
		s.answer(c, tag, command)
	}
}

var (
	scriptLiteral = regexp.MustCompile(`\{(\d+)(\+?)\}\r\n$`)
	scriptFetch   = regexp.MustCompile(`^UID FETCH (\S+) \((.*)\)$`)
	scriptHeader  = regexp.MustCompile(`BODY\.PEEK\[(HEADER[^\]]*)\]`)
	scriptPartial = regexp.MustCompile(`BODY\.PEEK\[\]<(\d+)\.(\d+)>`)
)

// answer is the small mailbox.
func (s *Script) answer(c *ScriptConn, tag, command string) {
	ok := func() { c.Say("%s OK done\r\n", tag) }
	verb, _, _ := strings.Cut(command, " ")
	switch {
	case verb == "CAPABILITY":
		c.Say("* CAPABILITY IMAP4rev1 %s\r\n", s.Caps)
		ok()
	case verb == "STATUS":
		c.Say("* STATUS INBOX (MESSAGES %d UIDNEXT %d UIDVALIDITY 1)\r\n", len(s.Messages), s.Next)
		ok()
	case verb == "SELECT" || verb == "EXAMINE":
		c.Say("* %d EXISTS\r\n* OK [PERMANENTFLAGS (\\Deleted \\Seen \\Flagged \\*)] .\r\n* OK [UIDVALIDITY 1] .\r\n* OK [UIDNEXT %d] .\r\n", len(s.Messages), s.Next)
		ok()
	case strings.Contains(command, "X-GUID"):
		c.Say("%s BAD unknown item\r\n", tag)
	case strings.HasPrefix(command, "UID FETCH"):
		s.fetch(c, command)
		ok()
	case strings.HasPrefix(command, "UID SEARCH UID "):
		c.Say("* SEARCH")
		for _, uid := range slices.Sorted(maps.Keys(s.Messages)) {
			if InSet(strings.TrimPrefix(command, "UID SEARCH UID "), uid) {
				c.Say(" %d", uid)
			}
		}
		c.Say("\r\n")
		ok()
	case verb == "IDLE":
		c.Say("+ idling\r\n")
		if line, err := c.br.ReadString('\n'); err == nil && line == "DONE\r\n" {
			ok()
		}
	default:
		ok()
	}
}

func (s *Script) fetch(c *ScriptConn, command string) {
	m := scriptFetch.FindStringSubmatch(command)
	if m == nil {
		return
	}
	seq := 0
	for uid := uint32(1); uid < s.Next; uid++ {
		body, there := s.Messages[uid]
		if !there {
			continue
		}
		seq++
		if InSet(m[1], uid) {
			c.Say("%s", s.Fetch(seq, uid, m[2], body))
		}
	}
}

// Fetch is a proper FETCH response with the items asked for.
func (s *Script) Fetch(seq int, uid uint32, items, body string) string {
	out := fmt.Sprintf("* %d FETCH (UID %d", seq, uid)
	if strings.Contains(items, "FLAGS") {
		out += " FLAGS (" + s.Flags[uid] + ")"
	}
	if strings.Contains(items, "INTERNALDATE") {
		out += ` INTERNALDATE "05-Oct-2026 10:00:00 +0000"`
	}
	if strings.Contains(items, "RFC822.SIZE") {
		out += fmt.Sprintf(" RFC822.SIZE %d", len(body))
	}
	if p := scriptPartial.FindStringSubmatch(items); p != nil {
		from, _ := strconv.Atoi(p[1])
		size, _ := strconv.Atoi(p[2])
		part := body[min(from, len(body)):]
		part = part[:min(size, len(part))]
		out += fmt.Sprintf(" BODY[]<%d> {%d}\r\n%s", from, len(part), part)
	}
	if p := scriptHeader.FindStringSubmatch(items); p != nil {
		head, _, _ := strings.Cut(body, "\r\n\r\n")
		head += "\r\n\r\n"
		out += fmt.Sprintf(" BODY[%s] {%d}\r\n%s", p[1], len(head), head)
	}
	return out + ")\r\n"
}

// InSet reports whether a UID set of a command names uid.
func InSet(set string, uid uint32) bool {
	for part := range strings.SplitSeq(set, ",") {
		lo, hi, isRange := strings.Cut(part, ":")
		a, _ := strconv.ParseUint(lo, 10, 32)
		b := a
		if isRange {
			if b, _ = strconv.ParseUint(hi, 10, 32); hi == "*" {
				b = 1<<32 - 1
			}
		}
		if uint64(uid) >= a && uint64(uid) <= b {
			return true
		}
	}
	return false
}
