package agenda

import (
	"cmp"
	"fmt"
	"io"
	"reflect"
	"slices"
	"time"

	"chancery/internal/model"
)

// Book knows the events of one principal and what follows from them alone: where
// their instances lie around the horizon, and how they rank. It has no clock: the
// View says what time it is. What was put and dropped before leaves no trace: two
// Books with the same events give the same steps. A Book is for one goroutine,
// its shelves are for many.
type Book struct {
	words   *Words
	shelves []*Shelf
	readers []*reader
	named   map[model.SourceID]*Shelf // the Book's own, for Put

	window    window
	zone      *time.Location
	sights    []sight // of the shelves
	near      map[version]*near
	list      []*near // by meeting and place
	unsorted  bool
	live      map[*model.Occurrence]*near // by the head of the event
	room      []Instance
	rulings   map[ruled]*ruled
	blocks    int    // about how many there are
	version   string // of the rules that ranked
	principal model.Principal
}

// window is what is expanded.
type window struct{ from, till time.Time }

const week7 = 7 * 24 * time.Hour

// windowOf returns the window at now. It moves once a week only, and is the same
// whenever a Book was made.
func windowOf(now time.Time, horizon time.Duration) window {
	monday := func(t time.Time) time.Time { return time.Unix(t.Unix()-t.Unix()%int64(week7/time.Second), 0).UTC() }
	return window{monday(now.Add(-2 * 24 * time.Hour)), monday(now.Add(horizon + 4*24*time.Hour + week7))}
}

// version names a version of an event.
type version struct {
	shelf  int
	serial uint64
}

// near is an event that may matter within the window.
type near struct {
	parcel
	version  version
	ident    model.Ident
	event    *model.Event // nil while nobody looks
	moments  []moment
	problems []string
	ruled    []*ruled // by occurrence, the master, then the overrides; many have the same
}

// ruled is what the rules say of an occurrence.
type ruled struct {
	rank          Ranked
	zone          *time.Location
	ranked, zoned bool
}

// Unsure is what Options.Lives returns if a condition failed: no zone, and it is
// asked again at every look.
var Unsure = time.FixedZone("unsure", 0)

// moment is an Instance in little room.
type moment struct {
	start, end, original int64 // Unix seconds
	occurrence           int   // 0 for the master
}

// NewBook returns a Book that shows these shelves, which must share their words.
func NewBook(shelves ...*Shelf) *Book {
	b := &Book{named: map[model.SourceID]*Shelf{}, near: map[version]*near{}, rulings: map[ruled]*ruled{}}
	for _, s := range shelves {
		b.show(s)
	}
	return b
}

func (b *Book) show(s *Shelf) {
	r := &reader{all: true}
	s.mu.Lock()
	s.readers = append(s.readers, r)
	s.mu.Unlock()
	b.words, b.shelves, b.readers, b.sights = s.words, append(b.shelves, s), append(b.readers, r), append(b.sights, sight{})
}

// shelf returns the Book's own shelf for a calendar.
func (b *Book) shelf(id model.SourceID) *Shelf {
	s := b.named[id]
	if s == nil {
		if b.words == nil {
			b.words = NewWords()
		}
		s = NewShelf(b.words)
		b.named[id] = s
		b.show(s)
	}
	return s
}

// Put takes an event in, in place of what was at the Source and Href of its Ref.
func (b *Book) Put(ev model.Event) { b.shelf(ev.Ref.Source).Put(ev) }

// Drop forgets the event at the Source and Href of ref.
func (b *Book) Drop(ref model.Ref) { b.shelf(ref.Source).Drop(ref.Href) }

// Rest gives back the memory that only looking takes.
func (b *Book) Rest() {
	for _, n := range b.live {
		n.event = nil
	}
	b.live, b.room = nil, nil
}

// Format keeps what the Book knows from every printer.
func (b *Book) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "agenda.Book") }

