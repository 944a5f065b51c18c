package demo

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"chancery/internal/ical"
	"chancery/internal/mime"
)

// moments are an hour of every so many days of two years: month ends, weekends,
// both changes of the clock, a leap day.
func moments(every int) []time.Time {
	r := rand.New(rand.NewPCG(1, 2))
	var out []time.Time
	for day := 0; day < 731; day += every {
		out = append(out, time.Date(2027, 7, 1+day, r.IntN(24), r.IntN(60), r.IntN(60), 0, time.UTC))
	}
	return out
}

func TestDaysFiveApartShareAWeekday(t *testing.T) {
	for _, now := range moments(1) {
		d, err := newDays(now)
		if err != nil {
			t.Fatal(err)
		}
		for n := -30; n < 80; n++ {
			a, b := d.working(n), d.working(n+1)
			if n != 0 && (a.Weekday() == time.Saturday || a.Weekday() == time.Sunday) {
				t.Fatalf("%s: working day %d is a %s", now, n, a.Weekday())
			}
			if !a.Before(b) {
				t.Fatalf("%s: day %d is not before day %d", now, n, n+1)
			}
			if n > 0 && d.working(n+5) != a.AddDate(0, 0, 7) {
				t.Fatalf("%s: day %d is not a week after day %d", now, n+5, n)
			}
		}
	}
}

func TestTheOfficeCanOpenOnAnyDay(t *testing.T) {
	for _, now := range moments(13) {
		letters, err := Letters(now)
		if err != nil {
			t.Fatalf("%s: %v", now, err)
		}
		for _, l := range letters {
			if age := now.Sub(l.Arrived); age <= 0 || age > 29*24*time.Hour {
				t.Fatalf("%s: %s arrived %s ago", now, l.Name, age)
			}
		}
		appointments, err := Appointments(now)
		if err != nil {
			t.Fatalf("%s: %v", now, err)
		}
		if len(letters) < 60 || len(appointments) < 40 {
			t.Fatalf("%d mails and %d appointments", len(letters), len(appointments))
		}
	}
}

