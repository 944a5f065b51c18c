package ical

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	goical "github.com/emersion/go-ical"
	"github.com/teambition/rrule-go"
)

// Bounds of a zone built from a VTIMEZONE.
const (
	maxObservances = 64
	maxOnsets      = 4096
	maxAllOnsets   = 5 * maxOnsets // of all zones of an object
	zoneUntil      = 2060          // year; no calendar entry of ours lies beyond
)

// onset is the moment an offset begins to hold.
type onset struct {
	at     int64 // Unix seconds
	offset int   // seconds east of UTC
	summer bool
}

// build makes a location of a VTIMEZONE (RFC 5545 section 3.6.5); nil if it
// cannot be read. Observances are yearly rules, so a few steps each.
func (z *zones) build(name string, c *component) *time.Location {
	var onsets []onset
	var first *onset
	for i, sub := range c.children {
		if i == maxObservances {
			z.p.add("zone-cut")
			break
		}
		if sub.name != goical.CompTimezoneStandard && sub.name != goical.CompTimezoneDaylight {
			continue
		}
		got, before, ok := observance(sub)
		if !ok {
			return nil
		}
		onsets = append(onsets, got...)
		if z.onsets += len(got); z.onsets > maxAllOnsets {
			z.p.add("zone-cut")
			return nil
		}
		if len(got) > 0 && (first == nil || got[0].at < first.at) {
			first = &onset{got[0].at, before, false}
		}
	}
	if first == nil || len(onsets) > maxOnsets {
		return nil
	}
	slices.SortStableFunc(onsets, func(a, b onset) int { return int(min(1, max(-1, a.at-b.at))) })
	loc, err := time.LoadLocationFromTZData(printable(name), tzif(first.offset, onsets))
	if err != nil {
		return nil
	}
	return loc
}

// observance returns the onsets of one STANDARD or DAYLIGHT and the offset
// before its first.
func observance(c *component) (out []onset, before int, ok bool) {
	start, has := c.get(goical.PropDateTimeStart)
	from, hasFrom := offsetOf(c, goical.PropTimezoneOffsetFrom)
	to, hasTo := offsetOf(c, goical.PropTimezoneOffsetTo)
	if !has || !hasFrom || !hasTo {
		return nil, 0, false
	}
	at, ok := readTime(start.Value, nil, nil)
	if !ok {
		return nil, 0, false
	}
	walls := []time.Time{at.Wall}
	for _, p := range c.all(goical.PropRecurrenceDates) {
		for v := range strings.SplitSeq(p.Value, ",") {
			v, _, _ = strings.Cut(v, "/")
			if t, ok := readTime(v, nil, nil); ok && len(walls) < maxOnsets {
				walls = append(walls, t.Wall)
			}
		}
	}
	if rule, ok := c.get(goical.PropRecurrenceRule); ok {
		more, ok := yearly(rule.Value, at.Wall)
		if !ok {
			return nil, 0, false
		}
		walls = append(walls, more...)
	}
	slices.SortFunc(walls, time.Time.Compare)
	for _, w := range walls {
		// RFC 5545 section 3.6.5: onsets are local times in TZOFFSETFROM.
		out = append(out, onset{w.Unix() - int64(from), to, c.name == goical.CompTimezoneDaylight})
	}
	return out, from, true
}

func offsetOf(c *component, name string) (int, bool) {
	p, ok := c.get(name)
	if !ok {
		return 0, false
	}
	d, ok := readOffset(strings.TrimSpace(p.Value))
	return int(d / time.Second), ok
}

// yearly expands the rule of an observance. Outlook starts its rules in 1601:
// nothing before 1960 matters to a calendar.
func yearly(rule string, start time.Time) (out []time.Time, ok bool) {
	defer func() {
		if recover() != nil {
			out, ok = nil, false
		}
	}()
	text, ok := guardRule(rule, start)
	if !ok || !strings.Contains(text, "FREQ=YEARLY") {
		return nil, false
	}
	opt, err := rrule.StrToROption(text)
	if err != nil {
		return nil, false
	}
	opt.Dtstart = start
	if start.Year() < 1960 && opt.Count == 0 && opt.Interval <= 1 {
		opt.Dtstart = time.Date(1960, 1, 1, start.Hour(), start.Minute(), start.Second(), 0, time.UTC)
		if len(opt.Bymonth) == 0 || len(opt.Byweekday) == 0 && len(opt.Bymonthday) == 0 {
			opt.Dtstart = time.Date(1960, start.Month(), start.Day(), start.Hour(), start.Minute(), start.Second(), 0, time.UTC)
		}
	}
	r, err := rrule.NewRRule(*opt)
	if err != nil {
		return nil, false
	}
	next := r.Iterator()
	for len(out) < 500 {
		t, more := next()
		if !more || t.Year() > zoneUntil {
			break
		}
		out = append(out, t)
	}
	return out, true
}

// tzif writes the zone in the format of RFC 9636 section 3, version 2, which is
// what the time package can load. The abbreviation is empty.
func tzif(before int, onsets []onset) []byte {
	types := []onset{{offset: before}}
	index := make([]byte, len(onsets))
	for i, o := range onsets {
		k := slices.IndexFunc(types, func(t onset) bool { return t.offset == o.offset && t.summer == o.summer })
		if k < 0 {
			if k = len(types); k > 255 {
				k = 0
			} else {
				types = append(types, onset{offset: o.offset, summer: o.summer})
			}
		}
		index[i] = byte(k)
	}
	var b bytes.Buffer
	header := func(times, kinds, chars int) {
		b.WriteString("TZif2")
		b.Write(make([]byte, 15))
		for _, n := range []int{0, 0, 0, times, kinds, chars} {
			_ = binary.Write(&b, binary.BigEndian, uint32(n))
		}
	}
	header(0, 1, 1) // the version 1 block is skipped by readers of version 2
	b.Write(make([]byte, 6+1))
	header(len(onsets), len(types), 1)
	for _, o := range onsets {
		_ = binary.Write(&b, binary.BigEndian, o.at)
	}
	b.Write(index)
	for _, t := range types {
		_ = binary.Write(&b, binary.BigEndian, int32(t.offset))
		summer := byte(0)
		if t.summer {
			summer = 1
		}
		b.Write([]byte{summer, 0})
	}
	b.WriteByte(0)
	b.WriteString("\n\n")
	return b.Bytes()
}

// printable keeps a zone name from carrying anything but a name.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s[:min(len(s), 64)])
}
