package journal

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"chancery/internal/model"
)

// ideal is the law of steps, written a second time and without a database.
type ideal struct {
	state    map[model.StepID]State
	plan     map[model.StepID]Planned
	approved map[model.StepID]bool
}

func (m *ideal) commit(ps []Planned) (fresh []model.StepID) {
	mine := map[model.StepID]bool{}
	for _, p := range ps {
		id := p.Step.ID
		if s, known := m.state[id]; !mine[id] && (!known || s == StateSuperseded) {
			m.state[id], m.plan[id] = StatePlanned, p
			fresh = append(fresh, id)
		}
		mine[id] = true
	}
	for _, p := range ps {
		for id, old := range m.plan {
			if p.Supersede && !mine[id] && m.waits(id) && old.Step.Ident == p.Step.Ident && old.Group == p.Group &&
				family(old.Step.Action.Kind()) == family(p.Step.Action.Kind()) {
				m.state[id] = StateSuperseded
			}
		}
	}
	return fresh
}

// waits reports whether a step was not sent yet.
func (m *ideal) waits(id model.StepID) bool {
	return m.state[id] == StatePlanned || m.state[id] == StateHeld
}

func (m *ideal) open(id model.StepID) bool { return m.waits(id) || m.state[id] == StateSent }

// due reports whether its owner may send a step.
func (m *ideal) due(id model.StepID) bool { return m.open(id) && m.state[id] != StateHeld }

func (m *ideal) held() (ids []model.StepID) {
	for id, s := range m.state {
		if s == StateHeld {
			ids = append(ids, id)
		}
	}
	return ids
}

func (m *ideal) approve() {
	for _, id := range m.held() {
		m.state[id], m.approved[id] = StatePlanned, true
	}
}

// reject releases all that the rules of the held steps planned for their items.
func (m *ideal) reject() {
	released := map[model.Ident]bool{}
	for _, id := range m.held() {
		m.state[id] = StateSuperseded
		released[m.plan[id].Step.Ident] = true
	}
	for id, p := range m.plan {
		if _, withdraw := p.Step.Action.(model.Withdraw); m.waits(id) && released[p.Step.Ident] && !withdraw {
			m.state[id] = StateSuperseded
		}
	}
}

// testRandomLives drives the journal and the ideal with the same random acts and
// compares every state after each.
func testRandomLives(t *testing.T, j *Journal) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) { randomLives(t, j, seed) })
	}
}

func randomLives(t *testing.T, j *Journal, seed uint64) {
	r := seeded(seed)
	const source = "gc-cal/conflicts"
	l := claim(t, j, source)
	m := &ideal{map[model.StepID]State{}, map[model.StepID]Planned{}, map[model.StepID]bool{}}
	var pool []Planned
	for i := range 24 {
		p := hold(fmt.Sprintf("seed %d step %d", seed, i), model.Ident(fmt.Sprintf("seed %d finding %d", seed, i%4)))
		p.Group = []string{"gc", "cfo"}[i/4%2]
		p.Supersede = i%3 > 0
		if i%5 == 0 {
			p.Step.Action = model.Withdraw{UID: "u", Of: p.Step.Ident}
		}
		pool = append(pool, p)
	}
	ends := map[model.Outcome]State{model.Done: StateConfirmed, model.Lost: StateLost, model.Refused: StateRefused,
		model.Stale: StateSuperseded, model.Later: StatePlanned}
	for range 120 {
		id := slices.Sorted(maps.Keys(m.state))
		switch act := r.IntN(12); {
		case act < 3 || len(id) == 0:
			var ps []Planned
			for range 1 + r.IntN(3) {
				ps = append(ps, pool[r.IntN(len(pool))])
			}
			if got, want := commit(t, j, Turn{Lease: l, Planned: ps, Cursor: "c"}), m.commit(ps); !slices.Equal(got, want) {
				t.Fatalf("fresh %v, want %v", got, want)
			}
		case act < 6:
			some := []model.StepID{id[r.IntN(len(id))], id[r.IntN(len(id))]}
			err := j.Sent(t.Context(), l, some, start)
			if m.due(some[0]) && m.due(some[1]) {
				must(t, err)
				m.state[some[0]], m.state[some[1]] = StateSent, StateSent
			} else if !errors.Is(err, ErrNotPending) {
				t.Fatalf("sent an ended step: %v", err)
			}
		case act < 8:
			some := []model.StepID{id[r.IntN(len(id))], id[r.IntN(len(id))], id[r.IntN(len(id))]}
			must(t, j.Hold(t.Context(), l, some, start))
			for _, s := range some {
				if m.state[s] == StatePlanned && !m.approved[s] {
					m.state[s] = StateHeld
				}
			}
		case act == 8:
			_, err := j.Approve(t.Context(), []model.SourceID{source, ""}[r.IntN(2)], start)
			must(t, err)
			m.approve()
		case act == 9:
			_, err := j.Reject(t.Context(), source, start)
			must(t, err)
			m.reject()
		default:
			one := id[r.IntN(len(id))]
			o := model.Done + model.Outcome(r.IntN(5))
			must(t, j.Settle(t.Context(), l, []model.Result{{ID: one, Outcome: o, Code: "x"}}, start, 0))
			if m.open(one) && (o != model.Later || m.state[one] != StateHeld) {
				m.state[one] = ends[o]
			}
		}
		compare(t, j, m)
	}
}

func compare(t *testing.T, j *Journal, m *ideal) {
	t.Helper()
	var idents []model.Ident
	open := 0
	for id, p := range m.plan {
		idents = append(idents, p.Step.Ident)
		if m.due(id) {
			open++
		}
	}
	all, err := j.ByIdent(t.Context(), idents)
	must(t, err)
	got := map[model.StepID]State{}
	for _, ins := range all {
		for _, in := range ins {
			got[in.Step.ID] = in.State
			if in.EndedAt.IsZero() != (in.State == StatePlanned || in.State == StateHeld || in.State == StateSent) {
				t.Fatalf("a step in state %s ended %v", in.State, in.EndedAt)
			}
			if in.HeldAt.IsZero() != (in.State != StateHeld) || in.Approved != m.approved[in.Step.ID] {
				t.Fatalf("a step in state %s is held since %v, approved %v", in.State, in.HeldAt, in.Approved)
			}
		}
	}
	if !maps.Equal(got, m.state) {
		t.Fatalf("got  %v\nwant %v", got, m.state)
	}
	pending, err := j.Pending(t.Context(), "gc-cal/conflicts", start, 1000)
	must(t, err)
	mine := 0
	for _, in := range pending {
		if _, ok := m.state[in.Step.ID]; ok {
			mine++
		}
	}
	if mine != open {
		t.Fatalf("%d of %d open steps are pending", mine, open)
	}
}
