package agenda

import (
	"cmp"
	"slices"
	"time"

	"chancery/internal/model"
)

// records finds the conflicts that a change of ours has ended: a note says what
// was done until the meeting is past. What was done about a conflict that goes on
// is put to that conflict.
func (s *settlement) records(blocks []block, conflicts []conflict) (out []conflict) {
	done := map[model.Ident][]amended{}
	for _, list := range s.amends {
		for _, a := range list {
			if a.f.Amended != nil && !a.f.Pinned {
				done[a.f.Amended.Of] = append(done[a.f.Amended.Of], a)
			}
		}
	}
	if len(done) == 0 {
		return nil
	}
	for i := range conflicts {
		c := &conflicts[i]
		c.done = byInstance(done[c.of])
		delete(done, c.of)
	}
	events := map[model.Name]*model.Event{}
	for _, n := range s.book.all() {
		if e := n.event; e.Own == nil {
			events[model.Name(e.Ref.Source)+"\x00"+model.Name(e.Body.Reveal().UID)] = e
		}
	}
	for of, list := range done {
		list = byInstance(list)
		for _, a := range list {
			e := events[model.Name(a.f.Amended.Base.Source)+"\x00"+a.f.Amended.UID]
			if c, ok := s.ended(of, a, e, blocks); ok {
				c.done = list
				out = append(out, c)
				break
			}
		}
	}
	slices.SortFunc(out, func(a, b conflict) int { return cmp.Or(a.next.Compare(b.next), cmp.Compare(a.of, b.of)) })
	return out
}

// byInstance orders the changes about one conflict. Both of its meetings may have been
// changed, one after the other.
func byInstance(list []amended) []amended {
	slices.SortFunc(list, func(a, b amended) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.of, b.of)) })
	return list
}

// ended is the conflict that a change has ended, as long as it would go on
// without it.
func (s *settlement) ended(of model.Ident, a amended, e *model.Event, blocks []block) (conflict, bool) {
	if e == nil {
		return conflict{}, false
	}
	ghost, ok := s.ghost(a, e)
	if !ok {
		return conflict{}, false
	}
	best := -1
	for i := range blocks {
		b := &blocks[i]
		if s.fingerprint(b.key, ghost.key) != of {
			continue
		}
		if best < 0 || apart(b, ghost) < apart(&blocks[best], ghost) {
			best = i
		}
	}
	if best < 0 {
		return conflict{}, false
	}
	c := conflict{of: of, keeps: &blocks[best], yields: ghost, next: later(blocks[best].Start, ghost.Start), over: blocks[best].End}
	if ghost.End.Before(c.over) {
		c.over = ghost.End
	}
	return c, c.over.After(s.v.Now) && apart(c.keeps, ghost) < 24*time.Hour
}

func apart(a, b *block) time.Duration { return max(0, a.Start.Sub(b.End), b.Start.Sub(a.End)) }

// ghost is an event that we changed, as it stood in the way.
func (s *settlement) ghost(a amended, e *model.Event) (*block, bool) {
	from, till := s.v.Now.Add(-48*time.Hour), s.v.Now.Add(maxHorizon)
	if !a.at.IsZero() {
		from, till = a.at.Add(-maxShift), a.at.Add(maxShift)
	}
	was := a.f.Amended.Was
	in, _ := Expand(e, s.zone, from, till, 0)
	for _, x := range in {
		if !a.at.IsZero() && !x.Original.Equal(a.at) {
			continue
		}
		if was.Start != 0 {
			x.Start, x.End = time.Unix(int64(was.Start), 0), time.Unix(int64(was.End), 0)
		}
		b := &block{Instance: x, key: keyOf(e), verdict: &verdict{r: s.rank(e, x.Occurrence)}}
		return b, x.End.After(s.v.Now)
	}
	return nil, false
}

// record tells what was done, and nothing else: there is nothing to hold any more.
func (s *settlement) record(c *conflict) {
	s.look(c.over)
	f := s.v.Findings[c.of]
	if f.Dismissed || f.Pinned {
		return
	}
	t := s.telling(c, nil)
	t.record = true
	t.digest = t.digestOf("") + "-done"
	s.tellHere(c, t, f)
	s.sweep(s.slotsOf(kindSlot, Root(c.of)), nil, "the conflict is settled")
	s.dropReply(c.of, "the conflict is settled")
}

// deed says what was done about the event that yields; "" if nothing.
func (t telling) deed() string {
	if len(t.c.done) == 0 {
		return ""
	}
	return deed(t.c.done[0].f.Amended)
}

func deed(a *model.Amend) string {
	switch {
	case a.Now.Start != 0:
		return "moved"
	case a.Now.Answer == "DECLINED":
		return "declined"
	case a.Now.Answer == "TENTATIVE":
		return "answered tentatively"
	}
	return "changed"
}

// deeds tells it in sentences.
func (t telling) deeds() string {
	done := t.c.done
	if len(done) == 0 {
		return ""
	}
	text := "It was " + t.deed() + " by rule"
	if a := done[0].f.Amended; a.Now.Start != 0 {
		text += ", to " + t.s.when(time.Unix(int64(a.Now.Start), 0), time.Unix(int64(a.Now.End), 0), false)
	}
	if n := len(done) - 1; n == 1 {
		text += ", and so was one more date"
	} else if n > 1 {
		text += ", and so were " + count(n, "more date")
	}
	told := "the organizer"
	if done[0].f.Amended.Now.Start != 0 {
		told = "the people invited"
	}
	return text + ". The calendar server may have told " + told + ". Change it back in the calendar, and Chancery leaves it alone for good."
}
