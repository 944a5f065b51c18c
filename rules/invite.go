package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"chancery/internal/model"
	"chancery/rules/agenda"
)

// The words of msg.invite.effect.
const (
	effectFits      = "fits"      // its time is free
	effectConflicts = "conflicts" // it meets what is settled
	effectCancelled = "cancelled" // a meeting of the calendars is called off
	effectOutdated  = "outdated"  // the calendars know better, or all of it is over
	effectUnknown   = "unknown"   // nobody can tell, or not yet
	effectNone      = "none"      // the message asks for no time, or there is none
)

var effectWords = []string{effectFits, effectConflicts, effectCancelled, effectOutdated, effectUnknown, effectNone}

// invitation is what a scheduling message says, and what it does to the day. The
// calendars are looked at when a rule first asks.
type invitation struct {
	*model.Invite
	f      *facts
	view   model.View
	fitted bool
	fit    agenda.Fit
}

func newInvitation(f *facts, v model.View) *invitation {
	return &invitation{Invite: f.mail.Invite, f: f, view: v}
}

// master is the occurrence that speaks for the message.
func (in *invitation) master() *model.Occurrence {
	switch {
	case in.Series.Master != nil:
		return in.Series.Master
	case len(in.Series.Overrides) > 0:
		return &in.Series.Overrides[0]
	}
	return &model.Occurrence{}
}

// effectful are the methods that speak of the receiver's time (RFC 5546 section 1.4).
var effectful = map[string]bool{"REQUEST": true, "ADD": true, "PUBLISH": true, "COUNTER": true, "CANCEL": true}

// weigh compares the message with the calendars, once.
func (in *invitation) weigh() *agenda.Fit {
	if !in.fitted {
		in.fitted = true
		r := newRanker(in.f.set, &in.view)
		o := in.f.set.calendar.optionsFor(r)
		in.fit = agenda.Weigh(in.view, in.Invite, in.f.arrived(), o, r.rank)
	}
	return &in.fit
}

// effect says what the message does to the day. What part of it nobody could read
// makes no promise.
func (in *invitation) effect() string {
	if !effectful[in.Method] {
		if in.Method == "" && len(in.Problems) > 0 {
			return effectUnknown
		}
		return effectNone
	}
	if in.Series.Master == nil && len(in.Series.Overrides) == 0 {
		if slices.Contains(in.Problems, "not-an-event") {
			return effectNone
		}
		return effectUnknown
	}
	fit := in.weigh()
	switch {
	case fit.Over:
		return effectOutdated
	case !in.view.Known:
		return effectUnknown
	case in.Method == "CANCEL" && !fit.Known:
		return effectNone
	case fit.Older:
		return effectOutdated
	case in.Method == "CANCEL":
		return effectCancelled
	case fit.Clash:
		return effectConflicts
	case fit.Start.IsZero(), fit.Unsure, in.Several:
		return effectUnknown
	}
	return effectFits
}

// laterInvite notes when the message must be decided again: soon, while the
// calendars are being read, and when all of it is over. It does not ask which rules
// the gate lets through, so that the gate changes no plan.
func (d *decision) laterInvite(source model.SourceID, among ruleSet) {
	asked := false
	among.each(func(i int) bool {
		asked = asked || d.set.of(source, i).invites
		return !asked
	})
	in := d.f.invite
	if !asked || !effectful[in.Method] {
		return
	}
	fit := in.weigh()
	at := fit.Last
	if !fit.Over && !in.view.Known {
		if soon := in.soon(); !soon.IsZero() {
			at = soon
		}
	}
	if at.After(d.f.now) && (d.plan.LookAgain.IsZero() || at.Before(d.plan.LookAgain)) {
		d.plan.LookAgain = at
	}
}

// How long a message waits for calendars that are being read, first and at most.
const (
	firstWait = 5 * time.Second
	lastWait  = 24 * time.Hour
)

// soon is when calendars that are being read may be known; zero if nobody reads
// them, or if it takes too long. The pauses grow, so there are few.
func (in *invitation) soon() time.Time {
	if in.view.Principal.Name == "" || in.view.Reading.IsZero() {
		return time.Time{}
	}
	since := in.view.Reading
	if at := in.f.arrived(); at.After(since) {
		since = at
	}
	waited := in.f.now.Sub(since)
	if waited > lastWait {
		return time.Time{}
	}
	return in.f.now.Add(max(firstWait, waited/2))
}

