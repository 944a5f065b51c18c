package sync

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"chancery/internal/model"
	"chancery/rules"
	"chancery/sync/journal"
)

// decideMail turns changes of a mail source into what the journal shall write:
// the one place where mail is decided, for run and for plan alike.
func (e *Engine) decideMail(ctx context.Context, r *round, changes []model.Change) (journal.Turn, []model.Plan, error) {
	return e.decideBy(ctx, e.rules.Load(), r, changes)
}

// decideBy does so by rules of the caller's choice.
func (e *Engine) decideBy(ctx context.Context, set *rules.Set, r *round, changes []model.Change) (journal.Turn, []model.Plan, error) {
	known, err := e.recall(ctx, changes)
	if err != nil {
		return journal.Turn{}, nil, err
	}
	now := e.now()
	talk, err := e.threading(ctx, r, known, changes)
	if err != nil {
		return journal.Turn{}, nil, err
	}
	var turn journal.Turn
	var ask []model.Change
	var at []int // of ask among the changes
	for i, c := range changes {
		switch c.Op {
		case model.Unreadable:
			turn.Parked = append(turn.Parked, parked(c))
		case model.Gone:
			turn.UnparkedAt = append(turn.UnparkedAt, c.Ref)
			turn.Released = append(turn.Released, known.removed(i, c, r)...)
			turn.Settled = append(turn.Settled, known.vain(i, c)...)
		case model.Put:
			turn.UnparkedAt = append(turn.UnparkedAt, c.Ref)
			fallthrough
		case model.Marked:
			r.meet(c, len(known.byIdent[c.Ident]) > 0)
			if known.renumbered(c) || known.elsewhere(c) {
				turn.Located = append(turn.Located, journal.Located{Ident: c.Ident, Ref: c.Ref})
			}
			released := known.overruled(i, c, r)
			turn.Released = append(turn.Released, released...)
			known.release(released)
		}
		if decides(c, known) && !r.glances[placeOf(c.Ref)] {
			ask, at = append(ask, c), append(at, i)
		}
	}
	if err := talk.heed(ctx, r, known, changes, &turn); err != nil {
		return journal.Turn{}, nil, err
	}
	e.awaitCalendars(ctx, set, ask)
	plans, bills, err := e.decideTwice(ctx, set, r, talk, ask, at, known, now)
	if err != nil {
		return journal.Turn{}, nil, err
	}
	for i, plan := range plans {
		c := ask[i]
		later := readLater(c.Message, now, r.glances != nil)
		e.unread.note(c.Ident, later)
		if at := earlier(plan.LookAgain, later); !at.IsZero() {
			turn.Looks = append(turn.Looks, lookAgain(c, at, now))
		}
		turn.Observed = append(turn.Observed, observed(c.Ident, set.Version(), plan.Reports)...)
		for _, s := range plan.Steps {
			turn.Planned = append(turn.Planned, journal.Planned{
				Step: s, Cause: c.Ref.Source, MessageID: c.Message.Body.Reveal().MessageID, After: r.grace(s, c.Message, now),
				Conversation: talk.conversation(at[i]),
			})
		}
	}
	talk.remember(&turn, ask, at, plans)
	bills.remember(&turn)
	if err := e.answeredBills(ctx, set, known, changes, &turn); err != nil {
		return journal.Turn{}, nil, err
	}
	turn.Planned = byEffect(turn.Planned, func(p journal.Planned) model.Step { return p.Step })
	if err := e.brakeLetters(ctx, r, &turn); err != nil {
		return journal.Turn{}, nil, err
	}
	return turn, plans, nil
}

// decideTwice asks the rules about messages, and once more about those whose bills share
// a key with others, of the batch or of the ledger: only what a mail says tells which.
func (e *Engine) decideTwice(ctx context.Context, set *rules.Set, r *round, talk *threading, ask []model.Change, at []int, known memory, now time.Time) (plans []model.Plan, bills *ledger, err error) {
	read := readings(set, len(ask))
	if talk == nil {
		plans = e.decideAll(set, ask, known, now, read)
	} else {
		plans = talk.decideAll(set, ask, at, known, now, read)
	}
	switch bills, err = e.ledger(ctx, r, plans, read, now); {
	case err != nil || bills == nil:
		return plans, nil, err
	case talk == nil:
		e.decideBilled(set, ask, known, now, plans, bills)
	default:
		talk.decideBilled(set, ask, at, known, now, plans, bills)
	}
	if bills.err != nil {
		return nil, nil, journalError(bills.err)
	}
	return plans, bills, nil
}

// decidedAtOnce is how many messages one goroutine decides before it looks for
// more.
const decidedAtOnce = 16

