package ical

import (
	"bytes"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

var amendNow = time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC)

const me = "gc@firm.example"

func amendAnswer(was, is string) model.Amend {
	return model.Amend{UID: "m1", Self: model.Hide([]string{me}), Was: model.Amended{Answer: was}, Now: model.Amended{Answer: is}}
}

func amendClass(was, is string) model.Amend {
	return model.Amend{UID: "m1", Self: model.Hide([]string{me}), Was: model.Amended{Class: was}, Now: model.Amended{Class: is}}
}

func unix(s string, zone string) model.UnixTime {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
	if err != nil {
		panic(err)
	}
	return model.UnixTime(at.Unix())
}

func moved(wasStart, wasEnd, start, end, zone string) model.Amend {
	return model.Amend{UID: "m1", Self: model.Hide([]string{me}),
		Was: model.Amended{Start: unix(wasStart, zone), End: unix(wasEnd, zone)},
		Now: model.Amended{Start: unix(start, zone), End: unix(end, zone)}}
}

func back(a model.Amend) model.Amend {
	a.Was, a.Now = a.Now, a.Was
	return a
}

// lineDiff returns the lines that only one of the two has.
func lineDiff(a, b []byte) (gone, fresh []string) {
	count := map[string]int{}
	for l := range strings.Lines(string(a)) {
		count[l]++
	}
	for l := range strings.Lines(string(b)) {
		if count[l]--; count[l] < 0 {
			fresh = append(fresh, strings.TrimRight(l, "\r\n"))
		}
	}
	for l := range strings.Lines(string(a)) {
		if count[l] > 0 {
			count[l]--
			gone = append(gone, strings.TrimRight(l, "\r\n"))
		}
	}
	return gone, fresh
}

