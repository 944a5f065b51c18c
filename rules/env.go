package rules

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"chancery/config"
)

// The published limits of one expression.
const (
	costLimit   = 1_000_000 // CEL cost units of one evaluation
	maxSource   = 16 << 10  // characters of one expression
	maxNodes    = 10_000    // parts of one expression, macros expanded
	maxNesting  = 2         // loops inside loops
	maxRecovery = 5         // syntax errors told for one expression
	maxRegexp   = 2_000     // instructions of one regular expression
)

// languages holds the environments expressions are compiled in.
type languages struct {
	provider *provider
	mail     *cel.Env // msg, terms, lists, labels, matters
	event    *cel.Env // ev, lists
	withX    map[string]*cel.Env
}

func newLanguages(s *Set, r *config.Rules) (*languages, error) {
	termKind := newKind("terms", termFields(r.Terms))
	listKind := newKind("lists", listFields(r.Lists))
	labelKind := newKind("labels", labelFields(r.Labels))
	p, err := newProvider(messageKind, threadKind, fileKind, hitKind, authKind, inviteKind, billKind, matterKind, moneyKind, eventKind, termKind, listKind, labelKind)
	if err != nil {
		return nil, err
	}
	s.termKind, s.listKind, s.labelKind, s.types = termKind, listKind, labelKind, p.Registry
	base, err := cel.NewEnv(append(functions(p),
		cel.CustomTypeProvider(p), cel.CustomTypeAdapter(p.Registry),
		cel.EnableMacroCallTracking(), cel.DefaultUTCTimeZone(true),
		cel.ParserExpressionSizeLimit(maxSource), cel.ExpressionNodeLimit(maxNodes), cel.ParserErrorRecoveryLimit(maxRecovery),
		cel.RegexProgramSizeLimit(maxRegexp),
		cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals(),
			cel.ValidateComprehensionNestingLimit(maxNesting)),
		cel.Variable("lists", listKind.typ),
	)...)
	if err != nil {
		return nil, err
	}
	l := &languages{provider: p, withX: map[string]*cel.Env{}}
	if l.mail, err = base.Extend(cel.Variable("msg", messageKind.typ), cel.Variable("terms", termKind.typ),
		cel.Variable("labels", labelKind.typ), threadFunction,
		cel.Variable("matters", cel.ListType(matterKind.typ))); err != nil {
		return nil, err
	}
	l.event, err = base.Extend(cel.Variable("ev", eventKind.typ))
	return l, err
}

// extend returns the mail environment with the x of one rule. Rules that
// extract the same have the same.
func (l *languages) extend(entries []config.Extract) (*cel.Env, error) {
	var key strings.Builder
	key.WriteString("x")
	sorted := slices.SortedFunc(slices.Values(entries), func(a, b config.Extract) int {
		return strings.Compare(a.Name.Value, b.Name.Value)
	})
	for _, e := range sorted {
		key.WriteString(" " + e.Name.Value + ":" + e.Kind.Value)
	}
	if env, ok := l.withX[key.String()]; ok {
		return env, nil
	}
	k := extractKind(key.String(), entries)
	l.provider.kinds[k.name] = k
	env, err := l.mail.Extend(cel.Variable("x", k.typ))
	if err == nil {
		l.withX[key.String()] = env
	}
	return env, err
}

// termFields gives terms one field for each set.
func termFields(sets []config.TermSet) map[string]field {
	fields := map[string]field{}
	for i, set := range sets {
		fields[set.Name.Value] = field{cel.ListType(hitKind.typ), func(v any) any { return termOf(v, i) }}
	}
	return fields
}

// listFields gives lists one field for each list.
func listFields(lists []config.List) map[string]field {
	fields := map[string]field{}
	for i, l := range lists {
		fields[l.Name.Value] = field{stringList, func(v any) any { return v.(*Set).lists[i] }}
	}
	return fields
}

// functions are ours beside CEL's own. None of them builds a longer string than
// it was given: that is what the cost limit cannot stop in time.
func functions(p *provider) []cel.EnvOption {
	hits := cel.ListType(hitKind.typ)
	unary := func(do func(s string) string) cel.OverloadOpt {
		return cel.UnaryBinding(func(v ref.Val) ref.Val {
			s, ok := v.(types.String)
			if !ok {
				return types.MaybeNoSuchOverloadErr(v)
			}
			return types.String(do(string(s)))
		})
	}
	within := func(args ...ref.Val) ref.Val {
		l, ok := args[0].(traits.Lister)
		if !ok {
			return types.MaybeNoSuchOverloadErr(args[0])
		}
		for it := l.Iterator(); it.HasNext() == types.True; {
			if r, ok := it.Next().(record); ok && slices.Contains(args[1:], ref.Val(types.String(zoneWords[r.v.(*hit).zone]))) {
				return types.True
			}
		}
		return types.False
	}
	var overloads []cel.FunctionOpt
	for n := 1; n <= 3; n++ {
		args := append([]*cel.Type{hits}, slices.Repeat([]*cel.Type{cel.StringType}, n)...)
		overloads = append(overloads, cel.MemberOverload("hits_within_"+string(rune('0'+n)), args, cel.BoolType, cel.FunctionBinding(within)))
	}
	return []cel.EnvOption{
		cel.Function("is_in", cel.MemberOverload("string_is_in_list", []*cel.Type{cel.StringType, stringList}, cel.BoolType,
			cel.BinaryBinding(isIn))),
		cel.Function("domain", cel.MemberOverload("string_domain", []*cel.Type{cel.StringType}, cel.StringType,
			unary(func(s string) string { return domain(strings.ToLower(s)) }))),
		cel.Function("lower", cel.MemberOverload("string_lower", []*cel.Type{cel.StringType}, cel.StringType, unary(strings.ToLower))),
		cel.Function("within", overloads...),
		distinct(), looksLike(),
	}
}

// scope resolves the variables of one rule for one message.
type scope struct {
	f    *facts
	x    ref.Val
	lets map[string]ref.Val

	files bool // terms are looked for in files too
}

func (s *scope) Parent() cel.Activation { return nil }

func (s *scope) ResolveName(name string) (any, bool) {
	switch name {
	case "msg":
		return record{messageKind, s.f}, true
	case "terms":
		if s.files {
			return record{s.f.set.termKind, &withFiles{s.f}}, true
		}
		return record{s.f.set.termKind, s.f}, true
	case "labels":
		return record{s.f.set.labelKind, s.f}, true
	case "lists":
		return record{s.f.set.listKind, s.f.set}, true
	case "matters":
		return s.f.all(), true
	case "x":
		return s.x, true
	}
	v, ok := s.lets[name]
	return v, ok
}

// all is every matter of the message as a list.
func (f *facts) all() ref.Val {
	if v, ok := f.value["matters"]; ok {
		return v
	}
	named := f.named()
	values := make([]ref.Val, len(named))
	for i := range named {
		values[i] = matterRecord(f.set, &named[i])
	}
	v := types.NewRefValList(f.set.types, values)
	return f.keep("matters", v)
}
