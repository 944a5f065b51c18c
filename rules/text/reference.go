package text

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// reference returns how many octets of s, which begins with "&", can be one
// character reference (HTML section 13.2.5.72); at least 1.
func reference(s string) int {
	i := 1
	if i < len(s) && s[i] == '#' {
		i++
		hex := i < len(s) && s[i]|0x20 == 'x'
		if hex {
			i++
		}
		for i < len(s) && (digit(s[i]) || hex && s[i]|0x20 >= 'a' && s[i]|0x20 <= 'f') {
			i++
		}
	} else {
		for i < len(s) && (digit(s[i]) || isLetter(s[i])) {
			i++
		}
	}
	if i < len(s) && s[i] == ';' {
		i++
	}
	return i
}

// unescape resolves one reference in a text; what is none stays as it is.
func unescape(ref string) string {
	switch ref {
	case "&nbsp;":
		return "\u00a0"
	case "&amp;":
		return "&"
	case "&lt;":
		return "<"
	case "&gt;":
		return ">"
	case "&quot;":
		return `"`
	case "&":
		return ref
	}
	return html.UnescapeString(ref)
}

// unescapeValue resolves the references in the value of an attribute. There, a
// name without ";" is one only if all of it is known and no "=" follows.
func unescapeValue(s string) string {
	i := strings.IndexByte(s, '&')
	if i < 0 {
		return s
	}
	var b strings.Builder
	for ; i >= 0; i = strings.IndexByte(s, '&') {
		b.WriteString(s[:i])
		s = s[i:]
		n := reference(s)
		ref := s[:n]
		out := unescape(ref)
		switch {
		case n > 1 && ref[1] == '#':
		case ref[n-1] == ';':
			if out[len(out)-1] == ';' && ref != "&semi;" { // a part of the name was known, or nothing
				out = ref
			}
		case n < len(s) && s[n] == '=', utf8.RuneCountInString(out) > 1:
			out = ref
		}
		b.WriteString(out)
		s = s[n:]
	}
	b.WriteString(s)
	return b.String()
}
