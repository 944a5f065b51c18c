package connectortest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// caller is a client that knows nothing but HTTP.
type caller struct {
	t testing.TB
	g *Google
}

func (c caller) do(method, path string, body any, header ...string) (int, map[string]any) {
	c.t.Helper()
	var data []byte
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		data = b
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.g.URL+path, bytes.NewReader(data))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer token")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = resp.Body.Close() }()
	out := map[string]any{}
	if resp.StatusCode != http.StatusNoContent {
		if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
			c.t.Fatal(err)
		}
	}
	return resp.StatusCode, out
}

// want calls and checks the status, and the reason of a refusal.
func (c caller) want(status int, reason, method, path string, body any, header ...string) map[string]any {
	c.t.Helper()
	got, out := c.do(method, path, body, header...)
	said := ""
	if list := arr(obj(out, "error"), "errors"); len(list) > 0 {
		said = str(list[0].(map[string]any), "reason")
	}
	if got != status || said != reason {
		c.t.Fatalf("%s %s: status %d %s, want %d %s", method, path, got, said, status, reason)
	}
	return out
}

// pages reads a listing to its end: the ids with their status, the number of pages
// and the last answer.
func (c caller) pages(q url.Values) (ids map[string]string, pages int, last map[string]any) {
	c.t.Helper()
	ids, q = map[string]string{}, maps.Clone(q)
	for range 100 {
		out := c.want(200, "", "GET", "calendars/primary/events?"+q.Encode(), nil)
		pages++
		for _, x := range arr(out, "items") {
			ids[str(x.(map[string]any), "id")] = str(x.(map[string]any), "status")
		}
		if next := str(out, "nextPageToken"); next != "" {
			if out["nextSyncToken"] != nil {
				c.t.Fatal("a sync token stands before the last page")
			}
			q.Set("pageToken", next)
			continue
		}
		return ids, pages, out
	}
	c.t.Fatal("the listing never ends")
	return nil, 0, nil
}

func single(id string, more ...any) map[string]any {
	b := map[string]any{"id": id, "summary": "Meeting", "start": map[string]any{"dateTime": "2026-03-02T09:00:00Z", "timeZone": "UTC"}, "end": map[string]any{"dateTime": "2026-03-02T10:00:00Z", "timeZone": "UTC"}}
	for i := 0; i+1 < len(more); i += 2 {
		b[more[i].(string)] = more[i+1]
	}
	return b
}

func weekly(id string, more ...any) map[string]any {
	return single(id, append([]any{"recurrence", []any{"RRULE:FREQ=WEEKLY;COUNT=5"}}, more...)...)
}

func newCaller(t *testing.T) caller { return caller{t, NewGoogle(t)} }

const events = "calendars/primary/events"

