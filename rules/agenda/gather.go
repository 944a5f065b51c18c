package agenda

import (
	"cmp"
	"slices"
	"time"

	"chancery/internal/model"
)

// maxBlocks bounds the memory of one run; a person has a hundredth of it.
const maxBlocks = 200_000

// read opens a Book at the time of the View, whose Agenda becomes what matters of
// it.
func (s *settlement) read(b *Book) {
	b.open(&s.v, &s.o, s.zone, s.horizon())
	s.book, s.v.Agenda, s.rank = b, b.agenda(), b.remember(s.rank)
	if s.o.Lives != nil {
		s.o.Lives = b.rememberZones(s.o.Lives)
	}
}

// gather lists what blocks the principal between from and till, each meeting
// once, by start. full is set if there was more than can be looked at. Both must
// lie within a day of the horizon.
func (s *settlement) gather(from, till time.Time) (out []block, full bool) {
	if s.book == nil {
		s.read(BookOf(&s.v))
	}
	out = make([]block, 0, s.book.blocks)
	settled := s.settled()
	for _, n := range s.book.list {
		if !n.matters() || !counts(n.event) {
			continue
		}
		s.tell(n.event, n.problems)
		at := len(out)
		out = s.take(out, n, from, till)
		if list := settled[n.event.Body.Reveal().UID]; len(list) > 0 && n.event.Own == nil {
			fresh := slices.DeleteFunc(out[at:], func(b block) bool { return over(list, b.Event, b.Instance) })
			out = out[:at+len(fresh)]
		}
		if len(out) > maxBlocks {
			full = true
			break
		}
	}
	s.book.blocks = len(out) + len(out)/16
	return s.arrange(out, from, till), full
}

// take adds the instances of one event that block.
func (s *settlement) take(out []block, n *near, from, till time.Time) []block {
	series := n.event.Body.Reveal()
	first, last := from.Unix(), till.Unix()
	judged := -1 // the occurrence that was judged last; mostly they are of one
	var b block
	for _, m := range n.moments {
		if m.start >= last || m.end < first || m.end == first && m.start != first {
			continue
		}
		if m.occurrence != judged {
			o := series.Master
			if m.occurrence > 0 {
				o = &series.Overrides[m.occurrence-1]
			}
			b = s.judge(n.event, o)
			b.Event, b.Occurrence = n.event, o
			judged = m.occurrence
		}
		if b.r.Ignore && b.zone == nil {
			continue
		}
		b.Instance = m.instance(n.event, b.Occurrence, s.zone)
		s.stay(&b)
		if b.blocks() {
			out = append(out, b)
		}
	}
	return out
}

func (m moment) instance(e *model.Event, o *model.Occurrence, zone *time.Location) Instance {
	loc := o.Start.Loc
	if loc == nil {
		loc = zone
	}
	at := func(sec int64) time.Time { return time.Unix(sec, 0).In(loc) }
	return Instance{Event: e, Occurrence: o, Original: at(m.original), Start: at(m.start), End: at(m.end)}
}

// sorted puts blocks in the order of inTime. They are large, so their times are
// sorted first.
func sorted(in []block) []block {
	type key struct {
		start, end int64
		i          int
	}
	keys := make([]key, len(in))
	for i := range in {
		keys[i] = key{in[i].Start.Unix(), in[i].End.Unix(), i}
	}
	slices.SortFunc(keys, func(a, b key) int {
		if a.start != b.start || a.end != b.end {
			return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
		}
		return inTime(in[a.i], in[b.i])
	})
	out := make([]block, len(in))
	for i, k := range keys {
		out[i] = in[k.i]
	}
	return out
}
