package text

import (
	"slices"
	"strings"
)

// Most mail has no boilerplate, so the automaton of phrases runs only over the
// paragraphs in which a filter saw a phrase. The filter looks at every second
// octet for an anchor: four octets of the longest word of a phrase, at two
// offsets. It may let too much through, never too little.

// anchors are the anchors of all phrases.
type anchors struct {
	seen  [1 << 10]uint64 // hashes of anchors, one bit each
	heads [1 << 10]uint16 // by hash: 1 + index of the first in list
	list  []anchor
}

// anchor is one place of a phrase.
type anchor struct {
	phrase string
	at     int    // octets of phrase before it; -1 if it begins with what stands before the phrase
	rest   uint32 // the octets of the word that follow it, as a number
	mask   uint32 // of those that do
	next   uint16 // 1 + index of the next with a like hash
}

// hashOf knows no case; that it mixes up some signs does no harm.
func hashOf(x uint32) uint32 { return (x | 0x20202020) * 0x9e3779b1 >> 16 }

// newAnchors gives every phrase its anchors, but those that cannot make a footer
// without others: see weak.
func newAnchors(list []phrase) *anchors {
	a := &anchors{}
	for _, p := range list {
		if p.weight == 0 || weak(p) {
			continue
		}
		for _, w := range p.words {
			a.phrase(w)
		}
	}
	return a
}

// weak reports whether a phrase is one of the few that are told by small words
// only. Together they weigh less than a footer needs, and none of them continues
// one, so a paragraph with nothing else has no footer.
func weak(p phrase) bool {
	return slices.ContainsFunc(p.words, func(w string) bool {
		return w == "if you are not" || w == "notify us" || w == "delete this"
	})
}

// frequent are words of phrases that stand in much mail without boilerplate:
// another word of the phrase is the better anchor.
var frequent = map[string]bool{
	"agreement": true, "attached": true, "attachments": true, "attorney": true, "company": true, "contact": true, "contained": true,
	"contains": true, "contents": true, "contract": true, "distribution": true, "documents": true, "including": true, "individual": true,
	"information": true, "message": true, "number": true, "office": true, "opinions": true, "original": true, "please": true,
	"property": true, "received": true, "regulated": true, "responsibility": true, "review": true, "sender": true, "subject": true,
}

// phrase adds the anchors of the longest word that is not frequent: two, so that one of them stands at
// an even offset of the text. What stands beside a short word is part of them.
func (a *anchors) phrase(s string) {
	from, till := 0, 0
	for at := 0; at < len(s); {
		end := len(s)
		if i := strings.IndexByte(s[at:], ' '); i >= 0 {
			end = at + i
		}
		if worth(s[at:end]) > worth(s[from:till]) {
			from, till = at, end
		}
		at = end + 1
	}
	w := s[from:till]
	switch len(w) {
	case 0, 1, 2: // there is none: a test says so
	case 3:
		for _, c := range edges(from > 0) {
			a.add([4]byte{c, w[0], w[1], w[2]}, s, from-1)
		}
		for _, c := range edges(till < len(s)) {
			a.add([4]byte{w[0], w[1], w[2], c}, s, from)
		}
	case 4:
		a.add([4]byte([]byte(w)), s, from)
		for _, c := range edges(till < len(s)) {
			a.add([4]byte{w[1], w[2], w[3], c}, s, from+1)
		}
	default:
		a.add([4]byte([]byte(w[:4])), s, from)
		a.add([4]byte([]byte(w[1:5])), s, from+1)
	}
}

func worth(word string) int {
	if frequent[word] {
		return 4 // better than a word of three letters
	}
	return len(word)
}

// edges are the octets beside a word of a phrase, but for capitals: inside the
// phrase white space or a quote mark, at its ends any.
func edges(inside bool) []byte {
	if inside {
		return []byte(" \t\r\n\v\f>")
	}
	var all []byte
	for c := range 256 {
		if c&0x20 != 0 {
			all = append(all, byte(c))
		}
	}
	return all
}

