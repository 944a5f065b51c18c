package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// A claim says something about one value: msg.from is one of these texts,
// msg.size lies between these numbers, some element of msg.to is like that.
type claim struct {
	value string // what it is about, written the same wherever it is meant
	not   bool
	kind  claimKind
	at    node

	turned bool // at stands for its opposite, though not is false

	through string   // between the value and the text that is looked at: "lower", "domain"
	texts   []string // isOneOf
	text    string   // startsWith, endsWith, contains, matches
	re      *regexp.Regexp
	list    *addresses // isIn
	ranges  []span     // isBetween; never with not
	some    *element   // hasOne
}

type claimKind int

const (
	isTrue claimKind = iota
	isOneOf
	startsWith
	endsWith
	contains
	matches
	isInList
	isBetween
	hasOne
)

// element is what one element of a list must be like.
type element struct {
	key         string
	true, false *formula // of the element
}

// claims makes the formula of a condition that has no "and" or "or" on top.
func (r *reader) claims(n ast.Expr, want bool) *formula {
	switch n.Kind() {
	case ast.CallKind:
		if f := r.call(n, n.AsCall(), want); f != nil {
			return f
		}
	case ast.ComprehensionKind:
		if f := r.quantified(n, n.AsComprehension(), want); f != nil {
			return f
		}
	}
	f := r.one(claim{value: r.canon(n), not: !want, at: node{r.in, n}})
	// A matter that is open has been found.
	if s, ok := strings.CutSuffix(f.claim.value, ".open"); ok && want && s == "x.matter" {
		return join(true, f, r.one(claim{value: s + ".found", at: node{r.in, n}}))
	}
	return f
}

func (r *reader) one(c claim) *formula { return &formula{op: oneClaim, claim: c} }

func (r *reader) call(n ast.Expr, c ast.CallExpr, want bool) *formula {
	text := claim{not: !want, at: node{r.in, n}}
	switch name := c.FunctionName(); name {
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return r.compare(n, name, c.Args()[0], c.Args()[1], want)
	case operators.In:
		return r.in2(n, c.Args()[0], c.Args()[1], want)
	case "contains", "startsWith", "endsWith", "matches":
		arg, ok := r.constant(c.Args()[0]).(types.String)
		if !ok || !c.IsMemberFunction() || !r.isText(c.Target()) {
			return nil
		}
		text.kind = map[string]claimKind{"contains": contains, "startsWith": startsWith, "endsWith": endsWith, "matches": matches}[name]
		text.text = string(arg)
		if text.value, text.through = r.subject(c.Target()); text.kind == matches {
			if text.re = r.p.regexp(text.text); text.re == nil {
				return nil
			}
		}
		return r.one(text)
	case "is_in":
		list, from := r.list(c.Args()[0])
		if list == nil {
			return nil
		}
		if len(list.set) == 0 {
			f := constant(!want)
			f.at, f.why = node{r.in, n}, from
			return f
		}
		text.kind, text.list = isInList, list
		if text.value, text.through = r.subject(c.Target()); text.through == "lower" {
			text.through = "" // a list does not look at case
		}
		return r.one(text)
	case "within":
		return r.within(n, c, want)
	}
	return nil
}

// within is exists over the hits of a term set.
func (r *reader) within(n ast.Expr, c ast.CallExpr, want bool) *formula {
	var words []string
	for _, a := range c.Args() {
		w, ok := r.constant(a).(types.String)
		if !ok {
			return nil
		}
		words = append(words, string(w))
	}
	slices.Sort(words)
	where := func(want bool) *formula {
		return r.one(claim{value: "@0.where", kind: isOneOf, not: !want, texts: words, at: node{r.in, n}})
	}
	return r.some(n, c.Target(), &element{key: "@0.where in " + strings.Join(words, ","), true: where(true), false: where(false)}, want)
}

// some makes the claim that a list has an element that is like body. Lists that
// are joined are looked at one by one.
func (r *reader) some(n, list ast.Expr, body *element, want bool) *formula {
	if c := list; c.Kind() == ast.CallKind && c.AsCall().FunctionName() == operators.Add && len(c.AsCall().Args()) == 2 {
		return join(!want, r.some(n, c.AsCall().Args()[0], body, want), r.some(n, c.AsCall().Args()[1], body, want))
	}
	f := constant(!want)
	f.at = node{r.in, n}
	if body.true.op == impossible {
		return f
	}
	if why, empty := r.empty(list); empty {
		f.why = why
		return f
	}
	return r.one(claim{value: r.canon(list), kind: hasOne, not: !want, some: body, at: node{r.in, n}})
}

