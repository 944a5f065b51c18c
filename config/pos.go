package config

import "fmt"

// Pos is a place in a file. Line and Col count from 1, Col in characters.
type Pos struct {
	File string // relative to the configuration folder, with slashes
	Line int
	Col  int
}

func (p Pos) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col) }

// Text is a string with its place.
type Text struct {
	Value string
	Pos   Pos
}

// Expr is a CEL expression with the place of its first character. In a block
// scalar that is the first character of its content, not the "|".
type Expr struct {
	Source string
	Pos    Pos
	// Indent is how many characters the YAML reader took from the front of every
	// further line: line n > 1, column c of Source stands at Pos.Line+n-1, column
	// c+Indent. Ask At, which also knows folded and escaped texts.
	Indent int

	runs *[]run // set where Pos and Indent do not say it all
}

// At returns the place of line, col (both from 1) of the expression.
func (e Expr) At(line, col int) Pos {
	if e.runs != nil {
		return e.place(max(line, 1), max(col, 1))
	}
	if line <= 1 {
		return Pos{e.Pos.File, e.Pos.Line, e.Pos.Col + max(col, 1) - 1}
	}
	return Pos{e.Pos.File, e.Pos.Line + line - 1, col + e.Indent}
}
