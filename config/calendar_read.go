package config

import (
	"fmt"
	"time"

	"go.yaml.in/yaml/v4"
)

func (l *loader) calendar(f *file, n *yaml.Node, d defaults) {
	b, ok := f.block(n, "calendar", "ranks", "ignore", "protected", "zones", "mirrors", "classes", "conflicts")
	if !ok {
		return
	}
	c := &l.cfg.Rules.Calendar
	if c.Pos.Line == 0 {
		c.Pos = f.at(n)
		c.Conflicts = Conflicts{Mode: Off, Horizon: DefaultHorizon, Alternatives: DefaultAlternatives, Resolve: DefaultResolve, Slots: true, Notice: DefaultNotice}
	}
	l.entries(f, b.get("ranks"), "- {name: court, rank: 100, when: '...'}", func(n *yaml.Node) { l.rank(f, n) })
	l.entries(f, b.get("ignore"), "- {name: lunch, when: '...'}", func(n *yaml.Node) { l.ignore(f, n) })
	l.entries(f, b.get("protected"), "- {name: lunch, rank: 15, hours: [\"Mon-Fri 12:30-13:15\"]}", func(n *yaml.Node) { l.protected(f, n) })
	l.entries(f, b.get("zones"), "- {name: tokyo, zone: Asia/Tokyo, when: '...'}", func(n *yaml.Node) { l.zoneDays(f, n) })
	l.entries(f, b.get("mirrors"), "- {name: busy, from: [gc-calendar/work], to: gc-calendar/private}", func(n *yaml.Node) { l.mirror(f, n, d) })
	l.entries(f, b.get("classes"), "- {name: sensitive, class: private, when: '...'}", func(n *yaml.Node) { l.class(f, n, d) })
	if n := b.get("conflicts"); n != nil {
		if l.conflicts.Line > 0 {
			f.fail(f.at(n), "conflicts: is set twice", "first at "+l.conflicts.String())
			return
		}
		l.conflicts = f.at(n)
		l.conflictSettings(f, n, d)
	}
}

// entries reads a list of rules; nil reads nothing.
func (l *loader) entries(f *file, n *yaml.Node, example string, read func(*yaml.Node)) {
	if n == nil {
		return
	}
	f.each(n, example, func(n *yaml.Node) {
		if l.another(f, n) {
			read(n)
		}
	})
}

func (l *loader) rank(f *file, n *yaml.Node) {
	defer func() { f.rule = "" }()
	f.rule = peekName(n)
	b, ok := f.block(n, "a rank", "name", "rank", "when", "fixed", "buffer", "before", "after", "travel", "deadline", "resolve")
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
	f.gaps(b, &r)
	if n := b.get("resolve"); n != nil {
		if r.Resolve, _ = f.word(n, "resolve", resolves...); r.Fixed && r.Resolve != "" && r.Resolve != DefaultResolve {
			f.fail(f.at(n), "an event that is fixed never yields", "delete resolve, or fixed")
		}
	}
	if ok {
		l.cfg.Rules.Calendar.Ranks = append(l.cfg.Rules.Calendar.Ranks, r)
	}
}

// gaps reads what is kept free around the events of a rank. Before and After are
// set together, so that 0 can be said of one side.
func (f *file) gaps(b block, r *Rank) {
	for key, to := range map[string]*time.Duration{"buffer": &r.Buffer, "travel": &r.Travel, "deadline": &r.Deadline} {
		if n := b.get(key); n != nil {
			*to, _ = f.span(n, 0, maxBuffer)
		}
	}
	before, after := b.get("before"), b.get("after")
	if before == nil && after == nil {
		return
	}
	r.Before, r.After, r.Buffer = r.Buffer, r.Buffer, 0
	if before != nil {
		r.Before, _ = f.span(before, 0, maxBuffer)
	}
	if after != nil {
		r.After, _ = f.span(after, 0, maxBuffer)
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

// resolves are the words for what happens to an event that yields.
var resolves = []string{DefaultResolve, "tentative", "decline", "move"}

func (l *loader) conflictSettings(f *file, n *yaml.Node, d defaults) {
	c := &l.cfg.Rules.Calendar.Conflicts
	c.Pos, c.Mode = f.at(n), d.mode
	b, ok := f.block(n, "conflicts", "mode", "horizon", "alternatives", "resolve", "discreet", "slots", "replies", "notice")
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
		if w, ok := f.word(n, "resolve", resolves...); ok {
			c.Resolve = w
		}
	}
	c.Discreet = f.flag(b.get("discreet"))
	c.Slots = c.Resolve == DefaultResolve
	if n := b.get("slots"); n != nil {
		c.Slots = f.flag(n)
	}
	c.Replies = f.flag(b.get("replies"))
	if n := b.get("notice"); n != nil {
		if v, ok := f.span(n, 0, maxNotice); ok {
			c.Notice = v
		}
	}
}
