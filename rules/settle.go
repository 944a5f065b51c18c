package rules

import (
	"time"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules/agenda"
)

// Settle says what is intended for the principal of v whose events are in b; the
// events of v are not looked at. It is what Decide does for a Look, for those who
// keep the Book from one look to the next.
func (s *Set) Settle(b *agenda.Book, v model.View) model.Plan {
	var plan model.Plan
	r := newRanker(s, &v)
	o := s.calendar.optionsFor(r)
	if o.Mode == "" {
		o.Mode = string(config.Off)
	}
	if o.Lives != nil {
		o.Lives = r.livesOf
	}
	o.Ask = func(a model.Ask) { plan.Asks = append(plan.Asks, a) }
	o.Drop = func(of model.Ident) { plan.Drops = append(plan.Drops, of) }
	plan.Steps, plan.Reports, plan.LookAgain = b.Settle(v, o, r.rankOf)
	plan.Reports = append(plan.Reports, r.reports...)
	return plan
}

// look settles the conflicts of one principal whose events are all in v.
func (s *Set) look(v model.View, plan *model.Plan) {
	settled := s.Settle(agenda.BookOf(&v), v)
	plan.Steps, plan.Reports, plan.LookAgain = settled.Steps, settled.Reports, settled.LookAgain
	plan.Asks, plan.Drops = settled.Asks, settled.Drops
}

// rankOf is rank for a Book, which remembers what did not fail.
func (r *ranker) rankOf(e *model.Event, o *model.Occurrence) agenda.Ranked {
	before := r.faults
	got := r.rank(e, o)
	got.Unsure = r.faults > before
	return got
}

// livesOf is lives in the same way.
func (r *ranker) livesOf(e *model.Event, o *model.Occurrence) *time.Location {
	before := r.faults
	zone := r.lives(e, o)
	if r.faults > before {
		return agenda.Unsure
	}
	return zone
}
