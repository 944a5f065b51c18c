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
	unsorted  int     // how many at the end of the list have no place yet
	awake     []*near
	said      spoken
	room      []Instance
	verdicts  map[verdict]*verdict
	places    map[string]int
	away      map[day]*time.Location // where the last look found the principal
	blocks    int                    // about how many there are
	version   string                 // of the rules that ranked
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
	ruled    []ruled // by occurrence, the master, then the overrides
	counts   bool    // it takes time like any event
	asks     bool    // for several holds
	single   bool    // no date of it can be there twice
	source   model.SourceID
	unmeant  uint64 // class rules, by bit, that do not mean it
}

// ruled is what the rules said of an occurrence.
type ruled struct {
	*verdict // nil if it is not known
	place    int32
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
	b := &Book{named: map[model.SourceID]*Shelf{}, near: map[version]*near{}, verdicts: map[verdict]*verdict{}, places: map[string]int{}}
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
	for _, n := range b.awake {
		n.event = nil
	}
	b.awake, b.room = nil, nil
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
		b.unrule()
		b.version, b.principal = o.Version, v.Principal
	}
	if len(b.verdicts) > maxVerdicts || len(b.places) > maxPlaces {
		b.unrule() // what is gone is forgotten
	}
	w := windowOf(v.Now, horizon)
	moved := w != b.window || zone != b.zone
	b.window, b.zone = w, zone
	b.read(moved, moved)
	b.sort()
}

const (
	maxVerdicts = 20_000
	maxPlaces   = 50_000
)

// unrule forgets what the rules said.
func (b *Book) unrule() {
	for _, n := range b.near {
		n.ruled, n.unmeant = nil, 0
	}
	b.verdicts, b.places = map[verdict]*verdict{}, map[string]int{}
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
		b.near, b.list, b.unsorted = make(map[version]*near, len(old)), nil, 0
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
	b.said = b.words.spoken()
	from, till := utcDay(b.window.from), utcDay(b.window.till)
	for i, r := range news {
		for _, t := range r.found {
			v := version{i, t.serial}
			if !gone[v] && (t.ours || t.first <= till && t.last >= from) {
				b.add(t, v, old[v], moved)
			}
		}
	}
}

func (b *Book) forget(gone map[version]bool) {
	some := false
	for v := range gone {
		if n := b.near[v]; n != nil {
			delete(b.near, v)
			some = true
		}
	}
	if some {
		b.list = slices.DeleteFunc(b.list, func(n *near) bool { return b.near[n.version] != n })
	}
}

// add expands an event that is near, unless that was done.
func (b *Book) add(t parcel, v version, was *near, moved bool) {
	n := was
	if n == nil || moved {
		n = &near{parcel: t, version: v}
		b.wake(n)
		n.ident, n.source = n.event.Ident, n.event.Ref.Source
		if was != nil {
			n.ruled, n.unmeant = was.ruled, was.unmeant
		}
		n.expand(b)
	}
	n.parcel = t // it may lie elsewhere by now
	b.near[v] = n
	b.list, b.unsorted = append(b.list, n), b.unsorted+1
}

// wake makes the event of n readable.
func (b *Book) wake(n *near) {
	switch {
	case n.event != nil:
		return
	case n.live != nil:
		n.event = n.live
	default:
		n.event = unpack(b.sights[n.version.shelf].packed(n.kept), b.said)
	}
	b.awake = append(b.awake, n)
}

// all wakes every event that matters, and lists them.
func (b *Book) all() []*near {
	out := make([]*near, 0, len(b.list))
	for _, n := range b.list {
		if n.matters() {
			b.wake(n)
			out = append(out, n)
		}
	}
	return out
}

func (n *near) expand(b *Book) {
	if n.counts = counts(n.event); !n.counts {
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
	n.single = len(s.Overrides) == 0
	if m := s.Master; m != nil {
		n.single = n.single && len(m.RDates) == 0
		_, n.asks = HoldTag(m)
	}
	for i, x := range in {
		n.moments[i] = moment{x.Start.Unix(), x.End.Unix(), x.Original.Unix(), indexOf(&s, x.Occurrence)}
	}
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

// ruledBy keeps what the rules say of an occurrence until they or the principal
// change.
func (b *Book) ruledBy(n *near, occurrence int, v *verdict, place int) *verdict {
	kept := b.verdicts[*v]
	if kept == nil {
		kept = v
		b.verdicts[*v] = v
	}
	if n.ruled == nil {
		n.ruled = make([]ruled, 1+len(n.event.Body.Reveal().Overrides))
	}
	n.ruled[occurrence] = ruled{kept, int32(place)}
	return kept
}

// sort orders the events by meeting and place.
func (b *Book) sort() {
	fresh := b.unsorted
	b.unsorted = 0
	if fresh == 0 {
		return
	}
	if fresh > 64 {
		slices.SortFunc(b.list, b.compare)
		return
	}
	for i := len(b.list) - fresh; i < len(b.list); i++ {
		n := b.list[i]
		at, _ := slices.BinarySearchFunc(b.list[:i], n, b.compare)
		copy(b.list[at+1:i+1], b.list[at:i])
		b.list[at] = n
	}
}

func (b *Book) compare(x, y *near) int {
	if x.ident != y.ident {
		return cmp.Compare(x.ident, y.ident)
	}
	p, q := b.ref(x), b.ref(y)
	return cmp.Or(cmp.Compare(p.Source, q.Source), cmp.Compare(p.Href, q.Href))
}

// ref is where an event lies.
func (b *Book) ref(n *near) model.Ref {
	if n.event != nil {
		return n.event.Ref
	}
	if n.live != nil {
		return n.live.Ref
	}
	return unpack(b.sights[n.version.shelf].packed(n.kept), b.said).Ref
}
