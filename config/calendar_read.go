package config

import (
	"fmt"

	"go.yaml.in/yaml/v4"
)

func (l *loader) calendar(f *file, n *yaml.Node, d defaults) {
	b, ok := f.block(n, "calendar", "ranks", "ignore", "conflicts")
	if !ok {
		return
	}
	c := &l.cfg.Rules.Calendar
	if c.Pos.Line == 0 {
		c.Pos = f.at(n)
		c.Conflicts = Conflicts{Mode: Off, Horizon: DefaultHorizon, Alternatives: DefaultAlternatives, Resolve: DefaultResolve}
	}
	if n := b.get("ranks"); n != nil {
		f.each(n, "- {name: court, rank: 100, when: '...'}", func(n *yaml.Node) {
			if l.another(f, n) {
				l.rank(f, n)
			}
		})
	}
	if n := b.get("ignore"); n != nil {
		f.each(n, "- {name: lunch, when: '...'}", func(n *yaml.Node) {
			if l.another(f, n) {
				l.ignore(f, n)
			}
		})
	}
	if n := b.get("conflicts"); n != nil {
		if l.conflicts.Line > 0 {
			f.fail(f.at(n), "conflicts: is set twice", "first at "+l.conflicts.String())
			return
		}
		l.conflicts = f.at(n)
		l.conflictSettings(f, n, d)
	}
}

func (l *loader) rank(f *file, n *yaml.Node) {
	defer func() { f.rule = "" }()
	f.rule = peekName(n)
	b, ok := f.block(n, "a rank", "name", "rank", "when", "fixed", "buffer")
	if !ok {
		return
	}
	var r Rank
	r.Name, ok = l.ruleName(f, b, "rank")
	if n := b.need("rank", fmt.Sprintf("a number from 0 to %d; the higher keeps its slot", maxRank)); n != nil {
		r.Rank, _ = f.number(n, 0, maxRank)
	}
	if n := b.need("when", "'...', or when: true for every event"); n != nil {
		var read bool
		r.When, read = f.expr(n)
		ok = ok && read
	} else {
		ok = false
	}
	r.Fixed = f.flag(b.get("fixed"))
	if n := b.get("buffer"); n != nil {
		r.Buffer, _ = f.span(n, 0, maxBuffer)
	}
	if ok {
		l.cfg.Rules.Calendar.Ranks = append(l.cfg.Rules.Calendar.Ranks, r)
	}
}

func (l *loader) ignore(f *file, n *yaml.Node) {
	defer func() { f.rule = "" }()
	f.rule = peekName(n)
	b, ok := f.block(n, "an entry of ignore", "name", "when")
	if !ok {
		return
	}
	name, ok := l.ruleName(f, b, "ignore")
	if n := b.need("when", "'...'"); n != nil {
		if when, read := f.expr(n); ok && read {
			l.cfg.Rules.Calendar.Ignore = append(l.cfg.Rules.Calendar.Ignore, Ignore{name, when})
		}
	}
}

// What later versions may do and this one does not.
var laterResolves = map[string]bool{"move": true, "tentative": true, "decline": true}

func (l *loader) conflictSettings(f *file, n *yaml.Node, d defaults) {
	c := &l.cfg.Rules.Calendar.Conflicts
	c.Pos, c.Mode = f.at(n), d.mode
	b, ok := f.block(n, "conflicts", "mode", "horizon", "alternatives", "resolve", "discreet")
	if !ok {
		return
	}
	c.Mode = f.mode(b.get("mode"), d.mode)
	if n := b.get("horizon"); n != nil {
		if v, ok := f.span(n, minHorizon, maxHorizon); ok {
			c.Horizon = v
		}
	}
	if n := b.get("alternatives"); n != nil {
		if v, ok := f.number(n, 0, MaxAlternatives); ok {
			c.Alternatives = v
		}
	}
	if n := b.get("resolve"); n != nil {
		if laterResolves[n.Value] {
			f.fail(f.at(n), fmt.Sprintf("resolve: %s is not there yet", n.Value), "write resolve: propose, which writes holds and changes no event")
		} else {
			f.word(n, "resolve", DefaultResolve)
		}
	}
	c.Discreet = f.flag(b.get("discreet"))
}
