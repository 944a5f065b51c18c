package rules

import (
	"strings"
	"unicode/utf8"
)

// minGlued is the fewest letters a term needs to be looked for without regard to
// its blanks: shorter ones would be found across the borders of other words.
const minGlued = 12

// glue prepares the search for terms whose blanks were lost or added when a
// header was folded: "Attorney ClientPrivil ege".
func (w *words) glue() {
	index := map[string]bool{}
	var list []string
	for i, term := range w.list {
		g := strings.ReplaceAll(term, " ", "")
		if utf8.RuneCountInString(g) >= minGlued && !index[g] {
			index[g] = true
			list = append(list, g)
			w.long = append(w.long, i)
		}
	}
	w.glued = newAutomaton(list)
}

// scanGlued looks for long terms in a short text, the subject, without its
// blanks. What stands there with its own blanks has been found already.
func (w *words) scanGlued(hits [][]hit, zone int, s string) {
	if w.glued == nil || len(s) > maxGlued || !strings.Contains(s, " ") {
		return
	}
	var b strings.Builder
	at := make([]int, 0, len(s)) // octet of the glued text to octet of s
	for i := range len(s) {
		if s[i] != ' ' {
			b.WriteByte(s[i])
			at = append(at, i)
		}
	}
	glued := b.String()
	w.glued.scan(glued, func(word, end int) bool {
		term := w.list[w.long[word]]
		start := end - len(strings.ReplaceAll(term, " ", ""))
		from, till := at[start], at[end-1]+1
		if wordEdge(s, from) && wordEdge(s, till) && s[from:till] != term {
			w.found(hits, w.long[word], zone, from)
		}
		return true
	})
}

// maxGlued is the longest subject that is searched this way.
const maxGlued = 2000
