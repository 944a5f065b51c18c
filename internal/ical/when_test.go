package ical

import (
	"fmt"
	"slices"
	"testing"
	"time"

	goical "github.com/emersion/go-ical"

	"chancery/internal/model"
)

// show writes a time so that a test can be read.
func showTime(t model.Time) string {
	s := t.Wall.Format("2006-01-02T15:04:05")
	if t.Date {
		s = t.Wall.Format("2006-01-02")
	}
	if t.Loc != nil {
		s += " " + t.Loc.String()
	}
	if t.Unsure {
		s += " unsure"
	}
	return s
}

func TestReadTime(t *testing.T) {
	for _, test := range []struct{ text, tzid, want string }{
		{"20260302", "", "2026-03-02"},
		{"20260302T090000", "", "2026-03-02T09:00:00"},
		{"20260302T090000Z", "", "2026-03-02T09:00:00 UTC"},
		{"20260302T090000", "Europe/Berlin", "2026-03-02T09:00:00 Europe/Berlin"},
		{"20260302T090000Z", "Europe/Berlin", "2026-03-02T09:00:00 UTC"},
		{"20260302T090000", "", "2026-03-02T09:00:00"},
		{"20260302T0900", "", "2026-03-02T09:00:00"},
		{"20260302T09", "", "2026-03-02T09:00:00"},
		{"2026-03-02T09:00:00", "", "2026-03-02T09:00:00"},
		{"2026-03-02T09:00:00+02:00", "", "2026-03-02T07:00:00 UTC"},
		{"20260302T090000-0500", "", "2026-03-02T14:00:00 UTC"},
		{"2026-03-02", "", "2026-03-02"},
		{" 20260302T090060 ", "", "2026-03-02T09:00:59"},
		{"20260302T090000", "Nowhere/City", "2026-03-02T09:00:00 unsure"},
		{"20260230", "", "none"},
		{"20260302T250000", "", "none"},
		{"00000101", "", "none"},
		{"20260302T", "", "none"},
		{"T090000", "", "none"},
		{"", "", "none"},
	} {
		params := goical.Params{}
		if test.tzid != "" {
			params["TZID"] = []string{test.tzid}
		}
		got := "none"
		if when, ok := readTime(test.text, params, newZones(nil, &problems{})); ok {
			got = showTime(when)
		}
		if got != test.want {
			t.Errorf("%q in %q: %s, want %s", test.text, test.tzid, got, test.want)
		}
	}
}

func TestEnd(t *testing.T) {
	for _, test := range []struct {
		name, start, end, want, problem string
	}{
		{"end", "DTSTART:20260302T090000Z", "DTEND:20260302T100000Z", "2026-03-02T10:00:00 UTC", ""},
		{"no end of a moment", "DTSTART:20260302T090000Z", "X:1", "2026-03-02T09:00:00 UTC", ""},
		{"no end of a day", "DTSTART;VALUE=DATE:20260302", "X:1", "2026-03-03", ""},
		{"Outlook's one day", "DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260302", "2026-03-03", ""},
		{"two days", "DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260304", "2026-03-04", ""},
		{"before the start", "DTSTART:20260302T090000Z", "DTEND:20260302T080000Z", "2026-03-02T09:00:00 UTC", "end-before-start"},
		{"other zone", "DTSTART;TZID=Europe/Berlin:20260302T090000", "DTEND;TZID=America/New_York:20260302T060000", "2026-03-02T06:00:00 America/New_York", ""},
		{"zone named once", "DTSTART;TZID=America/New_York:20260302T090000", "DTEND:20260302T100000", "2026-03-02T10:00:00 America/New_York", ""},
		{"date against time", "DTSTART:20260302T090000Z", "DTEND;VALUE=DATE:20260303", "2026-03-03T00:00:00 UTC", "end-kind"},
		{"time against date", "DTSTART;VALUE=DATE:20260302", "DTEND:20260303T120000Z", "2026-03-04", "end-kind"},
		{"a day over the change of clocks", "DTSTART;TZID=Europe/Berlin:20260328T120000", "DURATION:P1D", "2026-03-29T12:00:00 Europe/Berlin", ""},
		{"24 hours over it", "DTSTART;TZID=Europe/Berlin:20260328T120000", "DURATION:PT24H", "2026-03-29T13:00:00 Europe/Berlin", ""},
		{"a week and an hour", "DTSTART:20260302T090000", "DURATION:P1WT1H", "2026-03-09T10:00:00", ""},
		{"minutes and seconds", "DTSTART:20260302T090000Z", "DURATION:PT15M30S", "2026-03-02T09:15:30 UTC", ""},
		{"negative", "DTSTART:20260302T090000Z", "DURATION:-PT15M", "2026-03-02T09:00:00 UTC", "end-before-start"},
		{"hours of a day", "DTSTART;VALUE=DATE:20260302", "DURATION:PT30H", "2026-03-04", ""},
		{"nonsense", "DTSTART:20260302T090000Z", "DURATION:soon", "2026-03-02T09:00:00 UTC", "duration-unreadable"},
		{"a number too large", "DTSTART:20260302T090000Z", "DURATION:P99999999999999999999D", "2026-03-02T09:00:00 UTC", "duration-unreadable"},
		{"a century", "DTSTART:20260302T090000Z", "DTEND:21260302T090000Z", "2026-03-02T09:00:00 UTC", "too-long"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o, problems := only(t, event("UID:1", test.start, test.end))
			if got := showTime(o.End); got != test.want {
				t.Errorf("ends %s, want %s", got, test.want)
			}
			if test.problem != "" && !slices.Contains(problems, test.problem) || test.problem == "" && len(problems) > 0 {
				t.Errorf("problems %q, want %q", problems, test.problem)
			}
		})
	}
}

