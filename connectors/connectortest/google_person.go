package connectortest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The person's side: what somebody does in a browser, without any condition.

func (g *Google) mustHave(t testing.TB, id string) *googleCalendar {
	t.Helper()
	cal := g.calendars[id]
	if cal == nil {
		t.Fatal("no such calendar")
	}
	return cal
}

// PersonInsert stores an event as it is and returns its id. Unlike a client a
// person may have it from elsewhere: with an organizer and an iCalUID of its own.
// An id given is taken, and what is wrong with the event stays wrong.
func (g *Google) PersonInsert(t testing.TB, calendar string, event map[string]any) string {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	cal := g.mustHave(t, calendar)
	b := clone(event)
	if str(b, "id") == "" {
		g.people++
		b["id"] = fmt.Sprintf("person%05d", g.people)
	}
	for k, x := range map[string]any{"kind": "calendar#event", "status": "confirmed", "eventType": "default", "iCalUID": str(b, "id") + "@google.com",
		"created": g.now(), "organizer": map[string]any{"email": cal.id, "self": true}} {
		if _, said := b[k]; !said {
			b[k] = x
		}
	}
	g.keep(cal, &googleEvent{}, b)
	return str(b, "id")
}

// PersonPatch changes fields of an event, or of an instance of a series.
func (g *Google) PersonPatch(t testing.TB, calendar, id string, fields map[string]any) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	cal := g.mustHave(t, calendar)
	e := g.find(cal, id)
	if e == nil {
		t.Fatal("no such event")
	}
	now := clone(e.body)
	for k, x := range clone(fields) {
		merge(now, k, x)
	}
	g.keep(cal, e, now)
}

// PersonDelete deletes an event, or cancels an instance of a series.
func (g *Google) PersonDelete(t testing.TB, calendar, id string) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	cal := g.mustHave(t, calendar)
	e := g.find(cal, id)
	if e == nil {
		t.Fatal("no such event")
	}
	if refusal := g.remove(cal, e, map[string][]string{"sendUpdates": {"none"}}); refusal != nil {
		t.Fatal(refusal)
	}
}

// Forget removes every trace of an event: tombstones do not stay for ever.
func (g *Google) Forget(t testing.TB, calendar, id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.mustHave(t, calendar).events, id)
}

// Event returns a copy of a stored event; nil if it is not there.
func (g *Google) Event(t testing.TB, calendar, id string) map[string]any {
	g.mu.Lock()
	defer g.mu.Unlock()
	e := g.mustHave(t, calendar).events[id]
	if e == nil || e.gone {
		return nil
	}
	return clone(e.body)
}

// Events returns the ids of all that is there, without exceptions.
func (g *Google) Events(t testing.TB, calendar string) []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []string
	for id, e := range g.mustHave(t, calendar).events {
		if !e.gone && str(e.body, "recurringEventId") == "" {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// PutICS writes an object of iCalendar into the calendar under the given id, as a
// person does who imports a file or uses a program of CalDAV: the master and its
// exceptions become what the object says.
func (g *Google) PutICS(t testing.TB, calendar, id string, ics []byte) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	cal := g.mustHave(t, calendar)
	kept := map[string]bool{}
	for _, props := range icsEvents(ics) {
		b, uid, rec := googleEventOf(props, cal, g.Self)
		b["kind"], b["id"], b["iCalUID"], b["created"] = "calendar#event", id, uid, g.now()
		if rec != nil {
			b["id"], b["recurringEventId"], b["originalStartTime"] = instanceID(id, rec), id, rec
		}
		key := str(b, "id")
		kept[key] = true
		e := cal.events[key]
		if e == nil {
			e = &googleEvent{}
		} else if old := str(e.body, "iCalUID"); old != "" {
			b["iCalUID"] = old // never changes
		}
		e.gone = false
		g.keep(cal, e, clone(b))
	}
	for key, e := range cal.events {
		if str(e.body, "recurringEventId") == id && !kept[key] {
			delete(cal.events, key)
		}
	}
}

// ICS writes a stored event and its exceptions as an object of iCalendar. An
// exception that says nothing of its own is left out.
func (g *Google) ICS(t testing.TB, calendar, id, uid string) []byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	cal := g.mustHave(t, calendar)
	var w strings.Builder
	w.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Firm Example//Tests//EN\r\n")
	master := cal.events[id]
	if master != nil {
		w.WriteString(icsOf(master.body, uid))
	}
	var keys []string
	for key, e := range cal.events {
		if str(e.body, "recurringEventId") == id {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		b := cal.events[key].body
		if master != nil && icsOf(instanceBody(master.body, obj(b, "originalStartTime")), uid) == icsOf(b, uid) {
			continue
		}
		w.WriteString(icsOf(b, uid))
	}
	w.WriteString("END:VCALENDAR\r\n")
	return []byte(w.String())
}

// PersonRaw stores an item that is no event Google would ever store, to be listed
// as it is: text must be a JSON object with an id.
func (g *Google) PersonRaw(t testing.TB, calendar, text string) {
	t.Helper()
	var b map[string]any
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		t.Fatal(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.clock++
	key, _ := b["id"].(string)
	if key == "" {
		key = fmt.Sprint("raw", g.clock)
	}
	g.mustHave(t, calendar).events[key] = &googleEvent{body: b, at: g.clock}
}
