package rules

import (
	"slices"

	"chancery/rules/text"
)

// Most mail names no term and no matter. To find that out, its text is looked
// over as it came, before anything is divided or folded. The look may see more
// than the zones have, never less.

// What a text is looked over for.
const (
	lookTerms = iota
	lookMatters
	lookings
)

// answer is what a look said.
type answer uint8

const (
	unasked answer = iota
	never
	maybe
)

// ofBody reports whether a zone is part of the body.
func ofBody(zone int) bool { return zone != zoneSubject && zone != zoneName }

// texts returns what Split divides, read once.
func (f *facts) texts() (body, attached string) {
	if !f.read {
		f.read = true
		f.body, f.attached = text.Body(&f.mail), text.Attached(&f.mail)
	}
	return f.body, f.attached
}

// mayStand reports whether what can stand in a zone of the body. Of a text longer
// than a zone rules see a part: it may end inside a word.
func (f *facts) mayStand(what int) bool {
	if f.may[what] == unasked {
		f.may[what] = never
		body, attached := f.texts()
		if f.set.ungated || len(body) > maxText || len(attached) > maxText || f.stands(what, body) || f.stands(what, attached) {
			f.may[what] = maybe
		}
	}
	return f.may[what] == maybe
}

func (f *facts) stands(what int, s string) bool {
	s = text.Looked(&f.looked, s)
	if what == lookMatters {
		return f.set.matters.May(&f.near, s)
	}
	return f.set.words.may(f.scratch, f.set.openings, s)
}

// openings is the filter of all terms.
func (w *words) openings() *text.Openings {
	return text.NewOpenings(slices.Values(w.list))
}

// may reports whether a term can stand in a zone of s, which text.Looked gave.
func (w *words) may(room *scratch, o *text.Openings, s string) bool {
	if o == nil {
		return w.machine != nil
	}
	for i := o.Next(s, 0); i < len(s); i = o.Next(s, i+1) {
		room.near = text.Unfolded(room.near[:0], s, i, shortLook)
		near, _ := plainIn(&room.plain, octets(room.near))
		if !w.machine.begin.At(near, 0) {
			continue
		}
		room.near = text.Unfolded(room.near[:0], s, i, w.longest+8)
		near, _ = plainIn(&room.plain, octets(room.near))
		if w.stands(near) {
			return true
		}
	}
	return false
}

// shortLook is how much of a text is unfolded for a first look.
const shortLook = 16

// stands reports whether a term stands at the start of s, or near it.
func (w *words) stands(s string) bool {
	found := false
	w.machine.follow(s, 0, func(word, end int) bool {
		found = wordEdge(s, end-len(w.list[word])) && wordEdge(s, end)
		return !found
	})
	return found
}
