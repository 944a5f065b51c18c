package agenda

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"chancery/internal/model"
)

// conflict is one pair of meetings, told by its next clash.
type conflict struct {
	of            model.Ident
	keeps, yields *block // if person is set, in a fixed order only
	person        bool   // the rules name nobody: a person decides
	reason        string // what broke a tie; "" if rank or Fixed decided
	more          int    // further clashes of the same two
	hard          int    // clashes of the two, the next included, that both are accepted for
	dates         int    // dates of the one that yields within the horizon
	next          time.Time
	over          time.Time // when this clash is past
	done          []amended // what we changed about it
}

// conflicts joins clashing blocks into one conflict for each pair of meetings,
// soonest first. Of two that both yield to others nothing is told: each is told
// with one that stays. Only as many as can be told have a name; the rest are in the
// order of time, and some of it may be missing.
func (s *settlement) conflicts(blocks []block, till time.Time) (out []conflict, f found) {
	return s.conflictsOf(blocks, till, manyPairs)
}

// conflictsOf is conflicts; with maxPairs for enough none is missing.
func (s *settlement) conflictsOf(blocks []block, till time.Time, enough int) (out []conflict, f found) {
	f = s.clashes(blocks, enough)
	pairs := f.pairs
	kept := s.keep(blocks, pairs)
	numbers := numbering{of: make([]int32, len(blocks)), by: map[model.Ident]int32{}}
	groups := map[[2]int32]int32{}
	yield := yielded{listed: make([]bool, len(blocks))}
	var last time.Time // no later conflict can be told
	for _, p := range pairs {
		c, ok := s.weighed(blocks, kept, p)
		if !ok || !c.next.Before(till) || !c.over.After(s.v.Now) {
			continue
		}
		a, b := numbers.number(blocks, p.a), numbers.number(blocks, p.b)
		if !c.person {
			yield.note(p.of(blocks, c.yields), c.yields)
		}
		k := [2]int32{min(a, b), max(a, b)}
		i, known := groups[k]
		if !known {
			// Pairs come in the order of their first: what begins later is told later.
			if !last.IsZero() && blocks[p.a].Start.After(last) {
				f.cut = true
				continue
			}
			groups[k] = int32(len(out))
			if out = append(out, c); len(out) == maxConflicts && enough < maxPairs {
				for i := range out {
					last = later(last, out[i].next)
				}
			}
			continue
		}
		first, other := out[i], c
		if c.next.Before(first.next) {
			first, other = c, first
		}
		first.more, first.hard = first.more+other.more+1, first.hard+other.hard
		out[i] = first
	}
	s.yielding = yield.byMeeting()
	out = s.inOrder(out)
	s.count(out, blocks, till)
	if kept.coarse && !f.cut && !f.full && len(out) <= maxConflicts {
		s.report("limit", "", "some appointments clash with so many that who yields was decided one by one")
	}
	return out, f
}

// numbering numbers meetings, which are compared often.
type numbering struct {
	of []int32 // by block, 0 if it has none yet
	by map[model.Ident]int32
}

func (n *numbering) number(blocks []block, i int) int32 {
	if n.of[i] == 0 {
		k, ok := n.by[blocks[i].key]
		if !ok {
			k = int32(len(n.by) + 1)
			n.by[blocks[i].key] = k
		}
		n.of[i] = k
	}
	return n.of[i]
}

// yielded are the blocks that yield.
type yielded struct {
	listed []bool // by block
	list   []*block
}

func (d *yielded) note(i int, b *block) {
	if !d.listed[i] {
		d.listed[i] = true
		d.list = append(d.list, b)
	}
}

// byMeeting lists the dates of each meeting that yields on several.
func (d *yielded) byMeeting() map[model.Ident][]*block {
	count := make(map[model.Ident]int, len(d.list))
	for _, b := range d.list {
		count[b.key]++
	}
	out := map[model.Ident][]*block{}
	for _, b := range d.list {
		if n := count[b.key]; n > 1 {
			if out[b.key] == nil {
				out[b.key] = make([]*block, 0, n)
			}
			out[b.key] = append(out[b.key], b)
		}
	}
	return out
}

// inOrder sorts conflicts, the soonest first, and names those that can be told. A
// name is a hash and takes its time.
func (s *settlement) inOrder(list []conflict) []conflict {
	type key struct {
		next time.Time
		i    int
	}
	keys := make([]key, len(list))
	for i := range list {
		keys[i] = key{list[i].next, i}
	}
	slices.SortFunc(keys, func(a, b key) int { return cmp.Or(a.next.Compare(b.next), a.i-b.i) })
	out := make([]conflict, len(list))
	for at, k := range keys {
		out[at] = list[k.i]
	}
	named := min(len(out), maxConflicts)
	for named < len(out) && out[named].next.Equal(out[named-1].next) {
		named++
	}
	s.name(out[:named])
	slices.SortFunc(out[:named], func(a, b conflict) int {
		return cmp.Or(a.next.Compare(b.next), cmp.Compare(a.of, b.of))
	})
	return out
}

// name names conflicts that have no name yet.
func (s *settlement) name(list []conflict) {
	for i := range list {
		if c := &list[i]; c.of == "" {
			c.of = s.fingerprint(c.keeps.key, c.yields.key)
		}
	}
}

// of is the index of one of the two.
func (p pair) of(blocks []block, b *block) int {
	if b == &blocks[p.a] {
		return p.a
	}
	return p.b
}