// BookOf returns a Book of the events of a View, each in a place of its own.
func BookOf(v *model.View) *Book {
	s := NewShelf(NewWords())
	s.Forget(v.Now.Add(-2 * 24 * time.Hour))
	for i, ev := range v.Agenda {
		s.put(model.Name(fmt.Sprint(i)), &ev)
	}
	return NewBook(s)
}

// open brings the Book to the time and the rules of a look.
func (b *Book) open(v *model.View, o *Options, zone *time.Location, horizon time.Duration) {
	if b.version != o.Version || !reflect.DeepEqual(b.principal, v.Principal) {
		for _, n := range b.near {
			n.ruled = nil
		}
		b.rulings = map[ruled]*ruled{}
		b.version, b.principal = o.Version, v.Principal
	}
	w := windowOf(v.Now, horizon)
	moved := w != b.window || zone != b.zone
	b.window, b.zone = w, zone
	b.read(moved, moved)
	if b.unsorted {
		b.sort()
		b.unsorted = false
	}
}

// read takes in what is new on the shelves, or all that is there. moved says that
// what was expanded is no use.
func (b *Book) read(all, moved bool) {
	var news []reader
	for i, s := range b.shelves {
		n, v := s.read(b.readers[i], all)
		if n.all && !all { // not to be told apart from what was there
			b.read(true, moved)
			return
		}
		news, b.sights[i] = append(news, n), v
	}
	old := b.near
	if all {
		b.near, b.list, b.live = make(map[version]*near, len(old)), nil, nil
	}
	if b.words == nil {
		return
	}
	gone := map[version]bool{} // also what came and went between two looks
	for i, r := range news {
		for _, t := range r.lost {
			gone[version{i, t.serial}] = true
		}
	}
	b.forget(gone)
	now := b.words.spoken()
	from, till := utcDay(b.window.from), utcDay(b.window.till)
	for i, r := range news {
		for _, t := range r.found {
			v := version{i, t.serial}
			if !gone[v] && (t.ours || t.first <= till && t.last >= from) {
				b.add(t, v, old[v], moved, now)
			}
		}
	}
}

func (b *Book) forget(gone map[version]bool) {
	some := false
	for v := range gone {
		if n := b.near[v]; n != nil {
			if n.event != nil {
				delete(b.live, headOf(n.event))
			}
			delete(b.near, v)
			some = true
		}
	}
	if some {
		b.list = slices.DeleteFunc(b.list, func(n *near) bool { return b.near[n.version] != n })
	}
}

// add expands an event that is near, unless that was done.
func (b *Book) add(t parcel, v version, was *near, moved bool, w spoken) {
	n := was
	if n == nil || moved {
		n = &near{parcel: t, version: v}
		b.wake(n, w)
		n.ident = n.event.Ident
		if was != nil {
			n.ruled = was.ruled
		}
		n.expand(b)
		if !n.matters() {
			n.event = nil
		}
	}
	n.parcel = t // it may lie elsewhere by now
	b.near[v] = n
	b.list, b.unsorted = append(b.list, n), true
}

// wake makes the event of n readable.
func (b *Book) wake(n *near, w spoken) {
	switch {
	case n.event != nil:
	case n.live != nil:
		n.event = n.live
	default:
		n.event = unpack(b.sights[n.version.shelf].packed(n.kept), w)
	}
}

func (n *near) expand(b *Book) {
	if !counts(n.event) {
		return
	}
	in, problems := Append(b.room[:0], n.event, b.zone, b.window.from, b.window.till, 0)
	b.room = in
	n.problems = problems
	if len(in) == 0 {
		return
	}
	n.moments = make([]moment, len(in))
	s := n.event.Body.Reveal()
	for i, x := range in {
		n.moments[i] = moment{x.Start.Unix(), x.End.Unix(), x.Original.Unix(), indexOf(&s, x.Occurrence)}
	}
}

