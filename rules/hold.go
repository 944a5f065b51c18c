package rules

import (
	"chancery/internal/model"
	"chancery/rules/agenda"
)

// Hold answers a request for several holds of the principal in v whose events are
// in b: the steps that make them, or one of the errors of package agenda.
func (s *Set) Hold(b *agenda.Book, v model.View, ask agenda.Request) ([]model.Step, error) {
	r := newRanker(s, &v)
	o := s.calendar.optionsFor(r)
	if o.Lives != nil {
		o.Lives = r.livesOf
	}
	o.Mode = "enforce" // a person asked
	return b.Hold(v, o, r.rankOf, ask)
}
