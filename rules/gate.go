package rules

import (
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// A key is something cheap to find that must be there for a rule to match. A
// rule is gated by a set of keys of which at least one must be there. Finding
// them costs one pass over the message for all rules together; only the rules
// that this lets through are evaluated.
type key struct {
	sort  keySort
	id    int     // of the term set, list, hint or mark
	zones zoneSet // where the terms must stand
	least int     // how many of them must stand there
}

type keySort int

const (
	keyTerm      keySort = iota // terms.<id> has so many hits in those zones
	keyList                     // msg.from is in list <id>
	keyAlike                    // msg.from only looks like one of list <id>
	keyThread                   // the thread has mark <id>
	keyHint                     // the text <id> stands in its field
	keyMatter                   // a matter is named
	keyEncrypted                // msg.encrypted
	keyFile                     // there is an attached file
	keyInvite                   // it carries a scheduling message
	keyBill                     // it may be billing mail
)

// maxKeys bounds the keys of one rule; with more it runs always.
const maxKeys = 256

// gater derives keys from checked conditions.
type gater struct {
	terms, lists, marks map[string]int
	hints               *hints
	aged                bool // the rule is asked again later, when the thread may have other marks
	files               bool // it looks for terms in files too
}

// worth says how well a set of keys keeps a rule away from ordinary mail; 0 is
// no gate at all.
func (g *gater) worth(keys []key) int {
	least := 0
	for i, k := range keys {
		w := 0
		switch k.sort {
		case keyList, keyThread, keyEncrypted, keyInvite:
			w = 7
		case keyAlike:
			w = 6
		case keyHint:
			w = 5
			if g.hints.list[k.id].field.long {
				w = 1
			}
		case keyTerm:
			w = k.worth()
		case keyBill:
			w = 4
		case keyMatter, keyFile:
			w = 2
		}
		if i == 0 || w < least {
			least = w
		}
	}
	return least
}

// keys returns what must be there for n to be true; nil if nothing is known.
func (g *gater) keys(n ast.Expr) []key {
	switch n.Kind() {
	case ast.CallKind:
		return g.call(n.AsCall())
	case ast.SelectKind:
		return g.selected(n.AsSelect())
	case ast.ComprehensionKind:
		return g.loop(n.AsComprehension())
	case ast.LiteralKind:
		if n.AsLiteral() == types.False {
			return []key{}
		}
	}
	return nil
}

func (g *gater) call(c ast.CallExpr) []key {
	switch c.FunctionName() {
	case operators.LogicalAnd:
		var best []key
		for _, a := range c.Args() {
			if ks := g.keys(a); ks != nil && (best == nil || g.worth(ks) > g.worth(best)) {
				best = ks
			}
		}
		return best
	case operators.LogicalOr:
		union := []key{}
		for _, a := range c.Args() {
			ks := g.keys(a)
			if ks == nil || len(union)+len(ks) > maxKeys {
				return nil
			}
			union = append(union, ks...)
		}
		return union
	case operators.Greater, operators.GreaterEquals, operators.NotEquals:
		return g.size(c)
	case operators.Equals:
		for _, p := range [][2]ast.Expr{{c.Args()[0], c.Args()[1]}, {c.Args()[1], c.Args()[0]}} {
			if ks := g.literal(p[0], p[1]); ks != nil {
				return ks
			}
		}
	case operators.In:
		if isThreadMarks(c.Args()[1]) {
			return g.thread(c.Args()[0])
		}
		if ofBill(c.Args()[1]) {
			return []key{{sort: keyBill}}
		}
		return g.oneOf(c)
	case "has":
		if fieldOf(c.Target(), "msg") == "thread" {
			return g.thread(c.Args()[0])
		}
	case "contains", "startsWith", "endsWith":
		return g.literal(c.Target(), c.Args()[0])
	case "matches":
		if re, ok := literal(c.Args()[0]); ok && c.IsMemberFunction() {
			return g.regexp(c.Target(), re)
		}
	case "is_in":
		if fieldOf(c.Target(), "msg") == "from" {
			if id, ok := g.lists[fieldOf(c.Args()[0], "lists")]; ok {
				return []key{{sort: keyList, id: id}}
			}
		}
	case "looks_like":
		if id, ok := g.lists[fieldOf(c.Args()[0], "lists")]; ok && fieldOf(c.Target(), "msg") == "from" {
			return []key{{sort: keyAlike, id: id}}
		}
	case "within":
		return g.hits(c.Target(), zonesIn(c.Args()), 1)
	}
	return nil
}

// thread makes a key of a mark that the thread must have.
func (g *gater) thread(mark ast.Expr) []key {
	name, ok := literal(mark)
	if id, known := g.marks[name]; ok && known && !g.aged {
		return []key{{sort: keyThread, id: id}}
	}
	return nil
}

// size knows what x.size() > 0, >= 1 and != 0 say of x, and the same of
// distinct; that a text is not empty is no gate.
func (g *gater) size(c ast.CallExpr) []key {
	a, b := c.Args()[0], c.Args()[1]
	if a.Kind() != ast.CallKind || b.Kind() != ast.LiteralKind {
		return nil
	}
	n, ok := b.AsLiteral().(types.Int)
	if !ok || n < 0 {
		return nil
	}
	least := n
	switch c.FunctionName() {
	case operators.Greater:
		least = min(n, maxHits) + 1
	case operators.NotEquals:
		least = 1 - min(n, 1)
	}
	if least < 1 {
		return nil
	}
	call := a.AsCall()
	switch {
	case call.FunctionName() == "distinct":
		return g.hits(call.Target(), everyZone, int(min(least, maxHits+1)))
	case call.FunctionName() != "size":
		return nil
	case call.IsMemberFunction():
		return g.filled(call.Target(), int(min(least, maxHits+1)))
	}
	return g.filled(call.Args()[0], int(min(least, maxHits+1)))
}

// loop knows exists over a list.
func (g *gater) loop(c ast.ComprehensionExpr) []key {
	if init := c.AccuInit(); init.Kind() != ast.LiteralKind || init.AsLiteral() != types.False {
		return nil
	}
	if ks := g.hits(c.IterRange(), zonesWhere(c), 1); ks != nil {
		return ks
	}
	return g.filled(c.IterRange(), 1)
}

// filled makes a key of a list that must have so many elements.
func (g *gater) filled(n ast.Expr, least int) []key {
	switch {
	case n.Kind() == ast.IdentKind && n.AsIdent() == "matters":
		return []key{{sort: keyMatter}}
	case fieldOf(n, "msg") == "files":
		return []key{{sort: keyFile}}
	case ofInvite(n):
		return []key{{sort: keyInvite}}
	case ofBill(n):
		return []key{{sort: keyBill}}
	}
	return g.hits(n, everyZone, least)
}

// selected knows fields that are true or false. has(...) of one asks whether there
// is such a field, and there always is.
func (g *gater) selected(s ast.SelectExpr) []key {
	if s.IsTestOnly() {
		return nil
	}
	op := s.Operand()
	switch {
	case fieldOf(op, "msg") == "invite": // true of no other mail
		return []key{{sort: keyInvite}}
	case fieldOf(op, "msg") == "bill", ofBill(op) && (s.FieldName() == "found" || s.FieldName() == "open"):
		return []key{{sort: keyBill}}
	case op.Kind() == ast.IdentKind && op.AsIdent() == "msg" && s.FieldName() == "encrypted":
		return []key{{sort: keyEncrypted}}
	case op.Kind() == ast.IdentKind && op.AsIdent() == "x" && s.FieldName() == "ledes":
		return []key{{sort: keyFile}}
	case fieldOf(op, "x") == "matter" && (s.FieldName() == "found" || s.FieldName() == "open"):
		return []key{{sort: keyMatter}}
	}
	return nil
}

// oneOf knows msg.from in ["a@x", "b@y"].
func (g *gater) oneOf(c ast.CallExpr) []key {
	list := c.Args()[1]
	if list.Kind() != ast.ListKind || list.AsList().Size() == 0 {
		return nil
	}
	union := []key{}
	for _, e := range list.AsList().Elements() {
		ks := g.literal(c.Args()[0], e)
		if ks == nil || len(union) >= maxKeys {
			return nil
		}
		union = append(union, ks...)
	}
	return union
}

// literal makes a hint of a constant that must stand in a field.
func (g *gater) literal(target, value ast.Expr) []key {
	f := hintField(target)
	word, ok := literal(value)
	if ok && word != "" && word != effectNone && ofInvite(target) {
		return []key{{sort: keyInvite}}
	}
	if ok && word != "" && ofBill(target) {
		return []key{{sort: keyBill}}
	}
	if f == nil || !ok || len(word) < 2 {
		return nil
	}
	return []key{{sort: keyHint, id: g.hints.add(f, word)}}
}

func (g *gater) regexp(target ast.Expr, re string) []key {
	f := hintField(target)
	words := needed(re)
	if f == nil || len(words) == 0 || len(words) > maxKeys {
		return nil
	}
	keys := make([]key, 0, len(words))
	for _, w := range words {
		keys = append(keys, key{sort: keyHint, id: g.hints.add(f, w)})
	}
	return keys
}

// ofInvite reports a text of msg.invite that is empty, or "none", in a message that
// is none.
func ofInvite(n ast.Expr) bool {
	return n.Kind() == ast.SelectKind && !n.AsSelect().IsTestOnly() && fieldOf(n.AsSelect().Operand(), "msg") == "invite"
}

// ofBill reports a field of msg.bill, which is empty in a message that can be no
// billing mail.
func ofBill(n ast.Expr) bool {
	return n.Kind() == ast.SelectKind && !n.AsSelect().IsTestOnly() && fieldOf(n.AsSelect().Operand(), "msg") == "bill"
}

// hintField finds the message field an expression reads, through lower().
func hintField(n ast.Expr) *fieldText {
	for n.Kind() == ast.CallKind && n.AsCall().FunctionName() == "lower" {
		n = n.AsCall().Target()
	}
	return fieldTexts[fieldOf(n, "msg")]
}

// fieldOf returns f for the expression name.f, else "".
func fieldOf(n ast.Expr, name string) string {
	if n.Kind() != ast.SelectKind || n.AsSelect().IsTestOnly() {
		return ""
	}
	if op := n.AsSelect().Operand(); op.Kind() != ast.IdentKind || op.AsIdent() != name {
		return ""
	}
	return n.AsSelect().FieldName()
}

// costly says whether a rule that runs on every message would read long texts
// each time.
func costly(uses map[string]bool) bool {
	for u := range uses {
		switch strings.TrimPrefix(u, "msg.") {
		case "text", "quoted", "footer", "signature", "x.invoice", "x.total", "x.due":
			return true
		}
	}
	return false
}