func TestAmendLines(t *testing.T) {
	meeting := func(lines ...string) []byte {
		return event(append([]string{"UID:m1", "DTSTAMP:20260101T000000Z", "SUMMARY:Partners"}, lines...)...)
	}
	const starts, ends = "DTSTART;TZID=Europe/Berlin:20260302T090000", "DTEND;TZID=Europe/Berlin:20260302T100000"
	const leader = "ORGANIZER;CN=Chair:mailto:chair@board.example"
	for _, test := range []struct {
		name        string
		raw         []byte
		a           model.Amend
		gone, fresh []string
	}{
		{"answer", meeting(starts, ends, leader, "ATTENDEE;CN=\"Gc: x; y\";PARTSTAT=ACCEPTED;RSVP=TRUE:mailto:GC@firm.example"),
			amendAnswer("ACCEPTED", "TENTATIVE"),
			[]string{"ATTENDEE;CN=\"Gc: x; y\";PARTSTAT=ACCEPTED;RSVP=TRUE:mailto:GC@firm.example"},
			[]string{"ATTENDEE;CN=\"Gc: x; y\";PARTSTAT=TENTATIVE;RSVP=TRUE:mailto:GC@firm.example"}},
		{"answer never given", meeting(starts, leader, "ATTENDEE:mailto:gc@firm.example"), amendAnswer("NEEDS-ACTION", "DECLINED"),
			[]string{"ATTENDEE:mailto:gc@firm.example"}, []string{"ATTENDEE;PARTSTAT=DECLINED:mailto:gc@firm.example"}},
		{"answer in two lines", meeting(starts, leader, "ATTENDEE;PARTSTAT=ACCEPTED:mailto:gc@firm.example",
			"ATTENDEE;PARTSTAT=ACCEPTED:mailto:other@firm.example", "ATTENDEE;partstat=accepted;X=1:mailto:gc@firm.example"),
			amendAnswer("ACCEPTED", "DECLINED"),
			[]string{"ATTENDEE;PARTSTAT=ACCEPTED:mailto:gc@firm.example", "ATTENDEE;partstat=accepted;X=1:mailto:gc@firm.example"},
			[]string{"ATTENDEE;PARTSTAT=DECLINED:mailto:gc@firm.example", "ATTENDEE;PARTSTAT=DECLINED;X=1:mailto:gc@firm.example"}},
		{"answer in a folded line", meeting(starts, leader, "ATTENDEE;CN=A very long name with m", " any letters in it;PARTST", " AT=ACCEPTED:mailto:gc@firm.example"),
			amendAnswer("ACCEPTED", "TENTATIVE"),
			[]string{"ATTENDEE;CN=A very long name with m", " any letters in it;PARTST", " AT=ACCEPTED:mailto:gc@firm.example"},
			[]string{"ATTENDEE;CN=A very long name with many letters in it;PARTSTAT=TENTATIVE:mai", " lto:gc@firm.example"}},
		{"alarm of the same address stays", meeting(starts, leader, "ATTENDEE;PARTSTAT=ACCEPTED:mailto:gc@firm.example", "BEGIN:VALARM", "ATTENDEE:mailto:gc@firm.example", "END:VALARM"),
			amendAnswer("ACCEPTED", "DECLINED"),
			[]string{"ATTENDEE;PARTSTAT=ACCEPTED:mailto:gc@firm.example"}, []string{"ATTENDEE;PARTSTAT=DECLINED:mailto:gc@firm.example"}},
		{"move", meeting(starts, ends, "SEQUENCE:4", "LAST-MODIFIED:20260101T000000Z"), moved("2026-03-02 09:00", "2026-03-02 10:00", "2026-03-30 15:00", "2026-03-30 16:00", "Europe/Berlin"),
			[]string{"DTSTAMP:20260101T000000Z", starts, ends, "SEQUENCE:4", "LAST-MODIFIED:20260101T000000Z"},
			[]string{"DTSTAMP:20260201T120000Z", "DTSTART;TZID=Europe/Berlin:20260330T150000", "DTEND;TZID=Europe/Berlin:20260330T160000", "SEQUENCE:5", "LAST-MODIFIED:20260201T120000Z"}},
		{"move in UTC with a length", meeting("DTSTART:20260302T080000Z", "DURATION:PT1H"), moved("2026-03-02 09:00", "2026-03-02 10:00", "2026-03-03 09:30", "2026-03-03 11:00", "Europe/Berlin"),
			[]string{"DTSTAMP:20260101T000000Z", "DTSTART:20260302T080000Z", "DURATION:PT1H"},
			[]string{"DTSTAMP:20260201T120000Z", "DTSTART:20260303T083000Z", "SEQUENCE:1", "DURATION:PT1H30M"}},
		{"move and keep the length", meeting(starts, "DURATION:PT60M"), moved("2026-03-02 09:00", "2026-03-02 10:00", "2026-03-03 09:00", "2026-03-03 10:00", "Europe/Berlin"),
			[]string{"DTSTAMP:20260101T000000Z", starts}, []string{"DTSTAMP:20260201T120000Z", "DTSTART;TZID=Europe/Berlin:20260303T090000", "SEQUENCE:1"}},
		{"move a day", meeting("DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260303"), moved("2026-03-02 00:00", "2026-03-03 00:00", "2026-03-30 00:00", "2026-03-31 00:00", "America/New_York"),
			[]string{"DTSTAMP:20260101T000000Z", "DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260303"},
			[]string{"DTSTAMP:20260201T120000Z", "DTSTART;VALUE=DATE:20260330", "SEQUENCE:1", "DTEND;VALUE=DATE:20260331"}},
		{"move with two zones", meeting(starts, "DTEND;TZID=Europe/London:20260302T090000"), moved("2026-03-02 09:00", "2026-03-02 10:00", "2026-03-03 09:00", "2026-03-03 10:00", "Europe/Berlin"),
			[]string{"DTSTAMP:20260101T000000Z", starts, "DTEND;TZID=Europe/London:20260302T090000"},
			[]string{"DTSTAMP:20260201T120000Z", "DTSTART;TZID=Europe/Berlin:20260303T090000", "SEQUENCE:1", "DTEND;TZID=Europe/London:20260303T090000"}},
		{"class", meeting(starts, "CLASS:PUBLIC"), amendClass("PUBLIC", "PRIVATE"), []string{"CLASS:PUBLIC"}, []string{"CLASS:PRIVATE"}},
		{"class never said", meeting(starts), amendClass("PUBLIC", "CONFIDENTIAL"), nil, []string{"CLASS:CONFIDENTIAL"}},
		{"class of one's own meeting", meeting(starts, "ORGANIZER:mailto:gc@firm.example"), amendClass("PUBLIC", "PRIVATE"), nil, []string{"CLASS:PRIVATE"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, eol := range []string{"\r\n", "\n"} {
				raw := bytes.ReplaceAll(test.raw, []byte("\r\n"), []byte(eol))
				out, code := Amend(raw, test.a, amendNow)
				if code != "" {
					t.Fatalf("code %q", code)
				}
				if gone, fresh := lineDiff(raw, out); !slices.Equal(gone, test.gone) || !slices.Equal(fresh, test.fresh) {
					t.Errorf("gone %q\nfresh %q", gone, fresh)
				}
				if eol == "\n" && bytes.Contains(out, []byte("\r")) {
					t.Error("the line ends changed")
				}
				checkUndo(t, raw, out, test.a)
			}
		})
	}
}

