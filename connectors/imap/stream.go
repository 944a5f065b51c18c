package imap

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	"chancery/connectors"
	"chancery/internal/model"
)

// bodies takes the responses to a FETCH that asks for one body section of each
// message. While the command is in the air its functions run on the reading
// goroutine; what they fill belongs to the owner once the command has ended.
type bodies struct {
	section string // "BODY[]" or "BODY[HEADER]"
	offset  int64  // of the first octet asked for
	limit   int64  // octets asked for; a longer literal is an error
	kind    string // prefix of the server's identities

	// open says where a body goes, nil for nowhere. f holds what the response told
	// so far: its UID may stand behind the body.
	open func(f *fetched) io.Writer
	// take gets every whole response that names a UID; body says that its body is
	// there and came whole.
	take func(f *fetched, body bool)
}

// fetchHead returns the place behind "* 12 FETCH (", or -1 if line does not begin
// so.
func fetchHead(line []byte) int {
	s := scanner{b: line, i: 2}
	if len(line) < 3 || line[0] != '*' || line[1] != ' ' {
		return -1
	}
	for c := s.peek(); '0' <= c && c <= '9'; c = s.peek() {
		s.i++
	}
	digits := s.i
	s.spaces()
	rest := line[s.i:]
	if digits == 2 || s.i == digits || len(rest) < 5 || !bytes.EqualFold(rest[:5], []byte("FETCH")) {
		return -1
	}
	s.i += 5
	s.spaces()
	if s.peek() != '(' {
		return -1
	}
	return s.i + 1
}

// stream reads one FETCH response (RFC 9051 section 7.5.2), whatever the order of
// its items, and pours the body to where it belongs as it comes. What cannot be
// read is passed over to its end: the message is then missing, and asked for again.
func (c *conn) stream(b *bodies, line []byte, at int) error {
	f := &fetched{}
	s := &scanner{b: line, i: at}
	body, err := c.items(b, f, s)
	if err != nil && !errors.Is(err, errSyntax) && !errors.Is(err, errDepth) {
		return err
	}
	if !body {
		c.noteNews() // unsolicited: somebody changed flags
	}
	if err == nil && f.uid != 0 {
		b.take(f, body)
	}
	return c.skipLiterals(s.b)
}

// items reads the list of a FETCH response up to its end. body tells that the one
// body asked for was in it.
func (c *conn) items(b *bodies, f *fetched, s *scanner) (body bool, err error) {
	var upper [64]byte
	room := int64(maxResponse)
	for {
		s.spaces()
		if s.peek() == ')' {
			s.i++
			return body, nil
		}
		name := s.item(upper[:])
		if len(name) == 0 {
			return false, errSyntax
		}
		s.spaces()
		if !b.names(name) {
			raw, err := c.datum(s, &room)
			if err != nil {
				return false, err
			}
			f.note(c, b.kind, name, raw)
			continue
		}
		if body {
			return false, errSyntax // two bodies: which is it?
		}
		if body, err = c.body(b, f, s); err != nil {
			return false, err
		}
	}
}

// item reads the name of an item into upper, in upper case; empty if there is
// none or it is longer than any that matters.
func (s *scanner) item(upper []byte) []byte {
	n, bracket := 0, false
	for ; s.i < len(s.b); s.i++ {
		c := s.b[s.i]
		switch {
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case c == '\r' || c == '\n', !bracket && (c == ' ' || c == '(' || c == ')' || c == '"'):
			return upper[:n]
		case 'a' <= c && c <= 'z':
			c -= 'a' - 'A'
		}
		if n < len(upper) {
			upper[n] = c
			n++
		}
	}
	return upper[:n]
}

// names reports whether an item is the body that was asked for. RFC 9051 section
// 7.5.2: an answer to a partial FETCH names its origin octet; some servers leave
// out a zero.
func (b *bodies) names(name []byte) bool {
	if len(name) < len(b.section) || string(name[:len(b.section)]) != b.section {
		return false
	}
	origin := name[len(b.section):]
	if len(origin) == 0 {
		return b.offset == 0
	}
	if len(origin) < 3 || origin[0] != '<' || origin[len(origin)-1] != '>' {
		return false
	}
	n, ok := digits(origin[1 : len(origin)-1])
	return ok && n == uint64(b.offset)
}

