package sync

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// Archive is where mail of a source lies that need not be followed.
type Archive interface {
	historian
	looker
}

// RereadResult says what came of reading mail for the ledger.
type RereadResult struct {
	Read  int // messages looked at
	Told  int // of these, that tell of bills
	Fresh int // bills that the ledger did not have
}

// Reread lets the ledger remember the bills of mail that lies in an archive, the oldest
// mail first, as if it had been read when it came: after a backup of the journal was
// put back, the ledger lacks what was filed since. It does nothing else about the
// mail, and may be repeated: what the ledger has stays as it is. Nothing else may follow
// the source meanwhile. Errors are ErrNoSource, and those of archive and journal.
func (e *Engine) Reread(ctx context.Context, id model.SourceID, from Archive, since time.Time) (out RereadResult, err error) {
	w := e.workers[id]
	if w == nil {
		return out, fmt.Errorf("reread %s: %w", id, ErrNoSource)
	}
	if w.lease, err = e.opt.Journal.Claim(ctx, id, e.opt.Owner, e.now()); err != nil {
		return out, fmt.Errorf("reread %s: %w", id, err)
	}
	type told struct {
		ref model.Ref
		at  int64
	}
	var list []told
	set := e.rules.Load()
	err = from.History(ctx, since, func(changes []model.Change) error {
		for _, c := range changes {
			if out.Read++; len(set.Bills(asNew(c), model.View{Now: e.now(), Desk: e.desk(id)})) > 0 {
				list = append(list, told{c.Ref, c.Message.Arrived.Unix()})
			}
		}
		return ctx.Err()
	})
	slices.SortStableFunc(list, func(a, b told) int { return cmp.Compare(a.at, b.at) })
	out.Told = len(list)
	for part := range slices.Chunk(list, looksPerCall) {
		if err != nil {
			break
		}
		refs := make([]model.Ref, len(part))
		for i, t := range part {
			refs[i] = t.ref
		}
		var changes []model.Change
		if changes, err = from.Look(ctx, refs); err == nil {
			err = w.reread(ctx, changes, &out)
		}
	}
	if err != nil {
		return out, fmt.Errorf("reread %s: %w", id, err)
	}
	return out, nil
}

// reread writes the bills of some messages, and nothing else that is decided about them.
func (w *worker) reread(ctx context.Context, changes []model.Change, out *RereadResult) error {
	turn, _, err := w.e.decideMail(ctx, newRound(&w.spec, w.e.now()), changes)
	if err != nil {
		return err
	}
	var words []string
	for _, b := range turn.Bills {
		words = append(words, journal.MailWord(b.Ident))
	}
	known, err := w.e.opt.Journal.Bills(ctx, words)
	if err != nil {
		return journalError(err)
	}
	has := map[string]bool{}
	for _, b := range known {
		has[b.ID] = true
	}
	for _, b := range turn.Bills {
		if !has[b.ID] {
			has[b.ID] = true
			out.Fresh++
		}
	}
	_, err = w.e.opt.Journal.Commit(ctx, journal.Turn{Lease: w.lease, Now: w.e.now(), KeepCursor: true, Bills: turn.Bills})
	return journalError(err)
}
