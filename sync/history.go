package sync

import (
	"context"
	"maps"
	"slices"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// history is what the journal says of one principal's findings. It is read once
// and then kept up to date: most findings are long over, and reading them at every
// look would take longer than looking. Of those that are over only the last step is
// kept. It belongs to whoever decides for the principal.
type history struct {
	group string
	seen  int64
	over  map[model.Ident]model.StepID
	lives map[model.Ident][]journal.Intent
	open  map[model.Ident]bool // of lives: something of it has not ended
}

// overlap is how far back steps are read once more: another process may commit
// steps that it numbered earlier.
const overlap = 64

func newHistory(group string) *history {
	return &history{group: group, over: map[model.Ident]model.StepID{}, lives: map[model.Ident][]journal.Intent{}, open: map[model.Ident]bool{}}
}

// read takes in what happened since the last time.
func (h *history) read(ctx context.Context, j *journal.Journal) error {
	news, err := j.ByGroupSince(ctx, h.group, h.seen-overlap)
	if err != nil {
		return err
	}
	all := map[model.Ident][]journal.Intent{}
	first := h.seen == 0
	for _, in := range news {
		of := in.Step.Ident
		all[of] = append(all[of], in.Intent)
		h.seen = max(h.seen, in.Seq)
	}
	if !first {
		for of := range h.open {
			all[of] = nil
		}
		if len(all) == 0 {
			return nil
		}
		if all, err = j.ByIdentOf(ctx, h.group, slices.Collect(maps.Keys(all))); err != nil {
			return err
		}
	}
	for of, list := range all {
		h.take(of, list)
	}
	return nil
}

// take notes all steps of one finding.
func (h *history) take(of model.Ident, list []journal.Intent) {
	delete(h.over, of)
	delete(h.lives, of)
	delete(h.open, of)
	if len(list) == 0 {
		return
	}
	if last, over := isOver(of, list); over {
		h.over[of] = last
		return
	}
	h.lives[of] = slim(list)
	if slices.ContainsFunc(list, func(in journal.Intent) bool { return in.EndedAt.IsZero() }) {
		h.open[of] = true
	}
}

// isOver reports whether nothing stands for a finding, nothing is under way and no
// event of others was ever changed for it.
func isOver(of model.Ident, list []journal.Intent) (model.StepID, bool) {
	for _, in := range list {
		if _, amend := in.Step.Action.(model.Amend); amend || in.EndedAt.IsZero() {
			return "", false
		}
	}
	s := standing(list)[of]
	return s.last, s.Finding == (model.Finding{}) && len(standingNotes(list)[of]) == 0
}

// intents returns the steps of the findings that are not over, and of those that
// are asked for by name.
func (h *history) intents(ctx context.Context, j *journal.Journal, also []model.Ident) ([]journal.Intent, error) {
	var out []journal.Intent
	for _, of := range slices.Sorted(maps.Keys(h.lives)) {
		out = append(out, h.lives[of]...)
	}
	also = slices.DeleteFunc(also, func(of model.Ident) bool { _, over := h.over[of]; return !over })
	if len(also) == 0 {
		return out, nil
	}
	slices.Sort(also)
	more, err := j.ByIdentOf(ctx, h.group, also)
	for _, of := range also {
		out = append(out, more[of]...)
	}
	return out, err
}
