package billing

import (
	"strings"
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	const want = "2026-05-31"
	tests := []struct {
		in, want  string
		ambiguous bool
	}{
		{"2026-05-31", want, false},
		{"2026/5/31", want, false},
		{"20260531", want, false},
		{"05/31/2026", want, false},
		{"5/31/26", want, false},
		{"31/05/2026", want, false},
		{"31.05.2026", want, false},
		{"31.5.26", want, false},
		{"05-31-2026", want, false},
		{"05/06/2026", "2026-05-06", true},
		{"05.06.2026", "2026-06-05", false},
		{"06/06/2026", "2026-06-06", false},
		{"May 31, 2026", want, false},
		{"May 31 2026", want, false},
		{"MAY 31, 2026", want, false},
		{"may 31st, 2026", want, false},
		{"Sunday, May 31, 2026", want, false},
		{"Sun. 31 May 2026", want, false},
		{"31 May 2026", want, false},
		{"31-May-2026", want, false},
		{"31-May-26", want, false},
		{"31st of May 2026", want, false},
		{"31. Mai 2026", want, false},
		{"31 mai 2026", want, false},
		{"31 de mayo de 2026", want, false},
		{"31 maggio 2026", want, false},
		{"1er juin 2026", "2026-06-01", false},
		{"5. März 2026", "2026-03-05", false},
		{"12 août 2026", "2026-08-12", false},
		{"Sept. 5, 2026", "2026-09-05", false},
		{"02/29/2024", "2024-02-29", false},
		{"02/29/2026", "", false},
		{"13/13/2026", "", false},
		{"2026-13-01", "", false},
		{"20260299", "", false},
		{"May 31", "", false},
		{"31 2026", "", false},
		{"12/05", "", false},
		{"due May 31, 2026", "", false},
		{"192.168.1.1", "", false},
		{"1-800-555-0100", "", false},
		{"", "", false},
	}
	for _, tt := range tests {
		got, ambiguous, ok := parseDate(tt.in)
		switch {
		case tt.want == "":
			if ok {
				t.Errorf("parseDate(%q) = %v, want none", tt.in, got)
			}
		case !ok || got.Format(time.DateOnly) != tt.want || ambiguous != tt.ambiguous:
			t.Errorf("parseDate(%q) = %v, %v, %v, want %s, %v", tt.in, got, ambiguous, ok, tt.want, tt.ambiguous)
		}
	}
}

// TestDateReadsEveryDay prints each day of some years in each notation and
// reads it back.
func TestDateReadsEveryDay(t *testing.T) {
	layouts := []string{
		time.DateOnly, "20060102", "January 2, 2006", "2 Jan 2006", "Jan 2 2006", "02.01.2006", "02-Jan-06", "Monday, January 2, 2006", "01/02/2006",
	}
	for day := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2026; day = day.AddDate(0, 0, 1) {
		for _, l := range layouts {
			if got, _, ok := parseDate(day.Format(l)); !ok || !got.Equal(day) {
				t.Fatalf("parseDate(%q) = %v, %v", day.Format(l), got, ok)
			}
		}
	}
}

func TestDateWithoutYear(t *testing.T) {
	ref := time.Date(2026, 12, 10, 0, 0, 0, 0, time.UTC)
	for in, want := range map[string]string{
		"May 31": "2027-05-31", "Dec 20": "2026-12-20", "November 1": "2026-11-01", "15 January": "2027-01-15",
	} {
		d, ok := dateFrom(in, 0)
		if !ok || !d.day.IsZero() {
			t.Fatalf("dateFrom(%q) = %+v, %v", in, d, ok)
		}
		if got, ok := d.in(ref); !ok || got.Format(time.DateOnly) != want {
			t.Errorf("%q seen from %s is %v, want %s", in, ref.Format(time.DateOnly), got, want)
		}
	}
	if _, ok := (date{month: 5, dom: 31}).in(time.Time{}); ok {
		t.Error("a year was found in nothing")
	}
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"2026-05-31", "5/31/26", "May 31, 2026", "31. Mai 2026", "1er juin 2026", "31st of May, 2026", "00/00/0000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, ambiguous, ok := parseDate(s)
		if !ok {
			if !d.IsZero() || ambiguous {
				t.Fatalf("parseDate(%q) = %v, %v, false", s, d, ambiguous)
			}
			return
		}
		again, _, ok := parseDate(d.Format(time.DateOnly))
		if !ok || !again.Equal(d) {
			t.Fatalf("%q is %v, read again %v", s, d, again)
		}
	})
}

// parseDate reads one date and nothing else: "2026-05-31", "05/31/2026",
// "May 31, 2026", "31 May 2026", "31.05.2026", "20260531". The time is midnight
// UTC. With slashes the month comes first unless it is over 12; ambiguous says
// that the other order would be a date too, and another one.
func parseDate(s string) (t time.Time, ambiguous, ok bool) {
	s = strings.TrimSpace(s)
	if len(s) == 8 && allDigits(s) {
		t, ok = civil(atoi(s[:4]), atoi(s[4:6]), atoi(s[6:]))
		return t, false, ok
	}
	if len(s) > 60 {
		return time.Time{}, false, false
	}
	d, ok := dateFrom(s, 0)
	if !ok || d.end != len(s) || d.day.IsZero() {
		return time.Time{}, false, false
	}
	for i := range d.beg { // only a weekday may stand before it
		if !letter(s[i]) && s[i] != ',' && s[i] != ' ' && s[i] != '.' {
			return time.Time{}, false, false
		}
	}
	if w := strings.Trim(s[:d.beg], "., "); w != "" && !weekdays[prefix3(w)] {
		return time.Time{}, false, false
	}
	return d.day, !d.other.IsZero(), true
}

var weekdays = map[string]bool{
	"mon": true, "tue": true, "wed": true, "thu": true, "fri": true, "sat": true, "sun": true,
	"mo": true, "di": true, "mi": true, "do": true, "fr": true, "sa": true, "so": true,
	"die": true, "mit": true, "don": true, "fre": true, "sam": true, "son": true,
}

func prefix3(w string) string { return strings.ToLower(w[:min(3, len(w))]) }
