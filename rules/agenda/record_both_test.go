package agenda

import (
	"testing"
	"time"

	"chancery/internal/model"
)

// Both meetings of a conflict may have been changed, one after the other. What is
// told of it is the same at every look: else its note would be written for ever.
func TestBothOfAConflictChanged(t *testing.T) {
	w := newWorld(t, resolving(toTentative),
		meeting("a", wall(tuesday+"10:00"), time.Hour, ranked("internal"), title("Staff meeting"), led(boss, self+" ACCEPTED")),
		meeting("b", wall(tuesday+"10:30"), time.Hour, ranked("client"), title("Client call"), led(boss, self+" ACCEPTED")))
	done := func() (n int) {
		for _, f := range w.v.Findings {
			if f.Amended != nil {
				n++
			}
		}
		return n
	}
	w.look()
	for i := range w.v.Agenda {
		if m := w.v.Agenda[i].Body.Reveal().Master; w.v.Agenda[i].Own == nil {
			m.Categories = []string{map[string]string{"Staff meeting": "client", "Client call": "internal"}[m.Summary]}
			m.Attendees = []model.Attendee{m.Attendees[0]}
			m.Attendees[0].PartStat = map[string]string{"Staff meeting": "ACCEPTED", "Client call": m.Attendees[0].PartStat}[m.Summary]
		}
	}
	w.look()
	if done() != 2 {
		t.Fatalf("%d are changed", done())
	}
	// Now both yield to a third, and theirs is only told as done.
	w.v.Agenda = append(w.v.Agenda, meeting("c", wall(tuesday+"10:00"), 2*time.Hour, ranked("court"), title("Hearing")))
	w.look()
	for range 50 {
		if again := w.look(); len(again) > 0 {
			t.Fatalf("told anew: %s", kinds(again))
		}
	}
}