// checkUndo checks the laws of an Amend that was carried out.
func checkUndo(t testing.TB, raw, out []byte, a model.Amend) {
	t.Helper()
	if _, _, _, f := Parse(out, nil); f != nil {
		t.Fatalf("fault %v in\n%s", f, out)
	}
	if _, code := Amend(out, a, amendNow); code != AmendAlready {
		t.Errorf("again: code %q", code)
	}
	undone, code := Amend(out, back(a), amendNow)
	if code != "" {
		t.Fatalf("undo: code %q in\n%s", code, out)
	}
	if before, _ := layOut(raw, string(a.UID)); !a.Instance.IsZero() && before.instance(a.Instance) == nil {
		// A component of its own may stay, if it says what the series says.
		d, code := layOut(undone, string(a.UID))
		if code != "" {
			t.Fatalf("undo leaves %q", code)
		}
		d.dropPlain(a.Instance)
		undone = d.bytes()
	}
	if Digest(undone) != Digest(raw) {
		t.Errorf("undo leaves\n%s\nof\n%s", undone, raw)
	}
}

func TestAmendRefuses(t *testing.T) {
	lead := "ORGANIZER:mailto:chair@board.example"
	self := "ATTENDEE;PARTSTAT=ACCEPTED:mailto:gc@firm.example"
	move := moved("2026-03-02 10:00", "2026-03-02 11:00", "2026-03-03 10:00", "2026-03-03 11:00", "Europe/Berlin")
	mine := func(lines ...string) []byte {
		return event(append([]string{"UID:m1", "DTSTART:20260302T090000Z", "DTEND:20260302T100000Z"}, lines...)...)
	}
	instance := func(a model.Amend) model.Amend {
		a.Instance = model.Time{Wall: time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC), Loc: time.UTC}
		return a
	}
	for _, test := range []struct {
		name string
		raw  []byte
		a    model.Amend
		want string
	}{
		{"stands already", mine(lead, self), amendAnswer("TENTATIVE", "ACCEPTED"), AmendAlready},
		{"a person answered otherwise", mine(lead, "ATTENDEE;PARTSTAT=DECLINED:mailto:gc@firm.example"), amendAnswer("ACCEPTED", "TENTATIVE"), AmendChanged},
		{"another object", mine("X-A:1"), model.Amend{UID: "m2", Was: model.Amended{Class: "PUBLIC"}, Now: model.Amended{Class: "PRIVATE"}}, AmendChanged},
		{"not invited", mine(lead, "ATTENDEE:mailto:other@firm.example"), amendAnswer("NEEDS-ACTION", "DECLINED"), AmendNotInvited},
		{"leads the meeting", mine("ORGANIZER:mailto:gc@firm.example", self), amendAnswer("ACCEPTED", "DECLINED"), AmendNotInvited},
		{"move of another's meeting", mine(lead, self), move, AmendNotOrganizer},
		{"class of another's meeting", mine(lead, self), amendClass("PUBLIC", "PRIVATE"), AmendNotOrganizer},
		{"both answers stand", mine(lead, self, "ATTENDEE;PARTSTAT=DECLINED:mailto:gc@firm.example"), amendAnswer("ACCEPTED", "DECLINED"), AmendMixed},
		{"moved by a person", mine("SEQUENCE:1"), moved("2026-03-02 08:00", "2026-03-02 09:00", "2026-03-03 10:00", "2026-03-03 11:00", "Europe/Berlin"), AmendChanged},
		{"a whole series moves", mine("RRULE:FREQ=WEEKLY"), move, AmendNoInstance},
		{"no series", mine("X-A:1"), instance(amendClass("PUBLIC", "PRIVATE")), AmendNoInstance},
		{"an excluded instance", mine("RRULE:FREQ=WEEKLY", "EXDATE:20260309T090000Z"), instance(amendClass("PUBLIC", "PRIVATE")), AmendNoInstance},
		{"an instance that was cancelled", bytes.Replace(mine("RRULE:FREQ=WEEKLY"), []byte("END:VCALENDAR"),
			[]byte("BEGIN:VEVENT\r\nUID:m1\r\nRECURRENCE-ID:20260309T090000Z\r\nDTSTART:20260309T090000Z\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\nEND:VCALENDAR"), 1),
			instance(amendClass("PUBLIC", "PRIVATE")), AmendNoInstance},
		{"floating time", event("UID:m1", "DTSTART:20260302T100000", "DTEND:20260302T110000"), move, AmendImpossible},
		{"damaged nesting", []byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:m1\r\nDTSTART:20260302T090000Z\r\nBEGIN:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"), amendClass("PUBLIC", "PRIVATE"), AmendImpossible},
		{"nothing changes", mine("X-A:1"), amendClass("PUBLIC", "PUBLIC"), AmendImpossible},
		{"an answer nobody knows", mine(lead, self), amendAnswer("ACCEPTED", "X\r\nY"), AmendImpossible},
		{"two things at once", mine(lead, self), model.Amend{UID: "m1", Was: model.Amended{Class: "PUBLIC"}, Now: model.Amended{Class: "PRIVATE", Answer: "DECLINED"}}, AmendImpossible},
	} {
		t.Run(test.name, func(t *testing.T) {
			if out, code := Amend(test.raw, test.a, amendNow); code != test.want || out != nil {
				t.Errorf("code %q and %d octets, want %q", code, len(out), test.want)
			}
		})
	}
}

