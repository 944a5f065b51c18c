package sync

import (
	"cmp"
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
)

var (
	lawSeed  = flag.Int64("law.seed", 1, "first seed of the random histories of a town")
	lawCount = flag.Int64("laws", 6, "how many of them")
)

var townRules = []string{"replies: true", "resolve: decline, slots: true", "resolve: tentative, replies: true", "resolve: move, replies: true", "slots: false, resolve: decline, notice: 1h"}

// history lets everything happen in any order: people, workers, settlers, the clock,
// bad days of servers, restarts, a journal that is lost.
func (w *town) history(acts int, journals bool) {
	w.t.Helper()
	for range acts {
		switch n := w.r.Intn(40); {
		case n < 12:
			w.act()
		case n < 22:
			w.turn(append(townCalendars, "pa")[w.r.Intn(len(townCalendars)+1)])
		case n < 28:
			w.settle(w.r.Intn(len(w.leads)))
		case n < 30:
			w.ask()
		case n < 34:
			for range 1 + w.r.Intn(3) {
				w.next = append(w.next, trouble(w.r.Intn(5)))
			}
			w.say("trouble ahead: %v", w.next)
		case n == 34:
			w.say("restart")
			w.start()
		case n == 35:
			by := []time.Duration{time.Minute, 20 * time.Minute, -time.Hour, 3 * time.Hour}[w.r.Intn(4)]
			w.say("clock %s", by)
			w.now = w.now.Add(by)
		case n == 36:
			c := w.cal[townCalendars[w.r.Intn(len(townCalendars))]]
			w.say("cursors of %s expire", c.id)
			c.epoch++
		case n == 37:
			c := w.cal[townCalendars[w.r.Intn(len(townCalendars))]]
			c.cut = 1 + w.r.Intn(3)
		case n == 38 && journals && w.saved == "":
			w.say("save the journal")
			w.save()
		case n == 39 && journals && w.r.Intn(3) == 0:
			restored := w.saved != "" && w.r.Intn(2) == 0
			w.say("lose the journal, restored %v", restored)
			w.lose(restored)
		}
	}
}

// S1, S3, S4, S5, S6 and S8 of the laws of the loop: whatever happens and in what
// order, all is known as it is in the end, no edit of a person is lost, what was
// decided stays decided, no intent has two objects, and a later run writes nothing.
func TestAnythingMayHappen(t *testing.T) {
	for seed := *lawSeed; seed < *lawSeed+*lawCount; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := newTown(t, seed, townRules[seed%int64(len(townRules))])
			for range 12 {
				w.book()
			}
			w.rest()
			w.check()
			for range 6 {
				w.history(30, seed%3 == 0)
				w.rest()
				w.check()
				w.samePlan()
				w.rest()
				w.check()
				w.nothingNew()
			}
			if w.writes == 0 {
				t.Fatal("nothing was written at all")
			}
		})
	}
}

// nothingNew: noise is no news. Listings that break off, cursors that expire, objects
// that cannot be read for a while, and new processes lead to no write.
func (w *town) nothingNew() {
	w.t.Helper()
	before := w.writes
	for range 4 {
		c := w.cal[townCalendars[w.r.Intn(len(townCalendars))]]
		c.epoch++
		c.cut = 1 + w.r.Intn(3)
		if err := w.e.workers[c.id].turn(w.t.Context(), w.t.Context()); err != nil {
			w.e.workers[c.id].stir()
		}
		c.cut = 0
		for i := range w.leads {
			w.settle(i)
		}
		for href := range c.events {
			if w.r.Intn(4) == 0 {
				c.poison[href] = true
				c.log = append(c.log, href)
			}
		}
		w.turn(c.id)
		for i := range w.leads {
			w.settle(i)
		}
		w.turn("pa")
		for href := range c.poison {
			c.log = append(c.log, href)
		}
		clear(c.poison)
	}
	w.say("after noise")
	w.start()
	w.rest()
	w.check()
	if w.writes != before {
		w.broken("%d writes after nothing but noise", w.writes-before)
	}
}