// TestGoogleSyncTokens: the sentences about nextSyncToken, syncToken and pages.
func TestGoogleSyncTokens(t *testing.T) {
	c := newCaller(t)
	for i := range 5 {
		c.want(200, "", "POST", events, single(fmt.Sprintf("event%d", i)))
	}
	c.g.PageSize, c.g.EmptyPages = 2, true
	q := url.Values{"maxResults": {"100"}}
	ids, pages, last := c.pages(q)
	if len(ids) != 5 || pages != 6 || str(last, "nextSyncToken") == "" {
		t.Fatalf("%d events on %d pages, token %q", len(ids), pages, str(last, "nextSyncToken"))
	}
	c.want(204, "", "DELETE", events+"/event3", nil)
	c.want(200, "", "PATCH", events+"/event1", map[string]any{"summary": "Moved"})
	q.Set("syncToken", str(last, "nextSyncToken"))
	for range 2 { // a token may be used again
		if ids, _, last = c.pages(q); !maps.Equal(ids, map[string]string{"event3": "cancelled", "event1": "confirmed"}) {
			t.Fatalf("changes %v", ids)
		}
	}
	older := q.Get("syncToken")
	q.Set("syncToken", str(last, "nextSyncToken"))
	if ids, _, _ = c.pages(q); len(ids) != 0 {
		t.Errorf("changes %v after nothing", ids)
	}
	for _, k := range notWithToken {
		c.want(400, "syncTokenWithNonDefaultParameters", "GET", events+"?maxResults=100&"+k+"=x&syncToken="+older, nil)
	}
	c.want(400, "syncTokenWithNonDefaultParameters", "GET", events+"?maxResults=100&showDeleted=false&syncToken="+older, nil)
	c.want(400, "invalid", "GET", events+"?maxResults=99&syncToken="+older, nil)
	c.want(400, "invalid", "GET", events+"?maxResults=100&pageToken=x", nil)
	c.want(410, "fullSyncRequired", "GET", events+"?maxResults=100&syncToken=CAAQ", nil)
	for _, reason := range []string{"fullSyncRequired", "updatedMinTooLongAgo"} {
		_, _, last = c.pages(url.Values{"maxResults": {"100"}})
		c.g.ForgetTokens(reason)
		c.want(410, reason, "GET", events+"?maxResults=100&syncToken="+str(last, "nextSyncToken"), nil)
	}
	if _, _, last = c.pages(url.Values{"iCalUID": {"event1@google.com"}}); last["nextSyncToken"] != nil {
		t.Error("a search gives a sync token")
	}
}

// TestGoogleChangeWhileListing: what changes between two pages is in the listing or
// behind its token.
func TestGoogleChangeWhileListing(t *testing.T) {
	c := newCaller(t)
	for i := range 4 {
		c.want(200, "", "POST", events, single(fmt.Sprintf("event%d", i)))
	}
	c.g.PageSize = 2
	first := c.want(200, "", "GET", events, nil)
	c.want(200, "", "PATCH", events+"/event3", map[string]any{"summary": "Late"})
	second := c.want(200, "", "GET", events+"?pageToken="+str(first, "nextPageToken"), nil)
	after := c.want(200, "", "GET", events+"?syncToken="+str(second, "nextSyncToken"), nil)
	if n := len(arr(after, "items")); n != 1 || str(arr(after, "items")[0].(map[string]any), "summary") != "Late" {
		t.Errorf("%d changes", n)
	}
}

// TestGoogleTombstones: "deleted events are only guaranteed to have the id", and
// "cancelled exceptions ... id, recurringEventId and originalStartTime".
func TestGoogleTombstones(t *testing.T) {
	c := newCaller(t)
	c.want(200, "", "POST", events, single("alone"))
	c.want(200, "", "POST", events, weekly("series"))
	_, _, last := c.pages(nil)
	c.want(204, "", "DELETE", events+"/alone", nil)
	c.want(204, "", "DELETE", events+"/series_20260309T090000Z", nil)
	out := c.want(200, "", "GET", events+"?syncToken="+str(last, "nextSyncToken"), nil)
	got := map[string][]string{}
	for _, x := range arr(out, "items") {
		m := x.(map[string]any)
		got[str(m, "id")] = slices.Sorted(maps.Keys(m))
	}
	if s := fmt.Sprint(got); s != "map[alone:[etag id kind status] series_20260309T090000Z:[etag id kind originalStartTime recurringEventId status]]" {
		t.Errorf("tombstones %s", s)
	}
	// Without showDeleted cancelled exceptions are listed, deleted events are not.
	if ids, _, _ := c.pages(nil); !maps.Equal(ids, map[string]string{"series": "confirmed", "series_20260309T090000Z": "cancelled"}) {
		t.Errorf("listed %v", ids)
	}
	if ids, _, _ := c.pages(url.Values{"showDeleted": {"true"}}); len(ids) != 3 {
		t.Errorf("listed %v", ids)
	}
	if e := c.want(200, "", "GET", events+"/alone", nil); str(e, "status") != "cancelled" {
		t.Error("get does not return a deleted event") // "The get method always returns them."
	}
	c.want(410, "deleted", "DELETE", events+"/alone", nil)
	c.want(404, "notFound", "DELETE", events+"/nothing", nil)
	c.want(409, "duplicate", "POST", events, single("alone"))
	c.want(200, "", "PUT", events+"/alone", single("alone", "status", "tentative"))
	if ids, _, _ := c.pages(nil); ids["alone"] != "tentative" {
		t.Error("update does not bring a deleted event back")
	}
	c.want(204, "", "DELETE", events+"/series", nil)
	if ids, _, _ := c.pages(nil); len(ids) != 1 {
		t.Errorf("the series left %v", ids)
	}
}

