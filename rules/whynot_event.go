package rules

import (
	"slices"

	"chancery/internal/model"
)

// WhyNotEvent explains one rank, ignore or entry of classes for one event of
// v.Agenda; false if there is no such rule or no such event.
func (s *Set) WhyNotEvent(name string, v model.View, event int) (WhyNot, bool) {
	named := func(k rank) bool { return k.name == name }
	all := slices.Concat(s.calendar.ignore, s.calendar.ranks)
	ranking := len(all)
	for _, c := range s.calendar.classes {
		all = append(all, c.rank)
	}
	i := slices.IndexFunc(all, named)
	if i < 0 || event < 0 || event >= len(v.Agenda) {
		return WhyNot{}, false
	}
	e := &v.Agenda[event]
	series := e.Body.Reveal()
	o := series.Master
	if o == nil && len(series.Overrides) > 0 {
		o = &series.Overrides[0]
	}
	if o == nil {
		return WhyNot{}, false
	}
	r := newRanker(s, &v)
	scope := r.scopeOf(e, o)
	k := all[i]
	out := WhyNot{Verdict: Verdict{Rule: k.name, Place: k.place, Mode: s.calendar.mode, Outcome: "no match"}}
	p := prober{set: s, vars: scope}
	clauses := p.clauses("when", k.when)
	if at := slices.IndexFunc(clauses, func(c Clause) bool { return !c.Good }); at >= 0 {
		clauses[at].First = true
	} else if out.Matched = true; i >= ranking {
		out.Outcome = "acts"
	} else {
		took := r.rank(e, o)
		if out.Outcome = "ranked"; took.Name != k.name {
			out.Gates = []Gate{{"order", false, took.Name + " at " + took.Place + " matches, and comes first"}}
		}
	}
	out.Clauses = model.Hide(clauses)
	return out, true
}