// headOf tells an event from others, also where it was copied.
func headOf(e *model.Event) *model.Occurrence {
	s := e.Body.Reveal()
	if s.Master == nil && len(s.Overrides) > 0 {
		return &s.Overrides[0]
	}
	return s.Master
}

// indexOf numbers the occurrences of an event: the master, then the overrides.
func indexOf(s *model.Series, o *model.Occurrence) int {
	if o == s.Master {
		return 0
	}
	for i := range s.Overrides {
		if o == &s.Overrides[i] {
			return i + 1
		}
	}
	return 0
}

// matters reports whether the event has anything to say in the window.
func (n *near) matters() bool {
	return len(n.moments) > 0 || len(n.problems) > 0 || n.ours
}

// agenda returns the events that matter, in an order of their own.
func (b *Book) agenda() []model.Event {
	var w spoken
	if b.words != nil {
		w = b.words.spoken()
	}
	if b.live == nil {
		b.live = make(map[*model.Occurrence]*near, len(b.list))
	}
	out := make([]model.Event, 0, len(b.list))
	for _, n := range b.list {
		if n.matters() {
			b.wake(n, w)
			b.live[headOf(n.event)] = n
			out = append(out, *n.event)
		}
	}
	return out
}

// ruledOf returns the room for what the rules say of an occurrence; nil if the Book
// does not know the event.
func (b *Book) ruledOf(e *model.Event, o *model.Occurrence) **ruled {
	n := b.live[headOf(e)]
	if n == nil {
		return nil
	}
	s := e.Body.Reveal()
	if n.ruled == nil {
		n.ruled = make([]*ruled, 1+len(s.Overrides))
	}
	return &n.ruled[indexOf(&s, o)]
}

// rule changes what is kept of an occurrence.
func (b *Book) rule(at **ruled, change func(*ruled)) {
	var r ruled
	if *at != nil {
		r = **at
	}
	change(&r)
	kept := b.rulings[r]
	if kept == nil {
		kept = &r
		b.rulings[r] = kept
	}
	*at = kept
}

// remember keeps what a ranker says of an occurrence until the rules or the
// principal change.
func (b *Book) remember(rank Ranker) Ranker {
	return func(e *model.Event, o *model.Occurrence) Ranked {
		at := b.ruledOf(e, o)
		if at != nil && *at != nil && (*at).ranked {
			return (*at).rank
		}
		got := rank(e, o)
		if at != nil && !got.Unsure {
			b.rule(at, func(r *ruled) { r.rank, r.ranked = got, true })
		}
		return got
	}
}

// rememberZones does so for Options.Lives.
func (b *Book) rememberZones(lives func(*model.Event, *model.Occurrence) *time.Location) func(*model.Event, *model.Occurrence) *time.Location {
	return func(e *model.Event, o *model.Occurrence) *time.Location {
		at := b.ruledOf(e, o)
		if at != nil && *at != nil && (*at).zoned {
			return (*at).zone
		}
		zone := lives(e, o)
		if zone == Unsure {
			return nil
		}
		if at != nil {
			b.rule(at, func(r *ruled) { r.zone, r.zoned = zone, true })
		}
		return zone
	}
}

// sort orders the events by meeting and place.
func (b *Book) sort() {
	var w spoken
	if b.words != nil {
		w = b.words.spoken()
	}
	slices.SortFunc(b.list, func(x, y *near) int {
		if x.ident != y.ident {
			return cmp.Compare(x.ident, y.ident)
		}
		p, q := b.ref(x, w), b.ref(y, w)
		return cmp.Or(cmp.Compare(p.Source, q.Source), cmp.Compare(p.Href, q.Href))
	})
}

// ref is where an event lies.
func (b *Book) ref(n *near, w spoken) model.Ref {
	if n.event != nil {
		return n.event.Ref
	}
	if n.live != nil {
		return n.live.Ref
	}
	return unpack(b.sights[n.version.shelf].packed(n.kept), w).Ref
}
