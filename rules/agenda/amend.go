package agenda

import (
	"slices"
	"strings"
	"time"

	"chancery/internal/model"
)

// How an event that yields is resolved, beside "propose".
const (
	toTentative = "tentative"
	toDecline   = "decline"
	toMove      = "move"
)

// amended is what is known of a change of ours in an event of others.
type amended struct {
	of model.Ident
	at time.Time // the instance, as the series had it; zero for the event as a whole
	f  model.Finding
}

// amend changes the event that yields where the rules say so and nothing stands
// against it. It reports whether to wait: what came of it is told when it is
// known.
func (s *settlement) amend(c *conflict, d *diary) bool {
	if how := s.resolveOf(c.yields); len(s.amends) == 0 && (how == "" || how == "propose") {
		return false
	}
	of := s.amendIdent(c.yields)
	switch f := s.v.Findings[of]; {
	case f.Open:
		return true
	case f.Held:
		if f.Asked != nil && s.still(*f.Asked, c, d) {
			s.due[of] = true
		}
		return false
	case f.Pinned:
		return false
	case f.Amended != nil:
		// The change stands. What is at hand may be from before it.
		base := f.Amended.Base
		return base.Version != "" && base.Version == c.yields.Event.Ref.Version
	}
	if s.changes[of] {
		return true // it yields to others, too
	}
	act, no := s.amendment(c, d)
	if no != "" {
		return false
	}
	if s.changes == nil {
		s.changes = map[model.Ident]bool{}
	}
	s.changes[of] = true
	s.act(c.yields.Event.Ref.Source, c.yields.Event.Ref, of, c.why(), act)
	d.reserve(act)
	return true
}

// amendIdent names the instance of an event, whatever it clashes with: a person
// who changes it back does so for every conflict.
func (s *settlement) amendIdent(b *block) model.Ident {
	at := time.Time{}
	if recurs(b.Event) {
		at = b.Original
	}
	return identAt(kindAmend, short(16, "amend", s.v.Principal.Name, string(b.key)), at)
}

func recurs(e *model.Event) bool {
	s := e.Body.Reveal()
	return s.Master == nil || s.Master.RRule != "" || len(s.Master.RDates) > 0
}

// resolveOf is what the rules want done to an event that yields.
func (s *settlement) resolveOf(b *block) string {
	if b.r.Resolve != "" {
		return b.r.Resolve
	}
	return s.o.Resolve
}

// Why an event that the rules want changed is left as it is, as people read it.
const (
	noPerson   = "neither of the two may move"
	noKeeper   = "the other one is not accepted yet"
	noNotice   = "it begins too soon"
	noPersons  = "a person changed it back, or said no"
	noInvited  = "the principal is not invited by name"
	noOwn      = "the principal is the organizer"
	noOrganize = "the principal is not the organizer"
	noAnswer   = "it is answered already"
	noSlot     = "no other time is free for everyone who is known"
	noZone     = "its time zone is unsure"
	noWhole    = "it is a whole day"
	noTold     = "the server would tell nobody of it"
	noCrowd    = "too many people are invited"
)

// amendment returns the change that resolves a conflict; no says why there is
// none, "-" if the rules want none.
func (s *settlement) amendment(c *conflict, d *diary) (a model.Amend, no string) {
	y, how := c.yields, s.resolveOf(c.yields)
	overruled := slices.ContainsFunc(s.amends[Root(s.amendIdent(y))], func(x amended) bool { return x.f.Pinned })
	switch {
	case how == "" || how == "propose":
		return a, "-"
	case c.person || y.r.Fixed || y.kind != appointment:
		return a, noPerson
	case c.keeps.soft:
		return a, noKeeper
	case y.Start.Before(s.v.Now.Add(s.o.Notice)) || !y.Start.After(s.v.Now):
		return a, noNotice
	case overruled:
		return a, noPersons
	case slices.Contains(y.Event.Problems, ZoneUnsure) || y.Occurrence.Start.Unsure:
		return a, noZone
	case y.Occurrence.Untold:
		return a, noTold
	}
	a = model.Amend{UID: model.Name(y.Event.Body.Reveal().UID), Of: c.of, Base: y.Event.Ref}
	if recurs(y.Event) {
		a.Instance = instanceOf(y)
	}
	if how == toMove {
		return s.moving(a, y, d)
	}
	return s.answering(a, y, how)
}

