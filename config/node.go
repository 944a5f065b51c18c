package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// block is a mapping whose keys are known.
type block struct {
	f      *file
	node   *yaml.Node
	what   string // "an account", for problems
	values map[string]*yaml.Node
	meant  map[string]bool // keys that an unknown one was close to
}

// entry is one key of a mapping whose keys IT chooses.
type entry struct {
	name  Text
	value *yaml.Node
}

func target(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// entries reads the keys of a mapping in their order; duplicates are told and
// dropped.
func (f *file) entries(n *yaml.Node, what string) ([]entry, bool) {
	n = target(n)
	if n.Kind != yaml.MappingNode {
		f.wrong(n, "a mapping", what+" is written as key: value")
		return nil, false
	}
	var out []entry
	seen := map[string]Pos{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := target(n.Content[i])
		if k.Kind != yaml.ScalarNode || k.Style&yaml.TaggedStyle != 0 {
			f.fail(f.at(k), "a key must be plain text", "write one word before the colon")
			continue
		}
		if k.Tag == "!!merge" {
			f.fail(f.at(k), "merge keys (<<) are not read", "write the keys out")
			continue
		}
		if first, dup := seen[k.Value]; dup {
			f.fail(f.at(k), fmt.Sprintf("key %q is here twice", k.Value), fmt.Sprintf("first in line %d", first.Line))
			continue
		}
		seen[k.Value] = f.at(k)
		out = append(out, entry{Text{k.Value, f.at(k)}, target(n.Content[i+1])})
	}
	return out, true
}

// block reads a mapping and tells keys that are not among known.
func (f *file) block(n *yaml.Node, what string, known ...string) (block, bool) {
	b := block{f: f, node: target(n), what: what, values: map[string]*yaml.Node{}, meant: map[string]bool{}}
	es, ok := f.entries(n, what)
	for _, e := range es {
		if slices.Contains(known, e.name.Value) {
			b.values[e.name.Value] = e.value
		} else if !f.refused[e.value] {
			near, _ := nearest(e.name.Value, known)
			b.meant[near] = true
			f.fail(e.name.Pos, fmt.Sprintf("unknown key %q in %s", e.name.Value, what), meant(e.name.Value, "known keys", known))
		}
	}
	return b, ok
}

// get returns the value of a key, nil if it is absent.
func (b block) get(key string) *yaml.Node { return b.values[key] }

// need is get for a key that must be there.
func (b block) need(key, example string) *yaml.Node {
	n := b.values[key]
	if n == nil && !b.meant[key] {
		b.f.fail(b.f.at(b.node), fmt.Sprintf("%s has no %s", b.what, key), "add "+key+": "+example)
	}
	return n
}

// wrong tells that a value has the wrong type, without its text.
func (f *file) wrong(n *yaml.Node, want, hint string) {
	if !f.refused[n] {
		f.fail(f.at(n), "expected "+want+", found "+kindWord(n), hint)
	}
}

func kindWord(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Style&yaml.TaggedStyle != 0:
		return "a tag"
	case n.Tag == "!!null":
		return "nothing"
	case n.Tag == "!!bool":
		return "true or false"
	case n.Tag == "!!int" || n.Tag == "!!float":
		return "a number"
	}
	return "text"
}

// scalar tells whether n is a text that YAML took as it stands.
func (f *file) scalar(n *yaml.Node, want string) bool {
	switch {
	case n.Kind == yaml.ScalarNode && n.Style&yaml.TaggedStyle != 0 && n.Tag != "!!str":
		f.fail(f.at(n), "YAML reads a text that begins with ! as a tag", "put quotes around it")
		return false
	case n.Kind == yaml.MappingNode && strings.HasPrefix(f.from(n), "{{"):
		f.fail(f.at(n), "YAML reads a text that begins with { as a mapping", "put quotes around it")
		return false
	case n.Kind != yaml.ScalarNode || n.Tag == "!!null":
		f.wrong(n, want, "")
		return false
	}
	return true
}

// from is the rest of the line a value begins on.
func (f *file) from(n *yaml.Node) string {
	line := []rune(f.line(n.Line))
	return string(line[min(max(n.Column-1, 0), len(line)):])
}

