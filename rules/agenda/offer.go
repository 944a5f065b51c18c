package agenda

import (
	"errors"
	"slices"
	"strings"
	"time"

	"chancery/internal/model"
)

// Request asks for several holds at once, as for a deposition or a board date.
type Request struct {
	Title      string // the words of whoever asks
	Length     time.Duration
	Count      int       // from MinHolds to MaxHolds
	From, Till time.Time // the first moment and the last; Till after From
	Withdraw   bool      // instead take the untouched holds of this title away
}

// What Hold answers instead of steps.
var (
	ErrConfirmed = errors.New("one of the holds of this title is confirmed")
	ErrNoHolds   = errors.New("the principal has no calendar for holds")
	ErrUnknown   = errors.New("there are no holds of this title")
	ErrNoTime    = errors.New("no time in this span is free")
)

// Hold returns the steps that hold times for a request of the principal of v, whose
// events are in the Book. The same request again
// changes nothing; another one of the same title takes the place of the first,
// as far as nobody touched its holds. What a person deleted is not held again.
func (b *Book) Hold(v model.View, o Options, rank Ranker, ask Request) ([]model.Step, error) {
	s := newSettlement(v, o, rank)
	if v.Principal.Holds == "" {
		return nil, ErrNoHolds
	}
	s.o.Horizon = max(s.horizon(), ask.Till.Sub(v.Now)+48*time.Hour)
	s.read(b)
	s.adopt()
	s.collect()
	ask.Title = clean(ask.Title)
	a := asked{root: byCommand + short(16, "holds", v.Principal.Name, strings.ToLower(ask.Title)), title: ask.Title, n: min(max(ask.Count, 1), MaxHolds)}
	hs := s.slotsOf(kindMany, a.root)
	if ask.Withdraw {
		if len(hs) == 0 {
			return nil, ErrUnknown
		}
		s.sweep(hs, nil, "somebody asked for it")
		return s.steps, nil
	}
	if hs.confirmed() {
		return nil, ErrConfirmed
	}
	blocks, _ := s.gather(v.Now, ask.Till.Add(24*time.Hour))
	d := s.diary(blocks, ask.Till)
	d.never, d.asker = hs.never(), kindMany+a.root
	d.promises = s.promised(nil)
	at := d.times(a, hs, ask)
	if len(at) == 0 {
		return nil, ErrNoTime
	}
	s.writeMany(a, at)
	return s.steps, nil
}

// times are the free times of a request: those that are held already, then one on
// each day, then more of the same days.
func (d *diary) times(a asked, hs slotHolds, ask Request) (out []slot) {
	free := &block{Instance: Instance{Event: &model.Event{}, Occurrence: &model.Occurrence{}}, verdict: &verdict{}}
	n := max(0, a.n-pinned(hs))
	add := func(w slot) bool {
		apart := !slices.ContainsFunc(out, func(o slot) bool { return w.start.Before(o.end) && o.start.Before(w.end) })
		ok := len(out) < n && apart && !w.start.Before(ask.From) && d.open(w) && d.free(w, free)
		if ok {
			out = append(out, w)
		}
		return ok
	}
	for _, h := range hs {
		if h.f.Hold != "" && !h.touched() && d.s.fits(h, a, ask.Length) {
			add(slot{h.start, h.start.Add(ask.Length)})
		}
	}
	begin := later(ask.From, d.s.v.Now)
	first := dayIn(begin, d.s.zoneOf(begin))
	for _, pass := range []struct {
		most   int
		spoken bool // also what others were offered
	}{{1, false}, {slotsADay, false}, {slotsADay, true}, {24, true}} {
		for i := 0; i <= 366 && len(out) < n; i++ {
			on := first + day(i)
			if !d.s.clock(on, 0).Before(ask.Till) {
				break
			}
			today := 0
			for _, w := range out {
				if dayIn(w.start, d.s.zoneOn(on)) == on {
					today++
				}
			}
			for m := 0; m < 24*60 && today < pass.most; m += 30 {
				start := d.s.clock(on, m)
				w := slot{start, start.Add(ask.Length)}
				if (pass.spoken || !d.promises.another(w, d.asker)) && add(w) {
					today++
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b slot) int { return a.start.Compare(b.start) })
	return out
}

func pinned(hs slotHolds) (n int) {
	for _, h := range hs {
		if h.f.Pinned && !h.f.Dismissed {
			n++
		}
	}
	return n
}

// fits reports whether a hold that stands is one of the length that is asked for.
func (s *settlement) fits(h slotHold, a asked, length time.Duration) bool {
	w := slot{h.start, h.start.Add(length)}
	for n := 1; n <= MaxHolds; n++ {
		for of := n; of <= MaxHolds; of++ {
			if digest, _ := s.manyHold(a, w, n, of); digest == h.f.Hold {
				return true
			}
		}
	}
	return false
}
