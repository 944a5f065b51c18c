package billdesk

import (
	"time"

	"chancery/internal/model"
)

// day is a day of the calendar, counted from 1 January 1970.
type day int64

// dayOf is the day that a clock shows.
func dayOf(t time.Time) day {
	y, m, d := t.Date()
	return day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / secondsOfDay)
}

const secondsOfDay = 24 * 60 * 60

// dayAt is the day of a date as bills have it: a midnight in UTC.
func dayAt(t model.UnixTime) day { return dayOf(time.Unix(int64(t), 0).UTC()) }

func (d day) utc() time.Time { return time.Unix(int64(d)*secondsOfDay, 0).UTC() }

func (d day) unix() model.UnixTime { return model.UnixTime(d * secondsOfDay) }

// shown is "Fri 4 Dec", with the year where it is not that of another day.
func (d day) shown(beside day) string {
	if d.utc().Year() != beside.utc().Year() {
		return d.utc().Format("Mon 2 Jan 2006")
	}
	return d.utc().Format("Mon 2 Jan")
}

func (d day) long() string { return d.utc().Format("Monday 2 January 2006") }

// midnight is the beginning of a day in the principal's zone.
func (s *desk) midnight(d day) time.Time { return s.clock(d, 0) }

// clock is when a clock in the principal's zone shows so many minutes after midnight.
func (s *desk) clock(d day, minutes int) time.Time {
	return model.Time{Wall: d.utc().Add(time.Duration(minutes) * time.Minute)}.In(s.zone)
}

// business reports whether people pay bills on a day.
func business(d day, off map[day]bool) bool {
	w := d.utc().Weekday()
	return w != time.Saturday && w != time.Sunday && !off[d]
}

// before is the business day that has n business days, itself counted, before due;
// with 0 the last business day that is not after due.
func before(due day, n int, off map[day]bool) day {
	d := due
	for n > 0 || !business(d, off) {
		if d--; business(d, off) {
			n--
		}
	}
	return d
}
