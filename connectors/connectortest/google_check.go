package connectortest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// check refuses what Google's words forbid of an event.
func (g *Google) check(cal *googleCalendar, b map[string]any) *googleError {
	if str(b, "status") == "cancelled" && str(b, "recurringEventId") != "" {
		return nil
	}
	start, end := obj(b, "start"), obj(b, "end")
	from, ok := instantOf(start)
	till, ok2 := instantOf(end)
	switch {
	case start == nil || end == nil:
		return bad("required")
	case !ok || !ok2, (str(start, "date") == "") != (str(end, "date") == ""):
		return bad("invalid")
	case till.Before(from):
		return bad("timeRangeEmpty")
	}
	if refusal := checkRecurrence(b, start, end); refusal != nil {
		return refusal
	}
	switch kind := str(b, "eventType"); kind {
	case "default", "birthday", "fromGmail", "workingLocation":
	case "focusTime", "outOfOffice":
		// "Only on primary calendars", and not for whole days.
		if !cal.primary || str(start, "date") != "" {
			return bad("eventTypeRestriction")
		}
	default:
		return bad("invalid")
	}
	for k, allowed := range map[string]string{
		"status": "confirmed tentative cancelled", "transparency": "opaque transparent", "visibility": "default public private confidential",
	} {
		if s := str(b, k); s != "" && !strings.Contains(" "+allowed+" ", " "+s+" ") {
			return bad("invalid")
		}
	}
	for k, v := range obj(obj(b, "extendedProperties"), "private") {
		if s, isText := v.(string); !isText || len(k) > 44 || len(s) > 1024 {
			return bad("invalid")
		}
	}
	for _, a := range arr(b, "attendees") {
		if m, _ := a.(map[string]any); m == nil || str(m, "email") == "" {
			return bad("required")
		}
	}
	return nil
}

func checkRecurrence(b, start, end map[string]any) *googleError {
	for _, x := range arr(b, "recurrence") {
		line, _ := x.(string)
		name := strings.ToUpper(line[:max(0, strings.IndexAny(line+":", ":;"))])
		switch name {
		case "RRULE", "EXRULE", "RDATE", "EXDATE":
		default:
			return bad("invalid") // DTSTART and DTEND are not allowed
		}
		if str(b, "recurringEventId") != "" {
			return bad("invalid")
		}
		if str(start, "dateTime") != "" && (str(start, "timeZone") == "" || str(end, "timeZone") == "") {
			return bad("required") // missing time zone definition
		}
	}
	return nil
}

// instantOf reads a start or an end; a day begins at midnight UTC.
func instantOf(m map[string]any) (time.Time, bool) {
	if m == nil {
		return time.Time{}, false
	}
	if s := str(m, "date"); s != "" {
		t, err := time.Parse(time.DateOnly, s)
		return t, err == nil
	}
	if t, err := time.Parse(time.RFC3339, str(m, "dateTime")); err == nil {
		return t, true
	}
	loc, err := time.LoadLocation(str(m, "timeZone"))
	if err != nil || str(m, "timeZone") == "" {
		return time.Time{}, false // without an offset the zone is required
	}
	t, err := time.ParseInLocation("2006-01-02T15:04:05", str(m, "dateTime"), loc)
	return t, err == nil
}

// instancesOf returns the original starts of a series, at most 500.
func instancesOf(master map[string]any) []map[string]any {
	start := obj(master, "start")
	from, ok := instantOf(start)
	if !ok || len(arr(master, "recurrence")) == 0 {
		return nil
	}
	loc, err := time.LoadLocation(str(start, "timeZone"))
	if err != nil {
		loc = time.UTC
	}
	var set rrule.Set
	set.DTStart(from.In(loc))
	for _, x := range arr(master, "recurrence") {
		line, _ := x.(string)
		name, value, _ := strings.Cut(line, ":")
		switch head, _, _ := strings.Cut(name, ";"); strings.ToUpper(head) {
		case "RRULE":
			opt, err := rrule.StrToROption(value)
			if err != nil {
				return nil
			}
			opt.Dtstart = from.In(loc)
			if r, err := rrule.NewRRule(*opt); err == nil {
				set.RRule(r)
			}
		case "EXDATE":
			for v := range strings.SplitSeq(value, ",") {
				if t, ok := icsTime(name, v, loc); ok {
					set.ExDate(t)
				}
			}
		case "RDATE":
			for v := range strings.SplitSeq(value, ",") {
				if t, ok := icsTime(name, v, loc); ok {
					set.RDate(t)
				}
			}
		}
	}
	var out []map[string]any
	next := set.Iterator()
	for range 500 {
		t, ok := next()
		if !ok {
			break
		}
		if str(start, "date") != "" {
			out = append(out, map[string]any{"date": t.Format(time.DateOnly)})
		} else {
			out = append(out, map[string]any{"dateTime": t.Format(time.RFC3339), "timeZone": str(start, "timeZone")})
		}
	}
	return out
}

