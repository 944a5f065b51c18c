package agenda

import (
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

// shown lists instances as the principal's wall clock shows them.
func shown(in []Instance, loc *time.Location) (out []string) {
	for _, x := range in {
		a, b := x.Start.In(loc), x.End.In(loc)
		text := a.Format("2 Jan 15:04") + "-" + b.Format("15:04")
		if a.Format("2 Jan") != b.Format("2 Jan") {
			text = a.Format("2 Jan 15:04") + "-" + b.Format("2 Jan 15:04")
		}
		if x.Occurrence.Recurrence != nil {
			text += " " + x.Occurrence.Summary
		}
		out = append(out, text)
	}
	return out
}

func moved(to string) func(*model.Occurrence) {
	return func(o *model.Occurrence) {
		length := o.End.Wall.Sub(o.Start.Wall)
		o.Start.Wall = wall(to)
		o.End.Wall = wall(to).Add(length)
	}
}

func cancelled(o *model.Occurrence) { o.Status = "CANCELLED" }

func onwards(f func(*model.Occurrence)) func(*model.Occurrence) {
	return func(o *model.Occurrence) { o.ThisFuture = true; f(o) }
}

func TestExpand(t *testing.T) {
	berlin, newYork := zone(t, "Europe/Berlin"), zone(t, "America/New_York")
	start := wall("2026-01-05 09:00") // a Monday
	daily := repeats("FREQ=DAILY;COUNT=4")
	utc := func(s string) model.Time { return model.Time{Wall: wall(s), Loc: time.UTC} }
	for _, c := range []struct {
		name string
		e    model.Event
		want string
	}{
		{"single", meeting("a", start, time.Hour), "5 Jan 09:00-10:00"},
		{"single before the window", meeting("a", wall("2025-12-31 09:00"), time.Hour), ""},
		{"single across the beginning", meeting("a", wall("2025-12-31 23:30"), time.Hour), "31 Dec 23:30-1 Jan 00:30"},
		{"single after the window", meeting("a", wall("2026-02-01 00:00"), time.Hour), ""},
		{"without length", meeting("a", start, 0), "5 Jan 09:00-09:00"},
		{"end before start", meeting("a", start, -time.Hour), "5 Jan 09:00-09:00"},
		{"end in another zone", meeting("a", start, 0, zoned(berlin), master(func(o *model.Occurrence) {
			o.End = model.Time{Wall: wall("2026-01-05 05:00"), Loc: newYork}
		})), "5 Jan 09:00-11:00"},
		{"whole day", allDay("a", wall("2026-01-05"), 1), "5 Jan 00:00-6 Jan 00:00"},
		{"whole day without end", allDay("a", wall("2026-01-05"), 1, master(func(o *model.Occurrence) { o.End = model.Time{} })), "5 Jan 00:00-6 Jan 00:00"},
		{"three days", allDay("a", wall("2026-01-05"), 3), "5 Jan 00:00-8 Jan 00:00"},
		{"no start", meeting("a", time.Time{}, 0), "problem no-start"},

		{"count", meeting("a", start, time.Hour, repeats("FREQ=DAILY;COUNT=2")), "5 Jan 09:00-10:00 | 6 Jan 09:00-10:00"},
		{"count is one with a start the rule misses", meeting("a", start, time.Hour, repeats("FREQ=WEEKLY;BYDAY=WE;COUNT=2")), "5 Jan 09:00-10:00 | 7 Jan 09:00-10:00"},
		{"until a date, timed", meeting("a", start, time.Hour, zoned(newYork), repeats("FREQ=DAILY;UNTIL=20260106")), "5 Jan 15:00-16:00 | 6 Jan 15:00-16:00"},
		{"until a local time, inclusive", meeting("a", start, time.Hour, zoned(newYork), repeats("FREQ=DAILY;UNTIL=20260106T090000")), "5 Jan 15:00-16:00 | 6 Jan 15:00-16:00"},
		{"until a local time, a second early", meeting("a", start, time.Hour, zoned(newYork), repeats("FREQ=DAILY;UNTIL=20260106T085959")), "5 Jan 15:00-16:00"},
		{"until UTC, inclusive", meeting("a", start, time.Hour, zoned(newYork), repeats("FREQ=DAILY;UNTIL=20260106T140000Z")), "5 Jan 15:00-16:00 | 6 Jan 15:00-16:00"},
		{"until UTC, floating start", meeting("a", start, time.Hour, repeats("FREQ=DAILY;UNTIL=20260106T080000Z")), "5 Jan 09:00-10:00 | 6 Jan 09:00-10:00"},
		{"until a date, whole days", allDay("a", wall("2026-01-05"), 1, repeats("FREQ=DAILY;UNTIL=20260106")), "5 Jan 00:00-6 Jan 00:00 | 6 Jan 00:00-7 Jan 00:00"},
		{"until midnight UTC, whole days", allDay("a", wall("2026-01-05"), 1, repeats("FREQ=DAILY;UNTIL=20260106T000000Z")), "5 Jan 00:00-6 Jan 00:00 | 6 Jan 00:00-7 Jan 00:00"},
		{"until the end of the day UTC, whole days", allDay("a", wall("2026-01-05"), 1, repeats("FREQ=DAILY;UNTIL=20260106T235959Z")), "5 Jan 00:00-6 Jan 00:00 | 6 Jan 00:00-7 Jan 00:00"},
		{"until local midnight in UTC, whole days", allDay("a", wall("2026-01-05"), 1, repeats("FREQ=DAILY;UNTIL=20260105T230000Z")), "5 Jan 00:00-6 Jan 00:00 | 6 Jan 00:00-7 Jan 00:00"},

		{"exdate", meeting("a", start, time.Hour, daily, exdate(floating("2026-01-06 09:00"))), "5 Jan 09:00-10:00 | 7 Jan 09:00-10:00 | 8 Jan 09:00-10:00"},
		{"exdate in UTC", meeting("a", start, time.Hour, daily, exdate(utc("2026-01-06 08:00"))), "5 Jan 09:00-10:00 | 7 Jan 09:00-10:00 | 8 Jan 09:00-10:00"},
		{"exdate as a date", meeting("a", start, time.Hour, daily, exdate(date("2026-01-06"), date("2026-01-05"))), "7 Jan 09:00-10:00 | 8 Jan 09:00-10:00"},
		{"exdate at another time", meeting("a", start, time.Hour, repeats("FREQ=DAILY;COUNT=2"), exdate(floating("2026-01-06 10:00"))), "5 Jan 09:00-10:00 | 6 Jan 09:00-10:00"},
		{"exdate floating against a zone", meeting("a", start, time.Hour, zoned(newYork), repeats("FREQ=DAILY;COUNT=2"), exdate(floating("2026-01-06 09:00"))), "5 Jan 15:00-16:00"},
		{"exdate midnight UTC, whole days", allDay("a", wall("2026-01-05"), 1, repeats("FREQ=DAILY;COUNT=2"), exdate(utc("2026-01-06 00:00"))), "5 Jan 00:00-6 Jan 00:00"},
		{"exdate local midnight in UTC, whole days", allDay("a", wall("2026-01-05"), 1, repeats("FREQ=DAILY;COUNT=2"), exdate(utc("2026-01-05 23:00"))), "5 Jan 00:00-6 Jan 00:00"},
		{"rdate without rule", meeting("a", start, time.Hour, rdate(floating("2026-01-09 14:00"))), "5 Jan 09:00-10:00 | 9 Jan 14:00-15:00"},
		{"rdate as a date", meeting("a", start, time.Hour, rdate(date("2026-01-09"))), "5 Jan 09:00-10:00 | 9 Jan 09:00-10:00"},
		{"rdate of a length of its own", meeting("a", start, time.Hour, rdate(floating("2026-01-09 14:00"), floating("2026-01-10 14:00")), master(func(o *model.Occurrence) {
			o.REnds = []model.Time{{}, floating("2026-01-10 17:30")}
		})), "5 Jan 09:00-10:00 | 9 Jan 14:00-15:00 | 10 Jan 14:00-17:30"},
		{"rdate the rule has, too", meeting("a", start, time.Hour, repeats("FREQ=DAILY;COUNT=2"), rdate(floating("2026-01-06 09:00"), floating("2026-01-05 09:00"))), "5 Jan 09:00-10:00 | 6 Jan 09:00-10:00"},
		{"rdate excluded", meeting("a", start, time.Hour, rdate(floating("2026-01-09 14:00")), exdate(floating("2026-01-09 14:00"))), "5 Jan 09:00-10:00"},

		{"override moves one", meeting("a", start, time.Hour, daily, override(floating("2026-01-06 09:00"), moved("2026-01-06 15:00"))),
			"5 Jan 09:00-10:00 | 6 Jan 15:00-16:00 changed | 7 Jan 09:00-10:00 | 8 Jan 09:00-10:00"},
		{"override named in UTC", meeting("a", start, time.Hour, daily, override(utc("2026-01-06 08:00"), moved("2026-01-06 15:00"))),
			"5 Jan 09:00-10:00 | 6 Jan 16:00-17:00 changed | 7 Jan 09:00-10:00 | 8 Jan 09:00-10:00"},
		{"override named by date", meeting("a", start, time.Hour, repeats("FREQ=DAILY;COUNT=2"), override(date("2026-01-06"), func(o *model.Occurrence) {
			o.Start, o.End = floating("2026-01-06 15:00"), floating("2026-01-06 16:00")
		})), "5 Jan 09:00-10:00 | 6 Jan 15:00-16:00 changed"},
		{"override cancels one", meeting("a", start, time.Hour, daily, override(floating("2026-01-06 09:00"), cancelled)), "5 Jan 09:00-10:00 | 7 Jan 09:00-10:00 | 8 Jan 09:00-10:00"},
		{"override moves one into the window", meeting("a", wall("2025-12-29 09:00"), time.Hour, repeats("FREQ=DAILY;COUNT=1"), override(floating("2025-12-29 09:00"), moved("2026-01-02 09:00"))), "2 Jan 09:00-10:00 changed"},
		{"override moves one out of the window", meeting("a", start, time.Hour, override(floating("2026-01-05 09:00"), moved("2026-03-05 09:00"))), ""},
		{"of two overrides the newer", meeting("a", start, time.Hour,
			override(floating("2026-01-05 09:00"), func(o *model.Occurrence) { o.Sequence = 2; moved("2026-01-05 12:00")(o) }),
			override(floating("2026-01-05 09:00"), func(o *model.Occurrence) { o.Sequence = 1; moved("2026-01-05 13:00")(o) })), "5 Jan 12:00-13:00 changed"},
		{"override beyond the rule is shown", meeting("a", start, time.Hour, repeats("FREQ=DAILY;COUNT=1"), override(floating("2026-01-09 09:00"), moved("2026-01-09 10:00"))), "5 Jan 09:00-10:00 | 9 Jan 10:00-11:00 changed"},
		{"orphan", meeting("a", start, time.Hour, override(floating("2026-01-09 09:00"), func(*model.Occurrence) {}), orphan), "9 Jan 09:00-10:00 changed"},
		{"cancelled series", meeting("a", start, time.Hour, daily, master(cancelled), override(floating("2026-01-06 09:00"), moved("2026-01-06 15:00"))), ""},

		{"this and future moves the rest", meeting("a", start, time.Hour, daily, override(floating("2026-01-06 09:00"), onwards(moved("2026-01-06 15:00")))),
			"5 Jan 09:00-10:00 | 6 Jan 15:00-16:00 changed | 7 Jan 15:00-16:00 changed | 8 Jan 15:00-16:00 changed"},
		{"this and future by a day", meeting("a", start, time.Hour, daily, override(floating("2026-01-07 09:00"), onwards(moved("2026-01-08 09:30")))),
			"5 Jan 09:00-10:00 | 6 Jan 09:00-10:00 | 8 Jan 09:30-10:30 changed | 9 Jan 09:30-10:30 changed"},
		{"this and future, then one of its own", meeting("a", start, time.Hour, daily,
			override(floating("2026-01-06 09:00"), onwards(moved("2026-01-06 15:00"))), override(floating("2026-01-07 09:00"), moved("2026-01-07 11:00"))),
			"5 Jan 09:00-10:00 | 6 Jan 15:00-16:00 changed | 7 Jan 11:00-12:00 changed | 8 Jan 15:00-16:00 changed"},
		{"this and future cancelled", meeting("a", start, time.Hour, daily, override(floating("2026-01-07 09:00"), onwards(cancelled))), "5 Jan 09:00-10:00 | 6 Jan 09:00-10:00"},
		{"this and future into the window", meeting("a", wall("2025-11-01 09:00"), time.Hour, repeats("FREQ=DAILY;COUNT=2"), override(floating("2025-11-01 09:00"), onwards(moved("2026-01-02 09:00")))),
			"2 Jan 09:00-10:00 changed | 3 Jan 09:00-10:00 changed"},
		{"this and future of an orphan", meeting("a", start, time.Hour, override(floating("2026-01-09 09:00"), onwards(func(*model.Occurrence) {})), orphan), "9 Jan 09:00-10:00 changed | problem range-ignored"},
		{"this and future by years", meeting("a", start, time.Hour, repeats("FREQ=DAILY;COUNT=2"), override(floating("2026-01-05 09:00"), onwards(moved("2029-01-05 09:00")))), "6 Jan 09:00-10:00 | problem range-ignored"},
	} {
		got, problems := Expand(&c.e, berlin, wall("2025-12-31 23:00"), wall("2026-01-31 23:00"), 0)
		lines := shown(got, berlin)
		for _, p := range problems {
			lines = append(lines, "problem "+p)
		}
		if text := strings.Join(lines, " | "); text != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, text, c.want)
		}
	}
}

