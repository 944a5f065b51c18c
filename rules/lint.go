package rules

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"chancery/config"
	"chancery/rules/billing"
)

// constants are the words some fields are compared with; any other word can
// never match.
var constants = map[string][]string{
	"where":     zoneWords[:],
	"kind":      {"ledes", "ledesxml", "xml-invoice", "pdf", "ics", "zip", "ooxml", "ole", "png", "jpeg", "gif", "html", "eml", "tnef", "pkcs7", "csv", "text", "empty", "unknown"},
	"show":      showWords[:],
	"unread":    fileCodes,
	"direction": {"in", "out", "internal"},
	"effect":    effectWords,
	"class":     billClasses,
	"event":     billEvents,
	"layer":     append([]string{""}, billing.Layers...),
	"method":    {"", "PUBLISH", "REQUEST", "REPLY", "ADD", "CANCEL", "REFRESH", "COUNTER", "DECLINECOUNTER"},
}

// lint finds comparisons that the type checker accepts and that can never hold.
func (c *compiler) lint(tree *ast.AST, e config.Expr, rule string) bool {
	before := len(c.errs)
	tell := func(n ast.Expr, problem, hint string) {
		at := tree.SourceInfo().GetStartLocation(n.ID())
		c.problem(e.At(at.Line(), at.Column()+1), rule, problem, hint)
	}
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(n ast.Expr) {
		if n.Kind() == ast.ComprehensionKind {
			lintElements(n, tell)
		}
		if n.Kind() != ast.CallKind {
			return
		}
		call := n.AsCall()
		switch call.FunctionName() {
		case "within":
			for _, a := range call.Args() {
				lintWord(a, zoneWords[:], tell)
			}
		case operators.Equals, operators.NotEquals:
			a, b := call.Args()[0], call.Args()[1]
			lintComparison(tree, a, b, tell)
			lintComparison(tree, b, a, tell)
		case operators.In:
			a, b := call.Args()[0], call.Args()[1]
			if b.Kind() == ast.ListKind {
				for _, e := range b.AsList().Elements() {
					lintComparison(tree, a, e, tell)
				}
			}
			lintCase(tree, b, a, tell)
			lintList(tree, b, n, tell)
			if allowed := wordsIn(b); allowed != nil {
				lintWord(a, allowed, tell)
			}
		case "matches":
			args := call.Args()
			if re, ok := literal(args[len(args)-1]); ok && strings.ContainsAny(re, "\a\b\f\v") {
				tell(args[len(args)-1], "this regular expression has a control character, which no mail has",
					`inside a condition each backslash is written twice: "\\b"`)
			}
		case "contains", "startsWith", "endsWith":
			if call.IsMemberFunction() {
				lintCase(tree, call.Target(), call.Args()[0], tell)
			}
		}
	}))
	return len(c.errs) == before
}

// lintList finds "in" where a list of addresses and domains is meant.
func lintList(tree *ast.AST, list, n ast.Expr, tell func(n ast.Expr, problem, hint string)) {
	if list.Kind() != ast.SelectKind {
		return
	}
	owner, field := list.AsSelect().Operand(), list.AsSelect().FieldName()
	name := "lists." + field
	switch {
	case owner.Kind() == ast.IdentKind && owner.AsIdent() == "lists":
	case tree.GetType(owner.ID()).TypeName() == matterKind.name && (field == "team" || field == "wall"):
		name = "x.matter." + field
	default:
		return
	}
	tell(n, "\"in\" compares whole texts, so a domain in "+name+" stands for nobody", "write for example msg.from.is_in("+name+")")
}

// lintWord complains about a constant outside a closed list of words.
func lintWord(n ast.Expr, allowed []string, tell func(n ast.Expr, problem, hint string)) {
	word, ok := literal(n)
	if !ok || slices.Contains(allowed, word) {
		return
	}
	hint := suggest(word, slices.Clone(allowed))
	if !strings.HasPrefix(hint, "did you") {
		hint = "there are: " + strings.Join(allowed, ", ")
	}
	tell(n, fmt.Sprintf("%q is never found here", word), hint)
}

// lintComparison looks at one side of == as a field and the other as a constant.
func lintComparison(tree *ast.AST, side, other ast.Expr, tell func(n ast.Expr, problem, hint string)) {
	lintCase(tree, side, other, tell)
	if side.Kind() != ast.SelectKind {
		return
	}
	name := side.AsSelect().FieldName()
	owner := tree.GetType(side.AsSelect().Operand().ID()).TypeName()
	if allowed := constants[name]; allowed != nil && ownsWords(owner, name) {
		lintWord(other, allowed, tell)
	}
}

// inLower are fields whose texts are in lower case.
var inLower = map[string][]string{
	messageKind.name: {"from", "sender", "reply_to", "to", "cc", "rcpts", "inside", "outside"},
	eventKind.name:   {"organizer", "people"},
	inviteKind.name:  {"organizer", "people"},
}

// lintCase finds a constant with capital letters where there are none.
func lintCase(tree *ast.AST, side, other ast.Expr, tell func(n ast.Expr, problem, hint string)) {
	word, ok := literal(other)
	if !ok || word == strings.ToLower(word) {
		return
	}
	hint := fmt.Sprintf("write %q", strings.ToLower(word))
	switch side.Kind() {
	case ast.SelectKind:
		owner := tree.GetType(side.AsSelect().Operand().ID()).TypeName()
		if slices.Contains(inLower[owner], side.AsSelect().FieldName()) {
			tell(other, "addresses are compared in lower case", hint)
		}
	case ast.CallKind:
		if name := side.AsCall().FunctionName(); name == "lower" || name == "domain" {
			tell(other, fmt.Sprintf("%s() leaves no capital letter", name), hint)
		}
	}
}

// ownsWords says whether this field of this kind has a closed list of words.
func ownsWords(kind, name string) bool {
	owner := map[string]string{"class": billKind.name, "event": billKind.name, "layer": billKind.name, "where": hitKind.name, "kind": fileKind.name, "unread": fileKind.name, "show": eventKind.name, "direction": messageKind.name,
		"effect": inviteKind.name, "method": inviteKind.name}
	return owner[name] == kind
}

func literal(n ast.Expr) (string, bool) {
	if n.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := n.AsLiteral().(types.String)
	return string(s), ok
}
