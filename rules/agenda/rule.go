package agenda

import (
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"
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

// rule is a recurrence rule. The BY parts are sets of bits; one that is empty
// was not given. Bit n of a set of what is counted from the end is its nth from
// there.
type rule struct {
	freq     freq
	interval int
	count    int // 0 for endless
	until    until
	wkst     int    // 0 is Monday
	months   uint16 // bit 1 is January
	days     uint32 // BYMONTHDAY; bit 1 is the first
	lastDays uint32
	weekdays uint8 // BYDAY without a number; bit 0 is Monday
	nth      []nthDay
	yearDays []int
	weeks    uint64
	lastWeek uint64
	setPos   []int
	hours    uint32
	minutes  uint64
	seconds  uint64
}

type freq int

const (
	yearly freq = iota + 1
	monthly
	weekly
	daily
)

// nthDay is a BYDAY with a number, such as -1FR.
type nthDay struct{ day, n int }

// until is UNTIL in one of its three forms.
type until struct {
	wall      time.Time // zero if there is none
	date, utc bool
}

// parseRule reads an RRULE value (RFC 5545 section 3.3.10). date says that
// DTSTART is a whole day. The second result is "" or a problem code.
func parseRule(s string, date bool) (rule, string) {
	r := rule{interval: 1}
	s = strings.ToUpper(strings.TrimSpace(s))
	s = strings.TrimSuffix(strings.TrimPrefix(s, "RRULE:"), ";")
	if len(s) > maxRule {
		return r, RuleRefused
	}
	for rest := s; ; {
		part, more, found := strings.Cut(rest, ";")
		key, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok || value == "" || repeated(s[:len(s)-len(rest)], key) {
			return r, RuleUnreadable
		}
		if code := r.set(key, value); code != "" {
			return r, code
		}
		if rest = more; !found {
			break
		}
	}
	if r.freq == 0 {
		return r, RuleUnreadable
	}
	if date {
		// RFC 5545 section 3.3.10: these must be ignored when DTSTART is a DATE.
		r.hours, r.minutes, r.seconds = 0, 0, 0
	}
	return r, r.check()
}

// repeated reports whether key stands in the parts before.
func repeated(before, key string) bool {
	for before != "" {
		var part string
		part, before, _ = strings.Cut(before, ";")
		if name, _, _ := strings.Cut(strings.TrimSpace(part), "="); name == key {
			return true
		}
	}
	return false
}

func (r *rule) set(key, value string) string {
	switch key {
	case "FREQ":
		return r.setFreq(value)
	case "INTERVAL":
		return number(value, 1, maxInterval, &r.interval)
	case "COUNT":
		return number(value, 1, 1<<31, &r.count)
	case "UNTIL":
		return r.setUntil(value)
	case "WKST":
		if r.wkst = weekday(value); r.wkst < 0 {
			return RuleUnreadable
		}
		return ""
	case "BYDAY":
		return r.setDays(value)
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
	return r.setNumbers(key, value)
}

func (r *rule) setFreq(value string) string {
	switch value {
	case "YEARLY":
		r.freq = yearly
	case "MONTHLY":
		r.freq = monthly
	case "WEEKLY":
		r.freq = weekly
	case "DAILY":
		r.freq = daily
	case "HOURLY", "MINUTELY", "SECONDLY":
		return RuleRefused
	default:
		return RuleUnreadable
	}
	return ""
}

func (r *rule) setNumbers(key, value string) string {
	switch key {
	case "BYMONTH":
		return numbers(value, 1, 12, false, func(n int) { r.months |= 1 << n })
	case "BYMONTHDAY":
		return numbers(value, 1, 31, true, func(n int) {
			if n > 0 {
				r.days |= 1 << n
			} else {
				r.lastDays |= 1 << -n
			}
		})
	case "BYWEEKNO":
		return numbers(value, 1, 53, true, func(n int) {
			if n > 0 {
				r.weeks |= 1 << n
			} else {
				r.lastWeek |= 1 << -n
			}
		})
	case "BYYEARDAY":
		return numbers(value, 1, 366, true, func(n int) { r.yearDays = joined(r.yearDays, n) })
	case "BYSETPOS":
		return numbers(value, 1, 366, true, func(n int) { r.setPos = joined(r.setPos, n) })
	case "BYHOUR":
		return numbers(value, 0, 23, false, func(n int) { r.hours |= 1 << n })
	case "BYMINUTE":
		return numbers(value, 0, 59, false, func(n int) { r.minutes |= 1 << n })
	case "BYSECOND":
		// The leap second of RFC 5545 section 3.3.10 is read as the second before,
		// which every day has.
		return numbers(value, 0, 60, false, func(n int) { r.seconds |= 1 << min(n, 59) })
	}
	return RuleUnreadable
}

func joined(list []int, n int) []int {
	if slices.Contains(list, n) {
		return list
	}
	return append(list, n)
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

// check refuses what no person means, and takes the numbers off days where they
// mean nothing.
func (r *rule) check() string {
	times := max(1, bits.OnesCount32(r.hours)) * max(1, bits.OnesCount64(r.minutes)) * max(1, bits.OnesCount64(r.seconds))
	if times > maxTimes {
		return RuleRefused
	}
	most := [...]int{yearly: 366, monthly: 31, weekly: 7, daily: 1}[r.freq] * times
	if len(r.setPos) > 0 && !slices.ContainsFunc(r.setPos, func(n int) bool { return max(n, -n) <= most }) {
		return RuleRefused
	}
	for _, d := range r.nth {
		if (r.freq == monthly || r.months != 0) && max(d.n, -d.n) > 5 {
			return RuleRefused
		}
		if r.freq == weekly || r.freq == daily {
			r.weekdays |= 1 << d.day
		}
	}
	if r.freq == weekly || r.freq == daily {
		r.nth = nil
	}
	return ""
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

// numbers reads a list; with minus, numbers below zero count from the end.
func numbers(s string, low, high int, minus bool, put func(int)) string {
	size := 0
	for f := range strings.SplitSeq(s, ",") {
		var n int
		unsigned, negative := strings.CutPrefix(strings.TrimSpace(f), "-")
		if code := number(strings.TrimPrefix(unsigned, "+"), low, high, &n); code != "" {
			return code
		}
		if size++; size > maxList || negative && !minus {
			return RuleRefused
		}
		if negative {
			n = -n
		}
		put(n)
	}
	return ""
}

func (r *rule) setDays(s string) string {
	size := 0
	for f := range strings.SplitSeq(s, ",") {
		f = strings.TrimSpace(f)
		day := weekday(f[max(0, len(f)-2):])
		if day < 0 {
			return RuleUnreadable
		}
		if size++; size > maxList {
			return RuleRefused
		}
		if len(f) == 2 {
			r.weekdays |= 1 << day
			continue
		}
		nth := nthDay{day: day}
		if code := numbers(f[:len(f)-2], 1, 53, true, func(n int) { nth.n = n }); code != "" {
			return RuleRefused
		}
		if !slices.Contains(r.nth, nth) {
			r.nth = append(r.nth, nth)
		}
	}
	return ""
}

// weekday returns 0 for MO to 6 for SU, and -1 for what is no day.
func weekday(s string) int {
	return slices.Index([]string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}, s)
}
