package ical

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	goical "github.com/emersion/go-ical"
	"github.com/teambition/rrule-go"
)

func TestGuardRule(t *testing.T) {
	since := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, test := range []struct{ rule, want string }{
		{"FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=WEEKLY;BYDAY=MO,WE"},
		{"freq=weekly; byday=mo;", "FREQ=WEEKLY;BYDAY=MO"},
		{"FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"},
		{"FREQ=DAILY;UNTIL=20261231", "FREQ=DAILY;UNTIL=20261231"},
		{"FREQ=DAILY;UNTIL=20261231T090000", "FREQ=DAILY;UNTIL=20261231T090000"},
		{"FREQ=DAILY;UNTIL=20261231T090000Z", "FREQ=DAILY;UNTIL=20261231T090000Z"},
		{"FREQ=MONTHLY;INTERVAL=1000;COUNT=3", "FREQ=MONTHLY;INTERVAL=1000;COUNT=3"},
		{"FREQ=DAILY;BYHOUR=9,14;BYMINUTE=0,30", "FREQ=DAILY;BYHOUR=9,14;BYMINUTE=0,30"},
		{"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"},
		{"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"},

		{"", ""}, {"BYDAY=MO", ""}, {"FREQ=HOURLY", ""}, {"FREQ=MINUTELY", ""}, {"FREQ=SECONDLY", ""}, {"FREQ=SOMETIMES", ""},
		{"FREQ=DAILY;INTERVAL=0", ""}, {"FREQ=DAILY;INTERVAL=-1", ""}, {"FREQ=DAILY;INTERVAL=1001", ""}, {"FREQ=DAILY;INTERVAL=9223372036854775807", ""},
		{"FREQ=DAILY;COUNT=0", ""}, {"FREQ=DAILY;COUNT=1000000", ""}, {"FREQ=DAILY;UNTIL=tomorrow", ""}, {"FREQ=DAILY;UNTIL=20260230", ""},
		{"FREQ=DAILY;BYHOUR=0,1,2,3,4;BYMINUTE=0,1,2,3,4", ""}, {"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", ""}, {"FREQ=YEARLY;BYMONTH=4,6,9,11;BYMONTHDAY=31,-31", ""},
		{"FREQ=DAILY;BYMONTH=13;BYMONTHDAY=1", ""}, {"FREQ=YEARLY;RSCALE=CHINESE", ""}, {"FREQ=DAILY;SKIP=FORWARD", ""}, {"FREQ=DAILY;X-WHAT=1", ""},
		{"FREQ=DAILY;FREQ=WEEKLY", ""}, {"FREQ=DAILY;BYDAY=", ""}, {"FREQ=DAILY;BYDAY=XX", ""}, {"RRULE:FREQ=DAILY", ""}, {"FREQ=DAILY;BYMONTH=1,,2", ""},
		{"FREQ=DAILY;BYSETPOS=2", ""}, {"FREQ=WEEKLY;BYMONTHDAY=1", ""}, {"FREQ=MONTHLY;BYWEEKNO=3", ""}, {"FREQ=DAILY;BYYEARDAY=3", ""}, {"FREQ=WEEKLY;BYDAY=1MO", ""},
		{"FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=15", ""}, {"FREQ=YEARLY;BYWEEKNO=2;BYMONTH=12", ""}, {"FREQ=MONTHLY;BYDAY=-1FR;BYSETPOS=2", ""}, {"FREQ=YEARLY;BYSETPOS=0;BYDAY=MO", ""},
		{"FREQ=YEARLY;BYYEARDAY=999", ""}, {"FREQ=DAILY;BYDAY=" + strings.Repeat("MO,", 500) + "MO", ""},
	} {
		got, ok := guardRule(test.rule, since)
		if got != test.want && ok || ok != (test.want != "") {
			t.Errorf("%.60q: %q, %v", test.rule, got, ok)
		}
	}
	if _, ok := guardRule("FREQ=DAILY", time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC)); ok {
		t.Error("a daily rule since 1600 is accepted")
	}
	if _, ok := guardRule("FREQ=YEARLY", time.Date(1604, 1, 1, 0, 0, 0, 0, time.UTC)); !ok {
		t.Error("a birthday without a year (Apple's 1604) is refused")
	}
}