// P1: two windows side by side show what one window shows.
func TestExpandWindowsJoin(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	for _, e := range variety(t) {
		a := wall("2026-01-01")
		for days := 7; days < 190; days += 13 {
			b, c := a.AddDate(0, 0, days), a.AddDate(0, 0, 200)
			var parts []string
			left, _ := Expand(&e, berlin, a, b, 0)
			right, _ := Expand(&e, berlin, b, c, 0)
			for _, x := range append(left, right...) {
				parts = append(parts, x.Start.UTC().Format(time.RFC3339)+x.End.UTC().Format(time.RFC3339))
			}
			slices.Sort(parts)
			var whole []string
			all, _ := Expand(&e, berlin, a, c, 0)
			for _, x := range all {
				whole = append(whole, x.Start.UTC().Format(time.RFC3339)+x.End.UTC().Format(time.RFC3339))
			}
			slices.Sort(whole)
			if got, want := slices.Compact(parts), slices.Compact(whole); !slices.Equal(got, want) {
				t.Fatalf("%s, cut after %d days: %d and %d instances", e.Body.Reveal().UID, days, len(got), len(want))
			}
		}
	}
}

// variety is a few series of every form.
func variety(t *testing.T) []model.Event {
	newYork := zone(t, "America/New_York")
	start := wall("2019-03-04 09:00")
	return []model.Event{
		meeting("daily", start, time.Hour, repeats("FREQ=DAILY")),
		meeting("long", start, 75*time.Hour, repeats("FREQ=WEEKLY;INTERVAL=3")),
		meeting("zone", start, 90*time.Minute, zoned(newYork), repeats("FREQ=WEEKLY;BYDAY=MO,TH,SU;WKST=SU;INTERVAL=2")),
		meeting("month", start, time.Hour, repeats("FREQ=MONTHLY;BYDAY=-1FR")),
		meeting("setpos", start, time.Hour, repeats("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2")),
		meeting("count", start, time.Hour, repeats("FREQ=WEEKLY;COUNT=370")),
		allDay("days", wall("2019-03-04"), 2, repeats("FREQ=WEEKLY")),
		meeting("exceptions", start, time.Hour, repeats("FREQ=DAILY"), exdate(date("2026-02-03")), rdate(floating("2026-02-04 20:00")),
			override(floating("2026-02-05 09:00"), moved("2026-02-20 11:00")), override(floating("2026-03-05 09:00"), onwards(moved("2026-03-07 08:00")))),
	}
}