func TestLettersAreWhatTheTableSays(t *testing.T) {
	letters, err := Letters(time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	seen, large := map[string]bool{}, 0
	for _, l := range letters {
		if seen[l.Account+l.MessageID] {
			t.Errorf("%s: its Message-ID was there before", l.Name)
		}
		seen[l.Account+l.MessageID] = true
		if bytes.Contains(bytes.ReplaceAll(l.Raw, []byte("\r\n"), nil), []byte("\n")) {
			t.Errorf("%s: a line does not end in CRLF", l.Name)
		}
		m := mime.Read(l.Raw)
		if m.MessageID != l.MessageID {
			t.Errorf("%s: Message-ID %q, want %q", l.Name, m.MessageID, l.MessageID)
		}
		if l.MessageID == "" && len(l.Marks) > 0 {
			t.Errorf("%s: nobody could tell what became of it", l.Name)
		}
		if l.Left != "" && l.Folder != "INBOX" {
			t.Errorf("%s: left alone in %s?", l.Name, l.Folder)
		}
		if l.Arrived.Location().String() != zoneName {
			t.Errorf("%s: arrived in %s", l.Name, l.Arrived.Location())
		}
		if len(l.Raw) > 300<<10 {
			large++
		}
	}
	if large != 1 {
		t.Errorf("%d large mails", large)
	}
}

func TestOddMailsAreOddAsMeant(t *testing.T) {
	letters, err := Letters(time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	mails := map[string]string{}
	broken := map[string]int{}
	for _, l := range letters {
		m := mime.Read(l.Raw)
		broken[l.Name] = len(m.Problems)
		mails[l.Name] = m.Subject
		for _, p := range m.Parts {
			mails[l.Name] += "\n" + p.Text
		}
	}
	for name, want := range map[string]string{
		"advice-html":   "Privileged &amp; confidential",
		"advice-base64": "Rücktritt vom Chartervertrag – legally privileged\nLiebe Frau Hartwell",
		"invoice-euro":  "Invoice 2291 für 20417.0011",
		"japanese":      "ハルシオン号の引渡し\n引渡しは予定どおりです",
		"cyrillic":      "Стоянка судна\nСтоянка подтверждена",
		"french":        "l’arbitrage",
		"emoji":         "🎂 Daniel",
	} {
		if !strings.Contains(mails[name], want) && !strings.Contains(mails[name], strings.Replace(want, "l’", "d’", 1)) {
			t.Errorf("%s reads %q, want %q", name, mails[name], want)
		}
	}
	if broken["malformed"] == 0 || broken["advice-html"] != 0 {
		t.Errorf("problems: malformed %d, sound %d", broken["malformed"], broken["advice-html"])
	}
}

// Everybody in the office is invented (RFC 2606 section 3).
func TestNobodyInTheOfficeIsReal(t *testing.T) {
	now := time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)
	letters, err := Letters(now)
	if err != nil {
		t.Fatal(err)
	}
	appointments, err := Appointments(now)
	if err != nil {
		t.Fatal(err)
	}
	host := regexp.MustCompile(`(?:[A-Za-z0-9._+-]@|https?://)([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)`)
	found := 0
	check := func(name string, raw []byte) {
		for _, m := range host.FindAllSubmatch(raw, -1) {
			if found++; !strings.HasSuffix(string(m[1]), ".example") {
				t.Errorf("%s names %s", name, m[1])
			}
		}
	}
	for _, l := range letters {
		check(l.Name, l.Raw)
	}
	for _, a := range appointments {
		check(a.Name, a.Raw)
	}
	if found < 100 {
		t.Errorf("only %d addresses found: this test looks in the wrong place", found)
	}
}

func TestAppointmentsCanBeRead(t *testing.T) {
	appointments, err := Appointments(time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	sides := map[string]int{}
	for _, a := range appointments {
		s, own, _, fault := ical.Parse(a.Raw, nil)
		if fault != nil || s.Master == nil || s.Master.Start.IsZero() || own != nil {
			t.Fatalf("%s: %+v %v", a.Name, s, fault)
		}
		if s.UID != a.UID || s.Master.Start.Unsure {
			t.Errorf("%s: UID %q, zone unsure %v", a.Name, s.UID, s.Master.Start.Unsure)
		}
		if a.Conflict != "" {
			sides[a.Conflict]++
		}
	}
	if len(sides) != 2 || sides["A"] != 2 || sides["B"] != 2 {
		t.Errorf("two double bookings with two sides each: %v", sides)
	}
}

func TestArchivesAreChecked(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"sound":         {"# about\na.eml | x\n-- a.eml --\nhello\n", ""},
		"cells":         {"a.eml | x | y\n-- a.eml --\n", "3 cells, not 2"},
		"not there":     {"b.eml | x\n-- a.eml --\n", "there is no b.eml"},
		"not listed":    {"a.eml | x\n-- a.eml --\nhi\n-- b.eml --\nhi\n", "does not list b.eml"},
		"there twice":   {"a.eml | x\n-- a.eml --\nhi\n-- a.eml --\nho\n", "stands there twice"},
		"nothing at al": {"", ""},
	} {
		_, err := parseArchive("t", []byte(tt.text), 2)
		if got := errorText(err); tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	d, err := newDays(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string][]string{
		"no account":   {"a.eml", "-1 09:00", "", "", "", ""},
		"no time":      {"gc/a.eml", "soon", "", "", "", ""},
		"future":       {"gc/a.eml", "3 09:00", "", "", "", ""},
		"bad clock":    {"gc/a.eml", "-3 9 a.m.", "", "", "", ""},
		"bad template": {"gc/{{.eml", "-3 09:00", "", "", "", ""},
	} {
		text := []byte("Subject: x\n\nx\n")
		if name == "bad template" {
			text = []byte("{{day}}")
		}
		if _, err := readLetter(d, row, text); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := readAppointment(d, []string{"gc/a.ics", "Nowhere", "", ""}, []byte("SUMMARY:x")); err == nil {
		t.Error("a calendar that nobody has was accepted")
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
