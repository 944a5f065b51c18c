package config

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// expr reads a condition. true and false are conditions too.
func (f *file) expr(n *yaml.Node) (Expr, bool) {
	n = target(n)
	if !f.scalar(n, "a condition") {
		return Expr{}, false
	}
	if utf8.RuneCountInString(n.Value) > MaxExprChars {
		f.fail(f.at(n), fmt.Sprintf("a condition longer than %d characters", MaxExprChars), "split the rule, or use a list or terms")
		return Expr{}, false
	}
	e := f.exprOf([]rune(n.Value), f.places(n))
	if e.Pos.Line == 0 {
		e.Pos = f.at(n)
	}
	if e.Source == "" {
		f.fail(e.Pos, "the condition is empty", "write true for always")
		return e, false
	}
	return e, true
}

// exprOf trims text and says where each of its characters stands.
func (f *file) exprOf(text []rune, places []spot) Expr {
	for len(text) > 0 && unicode.IsSpace(text[0]) {
		text, places = text[1:], places[min(1, len(places)):]
	}
	for len(text) > 0 && unicode.IsSpace(text[len(text)-1]) {
		text = text[:len(text)-1]
	}
	e := Expr{Source: string(text)}
	if len(text) == 0 || len(places) < len(text) {
		return e
	}
	e.Pos = Pos{f.name, places[0].line, places[0].col}
	runs := runsOf(text, places)
	if indent, regular := indentOf(runs); regular {
		e.Indent = indent
	} else {
		e.runs = &runs
	}
	return e
}

// runsOf groups characters that stand side by side. Blanks are left out: their
// places are not exact, and no error points at one.
func runsOf(text []rune, places []spot) []run {
	var runs []run
	line, col := 1, 0
	for i, r := range text {
		col++
		if r == '\n' {
			line, col = line+1, 0
			continue
		}
		if blank(r) {
			continue
		}
		if len(runs) > 0 {
			if last := runs[len(runs)-1]; last.line == line && last.at.line == places[i].line && last.at.col-last.col == places[i].col-col {
				continue
			}
		}
		runs = append(runs, run{line, col, places[i]})
	}
	return runs
}

// indentOf tells whether Pos and one Indent say everything: one run per line,
// lines of the expression being lines of the file.
func indentOf(runs []run) (indent int, regular bool) {
	for i, r := range runs {
		switch {
		case r.at.line-runs[0].at.line != r.line-1, i > 0 && runs[i-1].line == r.line:
			return 0, false
		case i == 1:
			indent = r.at.col - r.col
		case i > 1 && r.at.col-r.col != indent:
			return 0, false
		}
	}
	return indent, true
}

// place is At for expressions that YAML folded or unescaped.
func (e Expr) place(line, col int) Pos {
	best := (*e.runs)[0]
	for _, r := range *e.runs {
		if r.line > line || r.line == line && r.col > col {
			break
		}
		best = r
	}
	if best.line != line {
		return Pos{e.Pos.File, best.at.line, best.at.col}
	}
	return Pos{e.Pos.File, best.at.line, best.at.col + col - best.col}
}