// P3: nine o'clock stays nine o'clock, and an hour in a spring gap moves on.
func TestExpandKeepsTheWallClock(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo", "Pacific/Apia", "Africa/Casablanca"} {
		loc := zone(t, name)
		for _, hour := range []int{0, 9, 23} {
			e := meeting("d", time.Date(2010, 1, 1, hour, 0, 0, 0, time.UTC), time.Hour, zoned(loc), repeats("FREQ=DAILY"))
			for year := 2010; year < 2030; year++ {
				in, _ := Expand(&e, time.UTC, time.Date(year, 1, 1, 0, 0, 0, 0, loc), time.Date(year+1, 1, 1, 0, 0, 0, 0, loc), 0)
				for _, x := range in {
					at := x.Start.In(loc)
					if at.Hour() == hour && at.Minute() == 0 {
						continue
					}
					if begins, _ := at.ZoneBounds(); begins.IsZero() || at.Sub(begins) > time.Hour {
						t.Fatalf("%s: %v is not %d o'clock and not after a gap", name, at, hour)
					}
				}
				if days := daysBefore(year+1) - daysBefore(year); len(in) < days-1 || len(in) > days+2 || len(in) < days && name != "Pacific/Apia" {
					t.Fatalf("%s %d: %d instances", name, year, len(in))
				}
			}
		}
	}
	berlin := zone(t, "Europe/Berlin")
	night := meeting("n", wall("2026-03-28 02:30"), time.Hour, zoned(berlin), repeats("FREQ=DAILY;COUNT=3"))
	in, _ := Expand(&night, berlin, wall("2026-03-01"), wall("2026-05-01"), 0)
	want := []string{"28 Mar 02:30-03:30", "29 Mar 03:30-04:30", "30 Mar 02:30-03:30"}
	if got := shown(in, berlin); !slices.Equal(got, want) {
		t.Errorf("in the gap: got %v, want %v", got, want)
	}
	nominal := meeting("p1d", wall("2026-03-28 12:00"), 24*time.Hour, zoned(berlin), repeats("FREQ=DAILY;COUNT=1"))
	in, _ = Expand(&nominal, berlin, wall("2026-03-01"), wall("2026-05-01"), 0)
	if got, want := shown(in, berlin), "28 Mar 12:00-29 Mar 12:00"; got[0] != want {
		t.Errorf("a day of 23 hours: got %v, want %s", got, want)
	}
}