// body reads the value of the body item: a literal, a quoted string or NIL.
func (c *conn) body(b *bodies, f *fetched, s *scanner) (bool, error) {
	rest := s.b[s.i:]
	switch s.peek() {
	case '"':
		q, err := s.quoted()
		if err != nil {
			return false, err
		}
		if int64(len(q)) > b.limit {
			return false, c.fail(&connectors.Error{Class: connectors.Protocol, Code: "literal-too-long"})
		}
		w := b.open(f)
		if w != nil {
			_, _ = io.WriteString(w, q)
			f.read = int64(len(q))
		}
		return w != nil, nil
	case '{', '~':
		n, ok := literalSize(rest)
		if !ok || bytes.LastIndexByte(rest, '{') > 1 {
			return false, errSyntax
		}
		if n > b.limit {
			return false, c.fail(&connectors.Error{Class: connectors.Protocol, Code: "literal-too-long"})
		}
		w := b.open(f)
		if err := c.pour(w, n); err != nil {
			return false, err
		}
		f.read = n
		line, err := c.line()
		s.b, s.i = line, 0
		return w != nil, err
	}
	s.passAtom()
	if word := rest[:len(rest)-(len(s.b)-s.i)]; !bytes.EqualFold(word, []byte("NIL")) {
		return false, errSyntax
	}
	return false, nil
}

// pour hands n octets from the buffer of the connection to w, without a copy; to
// nobody if w is nil. When the connection ends in them the response has no end,
// and nobody takes it.
func (c *conn) pour(w io.Writer, n int64) error {
	for n > 0 {
		if c.br.Buffered() == 0 {
			if _, err := c.br.Peek(1); err != nil {
				return err
			}
		}
		p, err := c.br.Peek(int(min(n, int64(c.br.Buffered()))))
		if err != nil {
			return err
		}
		if w != nil {
			if _, err := w.Write(p); err != nil {
				return err
			}
		}
		n -= int64(len(p))
		_, _ = c.br.Discard(len(p))
	}
	return nil
}

// datum returns the octets of the next value as they are written. A value in one
// line is a piece of that line; one with literals in it is put together, and room
// is what all of them may take.
func (c *conn) datum(s *scanner, room *int64) ([]byte, error) {
	start, depth := s.i, 0
	var kept []byte
	for {
		end, err := s.pass(&depth)
		if err != nil {
			return nil, err
		}
		if end {
			if kept == nil {
				return s.b[start:s.i], nil
			}
			return append(kept, s.b[start:s.i]...), nil
		}
		n, _ := literalSize(s.b[s.i:])
		if *room -= n + int64(len(s.b)-start); *room < 0 {
			return nil, c.fail(&connectors.Error{Class: connectors.Protocol, Code: "literal-too-long"})
		}
		kept = append(kept, s.b[start:]...)
		at := len(kept)
		kept = append(kept, make([]byte, n)...)
		if _, err := io.ReadFull(c.br, kept[at:]); err != nil {
			return nil, err
		}
		line, err := c.line()
		if err != nil {
			return nil, err
		}
		s.b, s.i, start = line, 0, 0
		if depth == 0 {
			return kept, nil
		}
	}
}

// pass walks over a value, or over what is left of one that began in an earlier
// line: depth counts its open lists. end is false where a literal ends the line;
// the scanner then stands before its size.
func (s *scanner) pass(depth *int) (end bool, err error) {
	for !s.end() {
		switch c := s.b[s.i]; {
		case c == ' ':
			s.i++
			continue
		case c == '(':
			if *depth++; *depth > maxDepth {
				return false, errDepth
			}
			s.i++
			continue
		case c == ')':
			if *depth == 0 {
				return false, errSyntax
			}
			*depth--
			s.i++
		case c == '"':
			if err := s.passQuoted(); err != nil {
				return false, err
			}
		case c == '{', c == '~' && s.i+1 < len(s.b) && s.b[s.i+1] == '{':
			rest := s.b[s.i:]
			rest = rest[:bytes.IndexByte(rest, '\n')+1]
			if _, ok := literalSize(rest); !ok || bytes.LastIndexByte(rest, '{') > 1 {
				return false, errSyntax
			}
			return false, nil
		case c == '\r' || c == '\n':
			return false, errSyntax
		default:
			s.passAtom()
		}
		if *depth == 0 {
			return true, nil
		}
	}
	return false, errSyntax
}

