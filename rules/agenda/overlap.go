package agenda

import (
	"cmp"
	"slices"
	"time"
)

// MaxPairs bounds what Overlaps returns; a calendar beyond it is not one person's.
const MaxPairs = 200_000

// Pair is two instances, by index into the slice given to Overlaps; A < B.
type Pair struct{ A, B int }

// Overlaps finds the pairs that overlap or stand closer than the larger of their
// two buffers, sorted by A, then B; at most MaxPairs. Instances that only touch
// do not overlap. It takes O(n log n) steps and one for each pair.
func Overlaps(in []Instance) []Pair {
	w := sweep{s: make([]stretch, len(in))}
	for i, x := range in {
		w.s[i] = stretch{x.Start.Unix(), x.End.Unix(), int64(x.Buffer / time.Second), i}
	}
	// Once in the order of time with each one's own buffer behind it, once
	// backward with each one's own buffer before it. Together that is the larger
	// of both, and every step of either finds a pair.
	w.pass(func(a, b stretch) bool { return true })
	for i, x := range w.s {
		w.s[i] = x.mirror()
	}
	w.pass(func(a, b stretch) bool { return !forward(a.mirror(), b.mirror()) })
	slices.SortFunc(w.out, func(a, b Pair) int { return cmp.Or(a.A-b.A, a.B-b.B) })
	return w.out
}

// stretch is an instance in seconds.
type stretch struct {
	start, end, buffer int64
	i                  int
}

func (s stretch) mirror() stretch { return stretch{-s.end, -s.start, s.buffer, s.i} }

func compare(a, b stretch) int {
	// Of two moments the one with the buffer must be open when the other comes.
	return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), cmp.Compare(b.buffer, a.buffer), a.i-b.i)
}

// forward reports whether the first pass finds the clash of a and b.
func forward(a, b stretch) bool {
	if compare(a, b) > 0 {
		a, b = b, a
	}
	return a.end+a.buffer > b.start
}

type sweep struct {
	s    []stretch
	out  []Pair
	open []stretch // heap by end with buffer
}

// clash is the law the sweep must agree with.
func clash(a, b stretch) bool {
	gap := max(a.buffer, b.buffer)
	return a.start < b.end+gap && b.start < a.end+gap
}

func (w *sweep) pass(wanted func(open, next stretch) bool) {
	slices.SortFunc(w.s, compare)
	w.open = w.open[:0]
	for _, next := range w.s {
		for len(w.open) > 0 && w.open[0].end+w.open[0].buffer <= next.start {
			w.pop()
		}
		for _, o := range w.open {
			if len(w.out) == MaxPairs {
				return
			}
			if clash(o, next) && wanted(o, next) {
				w.out = append(w.out, Pair{min(o.i, next.i), max(o.i, next.i)})
			}
		}
		w.push(next)
	}
}

func (w *sweep) less(i, j int) bool {
	return w.open[i].end+w.open[i].buffer < w.open[j].end+w.open[j].buffer
}

func (w *sweep) push(s stretch) {
	w.open = append(w.open, s)
	for i := len(w.open) - 1; i > 0; {
		up := (i - 1) / 2
		if !w.less(i, up) {
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
			if c < n && w.less(c, least) {
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
