package rules

import (
	"slices"

	"chancery/config"
	"chancery/internal/model"
)

// Only returns the same set, which says of mail what one rule makes of it and
// nothing else; no conflicts are looked for. False if there is no such mail rule.
// The rule does what it does among the others: where a rule above it stops, or
// files the message elsewhere, or was to file it before a person put it back, so
// it is here.
func (s *Set) Only(name string) (*Set, bool) {
	it := s.rule(name)
	if it == nil {
		return nil, false
	}
	out := *s
	out.only = name
	out.mail = make([]*rule, len(s.mail))
	for i, r := range s.mail {
		out.mail[i] = r.beside(it)
	}
	out.switched = slices.Clone(s.switched)
	for i, sw := range s.switched {
		out.switched[i].of, out.switched[i].is = sw.of.beside(it), sw.is.beside(it)
	}
	silent := *s.calendar
	silent.mode = config.Off
	out.calendar = &silent
	out.buildFolders()
	if out.need = out.needs(); s.remembers {
		out.need = withBills(out.need)
	}
	return &out, true
}

// beside is what a rule has to do with what another one does: it may stop before
// it, and it may want the message elsewhere.
func (r *rule) beside(it *rule) *rule {
	if r.name == it.name {
		return r
	}
	out := *r
	out.stop = r.stop && r.order < it.order
	out.actions = slices.DeleteFunc(slices.Clone(r.actions), func(a action) bool { return a.file == nil })
	if r.mode != config.Enforce || !out.stop && len(out.actions) == 0 {
		out.mode = config.Off
	}
	return &out
}

// keep leaves in a plan what the one rule of the set says.
func (s *Set) keep(plan *model.Plan) {
	if s.only == "" {
		return
	}
	plan.Steps = slices.DeleteFunc(plan.Steps, func(x model.Step) bool { return x.Rule != s.only })
	plan.Reports = slices.DeleteFunc(plan.Reports, func(x model.Report) bool { return x.Rule != s.only })
}
