package journal

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
)

// A batch in one transaction: the answers of the last one, the steps of this one
// as sent already, and the cursor.
func testSentAsPlanned(t *testing.T, j *Journal) {
	ctx := t.Context()
	l := claim(t, j, "gc-mail")
	old, a, b := mark("old", 1), mark("a", 2), mark("b", 3)
	commit(t, j, Turn{Lease: l, Planned: []Planned{old}, Cursor: "1"})
	old.Sent, a.Sent = true, true
	// What was planned before is applied the long way: its worker may be at it.
	if fresh := commit(t, j, Turn{Lease: l, Now: start.Add(time.Second), Planned: []Planned{old, a, b}, Cursor: "2"}); !slices.Equal(fresh, ids(a, b)) {
		t.Errorf("fresh: %v", fresh)
	}
	in, err := j.Pending(ctx, "gc-mail", start, 9)
	must(t, err)
	if len(in) != 3 || in[0].State != StatePlanned || in[1].State != StateSent || in[1].Attempts != 1 || !in[1].SentAt.Equal(start.Add(time.Second)) ||
		in[2].State != StatePlanned || in[2].Attempts != 0 {
		t.Fatalf("pending: %+v", in)
	}
	c := mark("c", 4)
	c.Sent = true
	commit(t, j, Turn{Lease: l, Planned: []Planned{c}, Cursor: "3", Retry: time.Minute, Settled: []model.Result{
		{ID: a.Step.ID, Outcome: model.Done, Ref: a.Step.Ref}, {ID: b.Step.ID, Outcome: model.Later, Code: "busy"}}})
	if got := states(t, j, "ident-2"); got[a.Step.ID] != StateConfirmed {
		t.Errorf("settled with a turn: %v", got)
	}
	want := []string{"claimed", "planned", "planned", "sent", "planned", "confirmed", "later", "planned", "sent"}
	if got := kinds(t, j, Filter{}); !slices.Equal(got, want) {
		t.Errorf("audit:\n got %v\nwant %v", got, want)
	}
	if n, next, err := j.PendingCount(ctx, "gc-mail"); n != 3 || !next.IsZero() || err != nil {
		t.Errorf("%d pending, next %v, %v", n, next, err)
	}
	// Decided again: how often it was sent before is counted.
	must(t, j.Settle(ctx, l, []model.Result{{ID: c.Step.ID, Outcome: model.Stale}}, start, 0))
	commit(t, j, Turn{Lease: l, Planned: []Planned{c}, Cursor: "4"})
	m, err := j.ByIdent(ctx, []model.Ident{"ident-4"})
	must(t, err)
	if got := m["ident-4"][0]; got.State != StateSent || got.Attempts != 2 {
		t.Errorf("revived: %+v", got)
	}
}

// What the owner of another source is to apply, or nobody yet, cannot be sent.
func testSentAsPlannedRefused(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	foreign, later := hold("h", "f1"), mark("a", 1)
	foreign.Sent = true
	later.Sent, later.After = true, start.Add(time.Hour)
	for _, p := range []Planned{foreign, later} {
		if _, err := j.Commit(t.Context(), Turn{Lease: l, Now: start, Planned: []Planned{mark("b", 2), p}, Cursor: "1"}); err == nil {
			t.Error("it was sent")
		}
	}
	// A turn whose answers are not of the source writes nothing at all.
	if _, err := j.Commit(t.Context(), Turn{Lease: l, Now: start, Planned: []Planned{mark("b", 2)}, Cursor: "1",
		Settled: []model.Result{{ID: stepID("never"), Outcome: model.Done}}}); err == nil {
		t.Error("an answer to no question was taken")
	}
	if got := states(t, j, "ident-2"); len(got) != 0 {
		t.Errorf("half a turn was written: %v", got)
	}
}

// New, known, superseded and sent steps in one turn keep the order in which they
// shall be applied, in every mixture and at every size of a statement.
func testMixedOrder(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	r := seeded(7)
	serial := 0
	for _, n := range []int{1, 2, 5, 63, 65, 130} {
		var ps []Planned
		var stale []model.Result
		want := map[model.StepID]bool{}
		for range n {
			serial++
			p := mark(fmt.Sprint(serial), uint32(serial))
			ps = append(ps, p)
			switch r.IntN(3) {
			case 0: // known
				commit(t, j, Turn{Lease: l, Planned: []Planned{p}, KeepCursor: true})
			case 1: // superseded
				commit(t, j, Turn{Lease: l, Planned: []Planned{p}, KeepCursor: true})
				stale = append(stale, model.Result{ID: p.Step.ID, Outcome: model.Stale})
				want[p.Step.ID] = true
			default:
				want[p.Step.ID] = true
			}
		}
		must(t, j.Settle(t.Context(), l, stale, start, 0))
		fresh := commit(t, j, Turn{Lease: l, Planned: ps, Cursor: "c"})
		got := map[model.StepID]bool{}
		for _, id := range fresh {
			got[id] = true
		}
		if !maps.Equal(got, want) {
			t.Fatalf("%d: %d fresh, want %d", n, len(got), len(want))
		}
		var order []model.StepID
		for _, id := range pendingIDs(t, j, start) {
			if want[id] {
				order = append(order, id)
			}
		}
		if !slices.Equal(order, fresh) || !slices.IsSortedFunc(order, func(a, b model.StepID) int { return at(ps, a) - at(ps, b) }) {
			t.Errorf("%d: the order of the turn is not kept", n)
		}
	}
}

func at(ps []Planned, id model.StepID) int {
	return slices.IndexFunc(ps, func(p Planned) bool { return p.Step.ID == id })
}
