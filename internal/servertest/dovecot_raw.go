package servertest

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"
)

// RawIMAP is a second client, a few lines long, that shares no code with the
// product: what it sees is what is on the server.
type RawIMAP struct {
	t    testing.TB
	conn net.Conn
	br   *bufio.Reader
	n    int
	many bool // MULTIAPPEND and LITERAL+
}

// RawReply is one untagged response: Text with every literal cut out as "{}",
// and the literals.
type RawReply struct {
	Text     string
	Literals [][]byte
}

// RawIMAPDial logs a user in over the plain port.
func RawIMAPDial(t testing.TB, addr, user, password string) *RawIMAP {
	t.Helper()
	conn, err := net.DialTimeout("tcp", addr, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	r := &RawIMAP{t: t, conn: conn, br: bufio.NewReaderSize(conn, 64<<10)}
	if _, err := r.reply(); err != nil {
		t.Fatal(err)
	}
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	r.OK(fmt.Sprintf(`LOGIN "%s" "%s"`, quote.Replace(user), quote.Replace(password)))
	for _, p := range r.OK("CAPABILITY") {
		r.many = r.many || strings.Contains(p.Text, "MULTIAPPEND") && strings.Contains(p.Text, "LITERAL+")
	}
	return r
}

// Client logs a user in.
func (d *DovecotServer) Client(t testing.TB, user string) *RawIMAP {
	t.Helper()
	return RawIMAPDial(t, d.Addr(), user, DovecotPassword)
}

// Conn returns the socket, for measurements.
func (r *RawIMAP) Conn() (net.Conn, *bufio.Reader) { return r.conn, r.br }

// Close ends the connection.
func (r *RawIMAP) Close() { _ = r.conn.Close() }

// Do sends one command and returns the untagged responses and the tagged text
// ("OK …", "NO …", "BAD …").
func (r *RawIMAP) Do(command string) ([]RawReply, string) {
	r.t.Helper()
	out, tagged, err := r.try(command)
	if err != nil {
		r.t.Fatalf("second client: %v", err)
	}
	return out, tagged
}

// try is Do for a server that may end the connection.
func (r *RawIMAP) try(command string) (out []RawReply, tagged string, err error) {
	r.n++
	tag := "Z" + strconv.Itoa(r.n)
	_ = r.conn.SetDeadline(time.Now().Add(2 * time.Minute))
	if _, err := io.WriteString(r.conn, tag+" "+command+"\r\n"); err != nil {
		return nil, "", err
	}
	for {
		p, err := r.reply()
		if err != nil {
			return nil, "", err
		}
		if rest, ok := strings.CutPrefix(p.Text, tag+" "); ok {
			return out, rest, nil
		}
		out = append(out, p)
	}
}

// OK is Do for a command that must succeed.
func (r *RawIMAP) OK(command string) []RawReply {
	r.t.Helper()
	out, tagged := r.Do(command)
	if !strings.HasPrefix(tagged, "OK") {
		word, _, _ := strings.Cut(command, " ")
		r.t.Fatalf("second client: %s: %s", word, tagged)
	}
	return out
}

var rawLiteral = regexp.MustCompile(`\{(\d+)\}$`)

func (r *RawIMAP) reply() (RawReply, error) {
	var p RawReply
	for {
		line, err := r.br.ReadString('\n')
		if err != nil {
			return p, err
		}
		line = strings.TrimRight(line, "\r\n")
		m := rawLiteral.FindStringSubmatch(line)
		if m == nil {
			p.Text += line
			return p, nil
		}
		n, _ := strconv.Atoi(m[1])
		lit := make([]byte, n)
		if _, err := io.ReadFull(r.br, lit); err != nil {
			return p, err
		}
		p.Text += strings.TrimSuffix(line, m[0]) + "{}"
		p.Literals = append(p.Literals, lit)
	}
}

// Append stores messages in a mailbox, creating it if needed; where the server
// can, in few large commands (RFC 3502 section 6.3.11) with non-synchronizing literals
// (RFC 7888 section 4).
func (r *RawIMAP) Append(mailbox string, messages ...[]byte) {
	r.t.Helper()
	r.Do(`CREATE "` + mailbox + `"`)
	if !r.many {
		r.appendSlowly(mailbox, messages)
		return
	}
	for part := range slices.Chunk(messages, 500) {
		r.n++
		tag := "Z" + strconv.Itoa(r.n)
		_ = r.conn.SetDeadline(time.Now().Add(5 * time.Minute))
		w := bufio.NewWriterSize(r.conn, 256<<10)
		fmt.Fprintf(w, `%s APPEND "%s"`, tag, mailbox)
		for _, m := range part {
			fmt.Fprintf(w, " {%d+}\r\n", len(m))
			_, _ = w.Write(m)
		}
		_, _ = w.WriteString("\r\n")
		if err := w.Flush(); err != nil {
			r.t.Fatalf("second client: append: %v", err)
		}
		for {
			p, err := r.reply()
			if err != nil {
				r.t.Fatalf("second client: append: %v", err)
			}
			if rest, ok := strings.CutPrefix(p.Text, tag+" "); ok {
				if !strings.HasPrefix(rest, "OK") {
					r.t.Fatalf("second client: append: %s", rest)
				}
				break
			}
		}
	}
}

func (r *RawIMAP) appendSlowly(mailbox string, messages [][]byte) {
	r.t.Helper()
	for _, m := range messages {
		r.n++
		tag := "Z" + strconv.Itoa(r.n)
		_, _ = fmt.Fprintf(r.conn, "%s APPEND \"%s\" {%d}\r\n", tag, mailbox, len(m))
		for {
			p, err := r.reply()
			if err != nil {
				r.t.Fatalf("second client: append: %v", err)
			}
			if strings.HasPrefix(p.Text, "+") {
				_, _ = r.conn.Write(append(slices.Clone(m), "\r\n"...))
				continue
			}
			if rest, ok := strings.CutPrefix(p.Text, tag+" "); ok {
				if !strings.HasPrefix(rest, "OK") {
					r.t.Fatalf("second client: append: %s", rest)
				}
				break
			}
		}
	}
}

// CRLF gives every line the end that IMAP asks for.
func CRLF(b []byte) []byte {
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))
}

