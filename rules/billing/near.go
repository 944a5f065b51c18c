package billing

import (
	"strings"
	"time"

	"chancery/rules/text"
)

// reachAfter and reachBefore bound how far from its word a value may stand.
const (
	reachAfter  = 100
	reachBefore = 40
)

// Value is one fact found near a word.
type Value struct {
	Money Money     // of kind "money"
	Time  time.Time // of kind "date", midnight UTC
	Text  string    // as written; of kind "invoice" the number
	Zone  string    // "subject", "new", "quoted", "signature", "names"
}

// Near finds the first value of a kind ("money", "date" or "invoice") behind one
// of the words in near, or close before it, in subject, new text, quoted text
// and attachment names, in this order. Without words it is the first of its
// kind. Words match without ASCII case, a space for any white space. A date
// without a year is not found: there is nothing to tell its year from.
func Near(z text.Zones, kind string, near []string) (v Value, ok bool) {
	words := make([]string, 0, len(near))
	for _, w := range near {
		if w = strings.Join(strings.Fields(strings.ToLower(w)), " "); w != "" {
			words = append(words, w)
		}
	}
	if len(words) == 0 && len(near) > 0 {
		return Value{}, false
	}
	try := func(zone, s string) bool {
		v, ok = nearIn(s[:min(len(s), maxZone)], kind, words)
		v.Zone = zone
		return ok
	}
	if try("subject", z.Subject) || try("new", z.New) || try("quoted", z.Quoted) {
		return v, true
	}
	for _, n := range z.Names {
		if try("names", n) {
			return v, true
		}
	}
	return Value{}, false
}

func nearIn(s, kind string, words []string) (Value, bool) {
	if len(words) == 0 {
		return valueIn(s, kind, 0, len(s))
	}
	for i := range len(s) {
		if i > 0 && alnum(s[i-1]) {
			continue
		}
		for _, w := range words {
			end, ok := matchWords(s, i, w)
			if !ok {
				continue
			}
			if v, ok := valueIn(s, kind, end, min(len(s), end+reachAfter)); ok {
				return v, true
			}
			if v, ok := lastIn(s, kind, max(0, i-reachBefore), i); ok {
				return v, true
			}
		}
	}
	return Value{}, false
}

// valueIn finds the first value that begins in s[at:stop].
func valueIn(s, kind string, at, stop int) (Value, bool) {
	switch kind {
	case "money":
		if a, ok := moneyAfter(s, at, stop); ok {
			return Value{Money: a.Money, Text: s[a.beg:a.end]}, true
		}
	case "date":
		for at < stop {
			d, ok := dateFrom(s, at)
			if !ok || d.beg >= stop {
				break
			}
			if !d.day.IsZero() {
				return Value{Time: d.day, Text: s[d.beg:d.end]}, true
			}
			at = d.end
		}
	case "invoice":
		for i := at; i < stop; i++ {
			if i > 0 && alnum(s[i-1]) || !alnum(s[i]) {
				continue
			}
			if n, _ := numberToken(s, i, false); n != "" && (i == 0 || s[i-1] != '$') {
				return Value{Text: n}, true
			}
		}
	}
	return Value{}, false
}

// lastIn finds the last value that ends in s[at:stop].
func lastIn(s, kind string, at, stop int) (last Value, ok bool) {
	for at < stop {
		v, found := valueIn(s[:stop], kind, at, stop)
		if !found || v.Text == "" {
			break
		}
		last, ok = v, true
		i := strings.Index(s[at:stop], v.Text)
		if i < 0 {
			break
		}
		at += i + len(v.Text)
	}
	return last, ok
}
