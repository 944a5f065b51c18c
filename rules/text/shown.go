package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Shown returns s as a person sees it, for who needs its capitals, blanks and lines: a
// word with signs that do not show is written without them, and one with letters that
// are not what they look like is folded. All else stays as it is.
func Shown(s string) string {
	if visible(s) || !strings.ContainsFunc(s, disguises) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		end := strings.IndexFunc(s[i:], unicode.IsSpace)
		if end < 0 {
			end = len(s) - i
		}
		b.WriteString(shownWord(s[i : i+end]))
		_, size := utf8.DecodeRuneInString(s[i+end:])
		b.WriteString(s[i+end : i+end+size])
		i += end + size
	}
	return b.String()
}

func shownWord(w string) string {
	if !strings.ContainsFunc(w, disguises) {
		return w
	}
	w = strings.Map(func(r rune) rune {
		switch {
		case plain(r) == 0:
			return -1
		case plain(r) == ' ':
			return ' '
		}
		return r
	}, w)
	if strings.ContainsFunc(w, drawn) || strings.ContainsFunc(w, beside) && strings.ContainsFunc(w, func(r rune) bool { return r < utf8.RuneSelf && isLetter(byte(r)) }) {
		return Fold(w)
	}
	return w
}

// disguises reports whether a word with r may look like another one.
func disguises(r rune) bool {
	return r < ' ' && plain(r) == 0 || r >= 0x7f && (plain(r) == 0 || r == 0x2800 || beside(r) || drawn(r))
}

// drawn reports whether r is a form of other letters or digits, or decorates the letter
// before it.
func drawn(r rune) bool {
	switch {
	case r >= 0xff01 && r <= 0xff5e, r >= 0x1d400 && r <= 0x1d7ff, // wide, and of mathematics
		r >= 0x2460 && r <= 0x24ff, r >= 0x1f110 && r <= 0x1f1ff, // in circles and squares
		r >= 0xfb00 && r <= 0xfb06, r >= 0x2160 && r <= 0x217f: // ligatures, Roman numbers
		return true
	case r >= 0x2100 && r <= 0x214f:
		return unicode.IsLetter(r)
	}
	return ornament(r) || letterOf(r) != r
}
