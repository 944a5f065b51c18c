package sync

import (
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// noteStep is a step about the note id of the finding "c:1".
func noteStep(id string, state journal.State, replaces ...string) journal.Intent {
	return about("n"+id, state, model.Note{Body: model.Hide(model.NoteBody{MessageID: id}), Replaces: replaces})
}

func dropStep(id string, state journal.State) journal.Intent {
	return about("d"+id, state, model.DropNote{MessageID: id})
}

func TestStandingNotes(t *testing.T) {
	const planned, sent, confirmed = journal.StatePlanned, journal.StateSent, journal.StateConfirmed
	tests := []struct {
		name    string
		intents []journal.Intent
		want    []string
	}{
		{"replaced", []journal.Intent{noteStep("<1>", confirmed), noteStep("<2>", confirmed, "<1>")}, []string{"<2>"}},
		{"not replaced yet", []journal.Intent{noteStep("<1>", confirmed), noteStep("<2>", sent, "<1>")}, []string{"<1>", "<2>"}},
		{"the replacement was replaced itself", []journal.Intent{noteStep("<1>", confirmed), noteStep("<2>", journal.StateSuperseded, "<1>")}, []string{"<1>"}},
		{"refused", []journal.Intent{noteStep("<1>", confirmed), noteStep("<2>", journal.StateRefused, "<1>")}, []string{"<1>"}},
		{"about to be taken away", []journal.Intent{noteStep("<1>", confirmed), dropStep("<1>", planned)}, []string{"<1>"}},
		{"taken away", []journal.Intent{noteStep("<1>", confirmed), dropStep("<1>", confirmed)}, nil},
		{"written again", []journal.Intent{noteStep("<1>", confirmed), dropStep("<1>", confirmed), noteStep("<1>", confirmed)}, []string{"<1>"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := standingNotes(tt.intents)["c:1"]; !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestStepsReachEveryNote(t *testing.T) {
	standing := map[model.Ident][]string{"c:1": {"<1>", "<2>"}}
	steps := takeAll([]model.Step{noteStep("<2>", "", "<2>").Step}, standing)
	if got := steps[0].Action.(model.Note).Replaces; len(steps) != 1 || !slices.Equal(got, []string{"<1>"}) {
		t.Errorf("the note replaces %q", got)
	}
	var dropped []string
	for _, s := range takeAll([]model.Step{dropStep("<2>", "").Step}, standing) {
		dropped = append(dropped, s.Action.(model.DropNote).MessageID)
	}
	if !slices.Equal(dropped, []string{"<1>", "<2>"}) {
		t.Errorf("dropped %q", dropped)
	}
}

func TestOvertaken(t *testing.T) {
	first, second := noteStep("<1>", journal.StatePlanned), noteStep("<2>", journal.StateConfirmed)
	hold := about("h", journal.StateConfirmed, model.Hold{Digest: "x"})
	gone := noteStep("<3>", journal.StateSuperseded)
	for _, c := range []struct {
		name  string
		known []journal.Intent
		want  bool
	}{
		{"alone", []journal.Intent{first}, false},
		{"by a later note", []journal.Intent{first, second}, true},
		{"not by an earlier one", []journal.Intent{second, first}, false},
		{"not by a hold", []journal.Intent{first, hold}, false},
		{"not by one that never was", []journal.Intent{first, gone}, false},
		{"by a drop", []journal.Intent{first, dropStep("<1>", journal.StatePlanned)}, true},
	} {
		if overtaken(first, c.known) != c.want {
			t.Errorf("%s: want %t", c.name, c.want)
		}
	}
}

// A hold that is missing is a person's decision only if all there is was read.
func TestAHoldIsNotMissedWhileSomethingCannotBeRead(t *testing.T) {
	w := newWorker(&Engine{agenda: newAgenda(), load: newLoad(), now: time.Now}, SourceSpec{ID: "c/holds", Calendar: true})
	w.holds = map[model.Ident]int{"c:1": 0}
	w.unread["/holds/1.ics"] = true
	deleted := map[model.Ident]bool{}
	for range 5 {
		w.miss(deleted, missedPulls)
	}
	if len(deleted) > 0 {
		t.Error("taken for deleted although it may be what could not be read")
	}
	delete(w.unread, "/holds/1.ics")
	if w.miss(deleted, 1); !deleted["c:1"] {
		t.Error("not taken for deleted")
	}
}
