package ical

import (
	"bytes"
	"slices"
	"time"

	goical "github.com/emersion/go-ical"

	"chancery/internal/model"
)

// Codes of Amend. The first two are no refusals: nothing has to be written, or
// the object has to be judged again.
const (
	AmendAlready = "already" // what the Amend asks for stands
	AmendChanged = "changed" // neither what it replaces nor what it asks for stands

	AmendNotInvited   = "not-invited"   // no ATTENDEE line of the principal, or the principal is the organizer
	AmendNotOrganizer = "not-organizer" // the time or the class of a meeting that another one leads
	AmendNoInstance   = "no-instance"   // the object has no such instance, or the time of a whole series was meant
	AmendMixed        = "mixed"         // what it replaces and what it asks for stand both: it could not be taken back
	AmendImpossible   = "not-amendable" // damaged, of a kind that an edit by lines cannot serve, or a time without a sure zone
)

// Amend changes the one thing a says in a calendar object that is not ours, and
// nothing else: every content line that is not concerned keeps its octets. Lines
// that are concerned are folded anew (RFC 5545 section 3.1). now goes into DTSTAMP
// and LAST-MODIFIED where the time of a meeting moves. Without a code out is the
// object to write; with one it is nil.
//
// An instance that the object does not spell out gets a component of its own, made
// of the lines of its series. If an amended component says no more than the series
// does, it goes again, but for a meeting with others: to them a server tells what
// stands, and nothing of what is gone.
func Amend(raw []byte, a model.Amend, now time.Time) (out []byte, code string) {
	if !sound(a) {
		return nil, AmendImpossible
	}
	d, code := layOut(raw, string(a.UID))
	if code != "" {
		return nil, code
	}
	if d.ambiguous() {
		return nil, AmendImpossible
	}
	added := false
	if !a.Instance.IsZero() && d.instance(a.Instance) == nil {
		if code = d.addInstance(a.Instance); code != "" {
			return nil, code
		}
		added = true
	}
	targets, code := d.targets(a)
	if code == "" {
		code = d.mayAmend(targets, a)
	}
	if code != "" {
		return nil, code
	}
	switch {
	case a.Now.Answer != "":
		code = d.answer(targets, a)
	case a.Now.Class != "":
		code = d.class(targets, a)
	default:
		code = d.move(targets[0], a, now)
	}
	if code == AmendAlready && added {
		return nil, code // the series says it
	}
	if code != "" {
		return nil, code
	}
	if !a.Instance.IsZero() && !added {
		d.dropIfPlain(a.Instance)
	}
	out = d.bytes()
	if !d.holds(out) {
		return nil, AmendImpossible
	}
	return out, ""
}

// answers are the participation statuses of an event (RFC 5545 section 3.2.12)
// that stand for an answer.
var answers = []string{"NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE"}

var classes = []string{"PUBLIC", "PRIVATE", "CONFIDENTIAL"}

// sound reports whether a changes exactly one thing into another.
func sound(a model.Amend) bool {
	if a.Was == a.Now || a.UID == "" {
		return false
	}
	one := func(m model.Amended) int {
		switch {
		case slices.Contains(answers, m.Answer) && m == (model.Amended{Answer: m.Answer}):
			return 1
		case slices.Contains(classes, m.Class) && m == (model.Amended{Class: m.Class}):
			return 2
		case m.Answer == "" && m.Class == "" && m.Start > 0 && m.End >= m.Start:
			return 3
		}
		return 0
	}
	return one(a.Was) != 0 && one(a.Was) == one(a.Now)
}

// targets returns the components that a is about: the instance, or the series and
// all that is spelled out of it.
func (d *layout) targets(a model.Amend) ([]*vevent, string) {
	if !a.Instance.IsZero() {
		if e := d.instance(a.Instance); e != nil && !e.occ.ThisFuture && e.occ.Status != "CANCELLED" {
			return []*vevent{e}, ""
		}
		return nil, AmendNoInstance
	}
	all := d.events
	if len(all) == 0 {
		return nil, AmendImpossible
	}
	if moves := a.Now.Start != 0; moves && (len(all) > 1 || all[0].occ.RRule != "" || len(all[0].occ.RDates) > 0 || all[0].has(goical.PropRecurrenceRule)) {
		// The dates of the overrides and exceptions hang on the start of the series.
		return nil, AmendNoInstance
	}
	return all, ""
}

// tally counts where Was and where Now stand.
type tally struct{ was, now, other int }

func (n tally) code() string {
	switch {
	case n.was > 0 && n.now > 0:
		return AmendMixed
	case n.was > 0:
		return ""
	case n.now > 0:
		return AmendAlready
	}
	return AmendChanged
}

// answer sets PARTSTAT in the ATTENDEE lines of the principal (RFC 5545 section
// 3.2.12) that say what is to be replaced.
func (d *layout) answer(targets []*vevent, a model.Amend) string {
	var n tally
	var hits []int
	self := a.Self.Reveal()
	for _, e := range targets {
		for _, i := range e.lines {
			p := d.lines[i].prop
			if p.Name != goical.PropAttendee || !slices.Contains(self, address(p).Addr) {
				continue
			}
			switch partStat(p) {
			case a.Was.Answer:
				n.was++
				hits = append(hits, i)
			case a.Now.Answer:
				n.now++
			default:
				n.other++
			}
		}
	}
	if n == (tally{}) {
		return AmendNotInvited
	}
	if code := n.code(); code != "" {
		return code
	}
	for _, i := range hits {
		if !d.setPartStat(i, a.Now.Answer) {
			return AmendImpossible
		}
	}
	return ""
}

// class sets CLASS (RFC 5545 section 3.8.1.3) where it says what is to be
// replaced.
func (d *layout) class(targets []*vevent, a model.Amend) string {
	var n tally
	var hits []*vevent
	for _, e := range targets {
		switch e.occ.Class {
		case a.Was.Class:
			n.was++
			hits = append(hits, e)
		case a.Now.Class:
			n.now++
		default:
			n.other++
		}
	}
	if code := n.code(); code != "" {
		return code
	}
	for _, e := range hits {
		if i := d.find(e, goical.PropClass); i >= 0 {
			d.set(i, "CLASS:"+a.Now.Class)
		} else {
			d.after(e.start(d), "CLASS:"+a.Now.Class)
		}
	}
	return ""
}

// holds reports whether what was written reads as it was meant.
func (d *layout) holds(out []byte) bool {
	again, code := layOut(out, d.uid)
	if code != "" || bytes.Equal(out, d.raw) || len(again.events) != len(d.events) {
		return false
	}
	for i, e := range again.events {
		if e.occ.Start.Date != d.events[i].occ.Start.Date {
			return false
		}
	}
	return true
}
