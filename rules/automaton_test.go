package rules

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"chancery/rules/text"
)

// slowly runs over every octet: what scan must report.
func (a *automaton) slowly(s string) []string {
	var out []string
	state := int32(0)
	for i := range len(s) {
		state = a.next(state, s[i])
		for hit := state; hit != 0; hit = a.more[hit] {
			if a.out[hit] >= 0 {
				out = append(out, fmt.Sprint(a.out[hit], "@", i+1))
			}
		}
	}
	return out
}

func TestAutomatonPassesOverNothing(t *testing.T) {
	pool := []string{"a", "in", "nda", "work", "work product", "product", "privileged and confidential", "confidential", "and", "12/", "$5", "#", "\u00fcber", "r and d", "漢字", "字"}
	joints := []string{" ", " ", "", ", ", "-", "x", "\u20ac", "\u6f22", ".", "  "}
	hits := 0
	for seed := range int64(5000) {
		r := rand.New(rand.NewSource(seed))
		var words []string
		for _, i := range r.Perm(len(pool))[:1+r.Intn(len(pool))] {
			words = append(words, pool[i])
		}
		a := newAutomaton(words)
		var b strings.Builder
		for range r.Intn(30) {
			b.WriteString(string([]rune(pool[r.Intn(len(pool))])[0]))
			b.WriteString(pool[r.Intn(len(pool))] + joints[r.Intn(len(joints))])
		}
		s := strings.ToValidUTF8(b.String(), "")
		want := a.slowly(s)
		var got, words1 []string
		a.scan(s, func(word, end int) bool { got = append(got, fmt.Sprint(word, "@", end)); return true })
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: scan of %q\ngot  %v\nwant %v", seed, s, got, want)
		}
		alone := func(word, end int) bool { return wordEdge(s, end-len(words[word])) && wordEdge(s, end) }
		a.scanWords(s, text.Starts(nil, s), func(word, end int) bool {
			if alone(word, end) {
				words1 = append(words1, fmt.Sprint(word, "@", end))
			}
			return true
		})
		got = got[:0]
		a.scan(s, func(word, end int) bool {
			if alone(word, end) {
				got = append(got, fmt.Sprint(word, "@", end))
			}
			return true
		})
		if !slices.Equal(words1, got) {
			t.Fatalf("seed %d: scanWords of %q\ngot  %v\nwant %v", seed, s, words1, got)
		}
		hits += len(got)
	}
	if hits == 0 {
		t.Fatal("nothing was found")
	}
}

// plainSlowly goes character by character: what plain must give.
func plainSlowly(folded string) string {
	var b strings.Builder
	before := ' '
	for i := 0; i < len(folded); {
		r, n := utf8.DecodeRuneInString(folded[i:])
		i += n
		after, _ := utf8.DecodeRuneInString(folded[i:])
		switch {
		case r == '&':
			b.WriteString("and")
			before = r
			continue
		case r == '\u2018' || r == '\u2019':
			r = '\''
		case joiner(r) && inWord(before) && inWord(after):
			r = ' '
		case r == '-' && inWord(before) && after == ' ' && i+1 < len(folded):
			if next, _ := utf8.DecodeRuneInString(folded[i+1:]); inWord(next) || next == '&' {
				before = r
				continue
			}
		}
		b.WriteRune(r)
		before = r
	}
	return b.String()
}

func TestPlain(t *testing.T) {
	pool := []string{"work-product", "attorney/client", "a_b.pdf", "r&d", "r&-d", "--", "-x", "x-", "\u2019s", "\u2013", "a\u2013b", "\u2212", "\xff", "\u00fc-\u00fc", "plain words here", " ", "&", "a-b-c", "a--b", "privi- leged", "- "}
	for seed := range int64(5000) {
		r := rand.New(rand.NewSource(seed))
		var b strings.Builder
		for range r.Intn(12) {
			b.WriteString(pool[r.Intn(len(pool))])
		}
		s := b.String()
		got, same := plainIn(new([]byte), s)
		if want := plainSlowly(s); got != want {
			t.Fatalf("plain(%q): %q, want %q", s, got, want)
		}
		if same && !slices.Equal(text.Starts(nil, got), text.Starts(nil, s)) {
			t.Fatalf("plain(%q) moves words", s)
		}
	}
}
