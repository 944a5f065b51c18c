package rules

import (
	"fmt"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"chancery/config"
)

// threadKind is msg.thread: the conversation the message belongs to.
var threadKind = newKind("thread", map[string]field{
	"marks": {stringList, func(v any) any {
		f := v.(*facts)
		return f.list("thread", func() []string { return f.thread })
	}},
})

// threadHas is the function has of a thread.
func threadHas(thread, mark ref.Val) ref.Val {
	t, ok := thread.(record)
	name, isText := mark.(types.String)
	if !ok || !isText {
		return types.MaybeNoSuchOverloadErr(thread)
	}
	return types.Bool(slices.Contains(t.v.(*facts).thread, string(name)))
}

var threadFunction = cel.Function("has", cel.MemberOverload("thread_has_string", []*cel.Type{threadKind.typ, cel.StringType}, cel.BoolType,
	cel.BinaryBinding(threadHas)))

// threadMark checks the mark that a condition asks a thread for.
func (c *compiler) threadMark(call ast.CallExpr, at func(ast.Expr) config.Pos, rule string) {
	var word ast.Expr
	switch {
	case call.FunctionName() == "has" && call.IsMemberFunction() && len(call.Args()) == 1:
		if word = call.Args()[0]; word.Kind() != ast.LiteralKind {
			c.problem(at(word), rule, "has needs the name of a mark in quotes", `write for example msg.thread.has("privileged")`)
			return
		}
	case call.FunctionName() == operators.In && len(call.Args()) == 2 && isThreadMarks(call.Args()[1]):
		word = call.Args()[0]
	default:
		return
	}
	if name, ok := literal(word); ok && !slices.Contains(c.marks, name) {
		c.problem(at(word), rule, fmt.Sprintf("there is no mark %q", name), suggest(name, slices.Clone(c.marks)))
	}
}

func isThreadMarks(n ast.Expr) bool {
	return n.Kind() == ast.SelectKind && n.AsSelect().FieldName() == "marks" && fieldOf(n.AsSelect().Operand(), "msg") == "thread"
}

// asksThread reports whether the condition, or a value it may use, depends on the
// thread.
func (r *rule) asksThread() bool {
	uses := map[string]bool{}
	for _, l := range r.lets {
		l.expr.uses(uses)
	}
	r.when.uses(uses)
	r.unless.uses(uses)
	return uses["msg.thread"]
}

// Threads reports whether some rule that is not off asks about threads.
func (s *Set) Threads() bool {
	return slices.ContainsFunc(s.mail, func(r *rule) bool { return r.mode != modeOff && (r.spreads || r.uses["msg.thread"]) })
}

// Spreads reports whether the condition of a rule asks about the thread: what it
// marks, it marks because other messages are marked.
func (s *Set) Spreads(rule string) bool {
	r := s.rule(rule)
	return r != nil && r.spreads
}
