package rules

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"
	"cel.dev/cel-go/parser"

	"chancery/config"
	"chancery/internal/model"
)

// Verdict is what one rule says about one item.
type Verdict struct {
	Rule    string
	Place   string // file:line:col of the rule
	Mode    config.Mode
	Matched bool
	// Switched is the file:line:col in users.d where people of the account changed
	// the rule; "" if they did not.
	Switched string
	// Outcome is why it has an effect or none: "acts", "observe", "released",
	// "no match", "unless", "off", "account", "folder", "stopped", "old", "own", "cost",
	// "error"; for a calendar "ranked" or "ignored".
	Outcome string
	Detail  model.Private[Detail]
}

// Detail is the content of a verdict, for the eyes of an authorised person.
type Detail struct {
	Parts  []Part   // the conditions the rule is made of
	Words  []string // "attorney client" in the subject
	Places []string // every word of the rule's terms with zone and place, also where it does not count
	Values []Value  // of let, extract and the built-in x
	Would  []string // "mark privileged", "file Billing/Acme"
	Error  string
}

// Part is one condition inside when or unless, with its value.
type Part struct {
	Clause string // "when" or "unless"
	Text   string
	Place  string
	Value  string // "true", "false", or what went wrong
	Inner  []Inner
}

// Value is a named value.
type Value struct {
	Name, Value string
}

// Explain asks every rule about the change, in their order, and says of each why
// it matches or not. For Look it says how each event is ranked.
func (s *Set) Explain(c model.Change, v model.View) []Verdict {
	if c.Op == model.Look {
		return s.explainLook(v)
	}
	if c.Message == nil {
		return nil
	}
	f := newFacts(s, c, v)
	source := c.Message.Ref.Source
	var stop stopping
	out := make([]Verdict, 0, len(s.mail))
	for i := range s.mail {
		r := s.of(source, i)
		if r.user && !r.isFor(source) {
			continue // what other people wrote for themselves
		}
		d := s.explainRule(f, r, v)
		switch {
		case r.mode == config.Off:
			d.Outcome = "off"
		case !r.isFor(source):
			d.Outcome = "account"
		case !looksAt(r.folders, string(c.Message.Ref.Mailbox)):
			d.Outcome = "folder"
		case c.Message.Own:
			d.Outcome = "own"
		case c.Message.Old:
			d.Outcome = "old"
		case stop.passes(r):
			d.Outcome = "stopped"
		case d.Matched:
			stop.matched(r)
		}
		out = append(out, d)
	}
	return out
}

func (s *Set) explainRule(f *facts, r *rule, v model.View) Verdict {
	out := Verdict{Rule: r.name, Place: r.place, Mode: r.mode, Switched: r.switched, Outcome: "no match"}
	sc, x := r.scopeFor(f, nil)
	var d Detail
	ok, err := r.match(sc)
	d.Parts = append(parts("when", r.when, sc), parts("unless", r.unless, sc)...)
	d.Words, d.Places = r.told(f), r.places(f)
	d.Values = r.values(sc, x)
	switch {
	case err != nil:
		out.Outcome, d.Error = failure(err), err.Error()
	case ok:
		out.Matched, d.Would = true, r.would(sc)
		veto := ""
		switch {
		case f.held() != nil:
			veto = whatLegalHold
		case !r.doubts && f.doubtful():
			veto = whatDoubt
		}
		for i, does := range d.Would {
			if veto != "" && strings.HasPrefix(does, "file ") {
				d.Would[i] = veto + ": " + does
			}
		}
		switch {
		case v.Released[r.name]:
			out.Outcome = whatReleased
		case r.mode == config.Enforce:
			out.Outcome = "acts"
		default:
			out.Outcome = whatObserve
		}
	default:
		if held, err := r.when.holds(sc); err == nil && held {
			out.Outcome = "unless"
		} else if len(f.candidatesOf(r)) > 1 {
			out.Outcome = whatAmbiguous
			d.Error = "several matters: " + numbers(f.candidates())
		}
	}
	out.Detail = model.Hide(d)
	return out
}

// would lists the actions in words.
func (r *rule) would(sc *scope) []string {
	var out []string
	for _, a := range r.actions {
		if a.letter != nil {
			out = append(out, a.letter.would(sc))
			continue
		}
		if a.file == nil {
			out = append(out, "mark "+a.mark.Name)
			continue
		}
		path, missing, err := a.file.render(sc)
		switch {
		case err != nil:
			out = append(out, "file nowhere: "+err.Error())
		case missing != "":
			out = append(out, "file nowhere: nothing to put for "+missing)
		default:
			out = append(out, "file "+strings.Join(path, "/"))
		}
	}
	return out
}

