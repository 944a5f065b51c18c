package agenda

import (
	"slices"
	"time"

	"chancery/internal/model"
)

// day is a date, as days since 1 January 1970.
type day int64

const maxStay = 366 // days of one event

// dayIn is the date of t in a zone.
func dayIn(t time.Time, zone *time.Location) day {
	_, offset := t.In(zone).Zone()
	sec := t.Unix() + int64(offset)
	if sec < 0 {
		sec -= 86399
	}
	return day(sec / 86400)
}

// wall is the beginning of the day on no clock in particular.
func (d day) wall() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

func (d day) weekday() time.Weekday { return d.wall().Weekday() }

// stay notes that the principal lives in another zone on the days of a block.
// Of two zones on one day the first by name counts: both cannot be true.
func (s *settlement) stay(b *block) {
	if b.zone == nil || b.zone.String() == s.zone.String() {
		return
	}
	if s.away == nil {
		s.away = map[day]*time.Location{}
	}
	s.dawns = nil // they were at home
	first, last := dayIn(b.Start, s.zone), dayIn(later(b.Start, b.End.Add(-time.Second)), s.zone)
	for d := first; d <= min(last, first+maxStay); d++ {
		if was := s.away[d]; was == nil || b.zone.String() < was.String() {
			s.away[d] = b.zone
		}
	}
}

// zones lists where the principal lives beside home, in a fixed order.
func (s *settlement) zones() []*time.Location {
	if s.abroad == nil && len(s.away) > 0 {
		for _, z := range s.away {
			if !slices.ContainsFunc(s.abroad, func(o *time.Location) bool { return o.String() == z.String() }) {
				s.abroad = append(s.abroad, z)
			}
		}
		slices.SortFunc(s.abroad, func(a, b *time.Location) int {
			if a.String() < b.String() {
				return -1
			}
			return 1
		})
	}
	return s.abroad
}

// zoneOn is where the principal is on a day.
func (s *settlement) zoneOn(d day) *time.Location {
	if z := s.away[d]; z != nil {
		return z
	}
	return s.zone
}

// zoneOf is where the principal is at a moment: its words and hours are those of
// the day there.
func (s *settlement) zoneOf(t time.Time) *time.Location {
	for _, z := range s.zones() {
		if w := s.away[dayIn(t, z)]; w != nil && w.String() == z.String() {
			return z
		}
	}
	return s.zone
}

// clock is a minute of a day on the wall clock of where the principal is then.
func (s *settlement) clock(d day, minute int) time.Time {
	h, ok := s.dawns[d]
	if !ok {
		zone := s.zoneOn(d)
		begin, end := model.Time{Wall: d.wall()}.In(zone), model.Time{Wall: (d + 1).wall()}.In(zone)
		h = dawn{begin, end.Sub(begin) == 24*time.Hour}
		if s.dawns == nil {
			s.dawns = map[day]dawn{}
		}
		s.dawns[d] = h
	}
	if h.even {
		return h.at.Add(time.Duration(minute) * time.Minute)
	}
	return model.Time{Wall: d.wall().Add(time.Duration(minute) * time.Minute)}.In(s.zoneOn(d))
}

// dawn is the beginning of a day, and whether it has 24 hours: then its clock
// can be counted.
type dawn struct {
	at   time.Time
	even bool
}

// relocate reads what was read in the principal's zone, whole days and floating
// times, in the zone of its day, and makes a deadline the time before it.
func (s *settlement) relocate(b *block) {
	if o := &b.Occurrence.Start; len(s.away) > 0 && (o.Loc == nil || o.Date) {
		first, last := dayIn(b.Start, s.zone), dayIn(later(b.Start, b.End.Add(-time.Second)), s.zone)
		b.Start, b.End = s.reread(b.Start, s.zoneOn(first)), s.reread(b.End, s.zoneOn(last))
	}
	if b.kind != deadline {
		return
	}
	due := b.Start
	if b.Occurrence.Start.Date {
		due = s.closing(dayIn(b.End.Add(-time.Second), s.zoneOf(b.Start)))
	}
	b.Start, b.End = due.Add(-b.r.Deadline), due
}

// reread keeps the wall clock of t and changes the zone.
func (s *settlement) reread(t time.Time, zone *time.Location) time.Time {
	if zone == s.zone {
		return t
	}
	_, offset := t.In(s.zone).Zone()
	return model.Time{Wall: time.Unix(t.Unix()+int64(offset), 0).UTC()}.In(zone)
}

// closing is when the working hours of a day end; midnight if it has none.
func (s *settlement) closing(d day) time.Time {
	till := 0
	for _, h := range s.hours() {
		if h.Day == d.weekday() {
			till = max(till, h.Till)
		}
	}
	if till == 0 {
		till = 24 * 60
	}
	return s.clock(d, till)
}

func (s *settlement) hours() []model.Hours {
	if len(s.v.Principal.Hours) == 0 {
		return officeHours
	}
	return s.v.Principal.Hours
}

// working reports whether some working hour lies between start and end.
func (s *settlement) working(start, end time.Time) bool {
	for d := dayIn(start, s.zone) - 1; d <= dayIn(end, s.zone)+1; d++ {
		for _, h := range s.hours() {
			if h.Day == d.weekday() && s.clock(d, h.From).Before(end) && s.clock(d, h.Till).After(start) {
				return true
			}
		}
	}
	return false
}

// within reports whether a stretch lies inside one stretch of working hours.
func (s *settlement) within(start, end time.Time) bool {
	d := dayIn(start, s.zoneOf(start))
	for _, h := range s.hours() {
		if h.Day == d.weekday() && !start.Before(s.clock(d, h.From)) && !end.After(s.clock(d, h.Till)) {
			return true
		}
	}
	return false
}
