package agenda

import (
	"cmp"
	"slices"
	"time"

	"chancery/internal/model"
)

// oneDate names one date of a meeting, also where it was moved to another time.
type oneDate struct {
	key model.Ident
	at  int64
}

// whichDate names the date of an instance. What does not repeat has one, wherever it
// moves.
func whichDate(b *block) oneDate {
	if recurs(b.Event) {
		return oneDate{b.key, b.Original.Unix()}
	}
	return oneDate{key: b.key}
}

// taking lists the instances that a mirror shows, by start. Nothing that carries
// a tag of this program is among them, whoever wrote it: a mirror is not mirrored
// on, and the mirrors of two installations cannot echo each other.
func (s *settlement) taking(m *Mirror, from, till time.Time) []block {
	var all []block
	latest := map[oneDate]int{} // a copy that has not heard of a change is not shown
	s.instances(m.From, from, till, func(b block) {
		all = append(all, b)
		d := whichDate(&b)
		latest[d] = max(latest[d], b.Occurrence.Sequence)
	})
	shows := map[*model.Occurrence]bool{}
	at := map[oneDate]int{}
	out := all[:0]
	for _, b := range all {
		d := whichDate(&b)
		if b.Occurrence.Sequence < latest[d] || !b.End.After(b.Start) {
			continue
		}
		show, ok := shows[b.Occurrence]
		if !ok {
			show = s.reflects(m, b.Event, b.Occurrence)
			shows[b.Occurrence] = show
		}
		if !show {
			continue
		}
		if i, ok := at[d]; !ok {
			at[d] = len(out)
			out = append(out, b)
		} else if newer(&b, &out[i]) {
			out[i] = b
		}
	}
	slices.SortFunc(out, func(a, b block) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.key, b.key), a.Original.Compare(b.Original))
	})
	return out
}

// reflects reports whether a mirror shows an event. What takes no time is not
// shown, and neither is an invitation nobody answered: a stranger must not fill a
// calendar. A condition that asks about this decides it.
func (s *settlement) reflects(m *Mirror, e *model.Event, o *model.Occurrence) bool {
	part := s.answer(o)
	_, asks := s.wants(o)
	switch {
	case asks,
		o.Status == "CANCELLED",
		!m.AsksShow && (o.Show == model.Free || o.Show == model.Elsewhere),
		!m.AsksAnswer && (part == "DECLINED" || part == "NEEDS-ACTION"),
		!m.AsksDays && o.Start.Date && o.Show != model.OutOfOffice:
		return false
	}
	return m.Shows == nil || m.Shows(e, o)
}

// meetings names the dates that stand in a calendar themselves.
func (s *settlement) meetings(calendar model.SourceID, from, till time.Time) map[oneDate]bool {
	out := map[oneDate]bool{}
	s.instances([]model.SourceID{calendar}, from, till, func(b block) { out[whichDate(&b)] = true })
	return out
}

// instances calls f for the instances of others' events in some calendars.
func (s *settlement) instances(calendars []model.SourceID, from, till time.Time, f func(block)) {
	first, last := from.Unix(), till.Unix()
	for _, n := range s.book.list {
		if len(n.moments) == 0 || !slices.Contains(calendars, n.source) {
			continue
		}
		s.book.wake(n)
		if n.event.Own != nil || n.event.Tagged {
			continue
		}
		series := n.event.Body.Reveal()
		for _, m := range n.moments {
			if m.start >= last || m.end <= first && m.start < first {
				continue
			}
			o := series.Master
			if m.occurrence > 0 {
				o = &series.Overrides[m.occurrence-1]
			}
			f(block{Instance: m.instance(n.event, o, s.zone), key: keyOf(n.event), verdict: &verdict{}})
		}
	}
}

// veiled reports whether an event lies in a calendar of which the one for holds
// shows nothing but the time: whoever sees that one must not read in a hold what
// the mirror keeps from them.
func (s *settlement) veiled(b *block) bool {
	return slices.ContainsFunc(s.o.Mirrors, func(m Mirror) bool {
		return m.Mode != "off" && m.To == s.v.Principal.Holds && slices.Contains(m.From, b.Event.Ref.Source)
	})
}

// related lists the UIDs of meetings; protected time has none, and a UID may name
// a matter.
func (s *settlement) related(of ...*block) (out []string) {
	for _, b := range of {
		if uid := b.Event.Body.Reveal().UID; uid != "" && !s.veiled(b) {
			out = append(out, uid)
		}
	}
	return out
}
