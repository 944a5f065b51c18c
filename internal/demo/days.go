package demo

import (
	"fmt"
	"time"
)

// zoneName is where the office works.
const zoneName = "America/New_York"

// days counts working days from the day the office opens. Working day 1 is the
// next one after today, -1 the last one before; days five apart fall on the same
// weekday whatever day it is today, so that weekly series can be laid out.
type days struct{ today time.Time }

func newDays(now time.Time) (days, error) {
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		return days{}, fmt.Errorf("lay out days: %w", err)
	}
	n := now.In(zone)
	return days{time.Date(n.Year(), n.Month(), n.Day(), 0, 0, 0, 0, zone)}, nil
}

// working returns midnight of working day n; 0 is today.
func (d days) working(n int) time.Time {
	at, step := d.today, 1
	if n < 0 {
		n, step = -n, -1
	}
	for n > 0 {
		at = at.AddDate(0, 0, step)
		if w := at.Weekday(); w != time.Saturday && w != time.Sunday {
			n--
		}
	}
	return at
}

// at returns a time of working day n; clock is "15:04".
func (d days) at(n int, clock string) (time.Time, error) {
	c, err := time.Parse("15:04", clock)
	if err != nil {
		return time.Time{}, fmt.Errorf("lay out days: %w", err)
	}
	w := d.working(n)
	return time.Date(w.Year(), w.Month(), w.Day(), c.Hour(), c.Minute(), 0, 0, w.Location()), nil
}

// The forms of dates in iCalendar (RFC 5545 sections 3.3.4 and 3.3.5).
const (
	icalDate = "20060102"
	icalTime = "20060102T150405"
	icalUTC  = "20060102T150405Z"
)

// words are the functions of the templates that give dates.
func (d days) words() map[string]any {
	form := func(layout string) func(int) string {
		return func(n int) string { return d.working(n).Format(layout) }
	}
	clock := func(layout string, utc bool) func(int, string) (string, error) {
		return func(n int, clock string) (string, error) {
			t, err := d.at(n, clock)
			if utc {
				t = t.UTC()
			}
			return t.Format(layout), err
		}
	}
	return map[string]any{
		"day":     form("January 2, 2006"),
		"weekday": form("Monday"),
		"dmy":     form("02.01.2006"),
		"iso":     form("2006-01-02"),
		"mdy":     form("01/02/2006"),
		"ymd":     form(icalDate),
		"month": func(n int) string {
			return d.today.AddDate(0, 0, 1-d.today.Day()).AddDate(0, n, 0).Format("January 2006")
		},
		"at":  clock(icalTime, false),
		"utc": clock(icalUTC, true),
		// since is a time of the weekday of working day n, so many weeks before.
		"since": func(weeks, n int, at string) (string, error) {
			t, err := d.at(n, at)
			return t.AddDate(0, 0, -7*weeks).Format(icalTime), err
		},
	}
}
