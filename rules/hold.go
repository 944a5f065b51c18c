package rules

import (
	"chancery/internal/model"
	"chancery/rules/agenda"
)

// Hold answers a request for several holds of the principal in v whose events are
// in b: the steps that make them, or one of the errors of package agenda.
func (s *Set) Hold(b *agenda.Book, v model.View, ask agenda.Request) ([]model.Step, error) {
	r, o := s.asking(&v)
	o.Mode = "enforce" // a person asked
	return b.Hold(v, o, r.rankOf, ask)
}

// ExplainEvent says what is made of the events with a UID among those of the
// principal in v, which are in b.
func (s *Set) ExplainEvent(b *agenda.Book, v model.View, uid string) []agenda.Story {
	r, o := s.asking(&v)
	return b.Explain(v, o, r.rankOf, uid)
}

// asking is what settling asks, for one who asks beside it.
func (s *Set) asking(v *model.View) (*ranker, agenda.Options) {
	r := newRanker(s, v)
	o := s.calendar.optionsFor(r)
	if o.Lives != nil {
		o.Lives = r.livesOf
	}
	return r, o
}