// instanceOf is the RECURRENCE-ID of an instance, in the form of its series.
func instanceOf(b *block) model.Time {
	if r := b.Occurrence.Recurrence; r != nil && !b.Occurrence.ThisFuture {
		return *r
	}
	like := b.Occurrence.Start
	if m := b.Event.Body.Reveal().Master; m != nil {
		like = m.Start
	}
	at := b.Original
	if like.Loc != nil {
		at = at.In(like.Loc)
	}
	y, m, d := at.Date()
	like.Wall = time.Date(y, m, d, at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
	return like
}

// answering declines an invitation, or accepts it with reserve.
func (s *settlement) answering(a model.Amend, y *block, how string) (model.Amend, string) {
	if slices.ContainsFunc(organizers(y.Event), func(addr string) bool { return s.mine[addr] }) {
		return a, noOwn
	}
	var self []string
	for _, p := range y.Occurrence.Attendees {
		if !s.mine[strings.ToLower(p.Addr)] {
			continue
		}
		was := p.PartStat
		if was == "" {
			was = "NEEDS-ACTION"
		}
		if len(self) > 0 && was != a.Was.Answer {
			return a, noAnswer // two answers of one person: which one counts is not ours to say
		}
		a.Was.Answer, self = was, append(self, p.Addr)
	}
	a.Self = model.Hide(self)
	a.Now.Answer = "DECLINED"
	if how == toTentative {
		a.Now.Answer = "TENTATIVE"
	}
	switch {
	case len(self) == 0 || y.Occurrence.Organizer.Addr == "":
		return a, noInvited
	case a.Was.Answer == a.Now.Answer, !slices.Contains([]string{"NEEDS-ACTION", "ACCEPTED", "TENTATIVE"}, a.Was.Answer):
		return a, noAnswer
	}
	return a, ""
}

// moving moves a meeting that the principal leads to the best free time.
func (s *settlement) moving(a model.Amend, y *block, d *diary) (model.Amend, string) {
	all := organizers(y.Event)
	switch {
	case y.Occurrence.Organizer.Addr == "", slices.ContainsFunc(all, func(addr string) bool { return !s.mine[addr] }):
		return a, noOrganize
	case y.Occurrence.Start.Date:
		return a, noWhole
	case len(y.Occurrence.Attendees) > maxTogether:
		return a, noCrowd
	}
	d.soonest = s.v.Now.Add(s.o.Notice) // nobody is called to a meeting at once
	to := d.alternatives(y, 1, nil)
	d.soonest = time.Time{}
	if len(to) == 0 {
		return a, noSlot
	}
	if y.Occurrence.Start.Loc == nil {
		a.Zone = s.zoneOf(y.Start)
		if a.Zone != s.zoneOf(to[0].start) {
			return a, noZone // a wall clock that is read elsewhere there
		}
	}
	a.Self = model.Hide([]string{strings.ToLower(y.Occurrence.Organizer.Addr)}) // the connector checks who leads
	a.Was = model.Amended{Start: model.UnixTime(y.Start.Unix()), End: model.UnixTime(y.End.Unix())}
	a.Now = model.Amended{Start: model.UnixTime(to[0].start.Unix()), End: model.UnixTime(to[0].end.Unix())}
	return a, ""
}

// maxTogether is how many people a rule moves a meeting of. Who can put an event
// into the calendar that names the principal as its organizer must not make the
// server write to a whole town.
const maxTogether = 100

// organizers lists who leads an event, or dates of it.
func organizers(e *model.Event) (out []string) {
	s := e.Body.Reveal()
	add := func(o *model.Occurrence) {
		if addr := strings.ToLower(o.Organizer.Addr); addr != "" && !slices.Contains(out, addr) {
			out = append(out, addr)
		}
	}
	if s.Master != nil {
		add(s.Master)
	}
	for i := range s.Overrides {
		add(&s.Overrides[i])
	}
	return out
}
