package mime

import (
	"bytes"
	"slices"
	"sync"

	"chancery/internal/model"
)

// maxLine is where a longer line is cut into pieces. It must hold any boundary
// line and the name of any field.
const maxLine = 4096

// state says what the next line is part of.
type state uint8

const (
	inHeader state = iota
	inLeaf         // content of a part that is kept, or counted
	inPreamble
	inNothing // behind a closing boundary, or over a limit
	inRest    // over the limit of parts: nothing is looked at any more
)

// eol is how a line ended.
type eol uint8

const (
	eolNone eol = iota // the input ended, or the line is longer than maxLine
	eolLF
	eolCRLF
	eolCR
)

var eolText = [...]string{eolNone: "", eolLF: "\n", eolCRLF: "\r\n", eolCR: "\r"}

// Reader reads one message. Its zero value is not usable.
type Reader struct {
	mail  model.Mail
	state state

	*scratch
	cont    bool // the next piece continues a line
	knowEOL bool // the first line has ended
	byCR    bool // a bare CR ends lines: an old Macintosh
	skipLF  bool
	passing bool // the rest of a delimiter line is passed over

	header header
	stack  []frame // the multiparts and attached messages around this place
	parts  int
	leaf   leaf
	taps   []tap // attached messages whose beginning is being kept
	texts  int   // octets of text left to keep
	heads  int   // octets of file heads left to keep
}

// scratch is the working memory of a Reader, used again by the next.
type scratch struct {
	line   []byte  // the beginning of a line that the last Write did not end
	block  []byte  // names and values of the header block that is being read
	fields []field // of that header block
	held   []byte  // a line of a header that may be the first of the body
	buf    []byte  // content of the leaf that is being read
	stage  []byte  // decoded octets of one line
}

var pool = sync.Pool{New: func() any { return &scratch{} }}

// NewReader returns a Reader for one message.
func NewReader() *Reader {
	r := &Reader{scratch: pool.Get().(*scratch), texts: MaxTexts, heads: MaxHeads}
	r.header.top = true
	return r
}

// Write takes the next octets of the message. It never returns an error and
// keeps nothing of p.
func (r *Reader) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		switch {
		case r.state == inRest:
			return n, nil
		case !r.knowEOL:
			p = r.first(p)
		case r.byCR:
			p = r.nextCR(p)
		default:
			p = r.next(p)
		}
	}
	return n, nil
}

// next takes one line, or a piece of one, from the front of p.
func (r *Reader) next(p []byte) []byte {
	// Looking no further than a piece keeps long lines linear.
	ahead := p[:min(len(p), maxLine)]
	i := bytes.IndexByte(ahead, '\n')
	if len(r.line) > 0 {
		end := i
		if i < 0 {
			end = len(ahead)
		}
		take := min(end, maxLine-len(r.line))
		r.line = append(r.line, p[:take]...)
		p = p[take:]
		switch {
		case len(r.line) == maxLine:
			keep := r.piece(r.line)
			r.line = append(r.line[:0], keep...)
		case i >= 0:
			line := r.line
			r.line = r.line[:0]
			r.ended(line)
			p = p[1:]
		}
		return p
	}
	if i >= 0 {
		r.ended(p[:i])
		return p[i+1:]
	}
	if len(p) >= maxLine {
		keep := r.piece(p[:maxLine])
		return p[maxLine-len(keep):]
	}
	r.line = append(r.line, p...)
	return nil
}

// piece feeds the beginning of a long line and returns what must stay for the
// next piece: a CR that may belong to the line end.
func (r *Reader) piece(b []byte) (keep []byte) {
	if b[len(b)-1] == '\r' {
		b, keep = b[:len(b)-1], b[len(b)-1:]
	}
	r.feed(b, eolNone)
	r.cont = true
	return keep
}

// ended feeds a line that LF or CR LF ended.
func (r *Reader) ended(b []byte) {
	e := eolLF
	if len(b) > 0 && b[len(b)-1] == '\r' {
		b, e = b[:len(b)-1], eolCRLF
	}
	r.feed(b, e)
	r.cont = false
}

