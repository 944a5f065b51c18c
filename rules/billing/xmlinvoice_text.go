package billing

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// xmlText brings a document to UTF-8 (XML 1.0 appendix F.1): by its byte order mark,
// by how its first "<" is written, else by its declaration. A declaration that cannot
// be true is not believed: programs write "utf-16" into what they later store as
// UTF-8. sure is unset if the octets are not of the charset they claim; all that
// counts in an invoice is ASCII, so they are read as Windows-1252.
func xmlText(b []byte) (s string, sure bool) {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return fromUTF8(b[3:])
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("<\x00")):
		return fromWide(b, unicode.LittleEndian)
	case bytes.HasPrefix(b, []byte("\xfe\xff")), bytes.HasPrefix(b, []byte("\x00<")):
		return fromWide(b, unicode.BigEndian)
	}
	name := xmlEncoding(b)
	if name == "" || strings.HasPrefix(name, "utf-") || strings.HasPrefix(name, "ucs-") || name == "us-ascii" {
		return fromUTF8(b)
	}
	enc, err := htmlindex.Get(name)
	if err != nil {
		s, _ = fromUTF8(b)
		return s, false
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil || bytes.ContainsRune(out, utf8.RuneError) {
		s, _ = fromUTF8(b)
		return s, false
	}
	return string(out), true
}

func fromUTF8(b []byte) (string, bool) {
	if utf8.Valid(b) {
		return string(b), true
	}
	out, _ := charmap.Windows1252.NewDecoder().Bytes(b)
	return string(out), false
}

func fromWide(b []byte, order unicode.Endianness) (string, bool) {
	out, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(b)
	return string(out), err == nil && !bytes.ContainsRune(out, utf8.RuneError)
}

// xmlEncoding is the encoding that the declaration names, in lower case; "" if there
// is none.
func xmlEncoding(b []byte) string {
	if !bytes.HasPrefix(b, []byte("<?xml")) {
		return ""
	}
	decl, _, ok := bytes.Cut(b[:min(len(b), 256)], []byte("?>"))
	_, rest, found := bytes.Cut(decl, []byte("encoding"))
	if !ok || !found {
		return ""
	}
	rest = bytes.TrimLeft(rest, " \t\r\n=")
	if len(rest) == 0 {
		return ""
	}
	if i := bytes.IndexByte(rest[1:], rest[0]); i >= 0 {
		return strings.ToLower(string(rest[1 : 1+i]))
	}
	return ""
}
