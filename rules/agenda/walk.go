package agenda

import (
	"math/bits"
	"slices"
	"time"
)

// maxSteps bounds one walk: a step is a period, a month looked at, or an
// instance. It is some thousand years of a rule by the month.
const maxSteps = 100_000

// lastYear is the last that RFC 5545 can write.
const lastYear = 9999

// walker lays out the periods of a rule: days, weeks, months or years, every
// interval-th of them counted from that of DTSTART.
type walker struct {
	rule
	base  int // where period 0 begins: a day, a month since the year 0, a year
	times []int
	month month // the one looked at last
	sets  []int64
	steps int
}

// walk visits the wall clocks of the rule in [lo, hi] that are not before start,
// in order, until visit returns false. start is DTSTART; COUNT counts it as the
// first even where the rule misses it. The result is "" or a problem code. The
// cost does not grow with the age of start, save for a COUNT whose periods have
// different numbers of instances.
func (r *rule) walk(start, lo, hi time.Time, visit func(wall time.Time) bool) string {
	w := walker{rule: *r}
	return w.walk(start, lo, hi, visit)
}

func (w *walker) walk(start, lo, hi time.Time, visit func(wall time.Time) bool) string {
	if start.Year() < 1 || start.After(hi) {
		return ""
	}
	if hi.Year() > lastYear {
		hi = time.Date(lastYear, 12, 31, 23, 59, 59, 0, time.UTC)
	}
	var clock [maxTimes]int
	w.defaults(start, clock[:0])
	begin, from, till := start.Unix(), lo.Unix(), hi.Unix()
	k, left := w.index(dayOf(lo)), w.count
	if w.count > 0 {
		k, left = w.counted(begin, k)
		if left <= 0 {
			return ""
		}
	}
	done := false
	for ; !done; k++ {
		first, last := w.period(k)
		if int64(first)*86400 > till {
			return ""
		}
		if w.steps > maxSteps {
			return RuleLimit
		}
		w.each(first, last, func(at int64) bool {
			if at < begin {
				return true
			}
			if w.count > 0 {
				if left--; left < 0 {
					done = true
					return false
				}
			}
			if at >= from {
				done = at > till || !visit(time.Unix(at, 0).UTC())
			}
			return !done
		})
	}
	return ""
}

// defaults writes into the rule what it takes from DTSTART (RFC 5545 section
// 3.3.10), and where its periods begin.
func (w *walker) defaults(start time.Time, clock []int) {
	day := int(dayOf(start))
	plain := w.days|w.lastDays == 0 && w.weekdays == 0 && len(w.nth) == 0 && len(w.yearDays) == 0
	weeks := w.weeks|w.lastWeek != 0
	switch {
	case plain && (w.freq == weekly || weeks && w.freq == yearly):
		w.weekdays = 1 << weekdayOf(day)
	case plain && !weeks && w.freq <= monthly:
		if w.freq == yearly && w.months == 0 {
			w.months = 1 << start.Month()
		}
		w.days = 1 << start.Day()
	}
	w.widen()
	switch w.freq {
	case daily:
		w.base = day
	case weekly:
		w.base = day - (weekdayOf(day)-w.wkst+7)%7
	case monthly:
		w.base = start.Year()*12 + int(start.Month()) - 1
	case yearly:
		w.base = start.Year()
	}
	hour, minute, second := w.hours, w.minutes, w.seconds
	if hour == 0 {
		hour = 1 << start.Hour()
	}
	if minute == 0 {
		minute = 1 << start.Minute()
	}
	if second == 0 {
		second = 1 << start.Second()
	}
	for h := hour; h != 0; h &= h - 1 {
		for m := minute; m != 0; m &= m - 1 {
			for s := second; s != 0; s &= s - 1 {
				clock = append(clock, bits.TrailingZeros32(h)*3600+bits.TrailingZeros64(m)*60+bits.TrailingZeros64(s))
			}
		}
	}
	w.times = clock
}

// widen reads every day that passes filters as those days of every week or
// month, which is the same in fewer steps.
func (w *walker) widen() {
	if w.interval > 1 || len(w.setPos) > 0 || w.freq < weekly {
		return
	}
	inMonth := w.months != 0 || w.days|w.lastDays != 0 || len(w.yearDays) > 0 || w.weeks|w.lastWeek != 0
	switch {
	case inMonth:
		w.freq = monthly
	case w.weekdays != 0:
		w.freq = weekly
	}
}

// index returns the number of the last period that begins at or before a day.
func (w *walker) index(day int64) int {
	n := 0
	switch w.freq {
	case daily:
		n = int(day) - w.base
	case weekly:
		n = (int(day) - w.base) / 7
	default:
		y, m, _ := time.Unix(day*86400, 0).UTC().Date()
		if n = y - w.base; w.freq == monthly {
			n = y*12 + int(m) - 1 - w.base
		}
	}
	return max(0, n) / w.interval
}

// period returns the first and the last day of a period.
func (w *walker) period(k int) (first, last int) {
	w.steps++
	n := w.base + k*w.interval
	switch w.freq {
	case daily:
		return n, n
	case weekly:
		first = w.base + 7*k*w.interval
		return first, first + 6
	case monthly:
		first = int(dayOf(time.Date(n/12, time.Month(n%12+1), 1, 0, 0, 0, 0, time.UTC)))
		return first, first + lengthOf(n/12, time.Month(n%12+1)) - 1
	}
	return dayNumber(n), dayNumber(n+1) - 1
}

// each visits the instances of one period, in order.
func (w *walker) each(first, last int, visit func(at int64) bool) {
	if len(w.setPos) == 0 {
		w.all(first, last, visit)
		return
	}
	w.sets = w.sets[:0]
	w.all(first, last, func(at int64) bool {
		w.sets = append(w.sets, at)
		return true
	})
	for i, at := range w.sets {
		if slices.Contains(w.setPos, i+1) || slices.Contains(w.setPos, i-len(w.sets)) {
			if !visit(at) {
				return
			}
		}
	}
}

// all visits the instances of the days that pass the filters.
func (w *walker) all(first, last int, visit func(at int64) bool) {
	for day := first; day <= last; {
		if day < w.month.first || day >= w.month.first+w.month.size {
			w.month = w.monthAt(day)
			w.steps++
		}
		m := &w.month
		end := min(last, m.first+m.size-1)
		left := m.days >> (day - m.first + 1) << (day - m.first + 1)
		for ; left != 0; left &= left - 1 {
			at := m.first + bits.TrailingZeros32(left) - 1
			if at > end {
				break
			}
			for _, clock := range w.times {
				if w.steps++; !visit(int64(at)*86400 + int64(clock)) {
					return
				}
			}
		}
		day = end + 1
	}
}