func instanceID(parent string, start map[string]any) string {
	t, _ := instantOf(start)
	if str(start, "date") != "" {
		return parent + "_" + t.Format("20060102")
	}
	return parent + "_" + t.UTC().Format("20060102T150405Z")
}

// instanceBody is what an instance of a series says that has nothing of its own.
func instanceBody(master, start map[string]any) map[string]any {
	out := clone(master)
	delete(out, "recurrence")
	from, _ := instantOf(obj(master, "start"))
	till, _ := instantOf(obj(master, "end"))
	at, _ := instantOf(start)
	out["id"], out["recurringEventId"], out["originalStartTime"], out["start"] = instanceID(str(master, "id"), start), master["id"], start, clone(start)
	end := clone(start)
	if str(start, "date") != "" {
		end["date"] = at.Add(till.Sub(from)).Format(time.DateOnly)
	} else {
		end["dateTime"] = at.Add(till.Sub(from)).Format(time.RFC3339)
	}
	out["end"] = end
	return out
}

// instances is events.instances on one page.
func (g *Google) instances(cal *googleCalendar, id string, v url.Values) (any, *googleError) {
	master := cal.events[id]
	if master == nil {
		return nil, &googleError{http.StatusNotFound, "notFound"}
	}
	want, err := time.Parse(time.RFC3339, v.Get("originalStart"))
	items := []any{}
	for _, start := range instancesOf(master.body) {
		at, _ := instantOf(start)
		if v.Get("originalStart") != "" && (err != nil || !at.Equal(want)) {
			continue
		}
		if from, err := time.Parse(time.RFC3339, v.Get("timeMin")); err == nil && at.Before(from) {
			continue
		}
		if till, err := time.Parse(time.RFC3339, v.Get("timeMax")); err == nil && !at.Before(till) {
			continue
		}
		e := g.find(cal, instanceID(id, start))
		if e != nil && (str(e.body, "status") != "cancelled" || v.Get("showDeleted") == "true") {
			items = append(items, present(e, v))
		}
	}
	return map[string]any{"kind": "calendar#events", "items": items}, nil
}

// freeBusy is freebusy.query.
func (g *Google) freeBusy(body map[string]any) (any, *googleError) {
	from, err := time.Parse(time.RFC3339, str(body, "timeMin"))
	till, err2 := time.Parse(time.RFC3339, str(body, "timeMax"))
	items := arr(body, "items")
	switch {
	case err != nil || err2 != nil || !till.After(from):
		return nil, bad("timeRangeEmpty")
	case len(items) > 50:
		return nil, bad("tooManyCalendarsRequested")
	}
	out := map[string]any{}
	for _, x := range items {
		m, _ := x.(map[string]any)
		id := str(m, "id")
		cal := g.calendars[id]
		switch {
		case cal == nil:
			out[id] = map[string]any{"errors": []any{map[string]any{"domain": "global", "reason": "notFound"}}, "busy": []any{}}
		case cal.freeBusyError != "":
			out[id] = map[string]any{"errors": []any{map[string]any{"domain": "global", "reason": cal.freeBusyError}}, "busy": []any{}}
		default:
			out[id] = map[string]any{"busy": busyOf(cal, from, till)}
		}
	}
	return map[string]any{"kind": "calendar#freeBusy", "timeMin": body["timeMin"], "timeMax": body["timeMax"], "calendars": out}, nil
}

func busyOf(cal *googleCalendar, from, till time.Time) []any {
	out := []any{}
	for _, e := range cal.events {
		a, ok := instantOf(obj(e.body, "start"))
		b, ok2 := instantOf(obj(e.body, "end"))
		if !ok || !ok2 || e.gone || str(e.body, "status") == "cancelled" || str(e.body, "transparency") == "transparent" || !a.Before(till) || !b.After(from) {
			continue
		}
		out = append(out, map[string]any{"start": a.UTC().Format(time.RFC3339), "end": b.UTC().Format(time.RFC3339)})
	}
	return out
}

func str(m map[string]any, k string) string {
	s, _ := m[k].(string)
	return s
}

func obj(m map[string]any, k string) map[string]any {
	o, _ := m[k].(map[string]any)
	return o
}

func arr(m map[string]any, k string) []any {
	a, _ := m[k].([]any)
	return a
}

// clone copies what JSON can say.
func clone(m map[string]any) map[string]any {
	b, err := json.Marshal(m)
	if err != nil {
		panic(fmt.Sprintf("an event that is no JSON: %v", err))
	}
	out := map[string]any{}
	if err := json.Unmarshal(b, &out); err != nil {
		panic(fmt.Sprintf("an event that is no JSON: %v", err))
	}
	return out
}

func same(a, b any) bool {
	x, isObject := a.(map[string]any)
	y, isObject2 := b.(map[string]any)
	if isObject && isObject2 && (x["dateTime"] != nil || y["dateTime"] != nil) {
		s, ok := instantOf(x)
		t, ok2 := instantOf(y)
		return ok && ok2 && s.Equal(t)
	}
	return reflect.DeepEqual(a, b)
}
