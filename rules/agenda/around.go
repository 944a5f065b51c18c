package agenda

import (
	"time"

	"chancery/internal/model"
)

// Around returns the events of the shelf that may take time between two moments,
// in an order of their own, and those of one meeting, whenever they are. What ended
// before the last Forget is not among them.
func (s *Shelf) Around(from, till time.Time, of model.Ident) []model.Event {
	first, last := utcDay(from)-1, utcDay(till)+1
	var near []kept
	s.mu.Lock()
	sight, words := s.store.sight(), s.words.spoken()
	lives := map[uint64]*model.Event{}
	s.store.each(func(k kept) {
		live := s.store.lives[k.serial]
		if k.first <= last && k.last >= first || of != "" && identOf(live, sight, k, words) == of {
			near, lives[k.serial] = append(near, k), live
		}
	})
	s.mu.Unlock()
	out := make([]model.Event, len(near))
	for i, k := range near {
		if live := lives[k.serial]; live != nil {
			out[i] = *live
		} else {
			out[i] = *unpack(sight.packed(k), words)
		}
	}
	return out
}

// identOf reads the name of the meeting without the rest of the event.
func identOf(live *model.Event, at sight, k kept, w spoken) model.Ident {
	if live != nil {
		return live.Ident
	}
	u := unpacker{s: at.packed(k), w: w}
	u.href()
	u.word() // the calendar
	return model.Ident(u.hex())
}
