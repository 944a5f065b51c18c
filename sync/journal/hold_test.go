package journal

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
)

// filing plans to file message uid of gc-mail.
func filing(word string, uid uint32) Planned {
	p := mark(word, uid)
	p.Step.Rule = "billing"
	p.Step.Action = model.File{Mailbox: []string{"Billing"}}
	return p
}

// A held step stays open, is not tried, and cannot be sent past the person.
func testHold(t *testing.T, j *Journal) {
	ctx := t.Context()
	l := claim(t, j, "gc-mail")
	a, b, c, sent := filing("a", 1), filing("b", 2), mark("c", 1), filing("d", 4)
	commit(t, j, Turn{Lease: l, Planned: []Planned{a, b, c, sent}, Cursor: "1"})
	must(t, j.Sent(ctx, l, ids(sent), start))
	at := start.Add(time.Minute)
	must(t, j.Hold(ctx, l, append(ids(a, a, b, sent), stepID("never")), at))
	must(t, j.Hold(ctx, l, ids(a), at.Add(time.Hour)))
	if got := pendingIDs(t, j, at.Add(time.Hour)); !slices.Equal(got, ids(c, sent)) {
		t.Errorf("pending: %v", got)
	}
	if n, next, err := j.PendingCount(ctx, "gc-mail"); n != 2 || !next.IsZero() || err != nil {
		t.Errorf("%d pending, next %v, %v", n, next, err)
	}
	if err := j.Sent(ctx, l, ids(c, a), at); !errors.Is(err, ErrNotPending) {
		t.Errorf("a held step was sent: %v", err)
	}
	held, err := j.HeldSteps(ctx, "gc-mail", 10)
	must(t, err)
	want := []Intent{
		{Step: a.Step, State: StateHeld, Cause: "gc-mail", PlannedAt: start, HeldAt: at},
		{Step: b.Step, State: StateHeld, Cause: "gc-mail", PlannedAt: start, HeldAt: at},
	}
	if !reflect.DeepEqual(held, want) {
		t.Errorf("held:\n got %+v\nwant %+v", held, want)
	}
	if one, _ := j.HeldSteps(ctx, "gc-mail", 1); len(one) != 1 {
		t.Error("the limit is not kept")
	}
	// Pulled again: it stays held.
	if fresh := commit(t, j, Turn{Lease: l, Planned: []Planned{a, b}, Cursor: "2"}); len(fresh) != 0 {
		t.Errorf("fresh: %v", fresh)
	}
	old := l
	claim(t, j, "gc-mail")
	for name, err := range map[string]error{
		"hold": j.Hold(ctx, old, ids(c), at), "postpone": j.Postpone(ctx, old, ids(c), at, at),
	} {
		if !errors.Is(err, ErrFenced) {
			t.Errorf("%s by a former owner: %v", name, err)
		}
	}
	if got := kinds(t, j, Filter{After: 6}); !slices.Equal(got, []string{"held", "held", "claimed"}) {
		t.Errorf("audit: %v", got)
	}
}

// What becomes of a held step without a person: all that becomes of a planned one.
func testHeldEnds(t *testing.T, j *Journal) {
	ctx := t.Context()
	l := claim(t, j, "gc-mail")
	holder := claim(t, j, "gc-cal/conflicts")
	gone, over, busy := filing("gone", 1), filing("over", 2), filing("busy", 3)
	first := hold("h1", "f1")
	commit(t, j, Turn{Lease: l, Planned: []Planned{gone, over, busy, first}, Cursor: "1"})
	must(t, j.Hold(ctx, l, ids(gone, over, busy), start))
	must(t, j.Hold(ctx, holder, ids(first), start))
	must(t, j.Settle(ctx, l, []model.Result{{ID: gone.Step.ID, Outcome: model.Lost}, {ID: busy.Step.ID, Outcome: model.Later, Code: "busy"}}, start, time.Minute))
	second := hold("h2", "f1")
	commit(t, j, Turn{Lease: l, Planned: []Planned{second}, Released: []Release{{"ident-2", "billing", "moved"}}, Cursor: "2"})
	for _, w := range []struct {
		ident model.Ident
		want  map[model.StepID]State
	}{
		{"ident-1", map[model.StepID]State{gone.Step.ID: StateLost}},
		{"ident-2", map[model.StepID]State{over.Step.ID: StateSuperseded}},
		{"ident-3", map[model.StepID]State{busy.Step.ID: StateHeld}},
		{"f1", map[model.StepID]State{first.Step.ID: StateSuperseded, second.Step.ID: StatePlanned}},
	} {
		if got := states(t, j, w.ident); !maps.Equal(got, w.want) {
			t.Errorf("%v: got %v, want %v", []byte(w.ident), got, w.want)
		}
	}
	held, err := j.Held(ctx)
	must(t, err)
	if len(held) != 1 || held[0].Steps != 1 {
		t.Errorf("held: %+v", held)
	}
	if n, err := j.Approve(ctx, "", start); n != 1 || err != nil {
		t.Errorf("%d approved, %v", n, err)
	}
	must(t, j.Hold(ctx, l, ids(busy), start)) // a person has let it pass
	if got := pendingIDs(t, j, start.Add(time.Minute)); !slices.Equal(got, ids(busy)) {
		t.Errorf("pending: %v", got)
	}
}

