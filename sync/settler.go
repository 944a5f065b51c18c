package sync

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"chancery/internal/model"
	"chancery/rules/billdesk"
	"chancery/sync/journal"
)

// settler looks after one principal's time: whenever a calendar has news, or the
// rules asked to be woken, it lets the rules settle the whole agenda anew.
type settler struct {
	e     *Engine
	spec  PrincipalSpec
	wakes chan struct{}
	lease journal.Lease
	work  sync.Mutex           // held while something is decided
	told  map[observation]bool // reports of the last look

	asks   []model.Ask // of the last look
	asking sync.WaitGroup
	early  early
}

// observation is a report as the audit chain keeps it: without its words.
type observation struct{ what, rule, would, ref string }

func newSettler(e *Engine, p PrincipalSpec) *settler {
	return &settler{e: e, spec: p, wakes: make(chan struct{}, 1)}
}

func (s *settler) kick() {
	s.e.load.hand(s, s.wakes)
}

// run settles until soft ends. Its only error is the journal's.
func (s *settler) run(soft, hard context.Context) error {
	defer s.e.load.set(s, false)
	asks, stop := context.WithCancel(soft)
	defer s.asking.Wait()
	defer stop()
	lease, err := s.e.opt.Journal.Claim(hard, model.SourceID(s.spec.group()), s.e.opt.Owner, s.e.now())
	if err != nil {
		return brokenJournal{err}
	}
	s.lease, s.early.servers = lease, true
	if err := s.recall(hard); err != nil {
		return err
	}
	if err := s.beginDesk(hard); err != nil {
		return err
	}
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
		s.ask(asks, s.asks)
		if s.early.waiting.Load() {
			again = s.e.now().Add(time.Second)
			continue
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
	s.work.Lock()
	defer s.work.Unlock()
	turn, plan, err := s.e.decideAgenda(ctx, s.spec)
	if err != nil {
		return plan.LookAgain, err
	}
	s.asks = plan.Asks
	if s.early.wait(s.e, s.spec, aboutTime(turn.Planned), plan.Asks) {
		return plan.LookAgain, nil
	}
	turn.Observed = s.news(plan.Reports)
	if len(turn.Planned) == 0 && len(turn.Observed) == 0 && len(turn.Released) == 0 && len(turn.Dropped) == 0 {
		return plan.LookAgain, nil
	}
	turn.Lease, turn.Now, turn.KeepCursor = s.lease, s.e.now(), true
	if _, err := s.e.opt.Journal.Commit(ctx, turn); err != nil {
		return time.Time{}, journalError(err)
	}
	for _, p := range turn.Planned {
		s.e.Wake(p.Step.Source)
	}
	return plan.LookAgain, nil
}

// recall reads which reports were told before the process started, so that a
// restart does not repeat them.
func (s *settler) recall(ctx context.Context) error {
	s.told = map[observation]bool{}
	for e, err := range s.e.opt.Journal.Entries(ctx, journal.Filter{Source: model.SourceID(s.spec.group()), Limit: maxRecalled}) {
		if err != nil {
			return journalError(err)
		}
		s.told[observation{e.Kind, e.Rule, e.Action, e.Ref}] = true
	}
	return nil
}

// maxRecalled is how many entries about one principal's time are looked through.
const maxRecalled = 2000

// news returns the reports that were not there at the last look: every look
// repeats those that still hold.
func (s *settler) news(reports []model.Report) (fresh []journal.Observed) {
	now := make(map[observation]bool, len(reports))
	for _, r := range reports {
		ident := model.Ident("report\x00" + string(r.Of) + "\x00" + r.What + "\x00" + r.Rule + "\x00" + r.Would + "\x00" + r.Why.Reveal())
		for _, o := range observed(ident, s.e.RuleVersion(), []model.Report{r}) {
			key := observation{o.What, o.Rule, o.Would, s.e.opt.Journal.Called(ident)}
			if !s.told[key] && !now[key] {
				fresh = append(fresh, o)
			}
			now[key] = true
		}
	}
	s.told = now
	return fresh
}

// aboutTime counts the steps that people's time has to do with.
func aboutTime(planned []journal.Planned) (n int) {
	for _, p := range planned {
		if !billdesk.Owns(p.Step.Ident) {
			n++
		}
	}
	return n
}

// decideAgenda settles one principal: the one place where conflicts and what is
// written about billing are decided, for run and for plan alike. While a calendar is
// not completely known nothing is intended that depends on it.
func (e *Engine) decideAgenda(ctx context.Context, p PrincipalSpec) (journal.Turn, model.Plan, error) {
	var turn journal.Turn
	e.agenda.forget(e.now())
	book, complete := e.agenda.book(p)
	if !complete && !billdesk.Active(p.Desk, nil) {
		return turn, model.Plan{}, nil
	}
	past := e.agenda.history(p)
	if err := past.read(ctx, e.opt.Journal); err != nil {
		return turn, model.Plan{}, journalError(err)
	}
	// Of what is over nothing is said, unless a hold of it is still to be seen.
	intents, err := past.intents(ctx, e.opt.Journal, e.ownIn(p.calendars()))
	if err != nil {
		return turn, model.Plan{}, journalError(err)
	}
	var idents []model.Ident
	for _, in := range intents {
		idents = append(idents, in.Step.Ident)
	}
	released, err := e.released(ctx, idents)
	if err != nil {
		return turn, model.Plan{}, err
	}
	found, last := findings(intents, released)
	e.missHolds(p, found, intents)
	bills, again, err := e.billingOf(ctx, p, found)
	if err != nil {
		return turn, model.Plan{}, err
	}
	if complete {
		turn.Released = e.changedBack(found, intents)
	}
	decide := func() (plan model.Plan) {
		v := model.View{Now: e.now(), Principal: p.Principal, Findings: found, Busy: e.busyFor(p)}
		if complete {
			plan = e.rules.Load().Settle(book, v)
		}
		if plan.LookAgain = earlier(plan.LookAgain, again); bills != nil {
			v.Billing = bills.view
			e.merge(&plan, e.rules.Load().Billing(v, bills.known))
		}
		return plan
	}
	plan := decide()
	// A journal that was lost or put back knows nothing of these, but it may know
	// by now what people did to them. What takes their place may be one of them, too.
	for range maxUnknown {
		unknown, err := e.releasedUnknown(ctx, plan.Steps, found)
		if err != nil {
			return turn, model.Plan{}, err
		}
		if len(unknown) == 0 {
			break
		}
		maps.Copy(found, unknown)
		plan = decide()
	}
	if complete {
		e.publish(p, book)
		book.Rest() // fifty that are awake take as much memory as all that they know
	}
	plan.Steps = takeAll(plan.Steps, standingNotes(intents))
	for i := range plan.Steps {
		step := &plan.Steps[i]
		step.ID = e.stepID(*step, string(cmp.Or(last[step.Ident], past.over[step.Ident])))
		turn.Planned = append(turn.Planned, journal.Planned{
			Step: *step, Cause: model.SourceID(p.group()), Group: p.group(), Supersede: true,
		})
	}
	turn.Dropped = heldSteps(intents, plan.Drops)
	brakeAmends(turn.Planned, intents, e.now())
	restStale(turn.Planned, intents)
	return turn, plan, nil
}

// maxUnknown bounds how often a plan is made anew because of what the journal
// remembers of steps that it did not plan.
const maxUnknown = 16

// ownIn names the findings of which something stands in any of the calendars.
func (e *Engine) ownIn(calendars []model.SourceID) (out []model.Ident) {
	for _, id := range calendars {
		out = slices.AppendSeq(out, maps.Keys(e.agenda.own(id)))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// missHolds forgets the holds that went away with their calendar, so that they are
// written again, unless that is under way.
func (e *Engine) missHolds(p PrincipalSpec, found map[model.Ident]model.Finding, intents []journal.Intent) {
	open := map[model.Ident]bool{}
	for _, in := range intents {
		if _, ok := in.Step.Action.(model.Hold); ok && in.EndedAt.IsZero() {
			open[in.Step.Ident] = true
		}
	}
	for of, f := range found {
		if !open[of] && e.agenda.vanished(cmp.Or(f.HoldRef.Source, p.Holds), of) {
			f.Hold, f.HoldRef = "", model.Ref{}
			found[of] = f
		}
	}
}

// released asks the journal, and what a plan found without writing it down.
func (e *Engine) released(ctx context.Context, idents []model.Ident) (map[model.Ident]map[string]string, error) {
	slices.Sort(idents)
	idents = slices.Compact(idents)
	out, err := e.opt.Journal.Released(ctx, idents)
	if err != nil {
		return nil, journalError(err)
	}
	for _, of := range idents {
		if how := e.unwritten[of]; how != "" && len(out[of]) == 0 {
			out[of] = map[string]string{ruleOf(of): how}
		}
	}
	return out, nil
}

// releasedUnknown returns the findings about which nothing was ever planned and
// people decided all the same.
func (e *Engine) releasedUnknown(ctx context.Context, steps []model.Step, found map[model.Ident]model.Finding) (map[model.Ident]model.Finding, error) {
	var idents []model.Ident
	for _, s := range steps {
		if _, ok := found[s.Ident]; !ok {
			idents = append(idents, s.Ident)
		}
	}
	released, err := e.released(ctx, idents)
	out := map[model.Ident]model.Finding{}
	for of, rules := range released {
		if how := howReleased(rules); how != "" {
			out[of] = overruledFinding(model.Finding{}, how)
		}
	}
	return out, err
}

// sources are the calendars of the principal, the one for holds last.
func (p PrincipalSpec) sources() []model.SourceID {
	ids := slices.Clone(p.Calendars)
	if p.Holds != "" && !slices.Contains(ids, p.Holds) {
		ids = append(ids, p.Holds)
	}
	return ids
}
