package sync

import (
	"context"
	"slices"
	"time"

	"chancery/connectors"
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

// lookPause is when a message is looked at again whose time is said to be over.
const lookPause = time.Minute

// lookAgain says when a message is decided again.
func lookAgain(c model.Change, at, now time.Time) journal.Look {
	if !at.After(now) {
		at = now.Add(lookPause)
	}
	return journal.Look{Ident: c.Ident, Ref: c.Ref, At: at}
}

// lookDue decides the messages again whose time has come.
func (w *worker) lookDue(soft, hard context.Context) error {
	src, ok := w.src.(looker)
	if !ok || w.spec.Calendar {
		return nil
	}
	defer func() { w.round.glances = nil }()
	for soft.Err() == nil {
		due, err := w.e.opt.Journal.DueLooks(hard, w.spec.ID, w.e.now(), looksPerCall)
		if err != nil {
			return journalError(err)
		}
		if len(due) == 0 {
			return nil
		}
		w.next.rest()
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
	for i, l := range due {
		if l.Ident != "" {
			delete(r.glances, placeOf(refs[i])) // it is to be decided, whatever else is asked of its place
		}
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

// sooner returns when a worker wakes for the next step, if there is one, or the
// next look; zero for never.
func sooner(any bool, due, look time.Time) time.Time {
	if !any || !look.IsZero() && look.Before(due) {
		return look
	}
	return due
}

// planLooks is lookDue for a preview.
func (e *Engine) planLooks(ctx context.Context, w *worker, src connectors.Source, p *Preview) error {
	asked, ok := src.(looker)
	if !ok || w.spec.Calendar {
		return nil
	}
	due, err := e.opt.Journal.DueLooks(ctx, w.spec.ID, e.now(), planOpenLimit)
	if err != nil {
		return err
	}
	for _, l := range p.looks {
		if !l.At.IsZero() && !l.At.After(e.now()) {
			due = append(due, l)
		}
	}
	for part := range slices.Chunk(due, looksPerCall) {
		changes, err := e.look(ctx, p.round, asked, part)
		if err == nil {
			err = e.planBatch(ctx, w, connectors.Batch{Changes: changes}, p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
