package rules

import (
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"
)

// fieldText is a text field of a message that hints are looked for in.
type fieldText struct {
	name string
	long bool // a zone of the body
	get  func(f *facts) string
}

// fieldTexts are the fields whose constants make keys.
var fieldTexts = map[string]*fieldText{
	"subject":     {"subject", false, func(f *facts) string { return f.subject() }},
	"from":        {"from", false, func(f *facts) string { return f.from }},
	"from_name":   {"from_name", false, func(f *facts) string { return f.fromName }},
	"list_id":     {"list_id", false, func(f *facts) string { return strings.ToLower(f.mail.ListID) }},
	"sensitivity": {"sensitivity", false, func(f *facts) string { return f.mail.Sensitivity }},
	"text":        {"text", true, func(f *facts) string { return f.text().New }},
	"quoted":      {"quoted", true, func(f *facts) string { return f.text().Quoted }},
	"footer":      {"footer", true, func(f *facts) string { return f.text().Footer }},
}

// fieldOrder fixes the order of the passes.
var fieldOrder = []string{"subject", "from", "from_name", "list_id", "sensitivity", "text", "quoted", "footer"}

// hint is a constant that must stand in a field, without regard to case.
type hint struct {
	field *fieldText
	word  string
}

// hints are all constants of all rules.
type hints struct {
	list    []hint
	index   map[string]int
	machine *automaton
	words   map[string]int
	byWord  [][]int             // word of the machine to hints
	fields  map[*fieldText]bool // fields with any hint
}

func newHints() *hints {
	return &hints{index: map[string]int{}, words: map[string]int{}, fields: map[*fieldText]bool{}}
}

func (h *hints) add(f *fieldText, word string) int {
	word = sameCase(word)
	id := f.name + "\x00" + word
	if i, ok := h.index[id]; ok {
		return i
	}
	i := len(h.list)
	h.list = append(h.list, hint{f, word})
	h.index[id] = i
	h.fields[f] = true
	w, ok := h.words[word]
	if !ok {
		w = len(h.byWord)
		h.words[word] = w
		h.byWord = append(h.byWord, nil)
	}
	h.byWord[w] = append(h.byWord[w], i)
	return i
}

// build makes the automaton after the last add.
func (h *hints) build() {
	list := make([]string, len(h.byWord))
	for w, i := range h.words {
		list[i] = w
	}
	h.machine = newAutomaton(list)
}

// scan calls found for the hints that stand in the fields of the message.
func (h *hints) scan(f *facts, wanted func(field *fieldText) bool, found func(hint int)) {
	for _, name := range fieldOrder {
		field := fieldTexts[name]
		if !h.fields[field] || !wanted(field) {
			continue
		}
		h.machine.scan(sameCase(field.get(f)), func(word, _ int) bool {
			for _, i := range h.byWord[word] {
				if h.list[i].field == field {
					found(i)
				}
			}
			return true
		})
	}
}

// sameCase maps every character to one of those that differ from it in case
// only. It works character by character, so that a text which contains a word
// still contains it afterwards: the gate may let too much through, never too
// little.
func sameCase(s string) string {
	plain := true
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c >= 'A' && c <= 'Z' {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	return strings.Map(oneCase, s)
}

func oneCase(r rune) rune {
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	r = unicode.ToLower(r) // takes U+0130 to i, which folding does not
	if r < utf8.RuneSelf {
		return r
	}
	least := r
	for x := unicode.SimpleFold(r); x != r; x = unicode.SimpleFold(x) {
		if x < utf8.RuneSelf {
			return oneCase(x)
		}
		least = min(least, x)
	}
	return least
}

// needed returns constants of which at least one stands in every text that the
// regular expression matches; nil if none is known.
func needed(re string) []string {
	tree, err := syntax.Parse(re, syntax.Perl)
	if err != nil {
		return nil
	}
	return neededIn(tree)
}

func neededIn(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		if len(re.Rune) < 2 {
			return nil
		}
		return []string{string(re.Rune)}
	case syntax.OpCapture, syntax.OpPlus:
		return neededIn(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min >= 1 {
			return neededIn(re.Sub[0])
		}
	case syntax.OpConcat:
		var best []string
		for _, sub := range re.Sub {
			if words := neededIn(sub); words != nil && shortest(words) > shortest(best) {
				best = words
			}
		}
		return best
	case syntax.OpAlternate:
		var union []string
		for _, sub := range re.Sub {
			words := neededIn(sub)
			if words == nil || len(union)+len(words) > maxKeys {
				return nil
			}
			union = append(union, words...)
		}
		return union
	}
	return nil
}

func shortest(words []string) int {
	n := 0
	for i, w := range words {
		if i == 0 || len(w) < n {
			n = len(w)
		}
	}
	return n
}
