package sync

import (
	"context"
	"slices"
	"time"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// standingNotes lists for each finding the Message-IDs of our notes that may lie
// in the assistant's mailbox, oldest first. There can be several: a note that was
// to replace another may itself be replaced before it was sent.
func standingNotes(intents []journal.Intent) map[model.Ident][]string {
	out := map[model.Ident][]string{}
	for _, in := range intents {
		if in.State == journal.StateSuperseded || in.State == journal.StateRefused {
			continue
		}
		of, done := in.Step.Ident, in.State == journal.StateConfirmed
		switch a := in.Step.Action.(type) {
		case model.Note:
			id := a.Body.Reveal().MessageID
			out[of] = slices.DeleteFunc(out[of], func(was string) bool { return was == id || done && slices.Contains(a.Replaces, was) })
			out[of] = append(out[of], id)
		case model.DropNote:
			out[of] = slices.DeleteFunc(out[of], func(was string) bool { return done && was == a.MessageID })
		}
	}
	return out
}

// takeAll makes steps about notes reach every note of their finding.
func takeAll(steps []model.Step, standing map[model.Ident][]string) []model.Step {
	out := make([]model.Step, 0, len(steps))
	for _, s := range steps {
		switch a := s.Action.(type) {
		case model.Note:
			own := a.Body.Reveal().MessageID
			a.Replaces = slices.DeleteFunc(slices.Clone(standing[s.Ident]), func(id string) bool { return id == own })
			s.Action = a
		case model.DropNote:
			for _, id := range standing[s.Ident] {
				if id != a.MessageID {
					other := s
					other.Action = model.DropNote{Mailbox: a.Mailbox, MessageID: id, Of: a.Of}
					out = append(out, other)
				}
			}
		}
		out = append(out, s)
	}
	return out
}

// current gives up steps that a newer one about the same finding has overtaken
// while they waited for their server, and returns the others.
func (w *worker) current(ctx context.Context, open []journal.Intent) ([]journal.Intent, error) {
	var idents []model.Ident
	for _, in := range open {
		if waited(in) {
			idents = append(idents, in.Step.Ident)
		}
	}
	if len(idents) == 0 {
		return open, nil
	}
	known, err := w.e.opt.Journal.ByIdent(ctx, idents)
	if err != nil {
		return nil, journalError(err)
	}
	var given []model.Result
	rest := make([]journal.Intent, 0, len(open))
	for _, in := range open {
		if waited(in) && overtaken(in, known[in.Step.Ident]) {
			given = append(given, model.Result{ID: in.Step.ID, Outcome: model.Stale, Code: "overtaken"})
			continue
		}
		rest = append(rest, in)
	}
	return rest, journalError(w.e.opt.Journal.Settle(ctx, w.lease, given, w.e.now(), laterDelay))
}

// waited reports whether a step about a finding was put off by its server.
func waited(in journal.Intent) bool {
	return in.Group != "" && in.State == journal.StatePlanned && in.Attempts > 0
}

// overtaken reports whether a later step of the same family stands behind in.
func overtaken(in journal.Intent, known []journal.Intent) bool {
	at := slices.IndexFunc(known, func(x journal.Intent) bool { return x.Step.ID == in.Step.ID })
	return at >= 0 && slices.ContainsFunc(known[at+1:], func(x journal.Intent) bool {
		return x.Group == in.Group && x.State != journal.StateSuperseded && isHold(x.Step.Action) == isHold(in.Step.Action)
	})
}

func isHold(a model.Action) bool {
	switch a.(type) {
	case model.Hold, model.Withdraw:
		return true
	}
	return false
}

// twinDelay is when a note whose APPEND was repeated is looked at once more: the
// bytes of the first try may have come to rest only after the second.
const twinDelay = 15 * time.Minute

// twinSweep plans to take away what was stored twice.
func (e *Engine) twinSweep(in journal.Intent, r model.Result, now time.Time) (journal.Planned, bool) {
	note, ok := in.Step.Action.(model.Note)
	// Attempts was read before this one: it counts the tries that ended in nothing
	// known.
	if !ok || r.Outcome != model.Done || in.Attempts == 0 {
		return journal.Planned{}, false
	}
	body := note.Body.Reveal()
	s := in.Step
	s.Action = model.DropNote{Mailbox: note.Mailbox, MessageID: body.MessageID, Of: body.Of, Twins: true}
	s.ID = e.stepID(s, "")
	return journal.Planned{Step: s, Cause: in.Cause, After: now.Add(twinDelay)}, true
}
