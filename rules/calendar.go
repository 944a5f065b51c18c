package rules

import (
	"slices"
	"time"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules/agenda"
)

// unranked is what an event has that no rank matches.
const unranked = "other"

// rank is one compiled line of calendar.ranks; of ignore and zones, what they
// need of it.
type rank struct {
	name, place string
	is          agenda.Ranked
	zone        *time.Location
	when        *expression
}

// calendar is the compiled calendar block.
type calendar struct {
	mode      config.Mode
	opts      agenda.Options
	ranks     []rank
	ignore    []rank
	zones     []rank
	protected []protected
	mirrors   []shown
	classes   []shown
}

// protected is time that is kept free of some principals; of all if nobody is
// named.
type protected struct {
	who []string
	is  agenda.Protected
}

// calendar compiles what stands under calendar.
func (c *compiler) calendar(r *config.Rules) *calendar {
	in := r.Calendar
	out := &calendar{mode: in.Conflicts.Mode, opts: agenda.Options{
		Horizon: in.Conflicts.Horizon, Alternatives: in.Conflicts.Alternatives, Discreet: in.Conflicts.Discreet,
		Mode: string(in.Conflicts.Mode), Version: r.Version,
		Resolve: in.Conflicts.Resolve, Slots: in.Conflicts.Slots, Replies: in.Conflicts.Replies, Notice: in.Conflicts.Notice,
	}}
	if in.Conflicts.Pos.Line > 0 {
		out.opts.Place = in.Conflicts.Pos.String()
	}
	for _, i := range in.Ignore {
		if e := c.condition(c.langs.event, i.When, i.Name.Value); e != nil {
			is := agenda.Ranked{Name: i.Name.Value, Ignore: true, Place: i.Name.Pos.String()}
			out.ignore = append(out.ignore, rank{name: is.Name, place: is.Place, is: is, when: e})
		}
	}
	for _, in := range in.Ranks {
		if e := c.condition(c.langs.event, in.When, in.Name.Value); e != nil {
			is := rankedAs(in)
			out.ranks = append(out.ranks, rank{name: is.Name, place: is.Place, is: is, when: e})
		}
	}
	for _, z := range in.Zones {
		e := c.condition(c.langs.event, z.When, z.Name.Value)
		if zone := z.Location(); zone != nil && e != nil { // package config told a bad name
			out.zones = append(out.zones, rank{name: z.Name.Value, place: z.Name.Pos.String(), zone: zone, when: e})
		}
	}
	out.mirrors, out.classes = c.mirrors(in.Mirrors), c.classes(in.Classes)
	for _, p := range in.Protected {
		out.protected = append(out.protected, protectedAs(p))
	}
	return out
}

func rankedAs(in config.Rank) agenda.Ranked {
	return agenda.Ranked{
		Name: in.Name.Value, Rank: in.Rank, Fixed: in.Fixed, Buffer: in.Buffer, Place: in.Name.Pos.String(),
		Before: in.Before, After: in.After, Travel: in.Travel, Deadline: in.Deadline, Resolve: in.Resolve,
	}
}

func protectedAs(in config.Protected) protected {
	out := protected{is: agenda.Protected{Name: in.Name.Value, Rank: in.Rank, Place: in.Name.Pos.String()}}
	for _, who := range in.Principals {
		out.who = append(out.who, who.Value)
	}
	for _, h := range in.Hours {
		for _, d := range h.Days {
			out.is.Hours = append(out.is.Hours, model.Hours{Day: d, From: h.From, Till: h.Till})
		}
	}
	return out
}

// optionsFor is what the calendar block says to one principal.
func (c *calendar) optionsFor(r *ranker) agenda.Options {
	o := c.opts
	for _, p := range c.protected {
		if len(p.who) == 0 || slices.Contains(p.who, r.principal.Name) {
			o.Protected = append(o.Protected, p.is)
		}
	}
	if len(c.zones) > 0 {
		o.Lives = r.lives
	}
	c.show(r, &o)
	return o
}

// ranker ranks the occurrences of one agenda, each once.
type ranker struct {
	set       *Set
	principal *model.Principal
	seen      map[*model.Occurrence]agenda.Ranked
	failed    map[string]bool
	faults    int // evaluations that failed
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
			return i.is
		}
	}
	for _, k := range r.set.calendar.ranks {
		if r.holds(k, scope) {
			return k.is
		}
	}
	return agenda.Ranked{Name: unranked}
}

// lives says to which zone the rules think an event takes the principal; the first
// entry that matches counts.
func (r *ranker) lives(e *model.Event, o *model.Occurrence) *time.Location {
	scope := r.scopeOf(e, o)
	for _, z := range r.set.calendar.zones {
		if r.holds(z, scope) {
			return z.zone
		}
	}
	return nil
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
	if err != nil {
		r.faults++
	}
	if err != nil && !r.failed[k.name] {
		r.failed[k.name] = true
		r.reports = append(r.reports, model.Report{Rule: k.name, Place: k.place, What: failure(err), Why: model.Hide(err.Error())})
	}
	return ok
}
