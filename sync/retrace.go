package sync

import (
	"context"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// retrace tries marks again where their message lies now: a mark that was sent
// before a crash, or put off by the server, may find that the message has been
// filed by us in the meantime. A message that a person took elsewhere is not
// followed.
func (w *worker) retrace(ctx context.Context, steps []model.Step, results []model.Result) ([]model.Result, error) {
	lost := lostMarks(steps, results)
	if len(lost) == 0 {
		return results, nil
	}
	idents := make([]model.Ident, len(lost))
	for k, i := range lost {
		idents[k] = steps[i].Ident
	}
	known, err := w.e.opt.Journal.ByIdent(ctx, idents)
	if err != nil {
		return results, journalError(err)
	}
	places := filedNow(steps, results)
	var again []model.Step
	var at []int
	for _, i := range lost {
		place, ok := places[steps[i].Ident]
		if !ok {
			place, ok = filedBefore(known[steps[i].Ident], steps[i].Source)
		}
		if !ok {
			continue
		}
		s := steps[i]
		s.Ref = place
		again, at = append(again, s), append(at, i)
	}
	if len(again) == 0 {
		return results, nil
	}
	second, failed := w.src.Apply(ctx, again)
	for k, r := range second {
		results[at[k]] = r
	}
	if failed != nil {
		// The marks without a second answer stay open and are asked for again.
		open := map[model.StepID]bool{}
		for _, i := range at[len(second):] {
			open[steps[i].ID] = true
		}
		kept := results[:0:0]
		for _, r := range results {
			if !open[r.ID] {
				kept = append(kept, r)
			}
		}
		results = kept
	}
	return results, failed
}

// lostMarks returns the indexes of marks whose message was not where it should
// have been.
func lostMarks(steps []model.Step, results []model.Result) []int {
	var out []int
	for i, r := range results {
		if _, mark := steps[i].Action.(model.Mark); mark && r.Outcome == model.Lost {
			out = append(out, i)
		}
	}
	return out
}

// filedNow returns where the steps of the same call put their messages.
func filedNow(steps []model.Step, results []model.Result) map[model.Ident]model.Ref {
	out := map[model.Ident]model.Ref{}
	for i, r := range results {
		if _, file := steps[i].Action.(model.File); file && r.Outcome == model.Done && r.Ref.UID != 0 {
			out[steps[i].Ident] = r.Ref
		}
	}
	return out
}

// filedBefore returns where an earlier step of ours put the message.
func filedBefore(intents []journal.Intent, source model.SourceID) (model.Ref, bool) {
	for i := len(intents) - 1; i >= 0; i-- {
		in := intents[i]
		if filing(in) && in.Step.Source == source && in.State == journal.StateConfirmed && in.Ref.UID != 0 {
			return in.Ref, true
		}
	}
	return model.Ref{}, false
}
