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
	four  []uint64 // hashes of the first four octets of first words that have them
	three []uint64 // hashes of first words of three
	two   []uint64 // the first two octets of shorter ones, and what may follow one
	shift int      // of the hashes
}

// NewOpenings makes the filter; nil if a phrase begins with something else than
// a letter or digit, or has a quote mark: then there is no filter.
func NewOpenings(phrases iter.Seq[string]) *Openings {
	firsts := map[string]bool{}
	for p := range phrases {
		n := 0
		for n < len(p) && n < 4 && (p[n] >= utf8.RuneSelf || digit(p[n]) || isLetter(p[n])) {
			n++
		}
		if n == 0 || strings.Contains(p, ">") {
			return nil
		}
		firsts[p[:n]] = true
	}
	size := min(max(bits.Len(uint(len(firsts)))+4, 12), 20)
	o := &Openings{four: make([]uint64, 1<<(size-6)), shift: 32 - size}
	for w := range firsts {
		x := uint32(0)
		for i := range len(w) {
			x |= uint32(w[i]|0x20) << (8 * i)
		}
		switch len(w) {
		case 4:
			put(o.four, o.hash(x))
		case 3:
			if o.three == nil {
				o.three = make([]uint64, len(o.four))
			}
			put(o.three, o.hash(x))
		default:
			o.short(x, len(w))
		}
	}
	return o
}

// short adds a first word of one or two octets.
func (o *Openings) short(x uint32, n int) {
	if o.two == nil {
		o.two = make([]uint64, 1<<10)
	}
	if n == 2 {
		put(o.two, x)
		return
	}
	for c := range uint32(256) {
		put(o.two, x|(c|0x20)<<8)
	}
}

func (o *Openings) hash(x uint32) uint32 { return x * 0x9e3779b1 >> o.shift }

// Next returns the first place from i on where a phrase may begin, or len(s). s
// is Looked.
func (o *Openings) Next(s string, i int) int {
	before := uint64(0) // 0x80 if the octet before is an ASCII letter or digit
	if i > 0 && (digit(s[i-1]) || isLetter(s[i-1])) {
		before = 0x80
	}
	for ; i+8 <= len(s); i += 8 {
		x := eight(s, i)
		z := (x | 0x20*ones) &^ tops
		inner := ((z+(0x80-'0')*ones)&^(z+(0x80-'9'-1)*ones) | (z+(0x80-'a')*ones)&^(z+(0x80-'z'-1)*ones)) & tops &^ x
		// A word, a character beyond ASCII by its first octet, or "&", which is "and".
		starts := inner&^(inner<<8|before) | x&(x<<1)&tops | same(x, '&')
		before = inner >> 56
		for ; starts != 0; starts &= starts - 1 {
			if at := i + bits.TrailingZeros64(starts)>>3; o.at(s, at) {
				return at
			}
		}
	}
	for ; i < len(s); i++ {
		c := s[i]
		inside := digit(c) || isLetter(c)
		if (inside && before == 0 || c >= utf8.RuneSelf || c == '&') && o.at(s, i) {
			return i
		}
		before = 0
		if inside {
			before = 0x80
		}
	}
	return len(s)
}

// at reports whether a phrase may begin at s[i:].
func (o *Openings) at(s string, i int) bool {
	if i+4 > len(s) {
		return true
	}
	x := (uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24) | 0x20202020
	if has(o.four, o.hash(x)) || o.three != nil && has(o.three, o.hash(x&0xffffff)) || o.two != nil && has(o.two, x&0xffff) {
		return true
	}
	amp := x ^ '&'*0x01010101
	return (amp-0x01010101)&^amp&0x80808080 != 0
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
		bad |= x | z + ones | ^(z + (0x80-'\t')*ones) | (z+(0x80-'\r'-1)*ones)&^(z+(0x80-' ')*ones)
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
		line := false
		for i < len(s) && (isSpace(s[i]) || line && s[i] == '>') {
			line = line || s[i] == '\n'
			i++
		}
		dst = append(dst, ' ')
	}
	return dst
}
