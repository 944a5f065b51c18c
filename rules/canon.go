package rules

import (
	"fmt"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// canon writes an expression so that what means the same value is written the
// same in every rule: names of lets and loops are gone, and a value of x carries
// where its rule looks for it.
func (r *reader) canon(n ast.Expr) string {
	switch n.Kind() {
	case ast.IdentKind:
		name := n.AsIdent()
		if loop, ok := r.loop[name]; ok {
			return loop
		}
		out := name
		r.follow(name, func(n ast.Expr) { out = r.canon(n) })
		if out == "terms" && r.in.files {
			return "terms+files" // it has more in it than the terms of other rules
		}
		return strings.TrimPrefix(out, ".")
	case ast.SelectKind:
		s := n.AsSelect()
		out := r.canon(s.Operand()) + "." + s.FieldName()
		if s.IsTestOnly() {
			out = "has(" + out + ")"
		}
		if near, ok := r.near[s.FieldName()]; ok && near.kind != "matter" && fieldOf(n, "x") != "" && r.loop["x"] == "" {
			out += fmt.Sprintf("{%s%q}", near.kind, near.words)
		}
		return out
	case ast.LiteralKind:
		return literalText(n.AsLiteral())
	case ast.CallKind:
		return r.canonCall(n.AsCall())
	case ast.ListKind:
		return "[" + r.canonAll(n.AsList().Elements()) + "]"
	case ast.ComprehensionKind:
		return r.canonLoop(n.AsComprehension())
	}
	return fmt.Sprintf("?%p.%d", r.in, n.ID()) // maps and the like: never the same
}

func (r *reader) canonCall(c ast.CallExpr) string {
	if target, through := r.throughOf(c); through != "" {
		return r.canon(target) + "." + through
	}
	out := c.FunctionName() + "(" + r.canonAll(c.Args()) + ")"
	if c.IsMemberFunction() {
		out = r.canon(c.Target()) + "." + out
	}
	return out
}

func (r *reader) canonAll(list []ast.Expr) string {
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = r.canon(e)
	}
	return strings.Join(texts, ",")
}

func (r *reader) canonLoop(c ast.ComprehensionExpr) string {
	over := r.canon(c.IterRange())
	before := r.loop
	r.loop = map[string]string{}
	for k, v := range before {
		r.loop[k] = v
	}
	depth := strconv.Itoa(len(before))
	r.loop[c.IterVar()] = "@" + depth
	if c.HasIterVar2() {
		r.loop[c.IterVar2()] = "@@" + depth
	}
	r.loop[c.AccuVar()] = "#" + depth
	out := fmt.Sprintf("loop(%s;%s;%s;%s;%s)", over, r.canon(c.AccuInit()), r.canon(c.LoopCondition()), r.canon(c.LoopStep()), r.canon(c.Result()))
	r.loop = before
	return out
}

func literalText(v ref.Val) string {
	if s, ok := v.(types.String); ok {
		return strconv.Quote(string(s))
	}
	return fmt.Sprintf("%s:%v", v.Type().TypeName(), v.Value())
}

// subject takes a text apart: the value itself, and whether its domain or its
// lower case is looked at.
func (r *reader) subject(n ast.Expr) (value, through string) {
	if n.Kind() == ast.IdentKind {
		found := false
		if r.follow(n.AsIdent(), func(n ast.Expr) { value, through = r.subject(n); found = true }) && found {
			return value, through
		}
	}
	if n.Kind() == ast.CallKind {
		if target, name := r.throughOf(n.AsCall()); name != "" {
			value, through = r.subject(target)
			if name == "domain" || through == "domain" {
				return value, "domain" // it is in lower case already
			}
			return value, name
		}
	}
	return r.canon(n), ""
}

func (r *reader) throughOf(c ast.CallExpr) (target ast.Expr, name string) {
	if f := c.FunctionName(); (f == "domain" || f == "lower") && c.IsMemberFunction() && len(c.Args()) == 0 {
		return c.Target(), f
	}
	return nil, ""
}

func (r *reader) typeOf(n ast.Expr) *types.Type { return r.in.ast.NativeRep().GetType(n.ID()) }

func (r *reader) isText(n ast.Expr) bool { return r.typeOf(n).Kind() == types.StringKind }

func (r *reader) isList(n ast.Expr) bool { return r.typeOf(n).Kind() == types.ListKind }

// constant works out what is known without a message; nil if it is not.
func (r *reader) constant(n ast.Expr) ref.Val {
	switch n.Kind() {
	case ast.LiteralKind:
		return n.AsLiteral()
	case ast.IdentKind:
		var v ref.Val
		r.follow(n.AsIdent(), func(n ast.Expr) { v = r.constant(n) })
		return v
	case ast.CallKind:
		return r.constantCall(n.AsCall())
	}
	return nil
}

func (r *reader) constantCall(c ast.CallExpr) ref.Val {
	args := c.Args()
	if c.IsMemberFunction() {
		args = append([]ast.Expr{c.Target()}, args...)
	}
	if len(args) == 0 || len(args) > 2 {
		return nil
	}
	a := r.constant(args[0])
	if a == nil {
		return nil
	}
	var v ref.Val
	switch text, _ := a.(types.String); c.FunctionName() {
	case "duration":
		v = text.ConvertToType(types.DurationType)
	case "timestamp":
		v = a.ConvertToType(types.TimestampType)
	case "lower":
		v = types.String(strings.ToLower(string(text)))
	case "domain":
		v = types.String(domain(strings.ToLower(string(text))))
	case operators.Negate:
		if i, ok := a.(types.Int); ok {
			v = i.Negate()
		}
	case operators.Add:
		b := r.constant(args[1])
		if x, ok := a.(types.String); ok {
			if y, ok := b.(types.String); ok {
				v = x + y
			}
		}
		if x, ok := a.(types.Int); ok && b != nil {
			v = x.Add(b)
		}
	}
	if v == nil || types.IsError(v) {
		return nil
	}
	return v
}