// decideAll asks the rules about messages on all processors: a decision depends
// on nothing but its message and its view.
func (e *Engine) decideAll(set *rules.Set, changes []model.Change, known memory, now time.Time, read []rules.Reading) []model.Plan {
	plans := make([]model.Plan, len(changes))
	var next atomic.Int64
	work := func() {
		for {
			from := int(next.Add(decidedAtOnce)) - decidedAtOnce
			if from >= len(changes) {
				return
			}
			for i := from; i < min(from+decidedAtOnce, len(changes)); i++ {
				plans[i] = e.decide(set, changes[i], known, now, seen{read: readingOf(read, i)})
			}
		}
	}
	onAllProcessors(len(changes)/decidedAtOnce, work)
	return plans
}

// onAllProcessors runs work side by side, but not more often than it is worth.
func onAllProcessors(worth int, work func()) {
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), worth) - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
}

// decides reports whether the rules are asked about a change.
func decides(c model.Change, known memory) bool {
	return c.Op == model.Put && !c.Message.Own && (!c.Message.Old || known.interrupted(c.Ident))
}

// decide asks the rules about one message and gives every step its ID.
func (e *Engine) decide(set *rules.Set, c model.Change, known memory, now time.Time, by seen) model.Plan {
	v := model.View{Now: now, Thread: by.thread, Bills: by.bills, Released: map[string]bool{}, Desk: e.desk(c.Ref.Source)}
	for rule := range known.released[c.Ident] {
		v.Released[rule] = true
	}
	e.inviteView(set, c, &v)
	plan := set.DecideAgain(asNew(c), v, by.read)
	for i := range plan.Steps {
		plan.Steps[i] = e.named(c, plan.Steps[i], v.Desk)
		plan.Steps[i].ID = e.stepID(plan.Steps[i], "")
	}
	plan.Steps = known.again(c, plan.Steps, func(s model.Step, after model.StepID) model.StepID { return e.stepID(s, string(after)) })
	return plan
}

// seen is what other messages of a batch have to do with the decision about one.
type seen struct {
	thread []string       // the marks of its thread
	bills  []model.Bill   // that share a key with its own
	read   *rules.Reading // what an earlier decision about it read
}

// asNew is a change whose message the rules decide, however old it is.
func asNew(c model.Change) model.Change {
	if c.Message.Old {
		m := *c.Message
		m.Old, c.Message = false, &m
	}
	return c
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
	case model.Unmark:
		key = a.Name
	case model.Note:
		key = a.Body.Reveal().Digest
	case model.Hold:
		key = a.Digest
	case model.Amend:
		key = fmt.Sprintf("%s %d %d %s", a.Now.Answer, a.Now.Start, a.Now.End, a.Now.Class)
	case model.DropNote:
		if key = a.MessageID; a.Twins {
			key = "twins of " + key
		}
	}
	return model.StepID(e.opt.Journal.Token("step", string(s.Source), string(s.Ident), s.Rule, s.Action.Kind(), key, after))
}

// byEffect brings steps of one kind and one target together, marks before moves:
// the connectors send runs of equal steps as one command. Of the marks of one
// message the rule with the higher priority marks first, because the first colour
// stays; the marks of different messages may stand in any order.
func byEffect[T any](in []T, step func(T) model.Step) []T {
	type entry struct {
		of    T
		step  model.Step
		after int // marks of the same message that come before
	}
	all := make([]entry, len(in))
	marks := map[place][]int{}
	for i, x := range in {
		all[i] = entry{of: x, step: step(x)}
		if _, mark := all[i].step.Action.(model.Mark); mark {
			at := placeOf(all[i].step.Ref)
			marks[at] = append(marks[at], i)
		}
	}
	for _, of := range marks {
		slices.SortStableFunc(of, func(a, b int) int { return cmp.Compare(all[a].step.Order, all[b].step.Order) })
		for n, i := range of {
			all[i].after = n
		}
	}
	slices.SortStableFunc(all, func(a, b entry) int {
		return cmp.Or(
			cmp.Compare(effectOrder(a.step.Action), effectOrder(b.step.Action)),
			cmp.Compare(a.after, b.after),
			cmp.Compare(a.step.Ref.Mailbox, b.step.Ref.Mailbox),
			cmp.Compare(effectKey(a.step.Action), effectKey(b.step.Action)),
		)
	})
	out := make([]T, len(in))
	for i, e := range all {
		out[i] = e.of
	}
	return out
}

func effectOrder(a model.Action) int {
	switch a.(type) {
	case model.Mark, model.Unmark:
		return 0
	case model.File, model.Return:
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
	case model.Unmark:
		return "un" + strings.Join(a.Flags, "\x00")
	case model.Return:
		return string(a.To)
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
