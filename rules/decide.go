package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/interpreter"

	"chancery/config"
	"chancery/internal/model"
)

// The words of model.Report.What that come from mail rules.
const (
	whatObserve       = "observe"       // the rule only watches
	whatReleased      = "released"      // a person overruled the rule for this item
	whatContradiction = "contradiction" // two rules of one priority file differently
	whatOutranked     = "outranked"     // a rule of higher priority files it elsewhere
	whatEmpty         = "empty"         // the path has no value here
	whatAmbiguous     = "ambiguous"     // several matters, and the rule needs one
	whatCost          = "cost"          // the rule cost too much for this message
	whatError         = "error"         // the rule failed for this message
	whatBulk          = "bulk"          // nothing is written about mail of machines and lists
	whatNoDesk        = "no-desk"       // nobody reads notes about this account
	whatLegalHold     = "legal-hold"    // the message names a matter of which nothing may be moved
	whatDoubt         = "doubt"         // the message is a bill that may be forged, and the rule did not ask
)

// Decide says what is intended for one change. Mail is decided when it is new in
// a place, a principal's time when there is reason to look at it; everything
// else intends nothing.
func (s *Set) Decide(c model.Change, v model.View) model.Plan { return s.decideFrom(c, v, nil) }

func (s *Set) decideFrom(c model.Change, v model.View, r *Reading) model.Plan {
	plan := model.Plan{Cause: c.Ref, Ident: c.Ident}
	switch {
	case c.Op == model.Look:
		s.look(v, &plan)
	case c.Op == model.Put && c.Message != nil:
		if plan.Ident == "" {
			plan.Ident = c.Message.Ident
		}
		if plan.Cause == (model.Ref{}) {
			plan.Cause = c.Message.Ref
		}
		if !c.Message.Old && !c.Message.Own && c.Message.Body.Present() {
			s.decideMail(c, v, &plan, r)
			s.keep(&plan)
		}
	}
	return plan
}

// matched is one rule that holds for the message.
type matched struct {
	rule  *rule
	scope *scope
	x     *extracted
}

func (s *Set) decideMail(c model.Change, v model.View, plan *model.Plan, r *Reading) {
	source := c.Message.Ref.Source
	rules := s.inFolder(source, string(c.Message.Ref.Mailbox))
	none := !slices.ContainsFunc(rules, func(w uint64) bool { return w != 0 })
	if none && !s.remembers {
		return
	}
	f := newFacts(s, c, v)
	defer f.release()
	f.recall(r)
	defer r.keep(f)
	if plan.Bills = f.remembered(); none {
		return
	}
	d := decision{set: s, f: f, plan: plan, released: v.Released, view: v}
	if f.invite != nil {
		d.laterInvite(source, rules)
	}
	if !s.ungated {
		rules = s.gate.allow(f, rules)
	}
	var stop stopping
	rules.each(func(i int) bool {
		r := s.of(source, i)
		if stop.passes(r) {
			return true
		}
		if m, ok := d.ask(r); ok {
			d.act(m)
			stop.matched(r)
		}
		return !stop.all
	})
	d.file()
}

// decision gathers the plan of one message.
type decision struct {
	set      *Set
	f        *facts
	plan     *model.Plan
	released map[string]bool
	view     model.View
	filings  []filing
	undone   []string // marks that a person took away, as far as released rules would set them
}

// filing is one rule's wish for a place.
type filing struct {
	matched
	path []string
}

// ask evaluates a rule and reports what keeps it from deciding.
func (d *decision) ask(r *rule) (matched, bool) {
	sc, x := r.scopeFor(d.f, nil)
	ok, err := r.match(sc)
	if r.ages != nil {
		d.later(r, sc.x)
	}
	switch {
	case err != nil:
		d.report(r, failure(err), model.Hide(fmt.Sprintf("rule %q: %v", r.name, err)), "")
		return matched{}, false
	case ok:
		return matched{r, sc, x}, true
	}
	if many := d.f.candidatesOf(r); len(many) > 1 {
		assumed, _ := r.scopeFor(d.f, &many[0])
		if would, err := r.match(assumed); err == nil && would {
			d.report(r, whatAmbiguous, model.Hide(fmt.Sprintf("rule %q: several matters in %s: %s", r.name, zonePlaces[many[0].zone], numbers(many))), "")
		}
	}
	return matched{}, false
}

// candidatesOf returns the matters between which a rule that needs one cannot
// choose.
func (f *facts) candidatesOf(r *rule) []found {
	if !r.uses["x.matter"] {
		return nil
	}
	return f.candidates()
}

func numbers(ms []found) string {
	var list []string
	for _, m := range ms[:min(len(ms), maxWhyWords)] {
		list = append(list, m.matter.Number)
	}
	return strings.Join(list, ", ")
}

// act turns the actions of a rule that matched into steps or reports. Places are
// settled at the end, by file.
func (d *decision) act(m matched) {
	r := m.rule
	if len(r.actions) == 0 {
		return
	}
	var reason model.Private[string]
	why := func() model.Private[string] {
		if !reason.Present() {
			reason = r.why(m.x)
		}
		return reason
	}
	for _, a := range r.actions {
		if a.letter != nil {
			d.letter(m, a.letter, why)
			continue
		}
		if a.file != nil {
			path, missing, err := a.file.render(m.scope)
			switch {
			case err != nil:
				d.report(r, failure(err), model.Hide(fmt.Sprintf("rule %q: %v", r.name, err)), "file")
			case missing != "":
				d.report(r, whatEmpty, model.Hide(fmt.Sprintf("rule %q: nothing to put for %s", r.name, missing)), "file")
			case r.mode != config.Enforce:
				d.observe(r, why(), "file", strings.Join(path, "/"))
			default:
				d.filings = append(d.filings, filing{m, path})
			}
			continue
		}
		switch {
		case shows(d.f.msg.Flags, *a.mark):
		case r.mode != config.Enforce:
			d.observe(r, why(), "mark", a.mark.Name)
		case d.released[r.name]:
			d.undone = append(d.undone, a.mark.Name)
			d.report(r, whatReleased, why(), "mark")
		case slices.Contains(d.undone, a.mark.Name):
			d.report(r, whatReleased, why(), "mark")
		case !d.marked(a.mark.Name):
			d.step(r, why(), *a.mark)
		}
	}
}

