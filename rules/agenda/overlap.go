package agenda

import (
	"cmp"
	"slices"
)

// maxPairs bounds what overlaps returns; a calendar beyond it is not one person's.
const maxPairs = 200_000

// maxSearch bounds what the search looks at beside: neighbours within their gap
// that share a place, and pairs that it saw before.
const maxSearch = 16 * maxPairs

// pair is two stretches, by index into the slice given to overlaps; a < b.
type pair struct{ a, b int }

// stretch is a piece of time in Unix seconds, half open, with what is kept free
// around it.
type stretch struct {
	start, end    int64
	before, after int64 // kept free, whoever the neighbour is
	to, from      int64 // the way there and back, but from and to the same place
	place         int   // 0: nowhere known
	i             int
}

// reach is how far after its end a stretch may still clash.
func (s stretch) reach() int64 { return s.end + max(s.after, s.from) }

func (s stretch) mirror() stretch {
	return stretch{-s.end, -s.start, s.after, s.before, s.from, s.to, s.place, s.i}
}

// gap is what must be free between the end of a and the start of b.
func gap(a, b stretch) int64 {
	g := max(a.after, b.before)
	if a.place == 0 || a.place != b.place {
		g = max(g, a.from, b.to)
	}
	return g
}

// clash is the law the sweep must agree with. What only touches does not clash.
func clash(a, b stretch) bool {
	return a.start < b.end+gap(b, a) && b.start < a.end+gap(a, b)
}

// overlaps finds the pairs that clash, sorted by a, then b; full is set if there
// are more than were looked for. It takes O(n log n) steps and about one for each
// pair. The i of the stretches is their index.
func overlaps(in []stretch) (out []pair, full bool) {
	w := sweep{s: slices.Clone(in)}
	// Once in the order of time with what each one keeps free behind it, once
	// backward with what it keeps free before it. Together that is the larger of both.
	w.pass(func(a, b stretch) bool { return true })
	for i, x := range w.s {
		w.s[i] = x.mirror()
	}
	w.pass(func(a, b stretch) bool { return !forward(a.mirror(), b.mirror()) })
	slices.SortFunc(w.out, func(a, b pair) int { return cmp.Or(a.a-b.a, a.b-b.b) })
	return w.out, w.full
}

func compare(a, b stretch) int {
	// Of two moments the one with the longer reach must be open when the other comes.
	return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), cmp.Compare(b.reach(), a.reach()), a.i-b.i)
}

// forward reports whether the first pass finds the clash of a and b.
func forward(a, b stretch) bool {
	if compare(a, b) > 0 {
		a, b = b, a
	}
	return a.reach() > b.start
}

type sweep struct {
	s     []stretch
	out   []pair
	open  []stretch // heap by reach
	steps int
	full  bool
}

func (w *sweep) pass(wanted func(open, next stretch) bool) {
	slices.SortFunc(w.s, compare)
	w.open = w.open[:0]
	for _, next := range w.s {
		for len(w.open) > 0 && w.open[0].reach() <= next.start {
			w.pop()
		}
		for _, o := range w.open {
			if w.steps++; len(w.out) == maxPairs || w.steps > maxSearch {
				w.full = true
				return
			}
			if clash(o, next) && wanted(o, next) {
				w.out = append(w.out, pair{min(o.i, next.i), max(o.i, next.i)})
			}
		}
		w.push(next)
	}
}

func (w *sweep) push(s stretch) {
	w.open = append(w.open, s)
	for i := len(w.open) - 1; i > 0; {
		up := (i - 1) / 2
		if w.open[i].reach() >= w.open[up].reach() {
			return
		}
		w.open[i], w.open[up] = w.open[up], w.open[i]
		i = up
	}
}

func (w *sweep) pop() {
	n := len(w.open) - 1
	w.open[0] = w.open[n]
	w.open = w.open[:n]
	for i := 0; ; {
		least := i
		for _, c := range [2]int{2*i + 1, 2*i + 2} {
			if c < n && w.open[c].reach() < w.open[least].reach() {
				least = c
			}
		}
		if least == i {
			return
		}
		w.open[i], w.open[least] = w.open[least], w.open[i]
		i = least
	}
}