// empty reports whether a list certainly has no element, and says which.
func (r *reader) empty(n ast.Expr) (string, bool) {
	if n.Kind() == ast.ListKind && n.AsList().Size() == 0 {
		return "", true
	}
	if name := fieldOf(n, "terms"); name != "" && r.loop["terms"] == "" && r.p.noTerms[name] {
		return "terms." + name, true
	}
	if name := fieldOf(n, "lists"); name != "" && r.loop["lists"] == "" {
		if l := r.p.lists[name]; l != nil && len(l.set) == 0 {
			return "lists." + name, true
		}
	}
	return "", false
}

// list gives the entries of a list of addresses that is known at load.
func (r *reader) list(n ast.Expr) (list *addresses, name string) {
	if name := fieldOf(n, "lists"); name != "" && r.loop["lists"] == "" {
		return r.p.lists[name], "lists." + name
	}
	var entries []string
	switch n.Kind() {
	case ast.ListKind:
		for _, e := range n.AsList().Elements() {
			s, ok := r.constant(e).(types.String)
			if !ok {
				return nil, ""
			}
			entries = append(entries, string(s))
		}
	case ast.CallKind:
		if c := n.AsCall(); c.FunctionName() == operators.Add && len(c.Args()) == 2 {
			a, _ := r.list(c.Args()[0])
			b, _ := r.list(c.Args()[1])
			if a == nil || b == nil {
				return nil, ""
			}
			for e := range a.set {
				entries = append(entries, e)
			}
			for e := range b.set {
				entries = append(entries, e)
			}
			break
		}
		return nil, ""
	case ast.IdentKind:
		r.follow(n.AsIdent(), func(n ast.Expr) { list, name = r.list(n) })
		return list, name
	default:
		return nil, ""
	}
	out := &addresses{set: make(map[string]struct{}, len(entries))}
	for _, e := range entries {
		// As is_in takes them: no blanks are cut off.
		out.set[strings.TrimPrefix(strings.ToLower(e), "@")] = struct{}{}
	}
	return out, ""
}

// quantified reads exists and all, which macros have made loops of.
func (r *reader) quantified(n ast.Expr, c ast.ComprehensionExpr, want bool) *formula {
	step, init := c.LoopStep(), c.AccuInit()
	if c.HasIterVar2() || step.Kind() != ast.CallKind || init.Kind() != ast.LiteralKind || c.Result().Kind() != ast.IdentKind || r.deep > maxFormula {
		return nil
	}
	all := false
	switch f := step.AsCall().FunctionName(); {
	case f == operators.LogicalOr && init.AsLiteral() == types.False:
	case f == operators.LogicalAnd && init.AsLiteral() == types.True:
		all = true
	default:
		return nil
	}
	args := step.AsCall().Args()
	if len(args) != 2 || args[0].Kind() != ast.IdentKind || args[0].AsIdent() != c.AccuVar() {
		return nil
	}
	body := r.element(c.IterVar(), args[1], all)
	if all { // no element for which it is false
		return r.some(n, c.IterRange(), body, !want)
	}
	return r.some(n, c.IterRange(), body, want)
}

// element reads the body of a loop; of "all" it is turned round.
func (r *reader) element(name string, n ast.Expr, flip bool) *element {
	before := r.loop
	r.loop = map[string]string{}
	for k, v := range before {
		r.loop[k] = v
	}
	r.loop[name] = "@" + strconv.Itoa(len(before))
	r.deep++
	e := &element{key: r.canon(n), true: r.formula(n, !flip), false: r.formula(n, flip)}
	if flip {
		e.key = "!" + e.key
	}
	r.loop = before
	r.deep--
	return e
}

// in2 is "value in list": one of known texts, or a list that has an element.
func (r *reader) in2(n, value, list ast.Expr, want bool) *formula {
	if v, ok := r.constant(value).(types.String); ok {
		is := func(want bool) *formula {
			return r.one(claim{value: "@0", kind: isOneOf, not: !want, texts: []string{string(v)}, at: node{r.in, n}})
		}
		return r.some(n, list, &element{key: "@0 in " + strconv.Quote(string(v)), true: is(true), false: is(false)}, want)
	}
	if list.Kind() != ast.ListKind {
		return nil
	}
	var parts []*formula
	for _, e := range list.AsList().Elements() {
		parts = append(parts, r.compare(n, operators.Equals, value, e, want))
	}
	if len(parts) == 0 {
		f := constant(!want)
		f.at = node{r.in, n}
		return f
	}
	return oneOfTexts(join(!want, parts...), node{r.in, n})
}

