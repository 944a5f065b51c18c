package agenda

import (
	"math/rand"
	"slices"
	"testing"
	"time"
)

// stretchOf is minutes of a day, with a buffer on both sides.
func stretchOf(from, till, buffer int) stretch {
	const noon = 1772452800
	return stretch{start: noon + int64(60*from), end: noon + int64(60*till), before: int64(60 * buffer), after: int64(60 * buffer)}
}

func randomStretches(r *rand.Rand, n int) []stretch {
	in := make([]stretch, n)
	few := []int64{0, 0, 0, 300, 900, 3600}
	for i := range in {
		from := r.Intn(200)
		in[i] = stretchOf(from, from+r.Intn(5)*r.Intn(12), 0)
		in[i].before, in[i].after = few[r.Intn(6)], few[r.Intn(6)]
		if in[i].place = r.Intn(4); in[i].place > 0 {
			in[i].to, in[i].from = few[r.Intn(6)], few[r.Intn(6)]
		}
	}
	return numbered(in)
}

func numbered(in []stretch) []stretch {
	for i := range in {
		in[i].i = i
	}
	return in
}

func pairsOf(in []stretch) []pair {
	return overlaps(in, maxPairs).pairs
}

// bruteForce says it in the words of the documentation.
func bruteForce(in []stretch) []pair {
	need := func(first, second stretch) int64 {
		gap := max(first.after, second.before)
		if first.place == 0 || first.place != second.place {
			gap = max(gap, first.from, second.to)
		}
		return gap
	}
	var out []pair
	for i, a := range in {
		for j := i + 1; j < len(in); j++ {
			b := in[j]
			if a.start-b.end < need(b, a) && b.start-a.end < need(a, b) {
				out = append(out, pair{i, j})
			}
		}
	}
	return out
}

// P9: the sweep finds what comparing each with each finds.
func TestOverlapsEqualsBruteForce(t *testing.T) {
	r := rand.New(rand.NewSource(9))
	for round := range 8000 {
		in := randomStretches(r, r.Intn(25))
		if got, want := pairsOf(in), bruteForce(in); !slices.Equal(got, want) {
			t.Fatalf("round %d: got %v, want %v of %v", round, got, want, in)
		}
	}
}

// P10, P12, P13: the order of the input does not matter, another event takes no
// pair away, and moving all by the same time changes nothing.
func TestOverlapsLaws(t *testing.T) {
	r := rand.New(rand.NewSource(10))
	for range 1000 {
		in := randomStretches(r, 2+r.Intn(20))
		want := pairsOf(in)

		perm := r.Perm(len(in))
		shuffled := make([]stretch, len(in))
		for i, p := range perm {
			shuffled[i] = in[p]
		}
		var back []pair
		for _, p := range pairsOf(numbered(shuffled)) {
			a, b := perm[p.a], perm[p.b]
			back = append(back, pair{min(a, b), max(a, b)})
		}
		if len(back) != len(want) || !containsAll(back, want) {
			t.Fatal("another order gives other pairs")
		}
		if more := pairsOf(numbered(append(slices.Clone(in), randomStretches(r, 1)...))); !containsAll(more, want) {
			t.Fatal("another event took a pair away")
		}
		moved := slices.Clone(in)
		for i := range moved {
			moved[i].start += 777 * 3600
			moved[i].end += 777 * 3600
		}
		if !slices.Equal(pairsOf(moved), want) {
			t.Fatal("moving everything changed the pairs")
		}
	}
}

// P10: whoever is named first, two clash or they do not.
func TestClashIsSymmetric(t *testing.T) {
	r := rand.New(rand.NewSource(100))
	for range 5000 {
		in := randomStretches(r, 2)
		if clash(in[0], in[1]) != clash(in[1], in[0]) {
			t.Fatalf("%+v", in)
		}
		if back := []stretch{backward(in[0]), backward(in[1])}; clash(back[0], back[1]) != clash(in[0], in[1]) {
			t.Fatalf("time runs backward, and it is another answer: %+v", in)
		}
	}
}

// backward is a stretch when time runs backward.
func backward(s stretch) stretch {
	return stretch{-s.end, -s.start, s.after, s.before, s.from, s.to, s.place, s.i}
}

