package agenda

import (
	"fmt"
	"maps"
	"math/rand"
	"reflect"
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
)

// lifeOf is years of a calendar in one event: near, far, repeated, moved.
func lifeOf(t testing.TB, r *rand.Rand, i int) model.Event {
	e := randomAgenda(t, r, i+1)[i]
	s := e.Body.Reveal()
	m := *s.Master
	s.Master = &m
	shift := func(days int) {
		m.Start.Wall = m.Start.Wall.AddDate(0, 0, days)
		m.End.Wall = m.End.Wall.AddDate(0, 0, days)
	}
	switch r.Intn(5) {
	case 0:
		shift(r.Intn(800) - 400)
	case 1:
		shift(r.Intn(80) - 20)
		m.RRule = []string{"FREQ=WEEKLY;UNTIL=20260401T120000Z", "FREQ=YEARLY", "FREQ=MONTHLY;COUNT=30", "FREQ=WEEKLY;INTERVAL=3", "FREQ=DAILY;UNTIL=20260310"}[r.Intn(5)]
	case 2:
		m.RDates = []model.Time{{Wall: m.Start.Wall.AddDate(0, 0, r.Intn(300)), Loc: m.Start.Loc}}
		m.ExDates = nil
	case 3:
		o := m
		rec := m.Start
		o.Recurrence, o.RRule, o.ThisFuture = &rec, "", r.Intn(2) == 0
		o.Start.Wall, o.End.Wall = m.Start.Wall.AddDate(0, 0, r.Intn(60)-20), m.End.Wall.AddDate(0, 0, 45)
		s.Overrides = append(s.Overrides, o)
		m.RRule = "FREQ=WEEKLY"
	}
	e.Body = model.Hide(s)
	return e
}

// A Book that lived through puts, drops, days and moves to other zones says what
// a new one says, to the byte.
func TestBookIsAsIfNew(t *testing.T) {
	for seed := range 12 {
		r := rand.New(rand.NewSource(int64(seed)))
		v := view(t)
		o := enforce()
		o.Horizon = 30 * 24 * time.Hour
		o.Classes = []ClassRule{classOf("odd", "enforce", 3), classOf("looks on", "observe", 2)}
		book := NewBook()
		there := map[model.Name]model.Event{}
		for step := range 60 {
			for range 1 + r.Intn(6) {
				e := lifeOf(t, r, r.Intn(25))
				at := model.Name(string(e.Ref.Source) + string(e.Ref.Href))
				switch r.Intn(4) {
				case 0:
					delete(there, at)
					book.Drop(e.Ref)
				default:
					there[at] = e
					book.Put(e)
				}
			}
			switch r.Intn(8) {
			case 0:
				v.Now = v.Now.Add(time.Duration(r.Intn(12*24*60)) * time.Minute)
			case 1:
				v.Principal.Zone = []*time.Location{time.UTC, zone(t, "America/New_York"), zone(t, "Asia/Tokyo")}[r.Intn(3)]
			case 2:
				o.Version = fmt.Sprint("v", r.Intn(3))
				v.Principal.Addresses = []string{"dana@firm.example", "x@client.example"}[:1+r.Intn(2)]
			case 3:
				book.Rest()
			}
			v.Agenda = slices.Collect(maps.Values(there))
			want, wantReports, wantAgain := Settle(v, o, rankByCategory)
			got, reports, again := book.Settle(v, o, rankByCategory)
			if !slices.Equal(encode(t, got), encode(t, want)) || !again.Equal(wantAgain) || !reflect.DeepEqual(words(reports), words(wantReports)) {
				t.Fatalf("seed %d, step %d: %d steps and %d reports, %v; a new book: %d and %d, %v", seed, step, len(got), len(reports), again, len(want), len(wantReports), wantAgain)
			}
			apply(t, &v, got)
		}
	}
}

