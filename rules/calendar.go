package rules

import (
	"time"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules/agenda"
)

// unranked is what an event has that no rank matches.
const unranked = "other"

// rank is one compiled line of calendar.ranks.
type rank struct {
	name, place string
	value       int
	fixed       bool
	buffer      time.Duration
	when        *expression
}

// calendar is the compiled calendar block.
type calendar struct {
	mode   config.Mode
	opts   agenda.Options
	ranks  []rank
	ignore []rank
}

// calendar compiles ranks and ignore.
func (c *compiler) calendar(r *config.Rules) *calendar {
	in := r.Calendar
	out := &calendar{mode: in.Conflicts.Mode, opts: agenda.Options{
		Horizon: in.Conflicts.Horizon, Alternatives: in.Conflicts.Alternatives, Discreet: in.Conflicts.Discreet,
		Mode: string(in.Conflicts.Mode), Version: r.Version,
	}}
	if in.Conflicts.Pos.Line > 0 {
		out.opts.Place = in.Conflicts.Pos.String()
	}
	for _, i := range in.Ignore {
		if e := c.condition(c.langs.event, i.When, i.Name.Value); e != nil {
			out.ignore = append(out.ignore, rank{name: i.Name.Value, place: i.Name.Pos.String(), when: e})
		}
	}
	for _, in := range in.Ranks {
		e := c.condition(c.langs.event, in.When, in.Name.Value)
		if e == nil {
			continue
		}
		out.ranks = append(out.ranks, rank{in.Name.Value, in.Name.Pos.String(), in.Rank, in.Fixed, in.Buffer, e})
	}
	return out
}

// look settles the conflicts of one principal.
func (s *Set) look(v model.View, plan *model.Plan) {
	if s.calendar.mode == config.Off || s.calendar.mode == "" {
		return
	}
	r := newRanker(s, &v)
	steps, reports, again := agenda.Settle(v, s.calendar.opts, r.rank)
	if s.calendar.mode == config.Enforce {
		plan.Steps = steps
	} else {
		for _, step := range steps {
			reports = append(reports, model.Report{Rule: step.Rule, Place: step.Place, What: "observe", Why: step.Why, Would: step.Action.Kind()})
		}
	}
	plan.Reports, plan.LookAgain = append(reports, r.reports...), again
}

// ranker ranks the occurrences of one agenda, each once.
type ranker struct {
	set       *Set
	principal *model.Principal
	seen      map[*model.Occurrence]agenda.Ranked
	failed    map[string]bool
	reports   []model.Report
}

func newRanker(s *Set, v *model.View) *ranker {
	return &ranker{set: s, principal: &v.Principal, seen: map[*model.Occurrence]agenda.Ranked{}, failed: map[string]bool{}}
}

func (r *ranker) rank(e *model.Event, o *model.Occurrence) agenda.Ranked {
	if got, ok := r.seen[o]; ok {
		return got
	}
	got := r.decide(e, o)
	r.seen[o] = got
	return got
}

func (r *ranker) decide(e *model.Event, o *model.Occurrence) agenda.Ranked {
	scope := r.scopeOf(e, o)
	for _, i := range r.set.calendar.ignore {
		if r.holds(i, scope) {
			return agenda.Ranked{Name: i.name, Ignore: true, Place: i.place}
		}
	}
	for _, k := range r.set.calendar.ranks {
		if r.holds(k, scope) {
			return agenda.Ranked{Name: k.name, Rank: k.value, Fixed: k.fixed, Buffer: k.buffer, Place: k.place}
		}
	}
	return agenda.Ranked{Name: unranked}
}

// scopeOf is what the conditions of ranks see of an occurrence.
func (r *ranker) scopeOf(e *model.Event, o *model.Occurrence) eventScope {
	master := e.Body.Reveal().Master
	return eventScope{&eventFacts{
		set: r.set, event: e, o: o, principal: r.principal,
		recurring: o.Recurrence != nil || o.RRule != "" || len(o.RDates) > 0 || master != nil && master.RRule != "",
	}}
}

// holds evaluates one rank; a rank that fails is reported once and matches
// nothing.
func (r *ranker) holds(k rank, scope eventScope) bool {
	ok, err := k.when.holds(scope)
	if err != nil && !r.failed[k.name] {
		r.failed[k.name] = true
		r.reports = append(r.reports, model.Report{Rule: k.name, Place: k.place, What: failure(err), Why: model.Hide(err.Error())})
	}
	return ok
}
