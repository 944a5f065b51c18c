package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Error is one problem in one place.
type Error struct {
	Pos     Pos
	Rule    string // name of the rule it is in; "" outside rules
	Problem string
	Hint    string // what to do; "" if there is nothing to add
	Warning bool   // worth saying, but the file is accepted
}

// Error gives file:line:col: rule "x": problem, and the hint on a line of its own.
func (e Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: ", e.Pos)
	if e.Warning {
		b.WriteString("warning: ")
	}
	if e.Rule != "" {
		fmt.Fprintf(&b, "rule %q: ", e.Rule)
	}
	b.WriteString(e.Problem)
	if e.Hint != "" {
		b.WriteString("\n    hint: " + e.Hint)
	}
	return b.String()
}

// Errors is every problem of every file, sorted by place.
type Errors []Error

func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Sort orders by file, line, column and text and drops repetitions.
func (es Errors) Sort() Errors {
	slices.SortFunc(es, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Col, b.Pos.Col), cmp.Compare(a.Problem, b.Problem))
	})
	return slices.CompactFunc(es, func(a, b Error) bool {
		return a.Pos == b.Pos && a.Rule == b.Rule && a.Problem == b.Problem
	})
}

// Fatal reports whether any problem is more than a warning.
func (es Errors) Fatal() bool {
	return slices.ContainsFunc(es, func(e Error) bool { return !e.Warning })
}
