package ical

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

const startLine = "DTSTART:20260302T090000Z"

func TestLenient(t *testing.T) {
	for _, test := range []struct {
		name    string
		data    []byte
		summary string
		problem string // one that must be named; "" for none at all
	}{
		{"as it should be", event("UID:1", startLine, "SUMMARY:Hearing"), "Hearing", ""},
		{"byte order mark", append([]byte("\xef\xbb\xbf"), event("UID:1", startLine, "SUMMARY:Hearing")...), "Hearing", ""},
		{"bare LF", bytes.ReplaceAll(event("UID:1", startLine, "SUMMARY:Hearing"), []byte("\r\n"), []byte("\n")), "Hearing", ""},
		{"bare CR", bytes.ReplaceAll(event("UID:1", startLine, "SUMMARY:Hearing"), []byte("\r\n"), []byte("\r")), "Hearing", ""},
		{"doubled line ends", bytes.ReplaceAll(event("UID:1", startLine, "SUMMARY:Hear\r\n ing"), []byte("\r\n"), []byte("\r\r\n")), "Hearing", ""},
		{"blank lines", bytes.ReplaceAll(event("UID:1", startLine, "SUMMARY:Hearing"), []byte("\r\n"), []byte("\r\n\r\n")), "Hearing", ""},
		{"fold inside a rune", event("UID:1", startLine, "SUMMARY:Anh\xc3\r\n \xb6rung"), "Anhörung", ""},
		{"lower case", bytes.ToLower(event("UID:1", "dtstart:20260302t090000z", "SUMMARY:hearing")), "hearing", ""},
		{"Windows-1252", event("UID:1", startLine, "SUMMARY:Anh\xf6rung"), "Anhörung", "charset"},
		{"UTF-16", utf16le(event("UID:1", startLine, "SUMMARY:Anhörung")), "Anhörung", "charset"},
		{"control characters", event("UID:1", startLine, "SUMMARY:Hea\x00ring\x07"), "Hearing", "control-characters"},
		{"unescaped comma", event("UID:1", startLine, "SUMMARY:Smith, Jones v. Doe; costs"), "Smith, Jones v. Doe; costs", ""},
		{"bad escapes", event("UID:1", startLine, `SUMMARY:C:\Users\x \`), `C:\Users\x \`, ""},
		{"escapes", event("UID:1", startLine, `SUMMARY:a\, b\; c\\d\ne`), "a, b; c\\d\ne", ""},
		{"line without a colon", event("UID:1", startLine, "and so on", "SUMMARY:Hearing"), "Hearing", "line-malformed"},
		{"line without a name", event("UID:1", startLine, ":x", ";A=b:c", "SUMMARY:Hearing"), "Hearing", "line-malformed"},
		{"junk after the end", append(event("UID:1", startLine, "SUMMARY:Hearing"), "-- \r\nSent: today\r\n"...), "Hearing", "junk-outside"},
		{"junk before the start", append([]byte("X-JUNK:1\r\n"), event("UID:1", startLine, "SUMMARY:Hearing")...), "Hearing", "junk-outside"},
		{"no END:VCALENDAR", bytes.TrimSuffix(event("UID:1", startLine, "SUMMARY:Hearing"), []byte("END:VCALENDAR\r\n")), "Hearing", "end-missing"},
		{"no VCALENDAR", []byte("BEGIN:VEVENT\nUID:1\n" + startLine + "\nSUMMARY:Hearing\nEND:VEVENT\n"), "Hearing", "no-vcalendar"},
		{"END of nothing", event("UID:1", startLine, "END:VALARM", "SUMMARY:Hearing"), "Hearing", "end-unmatched"},
		{"alarm never ends", event("UID:1", startLine, "SUMMARY:Hearing", "BEGIN:VALARM", "SUMMARY:Alarm"), "Hearing", "end-missing"},
		{"parameter too long", event("UID:1", startLine, "SUMMARY;X="+strings.Repeat("a", MaxParam+1)+":Hearing"), "Hearing", "parameter-too-long"},
		{"too many parameters", event("UID:1", startLine, "SUMMARY"+parameters(MaxParams+1)+":Hearing"), "Hearing", "parameters-cut"},
		{"line too long", event("UID:1", startLine, "DESCRIPTION:"+strings.Repeat("x", MaxLine), "SUMMARY:Hearing"), "Hearing", "line-too-long"},
		{"parameter without a value", event("UID:1", startLine, "SUMMARY;QUOTED:Hearing"), "Hearing", ""},
		{"several UIDs", append(event("UID:1", startLine, "SUMMARY:Hearing"), event("UID:2", startLine, "SUMMARY:Other")...), "Hearing", "several-uids"},
		{"no UID", event(startLine, "SUMMARY:Hearing"), "Hearing", "no-uid"},
		{"two masters", append(event("UID:1", startLine, "SEQUENCE:2", "SUMMARY:Hearing"), event("UID:1", startLine, "SEQUENCE:1", "SUMMARY:Old")...), "Hearing", "master-repeated"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o, problems := only(t, test.data)
			if o.Summary != test.summary {
				t.Errorf("summary %q, want %q", o.Summary, test.summary)
			}
			if test.problem == "" && len(problems) > 0 || test.problem != "" && !slices.Contains(problems, test.problem) {
				t.Errorf("problems %q, want %q", problems, test.problem)
			}
		})
	}
}

func utf16le(b []byte) []byte {
	out := []byte{0xff, 0xfe}
	for _, r := range string(b) {
		out = append(out, byte(r), byte(r>>8))
	}
	return out
}

func parameters(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ";P%d=v", i)
	}
	return b.String()
}

func TestFaults(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("BEGIN:A\r\n", n) }
	for _, test := range []struct {
		name, data, code, place string
	}{
		{"nothing", "", faultEmpty, "line 1"},
		{"no calendar", "Dear Sir,\nno calendar here\n", faultEmpty, "line 1"},
		{"a third of an event", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\n" + startLine, faultCut, "line 2"},
		{"no start", string(event("UID:1", "SUMMARY:x")), faultNoStart, "line 3"},
		{"the zero time", string(event("UID:1", "DTSTART:00010101T000000")), faultNoStart, "line 3"},
		{"a start nobody can read", string(event("UID:1", "DTSTART:tomorrow")), faultNoStart, "line 3"},
		{"too large", string(event("UID:1", startLine, "DESCRIPTION:"+strings.Repeat("x", MaxSize))), faultSize, ""},
		{"too deep", nested(MaxDepth + 1), faultDepth, "line 9"},
		{"too many components", "BEGIN:VCALENDAR\r\n" + strings.Repeat("BEGIN:A\r\nEND:A\r\n", MaxComponents), faultCount, "line 10000"},
		{"too many lines", "BEGIN:VCALENDAR\r\n" + strings.Repeat("A:b\r\n", MaxLines+1), faultLines, "line 50002"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, own, _, f := Parse([]byte(test.data), testSign)
			if f == nil || f.Code != test.code || f.Place != test.place {
				t.Fatalf("fault %+v, want %s at %s", f, test.code, test.place)
			}
			if s.UID != "" || s.Master != nil || own != nil {
				t.Error("a fault and a series")
			}
		})
	}
}

func TestNotAnEvent(t *testing.T) {
	for _, name := range []string{"VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY", ""} {
		data := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
		if name != "" {
			data += "BEGIN:" + name + "\r\nUID:1\r\nEND:" + name + "\r\n"
		}
		s, own, problems, f := Parse([]byte(data+"END:VCALENDAR\r\n"), testSign)
		if f != nil || s.Master != nil || own != nil || !slices.Contains(problems, NotAnEvent) {
			t.Errorf("%s: fault %v, problems %q", name, f, problems)
		}
	}
}

// TestHostile holds the inputs that panic, loop or starve the libraries. Each must
// end fast; what it ends with is a second matter.
func TestHostile(t *testing.T) {
	quoted := func(s string) []byte { return event("UID:1", startLine, s) }
	for _, test := range []struct {
		name string
		data []byte
	}{
		{"parameter without a colon", []byte("BEGIN:VCALENDAR\r\nDTSTART;TZID=x\r\n")},
		{"text after a quoted parameter", quoted(`X="a"0`)},
		{"the same with a value", quoted(`ATTENDEE;CN="Doe"x:mailto:a@firm.example`)},
		{"a parameter of 900 kB", quoted("ATTENDEE;CN=" + strings.Repeat("a", 900<<10) + ":mailto:a@firm.example")},
		{"quoted, of 900 kB", quoted(`ATTENDEE;CN="` + strings.Repeat("a", 900<<10) + `":mailto:a@firm.example`)},
		{"quotes without end", quoted("ATTENDEE;CN=" + strings.Repeat(`"`, 60001) + ":mailto:a@firm.example")},
		{"half-open quotes", quoted("ATTENDEE" + strings.Repeat(`;CN="`, 10000) + ":mailto:a@firm.example")},
		{"nesting", []byte(strings.Repeat("BEGIN:A\n", MaxSize/8))},
		{"ends of nothing", []byte("BEGIN:VCALENDAR\n" + strings.Repeat("END:A\n", 40000))},
		{"hourly with a gap", event("UID:1", "DTSTART:20260101T000000Z", "RRULE:FREQ=HOURLY;INTERVAL=24;BYHOUR=5")},
		{"secondly with a gap", event("UID:1", "DTSTART:20260101T000000Z", "RRULE:FREQ=SECONDLY;INTERVAL=60;BYSECOND=30")},
		{"minutely since 1970", event("UID:1", "DTSTART:19700101T000000Z", "RRULE:FREQ=MINUTELY")},
		{"every second of the day", event("UID:1", startLine, "RRULE:FREQ=DAILY;BYHOUR="+list(24)+";BYMINUTE="+list(60)+";BYSECOND="+list(60))},
		{"giant interval", event("UID:1", startLine, "RRULE:FREQ=MONTHLY;INTERVAL=9223372036854775807")},
		{"a million dates", quoted("EXDATE:" + strings.Repeat("20260302T090000Z,", 3000))},
		{"a million attendees", event("UID:1", startLine, strings.Repeat("ATTENDEE:mailto:a@b.example\r\n", 20000)+"X:1")},
		{"zone of a path", event("UID:1", "DTSTART;TZID=../../etc/passwd:20260302T090000")},
		{"zone of 10,000 rules", []byte("BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:Z\r\n" + strings.Repeat("BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY\r\nEND:STANDARD\r\n", 4000) + "END:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Z:20260302T090000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")},
		{"folds only", []byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:" + strings.Repeat("\r\n x", 200000))},
		{"colons", []byte("BEGIN:VCALENDAR\n" + strings.Repeat(":", 1000000))},
		{"circumflexes", quoted("ATTENDEE;CN=" + strings.Repeat("^", 4000) + ":mailto:a@firm.example")},
	} {
		t.Run(test.name, func(t *testing.T) {
			within(t, func() {
				o, _, problems, f := Parse(test.data, testSign)
				Digest(test.data)
				for _, p := range []*model.Occurrence{o.Master} {
					if p != nil && (len(p.Attendees) > MaxAttendees || len(p.ExDates) > MaxDates) {
						t.Error("over the limits")
					}
					if p != nil && p.RRule != "" {
						t.Errorf("rule %q kept; problems %q", p.RRule, problems)
					}
				}
				_ = f
			})
		})
	}
}

// within fails if f takes far longer than any of our inputs may: the libraries
// took minutes or for ever.
func within(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("does not end")
	}
}

func list(n int) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprint(i))
	}
	return strings.Join(out, ",")
}

