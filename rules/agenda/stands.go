package agenda

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"chancery/internal/model"
)

// Stands reports whether an event is still as a change of ours left it. What has
// no answer to give, because the instance or the invitation is gone, stands:
// nobody took the change back.
func Stands(e *model.Event, a model.Amend) bool {
	o := instance(e, a.Instance)
	if o == nil {
		return true
	}
	switch {
	case a.Now.Answer != "":
		self := a.Self.Reveal()
		return !slices.ContainsFunc(o.Attendees, func(p model.Attendee) bool {
			mine := slices.ContainsFunc(self, func(addr string) bool { return strings.EqualFold(addr, p.Addr) })
			return mine && p.PartStat != a.Now.Answer
		})
	case a.Now.Start != 0:
		if !a.Instance.IsZero() && o.Recurrence == nil {
			return false // the instance is where the series has it
		}
		if o.Start.Loc == nil && a.Zone == nil {
			return true // nobody can say
		}
		start, end := own(o, cmp.Or(a.Zone, time.UTC))
		return start.Unix() == int64(a.Now.Start) && end.Unix() == int64(a.Now.End)
	case a.Now.Class != "":
		class := o.Class
		if class == "" {
			class = "PUBLIC"
		}
		return class == a.Now.Class
	}
	return true
}

// instance returns what describes one instance of an event, or the event as a
// whole; nil if there is no such thing.
func instance(e *model.Event, at model.Time) *model.Occurrence {
	s := e.Body.Reveal()
	if at.IsZero() {
		return s.Master
	}
	for i := range s.Overrides {
		if r := s.Overrides[i].Recurrence; r != nil && (r.In(time.UTC).Equal(at.In(time.UTC)) || r.Date != at.Date && r.Wall.Equal(at.Wall)) {
			return &s.Overrides[i]
		}
	}
	return s.Master
}