// P6: a whole day is as long as the day is where the principal is.
func TestWholeDaysFollowTheZone(t *testing.T) {
	for _, name := range []string{"Etc/GMT+12", "America/New_York", "UTC", "Europe/Berlin", "Asia/Beirut", "Africa/Cairo", "Pacific/Kiritimati", "America/Santiago"} {
		loc := zone(t, name)
		e := allDay("d", wall("2020-01-01"), 1, repeats("FREQ=DAILY"))
		in, _ := Expand(&e, loc, time.Date(2026, 1, 1, 0, 0, 0, 0, loc), time.Date(2027, 1, 1, 0, 0, 0, 0, loc), 0)
		if len(in) != 365 {
			t.Errorf("%s: %d days", name, len(in))
		}
		lengths := map[time.Duration]int{}
		for i, x := range in {
			lengths[x.End.Sub(x.Start)]++
			if i > 0 && !in[i-1].End.Equal(x.Start) {
				t.Errorf("%s: a gap or an overlap before %v", name, x.Start)
			}
			if got := x.Start.In(loc).Format("2006-01-02"); got != wall("2026-01-01").AddDate(0, 0, i).Format("2006-01-02") {
				t.Errorf("%s: day %d is %s", name, i, got)
			}
		}
		switches := name != "UTC" && !strings.HasPrefix(name, "Etc") && name != "Pacific/Kiritimati"
		if switches != (lengths[23*time.Hour] == 1 && lengths[25*time.Hour] == 1) {
			t.Errorf("%s: lengths %v", name, lengths)
		}
	}
}

