package sync

import (
	"context"
	"math"
	"slices"
	"time"

	"chancery/internal/model"
	"chancery/rules/agenda"
	"chancery/sync/journal"
)

// amendsFree is how many events of one principal are changed within amendsTime
// without asking a person: a rule with a mistake must not answer a whole year.
const (
	amendsFree = 10
	amendsTime = time.Hour
)

// brakeAmends lets the changes of events wait for a person that are too many.
func brakeAmends(planned []journal.Planned, intents []journal.Intent, now time.Time) {
	known, free := map[model.StepID]bool{}, amendsFree
	for _, in := range intents {
		if _, ok := in.Step.Action.(model.Amend); !ok || in.State == journal.StateSuperseded {
			continue
		}
		known[in.Step.ID] = true
		if in.State != journal.StateHeld && !in.Approved && in.PlannedAt.After(now.Add(-amendsTime)) {
			free--
		}
	}
	for i, p := range planned {
		if _, ok := p.Step.Action.(model.Amend); !ok || known[p.Step.ID] {
			continue
		}
		free--
		planned[i].Held = free < 0
	}
}

// heldSteps are the steps that wait for a person about these findings.
func heldSteps(intents []journal.Intent, of []model.Ident) (out []model.StepID) {
	for _, in := range intents {
		if in.State == journal.StateHeld && slices.Contains(of, in.Step.Ident) {
			out = append(out, in.Step.ID)
		}
	}
	return out
}

// staleTries is how often a step may be found stale, and be decided again at once.
const staleTries = 3

// restStale puts off the steps that were found stale again and again: where a server
// shows one thing and lists another, deciding anew leads to the same step for ever.
func restStale(planned []journal.Planned, intents []journal.Intent) {
	stale := map[model.StepID]journal.Intent{}
	for _, in := range intents {
		if in.State == journal.StateSuperseded && in.Attempts >= staleTries {
			stale[in.Step.ID] = in
		}
	}
	for i, p := range planned {
		if in, ok := stale[p.Step.ID]; ok {
			planned[i].After = in.EndedAt.Add(grow(laterDelay, time.Hour, in.Attempts-staleTries+1, 2))
		}
	}
}

// changedBack finds the events that a person put back to what they were, or
// changed otherwise, after we changed them: the rule is released for good. Found
// is brought up to date. An event that was not read since our change says nothing.
func (e *Engine) changedBack(found map[model.Ident]model.Finding, intents []journal.Intent) (out []journal.Release) {
	for _, in := range intents {
		f := found[in.Step.Ident]
		a, ok := in.Step.Action.(model.Amend)
		if !ok || in.State != journal.StateConfirmed || f.Amended == nil || f.Pinned {
			continue
		}
		ev, ok := e.agenda.get(in.Step.Source, a.Base.Href)
		if !ok || model.Name(ev.Body.Reveal().UID) != a.UID || agenda.Stands(&ev, a) {
			continue
		}
		out = append(out, journal.Release{Ident: in.Step.Ident, Rule: in.Step.Rule, How: "edited"})
		f.Pinned, f.Amended = true, nil
		found[in.Step.Ident] = f
	}
	return out
}

// answered wakes the settlers that wait for how the taking away of a draft ended.
func (e *Engine) answered(intents []journal.Intent) {
	for _, in := range intents {
		drop, ok := in.Step.Action.(model.DropNote)
		if !ok || in.Group == "" || !agenda.IsReply(in.Step.Ident) || drop.Twins {
			continue
		}
		for _, s := range e.settlers {
			if s.spec.group() == in.Group {
				s.kick()
			}
		}
	}
}

// changedMeanwhile reports whether an event is not as a change of ours would have
// left it, that may have been carried out before its answer was lost, nor as it was
// before: a person was at it, who may have taken the change back. In doubt it is the
// person's.
func changedMeanwhile(in journal.Intent, r model.Result) bool {
	_, ok := in.Step.Action.(model.Amend)
	return ok && in.State == journal.StateSent && r.Outcome == model.Stale
}

// amending notes which events are known to be changed by these results, before the
// journal says so and a settler may look at what is kept of them.
func (w *worker) amending(of map[model.StepID]journal.Intent, results []model.Result) {
	for _, r := range results {
		if a, ok := of[r.ID].Step.Action.(model.Amend); ok && r.Outcome == model.Done && !r.Already {
			w.e.agenda.amend(w.spec.ID, a.Base.Href)
		}
	}
}

// callOff ends the changes of events that a rule asked for and that were not made
// yet: what waits for a person's approval, or for a server that does not answer,
// would come after all that is taken back. It returns how many there were.
func (w *worker) callOff(ctx context.Context, rule string) (int, error) {
	if !w.spec.Calendar {
		return 0, nil
	}
	held, err := w.e.opt.Journal.HeldSteps(ctx, w.spec.ID, math.MaxInt32)
	if err != nil {
		return 0, journalError(err)
	}
	open, err := w.e.opt.Journal.Pending(ctx, w.spec.ID, w.e.now().AddDate(1, 0, 0), math.MaxInt32)
	if err != nil {
		return 0, journalError(err)
	}
	turn := journal.Turn{Lease: w.lease, Now: w.e.now(), KeepCursor: true}
	for _, in := range append(held, open...) {
		_, amend := in.Step.Action.(model.Amend)
		// One that was tried may have had its effect: it is brought to its end first.
		if amend && in.Step.Rule == rule && in.Attempts == 0 && in.State != journal.StateSent && !IsUndo(in) {
			turn.Released = append(turn.Released, journal.Release{Ident: in.Step.Ident, Rule: rule, How: journal.HowUndone})
		}
	}
	if len(turn.Released) == 0 {
		return 0, nil
	}
	_, err = w.e.opt.Journal.Commit(ctx, turn)
	return len(turn.Released), journalError(err)
}
