package ical

import (
	"strings"
	"time"

	goical "github.com/emersion/go-ical"

	"chancery/internal/model"
)

// readTime reads a DATE or DATE-TIME (RFC 5545 sections 3.3.4 and 3.3.5). The
// form of the text decides, not the VALUE parameter: programs get that wrong.
func readTime(text string, params goical.Params, z *zones) (model.Time, bool) {
	text = strings.ToUpper(strings.TrimSpace(text))
	day, clock, timed := strings.Cut(text, "T")
	if i := strings.IndexByte(day, ' '); i > 0 && !timed {
		day, clock, timed = day[:i], day[i+1:], true
	}
	date, ok := readDate(day)
	if !ok || !timed {
		return model.Time{Wall: date, Date: true}, ok
	}
	offset, clock := cutOffset(clock)
	seconds, ok := readClock(clock)
	if !ok {
		return model.Time{}, false
	}
	w := date.Add(seconds)
	if offset != nil {
		return model.Time{Wall: w.Add(-*offset), Loc: time.UTC}, true
	}
	tzid := strings.Join(params.Values(goical.ParamTimezoneID), ", ")
	if tzid == "" {
		return model.Time{Wall: w}, true
	}
	loc, unsure := z.find(tzid)
	return model.Time{Wall: w, Loc: loc, Unsure: unsure}, true
}

// figures takes what stands between the digits of a date or a clock out, without
// allocating: objects may hold fifty thousand of them. Not more than eight
// digits, and nothing else, may be left.
func figures(s string, into *[8]int) (n int, ok bool) {
	for i := range len(s) {
		switch c := s[i]; {
		case c == '-' || c == ':' || c == ' ':
		case c < '0' || c > '9' || n == len(into):
			return 0, false
		default:
			into[n] = int(c - '0')
			n++
		}
	}
	return n, true
}

func readDate(s string) (time.Time, bool) {
	var d [8]int
	if n, ok := figures(s, &d); !ok || n != 8 {
		return time.Time{}, false
	}
	year, month, day := d[0]*1000+d[1]*100+d[2]*10+d[3], d[4]*10+d[5], d[6]*10+d[7]
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return t, year > 0 && month >= 1 && month <= 12 && t.Day() == day && day > 0
}

// readClock reads hours, minutes and seconds, the last of which may be missing
// or have a fraction. The leap second is the one before.
func readClock(s string) (time.Duration, bool) {
	s, _, _ = strings.Cut(s, ".")
	var d [8]int
	n, ok := figures(s, &d)
	if !ok || n != 2 && n != 4 && n != 6 {
		return 0, false
	}
	hour, minute, second := d[0]*10+d[1], d[2]*10+d[3], d[4]*10+d[5]
	if second == 60 {
		second = 59
	}
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second, hour < 24 && minute < 60 && second < 60
}

// cutOffset splits Z or, against the RFC, "+02:00" from a clock.
func cutOffset(clock string) (*time.Duration, string) {
	var zero time.Duration
	if rest, ok := strings.CutSuffix(clock, "Z"); ok {
		return &zero, rest
	}
	if i := strings.LastIndexAny(clock, "+-"); i >= 4 {
		if d, ok := readOffset(clock[i:]); ok {
			return &d, clock[:i]
		}
	}
	return nil, clock
}

var offsetMarks = strings.NewReplacer(":", "", ".", "", " ", "")

// readOffset reads a UTC offset such as +0130, -05:00 or +9 (RFC 5545 section
// 3.3.14).
func readOffset(s string) (time.Duration, bool) {
	s = offsetMarks.Replace(s)
	if len(s) < 2 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	var n [6]int
	d := s[1:]
	if len(d) == 1 || len(d) == 3 {
		d = "0" + d
	}
	if len(d) > 6 || len(d)%2 != 0 {
		return 0, false
	}
	for i := range len(d) {
		if d[i] < '0' || d[i] > '9' {
			return 0, false
		}
		n[i] = int(d[i] - '0')
	}
	at := time.Duration(n[0]*10+n[1])*time.Hour + time.Duration(n[2]*10+n[3])*time.Minute + time.Duration(n[4]*10+n[5])*time.Second
	if at > 18*time.Hour {
		return 0, false
	}
	if s[0] == '-' {
		at = -at
	}
	return at, true
}

// span is a DURATION (RFC 5545 section 3.3.6): days are nominal, so that P1D over
// a change of the clocks ends at the same wall clock, seconds are exact.
type span struct {
	days    int
	seconds int
}

// maxSpan is ten years: beyond that a duration is a mistake.
const maxSpan = 3660

func readSpan(s string) (span, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	sign := 1
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		sign, s = -1, rest
	}
	s, ok := strings.CutPrefix(strings.TrimPrefix(s, "+"), "P")
	if !ok || s == "" {
		return span{}, false
	}
	var out span
	timed := false
	for s != "" {
		if rest, ok := strings.CutPrefix(s, "T"); ok {
			timed, s = true, rest
			continue
		}
		n, i := 0, 0
		for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
			if n = n*10 + int(s[i]-'0'); n > maxSpan*86400 {
				return span{}, false
			}
		}
		if i == 0 || i == len(s) {
			return span{}, false
		}
		switch {
		case s[i] == 'W' && !timed:
			out.days += 7 * n
		case s[i] == 'D' && !timed:
			out.days += n
		case s[i] == 'H' && timed:
			out.seconds += 3600 * n
		case s[i] == 'M' && timed:
			out.seconds += 60 * n
		case s[i] == 'S' && timed:
			out.seconds += n
		default:
			return span{}, false
		}
		s = s[i+1:]
	}
	if out.days > maxSpan || out.seconds > maxSpan*86400 {
		return span{}, false
	}
	return span{sign * out.days, sign * out.seconds}, true
}

// add moves a time by a span and keeps its kind.
func (t span) add(from model.Time) model.Time {
	out := from
	out.Wall = from.Wall.AddDate(0, 0, t.days)
	if from.Date {
		out.Wall = out.Wall.AddDate(0, 0, (t.seconds+86399)/86400)
		return out
	}
	if t.seconds == 0 || from.Loc == nil {
		out.Wall = out.Wall.Add(time.Duration(t.seconds) * time.Second)
		return out
	}
	at := out.In(from.Loc).Add(time.Duration(t.seconds) * time.Second)
	out.Wall = wall(at)
	return out
}

// wall returns the wall clock of an instant, carried in UTC.
func wall(at time.Time) time.Time {
	_, offset := at.Zone()
	return at.Add(time.Duration(offset) * time.Second).UTC()
}
