package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// zonedMeeting is an event on wall clocks of a zone.
func zonedMeeting(uid, title, zone string, start time.Time, length time.Duration) []byte {
	const form = "20060102T150405"
	return []byte(strings.ReplaceAll(fmt.Sprintf(`BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Firm//Test//EN
BEGIN:VEVENT
UID:%s
DTSTAMP:20261101T120000Z
DTSTART;TZID=%s:%s
DTEND;TZID=%s:%s
SUMMARY:%s
END:VEVENT
END:VCALENDAR
`, uid, zone, start.Format(form), zone, start.Add(length).Format(form), title), "\n", "\r\n"))
}

// The principal lives in Tokyo, the events stand on clocks of New York and
// Berlin, one of them floats, and the week is one in which the clocks of only one
// of them change.
func TestConflictsAcrossZones(t *testing.T) {
	o := newOffice(t)
	o.edit("chancery.yaml", "America/New_York", "Asia/Tokyo")
	o.edit("rules.d/10.yaml", "horizon: 60d", "horizon: 366d")
	ny, berlin := mustZone(t, "America/New_York"), mustZone(t, "Europe/Berlin")
	sunday := nextOddWeek(time.Now())
	monday := sunday.AddDate(0, 0, 1)
	at := func(day time.Time, hour int, zone *time.Location) time.Time {
		return time.Date(day.Year(), day.Month(), day.Day(), hour, 0, 0, 0, zone)
	}
	// 10:00 in New York is 15:00 in Berlin in this week, 16:00 in any other.
	o.dav.Put(o.work+"ny.ics", zonedMeeting("ny", "Hearing", ny.String(), at(monday, 10, ny), time.Hour))
	o.dav.Put(o.work+"berlin.ics", zonedMeeting("berlin", "Staff", berlin.String(), at(monday, 15, berlin), time.Hour))
	friday := sunday.AddDate(0, 0, -2)
	o.dav.Put(o.work+"ny2.ics", zonedMeeting("ny2", "Hearing before", ny.String(), at(friday, 10, ny), time.Hour))
	o.dav.Put(o.work+"berlin2.ics", zonedMeeting("berlin2", "Staff before", berlin.String(), at(friday, 15, berlin), time.Hour))
	o.once()
	_, text := o.hold()
	start := at(monday, 15, berlin)
	utc, tokyo := start.UTC().Format("20060102T150405Z"), start.In(mustZone(t, "Asia/Tokyo")).Format("15:04")
	if !strings.Contains(unfold([]byte(text)), "DTSTART:"+utc) || !strings.Contains(unfold([]byte(text)), tokyo) {
		t.Errorf("the hold must start at %s and say %s:\n%s", utc, tokyo, text)
	}

	// A floating event is read on the principal's clock.
	floats := strings.ReplaceAll(string(zonedMeeting("floats", "Floats", "X", start.In(mustZone(t, "Asia/Tokyo")), time.Hour)), ";TZID=X", "")
	o.dav.Delete(o.work + "berlin.ics")
	o.dav.Put(o.work+"floats.ics", []byte(floats))
	o.once()
	if _, text := o.hold(); !strings.Contains(unfold([]byte(text)), "Floats") {
		t.Errorf("the floating event does not clash:\n%s", text)
	}

	// Moved into the past: nobody needs the hold any more.
	o.dav.Put(o.work+"floats.ics", meeting("floats", "Floats", "20200302", 10, 11))
	o.dav.Put(o.work+"ny.ics", meeting("ny", "Hearing", "20200302", 10, 11))
	o.once()
	o.expect("in the past", 0, 0)
}

// nextOddWeek returns the next Sunday, not today, after which New York and Berlin are
// five hours apart for a week instead of six: the second one of March, when only New
// York has moved its clocks on, and the last one of October, when only Berlin has
// moved them back.
func nextOddWeek(now time.Time) time.Time {
	for year := now.Year(); ; year++ {
		spring := time.Date(year, 3, 8, 0, 0, 0, 0, time.UTC)
		autumn := time.Date(year, 10, 25, 0, 0, 0, 0, time.UTC)
		for _, first := range []time.Time{spring, autumn} {
			sunday := first.AddDate(0, 0, (7-int(first.Weekday()))%7)
			if sunday.After(now) {
				return sunday
			}
		}
	}
}

// Whenever the test above runs, it finds a week within the horizon of its rules.
func TestNextOddWeek(t *testing.T) {
	ny, berlin := mustZone(t, "America/New_York"), mustZone(t, "Europe/Berlin")
	for day := time.Date(2026, 1, 1, 23, 30, 0, 0, time.UTC); day.Year() < 2040; day = day.AddDate(0, 0, 1) {
		sunday := nextOddWeek(day)
		monday := sunday.AddDate(0, 0, 1)
		at := time.Date(monday.Year(), monday.Month(), monday.Day(), 10, 0, 0, 0, ny)
		if ahead := monday.Sub(day); ahead < 24*time.Hour || ahead > 300*24*time.Hour || at.In(berlin).Hour() != 15 || at.AddDate(0, 0, -3).In(berlin).Hour() != 16 {
			t.Fatalf("on %s: %s", day, monday)
		}
	}
}

func mustZone(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// A conflict that is over by itself takes its hold along, without any news from
// the server.
func TestAConflictEndsByItself(t *testing.T) {
	o := newOffice(t)
	r := o.start()
	await(t, "ready", r.working)
	// On a slow machine the conflict may be over before anybody saw it: then another,
	// longer one comes.
	end, there := time.Time{}, func() bool { return len(o.list()) == 1 && len(o.notes()) == 1 }
	for last := 12 * time.Second; ; last *= 2 {
		end = time.Now().UTC().Truncate(time.Second).Add(last)
		o.dav.Put(o.work+"a.ics", zonedMeeting("a", "Hearing", "UTC", end.Add(-time.Hour), time.Hour))
		o.dav.Put(o.work+"b.ics", zonedMeeting("b", "Staff", "UTC", end.Add(-time.Hour), time.Hour))
		seen := false
		await(t, "hold and note", func() bool { seen = there(); return seen || time.Now().After(end) })
		if seen {
			break
		}
		if last > time.Minute {
			t.Fatalf("no hold and note in %s\n%s", last, r.log())
		}
	}
	await(t, "their end", func() bool { return len(o.list()) == 0 && len(o.notes()) == 0 })
	if early := time.Until(end); early > 0 {
		t.Errorf("withdrawn %s too early\n%s", early, r.log())
	}
}
