package agenda

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
)

// randomSeries is a random rule in a random zone, with everything that bends it.
func randomSeries(t *testing.T, r *rand.Rand) (model.Event, *time.Location) {
	t.Helper()
	c := randomCase(r)
	loc := zone(t, c.Zone)
	start, err := time.Parse(isoWall, c.Start)
	if err != nil {
		t.Fatal(err)
	}
	changes := []change{repeats(c.Rule)}
	mark := func() model.Time { return model.Time{Wall: start.AddDate(0, 0, r.Intn(60)), Loc: loc} }
	if c.Date {
		mark = func() model.Time { return model.Time{Wall: start.AddDate(0, 0, r.Intn(60)), Date: true} }
	}
	var also, not []model.Time
	for range r.Intn(4) {
		also, not = append(also, mark()), append(not, mark())
	}
	changes = append(changes, rdate(also...), exdate(not...))
	for range r.Intn(4) {
		changes = append(changes, override(mark(), func(o *model.Occurrence) {
			o.ThisFuture = r.Intn(3) == 0
			o.Start.Wall = o.Start.Wall.AddDate(0, 0, r.Intn(5)-2)
			o.End.Wall = o.Start.Wall.AddDate(0, 0, 1)
			if r.Intn(4) == 0 {
				o.Status = "CANCELLED"
			}
		}))
	}
	if c.Date {
		return allDay("s", start, 1+r.Intn(3), changes...), loc
	}
	length := []time.Duration{0, time.Minute, time.Hour, 25 * time.Hour, 72 * time.Hour}[r.Intn(5)]
	return meeting("s", start, length, append([]change{zoned(loc)}, changes...)...), loc
}

func laidOut(in []Instance) (out []string) {
	for _, x := range in {
		out = append(out, fmt.Sprint(x.Start.Unix(), x.End.Unix(), x.Original.Unix(), x.Occurrence.Recurrence != nil))
	}
	slices.Sort(out)
	return out
}

// P1: random series, cut anywhere: two windows side by side show what one shows,
// and neither shows what touches it not.
func TestRandomWindowsJoin(t *testing.T) {
	const seed = 101
	r := rand.New(rand.NewSource(seed))
	shown := 0
	for n := range 1500 {
		e, loc := randomSeries(t, r)
		a := e.Body.Reveal().Master.Start.Wall.Add(time.Duration(r.Intn(400*24)-24*20) * time.Hour)
		b := a.Add(time.Duration(1+r.Intn(100*24)) * time.Hour)
		c := b.Add(time.Duration(1+r.Intn(100*24)) * time.Hour)
		left, _ := Expand(&e, loc, a, b, 0)
		right, _ := Expand(&e, loc, b, c, 0)
		all, problems := Expand(&e, loc, a, c, 0)
		if slices.Contains(problems, InstanceLimit) {
			continue
		}
		for _, x := range left {
			if !x.Start.Before(b) || x.End.Before(a) {
				t.Fatalf("seed %d, series %d: an instance outside its window", seed, n)
			}
		}
		parts := laidOut(append(slices.Clone(left), right...))
		if got, want := slices.Compact(parts), slices.Compact(laidOut(all)); !slices.Equal(got, want) {
			t.Fatalf("seed %d, series %d: %s: %d and %d instances", seed, n, e.Body.Reveal().Master.RRule, len(got), len(want))
		}
		shown += len(all)
	}
	if shown < 10_000 {
		t.Errorf("only %d instances", shown)
	}
}

