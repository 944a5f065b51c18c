package imap

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"chancery/connectors"
)

// Read shows the library what the filter lets through.
func (c *conn) Read(p []byte) (int, error) {
	for {
		switch {
		case len(c.greet) > 0:
			n := copy(p, c.greet)
			c.greet = c.greet[n:]
			return n, nil
		case len(c.out) > 0:
			n := copy(p, c.out)
			c.out = c.out[n:]
			return n, nil
		case c.body > 0:
			return c.literal(p[:min(int64(len(p)), c.body)]), nil
		case c.torn.Load():
			return 0, io.ErrUnexpectedEOF
		}
		if err := c.next(); err != nil {
			return 0, err
		}
	}
}

// literal passes a body through. When the connection ends inside it, the library
// would let two goroutines read at once: it gets the octets it was promised, as
// zeros, and take learns from torn that they mean nothing.
func (c *conn) literal(p []byte) int {
	n := 0
	if !c.torn.Load() {
		var err error
		if n, err = c.br.Read(p); err != nil {
			c.torn.Store(true)
		}
	}
	if c.torn.Load() {
		clear(p[n:])
		n = len(p)
	}
	c.body -= int64(n)
	return n
}

// next reads one line and decides what becomes of it.
func (c *conn) next() error {
	if c.within {
		return c.tail()
	}
	c.resize()
	line, err := c.line()
	if err != nil {
		return err
	}
	// Only now: the command may have been sent while we waited for this line.
	c.mu.Lock()
	ours := c.pending
	c.mu.Unlock()
	if ours != nil {
		response, err := c.response(line)
		if err != nil {
			return err
		}
		c.dispatch(ours, response)
		return nil
	}
	switch {
	case line[0] == '+':
		c.out = append(c.out[:0], "+ go\r\n"...)
		return nil
	case line[0] == '*':
		return c.untagged(line)
	}
	if tag, rest, ok := bytes.Cut(line, []byte(" ")); ok && libraryTag.Match(tag) {
		status, text, _ := bytes.Cut(bytes.TrimRight(rest, "\r\n"), []byte(" "))
		a := condition(string(status), text)
		if a.status == "OK" || a.status == "NO" || a.status == "BAD" {
			c.mu.Lock()
			c.tagged = a
			c.mu.Unlock()
			// The library parses response codes strictly: it gets none.
			c.out = fmt.Appendf(c.out[:0], "%s %s done\r\n", tag, a.status)
			return nil
		}
	}
	return c.skipLiterals(line) // Exchange: an untagged "Server Unavailable."
}

var libraryTag = regexp.MustCompile(`^T[0-9]{1,18}$`)

// untagged handles one untagged response while the library listens. Only FETCH
// responses that carry the body it asked for reach it.
func (c *conn) untagged(line []byte) error {
	num, kind, rest, ok := untagged(line)
	if !ok {
		return c.skipLiterals(line)
	}
	if kind == "FETCH" && c.bodyMax.Load() > 0 {
		head, found, size := cleanFetch(num, rest)
		if found {
			if size > c.bodyMax.Load() {
				return c.fail(&connectors.Error{Class: connectors.Protocol, Code: "literal-too-long"})
			}
			c.out, c.body = append(c.out[:0], head...), max(size, 0)
			c.within = size >= 0
			return nil
		}
	}
	c.remark(kind, line, rest)
	return c.skipLiterals(line)
}

// remark keeps what the server says by itself.
func (c *conn) remark(kind string, line []byte, rest *scanner) {
	switch kind {
	case "EXISTS", "EXPUNGE", "VANISHED", "FETCH":
		c.noteNews()
	case "BYE":
		a := condition("BYE", line[min(rest.i, len(line)):])
		c.mu.Lock()
		c.bye = &a
		c.mu.Unlock()
	}
}

// tail handles what follows a body literal, up to the end of the response.
func (c *conn) tail() error {
	c.within = false
	line, err := c.line()
	if err != nil {
		return err
	}
	items, closed := cleanItems(&scanner{b: line}, nil)
	if !closed {
		items = nil
	}
	c.out = append(append(c.out[:0], items...), ")\r\n"...)
	return c.skipLiterals(line)
}

// line reads one line of bounded length, with its line end.
func (c *conn) line() ([]byte, error) {
	line, err := c.br.ReadSlice('\n')
	if err == nil {
		return line, nil
	}
	long := bytes.Clone(line)
	for err == bufio.ErrBufferFull {
		if len(long) > maxLine {
			return nil, c.fail(&connectors.Error{Class: connectors.Protocol, Code: "line-too-long"})
		}
		line, err = c.br.ReadSlice('\n')
		long = append(long, line...)
	}
	return long, err
}

// skipLiterals drops the rest of a response whose first line is not wanted.
func (c *conn) skipLiterals(line []byte) error {
	total := int64(0)
	for {
		n, more := literalSize(line)
		if !more {
			return nil
		}
		if total += n; total > maxResponse {
			return c.fail(&connectors.Error{Class: connectors.Protocol, Code: "literal-too-long"})
		}
		if _, err := io.CopyN(io.Discard, c.br, n); err != nil {
			return err
		}
		var err error
		if line, err = c.line(); err != nil {
			return err
		}
	}
}