func TestGoogleRefusesWhatItsWordsForbid(t *testing.T) {
	c := newCaller(t)
	c.want(200, "", "POST", events, single("taken"))
	day := map[string]any{"date": "2026-03-02"}
	for _, test := range []struct {
		name   string
		status int
		reason string
		event  map[string]any
	}{
		{"same id", 409, "duplicate", single("taken")},
		{"short id", 400, "invalid", single("abcd")},
		{"letter beyond v", 400, "invalid", single("abcdw")},
		{"upper case", 400, "invalid", single("ABCDE")},
		{"long id", 400, "invalid", single(strings.Repeat("a", 1025))},
		{"id and iCalUID", 400, "invalid", single("abcde", "iCalUID", "x@firm.example")},
		{"no end", 400, "required", single("abcde", "end", nil)},
		{"end before start", 400, "timeRangeEmpty", single("abcde", "end", map[string]any{"dateTime": "2026-03-01T09:00:00Z"})},
		{"day and clock", 400, "invalid", single("abcde", "end", day)},
		{"neither offset nor zone", 400, "invalid", single("abcde", "start", map[string]any{"dateTime": "2026-03-02T09:00:00"})},
		{"series without zone", 400, "required", weekly("abcde", "start", map[string]any{"dateTime": "2026-03-02T09:00:00Z"})},
		{"DTSTART in recurrence", 400, "invalid", single("abcde", "recurrence", []any{"DTSTART:20260302T090000Z"})},
		{"whole day of focus", 400, "eventTypeRestriction", single("abcde", "eventType", "focusTime", "start", day, "end", map[string]any{"date": "2026-03-03"})},
		{"fromGmail", 400, "eventTypeRestriction", single("abcde", "eventType", "fromGmail")},
		{"unknown type", 400, "invalid", single("abcde", "eventType", "party")},
		{"unknown status", 400, "invalid", single("abcde", "status", "maybe")},
		{"unknown visibility", 400, "invalid", single("abcde", "visibility", "hidden")},
		{"long property", 400, "invalid", single("abcde", "extendedProperties", map[string]any{"private": map[string]any{"k": strings.Repeat("x", 1025)}})},
		{"guest without address", 400, "required", single("abcde", "attendees", []any{map[string]any{"displayName": "X"}})},
	} {
		t.Run(test.name, func(t *testing.T) {
			caller{t, c.g}.want(test.status, test.reason, "POST", events, test.event)
		})
	}
	c.want(400, "eventTypeRestriction", "POST", "calendars/work@group.calendar.example/events", single("abcde", "eventType", "outOfOffice"))
	c.want(200, "", "POST", events, single("abcde", "eventType", "outOfOffice"))
	c.want(400, "eventTypeRestriction", "PATCH", events+"/abcde", map[string]any{"eventType": "default"})
	c.g.NoDelegation = true
	c.want(403, "forbiddenForServiceAccounts", "POST", events, single("fghij", "attendees", []any{map[string]any{"email": "a@firm.example"}}))
	c.want(401, "authError", "GET", events, nil, "Authorization", "Bearer other")
	c.want(404, "notFound", "GET", "calendars/none@firm.example/events", nil)
	c.g.AddCalendar("read@firm.example", "Read", "reader")
	c.want(403, "requiredAccessLevel", "POST", "calendars/read@firm.example/events", single("abcde"))
}

