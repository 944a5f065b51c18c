package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// offered is one time that stands in the calendar for people to choose.
type offered struct {
	from, till time.Time
	n, of      int
}

// offers lists the times that are offered for each meeting, by its UID.
func (f *firm) offers() map[string][]offered {
	f.t.Helper()
	out := map[string][]offered{}
	for _, path := range f.dav.List(f.dav.Home + "holds/") {
		b, _ := f.dav.Get(path)
		_, event, _ := strings.Cut(unfold(b), "BEGIN:VEVENT")
		var o offered
		if k, _ := fmt.Sscanf(field(event, "SUMMARY"), "Hold %d of %d:", &o.n, &o.of); k != 2 {
			continue
		}
		o.from, o.till = instant(f.t, event, "DTSTART"), instant(f.t, event, "DTEND")
		of := field(event, "RELATED-TO")
		out[of] = append(out[of], o)
	}
	for _, list := range out {
		slices.SortFunc(list, func(a, b offered) int { return a.from.Compare(b.from) })
	}
	return out
}

// instant reads a time of an event, in UTC or in New York.
func instant(t testing.TB, event, name string) time.Time {
	t.Helper()
	for line := range strings.Lines(event) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), name)
		if !ok {
			continue
		}
		zone, err := time.LoadLocation("America/New_York")
		if err != nil {
			t.Fatal(err)
		}
		_, value, _ := strings.Cut(rest, ":")
		if strings.HasSuffix(value, "Z") {
			zone, value = time.UTC, strings.TrimSuffix(value, "Z")
		}
		at, err := time.ParseInLocation("20060102T150405", value, zone)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	t.Fatalf("no %s", name)
	return time.Time{}
}

// judge holds the offers to what people are told of them: three for each meeting
// that yields, of different times, numbered in their order, as long as the meeting,
// and free.
func (k *siege) judge(offers map[string][]offered) {
	k.t.Helper()
	if len(offers) != len(k.boards) {
		k.t.Errorf("%d conflicts, offers for %d", len(k.boards), len(offers))
	}
	var taken []offered
	for _, path := range k.f.dav.List(k.work) {
		b, _ := k.f.dav.Get(path)
		_, event, _ := strings.Cut(unfold(b), "BEGIN:VEVENT")
		taken = append(taken, offered{from: instant(k.t, event, "DTSTART"), till: instant(k.t, event, "DTEND")})
	}
	for day := range k.boards {
		list := offers["board-"+day]
		if len(list) != 3 {
			k.t.Errorf("%s: %d offers", day, len(list))
		}
		for i, o := range list {
			if o.n != i+1 || o.of != len(list) || o.till.Sub(o.from) != 2*time.Hour || i > 0 && o.from.Before(list[i-1].till) {
				k.t.Errorf("%s: offer %+v", day, o)
			}
			if slices.ContainsFunc(taken, func(x offered) bool { return o.from.Before(x.till) && x.from.Before(o.till) }) {
				k.t.Errorf("%s: what is offered is taken: %+v", day, o)
			}
		}
	}
}

// alike compares the offers with those of a house that nobody disturbed. It may
// have other times, because what was offered once stays offered, but not less.
func alike(t *testing.T, got, want map[string][]offered) {
	t.Helper()
	same, all := 0, 0
	for of, list := range want {
		if len(got[of]) != len(list) {
			t.Errorf("%s: %d offers, want %d", of, len(got[of]), len(list))
		}
		for _, o := range list {
			all++
			if slices.Contains(got[of], o) {
				same++
			}
		}
	}
	if !slices.Equal(slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want))) {
		t.Error("offers for other meetings than in a house that nobody disturbed")
	}
	t.Logf("%d of %d offers are those of a house that nobody disturbed", same, all)
}

// fixed holds that one more run writes nothing: neither mail nor holds.
func (f *firm) fixed(t *testing.T) {
	t.Helper()
	state := func() (out []string) {
		for _, path := range append(f.dav.List(f.dav.Home+"holds/"), f.dav.List(f.dav.Home+"work/")...) {
			b, _ := f.dav.Get(path)
			out = append(out, path+"\n"+string(b))
		}
		for _, user := range []string{gc, pa} {
			for box, list := range f.dovecot.Dump(t, user) {
				for _, m := range list {
					out = append(out, fmt.Sprintf("%s %s %d %v %s", user, box, m.UID, m.Flags, m.SHA256))
				}
			}
		}
		slices.Sort(out)
		return out
	}
	before := state()
	f.once()
	if after := state(); !slices.Equal(before, after) {
		t.Errorf("one more run wrote: %v, took: %v", missingFrom(before, after), missingFrom(after, before))
	}
}
