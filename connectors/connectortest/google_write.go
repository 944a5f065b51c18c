package connectortest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// events answers everything below one calendar's events.
func (g *Google) events(c *GoogleCall, id string, rest []string) (any, *googleError) {
	if id == "primary" {
		id = g.Self
	}
	cal := g.calendars[id]
	if cal == nil || cal.role == "none" {
		return nil, &googleError{http.StatusNotFound, "notFound"}
	}
	if cal.role == "reader" && c.Method != http.MethodGet {
		return nil, &googleError{http.StatusForbidden, "requiredAccessLevel"}
	}
	switch {
	case len(rest) == 0 && c.Method == http.MethodGet:
		return g.list(cal, c.Query)
	case len(rest) == 0 && c.Method == http.MethodPost:
		return g.insert(cal, c.Body, c.Query)
	case len(rest) == 2 && rest[1] == "instances" && c.Method == http.MethodGet:
		return g.instances(cal, rest[0], c.Query)
	case len(rest) != 1:
		return nil, &googleError{http.StatusNotFound, "notFound"}
	}
	e := g.find(cal, rest[0])
	if e == nil {
		return nil, &googleError{http.StatusNotFound, "notFound"}
	}
	if c.IfMatch != "" && c.IfMatch != "*" && c.IfMatch != str(e.body, "etag") {
		return nil, &googleError{http.StatusPreconditionFailed, "conditionNotMet"}
	}
	switch c.Method {
	case http.MethodGet:
		return present1(e, c.Query), nil // "The get method always returns them."
	case http.MethodPatch:
		return g.change(cal, e, patched(e.body, c.Body), c.Query)
	case http.MethodPut:
		return g.change(cal, e, replaced(e.body, c.Body, c.Query), c.Query)
	case http.MethodDelete:
		return nil, g.remove(cal, e, c.Query)
	}
	return nil, &googleError{http.StatusMethodNotAllowed, "httpMethodNotAllowed"}
}

func present1(e *googleEvent, v url.Values) map[string]any {
	return present(e, v)
}

// find returns an event, or an instance of a series that has no event of its own
// yet.
func (g *Google) find(cal *googleCalendar, id string) *googleEvent {
	if e := cal.events[id]; e != nil {
		return e
	}
	parent, at, ok := strings.Cut(id, "_")
	master := cal.events[parent]
	if !ok || master == nil || master.gone {
		return nil
	}
	for _, start := range instancesOf(master.body) {
		if instanceID("", start) == "_"+at {
			return &googleEvent{body: instanceBody(master.body, start)}
		}
	}
	return nil
}

// insert is events.insert.
func (g *Google) insert(cal *googleCalendar, body map[string]any, v url.Values) (any, *googleError) {
	body = clone(body)
	id := str(body, "id")
	if id != "" && str(body, "iCalUID") != "" {
		return nil, bad("invalid") // "Only one of them should be supplied."
	}
	if id == "" {
		g.people++
		id = fmt.Sprintf("made%05d", g.people)
	}
	if !validID(id) {
		return nil, bad("invalid")
	}
	if cal.events[id] != nil { // also of a deleted event
		return nil, &googleError{http.StatusConflict, "duplicate"}
	}
	fresh := map[string]any{"kind": "calendar#event", "id": id, "iCalUID": id + "@google.com", "created": g.now(), "sequence": float64(0),
		"organizer": map[string]any{"email": cal.id, "self": true}, "creator": map[string]any{"email": g.Self}, "eventType": "default", "status": "confirmed"}
	e := &googleEvent{body: fresh}
	for k, x := range body {
		if !readOnly[k] || k == "iCalUID" {
			fresh[k] = x
		}
	}
	if str(fresh, "eventType") == "fromGmail" {
		return nil, bad("eventTypeRestriction")
	}
	if g.NoDelegation && len(arr(fresh, "attendees")) > 0 {
		return nil, &googleError{http.StatusForbidden, "forbiddenForServiceAccounts"}
	}
	if refusal := g.check(cal, fresh); refusal != nil {
		return nil, refusal
	}
	g.store(cal, e, fresh)
	g.mail("invitation", fresh, v)
	return clone(e.body), nil
}

// validID is base32hex, 5 to 1024 characters.
func validID(id string) bool {
	for _, r := range id {
		if (r < 'a' || r > 'v') && (r < '0' || r > '9') {
			return false
		}
	}
	return len(id) >= 5 && len(id) <= 1024
}

// readOnly fields are taken from nobody.
var readOnly = map[string]bool{
	"kind": true, "etag": true, "id": true, "created": true, "updated": true, "creator": true, "organizer": true, "iCalUID": true,
	"htmlLink": true, "recurringEventId": true, "originalStartTime": true, "hangoutLink": true, "locked": true, "sequence": true,
}

// patched merges field by field: objects are merged, lists are replaced, null takes
// away.
func patched(was, change map[string]any) map[string]any {
	out := clone(was)
	only := change["attendeesOmitted"] == true
	for k, x := range change {
		if readOnly[k] || k == "attendeesOmitted" {
			continue
		}
		if k == "attendees" && only {
			// "Only update the participant's response."
			answer(out, x)
			continue
		}
		merge(out, k, x)
	}
	return out
}

