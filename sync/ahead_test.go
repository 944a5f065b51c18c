package sync

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"chancery/connectors"
	"chancery/sync/journal"
)

// What is read while the batch before is worked on may fail: that batch is written
// down, the failed one is read again, and both count for the brake.
func TestReadingAheadFails(t *testing.T) {
	d := newDesk(t, SourceSpec{Brake: Brake{Moves: 15}})
	d.tell(d.bills(1, 10)...).More = true
	d.tell(d.bills(11, 10)...)
	failed := false
	d.pulls = func(_ context.Context, n int) error {
		if n == 1 && !failed {
			failed = true
			return &connectors.Error{Class: connectors.Network, Code: "reset"}
		}
		return nil
	}
	if err := d.w.turn(t.Context(), t.Context()); err == nil {
		t.Fatal("the failure was not told")
	}
	if d.w.cursor != "1" || d.filed() != 0 {
		t.Fatalf("%d filed before all was read", d.filed())
	}
	d.turn()
	if d.held() != 20 || d.filed() != 0 {
		t.Errorf("%d held, %d filed", d.held(), d.filed())
	}
}

// Who took the source over while the next batch was read has it: nothing more is
// written or done.
func TestTakenOverWhileReadingAhead(t *testing.T) {
	d := newDesk(t, SourceSpec{})
	d.tell(d.bills(1, 10)...).More = true
	d.tell(d.bills(11, 10)...).More = true
	d.tell(d.bills(21, 10)...)
	d.pulls = func(ctx context.Context, n int) error {
		if n == 2 {
			_, err := d.j.Claim(ctx, "gc", "another", d.now)
			return err
		}
		return nil
	}
	if err := d.w.turn(t.Context(), t.Context()); !errors.Is(err, journal.ErrFenced) {
		t.Errorf("the turn ended with %v", err)
	}
	at, err := d.j.Position(t.Context(), "gc")
	if err != nil {
		t.Fatal(err)
	}
	if at.Cursor == "3" || d.filed() != 0 {
		t.Errorf("went on after it was taken over, %d filed", d.filed())
	}
	d.pulls = nil
	d.start()
	d.turn()
	if d.filed() != 30 {
		t.Errorf("the next owner filed %d", d.filed())
	}
}

// A stop in the middle of a read ends it, keeps what was written down, and leaves
// no reader behind.
func TestStoppedWhileReadingAhead(t *testing.T) {
	d := newDesk(t, SourceSpec{})
	d.tell(d.bills(1, 10)...).More = true
	d.tell(d.bills(11, 10)...)
	soft, stop := context.WithCancel(t.Context())
	var reading atomic.Int32
	d.pulls = func(ctx context.Context, n int) error {
		if n == 1 {
			reading.Add(1)
			defer reading.Add(-1)
			stop()
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	}
	if err := d.w.turn(soft, t.Context()); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("the turn ended with %v", err)
	}
	if reading.Load() != 0 {
		t.Error("it is still being read")
	}
	if d.w.cursor != "1" || d.filed() != 0 {
		t.Errorf("at %d bytes of cursor, %d filed", len(d.w.cursor), d.filed())
	}
	d.pulls = nil
	d.start()
	d.turn()
	if d.filed() != 20 {
		t.Errorf("%d filed after the next start", d.filed())
	}
}

// A batch is decided by the rules in force when it is decided; what was planned
// before stays as it was planned.
func TestRulesChangeInABacklog(t *testing.T) {
	d := newDesk(t, SourceSpec{})
	d.tell(d.bills(1, 5)...).More = true
	d.tell(d.bills(6, 5)...)
	batch, _ := d.Pull(t.Context(), "")
	if err := d.w.take(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	before := d.w.e.RuleVersion()
	d.w.e.Reload(rulesFrom(t, rulesOfDesk+"  - {name: all, when: 'true', then: [mark: billing]}\n"))
	d.turn()
	versions := map[string]map[string]bool{}
	for _, s := range d.applied {
		key := map[bool]string{true: "old", false: "new"}[s.Ref.UID <= 5]
		if versions[key] == nil {
			versions[key] = map[string]bool{}
		}
		versions[key][s.Version] = true
	}
	if len(versions["old"]) != 1 || !versions["old"][before] || len(versions["new"]) != 1 || versions["new"][before] {
		t.Errorf("decided by %v", versions)
	}
}
