package agenda

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
)

// randomBlocks is some hours of a full calendar: few ranks, many ties.
func randomBlocks(s *settlement, r *rand.Rand, n int) []block {
	base := time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)
	few := []time.Duration{0, 0, 0, 15 * time.Minute, time.Hour}
	var out []block
	for i := range n {
		o := &model.Occurrence{Summary: fmt.Sprint(i)}
		if r.Intn(2) == 0 {
			o.Created = base.AddDate(0, 0, -r.Intn(3))
		}
		if r.Intn(3) == 0 {
			o.Organizer.Addr = "x@client.example"
		}
		start := base.Add(time.Duration(r.Intn(30)) * 15 * time.Minute)
		b := block{
			Instance: Instance{Event: &model.Event{}, Occurrence: o, Start: start, End: start.Add(time.Duration(1+r.Intn(8)) * 15 * time.Minute)},
			key:      model.Ident(fmt.Sprint("k", i)), place: r.Intn(3),
			verdict: &verdict{
				r: Ranked{Rank: 10 * r.Intn(3), Fixed: r.Intn(12) == 0}, soft: r.Intn(3) == 0, outsider: s.outsider(o),
				gaps: gaps{before: few[r.Intn(5)], after: few[r.Intn(5)], to: few[r.Intn(5)], from: few[r.Intn(5)]},
			},
		}
		switch r.Intn(12) {
		case 0:
			b.kind, b.r.Fixed = guarded, false
		case 1:
			b.kind = deadline
		case 2:
			b.kind = absence
		}
		out = append(out, b)
	}
	return sorted(out)
}

func emptySettlement(t testing.TB) *settlement {
	return newSettlement(view(t), enforce(), rankByCategory)
}

