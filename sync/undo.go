package sync

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"chancery/internal/model"
	"chancery/rules/agenda"
	"chancery/sync/journal"
)

// UndoRequest asks to take back what a rule did.
type UndoRequest struct {
	Rule   string
	Source model.SourceID
	Since  time.Time // when it was done; zero: ever
}

// UndoResult says what came of it. What was taken back before is not counted.
type UndoResult struct {
	Unmarks int // messages whose mark was taken away
	Returns int // messages that were moved back
	Amends  int `json:",omitempty"` // events that were put back
	Off     int `json:",omitempty"` // changes of events that were asked for and not made yet
	Left    int // effects that people changed since, or that cannot be taken back
}

// Undo takes away the marks that a rule set and moves back what it filed, as far as
// all that still stands as the rule left it: what a person moved, unmarked,
// recoloured or read on elsewhere stays as it is, and so does what was there before
// the rule. The rule is released for every one of these messages, so it does not
// do it again. Letters stay: a person may have sent them. Of a calendar it puts the
// events back that the rule amended, as far as they stand so.
//
// It is carried out as Backfill is, and may be repeated.
func (e *Engine) Undo(ctx context.Context, req UndoRequest) (UndoResult, error) {
	var out UndoResult
	err := e.at(ctx, req.Source, func(soft, hard context.Context, w *worker) error { return w.undo(soft, hard, req, &out) })
	if err != nil {
		return out, fmt.Errorf("undo at %s: %w", req.Source, err)
	}
	return out, nil
}

// undone is how many messages one transaction of an undo speaks of.
const undone = 500

func (w *worker) undo(soft, ctx context.Context, req UndoRequest, out *UndoResult) error {
	// What is not known yet would be done after all that is taken back.
	if err := w.landed(ctx, req.Rule); err != nil {
		return err
	}
	off, err := w.callOff(ctx, req.Rule)
	if err != nil {
		return err
	}
	out.Off = off
	did := map[model.Ident][]journal.Intent{}
	var order []model.Ident
	err = w.e.opt.Journal.ConfirmedSince(ctx, req.Source, req.Rule, req.Since, func(in journal.Intent) {
		switch in.Step.Action.(type) {
		case model.Mark, model.File, model.Amend:
			if IsUndo(in) {
				return
			}
			if did[in.Step.Ident] == nil {
				order = append(order, in.Step.Ident)
			}
			did[in.Step.Ident] = append(did[in.Step.Ident], in)
		}
	})
	if err != nil {
		return journalError(err)
	}
	var fresh []model.StepID
	for part := range slices.Chunk(order, undone) {
		ids, err := w.planUndo(ctx, req.Rule, part, did, out)
		if err != nil {
			return err
		}
		fresh = append(fresh, ids...)
	}
	if err := w.applyPending(soft, ctx, true); err != nil {
		return err
	}
	return w.tally(ctx, order, fresh, out)
}

// planUndo writes down what is to be taken back of some messages, and that the
// rule is released for them.
func (w *worker) planUndo(ctx context.Context, rule string, items []model.Ident, did map[model.Ident][]journal.Intent, out *UndoResult) ([]model.StepID, error) {
	known, err := w.e.opt.Journal.ByIdent(ctx, items)
	if err != nil {
		return nil, journalError(err)
	}
	released, err := w.e.opt.Journal.Released(ctx, items)
	if err != nil {
		return nil, journalError(err)
	}
	turn := journal.Turn{Lease: w.lease, Now: w.e.now(), KeepCursor: true}
	var steps []journal.Intent
	for _, of := range items {
		how := released[of][rule]
		if how == "" {
			turn.Released = append(turn.Released, journal.Release{Ident: of, Rule: rule, How: journal.HowUndone})
		}
		steps = append(steps, did[of]...)
		for _, in := range did[of] {
			if s, ok := w.takeBack(in, known[of], how); ok {
				turn.Planned = append(turn.Planned, journal.Planned{Step: s, Cause: w.spec.ID})
			} else if s.Action != nil && how != journal.HowUndone {
				out.Left++
			}
		}
	}
	if err := w.e.forget(ctx, steps, &turn); err != nil {
		return nil, err
	}
	turn.Planned = byEffect(turn.Planned, func(p journal.Planned) model.Step { return p.Step })
	fresh, err := w.e.opt.Journal.Commit(ctx, turn)
	return fresh, journalError(err)
}

