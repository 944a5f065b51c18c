package sync

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"chancery/internal/model"
)

// ErrNoSource is what a request for a source gets that is not followed here.
var ErrNoSource = errors.New("no such source")

// errStopped is what a request gets that came too late.
var errStopped = errors.New("the engine stopped")

// errand is what somebody wants done at a source, between two turns of its worker.
type errand struct {
	ctx  context.Context // of who asked
	do   task
	done chan error // capacity 1
}

// task works at a source; as in a turn it begins nothing more when soft has ended.
type task func(soft, hard context.Context, w *worker) error

// errands are the requests that wait for a worker.
type errands struct {
	mu     sync.Mutex
	list   []errand
	closed bool
}

func (q *errands) add(e errand) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed {
		q.list = append(q.list, e)
	}
	return !q.closed
}

func (q *errands) next() (errand, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.list) == 0 {
		return errand{}, false
	}
	e := q.list[0]
	q.list = q.list[1:]
	return e, true
}

// open lets requests wait; close answers those that do, and takes no more.
func (q *errands) open() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = false
}

func (q *errands) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.list {
		e.done <- errStopped
	}
	q.list, q.closed = nil, true
}

// at has something done at a source: by its worker, between two turns, while
// the engine runs; else here and now, with a turn before it, so that what is known
// of the mailboxes is true.
func (e *Engine) at(ctx context.Context, id model.SourceID, do task) error {
	w := e.workers[id]
	if w == nil {
		return fmt.Errorf("source %s: %w", id, ErrNoSource)
	}
	if !e.running.Load() {
		return w.alone(ctx, do)
	}
	one := errand{ctx: ctx, do: do, done: make(chan error, 1)}
	if !w.errands.add(one) {
		return errStopped
	}
	w.kick()
	select {
	case err := <-one.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run carries requests out. An error ends the connection, as it would in a turn.
func (w *worker) runErrands(soft, hard context.Context) (some bool, err error) {
	for soft.Err() == nil {
		one, ok := w.errands.next()
		if !ok {
			break
		}
		some = true
		w.state.set("working", nil, w.e.now())
		ctx, cancel := context.WithCancelCause(hard)
		stop := context.AfterFunc(one.ctx, func() { cancel(one.ctx.Err()) })
		err = one.do(soft, ctx, w)
		stop()
		cancel(nil)
		one.done <- err
		if _, ok := errors.AsType[unable](err); ok {
			err = nil // nothing is wrong with the source
		}
		if err != nil {
			break
		}
	}
	return some, err
}

// errUnderWay is what a request gets whose rule's moves are not known yet.
var errUnderWay = errors.New("moves of this rule are under way since a connection was lost: ask again in a minute")

// landed waits for copies of a rule that may still be on their way since an earlier
// process died, and brings them to their end. No turn of this process would come
// back for them. Where the engine runs, its turns do: there it is
// errUnderWay.
func (w *worker) landed(ctx context.Context, rule string) error {
	for {
		open, err := w.e.opt.Journal.Pending(ctx, w.spec.ID, w.e.now(), math.MaxInt32)
		if err != nil {
			return journalError(err)
		}
		var until time.Time
		for _, in := range open {
			if at := w.settles(in); filing(in) && in.Step.Rule == rule && w.unsettled(in) && at.After(until) {
				until = at
			}
		}
		switch {
		case until.IsZero():
			return nil
		case w.e.running.Load():
			return unable{errUnderWay}
		}
		select {
		case <-time.After(max(until.Sub(w.e.now()), time.Millisecond)):
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := w.applyPending(ctx, ctx, true); err != nil {
			return err
		}
	}
}

// unable is an error of the request, not of the source.
type unable struct{ error }

func (u unable) Unwrap() error { return u.error }

// alone does what the worker would do for a request, in a process that does not
// run the engine.
func (w *worker) alone(ctx context.Context, do task) error {
	if err := w.claim(ctx); err != nil {
		return err
	}
	defer w.close()
	src, err := w.spec.Open(ctx, w.position())
	if err != nil {
		return err
	}
	w.src = src
	if err := w.turn(ctx, ctx); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return do(ctx, ctx, w)
}