// passAtom is atom without the copy.
func (s *scanner) passAtom() {
	for bracket := 0; s.i < len(s.b); s.i++ {
		switch c := s.b[s.i]; {
		case c == '\r' || c == '\n':
			return
		case c == '[':
			bracket++
		case c == ']' && bracket > 0:
			bracket--
		case bracket == 0 && (c == ' ' || c == '(' || c == ')' || c == '"'):
			return
		}
	}
}

func (s *scanner) passQuoted() error {
	for s.i++; s.i < len(s.b); s.i++ {
		switch s.b[s.i] {
		case '"':
			s.i++
			return nil
		case '\\':
			s.i++
		case '\r', '\n':
			return errSyntax
		}
	}
	return errSyntax
}

// note keeps one item of a FETCH response. What is not of its form counts as not
// told.
func (f *fetched) note(c *conn, kind string, name, raw []byte) {
	switch string(name) {
	case "UID":
		if n, ok := digits(raw); ok && n < 1<<32 {
			f.uid = uint32(n)
		}
	case "RFC822.SIZE":
		if n, ok := digits(raw); ok && n < 1<<62 {
			f.size = int64(n)
		}
	case "MODSEQ":
		if n, ok := digits(bytes.Trim(raw, "( )")); ok && n < 1<<63 {
			f.modseq = n
		}
	case "FLAGS":
		if raw[0] == '(' {
			f.flags, f.hasFlag = c.flags(raw), true
		}
	case "INTERNALDATE":
		if raw[0] == '"' {
			f.arrived = parseDate(string(bytes.Trim(raw, `"`)))
		}
	case "EMAILID":
		if kind == "e:" && raw[0] == '(' {
			f.id = ident(kind, bytes.Trim(raw, "( )"))
		}
	case "X-GM-MSGID":
		if kind == "g:" {
			f.id = ident(kind, raw)
		}
	case "X-GUID":
		if kind == "d:" {
			f.id = ident(kind, text(raw))
		}
	}
}

// text takes the quotes off a string, or the size before a literal.
func text(raw []byte) []byte {
	if raw[0] != '"' && raw[0] != '{' && raw[0] != '~' {
		return raw
	}
	v, err := (&scanner{b: raw}).value(0)
	if err != nil {
		return nil
	}
	return []byte(v.s)
}

// ident makes the identity of a message from what the server calls it.
func ident(kind string, id []byte) model.Ident {
	if len(id) == 0 || len(id) > 78 {
		return ""
	}
	for _, c := range id { // identForm, a hundred thousand times
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && bytes.IndexByte([]byte("._,=+-"), c) < 0 {
			return ""
		}
	}
	return model.Ident(kind + string(id))
}

// flags reads a list of flags. The same words come with every message: each is
// kept once.
func (c *conn) flags(raw []byte) model.Flags {
	if len(raw) == 2 {
		return model.Flags{}
	}
	if bytes.ContainsAny(raw[1:], `"{(`) {
		v, _ := (&scanner{b: raw}).value(0)
		return flagsOf(v)
	}
	out := model.Flags{}
	for word := range bytes.FieldsSeq(raw[1 : len(raw)-1]) {
		flag, known := c.words[string(word)]
		if !known {
			if flag = string(word); !plainFlag(flag) {
				continue
			}
			if len(c.words) < maxWords {
				c.words[flag] = flag
			}
		}
		out = append(out, flag)
	}
	return out
}

// maxWords bounds the flags remembered for one connection.
const maxWords = 1000

// digits reads a number.
func digits(b []byte) (uint64, bool) {
	if len(b) == 0 || len(b) > 20 {
		return 0, false
	}
	if len(b) < 19 {
		n := uint64(0)
		for _, c := range b {
			if c < '0' || c > '9' {
				return 0, false
			}
			n = n*10 + uint64(c-'0')
		}
		return n, true
	}
	n, err := strconv.ParseUint(string(b), 10, 64)
	return n, err == nil
}