func TestZones(t *testing.T) {
	summer := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	winter := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		tzid           string
		summer, winter string // UTC offsets
		unsure         bool
	}{
		{"Europe/Berlin", "+0200", "+0100", false},
		{`"Europe/Berlin"`, "+0200", "+0100", false},
		{"America/Argentina/Buenos_Aires", "-0300", "-0300", false},
		{"/freeassociation.sourceforge.net/Tzfile/Europe/Berlin", "+0200", "+0100", false},
		{"/freeassociation.sourceforge.net/Tzfile/America/Argentina/Buenos_Aires", "-0300", "-0300", false},
		{"/citadel.org/20210210_1/America/New_York", "-0400", "-0500", false},
		{"/mozilla.org/20070129_1/Europe/London", "+0100", "+0000", false},
		{"posix/Europe/Vaduz", "+0200", "+0100", false},
		{"right/Europe/Berlin", "+0200", "+0100", false},
		{"Europe_London", "+0100", "+0000", false},
		{"W. Europe Standard Time", "+0200", "+0100", false},
		{"w. europe standard time", "+0200", "+0100", false},
		{"Eastern Standard Time", "-0400", "-0500", false},
		{"AUS Eastern Standard Time", "+1000", "+1100", false},
		{"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "+0200", "+0100", false},
		{"(GMT-05:00) Eastern Time (US & Canada)", "-0400", "-0500", false},
		{"Pacific Time (US & Canada), Tijuana", "-0700", "-0800", false},
		{"Canberra, Melbourne, Sydney", "+1000", "+1100", false},
		{"UTC", "+0000", "+0000", false},
		{"GMT", "+0000", "+0000", false},
		{"(UTC) Coordinated Universal Time", "+0000", "+0000", false},
		{"UTC+11", "+1100", "+1100", true},
		{"(UTC-03:00) Nowhere", "-0300", "-0300", true},
		{"(GMT +01:00)", "+0100", "+0100", true},
		{"Local", "", "", true},
		{"localtime/../../etc/passwd", "", "", true},
		{"Fictitious", "", "", true},
		{"Europe/Atlantis", "", "", true},
		{"", "", "", false},
	} {
		loc, unsure := newZones(nil, &problems{}).find(test.tzid)
		got := [2]string{}
		if loc != nil {
			got = [2]string{summer.In(loc).Format("-0700"), winter.In(loc).Format("-0700")}
		}
		if got != [2]string{test.summer, test.winter} || unsure != test.unsure {
			t.Errorf("%q: %q, unsure %v", test.tzid, got, unsure)
		}
	}
}

// TestZoneTables: every row names a zone that exists.
func TestZoneTables(t *testing.T) {
	if len(windowsZones) < 135 {
		t.Errorf("%d Windows zones", len(windowsZones))
	}
	for name := range windowsZones {
		if windowsZone(name) == nil {
			t.Errorf("%s: no such zone", name)
		}
	}
	for name := range displayZones {
		if windowsZone("(UTC+00:00) "+name) == nil {
			t.Errorf("%s: no such zone", name)
		}
	}
}

