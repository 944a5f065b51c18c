package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"chancery/connectors/connectortest"
	"chancery/internal/servertest"
)

// side is the person's way to the calendars "work" and "holds": what a calendar
// program does, without any condition.
type side interface {
	entries(calendar string) []entry
	one(calendar, key string) (entry, bool)
	place(path string) (calendar, key string) // of a request of the daemon
	put(e entry)                              // a new event in work
	change(calendar string, now entry)        // title, time, answer and choice
	remove(calendar, key string)
	made(w write) string // the key of what a write makes
}

// davSide is a program of CalDAV.
type davSide struct {
	t       testing.TB
	dav     *servertest.DAV
	changes int
}

func (s *davSide) home(calendar string) string { return s.dav.Home + calendar + "/" }

func (s *davSide) place(path string) (string, string) {
	for _, c := range []string{"work", "holds"} {
		if strings.HasPrefix(path, s.home(c)) {
			return c, path
		}
	}
	return "", path
}

func (s *davSide) made(w write) string { return w.path }

func (s *davSide) entries(calendar string) (out []entry) {
	for _, path := range s.dav.List(s.home(calendar)) {
		if e, ok := s.one(calendar, path); ok {
			out = append(out, e)
		}
	}
	return out
}

func (s *davSide) one(_, path string) (entry, bool) {
	b, ok := s.dav.Get(path)
	if !ok {
		return entry{}, false
	}
	return icsEntry(s.t, path, b), true
}

var (
	icsTimes = regexp.MustCompile(`(?m)^(DTSTART|DTEND)[;:].*$`)
	icsSaid  = regexp.MustCompile(`PARTSTAT=[A-Z-]+`)
	icsStamp = regexp.MustCompile(`(?m)^DTSTAMP:.*$`)
	icsTitle = regexp.MustCompile(`(?m)^SUMMARY:.*$`)
	icsTouch = regexp.MustCompile(`(?m)^(DTSTAMP|LAST-MODIFIED|SEQUENCE|DTSTART|DTEND)[;:].*\r?\n`)
	icsLead  = regexp.MustCompile(`(?m)^ORGANIZER[^\r\n]*mailto:([^\r\n]+)`)
)

func icsEntry(t testing.TB, path string, b []byte) entry {
	t.Helper()
	_, event, _ := strings.Cut(unfold(b), "BEGIN:VEVENT")
	event, _, _ = strings.Cut(event, "END:VEVENT")
	e := entry{
		key: path, uid: field(event, "UID"), title: field(event, "SUMMARY"), from: instant(t, event, "DTSTART"), till: instant(t, event, "DTEND"),
		chosen: strings.Contains(event, "\nSTATUS:CONFIRMED"), whole: string(b), tentMark: field(event, "X-CHANCERY-TAG"),
	}
	if m := partstat.FindStringSubmatch(event); m != nil {
		e.answer = m[1]
	}
	if m := icsLead.FindStringSubmatch(event); m != nil {
		e.lead = m[1]
	}
	e.rest = icsTouch.ReplaceAllString(icsSaid.ReplaceAllString(event, ""), "")
	return e
}

func icsOf(e entry) []byte {
	var guests string
	if e.lead != "" {
		guests = "ORGANIZER:mailto:" + e.lead + "\r\n"
		if e.lead != "gc@firm.example" {
			guests += "ATTENDEE;PARTSTAT=" + e.answer + ":mailto:gc@firm.example\r\n"
		}
	}
	const form = "20060102T150405Z"
	return fmt.Appendf(nil, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Firm//Test//EN\r\nBEGIN:VEVENT\r\nUID:%s\r\nDTSTAMP:20261101T120000Z\r\nDTSTART:%s\r\nDTEND:%s\r\n%sSUMMARY:%s\r\nX-PERSON-NOTE:keep me\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
		e.uid, e.from.UTC().Format(form), e.till.UTC().Format(form), guests, e.title)
}

func (s *davSide) put(e entry) { s.dav.Put(s.home("work")+e.uid+".ics", icsOf(e)) }

func (s *davSide) change(_ string, now entry) {
	b, ok := s.dav.Get(now.key)
	if !ok {
		s.t.Fatal("no such event")
	}
	const form = "20060102T150405Z"
	// As programs do. Without it an edit that is taken back would leave the same bytes,
	// and with them the same ETag, at a server that makes it of the bytes.
	s.changes++
	stamp := time.Date(2026, 11, 2, 12, 0, s.changes, 0, time.UTC).Format(form)
	text := icsStamp.ReplaceAllLiteralString(unfold(b), "DTSTAMP:"+stamp+"\r")
	text = icsTitle.ReplaceAllLiteralString(text, "SUMMARY:"+now.title+"\r")
	text = icsTimes.ReplaceAllStringFunc(text, func(line string) string {
		if strings.HasPrefix(line, "DTSTART") {
			return "DTSTART:" + now.from.UTC().Format(form) + "\r"
		}
		return "DTEND:" + now.till.UTC().Format(form) + "\r"
	})
	if now.answer != "" {
		text = icsSaid.ReplaceAllLiteralString(text, "PARTSTAT="+now.answer)
	}
	if now.chosen {
		text = strings.Replace(strings.Replace(text, "STATUS:TENTATIVE", "STATUS:CONFIRMED", 1), "TRANSP:TRANSPARENT", "TRANSP:OPAQUE", 1)
	}
	s.dav.Put(now.key, []byte(text))
}

