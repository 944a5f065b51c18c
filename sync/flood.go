package sync

import (
	"context"
	"slices"
	"strings"
	"time"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// lettersTime is the time in which the brake counts letters.
const lettersTime = time.Hour

// letterPrefix begins the identity of a letter about a message.
const letterPrefix = "letter:"

// brakeLetters lets the letters of a turn wait for a person that are more than one
// rule may write about one source within lettersTime: whoever sends mail can make
// a rule match, as often as he likes. Marks are set all the same.
func (e *Engine) brakeLetters(ctx context.Context, r *round, turn *journal.Turn) error {
	most := r.spec.Brake.Letters
	if most == 0 || !slices.ContainsFunc(turn.Planned, isLetter) {
		return nil
	}
	var letters []journal.Planned
	for _, p := range turn.Planned {
		if isLetter(p) {
			letters = append(letters, p)
		}
	}
	fresh, err := e.fresh(ctx, letters, nil)
	if err != nil {
		return journalError(err)
	}
	written, err := e.opt.Journal.Letters(ctx, r.spec.ID, e.now().Add(-lettersTime))
	if err != nil {
		return journalError(err)
	}
	for _, rule := range r.letters {
		written[rule]++
	}
	held := map[model.StepID]bool{} // false: it passes
	for _, s := range fresh {
		if _, known := held[s.ID]; known || r.letters[s.ID] != "" {
			continue
		}
		held[s.ID] = written[s.Rule] >= most
		if !held[s.ID] {
			written[s.Rule]++
		}
		if r.letters != nil {
			r.letters[s.ID] = s.Rule
		}
	}
	for i, p := range turn.Planned {
		turn.Planned[i].Held = held[p.Step.ID]
	}
	return nil
}

func isLetter(p journal.Planned) bool {
	_, note := p.Step.Action.(model.Note)
	return note && strings.HasPrefix(string(p.Step.Ident), letterPrefix)
}

// sayBraked tells the log how many letters wait.
func (w *worker) sayBraked(planned []journal.Planned, fresh []model.StepID) {
	n := 0
	for _, p := range planned {
		if p.Held && slices.Contains(fresh, p.Step.ID) {
			n++
		}
	}
	if n > 0 {
		w.e.opt.Log.Warn("letters wait for approval", "source", w.spec.ID, "steps", n)
	}
}
