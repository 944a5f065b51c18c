package agenda

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// Codes of Expand's problems. They are stable and safe to log.
const (
	NoStart        = "no-start"        // no DTSTART: nothing can be placed
	ZoneUnsure     = "zone-unsure"     // the zone was guessed
	RuleUnreadable = "rule-unreadable" // not a recurrence rule; only the first instance is known
	RuleRefused    = "rule-refused"    // readable, but faster than daily or out of bounds; the same
	RuleLimit      = "rule-limit"      // too many steps; later instances are missing
	InstanceLimit  = "instance-limit"  // too many instances; later ones are missing
	DateLimit      = "date-limit"      // too many RDATE, EXDATE or overrides; the rest is ignored
	RangeIgnored   = "range-ignored"   // a THISANDFUTURE that cannot be followed onward
)

const (
	maxRule     = 2048 // octets of one rule
	maxInterval = 1000
	maxList     = 400 // values of one BY part
	maxTimes    = 24  // product of BYHOUR, BYMINUTE and BYSECOND
)

// rule is a recurrence rule that passed the guard. COUNT and UNTIL are ours to
// obey: the library's reading of UNTIL loses the last instance.
type rule struct {
	opt   rrule.ROption
	count int // 0 for endless
	until until
}

// until is UNTIL in one of its three forms.
type until struct {
	wall      time.Time // zero if there is none
	date, utc bool
}

var frequencies = map[string]rrule.Frequency{
	"YEARLY": rrule.YEARLY, "MONTHLY": rrule.MONTHLY, "WEEKLY": rrule.WEEKLY, "DAILY": rrule.DAILY,
}

var weekdays = map[string]rrule.Weekday{
	"MO": rrule.MO, "TU": rrule.TU, "WE": rrule.WE, "TH": rrule.TH,
	"FR": rrule.FR, "SA": rrule.SA, "SU": rrule.SU,
}

// parseRule reads an RRULE value (RFC 5545 section 3.3.10). date says that
// DTSTART is a whole day. The second result is "" or a problem code.
func parseRule(s string, date bool) (rule, string) {
	r := rule{opt: rrule.ROption{Interval: 1}}
	s = strings.ToUpper(strings.TrimSpace(s))
	s = strings.TrimSuffix(strings.TrimPrefix(s, "RRULE:"), ";")
	if len(s) > maxRule {
		return r, RuleRefused
	}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(s, ";") {
		key, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok || value == "" || seen[key] {
			return r, RuleUnreadable
		}
		seen[key] = true
		if code := r.set(key, value); code != "" {
			return r, code
		}
	}
	if !seen["FREQ"] {
		return r, RuleUnreadable
	}
	if date {
		// RFC 5545 section 3.3.10: these must be ignored when DTSTART is a DATE.
		r.opt.Byhour, r.opt.Byminute, r.opt.Bysecond = nil, nil, nil
	}
	return r, r.check()
}

func (r *rule) set(key, value string) string {
	o := &r.opt
	switch key {
	case "FREQ":
		f, ok := frequencies[value]
		if !ok {
			if value == "HOURLY" || value == "MINUTELY" || value == "SECONDLY" {
				return RuleRefused
			}
			return RuleUnreadable
		}
		o.Freq = f
		return ""
	case "INTERVAL":
		return number(value, 1, maxInterval, &o.Interval)
	case "COUNT":
		return number(value, 1, 1<<31-1, &r.count)
	case "UNTIL":
		return r.setUntil(value)
	case "WKST":
		day, ok := weekdays[value]
		if !ok {
			return RuleUnreadable
		}
		o.Wkst = day
		return ""
	case "BYDAY":
		return days(value, &o.Byweekday)
	case "BYMONTH":
		return numbers(value, 1, 12, false, &o.Bymonth)
	case "BYMONTHDAY":
		return numbers(value, 1, 31, true, &o.Bymonthday)
	case "BYYEARDAY":
		return numbers(value, 1, 366, true, &o.Byyearday)
	case "BYWEEKNO":
		return numbers(value, 1, 53, true, &o.Byweekno)
	case "BYSETPOS":
		return numbers(value, 1, 366, true, &o.Bysetpos)
	case "BYHOUR":
		return numbers(value, 0, 23, false, &o.Byhour)
	case "BYMINUTE":
		return numbers(value, 0, 59, false, &o.Byminute)
	case "BYSECOND":
		return r.setSeconds(value)
	case "RSCALE":
		if value == "GREGORIAN" {
			return "" // RFC 7529 section 4.1
		}
		return RuleRefused
	case "SKIP":
		if value == "OMIT" {
			return "" // the default of RFC 7529 section 4.1
		}
		return RuleRefused
	}
	if strings.HasPrefix(key, "X-") {
		return ""
	}
	return RuleUnreadable
}

