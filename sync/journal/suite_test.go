package journal

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
)

// TestEngines holds every law against both engines.
func TestEngines(t *testing.T) {
	engines(t, func(t *testing.T, fresh func(testing.TB) Options) {
		for _, law := range []struct {
			name string
			fn   func(*testing.T, func(testing.TB) Options)
		}{
			{"suite", suite},
			{"open", lawOpen},
			{"open together", lawOpenTogether},
			{"upgrade", lawUpgrade},
			{"upgrade from schema 2", lawUpgrade2},
			{"upgrade from schema 3", lawUpgrade3},
			{"durable", lawDurable},
			{"backup", lawBackup},
			{"sealed", lawSealed},
			{"tamper", lawTamper},
			{"forged chain", lawForgedChain},
			{"contend", lawContend},
			{"share", lawShare},
			{"approve beside", lawApproveBeside},
			{"send against supersede", lawSendAgainstSupersede},
			{"bills together", lawBillsTogether},
			{"kill", lawKill},
		} {
			t.Run(law.name, func(t *testing.T) { law.fn(t, fresh) })
		}
	})
}

// suite is the behaviour of one journal after the other.
func suite(t *testing.T, fresh func(testing.TB) Options) {
	for _, c := range []struct {
		name string
		fn   func(*testing.T, *Journal)
	}{
		{"claim", testClaim},
		{"fence", testFence},
		{"claimers", testClaimers},
		{"turn", testTurn},
		{"failing turn", testFailingTurn},
		{"again", testAgain},
		{"life of a step", testLife},
		{"settle", testSettle},
		{"settle many", testSettleMany},
		{"sent is all or nothing", testSentAllOrNothing},
		{"supersede", testSupersede},
		{"revive", testRevive},
		{"sent as planned", testSentAsPlanned},
		{"sent as planned is refused", testSentAsPlannedRefused},
		{"mixed order", testMixedOrder},
		{"released", testReleased},
		{"many released", testReleasedMany},
		{"hold", testHold},
		{"what becomes of held steps", testHeldEnds},
		{"approve", testApprove},
		{"reject", testReject},
		{"after", testAfter},
		{"hold many", testHoldMany},
		{"parked", testParked},
		{"unpark many", testUnparkMany},
		{"parked mailboxes", testParkedMailboxes},
		{"places", testPlaces},
		{"locate", testLocate},
		{"locate what waits", testLocateWaiting},
		{"message-id", testMessageID},
		{"many items", testManyItems},
		{"random lives", testRandomLives},
		{"entries", testEntries},
		{"summary", testSummary},
		{"conversations", testConversations},
		{"marks of conversations", testThreadMarks},
		{"steps of a conversation", testOfThread},
		{"random threads", testRandomThreads},
		{"looks", testLooks},
		{"rule statistics", testRuleStats},
		{"confirmed since", testConfirmedSince},
		{"unfinished", testUnfinished},
		{"bills", testBills},
		{"bills are bounded", testBillsBounded},
		{"states of bills", testBillStates},
		{"bills of sources", testBillsOf},
		{"some bills of sources", testSomeBillsOf},
		{"forget bills", testForgetBills},
		{"prune bills", testPruneBills},
		{"count bills", testCountBills},
		{"bill index", testBillIndex},
		{"order of bills", testBillOrder},
		{"bills fenced", testBillsFenced},
		{"bills sealed", testBillsSealed},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := open(t, fresh(t))
			c.fn(t, j)
			verify(t, j)
		})
	}
}

