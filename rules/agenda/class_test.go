package agenda

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
)

func classing(mode string) Options {
	o := enforce()
	o.Mode = "off"
	means := func(_ *model.Event, o *model.Occurrence) bool { return o.Summary == "Severance" }
	o.Classes = []ClassRule{{Name: "sensitive", Place: "rules.d/30.yaml:9:5", Mode: mode, Class: "PRIVATE", Means: func(e *model.Event, o *model.Occurrence) (bool, bool) {
		return means(e, o), true
	}}}
	return o
}

func TestWhichEventsGetAClass(t *testing.T) {
	at := wall(tuesday + "10:00")
	class := func(s string) change { return master(func(o *model.Occurrence) { o.Class = s }) }
	secret := title("Severance")
	retitled := func(o *model.Occurrence) { o.Summary = "Severance" }
	for _, c := range []struct {
		name  string
		event model.Event
		want  bool
	}{
		{"nobody leads", meeting("x", at, time.Hour, secret), true},
		{"the principal leads", meeting("x", at, time.Hour, secret, organizedBy("Dana@firm.example")), true},
		{"another leads", meeting("x", at, time.Hour, secret, organizedBy("kim@other.example")), false},
		{"nobody leads, in the calendar for holds", meeting("x", at, time.Hour, secret, in("dana-cal/conflicts", "/h/x.ics")), false},
		{"the principal leads, in the calendar for holds", meeting("x", at, time.Hour, secret, organizedBy("dana@firm.example"), in("dana-cal/conflicts", "/h/x.ics")), true},
		{"another title", meeting("x", at, time.Hour), false},
		{"public in words", meeting("x", at, time.Hour, secret, class("PUBLIC")), true},
		{"private", meeting("x", at, time.Hour, secret, class("PRIVATE")), false},
		{"confidential", meeting("x", at, time.Hour, secret, class("CONFIDENTIAL")), false},
		{"free", meeting("x", at, time.Hour, secret, show(model.Free)), true},
		{"one date of a series", meeting("x", at, time.Hour, repeats("FREQ=DAILY;COUNT=3"), override(floating("2026-03-04 10:00"), retitled)), true},
		{"a series of which one date has a class", meeting("x", at, time.Hour, secret, repeats("FREQ=DAILY;COUNT=3"),
			override(floating("2026-03-04 10:00"), func(o *model.Occurrence) { o.Class = "PRIVATE" })), false},
		{"an invitation to one date", meeting("x", at, time.Hour, secret, orphan, override(floating("2026-03-04 10:00"), retitled)), false},
		{"past", meeting("x", wall("2026-01-03 10:00"), time.Hour, secret), false},
		{"ours", meeting("x", at, time.Hour, secret, func(e *model.Event, _ *model.Series) { e.Own, e.Tagged = &model.Own{}, true }), false},
	} {
		steps, _, _ := Settle(view(t, c.event), classing("enforce"), rankByCategory)
		if len(steps) > 1 || (len(steps) == 1) != c.want {
			t.Errorf("%s: %s", c.name, kinds(steps))
			continue
		}
		if len(steps) == 1 {
			a, ok := steps[0].Action.(model.Amend)
			if !ok || a.Was.Class != "PUBLIC" || a.Now.Class != "PRIVATE" || !a.Instance.IsZero() || a.Base != c.event.Ref || steps[0].Rule != "sensitive" {
				t.Errorf("%s: %+v", c.name, steps[0])
			}
		}
		steps, reports, _ := Settle(view(t, c.event), classing("observe"), rankByCategory)
		if len(steps) > 0 || (len(reports) == 1 && reports[0].Would == "amend") != c.want {
			t.Errorf("%s, observing: %s %v", c.name, kinds(steps), words(reports))
		}
	}
}

// Whatever is known of an event's class, it is set once at most.
func TestAClassIsSetOnce(t *testing.T) {
	v := view(t, meeting("x", wall(tuesday+"10:00"), time.Hour, title("Severance")))
	o := classing("enforce")
	second := o.Classes[0]
	second.Name, second.Class = "second", "CONFIDENTIAL"
	o.Classes = append(o.Classes, second)
	steps, _, _ := Settle(v, o, rankByCategory)
	if len(steps) != 1 || steps[0].Rule != "sensitive" {
		t.Fatalf("two rules mean one event: %s", kinds(steps))
	}
	a := steps[0].Action.(model.Amend)
	for name, f := range map[string]model.Finding{
		"under way": {Open: true}, "waiting": {Held: true}, "set back by a person": {Pinned: true}, "done": {Amended: &a}, "refused": {Dismissed: true},
	} {
		v.Findings[steps[0].Ident] = f
		if again, _, _ := Settle(v, o, rankByCategory); len(again) > 0 {
			t.Errorf("%s: %s", name, kinds(again))
		}
	}
}

// A class that waits for a person is asked for as long as the rules mean it, so that
// it neither comes and goes nor outlives its rule; with conflicts or without.
func TestAClassThatWaits(t *testing.T) {
	v := view(t, meeting("x", wall(tuesday+"10:00"), time.Hour, title("Severance")))
	steps, _, _ := Settle(v, classing("enforce"), rankByCategory)
	if len(steps) != 1 {
		t.Fatal(kinds(steps))
	}
	a, of := steps[0].Action.(model.Amend), steps[0].Ident
	v.Findings[of] = model.Finding{Held: true, Asked: &a}
	for _, c := range []struct {
		name   string
		change func(*Options)
		drops  bool
	}{
		{"as it was", func(*Options) {}, false},
		{"with conflicts", func(o *Options) { o.Mode = "enforce" }, false},
		{"not meant any more", func(o *Options) {
			o.Classes[0].Means = func(*model.Event, *model.Occurrence) (bool, bool) { return false, true }
		}, true},
		{"meant otherwise", func(o *Options) { o.Classes[0].Class = "CONFIDENTIAL" }, true},
		{"only observed", func(o *Options) { o.Classes[0].Mode = "observe" }, true},
		{"no rule at all", func(o *Options) { o.Classes = nil }, true},
	} {
		o := classing("enforce")
		c.change(&o)
		var drops []model.Ident
		o.Drop = func(of model.Ident) { drops = append(drops, of) }
		again, _, _ := Settle(v, o, rankByCategory)
		if len(again) > 0 || slices.Contains(drops, of) != c.drops || len(drops) > 1 {
			t.Errorf("%s: %s, dropped %d", c.name, kinds(again), len(drops))
		}
	}
}

// What mirrors and classes add to a look at a busy leader's time.
func BenchmarkMirrors(b *testing.B) {
	for _, on := range []bool{false, true} {
		b.Run(fmt.Sprintf("on=%v", on), func(b *testing.B) {
			events := bigAgenda(b, 10_000)
			for i := range events {
				if i%2 == 0 {
					events[i].Ref.Source = "dana-cal/private"
				}
			}
			v := view(b, events...)
			o := enforce()
			if on {
				o.Mirrors, o.Classes = mirroring("enforce").Mirrors, classing("enforce").Classes
			}
			book := BookOf(&v)
			for b.Loop() {
				book.Settle(v, o, rankByCategory)
			}
		})
	}
}
