package agenda

import (
	"cmp"
	"maps"
	"slices"
)

// promises are the times that are offered to somebody, or held for a choice. They
// are free as long as nobody has chosen; but who takes up two offers of one hour
// has the next conflict. So a new offer goes elsewhere if there is room.
type promises map[int64][]promise // by the UTC days they touch

type promise struct {
	slot
	to string // kind and root of what it was promised for
}

// costPromised is what speaks against a time that is promised already: better five
// days later, over a weekend. It is offered all the same when these are full.
const costPromised = 5 * costDay

func (p promises) add(to string, list ...slot) {
	for _, w := range list {
		for on := w.start.Unix() / 86400; on <= w.end.Unix()/86400; on++ {
			p[on] = append(p[on], promise{w, to})
		}
	}
}

// another reports whether some of w is promised for something else.
func (p promises) another(w slot, to string) bool {
	for on := w.start.Unix() / 86400; on <= w.end.Unix()/86400; on++ {
		for _, x := range p[on] {
			if x.to != to && x.start.Before(w.end) && w.start.Before(x.end) {
				return true
			}
		}
	}
	return false
}

// asker names for whom the times of a conflict are looked for: all conflicts in which
// one meeting yields are one.
func (s *settlement) asker(c *conflict) string { return kindSlot + Root(s.kinOf(c)[0].of) }

// promised collects what stands: offers of these conflicts, and holds that wait for
// a choice.
func (s *settlement) promised(conflicts []conflict) promises {
	out, one := promises{}, map[string]string{}
	for i := range conflicts {
		c := &conflicts[i]
		one[kindSlot+Root(c.of)] = s.asker(c)
		if f := s.v.Findings[c.of]; !c.person && !f.Dismissed {
			out.add(s.asker(c), offered(f, s.wanted(c), c.yields.End.Sub(c.yields.Start))...)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s.held)) {
		for _, h := range s.held[key] {
			if h.now == nil || h.f.Hold == "" || h.f.Dismissed || h.f.Confirmed {
				continue
			}
			if m := h.now.Body.Reveal().Master; m != nil && !m.Start.IsZero() {
				start, end := own(m, s.zone)
				out.add(cmp.Or(one[key], key), slot{start, end})
			}
		}
	}
	return out
}
