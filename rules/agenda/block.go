package agenda

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"chancery/internal/model"
)

// block is an instance that takes the principal's time.
type block struct {
	Instance
	key   model.Ident // names the meeting
	place int         // 0: nowhere known
	*verdict
}

// verdict is what rules and answers make of an occurrence. Many have the same.
type verdict struct {
	r Ranked
	// soft: the principal has not said yes yet, or the event says tentative.
	soft bool
	kind kind
	zone *time.Location // where the principal lives on its days, also if it takes no time; nil: at home
	gaps
	outsider bool // somebody of another domain called the meeting
	others   bool // somebody beside the principal takes part
}

// idle reports whether the occurrence is of no importance.
func (v *verdict) idle() bool { return v.r.Ignore && v.zone == nil }

// kind says what makes a block differ from an appointment.
type kind uint8

const (
	appointment kind = iota
	guarded          // protected and focus time: a meeting takes it or does not, and it never moves
	deadline         // the time before a moment that nobody can move
	absence          // whole days out of office: they take the working hours
)

// whole reports whether people read the block as whole days.
func (b *block) whole() bool { return b.Occurrence.Start.Date && b.kind != deadline }

// arrange brings what was gathered to the zones of the days, adds protected time,
// and drops further copies of a meeting.
func (s *settlement) arrange(in []block, from, till time.Time) []block {
	for i := range in {
		s.relocate(&in[i])
	}
	in = append(in, s.guard(from, till)...)
	return once(sorted(in))
}

// judge says how one VEVENT blocks, Ignore if it does not, and where it is. sure is
// false if a condition failed.
func (s *settlement) judge(e *model.Event, o *model.Occurrence) (b verdict, place int, sure bool) {
	b.r.Ignore, sure = true, true
	part := s.answer(o)
	_, asks := s.wants(o) // a question, not an appointment
	if asks || o.Status == "CANCELLED" || part == "DECLINED" {
		return b, 0, sure
	}
	if s.o.Lives != nil {
		if b.zone = s.o.Lives(e, o); b.zone == Unsure {
			b.zone, sure = nil, false
		}
	}
	if o.Show == model.Free || o.Show == model.Elsewhere {
		return b, 0, sure
	}
	b.r = s.rank(e, o)
	if sure = sure && !b.r.Unsure; b.r.Ignore {
		return b, 0, sure
	}
	b.gaps, place = s.gapsOf(&b.r, o)
	switch {
	case b.r.Deadline > 0:
		b.kind = deadline
	case o.Start.Date && o.Show == model.OutOfOffice:
		b.kind = absence
	case o.Focus && !b.r.Fixed:
		b.kind = guarded
	case o.Start.Date && !b.r.Fixed:
		b.r.Ignore = true
	}
	b.soft = o.Show == model.Tentative || o.Status == "TENTATIVE" || part == "TENTATIVE" || part == "NEEDS-ACTION"
	b.outsider, b.others = s.outsider(o), s.withOthers(o)
	return b, place, sure
}

// blocks reports whether an instance of what was judged takes time at all.
func (b *block) blocks() bool {
	return !b.r.Ignore && (b.kind == deadline || b.gaps.some() || !b.Start.Equal(b.End))
}

// answer is what the principal answered: DECLINED only if no line of the
// principal says otherwise; "" if accepted, not invited, or the organizer, whom
// some servers list as unanswered.
func (s *settlement) answer(o *model.Occurrence) string {
	declined, open := false, ""
	for _, a := range o.Attendees {
		if !s.mine[strings.ToLower(a.Addr)] {
			continue
		}
		switch a.PartStat {
		case "DECLINED", "DELEGATED":
			declined = true
		case "TENTATIVE", "NEEDS-ACTION", "":
			open = cmp.Or(a.PartStat, "NEEDS-ACTION")
		default:
			return ""
		}
	}
	switch {
	case open != "" && s.mine[strings.ToLower(o.Organizer.Addr)]:
		return ""
	case open == "" && declined:
		return "DECLINED"
	}
	return open
}

func keyOf(e *model.Event) model.Ident {
	if e.Ident != "" {
		return e.Ident
	}
	return model.Ident("ref:" + string(e.Ref.Source) + ":" + string(e.Ref.Href))
}

// inTime orders blocks so that of the same meeting the stronger copy stands
// first: accepted before open, higher rank, booked earlier. The order is total
// over everything a person could tell apart.
func inTime(a, b block) int {
	return cmp.Or(
		a.Start.Compare(b.Start), a.End.Compare(b.End),
		boolean(a.soft, b.soft), cmp.Compare(b.r.Rank, a.r.Rank), boolean(!a.r.Fixed, !b.r.Fixed),
		booked(a, b), cmp.Compare(a.key, b.key),
		cmp.Compare(a.Event.Ref.Source, b.Event.Ref.Source), cmp.Compare(a.Event.Ref.Href, b.Event.Ref.Href),
		a.Original.Compare(b.Original), cmp.Compare(a.Occurrence.Summary, b.Occurrence.Summary),
	)
}

