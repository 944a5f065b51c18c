package sync

import (
	"context"
	"errors"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
	"chancery/sync/journal"
)

// What a first try found done was there before us; what a second one found so was
// done by the first, whose answer was lost with its process.
func TestHadEffect(t *testing.T) {
	mark := model.Mark{Name: "billing", Keyword: "lx-4"}
	for _, tt := range []struct {
		name string
		in   journal.Intent
		want bool
	}{
		{"filed", journal.Intent{Step: model.Step{Action: model.File{}}, Attempts: 1}, true},
		{"filed by others", journal.Intent{Step: model.Step{Action: model.File{}}, Attempts: 1, Already: true}, false},
		{"filed before it was sent", journal.Intent{Step: model.Step{Action: model.File{}}, Already: true}, false},
		{"filed by a try that was not answered", journal.Intent{Step: model.Step{Action: model.File{}}, Attempts: 2, Already: true}, true},
		{"marked", journal.Intent{Step: model.Step{Action: mark}, Attempts: 1, Added: model.Flags{"lx-4"}, Flags: model.Flags{"lx-4"}}, true},
		{"marked by others", journal.Intent{Step: model.Step{Action: mark}, Attempts: 2, Already: true, Flags: model.Flags{"lx-4"}}, false},
		{"marked by a try that was not answered", journal.Intent{Step: model.Step{Action: mark}, Attempts: 2, Already: true, Added: model.Flags{"lx-4"}}, true},
		{"a letter", journal.Intent{Step: model.Step{Action: model.Note{}}, Attempts: 1}, false},
		{"an undo", journal.Intent{Step: model.Step{Action: model.Return{}}, Attempts: 1}, false},
	} {
		if got := HadEffect(tt.in); got != tt.want {
			t.Errorf("%s: %t, want %t", tt.name, got, tt.want)
		}
	}
}

// A process dies while the server copies, and may copy on. Who takes back what the
// rule did, in a process of his own, waits for the end of that; the service says so.
func TestUndoWaitsForACopyOnItsWay(t *testing.T) {
	d := newDesk(t, SourceSpec{})
	d.copies, d.now = true, time.Now()
	died := &connectors.Error{Class: connectors.Network, Code: "reset"}
	d.applies = func([]model.Step) ([]model.Result, error) { return nil, died }
	d.tell(d.bills(1, 5)...)
	if err := d.w.turn(t.Context(), t.Context()); !errors.Is(err, died) {
		t.Fatal(err)
	}
	d.applies = nil
	d.start()
	d.w.e.running.Store(true)
	req := UndoRequest{Rule: "invoices", Source: "gc"}
	d.turn()
	var out UndoResult
	if err := d.w.undo(t.Context(), t.Context(), req, &out); !errors.Is(err, errUnderWay) || len(d.applied) != 0 {
		t.Fatalf("beside the service: %v, %d steps", err, len(d.applied))
	}
	d.w.e.running.Store(false)
	d.w.e.now, d.w.e.opt.SettleDelay = time.Now, 50*time.Millisecond
	out, err := d.w.e.Undo(t.Context(), req)
	if err != nil || out.Returns != 5 || d.filed() != 5 {
		t.Errorf("alone: %+v, %v, %d filed", out, err, d.filed())
	}
	// Another rule's moves are waited for by nobody.
	d.start()
	if err := d.w.landed(t.Context(), "another"); err != nil {
		t.Error(err)
	}
}

// History is the mail that a desk has.
func (d *desk) History(context.Context, time.Time, func([]model.Change) error) error { return nil }

// So does a backfill: no turn of its process comes back for what was under way.
func TestBackfillWaitsForACopyOnItsWay(t *testing.T) {
	d := newDesk(t, SourceSpec{})
	d.copies, d.now = true, time.Now()
	d.applies = func([]model.Step) ([]model.Result, error) {
		return nil, &connectors.Error{Class: connectors.Network, Code: "reset"}
	}
	d.tell(d.bills(1, 5)...)
	if err := d.w.turn(t.Context(), t.Context()); err == nil {
		t.Fatal("the connection did not die")
	}
	d.applies = nil
	d.start()
	d.w.e.now, d.w.e.opt.SettleDelay = time.Now, 50*time.Millisecond
	if _, err := d.w.e.Backfill(t.Context(), BackfillRequest{Rule: "invoices", Source: "gc"}); err != nil || d.filed() != 5 {
		t.Errorf("%v, %d filed", err, d.filed())
	}
}
