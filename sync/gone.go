package sync

import (
	"slices"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// removed returns what a person took back by taking a message away: to a mailbox
// that is not followed, to the trash, or for good. Where it went cannot be known,
// but that it is not left where our last effect put it can. Its own move away, as
// it comes back from the server, releases nothing.
func (m memory) removed(i int, c model.Change, r *round) []journal.Release {
	if r.replaced(c.Ref) {
		return nil
	}
	var out []journal.Release
	done := map[model.Ident]bool{}
	for _, in := range m.byPlace[i] {
		of := in.Step.Ident
		// A note about a principal's time is not what people answer by: its hold is. Our
		// own replacing of it would count as theirs besides.
		if done[of] || in.Step.Source != c.Ref.Source || in.Group != "" {
			continue
		}
		done[of] = true
		about := m.byIdent[of]
		if r.arrived[of] || !left(about, c.Ref) {
			continue
		}
		for _, in := range about {
			if in.State != journal.StateConfirmed || in.Step.Source != c.Ref.Source || m.released[of][in.Step.Rule] != "" {
				continue
			}
			same := func(r journal.Release) bool { return r.Ident == of && r.Rule == in.Step.Rule }
			if !slices.ContainsFunc(out, same) {
				out = append(out, journal.Release{Ident: of, Rule: in.Step.Rule, How: "removed"})
			}
		}
	}
	return out
}

// vain ends what was to be filed and is not there any more. What was tried before
// may have been filed by us.
func (m memory) vain(i int, c model.Change) []model.Result {
	var out []model.Result
	for _, was := range m.byPlace[i] {
		for _, in := range m.byIdent[was.Step.Ident] {
			waits := in.State == journal.StatePlanned || in.State == journal.StateHeld
			if in.Step.ID == was.Step.ID && waits && filing(in) && in.Attempts == 0 && in.Step.Source == c.Ref.Source && samePlace(in.Step.Ref, c.Ref) {
				out = append(out, model.Result{ID: in.Step.ID, Outcome: model.Lost})
			}
		}
	}
	return out
}

// renumbered reports whether steps wait for an arriving message under a UID that
// has lost its meaning. They get the new one.
func (m memory) renumbered(c model.Change) (any bool) {
	if c.Op != model.Put {
		return false
	}
	about := m.byIdent[c.Ident]
	for k, in := range about {
		waits := in.State == journal.StatePlanned || in.State == journal.StateHeld
		if waits && in.Step.Source == c.Ref.Source && in.Step.Ref.Mailbox == c.Ref.Mailbox && in.Step.Ref.UIDValidity != c.Ref.UIDValidity {
			about[k].Step.Ref, any = c.Ref, true
		}
	}
	return any
}

// elsewhere reports whether an arriving message bears effects of ours and lies in
// another place than was written down: a person moved it, or the UIDs of its
// mailbox lost their meaning.
func (m memory) elsewhere(c model.Change) bool {
	return c.Op == model.Put && slices.ContainsFunc(m.byIdent[c.Ident], func(in journal.Intent) bool {
		return in.State == journal.StateConfirmed && in.Step.Source == c.Ref.Source && !samePlace(whereabouts(in), c.Ref)
	})
}

// whereabouts is where a confirmed step left its item, or where the item was seen
// since.
func whereabouts(in journal.Intent) model.Ref {
	if in.Ref.UID != 0 {
		return in.Ref
	}
	return in.Step.Ref
}

// left reports whether a place is the last one where a message was known to be:
// no step of ours has filed it from there, or may be doing so, and it was not seen
// elsewhere since.
func left(about []journal.Intent, at model.Ref) bool {
	here := false
	for _, in := range slices.Backward(about) {
		switch {
		case in.Step.Source != at.Source:
		case filing(in) && in.State == journal.StateConfirmed:
			return samePlace(in.Ref, at)
		case filing(in) && in.State == journal.StateSent:
			return false
		case in.State == journal.StateConfirmed:
			here = here || samePlace(whereabouts(in), at)
		}
	}
	return here
}

// samePlace compares places without their versions.
func samePlace(a, b model.Ref) bool {
	a.Version, b.Version = "", ""
	return a == b || a.UIDValidity == b.UIDValidity && a.UID == b.UID && a.Source == b.Source && sameMailbox(a.Mailbox, b.Mailbox)
}
