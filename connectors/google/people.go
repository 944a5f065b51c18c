package google

import (
	"slices"
	"strings"

	"google.golang.org/api/calendar/v3"

	"chancery/internal/ical"
)

var answers = map[string]string{
	"accepted": "ACCEPTED", "declined": "DECLINED", "tentative": "TENTATIVE", "needsAction": "NEEDS-ACTION",
}

// people writes organizer and attendees (RFC 5545 sections 3.8.4.1 and 3.8.4.3).
// Google names an organizer for every event; where nobody is invited it is the
// calendar itself, and no meeting.
func people(w *lines, e *calendar.Event) (problems []string) {
	if o := e.Organizer; o != nil && (len(e.Attendees) > 0 || !o.Self) {
		person(w, "ORGANIZER", o.DisplayName, o.Email)
	}
	guests, most := e.Attendees, ical.MaxAttendees
	if e.RecurringEventId != "" {
		most = maxGuests
	}
	if e.AttendeesOmitted || len(guests) > most {
		problems = append(problems, "attendees-cut")
		// The principal's own answer must not be the one that is cut.
		guests = slices.Clone(guests)
		slices.SortStableFunc(guests, func(a, b *calendar.EventAttendee) int { return rank(a) - rank(b) })
		guests = guests[:min(len(guests), most)]
	}
	for _, a := range guests {
		if a == nil {
			continue
		}
		params := "ATTENDEE"
		if p := answers[a.ResponseStatus]; p != "" {
			params += ";PARTSTAT=" + p
		}
		if a.Optional {
			params += ";ROLE=OPT-PARTICIPANT"
		}
		if a.Resource {
			params += ";CUTYPE=ROOM"
		}
		person(w, params, a.DisplayName, a.Email)
	}
	return problems
}

func rank(a *calendar.EventAttendee) int {
	switch {
	case a == nil:
		return 3
	case a.Self:
		return 0
	case a.Organizer, a.Resource:
		return 1
	}
	return 2
}

func person(w *lines, params, name, address string) {
	if name = quoted(name); name != "" {
		params += `;CN="` + name + `"`
	}
	w.WriteString(params + ":mailto:" + percents.Replace(bare(address)) + "\r\n")
}

// percents keep an address whole in a URI (RFC 6068 section 2).
var percents = strings.NewReplacer("%", "%25", "?", "%3F")

// quoted makes a parameter value (RFC 5545 section 3.2), which has no escape for a
// quote.
func quoted(s string) string {
	return bare(strings.ReplaceAll(s[:min(len(s), 256)], `"`, "'"))
}

// bare takes out whatever ends a line for some program.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == '\uFFFD' {
			return -1
		}
		return r
	}, s[:min(len(s), 1024)])
}

// escape writes a TEXT value (RFC 5545 section 3.3.11).
func escape(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	var b strings.Builder
	b.Grow(len(s) + 8)
	for _, r := range s {
		switch {
		case r == '\n' || r == '\r' || r == 0x85 || r == 0x2028 || r == 0x2029:
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteByte(' ')
		case r < ' ' || r >= 0x7f && r < 0xa0:
		case r == '\\' || r == ';' || r == ',':
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
