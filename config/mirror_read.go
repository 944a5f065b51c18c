package config

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"
)

// mirror reads an entry of mirrors; what they say about each other and about
// principals is checked when all files are read.
func (l *loader) mirror(f *file, n *yaml.Node, d defaults) {
	defer func() { f.rule = "" }()
	f.rule = peekName(n)
	b, ok := f.block(n, "a mirror", "name", "mode", "from", "to", "as", "when")
	if !ok {
		return
	}
	m := Mirror{Mode: f.mode(b.get("mode"), d.mode), As: Text{Value: DefaultMirrorTitle}}
	m.Name, ok = l.ruleName(f, b, "mirror")
	if n := b.need("from", "[gc-calendar/work]"); n != nil {
		ts, read := f.texts(n, "[gc-calendar/work]")
		if read && len(ts) == 0 {
			f.fail(f.at(n), "from names no calendar", "write for example [gc-calendar/work]")
		}
		for _, t := range ts {
			if l.calendarExists(f, t) {
				m.From = append(m.From, t)
			}
		}
	}
	if n := b.need("to", "gc-calendar/private"); n != nil {
		if t, read := f.text(n); read && l.calendarExists(f, t) {
			m.To = t
		}
	}
	if n := b.get("as"); n != nil {
		if t, read := f.text(n); read {
			m.As = t
		}
	}
	if n := b.get("when"); n != nil {
		var read bool
		m.When, read = f.expr(n)
		ok = ok && read
	}
	if ok && len(m.From) > 0 && m.To.Value != "" {
		l.cfg.Rules.Calendar.Mirrors = append(l.cfg.Rules.Calendar.Mirrors, m)
	}
}

func (l *loader) class(f *file, n *yaml.Node, d defaults) {
	defer func() { f.rule = "" }()
	f.rule = peekName(n)
	b, ok := f.block(n, "an entry of classes", "name", "mode", "when", "class")
	if !ok {
		return
	}
	c := ClassRule{Mode: f.mode(b.get("mode"), d.mode)}
	c.Name, ok = l.ruleName(f, b, "class")
	if n := b.need("when", "'...'"); n != nil {
		var read bool
		c.When, read = f.expr(n)
		ok = ok && read
	} else {
		ok = false
	}
	if n := b.need("class", "private or confidential"); n != nil {
		var read bool
		c.Class, read = f.word(n, "class", "private", "confidential")
		ok = ok && read
	} else {
		ok = false
	}
	if ok {
		l.cfg.Rules.Calendar.Classes = append(l.cfg.Rules.Calendar.Classes, c)
	}
}

// checkMirrors finds whose each mirror is, and refuses mirrors between people and
// mirrors that go round.
func (l *loader) checkMirrors() {
	leads := map[string]map[string]Pos{} // from a calendar to those it is shown in
	for i := range l.cfg.Rules.Calendar.Mirrors {
		m := &l.cfg.Rules.Calendar.Mirrors[i]
		owner := slices.IndexFunc(l.cfg.Service.Principals, func(p Principal) bool { return p.mirrors(m) })
		if owner < 0 {
			l.out.add(Error{Pos: m.To.Pos, Rule: m.Name.Value, Problem: "these are not the calendars of one principal",
				Hint: "what one leader does is not shown to another: list from: under calendars: of a principal, and to: under calendars: or holds: of the same"})
			continue
		}
		m.Principal = l.cfg.Service.Principals[owner].Name.Value
		for _, from := range m.From {
			if problem, hint := checkWay(leads, from.Value, m.To.Value); problem != "" {
				l.out.add(Error{Pos: from.Pos, Rule: m.Name.Value, Problem: problem, Hint: hint})
				continue
			}
			if leads[from.Value] == nil {
				leads[from.Value] = map[string]Pos{}
			}
			leads[from.Value][m.To.Value] = from.Pos
		}
	}
}

// checkWay says what is wrong with showing one calendar in another; "" if nothing.
func checkWay(leads map[string]map[string]Pos, from, to string) (problem, hint string) {
	first, twice := leads[from][to]
	switch {
	case from == to:
		return "a calendar cannot be shown in itself", "name another one under to:"
	case twice:
		return fmt.Sprintf("%q is shown in %q by two mirrors", clip(from), clip(to)), "first at " + first.String() + ": write one mirror, with || between the conditions"
	case reaches(leads, to, from, map[string]bool{}):
		return fmt.Sprintf("mirrors go round: %q is shown in %q already", clip(to), clip(from)), "take one of the mirrors out: what is free must not depend on itself"
	}
	return "", ""
}

// mirrors reports whether a mirror stands between calendars of p.
func (p *Principal) mirrors(m *Mirror) bool {
	return (p.sees(m.To.Value) || p.Holds.Value == m.To.Value) && !slices.ContainsFunc(m.From, func(from Text) bool { return !p.sees(from.Value) })
}

// sees reports whether a calendar holds the principal's time.
func (p *Principal) sees(calendar string) bool {
	return slices.ContainsFunc(p.Calendars, func(t Text) bool { return t.Value == calendar })
}

// reaches reports whether a chain of mirrors leads from one calendar to another.
func reaches(leads map[string]map[string]Pos, from, to string, seen map[string]bool) bool {
	if seen[from] {
		return false
	}
	seen[from] = true
	for next := range leads[from] {
		if next == to || reaches(leads, next, to, seen) {
			return true
		}
	}
	return false
}