func merge(into map[string]any, k string, x any) {
	m, isObject := x.(map[string]any)
	old, wasObject := into[k].(map[string]any)
	switch {
	case x == nil:
		delete(into, k)
	case isObject && wasObject && k != "start" && k != "end":
		for k2, x2 := range m {
			merge(old, k2, x2)
		}
	default:
		into[k] = x
	}
}

// answer copies the participant's own response.
func answer(out map[string]any, x any) {
	list, _ := x.([]any)
	for _, a := range list {
		from, _ := a.(map[string]any)
		for _, b := range arr(out, "attendees") {
			to, _ := b.(map[string]any)
			if to["self"] == true && strings.EqualFold(str(to, "email"), str(from, "email")) && str(from, "responseStatus") != "" {
				to["responseStatus"] = from["responseStatus"]
			}
		}
	}
}

// replaced keeps nothing but what nobody may write, and the conference of a client
// that does not say it knows them.
func replaced(was, body map[string]any, v url.Values) map[string]any {
	out := map[string]any{"eventType": was["eventType"], "status": "confirmed"}
	for k, x := range clone(body) {
		out[k] = x
	}
	for k := range readOnly {
		if delete(out, k); was[k] != nil {
			out[k] = was[k]
		}
	}
	if v.Get("conferenceDataVersion") != "1" {
		if delete(out, "conferenceData"); was["conferenceData"] != nil {
			out["conferenceData"] = was["conferenceData"]
		}
	}
	return out
}

// shared fields belong to the organizer.
var sharedFields = []string{"summary", "description", "location", "start", "end", "recurrence", "status"}

// change stores a new version of an event.
func (g *Google) change(cal *googleCalendar, e *googleEvent, now map[string]any, v url.Values) (any, *googleError) {
	if e.gone && str(e.body, "recurringEventId") != "" {
		return nil, &googleError{http.StatusNotFound, "notFound"}
	}
	if str(now, "eventType") != str(e.body, "eventType") {
		return nil, bad("eventTypeRestriction") // immutable
	}
	if led := obj(e.body, "organizer")["self"] == true; !led && e.body["guestsCanModify"] != true {
		for _, k := range sharedFields {
			if !same(now[k], e.body[k]) {
				return nil, &googleError{http.StatusForbidden, "forbiddenForNonOrganizer"}
			}
		}
	}
	if refusal := g.check(cal, now); refusal != nil {
		return nil, refusal
	}
	if !same(now["start"], e.body["start"]) || !same(now["end"], e.body["end"]) || !same(now["recurrence"], e.body["recurrence"]) {
		n, _ := e.body["sequence"].(float64)
		now["sequence"] = n + 1
	}
	g.store(cal, e, now)
	g.mail("update", now, v)
	return present1(e, v), nil
}

// remove deletes an event, or cancels an instance of a series.
func (g *Google) remove(cal *googleCalendar, e *googleEvent, v url.Values) *googleError {
	if e.gone || str(e.body, "status") == "cancelled" {
		return &googleError{http.StatusGone, "deleted"}
	}
	now := clone(e.body)
	now["status"] = "cancelled"
	parent := str(now, "recurringEventId")
	e.gone = parent == ""
	g.keep(cal, e, now)
	g.mail("cancellation", now, v)
	if parent != "" {
		return nil
	}
	for id, x := range cal.events {
		if str(x.body, "recurringEventId") == str(now, "id") {
			delete(cal.events, id)
		}
	}
	return nil
}

// store keeps what was written after the server's own touch.
func (g *Google) store(cal *googleCalendar, e *googleEvent, now map[string]any) {
	if g.Rewrite != nil {
		g.Rewrite(now)
	}
	g.keep(cal, e, now)
	e.gone = str(now, "status") == "cancelled" && str(now, "recurringEventId") == ""
}

func (g *Google) keep(cal *googleCalendar, e *googleEvent, now map[string]any) {
	g.clock++
	e.at = g.clock
	now["etag"], now["updated"] = fmt.Sprintf("%q", fmt.Sprint(3500000000000000+g.clock)), g.now()
	for _, a := range arr(now, "attendees") {
		if m, _ := a.(map[string]any); m != nil {
			delete(m, "self")
			if strings.EqualFold(str(m, "email"), g.Self) {
				m["self"] = true
			}
			if str(m, "responseStatus") == "" {
				m["responseStatus"] = "needsAction"
			}
		}
	}
	for _, k := range []string{"start", "end", "originalStartTime"} {
		if m := obj(now, k); m != nil && str(m, "dateTime") != "" {
			now[k] = zoned(m, cal.zone)
		}
	}
	e.body = now
	cal.events[str(now, "id")] = e
}

// zoned shows a time in the zone of the calendar, as Google does.
func zoned(m map[string]any, zone string) map[string]any {
	out := clone(m)
	at, ok := instantOf(m)
	loc, err := time.LoadLocation(zone)
	if ok && err == nil {
		out["dateTime"] = at.In(loc).Format(time.RFC3339)
	}
	return out
}

// mail notes whom Google would have told.
func (g *Google) mail(what string, body map[string]any, v url.Values) {
	if v.Get("sendUpdates") == "none" {
		return
	}
	for _, a := range arr(body, "attendees") {
		if m, _ := a.(map[string]any); m != nil && m["self"] != true {
			g.mails = append(g.mails, what+" to "+str(m, "email"))
		}
	}
}
