package agenda

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"chancery/internal/model"
)

const (
	searchDays = 28
	shiftDays  = 7             // a series moves within a week, or its dates one by one
	slotsADay  = 2             // offers should not all hang on one day
	maxMoved   = 60            // dates of a series that are tried
	leadTime   = 2 * time.Hour // nobody can agree on a time that is nearly here
)

// slot is a free stretch offered instead.
type slot struct{ start, end time.Time }

// officeHours is what holds when the configuration names no hours.
var officeHours = func() (h []model.Hours) {
	for d := time.Monday; d <= time.Friday; d++ {
		h = append(h, model.Hours{Day: d, From: 9 * 60, Till: 18 * 60})
	}
	return h
}()

// diary answers whether a stretch of time is free.
type diary struct {
	s      *settlement
	blocks []block
	taken  []stretch
	widest int64     // the most that any of them keeps free
	first  int64     // the UTC day that days begins with
	days   [][]int32 // blocks by the UTC days they or their gaps touch
	till   time.Time
	never  map[int64]bool // starts, in seconds, that a person ruled out
	people map[string]*times

	crowded [][2]int64 // stretches that two meetings take at once
	grids   map[grid][]slot

	promises promises // what others were offered
	asker    string   // for whom slots are looked for now

	soonest time.Time // nothing earlier is offered
	barred  []slot    // where events are about to move
}

// grid is where meetings of one length could stand on one day.
type grid struct {
	on     day
	length time.Duration
}

func (s *settlement) diary(blocks []block, till time.Time) *diary {
	d := &diary{s: s, blocks: blocks, till: till, first: s.v.Now.Unix()/86400 - 1, people: map[string]*times{}, grids: map[grid][]slot{}, promises: promises{}}
	d.taken = stretches(blocks)
	for i := range d.taken {
		t := &d.taken[i]
		d.widest = max(d.widest, t.before, t.after, t.to, t.from)
	}
	widest := d.widest
	n := max(till.Unix()/86400+2-d.first, 0)
	span := func(t *stretch) (first, last int64) {
		return max((t.start-widest)/86400-d.first, 0), min((t.end+widest)/86400-d.first, n-1)
	}
	count := make([]int, n)
	all := 0
	for i := range d.taken {
		for day, last := span(&d.taken[i]); day <= last; day++ {
			count[day]++
			all++
		}
	}
	d.days = make([][]int32, n)
	room := make([]int32, all)
	for day, c := range count {
		d.days[day], room = room[:0:c], room[c:]
	}
	for i := range d.taken {
		for day, last := span(&d.taken[i]); day <= last; day++ {
			d.days[day] = append(d.days[day], int32(i))
		}
	}
	d.crowded = crowds(blocks, d.taken)
	d.bar()
	return d
}

// crowds lists what two different meetings take at once: nothing is free there,
// whichever of them moves away. The blocks are in the order of time.
func crowds(blocks []block, taken []stretch) (out [][2]int64) {
	type latest struct {
		end int64
		key model.Ident
	}
	var a, b latest // the two that end last, of different meetings
	for i := range taken {
		t, key := &taken[i], blocks[i].key
		other := a.end
		if a.key == key {
			other = b.end
		}
		if end := min(t.end, other); end > t.start {
			if n := len(out) - 1; n >= 0 && t.start <= out[n][1] {
				out[n][1] = max(out[n][1], end)
			} else {
				out = append(out, [2]int64{t.start, end})
			}
		}
		switch {
		case a.key == key:
			a.end = max(a.end, t.end)
		case t.end > a.end:
			a, b = latest{t.end, key}, a
		case b.key == key:
			b.end = max(b.end, t.end)
		case t.end > b.end:
			b = latest{t.end, key}
		}
	}
	return out
}

// full reports whether two meetings at once take some of a stretch.
func (d *diary) full(start, end int64) bool {
	n := sort.Search(len(d.crowded), func(i int) bool { return d.crowded[i][1] > start })
	return n < len(d.crowded) && d.crowded[n][0] < end
}

// around lists the blocks that may touch a stretch; some twice.
func (d *diary) around(start, end int64, yield func(i int) bool) {
	for day := start/86400 - d.first; day <= end/86400-d.first; day++ {
		if day < 0 || day >= int64(len(d.days)) {
			continue
		}
		for _, i := range d.days[day] {
			if !yield(int(i)) {
				return
			}
		}
	}
}

