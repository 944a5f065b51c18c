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
			lower, problem, hint := addressOrDomain(it.Value)
			if problem != "" {
				it.from.fail(it.Pos, problem, hint)
				list.Broken = true
				continue
			}
			list.Entries = append(list.Entries, Text{lower, it.Pos})
		}
		l.cfg.Rules.Lists = append(l.cfg.Rules.Lists, list)
	})
}

func (l *loader) terms(f *file, n *yaml.Node) {
	l.named(f, n, "terms", "[work product, attorney-client]", func(name Text, from string, items []sourced, read bool) {
		set := TermSet{Name: name, File: from, Broken: !read}
		for _, it := range items {
			it.Value = strings.Join(strings.Fields(it.Value), " ")
			switch chars := utf8.RuneCountInString(it.Value); {
			case chars < 2:
				it.from.fail(it.Pos, "a word of one character is found everywhere", "use two or more")
				set.Broken = true
			case chars > MaxTermChars:
				it.from.fail(it.Pos, fmt.Sprintf("a phrase longer than %d characters", MaxTermChars), "the few words that matter find more")
				set.Broken = true
			default:
				set.Words = append(set.Words, it.Text)
			}
		}
		l.cfg.Rules.Terms = append(l.cfg.Rules.Terms, set)
	})
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
			f.warn(e.name.Pos, fmt.Sprintf("%s %q is empty", kind, e.name.Value), "nothing is ever in it")
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
	for i := 1; i <= len(g.starts); i++ {
		line, _, _ := strings.Cut(g.line(i), "#")
		if text := strings.TrimSpace(line); text != "" {
			indent := len(line) - len(strings.TrimLeft(line, " \t"))
			out = append(out, sourced{Text{text, g.pos(i, indent)}, g})
		}
	}
	return out, t.Value, true
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