// What was looked for until it was too much is complete up to there.
func TestOverlapsAreCompleteUntilFull(t *testing.T) {
	r := rand.New(rand.NewSource(11))
	in := make([]stretch, 6_000)
	for i := range in {
		from := r.Intn(20_000)
		in[i] = stretchOf(from, from+r.Intn(60), 5*r.Intn(4))
	}
	slices.SortFunc(in, compare)
	all := pairsOf(numbered(in))
	f := overlaps(in, manyPairs)
	got := f.pairs
	if !f.cut || f.full || len(got) >= len(all) {
		t.Fatalf("%d pairs of %d, cut: %v, full: %v", len(got), len(all), f.cut, f.full)
	}
	last := 0
	for _, p := range got {
		last = max(last, p.b)
	}
	var want []pair
	for _, p := range bruteForce(in) {
		if p.b < last {
			want = append(want, p)
		}
	}
	got = slices.DeleteFunc(got, func(p pair) bool { return p.b >= last })
	if !slices.Equal(got, want) {
		t.Fatalf("%d pairs of the first %d, want %d", len(got), last, len(want))
	}
}

func containsAll(all, some []pair) bool {
	for _, p := range some {
		if !slices.Contains(all, p) {
			return false
		}
	}
	return true
}

// P11: the edges.
func TestOverlapsEdges(t *testing.T) {
	with := func(s stretch, change func(*stretch)) stretch {
		change(&s)
		return s
	}
	at := func(place, minutes int) func(*stretch) {
		return func(s *stretch) { s.place, s.to, s.from = place, int64(60*minutes), int64(60*minutes) }
	}
	for _, c := range []struct {
		name string
		a, b stretch
		want bool
	}{
		{"touching", stretchOf(0, 30, 0), stretchOf(30, 60, 0), false},
		{"one minute into", stretchOf(0, 31, 0), stretchOf(30, 60, 0), true},
		{"inside", stretchOf(0, 60, 0), stretchOf(10, 20, 0), true},
		{"the same", stretchOf(0, 60, 0), stretchOf(0, 60, 0), true},
		{"moment at the start", stretchOf(0, 60, 0), stretchOf(0, 0, 0), false},
		{"moment at the end", stretchOf(0, 60, 0), stretchOf(60, 60, 0), false},
		{"moment inside", stretchOf(0, 60, 0), stretchOf(30, 30, 0), true},
		{"two moments", stretchOf(5, 5, 0), stretchOf(5, 5, 0), false},
		{"moment with buffer at the end", stretchOf(0, 60, 0), stretchOf(60, 60, 10), true},
		{"buffer of the first", stretchOf(0, 30, 15), stretchOf(40, 60, 0), true},
		{"buffer of the second", stretchOf(0, 30, 0), stretchOf(40, 60, 15), true},
		{"buffers do not add up", stretchOf(0, 30, 10), stretchOf(45, 60, 10), false},
		{"buffer exactly kept", stretchOf(0, 30, 10), stretchOf(40, 60, 0), false},
		{"preparation is before only", with(stretchOf(0, 30, 0), func(s *stretch) { s.before = 900 }), stretchOf(35, 60, 0), false},
		{"preparation of the second", stretchOf(0, 30, 0), with(stretchOf(35, 60, 0), func(s *stretch) { s.before = 900 }), true},
		{"a way from elsewhere", with(stretchOf(0, 30, 0), at(1, 0)), with(stretchOf(45, 60, 0), at(2, 30)), true},
		{"a way at the same place", with(stretchOf(0, 30, 0), at(2, 30)), with(stretchOf(30, 60, 0), at(2, 30)), false},
		{"a way back to the desk", with(stretchOf(0, 30, 0), at(2, 30)), stretchOf(45, 60, 0), true},
		{"the same place keeps buffers", with(stretchOf(0, 30, 10), at(2, 30)), with(stretchOf(35, 60, 0), at(2, 30)), true},
	} {
		for _, in := range [][]stretch{{c.a, c.b}, {c.b, c.a}} {
			if got := len(pairsOf(numbered(in))) == 1; got != c.want {
				t.Errorf("%s: got %v, want %v", c.name, got, c.want)
			}
		}
	}
}

func TestOverlapsIsBounded(t *testing.T) {
	in := make([]stretch, 1000)
	for i := range in {
		in[i] = stretchOf(0, 10, 0)
	}
	if f := overlaps(numbered(in), manyPairs); len(f.pairs) != maxPairs || !f.full {
		t.Errorf("got %d pairs, want %d", len(f.pairs), maxPairs)
	}
	// Neighbours that never clash must not be looked at for ever either.
	in = make([]stretch, 20_000)
	for i := range in {
		in[i] = stretch{start: int64(i), end: int64(i), from: 86400, to: 86400, place: 1}
	}
	if f := overlaps(numbered(in), manyPairs); len(f.pairs) != 0 || !f.full {
		t.Errorf("got %d pairs, full: %v", len(f.pairs), f.full)
	}
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}
