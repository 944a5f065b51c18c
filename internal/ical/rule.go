package ical

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// Bounds of a recurrence rule. rrule-go never ends on some rules below DAILY, and
// panics on a giant interval; within these bounds it did not in 20,000 random
// rules.
const (
	maxInterval = 1000
	maxCount    = 100000
	maxClocks   = 24 // instances on one day
	maxValues   = 400
	maxDays     = 53 * 7
)

// ruleParts is a recurrence rule that was read and is within bounds.
type ruleParts struct {
	freq   string
	seen   map[string]bool
	fields map[string][]int
	days   []string // of BYDAY
	clocks int      // instances on one day
}

// readRule returns the rule of an event in its plain form, or false if it is no
// rule (RFC 5545 section 3.3.10), comes round faster than daily or is out of
// bounds. Who expands it must end by itself, whatever it says. UNTIL keeps the
// form it has.
func readRule(s string) (string, ruleParts, bool) {
	r := ruleParts{seen: map[string]bool{}, fields: map[string][]int{}, clocks: 1}
	var parts []string
	for part := range strings.SplitSeq(strings.ToUpper(s), ";") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		value = strings.ReplaceAll(value, " ", "")
		if r.seen[name] || value == "" || !r.set(name, value) {
			return "", r, false
		}
		r.seen[name] = true
		if name != "RSCALE" && name != "SKIP" { // they say what is so anyway
			parts = append(parts, name+"="+value)
		}
	}
	switch r.freq {
	case "DAILY", "WEEKLY", "MONTHLY", "YEARLY":
		return strings.Join(parts, ";"), r, r.clocks <= maxClocks
	}
	return "", r, false
}

func (r *ruleParts) set(name, value string) bool {
	switch name {
	case "FREQ":
		r.freq = value
	case "UNTIL":
		return isUntil(value)
	case "INTERVAL", "COUNT":
		n, err := strconv.Atoi(value)
		return err == nil && n > 0 && (name == "COUNT" || n <= maxInterval) && n <= maxCount
	case "WKST":
		return len(value) == 2 && isDay(value)
	case "BYDAY":
		r.days = strings.Split(value, ",")
		return len(r.days) <= maxDays && !slices.ContainsFunc(r.days, func(d string) bool { return !isDay(d) })
	case "RSCALE":
		return value == "GREGORIAN" // RFC 7529 section 4.1
	case "SKIP":
		return value == "OMIT" // the default of RFC 7529 section 4.1
	default:
		n, ok := numbers(value)
		bounds, known := ruleBounds[name]
		if !ok || !known || slices.ContainsFunc(n, func(n int) bool { return n < bounds[0] || n > bounds[1] }) {
			return false // a part below its bounds, or one that nobody knows
		}
		if r.fields[name] = n; name == "BYHOUR" || name == "BYMINUTE" || name == "BYSECOND" {
			r.clocks *= len(n)
		}
		return bounds[0] >= 0 || !slices.Contains(n, 0)
	}
	return true
}

// ruleBounds are those of RFC 5545 section 3.3.10.
var ruleBounds = map[string][2]int{
	"BYMONTH": {1, 12}, "BYMONTHDAY": {-31, 31}, "BYYEARDAY": {-366, 366}, "BYWEEKNO": {-53, 53}, "BYSETPOS": {-366, 366},
	"BYHOUR": {0, 23}, "BYMINUTE": {0, 59}, "BYSECOND": {0, 60},
}

// isDay reads one value of BYDAY, such as MO or -1FR.
func isDay(s string) bool {
	if len(s) < 2 || !slices.Contains([]string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}, s[len(s)-2:]) {
		return false
	}
	if len(s) == 2 {
		return true
	}
	n, err := strconv.Atoi(s[:len(s)-2])
	return err == nil && n != 0 && n >= -53 && n <= 53
}

// guardRule is readRule for the rules of a VTIMEZONE, which rrule-go expands. It
// refuses those on which the library searches up to the year 9999 or panics.
func guardRule(s string, start time.Time) (string, bool) {
	text, r, ok := readRule(s)
	if !ok || !frequent(r.freq, start) || !possible(r.fields["BYMONTH"], r.fields["BYMONTHDAY"]) || !lawful(r.freq, r.seen, r.fields, r.days, r.clocks) {
		return "", false
	}
	return text, accepted(text)
}

