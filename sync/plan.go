package sync

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"chancery/connectors"
	"chancery/internal/model"
	"chancery/sync/journal"
)

// Preview is what Run would do for one source or one principal.
type Preview struct {
	Of      string // source or principal
	Err     error  // why it could not be read
	Changes int    // items read
	Old     int    // of these, older than the baseline
	Steps   []model.Step
	Open    []journal.Intent // intents written earlier and not applied yet
	Reports []model.Report
	Parked  []journal.Parked
	Waiting []journal.Intent // the same, but they wait for approval
	Held    int              // of Steps: moves that would wait for approval
	Letters int              // of Steps: notes and drafts that would
	Amends  int              // of Steps: changes of events that would
	seen    map[model.StepID]bool
	round   *round
	looks   []journal.Look // that were planned on the way
}

// Plan decides what Run would decide now, by the same code, and writes nothing:
// the journal may be open read-only and the sources should be. A source that
// fails is reported and keeps none of the others from being read.
func (e *Engine) Plan(ctx context.Context) []Preview {
	var out []Preview
	e.unwritten, e.unwrittenBills = map[model.Ident]string{}, journal.NewBillIndex(e.now())
	e.agenda.forget(e.now())
	ids := slices.Sorted(maps.Keys(e.workers))
	// Calendars first: mail may ask about them.
	slices.SortStableFunc(ids, func(a, b model.SourceID) int {
		return cmp.Compare(mailLast[e.workers[a].spec.Calendar], mailLast[e.workers[b].spec.Calendar])
	})
	for _, id := range ids {
		p := e.planSource(ctx, e.workers[id])
		p.Of = string(id)
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Preview) int { return cmp.Compare(a.Of, b.Of) })
	e.inform(ctx)
	for _, spec := range e.opt.Principals {
		p := Preview{Of: spec.Name}
		turn, plan, err := e.decideAgenda(ctx, spec)
		p.Err, p.Reports = err, plan.Reports
		p.Steps, p.Err = e.fresh(ctx, turn.Planned, err)
		for _, planned := range turn.Planned {
			if planned.Held {
				p.Amends++
			}
		}
		out = append(out, p)
	}
	return out
}

var mailLast = map[bool]int{true: 0, false: 1}

func (e *Engine) planSource(ctx context.Context, w *worker) (p Preview) {
	p.seen, p.round = map[model.StepID]bool{}, newRound(&w.spec, e.now())
	p.round.letters = map[model.StepID]string{}
	p.round.threads = e.opt.Journal.Threads(w.spec.ID)
	p.round.bills = e.unwrittenBills
	at, err := e.opt.Journal.Position(ctx, w.spec.ID)
	if err != nil {
		p.Err = err
		return p
	}
	// Also what waits for its time.
	if p.Open, p.Err = e.opt.Journal.Pending(ctx, w.spec.ID, e.now().AddDate(100, 0, 0), planOpenLimit); p.Err != nil {
		return p
	}
	if !e.opt.Beside {
		if p.Err = e.opt.Journal.Unfiled(ctx, w.spec.ID, p.round.recount); p.Err != nil {
			return p
		}
	}
	if p.Waiting, p.Err = e.opt.Journal.HeldSteps(ctx, w.spec.ID, planOpenLimit); p.Err != nil {
		return p
	}
	if w.spec.Calendar {
		at.Cursor, w.listing = "", map[model.Name]bool{}
	}
	src, err := w.spec.Open(ctx, at)
	if _, code := connectors.Classify(err); err != nil && w.spec.Create && code == "no-calendar" {
		e.agenda.keep(w.spec.ID, nil)
		return p
	}
	if err != nil {
		p.Err = err
		return p
	}
	defer func() { _ = src.Close() }()
	_, w.tells = src.(freebusier)
	for cursor := at.Cursor; ; {
		b, err := src.Pull(ctx, cursor)
		if errors.Is(err, connectors.ErrCursorExpired) && cursor != "" {
			cursor = ""
			continue
		}
		if err != nil {
			p.Err = err
			return p
		}
		if p.Err = e.planBatch(ctx, w, b, &p); p.Err != nil || !b.More {
			if p.Err == nil {
				p.Err = e.planLooks(ctx, w, src, &p)
			}
			for _, ids := range p.round.braked() {
				p.Held += len(ids)
			}
			return p
		}
		cursor = b.Next
	}
}

// planOpenLimit bounds how many open steps a preview lists.
const planOpenLimit = 10_000

func (e *Engine) planBatch(ctx context.Context, w *worker, b connectors.Batch, p *Preview) error {
	p.Changes += len(b.Changes)
	if w.spec.Calendar {
		turn, err := w.takeCalendar(ctx, b)
		p.Parked = append(p.Parked, turn.Parked...)
		for _, r := range turn.Released {
			e.unwritten[r.Ident] = r.How
		}
		return err
	}
	for _, c := range b.Changes {
		if c.Message != nil && c.Message.Old {
			p.Old++
		}
	}
	p.round.see(b)
	turn, plans, err := e.decideMail(ctx, p.round, b.Changes)
	if err != nil {
		return err
	}
	p.Parked = append(p.Parked, turn.Parked...)
	p.looks = append(p.looks, turn.Looks...)
	for _, plan := range plans {
		for _, r := range plan.Reports {
			r.Ref = plan.Cause
			p.Reports = append(p.Reports, r)
		}
	}
	braked := map[model.StepID]bool{}
	for _, planned := range turn.Planned {
		braked[planned.Step.ID] = planned.Held
	}
	steps, err := e.fresh(ctx, turn.Planned, nil)
	for _, s := range steps {
		// Two copies of one message are one item, as they are for the journal.
		if !p.seen[s.ID] {
			p.seen[s.ID] = true
			p.round.count(s)
			if braked[s.ID] {
				p.Letters++
			}
			p.Steps = append(p.Steps, s)
		}
	}
	return err
}

// fresh leaves out the steps that the journal would ignore because it has their
// IDs already. A superseded one had no effect and would be planned again.
func (e *Engine) fresh(ctx context.Context, planned []journal.Planned, err error) ([]model.Step, error) {
	if err != nil {
		return nil, err
	}
	var idents []model.Ident
	for _, p := range planned {
		idents = append(idents, p.Step.Ident)
	}
	known, err := e.opt.Journal.ByIdent(ctx, idents)
	if err != nil {
		return nil, err
	}
	var out []model.Step
	for _, p := range planned {
		seen := func(in journal.Intent) bool { return in.Step.ID == p.Step.ID && in.State != journal.StateSuperseded }
		if !slices.ContainsFunc(known[p.Step.Ident], seen) {
			out = append(out, p.Step)
		}
	}
	return out, nil
}
