package google

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/api/calendar/v3"

	"chancery/internal/ical"
)

// Bounds of what is kept of one event.
const (
	maxText       = 4 << 10 // octets of a title or a place
	maxRecurrence = 200     // lines
	maxLinks      = 20      // of a description
	// maxGuests of an exception: a series repeats its guests in every one.
	maxGuests = 40
)

// lines writes content lines (RFC 5545 section 3.1), unfolded.
type lines struct{ bytes.Buffer }

func (w *lines) add(name, value string) {
	if value != "" {
		w.WriteString(name + ":" + value + "\r\n")
	}
}

// vevent writes what an event says as the inside of a VEVENT (RFC 5545 section
// 3.6.1), without its UID.
func vevent(e *calendar.Event) ([]byte, []string) {
	var w lines
	var problems []string
	at, isException := moment(e.OriginalStartTime)
	if e.RecurringEventId != "" && isException {
		w.WriteString("RECURRENCE-ID" + at + "\r\n")
	}
	if start, ok := moment(e.Start); ok {
		w.WriteString("DTSTART" + start + "\r\n")
		if end, ok := moment(e.End); ok && !e.EndTimeUnspecified {
			w.WriteString("DTEND" + end + "\r\n")
		}
	} else if e.RecurringEventId != "" && isException {
		// Cancelled exceptions are only sure to have names.
		w.WriteString("DTSTART" + at + "\r\n")
	}
	if e.RecurringEventId == "" {
		problems = recurrence(&w, e.Recurrence)
	}
	w.add("SUMMARY", escape(cut(e.Summary)))
	w.add("LOCATION", escape(cut(e.Location)))
	w.add("STATUS", map[string]string{"cancelled": "CANCELLED", "tentative": "TENTATIVE"}[e.Status])
	w.add("CLASS", map[string]string{"private": "PRIVATE", "confidential": "CONFIDENTIAL", "public": "PUBLIC"}[e.Visibility])
	show(&w, e)
	if e.Sequence > 0 {
		w.add("SEQUENCE", strconv.FormatInt(e.Sequence, 10))
	}
	if t, err := time.Parse(time.RFC3339, e.Created); err == nil && t.Year() >= 1000 && t.Year() <= 9999 {
		w.add("CREATED", t.UTC().Format("20060102T150405Z"))
	}
	w.add("X-GOOGLE-CONFERENCE", escape(callOf(e)))
	w.add("DESCRIPTION", escape(links(e.Description)))
	problems = append(problems, people(&w, e)...)
	return w.Bytes(), problems
}

// show says how the event blocks time. A place of work and a birthday block
// nothing.
func show(w *lines, e *calendar.Event) {
	switch e.EventType {
	case "outOfOffice":
		w.add("X-MICROSOFT-CDO-BUSYSTATUS", "OOF")
		return
	case "workingLocation":
		w.add("X-MICROSOFT-CDO-BUSYSTATUS", "WORKINGELSEWHERE")
		return
	}
	if e.Transparency == "transparent" || e.EventType == "birthday" {
		w.add("TRANSP", "TRANSPARENT")
	}
}

// recurrence copies the lines that may stand there, each as it is: the guard of
// internal/ical reads them.
func recurrence(w *lines, rules []string) (problems []string) {
	for i, line := range rules {
		if i == maxRecurrence {
			return append(problems, "dates-cut")
		}
		end := strings.IndexAny(line, ":;")
		if end < 0 || len(line) > ical.MaxLine || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			problems = append(problems, "rule-not-expandable")
			continue
		}
		switch strings.ToUpper(line[:end]) {
		case "RRULE", "RDATE", "EXDATE", "EXRULE":
			w.WriteString(line + "\r\n")
		default:
			problems = append(problems, "rule-not-expandable")
		}
	}
	return problems
}

// moment writes a start or an end as parameters and value (RFC 5545 section 3.2.19):
// in the zone that is named, else in UTC.
func moment(t *calendar.EventDateTime) (string, bool) {
	if t == nil {
		return "", false
	}
	if t.Date != "" {
		day, err := time.Parse(time.DateOnly, t.Date)
		return ";VALUE=DATE:" + day.Format("20060102"), err == nil && day.Year() >= 1000
	}
	zone := location(t.TimeZone)
	at, err := time.Parse(time.RFC3339, t.DateTime)
	if err != nil {
		// Without an offset the zone must be named.
		if at, err = time.Parse("2006-01-02T15:04:05", t.DateTime); err != nil || zone == nil {
			return "", false
		}
		at = time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, zone)
	}
	if zone == nil || zone == time.UTC {
		at = at.UTC()
	} else {
		at = at.In(zone)
	}
	if at.Year() < 1000 || at.Year() > 9999 {
		return "", false
	}
	if at.Location() == time.UTC {
		return ":" + at.Format("20060102T150405Z"), true
	}
	return ";TZID=" + t.TimeZone + ":" + at.Format("20060102T150405"), true
}

var (
	zoneName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$`)
	zones    sync.Map // string -> *time.Location: only names that exist
)

// location returns the zone of a name; nil if there is none.
func location(name string) *time.Location {
	if name == "UTC" || name == "GMT" || name == "Etc/UTC" {
		return time.UTC
	}
	if !zoneName.MatchString(name) || strings.EqualFold(name, "local") {
		return nil
	}
	if v, ok := zones.Load(name); ok {
		return v.(*time.Location)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	zones.Store(name, loc)
	return loc
}

var anyURL = regexp.MustCompile(`https://[^\s<>"')\]]+`)

// links keeps of a description only its links: one may lead to the call.
func links(s string) string {
	if !strings.Contains(s, "https://") {
		return ""
	}
	return strings.Join(anyURL.FindAllString(s[:min(len(s), 64<<10)], maxLinks), " ")
}

// callOf returns the address of the call.
func callOf(e *calendar.Event) string {
	if e.ConferenceData != nil {
		for _, p := range e.ConferenceData.EntryPoints {
			if p != nil && p.EntryPointType == "video" && strings.HasPrefix(p.Uri, "https://") {
				return cut(p.Uri)
			}
		}
	}
	return cut(e.HangoutLink)
}

func cut(s string) string {
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "")
	}
	return s
}
