package mime

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// Problem codes of character sets.
const (
	problemCharset = "charset-unknown"
	problemUTF7    = "charset-utf7"
	problemInvalid = "charset-invalid"
)

// toUTF8 converts b from a charset name as mail writes it. The result is valid
// UTF-8 whatever b holds; problem is "" or a code. b must not be changed after.
func toUTF8(b []byte, charset string) (text string, problem string) {
	charset = strings.ToLower(strings.Trim(charset, " \t'\"<>;"))
	switch charset {
	case "utf-8", "utf8", "utf_8", "unicode-1-1-utf-8":
		if !utf8.Valid(b) {
			return mended(b), problemInvalid
		}
		return string(b), ""
	case "", "us-ascii", "ascii", "7bit", "8bit", "binary":
		return sniffed(b), ""
	case "iso-8859-1", "windows-1252", "latin1":
		// Programs call UTF-8 so. What they mean by these names is hardly ever UTF-8
		// by chance: each letter with an accent would need a sign behind it.
		return sniffed(b), ""
	case "utf-7", "unicode-1-1-utf-7", "x-unicode-2-0-utf-7", "unicode-2-0-utf-7", "csunicode11utf7", "utf7":
		// UTF-7 hides markup and words from every reader that does not speak it.
		return sniffed(b), problemUTF7
	}
	e := decoderFor(charset)
	if e == nil {
		return sniffed(b), problemCharset
	}
	if _, ok := e.(*charmap.Charmap); ok && ascii(b) {
		return string(b), "" // all of those for the web have ASCII in their lower half
	}
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return sniffed(b), problemInvalid
	}
	return strings.ToValidUTF8(string(out), "\uFFFD"), ""
}

// decoderFor returns the encoding of a lower-case name; nil if it is not one
// that a browser would read (https://encoding.spec.whatwg.org).
func decoderFor(charset string) encoding.Encoding {
	charset, _, _ = strings.Cut(charset, "//") // "iso-8859-1//TRANSLIT"
	switch charset {
	case "utf-16":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM) // RFC 2781 section 4.3: big-endian without a mark
	case "x-user-defined", "replacement":
		return nil
	}
	if cp, ok := strings.CutPrefix(charset, "cp-"); ok {
		charset = "cp" + cp
	}
	if len(charset) == 4 && charset[0] >= '0' && charset[0] <= '9' {
		charset = "cp" + charset
	}
	e, err := htmlindex.Get(charset)
	if err != nil || e == encoding.Replacement {
		return nil
	}
	return e
}

// sniffed reads text that does not truly say its charset: UTF-8 where it is,
// Windows-1252 otherwise, which every octet string is.
func sniffed(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return western(b)
}

// mended reads octets that are nearly UTF-8: what is not is Windows-1252, as in a
// text to which a program added a line without asking what it was.
func mended(b []byte) string {
	var s strings.Builder
	s.Grow(len(b) + len(b)/8)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(b[0])
		}
		s.WriteRune(r)
		b = b[n:]
	}
	return s.String()
}

func western(b []byte) string {
	if ascii(b) {
		return string(b)
	}
	var s strings.Builder
	s.Grow(len(b) + len(b)/4)
	for _, c := range b {
		if c < utf8.RuneSelf {
			s.WriteByte(c)
		} else {
			s.WriteRune(charmap.Windows1252.DecodeByte(c))
		}
	}
	return s.String()
}

// valid makes any octets UTF-8 without decoding anything.
func valid(s string) string {
	if ascii(s) {
		return s
	}
	return sniffed([]byte(s))
}

func ascii[T string | []byte](s T) bool {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		if s[i]|s[i+1]|s[i+2]|s[i+3]|s[i+4]|s[i+5]|s[i+6]|s[i+7] >= utf8.RuneSelf {
			return false
		}
	}
	for ; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// octetwise reports whether a CR is always the octet 13 in a charset, whatever
// stands around it. toUTF8 knows more of which that is true.
func octetwise(charset string) bool {
	switch strings.ToLower(strings.Trim(charset, " \t'\"<>;")) {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "windows-1252":
		return true
	}
	return false
}

// metaCharset finds the charset that an HTML document names in its first octets
// (<meta charset=...>), for mail that does not name one itself.
func metaCharset(b []byte) string {
	b = bytes.ToLower(b[:min(len(b), 1024)])
	_, rest, ok := bytes.Cut(b, []byte("charset="))
	if !ok {
		return ""
	}
	rest = bytes.TrimLeft(rest, `"' `)
	if i := bytes.IndexAny(rest, `"'/> ;`); i >= 0 {
		rest = rest[:i]
	}
	return string(rest)
}