// samePlan: after some more happened, the process that lived through everything, and
// a preview by a new one that lists the calendars anew, intend the same; and that is
// what is written down.
func (w *town) samePlan() {
	w.t.Helper()
	for range 1 + w.r.Intn(4) {
		w.act()
	}
	if w.pending() > 0 || w.blind { // an approval
		return
	}
	ctx := w.t.Context()
	var preview []model.Step
	for _, p := range w.engine().Plan(ctx) {
		if p.Err != nil {
			w.t.Fatal(p.Err)
		}
		preview = append(preview, p.Steps...)
	}
	ids := slices.Clone(townCalendars)
	w.r.Shuffle(len(ids), func(i, k int) { ids[i], ids[k] = ids[k], ids[i] })
	for _, id := range ids {
		w.turn(id)
	}
	before := w.planned()
	// Leaders who meet each other know of each other's time. What is offered on the way
	// there stays offered, so this must come first in both.
	w.e.inform(ctx)
	for i := range w.leads {
		w.settle(i)
	}
	var run []model.Step
	for id, s := range w.planned() {
		if _, old := before[id]; !old {
			run = append(run, s)
		}
	}
	if a, b := inOrder(preview), inOrder(run); !slices.Equal(a, b) {
		w.broken("the preview says\n  %v\nand the run\n  %v", a, b)
	}
}

func inOrder(steps []model.Step) (out []string) {
	slices.SortFunc(steps, func(a, b model.Step) int { return cmp.Compare(a.ID, b.ID) })
	for _, s := range steps {
		out = append(out, fmt.Sprintf("%s %s %s", s.ID[:6], s.Action.Kind(), string(s.Ident)))
	}
	return out
}

// appointment puts a meeting of two hours on the Wednesday.
func (w *town) appointment(uid, title string, from int, organizer string) {
	start := time.Date(2026, 3, 4, from, 0, 0, 0, time.UTC)
	o := &model.Occurrence{Summary: title, Status: "CONFIRMED", Start: model.Time{Wall: start, Loc: time.UTC}, End: model.Time{Wall: start.Add(2 * time.Hour), Loc: time.UTC},
		Organizer: model.Address{Addr: organizer}, Attendees: []model.Attendee{{Address: model.Address{Addr: "gc@firm.example"}, PartStat: "ACCEPTED"}}}
	w.cal["c/work"].put(model.Event{Ident: model.Ident("u:" + uid), Ref: model.Ref{Href: model.Name("/" + uid)}, Body: model.Hide(model.Series{UID: uid, Master: o})})
}

// What a server calls stale for ever is put off, longer and longer, and done when
// the server has come to its senses.
func TestWhatIsStaleForEverRests(t *testing.T) {
	w := newTown(t, 1, "resolve: decline")
	w.appointment("court", "Court", 10, "court@other.example")
	w.appointment("staff", "Staff", 11, "kim@other.example")
	c := w.cal["c/work"]
	c.odd = true
	round := func() {
		for _, id := range append(slices.Clone(townCalendars), "pa") {
			w.turn(id)
		}
		w.settle(0)
	}
	for range 40 {
		round()
	}
	if c.asked < 1 || c.asked > staleTries {
		t.Fatalf("%d tries at once", c.asked)
	}
	for range 60 { // an hour
		w.now = w.now.Add(time.Minute)
		round()
	}
	if c.asked > staleTries+6 {
		t.Fatalf("%d tries in an hour", c.asked)
	}
	c.odd = false
	w.now = w.now.Add(2 * time.Hour)
	w.rest()
	if len(c.amends) != 1 {
		t.Fatalf("%d amends took effect", len(c.amends))
	}
}

// A program that gives all its files other names takes a hold away in one batch and
// shows it in a later one: nobody deleted it.
func TestARenamedHoldIsNotDeleted(t *testing.T) {
	w := newTown(t, 1, "slots: false")
	w.appointment("court", "Court", 10, "court@other.example")
	w.appointment("staff", "Staff", 11, "kim@other.example")
	w.rest()
	c := w.cal["c/holds"]
	if len(c.events) != 1 {
		t.Fatalf("%d holds", len(c.events))
	}
	c.page = 1
	for href, ev := range c.events {
		c.drop(href)
		ev.Ref.Href += "-renamed"
		c.put(ev)
		defer func() {
			if by, err := w.j.Released(t.Context(), []model.Ident{ev.Own.Of}); err != nil || len(by) > 0 || len(c.events) != 1 {
				t.Errorf("%v, released %v, %d holds", err, by[ev.Own.Of], len(c.events))
			}
		}()
		break
	}
	w.rest()
}
