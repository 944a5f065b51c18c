package sync

import (
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// After a crash a note may still be on its way. What comes after it about the
// same finding waits with it; everything else goes on.
func TestANoteWaitsForTheOneItReplaces(t *testing.T) {
	start := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	intent := func(id string, of model.Ident, a model.Action, state journal.State) journal.Intent {
		in := journal.Intent{Step: model.Step{ID: model.StepID(id), Ident: of, Action: a}, State: state}
		if state == journal.StateSent {
			in.SentAt = start
		}
		return in
	}
	open := []journal.Intent{
		intent("first", "a", model.Note{}, journal.StateSent),
		intent("mark", "m", model.Mark{}, journal.StateSent),
		intent("other", "b", model.Note{}, journal.StatePlanned),
		intent("hold", "a", model.Hold{}, journal.StateSent),
		intent("second", "a", model.Note{Replaces: []string{"<first@firm.example>"}}, journal.StatePlanned),
		intent("drop", "a", model.DropNote{}, journal.StatePlanned),
		intent("drop other", "b", model.DropNote{}, journal.StatePlanned),
	}
	for _, tt := range []struct {
		name  string
		after time.Duration
		want  []model.StepID
	}{
		{"at once", 0, []model.StepID{"mark", "other", "hold", "drop other"}},
		{"just before the delay is over", SettleDelay - 1, []model.StepID{"mark", "other", "hold", "drop other"}},
		{"after the delay", SettleDelay, []model.StepID{"first", "mark", "other", "hold", "second", "drop", "drop other"}},
	} {
		w := &worker{e: &Engine{opt: Options{SettleDelay: SettleDelay}, now: func() time.Time { return start.Add(tt.after) }}}
		if steps, ids := w.ready(open); !slices.Equal(ids, tt.want) || len(steps) != len(ids) {
			t.Errorf("%s: %v, want %v", tt.name, ids, tt.want)
		}
	}
}