// frequent refuses what is below DAILY, and old starts: the library counts from
// the start on.
func frequent(freq string, start time.Time) bool {
	switch freq {
	case "DAILY", "WEEKLY":
		return start.Year() >= 1900
	case "MONTHLY", "YEARLY":
		return start.Year() >= 1
	}
	return false
}

// lawful refuses the combinations that RFC 5545 section 3.3.10 forbids and those
// that can match no day at all: on these the library looks at every day until the
// year 9999, up to a second for each rule.
func lawful(freq string, has map[string]bool, fields map[string][]int, days []string, clocks int) bool {
	ordinal := 0 // entries such as -1FR
	for _, d := range days {
		if len(d) > 2 {
			ordinal++
		}
	}
	long := freq == "MONTHLY" || freq == "YEARLY"
	switch {
	case has["BYWEEKNO"] && freq != "YEARLY", has["BYYEARDAY"] && freq != "YEARLY":
		return false
	case has["BYMONTHDAY"] && freq == "WEEKLY", ordinal > 0 && !long:
		return false
	case ordinal > 0 && (has["BYWEEKNO"] || has["BYMONTHDAY"] || has["BYYEARDAY"]):
		return false
	case (has["BYWEEKNO"] || has["BYYEARDAY"]) && (has["BYMONTH"] || has["BYMONTHDAY"]), has["BYWEEKNO"] && has["BYYEARDAY"]:
		return false
	}
	for _, n := range fields["BYSETPOS"] {
		if n == 0 || max(n, -n) > setSize(freq, fields, len(days), ordinal)*clocks {
			return false
		}
	}
	return true
}

// setSize bounds the days of one period: a BYSETPOS beyond it never matches.
func setSize(freq string, fields map[string][]int, days, ordinal int) int {
	months := 1
	if freq == "YEARLY" {
		months = max(1, len(fields["BYMONTH"]))
	}
	switch {
	case freq == "DAILY":
		return 1
	case freq == "WEEKLY":
		return max(1, days)
	case len(fields["BYYEARDAY"]) > 0:
		return len(fields["BYYEARDAY"])
	case len(fields["BYWEEKNO"]) > 0:
		return len(fields["BYWEEKNO"]) * max(1, days)
	case len(fields["BYMONTHDAY"]) > 0 && freq == "YEARLY" && len(fields["BYMONTH"]) == 0:
		return 12 * len(fields["BYMONTHDAY"])
	case len(fields["BYMONTHDAY"]) > 0:
		return months * len(fields["BYMONTHDAY"])
	case days > 0 && ordinal == days:
		return months * days
	case days > 0 && freq == "YEARLY" && len(fields["BYMONTH"]) == 0:
		return 52 * days
	case days > 0:
		return months * 4 * days
	}
	return months
}

// accepted asks the library whether it can read the rule, without stepping it.
func accepted(text string) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	opt, err := rrule.StrToROption(text)
	if err != nil {
		return false
	}
	_, err = rrule.NewRRule(*opt)
	return err == nil
}

func numbers(s string) ([]int, bool) {
	var out []int
	for v := range strings.SplitSeq(s, ",") {
		n, err := strconv.Atoi(v)
		if err != nil || n < -366 || n > 366 || len(out) == maxValues {
			return nil, false
		}
		out = append(out, n)
	}
	return out, true
}

// possible finds rules such as 30 February, on which the library would look at
// every day until the year 9999.
func possible(months, days []int) bool {
	if len(months) == 0 || len(days) == 0 {
		return true
	}
	for _, m := range months {
		if m < 1 || m > 12 {
			return false
		}
		longest := time.Date(2024, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day()
		for _, d := range days {
			if max(d, -d) <= longest && d != 0 {
				return true
			}
		}
	}
	return false
}

func isUntil(s string) bool {
	for _, form := range []string{"20060102", "20060102T150405", "20060102T150405Z"} {
		if len(s) == len(form) {
			if _, err := time.Parse(form, s); err == nil {
				return true
			}
		}
	}
	return false
}
