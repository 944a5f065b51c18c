package agenda

import (
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

// looked is what one look at a view finds.
type looked struct {
	s         *settlement
	blocks    []block
	conflicts []conflict
	d         *diary
}

func look(v model.View, o Options, rank Ranker) looked {
	l := looked{s: newSettlement(v, o, rank)}
	till := l.s.midnight(v.Now.Add(l.s.horizon()), 1)
	l.blocks, _ = l.s.gather(v.Now, till.Add(24*time.Hour))
	l.conflicts, _ = l.s.conflicts(l.blocks, till)
	l.d = l.s.diary(l.blocks, till)
	return l
}

// who lists conflicts as "yields < keeps", or "a = b" if a person decides.
func (l looked) who() []string {
	out := []string{}
	for _, c := range l.conflicts {
		a, b := c.yields.Occurrence.Summary, c.keeps.Occurrence.Summary
		if c.person {
			out = append(out, min(a, b)+" = "+max(a, b))
		} else {
			out = append(out, a+" < "+b)
		}
	}
	slices.Sort(out)
	return out
}

func location(s string) change { return master(func(o *model.Occurrence) { o.Location = s }) }
func online(url string) change { return master(func(o *model.Occurrence) { o.Conference = url }) }
func show(s model.Show) change { return master(func(o *model.Occurrence) { o.Show = s }) }
func sequence(n int) change    { return master(func(o *model.Occurrence) { o.Sequence = n }) }

// rules of this file, by category.
var engineRanks = map[string]Ranked{
	"court":   {Name: "court", Rank: 100, Fixed: true},
	"prepare": {Name: "prepare", Rank: 70, Before: 30 * time.Minute},
	"wind":    {Name: "wind", Rank: 70, After: 20 * time.Minute},
	"visit":   {Name: "visit", Rank: 60, Travel: time.Hour},
	"filing":  {Name: "filing", Rank: 80, Deadline: 4 * time.Hour},
	"client":  {Name: "client", Rank: 60},
	"away":    {Name: "away", Rank: 65},
	"focus":   {Name: "focus", Rank: 15},
	"team":    {Name: "team", Rank: 20},
	"errand":  {Name: "errand", Rank: 5},
}

func byEngineRank(_ *model.Event, o *model.Occurrence) Ranked {
	if len(o.Categories) == 0 {
		return Ranked{Rank: 40}
	}
	return engineRanks[o.Categories[0]]
}

func TestWhoIsInWhoseWay(t *testing.T) {
	at := func(clock string) time.Time { return wall(tuesday + clock) }
	focus := master(func(o *model.Occurrence) { o.Focus = true })
	midday := Protected{Name: "midday", Rank: 15, Hours: []model.Hours{{Day: time.Tuesday, From: 12 * 60, Till: 13 * 60}}}
	for _, c := range []struct {
		name   string
		events []model.Event
		want   string
	}{
		{"preparation", []model.Event{meeting("a", at("09:00"), time.Hour), meeting("b", at("10:15"), time.Hour, ranked("prepare"))}, "a < b"},
		{"no preparation afterwards", []model.Event{meeting("a", at("09:00"), time.Hour, ranked("prepare")), meeting("b", at("10:00"), time.Hour)}, ""},
		{"what comes after", []model.Event{meeting("a", at("09:00"), time.Hour, ranked("wind")), meeting("b", at("10:15"), time.Hour)}, "b < a"},
		{"a way to another place", []model.Event{meeting("a", at("09:00"), time.Hour, location("Room 1")), meeting("b", at("10:30"), time.Hour, ranked("visit"), location("12 Harbour St"))}, "a < b"},
		{"no way at the same place", []model.Event{meeting("a", at("09:00"), time.Hour, location("12 harbour  St.")), meeting("b", at("10:00"), time.Hour, ranked("visit"), location("12 Harbour St"))}, ""},
		{"no way to a call", []model.Event{meeting("a", at("09:00"), time.Hour), meeting("b", at("10:00"), time.Hour, ranked("visit"), location("https://video.example/1"), online("https://video.example/1"))}, ""},
		{"a way the calendar tells", []model.Event{meeting("a", at("09:00"), time.Hour), meeting("b", at("10:15"), time.Hour, ranked("client"), master(func(o *model.Occurrence) { o.Travel = 30 * time.Minute }))}, "a < b"},
		{"a way there, not back", []model.Event{meeting("a", at("11:15"), time.Hour), meeting("b", at("10:15"), time.Hour, ranked("client"), master(func(o *model.Occurrence) { o.Travel = 30 * time.Minute }))}, ""},

		{"the hours before a deadline", []model.Event{meeting("a", at("14:00"), time.Hour, ranked("client")), meeting("due", at("17:00"), 0, ranked("filing"))}, "a < due"},
		{"not those before them", []model.Event{meeting("a", at("11:00"), 2*time.Hour, ranked("client")), meeting("due", at("17:00"), time.Hour, ranked("filing"))}, ""},
		{"nor those after", []model.Event{meeting("a", at("17:00"), time.Hour), meeting("due", at("17:00"), time.Hour, ranked("filing"))}, ""},
		{"due by the end of the day", []model.Event{meeting("a", at("17:30"), 30*time.Minute), meeting("b", at("18:00"), time.Hour), allDay("due", wall("2026-03-03"), 1, ranked("filing"))}, "a < due"},
		{"a hearing before a deadline", []model.Event{meeting("a", at("14:00"), time.Hour, ranked("court")), meeting("due", at("17:00"), 0, ranked("filing"))}, "a = due"},
		{"two deadlines", []model.Event{meeting("one", at("16:00"), 0, ranked("filing")), meeting("two", at("17:00"), 0, ranked("filing"))}, ""},

		{"below protected time", []model.Event{meeting("a", at("12:30"), time.Hour, ranked("errand"))}, "a < midday"},
		{"above protected time", []model.Event{meeting("a", at("12:30"), time.Hour, ranked("team"))}, ""},
		{"equal to protected time", []model.Event{meeting("a", at("12:30"), time.Hour, ranked("focus"))}, "a < midday"},
		{"above protected time, and below another", []model.Event{meeting("a", at("11:00"), 2*time.Hour, ranked("team")), meeting("b", at("10:00"), 90*time.Minute, ranked("court"))}, "a < b"},
		{"focus time below a meeting", []model.Event{meeting("a", at("10:00"), time.Hour, ranked("team")), meeting("f", at("10:00"), time.Hour, ranked("focus"), focus)}, ""},
		{"focus time above a meeting", []model.Event{meeting("a", at("10:00"), time.Hour, ranked("errand")), meeting("f", at("10:00"), time.Hour, ranked("focus"), focus)}, "a < f"},

		{"away in working hours", []model.Event{meeting("a", at("10:00"), time.Hour), allDay("away", wall("2026-03-02"), 5, ranked("away"), show(model.OutOfOffice))}, "a < away"},
		{"dinner while away", []model.Event{meeting("a", at("19:00"), time.Hour), allDay("away", wall("2026-03-02"), 5, ranked("away"), show(model.OutOfOffice))}, ""},
		{"a weekend while away", []model.Event{meeting("a", wall("2026-03-07 10:00"), time.Hour), allDay("away", wall("2026-03-02"), 9, ranked("away"), show(model.OutOfOffice))}, ""},
		{"lunch while away", []model.Event{allDay("away", wall("2026-03-02"), 5, ranked("away"), show(model.OutOfOffice))}, ""},

		{"the outer two stay", []model.Event{meeting("a", at("09:00"), time.Hour, ranked("team")), meeting("b", at("09:30"), 2*time.Hour, ranked("team")), meeting("c", at("11:00"), time.Hour, ranked("team"))}, "b < a, b < c"},
		{"the higher one stays", []model.Event{meeting("a", at("09:00"), time.Hour, ranked("team")), meeting("b", at("09:30"), 2*time.Hour, ranked("client")), meeting("c", at("11:00"), time.Hour, ranked("team"))}, "a < b, c < b"},
		{"freed by a third", []model.Event{meeting("a", at("09:00"), time.Hour, ranked("court")), meeting("b", at("09:30"), 2*time.Hour, ranked("client")), meeting("c", at("11:00"), time.Hour, ranked("team"))}, "b < a, b < c"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := enforce()
			o.Protected = []Protected{midday}
			if got := strings.Join(look(view(t, c.events...), o, byEngineRank).who(), ", "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// P14: however a meeting is copied, it is one.
func TestCopiesOfAMeetingAreOne(t *testing.T) {
	nine := wall(tuesday + "09:00")
	weekly := func(changes ...change) model.Event {
		return meeting("weekly", nine, time.Hour, append([]change{repeats("FREQ=WEEKLY;COUNT=4"), organizedBy("x@client.example")}, changes...)...)
	}
	moved := func(o *model.Occurrence) {
		o.Start, o.End, o.Sequence = floating("2026-03-03 15:00"), floating("2026-03-03 16:00"), 3
	}
	stale := look(view(t, weekly(override(floating("2026-03-03 09:00"), moved)), weekly(in("gc-google/primary", "evt1")),
		meeting("b", nine, time.Hour), meeting("c", wall(tuesday+"15:00"), time.Hour)), enforce(), rankByCategory)
	if got := strings.Join(stale.who(), ", "); got != "changed < c" && got != "c < changed" {
		t.Errorf("a copy that has not heard of the move: %q", got)
	}
	for name, pair := range map[string][]model.Event{
		"over CalDAV and Google":     {weekly(), weekly(in("gc-google/primary", "evt1"))},
		"one with an override":       {weekly(override(floating("2026-03-10 09:00"), func(*model.Occurrence) {})), weekly(in("gc-google/primary", "evt1"))},
		"an instance alone":          {weekly(), weekly(override(floating("2026-03-03 09:00"), func(*model.Occurrence) {}), orphan, in("gc-google/primary", "evt1"))},
		"one that ends later":        {weekly(), weekly(in("gc-google/primary", "evt1"), sequence(1), master(func(o *model.Occurrence) { o.End = floating("2026-03-03 10:30") }))},
		"the same call":              {meeting("a", nine, time.Hour, online("https://video.example/7")), meeting("b", nine, time.Hour, online("https://video.example/7"))},
		"the same organizer, titled": {meeting("a", nine, time.Hour, organizedBy("x@client.example"), title("Lease")), meeting("b", nine, time.Hour, organizedBy("X@client.example"), title(" lease "))},
	} {
		t.Run(name, func(t *testing.T) {
			l := look(view(t, pair...), enforce(), byEngineRank)
			days := map[int64]int{}
			for _, b := range l.blocks {
				days[b.Start.Unix()/86400]++
			}
			for _, n := range days {
				if n != 1 {
					t.Errorf("it takes its time %d times", n)
				}
			}
			if len(l.conflicts) > 0 {
				t.Errorf("it is in its own way: %v", l.who())
			}
		})
	}
}

// On the days away hours, whole days, protected time and words are those of the
// other zone.
func TestDaysInAnotherZone(t *testing.T) {
	o := enforce()
	o.Lives = func(_ *model.Event, occ *model.Occurrence) *time.Location {
		if strings.HasPrefix(occ.Summary, "In Tokyo") {
			return zone(t, "Asia/Tokyo")
		}
		return nil
	}
	o.Protected = []Protected{{Name: "midday", Rank: 30, Hours: []model.Hours{{Day: time.Wednesday, From: 12 * 60, Till: 13 * 60}}}}
	tokyo, berlin := zone(t, "Asia/Tokyo"), zone(t, "Europe/Berlin")
	at := func(day, clock string) change {
		w := wall(day + " " + clock)
		return master(func(occ *model.Occurrence) {
			occ.Start, occ.End = model.Time{Wall: w, Loc: tokyo}, model.Time{Wall: w.Add(time.Hour), Loc: tokyo}
		})
	}
	trip := allDay("trip", wall("2026-03-03"), 2, title("In Tokyo"), show(model.Elsewhere))
	l := look(view(t, trip,
		meeting("lunch", wall("2026-03-04"), 0, at("2026-03-04", "12:15"), ranked("team")),
		meeting("one", wall("2026-03-04"), 0, at("2026-03-04", "10:00"), ranked("client")),
		meeting("floating", wall("2026-03-04 10:30"), time.Hour, ranked("team")),
	), o, byEngineRank)
	if got := strings.Join(l.who(), ", "); got != "floating < one, lunch < midday" {
		t.Errorf("got %q", got)
	}
	for _, c := range l.conflicts {
		for _, w := range l.d.alternatives(c.yields, 5, nil) {
			local := w.start.In(l.s.zoneOf(w.start))
			away := local.Day() == 4 && local.Month() == time.March
			if away != (local.Location().String() == "Asia/Tokyo") || local.Hour() < 9 || local.Hour() >= 18 {
				t.Errorf("offered %v", local)
			}
		}
	}
	if got := l.s.when(time.Date(2026, 3, 4, 1, 0, 0, 0, time.UTC), time.Date(2026, 3, 4, 2, 0, 0, 0, time.UTC), false); got != "Wed 4 Mar 2026, 10:00–11:00 Tokyo time" {
		t.Errorf("told as %q", got)
	}
	for clock, want := range map[string]*time.Location{
		"2026-03-02 14:59": berlin, "2026-03-02 15:00": tokyo, "2026-03-04 14:59": tokyo, "2026-03-04 15:00": berlin,
	} {
		if got := l.s.zoneOf(wall(clock)); got.String() != want.String() {
			t.Errorf("at %s UTC in %s, want %s", clock, got, want)
		}
	}
}

// A call that somebody set in the evening of where the principal is is told.
func TestOutsideHours(t *testing.T) {
	v := view(t,
		meeting("late", wall(tuesday+"22:00"), time.Hour, organizedBy("x@client.example"), ranked("client")),
		meeting("early", wall(tuesday+"06:00"), time.Hour, repeats("FREQ=WEEKLY"), attendee("x@client.example", "ACCEPTED"), ranked("team")),
		meeting("dinner", wall(tuesday+"19:00"), time.Hour),
		meeting("mine", wall(tuesday+"20:00"), time.Hour, organizedBy("dana@firm.example")),
		meeting("fine", wall(tuesday+"10:00"), time.Hour, organizedBy("x@client.example")),
		allDay("away", wall("2026-03-05"), 1, organizedBy("x@client.example"), show(model.OutOfOffice)),
	)
	_, reports, _ := Settle(v, enforce(), byEngineRank)
	var got []string
	for _, r := range reports {
		got = append(got, r.What+" "+r.Why.Reveal())
	}
	slices.Sort(got)
	want := []string{
		"outside-hours “client”: Tue 3 Mar 2026, 22:00 in Europe/Berlin is outside working hours",
		"outside-hours “team”: dates at 06:00 in Europe/Berlin is outside working hours",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