// heavier compares two sets in the words of the documentation: of the highest
// class as many as can stay, then of the next, then what was booked first.
func heavier(s *settlement, blocks []block, a, b []int) int {
	classes := map[int64]int{}
	for _, i := range a {
		classes[s.class(&blocks[i])]++
	}
	for _, i := range b {
		classes[s.class(&blocks[i])]--
	}
	var order []int64
	for c := range classes {
		order = append(order, c)
	}
	slices.Sort(order)
	for _, c := range slices.Backward(order) {
		if classes[c] != 0 {
			return classes[c]
		}
	}
	var all []int
	for i := range blocks {
		if slices.Contains(a, i) != slices.Contains(b, i) {
			all = append(all, i)
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.SortFunc(all, func(i, j int) int { return s.outweighs(&blocks[i], &blocks[j]) })
	if slices.Contains(a, all[0]) {
		return 1
	}
	return -1
}

// P15: what stays is free of conflicts, but for what is fixed, and no other choice
// is better.
func TestWhatStaysIsTheBest(t *testing.T) {
	r := rand.New(rand.NewSource(15))
	s := emptySettlement(t)
	for round := range 1500 {
		blocks := randomBlocks(s, r, 1+r.Intn(12))
		pairs := s.clashes(blocks, maxPairs).pairs
		kept := s.keep(blocks, pairs)
		if kept.coarse {
			t.Fatal("a small cluster was not weighed")
		}
		var stays []int
		for i, yes := range kept.stays {
			if yes && !blocks[i].r.Fixed {
				stays = append(stays, i)
			}
			if blocks[i].r.Fixed && !yes {
				t.Fatal("what is fixed yields")
			}
		}
		good := func(set []int) bool {
			for _, p := range pairs {
				a, b := slices.Contains(set, p.a), slices.Contains(set, p.b)
				if a && b || a && blocks[p.b].r.Fixed || b && blocks[p.a].r.Fixed {
					return false
				}
			}
			return true
		}
		if !good(stays) {
			t.Fatalf("round %d: what stays clashes", round)
		}
		var free []int
		for i := range blocks {
			if !blocks[i].r.Fixed {
				free = append(free, i)
			}
		}
		for bits := range 1 << len(free) {
			var set []int
			for n, i := range free {
				if bits&(1<<n) != 0 {
					set = append(set, i)
				}
			}
			if good(set) && heavier(s, blocks, set, stays) > 0 {
				t.Fatalf("round %d: %v stays, and %v is better", round, stays, set)
			}
		}
	}
}

// Too much to be weighed is decided one by one: still free of conflicts, still
// nothing yields for nothing.
func TestLargeClustersAreDecidedOneByOne(t *testing.T) {
	r := rand.New(rand.NewSource(151))
	s := emptySettlement(t)
	var blocks []block
	for i := range 30 {
		for _, b := range randomBlocks(s, r, 12) {
			b.Start, b.End, b.r.Fixed = b.Start.Add(time.Duration(i)*2*time.Hour), b.End.Add(time.Duration(i)*2*time.Hour), false
			b.key += model.Ident(fmt.Sprint("-", i))
			blocks = append(blocks, b)
		}
	}
	blocks = sorted(blocks)
	pairs := s.clashes(blocks, maxPairs).pairs
	kept := s.keep(blocks, pairs)
	if !kept.coarse {
		t.Fatal("it was small enough")
	}
	clashing := make([]bool, len(blocks))
	for _, p := range pairs {
		if kept.stays[p.a] && kept.stays[p.b] && !(blocks[p.a].r.Fixed && blocks[p.b].r.Fixed) {
			t.Fatal("what stays clashes")
		}
		clashing[p.a] = clashing[p.a] || kept.stays[p.b]
		clashing[p.b] = clashing[p.b] || kept.stays[p.a]
	}
	for i := range blocks {
		if !kept.stays[i] && !clashing[i] {
			t.Fatal("it yields to nobody")
		}
	}
}

// What is told: every pair that clashes is told, or both yield to others that are
// told, or the rules gave protected time away.
func TestNothingIsLeftUntold(t *testing.T) {
	r := rand.New(rand.NewSource(152))
	for range 400 {
		s := emptySettlement(t)
		blocks := randomBlocks(s, r, 2+r.Intn(14))
		pairs := s.clashes(blocks, maxPairs).pairs
		list, _ := s.conflicts(blocks, blocks[0].Start.AddDate(0, 1, 0))
		told := map[pair]bool{}
		yields := map[model.Ident]bool{}
		for _, c := range list {
			told[pair{index(blocks, c.keeps), index(blocks, c.yields)}], told[pair{index(blocks, c.yields), index(blocks, c.keeps)}] = true, true
			yields[c.yields.key] = true
			if c.keeps.kind == guarded && c.yields.r.Rank > c.keeps.r.Rank || c.yields.kind == guarded {
				t.Fatalf("protected time: %+v", c)
			}
			if c.yields.kind == deadline && !c.person {
				t.Fatal("a deadline is asked to move")
			}
			if c.more != 0 || c.dates != 1 || c.why() == "" {
				t.Fatalf("%+v", c)
			}
		}
		for _, p := range pairs {
			a, b := &blocks[p.a], &blocks[p.b]
			if !told[p] && !(yields[a.key] && yields[b.key]) && a.kind != guarded && b.kind != guarded {
				t.Fatalf("untold: %s and %s", a.key, b.key)
			}
		}
	}
}

// What is told of many conflicts is what would be told if all were looked at.
func TestTheFirstConflictsAreAsIfAllWereFound(t *testing.T) {
	r := rand.New(rand.NewSource(153))
	for range 5 {
		s := emptySettlement(t)
		blocks := randomBlocks(s, r, 1800)
		for i := range blocks {
			shift := time.Duration(r.Intn(90*24)) * time.Hour
			blocks[i].Start, blocks[i].End = blocks[i].Start.Add(shift), blocks[i].End.Add(shift)
			blocks[i].key = model.Ident(fmt.Sprint("k", r.Intn(900)))
		}
		blocks = sorted(blocks)
		till := blocks[0].Start.AddDate(1, 0, 0)
		all, _ := s.conflictsOf(blocks, till, maxPairs)
		dates := s.yielding
		some, f := s.conflicts(blocks, till)
		if len(all) <= maxConflicts || len(some) >= len(all) || !f.cut {
			t.Fatalf("%d conflicts of %d, cut: %v", len(some), len(all), f.cut)
		}
		for i := range maxConflicts {
			a, b := &all[i], &some[i]
			if a.of == "" || a.of != b.of || a.keeps != b.keeps || a.yields != b.yields || a.more != b.more || a.hard != b.hard || a.dates != b.dates || a.reason != b.reason {
				t.Fatalf("conflict %d: %+v, want %+v", i, b, a)
			}
			if !slices.Equal(s.yielding[b.yields.key], dates[a.yields.key]) {
				t.Fatal("other dates of the one that yields")
			}
		}
	}
}

// Where two different meetings are at once, minute by minute.
func TestCrowdsAreWhereTwoMeetingsAre(t *testing.T) {
	r := rand.New(rand.NewSource(154))
	s := emptySettlement(t)
	for range 300 {
		blocks := randomBlocks(s, r, 1+r.Intn(15))
		for i := range blocks {
			blocks[i].key = model.Ident(fmt.Sprint("k", r.Intn(6)))
		}
		d := s.diary(blocks, blocks[0].Start.AddDate(0, 1, 0))
		for at := blocks[0].Start.Unix() - 3600; at < blocks[0].Start.Unix()+12*3600; at += 900 {
			there := map[model.Ident]bool{}
			for i := range blocks {
				if blocks[i].Start.Unix() < at+900 && blocks[i].End.Unix() > at {
					there[blocks[i].key] = true
				}
			}
			if got := d.full(at, at+900); got != (len(there) > 1) {
				t.Fatalf("at %d: %v with %d meetings", at, got, len(there))
			}
		}
	}
}

func index(blocks []block, b *block) int {
	for i := range blocks {
		if &blocks[i] == b {
			return i
		}
	}
	return -1
}

// P17: the same blocks are decided the same way in any order they were gathered.
func TestClustersDoNotKnowTheOrder(t *testing.T) {
	r := rand.New(rand.NewSource(17))
	s := emptySettlement(t)
	for range 200 {
		blocks := randomBlocks(s, r, 12)
		stays := func(list []block) map[model.Ident]bool {
			out := map[model.Ident]bool{}
			pairs := s.clashes(list, maxPairs).pairs
			for i, yes := range s.keep(list, pairs).stays {
				out[list[i].key] = yes
			}
			return out
		}
		want := stays(blocks)
		other := slices.Clone(blocks)
		r.Shuffle(len(other), func(i, j int) { other[i], other[j] = other[j], other[i] })
		got := stays(sorted(other))
		for k, yes := range want {
			if got[k] != yes {
				t.Fatal("another order keeps others")
			}
		}
	}
}

// Overfull calendars: what nobody has, and everybody may be sent.
func BenchmarkKeep(b *testing.B) {
	r := rand.New(rand.NewSource(1))
	s := emptySettlement(b)
	for _, c := range []struct {
		name string
		n    int
		at   func(i int) (start, minutes int)
	}{
		{"chain", 2000, func(i int) (int, int) { return 30 * i, 45 }},
		{"dense", 250, func(i int) (int, int) { return 5 * i, 15 + 15*r.Intn(40) }},
		{"heap", 1000, func(i int) (int, int) { return r.Intn(60), 15 * (1 + r.Intn(16)) }},
	} {
		b.Run(fmt.Sprintf("%s=%d", c.name, c.n), func(b *testing.B) {
			blocks := randomBlocks(s, r, c.n)
			for i := range blocks {
				from, length := c.at(i)
				blocks[i].Start = wall("2026-03-03").Add(time.Duration(from) * time.Minute)
				blocks[i].End = blocks[i].Start.Add(time.Duration(length) * time.Minute)
				blocks[i].r.Fixed = false
			}
			blocks = sorted(blocks)
			b.ReportAllocs()
			for b.Loop() {
				pairs := s.clashes(blocks, maxPairs).pairs
				s.keep(blocks, pairs)
			}
		})
	}
}