const weekly = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:m1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Europe/Berlin:20260302T090000\r\n" +
	"DTEND;TZID=Europe/Berlin:20260302T100000\r\nRRULE:FREQ=WEEKLY;COUNT=20\r\nEXDATE;TZID=Europe/Berlin:20260316T090000\r\nSUMMARY:Weekly\r\n" +
	"ORGANIZER:mailto:chair@board.example\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:gc@firm.example\r\nBEGIN:VALARM\r\nTRIGGER:-PT15M\r\nACTION:DISPLAY\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

func TestAmendInstance(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := model.Time{Wall: time.Date(2026, 4, 6, 9, 0, 0, 0, time.UTC), Loc: berlin}
	for _, name := range []model.Time{at, {Wall: at.Wall}, {Wall: time.Date(2026, 4, 6, 7, 0, 0, 0, time.UTC), Loc: time.UTC}} {
		a := amendAnswer("ACCEPTED", "TENTATIVE")
		a.Instance = name
		out, code := Amend([]byte(weekly), a, amendNow)
		if code != "" {
			t.Fatalf("code %q", code)
		}
		s, _, problems, f := Parse(out, nil)
		if f != nil || len(problems) > 0 || len(s.Overrides) != 1 || s.Master.Attendees[0].PartStat != "ACCEPTED" {
			t.Fatalf("fault %v, problems %q in\n%s", f, problems, out)
		}
		o := s.Overrides[0]
		if !o.Recurrence.In(time.UTC).Equal(at.In(time.UTC)) || !o.Start.In(time.UTC).Equal(at.In(time.UTC)) || o.End.Wall.Hour() != 10 ||
			o.RRule != "" || len(o.ExDates) != 0 || o.Summary != "Weekly" || o.Attendees[0].PartStat != "TENTATIVE" {
			t.Errorf("override %s until %s\n%s", showTime(o.Start), showTime(o.End), out)
		}
		if gone, _ := lineDiff([]byte(weekly), out); len(gone) > 0 {
			t.Errorf("gone %q", gone)
		}
		a.Instance = at
		checkUndo(t, []byte(weekly), out, a)
	}
}

// TestAmendSeries: the answer to a series is the answer to all that is spelled out
// of it and said the same.
func TestAmendSeries(t *testing.T) {
	over := "BEGIN:VEVENT\r\nUID:m1\r\nRECURRENCE-ID;TZID=Europe/Berlin:20260309T090000\r\nDTSTART;TZID=Europe/Berlin:20260309T110000\r\nDTEND;TZID=Europe/Berlin:20260309T120000\r\n" +
		"ORGANIZER:mailto:chair@board.example\r\nATTENDEE;PARTSTAT=%s:mailto:gc@firm.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	with := func(answer string) []byte {
		return []byte(strings.TrimSuffix(weekly, "END:VCALENDAR\r\n") + fmt.Sprintf(over, answer))
	}
	for second, want := range map[string]string{"ACCEPTED": "DECLINED DECLINED", "TENTATIVE": "DECLINED TENTATIVE"} {
		out, code := Amend(with(second), amendAnswer("ACCEPTED", "DECLINED"), amendNow)
		if code != "" {
			t.Fatalf("code %q", code)
		}
		s, _, _, _ := Parse(out, nil)
		if got := s.Master.Attendees[0].PartStat + " " + s.Overrides[0].Attendees[0].PartStat; got != want {
			t.Errorf("answers %s, want %s", got, want)
		}
		checkUndo(t, with(second), out, amendAnswer("ACCEPTED", "DECLINED"))
	}
	if _, code := Amend(with("DECLINED"), amendAnswer("ACCEPTED", "DECLINED"), amendNow); code != AmendMixed {
		t.Errorf("code %q", code)
	}
}

