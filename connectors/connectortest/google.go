package connectortest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Google plays the calendar API of Google at the wire, by its documented words:
// the comments of the calendar package of google.golang.org/api and the guides it
// leads to. It is stricter where they say "undefined": a sync token with other
// parameters is refused. Not played: singleEvents=true, channels, moving, ACLs,
// rooms.
//
// The zero value of each knob is the friendly server. Knobs may be turned between
// requests.
type Google struct {
	// URL is what a client is configured with.
	URL string
	// Self is the address of the principal, and the id of the primary calendar.
	Self string
	// PageSize bounds a page of events, whatever the client asks for; 0 for 250.
	PageSize int
	// EmptyPages puts a page without items, but with a page token, before each.
	EmptyPages bool
	// NoDelegation: the token is of a service account that acts for itself.
	NoDelegation bool
	// Rewrite changes what a client writes before it is stored, as servers that
	// clean texts do.
	Rewrite func(event map[string]any)

	mu        sync.Mutex
	server    *httptest.Server
	tokens    map[string]bool
	calendars map[string]*googleCalendar
	order     []string
	clock     int // counts changes; also the position in the change log
	epoch     int // sync tokens of an older one are gone
	goneWhy   string
	faults    []*GoogleFault
	mails     []string
	calls     []GoogleCall
	people    int // ids made for people
}

// GoogleCall is one request that arrived.
type GoogleCall struct {
	Method, Path string // path under the base
	Query        url.Values
	IfMatch      string
	Agent        string
	Body         map[string]any
	Status       int // what was answered
}

// GoogleFault is what goes wrong with requests: the next Times of those that fit.
type GoogleFault struct {
	Method, Path string // "" fits all; Path is a part of the path
	Times        int
	Status       int
	Reason       string // Google's word, e.g. "rateLimitExceeded"
	RetryAfter   string
	Body         string // instead of Google's form of an error
	Header       http.Header
	Cut          bool // the connection ends before anything happened
	Lost         bool // it happens, and then the connection ends
	// Before runs before the request is carried out, as a person does who is quicker.
	Before func()
}

type googleCalendar struct {
	id, name, zone string
	role           string // accessRole of the principal
	primary        bool
	unlisted       bool   // has free and busy time, but is not in the list
	freeBusyError  string // reason; "" for none
	events         map[string]*googleEvent
}

// googleEvent is one stored event. A deleted one keeps its id.
type googleEvent struct {
	body map[string]any
	at   int // position of its last change
	gone bool
}

// NewGoogle starts a server with the principal's primary calendar and one called
// Work. Its one good token is "token".
func NewGoogle(t testing.TB) *Google {
	g := &Google{Self: "gc@firm.example", tokens: map[string]bool{"token": true}, calendars: map[string]*googleCalendar{}}
	g.server = httptest.NewServer(http.HandlerFunc(g.serve))
	t.Cleanup(g.server.Close)
	g.URL = g.server.URL + "/calendar/v3/"
	g.AddCalendar(g.Self, "GC", "owner")
	g.AddCalendar("work@group.calendar.example", "Work", "owner")
	return g
}

// AddCalendar adds a calendar; the one whose id is Self is the primary. The role
// is owner, writer, reader or freeBusyReader.
func (g *Google) AddCalendar(id, name, role string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calendars[id] = &googleCalendar{id: id, name: name, zone: "Europe/Berlin", role: role, primary: id == g.Self, events: map[string]*googleEvent{}}
	g.order = append(g.order, id)
}

// Unlist takes a calendar out of the list; its free and busy time stays known, or
// is answered with the given reason.
func (g *Google) Unlist(id, freeBusyError string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calendars[id].unlisted, g.calendars[id].freeBusyError = true, freeBusyError
}

// Tokens replaces the good tokens.
func (g *Google) Tokens(good ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tokens = map[string]bool{}
	for _, s := range good {
		g.tokens[s] = true
	}
}

// ForgetTokens makes every sync token so far answer 410 with the reason:
// fullSyncRequired or updatedMinTooLongAgo.
func (g *Google) ForgetTokens(reason string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.epoch++
	g.goneWhy = reason
}

// Fail adds a fault.
func (g *Google) Fail(f GoogleFault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.faults = append(g.faults, &f)
}

// Mails returns what would have been sent to people.
func (g *Google) Mails() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.mails)
}

// Calls returns the requests since the last call of it.
func (g *Google) Calls() []GoogleCall {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := g.calls
	g.calls = nil
	return out
}

// Writes counts the requests among calls that ask for a change.
func Writes(calls []GoogleCall) (n int) {
	for _, c := range calls {
		if c.Method != http.MethodGet && !strings.HasSuffix(c.Path, "/freeBusy") {
			n++
		}
	}
	return n
}

// googleError is an answer that refuses.
type googleError struct {
	status int
	reason string
}

func (e *googleError) Error() string { return fmt.Sprint(e.status, " ", e.reason) }

func bad(reason string) *googleError { return &googleError{http.StatusBadRequest, reason} }

