package imap

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"chancery/connectors"
)

// visits records when logins began and how many were under way.
type visits struct {
	mu     sync.Mutex
	begun  []time.Time
	order  []int
	inside int
	most   int
}

func (v *visits) in(n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.begun, v.order = append(v.begun, time.Now()), append(v.order, n)
	v.inside++
	v.most = max(v.most, v.inside)
}

func (v *visits) out() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.inside--
}

// perSecond is the most logins that began in any second.
func perSecond(at []time.Time) int {
	most := 0
	for i := range at {
		n := 0
		for _, b := range at[i:] {
			if b.Sub(at[i]) < time.Second {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

func TestGateBounds(t *testing.T) {
	for _, took := range []time.Duration{time.Millisecond, 300 * time.Millisecond, 2 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			g, v := NewGate(), &visits{}
			var all sync.WaitGroup
			began := time.Now()
			for i := range 200 {
				all.Go(func() {
					time.Sleep(time.Duration(i) * time.Microsecond) // in this order
					leave, err := g.enter(t.Context(), "h:993")
					if err != nil {
						t.Error(err)
						return
					}
					v.in(i)
					time.Sleep(took)
					v.out()
					leave(nil)
				})
			}
			all.Wait()
			if v.most > gateLogins || perSecond(v.begun) > 10 {
				t.Errorf("%d at once, %d in a second", v.most, perSecond(v.begun))
			}
			if !slices.IsSorted(v.order) {
				t.Error("who came first did not go first")
			}
			// Neither does it waste time.
			want := max(200*gateInterval, 200*took/gateLogins) + took
			if spent := time.Since(began); spent > want+time.Second {
				t.Errorf("200 logins of %s took %s, want %s", took, spent, want)
			}
		})
	}
}

// A host that is slow does not hold up another.
func TestGateKeepsHostsApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate()
		for range gateLogins {
			if _, err := g.enter(t.Context(), "slow:993"); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		leave, err := g.enter(t.Context(), "other:993")
		if err != nil || time.Since(began) > 0 {
			t.Fatalf("%v after %s", err, time.Since(began))
		}
		leave(nil)
	})
}

func TestGateCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate()
		var leaves []func(error)
		for range gateLogins {
			leave, err := g.enter(t.Context(), "h:993")
			if err != nil {
				t.Fatal(err)
			}
			leaves = append(leaves, leave)
		}
		// Two hundred that give up at the very moment a place may come free.
		var all sync.WaitGroup
		for i := range 200 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+i%40)*gateInterval)
			all.Go(func() {
				defer cancel()
				if leave, err := g.enter(ctx, "h:993"); err == nil {
					leave(nil)
				}
			})
		}
		time.Sleep(10 * gateInterval)
		for _, leave := range leaves {
			leave(nil)
		}
		all.Wait()
		time.Sleep(time.Minute)
		g.mu.Lock()
		defer g.mu.Unlock()
		d := g.hosts["h:993"]
		if d.busy != 0 || len(d.queue) != 0 || d.timer != nil {
			t.Fatalf("%d are still in, %d wait", d.busy, len(d.queue))
		}
	})
}

func refusedBy(status, text string) error {
	return &connectors.Error{Class: connectors.Throttled, Code: "throttled", Err: &refusal{answer{status: status, text: text}}}
}

// A host that has too many connections is left alone, and then one login tries
// for all.
func TestGateHoldsTheHost(t *testing.T) {
	for _, c := range []struct {
		err  error
		hold bool
	}{
		{refusedBy("BYE", "Too many connections from your IP"), true},
		{refusedBy("NO", "too many connections"), true},
		{refusedBy("NO", "Too many simultaneous connections. (Failure)"), false},
		{refusedBy("NO", "Maximum number of connections from user+IP exceeded"), false},
		{&connectors.Error{Class: connectors.Auth, Code: "login"}, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			g := NewGate()
			var first []func(error)
			for range gateLogins {
				leave, err := g.enter(t.Context(), "h:993")
				if err != nil {
					t.Fatal(err)
				}
				first = append(first, leave)
			}
			for _, leave := range first {
				leave(c.err)
			}
			began := time.Now()
			leave, err := g.enter(t.Context(), "h:993")
			if err != nil {
				t.Fatal(err)
			}
			if held := time.Since(began) >= gateHold; held != c.hold {
				t.Fatalf("%v: waited %s", c.err, time.Since(began))
			}
			if !c.hold {
				leave(nil)
				return
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if _, err := g.enter(ctx, "h:993"); err == nil {
				t.Fatal("a second one was let in to try")
			}
			leave(c.err)
			began = time.Now()
			if leave, err = g.enter(t.Context(), "h:993"); err != nil || time.Since(began) < 2*gateHold {
				t.Fatalf("%v: the second hold was %s", err, time.Since(began))
			}
			leave(nil)
			for range gateLogins {
				if _, err := g.enter(ctx, "h:993"); errors.Is(err, context.Canceled) {
					t.Fatal("it is not open again")
				}
			}
		})
	}
}

// When nobody answers, those that wait need not find out one by one.
func TestGateTellsWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, down := NewGate(), &connectors.Error{Class: connectors.Network, Code: "dial"}
		var all sync.WaitGroup
		var tried atomic.Int32
		for range 1000 {
			all.Go(func() {
				leave, err := g.enter(t.Context(), "h:993")
				if err == nil {
					time.Sleep(30 * time.Second) // nobody answers
					tried.Add(1)
					leave(down)
				} else if !errors.Is(err, down) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := tried.Load(); n > gateLogins {
			t.Errorf("%d tried", n)
		}
	})
}

func TestNoGate(t *testing.T) {
	var g *Gate
	for i := range 100 {
		leave, err := g.enter(t.Context(), strconv.Itoa(i))
		if err != nil {
			t.Fatal(err)
		}
		leave(nil)
	}
}
