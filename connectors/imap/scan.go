package imap

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
)

// Bounds of one response. A server that exceeds them is hostile or broken.
const (
	maxLine     = 1 << 20 // octets of one line
	maxResponse = 4 << 20 // octets of one response with its literals, where we keep it
	maxDepth    = 100     // nested parentheses
)

var (
	errSyntax = errors.New("unreadable response")
	errDepth  = errors.New("response nested too deep")
)

// value is one datum of a response (RFC 3501 section 4).
type value struct {
	kind byte // 'a' atom or number, 's' string, '(' list
	s    string
	list []value
}

// null reports NIL. A string "NIL" is not null.
func (v value) null() bool { return v.kind == 'a' && strings.EqualFold(v.s, "NIL") }

// number returns the datum as a number; 0 if it is none.
func (v value) number() uint64 {
	n, err := strconv.ParseUint(v.s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// scanner walks over one response, which holds its literals in place. It is
// lenient about octets and strict about structure.
type scanner struct {
	b []byte
	i int
}

func (s *scanner) end() bool { return s.i >= len(s.b) }

func (s *scanner) peek() byte {
	if s.end() {
		return 0
	}
	return s.b[s.i]
}

func (s *scanner) spaces() {
	for s.peek() == ' ' {
		s.i++
	}
}

// atom reads up to a delimiter. Brackets protect what stands in them:
// BODY[HEADER.FIELDS (SUBJECT)]<0> is one atom.
func (s *scanner) atom() string {
	start, bracket := s.i, 0
	for ; s.i < len(s.b); s.i++ {
		c := s.b[s.i]
		switch {
		case c == '\r' || c == '\n':
			return string(s.b[start:s.i])
		case c == '[':
			bracket++
		case c == ']' && bracket > 0:
			bracket--
		case bracket == 0 && (c == ' ' || c == '(' || c == ')' || c == '"'):
			return string(s.b[start:s.i])
		}
	}
	return string(s.b[start:s.i])
}

// quoted reads a quoted string (RFC 3501 section 9, "quoted"), with any octet
// in it but CR and LF.
func (s *scanner) quoted() (string, error) {
	s.i++
	var out []byte
	for ; s.i < len(s.b); s.i++ {
		switch c := s.b[s.i]; c {
		case '"':
			s.i++
			return string(out), nil
		case '\\':
			s.i++
			if s.end() {
				return "", errSyntax
			}
			out = append(out, s.b[s.i])
		case '\r', '\n':
			return "", errSyntax
		default:
			out = append(out, c)
		}
	}
	return "", errSyntax
}

func (s *scanner) literal() (string, error) {
	rest := s.b[s.i:]
	eol := bytes.IndexByte(rest, '\n')
	if eol < 0 {
		return "", errSyntax
	}
	n, ok := literalSize(rest[:eol+1])
	if !ok || n > int64(len(rest)-eol-1) {
		return "", errSyntax
	}
	from := s.i + eol + 1
	s.i = from + int(n)
	return string(s.b[from:s.i]), nil
}

// value reads one datum.
func (s *scanner) value(depth int) (value, error) {
	if depth > maxDepth {
		return value{}, errDepth
	}
	s.spaces()
	switch s.peek() {
	case '(':
		s.i++
		v := value{kind: '('}
		for {
			s.spaces()
			if s.end() {
				return value{}, errSyntax
			}
			if s.peek() == ')' {
				s.i++
				return v, nil
			}
			item, err := s.value(depth + 1)
			if err != nil {
				return value{}, err
			}
			v.list = append(v.list, item)
		}
	case '"':
		q, err := s.quoted()
		return value{kind: 's', s: q}, err
	case '{', '~':
		if s.peek() == '~' && (s.i+1 >= len(s.b) || s.b[s.i+1] != '{') {
			break
		}
		if s.peek() == '~' {
			s.i++
		}
		l, err := s.literal()
		return value{kind: 's', s: l}, err
	case 0, ')', '\r', '\n':
		return value{}, errSyntax
	}
	a := s.atom()
	if a == "" {
		return value{}, errSyntax
	}
	return value{kind: 'a', s: a}, nil
}

// values reads data up to the end of the response.
func (s *scanner) values() ([]value, error) {
	var out []value
	for {
		s.spaces()
		if s.end() || s.peek() == '\r' || s.peek() == '\n' {
			return out, nil
		}
		v, err := s.value(0)
		if err != nil {
			return out, err
		}
		out = append(out, v)
	}
}

// untagged splits "* 12 FETCH …" or "* LIST …"; kind is upper case, rest is
// what follows. ok is false for anything that is no untagged response.
func untagged(b []byte) (num uint32, kind string, rest *scanner, ok bool) {
	if len(b) < 3 || b[0] != '*' || b[1] != ' ' {
		return 0, "", nil, false
	}
	s := &scanner{b: b, i: 2}
	word := s.atom()
	if n, err := strconv.ParseUint(word, 10, 32); err == nil {
		s.spaces()
		num, word = uint32(n), s.atom()
	}
	s.spaces()
	return num, strings.ToUpper(word), s, word != ""
}

// literalSize returns n if the line announces a literal: "…{n}\r\n", also in
// the forms {n+} and ~{n}.
func literalSize(line []byte) (int64, bool) {
	l := bytes.TrimRight(line, "\r\n")
	if len(l) < 3 || l[len(l)-1] != '}' || len(l) == len(line) {
		return 0, false
	}
	open := bytes.LastIndexByte(l, '{')
	if open < 0 {
		return 0, false
	}
	digits := bytes.TrimSuffix(l[open+1:len(l)-1], []byte("+"))
	if len(digits) == 0 || len(digits) > 18 {
		return 0, false
	}
	var n int64
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// answer is the result of a command, or an untagged OK, NO, BAD or BYE
// (RFC 9051 section 7.1).
type answer struct {
	status string // OK, NO, BAD, BYE, PREAUTH
	code   string // upper case; "" if none
	args   string // of the code, as written
	text   string
}

func (a answer) ok() bool { return a.status == "OK" }

// condition reads "OK [CODE args] text". It never fails: what it cannot read is
// text.
func condition(status string, rest []byte) answer {
	a := answer{status: strings.ToUpper(status), text: strings.TrimSpace(string(rest))}
	inner, ok := strings.CutPrefix(a.text, "[")
	if !ok {
		return a
	}
	inner, text, ok := strings.Cut(inner, "]")
	if !ok {
		return a
	}
	code, args, _ := strings.Cut(inner, " ")
	a.code, a.args, a.text = strings.ToUpper(code), args, strings.TrimSpace(text)
	return a
}

// parseSet reads a UID set of at most limit members (RFC 3501 section 9,
// "sequence-set"), in the order written.
func parseSet(s string, limit int) ([]uint32, error) {
	var out []uint32
	for part := range strings.SplitSeq(s, ",") {
		lo, hi, isRange := strings.Cut(part, ":")
		a, err := strconv.ParseUint(lo, 10, 32)
		if err != nil {
			return nil, errSyntax
		}
		b := a
		if isRange {
			if b, err = strconv.ParseUint(hi, 10, 32); err != nil {
				return nil, errSyntax
			}
		}
		if a > b {
			a, b = b, a
		}
		if b-a >= uint64(limit) || len(out)+int(b-a) >= limit {
			return nil, errSyntax
		}
		for u := a; u <= b; u++ {
			out = append(out, uint32(u))
		}
	}
	return out, nil
}

// formatSet writes UIDs as a set, ascending runs joined.
func formatSet(uids []uint32) string {
	var b strings.Builder
	for i := 0; i < len(uids); {
		j := i
		for j+1 < len(uids) && uids[j+1] == uids[j]+1 {
			j++
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatUint(uint64(uids[i]), 10))
		if j > i {
			b.WriteByte(':')
			b.WriteString(strconv.FormatUint(uint64(uids[j]), 10))
		}
		i = j + 1
	}
	return b.String()
}