// takeBack is the step that takes the effect of another one back. Without ok there
// is none: with an action because a person changed the effect since, without one
// because it had none.
func (w *worker) takeBack(in journal.Intent, about []journal.Intent, how string) (s model.Step, ok bool) {
	s = in.Step
	s.Ref, s.Why = standsAt(in, about), model.Hide(undoWhy)
	switch a := in.Step.Action.(type) {
	case model.Mark:
		flags := onlyOf(in, about)
		if len(flags) == 0 {
			return model.Step{}, false
		}
		s.Action = model.Unmark{Name: a.Name, Flags: flags}
	case model.File:
		switch {
		case !HadEffect(in):
			return model.Step{}, false
		case in.Ref.UID == 0, !lastFiling(in, about), how != "" && how != journal.HowUndone && !liesIn(in.Ref.Mailbox, a):
			return s, false
		}
		s.Action = model.Return{To: in.Step.Ref.Mailbox}
	case model.Amend:
		back, stands := w.putBack(in, a)
		switch {
		case !HadEffect(in):
			return model.Step{}, false
		case !stands, how != "" && how != journal.HowUndone:
			return s, false
		}
		s.Action, s.Ref = back, back.Base
	}
	s.ID = w.e.stepID(s, string(in.Step.ID))
	return s, true
}

// undoWhy is the reason of steps that take something back.
const undoWhy = "undo"

// IsUndo reports whether a step took another one back.
func IsUndo(in journal.Intent) bool { return in.Step.Why.Reveal() == undoWhy }

// putBack is an amend the other way round, over the event as it is now. It does
// not stand if a person changed it since.
func (w *worker) putBack(in journal.Intent, a model.Amend) (model.Amend, bool) {
	a.Was, a.Now, a.Base = a.Now, a.Was, in.Ref
	ev, ok := w.e.agenda.get(w.spec.ID, in.Step.Ref.Href)
	if ok {
		was := a
		was.Now = a.Was
		a.Base = ev.Ref
		return a, agenda.Stands(&ev, was)
	}
	return a, false
}

// HadEffect reports whether a confirmed mark, move or amend did something that could be
// taken back. What a first try found done was done by others; what a later one
// finds so, an earlier one did whose answer was lost.
func HadEffect(in journal.Intent) bool {
	switch in.Step.Action.(type) {
	case model.Mark:
		return len(in.Added) > 0
	case model.File, model.Amend:
		return !in.Already || in.Attempts > 1
	}
	return false
}

// standsAt is where a message lies now, as far as is known.
func standsAt(in journal.Intent, about []journal.Intent) model.Ref {
	if at, ok := filedBefore(about, in.Step.Source); ok {
		return at
	}
	return whereabouts(in)
}

// onlyOf returns the flags that a mark added, without those that another mark on
// the same message stands on.
func onlyOf(in journal.Intent, about []journal.Intent) model.Flags {
	return slices.DeleteFunc(slices.Clone(in.Added), func(f string) bool {
		return slices.ContainsFunc(about, func(x journal.Intent) bool {
			_, mark := x.Step.Action.(model.Mark)
			return mark && x.State == journal.StateConfirmed && x.Step.Rule != in.Step.Rule && x.Step.Source == in.Step.Source && x.Flags.Has(f)
		})
	})
}

// lastFiling reports whether no step of ours moved the message on, but for the one
// that took this very filing back.
func lastFiling(in journal.Intent, about []journal.Intent) bool {
	at := slices.IndexFunc(about, func(x journal.Intent) bool { return x.Step.ID == in.Step.ID })
	return !slices.ContainsFunc(about[at+1:], func(x journal.Intent) bool {
		return filing(x) && x.State == journal.StateConfirmed && x.Step.Source == in.Step.Source && x.Step.Rule != in.Step.Rule
	})
}

// liesIn reports whether a mailbox may be the one that a step filed to.
func liesIn(box model.Name, a model.File) bool {
	return len(a.Mailbox) > 0 && strings.HasSuffix(string(box), a.Mailbox[len(a.Mailbox)-1])
}

// givenUp ends the steps that would take back what a person changed meanwhile:
// there is nothing to decide again.
func givenUp(results []model.Result, of map[model.StepID]journal.Intent) []model.Result {
	out := slices.Clone(results)
	for i, r := range out {
		switch of[r.ID].Step.Action.(type) {
		case model.Amend:
			if r.Outcome == model.Stale && r.Code == "changed" && IsUndo(of[r.ID]) {
				out[i].Outcome = model.Lost
			}
		case model.Unmark, model.Return:
			if r.Outcome == model.Stale && r.Code == "changed" {
				out[i].Outcome = model.Lost
			}
		}
	}
	return out
}

// tally counts how the steps of an undo ended.
func (w *worker) tally(ctx context.Context, items []model.Ident, fresh []model.StepID, out *UndoResult) error {
	ours := make(map[model.StepID]bool, len(fresh))
	for _, id := range fresh {
		ours[id] = true
	}
	for part := range slices.Chunk(items, undone) {
		known, err := w.e.opt.Journal.ByIdent(ctx, part)
		if err != nil {
			return journalError(err)
		}
		for _, intents := range known {
			for _, in := range intents {
				if !ours[in.Step.ID] {
					continue
				}
				_, amend := in.Step.Action.(model.Amend)
				switch _, back := in.Step.Action.(model.Return); {
				case in.State == journal.StateLost, in.State == journal.StateRefused, in.State == journal.StateSuperseded:
					out.Left++
				case amend:
					out.Amends++
				case back:
					out.Returns++
				default:
					out.Unmarks++
				}
			}
		}
	}
	return nil
}
