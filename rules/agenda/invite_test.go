package agenda

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
)

var inviteZone = time.FixedZone("CET", 3600)

var came = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func wallAt(day, hour int) model.Time {
	return model.Time{Wall: time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC), Loc: time.UTC}
}

// inviteAt is a request for one hour.
func inviteAt(day, hour int, change func(*model.Occurrence)) *model.Invite {
	o := &model.Occurrence{Start: wallAt(day, hour), End: wallAt(day, hour+1), Summary: "Call", Status: "CONFIRMED", Sequence: 2,
		Organizer: model.Address{Addr: "jo@counsel.example"}, Attendees: []model.Attendee{{Address: model.Address{Addr: "gc@firm.example"}, PartStat: "NEEDS-ACTION"}}}
	if change != nil {
		change(o)
	}
	return &model.Invite{Method: "REQUEST", Ident: "u:invite", Series: model.Series{UID: "invite", Master: o}}
}

func taken(name string, day, hour int, change func(*model.Occurrence)) model.Event {
	o := &model.Occurrence{Start: wallAt(day, hour), End: wallAt(day, hour+1), Summary: name, Status: "CONFIRMED"}
	if change != nil {
		change(o)
	}
	return model.Event{Ref: model.Ref{Source: "cal", Href: model.Name(name)}, Ident: model.Ident("u:" + name), Body: model.Hide(model.Series{UID: name, Master: o})}
}

func plainRank(*model.Event, *model.Occurrence) Ranked { return Ranked{Rank: 1} }

func weighed(in *model.Invite, events ...model.Event) Fit {
	v := model.View{Now: came, Agenda: events, Known: true, Principal: model.Principal{Name: "gc", Zone: inviteZone, Addresses: []string{"gc@firm.example"}}}
	return Weigh(v, in, came, Options{Horizon: 60 * 24 * time.Hour}, plainRank)
}

