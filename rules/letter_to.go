package rules

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"chancery/config"
	"chancery/internal/model"
)

// recipients is who a letter goes to: addresses with "," between them, or one
// expression that gives a list.
type recipients struct {
	source string
	parts  []letterPart
}

func (c *compiler) recipients(env *cel.Env, t *config.Template, rule string) *recipients {
	out := &recipients{source: t.Text.Value}
	for _, p := range t.Parts {
		if p.Expr == nil {
			out.parts = append(out.parts, letterPart{literal: p.Literal})
			continue
		}
		e := c.compile(env, *p.Expr, rule)
		if e == nil {
			continue
		}
		switch kind := e.ast.OutputType(); {
		case kind.Kind() == types.StringKind:
		case isTexts(kind) && len(t.Parts) == 1:
		case isTexts(kind):
			c.problem(p.Expr.Pos, rule, "a list of addresses stands beside other text", "write the list alone, or add the address to it: list + ['a@b.example']")
		default:
			c.problem(p.Expr.Pos, rule, "to: needs addresses, this is "+typeName(kind), `write for example "{{msg.from}}" or "{{msg.to}}"`)
		}
		out.parts = append(out.parts, letterPart{expr: e})
	}
	if len(t.Parts) == 1 && t.Parts[0].Expr == nil {
		for one := range strings.SplitSeq(t.Parts[0].Literal, ",") {
			if !isAddress(strings.TrimSpace(one)) {
				c.problem(t.Text.Pos, rule, "to: is no address", "write local@domain")
			}
		}
	}
	return out
}

// recipientsFor returns who the letter goes to, each once, and how many more there
// would be. A value is one address whatever stands in it: only a "," that IT wrote
// divides.
func (l *missive) recipientsFor(vars cel.Activation, v model.View) (to []model.Address, left int, missing string, err error) {
	if l.to == nil {
		if isAddress(v.Desk.NotesTo) {
			to = []model.Address{{Addr: v.Desk.NotesTo}}
		}
		return to, 0, "", nil
	}
	var named []string
	current := ""
	for _, p := range l.to.parts {
		if p.expr == nil {
			pieces := strings.Split(p.literal, ",")
			current += pieces[0]
			for _, next := range pieces[1:] {
				named = append(named, current)
				current = next
			}
			continue
		}
		value, err := p.expr.eval(vars)
		if err != nil {
			return nil, 0, "", err
		}
		if list, ok := value.(traits.Lister); ok {
			named = append(named, allTexts(list, maxPeople)...)
			continue
		}
		for _, text := range allTexts(value, 1) {
			current += text
		}
	}
	seen := map[string]bool{}
	for _, a := range append(named, current) {
		a = strings.TrimSpace(a)
		if fold := strings.ToLower(a); isAddress(a) && !seen[fold] {
			seen[fold] = true
			to = append(to, model.Address{Addr: a})
		}
	}
	if len(to) == 0 {
		return nil, 0, l.to.source, nil
	}
	keep := min(len(to), maxRecipients)
	return to[:keep], len(to) - keep, "", nil
}

// allTexts turns a value into texts, at most so many.
func allTexts(v ref.Val, most int) []string {
	switch v := v.(type) {
	case types.String:
		return []string{string(v)}
	case types.Int:
		return []string{string(v.ConvertToType(types.StringType).(types.String))}
	case traits.Lister:
		var list []string
		for it := v.Iterator(); it.HasNext() == types.True && len(list) < most; {
			if s, ok := it.Next().(types.String); ok {
				list = append(list, string(s))
			}
		}
		return list
	}
	return nil
}

// isAddress reports whether s may stand in the To: of a letter: local@domain of
// plain ASCII (RFC 5322 section 3.4.1, dot-atom on both sides). What needs quotes
// is left out: nothing in an address may end a field or begin another.
func isAddress(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || len(s) > 254 || len(local) > 64 || !strings.Contains(domain, ".") {
		return false
	}
	atom := func(s, more string) bool {
		return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(more, r))
		})
	}
	return !slices.ContainsFunc(strings.Split(local, "."), func(s string) bool { return !atom(s, "!#$%&'*+-/=?^_`{|}~") }) &&
		!slices.ContainsFunc(strings.Split(domain, "."), func(s string) bool {
			return !atom(s, "-") || strings.HasPrefix(s, "-") || strings.HasSuffix(s, "-") || len(s) > 63
		})
}
