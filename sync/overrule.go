package sync

import (
	"context"
	"slices"
	"strings"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// memory is what the journal knows about the items of one batch.
type memory struct {
	byIdent  map[model.Ident][]journal.Intent
	byPlace  map[int][]journal.Intent // for what is told of a place and carries no identity
	released map[model.Ident]map[string]string
}

// recall asks the journal about every item of a batch, in few queries.
func (e *Engine) recall(ctx context.Context, changes []model.Change) (memory, error) {
	var m memory
	var idents []model.Ident
	var places []model.Ref
	var at []int
	for i, c := range changes {
		switch {
		case c.Op == model.Gone && c.Ref.UID != 0, c.Op == model.Marked && c.Ident == "":
			places, at = append(places, c.Ref), append(at, i)
		case c.Ident != "":
			idents = append(idents, c.Ident)
		}
	}
	found, err := e.opt.Journal.ByPlace(ctx, places)
	if err != nil {
		return m, journalError(err)
	}
	m.byPlace = make(map[int][]journal.Intent, len(found))
	for i, intents := range found {
		m.byPlace[at[i]] = intents
		for _, in := range intents {
			idents = append(idents, in.Step.Ident)
		}
	}
	if m.byIdent, err = e.opt.Journal.ByIdent(ctx, idents); err != nil {
		return m, journalError(err)
	}
	if m.released, err = e.opt.Journal.Released(ctx, idents); err != nil {
		return m, journalError(err)
	}
	return m, nil
}

// overruled returns what a person took back: an effect of ours that was
// confirmed and is no longer there. Seeing our own effect again is an echo and
// releases nothing.
func (m memory) overruled(i int, c model.Change, r *round) []journal.Release {
	intents := m.byIdent[c.Ident]
	if c.Ident == "" {
		intents = m.byPlace[i]
	}
	intents = slices.DeleteFunc(slices.Clone(intents), func(in journal.Intent) bool {
		return in.State != journal.StateConfirmed || in.Step.Source != c.Ref.Source
	})
	r.own(c, intents)
	var out []journal.Release
	for k, in := range intents {
		how := ""
		switch in.Step.Action.(type) {
		case model.File:
			// Only where it was filed last counts: rules may hand on to each other. An
			// original that stayed behind its copy, on a server without UIDPLUS, is
			// marked \Deleted.
			last := !slices.ContainsFunc(intents[k+1:], filing) && !c.Message.Flags.Has(`\Deleted`)
			if last && in.Ref.Mailbox != "" && !sameMailbox(in.Ref.Mailbox, c.Ref.Mailbox) {
				how = "moved"
			}
		case model.Mark:
			if len(in.Flags) > 0 && !hasAll(c.Message.Flags, in.Flags) && c.Op == model.Marked && !r.late.steps[in.Step.ID] {
				how = "unmarked"
			}
		}
		if how == "" || m.released[in.Step.Ident][in.Step.Rule] != "" {
			continue
		}
		out = append(out, journal.Release{Ident: in.Step.Ident, Rule: in.Step.Rule, How: how})
	}
	return out
}

// filing reports whether a step moves its message.
func filing(in journal.Intent) bool {
	switch in.Step.Action.(type) {
	case model.File, model.Return:
		return true
	}
	return false
}

// release adds fresh releases of an item to what is known, so that a rule is not
// asked again about what a person takes back in this very moment.
func (m memory) release(rs []journal.Release) {
	for _, r := range rs {
		if m.released[r.Ident] == nil {
			m.released[r.Ident] = map[string]string{}
		}
		m.released[r.Ident][r.Rule] = r.How
	}
}

// interrupted reports whether a step about the item was given up because its
// place was no longer valid.
func (m memory) interrupted(ident model.Ident) bool {
	return slices.ContainsFunc(m.byIdent[ident], func(in journal.Intent) bool { return in.State == journal.StateSuperseded })
}

// again returns the steps of a message that are still to be planned. A mark whose
// message a person moved before it was set was never seen by anybody: it gets a
// new ID and is set where the message lies now. A message that is old, because
// the UIDs of its mailbox lost their meaning, gets what was under way for it.
func (m memory) again(c model.Change, steps []model.Step, id func(model.Step, model.StepID) model.StepID) []model.Step {
	known := map[model.StepID]journal.Intent{}
	for _, in := range m.byIdent[c.Ident] {
		known[in.Step.ID] = in
	}
	var out []model.Step
	for _, s := range steps {
		if c.Message.Old && known[s.ID].State != journal.StateSuperseded {
			continue
		}
		if _, mark := s.Action.(model.Mark); mark {
			for in := known[s.ID]; in.State == journal.StateLost && in.Attempts <= 1; in = known[s.ID] {
				s.ID = id(s, s.ID)
			}
		}
		out = append(out, s)
	}
	return out
}

func hasAll(have, want model.Flags) bool {
	return !slices.ContainsFunc(want, func(f string) bool { return !have.Has(f) })
}

// sameMailbox compares names; INBOX is the one name without case (RFC 9051
// section 5.1).
func sameMailbox(a, b model.Name) bool {
	return a == b || strings.EqualFold(string(a), "INBOX") && strings.EqualFold(string(b), "INBOX")
}
