package ical

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

// What is made to have us answer or move what we should not is refused.
func TestAmendHostile(t *testing.T) {
	const theirs, ours = "ORGANIZER:mailto:chair@board.example", "ORGANIZER:mailto:gc@firm.example"
	const self = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:gc@firm.example"
	move := moved("2026-03-02 10:00", "2026-03-02 11:00", "2026-03-03 10:00", "2026-03-03 11:00", "Europe/Berlin")
	decline := amendAnswer("ACCEPTED", "DECLINED")
	at := func(lines ...string) []byte {
		return event(append([]string{"UID:m1", "DTSTART:20260302T090000Z", "DTEND:20260302T100000Z"}, lines...)...)
	}
	override := func(master, over string) []byte {
		return at("RRULE:FREQ=WEEKLY", master, self, "END:VEVENT", "BEGIN:VEVENT", "UID:m1", "RECURRENCE-ID:20260309T090000Z", "DTSTART:20260309T090000Z", "DTEND:20260309T100000Z", over, self)
	}
	on := func(a model.Amend, day int) model.Amend {
		a.Instance = model.Time{Wall: time.Date(2026, 3, day, 9, 0, 0, 0, time.UTC), Loc: time.UTC}
		if a.Now.Start != 0 {
			by := model.UnixTime((day - 2) * 86400)
			a.Was.Start, a.Was.End, a.Now.Start, a.Now.End = a.Was.Start+by, a.Was.End+by, a.Now.Start+by, a.Now.End+by
		}
		return a
	}
	for _, test := range []struct {
		name string
		raw  []byte
		a    model.Amend
		want string
	}{
		{"two organizers", at(ours, theirs), move, AmendImpossible},
		{"two organizers, the other way", at(theirs, ours, self), decline, AmendImpossible},
		{"organizer of the override alone", override(theirs, ours), on(move, 9), AmendNotOrganizer},
		{"organizer of the series alone", override(ours, theirs), on(move, 9), AmendNotOrganizer},
		{"organizer of the override alone, answered", override(theirs, ours), on(decline, 9), AmendNotInvited},
		{"an override without an organizer", override(theirs, "X-A:1"), on(move, 9), AmendNotOrganizer},
		{"two starts", at(ours, "DTSTART:20260401T090000Z"), move, AmendImpossible},
		{"an end and a length", at(ours, "DURATION:PT1H"), move, AmendImpossible},
		{"two answers in one line", at(theirs, "ATTENDEE;PARTSTAT=ACCEPTED;PARTSTAT=DECLINED:mailto:gc@firm.example"), decline, AmendImpossible},
		{"two names of an instance", override(theirs, "RECURRENCE-ID:20260316T090000Z"), on(decline, 9), AmendImpossible},
		{"the server leaves telling to others", at(theirs+"", self, "X-A:1"), decline, ""},
		{"organizer not told", at("ORGANIZER;SCHEDULE-AGENT=CLIENT:mailto:chair@board.example", self), decline, AmendUntold},
		{"organizer never told", at("ORGANIZER;schedule-agent=none:mailto:chair@board.example", self), decline, AmendUntold},
		{"organizer told by nobody knows whom", at("ORGANIZER;SCHEDULE-AGENT=X-PIGEON:mailto:chair@board.example", self), decline, AmendUntold},
		{"organizer told", at("ORGANIZER;SCHEDULE-AGENT=server:mailto:chair@board.example", self), decline, ""},
		{"a guest not told", at(ours, "ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:kim@other.example"), move, AmendUntold},
		{"a date that the rule does not have", at("RRULE:FREQ=WEEKLY", theirs, self), on(decline, 10), AmendNoInstance},
		{"a date past the count", at("RRULE:FREQ=WEEKLY;COUNT=1", theirs, self), on(decline, 9), AmendNoInstance},
		{"a date past the end", at("RRULE:FREQ=WEEKLY;UNTIL=20260304T000000Z", theirs, self), on(decline, 16), AmendNoInstance},
		{"a date that only RDATE has", at("RDATE:20260310T090000Z", theirs, self), on(decline, 10), ""},
		{"delegated", at(theirs, "ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO=\"mailto:dana@firm.example\":mailto:gc@firm.example"), decline, AmendChanged},
		{"delegated to the principal", at(theirs, "ATTENDEE;PARTSTAT=ACCEPTED;DELEGATED-FROM=\"mailto:dana@firm.example\":mailto:gc@firm.example"), decline, ""},
		{"MAILTO in capitals", at(theirs, "ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:Gc@Firm.Example"), decline, ""},
		{"by EMAIL", at(theirs, "ATTENDEE;EMAIL=gc@firm.example;PARTSTAT=ACCEPTED:urn:uuid:00000000-0000-4000-8000-000000000001"), decline, ""},
		{"EMAIL beside another address", at(theirs, "ATTENDEE;EMAIL=gc@firm.example;PARTSTAT=ACCEPTED:mailto:kim@other.example"), decline, AmendNotInvited},
		{"the address in a name only", at(theirs, "ATTENDEE;CN=\"mailto:gc@firm.example\";PARTSTAT=ACCEPTED:mailto:kim@other.example"), decline, AmendNotInvited},
		{"PARTSTAT inside a name", at(theirs, "ATTENDEE;CN=\";PARTSTAT=DECLINED:x\";PARTSTAT=ACCEPTED:mailto:gc@firm.example"), decline, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, code := Amend(test.raw, test.a, amendNow)
			if code != test.want {
				t.Fatalf("code %q, want %q", code, test.want)
			}
			if code == "" {
				checkUndo(t, test.raw, out, test.a)
				checkOthers(t, test.raw, out, test.a)
			}
		})
	}
}

