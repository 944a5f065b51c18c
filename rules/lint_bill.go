package rules

import (
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"chancery/rules/billing"
)

// wordsOfBill are the words that stand in the lists of msg.bill; any other is never in
// them.
var wordsOfBill = map[string][]string{"doubts": billing.DoubtCodes, "faults": ledesWords()}

func ledesWords() []string {
	var out []string
	for _, c := range billing.LedesCodes() {
		out = append(out, c.Code)
	}
	return out
}

// wordsIn returns the words of a list of msg.bill; nil if n is none.
func wordsIn(n ast.Expr) []string {
	if !ofBill(n) {
		return nil
	}
	return wordsOfBill[n.AsSelect().FieldName()]
}

// lintElements looks at the elements of such a list where a condition goes through it:
// msg.bill.doubts.exists(d, d == "bank-chnged").
func lintElements(n ast.Expr, tell func(n ast.Expr, problem, hint string)) {
	loop := n.AsComprehension()
	allowed := wordsIn(loop.IterRange())
	if allowed == nil {
		return
	}
	element := func(e ast.Expr) bool { return e.Kind() == ast.IdentKind && e.AsIdent() == loop.IterVar() }
	ast.PreOrderVisit(loop.LoopStep(), ast.NewExprVisitor(func(n ast.Expr) {
		if n.Kind() != ast.CallKind || len(n.AsCall().Args()) != 2 {
			return
		}
		a, b := n.AsCall().Args()[0], n.AsCall().Args()[1]
		switch n.AsCall().FunctionName() {
		case operators.Equals, operators.NotEquals:
			if element(b) {
				a, b = b, a
			}
			if element(a) {
				lintWord(b, allowed, tell)
			}
		case operators.In:
			if element(a) && b.Kind() == ast.ListKind {
				for e := range slices.Values(b.AsList().Elements()) {
					lintWord(e, allowed, tell)
				}
			}
		}
	}))
}

// BillWords are the words of msg.bill.class and msg.bill.event; "" is one of each.
func BillWords() (classes, events []string) {
	return slices.Clone(billClasses), slices.Clone(billEvents)
}