// P4 in every form a program may name an instance by: an exclusion or a
// cancellation takes exactly one away, an override replaces exactly one.
func TestRandomExceptionsAreExact(t *testing.T) {
	const seed = 104
	r := rand.New(rand.NewSource(seed))
	tried := 0
	for n := range 800 {
		loc := zone(t, oracleZones[r.Intn(len(oracleZones))])
		rule := []string{"FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=MONTHLY;BYMONTHDAY=-1,15", "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU"}[r.Intn(5)]
		start := wall("2025-01-06 00:00").Add(time.Duration(r.Intn(96)) * 15 * time.Minute)
		whole := r.Intn(4) == 0
		make := func(changes ...change) model.Event {
			if whole {
				return allDay("s", midnight(start), 1, append(changes, repeats(rule))...)
			}
			return meeting("s", start, 10*time.Minute, append([]change{zoned(loc), repeats(rule)}, changes...)...)
		}
		from, till := wall("2026-01-01"), wall("2026-12-31")
		base := make()
		all, _ := Expand(&base, loc, from, till, 0)
		i := r.Intn(len(all))
		x := all[i]
		at := x.Start.In(loc)
		clock := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), 0, 0, time.UTC)
		if whole {
			clock = midnight(clock)
		}
		other := zone(t, "Asia/Tokyo")
		named := []model.Time{
			{Wall: x.Start.UTC(), Loc: time.UTC}, {Wall: clock, Date: true}, {Wall: clock, Loc: loc}, {Wall: clock},
			{Wall: time.Unix(x.Start.Unix()+9*3600, 0).UTC(), Loc: other},
		}[r.Intn(5)]
		if twice(x.Start.In(loc)) || x.Start.Before(from) || !x.Start.Add(2*time.Hour).Before(till) {
			continue // two wall clocks are one instant, or one is two; or it crosses the edge of the window
		}
		tried++
		excluded := make(exdate(named))
		gone, _ := Expand(&excluded, loc, from, till, 0)
		off := make(override(named, cancelled))
		called, _ := Expand(&off, loc, from, till, 0)
		for _, got := range [][]Instance{gone, called} {
			if len(got) != len(all)-1 || slices.ContainsFunc(got, func(y Instance) bool { return y.Start.Equal(x.Start) }) {
				t.Fatalf("seed %d, series %d (%s, whole day %v), named %+v: %d of %d left", seed, n, rule, whole, named, len(got), len(all))
			}
		}
		to := x.Start.Add(90 * time.Minute)
		moved := make(override(named, func(o *model.Occurrence) {
			o.Start, o.End = model.Time{Wall: to.UTC(), Loc: time.UTC}, model.Time{Wall: to.UTC().Add(time.Minute), Loc: time.UTC}
		}))
		got, _ := Expand(&moved, loc, from, till, 0)
		if len(got) != len(all) || slices.ContainsFunc(got, func(y Instance) bool { return y.Start.Equal(x.Start) }) ||
			!slices.ContainsFunc(got, func(y Instance) bool { return y.Start.Equal(to) }) {
			t.Fatalf("seed %d, series %d (%s, whole day %v, %v), named %+v, instance %v: %d of %d", seed, n, rule, whole, loc, named, x.Start, len(got), len(all))
		}
	}
	if tried < 600 {
		t.Errorf("only %d tried", tried)
	}
}

// twice reports whether the clocks are changed near an instant.
func twice(at time.Time) bool {
	start, end := at.ZoneBounds()
	return !start.IsZero() && at.Sub(start) < 3*time.Hour || !end.IsZero() && end.Sub(at) < 3*time.Hour
}

// P6: whole days neither drift nor overlap for any principal, wherever they are.
func TestWholeDaysDoNotDrift(t *testing.T) {
	for offset := -12; offset <= 14; offset++ {
		loc := time.FixedZone("", offset*3600)
		e := allDay("d", wall("2020-02-29"), 1, repeats("FREQ=DAILY"), exdate(model.Time{Wall: wall("2026-03-10"), Date: true}))
		in, problems := Expand(&e, loc, time.Date(2026, 3, 1, 0, 0, 0, 0, loc), time.Date(2026, 4, 1, 0, 0, 0, 0, loc), 0)
		if len(in) != 30 || problems != nil {
			t.Errorf("UTC%+d: %d days, %v", offset, len(in), problems)
		}
		for _, x := range in {
			if at := x.Start.In(loc); at.Hour() != 0 || at.Day() == 10 || x.End.Sub(x.Start) != 24*time.Hour {
				t.Errorf("UTC%+d: from %v until %v", offset, at, x.End.In(loc))
			}
		}
	}
}

