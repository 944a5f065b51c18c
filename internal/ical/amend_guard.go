package ical

import (
	"slices"
	"strings"
	"time"

	goical "github.com/emersion/go-ical"
	"github.com/teambition/rrule-go"

	"chancery/internal/model"
)

// AmendUntold: the server would tell nobody, for the object says so by
// SCHEDULE-AGENT (RFC 6638 section 7.1). An answer that the organizer never hears
// of, or a meeting that moves behind the guests' backs, is worse than a conflict.
const AmendUntold = "not-told"

// once are the properties that an event has once (RFC 5545 section 3.6.1). Of two
// each program takes another one.
var once = []string{
	goical.PropUID, goical.PropDateTimeStart, goical.PropDateTimeEnd, goical.PropDuration, goical.PropRecurrenceID,
	goical.PropOrganizer, goical.PropSequence, goical.PropClass, goical.PropRecurrenceRule,
}

// ambiguous reports whether programs may read an event of the object otherwise
// than we do.
func (d *layout) ambiguous() bool {
	for _, e := range d.events {
		for _, name := range once {
			if len(e.c.all(name)) > 1 {
				return true
			}
		}
		if e.has(goical.PropDateTimeEnd) && e.has(goical.PropDuration) {
			return true
		}
	}
	return false
}

// mayAmend checks the part the principal has in the meeting. It counts over the
// whole object: an override of a stranger's series that names the principal as the
// organizer makes nobody that.
func (d *layout) mayAmend(targets []*vevent, a model.Amend) string {
	self := a.Self.Reveal()
	for _, e := range d.events {
		_, led := e.c.get(goical.PropOrganizer)
		leads := slices.Contains(self, e.occ.Organizer.Addr)
		switch {
		case a.Now.Answer != "" && led && leads:
			return AmendNotInvited
		case a.Now.Answer == "" && led && !leads:
			return AmendNotOrganizer
		}
	}
	if a.Now.Class == "" && slices.ContainsFunc(targets, func(e *vevent) bool { return e.occ.Untold }) {
		return AmendUntold
	}
	return ""
}

// untold reports whether the server leaves it to others to tell the organizer, or
// one of the guests. What nobody knows counts as NONE (RFC 6638 section 7.1).
func untold(c *component) bool {
	for _, p := range c.props {
		if p.Name != goical.PropOrganizer && p.Name != goical.PropAttendee {
			continue
		}
		if agent := p.Params.Get("SCHEDULE-AGENT"); agent != "" && !strings.EqualFold(agent, "SERVER") {
			return true
		}
	}
	return false
}

// occurs reports whether a series has an instance at start; known is false where
// that cannot be said without searching for too long.
func (e *vevent) occurs(start model.Time) (yes, known bool) {
	if start.Wall.Equal(e.occ.Start.Wall) {
		return true, true
	}
	for _, r := range e.occ.RDates {
		if sameMoment(r, start) || r.Date != start.Date && r.Wall.Truncate(24*time.Hour).Equal(start.Wall.Truncate(24*time.Hour)) {
			return true, true
		}
	}
	if e.occ.RRule == "" {
		return false, !e.has(goical.PropRecurrenceRule)
	}
	text, ok := guardRule(e.occ.RRule, e.occ.Start.Wall)
	if !ok {
		return false, false
	}
	return steps(text, e.occ.Start, start)
}

// maxSteps bounds how many instances of a series are counted.
const maxSteps = 50_000

// steps counts the rule up on the wall clock of the series.
func steps(text string, first, start model.Time) (yes, known bool) {
	defer func() {
		if recover() != nil {
			yes, known = false, false
		}
	}()
	opt, err := rrule.StrToROption(text)
	if err != nil {
		return false, false
	}
	// UNTIL comes in several forms; an instance this near to it is not judged.
	if until := opt.Until; !until.IsZero() && start.Wall.Sub(until).Abs() < 48*time.Hour {
		return false, false
	} else if !until.IsZero() && start.Wall.After(until) {
		return false, true
	}
	opt.Until, opt.Dtstart = time.Time{}, first.Wall
	r, err := rrule.NewRRule(*opt)
	if err != nil {
		return false, false
	}
	next := r.Iterator()
	for range maxSteps {
		switch at, more := next(); {
		case !more, at.After(start.Wall):
			return false, true
		case at.Equal(start.Wall):
			return true, true
		}
	}
	return false, false
}
