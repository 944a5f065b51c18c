package config

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// template reads a text with expressions in {{ }}.
func (f *file) template(n *yaml.Node) (*Template, bool) {
	n = target(n)
	t, ok := f.text(n)
	if !ok {
		return nil, false
	}
	return f.templateOf(t, []rune(n.Value), f.places(n))
}

// templateOf reads the characters of a template, whose places are known.
func (f *file) templateOf(t Text, text []rune, places []spot) (*Template, bool) {
	at := func(i int) Pos {
		if i < len(places) {
			return Pos{f.name, places[i].line, places[i].col}
		}
		return t.Pos
	}
	out := &Template{Text: t}
	for i := 0; i < len(text); {
		open := index(text, i, "{{")
		literal := string(text[i:open])
		if close := strings.Index(literal, "}}"); close >= 0 {
			f.fail(at(i+len([]rune(literal[:close]))), "}} without {{ before it", "")
			return nil, false
		}
		if literal != "" {
			out.Parts = append(out.Parts, TemplatePart{Literal: literal})
		}
		if open == len(text) {
			break
		}
		end := closing(text, open+2)
		if end < 0 {
			f.fail(at(open), "{{ is never closed", "close the expression with }}")
			return nil, false
		}
		e := f.exprOf(text[open+2:end], places[min(open+2, len(places)):])
		if e.Pos.Line == 0 {
			e.Pos = at(open)
		}
		if e.Source == "" {
			f.fail(at(open), "{{ }} without an expression", "write for example {{x.matter.number}}")
			return nil, false
		}
		out.Parts = append(out.Parts, TemplatePart{Expr: &e})
		i = end + 2
	}
	return out, true
}

func index(text []rune, from int, pair string) int {
	for i := from; i+1 < len(text); i++ {
		if text[i] == rune(pair[0]) && text[i+1] == rune(pair[1]) {
			return i
		}
	}
	return len(text)
}

// closing finds the }} that ends an expression: not one in a CEL string or
// inside braces of the expression.
func closing(text []rune, from int) int {
	depth, quote := 0, rune(0)
	for i := from; i < len(text); i++ {
		switch r := text[i]; {
		case quote != 0:
			if r == '\\' {
				i++
			} else if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r == '{':
			depth++
		case r == '}' && depth > 0:
			depth--
		case r == '}' && i+1 < len(text) && text[i+1] == '}':
			return i
		}
	}
	return -1
}