// first reads up to the first LF. Where none comes for the length of a line, but
// a CR, lines end by CR alone. A server sends CR LF (RFC 9051 section 4.3), so a
// sender cannot choose this and smuggle fields past the programs that split at LF.
func (r *Reader) first(p []byte) []byte {
	i := bytes.IndexByte(p[:min(len(p), maxLine)], '\n')
	take := len(p)
	if i >= 0 {
		take = i
	}
	take = min(take, maxLine-1-len(r.line))
	r.line = append(r.line, p[:take]...)
	switch {
	case len(r.line) == maxLine-1:
		r.decide(r.line[:maxLine-2])
	case i >= 0:
		r.knowEOL = true
	}
	return p[take:]
}

// decide ends the search for the first line end; head has no LF.
func (r *Reader) decide(head []byte) {
	r.knowEOL = true
	if bytes.IndexByte(head, '\r') < 0 {
		return
	}
	r.byCR = true
	r.problem("bare-cr")
	line := r.line
	r.line = nil // nextCR must not append to what it reads
	for len(line) > 0 {
		line = r.nextCR(line)
	}
}

// nextCR is next for messages in which CR, LF and CR LF end lines.
func (r *Reader) nextCR(p []byte) []byte {
	if r.skipLF {
		r.skipLF = false
		if p[0] == '\n' {
			return p[1:]
		}
	}
	room := maxLine - len(r.line)
	i := bytes.IndexAny(p[:min(len(p), room)], "\r\n")
	switch {
	case i >= 0:
		line := p[:i]
		if len(r.line) > 0 {
			line = append(r.line, line...)
			r.line = line[:0]
		}
		e := eolLF
		if p[i] == '\r' {
			e, r.skipLF = eolCR, true
		}
		r.feed(line, e)
		r.cont = false
		return p[i+1:]
	case len(p) >= room:
		r.line = append(r.line, p[:room]...)
		r.feed(r.line, eolNone)
		r.line, r.cont = r.line[:0], true
		return p[room:]
	}
	r.line = append(r.line, p...)
	return nil
}

// feed takes one line without its end, or a piece of one: r.cont says that the
// piece is not the first.
func (r *Reader) feed(b []byte, e eol) {
	if r.passing && r.cont {
		return
	}
	r.passing = false
	if !r.cont && len(b) > 2 && b[0] == '-' && b[1] == '-' && len(r.stack) > 0 {
		if r.delimiter(b, e) {
			r.passing = e == eolNone
			return
		}
	}
	if len(r.taps) > 0 {
		r.tap(b, e)
	}
	r.content(b, e)
}

// content takes a line that is no delimiter.
func (r *Reader) content(b []byte, e eol) {
	switch r.state {
	case inHeader:
		r.headerLine(b, e)
	case inLeaf, inPreamble:
		r.leafLine(b, e)
	}
}

// Close ends the message and returns what it says. With whole unset the input
// was only a prefix: the problem "cut" is added. The Reader is then used up.
func (r *Reader) Close(whole bool) model.Mail {
	if r.scratch == nil {
		return model.Mail{}
	}
	if !r.knowEOL {
		r.decide(bytes.TrimRight(r.line, "\r"))
	}
	r.rest(whole)
	if !whole {
		r.problem("cut")
	}
	r.pop(0, whole)
	r.mail.Encrypted = r.mail.Encrypted || armoured(r.mail.Parts)
	m := r.mail
	if cap(r.buf) <= 2*MaxText && cap(r.block) <= 2*MaxHeader {
		s := r.scratch
		s.line, s.block, s.fields, s.held, s.buf = s.line[:0], s.block[:0], s.fields[:0], s.held[:0], s.buf[:0]
		pool.Put(s)
	}
	*r = Reader{state: inRest}
	return m
}

// rest takes what stands behind the last line end. Half a header line is not
// taken, and what a cut header says about the body is not believed.
func (r *Reader) rest(whole bool) {
	if r.state == inHeader && !whole {
		if r.header.top {
			r.fill(string(r.block))
		}
		r.state = inNothing
		return
	}
	if len(r.line) > 0 {
		r.feed(r.line, eolNone)
	}
	for r.state == inHeader {
		r.endHeader()
	}
	if r.leaf.open && r.leaf.pending != eolNone {
		r.put([]byte(eolText[r.leaf.pending]))
	}
	r.tap(nil, eolNone)
}

// problem notes a code once.
func (r *Reader) problem(code string) {
	if code != "" && !slices.Contains(r.mail.Problems, code) {
		r.mail.Problems = append(r.mail.Problems, code)
	}
}

// Read reads a whole message at once.
func Read(b []byte) model.Mail {
	r := NewReader()
	_, _ = r.Write(b)
	return r.Close(true)
}
