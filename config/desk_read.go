package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// notesOften are the words for how often a billing note is written.
var notesOften = []string{DefaultBillingNotes, "daily", "off"}

// desk reads where what is written about a principal's billing goes.
func (l *loader) desk(f *file, n *yaml.Node) *Desk {
	b, ok := f.block(n, "a billing desk", "calendar", "notes", "day", "at", "due_before", "holidays", "prebill_after")
	if !ok {
		return nil
	}
	at, _ := parseClock(DefaultBillingAt)
	d := &Desk{Pos: f.at(n), Notes: DefaultBillingNotes, Day: DefaultBillingDay, At: at, Before: DefaultDueBefore, Prebill: DefaultPrebillAfter}
	if n := b.get("calendar"); n != nil {
		if t, ok := f.text(n); ok && l.calendarExists(f, t) {
			d.Calendar = t
		}
	}
	if n := b.get("notes"); n != nil {
		if w, ok := f.word(n, "notes", notesOften...); ok {
			d.Notes = w
		}
	}
	if n := b.get("day"); n != nil {
		d.Day = f.day(n)
		if d.Notes == "daily" {
			f.fail(f.at(n), "a daily note has no day", "delete day, or write notes: weekly")
		}
	}
	if n := b.get("at"); n != nil {
		d.At = f.clock(n)
	}
	if n := b.get("due_before"); n != nil {
		d.Before, _ = f.number(n, 0, MaxDueBefore)
		if b.get("calendar") == nil {
			f.warn(f.at(n), "due dates have no calendar", "add calendar: account/calendar")
		}
	}
	if n := b.get("prebill_after"); n != nil {
		d.Prebill = f.patience(n)
	}
	d.Holidays = l.holidays(f, b.get("holidays"))
	return d
}

// patience reads after how many whole hours a prebill is reminded of; 0 is never.
func (f *file) patience(n *yaml.Node) time.Duration {
	d, ok := f.span(n, 0, maxPrebillAfter)
	if ok && d%time.Hour != 0 {
		f.fail(f.at(n), fmt.Sprintf("%q is not a number of whole hours", clip(target(n).Value)), "write for example 1h, or 0 for never")
	}
	return d
}

// day reads the name of a weekday.
func (f *file) day(n *yaml.Node) time.Weekday {
	t, ok := f.text(n)
	if !ok {
		return DefaultBillingDay
	}
	d, ok := weekday(t.Value)
	if !ok {
		f.fail(t.Pos, fmt.Sprintf("%q is not a weekday", clip(t.Value)), "write for example monday")
		return DefaultBillingDay
	}
	return d
}

// clock reads a time of day, in minutes after midnight.
func (f *file) clock(n *yaml.Node) int {
	t, ok := f.text(n)
	if !ok {
		return 0
	}
	minutes, ok := parseClock(t.Value)
	if !ok {
		f.fail(t.Pos, fmt.Sprintf("%q is not a time of day", clip(t.Value)), `write for example "07:30"`)
	}
	return minutes
}

// parseClock takes times from 00:00 to 23:59.
func parseClock(s string) (minutes int, ok bool) {
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil
}

// holidays reads days on which nobody pays a bill: dates, or the name of a file
// with one a line.
func (l *loader) holidays(f *file, n *yaml.Node) (out []Text) {
	if n == nil {
		return nil
	}
	items, _, _ := l.items(f, target(n), "holidays", "[2026-12-25]")
	if len(items) > MaxHolidays {
		f.fail(f.at(n), fmt.Sprintf("holidays has more than %d days", MaxHolidays), "")
		return nil
	}
	for _, i := range items {
		if _, err := time.Parse(time.DateOnly, i.Value); err != nil {
			i.from.fail(i.Pos, fmt.Sprintf("%q is not a date", clip(i.Value)), "write for example 2026-12-25")
			continue
		}
		out = append(out, i.Text)
	}
	slices.SortFunc(out, func(a, b Text) int { return strings.Compare(a.Value, b.Value) })
	return slices.CompactFunc(out, func(a, b Text) bool { return a.Value == b.Value })
}
