package connectortest

import (
	"fmt"
	"strings"
	"time"
)

// icsProp is one property of an event, read without the help of internal/ical: the
// fake must not agree with the reader under test by sharing its code.
type icsProp struct {
	head  string // name and parameters, as written
	name  string
	value string
}

func (p icsProp) param(name string) string {
	for part := range strings.SplitSeq(unquotedCut(p.head, ';', '\x00'), "\x00") {
		if k, v, ok := strings.Cut(part, "="); ok && strings.EqualFold(k, name) {
			return strings.Trim(v, `"`)
		}
	}
	return ""
}

// unquotedCut replaces a character outside quotes.
func unquotedCut(s string, at, by rune) string {
	quoted := false
	return strings.Map(func(r rune) rune {
		if r == '"' {
			quoted = !quoted
		}
		if r == at && !quoted {
			return by
		}
		return r
	}, s)
}

// icsEvents reads the VEVENTs of an object.
func icsEvents(ics []byte) (out [][]icsProp) {
	text := strings.NewReplacer("\r\n ", "", "\r\n\t", "", "\n ", "").Replace(string(ics))
	var event []icsProp
	depth := 0
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "BEGIN:VEVENT":
			event, depth = nil, 1
		case line == "END:VEVENT":
			out, depth = append(out, event), 0
		case depth == 1:
			marked := unquotedCut(line, ':', '\x01')
			head, _, ok := strings.Cut(marked, "\x01")
			if !ok {
				continue
			}
			name, _, _ := strings.Cut(head, ";")
			event = append(event, icsProp{head, strings.ToUpper(name), line[len(head)+1:]})
		}
	}
	return out
}

