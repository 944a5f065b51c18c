package rules

import (
	"slices"
	"strings"

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
func ofBody(zone int) bool { return zone != zoneSubject && zone != zoneName && zone != zoneFile }

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
		switch {
		case f.set.ungated, len(body) > maxText, len(attached) > maxText, f.stands(what, body), f.stands(what, attached),
			what == lookTerms && f.isTorn():
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

// openings is the filter of all terms, and of the longer ones if they lost a blank
// after two or three letters, or are spaced.
func (w *words) openings() *text.Openings {
	o := text.NewOpenings(slices.Values(w.list))
	if o == nil {
		return nil
	}
	for _, g := range w.gluedList {
		for _, c := range [2]byte{' ', '\n'} {
			o.Also([4]byte{g[0], g[1], c, g[2]})
			o.Also([4]byte{g[0], g[1], g[2], c})
		}
		o.Also([4]byte{g[0], ' ', g[1], ' '})
		o.Also([4]byte{g[0], '.', g[1], '.'})
		o.Also([4]byte{g[0], '-', g[1], '-'})
	}
	return o
}

// may reports whether a term can stand in a zone of s, which text.Looked gave.
func (w *words) may(room *scratch, o *text.Openings, s string) bool {
	if o == nil {
		return w.machine != nil
	}
	for i := o.Next(s, 0); i < len(s); i = o.Next(s, i+1) {
		room.near = text.Unfolded(room.near[:0], s, i, shortLook)
		near, _ := plainIn(&room.plain, octets(room.near))
		cut := strings.Contains(octets(room.near), "- ")
		if !cut && !w.machine.begin.At(near, 0) {
			continue
		}
		// Of each join the folded text has two octets more than the term.
		room.near = text.Unfolded(room.near[:0], s, i, 3*w.longest+8)
		room.joins = room.joins[:0]
		near, _ = plainJoins(&room.plain, &room.joins, octets(room.near))
		if w.stands(near) || len(room.joins) > 0 && w.stands(joined(near, room.joins)) {
			return true
		}
	}
	return false
}

// joined is s without the blanks at joins.
func joined(s string, joins []int32) string {
	var b strings.Builder
	from := int32(0)
	for _, j := range joins {
		b.WriteString(s[from:j])
		from = j + 1
	}
	b.WriteString(s[from:])
	return b.String()
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