func TestPeople(t *testing.T) {
	o, problems := only(t, event("UID:1", startLine,
		`ORGANIZER;CN="Jones, Mary":MAILTO:Mary.Jones@Firm.example`,
		`ATTENDEE;CN="Jo "X" Doe";PARTSTAT=accepted;ROLE=CHAIR:mailto:jo@firm.example`,
		`ATTENDEE;CN="Doe"x;CUTYPE=room:mailto:room@firm.example`,
		`ATTENDEE;CN=No "quote:mailto:a@firm.example`,
		`ATTENDEE;CN=Circum^'flex^^^n;EMAIL=uuid@firm.example:urn:uuid:1234`,
		`ATTENDEE:mailto:j%C3%B6@b%C3%BCro.example?subject=x`,
		`ATTENDEE:invalid`))
	if o.Organizer != (model.Address{Name: "Jones, Mary", Addr: "mary.jones@firm.example"}) {
		t.Errorf("organizer %+v", o.Organizer)
	}
	want := []model.Attendee{
		{Address: model.Address{Name: "Jo X Doe", Addr: "jo@firm.example"}, PartStat: "ACCEPTED", Role: "CHAIR"},
		{Address: model.Address{Name: "Doex", Addr: "room@firm.example"}, PartStat: "NEEDS-ACTION", Type: "ROOM"},
		{Address: model.Address{Name: `No "quote`, Addr: "a@firm.example"}, PartStat: "NEEDS-ACTION"},
		{Address: model.Address{Name: "Circum\"flex^\n", Addr: "uuid@firm.example"}, PartStat: "NEEDS-ACTION"},
		{Address: model.Address{Addr: "jö@xn--bro-hoa.example"}, PartStat: "NEEDS-ACTION"},
		{PartStat: "NEEDS-ACTION"},
	}
	if len(o.Attendees) != len(want) {
		t.Fatalf("%d attendees", len(o.Attendees))
	}
	for i, a := range o.Attendees {
		if i == 3 {
			a.Name = strings.TrimRight(a.Name, "\n") + "\n"
		}
		if a != want[i] {
			t.Errorf("attendee %d: %+v, want %+v", i, a, want[i])
		}
	}
	if !slices.Equal(problems, []string{"quotes"}) {
		t.Errorf("problems %q", problems)
	}
}