// TestAmendLaw: random meetings in random forms, amended and taken back.
func TestAmendLaw(t *testing.T) {
	rng := rand.New(rand.NewSource(5))
	done := 0
	for range 3000 {
		raw, a := randomAmend(rng)
		out, code := Amend(raw, a, amendNow)
		if code != "" {
			continue
		}
		done++
		checkUndo(t, raw, out, a)
		checkOthers(t, raw, out, a)
		if t.Failed() {
			t.Fatalf("of\n%s", raw)
		}
	}
	if done < 1500 {
		t.Errorf("only %d of the meetings were amended", done)
	}
}

// checkOthers: what is not concerned keeps its octets.
func checkOthers(t testing.TB, raw, out []byte, a model.Amend) {
	t.Helper()
	p := &problems{}
	lines, _ := scan(raw, p)
	after, _ := scan(out, p)
	concerned := []string{"ATTENDEE"}
	switch {
	case a.Now.Class != "":
		concerned = []string{"CLASS"}
	case a.Now.Start != 0:
		concerned = []string{"DTSTART", "DTEND", "DURATION", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED"}
	}
	count := map[string]int{}
	for _, l := range after {
		count[l.text]++
	}
	for _, l := range lines {
		name := l.text[:max(0, strings.IndexAny(l.text, ";:"))]
		if count[l.text]--; count[l.text] < 0 && !slices.Contains(concerned, strings.ToUpper(name)) {
			t.Errorf("lost a line %s", name)
		}
	}
}

func pick(rng *rand.Rand, from ...string) string { return from[rng.Intn(len(from))] }

func randomAmend(rng *rand.Rand) ([]byte, model.Amend) {
	zone := pick(rng, "Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC")
	loc, _ := time.LoadLocation(zone)
	day := time.Date(2026, 1, 5+rng.Intn(300), 8+rng.Intn(8), 15*rng.Intn(4), 0, 0, loc)
	length := time.Duration(1+rng.Intn(12)) * 15 * time.Minute
	dates := rng.Intn(5) == 0
	if dates {
		day = time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, loc)
	}
	write := func(name string, t time.Time) string {
		switch {
		case dates:
			return name + ";VALUE=DATE:" + t.Format("20060102")
		case zone == "UTC":
			return name + ":" + t.UTC().Format("20060102T150405Z")
		}
		return name + pick(rng, ";TZID="+zone, ";X-A=\"b;c:d\";TZID="+zone, ";TZID=\""+zone+"\"") + ":" + t.Format("20060102T150405")
	}
	end := day.Add(length)
	if dates {
		end = day.AddDate(0, 0, 1+rng.Intn(3))
	}
	lines := []string{"UID:m1", write("DTSTART", day), "SUMMARY:" + strings.Repeat("Größe, ", rng.Intn(20))}
	if dates || rng.Intn(2) == 0 {
		lines = append(lines, write("DTEND", end))
	} else {
		lines = append(lines, fmt.Sprintf("DURATION:PT%dM", int(length/time.Minute)))
	}
	series := rng.Intn(3) == 0
	if series {
		lines = append(lines, pick(rng, "RRULE:FREQ=DAILY", "RRULE:FREQ=DAILY;COUNT=50"))
	}
	status := pick(rng, "ACCEPTED", "TENTATIVE", "NEEDS-ACTION")
	a := model.Amend{UID: "m1", Self: model.Hide([]string{me})}
	kind := rng.Intn(3)
	if kind == 0 {
		lines = append(lines, "ORGANIZER:mailto:chair@board.example",
			"ATTENDEE;CN=\""+strings.Repeat("Ä:x;", rng.Intn(30))+"\""+pick(rng, ";PARTSTAT="+status, ";partstat=\""+status+"\";ROLE=CHAIR")+":mailto:"+pick(rng, me, "GC@Firm.Example"))
		a.Was, a.Now = model.Amended{Answer: status}, model.Amended{Answer: "DECLINED"}
	}
	rng.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	if kind == 1 {
		a.Was, a.Now = model.Amended{Class: "PUBLIC"}, model.Amended{Class: pick(rng, "PRIVATE", "CONFIDENTIAL")}
	}
	if series && (kind == 2 || rng.Intn(2) == 0) {
		n := rng.Intn(10)
		a.Instance = model.Time{Wall: time.Date(day.Year(), day.Month(), day.Day()+n, day.Hour(), day.Minute(), 0, 0, time.UTC), Loc: loc, Date: dates}
		if dates {
			a.Instance.Loc = nil
		}
		day, end = day.AddDate(0, 0, n), end.AddDate(0, 0, n)
	}
	if kind == 2 {
		shift := rng.Intn(40) - 20
		a.Was = model.Amended{Start: model.UnixTime(day.Unix()), End: model.UnixTime(end.Unix())}
		a.Now = model.Amended{Start: model.UnixTime(day.AddDate(0, 0, shift).Unix()), End: model.UnixTime(end.AddDate(0, 0, shift).Unix())}
	}
	eol := pick(rng, "\r\n", "\n", "\r\n\r\n")
	return bytes.ReplaceAll(event(lines...), []byte("\r\n"), []byte(eol)), a
}

