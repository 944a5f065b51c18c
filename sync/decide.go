package sync

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"chancery/internal/model"
	"chancery/rules"
	"chancery/sync/journal"
)

// decideMail turns changes of a mail source into what the journal shall write:
// the one place where mail is decided, for run and for plan alike.
func (e *Engine) decideMail(ctx context.Context, changes []model.Change) (journal.Turn, []model.Plan, error) {
	known, err := e.recall(ctx, changes)
	if err != nil {
		return journal.Turn{}, nil, err
	}
	set := e.rules.Load()
	var turn journal.Turn
	var plans []model.Plan
	for i, c := range changes {
		switch c.Op {
		case model.Unreadable:
			turn.Parked = append(turn.Parked, parked(c))
		case model.Gone:
			turn.UnparkedAt = append(turn.UnparkedAt, c.Ref)
		case model.Put:
			turn.UnparkedAt = append(turn.UnparkedAt, c.Ref)
			fallthrough
		case model.Marked:
			released := known.overruled(i, c)
			turn.Released = append(turn.Released, released...)
			known.release(released)
		}
		if c.Op != model.Put || c.Message.Own || c.Message.Old && !known.interrupted(c.Ident) {
			continue
		}
		plan := e.decide(set, c, known)
		plans = append(plans, plan)
		turn.Observed = append(turn.Observed, observed(c.Ident, set.Version(), plan.Reports)...)
		for _, s := range plan.Steps {
			turn.Planned = append(turn.Planned, journal.Planned{
				Step: s, Cause: c.Ref.Source, MessageID: c.Message.Body.Reveal().MessageID,
			})
		}
	}
	slices.SortStableFunc(turn.Planned, byEffect)
	return turn, plans, nil
}

// decide asks the rules about one message and gives every step its ID.
func (e *Engine) decide(set *rules.Set, c model.Change, known memory) model.Plan {
	v := model.View{Now: e.now(), Released: map[string]bool{}}
	for rule := range known.released[c.Ident] {
		v.Released[rule] = true
	}
	ask := c
	if c.Message.Old {
		m := *c.Message
		m.Old, ask.Message = false, &m
	}
	plan := set.Decide(ask, v)
	for i := range plan.Steps {
		plan.Steps[i].ID = e.stepID(plan.Steps[i], "")
	}
	plan.Steps = known.again(c, plan.Steps, func(s model.Step, after model.StepID) model.StepID { return e.stepID(s, string(after)) })
	return plan
}

// stepID names an act for ever: the same item, rule and effect. Where a message
// is filed to is not part of it, so that a changed template never files a second
// time. after tells apart the same act done again on purpose, as a hold that was
// withdrawn and is needed once more.
func (e *Engine) stepID(s model.Step, after string) model.StepID {
	key := ""
	switch a := s.Action.(type) {
	case model.Mark:
		key = a.Name
	case model.Note:
		key = a.Body.Reveal().Digest
	case model.Hold:
		key = a.Digest
	case model.DropNote:
		key = a.MessageID
	}
	return model.StepID(e.opt.Journal.Token("step", string(s.Source), string(s.Ident), s.Rule, s.Action.Kind(), key, after))
}

// byEffect brings steps of one kind and one target together, marks before moves:
// the connectors send runs of equal steps as one command. The rule with the
// higher priority marks first, because the first colour stays.
func byEffect(a, b journal.Planned) int {
	return cmp.Or(
		cmp.Compare(effectOrder(a.Step.Action), effectOrder(b.Step.Action)),
		cmp.Compare(a.Step.Ref.Mailbox, b.Step.Ref.Mailbox),
		cmp.Compare(a.Step.Order, b.Step.Order),
		cmp.Compare(effectKey(a.Step.Action), effectKey(b.Step.Action)),
	)
}

func effectOrder(a model.Action) int {
	switch a.(type) {
	case model.Mark:
		return 0
	case model.File:
		return 1
	}
	return 2
}

func effectKey(a model.Action) string {
	switch a := a.(type) {
	case model.Mark:
		return a.Name
	case model.File:
		return strings.Join(a.Mailbox, "\x00")
	}
	return ""
}

// parked writes an unreadable item down under its place: it has no identity yet.
func parked(c model.Change) journal.Parked {
	p := journal.Parked{Ident: c.Ident, Ref: c.Ref, Code: "unreadable"}
	if c.Fault != nil {
		p.Code, p.Place = c.Fault.Code, c.Fault.Place
	}
	return p
}

// observed is what the journal keeps of decisions without effect.
func observed(ident model.Ident, version string, reports []model.Report) []journal.Observed {
	var out []journal.Observed
	for _, r := range reports {
		if r.What == "released" {
			continue // the chain has the release itself
		}
		what := r.What
		if what == "observe" {
			what = "observed"
		}
		out = append(out, journal.Observed{Ident: ident, Rule: r.Rule, Version: version, What: what, Would: r.Would})
	}
	return out
}
