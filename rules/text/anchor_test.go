package text

import (
	"io/fs"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chancery/internal/servertest"
)

// sameFooters compares the footers found with the filter and without.
func sameFooters(t *testing.T, s string) (footers bool) {
	t.Helper()
	with, without := cut(s), cut(s)
	with.quotes()
	without.quotes()
	with.footers()
	without.footersOf(boilerplate().scan(nil, without.text, without.lines, 0, len(without.lines)))
	if !slices.Equal(with.lines, without.lines) {
		t.Fatalf("the filter changes the footers of %d octets", len(s))
	}
	return slices.ContainsFunc(with.lines, func(l line) bool { return l.zone == inFooter })
}

// TestAnchorsAreComplete writes each phrase alone, at every offset, in both
// cases, with every white space between its words.
func TestAnchorsAreComplete(t *testing.T) {
	seen := func(s string) bool {
		found := false
		anchored().paragraphs(cut(s), func(int, int) { found = true })
		return found
	}
	for _, p := range phrases {
		if p.weight == 0 || weak(p) {
			continue
		}
		for _, w := range p.words {
			for _, form := range []string{w, strings.ToUpper(w), strings.ReplaceAll(w, " ", "\n> "), strings.ReplaceAll(w, " ", "\t"), strings.ReplaceAll(w, " ", " \r\n>")} {
				hits := boilerplate().scan(nil, form, cut(form).lines, 0, len(cut(form).lines))
				if !slices.ContainsFunc(hits, func(h hit) bool { return phrases[h.phrase].weight > 0 && !weak(phrases[h.phrase]) }) {
					continue // capitals beyond ASCII
				}
				for _, around := range []string{"", "x", "xy", "\n\nx", "(", "-> "} {
					if !seen(around+form) || !seen(around+form+around) {
						t.Errorf("phrase %q has no anchor in %q", w, around+form)
					}
				}
			}
		}
	}
}

// TestWeakPhrases: what has no anchor can make no footer.
func TestWeakPhrases(t *testing.T) {
	sum := 0
	for _, p := range phrases {
		if !weak(p) {
			continue
		}
		if p.role != plainRole {
			t.Errorf("phrase %q can continue a footer", p.words[0])
		}
		sum += int(p.weight)
	}
	if sum >= enough {
		t.Errorf("the phrases without anchors weigh %d", sum)
	}
}

func TestAnchorsChangeNoFooter(t *testing.T) {
	var pool []string
	for _, p := range phrases {
		pool = append(pool, p.words...)
	}
	joints := []string{" ", " ", ", ", ". ", "\n", "\n> ", "\n\n", "\n----\n", " the ", " and we met on Tuesday about it ", "x", "\n\n\n", "\r\n"}
	footers := 0
	for seed := range int64(4000) {
		r := rand.New(rand.NewSource(seed))
		var b strings.Builder
		for range 1 + r.Intn(30) {
			if w := pool[r.Intn(len(pool))]; r.Intn(5) == 0 {
				b.WriteString(strings.ToUpper(w))
			} else {
				b.WriteString(w)
			}
			b.WriteString(joints[r.Intn(len(joints))])
		}
		if sameFooters(t, b.String()) {
			footers++
		}
	}
	if footers == 0 {
		t.Fatal("no text had a footer")
	}
}

func TestAnchorsChangeNoFooterOfRealMail(t *testing.T) {
	for _, name := range []string{"enron-calo-maildir", "enron-disclaimer-footers", "court-ecf-emails", "mime-permissive"} {
		err := filepath.WalkDir(servertest.Corpus(t, name), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err == nil {
				sameFooters(t, string(data))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
