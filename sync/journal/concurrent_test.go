package journal

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"chancery/internal/model"
)

// two returns two journals over one database: two services on PostgreSQL, two
// workers of one service on SQLite.
func two(t *testing.T, fresh func(testing.TB) Options) [2]*Journal {
	o := fresh(t)
	a := open(t, o)
	if o.Driver == "sqlite" {
		return [2]*Journal{a, a}
	}
	return [2]*Journal{a, open(t, o)}
}

// lawContend lets two services take a source from each other all the time. The
// cursor counts commits: none may be lost, none done by a former owner.
func lawContend(t *testing.T, fresh func(testing.TB) Options) {
	js := two(t, fresh)
	const turns = 40
	var wg sync.WaitGroup
	var fenced [2]int
	for n, j := range js {
		wg.Go(func() {
			for done := 0; done < turns; {
				l, err := j.Claim(t.Context(), "gc-mail", fmt.Sprint(n), start)
				if err != nil {
					t.Error(err)
					return
				}
				for ; done < turns; done++ {
					p, err := j.Position(t.Context(), "gc-mail")
					if err != nil {
						t.Error(err)
						return
					}
					count, _ := strconv.Atoi(string(p.Cursor))
					_, err = j.Commit(t.Context(), Turn{Lease: l, Now: start, Cursor: model.Name(strconv.Itoa(count + 1)),
						Planned: []Planned{mark(fmt.Sprint(n, done), uint32(done+1))}})
					if errors.Is(err, ErrFenced) {
						fenced[n]++
						break
					}
					if err != nil {
						t.Error(err)
						return
					}
					if done%7 == n {
						done++
						break // somebody else's turn to claim
					}
				}
			}
		})
	}
	wg.Wait()
	p, err := js[0].Position(t.Context(), "gc-mail")
	must(t, err)
	if p.Cursor != model.Name(strconv.Itoa(2*turns)) {
		t.Errorf("cursor counts %s commits of %d", string(p.Cursor), 2*turns)
	}
	verify(t, js[1])
	t.Logf("fenced %v times", fenced)
}

// lawShare lets two services work on sources of their own and replace each
// other's plans about the same findings, in opposite orders.
func lawShare(t *testing.T, fresh func(testing.TB) Options) {
	js := two(t, fresh)
	const turns, findings = 25, 12
	var wg sync.WaitGroup
	for n, j := range js {
		wg.Go(func() {
			l, err := j.Claim(t.Context(), model.SourceID(fmt.Sprint("cal-", n)), "x", start)
			for i := 0; i < turns && err == nil; i++ {
				var ps []Planned
				for f := range findings {
					if n == 1 {
						f = findings - 1 - f
					}
					ps = append(ps, hold(fmt.Sprint(n, i, f), model.Ident(fmt.Sprint("finding-", f))))
				}
				_, err = j.Commit(t.Context(), Turn{Lease: l, Now: start, Planned: ps, Cursor: model.Name(strconv.Itoa(i))})
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	s, err := js[0].Summary(t.Context())
	must(t, err)
	total := 0
	for _, src := range s.Sources {
		for _, n := range src.Steps {
			total += n
		}
	}
	if total != 2*turns*findings {
		t.Errorf("%d steps of %d", total, 2*turns*findings)
	}
	// Whoever commits last replaces all it sees; two that commit at once may
	// miss each other, so one or two holds of a finding are left.
	for f := range findings {
		open := 0
		for _, st := range states(t, js[1], model.Ident(fmt.Sprint("finding-", f))) {
			if st == StatePlanned {
				open++
			}
		}
		if open < 1 || open > 2 {
			t.Errorf("finding %d has %d open holds", f, open)
		}
	}
	verify(t, js[1])
}

// A step that its worker is about to send and a turn that replaces it: either the
// worker is told, or the step counts as sent. Never both.
func lawSendAgainstSupersede(t *testing.T, fresh func(testing.TB) Options) {
	js := two(t, fresh)
	planner, worker := claim(t, js[0], "gc-cal/work"), claim(t, js[1], "gc-cal/conflicts")
	for i := range 30 {
		f := model.Ident(fmt.Sprint("finding-", i))
		a, b := hold(fmt.Sprint("a", i), f), hold(fmt.Sprint("b", i), f)
		commit(t, js[0], Turn{Lease: planner, Planned: []Planned{a}, Cursor: "1"})
		var wg sync.WaitGroup
		var sendErr, planErr error
		wg.Go(func() { sendErr = js[1].Sent(t.Context(), worker, ids(a), start) })
		wg.Go(func() {
			_, planErr = js[0].Commit(t.Context(), Turn{Lease: planner, Now: start, Planned: []Planned{b}, Cursor: "2"})
		})
		wg.Wait()
		must(t, planErr)
		got := states(t, js[0], f)[a.Step.ID]
		if sent := sendErr == nil; !sent && !errors.Is(sendErr, ErrNotPending) || sent != (got == StateSent) {
			t.Fatalf("the worker heard %v, the step is %s", sendErr, got)
		}
	}
}

// A person lets steps pass, or stops them, while their owner holds others, sends
// and replaces them. Each step ends in one way, and the chain tells as much.
func lawApproveBeside(t *testing.T, fresh func(testing.TB) Options) {
	js := two(t, fresh)
	l := claim(t, js[0], "gc-mail")
	const turns, each = 15, 8
	done := make(chan struct{})
	var wg sync.WaitGroup
	var approved, rejected int
	wg.Go(func() {
		defer close(done)
		for i := range turns {
			var ps []Planned
			for k := range each {
				ps = append(ps, mark(fmt.Sprint(i, " ", k), uint32(i*each+k+1)))
			}
			_, err := js[0].Commit(t.Context(), Turn{Lease: l, Now: start, Planned: ps, KeepCursor: true})
			if err == nil {
				err = js[0].Hold(t.Context(), l, ids(ps[:each/2]...), start)
			}
			if err == nil {
				err = js[0].Sent(t.Context(), l, ids(ps[each-1]), start)
			}
			if err != nil {
				t.Error(err)
			}
		}
	})
	wg.Go(func() {
		for last := false; !last; {
			select {
			case <-done:
				last = true // once more for what was held last
			default:
			}
			n, err := js[1].Approve(t.Context(), "gc-mail", start)
			approved += n
			if err == nil {
				n, err = js[1].Reject(t.Context(), "gc-mail", start)
				rejected += n
			}
			if err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	if approved+rejected != turns*each/2 {
		t.Errorf("%d approved, %d rejected of %d held", approved, rejected, turns*each/2)
	}
	told := map[string]int{}
	for _, k := range kinds(t, js[0], Filter{}) {
		told[k]++
	}
	if told["held"] != turns*each/2 || told["approved"] != approved || told["rejected"] != rejected || told["released"] != rejected {
		t.Errorf("%d approved, %d rejected; told: %v", approved, rejected, told)
	}
	if n, _, err := js[0].PendingCount(t.Context(), "gc-mail"); err != nil || n != turns*each-rejected {
		t.Errorf("%d pending, %v", n, err)
	}
	verify(t, js[1])
}
