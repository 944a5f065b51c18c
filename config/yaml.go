package config

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
)

// root parses the file to its top mapping, nil if it has none.
func (f *file) root() (top *yaml.Node) {
	defer func() {
		// The parser answers bad input with errors; a panic in it must stay one
		// problem of one file.
		if recover() != nil {
			f.fail(Pos{f.name, 1, 1}, "the YAML reader gave up on this file", "cut the file down to find the line")
			top = nil
		}
	}()
	load, err := yaml.NewLoader(strings.NewReader(f.whole))
	if err != nil {
		f.syntax(err)
		return nil
	}
	var doc, more yaml.Node
	if err := load.Load(&doc); errors.Is(err, io.EOF) {
		f.fail(Pos{f.name, 1, 1}, "the file is empty", "begin with: version: 1")
		return nil
	} else if err != nil {
		f.syntax(err)
		return nil
	}
	switch err := load.Load(&more); {
	case err == nil:
		f.fail(f.at(&more), "a second YAML document begins here", "one document in a file: delete the --- or ... before it")
		return nil
	case !errors.Is(err, io.EOF):
		f.syntax(err)
		return nil
	}
	if len(doc.Content) != 1 || !f.bounded(doc.Content[0]) {
		return nil
	}
	return doc.Content[0]
}

// bounded refuses nesting and aliases that cost more than they say: five lines
// of YAML can name a billion values.
func (f *file) bounded(n *yaml.Node) bool {
	aliased := 0
	active := map[*yaml.Node]bool{}
	var visit func(n *yaml.Node, depth int, inAlias bool) (Pos, string)
	visit = func(n *yaml.Node, depth int, inAlias bool) (Pos, string) {
		if depth > MaxDepth {
			return f.at(n), fmt.Sprintf("nested deeper than %d levels", MaxDepth)
		}
		if inAlias {
			if aliased++; aliased > MaxAliasNodes {
				return f.at(n), fmt.Sprintf("aliases repeat more than %d values", MaxAliasNodes)
			}
		}
		if n.Kind == yaml.AliasNode {
			if n.Alias == nil || active[n.Alias] {
				return f.at(n), "this alias contains itself"
			}
			return visit(n.Alias, depth+1, true)
		}
		if n.Anchor != "" {
			active[n] = true
			defer delete(active, n)
		}
		for _, c := range n.Content {
			if p, problem := visit(c, depth+1, inAlias); problem != "" {
				return p, problem
			}
		}
		return Pos{}, ""
	}
	if p, problem := visit(n, 0, false); problem != "" {
		f.fail(p, problem, "write the values out")
		return false
	}
	return true
}

// syntax tells one error of the YAML reader in words. Its own text is not
// passed on where it repeats the file, which may hold a password.
func (f *file) syntax(err error) {
	le, ok := errors.AsType[*yaml.LoadError](err)
	if !ok {
		f.fail(Pos{f.name, 1, 1}, "this is not YAML", "look whether it is the right file")
		return
	}
	p := Pos{f.name, max(le.Mark.Line, 1), max(le.Mark.Column, 1)}
	problem, hint := "this is not YAML: "+le.Message, "look at this line and the one above it"
	for _, s := range syntaxWords {
		if strings.Contains(le.Message, s.has) {
			problem, hint = s.problem, s.hint
			break
		}
	}
	// An unclosed bracket or quote is seen at the end of the file and mended at
	// its beginning.
	if strings.HasPrefix(le.ContextMsg, "while scanning a quoted") || strings.HasPrefix(le.ContextMsg, "while parsing a flow") {
		if le.ContextMark.Line > 0 && le.ContextMark.Line != le.Mark.Line {
			p = Pos{f.name, le.ContextMark.Line, max(le.ContextMark.Column, 1)}
		}
	}
	line := f.line(p.Line)
	if before, _, tab := strings.Cut(line, "\t"); tab && strings.TrimSpace(before) == "" {
		problem, hint = "the line is indented with a tab", "YAML is indented with spaces"
	} else if strings.Contains(line, ": {{") {
		hint = "put quotes around a text that begins with {{"
	} else if strings.Contains(line, ": !") && hint == "" {
		hint = "put quotes around a text that begins with !"
	}
	f.fail(p, problem, hint)
}

var syntaxWords = []struct{ has, problem, hint string }{
	{"mapping values are not allowed", "a second \": \" on this line", "put quotes around a text that contains \": \""},
	{"cannot start any token", "a text cannot begin with this character", "put quotes around it"},
	{"unexpected end of stream", "the quote that begins here is never closed", "add the closing quote"},
	{"unknown escape", "unknown escape in double quotes", "in double quotes a backslash is written twice; in single quotes once"},
	{"did not find expected ',' or ']'", "the list that begins with [ is not closed", "separate entries with commas and close with ]"},
	{"did not find expected ',' or '}'", "the mapping that begins with { is not closed", "separate entries with commas and close with }; quote texts that hold { } [ ] or ,"},
	{"did not find expected key", "this line does not fit the indentation or the text before it", "a text that begins with a quote ends with that quote: put single quotes around the whole condition"},
	{"did not find expected '-'", "this line does not fit the list above it", "begin each entry with - in the same column"},
	{"could not find expected ':'", "a key without \":\"", "write key: value"},
	{"unknown anchor", "an alias to nothing", "put quotes around a text that begins with *"},
	{"node content", "a value is missing before this character", "put quotes around a text that begins with it"},
	{"depth", "nested too deeply", "write the values out"},
}
