package agenda

import (
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

// tokyoTrip is a firm whose principal is in Tokyo on Wednesday, 4 March.
func tokyoTrip(t *testing.T) (Options, model.Event) {
	o := slotted()
	o.Lives = func(_ *model.Event, occ *model.Occurrence) *time.Location {
		if occ.Summary == "In Tokyo" {
			return zone(t, "Asia/Tokyo")
		}
		return nil
	}
	return o, allDay("trip", wall("2026-03-04"), 1, title("In Tokyo"), show(model.Free))
}

// Whoever reads a note knows of every time in it where that clock hangs.
func TestEveryTimeSaysWhere(t *testing.T) {
	o, trip := tokyoTrip(t)
	full := meeting("full", wall(tuesday+"11:30"), 7*time.Hour, ranked("court"), title("Trial"))
	w := newWorld(t, o, append(clashing(), trip, full)...)
	n := notesOf(w.look())[0].Body.Reveal()
	away, home := 0, 0
	for line := range strings.Lines(n.Text) {
		switch {
		case strings.HasPrefix(line, "- Wed 4 Mar") && strings.Contains(line, "Tokyo time"):
			away++
		case strings.HasPrefix(line, "- "), strings.HasPrefix(line, "Tue 3 Mar"):
			home++
			if strings.Contains(line, "time") {
				t.Errorf("a time at home: %s", line)
			}
		}
	}
	if away == 0 || home == 0 || !strings.Contains(n.Text, "Times without a place are in Europe/Berlin.") {
		t.Errorf("%d times away, %d at home:\n%s", away, home, n.Text)
	}
	for _, e := range w.holds(kindSlot) {
		s := e.Body.Reveal().Master.Start.In(time.UTC).In(zone(t, "Asia/Tokyo"))
		if s.Day() == 4 && (s.Hour() < 9 || s.Hour() > 17) {
			t.Errorf("a hold at %v", s)
		}
	}
	sayTheSame(t, n)

	// All of it away: one zone, named.
	for i, e := range clashing() {
		m := e.Body.Reveal().Master
		m.Start.Wall, m.End.Wall = m.Start.Wall.AddDate(0, 0, 1), m.End.Wall.AddDate(0, 0, 1)
		w.v.Agenda[i] = e
	}
	w = newWorld(t, o, w.v.Agenda[0], w.v.Agenda[1], trip)
	w.o.Alternatives = 1
	if n := notesOf(w.look())[0].Body.Reveal(); !strings.Contains(n.Text, "Wed 4 Mar 2026, 10:00–11:00 Tokyo time") || !strings.Contains(n.Text, "Times are in Asia/Tokyo.") {
		t.Errorf("all of it away:\n%s", n.Text)
	}
}

// The first sentence says what it is about, where it is not about two appointments.
func TestWhatIsRunInto(t *testing.T) {
	due := meeting("due", wall(tuesday+"13:00"), 0, title("Brief due"), ranked("filing"))
	call := meeting("call", wall(tuesday+"11:00"), time.Hour, title("Call"), ranked("team"))
	away := allDay("away", wall("2026-03-03"), 1, title("Vacation"), show(model.OutOfOffice), ranked("away"))
	lunch := enforce()
	lunch.Protected = []Protected{{Name: "midday", Rank: 30, Hours: []model.Hours{{Day: time.Tuesday, From: 11 * 60, Till: 12 * 60}}}}
	for want, c := range map[string]struct {
		o  Options
		es []model.Event
	}{
		"An appointment of the general counsel falls into the hours before a deadline.": {enforce(), []model.Event{due, call}},
		"An appointment of the general counsel falls on a day out of office.":           {enforce(), []model.Event{away, call}},
		"An appointment of the general counsel falls into time that is kept free.":      {lunch, []model.Event{call}},
		"Two appointments of the general counsel overlap.":                              {enforce(), clashing()},
	} {
		v := view(t, c.es...)
		v.Principal.Title = "the general counsel"
		rank := byEngineRank
		if strings.HasPrefix(want, "Two") {
			rank = rankByCategory
		}
		steps, _, _ := Settle(v, c.o, rank)
		if n := notesOf(steps); len(n) != 1 || !strings.HasPrefix(n[0].Body.Reveal().Text, want) {
			t.Errorf("want %q: %s", want, kinds(steps))
		}
	}
}

// A meeting that has to move anyway is told with what moves it, not with the lunch
// that it would have been allowed to take.
func TestWhatIsOutrankedIsNotTold(t *testing.T) {
	o := enforce()
	o.Protected = []Protected{{Name: "midday", Rank: 10, Hours: []model.Hours{{Day: time.Tuesday, From: 12 * 60, Till: 13 * 60}}}}
	l := look(view(t,
		meeting("long", wall(tuesday+"09:00"), 8*time.Hour, ranked("team")),
		meeting("client", wall(tuesday+"10:00"), time.Hour, ranked("client")),
		meeting("board", wall(tuesday+"14:00"), time.Hour, ranked("client")),
	), o, byEngineRank)
	if got := strings.Join(l.who(), ", "); got != "long < board, long < client" {
		t.Errorf("got %q", got)
	}
}

// The assistant reads that a draft waits, and the organizer of a series that it is
// not about one date alone.
func TestDraftsAreAnnounced(t *testing.T) {
	es := []model.Event{
		meeting("a", wall(tuesday+"10:00"), time.Hour, ranked("internal"), title("Staff meeting"), organizedBy("kim@other.example"), repeats("FREQ=WEEKLY;COUNT=8")),
		meeting("b", wall(tuesday+"10:30"), time.Hour, ranked("client"), title("Client call"), repeats("FREQ=WEEKLY;INTERVAL=3;COUNT=3")),
	}
	o := slotted()
	o.Replies = true
	w := newWorld(t, o, es...)
	var note, draft model.NoteBody
	for _, n := range notesOf(w.look()) {
		if n.Draft {
			draft = n.Body.Reveal()
		} else {
			note = n.Body.Reveal()
		}
	}
	if !strings.Contains(note.Text, drafted) || !strings.Contains(note.HTML, drafted) {
		t.Errorf("the note says nothing of the draft:\n%s", note.Text)
	}
	sayTheSame(t, note)
	if !strings.Contains(draft.Text, "is not free then, nor on 2 later dates of the series.") {
		t.Errorf("the draft:\n%s", draft.Text)
	}
	w = newWorld(t, slotted(), es...)
	if n := notesOf(w.look()); len(n) != 1 || strings.Contains(n[0].Body.Reveal().Text, drafted) {
		t.Error("a draft is announced that nobody writes")
	}
}

// Nobody is offered a time that another one was offered, as long as there are
// others; and what was offered stays offered.
func TestOffersDoNotCross(t *testing.T) {
	var es []model.Event
	for i, day := range []string{"2026-03-05", "2026-03-05", "2026-03-06"} {
		id := string(rune('a' + i))
		es = append(es,
			meeting("team-"+id, wall(day+" 10:00").Add(time.Duration(4*i)*time.Hour%(8*time.Hour)), time.Hour, ranked("internal"), title("Team "+id)),
			meeting("client-"+id, wall(day+" 10:30").Add(time.Duration(4*i)*time.Hour%(8*time.Hour)), time.Hour, ranked("client"), title("Client "+id)))
	}
	es = append(es, meeting("asks", wall("2026-03-05 15:00"), 2*time.Hour, title("Deposition #hold4")))
	w := newWorld(t, slotted(), es...)
	w.look()
	held := append(w.holds(kindSlot), w.holds(kindMany)...)
	if len(held) != 13 {
		t.Fatalf("holds: %v", titles(held))
	}
	at := func(e model.Event) slot {
		start, end := own(e.Body.Reveal().Master, time.UTC)
		return slot{start, end}
	}
	for i, a := range held {
		for _, b := range held[:i] {
			if x, y := at(a), at(b); Root(a.Own.Of) != Root(b.Own.Of) && x.start.Before(y.end) && y.start.Before(x.end) {
				t.Errorf("%v is promised twice: %s and %s", x.start, titles([]model.Event{a}), titles([]model.Event{b}))
			}
		}
	}
	steps, err := BookOf(&w.v).Hold(w.v, w.o, rankByCategory, Request{Title: "Board date", Length: time.Hour, Count: 5, From: w.v.Now, Till: w.v.Now.AddDate(0, 0, 5)})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range holdsOf(steps) {
		b := h.Body.Reveal()
		if slices.ContainsFunc(held, func(e model.Event) bool {
			return at(e).start.Unix() < int64(b.End) && int64(b.Start) < at(e).end.Unix()
		}) {
			t.Errorf("a date at %v is promised twice", time.Unix(int64(b.Start), 0).UTC())
		}
	}
}

// An organizer whose zone the event tells is not asked to get up at five.
func TestOffersSuitTheOrganizer(t *testing.T) {
	es := clashing()
	m := es[0].Body.Reveal().Master
	m.Organizer = model.Address{Addr: "kim@other.example"}
	ny := zone(t, "America/New_York")
	m.Start, m.End = model.Time{Wall: wall(tuesday + "04:00"), Loc: ny}, model.Time{Wall: wall(tuesday + "05:00"), Loc: ny}
	w := newWorld(t, slotted(), es...)
	w.look()
	for _, e := range w.holds(kindSlot) {
		if h := e.Body.Reveal().Master.Start.In(time.UTC).In(ny).Hour(); h < 8 {
			t.Errorf("offered at %d o'clock in New York", h)
		}
	}
}

// What was looked for now lies two hours ahead; what was offered stays.
func TestOffersComeWithNotice(t *testing.T) {
	w := newWorld(t, slotted(), meeting("a", wall("2026-03-02 14:00"), time.Hour, ranked("internal")), meeting("b", wall("2026-03-02 14:00"), time.Hour, ranked("client")))
	w.v.Now = wall("2026-03-02 11:00").In(w.v.Principal.Zone) // 12:00 there
	w.look()
	first := w.holds(kindSlot)
	for _, e := range first {
		if at := e.Body.Reveal().Master.Start.In(time.UTC); !at.After(w.v.Now.Add(2 * time.Hour)) {
			t.Errorf("at %v a time is offered at %v", w.v.Now, at)
		}
	}
	w.v.Now = first[0].Body.Reveal().Master.Start.In(time.UTC).Add(-time.Minute)
	w.look()
	if got := w.holds(kindSlot); len(got) != 3 || got[0].Own.Of != first[0].Own.Of {
		t.Error("an offer went before its time")
	}
}
