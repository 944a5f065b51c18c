package agenda

import (
	"math/bits"
	"time"
)

// month is one month of the calendar and the days of it that pass the filters of
// a rule. Days are counted from 1970.
type month struct {
	year  int
	month time.Month
	first int    // the 1st
	size  int    // days
	days  uint32 // bit 1 is the 1st
}

// monthAt returns the month of a day and what r picks of it.
func (r *rule) monthAt(day int) month {
	y, m, d := time.Unix(int64(day)*86400, 0).UTC().Date()
	out := month{year: y, month: m, first: day - d + 1, size: lengthOf(y, m)}
	out.days = r.pick(&out)
	return out
}

func lengthOf(year int, m time.Month) int {
	switch m {
	case time.April, time.June, time.September, time.November:
		return 30
	case time.February:
		return daysBefore(year+1) - daysBefore(year) - 337
	}
	return 31
}

// pick applies the filters that look at days: those of one part are joined, the
// parts limit each other (RFC 5545 section 3.3.10).
func (r *rule) pick(m *month) uint32 {
	if r.months != 0 && r.months>>m.month&1 == 0 {
		return 0
	}
	out := uint32(1)<<(m.size+1) - 2
	if r.days|r.lastDays != 0 {
		out &= r.days | fromEnd(r.lastDays, m.size)
	}
	if r.weekdays != 0 || len(r.nth) > 0 {
		out &= r.pickWeekdays(m)
	}
	if len(r.yearDays) > 0 {
		out &= r.pickYearDays(m)
	}
	if r.weeks|r.lastWeek != 0 {
		for left := out; left != 0; left &= left - 1 {
			if d := bits.TrailingZeros32(left); !r.inWeek(m.first+d-1, m.year) {
				out &^= 1 << d
			}
		}
	}
	return out
}

// fromEnd turns a set counted from the last of size days into one counted from
// the first.
func fromEnd(set uint32, size int) uint32 {
	set = bits.Reverse32(set) // bit n is now bit 31-n, and belongs to size+1-n
	if size >= 30 {
		return set << (size - 30)
	}
	return set >> (30 - size)
}

// everyWeek are the 1st, 8th, 15th, 22nd and 29th.
const everyWeek = 1<<1 | 1<<8 | 1<<15 | 1<<22 | 1<<29

func (r *rule) pickWeekdays(m *month) (out uint32) {
	begins := weekdayOf(m.first)
	for left := r.weekdays; left != 0; left &= left - 1 {
		out |= everyWeek << ((bits.TrailingZeros8(left) - begins + 7) % 7)
	}
	// RFC 5545 section 3.3.10: a number counts in the month, in a yearly rule
	// without BYMONTH in the year.
	first, size := m.first, m.size
	if r.freq == yearly && r.months == 0 {
		first = dayNumber(m.year)
		size = dayNumber(m.year+1) - first
	}
	for _, d := range r.nth {
		at := (d.day - weekdayOf(first) + 7) % 7 // the first such day
		if d.n > 0 {
			at += 7 * (d.n - 1)
		} else {
			at += (size-1-at)/7*7 + 7*(d.n+1)
		}
		out |= m.bit(first + at)
		if at < 0 || at >= size {
			out &^= m.bit(first + at)
		}
	}
	return out
}

// bit returns the set of one day, empty if the day is not in the month.
func (m *month) bit(day int) uint32 {
	if day < m.first || day >= m.first+m.size {
		return 0
	}
	return 1 << (day - m.first + 1)
}

func (r *rule) pickYearDays(m *month) (out uint32) {
	first, next := dayNumber(m.year), dayNumber(m.year+1)
	for _, n := range r.yearDays {
		if n > 0 && first+n-1 < next {
			out |= m.bit(first + n - 1)
		}
		if n < 0 && next+n >= first {
			out |= m.bit(next + n)
		}
	}
	return out
}

// inWeek reports whether a day lies in a week of BYWEEKNO. The first days of
// January may belong to the last week of the year before, the last of December
// to the first week of the year after.
func (r *rule) inWeek(day, year int) bool {
	switch {
	case day >= r.firstWeek(year+1):
		year++
	case day < r.firstWeek(year):
		year--
	}
	n := (day-r.firstWeek(year))/7 + 1
	all := (r.firstWeek(year+1) - r.firstWeek(year)) / 7
	return r.weeks>>n&1 == 1 || r.lastWeek>>(all+1-n)&1 == 1
}

// firstWeek returns the day on which week 1 of the year begins: the first with
// four days in the year (RFC 5545 section 3.3.10).
func (r *rule) firstWeek(year int) int {
	first := dayNumber(year)
	since := (weekdayOf(first) - r.wkst + 7) % 7
	if since <= 3 {
		return first - since
	}
	return first + 7 - since
}

// weekdayOf returns 0 for Monday: 1 January 1970 was a Thursday.
func weekdayOf(day int) int { return ((day+3)%7 + 7) % 7 }

// dayNumber returns 1 January of the year.
func dayNumber(year int) int { return daysBefore(year) - daysBefore(1970) }

// daysBefore counts the days from 1 January of the year 1 to that of year.
func daysBefore(year int) int {
	y := year - 1 + 400 // keep the divisions of year 0 positive
	return 365*y + y/4 - y/100 + y/400
}
