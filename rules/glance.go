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
	lookKeys  // terms of which a rule must see so many
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
		case what == lookTerms && f.may[lookKeys] == never && f.set.gate.keyed.whole: // it was the same look
		case f.set.ungated, len(body) > maxText, len(attached) > maxText,
			what == lookTerms && f.may[lookKeys] == maybe,
			f.stands(what, body), f.stands(what, attached),
			what != lookMatters && f.isTorn():
			f.may[what] = maybe
		}
	}
	return f.may[what] == maybe
}

func (f *facts) stands(what int, s string) bool {
	s = text.Looked(&f.looked, s)
	switch what {
	case lookMatters:
		return f.set.matters.May(&f.near, s)
	case lookKeys:
		return f.set.gate.keyed.may(f, s)
	}
	w := f.set.words
	return w.may(f.scratch, f.set.openings, s, func(int) bool { return true })
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

// may calls enough for each term that can stand in a zone of s, which text.Looked
// gave, until it says true. o is a filter of those that count.
func (w *words) may(room *scratch, o *text.Openings, s string, enough func(term int) bool) bool {
	if o == nil {
		return w.machine != nil
	}
	for i := o.Next(s, 0); i < len(s); i = o.Next(s, i+1) {
		if !w.mayBeginAt(s, i) {
			continue
		}
		// Of each join the folded text has two octets more than the term.
		room.near = text.Unfolded(room.near[:0], s, i, 3*w.longest+8)
		room.joins = room.joins[:0]
		near, _ := plainJoins(&room.plain, &room.joins, octets(room.near))
		if w.stands(near, enough) || len(room.joins) > 0 && w.stands(joined(near, room.joins), enough) {
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

// stands calls enough for the terms at the start of s, or near it, and reports
// whether it said true.
func (w *words) stands(s string, enough func(term int) bool) bool {
	found := false
	w.machine.follow(s, 0, func(word, end int) bool {
		found = wordEdge(s, end-len(w.list[word])) && wordEdge(s, end) && enough(word)
		return !found
	})
	return found
}
