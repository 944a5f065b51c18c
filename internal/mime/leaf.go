package mime

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"chancery/internal/model"
)

// leaf is the part whose content is being read. Its octets are in Reader.buf.
type leaf struct {
	open    bool
	text    bool // a TextPart, else a file
	html    bool
	charset string
	enc     transfer
	name    string // of a file
	kind    string
	method  string // of a calendar, as the Content-Type says
	invites bool   // it is a calendar by its type or its name
	limit   int
	size    int64
	cut     bool
	pending eol // a line end that is content only if another line follows
	skipped bool
	unseen  bool  // some of its octets were passed over, or did not come
	judged  bool  // whether its text can be read was looked at
	in, out int64 // of a skipped leaf: octets seen, and what they decoded to
	b64     base64State
	qp      quotedState
	uu      uuState
}

// tap keeps the beginning of an attached message while its parts are read.
type tap struct {
	frame   int // index in Reader.stack
	head    []byte
	cut     bool
	pending eol
}

// textFiles are text types that a person opens as a file, not in the window of
// the message.
var textFiles = map[string]bool{
	"calendar": true, "csv": true, "comma-separated-values": true, "tab-separated-values": true, "xml": true,
	"vcard": true, "x-vcard": true, "directory": true, "x-vcalendar": true, "rtf": true, "css": true,
	"javascript": true, "rfc822-headers": true, "x-amp-html": true, "watch-html": true, "x-diff": true, "x-patch": true,
}

func (r *Reader) beginLeaf(p *part, main, sub string) {
	enc, ok := encodings[p.encoding]
	if !ok {
		r.problem("encoding-unknown")
	}
	if main != "text" || textFiles[sub] || r.fileByPlace(p) {
		r.openFile(p, enc)
		return
	}
	r.openLeaf(leaf{text: true, html: sub == "html" || sub == "xhtml", charset: p.kind.charset, enc: enc})
}

// fileByPlace reports whether a text is an attachment: it says so, or it has a
// file name and stands behind another part. An alternative is always the body.
func (r *Reader) fileByPlace(p *part) bool {
	if p.place.value == "attachment" {
		return true
	}
	f := r.parent()
	return p.name() != "" && f != nil && f.parts > 1 && f.subtype != "alternative"
}

func (r *Reader) openFile(p *part, enc transfer) {
	r.openLeaf(leaf{name: r.fileName(p), kind: p.kind.value, charset: p.kind.charset, method: p.kind.method, enc: enc})
}

func (r *Reader) fileName(p *part) string {
	name := p.name()
	if len(name) > MaxName {
		r.problem("name-size")
		name = cutRune(name, MaxName)
	}
	return name
}

func (r *Reader) openLeaf(l leaf) {
	l.open = true
	r.opened++
	l.limit = min(MaxHead, r.heads)
	switch {
	case l.text:
		l.limit = min(MaxText, r.texts)
	case r.inFiles != nil:
		l.limit = MaxHead // enough to tell whether it can be read
	}
	if r.invites.wanted && !r.attached() {
		r.openInvite(&l)
	}
	r.leaf = l
	r.buf = r.buf[:0]
	if r.bills != nil {
		r.bills.sum.Reset()
	}
	r.state = inLeaf
}

// leafLine takes one line of content, or a piece of one.
func (r *Reader) leafLine(b []byte, e eol) {
	l := &r.leaf
	if l.enc == asIs {
		if l.pending != eolNone {
			r.put(eolOctets[l.pending])
		}
		r.put(b)
		l.pending = e
		return
	}
	if l.skipped {
		l.skip(int64(len(b)+len(eolText[e])), 0)
		return
	}
	stage := r.stage[:0]
	switch l.enc {
	case inBase64:
		stage = l.b64.decode(stage, b)
	case inUU:
		stage = l.uu.decode(stage, b)
	case inQuoted:
		if l.pending != eolNone {
			stage = append(stage, eolText[l.pending]...)
			l.pending = eolNone
		}
		var soft bool
		stage, soft = l.qp.decode(stage, b, e != eolNone)
		if !soft {
			l.pending = e
		}
	}
	r.put(stage)
	r.stage = stage[:0]
}

// put keeps decoded octets up to the limit.
func (r *Reader) put(b []byte) {
	l := &r.leaf
	l.size += int64(len(b))
	if r.bills != nil && !l.text {
		_, _ = r.bills.sum.Write(b)
	}
	if room := l.limit - len(r.buf); len(b) > room {
		if !r.readsOn(b) {
			b = b[:room]
			l.cut = true
		} else if room = l.limit - len(r.buf); len(b) > room {
			b = b[:room]
			l.cut = true
		}
	}
	if l.judged && len(b) > cap(r.buf)-len(r.buf) {
		// In few steps: what is left behind would be several times the file.
		r.buf = append(make([]byte, 0, min(l.limit, max(4*cap(r.buf), 1<<20))), r.buf...)
	}
	r.buf = append(r.buf, b...)
}

