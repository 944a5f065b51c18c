package connectortest

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// notWithToken may not stand beside a sync token.
var notWithToken = []string{"iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax", "updatedMin"}

// listing is a query for events, read from its parameters and tokens.
type googleQuery struct {
	params string // hash of the parameters that must stay the same
	since  int    // changes after it
	after  int    // the page begins after it
	till   int    // and the listing ends with it: later changes are for the next token
	delta  bool
	empty  bool // the page without items was given
}

// list is events.list.
func (g *Google) list(cal *googleCalendar, v url.Values) (any, *googleError) {
	q, refusal := g.query(cal, v)
	if refusal != nil {
		return nil, refusal
	}
	var found []*googleEvent
	for _, e := range cal.events {
		if e.at > max(q.since, q.after) && e.at <= q.till && g.shown(cal, e, v, q.delta) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b *googleEvent) int { return cmp.Compare(a.at, b.at) })
	size := g.pageSize(v)
	out := map[string]any{"kind": "calendar#events", "summary": cal.name, "timeZone": cal.zone, "accessRole": cal.role}
	items := []any{}
	switch {
	case g.EmptyPages && !q.empty:
		// "None at all, even if there are more events."
		out["nextPageToken"] = token("p", cal.id, q.params, q.since, q.after, q.till, g.epoch, 1, q.delta)
	case len(found) > size:
		found = found[:size]
		out["nextPageToken"] = token("p", cal.id, q.params, q.since, found[size-1].at, q.till, g.epoch, 0, q.delta)
		fallthrough
	default:
		for _, e := range found {
			items = append(items, present(e, v))
		}
		if out["nextPageToken"] == nil && !slices.ContainsFunc(notWithToken, v.Has) {
			out["nextSyncToken"] = token("s", cal.id, q.params, q.till, 0, 0, g.epoch, 0, false)
		}
	}
	out["items"] = items
	return out, nil
}

func (g *Google) pageSize(v url.Values) int {
	size, _ := strconv.Atoi(v.Get("maxResults"))
	if size <= 0 {
		size = 250
	}
	return min(size, 2500, cmp.Or(g.PageSize, 250))
}

func (g *Google) query(cal *googleCalendar, v url.Values) (googleQuery, *googleError) {
	q := googleQuery{params: paramsOf(v), till: g.clock}
	if v.Get("singleEvents") == "true" {
		return q, &googleError{http.StatusNotImplemented, "notImplemented"}
	}
	if s := v.Get("syncToken"); s != "" {
		if slices.ContainsFunc(notWithToken, v.Has) || v.Get("showDeleted") == "false" {
			return q, bad("syncTokenWithNonDefaultParameters")
		}
		var epoch, unused int
		var flag bool
		id, params, ok := untoken("s", s, &q.since, &unused, &unused, &epoch, &unused, &flag)
		switch {
		case !ok || id != cal.id:
			return q, &googleError{http.StatusGone, "fullSyncRequired"}
		case params != q.params:
			// "All other query parameters should be the same ... to avoid undefined
			// behavior."
			return q, bad("invalid")
		case epoch != g.epoch:
			return q, &googleError{http.StatusGone, g.goneWhy}
		}
		q.delta = true
	}
	if s := v.Get("pageToken"); s != "" {
		var epoch, empty int
		page := q
		id, params, ok := untoken("p", s, &page.since, &page.after, &page.till, &epoch, &empty, &page.delta)
		if !ok || id != cal.id || params != q.params || epoch != g.epoch || page.delta != q.delta || page.since != q.since {
			return q, bad("invalid")
		}
		page.params, page.empty = q.params, empty == 1
		q = page
	}
	return q, nil
}

// paramsOf hashes every parameter that must be the same on all pages and with the
// sync token.
func paramsOf(v url.Values) string {
	keep := url.Values{}
	for k, x := range v {
		switch k {
		case "pageToken", "syncToken", "alt", "prettyPrint", "quotaUser", "key":
		default:
			keep[k] = x
		}
	}
	sum := sha256.Sum256([]byte(keep.Encode()))
	return hex.EncodeToString(sum[:6])
}

func token(kind, id, params string, since, after, till, epoch, empty int, delta bool) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s %s %s %d %d %d %d %d %v", kind, id, params, since, after, till, epoch, empty, delta))
}

func untoken(kind, s string, since, after, till, epoch, empty *int, delta *bool) (id, params string, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return "", "", false
	}
	var k string
	n, err := fmt.Sscanf(string(b), "%s %s %s %d %d %d %d %d %t", &k, &id, &params, since, after, till, epoch, empty, delta)
	return id, params, err == nil && n == 9 && k == kind
}

// shown reports whether an event is part of a listing.
func (g *Google) shown(cal *googleCalendar, e *googleEvent, v url.Values, delta bool) bool {
	if uid := v.Get("iCalUID"); uid != "" && str(e.body, "iCalUID") != uid {
		return false
	}
	for _, want := range v["privateExtendedProperty"] {
		k, x, _ := strings.Cut(want, "=")
		if obj(obj(e.body, "extendedProperties"), "private")[k] != x {
			return false
		}
	}
	if delta || v.Get("showDeleted") == "true" {
		return true
	}
	// "Cancelled instances of recurring events (but not the underlying recurring
	// event) will still be included if showDeleted and singleEvents are both False."
	parent := str(e.body, "recurringEventId")
	return !e.gone && (parent != "" || str(e.body, "status") != "cancelled")
}

// present is what a client is shown of an event: of a deleted one the id, of a
// cancelled exception its place in the series.
func present(e *googleEvent, v url.Values) map[string]any {
	if str(e.body, "status") == "cancelled" || e.gone {
		out := map[string]any{"kind": "calendar#event", "etag": e.body["etag"], "id": e.body["id"], "status": "cancelled"}
		if str(e.body, "recurringEventId") != "" {
			out["recurringEventId"], out["originalStartTime"] = e.body["recurringEventId"], e.body["originalStartTime"]
		}
		return out
	}
	out := clone(e.body)
	most, err := strconv.Atoi(v.Get("maxAttendees"))
	if all := arr(out, "attendees"); err == nil && len(all) > most {
		// "Only the participant is returned."
		out["attendees"] = slices.DeleteFunc(slices.Clone(all), func(a any) bool { m, _ := a.(map[string]any); return m["self"] != true })
		out["attendeesOmitted"] = true
	}
	return out
}
