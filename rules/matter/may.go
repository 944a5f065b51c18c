package matter

import (
	"unicode/utf8"
	"unsafe"

	"chancery/rules/text"
)

// shortLook is how much of a text is unfolded for a first look.
const shortLook = 16

// May reports whether FindIn can find anything in a zone of s, which text.Looked
// gave. It may say yes where there is nothing, never no where there is something.
// room is working memory.
func (x *Index) May(room *[]byte, s string) bool {
	switch {
	case x == nil || len(x.list) == 0 || s == "":
		return false
	case x.context || x.digits == 0:
		return true
	}
	return x.mayName(room, s) || x.mayNumber(room, s)
}

// mayName looks for aliases.
func (x *Index) mayName(room *[]byte, s string) bool {
	if x.openings == nil {
		return x.alias.size() > 0
	}
	if x.alias.size() == 0 {
		return false
	}
	for i := x.openings.Next(s, 0); i < len(s); i = x.openings.Next(s, i+1) {
		*room = text.Unfolded((*room)[:0], s, i, shortLook)
		if !x.prefixes.At(octets(*room), 0) {
			continue
		}
		*room = text.Unfolded((*room)[:0], s, i, x.longest+utf8.UTFMax)
		near := octets(*room)
		for _, n := range x.sizes(firstWord(near)) {
			if int(n) > len(near) {
				continue
			}
			if _, ok := x.alias.get(near[:n]); ok {
				return true
			}
		}
	}
	return false
}

// mayNumber looks for numbers in every token with enough digits.
func (x *Index) mayNumber(room *[]byte, s string) bool {
	for i := text.Digit(s, 0); i < len(s); i = text.Digit(s, i) {
		beg, digits := i, 0
		for ; i < len(s) && tokenish[s[i]]; i++ {
			if digit := s[i] - '0'; digit < 10 {
				digits++
			}
		}
		docket := digits > 2 && x.docks.size() > 0
		if digits < x.digits && !docket {
			continue
		}
		for beg > 0 && tokenish[s[beg-1]] {
			beg--
		}
		*room = text.Unfolded((*room)[:0], s[:i], beg, i-beg)
		if docket && x.mayDocket(octets(*room)) || digits >= x.digits && x.numbered(octets(*room)) {
			return true
		}
	}
	return false
}

// tokenish are the octets a token may have.
var tokenish = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= utf8.RuneSelf || ascii[c] || c == '.' || c == '-' || c == '/'
	}
	return t
}()

// numbered reports whether a number may be among the tokens of s.
func (x *Index) numbered(s string) bool {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !isWord(r) {
			i += n
			continue
		}
		end, digits := x.token(s, i)
		if digits >= x.digits && x.mayBe(s[i:end]) {
			return true
		}
		i = max(end, i+n)
	}
	return false
}

// mayBe reports whether a number may be a run of pieces of a token. A zone can
// begin or end inside the token: what stands beside the run does not matter.
func (x *Index) mayBe(token string) bool {
	if _, ok := x.number1(token); ok {
		return true
	}
	cuts := x.pieces(token)
	if cuts == nil {
		return true
	}
	for a := range cuts {
		for b := a; b < len(cuts); b++ {
			if _, ok := x.number1(token[cuts[a][0]:cuts[b][1]]); ok {
				return true
			}
		}
	}
	return false
}

func octets(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
