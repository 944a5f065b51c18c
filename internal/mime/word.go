package mime

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// maxCharset bounds the charset name of an encoded word.
const maxCharset = 64

// wordReader decodes the encoded words of unstructured text (RFC 2047 section 2).
type wordReader struct {
	out     []byte
	raw     []byte // octets of adjacent words of one charset: a character may be split between them
	charset string
	problem string
	over    bool
	noEnd   bool // no "?=" stands ahead
	words   int  // encoded words
}

// decodeWords decodes text as it stands in a field: encoded words, octets over
// 127 (UTF-8 by RFC 6532 section 3.2, or worse), line ends and NUL, which become spaces. problem is ""
// or a code.
func decodeWords(s string) (text string, problem string) {
	if clean(s) && !strings.Contains(s, "=?") {
		return s, ""
	}
	if !strings.Contains(s, "=?") {
		return flat(valid(s)), ""
	}
	w := wordReader{out: make([]byte, 0, len(s))}
	w.decode(s)
	// A gateway may have encoded what was encoded already.
	if n := len(w.out); n > 0 && !w.over && w.words > 0 && bytes.Contains(w.out, []byte("=?")) && bytes.Contains(w.out, []byte("?=")) {
		again := wordReader{out: make([]byte, 0, n), problem: w.problem}
		again.decode(string(w.out))
		w = again
	}
	if w.over {
		w.problem = "words"
	}
	return flat(string(w.out)), w.problem
}

func (w *wordReader) decode(s string) {
	for len(s) > 0 {
		i := strings.Index(s, "=?")
		if i < 0 || w.noEnd {
			w.literal(s)
			return
		}
		n, charset, text, enc := w.word(s[i:])
		if n == 0 {
			w.literal(s[:i+2])
			s = s[i+2:]
			continue
		}
		// RFC 2047 section 6.2: white space between adjacent encoded words is not shown.
		if gap := s[:i]; w.charset == "" || strings.Trim(gap, " \t\r\n") != "" {
			w.literal(gap)
		}
		w.words++
		w.encoded(charset, text, enc)
		s = s[i+n:]
	}
	w.flush()
}

// word takes apart the encoded word that s begins with; n is its length, 0 if
// there is none. White space inside is forbidden and found all the same.
func (w *wordReader) word(s string) (n int, charset, text string, enc byte) {
	q := strings.IndexByte(s[2:min(len(s), 2+maxCharset)], '?')
	if q < 0 || len(s) < q+6 || s[q+4] != '?' {
		return 0, "", "", 0
	}
	charset, enc = s[2:2+q], s[q+3]|0x20
	if enc != 'b' && enc != 'q' || strings.ContainsAny(charset, " \t\"<>(),;:@") {
		return 0, "", "", 0
	}
	at := q + 5
	end := strings.Index(s[at:], "?=")
	if end < 0 {
		w.noEnd = true
		return 0, "", "", 0
	}
	charset, _, _ = strings.Cut(charset, "*") // RFC 2231 section 5: a language may follow
	if charset == "" {
		charset = "us-ascii"
	}
	return at + end + 2, charset, s[at : at+end], enc
}

func (w *wordReader) literal(s string) {
	w.flush()
	w.out = append(w.out, valid(s)...)
}

func (w *wordReader) encoded(charset, text string, enc byte) {
	if !strings.EqualFold(charset, w.charset) {
		w.flush()
		w.charset = charset
	}
	if len(w.out)+len(w.raw) > MaxWords {
		w.over = true
		return
	}
	if enc == 'b' {
		var d base64State
		w.raw = d.flush(d.decode(w.raw, []byte(text)))
		return
	}
	w.raw = decodeQ(w.raw, text)
}

// decodeQ decodes the "Q" encoding (RFC 2047 section 4.2).
func decodeQ(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '_':
			c = ' '
		case c == '=' && i+2 < len(s):
			h, ok1 := unhex(s[i+1])
			l, ok2 := unhex(s[i+2])
			if ok1 && ok2 {
				c = h<<4 | l
				i += 2
			}
		}
		dst = append(dst, c)
	}
	return dst
}

// flush ends a run of adjacent words.
func (w *wordReader) flush() {
	if w.charset == "" {
		return
	}
	text, problem := toUTF8(w.raw, w.charset)
	if problem != "" {
		w.problem = problem
	}
	room := max(0, MaxWords-len(w.out))
	if len(text) > room {
		w.over = true
		text = cutRune(text, room)
	}
	w.out = append(w.out, text...)
	w.raw, w.charset = w.raw[:0], ""
}

// clean reports whether s is ASCII without line ends and NUL.
func clean(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c == '\r' || c == '\n' || c == 0 {
			return false
		}
	}
	return true
}

// flat replaces what would break a line.
func flat(s string) string {
	if !strings.ContainsAny(s, "\r\n\x00") {
		return s
	}
	return strings.Map(func(c rune) rune {
		if c == '\r' || c == '\n' || c == 0 {
			return ' '
		}
		return c
	}, s)
}

// cutRune cuts s to at most n octets without splitting a character.
func cutRune(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
