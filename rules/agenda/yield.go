package agenda

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"chancery/internal/model"
)

// conflict is one pair of meetings, told by its next clash.
type conflict struct {
	of            model.Ident
	keeps, yields *block // if person is set, in a fixed order only
	person        bool   // the rules name nobody: a person decides
	reason        string // what broke a tie; "" if rank or Fixed decided
	more          int    // further clashes of the same two
	next          time.Time
	over          time.Time // when this clash is past
	done          []amended // what we changed about it
}

// conflicts joins clashing blocks into one conflict for each pair of meetings,
// soonest first. full is set if there were more clashes than could be looked at.
func (s *settlement) conflicts(blocks []block, till time.Time) (out []conflict, full bool) {
	in := make([]Instance, len(blocks))
	for i := range blocks {
		in[i] = blocks[i].Instance
	}
	pairs := Overlaps(in)
	type key struct{ a, b model.Ident }
	groups := map[key]int{}
	for _, p := range pairs {
		a, b := &blocks[p.A], &blocks[p.B]
		if a.key == b.key {
			continue // a series that overlaps itself is as its author wants it
		}
		next, over := later(a.Start, b.Start), a.End
		if b.End.Before(over) {
			over = b.End
		}
		if !next.Before(till) || !over.After(s.v.Now) {
			continue
		}
		k := key{min(a.key, b.key), max(a.key, b.key)}
		i, ok := groups[k]
		if !ok {
			groups[k] = len(out)
			out = append(out, conflict{keeps: a, yields: b, next: next, over: over})
			continue
		}
		out[i].more++
		if c := &out[i]; next.Before(c.next) {
			c.keeps, c.yields, c.next, c.over = a, b, next, over
		}
	}
	for i := range out {
		out[i].of = s.fingerprint(out[i].keeps.key, out[i].yields.key)
		s.decide(&out[i])
	}
	slices.SortFunc(out, func(a, b conflict) int {
		return cmp.Or(a.next.Compare(b.next), cmp.Compare(a.of, b.of))
	})
	return out, len(pairs) == MaxPairs
}

// decide puts the two of a conflict in order. The steps are those of written
// court rules: class first, then what is agreed, who is hard to move, and what
// was set first.
func (s *settlement) decide(c *conflict) {
	a, b := c.keeps, c.yields
	order, reason := s.tie(a, b)
	switch {
	case a.r.Fixed && b.r.Fixed:
		c.person = true
	case a.r.Fixed != b.r.Fixed:
		order, reason = boolean(!a.r.Fixed, !b.r.Fixed), ""
	case a.r.Rank != b.r.Rank:
		order, reason = cmp.Compare(b.r.Rank, a.r.Rank), ""
	}
	if order > 0 {
		c.keeps, c.yields = b, a
	}
	c.reason = reason
}

// The ways to break a tie, and how they are told.
var reasons = map[string]string{
	"accepted":  "the one already accepted stays",
	"outside":   "the one called from outside stays",
	"booked":    "the one booked first stays",
	"arbitrary": "nothing else tells them apart",
}

// tie orders two meetings of one rank, and says by what; below zero if a keeps
// its time.
func (s *settlement) tie(a, b *block) (int, string) {
	if a.soft != b.soft {
		return boolean(a.soft, b.soft), "accepted"
	}
	if x, y := s.outsider(a), s.outsider(b); x != y {
		return boolean(!x, !y), "outside"
	}
	known := !a.Occurrence.Created.IsZero() && !b.Occurrence.Created.IsZero()
	if n := booked(*a, *b); n != 0 && known {
		return n, "booked"
	}
	return cmp.Compare(a.key, b.key), "arbitrary"
}

// why says in words who yields, by the names of ranks only.
func (c *conflict) why() string {
	keeps, yields := quoted(c.keeps), quoted(c.yields)
	switch {
	case c.person && keeps == yields:
		return "both are " + keeps + ", which never moves"
	case c.person:
		return "neither " + keeps + " nor " + yields + " may move"
	case c.keeps.r.Fixed:
		return keeps + " never moves"
	case c.reason == "":
		return keeps + " ranks above " + yields
	case keeps == yields:
		return "both are " + keeps + "; " + reasons[c.reason]
	}
	return keeps + " and " + yields + " rank the same; " + reasons[c.reason]
}

// outsider reports whether someone of another domain called the meeting.
func (s *settlement) outsider(b *block) bool {
	_, domain, ok := strings.Cut(strings.ToLower(b.Occurrence.Organizer.Addr), "@")
	return ok && !s.domains[domain]
}

// name is the rank's name as people see it.
func name(b *block) string {
	if n := clean(b.r.Name); n != "" {
		return n
	}
	return "unranked"
}

func quoted(b *block) string {
	if clean(b.r.Name) == "" {
		return "unranked"
	}
	return "“" + name(b) + "”"
}
