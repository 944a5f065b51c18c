package agenda

import (
	"cmp"
	"strings"
	"time"

	"chancery/internal/model"
)

// Fit is how a scheduling message meets the time of its receiver.
type Fit struct {
	Start, End time.Time // of its first date that is not over when the message came; zero if it has no time
	Last       time.Time // when its last date ends; zero if nobody can tell
	Over       bool      // all of it is over
	Clash      bool      // a date of it meets something that is settled
	Unsure     bool      // there is more of it than could be followed
	Known      bool      // a calendar has the meeting
	Older      bool      // and a newer state of it (RFC 5546 section 2.1.5)
	Leaders    []string  // who leads it, as the calendars say, in lower case
}

// far is how far ahead the dates of a series are counted.
const far = maxHorizon

// Weigh compares a scheduling message that came at a moment with the events of
// v.Agenda. Nothing but Over depends on what time it is: only events change the
// rest. Events that block softly are in nobody's way, and those of the same meeting
// neither.
func Weigh(v model.View, in *model.Invite, came time.Time, o Options, rank Ranker) Fit {
	s := newSettlement(v, o, rank)
	var f Fit
	others := make([]model.Event, 0, len(v.Agenda)+1)
	for i := range v.Agenda {
		if e := &v.Agenda[i]; in.Ident == "" || e.Ident != in.Ident {
			others = append(others, *e)
		} else if e.Own == nil && !e.Tagged {
			f.meet(e, in, v.Principal.Addresses)
		}
	}
	d := datesOf(in, s.zone, came, s.horizon())
	f.Start, f.End, f.Last, f.Unsure = d.start, d.end, d.last, d.unsure
	f.Over = d.over || !d.last.IsZero() && !d.last.After(v.Now)
	if f.Over || d.start.IsZero() {
		return f
	}
	s.v.Now, s.v.Agenda = d.from, append(others, *d.event)
	blocks, full := s.gather(d.from, d.till)
	found := s.clashes(blocks, maxPairs)
	for _, p := range found.pairs {
		a, b := &blocks[p.a], &blocks[p.b]
		if b.Event.Ident == d.event.Ident {
			a, b = b, a
		}
		if a.Event.Ident == d.event.Ident && !b.soft && b.kind != guarded {
			f.Clash = true
		}
	}
	f.Unsure = f.Unsure || full || found.full
	return f
}

// meet takes in what a calendar says of the meeting. What nobody leads is the
// receiver's own.
func (f *Fit) meet(e *model.Event, in *model.Invite, own []string) {
	known := e.Body.Reveal()
	led := false
	see := func(o *model.Occurrence) {
		f.Known = f.Known || o.Status != "CANCELLED"
		if a := strings.ToLower(o.Organizer.Addr); a != "" && len(f.Leaders) < maxAttendees {
			led = true
			f.Leaders = append(f.Leaders, a)
		}
	}
	if known.Master != nil {
		see(known.Master)
	}
	for i := range known.Overrides {
		see(&known.Overrides[i])
	}
	if !led {
		for _, a := range own {
			f.Leaders = append(f.Leaders, strings.ToLower(a))
		}
	}
	said := []*model.Occurrence{in.Series.Master}
	for i := range in.Series.Overrides {
		said = append(said, &in.Series.Overrides[i])
	}
	older := false
	for _, o := range said {
		if o == nil {
			continue
		}
		was := dateOf(&known, o)
		if was == nil || was.Sequence <= o.Sequence {
			return // something of it is news
		}
		older = true
	}
	f.Older = f.Older || older
}

// maxAttendees bounds the organizers of one meeting that are compared.
const maxAttendees = 100

// dateOf is what a calendar knows of the date that o is about: its override, else
// the series.
func dateOf(known *model.Series, o *model.Occurrence) *model.Occurrence {
	if o.Recurrence != nil {
		for i := range known.Overrides {
			if r := known.Overrides[i].Recurrence; r != nil && r.In(time.UTC).Equal(o.Recurrence.In(time.UTC)) {
				return &known.Overrides[i]
			}
		}
	}
	return known.Master
}

// dates is where a scheduling message lies in time.
type dates struct {
	event            *model.Event
	from, till       time.Time // what has to be known of the calendars
	start, end, last time.Time
	over, unsure     bool
}

// unfollowed are codes of messages of which a date is not known, or which other
// programs may take for another one.
var unfollowed = map[string]bool{
	"rule-not-expandable": true, "overrides-cut": true, "dates-cut": true, "several-uids": true, "exrule-ignored": true, "too-long": true,
	"date-unreadable": true, "start-unreadable": true, "end-unreadable": true, "duration-unreadable": true, "recurrence-id-unreadable": true,
	"rule-repeated": true, "master-repeated": true, "override-repeated": true, "zone-cut": true,
}

func datesOf(in *model.Invite, zone *time.Location, came time.Time, horizon time.Duration) dates {
	d := dates{event: &model.Event{Ident: cmp.Or(in.Ident, "invite"), Body: model.Hide(awake(in.Series))}}
	first := startOf(&in.Series)
	if first.IsZero() {
		return d
	}
	from := came
	if at := first.In(zone); at.After(came.Add(far)) {
		from = at.Add(-time.Hour) // years ahead, and still one date
	}
	list, problems := Expand(d.event, zone, from, from.Add(far), 0)
	d.unsure = len(problems) > 0 // also a zone that was guessed: it is read otherwise elsewhere
	for _, code := range in.Problems {
		d.unsure = d.unsure || unfollowed[code]
	}
	if len(list) == 0 {
		d.start, d.over = first.In(zone), true
		return d
	}
	d.start, d.end, d.last = list[0].Start, list[0].End, list[0].End
	for i := range list {
		d.last = later(d.last, list[i].End)
	}
	d.from = later(from, d.start.Add(-around))
	d.till = earlier(d.last.Add(around), d.from.Add(horizon))
	if d.last.After(from.Add(far - week7)) {
		d.last = time.Time{}
	}
	return d
}

// around is what beside a meeting has to be known: days that begin elsewhere, and
// what is kept free.
const around = 48 * time.Hour

// awake is what a message asks for. Cancelled dates have a time, too.
func awake(s model.Series) model.Series {
	if s.Master != nil && s.Master.Status == "CANCELLED" {
		m := *s.Master
		m.Status, s.Master = "CONFIRMED", &m
	}
	return s
}

func startOf(s *model.Series) model.Time {
	if s.Master != nil {
		return s.Master.Start
	}
	for i := range s.Overrides {
		return s.Overrides[i].Start
	}
	return model.Time{}
}

// Around says what has to be known of the calendars of p to Weigh a message that
// came at a moment; false if nothing has.
func Around(in *model.Invite, p model.Principal, came time.Time, o Options) (from, till time.Time, ok bool) {
	s := newSettlement(model.View{Principal: p}, o, nil)
	d := datesOf(in, s.zone, came, s.horizon())
	if d.from.IsZero() {
		return came, came, in.Ident != ""
	}
	return d.from.Add(-around), d.till.Add(around), true
}
