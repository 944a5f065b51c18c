package ical

import (
	"bytes"
	"math/rand"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	goical "github.com/emersion/go-ical"
)

var digestBase = []string{
	"UID:1", "DTSTAMP:20260101T000000Z", "SEQUENCE:1", "DTSTART;TZID=Europe/Berlin:20260302T090000", "DURATION:PT1H",
	`SUMMARY;LANGUAGE=en:Smith\, Jones v. Doe`, `ATTENDEE;CN="Jones, M";PARTSTAT=ACCEPTED:mailto:m@firm.example`,
	"RRULE:FREQ=WEEKLY;BYDAY=MO", "DESCRIPTION:" + strings.Repeat("long text ", 30),
}

func edited(replace ...string) []byte {
	return []byte(strings.NewReplacer(replace...).Replace(string(event(digestBase...))))
}

func TestDigestSame(t *testing.T) {
	want := Digest(event(digestBase...))
	for name, data := range map[string][]byte{
		"another DTSTAMP":            edited("DTSTAMP:20260101T000000Z", "DTSTAMP:20270101T000000Z"),
		"another SEQUENCE":           edited("SEQUENCE:1", "SEQUENCE:7"),
		"bookkeeping":                edited("SEQUENCE:1", "CREATED:20260101T000000Z\r\nLAST-MODIFIED:20260101T000000Z\r\nX-RADICALE-NAME:1.ics\r\nX-LIC-ERROR:x\r\nX-MOZ-GENERATION:3"),
		"another PRODID":             edited("VERSION:2.0", "VERSION:2.0\r\nPRODID:-//Other//EN\r\nMETHOD:PUBLISH"),
		"lower case names":           edited("SUMMARY;LANGUAGE=en", "summary;language=en", "DTSTART;TZID", "dtstart;tzid"),
		"needless quotes":            edited("TZID=Europe/Berlin", `TZID="Europe/Berlin"`, "LANGUAGE=en", `LANGUAGE="en"`),
		"unescaped comma":            edited(`Smith\, Jones`, "Smith, Jones"),
		"value type said":            edited("DTSTART;TZID", "DTSTART;VALUE=DATE-TIME;TZID", "DESCRIPTION:", "DESCRIPTION;VALUE=TEXT:"),
		"parameters in order":        edited(`CN="Jones, M";PARTSTAT=ACCEPTED`, `PARTSTAT=accepted;SCHEDULE-STATUS=1.2;CN="Jones, M"`),
		"rule parts in order":        edited("FREQ=WEEKLY;BYDAY=MO", "BYDAY=MO;FREQ=WEEKLY"),
		"folded":                     edited("long text long", "long \r\n text long"),
		"bare LF":                    edited("\r\n", "\n"),
		"a zone definition":          edited("BEGIN:VEVENT", "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT"),
		"a tag":                      edited("SEQUENCE:1", "X-CHANCERY-TAG:1.a.b.c.d"),
		"what python-icalendar says": edited(`Smith\, Jones`, "Smith%2C Jones"),
	} {
		if got := Digest(data); got != want {
			t.Errorf("%s: the digest differs", name)
		}
	}
	lines := slices.Clone(digestBase)
	rng := rand.New(rand.NewSource(3))
	for range 20 {
		rng.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		if Digest(event(lines...)) != want {
			t.Fatal("the order of properties counts")
		}
	}
}

func TestDigestDiffers(t *testing.T) {
	seen := map[string]string{Digest(event(digestBase...)): "the original"}
	for name, data := range map[string][]byte{
		"another time":           edited("T090000", "T093000"),
		"another zone":           edited("Europe/Berlin", "Europe/Paris"),
		"another length":         edited("PT1H", "PT2H"),
		"another title":          edited("Smith", "Smyth"),
		"another case":           edited("Smith", "smith"),
		"another answer":         edited("ACCEPTED", "DECLINED"),
		"another attendee":       edited("m@firm", "n@firm"),
		"one attendee more":      edited("RRULE", "ATTENDEE:mailto:n@firm.example\r\nRRULE"),
		"another rule":           edited("BYDAY=MO", "BYDAY=TU"),
		"an alarm":               edited("END:VEVENT", "BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT"),
		"another alarm":          edited("END:VEVENT", "BEGIN:VALARM\r\nTRIGGER:-PT9M\r\nEND:VALARM\r\nEND:VEVENT"),
		"an override":            edited("END:VCALENDAR", "BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID:20260309T080000Z\r\nEND:VEVENT\r\nEND:VCALENDAR"),
		"a status":               edited("SEQUENCE:1", "STATUS:CANCELLED"),
		"a property of ours":     edited("SEQUENCE:1", "X-FIRM-ROOM:4"),
		"a line of nonsense":     edited("SEQUENCE:1", "what is this"),
		"moved into a value":     edited("SUMMARY;LANGUAGE=en:Smith", "SUMMARY:en Smith"),
		"the end of a long line": edited("long text \r\n", "long text!\r\n"),
	} {
		d := Digest(data)
		if was, ok := seen[d]; ok {
			t.Errorf("%s has the digest of %s", name, was)
		}
		seen[d] = name
	}
	for _, pair := range [][2]string{{"", "x"}, {"BEGIN:A", "BEGIN:B"}, {strings.Repeat("BEGIN:A\n", 20), strings.Repeat("BEGIN:A\n", 21)}} {
		if Digest([]byte(pair[0])) == Digest([]byte(pair[1])) {
			t.Errorf("%.20q and %.20q have one digest", pair[0], pair[1])
		}
	}
}

// TestDigestSurvivesGoICal re-encodes real objects by the library that the demo's
// server uses: sorted, requoted and unfolded they must keep their digest.
func TestDigestSurvivesGoICal(t *testing.T) {
	same := 0
	for path, data := range corpusFiles(t) {
		p := &problems{}
		cal, err := goicalDecode(data)
		root, f := read(data, p, true)
		if err != nil || f != nil || len(p.codes) > 0 || len(root.children) != 1 || bytes.ContainsRune(data, '^') {
			continue
		}
		var b bytes.Buffer
		if err := goical.NewEncoder(&b).Encode(cal); err != nil {
			continue
		}
		same++
		if Digest(b.Bytes()) != Digest(data) {
			t.Errorf("%s: the digest changed", filepath.Base(path))
		}
	}
	if same < 50 {
		t.Errorf("only %d objects compared", same)
	}
}
