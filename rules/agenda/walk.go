package agenda

import (
	"slices"
	"time"

	"github.com/teambition/rrule-go"
)

const maxSteps = 20_000 // results taken from the library for one expansion

// lastYear is where the library stops searching.
const lastYear = 9999

// walk visits the wall clocks of the rule in [lo, hi], in order, until visit
// returns false. start is DTSTART. The result is "" or a problem code.
//
// The library can only be stopped between two results, and between two results
// it may search every day up to the year 9999. So walk begins near lo, asks
// first whether any day can match, and moves the search to the end of the
// library's calendar, into years with the same days of the week.
func (r *rule) walk(start, lo, hi time.Time, visit func(wall time.Time) bool) string {
	if start.After(hi) || hi.Year() >= lastYear-1 || start.Year() < 1 {
		return ""
	}
	opt, from := r.opt, start
	if r.count == 0 {
		from = r.jump(start, lo)
	}
	if from.After(hi) {
		return ""
	}
	opt = explicit(opt, start)
	if !mayMatch(&opt, from, hi) {
		return ""
	}
	shift := lateShift(from.Year()-1, hi.Year()+1)
	opt.Dtstart = time.Unix(from.Unix()+shift, 0).UTC()
	lib, err := rrule.NewRRule(opt)
	if err != nil {
		return RuleUnreadable
	}
	next := lib.Iterator()
	left := r.count
	for step := range maxSteps {
		t, ok, broken := guarded(next)
		if broken {
			return RuleRefused
		}
		if !ok {
			return ""
		}
		wall := time.Unix(t.Unix()-shift, 0).UTC()
		if r.count > 0 {
			if step == 0 && !wall.Equal(start) {
				left-- // DTSTART is the first instance even where the rule misses it
			}
			if left--; left < 0 {
				return ""
			}
		}
		if wall.After(hi) || !visit(wall) {
			return ""
		}
	}
	return RuleLimit
}

// guarded takes one result; some rules make the library index out of range.
func guarded(next rrule.Next) (t time.Time, ok, broken bool) {
	defer func() {
		if recover() != nil {
			broken = true
		}
	}()
	t, ok = next()
	return t, ok, false
}

// jump returns the beginning of the last period of the rule that begins at or
// before lo, or start itself if that is later.
func (r *rule) jump(start, lo time.Time) time.Time {
	if !lo.After(start) {
		return start
	}
	n := r.opt.Interval
	day := func(t time.Time) int { return int(dayOf(t)) }
	at := start
	switch r.opt.Freq {
	case rrule.DAILY:
		at = midnight(start).AddDate(0, 0, floor(day(lo)-day(start), n))
	case rrule.WEEKLY:
		monday := (int(start.Weekday()) + 6) % 7
		first := midnight(start).AddDate(0, 0, -((monday - r.opt.Wkst.Day() + 7) % 7))
		at = first.AddDate(0, 0, floor(day(lo)-day(first), 7*n))
	case rrule.MONTHLY:
		months := 12*(lo.Year()-start.Year()) + int(lo.Month()) - int(start.Month())
		at = time.Date(start.Year(), start.Month()+time.Month(floor(months, n)), 1, 0, 0, 0, 0, time.UTC)
	case rrule.YEARLY:
		at = time.Date(start.Year()+floor(lo.Year()-start.Year(), n), 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if at.After(start) {
		return at
	}
	return start
}

func floor(n, by int) int { return n / by * by }

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// explicit writes into the rule what it takes from DTSTART by default (RFC 5545
// section 3.3.10), so that it can begin elsewhere.
func explicit(o rrule.ROption, start time.Time) rrule.ROption {
	if len(o.Byweekno) == 0 && len(o.Byyearday) == 0 && len(o.Bymonthday) == 0 && len(o.Byweekday) == 0 {
		switch o.Freq {
		case rrule.YEARLY:
			if len(o.Bymonth) == 0 {
				o.Bymonth = []int{int(start.Month())}
			}
			o.Bymonthday = []int{start.Day()}
		case rrule.MONTHLY:
			o.Bymonthday = []int{start.Day()}
		case rrule.WEEKLY:
			o.Byweekday = []rrule.Weekday{week[(int(start.Weekday())+6)%7]}
		}
	}
	if len(o.Byhour) == 0 {
		o.Byhour = []int{start.Hour()}
	}
	if len(o.Byminute) == 0 {
		o.Byminute = []int{start.Minute()}
	}
	if len(o.Bysecond) == 0 {
		o.Bysecond = []int{start.Second()}
	}
	return o
}

var week = []rrule.Weekday{rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU}

// mayMatch reports whether any day of [from, hi] passes the filters that look at
// one day alone. It is cheap, and most rules of a calendar are not about now.
func mayMatch(o *rrule.ROption, from, hi time.Time) bool {
	var month [13]bool
	for _, m := range o.Bymonth {
		month[m] = true
	}
	var weekday [7]bool
	for _, d := range o.Byweekday {
		weekday[d.Day()] = true
	}
	for t := midnight(from); !t.After(hi); t = t.AddDate(0, 0, 1) {
		if len(o.Bymonth) > 0 && !month[t.Month()] {
			t = time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC)
			continue
		}
		if len(o.Byweekday) > 0 && !weekday[(int(t.Weekday())+6)%7] {
			continue
		}
		if len(o.Bymonthday) > 0 {
			last := time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
			if !slices.Contains(o.Bymonthday, t.Day()) && !slices.Contains(o.Bymonthday, t.Day()-last-1) {
				continue
			}
		}
		return true
	}
	return false
}

// lateShift returns the seconds from the years y0 to y1 to the last years the
// library knows that have the same leap days on the same days of the week. The
// calendar repeats after 400 years at most, and mostly after 28.
func lateShift(y0, y1 int) int64 {
	for y := lastYear - 1 - (y1 - y0); y > y0; y-- {
		same := true
		for i := 0; same && i <= y1-y0; i++ {
			same = kind(y0+i) == kind(y+i)
		}
		if same {
			return int64(daysBefore(y)-daysBefore(y0)) * 86400
		}
	}
	return 0
}

// kind tells years apart that have different calendars.
func kind(year int) int {
	return daysBefore(year)%7*2 + (daysBefore(year+1)-daysBefore(year))%365
}

// daysBefore counts the days from 1 January of the year 1 to that of year.
func daysBefore(year int) int {
	y := year - 1 + 400 // keep the divisions of year 0 positive
	return 365*y + y/4 - y/100 + y/400
}