func TestWeigh(t *testing.T) {
	status := func(s string) func(*model.Occurrence) { return func(o *model.Occurrence) { o.Status = s } }
	same := func(sequence int, day, hour int) model.Event {
		e := taken("invite", day, hour, func(o *model.Occurrence) { o.Sequence = sequence; o.Organizer.Addr = "Jo@counsel.example" })
		return e
	}
	weekly := func(o *model.Occurrence) { o.RRule = "FREQ=WEEKLY;COUNT=6" }
	tests := []struct {
		name   string
		in     *model.Invite
		events []model.Event
		want   Fit // without times
	}{
		{"free", inviteAt(12, 15, nil), []model.Event{taken("a", 12, 16, nil), taken("b", 12, 14, nil)}, Fit{}},
		{"taken", inviteAt(12, 15, nil), []model.Event{taken("a", 12, 15, nil)}, Fit{Clash: true}},
		{"tentative", inviteAt(12, 15, nil), []model.Event{taken("a", 12, 15, status("TENTATIVE"))}, Fit{}},
		{"cancelled", inviteAt(12, 15, nil), []model.Event{taken("a", 12, 15, status("CANCELLED"))}, Fit{}},
		{"shown as free", inviteAt(12, 15, nil), []model.Event{taken("a", 12, 15, func(o *model.Occurrence) { o.Show = model.Free })}, Fit{}},
		{"asks for no time", inviteAt(12, 15, func(o *model.Occurrence) { o.Show = model.Free }), []model.Event{taken("a", 12, 15, nil)}, Fit{}},
		{"the meeting itself", inviteAt(12, 15, nil), []model.Event{same(2, 12, 15)}, Fit{Known: true}},
		{"itself at another time", inviteAt(12, 15, nil), []model.Event{same(1, 13, 15), taken("a", 12, 15, nil)}, Fit{Known: true, Clash: true}},
		{"a newer state is known", inviteAt(12, 15, nil), []model.Event{same(3, 13, 15)}, Fit{Known: true, Older: true}},
		{"called off there", inviteAt(12, 15, nil), []model.Event{func() model.Event {
			return taken("invite", 12, 15, func(o *model.Occurrence) { o.Status = "CANCELLED"; o.Sequence = 2 })
		}()}, Fit{}},
		{"over", inviteAt(1, 15, nil), []model.Event{taken("a", 1, 15, nil)}, Fit{Over: true}},
		{"third of a series", inviteAt(5, 15, weekly), []model.Event{taken("a", 19, 15, nil)}, Fit{Clash: true}},
		{"between those of a series", inviteAt(5, 15, weekly), []model.Event{taken("a", 18, 15, nil)}, Fit{}},
		{"series against series", inviteAt(5, 15, weekly), []model.Event{taken("a", 4, 15, func(o *model.Occurrence) { o.RRule = "FREQ=DAILY" })}, Fit{Clash: true}},
		{"a series of which half is over", inviteAt(1, 15, weekly), []model.Event{taken("a", 8, 15, nil)}, Fit{Clash: true}},
		{"years ahead", inviteAt(12, 15, func(o *model.Occurrence) {
			o.Start.Wall, o.End.Wall = o.Start.Wall.AddDate(5, 0, 0), o.End.Wall.AddDate(5, 0, 0)
		}), []model.Event{taken("a", 12, 15, nil)}, Fit{}},
		{"no time", inviteAt(12, 15, func(o *model.Occurrence) { o.Start, o.End = model.Time{}, model.Time{} }), []model.Event{same(2, 12, 15)}, Fit{Known: true}},
		{"out of the office", inviteAt(12, 10, nil), []model.Event{taken("a", 12, 0, func(o *model.Occurrence) {
			o.Show, o.Start = model.OutOfOffice, model.Time{Wall: time.Date(2026, 3, 12, 0, 0, 0, 0, time.UTC), Date: true}
			o.End = model.Time{Wall: o.Start.Wall.AddDate(0, 0, 1), Date: true}
		})}, Fit{Clash: true}},
		{"a hold of ours", inviteAt(12, 15, nil), []model.Event{func() model.Event {
			e := taken("a", 12, 15, nil)
			e.Own, e.Tagged = &model.Own{Of: "c:x"}, true
			return e
		}()}, Fit{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := weighed(tt.in, tt.events...)
			if got.Known && len(got.Leaders) == 1 && got.Leaders[0] != "jo@counsel.example" {
				t.Errorf("led by %v", got.Leaders)
			}
			got.Start, got.End, got.Last, got.Leaders = time.Time{}, time.Time{}, time.Time{}, nil
			if got.Over != tt.want.Over || got.Clash != tt.want.Clash || got.Known != tt.want.Known || got.Older != tt.want.Older || got.Unsure != tt.want.Unsure {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestWeighKeepsBuffers: an invitation is held to the same gaps as any meeting.
func TestWeighKeepsBuffers(t *testing.T) {
	v := model.View{Now: came, Agenda: []model.Event{taken("a", 12, 16, nil)}, Principal: model.Principal{Zone: inviteZone}}
	court := func(e *model.Event, o *model.Occurrence) Ranked {
		if o.Summary == "a" {
			return Ranked{Rank: 100, Before: 30 * time.Minute}
		}
		return Ranked{Rank: 1}
	}
	if f := Weigh(v, inviteAt(12, 15, nil), came, Options{}, court); !f.Clash {
		t.Error("what stands right before a hearing is told as free")
	}
	if f := Weigh(v, inviteAt(12, 14, nil), came, Options{}, court); f.Clash {
		t.Error("what ends an hour before a hearing is told as taken")
	}
}

// TestLawWeighIsOverlap: with single meetings that have no buffers, there is a clash
// if and only if two stretches share time; and nothing changes with the hour at
// which it is asked, until all is over.
func TestLawWeighIsOverlap(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for range 500 {
		in := inviteAt(3+r.IntN(20), r.IntN(22), func(o *model.Occurrence) { o.End.Wall = o.Start.Wall.Add(time.Duration(1+r.IntN(200)) * time.Minute) })
		m := in.Series.Master
		var events []model.Event
		want := false
		for i := range r.IntN(30) {
			e := taken(string(rune('a'+i)), 3+r.IntN(20), r.IntN(22), func(o *model.Occurrence) {
				o.End.Wall = o.Start.Wall.Add(time.Duration(1+r.IntN(300)) * time.Minute)
			})
			o := e.Body.Reveal().Master
			want = want || o.Start.Wall.Before(m.End.Wall) && m.Start.Wall.Before(o.End.Wall)
			events = append(events, e)
		}
		got := weighed(in, events...)
		if got.Clash != want {
			t.Fatalf("clash %v, want %v", got.Clash, want)
		}
		v := model.View{Now: m.End.Wall.Add(-time.Minute), Agenda: events, Principal: model.Principal{Zone: inviteZone}}
		later := Weigh(v, in, came, Options{Horizon: 60 * 24 * time.Hour}, plainRank)
		if later.Clash != want || later.Over || !later.Start.Equal(got.Start) {
			t.Fatalf("asked later it is %+v, was %+v", later, got)
		}
		v.Now = got.Last
		if !Weigh(v, in, came, Options{}, plainRank).Over {
			t.Fatal("it is never over")
		}
	}
}

// TestLawAroundIsEnough: what Around names is all that Weigh looks at, and a shelf
// gives it.
func TestLawAroundIsEnough(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 4))
	o := Options{Horizon: 40 * 24 * time.Hour}
	p := model.Principal{Zone: inviteZone}
	clashes := 0
	for round := range 300 {
		in := inviteAt(3+r.IntN(20), r.IntN(22), func(o *model.Occurrence) {
			o.RRule = []string{"", "", "FREQ=WEEKLY", "FREQ=DAILY;COUNT=5", "FREQ=MONTHLY;UNTIL=20261231T000000Z"}[r.IntN(5)]
		})
		shelf := NewShelf(NewWords())
		var all []model.Event
		for i := range 40 {
			e := taken(string(rune('A'+i)), 1, r.IntN(22), func(o *model.Occurrence) {
				shift := time.Duration(r.IntN(120)) * 24 * time.Hour
				o.Start.Wall, o.End.Wall = o.Start.Wall.Add(shift), o.End.Wall.Add(shift)
				o.RRule = []string{"", "", "", "FREQ=WEEKLY;COUNT=3"}[r.IntN(4)]
			})
			if i == 0 && round%3 == 0 {
				e.Ident = in.Ident
			}
			all = append(all, e)
			shelf.Put(e)
		}
		from, till, ok := Around(in, p, came, o)
		if !ok {
			t.Fatal("nothing is asked for")
		}
		near := shelf.Around(from, till, in.Ident)
		v := model.View{Now: came, Agenda: near, Principal: p}
		some := Weigh(v, in, came, o, plainRank)
		v.Agenda = all
		every := Weigh(v, in, came, o, plainRank)
		if some.Clash != every.Clash || some.Known != every.Known || some.Older != every.Older || !slices.Equal(some.Leaders, every.Leaders) {
			t.Fatalf("with %d of %d events it is %+v, with all %+v", len(near), len(all), some, every)
		}
		if every.Clash {
			clashes++
		}
	}
	if clashes < 20 || clashes > 280 {
		t.Errorf("%d clashes: this test proves little", clashes)
	}
}
