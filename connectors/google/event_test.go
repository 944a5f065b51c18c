package google

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/connectors/connectortest"
	"chancery/internal/ical"
	"chancery/internal/model"
)

// read makes an event of Google's JSON, through a listing of one item.
func read(t testing.TB, e fields) model.Change {
	t.Helper()
	for k, v := range (fields{"id": "event", "etag": `"1"`, "iCalUID": "uid@firm.example", "status": "confirmed", "organizer": fields{"email": "gc@firm.example", "self": true}}) {
		if _, ok := e[k]; !ok {
			e[k] = v
		}
	}
	raw, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	m := readMember(raw, connectortest.CalendarSign)
	return eventOf("firm/work", m.family(), []member{m})
}

func master(t testing.TB, e fields) *model.Occurrence {
	t.Helper()
	c := read(t, e)
	if c.Event == nil || c.Event.Body.Reveal().Master == nil {
		t.Fatalf("fault %v", c.Fault)
	}
	return c.Event.Body.Reveal().Master
}

func TestWhatAnEventShows(t *testing.T) {
	day := fields{"date": "2026-03-02"}
	for _, test := range []struct {
		name  string
		event fields
		show  model.Show
		focus bool
	}{
		{"plain", event("A", 2), model.Busy, false},
		{"tentative", event("A", 2, "status", "tentative"), model.Tentative, false},
		{"transparent", event("A", 2, "transparency", "transparent"), model.Free, false},
		{"opaque", event("A", 2, "transparency", "opaque"), model.Busy, false},
		{"focus", event("A", 2, "eventType", "focusTime"), model.Busy, true},
		{"out of office", event("A", 2, "eventType", "outOfOffice"), model.OutOfOffice, false},
		{"place of work", event("A", 2, "eventType", "workingLocation", "start", day, "end", fields{"date": "2026-03-03"}), model.Elsewhere, false},
		{"birthday", event("A", 2, "eventType", "birthday"), model.Free, false},
		{"from mail", event("A", 2, "eventType", "fromGmail"), model.Busy, false},
		{"of a type to come", event("A", 2, "eventType", "siesta"), model.Busy, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if o := master(t, test.event); o.Show != test.show || o.Focus != test.focus {
				t.Errorf("show %d, focus %v", o.Show, o.Focus)
			}
		})
	}
}

func TestTimes(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		start fields
		want  string // wall clock and zone, or the fault
	}{
		{"offset and zone", fields{"dateTime": "2026-03-02T09:00:00+01:00", "timeZone": "Europe/Berlin"}, "2026-03-02 09:00 Europe/Berlin"},
		{"offset of another zone", fields{"dateTime": "2026-03-02T03:00:00-05:00", "timeZone": "Europe/Berlin"}, "2026-03-02 09:00 Europe/Berlin"},
		{"zone only", fields{"dateTime": "2026-07-02T09:00:00", "timeZone": "Europe/Berlin"}, "2026-07-02 09:00 Europe/Berlin"},
		{"offset only", fields{"dateTime": "2026-03-02T09:00:00+01:00"}, "2026-03-02 08:00 UTC"},
		{"UTC", fields{"dateTime": "2026-03-02T09:00:00Z", "timeZone": "UTC"}, "2026-03-02 09:00 UTC"},
		{"fractions", fields{"dateTime": "2026-03-02T09:00:00.999Z"}, "2026-03-02 09:00 UTC"},
		{"zone nobody knows", fields{"dateTime": "2026-03-02T09:00:00Z", "timeZone": "Mars/Olympus"}, "2026-03-02 09:00 UTC"},
		{"zone that is a path", fields{"dateTime": "2026-03-02T09:00:00Z", "timeZone": "../../etc/passwd"}, "2026-03-02 09:00 UTC"},
		{"zone that is a line", fields{"dateTime": "2026-03-02T09:00:00Z", "timeZone": "UTC\r\nSUMMARY:x"}, "2026-03-02 09:00 UTC"},
		{"day", fields{"date": "2026-03-02"}, "2026-03-02 00:00 day"},
		{"neither offset nor zone", fields{"dateTime": "2026-03-02T09:00:00"}, "ics-no-start"},
		{"nonsense", fields{"dateTime": "soon"}, "ics-no-start"},
		{"month 13", fields{"date": "2026-13-02"}, "ics-no-start"},
		{"year 99999", fields{"dateTime": "99999-01-01T00:00:00Z"}, "ics-no-start"},
		{"year 0", fields{"dateTime": "0000-01-01T00:00:00Z"}, "ics-no-start"},
		{"nothing", fields{}, "ics-no-start"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := read(t, fields{"summary": "A", "start": test.start, "end": test.start})
			got := ""
			if c.Event == nil {
				got = c.Fault.Code
			} else {
				s := c.Event.Body.Reveal().Master.Start
				zone := "day"
				if !s.Date {
					zone = s.Loc.String()
				}
				got = s.Wall.Format("2006-01-02 15:04 ") + zone
			}
			if got != test.want {
				t.Errorf("read as %s, want %s", got, test.want)
			}
		})
	}
	// Over the change of the clocks a series keeps its wall clock.
	o := master(t, fields{"summary": "A", "start": fields{"dateTime": "2026-03-27T08:00:00Z", "timeZone": "Europe/Berlin"}, "end": fields{"dateTime": "2026-03-27T09:00:00Z", "timeZone": "Europe/Berlin"},
		"recurrence": []string{"RRULE:FREQ=DAILY;COUNT=5", "EXDATE;TZID=Europe/Berlin:20260328T090000,20260329T090000", "RDATE;VALUE=DATE:20260410"}})
	if o.RRule != "FREQ=DAILY;COUNT=5" || len(o.ExDates) != 2 || len(o.RDates) != 1 || o.Start.Loc.String() != berlin.String() || o.ExDates[1].In(time.UTC).UTC().Hour() != 7 {
		t.Errorf("rule %q, %d exdates, %d rdates", o.RRule, len(o.ExDates), len(o.RDates))
	}
	if o := master(t, event("A", 2, "endTimeUnspecified", true)); !o.End.Wall.Equal(o.Start.Wall) {
		t.Error("an end that is not specified is taken")
	}
}

