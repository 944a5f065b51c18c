package sync

import (
	"testing"

	"chancery/internal/model"
)

// The daemon dies after it changed an event and before it heard of that, and a
// person puts the event back before it starts again. What it finds then is from a
// person, whether or not its change had arrived: it does not change it once more.
func TestAPersonAnswersWhatAProcessDiedOver(t *testing.T) {
	b := newBureau(t, 1, "resolve: decline")
	b.clash(1)
	b.fault = b.writes + 1
	for b.round() == nil {
		if b.writes > 0 {
			t.Fatal("the first write was no change of an event")
		}
	}
	if b.declined() != 1 {
		t.Fatalf("%d declined", b.declined())
	}
	work := b.cal["c/work"]
	for href, ev := range work.events {
		if ev.Body.Reveal().Master.Attendees[0].PartStat == "DECLINED" {
			work.put(changedTo(work.events[href], model.Amended{Answer: "ACCEPTED"}))
		}
	}
	b.start()
	b.rest()
	if b.declined() != 0 {
		t.Error("what a person took back was done again")
	}
	if len(b.cal["c/holds"].events) == 0 {
		t.Error("the conflict is not told")
	}
}
