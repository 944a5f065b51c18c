package sync

import (
	"slices"
	"testing"
	"time"

	"chancery/connectors"
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
		together, alone := w.ready(open)
		var ids []model.StepID
		for _, in := range together {
			ids = append(ids, in.Step.ID)
		}
		if !slices.Equal(ids, tt.want) || len(alone) != 0 {
			t.Errorf("%s: %v and %d alone, want %v", tt.name, ids, len(alone), tt.want)
		}
	}
}

// A note that failed too often is tried alone, and still before the one that
// replaces it.
func TestANoteThatIsTriedAloneStaysInFront(t *testing.T) {
	tired := journal.Intent{Step: model.Step{ID: "first", Ident: "a", Action: model.Note{}}, State: journal.StateSent, Attempts: triesTogether}
	next := journal.Intent{Step: model.Step{ID: "second", Ident: "a", Action: model.Note{}}, State: journal.StatePlanned}
	mark := journal.Intent{Step: model.Step{ID: "mark", Ident: "a", Action: model.Mark{}}, State: journal.StatePlanned}
	w := &worker{e: &Engine{opt: Options{SettleDelay: SettleDelay}, now: time.Now}}
	together, alone := w.ready([]journal.Intent{tired, next, mark})
	if len(together) != 1 || together[0].Step.ID != "mark" || len(alone) != 1 || alone[0].Step.ID != "first" {
		t.Errorf("together %d, alone %d", len(together), len(alone))
	}
}

// copying is a source that files by COPY, or not.
type copying struct {
	connectors.Source
	yes bool
}

func (c copying) Copies() bool { return c.yes }

// A server may go on copying for a connection that died: who asks too soon sees
// no copy and makes another one. With MOVE there is nothing in between.
func TestACopyOnItsWayIsWaitedFor(t *testing.T) {
	start := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	intent := func(id string, of model.Ident, a model.Action, state journal.State) journal.Intent {
		return journal.Intent{Step: model.Step{ID: model.StepID(id), Ident: of, Action: a}, State: state, SentAt: start}
	}
	open := []journal.Intent{
		intent("mark", "a", model.Mark{}, journal.StateSent), intent("other", "b", model.Mark{}, journal.StateSent),
		intent("copy", "a", model.File{}, journal.StateSent), intent("next", "b", model.File{}, journal.StatePlanned),
	}
	for _, tt := range []struct {
		name   string
		copies bool
		after  time.Duration
		want   []model.StepID
	}{
		{"at once", true, 0, []model.StepID{"other", "next"}},
		{"after the delay", true, SettleDelay, []model.StepID{"mark", "other", "copy", "next"}},
		{"with MOVE", false, 0, []model.StepID{"mark", "other", "copy", "next"}},
	} {
		w := &worker{
			e:   &Engine{opt: Options{SettleDelay: SettleDelay}, now: func() time.Time { return start.Add(tt.after) }},
			src: copying{yes: tt.copies},
		}
		together, _ := w.ready(open)
		var ids []model.StepID
		for _, in := range together {
			ids = append(ids, in.Step.ID)
		}
		if !slices.Equal(ids, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, ids, tt.want)
		}
	}
}

// A step that was sent before is said to be so, also when it is planned again: its
// effect may be there, and the source has to look.
func TestASourceIsToldWhatWasSentBefore(t *testing.T) {
	step := func(id string) model.Step { return model.Step{ID: model.StepID(id), Action: model.File{}} }
	steps, ids := toSend([]journal.Intent{
		{Step: step("new"), State: journal.StatePlanned},
		{Step: step("sent"), State: journal.StateSent, Attempts: 1},
		{Step: step("put back"), State: journal.StatePlanned, Attempts: 2},
	})
	if !slices.Equal(ids, []model.StepID{"new", "sent", "put back"}) || len(steps) != 3 || steps[0].Again || !steps[1].Again || !steps[2].Again {
		t.Errorf("%v: %+v", ids, steps)
	}
}

// A connection works a long list off, and is lost with its last copy under way. The
// delay counts from there, however long ago the list was sent, and after the start
// of a process from the start. What is tried then is said to be tried again.
func TestTheDelayCountsFromTheLossOfTheConnection(t *testing.T) {
	d := newDesk(t, SourceSpec{})
	d.copies = true
	file := model.Step{ID: "1", Source: "gc", Ident: "a", Rule: "invoices", Ref: model.Ref{Source: "gc", Mailbox: "INBOX", UID: 1}, Action: model.File{Mailbox: []string{"Billing"}}}
	if _, err := d.j.Commit(t.Context(), journal.Turn{Lease: d.w.lease, Now: d.now, KeepCursor: true, Planned: []journal.Planned{{Step: file, Cause: "gc"}}}); err != nil {
		t.Fatal(err)
	}
	d.applies = func([]model.Step) ([]model.Result, error) {
		d.now = d.now.Add(5 * SettleDelay)
		return nil, &connectors.Error{Class: connectors.Network, Code: "reset"}
	}
	if err := d.w.turn(t.Context(), t.Context()); err == nil {
		t.Fatal("the failure was not told")
	}
	d.applies = nil
	quiet := func(when string) {
		t.Helper()
		d.now = d.now.Add(SettleDelay - 1)
		if d.turn(); len(d.applied) != 0 {
			t.Fatalf("%s: tried too soon", when)
		}
	}
	quiet("after the loss")
	d.start()
	quiet("after the start")
	d.now = d.now.Add(1)
	if d.turn(); len(d.applied) != 1 || !d.applied[0].Again {
		t.Fatalf("%+v", d.applied)
	}
}
