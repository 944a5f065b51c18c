package sync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"chancery/internal/model"
	"chancery/rules/agenda"
	"chancery/sync/journal"
)

// HoldRequest asks for several holds in the calendar of a principal.
type HoldRequest struct {
	Principal string
	agenda.Request
}

// HoldResult says what came of it.
type HoldResult struct {
	Holds     int // written, or about to be
	Withdrawn int // taken away, or about to be
}

// What a request for holds can be refused for, besides the errors of package agenda.
var (
	ErrNoPrincipal = errors.New("no such principal")
	ErrIncomplete  = errors.New("not all calendars of the principal are known yet")
)

// Hold writes the holds of a request, or takes them away. A running engine does
// it between two looks at the principal's time; else it is done here, with a turn
// of each calendar before it and one of the holds' after.
func (e *Engine) Hold(ctx context.Context, req HoldRequest) (out HoldResult, err error) {
	s, err := e.settlerOf(req.Principal)
	if err != nil {
		return out, err
	}
	if e.running.Load() {
		return s.hold(ctx, req)
	}
	for _, id := range s.spec.sources() {
		if err := e.workers[id].alone(ctx, nothing); err != nil {
			return out, fmt.Errorf("read %s: %w", id, err)
		}
	}
	if s.lease, err = e.opt.Journal.Claim(ctx, model.SourceID(s.spec.group()), e.opt.Owner, e.now()); err != nil {
		return out, err
	}
	if out, err = s.hold(ctx, req); err != nil || s.spec.Holds == "" {
		return out, err
	}
	return out, e.workers[s.spec.Holds].alone(ctx, nothing)
}

func nothing(context.Context, context.Context, *worker) error { return nil }

// PlanHold returns the steps that Hold would take, and writes nothing.
func (e *Engine) PlanHold(ctx context.Context, req HoldRequest) ([]model.Step, error) {
	s, err := e.settlerOf(req.Principal)
	if err != nil {
		return nil, err
	}
	e.unwritten = map[model.Ident]string{}
	for _, id := range s.spec.sources() {
		if p := e.planSource(ctx, e.workers[id]); p.Err != nil {
			return nil, fmt.Errorf("read %s: %w", id, p.Err)
		}
	}
	planned, err := e.decideHolds(ctx, s.spec, req)
	if err != nil {
		return nil, err
	}
	return e.fresh(ctx, planned, nil)
}

// ExplainEvent says what the rules make of the events with a UID now, by
// principal. It reads the calendars and writes nothing; those of a principal with a
// calendar that cannot be read are left out, with the error.
func (e *Engine) ExplainEvent(ctx context.Context, uid string) (map[string][]agenda.Story, error) {
	out := map[string][]agenda.Story{}
	var failed error
	if e.unwritten == nil {
		e.unwritten = map[model.Ident]string{}
	}
	read := map[model.SourceID]bool{}
	for _, p := range e.opt.Principals {
		for _, id := range p.sources() {
			if read[id] {
				continue
			}
			read[id] = true
			if got := e.planSource(ctx, e.workers[id]); got.Err != nil {
				failed = errors.Join(failed, fmt.Errorf("read %s: %w", id, got.Err))
			}
		}
		book, complete := e.agenda.book(p)
		if !complete {
			continue
		}
		found, _, err := e.foundOf(ctx, p)
		if err != nil {
			return out, err
		}
		v := model.View{Now: e.now(), Principal: p.Principal, Findings: found, Busy: e.busyFor(p)}
		if stories := e.rules.Load().ExplainEvent(book, v, uid); len(stories) > 0 {
			out[p.Name] = stories
		}
	}
	return out, failed
}

func (e *Engine) settlerOf(principal string) (*settler, error) {
	i := slices.IndexFunc(e.settlers, func(s *settler) bool { return s.spec.Name == principal })
	if i < 0 {
		return nil, ErrNoPrincipal
	}
	return e.settlers[i], nil
}

// hold writes the intents of a request down.
func (s *settler) hold(ctx context.Context, req HoldRequest) (out HoldResult, err error) {
	s.work.Lock()
	defer s.work.Unlock()
	planned, err := s.e.decideHolds(ctx, s.spec, req)
	if err != nil || len(planned) == 0 {
		return out, err
	}
	turn := journal.Turn{Lease: s.lease, Now: s.e.now(), KeepCursor: true, Planned: planned}
	if _, err := s.e.opt.Journal.Commit(ctx, turn); err != nil {
		return out, journalError(err)
	}
	for _, p := range planned {
		switch p.Step.Action.(type) {
		case model.Hold:
			out.Holds++
		case model.Withdraw:
			out.Withdrawn++
		}
		s.e.Wake(p.Step.Source)
	}
	s.kick()
	return out, nil
}

// decideHolds makes the steps of a request.
func (e *Engine) decideHolds(ctx context.Context, p PrincipalSpec, req HoldRequest) ([]journal.Planned, error) {
	book, complete := e.agenda.book(p)
	if !complete {
		return nil, ErrIncomplete
	}
	found, last, err := e.foundOf(ctx, p)
	if err != nil {
		return nil, err
	}
	var steps []model.Step
	for range maxUnknown {
		if steps, err = e.rules.Load().Hold(book, model.View{Now: e.now(), Principal: p.Principal, Findings: found, Busy: e.busyFor(p)}, req.Request); err != nil {
			return nil, err
		}
		unknown, err := e.releasedUnknown(ctx, steps, found)
		if err != nil {
			return nil, err
		}
		if len(unknown) == 0 {
			break
		}
		maps.Copy(found, unknown)
	}
	var out []journal.Planned
	for _, s := range steps {
		s.ID = e.stepID(s, string(last[s.Ident]))
		out = append(out, journal.Planned{Step: s, Cause: model.SourceID(p.group()), Group: p.group(), Supersede: true})
	}
	return out, nil
}

// foundOf is how the findings of a principal stand, and the last step about each.
func (e *Engine) foundOf(ctx context.Context, p PrincipalSpec) (map[model.Ident]model.Finding, map[model.Ident]model.StepID, error) {
	past := e.agenda.history(p)
	if err := past.read(ctx, e.opt.Journal); err != nil {
		return nil, nil, journalError(err)
	}
	intents, err := past.intents(ctx, e.opt.Journal, e.ownIn(p.sources()))
	if err != nil {
		return nil, nil, journalError(err)
	}
	var idents []model.Ident
	for _, in := range intents {
		idents = append(idents, in.Step.Ident)
	}
	released, err := e.released(ctx, idents)
	if err != nil {
		return nil, nil, err
	}
	found, last := findings(intents, released)
	for of, id := range past.over {
		if last[of] == "" {
			last[of] = id
		}
	}
	e.missHolds(p, found, intents)
	return found, last, nil
}
