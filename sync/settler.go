package sync

import (
	"context"
	"errors"
	"slices"
	"time"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// settler looks after one principal's time: whenever a calendar has news, or the
// rules asked to be woken, it lets the rules settle the whole agenda anew.
type settler struct {
	e     *Engine
	spec  PrincipalSpec
	wakes chan struct{}
	lease journal.Lease
}

func newSettler(e *Engine, p PrincipalSpec) *settler {
	return &settler{e: e, spec: p, wakes: make(chan struct{}, 1)}
}

func (s *settler) kick() {
	s.e.load.hand(s, s.wakes)
}

// run settles until soft ends. Its only error is the journal's.
func (s *settler) run(soft, hard context.Context) error {
	defer s.e.load.set(s, false)
	lease, err := s.e.opt.Journal.Claim(hard, model.SourceID(s.spec.group()), s.e.opt.Owner, s.e.now())
	if err != nil {
		return brokenJournal{err}
	}
	s.lease = lease
	var again time.Time
	for {
		if !s.sleep(soft, again) {
			return nil
		}
		s.e.load.set(s, true)
		again, err = s.settle(hard)
		switch {
		case errors.Is(err, journal.ErrFenced), soft.Err() != nil:
			return nil
		case err != nil:
			return err
		}
		s.e.load.done(s, s.wakes)
	}
}

// sleep waits for a kick or until again, and reports whether to settle.
func (s *settler) sleep(soft context.Context, again time.Time) bool {
	var due <-chan time.Time
	if !again.IsZero() {
		timer := time.NewTimer(max(again.Sub(s.e.now()), time.Second))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-s.wakes:
	case <-due:
	case <-soft.Done():
		return false
	}
	return soft.Err() == nil
}

// settle decides and writes the intents down. It returns when to look again.
func (s *settler) settle(ctx context.Context) (time.Time, error) {
	turn, plan, err := s.e.decideAgenda(ctx, s.spec)
	if err != nil || len(turn.Planned) == 0 {
		return plan.LookAgain, err
	}
	turn.Lease, turn.Now, turn.KeepCursor = s.lease, s.e.now(), true
	if _, err := s.e.opt.Journal.Commit(ctx, turn); err != nil {
		return time.Time{}, journalError(err)
	}
	for _, p := range turn.Planned {
		s.e.wake(p.Step.Source)
	}
	return plan.LookAgain, nil
}

// decideAgenda settles one principal: the one place where conflicts are decided,
// for run and for plan alike. While a calendar is not completely known it
// intends nothing.
func (e *Engine) decideAgenda(ctx context.Context, p PrincipalSpec) (journal.Turn, model.Plan, error) {
	var turn journal.Turn
	events, complete := e.agenda.of(p.sources())
	if !complete {
		return turn, model.Plan{}, nil
	}
	intents, err := e.opt.Journal.ByGroup(ctx, p.group())
	if err != nil {
		return turn, model.Plan{}, journalError(err)
	}
	var idents []model.Ident
	for _, in := range intents {
		idents = append(idents, in.Step.Ident)
	}
	slices.Sort(idents)
	released, err := e.opt.Journal.Released(ctx, slices.Compact(idents))
	if err != nil {
		return turn, model.Plan{}, journalError(err)
	}
	found, last := findings(intents, released)
	plan := e.rules.Load().Decide(
		model.Change{Op: model.Look, Principal: p.Name},
		model.View{Now: e.now(), Principal: p.Principal, Agenda: events, Findings: found},
	)
	for i := range plan.Steps {
		step := &plan.Steps[i]
		step.ID = e.stepID(*step, string(last[step.Ident]))
		turn.Planned = append(turn.Planned, journal.Planned{
			Step: *step, Cause: model.SourceID(p.group()), Group: p.group(), Supersede: true,
		})
	}
	return turn, plan, nil
}

// sources are the calendars of the principal, the one for holds last.
func (p PrincipalSpec) sources() []model.SourceID {
	ids := slices.Clone(p.Calendars)
	if p.Holds != "" && !slices.Contains(ids, p.Holds) {
		ids = append(ids, p.Holds)
	}
	return ids
}