func testClaim(t *testing.T, j *Journal) {
	if p, err := j.Position(t.Context(), "gc-mail"); err != nil || p != (Position{}) {
		t.Fatalf("unknown source: %v, %v", p, err)
	}
	l := claim(t, j, "gc-mail")
	commit(t, j, Turn{Lease: l, Now: start.Add(time.Minute), Cursor: "c1"})
	l2, err := j.Claim(t.Context(), "gc-mail", "host:2", start.Add(time.Hour))
	must(t, err)
	if l2.Epoch != l.Epoch+1 {
		t.Errorf("epoch %d after %d", l2.Epoch, l.Epoch)
	}
	p, err := j.Position(t.Context(), "gc-mail")
	must(t, err)
	if want := (Position{"c1", start, start.Add(time.Minute)}); p != want {
		t.Errorf("a claim must keep cursor and baseline: %v", p.Baseline)
	}
	if other := claim(t, j, "gc-cal/work"); other.Epoch != 1 {
		t.Errorf("sources share epochs: %d", other.Epoch)
	}
}

func testFence(t *testing.T, j *Journal) {
	old := claim(t, j, "gc-mail")
	commit(t, j, Turn{Lease: old, Planned: []Planned{mark("a", 1)}, Cursor: "c1"})
	claim(t, j, "gc-mail")
	ctx, id := t.Context(), stepID("a")
	for name, err := range map[string]error{
		"commit": func() error {
			_, err := j.Commit(ctx, Turn{Lease: old, Now: start, Planned: []Planned{mark("b", 2)}, Cursor: "c2",
				Released: []Release{{"ident-1", "privileged", "moved"}}, Parked: []Parked{{Ident: "ident-3", Code: "x"}}})
			return err
		}(),
		"sent":   j.Sent(ctx, old, []model.StepID{id}, start),
		"settle": j.Settle(ctx, old, []model.Result{{ID: id, Outcome: model.Done}}, start, 0),
		"never claimed": func() error {
			_, err := j.Commit(ctx, Turn{Lease: Lease{"nobody", 1}, Now: start, Cursor: "x"})
			return err
		}(),
	} {
		if !errors.Is(err, ErrFenced) {
			t.Errorf("%s by a former owner: %v", name, err)
		}
	}
	p, err := j.Position(ctx, "gc-mail")
	must(t, err)
	parked, err := j.ParkedItems(ctx)
	must(t, err)
	rel, err := j.Released(ctx, []model.Ident{"ident-1"})
	must(t, err)
	if p.Cursor != "c1" || len(parked) != 0 || len(rel) != 0 || len(states(t, j, "ident-2")) != 0 {
		t.Error("a fenced write left something behind")
	}
	if got := states(t, j, "ident-1")[id]; got != StatePlanned {
		t.Errorf("a fenced write changed a step to %s", got)
	}
}

// Of many owners that claim at once each gets an epoch of its own, and only the
// last can write.
func testClaimers(t *testing.T, j *Journal) {
	const n = 8
	leases := make(chan Lease, n)
	for range n {
		go func() {
			l, err := j.Claim(t.Context(), "gc-mail", "host", start)
			if err != nil {
				t.Error(err)
			}
			leases <- l
		}()
	}
	var all []Lease
	for range n {
		all = append(all, <-leases)
	}
	slices.SortFunc(all, func(a, b Lease) int { return int(a.Epoch - b.Epoch) })
	for i, l := range all {
		if l.Epoch != int64(i+1) {
			t.Fatalf("epochs are not 1 to %d: %v", n, all)
		}
		_, err := j.Commit(t.Context(), Turn{Lease: l, Now: start, Cursor: "c"})
		if last := i == n-1; last != (err == nil) || !last && !errors.Is(err, ErrFenced) {
			t.Errorf("epoch %d: %v", l.Epoch, err)
		}
	}
}

