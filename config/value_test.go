package config

import (
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	const day = 24 * time.Hour
	for in, want := range map[string]time.Duration{
		"30s": 30 * time.Second, "10m": 10 * time.Minute, "1h30m": 90 * time.Minute, "60d": 60 * day, "1d12h": 36 * time.Hour,
		"250ms": 250 * time.Millisecond, "0": 0, "0d": 0, "1.5h": 90 * time.Minute,
	} {
		if got, _, ok := parseDuration(in); !ok || got != want {
			t.Errorf("parseDuration(%q) = %v, %v; want %v", in, got, ok, want)
		}
	}
	for in, hint := range map[string]string{
		"10 minutes": "write 10m", "1 Hour": "write 1h", "2 weeks": "write 14d", "90": "add a unit: 90s, 90m, 90h or 90d",
		"": "write for example", "-1h": "write for example", "d": "write for example", "1h-1h": "write for example", "1d0": "write for example",
		"999999d": "write for example", "1d ": "write 1d", "1y": "write for example",
	} {
		if d, got, ok := parseDuration(in); ok || !strings.HasPrefix(got, hint) {
			t.Errorf("parseDuration(%q) = %v, hint %q; want hint %q", in, d, got, hint)
		}
	}
}

// What Load says about a range of durations must be readable to Load.
func TestFormatDurationReadsBack(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for range 2000 {
		want := time.Duration(rng.Int63n(int64(400 * 24 * time.Hour)))
		if rng.Intn(2) == 0 {
			want = want.Truncate(time.Minute)
		}
		if got, _, ok := parseDuration(formatDuration(want)); !ok || got != want {
			t.Fatalf("%v is written %q and read %v, %v", want, formatDuration(want), got, ok)
		}
	}
	for want, d := range map[string]time.Duration{"10m": 10 * time.Minute, "2h": 2 * time.Hour, "60d": 60 * 24 * time.Hour, "1h30m": 90 * time.Minute, "10ms": 10 * time.Millisecond} {
		if got := formatDuration(d); got != want {
			t.Errorf("formatDuration(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestParseHours(t *testing.T) {
	days := func(d ...time.Weekday) []time.Weekday { return d }
	tests := []struct {
		in         string
		days       []time.Weekday
		from, till int
	}{
		{"Mon-Fri 09:00-18:00", days(1, 2, 3, 4, 5), 540, 1080},
		{"mon-fri 9:00 - 18:30", days(1, 2, 3, 4, 5), 540, 1110},
		{"Tue,Thu 08:30-12:00", days(2, 4), 510, 720},
		{"Sat-Mon 00:00-24:00", days(6, 0, 1), 0, 1440},
		{"Monday-Wednesday,Fri 10:00-11:00", days(1, 2, 3, 5), 600, 660},
		{"Sun 10:00-10:01", days(0), 600, 601},
	}
	for _, tt := range tests {
		h, err := parseHours(tt.in)
		if err != nil || !slices.Equal(h.Days, tt.days) || h.From != tt.from || h.Till != tt.till {
			t.Errorf("parseHours(%q) = %+v, %v", tt.in, h, err)
		}
	}
	for _, in := range []string{"", "Mon", "09:00-18:00", "Mo-Fr 09:00-18:00", "Mon-Fri 09:00-24:01", "Mon-Fri 18:00-18:00", "Mon-Mon-Tue 09:00-10:00", "Mon-Sun,Mon 09:00-10:00", ", 09:00-10:00"} {
		if h, err := parseHours(in); err == nil {
			t.Errorf("parseHours(%q) = %+v, want an error", in, h)
		}
	}
	if h, err := parseHours(DefaultHours); err != nil || len(h.Days) != 5 {
		t.Errorf("the default hours: %+v, %v", h, err)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"priority", "name", "when", "unless", "then", "folders"}
	for in, want := range map[string]string{
		"priorty": "priority", "Priority": "priority", "prioritiy": "priority", "nmae": "name", "whem": "when", "folder": "folders",
		"thne": "then", "zzz": "", "x": "", "something": "",
	} {
		if got, _ := nearest(in, known); got != want {
			t.Errorf("nearest(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDistanceLaws(t *testing.T) {
	rng := rand.New(rand.NewSource(2))
	word := func() string {
		b := make([]byte, rng.Intn(8))
		for i := range b {
			b[i] = "abc"[rng.Intn(3)]
		}
		return string(b)
	}
	for range 5000 {
		a, b := word(), word()
		d := distance(a, b)
		if d != distance(b, a) || (d == 0) != (a == b) || d > max(len(a), len(b)) || d < max(len(a)-len(b), len(b)-len(a)) {
			t.Fatalf("distance(%q, %q) = %d, back %d", a, b, d, distance(b, a))
		}
	}
}

func TestAddressOrDomain(t *testing.T) {
	for in, want := range map[string]string{
		"Firm.Example": "firm.example", "Jane.Doe+x@Firm.Example": "jane.doe+x@firm.example", "bücher.example": "bücher.example",
		"o'neil@xn--bcher-kva.example": "o'neil@xn--bcher-kva.example",
	} {
		if got, problem, _ := addressOrDomain(in); got != want || problem != "" {
			t.Errorf("addressOrDomain(%q) = %q, %q", in, got, problem)
		}
	}
	for _, in := range []string{"", "@", "a@", "@b.example", "a b@c.example", "a@b@c.example", "a@b..example", "-a.example", "localhost", ".", "a@.example", strings.Repeat("a.", 200) + "example"} {
		if got, problem, _ := addressOrDomain(in); problem == "" {
			t.Errorf("addressOrDomain(%q) = %q, want a problem", in, got)
		}
	}
}

func TestListEntry(t *testing.T) {
	for in, want := range map[string][2]string{
		"firm.example":                       {"firm.example", ""},
		"Jane.Doe@Firm.Example":              {"jane.doe@firm.example", ""},
		"Jane Doe <JD@firm.example>":         {"jd@firm.example", "Jane Doe"},
		`"Doe,  Jane" <jd@firm.example>`:     {"jd@firm.example", "Doe, Jane"},
		"Ana Sofía Núñez <asn@firm.example>": {"asn@firm.example", "Ana Sofía Núñez"},
	} {
		if got, name, problem, _ := listEntry(in); got != want[0] || name != want[1] || problem != "" {
			t.Errorf("listEntry(%q) = %q, %q, %q", in, got, name, problem)
		}
	}
	for _, in := range []string{"<jd@firm.example>", "Jane <firm.example>", "Jane <jd@firm.example", "Jane jd@firm.example>", "a@b.example <jd@firm.example>", "Jane <a@b.example> <jd@firm.example>", "Jane <>", "<>", "Jane <a b@c.example>"} {
		if got, name, problem, _ := listEntry(in); problem == "" || name != "" && got == "" {
			t.Errorf("listEntry(%q) = %q, %q, want a problem", in, got, name)
		}
	}
}
