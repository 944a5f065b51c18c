package agenda

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
)

const (
	maxCluster = 256     // blocks of one cluster that are weighed exactly
	maxFront   = 512     // choices that are held beside each other
	maxEffort  = 100_000 // choices of all clusters of one run
)

// clusters decides which blocks keep their time. Blocks that clash, directly or
// through others, are one cluster, and in it what stays is free of conflicts and
// as much as can stay: first what is fixed, then as many as possible of the
// highest class, then of the next, and of equal choices the one that was booked
// first.
type clusters struct {
	s      *settlement
	blocks []block
	edges  [][]int // by block: whom it clashes with
	of     []int   // by block: the number of its cluster, 0 while it has none
	last   int
	list   []int // of the cluster that is looked at
	effort int
	coarse bool // a cluster was too large to be weighed exactly
	stays  []bool
}

// keep returns, by block, whether it keeps its time. Blocks that clash with none
// do. Of two fixed blocks that clash both are kept: a person decides.
func (s *settlement) keep(blocks []block, pairs []pair) *clusters {
	c := &clusters{s: s, blocks: blocks, edges: make([][]int, len(blocks)), of: make([]int, len(blocks)), stays: make([]bool, len(blocks))}
	count := make([]int, len(blocks))
	for _, p := range pairs {
		count[p.a]++
		count[p.b]++
	}
	room := make([]int, 2*len(pairs))
	for i, n := range count {
		c.edges[i], room = room[:0:n], room[n:]
	}
	for _, p := range pairs {
		c.edges[p.a] = append(c.edges[p.a], p.b)
		c.edges[p.b] = append(c.edges[p.b], p.a)
	}
	out := make([]bool, len(blocks)) // yields to something fixed, or is decided
	for i := range blocks {
		if blocks[i].r.Fixed {
			c.stays[i], out[i] = true, true
			for _, j := range c.edges[i] {
				out[j] = true
			}
		}
	}
	for i := range blocks {
		if !out[i] {
			c.weigh(c.component(i, out))
		}
	}
	return c
}

// component collects the cluster of a block in order of time, and marks it.
func (c *clusters) component(i int, out []bool) []int {
	c.last++
	list := append(c.list[:0], i)
	out[i], c.of[i] = true, c.last
	for at := 0; at < len(list); at++ {
		for _, j := range c.edges[list[at]] {
			if !out[j] {
				out[j], c.of[j] = true, c.last
				list = append(list, j)
			}
		}
	}
	c.list = list
	slices.Sort(list) // blocks stand in order of time
	return list
}

// weigh decides one cluster of blocks that are not fixed.
func (c *clusters) weigh(list []int) {
	switch {
	case len(list) == 1:
		c.stays[list[0]] = true
		return
	case len(list) == 2:
		best := list[0]
		if c.s.outweighs(&c.blocks[list[1]], &c.blocks[best]) < 0 {
			best = list[1]
		}
		c.stays[best] = true
		return
	}
	order := slices.Clone(list)
	slices.SortFunc(order, func(i, j int) int { return c.s.outweighs(&c.blocks[i], &c.blocks[j]) })
	if len(list) <= maxCluster && c.effort < maxEffort {
		if kept, ok := c.best(list, order); ok {
			for _, i := range kept {
				c.stays[i] = true
			}
			return
		}
	}
	c.coarse = true
	for _, i := range order {
		c.stays[i] = !slices.ContainsFunc(c.edges[i], func(j int) bool { return c.stays[j] })
	}
}

// choice is a set of blocks that do not clash, of those that were looked at so
// far.
type choice struct {
	front  []int // those that may clash with one to come
	weight []uint64
	last   *link
}

type link struct {
	block  int
	before *link
}

// best finds the heaviest set of a cluster. It walks through the blocks in order
// of time and remembers, for each set of kept blocks that later ones may clash
// with, the heaviest way there: mostly there is one such block or none. ok is
// false if that became too much.
func (c *clusters) best(list, order []int) (kept []int, ok bool) {
	scale := c.scale(list, order)
	until := map[int]int{} // the last block that one clashes with
	for _, i := range list {
		for _, j := range c.edges[i] {
			if c.of[j] == c.of[i] {
				until[i] = max(until[i], j)
			}
		}
	}
	choices := []choice{{weight: make([]uint64, scale.size)}}
	for _, i := range list {
		found := make(map[string]int, 2*len(choices))
		var next []choice
		add := func(n choice) {
			key := n.key()
			at, known := found[key]
			switch {
			case !known:
				found[key] = len(next)
				next = append(next, n)
			case slices.Compare(n.weight, next[at].weight) > 0:
				next[at] = n
			}
		}
		for _, was := range choices {
			front := slices.DeleteFunc(slices.Clone(was.front), func(j int) bool { return until[j] <= i })
			if !slices.ContainsFunc(was.front, func(j int) bool { return c.adjacent(i, j) }) {
				with := choice{front, scale.plus(was.weight, i), &link{i, was.last}}
				if until[i] > i {
					with.front = append(slices.Clone(front), i)
				}
				add(with)
			}
			add(choice{front, was.weight, was.last})
		}
		c.effort += len(next)
		if len(next) > maxFront || c.effort > maxEffort {
			return nil, false
		}
		choices = next
	}
	heaviest := slices.MaxFunc(choices, func(a, b choice) int { return slices.Compare(a.weight, b.weight) })
	for l := heaviest.last; l != nil; l = l.before {
		kept = append(kept, l.block)
	}
	return kept, true
}

func (c *clusters) adjacent(i, j int) bool {
	_, ok := slices.BinarySearch(c.edges[i], j)
	return ok
}

func (n choice) key() string {
	b := make([]byte, 0, 4*len(n.front))
	for _, i := range n.front {
		b = binary.LittleEndian.AppendUint32(b, uint32(i))
	}
	return string(b)
}

// scale says what each block of a cluster weighs: how many of each class are
// kept, the highest first, then which, in the order of what was booked first.
// Weights add up and are compared from the left.
type scale struct {
	class, rank map[int]int
	classes     int
	size        int
}

func (c *clusters) scale(list, order []int) scale {
	s := scale{class: make(map[int]int, len(list)), rank: make(map[int]int, len(list))}
	last := int64(math.MinInt64)
	for at, i := range order {
		if class := c.s.class(&c.blocks[i]); at == 0 || class != last {
			last = class
			s.classes++
		}
		s.class[i], s.rank[i] = s.classes-1, at
	}
	s.size = s.classes + (len(list)+63)/64
	return s
}

func (s scale) plus(weight []uint64, i int) []uint64 {
	out := slices.Clone(weight)
	out[s.class[i]]++
	at := s.rank[i]
	out[s.classes+at/64] |= 1 << (63 - at%64)
	return out
}

// class is what counts before anything else: the rank, that protected time needs a
// higher one to give way, that the principal accepted, that somebody outside
// called the meeting.
func (s *settlement) class(b *block) int64 {
	class := int64(min(max(b.r.Rank, -1<<40), 1<<40)) * 8
	if b.kind == guarded {
		class += 4
	}
	if !b.soft {
		class += 2
	}
	if b.outsider {
		class++
	}
	return class
}

// outweighs orders blocks by who keeps the time against the other, the first
// before. It is total.
func (s *settlement) outweighs(a, b *block) int {
	return cmp.Or(cmp.Compare(s.class(b), s.class(a)), booked(*a, *b), cmp.Compare(a.key, b.key), inTime(*a, *b))
}
