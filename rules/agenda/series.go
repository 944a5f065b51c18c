package agenda

import (
	"slices"
	"time"

	"chancery/internal/model"
)

// series lays out the instances of a master.
type series struct {
	*expansion
	m       *model.Occurrence
	s       span
	rule    rule
	exclude moments
	seen    []int64 // walls of RDATE in order, which the rule may repeat
	full    bool
}

// master takes in the instances of the master that no override replaces.
func (x *expansion) master(s model.Series) {
	m := s.Master
	if m == nil {
		return
	}
	if m.Start.IsZero() {
		x.problem(NoStart)
		return
	}
	if m.Start.Unsure {
		x.problem(ZoneUnsure)
	}
	if m.RRule == "" && len(m.RDates) == 0 && len(m.ExDates) == 0 && len(s.Overrides) == 0 {
		start, end := own(m, x.zone)
		x.add(m, start, start, end)
		return
	}
	l := series{expansion: x, m: m, s: spanOf(m, x.zone)}
	for i, t := range bounded(x, m.ExDates) {
		l.exclude.add(t, x.zone, i)
	}
	l.visit(m.Start.Wall, time.Time{})
	l.named()
	l.recur()
}

// named shows the instances that RDATE names. One may have an end of its own;
// the first of two at one time counts.
func (l *series) named() {
	dates := bounded(l.expansion, l.m.RDates)
	if len(dates) == 0 {
		return
	}
	known := make(map[int64]bool, len(dates))
	for i, t := range dates {
		wall := wallIn(t, l.m.Start, l.zone)
		if l.m.Start.Date {
			wall = midnight(wall)
		}
		if wall.Equal(l.m.Start.Wall) || known[wall.Unix()] {
			continue
		}
		known[wall.Unix()] = true
		l.seen = append(l.seen, wall.Unix())
		var end time.Time
		if i < len(l.m.REnds) && !l.m.REnds[i].IsZero() {
			end = l.m.REnds[i].In(l.zone)
		}
		l.visit(wall, end)
	}
	slices.Sort(l.seen)
}

// again reports whether DTSTART or RDATE named the wall clock already.
func (l *series) again(wall time.Time) bool {
	if wall.Equal(l.m.Start.Wall) {
		return true
	}
	_, ok := slices.BinarySearch(l.seen, wall.Unix())
	return ok
}

func (l *series) recur() {
	if l.m.RRule == "" {
		return
	}
	r, code := parseRule(l.m.RRule, l.m.Start.Date)
	if code != "" {
		l.problem(code)
		return
	}
	l.rule = r
	lo, hi := l.reachOf()
	if u := r.until.wall; !u.IsZero() && u.Add(slack).Before(hi) {
		hi = u.Add(slack) // over looks closer
	}
	if hi.Before(lo) {
		return
	}
	l.out = slices.Grow(l.out, min(l.limit-len(l.out), r.expected(int(hi.Sub(lo)/(24*time.Hour)))))
	code = r.walk(l.m.Start.Wall, lo, hi, func(wall time.Time) bool {
		if l.over(wall) {
			return false
		}
		if !l.again(wall) {
			l.visit(wall, time.Time{})
		}
		return !l.full
	})
	if code != "" {
		l.problem(code)
	}
}

// reachOf returns the wall clocks between which an instance can touch the
// window, given how long it lasts and how far an override may move it.
func (l *series) reachOf() (lo, hi time.Time) {
	back, ahead := l.s.length(), time.Duration(0)
	for _, f := range l.onward {
		if f.o.Status == "CANCELLED" {
			continue
		}
		d := f.o.Start.Wall.Sub(f.rec)
		back = max(back, d+f.s.length())
		ahead = max(ahead, -d)
	}
	return l.from.UTC().Add(-back - slack), l.till.UTC().Add(ahead + slack)
}

// over reports whether wall lies after UNTIL, which is inclusive (RFC 5545
// section 3.3.10). A DATE against a timed series means that whole day where the
// meeting is; a UTC time against a whole-day series means its date if it is a
// midnight or the last second of a day, else the local midnight it names.
func (l *series) over(wall time.Time) bool {
	u := l.rule.until
	if u.wall.IsZero() {
		return false
	}
	if l.m.Start.Date && u.utc {
		clock := u.wall.Sub(midnight(u.wall))
		if clock == 0 || clock == 24*time.Hour-time.Second {
			return wall.After(u.wall)
		}
		return model.Time{Wall: wall}.In(l.zone).After(u.wall)
	}
	if u.date || l.m.Start.Date {
		return midnight(wall).After(u.wall)
	}
	if u.utc {
		t := l.m.Start
		t.Wall = wall
		return t.In(l.zone).After(u.wall)
	}
	return wall.After(u.wall)
}

// visit shows the instance at wall, unless it is excluded or replaced. An end
// that is zero is as far away as that of the master.
func (l *series) visit(wall, until time.Time) {
	start, end := place(l.m, wall, l.s, l.zone)
	if wall.Equal(l.m.Start.Wall) {
		start, end = own(l.m, l.zone)
	} else if !until.IsZero() {
		end = later(start, until)
	}
	if _, ok := l.exclude.find(wall, start, l.m.Start.Date); ok {
		return
	}
	if _, ok := l.replaced.find(wall, start, l.m.Start.Date); ok {
		return
	}
	o, original := l.m, start
	// The last that begins before it; one by that name was found above.
	n, _ := slices.BinarySearchFunc(l.onward, wall, func(f onward, wall time.Time) int { return f.rec.Compare(wall) })
	if n > 0 {
		f := l.onward[n-1]
		if o = f.o; o.Status != "CANCELLED" {
			// The later instances keep their distance to the changed one.
			start, end = place(o, o.Start.Wall.Add(wall.Sub(f.rec)), f.s, l.zone)
		}
	}
	if o.Status == "CANCELLED" {
		return
	}
	if !l.add(o, original, start, end) {
		l.full = true
	}
}
