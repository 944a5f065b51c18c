package filetext

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Reader reads the files of one message. What it unpacks counts for all of them
// together.
type Reader struct {
	unpacked int // octets
}

// Text returns what a person reads in a file, as UTF-8 with LF, at most MaxText
// octets. cut says that more was there; code is one of Codes, or "" if all of it
// was read. Text may be there beside a code.
func Text(name, typ string, content []byte) (text string, cut bool, code string) {
	return new(Reader).Text(name, typ, content)
}

// Text is the function Text for the next file.
func (r *Reader) Text(name, typ string, content []byte) (text string, cut bool, code string) {
	p := &page{}
	switch kind := kindOf(content); kind {
	case "zip":
		code = r.archive(p, content)
	case "rtf":
		code = readRTF(p, content)
	case "html":
		readHTML(p, decode(content))
	case "ics":
		readCalendar(p, decode(content))
	case "text":
		if code = plainCode(name, typ, content); code == "" {
			p.put(decode(content))
		}
	default:
		code = kind
	}
	if code == "" && len(content) > maxDecoded && Worth(content) == maxDecoded {
		p.full = true
	}
	if p.full && (code == "" || code == "broken") {
		code = "cut"
	}
	return p.text(), p.full, code
}

// Worth says how many octets of a file that begins so are worth having: 0 if Text
// cannot read its kind. The beginning may be cut; some 64 KiB are enough.
func Worth(head []byte) int {
	switch kindOf(head) {
	case "zip":
		if plainArchive(head) {
			return 0
		}
		return maxInt // its directory stands at its end
	case "rtf":
		return maxInt // pictures stand in it
	case "html", "ics", "text", "message":
		return maxDecoded
	}
	return 0
}

const maxInt = int(^uint(0) >> 1)

// kindOf tells the kind by content: one that is read here, or the code that says
// why not.
func kindOf(b []byte) string {
	head := b[:min(len(b), maxLook)]
	t := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return "zip"
	case bytes.Contains(head[:min(len(head), 1024)], []byte("%PDF-")):
		return "pdf"
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return compound(b)
	case magic(head) != "":
		return magic(head)
	case bytes.HasPrefix(t, []byte(`{\rtf`)):
		return "rtf"
	case !readable(head):
		return "kind"
	case prefixFold(t, "BEGIN:VCALENDAR"):
		return "ics"
	case isHTML(t):
		return "html"
	case isMessage(t):
		return "message"
	}
	return "text"
}

// binaries are the beginnings of files that may look like text.
var binaries = []struct{ magic, code string }{
	{"\x89PNG\r\n", "kind"}, {"\xff\xd8\xff", "kind"}, {"GIF87a", "kind"}, {"GIF89a", "kind"}, {"\x78\x9f\x3e\x22", "kind"},
	{"\x1f\x8b", "archive"}, {"7z\xbc\xaf\x27\x1c", "archive"}, {"Rar!\x1a\x07", "archive"},
}

func magic(b []byte) string {
	for _, m := range binaries {
		if bytes.HasPrefix(b, []byte(m.magic)) {
			return m.code
		}
	}
	return ""
}

// compound tells an Office file with a password from older formats. The package
// lies under a name of its own in the compound file (MS-OFFCRYPTO section 2.3.4.4);
// names are UTF-16.
func compound(b []byte) string {
	var name []byte
	for _, c := range []byte("EncryptedPackage") {
		name = append(name, c, 0)
	}
	if bytes.Contains(b, name) {
		return "encrypted"
	}
	return "ole"
}

// plainCode refuses texts that are no prose: what stands in them is for machines.
func plainCode(name, typ string, content []byte) string {
	t := bytes.TrimLeft(content[:min(len(content), 200)], " \t\r\n\xef\xbb\xbf")
	armoured := bytes.HasPrefix(t, []byte("-----BEGIN ")) && !bytes.HasPrefix(t, []byte("-----BEGIN PGP SIGNED"))
	switch {
	case bytes.HasPrefix(t, []byte("-----BEGIN PGP MESSAGE-----")):
		return "encrypted"
	case armoured, strings.HasSuffix(typ, "/pgp-signature"), strings.HasSuffix(strings.ToLower(name), ".asc") && armoured:
		return "kind"
	}
	return ""
}

// isMessage reports whether a text begins like a mail: two of the fields that
// every mail has (RFC 5322 section 3.6) among its first lines.
func isMessage(t []byte) bool {
	found := 0
	for n := 0; n < 40 && len(t) > 0; n++ {
		line, rest, _ := bytes.Cut(t, []byte("\n"))
		t = rest
		line = bytes.TrimRight(line, "\r")
		if len(line) == 0 {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			continue
		}
		field, _, ok := bytes.Cut(line, []byte(":"))
		if !ok || len(field) == 0 || bytes.ContainsAny(field, " \t") {
			return false
		}
		if messageFields[string(bytes.ToLower(field))] {
			found++
		}
	}
	return found >= 2
}

var messageFields = map[string]bool{
	"received": true, "return-path": true, "message-id": true, "mime-version": true, "delivered-to": true,
	"from": true, "to": true, "subject": true, "date": true, "content-type": true,
}

func prefixFold(b []byte, s string) bool {
	return len(b) >= len(s) && bytes.EqualFold(b[:len(s)], []byte(s))
}

// page is the text that is being put together, up to MaxText.
type page struct {
	b    []byte
	full bool
}

// put adds a text, as far as there is room.
func (p *page) put(s string) {
	if p.full {
		return
	}
	if room := MaxText - len(p.b); len(s) > room {
		for room > 0 && !utf8.RuneStart(s[room]) {
			room--
		}
		s, p.full = s[:room], true
	}
	p.b = append(p.b, s...)
}

// line ends a line, and leaves at most one empty.
func (p *page) line() {
	if n := len(p.b); n == 0 || n > 1 && p.b[n-1] == '\n' && p.b[n-2] == '\n' {
		return
	}
	p.put("\n")
}

// text returns what was put, without control characters that are no white space.
func (p *page) text() string {
	s := strings.ToValidUTF8(string(p.b), "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if controls(s) {
		s = strings.Map(func(c rune) rune {
			switch {
			case c == '\r' || c == '\f' || c == '\v':
				return '\n'
			case c < ' ' && c != '\n' && c != '\t', c == 0x7f:
				return -1
			}
			return c
		}, s)
	}
	if len(s) > MaxText { // broken octets were replaced by longer ones
		n := MaxText
		for !utf8.RuneStart(s[n]) {
			n--
		}
		s, p.full = s[:n], true
	}
	return strings.TrimRight(s, " \n\t")
}

// controls reports whether there is a control character but line feed and tab.
func controls(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\n' && c != '\t' || c == 0x7f {
			return true
		}
	}
	return false
}
