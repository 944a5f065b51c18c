package sync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
	"chancery/rules/agenda"
	"chancery/rules/billdesk"
)

// trouble is what goes wrong with the next writes, one after the other.
type trouble int

const (
	noTrouble  trouble = iota
	cutBefore          // the connection is lost before the effect
	cutAfter           // the answer is lost
	notNow             // the server would not take it now
	quickerOne         // a person does something just before
)

var errTrouble = &connectors.Error{Class: connectors.Network, Code: "cut", Err: errors.New("connection lost")}

// townCalendar is one calendar on a server that pages, forgets cursors, has bad days,
// and shows objects that nobody can read. Every write it takes it judges by the laws.
type townCalendar struct {
	w      *town
	id     model.SourceID
	events map[model.Name]model.Event
	log    []model.Name
	serial int
	epoch  int
	page   int
	odd    bool                  // it lists other versions than it shows: every amend is stale
	asked  int                   // amends that came
	cut    int                   // batches until a pull fails; 0 for never
	poison map[model.Name]bool   // cannot be read now
	mine   map[model.Name]string // versions of the holds of ours that a person has: "" for deleted
	since  map[model.Name]int    // write at which a hold was made
	unsure map[model.Name]bool   // holds whose answer was lost
	back   map[string]bool       // what a person changed back after an amend
	amends map[string]int        // amends that took effect
}

func newTownCalendar(w *town, id model.SourceID) *townCalendar {
	return &townCalendar{
		w: w, id: id, page: 3, events: map[model.Name]model.Event{}, poison: map[model.Name]bool{}, mine: map[model.Name]string{},
		since: map[model.Name]int{}, unsure: map[model.Name]bool{}, back: map[string]bool{}, amends: map[string]int{},
	}
}

func (s *townCalendar) put(ev model.Event) model.Event {
	s.serial++
	ev.Ref.Source, ev.Ref.Version = s.id, strconv.Quote(strconv.Itoa(s.serial))
	s.events[ev.Ref.Href] = ev
	s.log = append(s.log, ev.Ref.Href)
	return ev
}

func (s *townCalendar) drop(href model.Name) {
	delete(s.events, href)
	delete(s.poison, href)
	s.log = append(s.log, href)
}

func (s *townCalendar) change(href model.Name, listing bool) (model.Change, bool) {
	ev, ok := s.events[href]
	switch {
	case ok && s.poison[href]:
		return model.Change{Op: model.Unreadable, Ref: model.Ref{Source: s.id, Href: href}, Fault: &model.Fault{Code: "ics-parse"}}, true
	case ok:
		return model.Change{Op: model.Put, Ref: ev.Ref, Ident: ev.Ident, Event: &ev}, true
	case listing:
		return model.Change{}, false
	}
	return model.Change{Op: model.Gone, Ref: model.Ref{Source: s.id, Href: href}}, true
}

// Pull lists page by page, by name, or goes through the log; what changes meanwhile
// comes again.
func (s *townCalendar) Pull(_ context.Context, since connectors.Cursor) (connectors.Batch, error) {
	if s.cut > 0 {
		if s.cut--; s.cut == 0 {
			return connectors.Batch{}, errTrouble
		}
	}
	parts := strings.SplitN(string(since), ":", 4)
	if since == "" {
		parts = []string{"list", strconv.Itoa(s.epoch), strconv.Itoa(len(s.log)), ""}
	}
	epoch, _ := strconv.Atoi(parts[1])
	at, _ := strconv.Atoi(parts[2])
	if epoch != s.epoch {
		return connectors.Batch{}, connectors.ErrCursorExpired
	}
	var b connectors.Batch
	if parts[0] == "list" {
		rest := slices.DeleteFunc(slices.Sorted(maps.Keys(s.events)), func(h model.Name) bool { return string(h) <= parts[3] })
		b.More = len(rest) > s.page
		for _, h := range rest[:min(s.page, len(rest))] {
			c, _ := s.change(h, true)
			b.Changes = append(b.Changes, c)
			b.Next = model.Name(fmt.Sprintf("list:%d:%d:%s", s.epoch, at, string(h)))
		}
		if !b.More {
			b.Whole, b.Next = true, model.Name(fmt.Sprintf("log:%d:%d", s.epoch, at))
		}
		return b, nil
	}
	till := min(len(s.log), at+s.page)
	seen := map[model.Name]bool{}
	for _, h := range s.log[at:till] {
		if c, ok := s.change(h, false); ok && !seen[h] {
			seen[h] = true
			b.Changes = append(b.Changes, c)
		}
	}
	b.More, b.Next = till < len(s.log), model.Name(fmt.Sprintf("log:%d:%d", s.epoch, till))
	return b, nil
}

