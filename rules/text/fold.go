package text

import (
	"encoding/binary"
	"math/bits"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxMarks bounds the combining marks after one letter. Real scripts need four
// at most; normalization would insert a joiner after thirty.
const maxMarks = 8

// Fold returns the form of s in which words are compared: compatibility forms
// composed (NFKC), full case folding, typographic quotes and dashes as ASCII,
// no controls, no format characters (zero width, bidi, soft hyphen), each run of
// white space one space, none at the ends. Fold(Fold(s)) == Fold(s), and a
// string that is already ASCII and folded is returned without a copy.
func Fold(s string) string {
	var buf []byte
	return FoldIn(&buf, s)
}

// FoldIn is Fold in the memory of buf, which grows where it must. The result
// lives there: it is good until buf is used again.
func FoldIn(buf *[]byte, s string) string {
	n := foldedASCII(s)
	if n == len(s) {
		return s
	}
	if cap(*buf) < len(s)+16 {
		*buf = make([]byte, 0, len(s)+16)
	}
	f := folding{out: append((*buf)[:0], s[:n]...)}
	for i := n; i < len(s); {
		if f.soft {
			f.hyphen(s[i])
		}
		if i = f.plainly(s, i); i == len(s) {
			break
		}
		c := s[i]
		switch {
		case c == ' ' || c >= '\t' && c <= '\r':
			f.space = true
			i++
		case c > ' ' && c < 0x7f:
			f.flush()
			f.out = append(f.out, lowerASCII(c))
			i++
		case c < utf8.RuneSelf:
			i++ // a control; the run below takes those that stand beside letters
			if i < len(s) && s[i] >= utf8.RuneSelf {
				i = f.run(s, i)
			}
		default:
			i = f.run(s, i)
		}
	}
	*buf = f.out
	return unsafe.String(unsafe.SliceData(f.out), len(f.out))
}

// foldedASCII returns how much of s is its own folded form for certain. It
// stops before the last byte of a prefix that is followed by something else,
// because a combining mark may belong to it.
func foldedASCII(s string) int {
	for i := range len(s) {
		c := s[i]
		plain := c > ' ' && c < 0x7f && (c < 'A' || c > 'Z') ||
			c == ' ' && i > 0 && s[i-1] != ' ' && i+1 < len(s)
		if !plain {
			for i > 0 && s[i-1] == ' ' {
				i--
			}
			return max(0, i-1)
		}
	}
	return len(s)
}

func lowerASCII(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c | 0x20
	}
	return c
}

type folding struct {
	out   []byte
	space bool // white space seen and not yet written
	soft  bool // a soft hyphen was the last that was seen
	caser *cases.Caser
}

// plainly folds visible ASCII, lone spaces and line ends from s[i:] on, eight
// octets at a time, and returns where it ended.
func (f *folding) plainly(s string, i int) int {
	out, due := f.out, f.space
	for i+8 <= len(s) {
		x := eight(s, i)
		space := same(x, ' ')
		// Every octet below "!" but a lone space, DEL and what is beyond ASCII.
		stop := (x | (x&^tops + ones) | ^(x+(0x80-'!')*ones)&^space | space&(space<<8)) & tops
		k := bits.TrailingZeros64(stop) >> 3 // 8 if there is none
		if k == 0 {
			if c := byte(x); c != ' ' && c != '\n' {
				break
			}
			due = true
			i++
			continue
		}
		if space&0x80 != 0 && (due || len(out) == 0) {
			due = true
			i++
			continue
		}
		if due && len(out) > 0 {
			out = append(out, ' ')
		}
		n := len(out)
		out = binary.LittleEndian.AppendUint64(out, lowered(x))
		due = space>>(8*k-1)&1 != 0
		if due {
			out = out[:n+k-1]
		} else {
			out = out[:n+k]
		}
		i += k
	}
	f.out, f.space = out, due
	return i
}

func (f *folding) flush() {
	if f.space && len(f.out) > 0 {
		f.out = append(f.out, ' ')
	}
	f.space = false
}

// run folds the characters beyond ASCII from s[i:] on, with the controls among
// them, and returns where it ended. What ends the run is an ASCII character or
// white space: neither can compose with what stands before it.
func (f *folding) run(s string, i int) int {
	j, easy, other := i, true, false
	for j < len(s) && (s[j] >= utf8.RuneSelf || control(s[j])) {
		r, size := utf8.DecodeRuneInString(s[j:])
		_, ok := simple(r)
		easy = easy && ok
		other = other || beside(r)
		j += size
	}
	if easy {
		if other && f.disguised(s, i, j) {
			return j
		}
		at := len(f.out)
		for _, r := range s[i:j] {
			out, _ := simple(r)
			f.soft = r == 0xad && !f.space || f.soft && out == 0
			f.rune(out)
		}
		if other && (isLetter(f.next(s, j)) || at > 0 && at < len(f.out) && isLetter(f.out[at-1])) {
			f.reveal(at, f.next(s, j))
		}
		return j
	}
	// The letter before may take the first mark of the run.
	seg := make([]byte, 0, j-i+utf8.UTFMax)
	if !f.space && len(f.out) > 0 && f.out[len(f.out)-1] < utf8.RuneSelf {
		seg = append(seg, f.out[len(f.out)-1])
		f.out = f.out[:len(f.out)-1]
	} else if f.space {
		seg = append(seg, ' ')
	}
	seg = append(seg, s[i:j]...)
	at := len(f.out)
	for _, r := range string(f.settle(seg)) {
		f.rune(r)
	}
	f.reveal(at, f.next(s, j))
	return j
}