// classOf means every event whose title has a length that n divides.
func classOf(name, mode string, n int) ClassRule {
	return ClassRule{Name: name, Mode: mode, Class: "PRIVATE", Means: func(_ *model.Event, o *model.Occurrence) (bool, bool) {
		return len(o.Summary)%n == 0, true
	}}
}

// Which events a class rule means is asked once, until the rules or the principal
// change, and at every look as long as it is not sure.
func TestClassRulesAreAskedOnce(t *testing.T) {
	v, o := view(t), enforce()
	asked, sure := 0, true
	o.Version, o.Classes = "v1", []ClassRule{{Name: "none", Mode: "enforce", Class: "PRIVATE", Means: func(*model.Event, *model.Occurrence) (bool, bool) {
		asked++
		return false, sure
	}}}
	book := NewBook()
	for i := range 3 {
		book.Put(meeting(fmt.Sprint(i), v.Now.Add(time.Duration(24+i)*time.Hour), time.Hour))
	}
	looks := func(want int) {
		t.Helper()
		asked = 0
		book.Settle(v, o, rankByCategory)
		book.Rest()
		if asked != want {
			t.Fatalf("asked of %d events, want %d", asked, want)
		}
	}
	looks(3)
	looks(0)
	book.Put(meeting("new", v.Now.Add(72*time.Hour), time.Hour))
	looks(1)
	o.Version, sure = "v2", false
	looks(4)
	looks(4)
	v.Principal.Addresses, sure = append(v.Principal.Addresses, "second@firm.example"), true
	looks(4)
	looks(0)
}

func words(reports []model.Report) (out []string) {
	for _, r := range reports {
		out = append(out, r.What+"|"+r.Would+"|"+r.Why.Reveal())
	}
	return out
}

