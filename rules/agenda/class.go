package agenda

import (
	"slices"
	"strings"
	"time"

	"chancery/internal/model"
)

// ClassRule sets the class of events that the principal leads, for those who may
// look into the calendar.
type ClassRule struct {
	Name, Place string
	Mode        string // as Options.Mode
	Class       string // PRIVATE or CONFIDENTIAL
	// Means says whether an event is meant. It is a function of its arguments alone,
	// and asked once unless it is not sure.
	Means func(e *model.Event, o *model.Occurrence) (means, sure bool)
}

// classify hides what the rules say should be hidden. The first rule that means an
// event counts, one that only observes after those that act. Each event is
// changed once at most: whoever sets its class back, or to another one, has
// decided.
func (s *settlement) classify() {
	for _, mode := range []string{"enforce", "observe"} {
		for i := range s.o.Classes {
			if c := &s.o.Classes[i]; c.Mode == mode {
				s.classifyBy(i, c)
			}
		}
	}
}

func (s *settlement) classifyBy(i int, c *ClassRule) {
	if s.classed == nil {
		s.classed = map[model.Ident]bool{}
	}
	bit := uint64(1) << i // 0 for the 65th and on, which are asked each time
	for _, n := range s.book.list {
		if n.unmeant&bit != 0 || !n.lasts(s.v.Now) {
			continue
		}
		s.book.wake(n)
		e := n.event
		if e.Own != nil || e.Tagged || !s.leads(e) {
			n.unmeant |= bit
			continue
		}
		of := s.classIdent(e)
		f := s.v.Findings[of]
		if s.classed[of] || touched(f) || f.Open || f.Amended != nil {
			continue
		}
		means, sure := meansAny(c, e)
		if !means && sure {
			n.unmeant |= bit
		}
		if !means {
			continue
		}
		s.classed[of] = true
		if f.Held {
			s.due[of] = c.Mode == "enforce" && f.Asked != nil && f.Asked.Now.Class == c.Class
			continue
		}
		s.actAs(as{c.Name, c.Place, c.Mode}, e.Ref.Source, e.Ref, of, "the rules call it "+strings.ToLower(c.Class), model.Amend{
			UID: model.Name(e.Body.Reveal().UID), Of: of, Base: e.Ref, Self: model.Hide(s.v.Principal.Addresses),
			Was: model.Amended{Class: "PUBLIC"}, Now: model.Amended{Class: c.Class},
		})
	}
}

// lasts reports whether some of the event within the window is not past: a Book that
// is new may not have kept the rest.
func (n *near) lasts(now time.Time) bool {
	return slices.ContainsFunc(n.moments, func(m moment) bool { return m.end > now.Unix() })
}

// classIdent names what was done to the class of an event: it is about one copy of
// it, and about all of its dates.
func (s *settlement) classIdent(e *model.Event) model.Ident {
	return model.Ident(kindClass + short(20, "class", s.v.Principal.Name, string(e.Ref.Source), string(keyOf(e))))
}

// leads reports whether the principal leads an event whose class nobody has set.
// What nobody leads is the principal's own, but for what somebody put into the
// calendar for holds.
func (s *settlement) leads(e *model.Event) bool {
	all := occurrences(e)
	for _, o := range all {
		led := strings.ToLower(o.Organizer.Addr)
		switch {
		case led == "" && e.Ref.Source == s.v.Principal.Holds, led != "" && !s.mine[led]:
			return false
		case o.Class != "" && o.Class != "PUBLIC":
			return false
		}
	}
	return len(all) > 0 && e.Body.Reveal().Master != nil
}

func meansAny(c *ClassRule, e *model.Event) (means, sure bool) {
	sure = true
	for _, o := range occurrences(e) {
		m, ok := c.Means(e, o)
		if m {
			return true, sure
		}
		sure = sure && ok
	}
	return false, sure
}

// occurrences are the master of an event and its overrides.
func occurrences(e *model.Event) (out []*model.Occurrence) {
	series := e.Body.Reveal()
	if series.Master != nil {
		out = append(out, series.Master)
	}
	for i := range series.Overrides {
		out = append(out, &series.Overrides[i])
	}
	return out
}
