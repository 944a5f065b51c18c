package mime

import (
	"bytes"

	"chancery/internal/model"
)

// Place names the part whose content comes next, for a caller that can jump over
// the rest of it.
type Place struct {
	// From is the octet of the message at which the content begins, counted from 0;
	// -1 if that is not known.
	From int64
	// Path leads from the body of the message to the part: n stands for the n-th
	// part of a multipart, counted from 1, and 0 for the body of an attached message.
	Path []int
}

// Keep limits what is kept from here on to what somebody asks for: without texts
// the text parts are empty, without files the heads of the files are, and both say
// that they are Cut. Call it before the first Write.
func (r *Reader) Keep(texts, files bool) {
	if !texts {
		r.texts = 0
	}
	if !files {
		r.heads = 0
	}
}

// Idle reports that the Reader stands in the content of a part of which nothing
// more is kept. What follows only counts for the size of the file, until the
// delimiter of a multipart around comes.
func (r *Reader) Idle() (Place, bool) {
	if r.state != inLeaf || !r.leaf.cut || !r.tapped() || r.byCR || r.passing {
		return Place{}, false
	}
	if r.delimiting() {
		return Place{}, false
	}
	p := Place{From: r.leafAt, Path: make([]int, len(r.stack))}
	for i := range r.stack {
		if f := &r.stack[i]; !f.message {
			p.Path[i] = f.parts
		}
	}
	return p, true
}

// delimiting reports whether a delimiter line may have begun.
func (r *Reader) delimiting() bool {
	if r.cont || len(r.line) == 0 {
		return false
	}
	for i := range r.stack {
		f := &r.stack[i]
		begin := "--" + f.boundary
		if n := min(len(begin), len(r.line)); !f.message && !f.closed && string(r.line[:n]) == begin[:n] {
			return true
		}
	}
	return false
}

// Over reports that whatever may still come changes no more than the size of a
// file.
func (r *Reader) Over() bool {
	for i := range r.stack {
		if f := &r.stack[i]; !f.message && !f.closed {
			return r.state == inRest
		}
	}
	switch r.state {
	case inRest:
		return true
	case inLeaf:
		_, idle := r.Idle()
		return idle
	case inNothing:
		return r.tapped()
	}
	return false
}

// tapped reports whether every attached message around this place is cut.
func (r *Reader) tapped() bool {
	for i := range r.taps {
		if !r.taps[i].cut {
			return false
		}
	}
	return true
}

// Delimits reports whether ahead, octets that come somewhat later in the message,
// begins with a line end and a whole line that ends the part in which the Reader
// stands.
func (r *Reader) Delimits(ahead []byte) bool {
	ahead = bytes.TrimPrefix(ahead, []byte("\r"))
	end := bytes.IndexByte(ahead[min(1, len(ahead)):], '\n')
	if end < 0 || !bytes.HasPrefix(ahead, []byte("\n--")) {
		return false
	}
	i, _ := r.delimits(ahead[1 : end+1])
	return i >= 0
}

// Skip passes over n octets of which the caller knows that they lie within the
// part where the Reader is Idle, or behind all that counts (Over). Where a delimiter
// stands among them, what follows it is taken for the content of the same part.
//
// The result is the same as if they had been written, except that the size of an
// encoded file is an estimate, that it has no Sum, and that nobody saw whether its encoding is broken.
func (r *Reader) Skip(n int64) {
	if n <= 0 || r.scratch == nil {
		return
	}
	before := r.total
	r.total += n
	for i := range r.taps {
		r.stack[r.taps[i].frame].size += n
	}
	if r.state != inLeaf {
		return
	}
	if len(r.line) > 0 {
		line := r.line
		r.line = r.line[:0]
		r.feed(line, eolNone)
	}
	r.cont = true
	r.leaf.skip(n, before-r.leafAt)
}

// skip counts n octets that nobody saw, after seen octets of content.
func (l *leaf) skip(n, seen int64) {
	l.unseen = true
	if l.enc == asIs {
		l.size += n
		return
	}
	if !l.skipped {
		// Lines of one length make this exact to the line.
		l.skipped, l.in, l.out = true, max(seen, 1), min(l.size, max(seen, 1))
		l.b64, l.qp, l.uu = base64State{bad: l.b64.bad}, quotedState{}, uuState{bad: l.uu.bad}
	}
	l.size += int64(float64(n) / float64(l.in) * float64(l.out))
}

// CloseHeader ends a message of which nothing but its header was written. There
// are no parts and no files, and no problem says so, unless the header itself is
// cut (whole unset).
func (r *Reader) CloseHeader(whole bool) model.Mail {
	if r.scratch == nil {
		return model.Mail{}
	}
	if !r.knowEOL {
		r.decide(bytes.TrimRight(r.line, "\r"))
	}
	r.rest(whole)
	r.dropLeaf()
	r.stack, r.taps, r.mail.Files, r.mail.Parts = nil, nil, nil, nil
	r.state = inNothing
	return r.Close(whole)
}
