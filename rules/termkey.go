package rules

import (
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// zoneSet is a set of zones.
type zoneSet uint8

const (
	everyZone zoneSet = 1<<zones - 1
	fileZone  zoneSet = 1 << zoneFile
	headZones zoneSet = 1<<zoneSubject | 1<<zoneName // need no look at the body
)

// worth says how well the terms of a key keep a rule away: those of a subject are
// found without the body, and two are rarer than one.
func (k key) worth() int {
	switch {
	case k.zones&^headZones == 0:
		return 5
	case k.least > 1:
		return 4
	}
	return 3
}

// hits makes keys of a list of hits that must have so many elements in zones: a
// term set, a part of it, or several put together. Of several, one has its share.
func (g *gater) hits(n ast.Expr, where zoneSet, least int) []key {
	if where == 0 {
		return []key{} // no message has that
	}
	if id, ok := g.terms[fieldOf(n, "terms")]; ok {
		var keys []key
		if g.files && where&fileZone != 0 {
			keys = append(keys, key{sort: keyFile})
		}
		if where &^= fileZone; where != 0 {
			keys = append(keys, key{sort: keyTerm, id: id, zones: where, least: least})
		}
		return keys
	}
	if list, name, body, ok := filtered(n); ok {
		return g.hits(list, where&zonesOf(body, name), least)
	}
	if n.Kind() != ast.CallKind || n.AsCall().FunctionName() != operators.Add {
		return nil
	}
	union := []key{}
	share := (least + 1) / 2
	for _, a := range n.AsCall().Args() {
		ks := g.hits(a, where, share)
		if ks == nil || len(union)+len(ks) > maxKeys {
			return nil
		}
		union = append(union, ks...)
	}
	return union
}

// zonesWhere are the zones of the hits for which an exists can be true.
func zonesWhere(c ast.ComprehensionExpr) zoneSet {
	step := c.LoopStep()
	if step.Kind() != ast.CallKind || step.AsCall().FunctionName() != operators.LogicalOr || c.HasIterVar2() {
		return everyZone
	}
	args := step.AsCall().Args()
	if args[0].Kind() != ast.IdentKind || args[0].AsIdent() != c.AccuVar() {
		return everyZone
	}
	return zonesOf(args[1], c.IterVar())
}

// zonesOf are the zones of a hit for which a condition about it can be true.
func zonesOf(n ast.Expr, name string) zoneSet {
	if n.Kind() != ast.CallKind {
		return everyZone
	}
	c := n.AsCall()
	switch c.FunctionName() {
	case operators.LogicalAnd:
		where := everyZone
		for _, a := range c.Args() {
			where &= zonesOf(a, name)
		}
		return where
	case operators.LogicalOr:
		where := zoneSet(0)
		for _, a := range c.Args() {
			where |= zonesOf(a, name)
		}
		return where
	case operators.Equals:
		for i, a := range c.Args() {
			if fieldOf(a, name) == "where" {
				return zonesIn([]ast.Expr{c.Args()[1-i]})
			}
		}
	case operators.In:
		if list := c.Args()[1]; fieldOf(c.Args()[0], name) == "where" && list.Kind() == ast.ListKind {
			return zonesIn(list.AsList().Elements())
		}
	}
	return everyZone
}

// zonesIn are the zones that constants name; every one if one is no constant.
func zonesIn(words []ast.Expr) zoneSet {
	where := zoneSet(0)
	for _, w := range words {
		word, ok := literal(w)
		if !ok {
			return everyZone
		}
		for zone, name := range zoneWords {
			if name == word {
				where |= 1 << zone
			}
		}
	}
	return where
}

// termGate is the rules that so many hits of a set in some zones let through.
type termGate struct {
	zones zoneSet
	least int
	rules ruleSet
}

// term adds a key of rule i of n.
func (t *gate) term(k key, n, i int) {
	t.byTerm.add(i)
	gates := t.terms[k.id]
	for _, tg := range gates {
		if tg.zones == k.zones && tg.least == k.least {
			tg.rules.add(i)
			return
		}
	}
	tg := termGate{k.zones, k.least, newRuleSet(n)}
	tg.rules.add(i)
	t.terms[k.id] = append(gates, tg)
}

// joinTerms joins the rules that the hits let through.
func (t *gate) joinTerms(hits [][]hit, join func(ruleSet)) {
	for set, found := range hits {
		if len(found) == 0 {
			continue
		}
		for _, tg := range t.terms[set] {
			if n := 0; len(found) >= tg.least {
				for i := range found {
					n += int(tg.zones >> found[i].zone & 1)
				}
				if n >= tg.least {
					join(tg.rules)
				}
			}
		}
	}
}
