package agenda

import (
	"math"
	"sync"
	"time"

	"chancery/internal/model"
)

// Shelf keeps the events of one calendar for every Book that shows it, packed, so
// that ten years of a calendar fit beside each other. It may be used by several
// goroutines; no method waits for a Book that is settled.
type Shelf struct {
	words *Words

	mu      sync.Mutex
	store   store
	own     map[model.Name]uint64 // our events: the version at a place
	over    int32                 // what ended before this day is not kept
	readers []*reader
}

// reader is what a Book has not read of a shelf yet.
type reader struct {
	lost, found []parcel
	all         bool // too much to tell: read everything
}

// parcel is a version of an event that came or went.
type parcel struct {
	kept
	live *model.Event // our own, and what has no packed form
}

// maxNews is how many changes are told one by one.
const maxNews = 2_000

// NewShelf returns an empty shelf. Shelves of one program share words.
func NewShelf(words *Words) *Shelf {
	return &Shelf{words: words, store: newStore(words), own: map[model.Name]uint64{}, over: math.MinInt32}
}

// Forget lets the shelf drop what ended before t, now and when it comes in. Time
// only goes forward, so nobody looks at it again.
func (s *Shelf) Forget(t time.Time) {
	day := utcDay(t) - 1
	s.mu.Lock()
	defer s.mu.Unlock()
	if day <= s.over {
		return
	}
	s.over = day
	s.store.each(func(k kept) {
		if k.last < day && !k.ours {
			s.replace(s.store.place(k), nil, nil)
		}
	})
	s.tidy()
}

// Put takes an event in, in place of what was at its Href.
func (s *Shelf) Put(ev model.Event) { s.put(ev.Ref.Href, &ev) }

func (s *Shelf) put(at model.Name, ev *model.Event) {
	var k kept
	k.first, k.last = bounds(ev)
	k.ours = ev.Own != nil
	s.mu.Lock()
	defer s.mu.Unlock()
	if k.last < s.over && !k.ours {
		s.replace(at, nil, nil)
	} else {
		s.replace(at, &k, ev)
	}
	s.tidy()
}

// replace puts an event where at is; nil for nothing.
func (s *Shelf) replace(at model.Name, k *kept, ev *model.Event) {
	old, was := s.store.drop(at)
	delete(s.own, at)
	var now parcel
	if k != nil {
		now = s.store.put(at, *k, ev)
		if now.ours {
			s.own[at] = now.serial
		}
	}
	for _, r := range s.readers {
		if was {
			r.note(&r.lost, old)
		}
		if k != nil {
			r.note(&r.found, now)
		}
	}
}

// tidy gives back the room of what went. All must be read again: it lies elsewhere.
func (s *Shelf) tidy() {
	if s.store.tidy() {
		for _, r := range s.readers {
			*r = reader{all: true}
		}
	}
}

// Drop forgets the event at href and returns it, if it was kept.
func (s *Shelf) Drop(href model.Name) (model.Event, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ev, ok := s.get(href)
	s.replace(href, nil, nil)
	s.tidy()
	return ev, ok
}

// Get returns the event at href, if it is kept.
func (s *Shelf) Get(href model.Name) (model.Event, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.get(href)
}

func (s *Shelf) get(href model.Name) (model.Event, bool) {
	_, slot, ok := s.store.find(href)
	if !ok {
		return model.Event{}, false
	}
	k := s.store.slots[slot]
	if live := s.store.lives[k.serial]; live != nil {
		return *live, true
	}
	return *unpack(s.store.sight().packed(k), s.words.spoken()), true
}

// Keep drops every event whose place is not named.
func (s *Shelf) Keep(places map[model.Name]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store.each(func(k kept) {
		if at := s.store.place(k); !places[at] {
			s.replace(at, nil, nil)
		}
	})
	s.tidy()
}

// Own returns the events of the shelf that are ours, by finding.
func (s *Shelf) Own() map[model.Ident]model.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[model.Ident]model.Event, len(s.own))
	for _, serial := range s.own {
		ev := s.store.lives[serial]
		out[ev.Own.Of] = *ev
	}
	return out
}

// Len is the number of events that are kept.
func (s *Shelf) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.store.index)
}

func (r *reader) note(list *[]parcel, t parcel) {
	if r.all {
		return
	}
	if len(r.lost)+len(r.found) >= maxNews {
		*r = reader{all: true}
		return
	}
	*list = append(*list, t)
}

// read gives a reader what it has not read, everything if all is asked for or
// there is too much news, and where it lies.
func (s *Shelf) read(r *reader, all bool) (reader, sight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := *r
	*r = reader{}
	if all || out.all {
		out = reader{all: true, found: make([]parcel, 0, len(s.store.index))}
		s.store.each(func(k kept) { out.found = append(out.found, parcel{k, s.store.lives[k.serial]}) })
	}
	return out, s.store.sight()
}
