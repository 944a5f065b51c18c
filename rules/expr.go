package rules

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"chancery/config"
)

// expression is one compiled CEL expression.
type expression struct {
	at  config.Expr
	env *cel.Env
	ast *cel.Ast
	run cel.Program

	files bool // its rule names the zone of attached files
}

// compiler collects the problems of one rule set.
type compiler struct {
	set   *Set
	langs *languages
	errs  config.Errors
	hints *hints
	lists map[string]int // entries of each list
	marks []string       // names
}

func (c *compiler) problem(pos config.Pos, rule, problem, hint string) {
	c.errs = append(c.errs, config.Error{Pos: pos, Rule: rule, Problem: problem, Hint: hint})
}

func (c *compiler) warn(pos config.Pos, rule, problem, hint string) {
	c.errs = append(c.errs, config.Error{Pos: pos, Rule: rule, Problem: problem, Hint: hint, Warning: true})
}

// compile reads, checks and plans one expression; nil if it has a problem,
// which has then been told.
func (c *compiler) compile(env *cel.Env, e config.Expr, rule string) *expression {
	checked, ok := c.check(env, e, rule)
	if !ok {
		return nil
	}
	run, err := env.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(costLimit))
	if err != nil {
		c.problem(e.Pos, rule, "plan expression: "+err.Error(), "")
		return nil
	}
	return &expression{at: e, env: env, ast: checked, run: run}
}

// check type-checks. The library has panicked on hostile text before; a panic is
// a problem of that expression.
func (c *compiler) check(env *cel.Env, e config.Expr, rule string) (checked *cel.Ast, ok bool) {
	defer func() {
		if r := recover(); r != nil {
			c.problem(e.Pos, rule, "expression cannot be read", "write it in a simpler way")
			checked, ok = nil, false
		}
	}()
	checked, issues := env.Compile(e.Source)
	if len(issues.Errors()) == 0 { // Err would write all of them, which takes seconds for many
		linted := c.lint(checked.NativeRep(), e, rule)
		return checked, c.settled(checked, e, rule) && linted && c.cost(env, checked, e, rule)
	}
	told := 0
	for _, err := range issues.Errors() {
		if told++; told > maxRecovery {
			break
		}
		line, col := 1, 1
		if err.Location != nil && err.Location.Line() > 0 {
			line, col = err.Location.Line(), err.Location.Column()+1
		}
		problem, hint, column := c.explain(env, e, err.Message, line, col-1)
		c.problem(e.At(line, column+1), rule, problem, hint)
		if strings.HasPrefix(err.Message, "Syntax error") || strings.HasPrefix(err.Message, tooMany) {
			break // what follows the first is mostly noise
		}
	}
	return nil, false
}

// condition compiles an expression that must be true or false.
func (c *compiler) condition(env *cel.Env, e config.Expr, rule string) *expression {
	x := c.compile(env, e, rule)
	if x == nil {
		return nil
	}
	if t := x.ast.OutputType(); t != cel.BoolType {
		c.problem(e.Pos, rule, fmt.Sprintf("condition gives %s, not true or false", typeName(t)), c.compareHint(t))
		return nil
	}
	return x
}

// typeName says a type in the words of the manual.
func typeName(t *cel.Type) string {
	switch t.Kind() {
	case types.StringKind:
		return "text"
	case types.IntKind, types.UintKind, types.DoubleKind:
		return "a number"
	case types.ListKind:
		return "a list"
	case types.TimestampKind:
		return "a time"
	case types.DurationKind:
		return "a duration"
	case types.BoolKind:
		return "true or false"
	}
	return t.TypeName()
}

func (c *compiler) compareHint(t *cel.Type) string {
	switch t.Kind() {
	case types.StringKind:
		return `compare it, e.g. == "..." or .contains("...")`
	case types.ListKind:
		return "ask for .size() > 0 or .exists(e, ...)"
	case types.IntKind, types.DurationKind, types.TimestampKind:
		return "compare it with > or <"
	}
	if k := c.langs.provider.kinds[t.TypeName()]; k != nil {
		return "ask for a field of it: " + strings.Join(k.names(), ", ")
	}
	return ""
}

// holds evaluates a condition.
func (e *expression) holds(vars cel.Activation) (bool, error) {
	v, err := e.eval(vars)
	if err != nil {
		return false, err
	}
	b, ok := v.(types.Bool)
	return ok && bool(b), nil
}

func (e *expression) eval(vars cel.Activation) (ref.Val, error) {
	v, _, err := e.run.Eval(vars)
	if err != nil {
		return nil, fmt.Errorf("evaluate expression: %w", err)
	}
	return v, nil
}

// root is the checked tree.
func (e *expression) root() ast.Expr { return e.ast.NativeRep().Expr() }

// uses collects the fields of our variables that the expression reads, as
// "msg.subject", "terms.privilege", "x.total", and the plain names, as "strangers".
func (e *expression) uses(into map[string]bool) {
	if e == nil {
		return
	}
	ast.PreOrderVisit(e.root(), ast.NewExprVisitor(func(n ast.Expr) {
		switch n.Kind() {
		case ast.IdentKind:
			into[n.AsIdent()] = true
		case ast.SelectKind:
			if op := n.AsSelect().Operand(); op.Kind() == ast.IdentKind {
				into[op.AsIdent()+"."+n.AsSelect().FieldName()] = true
			}
		}
	}))
}