func testApprove(t *testing.T, j *Journal) {
	ctx := t.Context()
	l, other := claim(t, j, "gc-mail"), claim(t, j, "cfo-mail")
	a, b, m := filing("a", 1), filing("b", 2), mark("m", 3)
	a.After = start.Add(time.Hour)
	theirs := filing("t", 9)
	theirs.Step.Source = "cfo-mail"
	commit(t, j, Turn{Lease: l, Planned: []Planned{a, b, m}, Cursor: "1"})
	commit(t, j, Turn{Lease: other, Planned: []Planned{theirs}, Cursor: "1"})
	must(t, j.Hold(ctx, l, ids(b), start.Add(2*time.Minute)))
	must(t, j.Hold(ctx, l, ids(a, m), start.Add(time.Minute)))
	must(t, j.Hold(ctx, other, ids(theirs), start))
	got, err := j.Held(ctx)
	must(t, err)
	want := []HeldSummary{
		{"cfo-mail", 1, start, map[string]int{"billing": 1}, map[string]int{"file": 1}},
		{"gc-mail", 3, start.Add(time.Minute), map[string]int{"billing": 2, "privileged": 1}, map[string]int{"file": 2, "mark": 1}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	s, err := j.Summary(ctx)
	must(t, err)
	if len(s.Sources) != 2 || s.Sources[1].Held != 3 || s.Sources[1].Steps[StateHeld] != 3 {
		t.Errorf("summary: %+v", s.Sources)
	}
	before := len(kinds(t, j, Filter{}))
	if n, err := j.Approve(ctx, "gc-mail", start); n != 3 || err != nil {
		t.Fatalf("%d approved, %v", n, err)
	}
	if n, err := j.Approve(ctx, "gc-mail", start); n != 0 || err != nil {
		t.Errorf("%d approved again, %v", n, err)
	}
	if got := kinds(t, j, Filter{After: int64(before)}); !slices.Equal(got, []string{"approved", "approved", "approved"}) {
		t.Errorf("audit: %v", got)
	}
	if got := pendingIDs(t, j, start); !slices.Equal(got, ids(b, m)) {
		t.Errorf("pending: %v", got)
	}
	in, err := j.Pending(ctx, "gc-mail", start.Add(time.Hour), 9)
	must(t, err)
	if len(in) != 3 || !in[0].Approved || !in[0].NotBefore.Equal(a.After) || in[0].State != StatePlanned || !in[0].HeldAt.IsZero() {
		t.Errorf("approved: %+v", in)
	}
	// The leave a person gave stays with the step when it is decided again.
	must(t, j.Sent(ctx, l, ids(b), start))
	must(t, j.Settle(ctx, l, []model.Result{{ID: b.Step.ID, Outcome: model.Stale}}, start, 0))
	commit(t, j, Turn{Lease: l, Planned: []Planned{b}, Cursor: "2"})
	in, err = j.Pending(ctx, "gc-mail", start, 9)
	must(t, err)
	if len(in) != 2 || in[1].Step.ID != b.Step.ID || !in[1].Approved {
		t.Errorf("revived: %+v", in)
	}
	if held, _ := j.Held(ctx); len(held) != 1 || held[0].Source != "cfo-mail" {
		t.Errorf("another source's steps were approved: %+v", held)
	}
}

func testReject(t *testing.T, j *Journal) {
	ctx := t.Context()
	l, other := claim(t, j, "gc-mail"), claim(t, j, "cfo-mail")
	a, m, also, kept := filing("a", 1), mark("m", 1), filing("also", 1), filing("kept", 2)
	waits := mark("waits", 1) // of the same rule, and not set yet: moves were rejected
	waits.Step.Rule = a.Step.Rule
	theirs := filing("t", 9)
	theirs.Step.Source = "cfo-mail"
	commit(t, j, Turn{Lease: l, Planned: []Planned{a, m, also, kept, waits}, Cursor: "1"})
	commit(t, j, Turn{Lease: other, Planned: []Planned{theirs}, Cursor: "1"})
	must(t, j.Hold(ctx, l, ids(a), start))
	must(t, j.Hold(ctx, other, ids(theirs), start))
	before := len(kinds(t, j, Filter{}))
	at := start.Add(time.Minute)
	if n, err := j.Reject(ctx, "gc-mail", at); n != 1 || err != nil {
		t.Fatalf("%d rejected, %v", n, err)
	}
	// Another move of the same rule about the same item falls with it.
	if got := kinds(t, j, Filter{After: int64(before)}); !slices.Equal(got, []string{"rejected", "released", "superseded"}) {
		t.Errorf("audit: %v", got)
	}
	want := map[model.StepID]State{a.Step.ID: StateSuperseded, also.Step.ID: StateSuperseded, m.Step.ID: StatePlanned, waits.Step.ID: StatePlanned}
	if got := states(t, j, "ident-1"); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	m1, err := j.ByIdent(ctx, []model.Ident{"ident-1"})
	must(t, err)
	if in := m1["ident-1"][0]; in.Code != HowRejected || !in.EndedAt.Equal(at) || !in.HeldAt.IsZero() {
		t.Errorf("rejected: %+v", in)
	}
	if n, err := j.Reject(ctx, "", at); n != 1 || err != nil {
		t.Errorf("%d rejected, %v", n, err)
	}
	rel, err := j.Released(ctx, []model.Ident{"ident-1", "ident-2", "ident-9"})
	must(t, err)
	wantRel := map[model.Ident]map[string]string{"ident-1": {"billing": HowRejected}, "ident-9": {"billing": HowRejected}}
	if !reflect.DeepEqual(rel, wantRel) {
		t.Errorf("%d items are released", len(rel))
	}
	if got := pendingIDs(t, j, start); !slices.Equal(got, ids(m, kept, waits)) {
		t.Errorf("pending: %v", got)
	}
	s, err := j.Summary(ctx)
	must(t, err)
	if s.Sources[0].Released != 1 || s.Sources[1].Released != 1 {
		t.Errorf("a release belongs to the source of its step: %+v", s.Sources)
	}
}

// A step is not tried before its time, and waiting is not an attempt.
func testAfter(t *testing.T, j *Journal) {
	ctx := t.Context()
	l := claim(t, j, "gc-mail")
	a, b, c := filing("a", 1), filing("b", 2), filing("c", 3)
	a.After, b.After = start.Add(time.Hour), start.Add(2*time.Hour)
	commit(t, j, Turn{Lease: l, Planned: []Planned{a, b}, Cursor: "1"})
	count := func(n, waiting int, next time.Time) {
		t.Helper()
		gotN, gotNext, err := j.PendingCount(ctx, "gc-mail")
		must(t, err)
		w, err := j.Waiting(ctx, "gc-mail", start)
		must(t, err)
		if gotN != n || w != waiting || !gotNext.Equal(next) {
			t.Errorf("%d pending, %d waiting, next %v; want %d, %d, %v", gotN, w, gotNext, n, waiting, next)
		}
	}
	count(2, 2, a.After)
	sooner := a
	sooner.After = time.Time{}
	commit(t, j, Turn{Lease: l, Planned: []Planned{sooner}, Cursor: "2"})
	count(2, 2, a.After)
	if got := pendingIDs(t, j, a.After.Add(-time.Millisecond)); len(got) != 0 {
		t.Error("a step is tried before its time")
	}
	if got := pendingIDs(t, j, a.After); !slices.Equal(got, ids(a)) {
		t.Errorf("pending: %v", got)
	}
	must(t, j.Hold(ctx, l, ids(a), start))
	count(1, 1, b.After)
	commit(t, j, Turn{Lease: l, Planned: []Planned{c}, Cursor: "3"})
	count(2, 1, time.Time{})
	before := kinds(t, j, Filter{})
	until := start.Add(3 * time.Hour)
	must(t, j.Postpone(ctx, l, ids(a, b, c), until, start))
	count(2, 2, until)
	if after := kinds(t, j, Filter{}); len(after) != len(before) {
		t.Error("putting a step off is told")
	}
	must(t, j.Sent(ctx, l, ids(c), start))
	must(t, j.Postpone(ctx, l, ids(c), start, start))
	in, err := j.Pending(ctx, "gc-mail", until, 9)
	must(t, err)
	if len(in) != 2 || in[0].Attempts != 0 || !in[1].NotBefore.Equal(until) {
		t.Errorf("pending: %+v", in)
	}
	if held, _ := j.HeldSteps(ctx, "gc-mail", 9); len(held) != 1 || !held[0].NotBefore.Equal(a.After) {
		t.Errorf("held: %+v", held)
	}
}

// Many steps: what is held or waits must not make the others slow or get lost.
func testHoldMany(t *testing.T, j *Journal) {
	ctx := t.Context()
	l := claim(t, j, "gc-mail")
	var ps []Planned
	for i := range 1200 {
		ps = append(ps, filing(fmt.Sprint(i), uint32(i+1)))
	}
	commit(t, j, Turn{Lease: l, Planned: ps, Cursor: "1"})
	must(t, j.Hold(ctx, l, ids(ps[:1100]...), start))
	if got := pendingIDs(t, j, start); !slices.Equal(got, ids(ps[1100:]...)) {
		t.Errorf("%d pending", len(got))
	}
	if n, err := j.Reject(ctx, "gc-mail", start); n != 1100 || err != nil {
		t.Errorf("%d rejected, %v", n, err)
	}
	if n, _, err := j.PendingCount(ctx, "gc-mail"); n != 100 || err != nil {
		t.Errorf("%d pending, %v", n, err)
	}
}

func pendingIDs(t testing.TB, j *Journal, now time.Time) []model.StepID {
	t.Helper()
	in, err := j.Pending(t.Context(), "gc-mail", now, 5000)
	must(t, err)
	var out []model.StepID
	for _, in := range in {
		out = append(out, in.Step.ID)
	}
	return out
}
