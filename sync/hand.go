package sync

import (
	"context"
	"maps"
	"slices"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// heed follows what people did to the marks of conversations: one who sets a mark
// lets it spread, one who clears it ends that and takes along what spread so far.
// turn has the releases of the batch already.
func (th *threading) heed(ctx context.Context, r *round, known memory, changes []model.Change, turn *journal.Turn) error {
	if th == nil {
		return nil
	}
	var places []model.Ref
	var at []int
	var steps []model.StepID
	for i, c := range changes {
		if c.Op != model.Marked && th.said[i].Conversation == 0 {
			continue
		}
		if c.Op == model.Marked {
			places, at = append(places, c.Ref), append(at, i)
		}
		for _, in := range known.about(i, c) {
			if _, mark := in.Step.Action.(model.Mark); mark {
				steps = append(steps, in.Step.ID)
			}
		}
	}
	if len(at) == 0 && len(th.said) == 0 {
		return nil
	}
	found, err := th.e.opt.Journal.HandMarks(ctx, places)
	if err != nil {
		return journalError(err)
	}
	of, err := th.e.opt.Journal.ConversationsOf(ctx, steps)
	if err != nil {
		return journalError(err)
	}
	set := make(map[int][]journal.ThreadMark, len(found))
	all := slices.Collect(maps.Values(of))
	for k, marks := range found {
		set[at[k]] = marks
		for _, m := range marks {
			all = append(all, m.Conversation)
		}
	}
	if err := th.known.Know(ctx, all); err != nil {
		return journalError(err)
	}
	for i, c := range changes {
		if c.Op == model.Marked && !r.late.at[placeOf(c.Ref)] {
			err = th.cleared(ctx, known, of, c, known.about(i, c), set[i], turn)
		}
		if err != nil {
			return err
		}
		if c.Op == model.Marked && !r.late.at[placeOf(c.Ref)] || c.Op == model.Put && th.said[i].Conversation != 0 {
			th.byHand(i, known, of, c, set[i], turn)
		}
	}
	return nil
}

// about returns what is known of the item of a change, at its source.
func (m memory) about(i int, c model.Change) []journal.Intent {
	intents := m.byIdent[c.Ident]
	if c.Ident == "" {
		intents = m.byPlace[i]
	}
	return slices.DeleteFunc(slices.Clone(intents), func(in journal.Intent) bool { return in.Step.Source != c.Ref.Source })
}

// cleared ends the spreading of marks that a person took off a message. set are
// those that a person had set on it.
func (th *threading) cleared(ctx context.Context, known memory, of map[model.StepID]journal.Conversation, c model.Change,
	about []journal.Intent, set []journal.ThreadMark, turn *journal.Turn) error {
	var off []journal.ThreadMark
	for _, m := range set {
		i := slices.IndexFunc(th.marks, func(known model.Mark) bool { return known.Name == m.Mark })
		if i >= 0 && !shows(th.marks[i], c.Message.Flags) {
			off = append(off, m)
		}
	}
	for _, in := range about {
		a, mark := in.Step.Action.(model.Mark)
		now := slices.ContainsFunc(turn.Released, func(r journal.Release) bool {
			return r.Ident == in.Step.Ident && r.Rule == in.Step.Rule && r.How == "unmarked"
		})
		if mark && now && in.State == journal.StateConfirmed && len(in.Flags) > 0 && !hasAll(c.Message.Flags, in.Flags) && of[in.Step.ID] != 0 {
			off = append(off, journal.ThreadMark{Conversation: of[in.Step.ID], Mark: a.Name, Ident: in.Step.Ident})
		}
	}
	for _, m := range off {
		m.On, m.Hand = false, true
		th.spread(turn, m)
		if err := th.sweep(ctx, known, m, turn); err != nil {
			return err
		}
	}
	return nil
}

// sweep takes a mark away again that spread along a conversation. What a message's
// own words or a person marked stays, and so do the flags that another mark of the
// message shows by.
func (th *threading) sweep(ctx context.Context, known memory, m journal.ThreadMark, turn *journal.Turn) error {
	what := mark{m.Conversation, m.Mark}
	if th.swept[what] {
		return nil
	}
	th.swept[what] = true
	steps, err := th.e.opt.Journal.OfThread(ctx, m.Conversation, m.Mark)
	if err != nil {
		return journalError(err)
	}
	var idents []model.Ident
	for _, in := range steps {
		idents = append(idents, in.Step.Ident)
	}
	about, err := th.e.opt.Journal.ByIdent(ctx, idents)
	if err != nil {
		return journalError(err)
	}
	released, err := th.e.opt.Journal.Released(ctx, idents)
	if err != nil {
		return journalError(err)
	}
	stands := func(in journal.Intent) bool {
		s := in.Step
		return s.Source == th.source && released[s.Ident][s.Rule] == "" && known.released[s.Ident][s.Rule] == ""
	}
	ends := func(in journal.Intent) bool {
		a, ok := in.Step.Action.(model.Mark)
		return ok && a.Name == m.Mark && stands(in) && th.set.Spreads(in.Step.Rule)
	}
	var done []journal.Release
	for _, in := range steps {
		if !ends(in) {
			continue
		}
		done = append(done, journal.Release{Ident: in.Step.Ident, Rule: in.Step.Rule, How: journal.HowThread})
		flags := slices.DeleteFunc(slices.Clone(in.Added), func(f string) bool {
			return slices.ContainsFunc(about[in.Step.Ident], func(x journal.Intent) bool {
				return x.State == journal.StateConfirmed && stands(x) && !ends(x) && x.Flags.Has(f)
			})
		})
		if in.State == journal.StateConfirmed && len(flags) > 0 {
			turn.Planned = append(turn.Planned, journal.Planned{Step: th.unmark(in, flags, about[in.Step.Ident]), Cause: th.source})
		}
	}
	turn.Released = append(turn.Released, done...)
	known.release(done)
	return nil
}

// unmark takes away what a step added.
func (th *threading) unmark(in journal.Intent, flags model.Flags, about []journal.Intent) model.Step {
	s := model.Step{
		Rule: in.Step.Rule, Version: th.set.Version(), Place: in.Step.Place, Why: model.Hide("the mark of its thread was cleared"),
		Source: in.Step.Source, Ref: standsAt(in, about), Ident: in.Step.Ident,
		Action: model.Unmark{Name: in.Step.Action.(model.Mark).Name, Flags: flags},
	}
	s.ID = th.e.stepID(s, string(in.Step.ID))
	return s
}

// byHand lets the marks spread that a person set on a message. Of one of which
// only the place is known, its thread is looked up first.
func (th *threading) byHand(i int, known memory, of map[model.StepID]journal.Conversation, c model.Change,
	set []journal.ThreadMark, turn *journal.Turn) {
	about := known.about(i, c)
	look := false
	for _, m := range th.shown(c.Message.Flags) {
		if slices.ContainsFunc(set, func(s journal.ThreadMark) bool { return s.Mark == m.Name }) {
			continue
		}
		step, hand := personal(m, known, c, about)
		on := journal.ThreadMark{Conversation: th.said[i].Conversation, Mark: m.Name, Ident: c.Ident, On: true, Hand: true, Ref: c.Ref}
		if on.Conversation == 0 {
			on.Conversation, on.Ident = of[step.ID], step.Ident
		}
		switch {
		case !hand:
		case on.Conversation != 0:
			th.hands[i] = true
			th.spread(turn, on)
		default:
			look = c.Op == model.Marked
		}
	}
	if look {
		turn.Looks = append(turn.Looks, journal.Look{Ref: c.Ref, At: th.e.now()})
	}
}

// personal reports whether a person set the mark that a message shows: no step of
// ours did, or what it did was taken back and stands there again. It returns that
// step.
func personal(m model.Mark, known memory, c model.Change, about []journal.Intent) (model.Step, bool) {
	taken := false
	for _, in := range about {
		if a, ok := in.Step.Action.(model.Unmark); ok && a.Name == m.Name {
			if in.State != journal.StateConfirmed {
				return model.Step{}, false
			}
			taken = true
		}
	}
	var step model.Step
	for _, in := range about {
		a, ok := in.Step.Action.(model.Mark)
		if !ok || a.Name != m.Name {
			continue
		}
		switch in.State {
		case journal.StateSuperseded, journal.StateLost, journal.StateRefused:
			continue
		}
		how := known.released[in.Step.Ident][in.Step.Rule]
		// What a thread released may show for a while what it is to lose.
		if how == "" || !taken && (how != "unmarked" || !hasAll(c.Message.Flags, in.Flags)) {
			return model.Step{}, false
		}
		step = in.Step
	}
	return step, true
}

// forget ends the spreading of marks that came from steps which are taken back.
func (e *Engine) forget(ctx context.Context, steps []journal.Intent, turn *journal.Turn) error {
	var ids []model.StepID
	for _, in := range steps {
		ids = append(ids, in.Step.ID)
	}
	of, err := e.opt.Journal.ConversationsOf(ctx, ids)
	if err != nil {
		return journalError(err)
	}
	for _, in := range steps {
		if a, mark := in.Step.Action.(model.Mark); mark && of[in.Step.ID] != 0 {
			turn.Spread = append(turn.Spread, journal.ThreadMark{Conversation: of[in.Step.ID], Mark: a.Name, Ident: in.Step.Ident})
		}
	}
	return nil
}
