package mime

import "bytes"

// header is the block of fields that is being read. The octets are in
// Reader.block, unfolded.
type header struct {
	top    bool // the message's own: all fields of the table; otherwise only Content- fields
	digest bool // a part of multipart/digest (RFC 2046 section 5.1.5)
	begun  bool // its first line was seen
	count  int
	size   int
	open   bool // the last field is stored: its continuation is too
	held   bool // Reader.held holds a line
	heldBy eol
	inLine bool // the last piece did not end its line
}

// field is one stored field: infos[info] tells which, block[from:to] is its value.
type field struct {
	info     uint8
	from, to int
}

// headerLine takes one line of a header block, or a piece of one.
func (r *Reader) headerLine(b []byte, e eol) {
	h := &r.header
	if r.cont && h.inLine {
		r.more(b, false)
		return
	}
	h.inLine = e == eolNone
	for len(b) > 0 && b[len(b)-1] == '\r' { // "\r\r\n"
		b = b[:len(b)-1]
	}
	first := !h.begun
	h.begun = true
	if len(b) == 0 && e != eolNone {
		held := h.held
		r.endHeader()
		if held {
			r.content(b, e)
		}
		return
	}
	if h.held {
		r.judge(b, e)
		return
	}
	switch {
	case len(b) > 0 && (b[0] == ' ' || b[0] == '\t') && (h.count > 0 || !first):
		if h.count == 0 {
			return
		}
		r.more(b, true)
	case first && fromLine(b):
	default:
		r.field(b, e)
	}
}

// fromLine reports whether b is the line that an mbox file puts before a message.
func fromLine(b []byte) bool {
	return bytes.HasPrefix(b, []byte("From ")) || bytes.HasPrefix(b, []byte(">From "))
}

// field takes the first line of a field.
func (r *Reader) field(b []byte, e eol) {
	h := &r.header
	name, at := fieldName(b)
	if at < 0 {
		if e == eolNone && len(b) >= maxLine-1 {
			r.bodyBegins(b, e)
			return
		}
		r.held = append(r.held[:0], b...)
		h.held, h.heldBy = true, e
		return
	}
	h.open = false
	if h.count++; h.count > MaxFields {
		r.problem("header-fields")
		return
	}
	info := fieldIndex(name)
	if info == 0 || !h.top && !ofPart(infos[info].id) {
		h.size += len(b)
		if h.size > MaxHeader {
			r.problem("header-size")
		}
		return
	}
	h.open = true
	r.fields = append(r.fields, field{info, len(r.block), len(r.block)})
	r.more(b[at:], false)
}

func ofPart(id fieldID) bool { return id == idType || id == idEncoding || id == idDisposition }

// more appends to the value of the last field. RFC 5322 section 2.2.3: unfolding
// removes the line end; the white space around it is taken for one space.
func (r *Reader) more(b []byte, folded bool) {
	h := &r.header
	h.size += len(b)
	if !h.open {
		return
	}
	if h.size > MaxHeader {
		r.problem("header-size")
		h.open = false
		return
	}
	f := &r.fields[len(r.fields)-1]
	if folded {
		r.block = r.block[:f.from+len(bytes.TrimRight(r.block[f.from:], " \t\r"))]
		r.block = append(r.block, ' ')
		b = bytes.TrimLeft(b, " \t\r")
	}
	r.block = append(r.block, b...)
	f.to = len(r.block)
}

// judge decides about a held line that is no field. If a real field follows, the
// line was badly folded; otherwise the blank line before the body is missing.
func (r *Reader) judge(b []byte, e eol) {
	h := &r.header
	if name, at := fieldName(b); at >= 0 && h.count > 0 && known(name) {
		r.problem("header-line")
		h.held = false
		r.more(r.held, true)
		r.field(b, e)
		return
	}
	r.bodyBegins(b, e)
}

// bodyBegins ends a header block at a line that belongs to the body.
func (r *Reader) bodyBegins(b []byte, e eol) {
	if r.header.count > 0 {
		r.problem("header-end")
	}
	r.endHeader()
	r.content(b, e)
}

// endHeader acts on a complete header block.
func (r *Reader) endHeader() {
	h := &r.header
	top, digest := h.top, h.digest
	p := r.describe()
	if top {
		r.fill(string(r.block))
	}
	held, by := h.held, h.heldBy
	*h = header{}
	r.block, r.fields = r.block[:0], r.fields[:0]
	r.state = inNothing
	r.begin(p, digest)
	if !held {
		return
	}
	r.problem("header-end")
	// A header that ended by a blank line, or by the end of the input, after one
	// line that is no field: that line was the body.
	line := bytes.Clone(r.held)
	cont := r.cont
	r.cont = false
	r.content(line, by)
	r.cont = cont
}
