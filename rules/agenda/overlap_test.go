package agenda

import (
	"math/rand"
	"slices"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func stretchOf(from, till, buffer int) Instance {
	at := func(m int) time.Time { return noon.Add(time.Duration(m) * time.Minute) }
	return Instance{Start: at(from), End: at(till), Buffer: time.Duration(buffer) * time.Minute}
}

func randomStretches(r *rand.Rand, n int) []Instance {
	in := make([]Instance, n)
	for i := range in {
		from := r.Intn(200)
		in[i] = stretchOf(from, from+r.Intn(5)*r.Intn(12), []int{0, 0, 0, 5, 15, 60}[r.Intn(6)])
	}
	return in
}

// bruteForce says it in the words of the documentation.
func bruteForce(in []Instance) []Pair {
	var out []Pair
	for i, a := range in {
		for j := i + 1; j < len(in); j++ {
			b := in[j]
			gap := max(a.Buffer, b.Buffer)
			if a.Start.Before(b.End.Add(gap)) && b.Start.Before(a.End.Add(gap)) {
				out = append(out, Pair{i, j})
			}
		}
	}
	return out
}

// P9: the sweep finds what comparing each with each finds.
func TestOverlapsEqualsBruteForce(t *testing.T) {
	r := rand.New(rand.NewSource(9))
	for round := range 5000 {
		in := randomStretches(r, r.Intn(25))
		if got, want := Overlaps(in), bruteForce(in); !slices.Equal(got, want) {
			t.Fatalf("round %d: got %v, want %v of %v", round, got, want, in)
		}
	}
}

// P10, P12, P13: the order of the input does not matter, another event takes no
// pair away, and moving all by the same time or naming another zone changes
// nothing.
func TestOverlapsLaws(t *testing.T) {
	r := rand.New(rand.NewSource(10))
	berlin := zone(t, "Europe/Berlin")
	for range 1000 {
		in := randomStretches(r, 2+r.Intn(20))
		want := Overlaps(in)

		perm := r.Perm(len(in))
		shuffled := make([]Instance, len(in))
		for i, p := range perm {
			shuffled[i] = in[p]
		}
		var back []Pair
		for _, p := range Overlaps(shuffled) {
			a, b := perm[p.A], perm[p.B]
			back = append(back, Pair{min(a, b), max(a, b)})
		}
		if len(back) != len(want) || !containsAll(back, want) {
			t.Fatal("another order gives other pairs")
		}
		if more := Overlaps(append(slices.Clone(in), randomStretches(r, 1)...)); !containsAll(more, want) {
			t.Fatal("another event took a pair away")
		}
		moved := slices.Clone(in)
		for i := range moved {
			moved[i].Start = moved[i].Start.Add(777 * time.Hour).In(berlin)
			moved[i].End = moved[i].End.Add(777 * time.Hour).In(berlin)
		}
		if !slices.Equal(Overlaps(moved), want) {
			t.Fatal("moving everything changed the pairs")
		}
	}
}

func containsAll(all, some []Pair) bool {
	for _, p := range some {
		if !slices.Contains(all, p) {
			return false
		}
	}
	return true
}

// P11: the edges.
func TestOverlapsEdges(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b Instance
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
	} {
		for _, in := range [][]Instance{{c.a, c.b}, {c.b, c.a}} {
			if got := len(Overlaps(in)) == 1; got != c.want {
				t.Errorf("%s: got %v, want %v", c.name, got, c.want)
			}
		}
	}
}

func TestOverlapsIsBounded(t *testing.T) {
	in := make([]Instance, 1000)
	for i := range in {
		in[i] = stretchOf(0, 10, 0)
	}
	if n := len(Overlaps(in)); n != MaxPairs {
		t.Errorf("got %d pairs, want %d", n, MaxPairs)
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
