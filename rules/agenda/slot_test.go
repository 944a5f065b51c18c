package agenda

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

// told puts times of people into a view: address, zone, hours, and what is taken.
func told(v *model.View, addr string, fb model.FreeBusy) {
	if v.Busy == nil {
		v.Busy = map[string]model.FreeBusy{}
	}
	fb.From, fb.Till = model.UnixTime(v.Now.Unix()-86400), model.UnixTime(v.Now.AddDate(1, 0, 0).Unix())
	v.Busy[addr] = fb
}

func takenAt(from, till string) model.Stretch {
	berlin, _ := time.LoadLocation("Europe/Berlin")
	at := func(s string) model.UnixTime { return model.UnixTime(model.Time{Wall: wall(s)}.In(berlin).Unix()) }
	return model.Stretch{Start: at(from), End: at(till)}
}

func offersOf(t *testing.T, v model.View, o Options) (out []string) {
	t.Helper()
	l := look(v, o, byEngineRank)
	if len(l.conflicts) == 0 {
		t.Fatal("no conflict")
	}
	for _, w := range l.d.alternatives(l.conflicts[0].yields, o.Alternatives, nil) {
		out = append(out, w.start.In(v.Principal.Zone).Format("Mon 15:04"))
	}
	return out
}

func TestOffersSuitThePeople(t *testing.T) {
	clash := func(people ...change) []model.Event {
		return []model.Event{
			meeting("hearing", wall(tuesday+"10:00"), time.Hour, ranked("court")),
			meeting("lease", wall(tuesday+"10:00"), time.Hour, append(people, ranked("client"))...),
		}
	}
	ann, bob := attendee("ann@firm.example", "ACCEPTED"), attendee("bob@firm.example", "NEEDS-ACTION")
	nine := []model.Hours{{Day: time.Tuesday, From: 9 * 60, Till: 17 * 60}, {Day: time.Wednesday, From: 9 * 60, Till: 17 * 60}}
	for _, c := range []struct {
		name   string
		events []model.Event
		tell   func(v *model.View)
		want   string
	}{
		{"nobody is known", clash(ann), func(*model.View) {}, "Tue 09:00, Tue 11:00"},
		{"she is busy at nine", clash(ann), func(v *model.View) {
			told(v, "ann@firm.example", model.FreeBusy{Taken: []model.Stretch{takenAt("2026-03-03 08:00", "2026-03-03 09:30")}})
		}, "Tue 11:00, Tue 12:00"},
		{"a meeting is not in its own way", clash(ann), func(v *model.View) {
			told(v, "ann@firm.example", model.FreeBusy{Taken: []model.Stretch{takenAt("2026-03-03 10:00", "2026-03-03 11:00")}})
		}, "Tue 09:00, Tue 11:00"},
		{"tentative is not taken", clash(ann), func(v *model.View) {
			s := takenAt("2026-03-03 08:00", "2026-03-03 13:00")
			s.Soft = true
			told(v, "ann@firm.example", model.FreeBusy{Taken: []model.Stretch{s}})
		}, "Tue 09:00, Tue 11:00"},
		{"who declined does not count", clash(attendee("ann@firm.example", "DECLINED")), func(v *model.View) {
			told(v, "ann@firm.example", model.FreeBusy{Taken: []model.Stretch{takenAt("2026-03-03 08:00", "2026-03-03 18:00")}})
		}, "Tue 09:00, Tue 11:00"},
		{"two people", clash(ann, bob), func(v *model.View) {
			told(v, "ann@firm.example", model.FreeBusy{Taken: []model.Stretch{takenAt("2026-03-03 08:00", "2026-03-03 09:30")}})
			told(v, "bob@firm.example", model.FreeBusy{Taken: []model.Stretch{takenAt("2026-03-03 11:00", "2026-03-03 14:00")}})
		}, "Tue 14:00, Tue 15:00"},
		{"her hours in New York", clash(ann), func(v *model.View) {
			told(v, "ann@firm.example", model.FreeBusy{Zone: zone(t, "America/New_York"), Hours: nine})
		}, "Tue 15:00, Tue 16:00"},
		{"her zone alone makes mornings late", clash(ann), func(v *model.View) {
			told(v, "ann@firm.example", model.FreeBusy{Zone: zone(t, "America/New_York")})
		}, "Tue 14:00, Tue 15:00"},
		{"a room", clash(master(func(o *model.Occurrence) {
			o.Attendees = append(o.Attendees, model.Attendee{Address: model.Address{Addr: "Room7@firm.example"}, Type: "ROOM"})
		})), func(v *model.View) {
			told(v, "room7@firm.example", model.FreeBusy{Taken: []model.Stretch{takenAt("2026-03-03 08:00", "2026-03-03 16:00")}})
		}, "Tue 16:00, Tue 17:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := view(t, c.events...)
			c.tell(&v)
			o := enforce()
			o.Alternatives = 2
			if got := strings.Join(offersOf(t, v, o), ", "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// It is said of how many it is known that they are free.
func TestFreeFor(t *testing.T) {
	v := view(t, meeting("hearing", wall(tuesday+"10:00"), time.Hour, ranked("court")),
		meeting("lease", wall(tuesday+"10:00"), time.Hour, ranked("client"), attendee("a@firm.example", ""), attendee("b@firm.example", ""), attendee("c@firm.example", ""), attendee("dana@firm.example", "ACCEPTED")))
	told(&v, "a@firm.example", model.FreeBusy{})
	soft := takenAt("2026-03-03 09:00", "2026-03-03 10:00")
	soft.Soft = true
	told(&v, "b@firm.example", model.FreeBusy{Taken: []model.Stretch{soft}})
	l := look(v, enforce(), byEngineRank)
	y := l.conflicts[0].yields
	at := func(clock string) slot {
		start := model.Time{Wall: wall(tuesday + clock)}.In(v.Principal.Zone)
		return slot{start, start.Add(time.Hour)}
	}
	for clock, want := range map[string]int{"09:00": 1, "11:00": 2} {
		if n, of := l.d.freeFor(at(clock), y); n != want || of != 3 {
			t.Errorf("at %s %d of %d", clock, n, of)
		}
	}
}

// Only people whose time would help are asked for, over the days that are searched.
func TestWhoIsAskedFor(t *testing.T) {
	events := []model.Event{
		meeting("hearing", wall(tuesday+"10:00"), time.Hour, ranked("court"), attendee("judge@court.example", "ACCEPTED")),
		meeting("lease", wall(tuesday+"10:00"), time.Hour, ranked("client"), organizedBy("Cleo@client.example"), attendee("cleo@client.example", "ACCEPTED"),
			attendee("no@client.example", "DECLINED"), attendee("dana@firm.example", "ACCEPTED")),
		meeting("quiet", wall("2026-03-05 10:00"), time.Hour, attendee("free@client.example", "ACCEPTED")),
	}
	var asks []model.Ask
	o := enforce()
	o.Ask = func(a model.Ask) { asks = append(asks, a) }
	v := view(t, events...)
	Settle(v, o, byEngineRank)
	if len(asks) != 1 || asks[0].Address != "cleo@client.example" {
		t.Fatalf("asked for %+v", asks)
	}
	if days := (asks[0].Till - asks[0].From) / 86400; asks[0].From < model.UnixTime(v.Now.Unix()) || days < searchDays || days > searchDays+2 {
		t.Errorf("over %d days", days)
	}
	asks, o.Alternatives = nil, 0
	if Settle(v, o, byEngineRank); len(asks) > 0 {
		t.Error("asked although nothing is offered")
	}
}

// A series is told as one, and offered times that clear nearly all its dates.
func TestSeriesMoveTogether(t *testing.T) {
	weekly := func(name, at string, n int, changes ...change) model.Event {
		return meeting(name, wall(at), time.Hour, append(changes, repeats(fmt.Sprint("FREQ=WEEKLY;COUNT=", n)))...)
	}
	v := view(t,
		weekly("board", "2026-03-03 10:00", 6, ranked("away")),
		weekly("team", "2026-03-03 10:00", 8, ranked("team")),
		weekly("nine", "2026-03-10 09:00", 4, ranked("client")),   // nine is free on the next date only
		weekly("eleven", "2026-03-31 11:00", 1, ranked("client")), // eleven on five of six
	)
	o := enforce()
	l := look(v, o, byEngineRank)
	if len(l.conflicts) != 1 {
		t.Fatalf("%v", l.who())
	}
	c := l.conflicts[0]
	if c.more != 5 || c.dates != 8 || c.hard != 6 || c.keeps.Occurrence.Summary != "board" {
		t.Errorf("%d more of %d, %d hard", c.more, c.dates, c.hard)
	}
	slots := l.d.alternatives(c.yields, 3, nil)
	for _, w := range slots {
		n, of := l.d.clears(c.yields, w, guests{})
		if 5*n < 4*of || of != 6 {
			t.Errorf("%v clears %d of %d", w.start, n, of)
		}
		if w.start.Equal(c.yields.Start.Add(-time.Hour)) {
			t.Error("nine is free once")
		}
	}
	if len(slots) != 3 {
		t.Errorf("%d offers", len(slots))
	}

	// Where nothing clears most dates, each date is offered what suits it.
	for i := range 7 {
		for h := 9; h < 18; h++ {
			if h != 10 || i > 0 {
				v.Agenda = append(v.Agenda, meeting(fmt.Sprint("full", i, h), wall("2026-03-10").AddDate(0, 0, i).Add(time.Duration(h)*time.Hour), time.Hour, repeats("FREQ=WEEKLY;COUNT=8"), ranked("client")))
			}
		}
	}
	l = look(v, o, byEngineRank)
	i := slices.IndexFunc(l.conflicts, func(c conflict) bool {
		return c.yields.Occurrence.Summary == "team" && c.keeps.Occurrence.Summary == "board"
	})
	if slots := l.d.alternatives(l.conflicts[i].yields, 3, nil); len(slots) != 3 || slots[0].start.Day() != 3 {
		t.Errorf("offered %v", slots)
	}
}

// P16 and the fifth law of the room, with people and series: what is offered suits
// all whose time is known, and asked again it is the same.
func TestOffersSuitAllAndStay(t *testing.T) {
	r := rand.New(rand.NewSource(161))
	seen := 0
	for range 120 {
		events := randomAgenda(t, r, 25)
		v := view(t)
		for i := range 4 {
			addr := fmt.Sprintf("p%d@firm.example", i)
			fb := model.FreeBusy{}
			for range r.Intn(40) {
				at := model.UnixTime(v.Now.Unix() + int64(r.Intn(10*96))*900)
				fb.Taken = append(fb.Taken, model.Stretch{Start: at, End: at + model.UnixTime(1800*r.Intn(4)), Soft: r.Intn(5) == 0})
			}
			if r.Intn(3) == 0 {
				fb.Zone, fb.Hours = zone(t, "Europe/London"), officeHours
			}
			told(&v, addr, fb)
		}
		for i := range events {
			s := events[i].Body.Reveal()
			for range r.Intn(3) {
				s.Master.Attendees = append(s.Master.Attendees, model.Attendee{Address: model.Address{Addr: fmt.Sprintf("p%d@firm.example", r.Intn(6))}, PartStat: "ACCEPTED"})
			}
		}
		v.Agenda = events
		o := enforce()
		o.Protected = []Protected{{Name: "midday", Rank: 30, Hours: []model.Hours{{Day: time.Tuesday, From: 12 * 60, Till: 14 * 60}}}}
		l := look(v, o, rankByCategory)
		for _, c := range l.conflicts {
			if c.person {
				continue
			}
			slots := l.d.alternatives(c.yields, 3, nil)
			for _, w := range slots {
				seen++
				put := c.yields.at(w.start, w.end, -1)
				for j := range l.blocks {
					if &l.blocks[j] != c.yields && clash(put, l.blocks[j].stretch(j)) {
						t.Fatalf("%v is taken by %s", w.start, l.blocks[j].Occurrence.Summary)
					}
				}
				for _, a := range c.yields.Occurrence.Attendees {
					fb := v.Busy[a.Addr]
					for _, x := range fb.Taken {
						own := int64(x.Start) == c.yields.Start.Unix() && int64(x.End) == c.yields.End.Unix()
						if !x.Soft && !own && int64(x.Start) < w.end.Unix() && int64(x.End) > w.start.Unix() {
							t.Fatalf("%v is taken for %s", w.start, a.Addr)
						}
					}
					if fb.Zone != nil && !withinHours(model.Principal{Zone: fb.Zone}, w) {
						t.Fatalf("%v is outside the hours of %s", w.start, a.Addr)
					}
				}
			}
			if again := l.d.alternatives(c.yields, 3, slots); !slices.Equal(again, slots) {
				t.Fatalf("offered %v, then %v", slots, again)
			}
		}
	}
	if seen < 500 {
		t.Errorf("only %d offers", seen)
	}
}

// What Busy tells is what blocks, whatever rules say of it.
func TestBusy(t *testing.T) {
	v := view(t,
		meeting("a", wall(tuesday+"09:00"), time.Hour, ranked("lunch")),
		meeting("b", wall(tuesday+"10:00"), time.Hour, show(model.Tentative)),
		meeting("c", wall(tuesday+"12:00"), time.Hour, show(model.Free)),
		meeting("d", wall(tuesday+"13:00"), time.Hour, attendee("dana@firm.example", "DECLINED")),
		allDay("e", wall("2026-03-04"), 1), allDay("f", wall("2026-03-05"), 1, show(model.OutOfOffice)),
		meeting("g", wall(tuesday+"15:00"), time.Hour, func(e *model.Event, _ *model.Series) { e.Own, e.Tagged = &model.Own{}, true }),
	)
	b := BookOf(&v)
	if fb := b.Busy(v.Principal); fb.Till != 0 {
		t.Error("known before anyone looked")
	}
	b.Settle(v, enforce(), rankByCategory)
	fb := b.Busy(v.Principal)
	soft := takenAt("2026-03-03 10:00", "2026-03-03 11:00")
	soft.Soft = true
	want := []model.Stretch{takenAt("2026-03-03 09:00", "2026-03-03 10:00"), soft, takenAt("2026-03-05 00:00", "2026-03-06 00:00")}
	if !slices.Equal(fb.Taken, want) || fb.Zone != v.Principal.Zone || fb.From > model.UnixTime(v.Now.Unix()) || fb.Till < model.UnixTime(v.Now.AddDate(0, 0, 60).Unix()) {
		t.Errorf("got %+v", fb)
	}
}

// How often two series clash is told in one sentence.
func TestOften(t *testing.T) {
	for _, c := range []struct {
		conflict conflict
		want     string
	}{
		{conflict{more: 0, dates: 1, hard: 1}, ""},
		{conflict{more: 5, dates: 26, hard: 6}, "They clash on 6 of 26 dates."},
		{conflict{more: 5, dates: 26, hard: 2}, "They clash on 6 of 26 dates, 2 of them accepted on both sides."},
		{conflict{more: 1, dates: 2}, "They clash on 2 of 2 dates, none of them accepted on both sides."},
		{conflict{more: 2, dates: 2, hard: 1, person: true}, "They clash on 3 of 3 dates."},
	} {
		if got := c.conflict.often(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// Beside an offered time stands what is known of it.
func TestWorthOfAnOffer(t *testing.T) {
	v := view(t, meeting("hearing", wall(tuesday+"10:00"), time.Hour, ranked("court")),
		meeting("lease", wall(tuesday+"10:00"), time.Hour, ranked("client"), attendee("a@firm.example", ""), attendee("b@firm.example", "")))
	worth := func() string {
		l := look(v, enforce(), byEngineRank)
		tell := l.s.telling(&l.conflicts[0], l.d)
		return tell.worth(tell.slots[0])
	}
	if got := worth(); got != "" {
		t.Errorf("nobody is known: %q", got)
	}
	told(&v, "a@firm.example", model.FreeBusy{})
	if got := worth(); got != " (free for 1 of 2 others, the rest unknown)" {
		t.Errorf("one is known: %q", got)
	}
	told(&v, "b@firm.example", model.FreeBusy{})
	if got := worth(); got != " (free for everyone)" {
		t.Errorf("both are known: %q", got)
	}
}
