package agenda

import (
	"slices"

	"chancery/internal/model"
)

// A meeting that yields to several at once moves once. Its free times are offered,
// and its organizer is asked, with one of these conflicts; the others tell of the
// same times.

// relate finds the conflicts in which the same instance yields.
func (s *settlement) relate(conflicts []conflict) {
	s.kin = map[*block][]*conflict{}
	for i := range conflicts {
		if c := &conflicts[i]; !c.person {
			s.kin[c.yields] = append(s.kin[c.yields], c)
		}
	}
}

// kinOf are the conflicts in which the one that yields in c yields, c among them,
// soonest first.
func (s *settlement) kinOf(c *conflict) []*conflict {
	if list := s.kin[c.yields]; len(list) > 1 && !c.person {
		return list
	}
	return []*conflict{c}
}

// kinSlots are all slot holds that were ever made for the one that yields.
func (s *settlement) kinSlots(c *conflict) slotHolds {
	list := s.kinOf(c)
	if len(list) == 1 {
		return s.slotsOf(kindSlot, Root(c.of))
	}
	var out slotHolds
	for _, k := range list {
		out = append(out, s.slotsOf(kindSlot, Root(k.of))...)
	}
	slices.SortFunc(out, slotHold.compare)
	return out
}

// lead is the conflict that the offers stand with: where people were at work, else
// where they stand already, else the soonest.
func (s *settlement) lead(c *conflict) *conflict {
	list := s.kinOf(c)
	if len(list) == 1 {
		return c
	}
	lead, best := c, -1
	for _, k := range list {
		if f := s.v.Findings[k.of]; f.Dismissed || f.Pinned {
			continue
		}
		if n := s.standingOffers(k); n > best {
			lead, best = k, n
		}
	}
	return lead
}

// standingOffers is 2 where a person decided about an offer of a conflict, 1 where
// there is one, else 0.
func (s *settlement) standingOffers(c *conflict) (n int) {
	for _, h := range s.slotsOf(kindSlot, Root(c.of)) {
		if h.touched() {
			return 2
		}
		if h.f.Hold != "" {
			n = 1
		}
	}
	switch r := s.v.Findings[kin(kindReply, c.of)]; {
	case r.Dismissed, r.Pinned:
		return 2
	case r.Note != "", r.Open:
		return 1
	}
	return n
}

// offersOf are the times to offer for the one that yields in c, and those that a
// person chose to offer.
func (s *settlement) offersOf(c *conflict, d *diary, wanted string) (slots, moved []slot) {
	hs, length := s.kinSlots(c), c.yields.End.Sub(c.yields.Start)
	n, never := hs.wanted(s.o.Alternatives), hs.never()
	for _, k := range s.kinOf(c) {
		if k == c || !s.v.Findings[k.of].Pinned || s.v.Findings[k.of].Dismissed {
			continue
		}
		// Where a person is at it, what is offered already stays as it is.
		for _, h := range s.goodOffers(k, d) {
			never[h.start.Unix()] = true
			n--
		}
	}
	_, moved = hs.moved(s.zone)
	d.never, d.asker = never, s.asker(c)
	slots = d.alternatives(c.yields, n, offered(s.v.Findings[s.lead(c).of], wanted, length))
	d.never = nil
	d.promises.add(d.asker, slots...)
	return slots, moved
}

// goodOffers are the untouched slot holds of a conflict whose time is still good.
func (s *settlement) goodOffers(c *conflict, d *diary) (out slotHolds) {
	length := c.yields.End.Sub(c.yields.Start)
	for _, h := range s.slotsOf(kindSlot, Root(c.of)) {
		w := slot{h.start, h.start.Add(length)}
		if h.f.Hold != "" && !h.touched() && !c.person && d.open(w) && d.free(w, c.yields) {
			out = append(out, h)
		}
	}
	return out
}

// asked reports whether the organizer has a draft, or had one, for another of the
// conflicts in which the same meeting yields.
func (s *settlement) asked(c *conflict) bool {
	return slices.ContainsFunc(s.kinOf(c), func(k *conflict) bool {
		f := s.v.Findings[kin(kindReply, k.of)]
		return k != c && (f.Dismissed || f.Pinned || f.Open || f.Note != "")
	})
}

// keepOf names slot holds.
func keepOf(hs slotHolds) map[model.Ident]bool {
	out := make(map[model.Ident]bool, len(hs))
	for _, h := range hs {
		out[h.of] = true
	}
	return out
}