// next is the octet that will follow what was written, if it is s[j:].
func (f *folding) next(s string, j int) byte {
	if j < len(s) && !f.space {
		return s[j]
	}
	return ' '
}

// hyphen writes the hyphen that a soft one becomes at the end of a line, before
// the octet next.
func (f *folding) hyphen(next byte) {
	f.soft = false
	if n := len(f.out); isSpace(next) && !f.space && n > 0 && (isLetter(f.out[n-1]) || f.out[n-1] >= utf8.RuneSelf) {
		f.out = append(f.out, '-')
	}
}

func control(c byte) bool { return c == 0x7f || c < ' ' && (c < '\t' || c > '\r') }

// rune writes one folded rune, with white space collapsed.
func (f *folding) rune(r rune) {
	switch {
	case r == 0:
	case unicode.IsSpace(r):
		f.space = true
	default:
		f.flush()
		f.out = utf8.AppendRune(f.out, r)
	}
}

// simple folds a rune that neither composes with a neighbour nor changes in
// NFKC: the quotes, dashes and letters that make up nearly all of office mail.
// 0 means drop.
func simple(r rune) (rune, bool) {
	switch {
	case r >= 0xc0 && r <= 0x12f && r != 0xdf, r >= 0x139 && r <= 0x13e, r >= 0x141 && r <= 0x148, r >= 0x14a && r <= 0x17e:
		return unicode.ToLower(r), true
	case r >= 0x400 && r <= 0x482, r >= 0x48a && r <= 0x52f, // Cyrillic
		r >= 0x391 && r <= 0x3ce && r != 0x3b0 && r != 0x3c2: // Greek without the letters that fold to two, and final sigma
		return unicode.ToLower(r), true
	case r >= 0x4e00 && r <= 0x9fff, r >= 0x3041 && r <= 0x3096, r >= 0x30a1 && r <= 0x30fa: // Han, kana
		return r, true
	case r >= 0x2010 && r <= 0x2023, r == 0x200b, r == 0x200c, r == 0x200d, r == 0xa0, r == 0xfeff, r == 0xad:
		if r == 0x2011 || r == 0x2017 {
			return 0, false
		}
		return plain(r), true
	}
	return 0, false
}

// settle repeats normalize, fold and drop until nothing changes: a dropped rune
// can bring two together that compose.
func (f *folding) settle(seg []byte) []byte {
	if f.caser == nil {
		c := cases.Fold()
		f.caser = &c
	}
	for range 4 {
		before := string(seg)
		seg = norm.NFKC.Bytes(drop(seg, false))
		seg = norm.NFKC.Bytes(f.caser.Bytes(seg))
		seg = drop(seg, true)
		seg = norm.NFKC.Bytes(seg)
		if string(seg) == before {
			break
		}
	}
	return seg
}

// drop removes what cannot be seen, or only decorates, and maps what only looks different.
func drop(seg []byte, ornaments bool) []byte {
	out := make([]byte, 0, len(seg))
	marks := 0
	for _, r := range string(seg) {
		if r = plain(r); r == 0 || ornaments && ornament(r) {
			continue
		}
		if unicode.Is(unicode.M, r) {
			if marks++; marks > maxMarks {
				continue
			}
		} else {
			marks = 0
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// plain maps one rune; 0 means drop.
func plain(r rune) rune {
	switch {
	case r < utf8.RuneSelf:
		if r != ' ' && (r < ' ' || r == 0x7f) && !unicode.IsSpace(r) {
			return 0
		}
		return r
	case r >= 0x2010 && r <= 0x2015, r == 0x2212, r == 0xfe58, r == 0xfe63:
		return '-'
	case r >= 0x2018 && r <= 0x201b, r == 0x2032, r == 0x02bc:
		return '\''
	case r >= 0x201c && r <= 0x201f, r == 0x2033:
		return '"'
	case r == 0x2800: // braille blank
		return ' '
	case r == 0x034f, r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0,
		r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0100 && r <= 0xe01ef, r >= 0x180b && r <= 0x180f:
		return 0 // ignorable by default, though not of category Cf
	case r >= 0x250 && r <= 0x29f, r >= 0x1d00 && r <= 0x1d22, r >= 0xa730 && r <= 0xa7af, r >= 0x1f150 && r <= 0x1f1ff:
		return letterOf(r)
	case unicode.IsSpace(r):
		return ' '
	case unicode.In(r, unicode.Cf, unicode.Cc):
		return 0
	}
	return r
}