func TestWords(t *testing.T) {
	for _, test := range []struct {
		lines         []string
		class, status string
		show          model.Show
	}{
		{nil, "PUBLIC", "CONFIRMED", model.Busy},
		{[]string{"TRANSP:TRANSPARENT"}, "PUBLIC", "CONFIRMED", model.Free},
		{[]string{"TRANSP:OPAQUE", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"}, "PUBLIC", "CONFIRMED", model.Free},
		{[]string{"STATUS:tentative"}, "PUBLIC", "TENTATIVE", model.Tentative},
		{[]string{"X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"}, "PUBLIC", "CONFIRMED", model.Tentative},
		{[]string{"STATUS:TENTATIVE", "TRANSP:TRANSPARENT"}, "PUBLIC", "TENTATIVE", model.Free},
		{[]string{"X-MICROSOFT-CDO-BUSYSTATUS:OOF", "TRANSP:TRANSPARENT"}, "PUBLIC", "CONFIRMED", model.OutOfOffice},
		{[]string{"X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE"}, "PUBLIC", "CONFIRMED", model.Elsewhere},
		{[]string{"STATUS:CANCELLED", "CLASS:Private"}, "PRIVATE", "CANCELLED", model.Busy},
		{[]string{"CLASS:CONFIDENTIAL", "STATUS:UNHEARD-OF"}, "CONFIDENTIAL", "CONFIRMED", model.Busy},
		{[]string{"CLASS:X-SECRET"}, "PRIVATE", "CONFIRMED", model.Busy},
	} {
		o, _ := only(t, event(append([]string{"UID:1", startLine}, test.lines...)...))
		if o.Class != test.class || o.Status != test.status || o.Show != test.show {
			t.Errorf("%q: %s %s %d", test.lines, o.Class, o.Status, o.Show)
		}
	}
}

func TestConference(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		{"X-GOOGLE-CONFERENCE:https://meet.google.com/abc-defg-hij", "https://meet.google.com/abc-defg-hij"},
		{"X-MICROSOFT-SKYPETEAMSMEETINGURL:https://teams.microsoft.com/l/meetup-join/1", "https://teams.microsoft.com/l/meetup-join/1"},
		{"CONFERENCE;VALUE=URI;FEATURE=VIDEO:https://video.firm.example/42", "https://video.firm.example/42"},
		{"URL:https://us02web.zoom.us/j/123?pwd=x", "https://us02web.zoom.us/j/123?pwd=x"},
		{"URL:https://firm.example/agenda", ""},
		{`LOCATION:Room 4\, or https://video.firm.example/42.`, "https://video.firm.example/42"},
		{`DESCRIPTION:Join\nhttps://firm.webex.com/meet/jones\nBye https://firm.example`, "https://firm.webex.com/meet/jones"},
		{"DESCRIPTION:https://evilzoom.us.example/j/1", ""},
		{"X-GOOGLE-CONFERENCE:javascript:alert(1)", ""},
	} {
		if o, _ := only(t, event("UID:1", startLine, test.line)); o.Conference != test.want {
			t.Errorf("%s: %q", test.line, o.Conference)
		}
	}
}

func TestSeries(t *testing.T) {
	data := bytes.ReplaceAll(slices.Concat(
		event("UID:1", "DTSTART;TZID=Europe/Berlin:20260302T090000", "RRULE:FREQ=WEEKLY", "EXDATE;TZID=Europe/Berlin:20260309T090000,20260316T090000", "EXDATE;VALUE=DATE:20260323"),
		event("UID:1", "RECURRENCE-ID;TZID=Europe/Berlin:20260330T090000", "DTSTART;TZID=Europe/Berlin:20260331T090000", "SEQUENCE:1", "SUMMARY:old"),
		event("UID:1", "RECURRENCE-ID:20260330T070000Z", "DTSTART;TZID=Europe/Berlin:20260401T090000", "SEQUENCE:2", "SUMMARY:new"),
		event("UID:1", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260406T070000Z", "STATUS:CANCELLED"),
	), []byte("END:VCALENDAR\r\nBEGIN:VCALENDAR\r\nVERSION:2.0\r\n"), nil)
	s, _, problems, f := Parse(data, nil)
	if f != nil || s.Master == nil || len(s.Overrides) != 2 || len(s.Master.ExDates) != 3 || !s.Master.ExDates[2].Date {
		t.Fatalf("fault %v, %d overrides, problems %q", f, len(s.Overrides), problems)
	}
	if s.Overrides[0].Summary != "new" || s.Overrides[1].Start != *s.Overrides[1].Recurrence || !s.Overrides[1].ThisFuture || s.Overrides[1].Status != "CANCELLED" {
		t.Errorf("overrides %+v", s.Overrides)
	}
	orphan, _, _, f := Parse(event("UID:1", "RECURRENCE-ID:20260330T070000Z", startLine), nil)
	if f != nil || orphan.Master != nil || len(orphan.Overrides) != 1 {
		t.Errorf("orphan: fault %v", f)
	}
}

// TestRDates: go-ical reads EXDATE for RDATE, or nothing, and no periods.
func TestRDates(t *testing.T) {
	o, problems := only(t, event("UID:1", startLine,
		"RDATE:20260303T090000Z,20260304T090000Z", "RDATE;VALUE=PERIOD:20260305T090000Z/PT3H,20260306T090000Z/20260306T110000Z", "RDATE:rubbish",
		"RDATE;VALUE=PERIOD:20260307T090000Z/soon,20260308T090000Z/20260308T080000Z", "RDATE:20260309T090000Z", "EXDATE:"))
	if len(o.RDates) != 7 || o.RDates[3].Wall != time.Date(2026, 3, 6, 9, 0, 0, 0, time.UTC) || len(o.ExDates) != 0 {
		t.Errorf("%d RDATEs, %d EXDATEs", len(o.RDates), len(o.ExDates))
	}
	if !slices.Equal(problems, []string{"date-unreadable", "period-length-ignored", "end-before-start"}) {
		t.Errorf("problems %q", problems)
	}
	var ends []int
	for _, e := range o.REnds {
		ends = append(ends, e.Wall.Hour()*100+e.Wall.Day())
	}
	if !slices.Equal(ends, []int{1, 1, 1205, 1106, 1, 1, 1}) {
		t.Errorf("periods end at %v", ends)
	}
	if o, _ := only(t, event("UID:1", startLine, "RDATE:20260303T090000Z")); len(o.RDates) != 1 || o.REnds != nil {
		t.Errorf("ends %v without a period", o.REnds)
	}
}