// TestVTimezone: a zone that only its own definition knows.
func TestVTimezone(t *testing.T) {
	zone := func(lines string) []byte {
		return fmt.Appendf(nil, "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:Firm Time\r\n%s\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:1\r\n"+
			"DTSTART;TZID=\"Firm Time\":20260701T090000\r\nRDATE;TZID=Firm Time:20260115T090000,20450701T090000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", lines)
	}
	observance := func(name, start, from, to, rest string) string {
		return "BEGIN:" + name + "\r\nDTSTART:" + start + "\r\nTZOFFSETFROM:" + from + "\r\nTZOFFSETTO:" + to + "\r\n" + rest + "END:" + name
	}
	eastern := observance("STANDARD", "16010101T020000", "-0400", "-0500", "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\r\n") + "\r\n" +
		observance("DAYLIGHT", "16010101T020000", "-0500", "-0400", "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3\r\n")
	for _, test := range []struct {
		name, lines string
		want        [3]string // UTC of July 2026, January 2026, July 2045
	}{
		{"rules since 1601", eastern, [3]string{"13:00", "14:00", "13:00"}},
		{"one offset", observance("STANDARD", "19700101T000000", "+0545", "+0545", ""), [3]string{"03:15", "03:15", "03:15"}},
		{"dates", observance("STANDARD", "20251101T020000", "+0200", "+0100", "RDATE:20261101T020000\r\n") + "\r\n" +
			observance("DAYLIGHT", "20260301T020000", "+0100", "+0200", ""), [3]string{"07:00", "08:00", "08:00"}},
		{"days of the month", observance("STANDARD", "19671029T020000", "-0400", "-0500", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=SU;BYMONTHDAY=1,2,3,4,5,6,7\r\n") + "\r\n" +
			observance("DAYLIGHT", "19870405T020000", "-0500", "-0400", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\n"), [3]string{"13:00", "14:00", "13:00"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			o, problems := only(t, zone(test.lines))
			if len(problems) > 0 || o.Start.Unsure || o.Start.Loc == nil {
				t.Fatalf("start %s, problems %q", showTime(o.Start), problems)
			}
			got := [3]string{}
			for i, at := range []model.Time{o.Start, o.RDates[0], o.RDates[1]} {
				got[i] = at.In(nil).UTC().Format("15:04")
			}
			if got != test.want {
				t.Errorf("UTC %q, want %q", got, test.want)
			}
		})
	}
	for name, lines := range map[string]string{
		"no offsets": "BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nEND:STANDARD",
		"no start":   "BEGIN:STANDARD\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nEND:STANDARD",
		"bad offset": observance("STANDARD", "19700101T000000", "+9900", "+0100", ""),
		"bad rule":   observance("STANDARD", "19700101T000000", "+0000", "+0100", "RRULE:FREQ=SECONDLY\r\n"),
		"empty":      "COMMENT:nothing",
	} {
		if o, problems := only(t, zone(lines)); !o.Start.Unsure || !slices.Contains(problems, "zone-unsure") {
			t.Errorf("%s: start %s, problems %q", name, showTime(o.Start), problems)
		}
	}
}

// TestBareZone: Outlook leaves out the quotes a colon needs.
func TestBareZone(t *testing.T) {
	o, problems := only(t, event("UID:1", "DTSTART;TZID=(UTC+01:00) Amsterdam, Berlin, Bern;X=1:20260302T090000"))
	if got := showTime(o.Start); got != "2026-03-02T09:00:00 Europe/Berlin" || len(problems) > 0 {
		t.Errorf("start %s, problems %q", got, problems)
	}
	// A blank around the name moves nothing else.
	spaced, _ := only(t, event("UID:1", "DTSTART ;TZID=(UTC+01:00) Amsterdam, Berlin, Bern;X=1:20260302T090000"))
	if spaced.Start.Loc == nil || !spaced.Start.Wall.Equal(o.Start.Wall) {
		t.Errorf("with a blank: %+v", spaced.Start)
	}
	o, _ = only(t, event("UID:1", "DTSTART;TZID=Amsterdam, Belgrade, Berlin:20260302T090000"))
	if got := showTime(o.Start); got != "2026-03-02T09:00:00 Europe/Berlin" {
		t.Errorf("start %s", got)
	}
}

// zoneOf returns a zone for the times that have none.
func zoneOf(t model.Time) *time.Location {
	if t.Loc != nil {
		return t.Loc
	}
	return time.UTC
}