func TestRecurrenceLines(t *testing.T) {
	for name, line := range map[string]string{
		"another property":  "SUMMARY:evil",
		"two lines":         "RRULE:FREQ=DAILY\r\nATTENDEE:mailto:x@evil.example",
		"no colon":          "RRULE",
		"a rule below days": "RRULE:FREQ=SECONDLY",
		"an end":            "DTEND:20260302T120000Z",
		"a component":       "END:VEVENT",
	} {
		c := read(t, event("A", 2, "recurrence", []string{line}))
		o := c.Event.Body.Reveal().Master
		if o.RRule != "" || o.Summary != "A" || len(o.Attendees) != 0 || !slices.Contains(c.Event.Problems, "rule-not-expandable") {
			t.Errorf("%s: rule %q, problems %v", name, o.RRule, c.Event.Problems)
		}
	}
	many := slices.Repeat([]string{"EXDATE:20260309T090000Z"}, 5000)
	if c := read(t, event("A", 2, "recurrence", many)); !slices.Contains(c.Event.Problems, "dates-cut") {
		t.Errorf("problems %v", c.Event.Problems)
	}
}

func TestPeopleAndPlaces(t *testing.T) {
	guests := []fields{
		{"email": "GC@firm.example", "self": true, "responseStatus": "declined"},
		{"email": "chair@board.example", "organizer": true, "responseStatus": "accepted", "displayName": `Chair "Charlie"; X:Y`},
		{"email": "room1@resource.example", "resource": true, "responseStatus": "accepted"},
		{"email": "maybe@firm.example", "optional": true, "responseStatus": "tentative"},
		{"email": "new@firm.example", "responseStatus": "needsAction"},
		{"email": "x@evil.example\r\nSUMMARY:evil", "displayName": "a\r\nSUMMARY:evil"},
	}
	o := master(t, event("Board; and, more\\ things\nnext", 2, "attendees", guests, "organizer", fields{"email": "chair@board.example", "displayName": "Chair"},
		"location", "Room 1", "visibility", "private", "sequence", 3, "created", "2026-01-05T10:00:00.000Z"))
	var got []string
	for _, a := range o.Attendees {
		got = append(got, a.Addr+" "+a.PartStat+" "+a.Role+" "+a.Type)
	}
	want := []string{"gc@firm.example DECLINED  ", "chair@board.example ACCEPTED  ", "room1@resource.example ACCEPTED  ROOM", "maybe@firm.example TENTATIVE OPT-PARTICIPANT ", "new@firm.example NEEDS-ACTION  "}
	if len(got) != 6 || !slices.Equal(got[:5], want) {
		t.Errorf("attendees %q", got)
	}
	if o.Summary != "Board; and, more\\ things\nnext" || o.Organizer.Addr != "chair@board.example" || o.Location != "Room 1" || o.Class != "PRIVATE" || o.Sequence != 3 || o.Created.Day() != 5 {
		t.Errorf("read as %+v", o)
	}
	if o.Attendees[1].Name != "Chair 'Charlie'; X:Y" {
		t.Errorf("name %q", o.Attendees[1].Name)
	}
	// Nobody is invited: the calendar is no organizer.
	if o := master(t, event("A", 2)); o.Organizer.Addr != "" {
		t.Errorf("organizer %q", o.Organizer.Addr)
	}
	for visibility, class := range map[string]string{"": "PUBLIC", "default": "PUBLIC", "public": "PUBLIC", "private": "PRIVATE", "confidential": "CONFIDENTIAL"} {
		if o := master(t, event("A", 2, "visibility", visibility)); o.Class != class {
			t.Errorf("%q is %s", visibility, o.Class)
		}
	}
}

