package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var hoursForm = regexp.MustCompile(`^([A-Za-z,-]+)\s+(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$`)

const hoursHint = `write for example "Mon-Fri 09:00-18:00" or "Tue,Thu 08:30-12:00"`

// parseHours reads days and a time of day: "Mon-Fri 09:00-18:00". A range of
// days may pass the weekend ("Sat-Mon"); a time may not pass midnight.
func parseHours(s string) (Hours, error) {
	m := hoursForm.FindStringSubmatch(s)
	if m == nil {
		return Hours{}, fmt.Errorf("%q is not working hours", clip(s))
	}
	var h Hours
	for part := range strings.SplitSeq(m[1], ",") {
		first, last, ranged := strings.Cut(part, "-")
		a, ok := weekday(first)
		if !ok {
			return Hours{}, fmt.Errorf("%q is not a weekday", clip(first))
		}
		b := a
		if ranged {
			if b, ok = weekday(last); !ok {
				return Hours{}, fmt.Errorf("%q is not a weekday", clip(last))
			}
		}
		for d := a; ; d = (d + 1) % 7 {
			if slices.Contains(h.Days, d) {
				return Hours{}, fmt.Errorf("%s is named twice", d)
			}
			h.Days = append(h.Days, d)
			if d == b {
				break
			}
		}
	}
	var ok1, ok2 bool
	h.From, ok1 = clockTime(m[2], m[3])
	h.Till, ok2 = clockTime(m[4], m[5])
	switch {
	case !ok1 || !ok2:
		return Hours{}, fmt.Errorf("times of day run from 00:00 to 24:00")
	case h.From >= h.Till:
		return Hours{}, fmt.Errorf("the end is not after the beginning")
	}
	return h, nil
}

// weekday takes English names of three letters or more.
func weekday(s string) (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if len(s) >= 3 && len(s) <= len(d.String()) && strings.EqualFold(s, d.String()[:len(s)]) {
			return d, true
		}
	}
	return 0, false
}

func clockTime(hour, minute string) (int, bool) {
	h, _ := strconv.Atoi(hour)
	m, _ := strconv.Atoi(minute)
	return h*60 + m, m < 60 && h*60+m <= 24*60
}
