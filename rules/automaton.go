package rules

import (
	"slices"
	"unicode/utf8"

	"chancery/rules/text"
)

// automaton finds many words in one pass over a text (Aho and Corasick, 1975).
// Its cost depends on the length of the text, not on the number of words. It
// works on octets; both sides must have been folded the same way.
//
// States near the root have full tables, because a text spends nearly all its
// time there; the others keep their few edges and fall back to their fail state.
type automaton struct {
	root  [256]int32
	dense []*[256]int32 // by state; nil for sparse states
	edges []edges
	fail  []int32
	out   []int32 // word that ends here, -1 if none
	more  []int32 // next state on the fail chain with a word, 0 if none
	size  []int32 // octets of word i

	begin *text.Prefixes
	edged bool // every word begins with a letter or digit, or beyond ASCII
}

// edges is the sparse form of a state.
type edges struct {
	octets  []byte
	targets []int32
}

func (e edges) find(c byte) int32 {
	for i, x := range e.octets {
		if x == c {
			return e.targets[i]
		}
	}
	return 0
}

// newAutomaton builds the automaton; word i is reported as i. Words must be
// different and not empty.
func newAutomaton(words []string) *automaton {
	if len(words) == 0 {
		return nil
	}
	a := &automaton{begin: text.NewPrefixes(words), edged: true}
	a.state()
	depth := []int{0}
	for i, w := range words {
		s := int32(0)
		for j := range len(w) {
			next := a.edges[s].find(w[j])
			if next == 0 {
				next = a.state()
				depth = append(depth, j+1)
				a.edges[s].octets = append(a.edges[s].octets, w[j])
				a.edges[s].targets = append(a.edges[s].targets, next)
			}
			s = next
		}
		a.out[s] = int32(i)
		a.size = append(a.size, int32(len(w)))
		a.edged = a.edged && (w[0] >= utf8.RuneSelf || w[0] >= '0' && w[0] <= '9' || w[0] >= 'a' && w[0] <= 'z')
	}
	a.link(depth)
	return a
}

func (a *automaton) state() int32 {
	a.dense = append(a.dense, nil)
	a.edges = append(a.edges, edges{})
	a.fail = append(a.fail, 0)
	a.out = append(a.out, -1)
	a.more = append(a.more, 0)
	return int32(len(a.fail) - 1)
}

// link fills the fail states in breadth-first order and the tables of the
// states near the root.
func (a *automaton) link(depth []int) {
	for i, c := range a.edges[0].octets {
		a.root[c] = a.edges[0].targets[i]
	}
	queue := slices.Clone(a.edges[0].targets)
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		f := a.fail[s]
		if a.out[f] >= 0 {
			a.more[s] = f
		} else {
			a.more[s] = a.more[f]
		}
		for i, c := range a.edges[s].octets {
			t := a.edges[s].targets[i]
			a.fail[t] = a.next(f, c)
			queue = append(queue, t)
		}
		if depth[s] == 1 || len(a.edges[s].octets) > 12 {
			table := &[256]int32{}
			for c := range 256 {
				table[c] = a.next(s, byte(c))
			}
			a.dense[s] = table
		}
	}
}

func (a *automaton) next(s int32, c byte) int32 {
	for {
		if s == 0 {
			return a.root[c]
		}
		if t := a.dense[s]; t != nil {
			return t[c]
		}
		if t := a.edges[s].find(c); t != 0 {
			return t
		}
		s = a.fail[s]
	}
}

// scan calls found for every word in s, with its number and the offset of its
// end, until found returns false. A nil automaton finds nothing.
func (a *automaton) scan(s string, found func(word, end int) bool) {
	if a == nil {
		return
	}
	for i := 0; i < len(s); {
		if !a.begin.At(s, i) {
			i++
			continue
		}
		if i = a.follow(s, i, found); i < 0 {
			return
		}
	}
}

// scanWords is scan for words that stand alone: it may leave out those that
// begin inside a longer one. starts are the places of text.Starts.
func (a *automaton) scanWords(s string, starts []int32, found func(word, end int) bool) {
	if a == nil {
		return
	}
	if !a.edged {
		a.scan(s, found)
		return
	}
	at := 0
	for _, i := range starts {
		if int(i) < at || !a.begin.At(s, int(i)) {
			continue
		}
		if at = a.follow(s, int(i), found); at < 0 {
			return
		}
	}
}

// follow runs over s from i on for as long as a word may be there, and returns
// where that ended; -1 if found returned false. Between there and the next place
// where a word begins the automaton would stay in its root.
func (a *automaton) follow(s string, i int, found func(word, end int) bool) int {
	state := int32(0)
	for i < len(s) {
		state = a.next(state, s[i])
		i++
		if state == 0 {
			break
		}
		if a.out[state] < 0 && a.more[state] == 0 {
			continue
		}
		for hit := state; hit != 0; hit = a.more[hit] {
			if a.out[hit] >= 0 && !found(int(a.out[hit]), i) {
				return -1
			}
		}
	}
	return i
}
