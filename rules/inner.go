package rules

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"
)

// Inner is the value of an expression inside a condition.
type Inner struct {
	Text, Place, Value string
}

// maxInner bounds the values told of one condition.
const maxInner = 12

// stateOf evaluates an expression with nothing left out and keeps the value of
// every part of it.
func (e *expression) stateOf(vars cel.Activation) interpreter.EvalState {
	run, err := e.env.Program(e.ast, cel.EvalOptions(cel.OptExhaustiveEval), cel.CostLimit(costLimit))
	if err != nil {
		return nil
	}
	_, details, _ := run.Eval(vars)
	if details == nil {
		return nil
	}
	return details.State()
}

// inner tells the values inside a condition, from the outside in: what it is made
// of, but for constants, lists of the rule files and what a loop looks at.
func (e *expression) inner(state interpreter.EvalState, leaf ast.Expr) []Inner {
	if state == nil {
		return nil
	}
	var out []Inner
	e.walk(leaf, func(n ast.Expr) {
		v, ok := state.Value(n.ID())
		if !ok || n.ID() == leaf.ID() || len(out) == maxInner || !worthTelling(n, v) {
			return
		}
		in := Inner{e.textOf(n), e.placeOf(n).String(), shownValue(v)}
		if !slices.ContainsFunc(out, func(o Inner) bool { return o.Text == in.Text }) {
			out = append(out, in)
		}
	})
	return out
}

// walk calls do with every part of n, but not with what a loop does for each
// element: that has no one value.
func (e *expression) walk(n ast.Expr, do func(ast.Expr)) {
	do(n)
	switch n.Kind() {
	case ast.CallKind:
		c := n.AsCall()
		if c.IsMemberFunction() {
			e.walk(c.Target(), do)
		}
		for _, a := range c.Args() {
			e.walk(a, do)
		}
	case ast.SelectKind:
		e.walk(n.AsSelect().Operand(), do)
	case ast.ListKind:
		for _, a := range n.AsList().Elements() {
			e.walk(a, do)
		}
	case ast.ComprehensionKind:
		e.walk(n.AsComprehension().IterRange(), do)
	}
}

// worthTelling leaves out what says nothing: constants, whole records, and lists
// that stand in the rule files.
func worthTelling(n ast.Expr, v ref.Val) bool {
	if n.Kind() == ast.LiteralKind || n.Kind() == ast.ListKind || fieldOf(n, "lists") != "" {
		return false
	}
	_, whole := v.(record)
	return !whole
}

// shownValue is display with the words and files of a message by name.
func shownValue(v ref.Val) string {
	switch v := v.(type) {
	case record:
		switch of := v.v.(type) {
		case *hit:
			return of.told()
		default:
			if f, ok := v.kind.fields["name"]; ok {
				return display(f.get(of).(ref.Val))
			}
		}
	case *types.Err:
		return "error: " + v.String()
	case traits.Lister:
		var list []string
		for it := v.Iterator(); it.HasNext() == types.True; {
			if len(list) == maxWhyWords {
				list = append(list, "...")
				break
			}
			list = append(list, shownValue(it.Next()))
		}
		return shortened("[" + strings.Join(list, ", ") + "]")
	}
	return display(v)
}

// told says which word stands where, counted in characters of the folded zone.
func (h *hit) told() string {
	if h.in != nil {
		return fmt.Sprintf("%q in the file %q at %d", h.term, shortened(h.in.Name), h.at)
	}
	return fmt.Sprintf("%q in %s at %d", h.term, zonePlaces[h.zone], h.at)
}

// places tells every word of the rule's term sets in every zone, also where it
// does not count.
func (r *rule) places(f *facts) []string {
	var out []string
	for i, name := range f.set.terms {
		if !r.uses["terms."+name] {
			continue
		}
		hits := f.hits(i, r.files)
		for n := range hits {
			if n == maxWhyWords {
				out = append(out, fmt.Sprintf("terms.%s: %d more", name, len(hits)-n))
				break
			}
			out = append(out, "terms."+name+": "+hits[n].told())
		}
	}
	return out
}
