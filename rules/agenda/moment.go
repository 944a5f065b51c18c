package agenda

import (
	"time"

	"chancery/internal/model"
)

// moments finds the instance that an EXDATE or RECURRENCE-ID means. Programs
// name it by instant, by wall clock or by day, and not always in the form of
// DTSTART (RFC 5545 sections 3.8.4.4 and 3.8.5.1 ask for the same form).
type moments struct {
	at   map[int64]int // instant
	wall map[int64]int // floating wall clock
	day  map[int64]int // whole day
	near map[int64]int // the day a timed mark means when DTSTART is a whole day
}

// add records t under number i.
func (m *moments) add(t model.Time, zone *time.Location, i int) {
	if m.at == nil {
		m.at, m.wall, m.day, m.near = map[int64]int{}, map[int64]int{}, map[int64]int{}, map[int64]int{}
	}
	if t.Date {
		m.day[dayOf(t.Wall)] = i
		return
	}
	at := t.In(zone)
	m.at[at.Unix()] = i
	if t.Loc == nil {
		m.wall[t.Wall.Unix()] = i
	}
	if t.Wall.Equal(midnight(t.Wall)) {
		m.near[dayOf(t.Wall)] = i // "midnight" in whatever zone means the day
		return
	}
	y, mo, d := at.In(zone).Date()
	m.near[dayOf(time.Date(y, mo, d, 0, 0, 0, 0, time.UTC))] = i
}

// find returns the number recorded for the instance at wall.
func (m *moments) find(wall, at time.Time, date bool) (int, bool) {
	if m.at == nil {
		return 0, false
	}
	if i, ok := m.day[dayOf(wall)]; ok {
		return i, true
	}
	if date {
		i, ok := m.near[dayOf(wall)]
		return i, ok
	}
	if i, ok := m.at[at.Unix()]; ok {
		return i, true
	}
	i, ok := m.wall[wall.Unix()]
	return i, ok
}

func midnight(t time.Time) time.Time {
	return time.Unix(dayOf(t)*86400, 0).UTC()
}

// dayOf counts the days of a wall clock from 1970.
func dayOf(wall time.Time) int64 {
	n := wall.Unix()
	if n < 0 {
		n -= 86399
	}
	return n / 86400
}