func testTurn(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	a, b := mark("a", 1), mark("b", 2)
	b.Group = "gc"
	fresh := commit(t, j, Turn{Lease: l, Planned: []Planned{a, b, a}, Cursor: "c1"})
	if !slices.Equal(fresh, ids(a, b)) {
		t.Errorf("fresh: %v", fresh)
	}
	got, err := j.Pending(t.Context(), "gc-mail", start, 10)
	must(t, err)
	want := []Intent{
		{Step: a.Step, State: StatePlanned, Cause: "gc-mail", PlannedAt: start},
		{Step: b.Step, State: StatePlanned, Cause: "gc-mail", PlannedAt: start, Group: "gc"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("pending:\n got %#v\nwant %#v", got, want)
	}
	if got, _ := j.Pending(t.Context(), "gc-cal/work", start, 10); len(got) != 0 {
		t.Error("a step of another source is pending")
	}
	if got, _ := j.Pending(t.Context(), "gc-mail", start, 1); len(got) != 1 {
		t.Error("the limit is not kept")
	}
	commit(t, j, Turn{Lease: l, Now: start.Add(time.Hour), Cursor: "other", KeepCursor: true})
	p, err := j.Position(t.Context(), "gc-mail")
	must(t, err)
	if p.Cursor != "c1" || !p.Pulled.Equal(start) {
		t.Error("a turn that keeps the cursor moved it")
	}
	group, err := j.ByGroup(t.Context(), "gc")
	must(t, err)
	if len(group) != 1 || group[0].Step.ID != b.Step.ID {
		t.Errorf("by group: %d", len(group))
	}
	if none, err := j.ByGroup(t.Context(), ""); err != nil || len(none) != 0 {
		t.Error("the empty group has members")
	}
}

// A turn that fails at its very end leaves nothing behind. The head of the chain
// is taken away under it.
func testFailingTurn(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	commit(t, j, Turn{Lease: l, Planned: []Planned{mark("a", 1)}, Cursor: "c1"})
	before := kinds(t, j, Filter{})
	hide := func(from, to int) {
		_, err := j.w.ExecContext(t.Context(), `update head set id = $1 where id = $2`, to, from)
		must(t, err)
	}
	hide(1, 2)
	turn := Turn{Lease: l, Now: start, Planned: []Planned{mark("b", 2)}, Cursor: "c2", Parked: []Parked{{Ident: "ident-3", Code: "x"}},
		Released: []Release{{"ident-1", "privileged", "moved"}}}
	if _, err := j.Commit(t.Context(), turn); !errors.Is(err, ErrChain) {
		t.Fatalf("a turn without audit was written: %v", err)
	}
	hide(2, 1)
	p, err := j.Position(t.Context(), "gc-mail")
	must(t, err)
	if p.Cursor != "c1" || len(states(t, j, "ident-2")) != 0 || states(t, j, "ident-1")[stepID("a")] != StatePlanned ||
		!slices.Equal(kinds(t, j, Filter{}), before) {
		t.Error("half a turn was written")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := j.Commit(ctx, turn); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled commit: %v", err)
	}
	commit(t, j, turn)
	if p, _ := j.Position(t.Context(), "gc-mail"); p.Cursor != "c2" {
		t.Error("the same turn does not go through afterwards")
	}
}

// The same changes pulled again plan nothing twice, whatever became of the steps.
func testAgain(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	var planned []Planned
	for i := range 6 {
		planned = append(planned, mark(fmt.Sprint(i), uint32(i+1)))
	}
	turn := Turn{Lease: l, Planned: planned, Cursor: "c1"}
	commit(t, j, turn)
	all := ids(planned...)
	must(t, j.Sent(t.Context(), l, all[:5], start))
	must(t, j.Settle(t.Context(), l, []model.Result{
		{ID: all[1], Outcome: model.Done}, {ID: all[2], Outcome: model.Lost},
		{ID: all[3], Outcome: model.Refused, Code: "overquota"}, {ID: all[4], Outcome: model.Later, Code: "busy"},
	}, start, time.Minute))
	want := []State{StateSent, StateConfirmed, StateLost, StateRefused, StatePlanned, StatePlanned}
	before := kinds(t, j, Filter{})
	turn.Planned = append(slices.Clone(planned), mark("new", 99))
	if fresh := commit(t, j, turn); !slices.Equal(fresh, []model.StepID{stepID("new")}) {
		t.Errorf("fresh: %v", fresh)
	}
	for i, w := range want {
		if got := states(t, j, planned[i].Step.Ident)[all[i]]; got != w {
			t.Errorf("step %d: %s, want %s", i, got, w)
		}
	}
	if after := kinds(t, j, Filter{}); len(after) != len(before)+1 {
		t.Errorf("known steps were told again: %v", after[len(before):])
	}
}

func testLife(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	a := mark("a", 1)
	commit(t, j, Turn{Lease: l, Planned: []Planned{a}, Cursor: "c1"})
	sent, ended := start.Add(time.Second), start.Add(2*time.Second)
	must(t, j.Sent(t.Context(), l, ids(a), sent))
	in, err := j.Pending(t.Context(), "gc-mail", sent, 10)
	must(t, err)
	if len(in) != 1 || in[0].State != StateSent || in[0].Attempts != 1 || !in[0].SentAt.Equal(sent) {
		t.Fatalf("a sent step must stay pending: %+v", in)
	}
	res := model.Result{ID: a.Step.ID, Outcome: model.Done, Flags: model.Flags{`\Flagged`, "lx-priv"},
		Ref: model.Ref{Source: "gc-mail", Mailbox: "INBOX", UIDValidity: 7, UID: 1, Version: "13"}}
	must(t, j.Settle(t.Context(), l, []model.Result{res}, ended, 0))
	m, err := j.ByIdent(t.Context(), []model.Ident{a.Step.Ident, "unknown"})
	must(t, err)
	want := map[model.Ident][]Intent{a.Step.Ident: {{Step: a.Step, State: StateConfirmed, Cause: "gc-mail", Attempts: 1,
		PlannedAt: start, SentAt: sent, EndedAt: ended, Ref: res.Ref, Flags: res.Flags}}}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("got  %#v\nwant %#v", m, want)
	}
	if n, _, err := j.PendingCount(t.Context(), "gc-mail"); n != 0 || err != nil {
		t.Errorf("%d pending, %v", n, err)
	}
	if got := kinds(t, j, Filter{}); !slices.Equal(got, []string{"claimed", "planned", "sent", "confirmed"}) {
		t.Errorf("audit: %v", got)
	}
}

