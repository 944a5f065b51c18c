package mime

import "bytes"

// maxLine is where a longer line is cut into pieces. It must hold any boundary
// line and the name of any field.
const maxLine = 4096

// eol is how a line ended.
type eol uint8

const (
	eolNone eol = iota // the input ended, or the line is longer than maxLine
	eolLF
	eolCRLF
	eolCR
)

var eolText = [...]string{eolNone: "", eolLF: "\n", eolCRLF: "\r\n", eolCR: "\r"}

// eolOctets is eolText for whoever may hand it on; nobody writes into it.
var eolOctets = [...][]byte{eolNone: nil, eolLF: []byte("\n"), eolCRLF: []byte("\r\n"), eolCR: []byte("\r")}

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
