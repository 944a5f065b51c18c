package sync

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
	"chancery/sync/journal"
)

// worker owns one source.
type worker struct {
	e     *Engine
	spec  SourceSpec
	wakes chan struct{} // capacity 1: steps of others wait in the journal
	retry chan struct{} // capacity 1: a person has mended what failed
	state state

	lease    journal.Lease
	src      connectors.Source
	cursor   model.Name
	stood    model.Name // of a calendar: where it stood before this process
	baseline time.Time
	filed    bool // something, since the mailboxes were last read to their end
	// listing collects the places of a calendar while it is listed anew; nil when
	// no listing is under way.
	listing map[model.Name]bool
	// holds counts, for each hold that should stand in this calendar, in how many
	// reads in a row it was missing; nil before the first complete listing.
	holds map[model.Ident]int
	// gone are the holds that went away so far, in a read that is not at its end.
	gone map[model.Ident]bool
	// unread are the places of the objects that could not be read.
	unread map[model.Name]bool
	round  *round
	next   ahead // what is read already
	// overdue says that the next batch is read already: it shows nothing of what is
	// applied now.
	overdue bool
	// parted is when the last connection that carried notes or moves was lost, at the
	// latest. The last of a long list may have been begun just then.
	parted  time.Time
	sights  map[place]sight    // of the messages that wait to be filed
	sizes   map[model.Name]int // messages of each mailbox, when it was last read
	errands errands
	// stirred says that the settlers were not told of what was read yet.
	stirred bool
	through atomic.Bool // of mail: all of it was read since the start
	tells   bool        // as far as a preview saw, it can be asked for people's time
	pruned  time.Time   // when sights was last rid of what waits no more
}

func newWorker(e *Engine, spec SourceSpec) *worker {
	w := &worker{e: e, spec: spec, wakes: make(chan struct{}, 1), retry: make(chan struct{}, 1), gone: map[model.Ident]bool{}, unread: map[model.Name]bool{}, sights: map[place]sight{}, sizes: map[model.Name]int{}}
	w.state.set("starting", nil, e.now())
	e.load.set(w, true)
	return w
}

// kick marks the worker busy and ends its Wait.
func (w *worker) kick() {
	w.e.load.hand(w, w.wakes)
}

// run follows the source until soft ends; hard ends the step under way. The only
// error it returns is the journal's.
func (w *worker) run(soft, hard context.Context) error {
	defer w.e.load.set(w, false)
	defer w.errands.close()
	defer w.close()
	if err := w.claim(hard); err != nil {
		return err
	}
	var pause backoff
	for soft.Err() == nil {
		err := w.follow(soft, hard, &pause)
		w.close()
		switch {
		case soft.Err() != nil:
			return nil
		case errors.Is(err, journal.ErrFenced):
			w.state.set("taken-over", nil, w.e.now())
			w.e.opt.Log.Warn("source taken over by another process", "source", w.spec.ID)
			return nil
		case isJournal(err):
			return err
		}
		if !w.sleep(soft, err, &pause) {
			return nil
		}
	}
	return nil
}

// claim takes the source's lease and reads where it stood.
func (w *worker) claim(ctx context.Context) error {
	lease, err := w.e.opt.Journal.Claim(ctx, w.spec.ID, w.e.opt.Owner, w.e.now())
	if err != nil {
		return brokenJournal{err}
	}
	at, err := w.e.opt.Journal.Position(ctx, w.spec.ID)
	if err != nil {
		return brokenJournal{err}
	}
	w.lease, w.cursor, w.baseline, w.parted = lease, at.Cursor, at.Baseline, w.e.now()
	if w.spec.Calendar {
		// The agenda lives in memory, so a calendar is listed from the beginning.
		w.cursor, w.stood = "", at.Cursor
	}
	return w.resume(ctx)
}

// follow opens the source and works until it fails or soft ends.
func (w *worker) follow(soft, hard context.Context, pause *backoff) error {
	w.state.set("connecting", nil, w.e.now())
	src, err := w.spec.Open(soft, w.position())
	if err != nil {
		return err
	}
	w.src = src
	for soft.Err() == nil {
		if err := w.turn(soft, hard); err != nil {
			return err
		}
		pause.reset()
		if some, err := w.runErrands(soft, hard); some || err != nil {
			if err != nil {
				return err
			}
			continue // what it did may be news
		}
		if err := w.wait(soft); err != nil {
			return err
		}
	}
	return nil
}