// P4: each exclusion takes exactly one instance away, each override replaces
// exactly one, and the two are never shown together.
func TestExceptionsAreExact(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	base := meeting("s", wall("2026-01-05 09:00"), time.Hour, zoned(berlin), repeats("FREQ=WEEKLY;BYDAY=MO,WE"))
	from, till := wall("2026-01-01"), wall("2026-12-31")
	all, _ := Expand(&base, berlin, from, till, 0)
	for i, x := range all {
		rec := model.Time{Wall: x.Start.UTC(), Loc: time.UTC}
		without := meeting("s", wall("2026-01-05 09:00"), time.Hour, zoned(berlin), repeats("FREQ=WEEKLY;BYDAY=MO,WE"), exdate(rec))
		cancel := meeting("s", wall("2026-01-05 09:00"), time.Hour, zoned(berlin), repeats("FREQ=WEEKLY;BYDAY=MO,WE"), override(rec, cancelled))
		replace := meeting("s", wall("2026-01-05 09:00"), time.Hour, zoned(berlin), repeats("FREQ=WEEKLY;BYDAY=MO,WE"), override(rec, func(o *model.Occurrence) { o.Start.Wall = o.Start.Wall.Add(30 * time.Minute) }))
		for _, e := range []model.Event{without, cancel} {
			got, _ := Expand(&e, berlin, from, till, 0)
			if len(got) != len(all)-1 || slices.ContainsFunc(got, func(y Instance) bool { return y.Start.Equal(x.Start) }) {
				t.Fatalf("instance %d: %d of %d left", i, len(got), len(all))
			}
		}
		got, _ := Expand(&replace, berlin, from, till, 0)
		if len(got) != len(all) || !got[i].Start.Equal(x.Start.Add(30*time.Minute)) || !got[i].Original.Equal(x.Start) {
			t.Fatalf("instance %d is not replaced by exactly one", i)
		}
	}
}

// A series of forty years costs no more than a new one.
func TestOldSeriesJump(t *testing.T) {
	for _, rule := range []string{"FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=3;BYDAY=TU,FR", "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=YEARLY;BYMONTH=3;BYDAY=1MO"} {
		e := meeting("old", wall("1986-03-03 09:00"), time.Hour, repeats(rule))
		from := wall("2026-03-01")
		steps := func() {
			if in, problems := Expand(&e, time.UTC, from, from.AddDate(0, 1, 0), 0); len(in) == 0 || problems != nil {
				t.Errorf("%s: %d instances, %v", rule, len(in), problems)
			}
		}
		if n := testing.AllocsPerRun(10, steps); n > 120 {
			t.Errorf("%s: %v allocations for a month", rule, n)
		}
	}
}