// oneOfTexts makes one claim of "is a, or is b".
func oneOfTexts(f *formula, at node) *formula {
	if f.op != anyOf && f.op != allOf {
		return f
	}
	first := f.parts[0].claim
	out := first
	out.texts, out.at = nil, at
	for _, p := range f.parts {
		c := p.claim
		if p.op != oneClaim || c.kind != isOneOf || c.value != first.value || c.through != first.through || c.not != (f.op == allOf) {
			return f
		}
		out.texts = append(out.texts, c.texts...)
	}
	slices.Sort(out.texts)
	out.texts = slices.Compact(out.texts)
	return &formula{op: oneClaim, claim: out}
}

// compare makes the claim of ==, <, <=, > or >= between a value and a constant.
func (r *reader) compare(n ast.Expr, op string, a, b ast.Expr, want bool) *formula {
	at := node{r.in, n}
	ca, cb := r.constant(a), r.constant(b)
	switch {
	case ca != nil && cb != nil:
		if v, ok := constantly(op, ca, cb); ok {
			f := constant(v == want)
			f.at = at
			return f
		}
	case ca != nil:
		a, b, ca, cb = b, a, cb, ca
		op = map[string]string{operators.Less: operators.Greater, operators.LessEquals: operators.GreaterEquals,
			operators.Greater: operators.Less, operators.GreaterEquals: operators.LessEquals, operators.Equals: operators.Equals}[op]
	}
	if cb != nil {
		if s, ok := cb.(types.String); ok && op == operators.Equals {
			c := claim{kind: isOneOf, not: !want, texts: []string{string(s)}, at: at}
			c.value, c.through = r.subject(a)
			return r.one(c)
		}
		if than, ok := numberOf(cb); ok {
			return r.ranged(n, op, than, a, want)
		}
	}
	x, y := r.canon(a), r.canon(b)
	if x == y && total(r.in) {
		return constant((op != operators.Less && op != operators.Greater) == want)
	}
	if op == operators.Equals && y < x {
		x, y = y, x
	}
	return r.one(claim{value: fmt.Sprintf("%s(%s,%s)", op, x, y), not: !want, at: at})
}

func (r *reader) ranged(n ast.Expr, op string, than number, a ast.Expr, want bool) *formula {
	if list := sizeOf(a); list != nil {
		if f := r.filled(n, list, op, than, want); f != nil {
			return f
		}
	}
	spans := spansOf(op, than)
	if !want {
		spans = others(spans)
	}
	value := r.canon(a)
	if low, ok := r.least(a); ok {
		spans = meet(spans, []span{{low, highest}})
	}
	if len(spans) == 0 {
		f := constant(false)
		f.at = node{r.in, n}
		return f
	}
	return r.one(claim{value: value, kind: isBetween, ranges: spans, turned: !want, at: node{r.in, n}})
}

// least is the smallest number some values can be.
func (r *reader) least(n ast.Expr) (number, bool) {
	if sizeOf(n) != nil {
		return number{}, true
	}
	switch fieldOf(n, "msg") + fieldOf(n, "ev") {
	case "age", "people_count", "duration":
		return number{}, true
	}
	return number{}, false
}

// filled knows that size() > 0 asks for an element.
func (r *reader) filled(n, list ast.Expr, op string, than number, want bool) *formula {
	one, zero := number{sec: 1}, number{}
	switch {
	case op == operators.Greater && than == zero, op == operators.GreaterEquals && than == one:
	case op == operators.Equals && than == zero, op == operators.Less && than == one, op == operators.LessEquals && than == zero:
		want = !want
	default:
		return nil
	}
	if list.Kind() == ast.IdentKind {
		var f *formula
		if r.follow(list.AsIdent(), func(list ast.Expr) { f = r.filled(n, list, operators.Greater, zero, want) }) {
			return f
		}
	}
	if !r.isList(list) {
		return nil
	}
	if from, name, body, ok := filtered(list); ok {
		return r.some(n, from, r.element(name, body, false), want)
	}
	return r.some(n, list, &element{key: "true", true: constant(true), false: constant(false)}, want)
}

// constantly compares two constants.
func constantly(op string, a, b ref.Val) (result, ok bool) {
	if op == operators.Equals {
		v, ok := a.Equal(b).(types.Bool)
		return bool(v), ok
	}
	x, okx := numberOf(a)
	y, oky := numberOf(b)
	if !okx || !oky {
		return false, false
	}
	return len(meet(spansOf(op, y), []span{{x, x}})) > 0, true
}
