package rules

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/interpreter"
)

// otherwise says what would have to be otherwise for a condition to have the
// wanted value.
func (p *prober) otherwise(e *expression, state interpreter.EvalState, n ast.Expr, want bool) []string {
	if told := p.reason(e, state, n, want); told != nil {
		return told
	}
	var out []string
	e.walk(n, func(n ast.Expr) {
		if n.Kind() == ast.IdentKind {
			out = append(out, p.letLine(n.AsIdent())...)
		}
	})
	return out
}

// reason knows the conditions of which more can be said than their values.
func (p *prober) reason(e *expression, state interpreter.EvalState, n ast.Expr, want bool) []string {
	switch n.Kind() {
	case ast.ComprehensionKind:
		if p.f == nil {
			return nil // of events there are no terms, lets and matters
		}
		if set := fieldOf(n.AsComprehension().IterRange(), "terms"); set != "" {
			return p.aboutTerms(set, want)
		}
	case ast.IdentKind:
		return p.aboutLet(n.AsIdent(), want)
	case ast.SelectKind:
		if op := n.AsSelect().Operand(); fieldOf(op, "x") == "matter" {
			return p.aboutMatter()
		}
	case ast.CallKind:
		return p.aboutCall(e, state, n.AsCall(), want)
	}
	return nil
}

func (p *prober) aboutCall(e *expression, state interpreter.EvalState, c ast.CallExpr, want bool) []string {
	switch c.FunctionName() {
	case operators.LogicalNot:
		return p.reason(e, state, c.Args()[0], !want)
	case "within":
		if set := fieldOf(c.Target(), "terms"); set != "" {
			return p.aboutTerms(set, want)
		}
	case "is_in":
		if list := fieldOf(c.Args()[0], "lists"); list != "" {
			return p.aboutList(e, state, c.Target(), list, want)
		}
	case operators.Greater, operators.GreaterEquals, operators.Less, operators.LessEquals, operators.Equals, operators.NotEquals:
		for _, a := range c.Args() {
			if set := sizedTerms(a); set != "" {
				return p.aboutTerms(set, want)
			}
		}
	}
	return nil
}

// sizedTerms knows terms.x.size() and size(terms.x).
func sizedTerms(n ast.Expr) string {
	if n.Kind() != ast.CallKind || n.AsCall().FunctionName() != "size" {
		return ""
	}
	if c := n.AsCall(); c.IsMemberFunction() {
		return fieldOf(c.Target(), "terms")
	}
	return fieldOf(n.AsCall().Args()[0], "terms")
}

// aboutTerms says where the words of a set stand.
func (p *prober) aboutTerms(set string, want bool) []string {
	i := slices.Index(p.f.set.terms, set)
	if i < 0 {
		return nil
	}
	hits := p.f.hits(i, p.rule.files)
	if len(hits) == 0 {
		return []string{fmt.Sprintf("no word of terms.%s stands anywhere in the message", set)}
	}
	var zones, words []string
	for n := range hits {
		if z := zonePlaces[hits[n].zone]; !slices.Contains(zones, z) {
			zones = append(zones, z)
		}
		if len(words) < maxWhyWords {
			words = append(words, hits[n].told())
		}
	}
	if !want {
		return []string{"terms." + set + " was found: " + strings.Join(words, ", ")}
	}
	if len(zones) == 1 {
		return []string{fmt.Sprintf("terms.%s was found only in %s", set, zones[0])}
	}
	return []string{fmt.Sprintf("terms.%s was found only so: %s", set, strings.Join(words, ", "))}
}

// aboutList names the entry of a list that comes nearest to an address.
func (p *prober) aboutList(e *expression, state interpreter.EvalState, address ast.Expr, list string, want bool) []string {
	if state == nil {
		return nil
	}
	v, _ := state.Value(address.ID())
	addr, ok := v.(types.String)
	lists, known := p.set.listKind.fields[list]
	if !ok || !known {
		return nil
	}
	all, ok := lists.get(p.set).(*addresses)
	if !ok {
		return nil
	}
	who := fmt.Sprintf("%s is %q", e.textOf(address), shortened(string(addr)))
	if !want {
		entry := ""
		domains(strings.ToLower(string(addr)), func(key string) bool {
			if _, ok := all.set[key]; ok {
				entry = key
			}
			return entry != ""
		})
		return []string{fmt.Sprintf("%s, and lists.%s has %s", who, list, entry)}
	}
	if near := all.nearest(string(addr)); near != "" {
		return []string{fmt.Sprintf("%s, not in lists.%s: nearest entry %s", who, list, near)}
	}
	return []string{fmt.Sprintf("%s, not in lists.%s", who, list)}
}

// aboutLet looks into the expression that a name stands for.
func (p *prober) aboutLet(name string, want bool) []string {
	out := p.letLine(name)
	if l := p.let(name); l != nil {
		out = append(out, p.reason(l.expr, l.expr.stateOf(p.vars), l.expr.root(), want)...)
	}
	return out
}

// letLine says what a name stands for.
func (p *prober) letLine(name string) []string {
	l := p.let(name)
	if l == nil {
		return nil
	}
	return []string{fmt.Sprintf("%s is let to %s at %s", name, l.expr.textOf(l.expr.root()), l.expr.placeOf(l.expr.root()))}
}

func (p *prober) let(name string) *let {
	if p.rule == nil {
		return nil
	}
	for i := range p.rule.lets {
		if p.rule.lets[i].name == name {
			return &p.rule.lets[i]
		}
	}
	return nil
}

// aboutMatter says which matters the message names.
func (p *prober) aboutMatter() []string {
	switch all := p.f.candidates(); {
	case p.f.set.matters.Len() == 0:
		return []string{"there is no matter list"}
	case len(all) == 0:
		return []string{"no number or name of the matter list stands in the subject, the new text, a file name or quoted text"}
	case len(all) > 1:
		return []string{fmt.Sprintf("several matters stand in %s, and nothing tells which it is about: %s", zonePlaces[all[0].zone], numbers(all))}
	default:
		return []string{fmt.Sprintf("the matter is %s in %s", all[0].matter.Number, zonePlaces[all[0].zone])}
	}
}