func (s *townCalendar) Wait(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
func (s *townCalendar) Close() error                   { return nil }

func (s *townCalendar) Apply(_ context.Context, steps []model.Step) (out []model.Result, err error) {
	for _, step := range steps {
		bad := s.w.bad()
		switch bad {
		case cutBefore:
			return out, errTrouble
		case notNow:
			out = append(out, model.Result{ID: step.ID, Outcome: model.Later, Code: "http-503"})
			continue
		case quickerOne:
			s.w.act()
		}
		before := len(s.log)
		r := s.apply(step)
		r.ID = step.ID
		if len(s.log) != before {
			s.w.wrote(step)
		}
		if h, ok := step.Action.(model.Hold); ok {
			s.unsure[s.place(h.UID, h.Base)] = bad == cutAfter
		}
		if bad == cutAfter {
			return out, errTrouble
		}
		out = append(out, r)
	}
	return out, nil
}

func (s *townCalendar) apply(step model.Step) model.Result {
	switch a := step.Action.(type) {
	case model.Hold:
		return s.hold(a)
	case model.Withdraw:
		at, there := s.events[s.place(a.UID, a.Base)]
		switch {
		case !there:
			delete(s.mine, s.place(a.UID, a.Base)) // a person was quicker: nobody can tell the two apart
			return model.Result{Outcome: model.Done, Already: true}
		case at.Own == nil || !at.Own.Intact || at.Own.Of != a.Of:
			return model.Result{Outcome: model.Stale, Ref: at.Ref}
		}
		s.drop(at.Ref.Href)
		return model.Result{Outcome: model.Done}
	case model.Amend:
		return s.amend(a)
	}
	return model.Result{Outcome: model.Refused, Code: "not-mail"}
}

// place is where an object of ours stands, or would: a person's program may have
// given it another name.
func (s *townCalendar) place(uid string, base model.Ref) model.Name {
	href := model.Name("/" + uid)
	if base.Href != "" {
		href = base.Href
	}
	if _, ok := s.events[href]; !ok {
		for h, ev := range s.events {
			if ev.Body.Reveal().UID == uid {
				return h
			}
		}
	}
	return href
}

func utcTime(u model.UnixTime) model.Time {
	return model.Time{Wall: time.Unix(int64(u), 0).UTC(), Loc: time.UTC}
}

func (s *townCalendar) hold(a model.Hold) model.Result {
	href := s.place(a.UID, a.Base)
	at, there := s.events[href]
	switch {
	case there && at.Own == nil && a.Base.Href == "":
		return model.Result{Outcome: model.Refused, Code: "occupied"}
	case there && (at.Own == nil || !at.Own.Intact):
		return model.Result{Outcome: model.Stale, Ref: at.Ref}
	case there && at.Own.Of != a.Of:
		return model.Result{Outcome: model.Refused, Code: "occupied"}
	case there && at.Own.Digest == a.Digest:
		return model.Result{Outcome: model.Done, Already: true, Ref: at.Ref}
	case !there && a.Base.Href != "":
		return model.Result{Outcome: model.Lost}
	}
	if was, touched := s.mine[href]; touched {
		s.w.broken("the hold of %s that a person has (version %q) is written again", string(a.Of), was)
	}
	body := a.Body.Reveal()
	o := &model.Occurrence{Summary: body.Summary, Status: "TENTATIVE", Show: model.Free, Start: utcTime(body.Start), End: utcTime(body.End)}
	if body.Blocks {
		o.Status, o.Show = "CONFIRMED", model.Busy
	}
	if body.Date {
		o.Start, o.End = model.Time{Wall: o.Start.Wall, Date: true}, model.Time{Wall: o.End.Wall, Date: true}
	}
	if !there {
		s.since[href] = s.w.writes
	}
	at = s.put(model.Event{Ident: model.Ident("u:" + a.UID), Ref: model.Ref{Href: href}, Tagged: true,
		Own: &model.Own{Of: a.Of, Digest: a.Digest, Intact: true}, Body: model.Hide(model.Series{UID: a.UID, Master: o})})
	return model.Result{Outcome: model.Done, Ref: at.Ref}
}

// amended names what an amend is about.
func amended(href model.Name, instance model.Time) string {
	return string(href) + " " + instance.Wall.Format("20060102T1504")
}

func (s *townCalendar) amend(a model.Amend) model.Result {
	s.asked++
	at, there := s.events[a.Base.Href]
	if !there {
		return model.Result{Outcome: model.Lost}
	}
	if s.odd {
		return model.Result{Outcome: model.Stale, Code: "changed", Ref: at.Ref}
	}
	if at.Own != nil {
		return model.Result{Outcome: model.Refused, Code: "not-amendable"}
	}
	if agenda.Stands(&at, a) {
		return model.Result{Outcome: model.Done, Already: true, Ref: at.Ref}
	}
	if at.Ref.Version != a.Base.Version || !standsAsWas(&at, a) {
		return model.Result{Outcome: model.Stale, Code: "changed", Ref: at.Ref}
	}
	key := amended(at.Ref.Href, a.Instance)
	if a.Now.Class != "" {
		key += " class" // who sees it has nothing to do with when it is and who comes
	}
	if s.back[key] {
		s.w.broken("what a person changed back is changed again")
	}
	s.amends[key]++
	return model.Result{Outcome: model.Done, Ref: s.put(amendedEvent(at, a.Instance, a.Now)).Ref}
}

// standsAsWas reports whether what an amend replaces stands. An instance that is not
// spelled out is where its series has it.
func standsAsWas(ev *model.Event, a model.Amend) bool {
	series := ev.Body.Reveal()
	spelled := slices.ContainsFunc(series.Overrides, func(o model.Occurrence) bool { return o.Recurrence.Wall.Equal(a.Instance.Wall) })
	if a.Now.Start != 0 && !a.Instance.IsZero() && !spelled {
		return a.Was.Start == model.UnixTime(a.Instance.Wall.Unix()) &&
			int64(a.Was.End-a.Was.Start) == int64(series.Master.End.Wall.Sub(series.Master.Start.Wall).Seconds())
	}
	a.Now = a.Was
	return agenda.Stands(ev, a)
}

// amendedEvent is an event with another answer, time or class, in one instance or as
// a whole.
func amendedEvent(ev model.Event, instance model.Time, to model.Amended) model.Event {
	series := ev.Body.Reveal()
	overrides := slices.Clone(series.Overrides)
	change := func(o model.Occurrence) model.Occurrence {
		if to.Answer != "" {
			o.Attendees = slices.Clone(o.Attendees)
			for i := range o.Attendees {
				if o.Attendees[i].Addr == selfOf(ev.Ref.Source) {
					o.Attendees[i].PartStat = to.Answer
				}
			}
		}
		if to.Start != 0 {
			o.Start, o.End = utcTime(to.Start), utcTime(to.End)
		}
		if to.Class != "" {
			o.Class = to.Class
		}
		return o
	}
	if instance.IsZero() {
		o := change(*series.Master)
		series.Master = &o
		for i := range overrides {
			if to.Start == 0 {
				overrides[i] = change(overrides[i])
			}
		}
	} else {
		o := *series.Master
		o.Recurrence, o.RRule, o.ExDates = &instance, "", nil
		o.Start.Wall, o.End.Wall = instance.Wall, instance.Wall.Add(series.Master.End.Wall.Sub(series.Master.Start.Wall))
		i := slices.IndexFunc(overrides, func(x model.Occurrence) bool { return x.Recurrence.Wall.Equal(instance.Wall) })
		if i >= 0 {
			overrides[i] = change(overrides[i])
		} else {
			overrides = append(overrides, change(o))
		}
	}
	series.Overrides = overrides
	ev.Body = model.Hide(series)
	return ev
}

// townBox is the mailbox of the assistant.
type townBox struct {
	w     *town
	there map[string]*standingNote
	sent  map[model.Ident]bool // drafts that a person sent

	unsure map[string]bool // notes whose answer was lost: a person may have deleted them
}

func (n *townBox) Pull(_ context.Context, since connectors.Cursor) (connectors.Batch, error) {
	return connectors.Batch{Next: since}, nil
}
func (n *townBox) Wait(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
func (n *townBox) Close() error                   { return nil }

func (n *townBox) Apply(_ context.Context, steps []model.Step) (out []model.Result, err error) {
	for _, step := range steps {
		bad := n.w.bad()
		switch bad {
		case cutBefore:
			return out, errTrouble
		case notNow:
			out = append(out, model.Result{ID: step.ID, Outcome: model.Later, Code: "overquota"})
			continue
		}
		r := model.Result{ID: step.ID, Outcome: model.Done}
		switch a := step.Action.(type) {
		case model.Note:
			body := a.Body.Reveal()
			if n.sent[body.Of] && a.Draft {
				n.w.broken("a draft is written again that a person sent")
			}
			if r.Already = n.there[body.MessageID] != nil; !r.Already {
				if n.w.mail != nil && billdesk.Owns(body.Of) && !n.unsure[body.MessageID] {
					n.w.mail.notes[body.Of]++
				}
				n.there[body.MessageID] = &standingNote{of: body.Of, draft: a.Draft}
			}
			for _, id := range a.Replaces {
				if x := n.there[id]; x != nil && !x.touched {
					delete(n.there, id)
				}
			}
		case model.DropNote:
			x := n.there[a.MessageID]
			if r.Already = x == nil || x.touched || a.Twins; !r.Already {
				delete(n.there, a.MessageID)
			}
		}
		if !r.Already {
			n.w.wrote(step)
		}
		if bad == cutAfter {
			if a, ok := step.Action.(model.Note); ok {
				n.unsure[a.Body.Reveal().MessageID] = true
			}
			return out, errTrouble
		}
		out = append(out, r)
	}
	return out, nil
}