func TestCalls(t *testing.T) {
	for name, test := range map[string]struct {
		event fields
		want  string
	}{
		"Meet":           {event("A", 2, "hangoutLink", "https://meet.google.com/abc"), "https://meet.google.com/abc"},
		"conference":     {event("A", 2, "conferenceData", fields{"entryPoints": []fields{{"entryPointType": "phone", "uri": "tel:1"}, {"entryPointType": "video", "uri": "https://zoom.us/j/1"}}}), "https://zoom.us/j/1"},
		"in description": {event("A", 2, "description", `Join <a href="https://zoom.us/j/2">here</a>`), "https://zoom.us/j/2"},
		"other link":     {event("A", 2, "description", "See https://firm.example/agenda"), ""},
		"in the place":   {event("A", 2, "location", "https://firm.example/room"), "https://firm.example/room"},
		"plain http":     {event("A", 2, "hangoutLink", "http://meet.google.com/abc"), ""},
	} {
		if o := master(t, test.event); o.Conference != test.want {
			t.Errorf("%s: %q", name, o.Conference)
		}
	}
}

// TestSameIdentOverBoth: the same meeting over CalDAV has the same name.
func TestSameIdentOverBoth(t *testing.T) {
	c := read(t, event("A", 2, "iCalUID", "m1@firm.example"))
	s, _, _, f := ical.Parse(connectortest.Meeting("m1@firm.example", "A", 2), nil)
	if f != nil || c.Ident != ical.Ident(s.UID, "anywhere") || c.Event.Ident != c.Ident {
		t.Errorf("fault %v, another name", f)
	}
}

func TestTagged(t *testing.T) {
	with := func(value string) fields {
		return event("A", 2, "extendedProperties", fields{"private": fields{"chancery": value}})
	}
	if c := read(t, with("of another installation")); !c.Event.Tagged || c.Event.Own != nil {
		t.Error("a tag that is not ours is not seen, or believed")
	}
	if c := read(t, event("A", 2)); c.Event.Tagged {
		t.Error("tagged without a tag")
	}
	for _, s := range []string{"", ".....", "MQ.MQ.MQ.MQ.MQ.MQ", strings.Repeat("A.", 5000), "é.é.é.é.é.é"} {
		if c := read(t, with(s)); c.Event.Own != nil {
			t.Errorf("%d octets are believed", len(s))
		}
	}
}

// TestIDsAreKept: whatever a server calls an event, its place is that.
func TestIDsAreKept(t *testing.T) {
	for _, id := range []string{"a/../b", "../../users/me", "a?b#c", "a b", "é", "%2e%2e", strings.Repeat("x", maxID)} {
		g := connectortest.NewGoogle(t)
		g.PersonInsert(t, g.Self, event("A", 2, "id", id, "iCalUID", "x@firm.example"))
		f := follow(t, options(g))
		if f.pull(); f.says(id) != "A" {
			t.Errorf("%d octets: %s", len(id), f.says(id))
		}
		c := f.events[model.Name(id)]
		g.Calls()
		for _, a := range []model.Action{
			model.Amend{UID: "x@firm.example", Base: c.Ref, Self: model.Hide([]string{g.Self}), Was: model.Amended{Class: "PUBLIC"}, Now: model.Amended{Class: "PRIVATE"}},
			model.Withdraw{UID: "x@firm.example", Base: c.Ref},
			model.Hold{UID: "x@firm.example", Base: c.Ref},
		} {
			if _, err := f.s.Apply(t.Context(), []model.Step{{Action: a}}); err != nil {
				t.Errorf("%s: %v", a.Kind(), err)
			}
		}
		for _, call := range g.Calls() {
			if call.Method != "GET" && len(id) < 10 {
				t.Errorf("%s %s was sent", call.Method, call.Path)
			}
		}
	}
}

func BenchmarkEvent(b *testing.B) {
	for _, n := range []int{0, 10, 1000} {
		b.Run(fmt.Sprint("guests=", n), func(b *testing.B) {
			var guests []fields
			for i := range n {
				guests = append(guests, fields{"email": fmt.Sprintf("guest%d@firm.example", i), "responseStatus": "accepted"})
			}
			raw, err := json.Marshal(event("Board", 2, "id", "event", "attendees", guests, "description", strings.Repeat("words and words ", 100)))
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				m := readMember(raw, nil)
				if c := eventOf("s", m.family(), []member{m}); c.Event == nil {
					b.Fatal(c.Fault)
				}
			}
		})
	}
}
