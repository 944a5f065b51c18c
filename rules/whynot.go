package rules

import (
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/interpreter"

	"chancery/config"
	"chancery/internal/model"
)

// WhyNot is why one rule does not act on a message, or why it does.
type WhyNot struct {
	Verdict
	Gates   []Gate
	Clauses model.Private[[]Clause]
}

// Gate is something outside the condition that must let the rule through.
type Gate struct {
	Name string // "mode", "account", "folder", "people", "old", "own", "stop"
	Open bool
	Why  string
}

// Clause is one condition of a rule. Those of one WhyNot must all stand as they
// should: every part of when true, every part of unless false.
type Clause struct {
	Clause string // "when" or "unless"
	Text   string
	Place  string
	Value  string
	Good   bool     // it stands as it should
	First  bool     // the first that does not
	Parts  []Clause // what it is made of
	Either bool     // Parts are alternatives; else they belong together
	Inner  []Inner
	// Otherwise says what would have to be otherwise, if it does not stand as it
	// should.
	Otherwise []string
}

// WhyNot explains one rule for one message; false if there is no such rule.
func (s *Set) WhyNot(name string, c model.Change, v model.View) (WhyNot, bool) {
	i := slices.IndexFunc(s.mail, func(r *rule) bool { return r.name == name })
	if i < 0 || c.Message == nil {
		return WhyNot{}, false
	}
	r := s.of(c.Message.Ref.Source, i)
	f := newFacts(s, c, v)
	out := WhyNot{Verdict: s.explainRule(f, r, v), Gates: s.gatesOf(f, r, c, v)}
	sc, _ := r.scopeFor(f, nil)
	if _, err := r.match(sc); err != nil && len(r.lets) > len(sc.lets) {
		return out, true // a let failed: Detail.Error says so
	}
	p := prober{set: s, f: f, rule: r, vars: sc}
	clauses := append(p.clauses("when", r.when), p.clauses("unless", r.unless)...)
	if at := slices.IndexFunc(clauses, func(c Clause) bool { return !c.Good }); at >= 0 {
		clauses[at].First = true
	}
	out.Clauses = model.Hide(clauses)
	return out, true
}

// gatesOf looks at all that keeps a rule from being asked or from acting.
func (s *Set) gatesOf(f *facts, r *rule, c model.Change, v model.View) []Gate {
	mode := Gate{"mode", r.mode == config.Enforce, "mode: " + string(r.mode)}
	if r.switched != "" {
		mode.Why += ", as people of this account switched it at " + r.switched
	}
	source := c.Message.Ref.Source
	account := Gate{"account", r.isFor(source), "it is for every mail account"}
	if len(r.accounts) > 0 {
		account.Why = "it is for " + listed(r.accounts) + "; the message is in " + string(source)
	}
	folder := Gate{"folder", looksAt(r.folders, string(c.Message.Ref.Mailbox)), "it looks at every followed mailbox"}
	if len(r.folders) > 0 {
		folder.Why = "it looks at " + listed(r.folders) + "; the message lies in " + string(c.Message.Ref.Mailbox)
	}
	people := Gate{"people", !v.Released[r.name], "nobody overruled it for this message"}
	if !people.Open {
		people.Why = "a person overruled it for this message: it never acts on it again"
	}
	out := []Gate{mode, account, folder, people}
	if c.Message.Old {
		out = append(out, Gate{"old", false, "the message was there before the first start"})
	}
	if c.Message.Own {
		out = append(out, Gate{"own", false, "chancery wrote this message itself"})
	}
	stop := Gate{"stop", true, "no rule above it stops"}
	for i := range r.order {
		above := s.of(source, i)
		if !above.isFor(source) || above.user && !r.user {
			continue
		}
		if !above.stop || above.mode != config.Enforce || !looksAt(above.folders, string(c.Message.Ref.Mailbox)) {
			continue
		}
		sc, _ := above.scopeFor(f, nil)
		if ok, err := above.match(sc); err == nil && ok {
			stop = Gate{"stop", false, "rule " + above.name + " at " + above.place + " matches, comes first and says stop"}
			break
		}
	}
	return append(out, stop)
}

func listed(names []string) string {
	out := ""
	for i, n := range names {
		if i > 0 {
			out += ", "
		}
		out += n
	}
	return out
}

// prober asks the parts of one rule's conditions for their values.
type prober struct {
	set  *Set
	f    *facts // nil of an event
	rule *rule  // nil of a rank
	vars cel.Activation
}

// clauses divides a condition into the parts of which each must hold, or none.
func (p *prober) clauses(clause string, e *expression) []Clause {
	if e == nil {
		return nil
	}
	divide := operators.LogicalAnd
	if clause == "unless" {
		divide = operators.LogicalOr // none of its alternatives may hold
	}
	state := e.stateOf(p.vars)
	var out []Clause
	for _, n := range split(e.root(), divide, nil) {
		out = append(out, p.clause(clause, e, state, n))
	}
	return out
}

func (p *prober) clause(clause string, e *expression, state interpreter.EvalState, n ast.Expr) Clause {
	want := clause == "when"
	out := Clause{Clause: clause, Text: e.textOf(n), Place: e.placeOf(n).String(), Value: valueOf(state, n)}
	out.Good = out.Value == display(types.Bool(want))
	for _, operator := range []string{operators.LogicalOr, operators.LogicalAnd} {
		parts := split(n, operator, nil)
		if len(parts) < 2 {
			continue
		}
		out.Either = operator == operators.LogicalOr
		for _, part := range parts {
			out.Parts = append(out.Parts, p.clause(clause, e, state, part))
		}
		return out
	}
	out.Inner = e.inner(state, n)
	if !out.Good {
		out.Otherwise = p.otherwise(e, state, n, want)
	}
	return out
}

// split takes an expression apart at one operator.
func split(n ast.Expr, operator string, out []ast.Expr) []ast.Expr {
	if n.Kind() == ast.CallKind && n.AsCall().FunctionName() == operator {
		for _, a := range n.AsCall().Args() {
			out = split(a, operator, out)
		}
		return out
	}
	return append(out, n)
}