// free reports whether the meeting of b could stand in w.
func (d *diary) free(w slot, b *block) bool {
	return d.clear(w, b, func(o *block) bool { return o == b })
}

// clear is free beside those that are gone.
func (d *diary) clear(w slot, b *block, gone func(*block) bool) bool {
	want := b.at(w.start, w.end, -1)
	if d.full(want.start, want.end) {
		return false
	}
	far := max(d.widest, want.before, want.after, want.to, want.from)
	for day := max(want.start/86400-d.first, 0); day <= want.end/86400-d.first && day < int64(len(d.days)); day++ {
		for _, i := range d.days[day] {
			if t := &d.taken[i]; t.start >= want.end+far || want.start >= t.end+far {
				continue // most of a day is out of reach
			}
			if clash(want, d.taken[i]) && !gone(&d.blocks[i]) {
				return false
			}
		}
	}
	return true
}

// open reports whether w lies in the future, before the horizon and inside one
// stretch of working hours.
func (d *diary) open(w slot) bool { return d.worked(w) && d.allowed(w) }

// worked is what of open depends on the time alone.
func (d *diary) worked(w slot) bool {
	return w.start.After(d.s.v.Now) && !w.end.After(d.till) && d.s.within(w.start, w.end)
}

// allowed is what changes from one conflict to the next.
func (d *diary) allowed(w slot) bool {
	return !w.start.Before(d.soonest) && !d.never[w.start.Unix()] && !d.promised(w)
}

// alternatives returns up to n slots for b, sorted by time: those of kept that
// are still good, then new ones. All are free for the principal and for everyone
// of the meeting whose time is known. New ones lie near b: on its day first, then
// on the next working days, at a similar hour.
func (d *diary) alternatives(b *block, n int, kept []slot) []slot {
	length := b.End.Sub(b.Start)
	if b.whole() || b.kind != appointment || length <= 0 || length > 24*time.Hour || n <= 0 {
		return nil
	}
	g := d.guests(b)
	d.ask(b, g)
	var out []slot
	for _, w := range kept {
		if len(out) < n && d.open(w) && d.free(w, b) && g.can(w) {
			out = append(out, w)
		}
	}
	if len(out) < n {
		out = d.search(b, n, out, g)
	}
	slices.SortFunc(out, func(a, b slot) int { return a.start.Compare(b.start) })
	return out
}

// search adds new slots to those that were kept. A series is offered times that
// nearly all its dates can move to, if there are any.
func (d *diary) search(b *block, n int, kept []slot, g guests) []slot {
	if len(d.s.yielding[b.key]) > 1 {
		most := func(w slot) bool {
			clears, of := d.clears(b, w, g)
			return 5*clears >= 4*of
		}
		if out := d.choose(b, n, kept, g, shiftDays, most); len(out) > len(kept) || slices.ContainsFunc(kept, most) {
			return out
		}
	}
	return d.choose(b, n, kept, g, searchDays, func(slot) bool { return true })
}

// offer is a slot and what speaks against it.
type offer struct {
	slot
	day  day
	cost int
}

// choose looks day by day until no later day can hold anything better.
func (d *diary) choose(b *block, n int, kept []slot, g guests, days int, good func(slot) bool) []slot {
	first := dayIn(b.Start, d.s.zoneOf(b.Start))
	var found []offer
	out, worst := slices.Clone(kept), 0
	for i := range days {
		if d.s.clock(first+day(i), 0).After(d.till) {
			break
		}
		before := len(found)
		for _, w := range d.candidates(b, first+day(i)) {
			ruledOut := !w.start.After(d.s.v.Now.Add(leadTime)) || !d.allowed(w)
			if !ruledOut && d.free(w, b) && g.can(w) && good(w) {
				found = append(found, offer{w, first + day(i), costDay*i + d.cost(w, b, g)})
			}
		}
		if len(found) > before {
			slices.SortStableFunc(found, func(a, b offer) int { return cmp.Or(cmp.Compare(a.cost, b.cost), a.start.Compare(b.start)) })
			out, worst = d.cheapest(found, n, kept)
		}
		if len(out) == n && worst <= costDay*(i+1) {
			break
		}
	}
	return out
}

