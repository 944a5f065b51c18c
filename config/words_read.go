package config

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

func (l *loader) lists(f *file, n *yaml.Node) {
	l.named(f, n, "list", "[firm.example, jane@other.example]", func(name Text, from string, items []sourced, read bool) {
		list := List{Name: name, File: from, Broken: !read}
		for _, it := range items {
			lower, name, problem, hint := listEntry(it.Value)
			if problem != "" {
				if from != "" {
					problem, hint = unquoted(it.Value, problem, hint)
				}
				it.from.fail(it.Pos, problem, hint)
				list.Broken = true
				continue
			}
			list.add(lower, name, it.Pos)
		}
		l.cfg.Rules.Lists = append(l.cfg.Rules.Lists, list)
	})
}

func (l *List) add(entry, name string, at Pos) {
	l.Entries = append(l.Entries, Text{entry, at})
	if name != "" {
		l.Names = append(l.Names, name)
	}
}

func (l *loader) terms(f *file, n *yaml.Node) {
	l.named(f, n, "terms", "[work product, attorney-client]", func(name Text, from string, items []sourced, read bool) {
		set := TermSet{Name: name, File: from, Broken: !read}
		for _, it := range items {
			if t, ok := it.from.term(it.Text); ok {
				set.Words = append(set.Words, t)
			} else {
				set.Broken = true
			}
		}
		l.cfg.Rules.Terms = append(l.cfg.Rules.Terms, set)
	})
}

// term checks one word or phrase.
func (f *file) term(t Text) (Text, bool) {
	t.Value = strings.Join(strings.Fields(t.Value), " ")
	switch chars := utf8.RuneCountInString(t.Value); {
	case chars < 2:
		f.fail(t.Pos, "a word of one character is found everywhere", "use two or more")
	case chars > MaxTermChars:
		f.fail(t.Pos, fmt.Sprintf("a phrase longer than %d characters", MaxTermChars), "the few words that matter find more")
	default:
		return t, true
	}
	return t, false
}

// unquoted takes an entry out of what is said of it: files that programs export
// are of clients and of people, and problems are logged.
func unquoted(entry, problem, hint string) (p, h string) {
	problem = strings.Replace(problem, fmt.Sprintf("%q", clip(strings.ToLower(entry))), "the entry", 1)
	_, domain, _ := strings.Cut(strings.ToLower(entry), "@")
	return problem, strings.Replace(hint, "write "+clip(domain)+" for", "write the domain alone for", 1)
}

// sourced is an entry with the file it was read from.
type sourced struct {
	Text
	from *file
}

// named reads a mapping of names to lists of texts, written out or in a file of
// their own.
func (l *loader) named(f *file, n *yaml.Node, kind, example string, add func(name Text, from string, items []sourced, read bool)) {
	if n == nil {
		return
	}
	plural := map[string]string{"list": "lists", "terms": "terms"}[kind]
	es, _ := f.entries(n, plural)
	for _, e := range es {
		usable := f.variable(e.name, "a "+strings.TrimSuffix(plural, "s")) && l.define(f, kind, e.name)
		items, from, ok := l.items(f, e.value, kind, example)
		if ok && len(items) == 0 {
			hint := "nothing is ever in it"
			if from != "" {
				hint = "fill in " + from + ", one entry a line; until then nothing is in it"
			}
			f.warn(e.name.Pos, fmt.Sprintf("%s %q is empty", kind, e.name.Value), hint)
		}
		if len(items) > MaxEntries {
			f.fail(e.name.Pos, fmt.Sprintf("%s %q has more than %d entries", kind, e.name.Value, MaxEntries), "")
			continue
		}
		if usable {
			add(e.name, from, items, ok)
		}
	}
}

func (l *loader) items(f *file, n *yaml.Node, kind, example string) (out []sourced, from string, ok bool) {
	if n.Kind != yaml.MappingNode {
		ts, ok := f.texts(n, example+" or {file: lists/name.txt}")
		for _, t := range ts {
			out = append(out, sourced{t, f})
		}
		return out, "", ok
	}
	b, _ := f.block(n, kind, "file")
	t, ok := f.path(b.need("file", "lists/name.txt"))
	if !ok {
		return nil, "", false
	}
	g := l.open(t.Value, MaxFileBytes, t.Pos, f.rule)
	if g == nil {
		return nil, "", false
	}
	for _, entry := range g.oneALine() {
		out = append(out, sourced{entry, g})
	}
	return out, t.Value, true
}

// oneALine are the entries of a list file, one a line; what stands after # is a note.
func (f *file) oneALine() (out []Text) {
	for i := 1; i <= len(f.starts); i++ {
		line, _, _ := strings.Cut(f.line(i), "#")
		if text := strings.TrimSpace(line); text != "" {
			indent := len(line) - len(strings.TrimLeft(line, " \t"))
			out = append(out, Text{text, f.pos(i, indent)})
		}
	}
	return out
}

// path reads the name of another file of the configuration folder.
func (f *file) path(n *yaml.Node) (Text, bool) {
	if n == nil {
		return Text{}, false
	}
	t, ok := f.text(n)
	if !ok {
		return t, false
	}
	clean, problem := inside(t.Value)
	if problem != "" {
		f.fail(t.Pos, problem, "write for example lists/name.txt")
		return t, false
	}
	t.Value = clean
	return t, true
}