// Around says what of the calendars of p must be in the View of a message: what
// takes time between two moments, and the meeting it names, whenever that is. ok is
// false for mail of which no rule could ask what it does to the day.
func (s *Set) Around(m *model.Message, p model.Principal) (of model.Ident, from, till time.Time, ok bool) {
	if m == nil || !m.Body.Present() {
		return "", from, till, false
	}
	mail := m.Body.Reveal()
	if mail.Invite == nil || !effectful[mail.Invite.Method] {
		return "", from, till, false
	}
	f := facts{msg: m, mail: mail}
	v := model.View{Principal: p}
	from, till, ok = agenda.Around(mail.Invite, p, f.arrived(), s.calendar.optionsFor(newRanker(s, &v)))
	return mail.Invite.Ident, from, till, ok
}

// people are all who take part, the organizer first.
func (in *invitation) people() []string {
	var list []string
	add := func(a model.Address) {
		if s := address(a); s != "" && !slices.Contains(list, s) && len(list) < 1000 {
			list = append(list, s)
		}
	}
	each := func(o *model.Occurrence) {
		add(o.Organizer)
		for _, a := range o.Attendees {
			if a.Type != "ROOM" && a.Type != "RESOURCE" {
				add(a.Address)
			}
		}
	}
	each(in.master())
	for i := range in.Series.Overrides {
		each(&in.Series.Overrides[i])
	}
	return list
}

func (in *invitation) zone() *time.Location {
	if z := in.view.Principal.Zone; z != nil {
		return z
	}
	return time.UTC
}

// start is when the first date that counts begins; zero if there is none.
func (in *invitation) start() time.Time {
	if effectful[in.Method] {
		return in.weigh().Start
	}
	return whenIn(in.master().Start, in.zone())
}

func (in *invitation) end() time.Time {
	if effectful[in.Method] {
		return in.weigh().End
	}
	return whenIn(in.master().End, in.zone())
}

func whenIn(t model.Time, zone *time.Location) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.In(zone)
}

func inviteText(get func(in *invitation) string) field {
	return field{cel.StringType, func(v any) any {
		in := v.(*facts).invite
		if in == nil {
			return types.String("")
		}
		return types.String(bounded(strings.ToValidUTF8(get(in), "?")))
	}}
}

func inviteFlag(get func(in *invitation) bool) field {
	return field{cel.BoolType, func(v any) any {
		in := v.(*facts).invite
		return types.Bool(in != nil && get(in))
	}}
}

func inviteTime(get func(in *invitation) time.Time) field {
	return field{cel.TimestampType, func(v any) any {
		in := v.(*facts).invite
		if in == nil {
			return noTime
		}
		return instant(get(in))
	}}
}

func inviteList(name string, get func(in *invitation) []string) field {
	return field{stringList, func(v any) any {
		f := v.(*facts)
		return f.list("invite."+name, func() []string {
			if f.invite == nil {
				return nil
			}
			return get(f.invite)
		})
	}}
}

// inviteKind is msg.invite.
var inviteKind = newKind("invitation", map[string]field{
	"method": inviteText(func(in *invitation) string { return in.Method }),
	"effect": {cel.StringType, func(v any) any {
		in := v.(*facts).invite
		if in == nil {
			return types.String(effectNone)
		}
		return types.String(in.effect())
	}},
	"organizer": inviteText(func(in *invitation) string { return address(in.master().Organizer) }),
	"title":     inviteText(func(in *invitation) string { return in.master().Summary }),
	"recurring": inviteFlag(func(in *invitation) bool {
		m := in.Series.Master
		return m != nil && (m.RRule != "" || len(m.RDates) > 0)
	}),
	"proved":   inviteFlag((*invitation).proved),
	"spoofed":  inviteFlag((*invitation).spoofed),
	"start":    inviteTime((*invitation).start),
	"end":      inviteTime((*invitation).end),
	"people":   inviteList("people", (*invitation).people),
	"problems": inviteList("problems", func(in *invitation) []string { return in.Problems }),
})

// Invitation lists what rules see of a message's invitation; nothing if it is none.
func (s *Set) Invitation(c model.Change, v model.View) []Value {
	f := newFacts(s, c, v)
	defer f.release()
	in := f.invite
	if in == nil {
		return nil
	}
	when := func(t time.Time) string {
		if t.IsZero() {
			return "none"
		}
		return t.In(in.zone()).Format("Mon 2 Jan 2006 15:04 MST")
	}
	out := []Value{
		{"method", in.Method}, {"effect", in.effect()}, {"spoofed", fmt.Sprint(in.spoofed())}, {"proved", fmt.Sprint(in.proved())},
		{"organizer", address(in.master().Organizer)}, {"title", shortened(in.master().Summary)}, {"start", when(in.start())}, {"end", when(in.end())},
	}
	if len(in.Problems) > 0 {
		out = append(out, Value{"problems", strings.Join(in.Problems, ", ")})
	}
	return out
}
