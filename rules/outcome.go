package rules

import (
	"slices"
	"strings"

	"chancery/config"
	"chancery/internal/model"
)

// Outcome is what one rule that matches a message makes of it, whatever stands at
// the message already.
type Outcome struct {
	Rule  string
	Place string // file:line:col of the rule
	Mode  config.Mode
	// Does are its actions in words: "mark privileged", "file Billing/Acme". What
	// does not come about has a word of Report.What in front: "outranked: file ...".
	Does []string
}

// Outcomes says what the rules that match a new message make of it, in their
// order. Two sets that give equal outcomes treat the message alike. A person's
// releases count: a rule that is released has no outcome. Whether a mark or a
// place is there already does not.
func (s *Set) Outcomes(c model.Change, v model.View) []Outcome {
	if c.Op != model.Put || c.Message == nil || c.Message.Own || !c.Message.Body.Present() {
		return nil
	}
	m := *c.Message
	m.Old, c.Message = false, &m
	vain := s.vain(c, v)
	f := newFacts(s, c, v)
	defer f.release()
	var out []Outcome
	var stop stopping
	s.candidates(f).each(func(i int) bool {
		r := s.of(c.Message.Ref.Source, i)
		if stop.passes(r) {
			return true
		}
		sc, _ := r.scopeFor(f, nil)
		if ok, err := r.match(sc); err != nil || !ok {
			return true
		}
		if !v.Released[r.name] {
			o := Outcome{Rule: r.name, Place: r.place, Mode: r.mode}
			for _, does := range r.would(sc) {
				kind, _, _ := strings.Cut(does, " ")
				if what := vain[r.name+" "+kind]; what != "" {
					does = what + ": " + does
				}
				o.Does = append(o.Does, does)
			}
			out = append(out, o)
		}
		stop.matched(r)
		return !stop.all
	})
	return out
}

// candidates are the rules that may match the message.
func (s *Set) candidates(f *facts) ruleSet {
	rules := s.inFolder(f.msg.Ref.Source, string(f.msg.Ref.Mailbox))
	if !s.ungated {
		rules = s.gate.allow(f, rules)
	}
	return rules
}

// comesToNothing are the reports of an action that is not taken although its rule
// acts.
var comesToNothing = []string{whatContradiction, whatOutranked, whatEmpty, whatCost, whatError, whatLegalHold, whatDoubt, whatNoDesk, whatBulk}

// vain finds the actions that do not come about, by rule and kind, and why.
func (s *Set) vain(c model.Change, v model.View) map[string]string {
	out := map[string]string{}
	for _, r := range s.Decide(c, v).Reports {
		if r.Would != "" && slices.Contains(comesToNothing, r.What) {
			out[r.Rule+" "+r.Would] = r.What
		}
	}
	return out
}