// response completes a response that begins with line, its literals in place.
func (c *conn) response(line []byte) ([]byte, error) {
	n, more := literalSize(line)
	if !more {
		return line, nil
	}
	whole := bytes.Clone(line)
	for more {
		if n > maxResponse-int64(len(whole)) {
			return nil, c.fail(&connectors.Error{Class: connectors.Protocol, Code: "literal-too-long"})
		}
		at := len(whole)
		whole = append(whole, make([]byte, n)...)
		if _, err := io.ReadFull(c.br, whole[at:]); err != nil {
			return nil, err
		}
		var err error
		if line, err = c.line(); err != nil {
			return nil, err
		}
		if whole = append(whole, line...); len(whole) > maxResponse {
			return nil, c.fail(&connectors.Error{Class: connectors.Protocol, Code: "line-too-long"})
		}
		n, more = literalSize(line)
	}
	return whole, nil
}

// cleanFetch rewrites the head of a FETCH response so that the library can read
// it: the items we ask for, in their order, without the others. found is false
// for a response without a body or with anything unreadable. size is the length
// of the body literal that follows, or -1 if the body is NIL or quoted and the
// response is complete.
func cleanFetch(num uint32, s *scanner) (head []byte, found bool, size int64) {
	if s.peek() != '(' {
		return nil, false, 0
	}
	s.i++
	out, closed := cleanItems(s, fmt.Appendf(nil, "* %d FETCH (", num))
	if closed {
		return append(out, ")\r\n"...), bytes.Contains(bytes.ToUpper(out), []byte("BODY[")), -1
	}
	// Not closed: the next item is a body literal, or the line is unreadable.
	name := s.atom()
	s.spaces()
	n, ok := literalSize(s.b[s.i:])
	if !ok || !bodyItem.MatchString(name) || s.peek() != '{' {
		return nil, false, 0
	}
	return fmt.Appendf(separate(out), "%s {%d}\r\n", strings.ToUpper(name), n), true, n
}

var (
	bodyItem  = regexp.MustCompile(`(?i)^BODY\[\](<[0-9]{1,18}>)?$`)
	plainAtom = regexp.MustCompile(`^\\?[!#$&'+,\-./0-9:;<=>?@A-Z\[^_` + "`" + `a-z|}]+$`)
	dateTime  = regexp.MustCompile(`^[ 0-3][0-9]-[A-Za-z]{3}-[0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4}$`)
)

func separate(out []byte) []byte {
	if len(out) == 0 || out[len(out)-1] != '(' {
		return append(out, ' ')
	}
	return out
}

// cleanItems copies readable items to out until the closing parenthesis (closed)
// or the first item that does not end in this line; the scanner then stands
// before that item.
func cleanItems(s *scanner, out []byte) (_ []byte, closed bool) {
	for {
		s.spaces()
		if s.peek() == ')' {
			s.i++
			return out, true
		}
		start := s.i
		name := strings.ToUpper(s.atom())
		if name == "" {
			return out, false
		}
		s.spaces()
		if c := s.peek(); c == '{' || c == '~' {
			s.i = start
			return out, false
		}
		v, err := s.value(1)
		if err != nil {
			s.i = start
			return out, false
		}
		if item := cleanItem(name, v); item != "" {
			out = append(separate(out), item...)
		}
	}
}

// cleanItem writes one item the way the library reads it; "" drops it.
func cleanItem(name string, v value) string {
	switch name {
	case "UID", "RFC822.SIZE":
		if v.kind == 'a' && v.number() > 0 && v.number() < 1<<63 && (name != "UID" || v.number() < 1<<32) {
			return fmt.Sprintf("%s %d", name, v.number())
		}
	case "MODSEQ":
		if v.kind == '(' && len(v.list) == 1 && v.list[0].number() > 0 && v.list[0].number() < 1<<63 {
			return fmt.Sprintf("MODSEQ (%d)", v.list[0].number())
		}
	case "INTERNALDATE":
		if v.kind == 's' && dateTime.MatchString(v.s) && !parseDate(v.s).IsZero() {
			return `INTERNALDATE "` + v.s + `"`
		}
	case "FLAGS":
		return "FLAGS (" + strings.Join(flagsOf(v), " ") + ")"
	}
	if bodyItem.MatchString(name) {
		if v.null() {
			return name + " NIL"
		}
		if v.kind == 's' {
			return name + ` "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v.s) + `"`
		}
	}
	return ""
}

// flagsOf returns the flags of a list that are written as flags are.
func flagsOf(v value) []string {
	var out []string
	for _, f := range v.list {
		if f.kind == 'a' && plainAtom.MatchString(f.s) && len(f.s) <= 200 && !strings.EqualFold(f.s, `\Recent`) {
			out = append(out, f.s)
		}
	}
	return out
}

// parseDate reads an INTERNALDATE (RFC 3501 section 9, "date-time"); the zero
// time if it is none.
func parseDate(s string) time.Time {
	t, err := time.Parse("_2-Jan-2006 15:04:05 -0700", s)
	if err != nil {
		return time.Time{}
	}
	return t
}
