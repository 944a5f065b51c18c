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
		}
		if err := c.next(); err != nil {
			return 0, err
		}
	}
}

// next reads one line and decides what becomes of it.
func (c *conn) next() error {
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
		if ours.bodies != nil {
			if at := fetchHead(line); at > 0 {
				return c.stream(ours.bodies, line, at)
			}
		}
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

// untagged handles one untagged response while the library listens. None reaches
// it: its commands ask for no data.
func (c *conn) untagged(line []byte) error {
	if _, kind, rest, ok := untagged(line); ok {
		c.remark(kind, line, rest)
		if kind == "STATUS" { // nobody asked: RFC 5465 section 4
			c.noteNews()
		}
	}
	return c.skipLiterals(line)
}

// remark keeps what the server says by itself.
func (c *conn) remark(kind string, line []byte, rest *scanner) {
	switch kind {
	case "VANISHED":
		// RFC 7162 section 3.2.10: EARLIER is the answer to a SELECT of ours.
		if rest.peek() != '(' {
			c.noteNews()
		}
	case "EXISTS", "EXPUNGE", "FETCH":
		c.noteNews()
	case "BYE":
		a := condition("BYE", line[min(rest.i, len(line)):])
		c.mu.Lock()
		c.bye = &a
		c.mu.Unlock()
	}
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

// flagsOf returns the flags of a list that are written as flags are.
func flagsOf(v value) []string {
	var out []string
	for _, f := range v.list {
		if f.kind == 'a' && plainFlag(f.s) {
			out = append(out, f.s)
		}
	}
	return out
}

// plainFlag reports whether a flag is written as one (RFC 3501 section 9, "flag"),
// of bounded length, and is not the \Recent that comes and goes by itself.
func plainFlag(f string) bool {
	name := strings.TrimPrefix(f, `\`)
	if name == "" || len(f) > 200 {
		return false
	}
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c >= '~' || strings.IndexByte(`"%*()\]{`, c) >= 0 {
			return false
		}
	}
	return len(f) != len(`\Recent`) || !strings.EqualFold(f, `\Recent`)
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
