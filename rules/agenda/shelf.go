package agenda

import (
	"math"
	"strings"
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
	kept    map[model.Name]*kept
	own     map[model.Name]*kept
	over    int32 // what ended before this day is not kept
	readers []*reader
	scratch []byte
}

// kept is one event on a shelf. It does not change; a new version is a new one.
type kept struct {
	first, last int32        // the UTC days outside which it takes no time, whatever the zone
	packed      string       // "" if live
	live        *model.Event // our own, and what has no packed form
}

const never = math.MaxInt32

// reader is what a Book has not read of a shelf yet.
type reader struct {
	lost, found []*kept
	all         bool // too much to tell: read everything
}

// maxNews is how many changes are told one by one.
const maxNews = 2_000

// NewShelf returns an empty shelf. Shelves of one program share words.
func NewShelf(words *Words) *Shelf {
	return &Shelf{words: words, kept: map[model.Name]*kept{}, own: map[model.Name]*kept{}, over: math.MinInt32}
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
	for href, k := range s.kept {
		if s.past(k) {
			s.replace(href, nil)
		}
	}
}

func (s *Shelf) past(k *kept) bool { return k.last < s.over && (k.live == nil || k.live.Own == nil) }

// Put takes an event in, in place of what was at its Href.
func (s *Shelf) Put(ev model.Event) { s.put(ev.Ref.Href, ev) }

func (s *Shelf) put(at model.Name, ev model.Event) {
	first, last := bounds(&ev)
	k := &kept{first: first, last: last}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.past(k) && ev.Own == nil {
		s.replace(at, nil)
		return
	}
	b, ok := pack(&ev, s.words, s.scratch)
	if s.scratch = b[:0]; cap(b) > 1<<16 {
		s.scratch = nil
	}
	if ok {
		k.packed = string(b)
		if href := model.Name(packedHref(k.packed)); href == at {
			at = href // the key of the map is a piece of the packed form
		}
	} else {
		k.live = &ev
	}
	s.replace(at, k)
}

// replace puts k where at is; nil for nothing.
func (s *Shelf) replace(at model.Name, k *kept) {
	old := s.kept[at]
	delete(s.own, at)
	delete(s.kept, at) // the old key may be a piece of what goes
	if k != nil {
		s.kept[at] = k
		if k.live != nil && k.live.Own != nil {
			s.own[at] = k
		}
	}
	for _, r := range s.readers {
		r.note(old, k)
	}
}

// Drop forgets the event at href and returns it, if it was kept.
func (s *Shelf) Drop(href model.Name) (model.Event, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.kept[href]
	if k == nil {
		return model.Event{}, false
	}
	s.replace(href, nil)
	return *k.event(s.words.spoken()), true
}

// Get returns the event at href, if it is kept.
func (s *Shelf) Get(href model.Name) (model.Event, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.kept[href]
	if k == nil {
		return model.Event{}, false
	}
	return *k.event(s.words.spoken()), true
}

// event returns what is kept; w is no older than it.
func (k *kept) event(w spoken) *model.Event {
	if k.live != nil {
		return k.live
	}
	return unpack(k.packed, w)
}

// Keep drops every event whose place is not named.
func (s *Shelf) Keep(places map[model.Name]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for href := range s.kept {
		if !places[href] {
			s.replace(href, nil)
		}
	}
}

// Own returns the events of the shelf that are ours, by finding.
func (s *Shelf) Own() map[model.Ident]model.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[model.Ident]model.Event, len(s.own))
	for _, k := range s.own {
		out[k.live.Own.Of] = *k.live
	}
	return out
}

// Len is the number of events that are kept.
func (s *Shelf) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.kept)
}

func (r *reader) note(old, k *kept) {
	if r.all || old == nil && k == nil {
		return
	}
	if len(r.lost)+len(r.found) >= maxNews {
		*r = reader{all: true}
		return
	}
	if old != nil {
		r.lost = append(r.lost, old)
	}
	if k != nil {
		r.found = append(r.found, k)
	}
}

// read gives a reader what it has not read; everything if all is asked for or
// there is too much news.
func (s *Shelf) read(r *reader, all bool) reader {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := *r
	*r = reader{}
	if all || out.all {
		out = reader{all: true, found: make([]*kept, 0, len(s.kept))}
		for _, k := range s.kept {
			out.found = append(out.found, k)
		}
	}
	return out
}

// utcDay counts the days since 1970, within bounds.
func utcDay(t time.Time) int32 {
	return int32(min(max(dayOf(t), math.MinInt32+400), never-400))
}

// bounds returns days that an event certainly lies between.
func bounds(e *model.Event) (first, last int32) {
	s := e.Body.Reveal()
	first, last = never, math.MinInt32
	meet := func(from, till time.Time) {
		first = min(first, utcDay(from.Add(-slack)))
		last = max(last, utcDay(later(from, till).Add(slack+24*time.Hour))) // a whole day may have no end
	}
	reach := int32(0)
	occurrence := func(o *model.Occurrence) {
		if !o.Start.IsZero() {
			meet(o.Start.Wall, o.End.Wall)
		}
		if o.ThisFuture {
			reach = 366
		}
	}
	m := s.Master
	if m != nil {
		occurrence(m)
	}
	for i := range s.Overrides {
		occurrence(&s.Overrides[i])
	}
	if m != nil {
		length := later(m.Start.Wall, m.End.Wall).Sub(m.Start.Wall)
		for _, t := range m.RDates {
			meet(t.Wall, t.Wall.Add(length))
		}
		for _, t := range m.REnds {
			if !t.IsZero() {
				meet(t.Wall, t.Wall)
			}
		}
		if m.RRule != "" {
			last = max(last, ruleEnds(m, length))
		}
	}
	if first == never { // nothing has a time: what is wrong with it is still to be told
		return math.MinInt32, never
	}
	if reach > 0 {
		return first - reach, never
	}
	return first, last
}

// ruleEnds returns a day after which the rule of m has no instance for certain.
func ruleEnds(m *model.Occurrence, length time.Duration) int32 {
	_, text, ok := strings.Cut(strings.ToUpper(m.RRule), "UNTIL=")
	if !ok {
		return never
	}
	text, _, _ = strings.Cut(text, ";")
	if len(text) < len("20060102") {
		return never
	}
	until, err := time.Parse("20060102", text[:8])
	if err != nil || !until.After(m.Start.Wall.AddDate(-1, 0, 0)) {
		return never
	}
	return utcDay(until.Add(length + slack + 48*time.Hour))
}

// outside reports, without expanding, that a single event is far from the window.
func outside(e *model.Event, from, till time.Time) bool {
	s := e.Body.Reveal()
	m := s.Master
	if m == nil || m.RRule != "" || len(m.RDates) > 0 || len(s.Overrides) > 0 || m.Start.IsZero() {
		return false
	}
	if m.Start.Wall.After(till.Add(slack)) {
		return true
	}
	end := later(m.Start.Wall, m.End.Wall).Add(24 * time.Hour) // a whole day may have no end
	return end.Before(from.Add(-slack))
}
