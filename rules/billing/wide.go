package billing

import (
	"bytes"

	"golang.org/x/text/encoding/unicode"
)

// wideHead is how many octets of a file in UTF-16 are looked at to tell what it is.
const wideHead = 8192

// wideOrder tells UTF-16 by its byte order mark or, without one, by two characters of
// ASCII at the beginning. It reports false for any other text.
func wideOrder(b []byte) (order unicode.Endianness, ok bool) {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return unicode.LittleEndian, true
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return unicode.BigEndian, true
	case len(b) < 4:
		return unicode.BigEndian, false
	}
	ascii := func(c byte) bool { return c > 0 && c < 0x7f }
	switch {
	case ascii(b[0]) && b[1] == 0 && ascii(b[2]) && b[3] == 0:
		return unicode.LittleEndian, true
	case b[0] == 0 && ascii(b[1]) && b[2] == 0 && ascii(b[3]):
		return unicode.BigEndian, true
	}
	return unicode.BigEndian, false
}

// narrowHead is the beginning of a file in UTF-8, whichever of the two it is in.
func narrowHead(b []byte) []byte {
	order, ok := wideOrder(b)
	if !ok {
		return b
	}
	out, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(b[:min(len(b), wideHead)&^1])
	if err != nil {
		return nil
	}
	return out
}

// wideKind is Kind for UTF-16: what machines read is told, and all else is text, or
// unknown if there is no byte order mark.
func wideKind(h []byte) string {
	switch t := bytes.TrimLeft(bytes.TrimPrefix(narrowHead(h), []byte(mark)), " \t\r\n"); {
	case startsLedes(t):
		return "ledes"
	case len(t) > 0 && t[0] == '<':
		if kind := markup(t); kind == "ledesxml" || kind == "xml-invoice" {
			return kind
		}
	}
	if h[0] >= 0xfe {
		return "text"
	}
	return "unknown"
}
