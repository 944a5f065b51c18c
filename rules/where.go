package rules

import (
	"cel.dev/cel-go/common/ast"

	"chancery/config"
)

// placeOf is where a part of an expression begins. The compiler's own places are
// those of operators and dots: the first character is that of the part that
// stands furthest to the left.
func placeOf(n node) config.Pos {
	if n.n == nil {
		return n.in.at.Pos
	}
	info := n.in.ast.NativeRep().SourceInfo()
	line, col := 0, 0
	ast.PreOrderVisit(n.n, ast.NewExprVisitor(func(part ast.Expr) {
		at := info.GetStartLocation(part.ID())
		if at.Line() < 1 {
			return
		}
		if l, c := at.Line(), at.Column()+1; line == 0 || l < line || l == line && c < col {
			line, col = l, c
		}
	}))
	return n.in.at.At(line, col)
}