// FuzzAmend: whatever an object is, an Amend of it parses, can be taken back and
// leaves all else alone.
func FuzzAmend(f *testing.F) {
	for _, data := range corpusFiles(f) {
		if len(data) < 16<<10 {
			f.Add(data, uint8(0))
		}
	}
	rng := rand.New(rand.NewSource(7))
	for i := range 50 {
		raw, _ := randomAmend(rng)
		f.Add(raw, uint8(i))
	}
	f.Add([]byte(weekly), uint8(1))
	f.Fuzz(func(t *testing.T, raw []byte, kind uint8) {
		s, _, _, fault := Parse(raw, nil)
		if fault != nil || s.UID == "" {
			return
		}
		for _, a := range amendsOf(s, kind) {
			out, code := Amend(raw, a, amendNow)
			if code != "" {
				continue
			}
			checkUndoOf(t, raw, out, a)
		}
	})
}

// amendsOf makes Amends that stand a chance for a series.
func amendsOf(s model.Series, kind uint8) []model.Amend {
	o := s.Master
	if o == nil {
		o = &s.Overrides[0]
	}
	a := model.Amend{UID: model.Name(s.UID), Self: model.Hide([]string{o.Organizer.Addr})}
	if kind&1 != 0 && o.Recurrence == nil {
		a.Instance = o.Start
	}
	var out []model.Amend
	private := a
	private.Was, private.Now = model.Amended{Class: o.Class}, model.Amended{Class: map[string]string{"PUBLIC": "PRIVATE"}[o.Class]}
	shift := a
	from, to := model.UnixTime(o.Start.In(time.UTC).Unix()), model.UnixTime(o.End.In(time.UTC).Unix())
	shift.Was, shift.Now = model.Amended{Start: from, End: to}, model.Amended{Start: from + 86400, End: to + 86400}
	out = append(out, private, shift)
	for _, p := range o.Attendees {
		b := a
		b.Self = model.Hide([]string{p.Addr})
		b.Was, b.Now = model.Amended{Answer: p.PartStat}, model.Amended{Answer: "DECLINED"}
		out = append(out, b)
		if len(out) > 5 {
			break
		}
	}
	return out
}

// checkUndoOf is checkUndo for objects that may be odd: a length written in an odd
// way, or the same answer in several forms, may come back in another.
func checkUndoOf(t testing.TB, raw, out []byte, a model.Amend) {
	t.Helper()
	if _, _, _, f := Parse(out, nil); f != nil {
		t.Fatalf("fault %v", f)
	}
	if _, code := Amend(out, a, amendNow); code != AmendAlready {
		t.Fatalf("again: code %q", code)
	}
	undone, code := Amend(out, back(a), amendNow)
	if code != "" {
		t.Fatalf("undo: code %q", code)
	}
	if _, code := Amend(undone, back(a), amendNow); code != AmendAlready {
		t.Fatalf("undo again: code %q", code)
	}
	checkOthers(t, raw, out, a)
}
