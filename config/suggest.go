package config

import (
	"fmt"
	"slices"
	"strings"
)

// nearest returns the candidate closest to word, if it is close enough to be
// what was meant.
func nearest(word string, candidates []string) (string, bool) {
	best, at := "", max(1, len([]rune(word))/3)+1
	for _, c := range candidates {
		if strings.EqualFold(word, c) {
			return c, true
		}
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d < at {
			best, at = c, d
		}
	}
	return best, best != ""
}

// meant is the hint for a word that is not among the candidates.
func meant(word, kind string, candidates []string) string {
	if c, ok := nearest(word, candidates); ok {
		return fmt.Sprintf("did you mean %q?", c)
	}
	if len(candidates) == 0 {
		return "there is no " + kind + " yet"
	}
	shown := slices.Clone(candidates)
	if len(shown) > 12 {
		shown = append(shown[:12:12], "...")
	}
	return kind + ": " + strings.Join(shown, ", ")
}

// distance counts insertions, deletions, replacements and swaps of neighbours
// between two words, of which only the first 64 characters are looked at.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	x, y = x[:min(len(x), 64)], y[:min(len(y), 64)]
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}

// count gives "1 thing" or "3 things".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func octets(n int64) string {
	if n >= 1<<20 && n%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return count(int(n), "octet")
}
