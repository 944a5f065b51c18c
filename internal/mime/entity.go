package mime

import (
	"bytes"
	"strings"

	"chancery/internal/model"
)

// maxBoundary bounds a boundary. RFC 2046 section 5.1.1 allows 70 octets.
const maxBoundary = 1000

// frame is a multipart or an attached message around the current place.
type frame struct {
	boundary string // "" for an attached message
	subtype  string // of the multipart
	parts    int
	closed   bool // its closing delimiter was seen: RFC 2046 section 5.1.1 says to ignore the rest
	message  bool
	size     int64 // of the message, without the line end before the delimiter
	file     int   // of the message: its index in Files
}

// part is what the header of a part says about it.
type part struct {
	kind     params // Content-Type; value is "" if missing
	place    params // Content-Disposition
	encoding string
	typed    bool // there was a Content-Type that could be read
}

// name is the file name, decoded.
func (p *part) name() string {
	if p.place.name != "" {
		return p.place.name
	}
	return p.kind.name
}

// describe reads the Content- fields of the header block.
func (r *Reader) describe() part {
	var p part
	var seen [3]bool
	for _, f := range r.fields {
		var i int
		var code string
		switch infos[f.info].id {
		case idType:
			i, code = 0, "duplicate-content-type"
		case idDisposition:
			i, code = 1, "duplicate-content-disposition"
		case idEncoding:
			i, code = 2, "duplicate-content-transfer-encoding"
		default:
			continue
		}
		if seen[i] {
			r.problem(code)
			continue
		}
		seen[i] = true
		value := r.block[f.from:f.to]
		switch i {
		case 0:
			p.kind = parseParams(string(value))
			r.problem(p.kind.problem)
		case 1:
			p.place = parseParams(string(value))
			r.problem(p.place.problem)
		case 2:
			p.encoding = strings.ToLower(strings.Trim(noComment(string(value)), " \t\"';"))
		}
	}
	r.checkType(&p, seen[0])
	return p
}

// checkType repairs the media type (RFC 2045 section 5.2).
func (r *Reader) checkType(p *part, given bool) {
	t := p.kind.value
	if i := strings.IndexAny(t, " \t,"); i >= 0 {
		t = t[:i]
	}
	main, sub, ok := strings.Cut(t, "/")
	switch {
	case ok && main != "" && sub != "" && !strings.ContainsAny(t, "\"()<>@:\\[]?=\x00"):
		p.typed = true
	case t == "text":
		t, p.typed = "text/plain", true
	case t == "" && !given:
	case t == "":
		r.problem("content-type")
	default:
		r.problem("content-type")
		t = ""
		if p.name() != "" || p.place.value == "attachment" {
			t, p.typed = "application/octet-stream", true
		}
	}
	p.kind.value = t
}

// begin starts the body that a header block announced.
func (r *Reader) begin(p part, digest bool) {
	if r.parts++; r.parts > MaxParts {
		r.problem("parts")
		r.state = inRest
		return
	}
	if !p.typed {
		p.kind.value = "text/plain"
		if digest {
			p.kind.value = "message/rfc822"
		}
	}
	r.seal(&p)
	main, sub, _ := strings.Cut(p.kind.value, "/")
	switch {
	case main == "multipart":
		r.beginMultipart(&p, sub)
	case p.kind.value == "message/rfc822" || p.kind.value == "message/global":
		r.beginMessage(&p)
	default:
		r.beginLeaf(&p, main, sub)
	}
}

// seal notes content that only its receiver can read (RFC 1847 section 2.2,
// RFC 8551 section 3.5.2).
func (r *Reader) seal(p *part) {
	switch p.kind.value {
	case "multipart/encrypted", "application/pgp-encrypted":
		r.mail.Encrypted = true
	case "application/octet-stream":
		r.mail.Encrypted = r.mail.Encrypted || strings.EqualFold(p.name(), "smime.p7m")
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		switch p.kind.smime {
		case "signed-data":
			r.problem("smime-signed") // readable to everyone, but not by us
		case "certs-only":
		case "":
			name := strings.ToLower(p.name())
			if !strings.HasSuffix(name, ".p7c") && !strings.HasSuffix(name, ".p7s") {
				r.mail.Encrypted = true
			}
		default:
			r.mail.Encrypted = true
		}
	}
}

