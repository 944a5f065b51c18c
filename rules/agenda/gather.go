package agenda

import (
	"cmp"
	"slices"
	"time"

	"chancery/internal/model"
)

// maxBlocks bounds the memory of one run; a person has a hundredth of it.
const maxBlocks = 200_000

// read opens a Book at the time of the View, and looks at the events of the Book
// in place of the Agenda.
func (s *settlement) read(b *Book) {
	b.open(&s.v, &s.o, s.zone, s.horizon())
	s.book, s.remembers, s.placed, s.v.Agenda = b, true, b.places, nil
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
	first, copies := 0, false // of the meeting that is looked at
	var last *near
	for _, n := range s.book.list {
		if !n.counts || !n.matters() {
			continue
		}
		if same := last != nil && n.ident != "" && n.ident == last.ident; same {
			copies = true
		} else {
			out = latest(out, first, copies)
			first, copies = len(out), !n.single
		}
		if len(n.problems) > 0 {
			s.book.wake(n)
			s.tell(n.event, n.problems)
		}
		at := len(out)
		out, last = s.take(out, n, from, till), n
		if fresh := out[at:]; len(settled) > 0 && len(fresh) > 0 && n.event.Own == nil {
			if list := settled[n.event.Body.Reveal().UID]; len(list) > 0 {
				fresh = slices.DeleteFunc(fresh, func(b block) bool { return over(list, b.Event, b.Instance) })
				out = out[:at+len(fresh)]
			}
		}
		if full = len(out) > maxBlocks; full {
			break
		}
	}
	out = latest(out, first, copies)
	s.book.blocks = len(out) + len(out)/16
	out = s.arrange(out, from, till)
	if s.remembers {
		s.book.away = s.away
	}
	return out, full
}

// latest keeps what the newest copies say of the blocks from first on.
func latest(in []block, first int, copies bool) []block {
	if !copies {
		return in
	}
	return in[:first+len(newest(in[first:]))]
}

// take adds the instances of one event that block.
func (s *settlement) take(out []block, n *near, from, till time.Time) []block {
	first, last := from.Unix(), till.Unix()
	judged := -1 // the occurrence that was judged last; mostly they are of one
	var b block
	for _, m := range n.moments {
		if m.start >= last || m.end < first || m.end == first && m.start != first {
			continue
		}
		if m.occurrence != judged {
			b.verdict, b.place = s.verdict(n, m.occurrence)
			judged = m.occurrence
		}
		if b.verdict.idle() {
			continue
		}
		s.book.wake(n)
		b.Instance, b.key = m.instance(n.event, n.occurrence(m.occurrence), s.zone), keyOf(n.event)
		s.stay(&b)
		if b.blocks() {
			out = append(out, b)
		}
	}
	return out
}

// verdict is what is known of an occurrence, or judges it.
func (s *settlement) verdict(n *near, occurrence int) (*verdict, int) {
	if s.remembers && n.ruled != nil {
		if r := n.ruled[occurrence]; r.verdict != nil {
			return r.verdict, int(r.place)
		}
	}
	s.book.wake(n)
	v, place, sure := s.judge(n.event, n.occurrence(occurrence))
	if !s.remembers || !sure {
		return &v, place
	}
	return s.book.ruledBy(n, occurrence, &v, place), place
}

// occurrence is the master or an override of an event that is awake.
func (n *near) occurrence(i int) *model.Occurrence {
	s := n.event.Body.Reveal()
	if i > 0 {
		return &s.Overrides[i-1]
	}
	return s.Master
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
// sorted first, and those day by day.
func sorted(in []block) []block {
	if len(in) == 0 {
		return in
	}
	type key struct {
		start, end int64
		i          int
	}
	first, last := in[0].Start.Unix(), in[0].Start.Unix()
	for i := range in {
		first, last = min(first, in[i].Start.Unix()), max(last, in[i].Start.Unix())
	}
	days := min((last-first)/86400+1, int64(len(in)))
	width := (last-first)/days + 1
	ends := make([]int, days+1)
	for i := range in {
		ends[(in[i].Start.Unix()-first)/width+1]++
	}
	for i := range days {
		ends[i+1] += ends[i]
	}
	keys := make([]key, len(in))
	for i := range in {
		at := &ends[(in[i].Start.Unix()-first)/width]
		keys[*at] = key{in[i].Start.Unix(), in[i].End.Unix(), i}
		*at++
	}
	begin := 0
	for _, end := range ends[:days] {
		slices.SortFunc(keys[begin:end], func(a, b key) int {
			if a.start != b.start || a.end != b.end {
				return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
			}
			return inTime(in[a.i], in[b.i])
		})
		begin = end
	}
	out := make([]block, len(in))
	for i, k := range keys {
		out[i] = in[k.i]
	}
	return out
}
