package agenda

import (
	"testing"
	"time"

	"chancery/internal/model"
)

// Holds of ours that the findings do not know are taken up, those of others and
// copies are not.
func TestForgottenHoldsAreTakenUp(t *testing.T) {
	a, b := meeting("a", wall(tuesday+"10:00"), time.Hour), meeting("b", wall(tuesday+"10:30"), time.Hour)
	v := view(t, a, b)
	steps, _, _ := Settle(v, enforce(), rankByCategory)
	h := holdsOf(steps)[0]
	standing := func(changes ...func(*model.Event)) model.Event {
		e := meeting(h.UID, wall(tuesday+"10:30"), time.Hour, in("dana-cal/conflicts", "/holds/1.ics"))
		e.Own = &model.Own{Of: h.Of, Digest: h.Digest, Intact: true}
		for _, change := range changes {
			change(&e)
		}
		return e
	}
	edited := func(e *model.Event) { e.Own.Intact = false }
	older := func(e *model.Event) { e.Own.Digest = "older" }
	copied := func(e *model.Event) {
		s := e.Body.Reveal()
		s.UID = "copy"
		e.Body = model.Hide(s)
	}
	elsewhere := func(e *model.Event) { e.Ref.Source = "dana-cal/work" }
	for _, c := range []struct {
		name   string
		agenda []model.Event
		kinds  string
	}{
		{"it stands as it should: only the note is missing", []model.Event{a, b, standing()}, "note "},
		{"it says something older: it is brought up to date", []model.Event{a, b, standing(older)}, "hold note "},
		{"a person edited it: left alone", []model.Event{a, b, standing(edited)}, ""},
		{"the conflict is over: withdrawn", []model.Event{a, standing()}, "withdraw "},
		{"over, but edited: left alone", []model.Event{a, standing(edited)}, ""},
		{"a copy is not the hold", []model.Event{a, standing(copied)}, ""},
		{"nor is what lies in another calendar", []model.Event{a, standing(elsewhere)}, ""},
	} {
		v := view(t, c.agenda...)
		steps, _, _ := Settle(v, enforce(), rankByCategory)
		kinds := ""
		for _, s := range steps {
			kinds += s.Action.Kind() + " "
		}
		if kinds != c.kinds {
			t.Errorf("%s: got %q, want %q", c.name, kinds, c.kinds)
		}
		for _, h := range holdsOf(steps) {
			if h.Base.Href == "" {
				t.Errorf("%s: the hold is not based on what stands", c.name)
			}
		}
		if len(v.Findings) > 0 {
			t.Errorf("%s: the caller's findings were changed", c.name)
		}
		v.Principal.Name = "Omar Bell"
		steps, _, _ = Settle(v, enforce(), rankByCategory)
		for _, s := range steps {
			if s.Action.Kind() == "withdraw" {
				t.Errorf("%s: another principal withdraws it", c.name)
			}
		}
	}
}
