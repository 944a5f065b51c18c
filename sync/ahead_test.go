package sync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
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

// The batch after the one that was read already is read while the marks of the
// first are confirmed: after they were set, so what it does not show was taken
// away, which the one in the middle cannot say. The source is asked for one thing
// at a time.
func TestReadingOnWhileMarksAreConfirmed(t *testing.T) {
	for name, third := range map[string]string{"taken away": "", "left": "lx-4"} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, SourceSpec{Grace: time.Hour})
			first := at("INBOX", 1, 1)
			d.tell(d.bills(1, 1)...).More = true
			d.tell(flagged(first)).More = true
			d.tell(flagged(first, strings.Fields(third)...))
			var using atomic.Int32
			var order []string // each waits for the one before, so there is no race
			d.pulls = func(_ context.Context, n int) error {
				if using.Add(1) != 1 {
					t.Error("two at a time")
				}
				order = append(order, fmt.Sprint("pull ", n))
				using.Add(-1)
				return nil
			}
			d.applies = func(steps []model.Step) (out []model.Result, err error) {
				if using.Add(1) != 1 {
					t.Error("two at a time")
				}
				order = append(order, "apply")
				for _, s := range steps {
					out = append(out, model.Result{ID: s.ID, Outcome: model.Done, Ref: s.Ref, Flags: model.Flags{"lx-4"}})
				}
				using.Add(-1)
				return out, nil
			}
			d.w.round.applied = d.now.Add(-applyEvery)
			d.turn()
			if want := []string{"pull 0", "pull 1", "apply", "pull 2"}; !slices.Equal(order, want) {
				t.Errorf("%q, want %q", order, want)
			}
			if got := d.released("m1"); (got["invoices"] == "unmarked") != (third == "") {
				t.Errorf("released %v", got)
			}
		})
	}
}
