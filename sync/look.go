package sync

import (
	"context"
	"time"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// looker is a source that can be asked about messages at any time. What is no
// longer in its place is missing from the answer.
type looker interface {
	Look(ctx context.Context, refs []model.Ref) ([]model.Change, error)
}

// looksPerCall is how many messages are looked at together.
const looksPerCall = 250

// lookPause is the least time between two looks at one message.
const lookPause = time.Minute

// lookAgain says when a message is decided again.
func lookAgain(c model.Change, at, now time.Time) journal.Look {
	if soonest := now.Add(lookPause); at.Before(soonest) {
		at = soonest
	}
	return journal.Look{Ident: c.Ident, Ref: c.Ref, At: at}
}

// lookDue decides the messages again whose time has come.
func (w *worker) lookDue(soft, hard context.Context) error {
	src, ok := w.src.(looker)
	if !ok || w.spec.Calendar {
		return nil
	}
	for soft.Err() == nil {
		due, err := w.e.opt.Journal.DueLooks(hard, w.spec.ID, w.e.now(), looksPerCall)
		if err != nil {
			return journalError(err)
		}
		if len(due) == 0 {
			return nil
		}
		changes, err := w.e.look(soft, w.round, src, due)
		if err != nil {
			return err
		}
		turn, _, err := w.e.decideMail(hard, w.round, changes)
		if err != nil {
			return err
		}
		turn.Looks = append(overdue(due), turn.Looks...) // of two about one item the last one counts
		turn.KeepCursor = true
		if err := w.write(hard, turn, changes); err != nil {
			return err
		}
		w.round.glances = nil
	}
	return nil
}

// look reads messages where they are now: we may have filed them since.
func (e *Engine) look(ctx context.Context, r *round, src looker, due []journal.Look) ([]model.Change, error) {
	var idents []model.Ident
	for _, l := range due {
		if l.Ident != "" {
			idents = append(idents, l.Ident)
		}
	}
	known, err := e.opt.Journal.ByIdent(ctx, idents)
	if err != nil {
		return nil, journalError(err)
	}
	r.glances = map[place]bool{}
	var refs []model.Ref
	for _, l := range due {
		ref := l.Ref
		if filed, ok := filedBefore(known[l.Ident], r.spec.ID); ok {
			ref = filed
		}
		if l.Ident == "" {
			r.glances[placeOf(ref)] = true
		}
		refs = append(refs, ref)
	}
	return src.Look(ctx, refs)
}

// overdue forgets looks: what is to be looked at once more is planned anew.
func overdue(due []journal.Look) []journal.Look {
	out := make([]journal.Look, len(due))
	for i, l := range due {
		out[i] = journal.Look{Ident: l.Ident, Ref: l.Ref}
	}
	return out
}

// nextLook returns when a message is to be decided again; zero for never.
func (w *worker) nextLook(ctx context.Context) (time.Time, error) {
	if _, ok := w.src.(looker); !ok || w.spec.Calendar {
		return time.Time{}, nil
	}
	at, err := w.e.opt.Journal.NextLook(ctx, w.spec.ID)
	return at, journalError(err)
}
