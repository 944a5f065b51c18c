package text

import (
	"math/bits"
	"unicode/utf8"
)

// Eight octets are looked at as one number. A mask has the top bit of each octet
// that it is about; carries run upwards only, so that the lowest octet a mask
// tells of is always right.
const (
	ones = 0x0101010101010101
	tops = 0x8080808080808080
)

// eight returns the octets from s[i] on, the first lowest.
func eight(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// from is the mask of octets below 0x80 that are at least c.
func from(x uint64, c byte) uint64 { return (x&^tops + (0x80-uint64(c))*ones) & tops &^ x }

// same is the mask of octets that are c, which is below 0x80.
func same(x uint64, c byte) uint64 {
	x ^= uint64(c) * ones
	return ^(x&^tops + 0x7f*ones) & tops &^ x
}

// lowered turns ASCII capitals into small letters.
func lowered(x uint64) uint64 {
	return x | (from(x, 'A')&^from(x, 'Z'+1))>>2
}

// Starts appends to dst where a word of a folded text may start: each ASCII letter
// or digit that does not follow one, and each octet beyond ASCII.
func Starts(dst []int32, s string) []int32 {
	before := uint64(0) // 0x80 if the octet before is an ASCII letter or digit
	i := 0
	for ; i+8 <= len(s); i += 8 {
		x := eight(s, i)
		inner := from(x, '0')&^from(x, '9'+1) | from(x, 'a')&^from(x, 'z'+1)
		starts := inner&^(inner<<8|before) | x&tops
		before = inner >> 56
		for ; starts != 0; starts &= starts - 1 {
			dst = append(dst, int32(i+bits.TrailingZeros64(starts)>>3))
		}
	}
	inside := before != 0
	for ; i < len(s); i++ {
		c := s[i]
		in := c >= '0' && c <= '9' || c >= 'a' && c <= 'z'
		if in && !inside || c >= utf8.RuneSelf {
			dst = append(dst, int32(i))
		}
		inside = in
	}
	return dst
}

// Joint returns the offset of the first hyphen, slash, underline, ampersand or
// octet beyond ASCII in s from i on, or len(s).
func Joint(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		x := eight(s, i)
		if m := x&tops | same(x, '-') | same(x, '/') | same(x, '_') | same(x, '&'); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
	}
	for i < len(s) && s[i] < utf8.RuneSelf && s[i] != '-' && s[i] != '/' && s[i] != '_' && s[i] != '&' {
		i++
	}
	return i
}

// Digit returns the offset of the first ASCII digit in s from i on, or len(s).
func Digit(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		x := eight(s, i)
		if m := from(x, '0') &^ from(x, '9'+1); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
	}
	for i < len(s) && !digit(s[i]) {
		i++
	}
	return i
}