func (a *anchors) add(gram [4]byte, phrase string, at int) {
	h := hashOf(uint32(gram[0]) | uint32(gram[1])<<8 | uint32(gram[2])<<16 | uint32(gram[3])<<24)
	a.seen[h>>6] |= 1 << (h & 63)
	n := anchor{phrase: phrase, at: at, next: a.heads[h>>6]}
	for k := range 4 {
		if i := at + 4 + k; i < len(phrase) && strings.IndexByte(phrase[at+1:i+1], ' ') < 0 {
			n.rest |= uint32(phrase[i]|0x20) << (8 * k)
			n.mask |= 0xff << (8 * k)
		}
	}
	a.list = append(a.list, n)
	a.heads[h>>6] = uint16(len(a.list))
}

// there reports whether a phrase stands around s[i:i+4], whose hash is h. It
// takes more for white space than the automaton does.
func (a *anchors) there(h uint32, s string, i int) bool {
	var behind uint32
	if i+8 <= len(s) {
		behind = uint32(eight(s, i)>>32) | 0x20202020
	} else {
		for k := len(s) - 1; k >= i+4; k-- {
			behind = behind<<8 | uint32(s[k]|0x20)
		}
	}
	for k := a.heads[h>>6]; k != 0; k = a.list[k-1].next {
		c := &a.list[k-1]
		if behind&c.mask != c.rest {
			continue
		}
		if c.at < 0 {
			if goesOn(s, i+1, c.phrase) {
				return true
			}
		} else if goesOn(s, i, c.phrase[c.at:]) && comesFrom(s, i, c.phrase[:c.at]) {
			return true
		}
	}
	return false
}

func isGap(c byte) bool { return isSpace(c) || c == '>' }

// goesOn reports whether s continues at i with p.
func goesOn(s string, i int, p string) bool {
	for k := range len(p) {
		if p[k] != ' ' {
			if i >= len(s) || lowerASCII(s[i]) != p[k] {
				return false
			}
			i++
			continue
		}
		from := i
		for i < len(s) && isGap(s[i]) {
			i++
		}
		if i == from {
			return false
		}
	}
	return true
}

// comesFrom reports whether p stands in s right before i.
func comesFrom(s string, i int, p string) bool {
	for k := len(p) - 1; k >= 0; k-- {
		if p[k] != ' ' {
			if i--; i < 0 || lowerASCII(s[i]) != p[k] {
				return false
			}
			continue
		}
		from := i
		for i > 0 && isGap(s[i-1]) {
			i--
		}
		if i == from {
			return false
		}
	}
	return true
}

// next returns the first even offset from i on at which an anchor of a phrase
// stands; len(s) or more if there is none.
func (a *anchors) next(s string, i int) int {
	for ; i+8 <= len(s); i += 6 {
		x := eight(s, i)
		h, k, l := hashOf(uint32(x)), hashOf(uint32(x>>16)), hashOf(uint32(x>>32))
		if (a.seen[h>>6&1023]>>(h&63)|a.seen[k>>6&1023]>>(k&63)|a.seen[l>>6&1023]>>(l&63))&1 == 0 {
			continue
		}
		for n, h := range [3]uint32{h, k, l} {
			if a.seen[h>>6]>>(h&63)&1 != 0 && a.there(h, s, i+2*n) {
				return i + 2*n
			}
		}
	}
	for ; i < len(s); i += 2 {
		var x uint32
		for k := min(len(s), i+4) - 1; k >= i; k-- {
			x = x<<8 | uint32(s[k])
		}
		if h := hashOf(x); a.seen[h>>6]>>(h&63)&1 != 0 && a.there(h, s, i) {
			return i
		}
	}
	return i
}

// paragraphs calls scan for the stretches of full lines that have a phrase.
func (a *anchors) paragraphs(b *body, scan func(from, till int)) {
	n := 0
	for i := a.next(b.text, 0); i < len(b.text); i = a.next(b.text, i) {
		// The anchor may begin one octet before its word, in the white space.
		for n < len(b.lines) && (int(b.lines[n].end) <= i+1 || b.lines[n].blank()) {
			n++
		}
		if n == len(b.lines) {
			return
		}
		from := n
		for from > 0 && !b.lines[from-1].blank() {
			from--
		}
		for n < len(b.lines) && !b.lines[n].blank() {
			n++
		}
		scan(from, n)
		if n == len(b.lines) {
			return
		}
		i = max(i+2, int(b.lines[n-1].end)&^1)
	}
}
