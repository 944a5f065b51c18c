package rules

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/parser"

	"chancery/config"
)

// asked is one rule with all ways in which it can match.
type asked struct {
	*rule
	in    *config.MailRule
	read  *reader
	holds *formula
	cubes []cube
	known bool // cubes are all ways
	total bool // evaluating the condition cannot fail
	fixed bool // users cannot switch its mode for themselves, or none does
}

// checkSet tells what only all rules together show: rules that no message gets
// to or that never match, rules of one priority that would file one message in
// two places, and rules that hand mail round.
func (c *compiler) checkSet(r *config.Rules) {
	empty := unfilled(r)
	p := c.prover(r, empty)
	rules := c.asked(p, r)
	for _, a := range rules {
		c.neverMatches(p, a)
	}
	c.waiting(r, rules, empty)
	c.hidden(p, rules)
	all := filers(p, rules)
	c.ties(p, all)
	c.circles(p, all)
	c.deadRanks(p, r)
}

// asked prepares the rules that are not off, in the order in which they are asked.
func (c *compiler) asked(p *prover, r *config.Rules) []*asked {
	byName := make(map[string]*config.MailRule, len(r.Mail))
	for i := range r.Mail {
		byName[r.Mail[i].Name.Value] = &r.Mail[i]
	}
	switched := map[string]bool{}
	for _, u := range r.Users {
		for _, s := range u.Switches {
			switched[s.Rule.Value] = switched[s.Rule.Value] || s.Mode != ""
		}
	}
	var out []*asked
	for _, m := range c.set.mail {
		in := byName[m.name]
		if m.mode == modeOff || in == nil {
			continue
		}
		a := &asked{rule: m, in: in, read: p.reader(m.lets, m.near), fixed: !switched[m.name]}
		a.holds = join(true, a.read.whole(m.when, true), a.read.whole(m.unless, false))
		a.cubes, a.known = p.cubes(a.holds)
		a.total = total(m.when) && total(m.unless) && !slices.ContainsFunc(m.lets, func(l let) bool { return !total(l.expr) })
		out = append(out, a)
	}
	return out
}

// neverMatches tells a rule whose condition no message fulfils.
func (c *compiler) neverMatches(p *prover, a *asked) {
	if !a.known || len(a.cubes) > 0 {
		return
	}
	when, unless := a.read.whole(a.when, true), a.read.whole(a.unless, false)
	pos, problem, hint := a.in.When.Pos, "no message can match", "delete the rule, or switch it off with mode: off, until you know what it should find"
	switch cubes, _ := p.cubes(when); {
	case len(cubes) > 0 && impossibleAlone(p, unless):
		pos, problem, hint = a.in.Unless.Pos, "unless always holds, so no message can match", "delete it, or make it narrower"
	case len(cubes) > 0:
		pos, problem, hint = a.in.Unless.Pos, "no message can match: this excludes all that when asks for", "make one of the two narrower"
		if x, y := p.conflict(when, unless); x != nil {
			pos, hint = placeOf(y.at), fmt.Sprintf("when asks for %s; make one of the two narrower", said(x))
		}
	case when.op == impossible && when.why != "":
		pos, problem, hint = placeOf(when.at), "no message can match while "+when.why+" is empty", "add an entry, or switch the rule off with mode: off"
	case when.op == impossible:
		if when.at.n != nil {
			pos = placeOf(when.at)
		}
		problem = "no message can match: this never holds"
	default:
		if x, y := p.conflict(when, when); x != nil {
			pos, problem = placeOf(y.at), fmt.Sprintf("no message can match: %s and %s never hold together", said(x), said(y))
			hint = "write || between them if either is enough"
		}
	}
	c.problem(pos, a.name, problem, hint)
}

func impossibleAlone(p *prover, f *formula) bool {
	cubes, ok := p.cubes(f)
	return ok && len(cubes) == 0
}

// conflict finds a claim that must hold in a and one that must hold in b, which
// exclude each other.
func (p *prover) conflict(a, b *formula) (x, y *claim) {
	must := func(f *formula) []*formula {
		if f.op == allOf {
			return f.parts
		}
		return []*formula{f}
	}
	for _, m := range must(a) {
		for _, n := range must(b) {
			as, _ := p.cubes(m)
			bs, _ := p.cubes(n)
			if len(as) == 0 || len(bs) == 0 || !p.exclusive(as, bs) {
				continue
			}
			if x, y = as[0][0], bs[0][0]; x != y {
				if px, py := placeOf(x.at), placeOf(y.at); a == b && (py.Line < px.Line || py.Line == px.Line && py.Col < px.Col) {
					x, y = y, x
				}
				return x, y
			}
		}
	}
	return nil, nil
}

