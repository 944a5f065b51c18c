package text

import (
	"iter"
	"math/bits"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// Most mail has none of the words that are looked for, so a text is first looked
// over as it came: not divided, not folded. Openings finds the few places at
// which one could begin, and Unfolded writes what stands there as it would stand
// in a folded zone.

// Openings is a filter over the first words of phrases in folded form. It may say
// yes where none begins, never no where one does.
type Openings struct {
	four  [1 << 10]uint64 // hashes of the first four octets of first words that have them
	brief bool            // there are shorter ones
	three [1 << 10]uint64 // hashes of first words of three
	two   [1 << 10]uint64 // the first two octets of shorter ones, and what may follow one
}

// NewOpenings makes the filter; nil if a phrase begins with something else than
// a letter or digit, or has a quote mark: then there is no filter.
func NewOpenings(phrases iter.Seq[string]) *Openings {
	o := &Openings{}
	for p := range phrases {
		n, x := 0, uint32(0)
		for n < len(p) && n < 4 && (p[n] >= utf8.RuneSelf || alnum(p[n])) {
			x |= uint32(p[n]|0x20) << (8 * n)
			n++
		}
		if n == 0 || strings.Contains(p, ">") {
			return nil
		}
		o.brief = o.brief || n < 4
		switch n {
		case 4:
			put(o.four[:], opening(x))
		case 3:
			put(o.three[:], opening(x))
		case 2:
			put(o.two[:], x)
		case 1:
			for c := range uint32(256) {
				put(o.two[:], x|(c|0x20)<<8)
			}
		}
	}
	return o
}

// Also lets the filter say yes where four octets stand, capitals or not.
func (o *Openings) Also(four [4]byte) {
	put(o.four[:], opening(lowerFour(string(four[:]), 0)))
}

func alnum(c byte) bool { return isLetter(c) || digit(c) }

func opening(x uint32) uint32 { return x * 0x9e3779b1 >> 16 }

// lowerFour is s[i:i+4] with small letters, and other signs as they happen to come.
func lowerFour(s string, i int) uint32 {
	s = s[i : i+4]
	return (uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24) | 0x20202020
}

// short reports whether a phrase with a short first word may begin with x.
func (o *Openings) short(x uint32) bool {
	return has(o.three[:], opening(x&0xffffff)) || has(o.two[:], x&0xffff)
}

// Next returns the first place from i on where a phrase may begin, or len(s). s
// is Looked.
func (o *Openings) Next(s string, i int) int {
	first := i
	before := uint64(0) // 0x80 if the octet before is an ASCII letter or digit
	if i > 0 && alnum(s[i-1]) {
		before = 0x80
	}
	for ; i+12 <= len(s); i += 8 {
		x := eight(s, i)
		z := (x | 0x20*ones) &^ tops
		inner := ((z+(0x80-'0')*ones)&^(z+(0x80-'9'-1)*ones) | (z+(0x80-'a')*ones)&^(z+(0x80-'z'-1)*ones)) & tops &^ x
		// A word, or a character beyond ASCII by its first octet.
		starts := inner&^(inner<<8|before) | x&(x<<1)&tops
		before = inner >> 56
		amp := same(x, '&')
		// Nearly always no more than two words begin in eight octets, and no phrase
		// with either. To ask about both without a branch is fastest; where there is
		// none, the octets behind are asked about.
		second := starts & (starts - 1)
		h, k := opening(lowerFour(s, i+bits.TrailingZeros64(starts)>>3)), opening(lowerFour(s, i+bits.TrailingZeros64(second)>>3))
		if (o.four[h>>6&1023]>>(h&63)|o.four[k>>6&1023]>>(k&63))&1 == 0 && second&(second-1)|amp == 0 && !o.brief {
			continue
		}
		for starts |= amp; starts != 0; starts &= starts - 1 {
			at := i + bits.TrailingZeros64(starts)>>3
			if s[at] == '&' {
				return ampersand(s, first, at)
			}
			if w := lowerFour(s, at); has(o.four[:], opening(w)) || o.brief && o.short(w) {
				return at
			}
		}
	}
	return o.last(s, first, i, before != 0)
}

// last is Next near the end, where words may be too short to be looked at.
func (o *Openings) last(s string, first, i int, inside bool) int {
	for ; i < len(s); i++ {
		c := s[i]
		switch word := alnum(c); {
		case c == '&':
			return ampersand(s, first, i)
		case c >= utf8.RuneSelf || word && !inside:
			return i
		default:
			inside = word
		}
	}
	return len(s)
}

// ampersand returns where the phrase may begin that has the "&" at s[at], which
// is "and": there, or with the one to three letters before it, from first on.
func ampersand(s string, first, at int) int {
	from := at
	for from > first && at-from < 3 && alnum(s[from-1]) {
		from--
	}
	if from > 0 && alnum(s[from-1]) {
		return at
	}
	return from
}

// Looked returns s in a form that can be looked over: as it is if it is ASCII
// without controls, else folded, without its quote marks. A folded text lives in
// one of the buffers.
func Looked(buf *[2][]byte, s string) string {
	if visible(s) {
		return s
	}
	if strings.IndexByte(s, '>') >= 0 {
		out := (*buf)[0][:0]
		for at := 0; at < len(s); {
			end, next := len(s), len(s)
			if i := strings.IndexByte(s[at:], '\n'); i >= 0 {
				end, next = at+i, at+i+1
			}
			l := measure(s, at, end)
			out = append(append(out, s[l.beg:l.end]...), '\n')
			at = next
		}
		(*buf)[0] = out
		s = unsafe.String(unsafe.SliceData(out), len(out))
	}
	return FoldIn(&(*buf)[1], s)
}

// visible reports whether s is ASCII without controls but white space.
func visible(s string) bool {
	bad := uint64(0)
	i := 0
	for ; i+8 <= len(s); i += 8 {
		x := eight(s, i)
		z := x &^ tops
		bad |= x | (z + ones) | ^(z + (0x80-'\t')*ones) | (z+(0x80-'\r'-1)*ones)&^(z+(0x80-' ')*ones)
	}
	for ; i < len(s); i++ {
		if c := s[i]; c >= 0x7f || c < ' ' && !isSpace(c) {
			return false
		}
	}
	return bad&tops == 0
}

// Unfolded appends to dst at least n octets from s[i:] on, or what there is, as
// they stand in a folded zone. s is Looked; what it takes is ASCII white space,
// quote marks and capitals.
func Unfolded(dst []byte, s string, i, n int) []byte {
	for i < len(s) && len(dst) < n {
		c := s[i]
		if !isSpace(c) {
			dst = append(dst, lowerASCII(c))
			i++
			continue
		}
		i = Gap(s, i)
		dst = append(dst, ' ')
	}
	return dst
}

// Gap returns where the white space at s[i:] ends, with the quote marks in it: i if
// there is none. s is Looked.
func Gap(s string, i int) int {
	line := false
	for i < len(s) && (isSpace(s[i]) || line && s[i] == '>') {
		line = line || s[i] == '\n'
		i++
	}
	return i
}
