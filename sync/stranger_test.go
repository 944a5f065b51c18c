package sync

import (
	"maps"
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
	"chancery/rules/agenda"
)

// dispute is a bureau with one conflict that is told and offered times for.
func dispute(t *testing.T) *bureau {
	b := newBureau(t, 1, "slots: true")
	b.meet("court", "Court", 10, nil)
	b.meet("staff", "Staff", 10, nil)
	b.rest()
	if n := len(b.cal["c/holds"].events); n < 3 {
		t.Fatalf("%d holds", n)
	}
	return b
}

// meet puts a meeting of an hour into the calendar of work.
func (b *bureau) meet(uid, title string, hour int, change func(*model.Event, *model.Occurrence)) {
	start := time.Date(2026, 3, 5, hour, 0, 0, 0, time.UTC)
	o := &model.Occurrence{Summary: title, Status: "CONFIRMED", Start: model.Time{Wall: start, Loc: time.UTC}, End: model.Time{Wall: start.Add(time.Hour), Loc: time.UTC}}
	ev := model.Event{Ident: model.Ident("u:" + uid), Ref: model.Ref{Href: model.Name("/" + uid)}}
	if change != nil {
		change(&ev, o)
	}
	ev.Body = model.Hide(model.Series{UID: uid, Master: o})
	b.cal["c/work"].put(ev)
}

// hold returns a hold that stands: one to choose, or the one that tells.
func (b *bureau) hold(slot bool) model.Event {
	b.t.Helper()
	holds := b.cal["c/holds"].events
	for _, href := range slices.Sorted(maps.Keys(holds)) {
		if agenda.IsSlot(holds[href].Own.Of) == slot {
			return holds[href]
		}
	}
	b.t.Fatal("no such hold")
	return model.Event{}
}

// replay is an invitation by mail that a server put into the calendar of work, with
// the tag of a hold that an outsider came to know.
func (b *bureau) replay(of model.Event, organizer string, confirmed bool) {
	own := *of.Own
	own.Intact, own.Confirmed = false, confirmed
	o := *of.Body.Reveal().Master
	o.Organizer, o.Status, o.Show = model.Address{Addr: organizer}, "CONFIRMED", model.Busy
	b.cal["c/work"].put(model.Event{Ident: of.Ident, Ref: model.Ref{Href: "/replay"}, Own: &own, Tagged: true, Body: model.Hide(model.Series{UID: of.Body.Reveal().UID, Master: &o})})
}

// An outsider who has a signed hold confirms, edits and dismisses nothing by it.
func TestATagInAnInvitationDecidesNothing(t *testing.T) {
	for name, slot := range map[string]bool{"one to choose": true, "the one that tells": false} {
		t.Run(name, func(t *testing.T) {
			b := dispute(t)
			before := len(b.cal["c/holds"].events)
			h := b.hold(slot)
			b.replay(h, "mallory@outside.example", slot)
			b.rest()
			if n := len(b.cal["c/holds"].events); n < before {
				t.Errorf("%d holds with the invitation, %d before", n, before)
			}
			b.cal["c/work"].drop("/replay")
			b.rest()
			if n := len(b.cal["c/holds"].events); n != before {
				t.Errorf("%d holds after the invitation, %d before", n, before)
			}
			if how, err := b.j.Released(t.Context(), []model.Ident{h.Own.Of}); err != nil || len(how) > 0 {
				t.Errorf("released %v, %v", how, err)
			}
			// It is still kept up to date.
			b.cal["c/work"].drop("/staff")
			b.rest()
			if n := len(b.cal["c/holds"].events); n > 0 {
				t.Errorf("%d holds for nothing", n)
			}
		})
	}
}

// What the principal makes of a hold in another calendar still counts.
func TestAChosenHoldMayLieAnywhere(t *testing.T) {
	for _, organizer := range []string{"", "gc@firm.example"} {
		b := dispute(t)
		b.replay(b.hold(true), organizer, true)
		b.rest()
		for _, ev := range b.cal["c/holds"].events {
			if ev.Own.Of != b.cal["c/work"].events["/replay"].Own.Of {
				t.Errorf("organizer %q: a hold stands beside the one that was chosen", organizer)
			}
		}
	}
}

// A forged tag hides no invitation.
func TestAForgedTagHidesNothing(t *testing.T) {
	b := newBureau(t, 1, "slots: false")
	b.meet("court", "Court", 10, nil)
	b.meet("staff", "Staff", 10, func(e *model.Event, o *model.Occurrence) {
		e.Tagged, o.Organizer = true, model.Address{Addr: "mallory@outside.example"}
	})
	b.rest()
	if n := len(b.cal["c/holds"].events); n != 1 {
		t.Errorf("%d holds, want one", n)
	}
	// Nor one whose caller has no address.
	b.meet("staff", "Staff", 10, func(e *model.Event, o *model.Occurrence) {
		e.Tagged, o.Attendees = true, []model.Attendee{{Address: model.Address{Addr: "gc@firm.example"}, PartStat: "ACCEPTED"}}
	})
	b.rest()
	if n := len(b.cal["c/holds"].events); n != 1 {
		t.Errorf("%d holds, want one", n)
	}
	// But a hold of another installation is no meeting.
	b.meet("staff", "Staff", 10, func(e *model.Event, _ *model.Occurrence) { e.Tagged = true })
	b.rest()
	if n := len(b.cal["c/holds"].events); n != 0 {
		t.Errorf("%d holds, want none", n)
	}
}
