package agenda

import (
	"math"
	"strings"
	"time"

	"chancery/internal/model"
)

const never = math.MaxInt32

// utcDay counts the days since 1970, within bounds.
func utcDay(t time.Time) int32 {
	return int32(min(max(dayOf(t), math.MinInt32+400), never-400))
}

// bounds returns days that an event certainly lies between.
func bounds(e *model.Event) (first, last int32) {
	s := e.Body.Reveal()
	first, last = never, math.MinInt32
	meet := func(from, till time.Time) {
		first = min(first, utcDay(from.Add(-slack)))
		last = max(last, utcDay(later(from, till).Add(slack+24*time.Hour))) // a whole day may have no end
	}
	reach := int32(0)
	occurrence := func(o *model.Occurrence) {
		if !o.Start.IsZero() {
			meet(o.Start.Wall, o.End.Wall)
		}
		if o.ThisFuture {
			reach = 366
		}
	}
	m := s.Master
	if m != nil {
		occurrence(m)
	}
	for i := range s.Overrides {
		occurrence(&s.Overrides[i])
	}
	if m != nil {
		length := later(m.Start.Wall, m.End.Wall).Sub(m.Start.Wall)
		for _, t := range m.RDates {
			meet(t.Wall, t.Wall.Add(length))
		}
		for _, t := range m.REnds {
			if !t.IsZero() {
				meet(t.Wall, t.Wall)
			}
		}
		if m.RRule != "" {
			last = max(last, ruleEnds(m, length))
		}
	}
	if first == never { // nothing has a time: what is wrong with it is still to be told
		return math.MinInt32, never
	}
	if reach > 0 {
		return first - reach, never
	}
	return first, last
}

// ruleEnds returns a day after which the rule of m has no instance for certain.
func ruleEnds(m *model.Occurrence, length time.Duration) int32 {
	_, text, ok := strings.Cut(strings.ToUpper(m.RRule), "UNTIL=")
	if !ok {
		return never
	}
	text, _, _ = strings.Cut(text, ";")
	if len(text) < len("20060102") {
		return never
	}
	until, err := time.Parse("20060102", text[:8])
	if err != nil || !until.After(m.Start.Wall.AddDate(-1, 0, 0)) {
		return never
	}
	return utcDay(until.Add(length + slack + 48*time.Hour))
}

// outside reports, without expanding, that a single event is far from the window.
func outside(e *model.Event, from, till time.Time) bool {
	s := e.Body.Reveal()
	m := s.Master
	if m == nil || m.RRule != "" || len(m.RDates) > 0 || len(s.Overrides) > 0 || m.Start.IsZero() {
		return false
	}
	if m.Start.Wall.After(till.Add(slack)) {
		return true
	}
	end := later(m.Start.Wall, m.End.Wall).Add(24 * time.Hour) // a whole day may have no end
	return end.Before(from.Add(-slack))
}
