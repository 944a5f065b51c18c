package rules

import (
	"fmt"
	"slices"
	"strings"

	"chancery/config"
)

// A list or set of terms in a file of its own may be filled at any time, by other
// people than those who write rules. While it is empty nothing is known of it, so
// that it makes no rule wrong; that a rule waits for it is told.

// unfilled are such files by "lists.NAME" and "terms.NAME".
func unfilled(r *config.Rules) map[string]string {
	out := map[string]string{}
	for _, l := range r.Lists {
		if l.File != "" && len(l.Entries) == 0 && !l.Broken {
			out["lists."+l.Name.Value] = l.File
		}
	}
	for _, t := range r.Terms {
		if t.File != "" && len(t.Words) == 0 && !t.Broken {
			out["terms."+t.Name.Value] = t.File
		}
	}
	return out
}

// prover makes one that knows what lists hold. Of those in unknown it knows
// nothing.
func (c *compiler) prover(r *config.Rules, unknown map[string]string) *prover {
	p := newProver()
	for i, l := range r.Lists {
		if unknown["lists."+l.Name.Value] == "" && !l.Broken {
			p.lists[l.Name.Value] = c.set.lists[i]
		}
	}
	for _, t := range r.Terms {
		p.noTerms[t.Name.Value] = unknown["terms."+t.Name.Value] == "" && len(t.Words) == 0 && !t.Broken
	}
	return p
}

// waiting tells rules, ranks and ignores that match nothing until a file is filled.
// could are the rules as they are judged when nothing is known of those files.
func (c *compiler) waiting(r *config.Rules, could []*asked, empty map[string]string) {
	if len(empty) == 0 {
		return
	}
	p := c.prover(r, nil)
	for i, a := range c.asked(p, r) {
		if !a.known || len(a.cubes) > 0 || could[i].known && len(could[i].cubes) == 0 {
			continue
		}
		about := []*expression{a.when}
		for _, l := range a.lets {
			about = append(about, l.expr)
		}
		when := a.read.whole(a.when, true)
		pos := a.in.When.Pos
		if when.op == impossible && when.why != "" {
			pos = placeOf(when.at)
		}
		c.waits(pos, a.name, "message", ", or switch the rule off with mode: off", when, empty, about)
	}
	ranks := slices.Clone(c.set.calendar.ignore)
	ranks = append(ranks, c.set.calendar.ranks...)
	for _, s := range slices.Concat(c.set.calendar.mirrors, c.set.calendar.classes) {
		if s.when != nil {
			ranks = append(ranks, s.rank)
		}
	}
	for _, k := range ranks {
		f := p.reader(nil, nil).whole(k.when, true)
		if cubes, known := p.cubes(f); known && len(cubes) == 0 {
			c.waits(k.when.at.Pos, k.name, "event", "", f, empty, []*expression{k.when})
		}
	}
}

// waits tells one. Where it is not clear which file it is that makes the
// condition false, all that the condition names are told.
func (c *compiler) waits(pos config.Pos, name, what, orElse string, f *formula, empty map[string]string, about []*expression) {
	var lists, files []string
	for list, file := range empty {
		if f.why == list || f.why == "" && slices.ContainsFunc(about, func(e *expression) bool { return strings.Contains(e.at.Source, list) }) {
			lists, files = append(lists, list), append(files, file)
		}
	}
	if len(lists) == 0 {
		return
	}
	slices.Sort(lists)
	slices.Sort(files)
	verb := "is"
	if len(lists) > 1 {
		verb = "are"
	}
	c.warn(pos, name, fmt.Sprintf("no %s can match while %s %s empty", what, strings.Join(lists, " and "), verb),
		"put entries into "+strings.Join(slices.Compact(files), " and ")+orElse)
}
