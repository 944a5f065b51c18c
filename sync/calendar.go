package sync

import (
	"context"
	"maps"
	"slices"

	"chancery/connectors"
	"chancery/internal/model"
	"chancery/rules/agenda"
	"chancery/rules/billdesk"
	"chancery/sync/journal"
)

// Under these names holds and notes are released, and what mirrors show.
const (
	conflictRule = "conflicts"
	mirrorRule   = "mirrors"
)

func ruleOf(of model.Ident) string {
	switch {
	case agenda.IsMirror(of):
		return mirrorRule
	case billdesk.Owns(of):
		return billdesk.Rule
	}
	return conflictRule
}

// massLoss is of how many conflicts the holds may be missing at once from a calendar
// that shows none of ours before it looks like a lost calendar and not like an
// assistant at work.
const massLoss = 5

// takeCalendar brings the agenda up to date and finds what the assistant did to
// our holds: an edited hold is pinned, a deleted one is dismissed for good.
func (w *worker) takeCalendar(ctx context.Context, b connectors.Batch) (journal.Turn, error) {
	var turn journal.Turn
	deleted := w.gone
	for _, c := range b.Changes {
		delete(w.unread, c.Ref.Href)
		switch c.Op {
		case model.Unreadable:
			turn.Parked = append(turn.Parked, parked(c))
			w.listed(c.Ref.Href)
			w.unread[c.Ref.Href] = true
		case model.Gone:
			if ev, ok := w.e.agenda.drop(w.spec.ID, c.Ref.Href); ok && ev.Own != nil {
				deleted[ev.Own.Of] = true
			}
			turn.UnparkedAt = append(turn.UnparkedAt, c.Ref)
		case model.Put:
			ev := w.disowned(*c.Event)
			w.e.agenda.put(w.spec.ID, ev)
			w.listed(c.Ref.Href)
			turn.UnparkedAt = append(turn.UnparkedAt, c.Ref)
			if how := handled(ev.Own); how != "" {
				turn.Released = append(turn.Released, journal.Release{Ident: ev.Own.Of, Rule: ruleOf(ev.Own.Of), How: how})
			}
		}
	}
	if b.Whole && w.listing != nil {
		w.e.agenda.keep(w.spec.ID, w.listing)
		maps.DeleteFunc(w.unread, func(href model.Name, _ bool) bool { return !w.listing[href] })
		w.listing = nil
		if err := w.expectStanding(ctx); err != nil {
			return turn, err
		}
		w.miss(deleted, 1)
	} else if !b.More && w.listing == nil {
		w.miss(deleted, missedPulls)
	}
	if b.More {
		return turn, nil // what went away in one place may come in another
	}
	w.gone = map[model.Ident]bool{}
	released, err := w.dismissed(ctx, deleted)
	turn.Released = append(turn.Released, released...)
	return turn, err
}

// handled says what a person did to a hold that is there; "" for nothing. One of
// several times that is confirmed is chosen; a hold that only tells something is
// edited by that as by anything else.
func handled(own *model.Own) string {
	switch {
	case own == nil:
	case own.Confirmed && agenda.IsSlot(own.Of):
		return "confirmed"
	case !own.Intact:
		return "edited"
	}
	return ""
}

// missedPulls is how many reads in a row must lack a hold before it counts as
// deleted. A hold that is made and deleted between two reads is never reported
// as gone, so absence must count; but a listing may lag behind our own write.
const missedPulls = 2

// expectStanding notes which holds were in this calendar when we last knew.
func (w *worker) expectStanding(ctx context.Context) error {
	w.holds = map[model.Ident]int{}
	for _, p := range w.e.opt.Principals {
		if !slices.Contains(p.calendars(), w.spec.ID) {
			continue
		}
		intents, err := w.e.opt.Journal.ByGroup(ctx, p.group())
		if err != nil {
			return journalError(err)
		}
		for of, f := range standing(intents) {
			if f.confirmed && !f.Dismissed && f.at == w.spec.ID {
				w.holds[of] = 0
			}
		}
	}
	return nil
}

// expect notes a hold that was just written or withdrawn.
func (w *worker) expect(s model.Step, r model.Result) {
	if w.holds == nil || r.Outcome != model.Done {
		return
	}
	switch s.Action.(type) {
	case model.Hold:
		w.holds[s.Ident] = 0
		w.e.agenda.found(w.spec.ID, s.Ident)
	case model.Withdraw:
		delete(w.holds, s.Ident)
	}
}

// miss adds to deleted the expected holds that were absent from so many reads.
// While an object cannot be read, it may be the one that is missed.
func (w *worker) miss(deleted map[model.Ident]bool, limit int) {
	if len(w.unread) > 0 {
		return
	}
	there := w.e.agenda.own(w.spec.ID)
	missing := map[model.Ident]bool{}
	for of := range w.holds {
		if _, ok := there[of]; ok {
			w.holds[of] = 0
			continue
		}
		w.holds[of]++
		missing[of] = true
	}
	if len(there) == 0 && findingsIn(missing) > massLoss {
		if w.e.agenda.lose(w.spec.ID, missing) {
			w.e.opt.Log.Warn("calendar lost all holds at once: nothing is dismissed, they are written again", "source", w.spec.ID, "holds", len(missing))
			w.e.changed(w.spec.ID)
		}
		return
	}
	w.e.agenda.lose(w.spec.ID, nil)
	for of, n := range w.holds {
		if n >= limit {
			deleted[of] = true
			delete(w.holds, of)
		}
	}
}

// findingsIn counts what holds are about: the offers for one conflict belong
// together, and an assistant deletes them together.
func findingsIn(holds map[model.Ident]bool) int {
	roots := map[string]bool{}
	for of := range holds {
		roots[agenda.Root(of)] = true
	}
	return len(roots)
}

func (w *worker) listed(href model.Name) {
	if w.listing != nil {
		w.listing[href] = true
	}
}

// dismissed returns a release for every hold that is gone and that we did not
// withdraw ourselves.
func (w *worker) dismissed(ctx context.Context, deleted map[model.Ident]bool) ([]journal.Release, error) {
	if len(deleted) == 0 {
		return nil, nil
	}
	idents := make([]model.Ident, 0, len(deleted))
	for of := range deleted {
		idents = append(idents, of)
	}
	known, err := w.e.opt.Journal.ByIdent(ctx, idents)
	if err != nil {
		return nil, journalError(err)
	}
	there := w.e.agenda.own(w.spec.ID)
	var out []journal.Release
	for of := range deleted {
		// A program that renames the file of a hold takes it away in one place and
		// shows it in another.
		if _, moved := there[of]; moved || standing(known[of])[of].withdrawn {
			continue
		}
		out = append(out, journal.Release{Ident: of, Rule: ruleOf(of), How: "deleted"})
	}
	return out, nil
}