// setSeconds accepts the leap second of RFC 5545 section 3.3.10 and reads it as
// the second before, which every day has.
func (r *rule) setSeconds(value string) string {
	code := numbers(value, 0, 60, false, &r.opt.Bysecond)
	for i, s := range r.opt.Bysecond {
		r.opt.Bysecond[i] = min(s, 59)
	}
	return code
}

func (r *rule) setUntil(value string) string {
	layout := "20060102T150405"
	if len(value) == len("20060102") {
		layout, r.until.date = "20060102", true
	} else if strings.HasSuffix(value, "Z") {
		layout, r.until.utc = "20060102T150405Z", true
	}
	t, err := time.Parse(layout, value)
	if err != nil {
		return RuleUnreadable
	}
	r.until.wall = t
	return ""
}

// check refuses rules on which the library panics or searches for ever.
func (r *rule) check() string {
	o := &r.opt
	times := max(1, len(o.Byhour)) * max(1, len(o.Byminute)) * max(1, len(o.Bysecond))
	if times > maxTimes {
		return RuleRefused
	}
	most := map[rrule.Frequency]int{rrule.YEARLY: 366, rrule.MONTHLY: 31, rrule.WEEKLY: 7, rrule.DAILY: 1}[o.Freq] * times
	if len(o.Bysetpos) > 0 && !slices.ContainsFunc(o.Bysetpos, func(n int) bool { return max(n, -n) <= most }) {
		return RuleRefused
	}
	inMonth := o.Freq == rrule.MONTHLY || len(o.Bymonth) > 0
	for _, d := range o.Byweekday {
		if n := max(d.N(), -d.N()); inMonth && n > 5 {
			return RuleRefused
		}
	}
	o.Byweekday = sameForm(o.Byweekday, o.Freq, inMonth)
	return ""
}

// sameForm writes MO as 1MO to 5MO where others of the list have a number. The
// library demands both kinds of one day, RFC 5545 section 3.3.10 either.
func sameForm(list []rrule.Weekday, freq rrule.Frequency, inMonth bool) []rrule.Weekday {
	plain := func(d rrule.Weekday) bool { return d.N() == 0 }
	if freq > rrule.MONTHLY || !slices.ContainsFunc(list, plain) || !slices.ContainsFunc(list, func(d rrule.Weekday) bool { return d.N() != 0 }) {
		return list
	}
	most := 53
	if inMonth {
		most = 5
	}
	var out []rrule.Weekday
	for _, d := range list {
		if !plain(d) {
			out = append(out, d)
			continue
		}
		for n := range most {
			out = append(out, d.Nth(n+1))
		}
	}
	return out
}

func number(s string, low, high int, to *int) string {
	n, err := strconv.Atoi(s)
	if err != nil && len(s) > 18 {
		return RuleRefused
	}
	if err != nil {
		return RuleUnreadable
	}
	if n < low || n > high {
		return RuleRefused
	}
	*to = n
	return ""
}

func numbers(s string, low, high int, minus bool, to *[]int) string {
	for f := range strings.SplitSeq(s, ",") {
		var n int
		unsigned, negative := strings.CutPrefix(strings.TrimSpace(f), "-")
		if code := number(strings.TrimPrefix(unsigned, "+"), low, high, &n); code != "" {
			return code
		}
		if negative && !minus {
			return RuleRefused
		}
		if negative {
			n = -n
		}
		if len(*to) == maxList {
			return RuleRefused
		}
		if !slices.Contains(*to, n) {
			*to = append(*to, n)
		}
	}
	return ""
}

func days(s string, to *[]rrule.Weekday) string {
	for f := range strings.SplitSeq(s, ",") {
		f = strings.TrimSpace(f)
		if len(f) < 2 {
			return RuleUnreadable
		}
		day, ok := weekdays[f[len(f)-2:]]
		if !ok {
			return RuleUnreadable
		}
		if nth := f[:len(f)-2]; nth != "" {
			var n []int
			if code := numbers(nth, 1, 53, true, &n); code != "" || len(n) != 1 {
				return RuleRefused
			}
			day = day.Nth(n[0])
		}
		if len(*to) == maxList {
			return RuleRefused
		}
		*to = append(*to, day)
	}
	return ""
}
