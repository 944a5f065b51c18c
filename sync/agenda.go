package sync

import (
	"maps"
	"slices"
	"sync"

	"chancery/internal/model"
)

// agenda holds the events of every calendar as they were last seen. It lives in
// memory alone: content is never stored.
type agenda struct {
	mu        sync.Mutex
	calendars map[model.SourceID]map[model.Name]model.Event // by place
	complete  map[model.SourceID]bool                       // listed to the end since the start
	lost      map[model.SourceID]map[model.Ident]bool       // holds that went away with their calendar
}

func newAgenda() *agenda {
	return &agenda{calendars: map[model.SourceID]map[model.Name]model.Event{}, complete: map[model.SourceID]bool{}, lost: map[model.SourceID]map[model.Ident]bool{}}
}

func (a *agenda) put(id model.SourceID, ev model.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.calendars[id] == nil {
		a.calendars[id] = map[model.Name]model.Event{}
	}
	a.calendars[id][ev.Ref.Href] = ev
}

// drop forgets the event at href and returns it.
func (a *agenda) drop(id model.SourceID, href model.Name) (model.Event, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	ev, ok := a.calendars[id][href]
	delete(a.calendars[id], href)
	return ev, ok
}

// keep drops every event of a calendar that is not in places, and marks the
// calendar as completely known.
func (a *agenda) keep(id model.SourceID, places map[model.Name]bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	maps.DeleteFunc(a.calendars[id], func(href model.Name, _ model.Event) bool { return !places[href] })
	a.complete[id] = true
}

// own returns the findings whose holds stand in a calendar.
func (a *agenda) own(id model.SourceID) map[model.Ident]model.Event {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := map[model.Ident]model.Event{}
	for _, ev := range a.calendars[id] {
		if ev.Own != nil {
			out[ev.Own.Of] = ev
		}
	}
	return out
}

// lose remembers holds that went away with their calendar; none takes the memory
// back. It reports whether that is new.
func (a *agenda) lose(id model.SourceID, holds map[model.Ident]bool) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	fresh := !maps.Equal(a.lost[id], holds)
	a.lost[id] = holds
	return fresh
}

// found forgets that a hold went away.
func (a *agenda) found(id model.SourceID, of model.Ident) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.lost[id], of)
}

// vanished reports whether a hold went away with its calendar.
func (a *agenda) vanished(id model.SourceID, of model.Ident) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lost[id][of]
}

// of returns every event of the calendars, in a fixed order, and whether all of
// them are completely known. Settling with half the calendars would withdraw
// holds that are still needed.
func (a *agenda) of(ids []model.SourceID) ([]model.Event, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []model.Event
	for _, id := range ids {
		if !a.complete[id] {
			return nil, false
		}
		events := a.calendars[id]
		for _, href := range slices.Sorted(maps.Keys(events)) {
			out = append(out, events[href])
		}
	}
	return out, true
}
