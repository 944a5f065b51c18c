package agenda

import (
	"cmp"
	"slices"
	"time"

	"chancery/internal/model"
)

const (
	maxInstances = 2_000
	maxDates     = 2_000 // of RDATE, of EXDATE, of overrides
	maxShift     = 366 * 24 * time.Hour
	slack        = 26 * time.Hour // no zone is further from UTC
)

// Instance is one stretch of time that one event takes.
type Instance struct {
	Event      *model.Event
	Occurrence *model.Occurrence // the master or the override that describes it
	Original   time.Time         // where the series had it, before an override moved it
	Start, End time.Time         // half open
}

// Expand lists the instances of e that touch [from, till), by start, at most
// limit of them (2,000 if limit is not positive). Floating times and whole days
// are read in zone. A wall clock in a spring gap moves forward, as calendar
// programs show it. Cancelled instances are left out. The problems are codes of
// what could not be followed.
func Expand(e *model.Event, zone *time.Location, from, till time.Time, limit int) ([]Instance, []string) {
	return Append(nil, e, zone, from, till, limit)
}

// Append does the same and puts the instances behind those in to.
func Append(to []Instance, e *model.Event, zone *time.Location, from, till time.Time, limit int) ([]Instance, []string) {
	if zone == nil {
		zone = time.UTC
	}
	if limit <= 0 || limit > maxInstances {
		limit = maxInstances
	}
	if from, till = from.UTC(), till.UTC(); outside(e, from, till) {
		return to, nil
	}
	x := expansion{event: e, zone: zone, from: from, till: till, limit: limit + len(to), out: to}
	s := e.Body.Reveal()
	if m := s.Master; m != nil && m.Status == "CANCELLED" {
		return to, nil // the whole series, overrides too (RFC 5546 section 3.2.5)
	}
	x.overrides(s)
	x.master(s)
	mine := x.out[len(to):]
	if !slices.IsSortedFunc(mine, inOrder) {
		slices.SortFunc(mine, inOrder)
	}
	// Two wall clocks may be one instant where the clocks go forward.
	mine = slices.CompactFunc(mine, func(a, b Instance) bool {
		return a.Start.Equal(b.Start) && a.Occurrence == b.Occurrence && a.End.Equal(b.End)
	})
	return x.out[:len(to)+len(mine)], x.problems
}

func inOrder(a, b Instance) int {
	if c := a.Start.Compare(b.Start); c != 0 {
		return c
	}
	return cmp.Or(a.End.Compare(b.End), a.Original.Compare(b.Original))
}

type expansion struct {
	event      *model.Event
	zone       *time.Location
	from, till time.Time
	limit      int
	out        []Instance
	problems   []string
	replaced   moments  // instances that have an override
	onward     []onward // overrides that reach into the future, in order
}

// onward is an override with RANGE=THISANDFUTURE (RFC 5545 section 3.2.13).
type onward struct {
	rec time.Time // the wall clock of its RECURRENCE-ID in the master's zone
	o   *model.Occurrence
	s   span
}

func (x *expansion) problem(code string) {
	if !slices.Contains(x.problems, code) {
		x.problems = append(x.problems, code)
	}
}

// add takes an instance in if it touches the window; false when full.
func (x *expansion) add(o *model.Occurrence, original, start, end time.Time) bool {
	if !start.Before(x.till) || end.Before(x.from) || end.Equal(x.from) && !start.Equal(x.from) {
		return true
	}
	if len(x.out) == x.limit {
		x.problem(InstanceLimit)
		return false
	}
	x.out = append(x.out, Instance{Event: x.event, Occurrence: o, Original: original, Start: start, End: end})
	return true
}

// overrides takes in every override where it now stands, whether or not the
// rule still reaches it: calendar programs show it.
func (x *expansion) overrides(s model.Series) {
	list := bounded(x, s.Overrides)
	best := make([]int, 0, len(list)) // of several for one instance the newest
	for i := range list {
		o := &list[i]
		if o.Recurrence == nil {
			best = append(best, i)
			continue
		}
		at := o.Recurrence.In(x.zone)
		if j, ok := x.replaced.find(o.Recurrence.Wall, at, o.Recurrence.Date); ok {
			if list[best[j]].Sequence <= o.Sequence {
				best[j] = i
			}
			continue
		}
		x.replaced.add(*o.Recurrence, x.zone, len(best))
		best = append(best, i)
	}
	for _, i := range best {
		o := &list[i]
		x.reach(o, s.Master)
		if o.Start.IsZero() && o.Status != "CANCELLED" {
			x.problem(NoStart)
		}
		if o.Start.IsZero() || o.Status == "CANCELLED" {
			continue
		}
		if o.Start.Unsure {
			x.problem(ZoneUnsure)
		}
		start, end := own(o, x.zone)
		original := start
		if o.Recurrence != nil {
			original = o.Recurrence.In(x.zone)
		}
		x.add(o, original, start, end)
	}
	slices.SortFunc(x.onward, func(a, b onward) int { return a.rec.Compare(b.rec) })
}

// reach notes an override that changes the instances after it, too.
func (x *expansion) reach(o, master *model.Occurrence) {
	if !o.ThisFuture || o.Recurrence == nil {
		return
	}
	if master == nil {
		x.problem(RangeIgnored)
		return
	}
	rec := wallIn(*o.Recurrence, master.Start, x.zone)
	if o.Status != "CANCELLED" {
		if d := o.Start.Wall.Sub(rec); o.Start.IsZero() || d > maxShift || d < -maxShift {
			x.problem(RangeIgnored)
			return
		}
	}
	x.onward = append(x.onward, onward{rec, o, spanOf(o, x.zone)})
}

// wallIn gives t as the wall clock of an instance of a series that starts at
// start.
func wallIn(t, start model.Time, zone *time.Location) time.Time {
	if t.Date && !start.Date {
		return t.Wall.Add(start.Wall.Sub(midnight(start.Wall)))
	}
	if t.Date || t.Loc == nil || sameZone(t, start) {
		return t.Wall
	}
	loc := start.Loc
	if loc == nil {
		loc = zone
	}
	at := t.In(zone).In(loc)
	wall := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
	if start.Date {
		return midnight(wall)
	}
	return wall
}

func bounded[T any](x *expansion, list []T) []T {
	if len(list) <= maxDates {
		return list
	}
	x.problem(DateLimit)
	return list[:maxDates]
}