// TestGoogleVersions: If-Match, and what Patch and Update leave.
func TestGoogleVersions(t *testing.T) {
	c := newCaller(t)
	private := map[string]any{"private": map[string]any{"a": "1", "b": "2"}}
	made := c.want(200, "", "POST", events, single("event", "extendedProperties", private, "location", "Room 1",
		"conferenceData", map[string]any{"conferenceId": "x"}))
	if str(made, "iCalUID") != "event@google.com" || str(obj(made, "start"), "dateTime") != "2026-03-02T10:00:00+01:00" || str(made, "status") != "confirmed" {
		t.Errorf("it was stored as %v", made)
	}
	etag := str(made, "etag")
	patched := c.want(200, "", "PATCH", events+"/event", map[string]any{"location": "Room 2", "iCalUID": "x", "extendedProperties": map[string]any{"private": map[string]any{"b": "3"}}}, "If-Match", etag)
	if str(patched, "etag") == etag || str(patched, "summary") != "Meeting" || str(patched, "iCalUID") != "event@google.com" || fmt.Sprint(obj(obj(patched, "extendedProperties"), "private")) != "map[a:1 b:3]" {
		t.Errorf("patched to %v", patched)
	}
	for _, method := range []string{"PATCH", "PUT", "DELETE"} {
		c.want(412, "conditionNotMet", method, events+"/event", single("event"), "If-Match", etag)
	}
	replaced := c.want(200, "", "PUT", events+"/event", single("event"))
	if replaced["extendedProperties"] != nil || replaced["location"] != nil || replaced["conferenceData"] == nil {
		t.Errorf("replaced by %v", replaced)
	}
	if replaced = c.want(200, "", "PUT", events+"/event?conferenceDataVersion=1", single("event")); replaced["conferenceData"] != nil {
		t.Error("a client that knows conferences left one out, and it stays")
	}
}

// TestGoogleGuests: self, attendeesOmitted, the organizer's fields, and mail.
func TestGoogleGuests(t *testing.T) {
	c := newCaller(t)
	guests := []any{map[string]any{"email": c.g.Self, "responseStatus": "accepted"}, map[string]any{"email": "a@firm.example"}, map[string]any{"email": "b@firm.example"}}
	id := c.g.PersonInsert(t, c.g.Self, single("", "attendees", guests, "organizer", map[string]any{"email": "chair@board.example"}))
	if n := len(c.g.Mails()); n != 0 {
		t.Errorf("a person's own doing sent %d mails", n)
	}
	cut := c.want(200, "", "GET", events+"/"+id+"?maxAttendees=2", nil)
	if list := arr(cut, "attendees"); len(list) != 1 || list[0].(map[string]any)["self"] != true || cut["attendeesOmitted"] != true {
		t.Errorf("cut to %v", cut["attendees"])
	}
	c.want(403, "forbiddenForNonOrganizer", "PATCH", events+"/"+id, map[string]any{"summary": "Mine"})
	c.want(200, "", "PATCH", events+"/"+id+"?sendUpdates=none", map[string]any{"attendeesOmitted": true, "attendees": []any{map[string]any{"email": c.g.Self, "responseStatus": "declined"}}})
	list := arr(c.g.Event(t, c.g.Self, id), "attendees")
	if len(list) != 3 || str(list[0].(map[string]any), "responseStatus") != "declined" {
		t.Errorf("guests %v", list)
	}
	if n := len(c.g.Mails()); n != 0 {
		t.Errorf("%d mails with sendUpdates=none", n)
	}
	c.want(200, "", "POST", events, single("feast", "attendees", guests))
	c.want(200, "", "PATCH", events+"/feast?sendUpdates=all", map[string]any{"summary": "Now"})
	if got := c.g.Mails(); len(got) != 4 || got[0] != "invitation to a@firm.example" {
		t.Errorf("mails %q", got)
	}
}