// Other objects, and what surrounds the line, keep their octets: mixed line ends,
// folds inside letters, lower case, and names nobody knows.
func TestAmendOddForms(t *testing.T) {
	raw := "BEGIN:VCALENDAR\r\nversion:2.0\nX-Odd;A=\"b:c;d\":e\\nf\r\nbegin:vevent\nuid:m1\r\nDtStart:20260302T090000Z\n" +
		"SUMMARY:Gr\xc3\r\n \xb6\xc3\n \x9fe\r\nORGANIZER:mailto:chair@board.example\n" +
		"attendee;cn=\"Gr\xc3\n \xb6\xc3\x9fe; x: y\";partstat=accepted:MAILTO:gc@firm.example\r\n" +
		"ATTENDEE;PARTSTAT=ACCEPTED:mailto:other@firm.example\nend:vevent\r\nBEGIN:VEVENT\r\nUID:other\r\nDTSTART:20260302T090000Z\r\n" +
		"ATTENDEE;PARTSTAT=ACCEPTED:mailto:gc@firm.example\r\nEND:VEVENT\r\nEND:VCALENDAR\n"
	out, code := Amend([]byte(raw), amendAnswer("ACCEPTED", "DECLINED"), amendNow)
	if code != "" {
		t.Fatalf("code %q", code)
	}
	from := strings.Index(raw, "attendee;")
	to := strings.Index(raw, "ATTENDEE;")
	if got := string(out); !strings.HasPrefix(got, raw[:from]) || !strings.HasSuffix(got, raw[to:]) {
		t.Errorf("more than one line changed:\n%q", got)
	}
	if fresh := unfolded(string(out[from : len(out)-len(raw[to:])])); fresh != "attendee;cn=\"Größe; x: y\";PARTSTAT=DECLINED:MAILTO:gc@firm.example\n" {
		t.Errorf("the line is %q", fresh)
	}
	checkUndo(t, []byte(raw), out, amendAnswer("ACCEPTED", "DECLINED"))
}

func unfolded(s string) string {
	return strings.NewReplacer("\r\n ", "", "\n ", "").Replace(s)
}

// A hundred thousand guests neither take long nor are they lost; who stands behind
// the bound of the view is still found, or nothing is written.
func TestAmendCrowd(t *testing.T) {
	var guests strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&guests, "ATTENDEE:mailto:g%d@crowd.example\r\n", i)
	}
	raw := event("UID:m1", "DTSTART:20260302T090000Z", "ORGANIZER:mailto:chair@board.example",
		strings.TrimSuffix(guests.String(), "\r\n"), "ATTENDEE;PARTSTAT=ACCEPTED:mailto:gc@firm.example")
	started := time.Now()
	out, code := Amend(raw, amendAnswer("ACCEPTED", "DECLINED"), amendNow)
	if gone, fresh := lineDiff(raw, out); code != "" || len(gone) != 1 || len(fresh) != 1 {
		t.Errorf("code %q, %d lines went, %d came", code, len(gone), len(fresh))
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

// A time without a zone is moved on the wall clock of where it is read, over a
// change of the clocks, and keeps its form.
func TestAmendFloating(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	raw := event("UID:m1", "DTSTAMP:20260101T000000Z", "DTSTART:20260302T100000", "DTEND:20260302T110000", "ORGANIZER:mailto:gc@firm.example")
	a := moved("2026-03-02 10:00", "2026-03-02 11:00", "2026-04-02 15:00", "2026-04-02 16:00", "Europe/Berlin")
	if _, code := Amend(raw, a, amendNow); code != AmendImpossible {
		t.Errorf("without a zone: code %q", code)
	}
	a.Zone = berlin
	out, code := Amend(raw, a, amendNow)
	if code != "" {
		t.Fatalf("code %q", code)
	}
	if _, fresh := lineDiff(raw, out); !slices.Contains(fresh, "DTSTART:20260402T150000") || !slices.Contains(fresh, "DTEND:20260402T160000") {
		t.Errorf("fresh %q", fresh)
	}
	checkUndo(t, raw, out, a)
	a.Zone = time.UTC
	if _, code := Amend(raw, a, amendNow); code != AmendChanged {
		t.Errorf("read elsewhere: code %q", code)
	}
}