func testSettle(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	ctx := t.Context()
	for _, c := range []struct {
		outcome model.Outcome
		state   State
		kind    string
	}{
		{model.Done, StateConfirmed, "confirmed"},
		{model.Lost, StateLost, "lost"},
		{model.Refused, StateRefused, "refused"},
		{model.Stale, StateSuperseded, "superseded"},
		{model.Later, StatePlanned, "later"},
	} {
		a := mark(c.kind, uint32(c.outcome))
		commit(t, j, Turn{Lease: l, Planned: []Planned{a}, KeepCursor: true})
		must(t, j.Sent(ctx, l, ids(a), start))
		rs := []model.Result{{ID: a.Step.ID, Outcome: c.outcome, Code: "why"}}
		must(t, j.Settle(ctx, l, rs, start, time.Minute))
		m, err := j.ByIdent(ctx, []model.Ident{a.Step.Ident})
		must(t, err)
		in := m[a.Step.Ident][0]
		open := c.state == StatePlanned
		if in.State != c.state || in.Code != "why" || in.EndedAt.IsZero() != open || in.NotBefore.IsZero() == open || in.Attempts != 1 {
			t.Errorf("%s: %+v", c.kind, in)
		}
		ks := kinds(t, j, Filter{})
		if c.outcome == model.Refused { // the end of the step, then its being parked
			ks = ks[:len(ks)-1]
		}
		if got := ks[len(ks)-1]; got != c.kind {
			t.Errorf("%s is told as %s", c.kind, got)
		}
		if !open { // an answer that comes twice changes nothing
			must(t, j.Settle(ctx, l, []model.Result{{ID: a.Step.ID, Outcome: model.Later}}, start, 0))
			if got := states(t, j, a.Step.Ident)[a.Step.ID]; got != c.state {
				t.Errorf("%s became %s", c.state, got)
			}
		}
	}
	if n, next, err := j.PendingCount(ctx, "gc-mail"); err != nil || n != 1 || !next.Equal(start.Add(time.Minute)) {
		t.Errorf("%d pending, next %v, %v", n, next, err)
	}
	if now, _ := j.Pending(ctx, "gc-mail", start, 9); len(now) != 0 {
		t.Error("a step that shall wait is pending")
	}
	if due, _ := j.Pending(ctx, "gc-mail", start.Add(time.Minute), 9); len(due) != 1 {
		t.Error("a step that has waited is not pending")
	}
	if err := j.Settle(ctx, l, []model.Result{{ID: stepID("never"), Outcome: model.Done}}, start, 0); err == nil {
		t.Error("a result for an unknown step was taken")
	}
	if err := j.Settle(ctx, l, []model.Result{{ID: stepID("later")}}, start, 0); err == nil {
		t.Error("a result without outcome was taken")
	}
	cal := claim(t, j, "gc-cal/work")
	if err := j.Settle(ctx, cal, []model.Result{{ID: stepID("later"), Outcome: model.Done}}, start, 0); err == nil {
		t.Error("a source settled the step of another")
	}
}

