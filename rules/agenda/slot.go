package agenda

import (
	"cmp"
	"slices"
	"time"

	"chancery/internal/model"
)

const (
	searchDays = 28
	slotsADay  = 2 // offers should not all hang on one day
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
	hours  []model.Hours
	blocks []block
	gap    int64           // the largest buffer
	days   map[int64][]int // blocks by the UTC days they or their buffers touch
	till   time.Time
	never  map[int64]bool // starts, in seconds, that a person ruled out
}

func (s *settlement) diary(blocks []block, till time.Time) *diary {
	d := &diary{s: s, hours: s.v.Principal.Hours, blocks: blocks, days: map[int64][]int{}, till: till}
	if len(d.hours) == 0 {
		d.hours = officeHours
	}
	for i := range blocks {
		d.gap = max(d.gap, int64(blocks[i].Buffer/time.Second))
	}
	for i := range blocks {
		b := &blocks[i]
		first := later(b.Start, s.v.Now).Unix() - d.gap
		for day := first / 86400; day <= (b.End.Unix()+d.gap)/86400; day++ {
			d.days[day] = append(d.days[day], i)
		}
	}
	return d
}

// free reports whether the meeting of b could stand in w.
func (d *diary) free(w slot, b *block) bool {
	want := stretch{w.start.Unix(), w.end.Unix(), int64(b.Buffer / time.Second), -1}
	for day := want.start / 86400; day <= want.end/86400; day++ {
		for _, i := range d.days[day] {
			o := &d.blocks[i]
			if o == b {
				continue
			}
			if clash(want, stretch{o.Start.Unix(), o.End.Unix(), int64(o.Buffer / time.Second), i}) {
				return false
			}
		}
	}
	return true
}

// open reports whether w lies in the future, before the horizon and inside one
// stretch of working hours.
func (d *diary) open(w slot) bool {
	if !w.start.After(d.s.v.Now) || w.end.After(d.till) || d.never[w.start.Unix()] {
		return false
	}
	day := w.start.In(d.s.zone)
	for _, h := range d.hours {
		if h.Day != day.Weekday() {
			continue
		}
		if !w.start.Before(d.clock(day, h.From)) && !w.end.After(d.clock(day, h.Till)) {
			return true
		}
	}
	return false
}

// clock is a minute of a day on the principal's wall clock.
func (d *diary) clock(day time.Time, minute int) time.Time {
	wall := time.Date(day.Year(), day.Month(), day.Day(), 0, minute, 0, 0, time.UTC)
	return model.Time{Wall: wall}.In(d.s.zone)
}

// alternatives returns up to n slots for b, sorted by time: those of kept that
// are still good, then new ones. New ones lie near b: on its day first, then on
// the next working days, at a similar hour.
func (d *diary) alternatives(b *block, n int, kept []slot) []slot {
	var out []slot
	for _, w := range kept {
		if len(out) < n && d.open(w) && d.free(w, b) {
			out = append(out, w)
		}
	}
	length := b.End.Sub(b.Start)
	if b.Occurrence.Start.Date || length <= 0 || length > 24*time.Hour || n <= 0 {
		return nil
	}
	first := b.Start.In(d.s.zone)
	for i := 0; i < searchDays && len(out) < n; i++ {
		day := time.Date(first.Year(), first.Month(), first.Day()+i, 0, 0, 0, 0, time.UTC)
		if d.clock(day, 0).After(d.till) {
			break
		}
		today := 0
		for _, w := range d.candidates(b, day, length) {
			apart := !slices.ContainsFunc(out, func(o slot) bool { return w.start.Before(o.end) && o.start.Before(w.end) })
			if len(out) < n && today < slotsADay && apart && d.open(w) && d.free(w, b) {
				out = append(out, w)
				today++
			}
		}
	}
	slices.SortFunc(out, func(a, b slot) int { return a.start.Compare(b.start) })
	return out
}

// candidates lists the stretches of one day on the grid, nearest to b's own
// time of day first.
func (d *diary) candidates(b *block, day time.Time, length time.Duration) []slot {
	grid := 30
	if length <= 30*time.Minute {
		grid = 15
	}
	at := b.Start.In(d.s.zone)
	home := at.Hour()*60 + at.Minute()
	var minutes []int
	for _, h := range d.hours {
		if h.Day != day.Weekday() {
			continue
		}
		for m := (h.From + grid - 1) / grid * grid; m < h.Till; m += grid {
			minutes = append(minutes, m)
		}
	}
	slices.SortFunc(minutes, func(a, b int) int {
		return cmp.Or(cmp.Compare(max(a-home, home-a), max(b-home, home-b)), cmp.Compare(a, b))
	})
	out := make([]slot, 0, len(minutes))
	for _, m := range slices.Compact(minutes) {
		start := d.clock(day, m)
		if start.Hour()*60+start.Minute() == m { // not in a spring gap
			out = append(out, slot{start, start.Add(length)})
		}
	}
	return out
}
