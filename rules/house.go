package rules

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"chancery/config"
)

// findList returns the compiled list of a name, nil if there is none.
func (s *Set) findList(r *config.Rules, name string) *addresses {
	if at := slices.IndexFunc(r.Lists, func(l config.List) bool { return l.Name.Value == name }); at >= 0 && name != "" {
		return s.lists[at]
	}
	return nil
}

// ours reports whether an address belongs to the house. It is claimed, as every
// address is.
func (s *Set) ours(addr string) bool { return s.firm != nil && s.firm.holds(addr) }

// side returns the recipients inside or outside of the house, each once.
func (f *facts) side(inside bool) []string {
	var out []string
	seen := map[string]bool{}
	for _, a := range people(f.mail.To, f.mail.Cc, f.mail.Bcc) {
		if !seen[a] && f.set.ours(a) == inside {
			out = append(out, a)
		}
		seen[a] = true
	}
	return out
}

// direction says where the message goes: "in" from outside, "out" from us to
// anyone outside, else "internal".
func (f *facts) direction() string {
	switch {
	case !f.set.ours(f.from):
		return "in"
	case slices.ContainsFunc(people(f.mail.To, f.mail.Cc, f.mail.Bcc), func(a string) bool { return !f.set.ours(a) }):
		return "out"
	}
	return "internal"
}

// classification is what older servers of Microsoft write into the header, lower
// case; "" if there is none.
func (f *facts) classification() string {
	for _, name := range []string{"X-Microsoft-Classification", "X-Microsoft-Classdesc"} {
		for _, v := range f.mail.Header[name] {
			if v = strings.ToLower(strings.TrimSpace(v)); v != "" {
				return v
			}
		}
	}
	return ""
}

// labelFields gives labels one field for each name.
func labelFields(labels []config.Label) map[string]field {
	fields := map[string]field{}
	for _, l := range labels {
		guids := make([]string, len(l.GUIDs))
		for i, g := range l.GUIDs {
			guids[i] = g.Value
		}
		fields[l.Name.Value] = field{cel.BoolType, func(v any) any {
			has := func(guid string) bool { return slices.Contains(guids, strings.ToLower(guid)) }
			return types.Bool(slices.ContainsFunc(v.(*facts).mail.Labels, has))
		}}
	}
	return fields
}

// houseFields need to know who we are.
var houseFields = []string{"direction", "inside", "outside"}

// settled finds what the type checker cannot know: facts that need house:, and
// marks of a thread that no rule file defines.
func (c *compiler) settled(checked *cel.Ast, e config.Expr, rule string) bool {
	before := len(c.errs)
	at := func(n ast.Expr) config.Pos { return placeOf(node{&expression{at: e, ast: checked}, n}) }
	ast.PreOrderVisit(checked.NativeRep().Expr(), ast.NewExprVisitor(func(n ast.Expr) {
		switch n.Kind() {
		case ast.SelectKind:
			if name := fieldOf(n, "msg"); c.set.firm == nil && slices.Contains(houseFields, name) {
				c.problem(at(n), rule, "msg."+name+" needs to know who we are", "add to a rule file: house: {firm: NAME}, with the name of the list of your own people")
			}
		case ast.CallKind:
			c.threadMark(n.AsCall(), at, rule)
		}
	}))
	return len(c.errs) == before
}
