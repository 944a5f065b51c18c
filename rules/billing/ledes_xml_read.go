package billing

import (
	"io"
	"unicode/utf8"
)

const (
	maxLedesXMLDepth = 32
	maxLedesXMLText  = 32 << 10 // octets of one element's text that are kept
	maxLedesXMLName  = 128
)

// ledesXMLEvent is what a tokenizer found.
type ledesXMLEvent uint8

const (
	ledesXMLEnd ledesXMLEvent = iota // of the file
	ledesXMLOpen
	ledesXMLClose
	ledesXMLText
	ledesXMLBad
)

// ledesXML cuts XML into elements and their text. It knows the five entities of XML
// 1.0 section 4.6 and numbers of characters, and no others: a document type is
// refused. Comments and instructions are passed over; what it keeps of a name or a
// text is bounded, whatever the file is.
type ledesXML struct {
	r        io.Reader
	buf      [64 << 10]byte
	beg, end int
	over     bool
	err      error
	line     int // of the octet that comes next

	at    int    // line of the event
	name  []byte // of an element, without its prefix
	text  []byte // of ledesXMLText
	code  ledesCode
	self  bool // the element that was opened is empty: its end comes next
	whole bool // text is all there is
}

// peek returns the next octet without taking it; ok is false at the end.
func (x *ledesXML) peek() (byte, bool) {
	if x.beg == x.end && !x.fill() {
		return 0, false
	}
	return x.buf[x.beg], true
}

func (x *ledesXML) fill() bool {
	if x.beg == x.end {
		x.beg, x.end = 0, 0
	}
	for tries := 0; !x.over && tries < 100; tries++ {
		n, err := x.r.Read(x.buf[x.end:])
		x.end += n
		if err != nil {
			if x.over = true; err != io.EOF {
				x.err = err
			}
		}
		if n > 0 {
			return true
		}
	}
	x.over = true
	return false
}

func (x *ledesXML) take() (byte, bool) {
	c, ok := x.peek()
	if ok {
		x.beg++
		if c == '\n' {
			x.line++
		}
	}
	return c, ok
}

// until passes over everything up to and with an end mark of three octets at most.
func (x *ledesXML) until(mark string) bool {
	var last [3]byte
	for {
		c, ok := x.take()
		if !ok {
			return false
		}
		last[0], last[1], last[2] = last[1], last[2], c
		if string(last[3-len(mark):]) == mark {
			return true
		}
	}
}

// next returns the next event. Text comes whole, with its entities resolved, up to
// maxLedesXMLText.
func (x *ledesXML) next() ledesXMLEvent {
	if x.self {
		x.self = false
		return ledesXMLClose
	}
	c, ok := x.peek()
	x.at = x.line
	switch {
	case !ok:
		return ledesXMLEnd
	case c != '<':
		return x.characters()
	}
	_, _ = x.take()
	c, ok = x.peek()
	switch {
	case !ok:
		return x.cut()
	case c == '?':
		if !x.until("?>") {
			return x.cut()
		}
		return x.passed()
	case c == '!':
		_, _ = x.take()
		return x.declaration()
	case c == '/':
		_, _ = x.take()
		if !x.tag() || x.self {
			return x.bad()
		}
		return ledesXMLClose
	}
	if !x.tag() {
		return x.bad()
	}
	return ledesXMLOpen
}

// passed stands for what is passed over: an empty text, so that long runs of
// comments take no stack.
func (x *ledesXML) passed() ledesXMLEvent {
	x.text, x.whole = x.text[:0], true
	return ledesXMLText
}

func (x *ledesXML) cut() ledesXMLEvent {
	x.code = codeXMLCut
	return ledesXMLBad
}

func (x *ledesXML) bad() ledesXMLEvent {
	if x.over && x.beg == x.end {
		return x.cut()
	}
	x.code = codeXML
	return ledesXMLBad
}

// declaration reads what begins with "<!".
func (x *ledesXML) declaration() ledesXMLEvent {
	c, ok := x.take()
	switch {
	case !ok:
		return x.cut()
	case c == '-':
		if c, _ = x.take(); c != '-' {
			return x.bad()
		}
		if !x.until("-->") {
			return x.cut()
		}
		return x.passed()
	case c == '[':
		for _, want := range []byte("CDATA[") {
			if c, _ = x.take(); c != want {
				return x.bad()
			}
		}
		return x.cdata()
	}
	x.code = codeXMLEntity
	return ledesXMLBad
}