// text reads a text that is not empty. Numbers stay as they are written: 00420
// is a text of five characters.
func (f *file) text(n *yaml.Node) (Text, bool) {
	n = target(n)
	if !f.scalar(n, "text") {
		return Text{}, false
	}
	if n.Tag == "!!bool" && n.Style == 0 {
		f.wrong(n, "text", "put quotes around it if it is a text")
		return Text{}, false
	}
	t := Text{n.Value, f.at(n)}
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		t.Value = strings.TrimRight(t.Value, "\n")
	}
	if strings.TrimSpace(t.Value) == "" {
		f.fail(t.Pos, "expected text, found an empty text", "")
		return t, false
	}
	return t, true
}

// texts reads a list of texts.
func (f *file) texts(n *yaml.Node, example string) ([]Text, bool) {
	var out []Text
	items, ok := f.list(n, example)
	for _, item := range items {
		if t, good := f.text(item); good {
			out = append(out, t)
		}
	}
	return out, ok
}

func (f *file) list(n *yaml.Node, example string) ([]*yaml.Node, bool) {
	n = target(n)
	if n.Kind != yaml.SequenceNode {
		hint := ""
		if example != "" {
			hint = "write it as a list: " + example
		}
		f.wrong(n, "a list", hint)
		return nil, false
	}
	out := make([]*yaml.Node, len(n.Content))
	for i, c := range n.Content {
		out[i] = target(c)
	}
	return out, true
}

// flag reads true or false.
func (f *file) flag(n *yaml.Node) bool {
	if n == nil {
		return false
	}
	n = target(n)
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" || n.Style != 0 {
		hint := ""
		if n.Kind == yaml.ScalarNode && slices.Contains([]string{"yes", "no", "on", "off", "y", "n"}, strings.ToLower(n.Value)) {
			hint = "write true or false, without quotes"
		}
		f.wrong(n, "true or false", hint)
		return false
	}
	return n.Value == "true"
}

// number reads a whole number from low to high.
func (f *file) number(n *yaml.Node, low, high int) (int, bool) {
	n = target(n)
	v, err := strconv.Atoi(n.Value)
	huge := len(strings.TrimLeft(n.Value, "+-0123456789")) == 0 && n.Value != ""
	if n.Kind != yaml.ScalarNode || n.Style != 0 || err != nil && !huge {
		f.wrong(n, "a whole number", "")
		return 0, false
	}
	if err != nil || v < low || v > high {
		f.fail(f.at(n), fmt.Sprintf("expected a whole number from %d to %d", low, high), "")
		return 0, false
	}
	return v, true
}

// word reads one of a few words.
func (f *file) word(n *yaml.Node, what string, allowed ...string) (string, bool) {
	n = target(n)
	if !f.scalar(n, what) {
		return "", false
	}
	if slices.Contains(allowed, n.Value) {
		return n.Value, true
	}
	f.fail(f.at(n), fmt.Sprintf("unknown %s %q", what, clip(n.Value)), meant(n.Value, "one of", allowed))
	return "", false
}

// span reads a duration.
func (f *file) span(n *yaml.Node, low, high time.Duration) (time.Duration, bool) {
	n = target(n)
	if !f.scalar(n, "a duration such as 10m") {
		return 0, false
	}
	d, hint, ok := parseDuration(n.Value)
	switch {
	case !ok:
		f.fail(f.at(n), fmt.Sprintf("%q is not a duration", clip(n.Value)), hint)
	case d < low || d > high:
		f.fail(f.at(n), fmt.Sprintf("expected a duration from %s to %s", formatDuration(low), formatDuration(high)), "")
		ok = false
	}
	return d, ok
}

// version checks the first key of every file.
func (b block) version() {
	if n := b.need("version", "1"); n != nil && (n.Kind != yaml.ScalarNode || n.Value != "1") {
		b.f.fail(b.f.at(n), "this program reads version 1 only", "write version: 1")
	}
}

// clip keeps a value that is repeated in a problem short.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "..."
	}
	return s
}
