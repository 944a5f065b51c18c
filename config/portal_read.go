package config

import (
	"fmt"

	"go.yaml.in/yaml/v4"
)

// portals reads who sends the notices of e-billing portals.
func (l *loader) portals(f *file, n *yaml.Node) {
	if n == nil {
		return
	}
	f.each(n, "[{name: Legal Tracker, from: [portal.example]}]", func(n *yaml.Node) { l.portal(f, n) })
}

func (l *loader) portal(f *file, n *yaml.Node) {
	defer func() { f.rule = "" }()
	b, ok := f.block(n, "a portal", "name", "from")
	if !ok {
		return
	}
	var p Portal
	p.Name, ok = l.ruleName(f, b, "portal")
	if n := b.need("from", "[portal.example, notices@billing.example]"); n != nil {
		ts, listed := f.texts(n, "[portal.example, notices@billing.example]")
		if listed && len(n.Content) == 0 {
			f.fail(f.at(n), "from names nobody", "name the addresses or domains that the notices come from")
		}
		for _, t := range ts {
			if t, good := l.portalSender(f, t); good {
				p.From = append(p.From, t)
			}
		}
	}
	if ok && len(p.From) > 0 {
		l.cfg.Rules.Billing.Portals = append(l.cfg.Rules.Billing.Portals, p)
	}
}

// portalSender checks one sender: two portals with one sender could not be told apart.
func (l *loader) portalSender(f *file, t Text) (Text, bool) {
	lower, problem, hint := addressOrDomain(t.Value)
	if problem != "" {
		f.fail(t.Pos, problem, hint)
		return t, false
	}
	if first, dup := l.words["portal sender "+lower]; dup {
		f.fail(t.Pos, fmt.Sprintf("%s sends for two portals", clip(lower)), "first at "+first.String())
		return t, false
	}
	l.words["portal sender "+lower] = t.Pos
	t.Value = lower
	return t, true
}