// TestGoogleInstances: an instance becomes an exception when it is changed.
func TestGoogleInstances(t *testing.T) {
	c := newCaller(t)
	c.want(200, "", "POST", events, weekly("series", "recurrence", []any{"RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE:20260316T090000Z"}))
	out := c.want(200, "", "GET", events+"/series/instances?originalStart=2026-03-09T09:00:00Z", nil)
	if list := arr(out, "items"); len(list) != 1 || str(list[0].(map[string]any), "id") != "series_20260309T090000Z" {
		t.Fatalf("instances %v", list)
	}
	for _, start := range []string{"2026-03-10T09:00:00Z", "2026-03-16T09:00:00Z"} {
		if list := arr(c.want(200, "", "GET", events+"/series/instances?originalStart="+start, nil), "items"); len(list) != 0 {
			t.Errorf("an instance at %s", start)
		}
	}
	c.want(404, "notFound", "PATCH", events+"/series_20260310T090000Z", map[string]any{"summary": "None"})
	e := c.want(200, "", "PATCH", events+"/series_20260309T090000Z", map[string]any{"start": map[string]any{"dateTime": "2026-03-09T11:00:00Z"}, "end": map[string]any{"dateTime": "2026-03-09T12:00:00Z"}})
	at, _ := instantOf(obj(e, "originalStartTime"))
	if str(e, "recurringEventId") != "series" || str(e, "iCalUID") != "series@google.com" || e["recurrence"] != nil || at.UTC().Hour() != 9 {
		t.Errorf("the exception is %v", e)
	}
	if ids, _, _ := c.pages(nil); len(ids) != 2 {
		t.Errorf("listed %v", ids)
	}
}

func TestGoogleFreeBusy(t *testing.T) {
	c := newCaller(t)
	c.want(200, "", "POST", events, single("block"))
	c.want(200, "", "POST", events, single("frees", "transparency", "transparent"))
	c.g.AddCalendar("big@firm.example", "Big", "none")
	c.g.Unlist("big@firm.example", "groupTooBig")
	ask := func(ids ...string) map[string]any {
		var items []any
		for _, id := range ids {
			items = append(items, map[string]any{"id": id})
		}
		return map[string]any{"timeMin": "2026-03-02T00:00:00Z", "timeMax": "2026-03-03T00:00:00Z", "items": items}
	}
	out := obj(c.want(200, "", "POST", "freeBusy", ask(c.g.Self, "none@firm.example", "big@firm.example")), "calendars")
	if len(arr(obj(out, c.g.Self), "busy")) != 1 || len(arr(obj(out, "none@firm.example"), "errors")) != 1 || len(arr(obj(out, "big@firm.example"), "errors")) != 1 {
		t.Errorf("answer %v", out)
	}
	c.want(400, "tooManyCalendarsRequested", "POST", "freeBusy", ask(slices.Repeat([]string{"x@firm.example"}, 51)...))
}

// TestGoogleFaults: each comes once for each time it was asked for, and a lost
// answer had its effect.
func TestGoogleFaults(t *testing.T) {
	c := newCaller(t)
	c.g.Fail(GoogleFault{Method: "POST", Status: 403, Reason: "rateLimitExceeded", Times: 2})
	c.want(403, "rateLimitExceeded", "POST", events, single("event"))
	c.want(403, "rateLimitExceeded", "POST", events, single("event"))
	c.g.Fail(GoogleFault{Method: "POST", Cut: true})
	if status, _ := c.do("POST", events, single("event")); status != 0 || len(c.g.Events(t, c.g.Self)) != 0 {
		t.Error("a cut request had an answer or an effect")
	}
	c.g.Fail(GoogleFault{Method: "POST", Lost: true})
	if status, _ := c.do("POST", events, single("event")); status != 0 || len(c.g.Events(t, c.g.Self)) != 1 {
		t.Error("a lost answer came, or its request had no effect")
	}
	c.want(409, "duplicate", "POST", events, single("event"))
	if n := Writes(c.g.Calls()); n != 4 {
		t.Errorf("%d writes in the log", n) // the cut one never arrived
	}
}
