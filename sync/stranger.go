package sync

import (
	"slices"
	"strings"

	"chancery/internal/model"
)

// disowned returns the event without any claim to be of this program's if somebody
// else called it: what we write has no organizer, and an invitation can carry
// whatever its sender likes, also the true tag of a hold that went out with a copy of
// it. It is an event like any other then: it takes time, and it confirms, moves and
// dismisses nothing. A hold in the calendar for holds, or for due dates, stays ours whoever invites
// people to it.
func (w *worker) disowned(ev model.Event) model.Event {
	if ev.Own == nil && !ev.Tagged || !w.invited(&ev) {
		return ev
	}
	if ev.Own != nil && slices.ContainsFunc(w.e.opt.Principals, func(p PrincipalSpec) bool { return p.Holds == w.spec.ID || p.Desk.Calendar == w.spec.ID }) {
		return ev
	}
	ev.Own, ev.Tagged = nil, false
	return ev
}

// invited reports whether somebody leads the event who is not a principal of this
// calendar.
func (w *worker) invited(ev *model.Event) bool {
	s := ev.Body.Reveal()
	all := s.Overrides
	if s.Master != nil {
		all = append(slices.Clone(all), *s.Master)
	}
	return slices.ContainsFunc(all, func(o model.Occurrence) bool {
		a := strings.ToLower(o.Organizer.Addr)
		return (o.Organizer != (model.Address{}) || len(o.Attendees) > 0) && !slices.ContainsFunc(w.e.opt.Principals, func(p PrincipalSpec) bool {
			return slices.Contains(p.calendars(), w.spec.ID) && slices.Contains(p.Addresses, a)
		})
	})
}