func (r *Reader) dropLeaf() { r.leaf = leaf{} }

// closeLeaf turns what was kept into a TextPart or an Attachment.
func (r *Reader) closeLeaf() {
	l := &r.leaf
	if !l.open {
		return
	}
	switch l.enc {
	case inBase64:
		r.put(l.b64.flush(r.stage[:0]))
	case inQuoted:
		if string(l.qp.rest) != "=" {
			r.put(l.qp.rest)
		}
	}
	if l.b64.bad || l.uu.bad {
		r.problem("encoding-invalid")
	}
	switch {
	case r.state == inPreamble:
		r.problem("boundary-missing") // no delimiter came: the words are still there
		if len(bytes.TrimSpace(r.buf)) > 0 {
			r.addText()
		}
	case l.text:
		r.addText()
	default:
		var head []byte
		if n := min(len(r.buf), MaxHead, r.heads); n > 0 {
			head = bytes.Clone(r.buf[:n])
		}
		r.heads -= len(head)
		file := model.Attachment{Name: l.name, Type: l.kind, Size: l.size, Head: head, Cut: l.cut || len(head) < len(r.buf)}
		if r.bills != nil && !l.unseen {
			file.Sum = r.bills.total()
		}
		var inside []model.Attachment
		if r.inFiles != nil {
			inside = r.look(&file, r.buf, l.charset, inMail, l.cut)
		}
		if r.invites.wanted {
			r.readInvite(r.buf)
		}
		r.mail.Files = append(append(r.mail.Files, file), inside...)
	}
	r.leaf = leaf{}
	r.state = inNothing
}

func (r *Reader) addText() {
	l := &r.leaf
	raw := r.buf
	if l.cut {
		raw = wholeRunes(raw)
	}
	charset := l.charset
	if charset == "" && l.html && !utf8.Valid(raw) {
		charset = metaCharset(raw)
	}
	if octetwise(charset) {
		raw = feeds(raw)
	}
	text, problem := toUTF8(raw, charset)
	r.problem(problem)
	text = strings.TrimPrefix(text, "\uFEFF")
	text = lineFeeds(text)
	if len(text) > l.limit {
		text, l.cut = cutRune(text, l.limit), true
	}
	r.texts -= len(text)
	if r.invites.wanted && !l.html && isCalendar(text) {
		r.readInvite([]byte(text))
	}
	r.mail.Parts = append(r.mail.Parts, model.TextPart{HTML: l.html, Text: text, Cut: l.cut, Attached: r.attached()})
}

// wholeRunes takes an incomplete UTF-8 sequence off the end of b.
func wholeRunes(b []byte) []byte {
	for i := 1; i <= min(utf8.UTFMax, len(b)); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}

// lineFeeds brings all line ends to LF.
func lineFeeds(s string) string {
	if !strings.Contains(s, "\r") {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.ReplaceAll(s, "\r", "\n")
}

// feeds is lineFeeds in place.
func feeds(b []byte) []byte {
	to := bytes.IndexByte(b, '\r')
	if to < 0 {
		return b
	}
	for at := to; at < len(b); {
		// b[at] is a CR.
		b[to] = '\n'
		to++
		if at++; at < len(b) && b[at] == '\n' {
			at++
		}
		n := bytes.IndexByte(b[at:], '\r')
		if n < 0 {
			n = len(b) - at
		}
		to += copy(b[to:], b[at:at+n])
		at += n
	}
	return b[:to]
}

// tap gives a line to the attached messages around it.
func (r *Reader) tap(b []byte, e eol) {
	for i := range r.taps {
		t := &r.taps[i]
		f := &r.stack[t.frame]
		end, line := eolText[t.pending], b
		f.size += int64(len(end) + len(line))
		t.pending = e
		if t.cut {
			continue
		}
		if room := min(MaxHead, r.heads) - len(t.head); len(end)+len(line) > room {
			t.cut = true
			end = end[:max(0, min(len(end), room))]
			line = line[:max(0, min(len(line), room-len(end)))]
		}
		t.head = append(append(t.head, end...), line...)
	}
}

// closeMessage completes the file of the attached message at stack index i.
func (r *Reader) closeMessage(i int) {
	n := len(r.taps) - 1
	t, f := r.taps[n], &r.stack[i]
	r.taps = r.taps[:n]
	file := &r.mail.Files[f.file]
	file.Size, file.Cut = f.size, t.cut
	file.Head = t.head[:min(len(t.head), r.heads)]
	file.Cut = file.Cut || len(file.Head) < len(t.head)
	r.heads -= len(file.Head)
}

// armoured reports whether the body is an inline OpenPGP message (RFC 9580
// section 6.2).
func armoured(parts []model.TextPart) bool {
	return len(parts) > 0 && strings.HasPrefix(strings.TrimLeft(parts[0].Text, " \t\n"), "-----BEGIN PGP MESSAGE-----")
}