func (r *Reader) beginMultipart(p *part, sub string) {
	boundary := strings.TrimRight(p.kind.boundary, " \t") // RFC 2046 section 5.1.1: it cannot end with a space
	switch {
	case boundary == "" || len(boundary) > maxBoundary:
		// Nothing can be taken apart. The words are still there.
		r.problem("boundary-missing")
		p.kind.charset = ""
		r.openLeaf(leaf{text: true, charset: "", enc: asIs})
		return
	case len(r.stack) >= MaxDepth:
		r.problem("depth")
		r.openFile(p, asIs)
		return
	}
	r.stack = append(r.stack, frame{boundary: boundary, subtype: sub})
	r.openLeaf(leaf{text: true})
	r.state = inPreamble
}

func (r *Reader) beginMessage(p *part) {
	enc, ok := encodings[p.encoding]
	switch {
	case len(r.stack) >= MaxDepth:
		r.problem("depth")
		r.openFile(p, enc)
		return
	case enc != asIs || !ok:
		// RFC 2046 section 5.2.1 forbids it; what is in it is not looked at.
		r.problem("encoded-message")
		r.openFile(p, enc)
		return
	}
	r.mail.Files = append(r.mail.Files, model.Attachment{Name: r.fileName(p), Type: p.kind.value})
	file := len(r.mail.Files) - 1
	r.stack = append(r.stack, frame{message: true, file: file})
	r.taps = append(r.taps, tap{frame: len(r.stack) - 1})
	r.state = inHeader
}

// delimits returns the index of the multipart that a line beginning with "--"
// delimits, -1 if none, and whether it is its last delimiter. The innermost wins;
// the whole line is compared, so that a boundary may begin another.
func (r *Reader) delimits(b []byte) (_ int, last bool) {
	line := bytes.TrimRight(b[2:], " \t\r") // RFC 2046 section 5.1.1: transport padding
	for i := len(r.stack) - 1; i >= 0; i-- {
		f := &r.stack[i]
		if f.message || f.closed || !bytes.HasPrefix(line, []byte(f.boundary)) {
			continue
		}
		tail := line[len(f.boundary):]
		last := len(tail) == 2 && tail[0] == '-' && tail[1] == '-'
		if last || len(tail) == 0 {
			return i, last
		}
	}
	return -1, false
}

// delimiter acts on a line that begins with "--" if it delimits one of the
// multiparts around this place.
func (r *Reader) delimiter(b []byte, e eol) bool {
	i, last := r.delimits(b)
	if i < 0 {
		return false
	}
	for r.state == inHeader { // twice if the header announces an attached message
		r.endHeader()
	}
	if r.state == inRest {
		return true
	}
	r.pop(i+1, false)
	r.between(i, last)
	if len(r.taps) > 0 {
		r.tap(b, e)
	}
	return true
}

// between moves on from one part of the multipart i to the next, or behind the
// last.
func (r *Reader) between(i int, last bool) {
	f := &r.stack[i]
	if r.state == inPreamble && f.parts == 0 {
		r.dropLeaf()
	} else {
		r.closeLeaf()
	}
	f.parts++
	if last {
		f.closed = true
		r.state = inNothing
		return
	}
	r.state = inHeader
	r.header = header{digest: f.subtype == "digest"}
	r.block, r.fields = r.block[:0], r.fields[:0]
}

// pop leaves the multiparts and messages from stack index n on.
func (r *Reader) pop(n int, whole bool) {
	if len(r.stack) <= n && n > 0 {
		return
	}
	if r.state == inPreamble && !whole && n == 0 {
		r.dropLeaf()
	}
	r.closeLeaf()
	for i := len(r.stack) - 1; i >= n; i-- {
		f := &r.stack[i]
		switch {
		case f.message:
			r.closeMessage(i)
		case !f.closed && (whole || n > 0):
			r.problem("boundary-unclosed")
		}
	}
	r.stack = r.stack[:min(n, len(r.stack))]
}

// attached reports whether this place is inside an attached message.
func (r *Reader) attached() bool {
	for i := range r.stack {
		if r.stack[i].message {
			return true
		}
	}
	return false
}

// parent is the multipart around this place; nil directly below a message.
func (r *Reader) parent() *frame {
	if n := len(r.stack); n > 0 && !r.stack[n-1].message {
		return &r.stack[n-1]
	}
	return nil
}