// A Book keeps what every event of it does for the agenda, looked at through the
// whole window without one.
func TestBookGathersWhatExpandDoes(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	for range 40 {
		v := view(t)
		for i := range 30 {
			v.Agenda = append(v.Agenda, lifeOf(t, r, i))
		}
		v.Now = v.Now.Add(time.Duration(r.Intn(40*24*60)) * time.Minute)
		var want []string
		s := newSettlement(v, enforce(), rankByCategory)
		till := s.midnight(v.Now.Add(s.horizon()), 1)
		for i := range v.Agenda {
			in, _ := Expand(&v.Agenda[i], s.zone, v.Now, till, 0)
			for _, x := range in {
				want = append(want, fmt.Sprint(x.Start, x.End, x.Original, x.Occurrence.Summary, x.Event.Ref.Href))
			}
		}
		s = newSettlement(v, enforce(), func(*model.Event, *model.Occurrence) Ranked { return Ranked{Buffer: time.Minute} })
		s.read(BookOf(&s.v))
		var got []string
		for _, n := range s.book.list {
			for _, m := range n.moments {
				if m.start < till.Unix() && (m.end > v.Now.Unix() || m.end == m.start && m.start >= v.Now.Unix()) {
					o := n.event.Body.Reveal().Master
					if m.occurrence > 0 {
						o = &n.event.Body.Reveal().Overrides[m.occurrence-1]
					}
					x := m.instance(n.event, o, s.zone)
					got = append(got, fmt.Sprint(x.Start, x.End, x.Original, x.Occurrence.Summary, x.Event.Ref.Href))
				}
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("got %d instances, want %d", len(got), len(want))
		}
	}
}

// What is over is let go, what is ours and what is to come is not.
func TestShelfForgetsWhatIsOver(t *testing.T) {
	s := NewShelf(NewWords())
	own := meeting("own", wall("2020-03-03 10:00"), time.Hour)
	own.Own = &model.Own{Of: "c:1"}
	for _, e := range []model.Event{
		own,
		meeting("past", wall("2020-03-03 10:00"), time.Hour),
		meeting("future", wall("2030-03-03 10:00"), time.Hour),
		meeting("endless", wall("2020-03-03 10:00"), time.Hour, repeats("FREQ=WEEKLY")),
		meeting("ended", wall("2020-03-03 10:00"), time.Hour, repeats("FREQ=WEEKLY;UNTIL=20210101")),
		meeting("moved here", wall("2020-03-03 10:00"), time.Hour, override(floating("2020-03-03 10:00"), func(o *model.Occurrence) {
			o.Start.Wall, o.End.Wall = wall("2026-03-03 10:00"), wall("2026-03-03 11:00")
		})),
	} {
		s.Put(e)
	}
	if s.Len() != 6 {
		t.Fatalf("%d events before anything is forgotten", s.Len())
	}
	s.Forget(wall("2026-03-02"))
	if s.Len() != 4 {
		t.Fatalf("%d events after", s.Len())
	}
	s.Put(meeting("late", wall("2025-03-03 10:00"), time.Hour))
	if got, ok := s.Drop(own.Ref.Href); !ok || got.Own.Of != "c:1" || s.Len() != 3 || len(s.Own()) != 0 {
		t.Fatalf("dropped %v %v, %d left", got, ok, s.Len())
	}
}

// A hundred thousand changes between two looks take no more room than reading
// everything anew.
func TestShelfDoesNotHoardNews(t *testing.T) {
	s := NewShelf(NewWords())
	b := NewBook(s)
	v := view(t)
	b.Settle(v, enforce(), rankByCategory)
	for i := range 3 * maxNews {
		s.Put(meeting(fmt.Sprint("e", i%3), wall("2026-03-03 10:00").Add(time.Duration(i)*time.Minute), time.Hour))
	}
	if n := len(b.readers[0].found) + len(b.readers[0].lost); n > maxNews+1 {
		t.Fatalf("%d pieces of news", n)
	}
	b.Settle(v, enforce(), rankByCategory)
	if len(b.list) != 3 || len(b.near) != 3 {
		t.Fatalf("%d events after", len(b.list))
	}
}

// A ranker is asked once for each occurrence, until the rules or the principal
// change; a rank that failed is asked for again.
func TestBookRanksOnce(t *testing.T) {
	b, v, o := NewBook(), view(t), enforce()
	b.Put(meeting("a", wall("2026-03-03 10:00"), time.Hour, repeats("FREQ=DAILY")))
	b.Put(meeting("b", wall("2026-03-03 10:00"), time.Hour, title("unsure")))
	asked := map[string]int{}
	rank := func(_ *model.Event, o *model.Occurrence) Ranked {
		asked[o.Summary]++
		return Ranked{Unsure: o.Summary == "unsure"}
	}
	look := func(a, unsure int) {
		t.Helper()
		b.Settle(v, o, rank)
		if asked["a"] != a || asked["unsure"] != unsure {
			t.Fatalf("asked %v, want %d and %d", asked, a, unsure)
		}
	}
	look(1, 1)
	b.Rest()
	v.Now = v.Now.AddDate(0, 0, 9)
	look(1, 1)
	v.Now = v.Now.AddDate(0, 0, -9)
	look(1, 2)
	o.Version = "v2"
	look(2, 3)
	v.Principal.Addresses = nil
	look(3, 4)
}

// A Book at rest is asked as one that is awake.
func TestBookAtRestIsAsked(t *testing.T) {
	b, v := NewBook(), view(t)
	b.Put(meeting("a", wall("2026-03-03 10:00"), time.Hour))
	b.Settle(v, enforce(), rankByCategory)
	want := b.Busy(v.Principal)
	b.Rest()
	if got := b.Busy(v.Principal); len(want.Taken) != 1 || !reflect.DeepEqual(got, want) {
		t.Fatalf("%d stretches at rest, %d awake", len(got.Taken), len(want.Taken))
	}
}

// No printer shows what a Book knows.
func TestBookPrintsNothing(t *testing.T) {
	b := NewBook()
	b.Put(meeting("secret", wall("2026-03-03 10:00"), time.Hour))
	for _, f := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(f, b); got != "agenda.Book" {
			t.Errorf("%s prints %s", f, got)
		}
	}
}
