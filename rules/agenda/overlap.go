package agenda

import (
	"cmp"
	"math"
	"slices"
)

// maxPairs bounds what overlaps looks for; a calendar beyond it is not one
// person's: ten meetings on each day of half a year have 3,000. After so many
// stretches fewer pairs are enough, because no more than the first 500 are told.
const (
	maxPairs    = 200_000
	manyPairs   = 20_000
	manyThrough = 2_000
)

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

// lead is the first moment at which a stretch may clash with what ends there.
func (s stretch) lead() int64 { return s.start - max(s.before, s.to) }

// found is the pairs that clash, sorted by a, then b.
type found struct {
	pairs []pair
	cut   bool // only those of what begins first
	full  bool // there are more than could be looked for at all
}

// overlaps finds the pairs that clash. After many stretches it only counts, once
// enough pairs are found. Of stretches in the order of time it takes O(n) steps
// and about one for each pair. The i of the stretches is their index.
func overlaps(in []stretch, enough int) (f found) {
	inOrder := slices.IsSortedFunc(in, compare)
	if !inOrder {
		in = slices.SortedFunc(slices.Values(in), compare)
	}
	// The first moment that any later one keeps free.
	leads := make([]int64, len(in)+1)
	leads[len(in)] = math.MaxInt64
	for k := len(in) - 1; k >= 0; k-- {
		leads[k] = min(leads[k+1], in[k].lead())
	}
	var open []int32 // those that one to come may still clash with
	steps, all := 0, 0
	for k := range in {
		f.cut = f.cut || all >= enough && k >= manyThrough
		next, still := &in[k], open[:0]
		for _, at := range open {
			o := &in[at]
			if o.reach() <= leads[k] {
				continue
			}
			still = append(still, at)
			if steps++; all == maxPairs || steps > maxSearch {
				f.full = true
				break
			}
			if clash(*o, *next) {
				all++
				if !f.cut {
					f.pairs = append(f.pairs, pair{min(o.i, next.i), max(o.i, next.i)})
				}
			}
		}
		if f.full {
			break
		}
		open = append(still, int32(k))
	}
	f.cut = f.cut && all > len(f.pairs)
	if inOrder {
		f.pairs = byFirst(f.pairs, len(in))
	} else {
		slices.SortFunc(f.pairs, func(a, b pair) int { return cmp.Or(a.a-b.a, a.b-b.b) })
	}
	return f
}

func compare(a, b stretch) int {
	return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), a.i-b.i)
}

// byFirst sorts pairs that are sorted by b, then a, the other way round. n is more
// than any of them.
func byFirst(in []pair, n int) []pair {
	at := make([]int32, n+1)
	for _, p := range in {
		at[p.a+1]++
	}
	for i := range n {
		at[i+1] += at[i]
	}
	out := make([]pair, len(in))
	for _, p := range in {
		out[at[p.a]] = p
		at[p.a]++
	}
	return out
}
