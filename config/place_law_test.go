package config

import (
	"math/rand"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// Whatever a text is and however YAML writes it, each of its characters but
// blanks is found at a place where the file has that character, or the escape
// that stands for it; and places never go backwards.
func TestPlacesLaw(t *testing.T) {
	rng := rand.New(rand.NewSource(7))
	alphabet := []rune("ab&|!'\"\\#:{}[]ä€😀 \n\t.,>")
	styles := []yaml.Style{0, yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle, yaml.LiteralStyle, yaml.FoldedStyle}
	found := map[yaml.Style]int{}
	for range 20_000 {
		value := make([]rune, 1+rng.Intn(40))
		for i := range value {
			value[i] = alphabet[rng.Intn(len(alphabet))]
		}
		style := styles[rng.Intn(len(styles))]
		text, err := yaml.Dump(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
			{Kind: yaml.ScalarNode, Value: "when"},
			{Kind: yaml.ScalarNode, Value: string(value), Style: style, Tag: "!!str"},
		}}, yaml.WithLineWidth(20+rng.Intn(60)), yaml.WithUnicode(rng.Intn(2) == 0))
		if err != nil {
			continue
		}
		f := fileOf(string(text))
		top := f.root()
		if top == nil || len(top.Content) != 2 || top.Content[1].Value != string(value) {
			continue // the writer and the reader do not agree; not our question
		}
		n := top.Content[1]
		places := f.places(n)
		if places == nil {
			t.Fatalf("no places for %q in\n%s", string(value), text)
		}
		checkPlaces(t, f, n, places)
		found[n.Style&^yaml.TaggedStyle]++
	}
	for _, s := range styles {
		if found[s] < 100 {
			t.Errorf("style %d was met %d times only", s, found[s])
		}
	}
}

func fileOf(text string) *file {
	f := &file{name: "f", whole: text, out: newProblems(), refused: map[*yaml.Node]bool{}, starts: []int{0}}
	for i := range len(text) {
		if text[i] == '\n' {
			f.starts = append(f.starts, i+1)
		}
	}
	return f
}

func checkPlaces(t *testing.T, f *file, n *yaml.Node, places []spot) {
	t.Helper()
	last := spot{}
	for i, r := range []rune(n.Value) {
		p := places[i]
		if p.line < last.line || p.line == last.line && p.col < last.col {
			t.Fatalf("places of %q go backwards at %d in\n%s", n.Value, i, f.whole)
		}
		last = p
		if blank(r) {
			continue
		}
		line := []rune(f.line(p.line))
		if p.col > len(line) {
			t.Fatalf("%q of %q is said to be at %d:%d, past the line, in\n%s", r, n.Value, p.line, p.col, f.whole)
		}
		there := line[p.col-1]
		escaped := n.Style&yaml.DoubleQuotedStyle != 0 && there == '\\'
		if there != r && !escaped {
			t.Fatalf("%q of %q is said to be at %d:%d, where %q stands, in\n%s", r, n.Value, p.line, p.col, there, f.whole)
		}
		if escaped {
			if _, is := unescape(line[p.col-1:]); is != r {
				t.Fatalf("%q of %q is said to be the escape %q", r, n.Value, strings.TrimSpace(string(line[p.col-1:])))
			}
		}
	}
}