// hidden tells rules below one that stops every message they could match.
func (c *compiler) hidden(p *prover, rules []*asked) {
	var stops []*asked
	for _, a := range rules {
		if !a.known || len(a.cubes) == 0 {
			continue
		}
		for _, s := range stops {
			if !within(s.in.Accounts, a.in.Accounts) || !within(s.in.Folders, a.in.Folders) || s.in.User && !a.in.User || !p.followsAll(a.cubes, s.holds) {
				continue
			}
			hint := fmt.Sprintf("that rule stands at %s and has stop: true; give this one a priority above %d, or make that one narrower", s.in.Name.Pos, s.priority)
			if a.in.User && !s.in.User {
				hint = fmt.Sprintf("that rule of the firm stands at %s and has stop: true; own rules come after it", s.in.Name.Pos)
			}
			if s.mode == config.Enforce {
				c.problem(a.in.Name.Pos, a.name, fmt.Sprintf("no message gets here: rule %q takes every one this rule could match", s.name), hint)
			} else {
				c.warn(a.in.Name.Pos, a.name, fmt.Sprintf("no message will get here once rule %q enforces: it takes every one this rule could match", s.name), hint)
			}
			break
		}
		if a.stop && a.total && a.fixed {
			stops = append(stops, a)
		}
	}
}

func (p *prover) followsAll(cubes []cube, f *formula) bool {
	for _, c := range cubes {
		if !p.entails(c, f) {
			return false
		}
	}
	return true
}

// within reports whether a list of mailboxes or accounts has all of another. An
// empty one stands for all there are.
func within(all, some []config.Text) bool {
	if len(all) == 0 {
		return true
	}
	return len(some) > 0 && !slices.ContainsFunc(some, func(t config.Text) bool { return !names(all, t.Value) })
}

// share reports whether two lists have a mailbox or account in common.
func share(a, b []config.Text) bool {
	return len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, func(t config.Text) bool { return names(b, t.Value) })
}

func names(list []config.Text, name string) bool {
	return slices.ContainsFunc(list, func(t config.Text) bool {
		// INBOX is one mailbox in any case: RFC 9051 section 5.1.
		return t.Value == name || strings.EqualFold(t.Value, "INBOX") && strings.EqualFold(name, "INBOX")
	})
}

// deadRanks tells ranks and ignores that no event gets to or that none matches.
func (c *compiler) deadRanks(p *prover, r *config.Rules) {
	places := map[string]config.Pos{}
	for _, k := range r.Calendar.Ranks {
		places["rank "+k.Name.Value] = k.Name.Pos
	}
	for _, i := range r.Calendar.Ignore {
		places["ignore "+i.Name.Value] = i.Name.Pos
	}
	type above struct {
		what  string
		holds *formula
	}
	var over []above
	line := func(kind string, k rank) {
		what := kind + " " + k.name
		read := p.reader(nil, nil)
		f := read.whole(k.when, true)
		cubes, known := p.cubes(f)
		switch i := slices.IndexFunc(over, func(o above) bool { return p.followsAll(cubes, o.holds) }); {
		case !known:
		case len(cubes) == 0:
			pos, problem, hint := k.when.at.Pos, "no event can match", "delete the line until you know what it should find"
			if x, y := p.conflict(f, f); x != nil {
				pos, problem = placeOf(y.at), fmt.Sprintf("no event can match: %s and %s never hold together", said(x), said(y))
				hint = "write || between them if either is enough"
			} else if f.op == impossible && f.at.n != nil {
				pos, problem = placeOf(f.at), "no event can match: this never holds"
			}
			if f.op == impossible && f.why != "" {
				c.warn(pos, k.name, "no event can match while "+f.why+" is empty", "add an entry")
				break
			}
			c.problem(pos, k.name, problem, hint)
		case i >= 0:
			hint := "the first that matches counts, so move this one above it"
			if kind == "rank" && strings.HasPrefix(over[i].what, "ignore ") {
				hint = "what is ignored has no rank, so make that entry narrower"
			}
			c.problem(places[what], k.name, "no event gets here", fmt.Sprintf("%s at %s matches every event that this would; %s", over[i].what, places[over[i].what], hint))
		}
		if known && total(k.when) {
			over = append(over, above{what, f})
		}
	}
	for _, i := range c.set.calendar.ignore {
		line("ignore", i)
	}
	for _, k := range c.set.calendar.ranks {
		line("rank", k)
	}
}

// said writes what a claim asks for.
func said(c *claim) string {
	s := source(c.at)
	negative := strings.HasPrefix(s, "!") || strings.Contains(s, " != ") || strings.Contains(s, ".all(")
	if (c.not || c.turned) && !negative {
		if strings.Contains(s, " ") {
			return "!(" + s + ")"
		}
		return "!" + s
	}
	return s
}

// source writes a part of an expression, shortened.
func source(n node) string {
	s, err := parser.Unparse(n.n, n.in.ast.NativeRep().SourceInfo())
	if err != nil {
		return "a part of it"
	}
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "..."
	}
	return s
}
