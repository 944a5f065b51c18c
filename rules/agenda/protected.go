package agenda

import (
	"time"

	"chancery/internal/model"
)

// Protected is time that meetings leave alone, although no event says so.
type Protected struct {
	Name  string
	Rank  int // a meeting needs a higher one to take the time
	Place string
	Hours []model.Hours // in the zone of the day
}

// guard lists the protected time between two moments as blocks.
func (s *settlement) guard(from, till time.Time) (out []block) {
	for i := range s.o.Protected {
		p := &s.o.Protected[i]
		o := &model.Occurrence{Summary: p.Name}
		e := &model.Event{Ident: model.Ident("protected:" + p.Name), Body: model.Hide(model.Series{Master: o})}
		b := block{
			Instance: Instance{Event: e, Occurrence: o}, key: e.Ident,
			verdict: &verdict{kind: guarded, r: Ranked{Name: p.Name, Rank: p.Rank, Place: p.Place}},
		}
		for d := dayIn(from, s.zone) - 1; d <= dayIn(till, s.zone)+1; d++ {
			for _, h := range p.Hours {
				if h.Day != d.weekday() {
					continue
				}
				b.Start, b.End = s.clock(d, h.From), s.clock(d, h.Till)
				b.Original = b.Start
				if b.Start.Before(till) && b.End.After(from) {
					out = append(out, b)
				}
			}
		}
	}
	return out
}

// concerns reports whether two blocks that lie too close are a conflict: not if
// nobody could do anything about it, or if nothing is asked of the time they share.
func (s *settlement) concerns(a, b *block) bool {
	if a.key == b.key || standsIn(a, b) {
		return false // a series that overlaps itself is as its author wants it
	}
	if a.kind > b.kind {
		a, b = b, a
	}
	switch {
	case a.kind != appointment:
		// Lunch in the holidays, two deadlines on one day.
		return a.kind == deadline && b.kind == absence && s.working(later(a.Start, b.Start), earlier(a.End, b.End))
	case b.kind == absence:
		return s.working(later(a.Start, b.Start), earlier(a.End, b.End))
	}
	return true
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