func (g *Google) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	if err != nil {
		return
	}
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/calendar/v3/")
	call := GoogleCall{Method: r.Method, Path: path, Query: r.URL.Query(), IfMatch: r.Header.Get("If-Match"), Agent: r.Header.Get("User-Agent") + r.Header.Get("X-Goog-Api-Client")}
	_ = json.Unmarshal(body, &call.Body) // the handlers say what is wrong with it
	f := g.fault(r.Method, path)
	if f != nil && f.Before != nil {
		f.Before()
	}
	if f != nil && f.Cut {
		panic(http.ErrAbortHandler)
	}
	var answer any
	var refusal *googleError
	if f == nil || f.Lost || f.Status == 0 && f.Body == "" {
		answer, refusal = g.handle(&call, r.Header.Get("Authorization"))
	} else {
		refusal = &googleError{f.Status, f.Reason}
	}
	status := http.StatusOK
	switch {
	case refusal != nil:
		status = refusal.status
	case answer == nil:
		status = http.StatusNoContent
	}
	g.mu.Lock()
	call.Status = status
	g.calls = append(g.calls, call)
	g.mu.Unlock()
	if f != nil && f.Lost {
		panic(http.ErrAbortHandler)
	}
	respond(w, f, status, answer, refusal)
}

func respond(w http.ResponseWriter, f *GoogleFault, status int, answer any, refusal *googleError) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	if f != nil {
		maps.Copy(w.Header(), f.Header)
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
	}
	if f != nil && f.Body != "" {
		if f.Status != 0 {
			w.WriteHeader(f.Status)
		}
		_, _ = io.WriteString(w, f.Body)
		return
	}
	w.WriteHeader(status)
	if refusal != nil {
		answer = map[string]any{"error": map[string]any{"code": refusal.status, "message": "told to a person", "errors": []any{
			map[string]any{"domain": "calendar", "reason": refusal.reason, "message": "told to a person"}}}}
	}
	if answer != nil {
		_ = json.NewEncoder(w).Encode(answer)
	}
}

// fault takes the first fault that fits.
func (g *Google) fault(method, path string) *GoogleFault {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, f := range g.faults {
		if f.Method != "" && f.Method != method || !strings.Contains(path, f.Path) {
			continue
		}
		if f.Times--; f.Times <= 0 {
			g.faults = slices.Delete(g.faults, i, i+1)
		}
		return f
	}
	return nil
}

// handle is one request that nothing keeps from being carried out.
func (g *Google) handle(c *GoogleCall, auth string) (any, *googleError) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if token, ok := strings.CutPrefix(auth, "Bearer "); !ok || !g.tokens[token] {
		return nil, &googleError{http.StatusUnauthorized, "authError"}
	}
	parts := strings.Split(c.Path, "/")
	for i, p := range parts {
		s, err := url.PathUnescape(p)
		if err != nil {
			return nil, bad("invalid")
		}
		parts[i] = s
	}
	switch {
	case c.Method == "GET" && c.Path == "users/me/calendarList":
		return g.calendarList(c.Query)
	case c.Method == "POST" && c.Path == "calendars":
		return g.insertCalendar(c.Body)
	case c.Method == "POST" && c.Path == "freeBusy":
		return g.freeBusy(c.Body)
	case len(parts) >= 3 && parts[0] == "calendars" && parts[2] == "events":
		return g.events(c, parts[1], parts[3:])
	}
	return nil, &googleError{http.StatusNotFound, "notFound"}
}

func (g *Google) calendarList(q url.Values) (any, *googleError) {
	items := []any{}
	for _, id := range g.order {
		if c := g.calendars[id]; !c.unlisted {
			items = append(items, map[string]any{"kind": "calendar#calendarListEntry", "id": c.id, "summary": c.name, "timeZone": c.zone, "accessRole": c.role, "primary": c.primary})
		}
	}
	// Two on a page, so that clients have to turn it.
	const size = 2
	at := 0
	if _, err := fmt.Sscanf(q.Get("pageToken"), "c%d", &at); q.Get("pageToken") != "" && (err != nil || at > len(items)) {
		return nil, bad("invalid")
	}
	out := map[string]any{"kind": "calendar#calendarList", "items": items[at:min(at+size, len(items))]}
	if at+size < len(items) {
		out["nextPageToken"] = fmt.Sprintf("c%d", at+size)
	}
	return out, nil
}

func (g *Google) insertCalendar(body map[string]any) (any, *googleError) {
	name, _ := body["summary"].(string)
	if name == "" {
		return nil, bad("required")
	}
	id := fmt.Sprintf("c%d@group.calendar.example", len(g.order))
	g.calendars[id] = &googleCalendar{id: id, name: name, zone: "UTC", role: "owner", events: map[string]*googleEvent{}}
	g.order = append(g.order, id)
	return map[string]any{"kind": "calendar#calendar", "id": id, "summary": name, "timeZone": "UTC"}, nil
}

// now is the time of the fake: it goes on by a second with each change.
func (g *Google) now() string {
	return time.Date(2026, 1, 1, 0, 0, g.clock, 0, time.UTC).Format("2006-01-02T15:04:05.000Z")
}
