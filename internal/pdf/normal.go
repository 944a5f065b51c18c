package pdf

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ligatures are single characters for what people type as several.
var ligatures = map[rune]string{
	'\ufb00': "ff", '\ufb01': "fi", '\ufb02': "fl", '\ufb03': "ffi", '\ufb04': "ffl", '\ufb05': "st", '\ufb06': "st",
	0x02:     "-", // what the parser makes of a hyphen at the end of a line
	'\u2010': "-", '\u2011': "-",
}

// normal is a character as a person would type it: " " for what is blank, "" for what
// cannot be seen or has no meaning.
func normal(s string) string {
	if len(s) == 1 && s[0] > ' ' && s[0] < 0x7f {
		return s
	}
	var out strings.Builder
	for _, c := range s {
		switch l, ok := ligatures[c]; {
		case ok:
			out.WriteString(l)
		case c == '\n' || c == '\r':
		case unicode.IsSpace(c):
			out.WriteByte(' ')
		case c == utf8.RuneError, c == '\u00ad', unicode.In(c, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs), c == '\ufffe', c == '\uffff':
		default:
			out.WriteRune(c)
		}
	}
	return out.String()
}
