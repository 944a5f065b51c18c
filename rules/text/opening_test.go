package text

import (
	"math/rand"
	"slices"
	"strings"
	"testing"
)

// Wherever a phrase stands in a folded text, a filter of its beginning sees it in
// the text as it came, and what is unfolded there is what stands in the folded one.
func TestLawOpeningsMissNothing(t *testing.T) {
	phrases := []string{"word", "some words here", "x", "z9", "r&d now", "漢", "ä", "ß", "ﬁ", "co", "and", "& co", "the word"}
	var known []string
	for _, p := range phrases {
		known = append(known, strings.ReplaceAll(Fold(p), "&", "and"))
	}
	o := NewOpenings(slices.Values(known))
	if o == nil {
		t.Fatal("no filter")
	}
	seen := 0
	for seed := range int64(20_000) {
		r := rand.New(rand.NewSource(seed))
		s := scraps(seed)
		for range 3 {
			s += phrases[r.Intn(len(phrases))] + []string{" ", "\n> ", "-", "\r\n\t", "", "&"}[r.Intn(6)]
			s += scraps(seed + 1)
		}
		var buf [2][]byte
		looked := Looked(&buf, s)
		there := map[string]bool{}
		for i := o.Next(looked, 0); i < len(looked); i = o.Next(looked, i+1) {
			near := strings.ReplaceAll(string(Unfolded(nil, looked, i, len(looked))), "&", "and")
			for _, p := range known {
				there[p] = there[p] || strings.HasPrefix(near, p)
			}
		}
		var lines []string
		for l := range strings.SplitSeq(s, "\n") {
			m := measure(l, 0, len(l))
			lines = append(lines, l[m.beg:m.end])
		}
		folded := strings.ReplaceAll(Fold(strings.Join(lines, "\n")), "&", "and")
		for _, p := range known {
			for _, at := range Starts(nil, folded) {
				if strings.HasPrefix(folded[at:], p) {
					if seen++; !there[p] {
						t.Fatalf("%q: %q is not seen in %q", s, p, looked)
					}
				}
			}
		}
	}
	if seen < 20_000 {
		t.Errorf("only %d phrases: they prove too little", seen)
	}
	if NewOpenings(slices.Values([]string{"word", "$5"})) != nil || NewOpenings(slices.Values([]string{"a > b"})) != nil {
		t.Error("a filter for what it would miss")
	}
}

func TestVisible(t *testing.T) {
	for c := range 256 {
		for i := range 20 {
			s := strings.Repeat("a", i) + string([]byte{byte(c)}) + strings.Repeat("~ ", 5)
			if want := c >= ' ' && c < 0x7f || isSpace(byte(c)); visible(s) != want {
				t.Errorf("%q: %v", s, !want)
			}
		}
	}
}

// What follows word by word is also included.
func TestLawFollowsIsIncluded(t *testing.T) {
	yes, no := 0, 0
	for seed := range int64(5000) {
		r := rand.New(rand.NewSource(seed))
		words := strings.Fields(strings.Repeat("one two three Four five ä ab 1234 seven eight ", 1+r.Intn(20)))
		r.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
		var a, b strings.Builder
		for _, w := range words {
			gap := []string{" ", "\n", "  "}[r.Intn(3)]
			if r.Intn(30) > 0 {
				a.WriteString(w + gap)
			}
			if r.Intn(30) == 0 {
				w = "other" + w
			}
			b.WriteString(w + gap)
		}
		switch f, i := follows(a.String(), b.String()), includes(a.String(), b.String()); {
		case f && !i:
			t.Fatalf("seed %d: %q follows %q and is not included", seed, b.String(), a.String())
		case f:
			yes++
		case i:
			no++
		}
		if s := a.String(); !follows(s, strings.ReplaceAll(s, "\n", " \r\n")) {
			t.Fatalf("seed %d: %q does not follow itself", seed, s)
		}
	}
	if yes < 500 || no < 100 {
		t.Errorf("%d follow, %d are included only", yes, no)
	}
}
