package demo

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"chancery/internal/mime"
)

// Seen is one message as a mail program of its owner would see it.
type Seen struct {
	Account   string // whose: Person.Account
	Mailbox   string
	UID       uint32
	Flags     []string // lower case, sorted
	Subject   string
	MessageID string
	Note      bool // a note that chancery wrote
	Sum       [sha256.Size]byte
	Raw       []byte
}

// Look reads every message of every mailbox over the wire, the way a mail
// program does, and changes nothing: mailboxes are opened with EXAMINE.
func (o *Office) Look() ([]Seen, error) {
	var out []Seen
	for _, p := range People() {
		seen, err := look(o.mail.listen.Addr().String(), p)
		if err != nil {
			return nil, fmt.Errorf("look at mail of %s: %w", p.Account, err)
		}
		out = append(out, seen...)
	}
	return out, nil
}

// lookTime bounds one look; the servers are in this process.
const lookTime = 30 * time.Second

func look(addr string, p Person) ([]Seen, error) {
	conn, err := net.DialTimeout("tcp", addr, lookTime)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(lookTime)); err != nil {
		return nil, err
	}
	l := &looker{conn: conn, r: bufio.NewReader(conn)}
	if _, _, err := l.line(); err != nil { // the greeting
		return nil, err
	}
	if _, err := l.do("LOGIN %s %s", p.Address, p.Password); err != nil {
		return nil, err
	}
	boxes, err := l.do(`LIST "" "*"`)
	if err != nil {
		return nil, err
	}
	var out []Seen
	for _, b := range boxes {
		m := listLine.FindStringSubmatch(b.text)
		if m == nil {
			continue
		}
		name := strings.Trim(m[1], `"`)
		if _, err := l.do("EXAMINE %q", name); err != nil {
			return nil, err
		}
		messages, err := l.do("UID FETCH 1:* (UID FLAGS BODY.PEEK[])")
		if err != nil {
			return nil, err
		}
		for _, r := range messages {
			if len(r.literals) == 1 {
				out = append(out, seenOf(p.Account, name, r))
			}
		}
	}
	_, err = l.do("LOGOUT")
	return out, err
}

var (
	listLine  = regexp.MustCompile(`^\* LIST \([^)]*\) \S+ (.+)$`)
	flagsItem = regexp.MustCompile(`FLAGS \(([^)]*)\)`)
	uidItem   = regexp.MustCompile(`UID (\d+)`)
	literal8  = regexp.MustCompile(`\{(\d+)\}$`)
)

func seenOf(account, mailbox string, r response) Seen {
	s := Seen{Account: account, Mailbox: mailbox, Raw: r.literals[0], Sum: sha256.Sum256(r.literals[0])}
	if m := flagsItem.FindStringSubmatch(r.text); m != nil {
		s.Flags = strings.Fields(strings.ToLower(m[1]))
		slices.Sort(s.Flags)
	}
	if m := uidItem.FindStringSubmatch(r.text); m != nil {
		uid, _ := strconv.ParseUint(m[1], 10, 32)
		s.UID = uint32(uid)
	}
	mail := mime.Read(s.Raw)
	s.Subject, s.MessageID = mail.Subject, mail.MessageID
	s.Note = len(mail.Header["X-Chancery-Note"]) > 0
	return s
}

// looker speaks as much of RFC 9051 as reading takes, with a server of ours.
type looker struct {
	conn net.Conn
	r    *bufio.Reader
	tag  int
}

// response is one line of the server, its literals taken out.
type response struct {
	text     string
	literals [][]byte
}

func (l *looker) do(format string, args ...any) ([]response, error) {
	l.tag++
	tag := fmt.Sprintf("L%d ", l.tag)
	if _, err := fmt.Fprintf(l.conn, tag+format+"\r\n", args...); err != nil {
		return nil, err
	}
	var out []response
	for {
		text, literals, err := l.line()
		if err != nil {
			return nil, err
		}
		if answer, ok := strings.CutPrefix(text, tag); ok {
			if !strings.HasPrefix(answer, "OK") {
				return nil, fmt.Errorf("%s", answer)
			}
			return out, nil
		}
		out = append(out, response{text, literals})
	}
}

// line reads to the end of a response, over its literals (RFC 9051 section 4.3).
func (l *looker) line() (text string, literals [][]byte, err error) {
	for {
		part, err := l.r.ReadString('\n')
		if err != nil {
			return "", nil, err
		}
		part = strings.TrimRight(part, "\r\n")
		m := literal8.FindStringSubmatch(part)
		if m == nil {
			return text + part, literals, nil
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return "", nil, err
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(l.r, b); err != nil {
			return "", nil, err
		}
		text += strings.TrimSuffix(part, m[0])
		literals = append(literals, b)
	}
}
