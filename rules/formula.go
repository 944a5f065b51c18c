package rules

import (
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// A formula says when a condition is true, or when it is false, as "and" and
// "or" of claims about single values. Evaluation knows a third outcome, an
// error, so "false" is not simply "not true": each is worked out on its own, and
// everything here holds for conditions that may fail.
type formula struct {
	op    formulaOp
	parts []*formula
	claim claim
	// Of impossible: what makes it so, to be told.
	at  node
	why string
}

type formulaOp int

const (
	certain formulaOp = iota
	impossible
	oneClaim
	allOf
	anyOf
)

// node is a part of an expression that can be shown and has a place.
type node struct {
	in *expression
	n  ast.Expr
}

// reader turns the condition of one rule into formulas.
type reader struct {
	p    *prover
	lets map[string]*expression
	near map[string]near
	in   *expression       // what is being read
	loop map[string]string // loop variables to what they are called in claims
	deep int
}

func (p *prover) reader(lets []let, near map[string]near) *reader {
	r := &reader{p: p, lets: map[string]*expression{}, near: near, loop: map[string]string{}}
	for _, l := range lets {
		r.lets[l.name] = l.expr
	}
	return r
}

// maxFormula bounds how far names and loops are followed.
const maxFormula = 40

// whole is when e is true, or false.
func (r *reader) whole(e *expression, want bool) *formula {
	if e == nil {
		return constant(!want) // an absent unless is false
	}
	before := r.in
	r.in = e
	f := r.formula(e.root(), want)
	r.in = before
	return f
}

func constant(truth bool) *formula {
	if truth {
		return &formula{op: certain}
	}
	return &formula{op: impossible}
}

// follow reads a named value in place of its name.
func (r *reader) follow(name string, read func(n ast.Expr)) bool {
	e, ok := r.lets[name]
	if _, bound := r.loop[name]; !ok || bound || r.deep > maxFormula {
		return false
	}
	before, loop := r.in, r.loop
	r.in, r.loop = e, map[string]string{} // a let stands outside of every loop
	r.deep++
	read(e.root())
	r.in, r.loop = before, loop
	r.deep--
	return true
}

// formula is when n is true, or false if want is.
func (r *reader) formula(n ast.Expr, want bool) *formula {
	if v, ok := r.constant(n).(types.Bool); ok {
		f := constant(bool(v) == want)
		f.at = node{r.in, n}
		return f
	}
	switch n.Kind() {
	case ast.CallKind:
		if f := r.connective(n, n.AsCall(), want); f != nil {
			return f
		}
	case ast.IdentKind:
		var f *formula
		if r.follow(n.AsIdent(), func(n ast.Expr) { f = r.formula(n, want) }) {
			return f
		}
	case ast.SelectKind:
		if n.AsSelect().IsTestOnly() {
			return constant(want) // every field is always there
		}
	}
	return r.claims(n, want)
}

func (r *reader) connective(n ast.Expr, c ast.CallExpr, want bool) *formula {
	args := c.Args()
	switch c.FunctionName() {
	case operators.LogicalNot:
		return r.formula(args[0], !want)
	case operators.LogicalAnd, operators.LogicalOr:
		parts := make([]*formula, len(args))
		for i, a := range args {
			parts[i] = r.formula(a, want)
		}
		return join((c.FunctionName() == operators.LogicalAnd) == want, parts...)
	case operators.Conditional:
		return join(false, join(true, r.formula(args[0], true), r.formula(args[1], want)),
			join(true, r.formula(args[0], false), r.formula(args[2], want)))
	case operators.NotEquals:
		return r.equality(n, args[0], args[1], !want)
	case operators.Equals:
		return r.equality(n, args[0], args[1], want)
	}
	return nil
}

// equality knows comparison with true and false; nil for every other.
func (r *reader) equality(n, a, b ast.Expr, want bool) *formula {
	for _, side := range [][2]ast.Expr{{a, b}, {b, a}} {
		if v, ok := r.constant(side[1]).(types.Bool); ok {
			return r.formula(side[0], bool(v) == want)
		}
	}
	return r.compare(n, operators.Equals, a, b, want)
}

// join makes "and" or "or" and leaves out what decides nothing.
func join(and bool, parts ...*formula) *formula {
	neutral, deciding, op := certain, impossible, allOf
	if !and {
		neutral, deciding, op = impossible, certain, anyOf
	}
	out := &formula{op: op}
	for _, f := range parts {
		switch f.op {
		case deciding:
			return f
		case op:
			out.parts = append(out.parts, f.parts...)
		case neutral:
			if !and && (out.at.n == nil || out.why == "") {
				out.at, out.why = f.at, f.why
			}
		default:
			out.parts = append(out.parts, f)
		}
	}
	switch len(out.parts) {
	case 0:
		return &formula{op: neutral, at: out.at, why: out.why}
	case 1:
		return out.parts[0]
	}
	return out
}

// total reports whether evaluating e cannot fail, so that it is always true or
// false.
func total(e *expression) bool {
	if e == nil {
		return true
	}
	ok := true
	ast.PreOrderVisit(e.root(), ast.NewExprVisitor(func(n ast.Expr) {
		if n.Kind() == ast.CallKind && !slices.Contains(safe, n.AsCall().FunctionName()) {
			// Texts and lists can always be joined, numbers can grow too large.
			kind := e.ast.NativeRep().GetType(n.ID()).Kind()
			ok = ok && n.AsCall().FunctionName() == operators.Add && (kind == types.ListKind || kind == types.StringKind)
		}
		if n.Kind() == ast.MapKind || n.Kind() == ast.StructKind {
			ok = false
		}
	}))
	return ok
}

// safe are functions that give a value for all arguments their types allow.
var safe = []string{
	operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.NotStrictlyFalse, operators.Conditional,
	operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals, operators.In,
	"contains", "startsWith", "endsWith", "matches", "is_in", "within", "domain", "lower", "size", "looks_like",
}