func (s *davSide) remove(_, key string) { s.dav.Delete(key) }

// googleSide is a browser at Google.
type googleSide struct {
	t     testing.TB
	g     *connectortest.Google
	holds string
}

func (s *googleSide) id(calendar string) string {
	if calendar == "holds" {
		return s.holds
	}
	return s.g.Self
}

func (s *googleSide) place(path string) (string, string) {
	_, rest, _ := strings.Cut(path, "/calendars/")
	id, rest, _ := strings.Cut(rest, "/events")
	id = strings.ReplaceAll(id, "%40", "@")
	key := strings.TrimPrefix(rest, "/")
	switch id {
	case s.holds:
		return "holds", key
	case s.g.Self, "primary":
		return "work", key
	}
	return "", key
}

var googleID = regexp.MustCompile(`"id"\s*:\s*"([^"]+)"`)

func (s *googleSide) made(w write) string {
	if m := googleID.FindSubmatch(w.body); m != nil {
		return string(m[1])
	}
	return ""
}

func (s *googleSide) entries(calendar string) (out []entry) {
	for _, id := range s.g.Events(s.t, s.id(calendar)) {
		if e, ok := s.one(calendar, id); ok {
			out = append(out, e)
		}
	}
	return out
}

var answersOfGoogle = map[string]string{"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}

func (s *googleSide) one(calendar, id string) (entry, bool) {
	b := s.g.Event(s.t, s.id(calendar), id)
	if b == nil {
		return entry{}, false
	}
	text := func(m any, k string) string {
		o, _ := m.(map[string]any)
		v, _ := o[k].(string)
		return v
	}
	at := func(k string) time.Time {
		t, err := time.Parse(time.RFC3339, text(b[k], "dateTime"))
		if err != nil {
			s.t.Fatal(err)
		}
		return t
	}
	e := entry{key: id, uid: text(b, "iCalUID"), title: text(b, "summary"), from: at("start"), till: at("end"), lead: text(b["organizer"], "email"), whole: fmt.Sprint(b)}
	if calendar == "holds" {
		e.chosen = text(b, "status") == "confirmed"
		private, _ := b["extendedProperties"].(map[string]any)
		e.tentMark = text(private["private"], "chancery")
	}
	rest := map[string]any{}
	for k, v := range b {
		switch k {
		case "etag", "updated", "sequence", "start", "end":
		case "attendees":
			for _, a := range v.([]any) {
				if text(a, "email") != s.g.Self {
					rest[k] = fmt.Sprint(rest[k], a)
					continue
				}
				for word, google := range answersOfGoogle {
					if google == text(a, "responseStatus") {
						e.answer = word
					}
				}
			}
		default:
			rest[k] = v
		}
	}
	e.rest = fmt.Sprint(rest)
	return e, true
}

func (s *googleSide) times(e entry) map[string]any {
	at := func(t time.Time) map[string]any {
		return map[string]any{"dateTime": t.UTC().Format(time.RFC3339), "timeZone": "America/New_York"}
	}
	return map[string]any{"summary": e.title, "start": at(e.from), "end": at(e.till)}
}

func (s *googleSide) guests(e entry) []any {
	return []any{
		map[string]any{"email": e.lead, "responseStatus": "accepted", "organizer": true},
		map[string]any{"email": s.g.Self, "responseStatus": answersOfGoogle[e.answer]},
	}
}

func (s *googleSide) put(e entry) {
	b := s.times(e)
	b["description"] = "keep me"
	b["iCalUID"] = e.uid
	switch e.lead {
	case "", s.g.Self:
	default:
		b["organizer"] = map[string]any{"email": e.lead}
		b["attendees"] = s.guests(e)
	}
	s.g.PersonInsert(s.t, s.g.Self, b)
}

func (s *googleSide) change(calendar string, now entry) {
	b := s.times(now)
	if now.answer != "" {
		b["attendees"] = s.guests(now)
	}
	if now.chosen && calendar == "holds" {
		b["status"], b["transparency"] = "confirmed", "opaque"
	}
	s.g.PersonPatch(s.t, s.id(calendar), now.key, b)
}

func (s *googleSide) remove(calendar, key string) { s.g.PersonDelete(s.t, s.id(calendar), key) }