// P7 and P8: the steps of a walk grow with the window and not with the age of the
// series; with a COUNT that must be counted they are bounded.
func TestStepsAreCounted(t *testing.T) {
	steps := func(text, since string, months int) int {
		r, code := parseRule(text, false)
		if code != "" {
			t.Fatalf("%s: %s", text, code)
		}
		w := walker{rule: r}
		lo := wall("2026-03-01 00:00")
		start, err := time.Parse("2006-01-02 15:04", since)
		if err != nil {
			t.Fatal(err)
		}
		w.walk(start, lo, lo.AddDate(0, months, 0), func(time.Time) bool { return true })
		return w.steps
	}
	for _, text := range []string{
		"FREQ=DAILY", "FREQ=DAILY;INTERVAL=3;BYMONTHDAY=13", "FREQ=DAILY;BYDAY=MO,FR", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", "FREQ=WEEKLY;BYMONTH=2",
		"FREQ=MONTHLY;BYDAY=-1FR", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=YEARLY", "FREQ=YEARLY;BYWEEKNO=53", "FREQ=YEARLY;BYYEARDAY=-1", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
		"FREQ=DAILY;COUNT=1000000", "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=100000", "FREQ=MONTHLY;BYMONTHDAY=1,-1;COUNT=100000", "FREQ=MONTHLY;BYDAY=2TU;COUNT=100000", "FREQ=YEARLY;COUNT=9000",
	} {
		young, old := steps(text, "2025-06-01 09:00", 6), steps(text, "1026-06-01 09:00", 6)
		if text == "FREQ=MONTHLY;BYMONTHDAY=1,-1;COUNT=100000" { // may meet on one day, for all that is known
			if old > maxSteps {
				t.Errorf("%s: %d steps", text, old)
			}
			continue
		}
		if old > young+100 {
			t.Errorf("%s: %d steps since last year, %d since a thousand years", text, young, old)
		}
		if half, double := steps(text, "2025-06-01 09:00", 24), steps(text, "2025-06-01 09:00", 48); double > 2*half+30 {
			t.Errorf("%s: %d steps for two years, %d for four", text, half, double)
		}
	}
	r := rand.New(rand.NewSource(108))
	for range 3000 {
		start := time.Date(1+r.Intn(2026), time.Month(1+r.Intn(12)), 1+r.Intn(28), 9, 0, 0, 0, time.UTC)
		text := randomRule(r, start, time.UTC, false)
		if n := steps(text, start.Format("2006-01-02 15:04"), 12); n > maxSteps+10_000 {
			t.Errorf("%s since %d: %d steps", text, start.Year(), n)
		}
	}
}

// P8 for exceptions: what two thousand of each cost is a constant for each.
func TestExceptionsCostTheSameEach(t *testing.T) {
	cost := func(n int) float64 {
		var not []model.Time
		changes := []change{repeats("FREQ=DAILY")}
		for i := range n {
			day := wall("2020-01-01 09:00").AddDate(0, 0, i)
			not = append(not, model.Time{Wall: day})
			changes = append(changes, override(model.Time{Wall: day.AddDate(0, 0, n)}, func(o *model.Occurrence) { o.ThisFuture = i%2 == 0 }))
		}
		e := meeting("s", wall("2020-01-01 09:00"), time.Hour, append(changes, exdate(not...))...)
		return testing.AllocsPerRun(3, func() { Expand(&e, time.UTC, wall("2026-01-01"), wall("2026-07-01"), 0) })
	}
	if small, large := cost(250), cost(2000); large > 9*small {
		t.Errorf("%v allocations for 250, %v for 2000", small, large)
	}
}
