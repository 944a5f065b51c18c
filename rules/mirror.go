package rules

import (
	"strings"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules/agenda"
)

// shown is a compiled mirror or an entry of classes: which events it means.
type shown struct {
	rank
	whose  string // principal; "" in tests of rules, which know one
	mirror agenda.Mirror
	class  agenda.ClassRule
}

func (c *compiler) mirrors(in []config.Mirror) (out []shown) {
	for _, m := range in {
		s := shown{rank: rank{name: m.Name.Value, place: m.Name.Pos.String()}, whose: m.Principal, mirror: agenda.Mirror{
			Name: m.Name.Value, Place: m.Name.Pos.String(), Mode: string(m.Mode), To: model.SourceID(m.To.Value), As: m.As.Value,
		}}
		for _, from := range m.From {
			s.mirror.From = append(s.mirror.From, model.SourceID(from.Value))
		}
		if m.When.Source != "" {
			if s.when = c.condition(c.langs.event, m.When, m.Name.Value); s.when == nil {
				continue
			}
			asks := map[string]bool{}
			s.when.uses(asks)
			s.mirror.AsksShow, s.mirror.AsksAnswer, s.mirror.AsksDays = asks["ev.show"], asks["ev.partstat"], asks["ev.all_day"]
		}
		out = append(out, s)
	}
	return out
}

func (c *compiler) classes(in []config.ClassRule) (out []shown) {
	for _, k := range in {
		if e := c.condition(c.langs.event, k.When, k.Name.Value); e != nil {
			out = append(out, shown{rank: rank{name: k.Name.Value, place: k.Name.Pos.String(), when: e}, class: agenda.ClassRule{
				Name: k.Name.Value, Place: k.Name.Pos.String(), Mode: string(k.Mode), Class: strings.ToUpper(k.Class),
			}})
		}
	}
	return out
}

// show adds the mirrors between calendars of the principal, and the classes.
func (c *calendar) show(r *ranker, o *agenda.Options) {
	for _, s := range c.mirrors {
		if s.whose != "" && s.whose != r.principal.Name {
			continue
		}
		m := s.mirror
		if s.when != nil {
			m.Shows = r.means(s.rank)
		}
		o.Mirrors = append(o.Mirrors, m)
	}
	for _, s := range c.classes {
		k := s.class
		means := r.means(s.rank)
		k.Means = func(e *model.Event, o *model.Occurrence) (bool, bool) {
			before := r.faults
			m := means(e, o)
			return m, r.faults == before
		}
		o.Classes = append(o.Classes, k)
	}
}

// means evaluates a condition of its own on occurrences; one that fails means
// nothing, and is reported.
func (r *ranker) means(k rank) func(*model.Event, *model.Occurrence) bool {
	return func(e *model.Event, o *model.Occurrence) bool { return r.holds(k, r.scopeOf(e, o)) }
}
