package sync

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// crowded has more conflicts than may be settled at once: three changes wait.
func crowded(t *testing.T) *bureau {
	b := newBureau(t, 1, "resolve: decline")
	for n := range amendsFree + 3 {
		b.clash(n)
	}
	b.rest()
	if n := b.waiting(); n != 3 || b.declined() != amendsFree {
		t.Fatalf("%d wait, %d declined", n, b.declined())
	}
	return b
}

func (b *bureau) waiting() int {
	b.t.Helper()
	held, err := b.j.HeldSteps(b.t.Context(), "c/work", 100)
	if err != nil {
		b.t.Fatal(err)
	}
	return len(held)
}

// The brake counts over a restart: a process that begins anew gets no ten of its own.
func TestTheBrakeOutlivesARestart(t *testing.T) {
	b := crowded(t)
	b.clash(amendsFree + 3)
	b.start()
	b.rest()
	if b.waiting() != 4 || b.declined() != amendsFree {
		t.Errorf("%d wait, %d declined", b.waiting(), b.declined())
	}
}

// What waits and is not wanted any more cannot be approved: the conflict is gone,
// or the event begins too soon by now.
func TestWhatWaitsAndIsNotWanted(t *testing.T) {
	b := crowded(t)
	b.cal["c/work"].drop(model.Name(fmt.Sprintf("/day%d-1", amendsFree+2)))
	b.rest()
	if n := b.waiting(); n != 2 {
		t.Errorf("%d wait after a conflict went", n)
	}
	b.now = b.now.AddDate(0, 0, amendsFree+2) // the first of the two is within a day, or past
	b.start()
	b.rest()
	if n := b.waiting(); n != 1 {
		t.Errorf("%d wait after the time for one has passed", n)
	}
	if _, err := b.j.Approve(t.Context(), "c/work", b.now); err != nil {
		t.Fatal(err)
	}
	before := b.declined()
	b.rest()
	if b.declined() != before+1 {
		t.Errorf("approved: %d declined after %d", b.declined(), before)
	}
}

// Undo calls off what waits, for good.
func TestUndoCallsOff(t *testing.T) {
	b := crowded(t)
	w := b.e.workers["c/work"]
	var out UndoResult
	if err := w.undo(t.Context(), t.Context(), UndoRequest{Rule: conflictRule, Source: "c/work"}, &out); err != nil {
		t.Fatal(err)
	}
	if out.Off != 3 || out.Amends != amendsFree || b.waiting() != 0 || b.declined() != 0 {
		t.Errorf("%+v, %d wait, %d declined", out, b.waiting(), b.declined())
	}
	b.now = b.now.Add(2 * amendsTime)
	b.start()
	b.rest()
	if b.waiting() != 0 || b.declined() != 0 {
		t.Errorf("later %d wait, %d are declined", b.waiting(), b.declined())
	}
}

// A time that was moved and then confirmed is chosen: also when it is seen no more.
func TestMovedThenConfirmed(t *testing.T) {
	b := newBureau(t, 1, "slots: true, alternatives: 3")
	b.clash(3)
	b.rest()
	holds := b.cal["c/holds"]
	var slot model.Name
	for href, ev := range holds.events {
		if ev.Own.Of[:2] == "s:" {
			slot = href
		}
	}
	edit := func(how func(*model.Own, *model.Occurrence)) {
		ev := holds.events[slot]
		own, series := *ev.Own, ev.Body.Reveal()
		o := *series.Master
		own.Intact = false
		how(&own, &o)
		series.Master = &o
		ev.Own, ev.Body = &own, model.Hide(series)
		holds.put(ev)
		b.rest()
	}
	edit(func(_ *model.Own, o *model.Occurrence) {
		o.Start.Wall, o.End.Wall = o.Start.Wall.AddDate(0, 0, 7), o.End.Wall.AddDate(0, 0, 7)
	})
	of := holds.events[slot].Own.Of
	how := func() string {
		r, err := b.j.Released(t.Context(), []model.Ident{of})
		if err != nil {
			t.Fatal(err)
		}
		return r[of][conflictRule]
	}
	if how() != "edited" || len(holds.events) < 3 {
		t.Fatalf("moved: %q, %d holds", how(), len(holds.events))
	}
	edit(func(own *model.Own, o *model.Occurrence) {
		own.Confirmed, o.Status, o.Show = true, "CONFIRMED", model.Busy
	})
	if how() != "confirmed" || len(holds.events) != 1 {
		t.Errorf("confirmed: %q, %d holds", how(), len(holds.events))
	}
	edit(func(own *model.Own, o *model.Occurrence) { o.Summary = "Mine" })
	if how() != "confirmed" {
		t.Errorf("edited after it: %q", how())
	}
	count := 0
	for e, err := range b.j.Entries(t.Context(), journal.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == journal.KindReleased {
			count++
		}
	}
	if count != 2 {
		t.Errorf("%d releases in the chain", count)
	}
}

// Classes that are too many at once wait, and nothing else happens about them until a
// person approves, or the rule is no more.
func TestManyClassesWait(t *testing.T) {
	b := newBureau(t, 1, "resolve: decline")
	bare := b.rules
	b.rules = strings.Replace(bare, "calendar:\n", "calendar:\n  classes:\n    - {name: personnel, mode: enforce, class: private, when: 'ev.title.contains(\"Staff\")'}\n", 1)
	b.start()
	for n := range amendsFree + 3 {
		start := model.Time{Wall: b.now.AddDate(0, 0, n), Loc: time.UTC}
		end := model.Time{Wall: start.Wall.Add(time.Hour), Loc: time.UTC}
		uid := fmt.Sprint("staff", n)
		b.cal["c/work"].put(model.Event{Ident: model.Ident("u:" + uid), Ref: model.Ref{Href: model.Name("/" + uid)},
			Body: model.Hide(model.Series{UID: uid, Master: &model.Occurrence{Summary: "Staff", Start: start, End: end}})})
	}
	b.rest()
	if n := b.waiting(); n != 3 {
		t.Fatalf("%d wait", n)
	}
	planned := func() (n int) {
		all, err := b.j.ByGroup(t.Context(), b.e.settlers[0].spec.group())
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	before := planned()
	for range 3 {
		if _, err := b.e.settlers[0].settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := planned(); n != before || b.waiting() != 3 {
			t.Fatalf("%d wait, and %d steps are planned after %d", b.waiting(), n, before)
		}
	}
	b.rules = bare
	b.start()
	b.rest()
	if n := b.waiting(); n != 0 {
		t.Errorf("%d wait for a rule that is no more", n)
	}
}
