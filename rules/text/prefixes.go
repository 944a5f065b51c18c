package text

import "math/bits"

// Prefixes is a filter in front of a search for many words: it knows how they
// begin. It may say yes where none begins, never no where one does.
type Prefixes struct {
	two   []uint64 // the first two octets of words of less than four
	four  []uint64 // hashes of the first four octets of the others
	brief []uint64 // those of words of less than twelve octets
	long  []uint64 // hashes of the first twelve octets
	shift int      // of the hashes of twelve octets
}

const (
	fourBits   = 15 // 4 KiB: it stays in the nearest cache
	longPrefix = 12
)

// NewPrefixes makes the filter for words, none of which is empty.
func NewPrefixes(words []string) *Prefixes {
	n := min(max(bits.Len(uint(len(words)))+4, 9), 24)
	p := &Prefixes{four: make([]uint64, 1<<(fourBits-6)), brief: make([]uint64, 1<<(fourBits-6)), long: make([]uint64, 1<<(n-6)), shift: 64 - n}
	for _, w := range words {
		if len(w) < 4 {
			p.tiny(w)
			continue
		}
		h := hashFour(uint32(w[0]) | uint32(w[1])<<8 | uint32(w[2])<<16 | uint32(w[3])<<24)
		put(p.four, h)
		if len(w) < longPrefix {
			put(p.brief, h)
		} else {
			put(p.long, uint32(p.twelve(w, 0)))
		}
	}
	return p
}

// tiny adds a word of one to three octets: whatever stands behind the first.
func (p *Prefixes) tiny(w string) {
	if p.two == nil {
		p.two = make([]uint64, 1<<10)
	}
	if len(w) > 1 {
		put(p.two, uint32(w[0])|uint32(w[1])<<8)
		return
	}
	for c := range uint32(256) {
		put(p.two, uint32(w[0])|c<<8)
	}
}

func put(set []uint64, h uint32)      { set[h>>6] |= 1 << (h & 63) }
func has(set []uint64, h uint32) bool { return set[h>>6]>>(h&63)&1 != 0 }

func hashFour(x uint32) uint32 { return x * 0x9e3779b1 >> (32 - fourBits) }

func (p *Prefixes) twelve(s string, i int) uint64 {
	return (eight(s, i)*0x9e3779b97f4a7c15 ^ eight(s, i+4)) * 0xff51afd7ed558ccd >> p.shift
}

// At reports whether a word may begin at s[i:]. Near the end of s it says yes.
func (p *Prefixes) At(s string, i int) bool {
	if i+longPrefix > len(s) {
		return true
	}
	x := uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24
	h := hashFour(x)
	if p.two != nil && has(p.two, x&0xffff) {
		return true
	}
	return has(p.four, h) && (has(p.brief, h) || has(p.long, uint32(p.twelve(s, i))))
}