func boolean(a, b bool) int {
	if a == b {
		return 0
	}
	if a {
		return 1
	}
	return -1
}

// booked compares when two events were made; an unknown time comes last.
func booked(a, b block) int {
	x, y := a.Occurrence.Created, b.Occurrence.Created
	if x.IsZero() || y.IsZero() {
		return boolean(x.IsZero(), y.IsZero())
	}
	return x.Compare(y)
}

// newest keeps of each date of a meeting only what the newest copy of its object
// says (RFC 5546 section 2.1.4): a calendar that has not heard of a move yet must
// not hold the old time.
func newest(in []block) []block {
	first := make(map[oneDate]int, len(in))
	out := in[:0]
	for _, b := range in {
		d := oneDate{b.key, b.Original.Unix()}
		i, ok := first[d]
		switch {
		case !ok:
			first[d] = len(out)
			out = append(out, b)
		case !sameCaller(&b, &out[i]):
			out = append(out, b)
		case newer(&b, &out[i]):
			out[i] = b
		}
	}
	return out
}

// sameCaller reports whether two copies can be of one meeting: who knows its UID could
// else hide it behind an invitation of his own.
func sameCaller(a, b *block) bool {
	x, y := a.Occurrence.Organizer.Addr, b.Occurrence.Organizer.Addr
	return x == y || x == "" || y == "" || strings.EqualFold(x, y)
}

// newer orders two copies of one date; it is total over what tells them apart.
func newer(a, b *block) bool {
	if n := cmp.Compare(a.Occurrence.Sequence, b.Occurrence.Sequence); n != 0 {
		return n > 0
	}
	// An override knows more than the series it stands in.
	if x, y := a.Occurrence.Recurrence != nil, b.Occurrence.Recurrence != nil; x != y {
		return x
	}
	return inTime(*a, *b) < 0
}

// once drops further copies of a meeting from blocks in time order.
func once(in []block) []block {
	out := in[:0]
	for len(in) > 0 {
		n := 1
		for n < len(in) && in[n].Start.Equal(in[0].Start) && in[n].End.Equal(in[0].End) {
			n++
		}
		if n == 1 {
			out = append(out, in[0])
		} else {
			out = distinct(out, in[:n])
		}
		in = in[n:]
	}
	return out
}

// distinct appends the different meetings of blocks at one time.
func distinct(out, same []block) []block {
	if slices.ContainsFunc(same, func(b block) bool { return b.Event.Own == nil }) {
		// A hold that a person confirmed gives way to the meeting that takes its place.
		same = slices.DeleteFunc(same, func(b block) bool { return b.Event.Own != nil })
	}
	if len(same) > 16 {
		return distinctOfMany(out, same)
	}
	for i := range same {
		if !slices.ContainsFunc(same[:i], func(b block) bool { return sameMeeting(&b, &same[i]) }) {
			out = append(out, same[i])
		}
	}
	return out
}

func distinctOfMany(out, same []block) []block {
	seen := map[string]bool{}
	for _, b := range same {
		names := namesOf(&b)
		if !slices.ContainsFunc(names, func(n string) bool { return seen[n] }) {
			out = append(out, b)
		}
		for _, n := range names {
			seen[n] = true
		}
	}
	return out
}

// namesOf lists what makes two events at one time the same meeting.
func namesOf(b *block) []string {
	names := []string{"uid\x00" + string(b.key)}
	o := b.Occurrence
	if o.Conference != "" {
		names = append(names, "call\x00"+o.Conference)
	}
	if title := titleOf(o); o.Organizer.Addr != "" && title != "" {
		names = append(names, "title\x00"+strings.ToLower(o.Organizer.Addr)+"\x00"+title)
	}
	return names
}

// sameMeeting reports whether two events at one time share a name.
func sameMeeting(a, b *block) bool {
	if a.key == b.key {
		return true
	}
	x, y := a.Occurrence, b.Occurrence
	if x.Conference != "" && x.Conference == y.Conference {
		return true
	}
	if x.Organizer.Addr == "" || !strings.EqualFold(x.Organizer.Addr, y.Organizer.Addr) {
		return false
	}
	title := titleOf(x)
	return title != "" && title == titleOf(y)
}

func titleOf(o *model.Occurrence) string { return strings.ToLower(strings.TrimSpace(o.Summary)) }
