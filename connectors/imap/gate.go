package imap

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"sync"
	"time"

	"chancery/connectors"
)

// What one host and port is asked to bear, however many accounts are there.
const (
	gateLogins   = 4                      // logins under way
	gateInterval = 100 * time.Millisecond // between the beginnings of two: ten per second
	// A host that has too many connections is left alone this long, twice as long
	// each time in a row; then one login tries for all.
	gateHold    = 15 * time.Second
	gateHoldMax = 5 * time.Minute
)

// Gate spreads the logins of a process over time, host by host. Who comes first
// goes first. All methods may be called from any goroutine.
type Gate struct {
	mu    sync.Mutex
	hosts map[string]*door
}

// door is the gate of one host and port. Gate.mu guards it.
type door struct {
	gate    *Gate
	busy    int         // logins under way
	next    time.Time   // the next may begin
	refused int         // times in a row that the host had too many connections
	queue   []*waiter   // in the order they came
	timer   *time.Timer // opens the door for the first of them; nil: not needed
}

type waiter struct {
	let chan error // capacity 1: nil lets it in
}

// NewGate returns a gate that all Sources of a process should share.
func NewGate() *Gate { return &Gate{hosts: map[string]*door{}} }

// enter waits for leave to log in at addr. leave must be called once, with how it
// went.
func (g *Gate) enter(ctx context.Context, addr string) (leave func(error), err error) {
	if g == nil {
		return func(error) {}, nil
	}
	w := &waiter{make(chan error, 1)}
	g.mu.Lock()
	d := g.hosts[addr]
	if d == nil {
		d = &door{gate: g}
		g.hosts[addr] = d
	}
	d.queue = append(d.queue, w)
	d.open()
	g.mu.Unlock()
	select {
	case err := <-w.let:
		if err != nil {
			return nil, err
		}
		return d.leave, nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := slices.Index(d.queue, w); i >= 0 {
		d.queue = slices.Delete(d.queue, i, i+1)
	} else if err := <-w.let; err == nil {
		d.busy-- // it was let in at this moment
		d.open()
	}
	return nil, ctx.Err()
}

// open lets in whom it can and sets the timer for the next. The caller holds mu.
func (d *door) open() {
	limit := gateLogins
	if d.refused > 0 {
		limit = 1
	}
	for len(d.queue) > 0 && d.busy < limit {
		now := time.Now()
		if wait := d.next.Sub(now); wait > 0 {
			if d.timer == nil {
				d.timer = time.AfterFunc(wait, func() {
					d.gate.mu.Lock()
					defer d.gate.mu.Unlock()
					d.timer = nil
					d.open()
				})
			}
			return
		}
		d.busy++
		d.next = now.Add(gateInterval)
		d.queue[0].let <- nil
		d.queue = d.queue[1:]
	}
}

// leave ends a login under way and learns from how it went.
func (d *door) leave(err error) {
	d.gate.mu.Lock()
	defer d.gate.mu.Unlock()
	d.busy--
	e, _ := errors.AsType[*connectors.Error](err)
	switch {
	case err == nil || e != nil && e.Class == connectors.Auth:
		d.refused = 0
	case e != nil && crowded(e):
		d.crowd(e.RetryAfter)
	case e != nil && e.Code == "dial":
		// Who waited would find the same. Their own back-off brings them back, each
		// at a time of its own.
		for _, w := range d.queue {
			w.let <- e
		}
		d.queue = nil
	}
	d.open()
}

// crowd leaves the host alone for a while. Logins that were under way together
// count once.
func (d *door) crowd(asked time.Duration) {
	now := time.Now()
	hold := gateHold << min(d.refused, 10)
	if d.next.After(now.Add(gateInterval)) {
		return
	}
	d.refused++
	d.next = now.Add(max(min(hold, gateHoldMax), asked))
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}

// ofOneUser tells a limit of one account from one of the host.
var ofOneUser = regexp.MustCompile(`(?i)user|account|mailbox|simultaneous`)

// crowded reports whether an error speaks for the whole host: it turned us away
// before it knew who we are, or says so of its connections.
func crowded(e *connectors.Error) bool {
	if e.Class != connectors.Throttled {
		return false
	}
	r, ok := errors.AsType[*refusal](e)
	return ok && (r.status == "BYE" || !ofOneUser.MatchString(r.text))
}
