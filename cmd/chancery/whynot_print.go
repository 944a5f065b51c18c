package main

import (
	"fmt"
	"io"
	"strings"

	"chancery/rules"
)

// hanging wraps text behind a heading and keeps its further lines below it.
func hanging(heading, text string) string {
	indent := strings.Repeat(" ", len(heading))
	return heading + strings.TrimPrefix(wrap(indent, text), indent)
}

// sayWhyNot tells the conditions of one rule, the first that failed marked, and
// what would have to be otherwise.
func sayWhyNot(w io.Writer, indent string, n rules.WhyNot) {
	_, _ = fmt.Fprintf(w, "%srule %s, %s\n", indent, n.Rule, n.Place)
	for _, g := range n.Gates {
		if !g.Open {
			_, _ = fmt.Fprintln(w, hanging(indent+"  no  "+fmt.Sprintf("%-6s  ", g.Name), g.Why))
		}
	}
	sayClauses(w, indent, n.Clauses.Reveal())
	d := n.Detail.Reveal()
	for _, x := range d.Values {
		_, _ = fmt.Fprintln(w, hanging(indent+"      value   ", x.Name+" = "+oneLine(x.Value)))
	}
	if d.Error != "" {
		_, _ = fmt.Fprintln(w, hanging(indent+"      error   ", d.Error))
	}
}

func sayClauses(w io.Writer, indent string, clauses []rules.Clause) {
	for _, c := range clauses {
		mark := "  no  "
		switch {
		case c.First:
			mark = "> no  "
		case c.Good:
			mark = "  ok  "
		}
		below := indent + "              "
		_, _ = fmt.Fprintln(w, hanging(indent+mark+fmt.Sprintf("%-6s  ", c.Clause), oneLine(c.Text)))
		_, _ = fmt.Fprintf(w, "%s%s: %s\n", below, c.Place, c.Value)
		if len(c.Parts) > 0 {
			_, _ = fmt.Fprintln(w, below+together(c))
			sayClauses(w, indent+"    ", c.Parts)
			continue
		}
		for _, in := range c.Inner {
			_, _ = fmt.Fprintln(w, hanging(below, oneLine(in.Text)+" = "+oneLine(in.Value)))
		}
		for _, o := range c.Otherwise {
			_, _ = fmt.Fprintln(w, hanging(below+"but: ", oneLine(o)))
		}
	}
}

// together says how the parts of a condition belong together.
func together(c rules.Clause) string {
	switch {
	case c.Clause == "unless" && c.Either:
		return "none of these may hold:"
	case c.Clause == "unless":
		return "these may not hold all together:"
	case c.Either:
		return "one of these is enough:"
	}
	return "all of these are needed:"
}
