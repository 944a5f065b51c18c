package mime

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestDates(t *testing.T) {
	at := func(s string) time.Time {
		d, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return d.UTC()
	}
	for in, want := range map[string]string{
		"Mon, 23 Nov 2026 09:30:15 +0100":            "2026-11-23T08:30:15Z",
		"Mon, 23 Nov 2026 09:30 +0100":               "2026-11-23T08:30:00Z",
		"23 Nov 2026 09:30:15 -0800 (PST)":           "2026-11-23T17:30:15Z",
		"23 (day) Nov (month (nested)) 2026 09:30 Z": "2026-11-23T09:30:00Z",
		"Mon,23 Nov 2026 09:30:15 EST":               "2026-11-23T14:30:15Z",
		"Mon, 23 Nov 26 09:30:15 GMT":                "2026-11-23T09:30:15Z",
		"Fri, 21 Nov 97 09:55:06 -0600":              "1997-11-21T15:55:06Z",
		"21 Nov 126 09:55:06 UT":                     "2026-11-21T09:55:06Z",
		"Mon Nov 23 09:30:15 2026":                   "2026-11-23T09:30:15Z",
		"Mon Nov 23 09:30:15 CET 2026":               "2026-11-23T08:30:15Z",
		"November 23, 2026 9:30 PM":                  "2026-11-23T21:30:00Z",
		"Nov 23, 2026 12:05 AM":                      "2026-11-23T00:05:00Z",
		"2026-11-23T09:30:15+01:00":                  "2026-11-23T08:30:15Z",
		"2026-11-23T09:30:15.123Z":                   "2026-11-23T09:30:15Z",
		"2026-11-23 09:30:15":                        "2026-11-23T09:30:15Z",
		"23-Nov-2026 09:30:15 +0100":                 "2026-11-23T08:30:15Z",
		"Mon, 23 Nov 2026 09:30:15 GMT+0100":         "2026-11-23T08:30:15Z",
		"Mon, 23 Nov 2026 09:30:15 +0100 GMT":        "2026-11-23T08:30:15Z",
		"Mon, 23 Nov 2026 09:30:15 -9999":            "2026-11-23T09:30:15Z",
		"Mon, 23 Nov 2026":                           "2026-11-23T00:00:00Z",
		"Sat, 31 Dec 2016 23:59:60 +0000":            "2017-01-01T00:00:00Z",
		"Thu, 29 Feb 2024 00:00:00 +0000":            "2024-02-29T00:00:00Z",
	} {
		if got := parseDate(in); !got.Equal(at(want)) {
			t.Errorf("%q: got %v, want %s", in, got, want)
		}
	}
	for _, in := range []string{"", "yesterday", "Sun, 30 Feb 2025 10:00:00 +0000", "32 Nov 2026 10:00", "23 Nov", "10:00:00", "Mon, 23 Foo 2026 10:00", "00-Jan-0000 00:00:00 +0000", "99999999999999999999", "(((((("} {
		if got := parseDate(in); !got.IsZero() {
			t.Errorf("%q: got %v, want nothing", in, got)
		}
	}
}

func TestDatesRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		zone := time.FixedZone("", (rng.IntN(27)-12)*3600+rng.IntN(4)*900)
		want := time.Unix(rng.Int64N(4e9), 0).In(zone)
		for _, layout := range []string{time.RFC1123Z, time.RFC3339, "2 Jan 2006 15:04:05 -0700", "Mon Jan _2 15:04:05 -0700 2006"} {
			if got := parseDate(want.Format(layout)); !got.Equal(want) {
				t.Fatalf("%s: got %v, want %v", want.Format(layout), got, want)
			}
		}
	}
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"Mon, 23 Nov 2026 09:30:15 +0100", "2026-11-23T09:30:15Z", "Nov 23, 2026 9:30 PM", "1-2-3-4", ":::", "+-+-", "GMT+"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := parseDate(s)
		if got.IsZero() {
			return
		}
		if y := got.Year(); y < 0 || y > 10000 || got.Location() != time.UTC {
			t.Errorf("%q: %v", s, got)
		}
	})
}
