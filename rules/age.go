package rules

import (
	"slices"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// ageing is what a rule that asks for the age of a message needs to say when the
// message must be decided again.
type ageing struct {
	at           []time.Duration // ages at which a comparison changes, in order
	names        []string
	lets         []cel.Program // as in the rule, but they may leave open what time changes
	when, unless cel.Program
	files        bool // as in the rule
}

// A comparison with > changes when the age is passed. Servers tell the time of
// arrival in seconds (RFC 9051 section 2.3.3), so the next one is soon enough.
const passed = time.Second

// changing is what may be otherwise when a message is decided again. Everything
// else about it stays as it is.
var changing = []string{"age", "answered", "seen", "flagged", "flags", "thread"}

// ageingOf finds the ages a rule compares with; nil if there are none. What it
// does not understand it tells: such a rule would wait for ever.
func (c *compiler) ageingOf(out *rule) *ageing {
	if out.mode == modeOff {
		return nil
	}
	a := ager{lets: map[string]ast.Expr{}}
	exprs := []*expression{}
	for _, l := range out.lets {
		a.lets[l.name] = l.expr.root()
		exprs = append(exprs, l.expr)
	}
	for _, e := range append(exprs, out.when, out.unless) {
		if e == nil {
			continue
		}
		if odd := a.read(e); odd != nil {
			c.warn(placeOf(node{e, odd}), out.name, "nothing wakes the rule when this changes with the age of the message",
				`compare msg.age with a duration: msg.age > duration("72h")`)
			return nil
		}
	}
	if len(a.at) == 0 {
		return nil
	}
	slices.Sort(a.at)
	t := &ageing{at: slices.Compact(a.at), files: out.files}
	for _, l := range out.lets {
		t.names, t.lets = append(t.names, l.name), append(t.lets, partial(l.expr))
	}
	t.when, t.unless = partial(out.when), partial(out.unless)
	return t
}

// partial plans an expression of which some facts may be left open.
func partial(e *expression) cel.Program {
	if e == nil {
		return nil
	}
	run, err := e.env.Program(e.ast, cel.EvalOptions(cel.OptPartialEval), cel.CostLimit(costLimit))
	if err != nil {
		return nil
	}
	return run
}

// ager reads comparisons with msg.age.
type ager struct {
	lets map[string]ast.Expr
	at   []time.Duration
}

// read collects the comparisons of one expression and returns a use of the age
// that is none.
func (a *ager) read(e *expression) (odd ast.Expr) {
	if a.isAge(e.root()) {
		return nil // a let that only renames it
	}
	known := map[int64]bool{}
	ast.PreOrderVisit(e.root(), ast.NewExprVisitor(func(n ast.Expr) {
		if n.Kind() == ast.CallKind {
			a.comparison(n.AsCall(), known)
		}
		if a.isAge(n) && !known[n.ID()] && odd == nil {
			odd = n
		}
	}))
	return odd
}

func (a *ager) comparison(call ast.CallExpr, known map[int64]bool) {
	after := map[string]time.Duration{
		operators.Greater: passed, operators.LessEquals: passed, operators.GreaterEquals: 0, operators.Less: 0,
	}
	mirrored := map[string]string{
		operators.Greater: operators.Less, operators.Less: operators.Greater,
		operators.GreaterEquals: operators.LessEquals, operators.LessEquals: operators.GreaterEquals,
	}
	op := call.FunctionName()
	if _, ok := after[op]; !ok || len(call.Args()) != 2 {
		return
	}
	age, limit := call.Args()[0], call.Args()[1]
	if a.isAge(limit) {
		age, limit, op = limit, age, mirrored[op]
	}
	if d, ok := a.limit(limit); ok && a.isAge(age) {
		known[age.ID()] = true
		a.at = append(a.at, d+after[op])
	}
}

// isAge reports whether n is msg.age, or a let that stands for it.
func (a *ager) isAge(n ast.Expr) bool {
	for range len(a.lets) + 1 {
		if fieldOf(n, "msg") == "age" {
			return true
		}
		if n = a.letOf(n); n == nil {
			return false
		}
	}
	return false
}

// limit is the value of a duration that is written in the rule.
func (a *ager) limit(n ast.Expr) (time.Duration, bool) {
	for range len(a.lets) + 1 {
		if n.Kind() == ast.CallKind && n.AsCall().FunctionName() == "duration" && len(n.AsCall().Args()) == 1 {
			s, ok := literal(n.AsCall().Args()[0])
			d, err := time.ParseDuration(s)
			return d, ok && err == nil
		}
		if n = a.letOf(n); n == nil {
			return 0, false
		}
	}
	return 0, false
}

func (a *ager) letOf(n ast.Expr) ast.Expr {
	if n.Kind() != ast.IdentKind {
		return nil
	}
	return a.lets[n.AsIdent()]
}

// next is when a message that arrived at some time must be decided again for the
// rule; zero if never. now is when it is decided.
func (t *ageing) next(arrived, now time.Time) time.Time {
	if arrived.IsZero() {
		return time.Time{}
	}
	for _, d := range t.at {
		if at := arrived.Add(d); at.After(now) {
			return at
		}
	}
	return time.Time{}
}

// open reports whether the rule could still match a message when it is older,
// flagged or answered: nearly no message is worth a second look.
func (t *ageing) open(f *facts, x ref.Val) bool {
	sc := &scope{f: f, x: x, lets: map[string]ref.Val{}, files: t.files}
	patterns := make([]*cel.AttributePatternType, len(changing))
	for i, name := range changing {
		patterns[i] = cel.AttributePattern("msg").QualString(name)
	}
	vars, err := cel.PartialVars(sc, patterns...)
	if err != nil {
		return true
	}
	return t.steady(sc, vars)
}

func (t *ageing) steady(sc *scope, vars cel.Activation) bool {
	for i, run := range t.lets {
		v, ok := value(run, vars)
		if !ok {
			return true
		}
		sc.lets[t.names[i]] = v
	}
	if v, ok := value(t.when, vars); ok && v == types.False {
		return false
	}
	v, ok := value(t.unless, vars)
	return !ok || v != types.True
}

// later notes when the message must be decided again for a rule.
func (d *decision) later(r *rule, x ref.Val) {
	at := r.ages.next(d.f.arrived(), d.f.now)
	if at.IsZero() || d.released[r.name] && !r.stop || !d.plan.LookAgain.IsZero() && !at.Before(d.plan.LookAgain) || !r.ages.open(d.f, x) {
		return
	}
	d.plan.LookAgain = at
}

func value(run cel.Program, vars cel.Activation) (ref.Val, bool) {
	if run == nil {
		return nil, false
	}
	v, _, err := run.Eval(vars)
	return v, err == nil
}
