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
	byPlace  map[int][]journal.Intent // for flag changes, which carry no identity
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
		case c.Ident != "":
			idents = append(idents, c.Ident)
		case c.Op == model.Marked:
			places, at = append(places, c.Ref), append(at, i)
		}
	}
	var err error
	if m.byIdent, err = e.opt.Journal.ByIdent(ctx, idents); err != nil {
		return m, journalError(err)
	}
	found, err := e.opt.Journal.ByPlace(ctx, places)
	if err != nil {
		return m, journalError(err)
	}
	m.byPlace = make(map[int][]journal.Intent, len(found))
	for i, intents := range found {
		m.byPlace[at[i]] = intents
	}
	if m.released, err = e.opt.Journal.Released(ctx, idents); err != nil {
		return m, journalError(err)
	}
	return m, nil
}

// overruled returns what a person took back: an effect of ours that was
// confirmed and is no longer there. Seeing our own effect again is an echo and
// releases nothing.
func (m memory) overruled(i int, c model.Change) []journal.Release {
	intents := m.byIdent[c.Ident]
	if c.Ident == "" {
		intents = m.byPlace[i]
	}
	var out []journal.Release
	for _, in := range intents {
		if in.State != journal.StateConfirmed || in.Step.Source != c.Ref.Source {
			continue
		}
		how := ""
		switch in.Step.Action.(type) {
		case model.File:
			if in.Ref.Mailbox != "" && !sameMailbox(in.Ref.Mailbox, c.Ref.Mailbox) {
				how = "moved"
			}
		case model.Mark:
			if len(in.Flags) > 0 && !hasAll(c.Message.Flags, in.Flags) && c.Op == model.Marked {
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

func hasAll(have, want model.Flags) bool {
	return !slices.ContainsFunc(want, func(f string) bool { return !have.Has(f) })
}

// sameMailbox compares names; INBOX is the one name without case (RFC 9051
// section 5.1).
func sameMailbox(a, b model.Name) bool {
	return a == b || strings.EqualFold(string(a), "INBOX") && strings.EqualFold(string(b), "INBOX")
}
