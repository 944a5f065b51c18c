package matter

import (
	"math/rand"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"chancery/config"
	"chancery/rules/text"
)

// findSlowly looks at every token: what FindFolded must find.
func (x *Index) findSlowly(s string) []Hit {
	if len(s) > maxText {
		s = s[:maxText]
	}
	var hits []Hit
	if x.context {
		hits = x.match(x.pattern, s)
	}
	for i := 0; i < len(s) && len(hits) < maxHits; {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !isWord(r) {
			i += n
			continue
		}
		end, digits := x.token(s, i)
		if digits >= x.digits && !x.context {
			hits = x.lookup(hits, s, i, end)
		}
		if x.alias.size() > 0 {
			hits = x.named(hits, s, i, end)
		}
		i = end
	}
	return tidy(hits)
}

func TestFindPassesOverNothing(t *testing.T) {
	numbers := []string{"12345.001", "12345.002", "77-1", "A/9", "m-1234", "0042", "9", "x", "12 34", "#55 b", "2001\u201305", "\u00fc-7"}
	aliases := []string{"project heron", "heron", "acme", "acme corp", "acme robotics holding", "u.s.", "\u00fcber uns", "a.b", "k2r", "die firma", "12 monkeys", "r&d", "x.y-z"}
	joints := []string{" ", " ", " ", ".", "-", "/", ", ", "\n", "", "_", "\u2019", "\u20ac", "\u6f22", "--", " . "}
	words := append(append([]string{"the", "of", "her", "acm", "2026", "10", "1", "heronry", "12345"}, numbers...), aliases...)
	found := 0
	for seed := range int64(3000) {
		r := rand.New(rand.NewSource(seed))
		m := config.Matters{}
		if r.Intn(2) == 0 {
			m.Number.Value = []string{`\d{5}[-.]\d{3}`, `(?i)no\. (\d+)`, `.+`}[r.Intn(3)]
		}
		for i, k := range r.Perm(len(numbers))[:1+r.Intn(5)] {
			e := config.Matter{Number: numbers[k], Pos: config.Pos{Line: i}}
			for _, a := range r.Perm(len(aliases))[:r.Intn(4)] {
				e.Aliases = append(e.Aliases, aliases[a])
			}
			m.List = append(m.List, e)
		}
		x, errs := New(m)
		if errs.Fatal() {
			continue
		}
		var b strings.Builder
		for range r.Intn(60) {
			b.WriteString(words[r.Intn(len(words))] + joints[r.Intn(len(joints))])
		}
		s := text.Fold(strings.Repeat(b.String(), 1+r.Intn(3)))
		got, want := x.FindFolded(s), x.findSlowly(s)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: %q\ngot  %v\nwant %v", seed, s, got, want)
		}
		found += len(got)
	}
	if found == 0 {
		t.Fatal("nothing was found")
	}
}