// cdata reads the rest of a CDATA section as text.
func (x *ledesXML) cdata() ledesXMLEvent {
	x.text, x.whole = x.text[:0], true
	brackets := 0
	for {
		c, ok := x.take()
		switch {
		case !ok:
			return x.cut()
		case c == ']':
			if brackets++; brackets > 2 {
				x.keep(']')
			}
			continue
		case c == '>' && brackets >= 2:
			return ledesXMLText
		}
		for range min(brackets, 2) {
			x.keep(']')
		}
		brackets = 0
		x.keep(c)
	}
}

func (x *ledesXML) keep(c byte) {
	if len(x.text) < maxLedesXMLText {
		x.text = append(x.text, c)
	} else {
		x.whole = false
	}
}

// characters reads text up to the next "<".
func (x *ledesXML) characters() ledesXMLEvent {
	x.text, x.whole = x.text[:0], true
	for {
		if x.beg == x.end && !x.fill() {
			return ledesXMLText
		}
		window := x.buf[x.beg:x.end]
		n := 0
		for n < len(window) && window[n] != '<' && window[n] != '&' {
			if window[n] == '\n' {
				x.line++
			}
			n++
		}
		room := min(n, maxLedesXMLText-len(x.text))
		x.text = append(x.text, window[:room]...)
		x.whole = x.whole && room == n
		x.beg += n
		switch {
		case n == len(window):
		case window[n] == '<':
			return ledesXMLText
		case !x.entity():
			x.code = codeXMLEntity
			return ledesXMLBad
		}
	}
}

var ledesXMLEntities = map[string]byte{"amp": '&', "lt": '<', "gt": '>', "quot": '"', "apos": '\''}

// entity reads "&...;" into the text.
func (x *ledesXML) entity() bool {
	_, _ = x.take()
	var name [12]byte
	n := 0
	for {
		c, ok := x.take()
		if !ok || n == len(name) {
			return false
		}
		if c == ';' {
			break
		}
		name[n] = c
		n++
	}
	if c, ok := ledesXMLEntities[string(name[:n])]; ok {
		x.keep(c)
		return true
	}
	if n < 2 || name[0] != '#' {
		return false
	}
	digits, base := name[1:n], rune(10)
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	v := rune(0)
	for _, c := range digits {
		d := rune(c) - '0'
		if c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' {
			d = rune(c|0x20) - 'a' + 10
		}
		if v = v*base + d; d < 0 || d >= base || v > utf8.MaxRune {
			return false
		}
	}
	for _, b := range utf8.AppendRune(nil, v) {
		x.keep(b)
	}
	return len(digits) > 0
}

// tag reads a name and passes over the attributes.
func (x *ledesXML) tag() bool {
	window := x.buf[x.beg:x.end]
	for i, c := range window[:min(len(window), maxLedesXMLName)] {
		if c == '>' && i > 0 {
			x.name = append(x.name[:0], window[:i]...)
			x.beg += i + 1
			x.self = false
			return true
		}
		if !nameOctet(c) {
			break // there is more than a name
		}
	}
	return x.tagSlow()
}

// tagSlow is tag for whatever an element may look like.
func (x *ledesXML) tagSlow() bool {
	x.name = x.name[:0]
	slash, quote := false, byte(0)
	named := false
	for {
		c, ok := x.take()
		switch {
		case !ok || c == '<' && quote == 0:
			return false
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '>':
			x.self = slash
			return len(x.name) > 0
		case c == '/':
			slash, named = true, true
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			named = true
		case slash:
			return false
		case c == '"' || c == '\'':
			if !named {
				return false
			}
			quote = c
		case named:
		case c == ':':
			x.name = x.name[:0]
		case len(x.name) == maxLedesXMLName:
			return false
		default:
			x.name = append(x.name, c)
		}
	}
}

// nameOctet reports whether an octet is one of those that names here are made of.
func nameOctet(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c >= 'A' && c <= 'Z' || c == '-'
}