// TestReadRule: an event may have any rule that RFC 5545 has, since who expands it
// counts its steps.
func TestReadRule(t *testing.T) {
	for rule, want := range map[string]string{
		"freq=weekly; byday=mo;":                                "FREQ=WEEKLY;BYDAY=MO",
		"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30":                    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=22":         "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=22",
		"FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=1,2,3":               "FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=1,2,3",
		"FREQ=YEARLY;BYWEEKNO=20;BYMONTH=5":                     "FREQ=YEARLY;BYWEEKNO=20;BYMONTH=5",
		"FREQ=DAILY;BYSECOND=60":                                "FREQ=DAILY;BYSECOND=60",
		"RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=OMIT;WKST=SU":        "FREQ=YEARLY;WKST=SU",
		"RSCALE=CHINESE;FREQ=YEARLY":                            "",
		"FREQ=MONTHLY;SKIP=FORWARD":                             "",
		"FREQ=HOURLY;INTERVAL=24":                               "",
		"FREQ=WEEKLY;WKST=XX":                                   "",
		"FREQ=WEEKLY;BYDAY=0MO":                                 "",
		"FREQ=WEEKLY;BYDAY=54MO":                                "",
		"FREQ=DAILY;BYHOUR=24":                                  "",
		"FREQ=DAILY;BYMONTH=-1":                                 "",
		"FREQ=MONTHLY;BYMONTHDAY=0":                             "",
		"FREQ=YEARLY;BYEASTER=1":                                "",
		"FREQ=DAILY;BYHOUR=0,1,2,3,4;BYMINUTE=0,1,2,3,4":        "",
		"FREQ=DAILY;BYMONTH=" + strings.Repeat("1,", 400) + "1": "",
	} {
		got, _, ok := readRule(rule)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%.60q: %q, %v", rule, got, ok)
		}
	}
}

// FuzzRule: what is read reads again as the same, and the library takes what the
// guard lets through.
func FuzzRule(f *testing.F) {
	for _, o := range hostileRules() {
		f.Add(o.name)
	}
	f.Add("FREQ=MONTHLY;BYDAY=MO,-1FR;BYSETPOS=-1;UNTIL=20261231T090000Z")
	f.Fuzz(func(t *testing.T, rule string) {
		text, _, ok := readRule(rule)
		if !ok {
			return
		}
		if again, _, ok := readRule(text); !ok || again != text {
			t.Fatalf("%q became %q, %v", text, again, ok)
		}
		if text, ok := guardRule(rule, time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)); ok && !accepted(text) {
			t.Fatalf("the library refuses %q", text)
		}
	})
}

// FuzzZone: no name of a zone panics, and what is found has a plausible offset.
func FuzzZone(f *testing.F) {
	for _, s := range []string{"Europe/Berlin", "W. Europe Standard Time", "(UTC+01:00) Amsterdam, Berlin", "/x/Europe/Berlin", "GMT+2", "UTC-12:00", "Local", "../x", "tzone://Microsoft/Utc", ""} {
		f.Add(s, "19701025T030000", "+0200", "+0100", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU")
	}
	f.Fuzz(func(t *testing.T, name, start, from, to, rule string) {
		p := &problems{}
		defined := &component{name: "VTIMEZONE"}
		sub := &component{name: "STANDARD"}
		for _, v := range [][2]string{{"DTSTART", start}, {"TZOFFSETFROM", from}, {"TZOFFSETTO", to}, {"RRULE", rule}} {
			sub.props = append(sub.props, prop{Prop: goical.Prop{Name: v[0], Value: v[1]}})
		}
		defined.children = []*component{sub}
		defined.props = []prop{{Prop: goical.Prop{Name: "TZID", Value: name}}}
		for _, z := range []*zones{newZones(nil, p), newZones([]*component{defined}, p)} {
			loc, unsure := z.find(name)
			if loc == nil {
				continue
			}
			_, offset := time.Unix(1_790_000_000, 0).In(loc).Zone()
			if offset > 18*3600 || offset < -18*3600 || unsure && len(p.codes) == 0 {
				t.Fatalf("%q: offset %d, unsure %v", name, offset, unsure)
			}
		}
	})
}

// TestGuardedRulesEnd: whatever the guard lets through, the library can step.
func TestGuardedRulesEnd(t *testing.T) {
	rng := rand.New(rand.NewSource(7))
	since := time.Date(1999, 12, 31, 23, 30, 0, 0, time.UTC)
	accepted := 0
	for range 5000 {
		text, ok := guardRule(randomRule(rng), since)
		if !ok {
			continue
		}
		accepted++
		opt, err := rrule.StrToROption(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		opt.Dtstart = since
		r, err := rrule.NewRRule(*opt)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		within(t, func() {
			next := r.Iterator()
			for range 20 {
				if _, more := next(); !more {
					return
				}
			}
		})
	}
	if accepted < 300 {
		t.Errorf("only %d rules accepted", accepted)
	}
}

func randomRule(rng *rand.Rand) string {
	parts := []string{"FREQ=" + []string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY"}[rng.Intn(5)]}
	some := func(name string, low, high int) {
		if rng.Intn(4) > 0 {
			return
		}
		var v []string
		for range 1 + rng.Intn(3) {
			v = append(v, fmt.Sprint(low+rng.Intn(high-low+1)))
		}
		parts = append(parts, name+"="+strings.Join(v, ","))
	}
	some("INTERVAL", 1, 9)
	some("BYMONTH", 1, 12)
	some("BYMONTHDAY", 1, 31)
	some("BYYEARDAY", 1, 366)
	some("BYWEEKNO", 1, 53)
	some("BYHOUR", 0, 23)
	some("BYSETPOS", 1, 3)
	if rng.Intn(3) == 0 {
		parts = append(parts, "BYDAY="+[]string{"MO", "TU,TH", "SA,SU", "1MO", "-1FR"}[rng.Intn(5)])
	}
	return strings.Join(parts, ";")
}