var icsText = strings.NewReplacer(`\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\\`, `\`)

// icsTime reads a DATE or DATE-TIME whose parameters stand in head.
func icsTime(head, value string, zone *time.Location) (time.Time, bool) {
	if tz := (icsProp{head: head}).param("TZID"); tz != "" {
		if loc, err := time.LoadLocation(tz); err == nil {
			zone = loc
		}
	}
	for _, form := range []string{"20060102T150405Z", "20060102T150405", "20060102"} {
		if form[len(form)-1] == 'Z' {
			if t, err := time.Parse(form, value); err == nil {
				return t, true
			}
			continue
		}
		if t, err := time.ParseInLocation(form, value, zone); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// googleTime makes a start or an end of it.
func googleTime(p icsProp, zone string) map[string]any {
	if len(p.value) == 8 {
		t, err := time.Parse("20060102", p.value)
		if err != nil {
			return nil
		}
		return map[string]any{"date": t.Format(time.DateOnly)}
	}
	switch tz := p.param("TZID"); {
	case strings.HasSuffix(p.value, "Z"):
		zone = "UTC"
	case tz != "":
		zone = tz
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return nil
	}
	t, ok := icsTime("", p.value, loc)
	if !ok {
		return nil
	}
	return map[string]any{"dateTime": t.In(loc).Format(time.RFC3339), "timeZone": zone}
}

var icsAnswers = map[string]string{"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative", "NEEDS-ACTION": "needsAction"}

// googleEventOf translates a VEVENT as Google does when somebody writes one.
func googleEventOf(props []icsProp, cal *googleCalendar, self string) (body map[string]any, uid string, rec map[string]any) {
	body = map[string]any{"status": "confirmed", "eventType": "default", "organizer": map[string]any{"email": cal.id, "self": true}}
	var attendees, recurrence []any
	for _, p := range props {
		switch p.name {
		case "UID":
			uid = icsText.Replace(p.value)
		case "RECURRENCE-ID":
			rec = googleTime(p, cal.zone)
		case "DTSTART", "DTEND":
			body[map[string]string{"DTSTART": "start", "DTEND": "end"}[p.name]] = googleTime(p, cal.zone)
		case "SUMMARY", "DESCRIPTION", "LOCATION":
			body[strings.ToLower(p.name)] = icsText.Replace(p.value)
		case "RRULE", "RDATE", "EXDATE":
			recurrence = append(recurrence, p.head+":"+p.value)
		case "STATUS":
			body["status"] = strings.ToLower(p.value)
		case "TRANSP":
			body["transparency"] = strings.ToLower(p.value)
		case "CLASS":
			if v := strings.ToLower(p.value); v != "public" {
				body["visibility"] = v
			}
		case "X-MICROSOFT-CDO-BUSYSTATUS":
			if p.value == "OOF" && cal.primary {
				body["eventType"] = "outOfOffice"
			}
		case "X-CHANCERY-TAG":
			body["extendedProperties"] = map[string]any{"private": map[string]any{"chancery": p.value}}
		case "ORGANIZER":
			who := strings.ToLower(strings.TrimPrefix(p.value, "mailto:"))
			body["organizer"] = map[string]any{"email": who, "displayName": p.param("CN"), "self": who == self}
		case "ATTENDEE":
			a := map[string]any{"email": strings.ToLower(strings.TrimPrefix(p.value, "mailto:")), "responseStatus": icsAnswers[strings.ToUpper(p.param("PARTSTAT"))]}
			if cn := p.param("CN"); cn != "" {
				a["displayName"] = cn
			}
			attendees = append(attendees, a)
		}
	}
	if len(attendees) > 0 {
		body["attendees"] = attendees
	}
	if len(recurrence) > 0 {
		body["recurrence"] = recurrence
	}
	if body["end"] == nil && obj(body, "start") != nil {
		body["end"] = clone(obj(body, "start"))
	}
	return body, uid, rec
}

var textICS = strings.NewReplacer(`\`, `\\`, "\n", `\n`, ",", `\,`, ";", `\;`)

// icsOf writes one event as the inside of a VEVENT.
func icsOf(b map[string]any, uid string) string {
	var w strings.Builder
	line := func(name, value string) {
		if value != "" {
			w.WriteString(name + ":" + value + "\r\n")
		}
	}
	w.WriteString("BEGIN:VEVENT\r\n")
	line("UID", textICS.Replace(uid))
	line("DTSTAMP", "20260101T000000Z")
	w.WriteString(icsMoment("RECURRENCE-ID", obj(b, "originalStartTime")))
	w.WriteString(icsMoment("DTSTART", obj(b, "start")))
	w.WriteString(icsMoment("DTEND", obj(b, "end")))
	for _, x := range arr(b, "recurrence") {
		w.WriteString(fmt.Sprint(x) + "\r\n")
	}
	for _, k := range []string{"summary", "description", "location"} {
		line(strings.ToUpper(k), textICS.Replace(str(b, k)))
	}
	if s := str(b, "status"); s != "confirmed" {
		line("STATUS", strings.ToUpper(s))
	}
	if str(b, "transparency") == "transparent" {
		line("TRANSP", "TRANSPARENT")
	}
	if v := str(b, "visibility"); v == "private" || v == "confidential" {
		line("CLASS", strings.ToUpper(v))
	}
	if o := obj(b, "organizer"); len(arr(b, "attendees")) > 0 || o["self"] != true {
		line(`ORGANIZER;CN="`+str(o, "displayName")+`"`, "mailto:"+str(o, "email"))
	}
	for _, x := range arr(b, "attendees") {
		a, _ := x.(map[string]any)
		part := "NEEDS-ACTION"
		for k, v := range icsAnswers {
			if v == str(a, "responseStatus") {
				part = k
			}
		}
		line(`ATTENDEE;CN="`+str(a, "displayName")+`";PARTSTAT=`+part, "mailto:"+str(a, "email"))
	}
	line("X-CHANCERY-TAG", str(obj(obj(b, "extendedProperties"), "private"), "chancery"))
	w.WriteString("END:VEVENT\r\n")
	return w.String()
}

func icsMoment(name string, m map[string]any) string {
	t, ok := instantOf(m)
	switch zone := str(m, "timeZone"); {
	case !ok:
		return ""
	case str(m, "date") != "":
		return name + ";VALUE=DATE:" + t.Format("20060102") + "\r\n"
	case zone == "" || zone == "UTC":
		return name + ":" + t.UTC().Format("20060102T150405Z") + "\r\n"
	default:
		loc, err := time.LoadLocation(zone)
		if err != nil {
			loc = time.UTC
		}
		return name + ";TZID=" + zone + ":" + t.In(loc).Format("20060102T150405") + "\r\n"
	}
}
