package agenda

import (
	"math/rand"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// Rules that hang, exhaust or crash the library, or search for what never comes.
// With the guard each ends at once; the test's own time limit is the witness,
// and the memory is counted.
var hostile = []struct {
	rule string
	code string // "" if it is followed
	n    int    // instances within a year
}{
	{"FREQ=HOURLY;INTERVAL=24;BYHOUR=5", RuleRefused, 1},
	{"FREQ=SECONDLY;INTERVAL=60;BYSECOND=30", RuleRefused, 1},
	{"FREQ=MINUTELY", RuleRefused, 1},
	{"FREQ=SECONDLY", RuleRefused, 1},
	{"FREQ=MONTHLY;INTERVAL=9223372036854775807", RuleRefused, 1},
	{"FREQ=MONTHLY;INTERVAL=99999999999999999999999999", RuleRefused, 1},
	{"FREQ=DAILY;INTERVAL=0", RuleRefused, 1},
	{"FREQ=DAILY;INTERVAL=-1", RuleRefused, 1},
	{"FREQ=DAILY;COUNT=0", RuleRefused, 1},
	{"FREQ=DAILY;COUNT=x", RuleUnreadable, 1},
	{"FREQ=DAILY;BYHOUR=" + upTo(24) + ";BYMINUTE=" + upTo(60) + ";BYSECOND=" + upTo(60), RuleRefused, 1},
	{"FREQ=YEARLY;BYEASTER=0", RuleUnreadable, 1},
	{"FREQ=YEARLY;RSCALE=HEBREW", RuleRefused, 1},
	{"FREQ=MONTHLY;SKIP=FORWARD", RuleRefused, 1},
	{"FREQ=MONTHLY;RSCALE=GREGORIAN;SKIP=OMIT;COUNT=2", "", 2},
	{"FREQ=MONTHLY;BYDAY=53MO", RuleRefused, 1},
	{"FREQ=YEARLY;BYDAY=54MO", RuleRefused, 1},
	{"FREQ=YEARLY;BYDAY=MO;BYMONTH=13", RuleRefused, 1},
	{"FREQ=DAILY;BYMONTHDAY=32", RuleRefused, 1},
	{"FREQ=DAILY;BYHOUR=-1", RuleRefused, 1},
	{"FREQ=DAILY;BYSETPOS=2", RuleRefused, 1},
	{"FREQ=WEEKLY;BYSETPOS=8", RuleRefused, 1},
	{"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "", 1},
	{"FREQ=DAILY;COUNT=5;BYMONTH=2;BYMONTHDAY=30", "", 1},
	{"FREQ=WEEKLY;COUNT=5;BYMONTH=2;BYMONTHDAY=30", "", 1},
	{"FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6", "", 1},
	{"FREQ=YEARLY;COUNT=3;BYWEEKNO=53;BYMONTH=6", "", 1},
	{"FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1", "", 1},
	{"FREQ=YEARLY;INTERVAL=1000;COUNT=2", "", 1},
	{"FREQ=DAILY;COUNT=2147483647", "", 366},
	{"FREQ=DAILY;BYSECOND=60;COUNT=3", "", 3}, // the leap second is read as the second before
	{"FREQ=DAILY;BYHOUR=" + strings.Repeat("9,", 300) + "9;COUNT=2", "", 2},
	{"FREQ=DAILY;BYMONTHDAY=" + strings.Repeat("1,", 1500) + "1", RuleRefused, 1},
	{"FREQ=WEEKLY;BYDAY=" + strings.Repeat("MO,", 500) + "MO", RuleRefused, 1},
	{"", "", 1},
	{"FREQ", RuleUnreadable, 1},
	{"FREQ=", RuleUnreadable, 1},
	{"FREQ=FORTNIGHTLY", RuleUnreadable, 1},
	{"INTERVAL=2", RuleUnreadable, 1},
	{"FREQ=DAILY;FREQ=DAILY", RuleUnreadable, 1},
	{"FREQ=DAILY;UNTIL=yesterday", RuleUnreadable, 1},
	{"FREQ=DAILY;UNTIL=20260230", RuleUnreadable, 1},
	{"FREQ=WEEKLY;BYDAY=", RuleUnreadable, 1},
	{"FREQ=WEEKLY;BYDAY=XX", RuleUnreadable, 1},
	{"FREQ=WEEKLY;BYDAY=0MO", RuleRefused, 1},
	{"FREQ=WEEKLY;WKST=8", RuleUnreadable, 1},
	{" rrule:freq=daily; count=2 ;", "", 2},
	{"FREQ=DAILY;COUNT=2;X-EVOLUTION-ENDDATE=20260101", "", 2},
	{strings.Repeat("FREQ=DAILY;", 10000), RuleRefused, 1},
}

func upTo(n int) string {
	var out []string
	for i := range n {
		out = append(out, string(rune('0'+i/10))+string(rune('0'+i%10)))
	}
	return strings.Join(out, ",")
}

func TestHostileRulesEndAtOnce(t *testing.T) {
	start := wall("2026-01-01 00:00")
	for _, c := range hostile {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		e := meeting("h", start, time.Hour, repeats(c.rule))
		in, problems := Expand(&e, time.UTC, start, start.AddDate(1, 0, 0).Add(24*time.Hour), 0)
		runtime.ReadMemStats(&after)
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
			t.Errorf("%.60s: %d octets allocated", c.rule, grown)
		}
		if len(in) != c.n || strings.Join(problems, " ") != c.code {
			t.Errorf("%.60s: got %d instances and %v, want %d and %q", c.rule, len(in), problems, c.n, c.code)
		}
	}
}

// P7: random rules of every kind, sane or not, end.
func TestAnyRuleEnds(t *testing.T) {
	r := rand.New(rand.NewSource(7))
	parts := []string{
		"FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY", "FREQ=HOURLY", "INTERVAL=1", "INTERVAL=7", "INTERVAL=999",
		"COUNT=1", "COUNT=100000", "UNTIL=20300101", "UNTIL=20260101T000000Z", "BYMONTH=2", "BYMONTH=2,4,6", "BYMONTHDAY=30", "BYMONTHDAY=-31",
		"BYYEARDAY=366", "BYYEARDAY=-366,100", "BYWEEKNO=53", "BYWEEKNO=-53,1", "BYDAY=MO", "BYDAY=5FR", "BYDAY=-5SU,TU", "BYDAY=53MO", "BYDAY=-53TH",
		"BYSETPOS=1", "BYSETPOS=-366", "BYHOUR=0,12", "BYMINUTE=59", "BYSECOND=60", "WKST=SU", "RSCALE=GREGORIAN",
	}
	start := wall("1988-02-29 10:00")
	for range 3000 {
		var rule []string
		for range 1 + r.Intn(6) {
			rule = append(rule, parts[r.Intn(len(parts))])
		}
		e := meeting("r", start, time.Hour, repeats(strings.Join(rule, ";")))
		in, _ := Expand(&e, time.UTC, wall("2026-01-01"), wall("2026-07-01"), 0)
		if len(in) > maxInstances || !slices.IsSortedFunc(in, func(a, b Instance) int { return a.Start.Compare(b.Start) }) {
			t.Fatalf("%v: %d instances, or out of order", rule, len(in))
		}
	}
}

func TestInstancesAreLimited(t *testing.T) {
	start := wall("2026-01-01 00:00")
	e := meeting("many", start, time.Minute, repeats("FREQ=DAILY;BYHOUR="+upTo(24)))
	in, problems := Expand(&e, time.UTC, start, start.AddDate(2, 0, 0), 0)
	if len(in) != maxInstances || !slices.Equal(problems, []string{InstanceLimit}) {
		t.Errorf("got %d instances and %v", len(in), problems)
	}
	in, problems = Expand(&e, time.UTC, start, start.AddDate(2, 0, 0), 10)
	if len(in) != 10 || !slices.Equal(problems, []string{InstanceLimit}) {
		t.Errorf("limit 10: got %d instances and %v", len(in), problems)
	}
	counted := meeting("old", wall("1900-01-01 00:00"), time.Minute, repeats("FREQ=DAILY;COUNT=90000"))
	if in, problems = Expand(&counted, time.UTC, start, start.AddDate(1, 0, 0), 0); len(in) != 365 || problems != nil {
		t.Errorf("a count that need not be counted: got %d instances and %v", len(in), problems)
	}
	old := meeting("old", wall("1000-01-01 00:00"), time.Minute, repeats("FREQ=DAILY;INTERVAL=2;BYMONTHDAY=13;COUNT=90000"))
	in, problems = Expand(&old, time.UTC, start, start.AddDate(1, 0, 0), 0)
	if len(in) != 0 || !slices.Equal(problems, []string{RuleLimit}) {
		t.Errorf("a count beyond the steps: got %d instances and %v", len(in), problems)
	}
}

// FuzzExpand: whatever stands in RRULE, Expand returns a bounded, ordered answer.
func FuzzExpand(f *testing.F) {
	for _, c := range hostile {
		f.Add(c.rule, int64(1_700_000_000), false)
		f.Add(c.rule, int64(500_000_000), true)
	}
	f.Fuzz(func(t *testing.T, rule string, unix int64, date bool) {
		start := time.Unix(unix%(1<<36), 0).UTC()
		e := meeting("f", start, time.Hour, repeats(rule))
		if date {
			e = allDay("f", midnight(start), 1, repeats(rule))
		}
		from := wall("2026-01-01")
		in, problems := Expand(&e, time.UTC, from, from.AddDate(0, 6, 0), 0)
		if len(in) > maxInstances || len(problems) > 8 {
			t.Fatalf("%d instances, %d problems", len(in), len(problems))
		}
		for i, x := range in {
			if x.End.Before(x.Start) || i > 0 && x.Start.Before(in[i-1].Start) {
				t.Fatal("out of order")
			}
		}
	})
}
