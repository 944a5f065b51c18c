package sync

import (
	"fmt"
	"testing"
	"time"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// clash books a meeting that the general counsel is invited to, and a court date
// over it.
func (b *bureau) clash(n int) {
	start := time.Date(2026, 3, 4+n, 10, 0, 0, 0, time.UTC)
	for i, title := range []string{"Staff", "Court"} {
		o := &model.Occurrence{Summary: title, Status: "CONFIRMED", Start: model.Time{Wall: start, Loc: time.UTC}, End: model.Time{Wall: start.Add(time.Hour), Loc: time.UTC}}
		o.Organizer = model.Address{Addr: "kim@other.example"}
		o.Attendees = []model.Attendee{{Address: model.Address{Addr: "gc@firm.example"}, PartStat: "ACCEPTED"}}
		uid := fmt.Sprintf("day%d-%d", n, i)
		b.cal["c/work"].put(model.Event{Ident: model.Ident("u:" + uid), Ref: model.Ref{Href: model.Name("/" + uid)}, Body: model.Hide(model.Series{UID: uid, Master: o})})
	}
}

func (b *bureau) declined() (n int) {
	for _, ev := range b.cal["c/work"].events {
		if ev.Body.Reveal().Master.Attendees[0].PartStat == "DECLINED" {
			n++
		}
	}
	return n
}

// More changes of events than a few wait for a person, and the conflicts are told
// meanwhile.
func TestManyAmendsWait(t *testing.T) {
	b := newBureau(t, 1, "resolve: decline")
	for n := range amendsFree + 3 {
		b.clash(n)
	}
	b.rest()
	held, err := b.j.HeldSteps(t.Context(), "c/work", 100)
	if err != nil {
		t.Fatal(err)
	}
	if b.declined() != amendsFree || len(held) != 3 || len(b.cal["c/holds"].events) != 3 {
		t.Fatalf("%d declined, %d wait, %d holds", b.declined(), len(held), len(b.cal["c/holds"].events))
	}
	if _, err := b.j.Approve(t.Context(), "c/work", b.now); err != nil {
		t.Fatal(err)
	}
	b.rest()
	if b.declined() != amendsFree+3 || len(b.cal["c/holds"].events) != 0 {
		t.Errorf("approved: %d declined, %d holds", b.declined(), len(b.cal["c/holds"].events))
	}
	b.clash(amendsFree + 4)
	b.rest()
	if b.declined() != amendsFree+3 {
		t.Error("what is approved opens the way for more")
	}
	if _, err := b.j.Reject(t.Context(), "c/work", b.now); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(2 * amendsTime)
	b.start()
	b.rest()
	if b.declined() != amendsFree+3 || len(b.cal["c/holds"].events) != 1 {
		t.Error("what a person rejected was done, or is not told")
	}
}

// What is only observed is told once, however often the service starts.
func TestObservedOnce(t *testing.T) {
	b := newBureau(t, 1, "resolve: decline")
	b.rules = "version: 1\ncalendar:\n  ranks:\n    - {name: court, rank: 100, when: 'ev.title.contains(\"Court\")', fixed: true}\n    - {name: internal, rank: 20, when: 'true'}\n  conflicts: {mode: observe, resolve: decline}\n"
	b.start()
	b.clash(1)
	count := func() (n int) {
		for e, err := range b.j.Entries(t.Context(), journal.Filter{}) {
			if err != nil {
				t.Fatal(err)
			}
			if e.Kind == "observed" {
				n++
			}
		}
		return n
	}
	b.rest()
	first := count()
	for range 3 {
		b.start()
		b.rest()
	}
	if first != 1 || count() != first || b.writes != 0 {
		t.Errorf("told %d times, after three restarts %d, %d writes", first, count(), b.writes)
	}
	b.clash(2)
	b.start()
	b.rest()
	if count() != first+1 {
		t.Errorf("a second conflict: told %d times", count())
	}
}