// cheapest takes the best of what was found, a few of each day, beside kept.
func (d *diary) cheapest(found []offer, n int, kept []slot) (out []slot, worst int) {
	out = slices.Clone(kept)
	today := map[day]int{}
	for _, w := range kept {
		today[dayIn(w.start, d.s.zoneOf(w.start))]++
	}
	for _, o := range found {
		if len(out) == n {
			break
		}
		apart := !slices.ContainsFunc(out, func(w slot) bool { return w.start.Before(o.end) && o.start.Before(w.end) })
		if apart && today[o.day] < slotsADay {
			out, worst = append(out, o.slot), o.cost
			today[o.day]++
		}
	}
	return out, worst
}

// What speaks against a slot. A day weighs more than any hour of a day.
const (
	costDay      = 200
	costQuarter  = 2   // of an hour away from the meeting's own time
	costSplinter = 9   // a rest of free time that is good for nothing
	costLate     = 150 // a person for whom it is early or late
	splinter     = 30 * 60
)

func (d *diary) cost(w slot, b *block, g guests) int {
	away := minuteOf(w.start, d.s.zoneOf(w.start)) - minuteOf(b.Start, d.s.zoneOf(b.Start))
	cost := costQuarter*max(away, -away)/15 + costLate*g.late(w)
	if d.promises.another(w, d.asker) {
		cost += costPromised
	}
	want := b.at(w.start, w.end, -1)
	before, after := int64(splinter), int64(splinter)
	d.around(want.start-splinter, want.end+splinter, func(i int) bool {
		o := d.taken[i]
		if o.end <= want.start {
			before = min(before, want.start-o.end-gap(o, want))
		}
		if o.start >= want.end {
			after = min(after, o.start-want.end-gap(want, o))
		}
		return true
	})
	for _, rest := range [2]int64{before, after} {
		if rest > 0 && rest < splinter {
			cost += costSplinter
		}
	}
	return cost
}

func minuteOf(t time.Time, zone *time.Location) int {
	t = t.In(zone)
	return t.Hour()*60 + t.Minute()
}

// candidates lists the stretches of one day on the grid that are open and where
// not two meetings stand already.
func (d *diary) candidates(b *block, on day) (out []slot) {
	length := b.End.Sub(b.Start)
	known, ok := d.grids[grid{on, length}]
	if ok {
		return known
	}
	step := 30
	if length <= 30*time.Minute {
		step = 15
	}
	minutes := make([]int, 0, 96)
	for _, h := range d.s.hours() {
		if h.Day != on.weekday() {
			continue
		}
		for m := (h.From + step - 1) / step * step; m < h.Till; m += step {
			minutes = append(minutes, m)
		}
	}
	slices.Sort(minutes)
	minutes = slices.Compact(minutes)
	for _, m := range minutes {
		start := d.s.clock(on, m)
		w := slot{start, start.Add(length)}
		inGap := minuteOf(start, d.s.zoneOn(on)) != m // in spring
		if !inGap && !d.full(w.start.Unix(), w.end.Unix()) && d.worked(w) {
			out = append(out, w)
		}
	}
	d.grids[grid{on, length}] = out
	return out
}

// clears says how many of the dates of b that yield could move as b does if it
// moves to w, and of how many. At most 60 are looked at.
func (d *diary) clears(b *block, w slot, g guests) (n, of int) {
	dates := d.s.yielding[b.key]
	dates = dates[:min(len(dates), maxMoved)]
	shift := dayIn(w.start, d.s.zoneOf(w.start)) - dayIn(b.Start, d.s.zoneOf(b.Start))
	minute := minuteOf(w.start, d.s.zoneOf(w.start))
	for i, x := range dates {
		if 5*(n+len(dates)-i) < 4*len(dates) {
			break // it cannot be enough any more
		}
		start := d.s.clock(dayIn(x.Start, d.s.zoneOf(x.Start))+shift, minute)
		to := slot{start, start.Add(x.End.Sub(x.Start))}
		if d.open(to) && g.can(to) && d.clear(to, x, func(o *block) bool { return o.key == b.key }) {
			n++
		}
	}
	return n, len(dates)
}