// values lists what the rule names and reads.
func (r *rule) values(sc *scope, x *extracted) []Value {
	var out []Value
	for _, l := range r.lets {
		if v, ok := sc.lets[l.name]; ok {
			out = append(out, Value{l.name, shortened(display(v))})
		}
	}
	for _, name := range sortedKeys(r.uses) {
		if field, ok := strings.CutPrefix(name, "x."); ok {
			shown := x.show(field)
			if shown == "" {
				shown = "none"
			}
			out = append(out, Value{name, shortened(shown)})
		}
	}
	return out
}

// display writes a value for a person.
func display(v ref.Val) string {
	switch v := v.(type) {
	case types.String:
		return fmt.Sprintf("%q", shortened(string(v)))
	case traits.Lister:
		var list []string
		for it := v.Iterator(); it.HasNext() == types.True; {
			if len(list) == maxWhyWords {
				list = append(list, "...")
				break
			}
			list = append(list, display(it.Next()))
		}
		return "[" + strings.Join(list, ", ") + "]"
	case record:
		return v.kind.name
	case types.Timestamp:
		return v.UTC().Format("2006-01-02 15:04 UTC")
	}
	return fmt.Sprint(v.Value())
}

// parts evaluates every condition inside an expression, also those that a short
// cut would leave out.
func parts(clause string, e *expression, vars cel.Activation) []Part {
	if e == nil {
		return nil
	}
	run, err := e.env.Program(e.ast, cel.EvalOptions(cel.OptExhaustiveEval), cel.CostLimit(costLimit))
	if err != nil {
		return nil
	}
	_, details, _ := run.Eval(vars)
	state := details.State()
	var out []Part
	for _, leaf := range conditions(e.root(), nil) {
		out = append(out, Part{Clause: clause, Text: e.textOf(leaf), Place: e.placeOf(leaf).String(), Value: valueOf(state, leaf), Inner: e.inner(state, leaf)})
	}
	return out
}

func valueOf(state interpreter.EvalState, n ast.Expr) string {
	if n.Kind() == ast.LiteralKind {
		return display(n.AsLiteral())
	}
	if state == nil {
		return "not evaluated"
	}
	v, ok := state.Value(n.ID())
	if !ok {
		return "not evaluated"
	}
	if e, isErr := v.(*types.Err); isErr {
		return "error: " + e.String()
	}
	return display(v)
}

// conditions splits at && and ||.
func conditions(n ast.Expr, out []ast.Expr) []ast.Expr {
	if n.Kind() == ast.CallKind {
		if f := n.AsCall().FunctionName(); f == operators.LogicalAnd || f == operators.LogicalOr {
			for _, a := range n.AsCall().Args() {
				out = conditions(a, out)
			}
			return out
		}
	}
	return append(out, n)
}

// textOf writes a condition the way CEL would.
func (e *expression) textOf(n ast.Expr) string {
	s, err := parser.Unparse(n, e.ast.NativeRep().SourceInfo())
	if err != nil {
		return "?"
	}
	return shortened(s)
}

// placeOf finds the first character of a condition in its file.
func (e *expression) placeOf(n ast.Expr) config.Pos {
	info := e.ast.NativeRep().SourceInfo()
	line, col := 0, 0
	ast.PreOrderVisit(n, ast.NewExprVisitor(func(n ast.Expr) {
		at := info.GetStartLocation(n.ID())
		if at.Line() > 0 && (line == 0 || at.Line() < line || at.Line() == line && at.Column() < col) {
			line, col = at.Line(), at.Column()
		}
	}))
	return e.at.At(line, col+1)
}

// explainLook says how every event is ranked.
func (s *Set) explainLook(v model.View) []Verdict {
	if s.calendar.mode == config.Off || s.calendar.mode == "" {
		return nil
	}
	r := newRanker(s, &v)
	var out []Verdict
	for i := range v.Agenda {
		e := &v.Agenda[i]
		series := e.Body.Reveal()
		o := series.Master
		if o == nil && len(series.Overrides) > 0 {
			o = &series.Overrides[0]
		}
		if o == nil {
			continue
		}
		got := r.rank(e, o)
		d := Verdict{Rule: got.Name, Place: got.Place, Mode: s.calendar.mode, Matched: got.Place != "", Outcome: "ranked"}
		if got.Ignore {
			d.Outcome = "ignored"
		}
		d.Detail = model.Hide(Detail{Values: []Value{{"event", o.Summary}, {"rank", fmt.Sprint(got.Rank)}}})
		out = append(out, d)
	}
	return out
}