// marked reports whether a rule above already sets the mark.
func (d *decision) marked(name string) bool {
	return slices.ContainsFunc(d.plan.Steps, func(s model.Step) bool {
		m, ok := s.Action.(model.Mark)
		return ok && m.Name == name
	})
}

// file chooses among the places rules wish for. The highest priority wins; a tie
// that differs moves nothing. What a person undid stays undone: no rule below
// takes the place of a released one.
func (d *decision) file() {
	if d.doubted(); len(d.filings) == 0 {
		return
	}
	top := d.filings[0]
	tie := false
	for _, other := range d.filings[1:] {
		if slices.Equal(other.path, top.path) {
			continue
		}
		if other.rule.priority == top.rule.priority {
			tie = true
			continue
		}
		d.report(other.rule, whatOutranked, model.Hide(fmt.Sprintf("rule %q would file to %s; rule %q has the higher priority",
			other.rule.name, strings.Join(other.path, "/"), top.rule.name)), "file")
	}
	switch {
	case tie:
		for _, other := range d.filings {
			if other.rule.priority == top.rule.priority || slices.Equal(other.path, top.path) {
				d.report(other.rule, whatContradiction, model.Hide(fmt.Sprintf("rule %q would file to %s, another rule of priority %d elsewhere; nothing is moved",
					other.rule.name, strings.Join(other.path, "/"), top.rule.priority)), "file")
			}
		}
	case sameMailbox(top.path, string(d.f.msg.Ref.Mailbox)):
	case d.f.held() != nil:
		d.stays(top, whatLegalHold, func(other filing) model.Private[string] {
			return model.Hide(fmt.Sprintf("rule %q would file to %s; matter %s is under legal hold, so the message stays",
				other.rule.name, strings.Join(other.path, "/"), d.f.held().Number))
		})
	case d.released[top.rule.name]:
		d.stays(top, whatReleased, func(other filing) model.Private[string] { return other.rule.why(other.x) })
	default:
		d.step(top.rule, top.rule.why(top.x), model.File{Mailbox: top.path, Create: true})
	}
}

// doubted takes away the wishes of rules that do not know that the bill may be forged.
func (d *decision) doubted() {
	asked := func(w filing) bool { return w.rule.doubts }
	if len(d.filings) == 0 || !slices.ContainsFunc(d.filings, func(w filing) bool { return !asked(w) }) || !d.f.doubtful() {
		return
	}
	d.filings = slices.DeleteFunc(d.filings, func(w filing) bool {
		if !asked(w) {
			d.report(w.rule, whatDoubt, model.Hide(fmt.Sprintf("rule %q would file to %s; the bill may be forged (%s), so the message stays",
				w.rule.name, strings.Join(w.path, "/"), strings.Join(d.f.weighed().codes, ", "))), "file")
		}
		return !asked(w)
	})
}

// stays reports why nothing is moved to the place that won, to each rule that
// wished for it.
func (d *decision) stays(top filing, what string, why func(filing) model.Private[string]) {
	for _, other := range d.filings {
		if slices.Equal(other.path, top.path) {
			d.report(other.rule, what, why(other), "file")
		}
	}
}

func (d *decision) step(r *rule, why model.Private[string], a model.Action) {
	d.plan.Steps = append(d.plan.Steps, model.Step{
		Rule: r.name, Version: d.set.version, Place: r.place, Why: why,
		Source: d.plan.Cause.Source, Order: r.order, Ref: d.plan.Cause, Ident: d.plan.Ident, Action: a,
	})
}

func (d *decision) report(r *rule, what string, why model.Private[string], would string) {
	d.plan.Reports = append(d.plan.Reports, model.Report{Rule: r.name, Place: r.place, What: what, Why: why, Would: would})
}

// observe reports what a rule that only watches would do.
func (d *decision) observe(r *rule, why model.Private[string], would, to string) {
	d.report(r, whatObserve, why, would)
	d.plan.Reports[len(d.plan.Reports)-1].To = model.Hide(to)
}

// failure says what kind of failure an evaluation ended with.
func failure(err error) string {
	if e, ok := errors.AsType[interpreter.EvalCancelledError](err); ok && e.Cause == interpreter.CostLimitExceeded {
		return whatCost
	}
	return whatError
}

// appleBits are the seven colours of Apple Mail as its three keywords.
var appleBits = map[string][3]bool{
	"red": {}, "orange": {true, false, false}, "yellow": {false, true, false}, "green": {true, true, false},
	"blue": {false, false, true}, "purple": {true, false, true}, "gray": {false, true, true},
}

// shows reports whether the flags already show all of a mark.
func shows(flags model.Flags, m model.Mark) bool {
	for _, f := range []string{m.Keyword, m.Thunderbird} {
		if f != "" && !flags.Has(f) {
			return false
		}
	}
	if (m.Flagged || m.Apple != "") && !flags.Has(`\Flagged`) {
		return false
	}
	if bits, ok := appleBits[m.Apple]; ok {
		for i, bit := range bits {
			if flags.Has(fmt.Sprintf("$MailFlagBit%d", i)) != bit {
				return false
			}
		}
	}
	return true
}