// clashes lists the pairs of blocks that are in each other's way.
func (s *settlement) clashes(blocks []block, enough int) found {
	f := overlaps(stretches(blocks), enough)
	f.pairs = slices.DeleteFunc(f.pairs, func(p pair) bool { return !s.concerns(&blocks[p.a], &blocks[p.b]) })
	return f
}

// weighed says who of two that clash yields; false if nothing is to be told.
func (s *settlement) weighed(blocks []block, kept *clusters, p pair) (conflict, bool) {
	a, b := &blocks[p.a], &blocks[p.b]
	c := conflict{keeps: a, yields: b, next: later(a.Start, b.Start), over: earlier(a.End, b.End)}
	if !a.soft && !b.soft {
		c.hard = 1
	}
	switch x, y := kept.stays[p.a], kept.stays[p.b]; {
	case !x && !y:
		return c, false
	case x && y:
		c.person = true
		if s.outweighs(a, b) > 0 {
			c.keeps, c.yields = b, a
		}
		return c, true
	case y:
		c.keeps, c.yields = b, a
	}
	if c.yields.kind == guarded || c.keeps.kind == guarded && s.outweighs(c.yields, c.keeps) < 0 {
		return c, false // the rules let the meeting have the time, or it moves for another anyway
	}
	if c.keeps.kind == guarded && s.outweighs(c.keeps, c.yields) > 0 {
		return c, false // it may have the time, although it yields to another
	}
	c.person = c.yields.kind == deadline // what is due is due
	c.reason = s.reason(c.keeps, c.yields, kept, blocks, p)
	return c, true
}

// count says how often the one that yields is held.
func (s *settlement) count(list []conflict, blocks []block, till time.Time) {
	dates := map[model.Ident]int{}
	for i := range list {
		c := &list[i]
		c.dates = 1
		if c.more > 0 {
			dates[c.yields.key] = 0
		}
	}
	if len(dates) == 0 {
		return
	}
	for i := range blocks {
		if n, ok := dates[blocks[i].key]; ok && blocks[i].Start.Before(till) {
			dates[blocks[i].key] = n + 1
		}
	}
	for i := range list {
		if n := dates[list[i].yields.key]; list[i].more > 0 {
			list[i].dates = n
		}
	}
}

// The ways in which others than the two ranks decide, and how they are told.
var reasons = map[string]string{
	"accepted":  "the one already accepted stays",
	"outside":   "the one called from outside stays",
	"booked":    "the one booked first stays",
	"arbitrary": "nothing else tells them apart",
	"several":   "so more appointments can stay",
	"anyway":    "it has to move for another one anyway",
}

// reason says what decided between two of which the first stays; "" if rank or
// Fixed did.
func (s *settlement) reason(stays, yields *block, kept *clusters, blocks []block, p pair) string {
	if stays.r.Fixed {
		return ""
	}
	if s.outweighs(stays, yields) > 0 {
		// Against the one that stays it would win; what it lost to is another.
		for _, j := range kept.edges[p.of(blocks, yields)] {
			if kept.stays[j] && (blocks[j].r.Fixed || s.outweighs(&blocks[j], yields) < 0) {
				return "anyway"
			}
		}
		return "several"
	}
	return s.tie(stays, yields)
}

// tie says what put the first of two before the second. The steps are those of
// written court rules: class first, then what is agreed, who is hard to move, and
// what was set first.
func (s *settlement) tie(a, b *block) string {
	switch {
	case a.r.Rank != b.r.Rank, a.kind == guarded:
		return ""
	case a.soft != b.soft:
		return "accepted"
	case a.outsider != b.outsider:
		return "outside"
	case !a.Occurrence.Created.IsZero() && !b.Occurrence.Created.IsZero() && booked(*a, *b) != 0:
		return "booked"
	}
	return "arbitrary"
}

// why says in words who yields, by the names of ranks only.
func (c *conflict) why() string {
	keeps, yields := quoted(c.keeps), quoted(c.yields)
	switch {
	case c.yields.kind == deadline && c.keeps.kind != deadline && !c.yields.r.Fixed:
		return keeps + " ranks above " + yields + ", and what is due does not move"
	case c.person && keeps == yields:
		return "both are " + keeps + ", which never moves"
	case c.person:
		return "neither " + keeps + " nor " + yields + " may move"
	case c.keeps.r.Fixed:
		return keeps + " never moves"
	case c.keeps.kind == guarded:
		return keeps + " is kept free of " + yields
	case c.reason == "":
		return keeps + " ranks above " + yields
	case c.reason == "several" || c.reason == "anyway":
		return yields + " yields to " + keeps + ": " + reasons[c.reason]
	case keeps == yields:
		return "both are " + keeps + "; " + reasons[c.reason]
	}
	return keeps + " and " + yields + " rank the same; " + reasons[c.reason]
}

// outsider reports whether someone of another domain called the meeting.
func (s *settlement) outsider(o *model.Occurrence) bool {
	_, domain, ok := strings.Cut(strings.ToLower(o.Organizer.Addr), "@")
	return ok && !s.domains[domain]
}

// name is the rank's name as people see it.
func name(b *block) string {
	if n := clean(b.r.Name); n != "" {
		return n
	}
	return "unranked"
}

func quoted(b *block) string {
	if clean(b.r.Name) == "" {
		return "unranked"
	}
	return "“" + name(b) + "”"
}
