package sync

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"chancery/internal/model"
	"chancery/rules"
	"chancery/sync/journal"
)

// BackfillRequest asks one rule about the mail that a source has.
type BackfillRequest struct {
	Rule   string
	Source model.SourceID
	Since  time.Time // of the arrival; zero: all there is
}

// BackfillResult says what came of it.
type BackfillResult struct {
	Read    int // messages looked at
	Matched int // of these, the rule says something about
	Planned int // steps that were not planned before
	Held    int // of these, moves that wait for approval
}

// historian is a source that can read what is older than its cursor.
type historian interface {
	History(ctx context.Context, since time.Time, each func([]model.Change) error) error
}

// Backfill asks one rule about old mail too, and carries out what it says as if the
// mail had just come: what a person overruled stays so, many moves wait for
// approval, and what was planned before is not planned again, so that it may be
// repeated, also after it was broken off. It writes no notes and no drafts: those
// are about what is new.
//
// The worker of the source does it between two turns; in a process that does not
// run the engine it is done here. Errors are ErrNoSource, an unknown rule, and
// those of the source and the journal.
func (e *Engine) Backfill(ctx context.Context, req BackfillRequest) (BackfillResult, error) {
	var out BackfillResult
	err := e.at(ctx, req.Source, func(soft, hard context.Context, w *worker) error {
		set, ok := e.rules.Load().Only(req.Rule)
		if !ok {
			return unable{fmt.Errorf("no rule %q that looks at this account", req.Rule)}
		}
		h, ok := w.src.(historian)
		if !ok {
			return unable{fmt.Errorf("source %s keeps no history", req.Source)}
		}
		if !e.running.Load() {
			if err := w.landed(hard, req.Rule); err != nil {
				return err
			}
		}
		return w.backfill(soft, hard, set, h, req.Since, &out)
	})
	if err != nil {
		return out, fmt.Errorf("backfill %s: %w", req.Source, err)
	}
	return out, nil
}

func (w *worker) backfill(soft, hard context.Context, set *rules.Set, h historian, since time.Time, out *BackfillResult) error {
	maps.Copy(w.round.messages, w.sizes)
	err := h.History(hard, since, func(changes []model.Change) error {
		if soft.Err() != nil {
			return unable{errStopped} // what is planned is carried out at the next start
		}
		return w.fill(hard, set, changes, out)
	})
	if err != nil {
		return err
	}
	for _, ids := range w.round.braked() {
		out.Held += len(ids)
	}
	return w.endRound(soft, hard)
}

// fill decides one batch of old mail and writes the intents.
func (w *worker) fill(ctx context.Context, set *rules.Set, changes []model.Change, out *BackfillResult) error {
	turn, plans, err := w.e.decideBy(ctx, set, w.round, changes)
	if err != nil {
		return err
	}
	turn.Planned = slices.DeleteFunc(turn.Planned, func(p journal.Planned) bool { return isNote(p.Step.Action) })
	turn.Lease, turn.Now, turn.KeepCursor = w.lease, w.e.now(), true
	fresh, err := w.e.opt.Journal.Commit(ctx, turn)
	if err != nil {
		return journalError(err)
	}
	w.e.billed(turn.Bills)
	w.countFresh(turn.Planned, fresh)
	w.watch(turn, changes)
	out.Read += len(changes)
	out.Planned += len(fresh)
	for _, p := range plans {
		if len(p.Steps)+len(p.Reports) > 0 {
			out.Matched++
		}
	}
	return nil
}
