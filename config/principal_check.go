package config

import (
	"fmt"
	"slices"
)

// checkPrincipals warns of what the calendar rules need of a principal and do not
// have: nothing is wrong with it, but people would wait for holds in vain.
func (l *loader) checkPrincipals() {
	c := l.cfg.Rules.Calendar.Conflicts
	warn := func(at Pos, problem, hint string) {
		l.out.add(Error{Pos: at, Problem: problem, Hint: hint, Warning: true})
	}
	for _, p := range l.cfg.Service.Principals {
		for _, t := range p.Calendars {
			if p.Holds.Value != "" && t.Value == p.Holds.Value {
				warn(t.Pos, fmt.Sprintf("%q is the calendar of holds", clip(t.Value)), "delete it here; what stands in it is seen all the same")
			}
			if d := p.Billing; d != nil && t.Value == d.Calendar.Value {
				warn(t.Pos, fmt.Sprintf("%q is the calendar of due dates", clip(t.Value)), "delete it here, or give due dates a calendar of their own: bills are no meetings")
			}
		}
		name := clip(p.Name.Value)
		if d := p.Billing; d != nil && p.Notes == nil && (d.Notes != "off" || d.Prebill > 0) {
			warn(d.Pos, fmt.Sprintf("nobody reads what is written about the billing of %s", name), "add notes: to the principal; or notes: off and prebill_after: 0")
		}
		if c.Mode == Off || len(p.Calendars) == 0 {
			continue
		}
		if p.Holds.Value == "" && p.Notes == nil {
			warn(p.Name.Pos, fmt.Sprintf("nobody is told of the conflicts of %s", name), "add holds: account/calendar, or notes:")
		}
		if len(p.Addresses) == 0 {
			warn(p.Name.Pos, fmt.Sprintf("without addresses it is not known what %s declined, or leads", name), "add addresses: [gc@firm.example]")
		}
		if c.Replies && p.Notes == nil {
			warn(p.Name.Pos, fmt.Sprintf("replies are on, but there is no mailbox for the drafts of %s", name), "add notes:, whose account takes them")
		}
	}
}

// summerless are names of IANA zones that stand for no place: a clock that knows
// no summer time, which nobody means who writes EST.
func summerless(zone string) bool { return slices.Contains([]string{"EST", "MST", "HST"}, zone) }