// Dumped is one message as the second client sees it.
type Dumped struct {
	SHA256 string
	UID    uint32
	Flags  []string // sorted, without \Recent
	Body   []byte
}

// Dump reads every message of every mailbox, keyed by the mailbox's name on the
// wire.
func (d *DovecotServer) Dump(t testing.TB, user string) map[string][]Dumped {
	t.Helper()
	c := d.Client(t, user)
	defer c.Close()
	return c.Dump()
}

// Mend opens the mailboxes until the server is itself again. After a kill an
// mdbox may find its index and its files of two minds, and ends the connection
// that asks first; it mends them while it does so.
func (d *DovecotServer) Mend(t testing.TB, user string, mailboxes ...string) {
	t.Helper()
	var last error
	for range 5 {
		if last = d.look(t, user, mailboxes); last == nil {
			return
		}
	}
	t.Fatalf("server after a kill: %v", last)
}

// look reads every message, as Dump does, and says when the connection ended.
func (d *DovecotServer) look(t testing.TB, user string, mailboxes []string) error {
	t.Helper()
	c := d.Client(t, user)
	defer c.Close()
	for _, name := range mailboxes {
		for _, command := range []string{`EXAMINE "` + name + `"`, "UID FETCH 1:* (UID FLAGS BODY.PEEK[])"} {
			if _, _, err := c.try(command); err != nil {
				return err
			}
		}
	}
	return nil
}

var (
	dumpUID   = regexp.MustCompile(`UID (\d+)`)
	dumpFlags = regexp.MustCompile(`FLAGS \(([^)]*)\)`)
	dumpList  = regexp.MustCompile(`^\* LIST \(([^)]*)\) (?:"(?:\\.|[^"])*"|NIL) (?:"((?:\\.|[^"])*)"|(\S+))$`)
)

// Dump reads every message of every mailbox of the logged in user.
func (r *RawIMAP) Dump() map[string][]Dumped {
	r.t.Helper()
	out := map[string][]Dumped{}
	for _, p := range r.OK(`LIST "" "*"`) {
		if !strings.HasPrefix(p.Text, "* LIST ") {
			continue
		}
		m := dumpList.FindStringSubmatch(p.Text)
		name := ""
		switch {
		case len(p.Literals) == 1:
			name = string(p.Literals[0])
		case m == nil:
			r.t.Fatalf("second client: unreadable LIST line %q", p.Text)
		default:
			name = m[2] + m[3]
			if strings.Contains(m[1], `\Noselect`) {
				continue
			}
		}
		r.OK(`EXAMINE "` + name + `"`)
		list := []Dumped{}
		for _, f := range r.OK("UID FETCH 1:* (UID FLAGS BODY.PEEK[])") {
			if len(f.Literals) != 1 {
				continue
			}
			uid, _ := strconv.ParseUint(dumpUID.FindStringSubmatch(f.Text)[1], 10, 32)
			sum := sha256.Sum256(f.Literals[0])
			e := Dumped{SHA256: hex.EncodeToString(sum[:]), UID: uint32(uid), Body: f.Literals[0]}
			for flag := range strings.FieldsSeq(dumpFlags.FindStringSubmatch(f.Text)[1]) {
				if flag != `\Recent` {
					e.Flags = append(e.Flags, flag)
				}
			}
			sort.Strings(e.Flags)
			list = append(list, e)
		}
		out[name] = list
	}
	return out
}

// Bodies returns how often each message occurs in a dump, whatever mailbox it
// lies in: the multiset that no run may change.
func Bodies(dump map[string][]Dumped) map[string]int {
	out := map[string]int{}
	for _, list := range dump {
		for _, m := range list {
			out[m.SHA256]++
		}
	}
	return out
}