// position is where the source is opened.
func (w *worker) position() journal.Position {
	if w.spec.Calendar && w.cursor == "" {
		return journal.Position{Cursor: w.stood, Baseline: w.baseline}
	}
	return journal.Position{Cursor: w.cursor, Baseline: w.baseline}
}

// restPatience is how far off a step may be that whoever waits for rest waits for.
const restPatience = 2*time.Minute + 10*time.Second

// wait idles until the source may have news, somebody hands over steps, or a
// postponed step is due.
func (w *worker) wait(soft context.Context) error {
	n, due, err := w.e.opt.Journal.PendingCount(soft, w.spec.ID)
	if err != nil {
		if soft.Err() != nil {
			return nil
		}
		return brokenJournal{err}
	}
	if w.state.set("following", nil, w.e.now()) {
		w.e.opt.Log.Info("source is back", "source", w.spec.ID)
	}
	ctx, cancel := context.WithCancel(soft)
	defer cancel()
	next, err := w.nextLook(soft)
	if err != nil && soft.Err() == nil {
		return err
	}
	if n > 0 {
		due = w.nextTry(due)
	}
	if wake := sooner(n > 0, due, next); !wake.IsZero() {
		timer := time.AfterFunc(max(wake.Sub(w.e.now()), 10*time.Millisecond), cancel)
		defer timer.Stop()
	}
	if n == 0 || due.Sub(w.e.now()) > restPatience {
		w.e.load.done(w, w.wakes)
	}
	woken := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-w.wakes:
			cancel()
		case <-woken:
		}
	}()
	err = w.src.Wait(ctx)
	close(woken)
	<-done
	w.e.load.set(w, true)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// sleep backs off after a failure. It reports whether to go on.
func (w *worker) sleep(soft context.Context, err error, pause *backoff) bool {
	if err == nil {
		return true
	}
	class, code := connectors.Classify(err)
	var asked time.Duration
	if e, ok := errors.AsType[*connectors.Error](err); ok {
		asked = e.RetryAfter
	}
	if errors.Is(err, connectors.ErrCursorExpired) {
		w.cursor, w.listing = "", nil
		return true
	}
	if w.spec.Calendar {
		w.e.agenda.fail(w.spec.ID)
	}
	delay := pause.next(class, asked)
	if class == connectors.Auth || class == connectors.Config || pause.failures >= patience {
		// Not soon to be mended: whoever waits for rest need not wait for this.
		w.e.load.set(w, false)
		defer w.e.load.set(w, true)
	}
	level := slog.LevelDebug // the same failure once more
	if w.state.set(class.String(), err, w.e.now()) {
		level = slog.LevelWarn
		if class == connectors.Auth {
			level = slog.LevelError // only a person can mend it
		}
	}
	w.e.opt.Log.Log(soft, level, "source failed", "source", w.spec.ID, "class", class.String(), "code", code, "retry_in", delay.Round(time.Millisecond).String())
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-w.retry:
		pause.reset()
		return true
	case <-soft.Done():
		return false
	}
}

// patience is how many failures in a row count as "on its way back".
const patience = 5

func (w *worker) close() {
	w.stir() // what was read until it failed is known
	if w.src != nil {
		_ = w.src.Close()
		w.src = nil
	}
}

// stir lets the settlers know what was read of a calendar.
func (w *worker) stir() {
	if w.stirred {
		w.stirred = false
		w.e.changed(w.spec.ID)
	}
}

// brokenJournal marks the one kind of error that stops the house.
type brokenJournal struct{ error }

func (b brokenJournal) Unwrap() error { return b.error }

func isJournal(err error) bool {
	_, ok := errors.AsType[brokenJournal](err)
	return ok
}

// journalError keeps ErrFenced apart from a broken journal.
func journalError(err error) error {
	if err == nil || errors.Is(err, journal.ErrFenced) || errors.Is(err, context.Canceled) {
		return err
	}
	return brokenJournal{err}
}
