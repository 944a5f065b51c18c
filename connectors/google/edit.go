package google

import (
	"slices"
	"strings"
	"time"

	"google.golang.org/api/calendar/v3"

	"chancery/internal/ical"
	"chancery/internal/model"
)

var visibilities = map[string]string{"PUBLIC": "default", "PRIVATE": "private", "CONFIDENTIAL": "confidential"}

// googleAnswer is Google's word for a PARTSTAT (RFC 5545 section 3.2.12).
func googleAnswer(partStat string) string {
	for word, p := range answers {
		if p == partStat {
			return word
		}
	}
	return ""
}

// judgeAmend returns those of targets that say what is to be replaced, or the code
// the step ends with: AmendMixed beside them if others say what is asked for.
func judgeAmend(targets []*calendar.Event, a model.Amend) ([]*calendar.Event, string) {
	var out []*calendar.Event
	now, invited := 0, false
	for _, e := range targets {
		leads := leads(e, a)
		switch {
		case a.Now.Answer != "" && leads && e.Organizer != nil && len(e.Attendees) > 0:
			return nil, ical.AmendNotInvited
		case a.Now.Answer == "" && !leads:
			return nil, ical.AmendNotOrganizer
		}
		is, ok := stands(e, a)
		invited = invited || ok
		switch {
		case ok && is == a.Was:
			out = append(out, e)
		case ok && is == a.Now:
			now++
		}
	}
	switch {
	case !invited && a.Now.Answer != "":
		return nil, ical.AmendNotInvited
	case !invited:
		return nil, ical.AmendImpossible
	case len(out) > 0 && now > 0:
		return out, ical.AmendMixed
	case len(out) > 0:
		return out, ""
	case now > 0:
		return nil, ical.AmendAlready
	}
	return nil, ical.AmendChanged
}

// leads reports whether the principal is the organizer.
func leads(e *calendar.Event, a model.Amend) bool {
	if e.Organizer == nil || e.Organizer.Self {
		return true
	}
	return slices.Contains(a.Self.Reveal(), strings.ToLower(e.Organizer.Email))
}

// stands returns what e says of the one thing a is about.
func stands(e *calendar.Event, a model.Amend) (model.Amended, bool) {
	switch {
	case a.Now.Answer != "":
		if g := self(e, a); g != nil {
			return model.Amended{Answer: answers[g.ResponseStatus]}, true
		}
		return model.Amended{}, false
	case a.Now.Class != "":
		for class, v := range visibilities {
			if v == e.Visibility {
				return model.Amended{Class: class}, true
			}
		}
		return model.Amended{Class: "PUBLIC"}, true
	}
	start, ok := unix(e.Start)
	end, ok2 := unix(e.End)
	return model.Amended{Start: start, End: end}, ok && ok2
}

// self finds the principal among the guests.
func self(e *calendar.Event, a model.Amend) *calendar.EventAttendee {
	for _, g := range e.Attendees {
		if g != nil && slices.Contains(a.Self.Reveal(), strings.ToLower(g.Email)) {
			return g
		}
	}
	return nil
}

// edit makes the patch: nothing but the one thing.
func edit(e *calendar.Event, a model.Amend) *calendar.Event {
	switch {
	case a.Now.Answer != "":
		// A list of guests would replace the one that stands; with attendeesOmitted
		// only the participant's response counts.
		return &calendar.Event{AttendeesOmitted: true, Attendees: []*calendar.EventAttendee{
			{Email: self(e, a).Email, ResponseStatus: googleAnswer(a.Now.Answer)}}}
	case a.Now.Class != "":
		return &calendar.Event{Visibility: visibilities[a.Now.Class]}
	}
	return &calendar.Event{Start: moved(e.Start, a.Now.Start), End: moved(e.End, a.Now.End)}
}

// moved is another time in the same zone, or another day.
func moved(was *calendar.EventDateTime, to model.UnixTime) *calendar.EventDateTime {
	at := time.Unix(int64(to), 0).UTC()
	if was.Date != "" {
		return &calendar.EventDateTime{Date: at.Format(time.DateOnly)}
	}
	if zone := location(was.TimeZone); zone != nil {
		at = at.In(zone)
	}
	return &calendar.EventDateTime{DateTime: at.Format(time.RFC3339), TimeZone: was.TimeZone}
}
