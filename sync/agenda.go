package sync

import (
	"maps"
	"sync"
	"time"

	"chancery/internal/model"
	"chancery/rules/agenda"
)

// overdueEvents is how long ago an event ended that need not be kept: no zone and no
// clock that is put right is so far off.
const overdueEvents = 48 * time.Hour

// calendars holds the events of every calendar as they were last seen, and the
// Book of every principal. It lives in memory alone: content is never stored.
type calendars struct {
	mu        sync.Mutex
	words     *agenda.Words
	shelves   map[model.SourceID]*agenda.Shelf
	books     map[string]*agenda.Book                 // by principal; each is for its settler alone
	histories map[string]*history                     // by principal, likewise
	complete  map[model.SourceID]bool                 // listed to the end since the start
	lost      map[model.SourceID]map[model.Ident]bool // holds that went away with their calendar
	over      time.Time                               // what ended before is not kept
	amended   map[spot]bool                           // changed by us, and not read since
	failed    map[model.SourceID]bool                 // not complete, and could not be read lately
	news      chan struct{}                           // closed when complete or failed changes
}

// spot is the place of one event.
type spot struct {
	source model.SourceID
	href   model.Name
}

func newAgenda() *calendars {
	return &calendars{
		words: agenda.NewWords(), shelves: map[model.SourceID]*agenda.Shelf{}, books: map[string]*agenda.Book{}, histories: map[string]*history{},
		complete: map[model.SourceID]bool{}, lost: map[model.SourceID]map[model.Ident]bool{},
		amended: map[spot]bool{}, failed: map[model.SourceID]bool{}, news: make(chan struct{}),
	}
}

// shelf returns the shelf of a calendar. The caller holds mu.
func (a *calendars) shelf(id model.SourceID) *agenda.Shelf {
	s := a.shelves[id]
	if s == nil {
		s = agenda.NewShelf(a.words)
		s.Forget(a.over)
		a.shelves[id] = s
	}
	return s
}

func (a *calendars) at(id model.SourceID) *agenda.Shelf {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.shelf(id)
}

// forget lets go of what is long over, once an hour.
func (a *calendars) forget(now time.Time) {
	over := now.Add(-overdueEvents).Truncate(time.Hour)
	a.mu.Lock()
	defer a.mu.Unlock()
	if !over.After(a.over) {
		return
	}
	a.over = over
	for _, s := range a.shelves {
		s.Forget(over)
	}
}

func (a *calendars) put(id model.SourceID, ev model.Event) {
	a.at(id).Put(ev)
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.amended, spot{id, ev.Ref.Href})
}

// amend notes that the event at href is about to be known as changed by us: what is
// kept of it is from before.
func (a *calendars) amend(id model.SourceID, href model.Name) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.amended[spot{id, href}] = true
}

// get returns the event at href, unless what is kept of it is from before a change
// of ours.
func (a *calendars) get(id model.SourceID, href model.Name) (model.Event, bool) {
	a.mu.Lock()
	before := a.amended[spot{id, href}]
	a.mu.Unlock()
	if before {
		return model.Event{}, false
	}
	return a.at(id).Get(href)
}

// drop forgets the event at href and returns it, if it was kept.
func (a *calendars) drop(id model.SourceID, href model.Name) (model.Event, bool) {
	return a.at(id).Drop(href)
}

// keep drops every event of a calendar that is not in places, and marks the
// calendar as completely known.
func (a *calendars) keep(id model.SourceID, places map[model.Name]bool) {
	a.at(id).Keep(places)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.complete[id] = true
	a.tell()
}

// fail notes that a calendar cannot be read now.
func (a *calendars) fail(id model.SourceID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.complete[id] {
		a.failed[id] = true
		a.tell()
	}
}

// tell wakes whoever waits for calendars. The caller holds mu.
func (a *calendars) tell() {
	close(a.news)
	a.news = make(chan struct{})
}

// reading reports whether one of the calendars is still being read for the first
// time, and gives what is closed when that may have changed.
func (a *calendars) reading(ids []model.SourceID) (bool, <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	open := false
	for _, id := range ids {
		if a.failed[id] && !a.complete[id] {
			return false, nil
		}
		open = open || !a.complete[id]
	}
	return open, a.news
}

// own returns the findings whose holds stand in a calendar.
func (a *calendars) own(id model.SourceID) map[model.Ident]model.Event { return a.at(id).Own() }

// lose remembers holds that went away with their calendar; none takes the memory
// back. It reports whether that is new.
func (a *calendars) lose(id model.SourceID, holds map[model.Ident]bool) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	fresh := !maps.Equal(a.lost[id], holds)
	a.lost[id] = holds
	return fresh
}

// found forgets that a hold went away.
func (a *calendars) found(id model.SourceID, of model.Ident) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.lost[id], of)
}

// vanished reports whether a hold went away with its calendar.
func (a *calendars) vanished(id model.SourceID, of model.Ident) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lost[id][of]
}

// book returns the Book of a principal, and whether all of its calendars are
// completely known. Settling with half the calendars would withdraw holds that are
// still needed.
func (a *calendars) book(p PrincipalSpec) (*agenda.Book, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var shelves []*agenda.Shelf
	for _, id := range p.sources() {
		if !a.complete[id] {
			return nil, false
		}
		shelves = append(shelves, a.shelf(id))
	}
	b := a.books[p.Name]
	if b == nil {
		b = agenda.NewBook(shelves...)
		a.books[p.Name] = b
	}
	return b, true
}

// isComplete reports whether a calendar was listed to its end.
func (a *calendars) isComplete(id model.SourceID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.complete[id]
}

// history returns what is known of the findings of a principal.
func (a *calendars) history(p PrincipalSpec) *history {
	a.mu.Lock()
	defer a.mu.Unlock()
	h := a.histories[p.Name]
	if h == nil {
		h = newHistory(p.group())
		a.histories[p.Name] = h
	}
	return h
}
