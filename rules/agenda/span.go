package agenda

import (
	"time"

	"chancery/internal/model"
)

// span is how long an occurrence lasts: whole days on the wall clock, then exact
// time. P1D is not 24 hours (RFC 5545 section 3.3.6).
type span struct {
	days  int
	exact time.Duration
}

// length is an upper bound, good for looking back.
func (s span) length() time.Duration {
	return time.Duration(s.days)*25*time.Hour + s.exact
}

func spanOf(o *model.Occurrence, zone *time.Location) span {
	if o.Start.Date {
		days := 1
		if !o.End.IsZero() {
			days = max(1, int((o.End.Wall.Sub(o.Start.Wall)+24*time.Hour-1)/(24*time.Hour)))
		}
		return span{days: days}
	}
	if o.End.IsZero() {
		return span{}
	}
	if sameZone(o.Start, o.End) {
		d := max(0, o.End.Wall.Sub(o.Start.Wall))
		return span{int(d / (24 * time.Hour)), d % (24 * time.Hour)}
	}
	return span{exact: max(0, o.End.In(zone).Sub(o.Start.In(zone)))}
}

func sameZone(a, b model.Time) bool {
	if a.Loc == nil || b.Loc == nil {
		return a.Loc == b.Loc
	}
	return a.Loc == b.Loc || a.Loc.String() == b.Loc.String()
}

// place returns the instance of o that begins at wall.
func place(o *model.Occurrence, wall time.Time, s span, zone *time.Location) (start, end time.Time) {
	t := o.Start
	t.Wall = wall
	start = t.In(zone)
	if s.days == 0 {
		return start, start.Add(s.exact)
	}
	t.Wall = wall.AddDate(0, 0, s.days)
	return start, later(start, t.In(zone).Add(s.exact))
}

// own returns the instance o itself describes.
func own(o *model.Occurrence, zone *time.Location) (start, end time.Time) {
	if o.Start.Date || o.End.IsZero() || o.End.Date {
		return place(o, o.Start.Wall, spanOf(o, zone), zone)
	}
	start = o.Start.In(zone)
	return start, later(start, o.End.In(zone))
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
