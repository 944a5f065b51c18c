package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"chancery/internal/model"
)

const (
	maxWhyWords = 6   // words told in one sentence
	maxWhyText  = 200 // characters of a condition or a value told
)

// why says in a sentence why the rule matched: the words with their zones and
// the values it used; without any, its condition.
func (r *rule) why(x *extracted) model.Private[string] {
	var parts []string
	if words := r.told(x.f); len(words) > 0 {
		parts = append(parts, "found "+strings.Join(words, ", "))
	}
	for _, name := range sortedKeys(r.uses) {
		field, ok := strings.CutPrefix(name, "x.")
		if !ok {
			continue
		}
		if shown := x.show(field); shown != "" {
			parts = append(parts, field+" "+shortened(shown))
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "because "+shortened(r.text))
	}
	return model.Hide(fmt.Sprintf("rule %q: %s", r.name, strings.Join(parts, "; ")))
}

// told lists the words of the rule's term sets that were found, each once with
// the best zone it stands in. Quotes, signatures and footers are told only if
// there is nothing better: hardly a rule looks there, and a word that did not
// count is no reason.
func (r *rule) told(f *facts) []string {
	var out []string
	written := r.foundBefore(f, zoneQuoted)
	for i, name := range f.set.terms {
		if !r.uses["terms."+name] {
			continue
		}
		var seen []string
		for _, h := range f.hits(i, r.files) {
			if slices.Contains(seen, h.term) || written && h.zone >= zoneQuoted {
				continue
			}
			seen = append(seen, h.term)
			if len(out) == maxWhyWords {
				return append(out, "and more")
			}
			out = append(out, fmt.Sprintf("%q in %s", h.term, zonePlaces[h.zone]))
		}
	}
	return out
}

// foundBefore reports whether a word of the rule stands in a zone better than
// the given one.
func (r *rule) foundBefore(f *facts, zone int) bool {
	for i, name := range f.set.terms {
		better := func(h hit) bool { return h.zone < zone }
		if r.uses["terms."+name] && slices.ContainsFunc(f.hits(i, r.files), better) {
			return true
		}
	}
	return false
}

// shortened puts a text on one line of bounded length.
func shortened(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > maxWhyText {
		return string(r[:maxWhyText]) + "..."
	}
	return s
}

// sortedKeys returns the keys of a set in order.
func sortedKeys(m map[string]bool) []string { return slices.Sorted(maps.Keys(m)) }