// Statements come in several sizes: every number of rows must go through them.
func testSettleMany(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	for _, n := range []int{1, 3, 4, 16, 63, 64, 65, 150, 600} {
		var ps []Planned
		var rs []model.Result
		for i := range n {
			p := mark(fmt.Sprintf("%d of %d", i, n), uint32(n*1000+i))
			ps = append(ps, p)
			rs = append(rs, model.Result{ID: p.Step.ID, Outcome: model.Done, Ref: model.Ref{Source: "gc-mail", Mailbox: "Filed", UIDValidity: 9, UID: p.Step.Ref.UID}})
		}
		if fresh := commit(t, j, Turn{Lease: l, Planned: ps, Cursor: "c"}); !slices.Equal(fresh, ids(ps...)) {
			t.Fatalf("%d planned, %d fresh or out of order", n, len(fresh))
		}
		pending, err := j.Pending(t.Context(), "gc-mail", start, 1000)
		must(t, err)
		for i, in := range pending {
			if in.Step.ID != ps[i].Step.ID {
				t.Fatalf("pending is not in the order of planning at %d of %d", i, n)
			}
		}
		must(t, j.Sent(t.Context(), l, ids(ps...), start))
		must(t, j.Settle(t.Context(), l, rs, start, 0))
		var refs []model.Ref
		for _, r := range rs {
			refs = append(refs, r.Ref)
		}
		at, err := j.ByPlace(t.Context(), refs)
		must(t, err)
		for i := range rs {
			if len(at[i]) != 1 || at[i][0].State != StateConfirmed || at[i][0].Step.ID != rs[i].ID || at[i][0].Ref != rs[i].Ref {
				t.Fatalf("step %d of %d: %d found", i, n, len(at[i]))
			}
		}
	}
}

func testSentAllOrNothing(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	a, b := mark("a", 1), mark("b", 2)
	commit(t, j, Turn{Lease: l, Planned: []Planned{a, b}, Cursor: "c1"})
	must(t, j.Settle(t.Context(), l, []model.Result{{ID: a.Step.ID, Outcome: model.Lost}}, start, 0))
	if err := j.Sent(t.Context(), l, ids(a, b), start); !errors.Is(err, ErrNotPending) {
		t.Fatalf("an ended step was sent: %v", err)
	}
	if got := states(t, j, "ident-2")[b.Step.ID]; got != StatePlanned {
		t.Errorf("its neighbour is %s", got)
	}
	must(t, j.Sent(t.Context(), l, ids(b, b), start))
	must(t, j.Sent(t.Context(), l, ids(b), start))
	in, err := j.Pending(t.Context(), "gc-mail", start, 9)
	must(t, err)
	if len(in) != 1 || in[0].Attempts != 2 {
		t.Errorf("sent twice: %+v", in)
	}
}
