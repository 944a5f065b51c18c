package mime

import (
	"bytes"
	"slices"
	"sync"

	"chancery/internal/model"
)

// state says what the next line is part of.
type state uint8

const (
	inHeader state = iota
	inLeaf         // content of a part that is kept, or counted
	inPreamble
	inNothing // behind a closing boundary, or over a limit
	inRest    // over the limit of parts: nothing is looked at any more
)

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

	inFiles *inFiles // nil: nobody asks for the text of files
	bills   *bills   // nil: nobody asks for bills
	invites invites

	total  int64 // octets written or skipped
	opened int   // leaves opened
	leafAt int64 // where the content of the last one began; -1: not known
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
			p = nil
		case !r.knowEOL:
			p = r.first(p)
		case r.byCR:
			p = r.nextCR(p)
		default:
			opened := r.opened
			p = r.next(p)
			if r.opened != opened {
				r.leafAt = r.total + int64(n-len(p))
			}
		}
	}
	r.total += int64(n)
	return n, nil
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
	if !whole || r.state == inRest {
		r.unfinished()
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
		r.put(eolOctets[r.leaf.pending])
	}
	r.tap(nil, eolNone)
}

// unfinished marks what the end of a cut input, or of a message with too many
// parts, left half read.
func (r *Reader) unfinished() {
	r.leaf.cut, r.leaf.unseen = true, true
	for i := range r.taps {
		r.taps[i].cut = true
	}
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
