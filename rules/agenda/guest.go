package agenda

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"chancery/internal/model"
)

const (
	maxGuests = 50  // of one meeting whose time is asked for
	maxAsks   = 500 // of one run
	earlyHour = 8 * 60
	lateHour  = 19 * 60
)

// times is one person's time, ready to be asked.
type times struct {
	model.FreeBusy
	until []model.UnixTime // the latest end of all stretches up to each
}

// guests are the people and rooms of a meeting beside the principal.
type guests struct {
	known  []*times // of those whose time is known
	people []string // all, in lower case
	own    model.Stretch
	caller *time.Location // where the organizer's clock stands, as the event says; nil if it does not
}

// guests lists who takes part in the meeting of b. Who declined does not.
func (d *diary) guests(b *block) guests {
	g := guests{own: model.Stretch{Start: model.UnixTime(b.Start.Unix()), End: model.UnixTime(b.End.Unix())}}
	add := func(addr string) {
		addr = strings.ToLower(addr)
		if addr != "" && !d.s.mine[addr] && !slices.Contains(g.people, addr) && len(g.people) < maxGuests {
			g.people = append(g.people, addr)
		}
	}
	declined := map[string]bool{}
	for _, a := range b.Occurrence.Attendees {
		if a.PartStat == "DECLINED" {
			declined[strings.ToLower(a.Addr)] = true
			continue
		}
		add(a.Addr)
	}
	if o := b.Occurrence.Organizer.Addr; !declined[strings.ToLower(o)] {
		add(o)
	}
	slices.Sort(g.people)
	if o := b.Occurrence.Organizer.Addr; o != "" && !d.s.isMine(o) && d.s.v.Busy[strings.ToLower(o)].Zone == nil {
		g.caller = theirZone(b)
	}
	for _, addr := range g.people {
		if t := d.timesOf(addr); t != nil {
			g.known = append(g.known, t)
		}
	}
	return g
}

// timesOf is the time of one person; nil if nothing is known.
func (d *diary) timesOf(addr string) *times {
	if t, ok := d.people[addr]; ok {
		return t
	}
	var t *times
	if fb, ok := d.s.v.Busy[addr]; ok {
		t = &times{FreeBusy: fb}
		t.Taken = slices.SortedFunc(slices.Values(fb.Taken), func(a, b model.Stretch) int {
			return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
		})
		last := model.UnixTime(0)
		for _, x := range t.Taken {
			last = max(last, x.End)
			t.until = append(t.until, last)
		}
	}
	d.people[addr] = t
	return t
}

// how says what is known of a person during w.
func (t *times) how(w slot, own model.Stretch) (known, taken bool) {
	from, till := model.UnixTime(w.start.Unix()), model.UnixTime(w.end.Unix())
	if from < t.From || till > t.Till {
		return false, false
	}
	known = true
	n := sort.Search(len(t.Taken), func(i int) bool { return t.Taken[i].Start >= till })
	for i := n - 1; i >= 0 && t.until[i] > from; i-- {
		x := t.Taken[i]
		switch {
		case x.End <= from, x.Start == own.Start && x.End == own.End: // the meeting itself, where it stands now
		case x.Soft:
			known = false
		default:
			return true, true
		}
	}
	return known, false
}

// can reports whether w suits everyone whose time and hours are known.
func (g guests) can(w slot) bool {
	for _, t := range g.known {
		if _, taken := t.how(w, g.own); taken || t.Zone != nil && len(t.Hours) > 0 && !inHours(w, t.Zone, t.Hours) {
			return false
		}
	}
	return true
}

// free counts those of whom it is known that they are free.
func (g guests) free(w slot) (n int) {
	for _, t := range g.known {
		if known, taken := t.how(w, g.own); known && !taken {
			n++
		}
	}
	return n
}

// late counts those for whom w is early in the morning or late in the evening.
func (g guests) late(w slot) (n int) {
	for _, t := range g.known {
		if t.Zone != nil && len(t.Hours) == 0 && untimely(w, t.Zone) {
			n++
		}
	}
	if g.caller != nil && untimely(w, g.caller) {
		n++
	}
	return n
}

func untimely(w slot, zone *time.Location) bool {
	at := minuteOf(w.start, zone)
	return at < earlyHour || at+int(w.end.Sub(w.start)/time.Minute) > lateHour
}

func inHours(w slot, zone *time.Location, hours []model.Hours) bool {
	on := dayIn(w.start, zone)
	at := func(minute int) time.Time {
		return model.Time{Wall: on.wall().Add(time.Duration(minute) * time.Minute)}.In(zone)
	}
	return slices.ContainsFunc(hours, func(h model.Hours) bool {
		return h.Day == on.weekday() && !w.start.Before(at(h.From)) && !w.end.After(at(h.Till))
	})
}

// freeFor says of how many people of the meeting it is known that they are free in
// w, and how many there are beside the principal.
func (d *diary) freeFor(w slot, b *block) (n, of int) {
	g := d.guests(b)
	return g.free(w), len(g.people)
}

// ask notes whose time would have to be known for slots for b.
func (d *diary) ask(b *block, g guests) {
	s := d.s
	from := model.UnixTime(later(s.v.Now, s.clock(dayIn(b.Start, s.zoneOf(b.Start)), 0)).Unix())
	till := model.UnixTime(earlier(d.till, b.Start.AddDate(0, 0, searchDays+1)).Unix())
	for _, addr := range g.people {
		if fb, ok := s.v.Busy[addr]; ok && fb.From <= from && fb.Till >= till || till <= from {
			continue
		}
		a, ok := s.asks[addr]
		if !ok && len(s.asks) >= maxAsks {
			continue
		}
		if !ok {
			a = model.Ask{Address: addr, From: from, Till: till}
		}
		a.From, a.Till = min(a.From, from), max(a.Till, till)
		if s.asks == nil {
			s.asks = map[string]model.Ask{}
		}
		s.asks[addr] = a
	}
}

// askAll passes on what ask noted.
func (s *settlement) askAll() {
	if s.o.Ask == nil {
		return
	}
	for _, addr := range slices.Sorted(maps.Keys(s.asks)) {
		s.o.Ask(s.asks[addr])
	}
}
