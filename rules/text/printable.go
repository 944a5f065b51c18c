package text

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Gateways and archives lose the header that says a text is quoted-printable, and
// leave "=20" at the ends of lines and words cut by "=".

// unquotedPrintable decodes a text that is quoted-printable (RFC 2045 section 6.7)
// though nothing said so: it has soft line breaks or blanks in hexadecimal, and
// nearly every "=" in it is of that encoding. Any other text is returned as it is.
func unquotedPrintable(s string) string {
	i := strings.IndexByte(s, '=')
	if i < 0 {
		return s
	}
	escapes, soft, others := 0, 0, 0
	for k := i; k >= 0; {
		switch octet, n := escape(s, k); {
		case n == 0:
			// Plain HTML has many: it is known soon.
			if others++; others > soft+escapes+16 {
				return s
			}
		case octet < 0, octet == ' ' && endsLine(s, k+n):
			soft++
		default:
			escapes++
		}
		next := strings.IndexByte(s[k+1:], '=')
		if next < 0 {
			break
		}
		k += 1 + next
	}
	if soft == 0 || soft+escapes < 2 || others*4 > soft+escapes {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] == '=' {
			if octet, n := escape(s, i); n > 0 {
				if octet >= 0 {
					out = append(out, byte(octet))
				}
				i += n
				continue
			}
		}
		out = append(out, s[i])
		i++
	}
	if utf8.Valid(out) {
		return string(out)
	}
	var b strings.Builder
	b.Grow(len(out) + len(out)/8)
	for len(out) > 0 {
		r, n := utf8.DecodeRune(out)
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(out[0])
		}
		b.WriteRune(r)
		out = out[n:]
	}
	return b.String()
}

// escape reads the escape at s[i:], which begins with "=": an octet, or -1 for a
// soft line break; n is its length, 0 if it is none.
func escape(s string, i int) (octet, n int) {
	switch rest := s[i+1:]; {
	case strings.HasPrefix(rest, "\n"):
		return -1, 2
	case strings.HasPrefix(rest, "\r\n"):
		return -1, 3
	case len(rest) >= 2:
		h, l := hex(rest[0]), hex(rest[1])
		if h < 0 || l < 0 || h == 0 && l != 9 && l != 0xa && l != 0xd {
			return 0, 0
		}
		return h<<4 | l, 3
	}
	return 0, 0
}

// hex is the value of a digit as the encoding writes it: no small letters.
func hex(c byte) int {
	switch {
	case digit(c):
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func endsLine(s string, i int) bool { return i == len(s) || s[i] == '\n' || s[i] == '\r' }
