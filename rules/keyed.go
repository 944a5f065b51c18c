package rules

import (
	"slices"

	"chancery/rules/text"
)

// keyed is what a text is looked over for before anything else: the terms whose
// hits in the body are keys of a rule. Terms that only a rule which is asked anyway
// wants to know, as in unless:, and terms that count in subject and names alone do
// not have a text divided.
type keyed struct {
	need     []int          // by term set: hits without which no rule passes; 0: it makes no key
	openings *text.Openings // nil: the terms may begin anywhere
	any      bool           // there are any
	whole    bool           // they are all terms, and one is enough
}

func newKeyed(s *Set, t *gate) *keyed {
	k := &keyed{need: make([]int, s.words.count)}
	for set, gates := range t.terms {
		for _, g := range gates {
			if g.zones&^headZones != 0 && (k.need[set] == 0 || g.least < k.need[set]) {
				k.need[set] = g.least
			}
		}
	}
	k.whole = !slices.ContainsFunc(k.need, func(n int) bool { return n != 1 })
	var list []string
	for i, term := range s.words.list {
		if slices.ContainsFunc(s.words.sets[i], func(set int32) bool { return k.need[set] > 0 }) {
			list = append(list, term)
		}
	}
	if len(list) > 0 {
		k.openings, k.any = text.NewOpenings(slices.Values(list)), true
	}
	return k
}

// may reports whether a term set can have the hits that a rule needs, with those
// of subject and names, which are known, and those of s, which text.Looked gave.
func (k *keyed) may(f *facts, s string) bool {
	switch {
	case !k.any || s == "":
		return false
	case k.openings == nil:
		return true
	}
	w := f.set.words
	return w.may(f.scratch, k.openings, s, func(term int) bool {
		for _, set := range w.sets[term] {
			if k.need[set] == 0 {
				continue
			}
			if f.counts[set]++; f.counts[set] >= k.need[set] {
				return true
			}
		}
		return false
	})
}

// counted fills in how many hits each set has in subject and names.
func (f *facts) counted(hits [][]hit) {
	f.counts = slices.Grow(f.counts[:0], len(hits))
	for _, h := range hits {
		f.counts = append(f.counts, len(h))
	}
}
