package sync

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
	"chancery/rules"
	"chancery/rules/agenda"
	"chancery/sync/journal"
)

// bureau is a principal's calendars and the mailbox of an assistant in memory, with
// a daemon that may die at any write, and people who work on the same things.
type bureau struct {
	t       *testing.T
	r       *rand.Rand
	j       *journal.Journal
	rules   string
	now     time.Time
	e       *Engine
	cal     map[model.SourceID]*shelfServer
	notes   *noteServer
	writes  int
	fault   int // the write at which a daemon dies; 0: never
	amended map[model.Name]int
	more    []model.SourceID // calendars beside those of work and of holds
	set     *rules.Set       // instead of rules
	desk    model.BillDesk
}

func (b *bureau) calendars() []model.SourceID {
	ids := append([]model.SourceID{"c/work", "c/holds"}, b.more...)
	if b.desk.Calendar != "" {
		ids = append(ids, b.desk.Calendar)
	}
	return ids
}

var errCut = errors.New("connection lost")

// wrote counts a write, and reports whether its answer is lost.
func (b *bureau) wrote() error {
	if b.writes++; b.writes == b.fault {
		return errCut
	}
	return nil
}

func newBureau(t *testing.T, seed int64, conflicts string) *bureau {
	t.Helper()
	j, err := journal.Open(t.Context(), journal.Options{Driver: "sqlite", Path: t.TempDir(), Key: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	b := &bureau{t: t, r: rand.New(rand.NewSource(seed)), j: j, now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), cal: map[model.SourceID]*shelfServer{}, amended: map[model.Name]int{}}
	b.rules = `version: 1
calendar:
  ranks:
    - {name: court, rank: 100, when: 'ev.title.contains("Court")', fixed: true}
    - {name: board, rank: 70, when: 'ev.title.contains("Board")'}
    - {name: internal, rank: 20, when: 'true'}
  conflicts: {mode: enforce, horizon: 30d, ` + conflicts + `}
`
	for _, id := range []model.SourceID{"c/work", "c/holds"} {
		b.cal[id] = &shelfServer{b: b, id: id, events: map[model.Name]model.Event{}, mine: map[model.Name]string{}}
	}
	b.notes = &noteServer{b: b, there: map[string]*standingNote{}}
	b.start()
	return b
}

// start is a new process over the same journal and the same servers.
func (b *bureau) start() {
	b.t.Helper()
	o := Options{Journal: b.j, Owner: "test", Log: slog.New(slog.DiscardHandler)}
	for _, id := range b.calendars() {
		src := b.cal[id]
		o.Sources = append(o.Sources, SourceSpec{ID: id, Calendar: true, Open: func(context.Context, journal.Position) (connectors.Source, error) { return src, nil }})
	}
	o.Sources = append(o.Sources, SourceSpec{ID: "pa", Principal: "gc", Open: func(context.Context, journal.Position) (connectors.Source, error) { return b.notes, nil }})
	o.Principals = []PrincipalSpec{{Desk: b.desk, Calendars: append([]model.SourceID{"c/work"}, b.more...), Principal: model.Principal{
		Name: "gc", Zone: time.UTC, Addresses: []string{"gc@firm.example"}, Holds: "c/holds", Notes: "pa", NotesBox: []string{"INBOX"}, Drafts: "pa",
	}}}
	set := b.set
	if set == nil {
		set = rulesFrom(b.t, b.rules)
	}
	e, err := New(o, set)
	if err != nil {
		b.t.Fatal(err)
	}
	e.now = func() time.Time { return b.now }
	for id, w := range e.workers {
		if err := w.claim(b.t.Context()); err != nil {
			b.t.Fatal(err)
		}
		if w.src = connectors.Source(b.notes); id != "pa" {
			w.src = b.cal[id]
		}
	}
	s := e.settlers[0]
	if s.lease, err = b.j.Claim(b.t.Context(), model.SourceID(s.spec.group()), "test", b.now); err != nil {
		b.t.Fatal(err)
	}
	if err := s.recall(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	if err := s.beginDesk(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	b.e = e
}

// rest works until nothing is left to do; a lost answer kills the process.
func (b *bureau) rest() {
	b.t.Helper()
	for quiet, n := 0, 0; quiet < 2; n++ {
		if n > 200 {
			b.t.Fatal("it never comes to rest")
		}
		before := b.writes
		if b.round() != nil {
			b.now = b.now.Add(2 * time.Minute) // longer than a note may be on its way
			b.start()
			quiet = 0
			continue
		}
		if quiet++; b.writes != before {
			quiet = 0
		}
	}
}

func (b *bureau) round() error {
	b.t.Helper()
	for _, id := range append(b.calendars(), "pa") {
		if err := b.e.workers[id].turn(b.t.Context(), b.t.Context()); errors.Is(err, errCut) {
			return err
		} else if err != nil {
			b.t.Fatal(err)
		}
	}
	if _, err := b.e.settlers[0].settle(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	return nil
}

// shelfServer is one calendar on a server.
type shelfServer struct {
	b      *bureau
	id     model.SourceID
	events map[model.Name]model.Event
	log    []model.Name
	serial int
	mine   map[model.Name]string // versions of the holds that a person has: "" if deleted
}

func (s *shelfServer) put(ev model.Event) model.Event {
	s.serial++
	ev.Ref.Source, ev.Ref.Version = s.id, strconv.Quote(strconv.Itoa(s.serial))
	s.events[ev.Ref.Href] = ev
	s.log = append(s.log, ev.Ref.Href)
	return ev
}

func (s *shelfServer) drop(href model.Name) {
	delete(s.events, href)
	s.log = append(s.log, href)
}

func (s *shelfServer) Pull(_ context.Context, since connectors.Cursor) (connectors.Batch, error) {
	b := connectors.Batch{Next: model.Name(strconv.Itoa(len(s.log))), Whole: since == ""}
	from, _ := strconv.Atoi(string(since))
	hrefs := map[model.Name]bool{}
	for _, h := range s.log[from:] {
		hrefs[h] = true
	}
	for _, h := range slices.Sorted(maps.Keys(hrefs)) {
		if ev, ok := s.events[h]; ok {
			b.Changes = append(b.Changes, model.Change{Op: model.Put, Ref: ev.Ref, Ident: ev.Ident, Event: &ev})
		} else if !b.Whole {
			b.Changes = append(b.Changes, model.Change{Op: model.Gone, Ref: model.Ref{Source: s.id, Href: h}})
		}
	}
	return b, nil
}

func (s *shelfServer) Wait(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
func (s *shelfServer) Close() error                   { return nil }

func (s *shelfServer) Apply(_ context.Context, steps []model.Step) (out []model.Result, err error) {
	for _, step := range steps {
		before := s.serial + len(s.log)
		r := s.apply(step)
		r.ID = step.ID
		if s.serial+len(s.log) != before {
			if err := s.b.wrote(); err != nil {
				return out, &connectors.Error{Class: connectors.Network, Code: "cut", Err: err}
			}
		}
		out = append(out, r)
	}
	return out, nil
}

func (s *shelfServer) apply(step model.Step) model.Result {
	switch a := step.Action.(type) {
	case model.Hold:
		href := model.Name("/" + a.UID)
		at, there := s.events[href]
		switch {
		case there && (at.Own == nil || !at.Own.Intact):
			return model.Result{Outcome: model.Stale}
		case there && at.Own.Digest == a.Digest:
			return model.Result{Outcome: model.Done, Already: true, Ref: at.Ref}
		case !there && a.Base.Href != "":
			return model.Result{Outcome: model.Lost}
		}
		if was, touched := s.mine[href]; touched {
			s.b.t.Fatalf("a hold that a person has is written again: %q", was)
		}
		body := a.Body.Reveal()
		utc := func(u model.UnixTime) model.Time {
			return model.Time{Wall: time.Unix(int64(u), 0).UTC(), Loc: time.UTC}
		}
		o := &model.Occurrence{Summary: body.Summary, Status: "TENTATIVE", Show: model.Free, Start: utc(body.Start), End: utc(body.End)}
		at = s.put(model.Event{Ident: model.Ident("u:" + a.UID), Ref: model.Ref{Href: href}, Tagged: true,
			Own: &model.Own{Of: a.Of, Digest: a.Digest, Intact: true}, Body: model.Hide(model.Series{UID: a.UID, Master: o})})
		return model.Result{Outcome: model.Done, Ref: at.Ref}
	case model.Withdraw:
		at, there := s.events[model.Name("/"+a.UID)]
		switch {
		case !there:
			return model.Result{Outcome: model.Done, Already: true}
		case at.Own == nil || !at.Own.Intact:
			return model.Result{Outcome: model.Stale}
		}
		s.drop(at.Ref.Href)
		return model.Result{Outcome: model.Done}
	case model.Amend:
		at, there := s.events[a.Base.Href]
		if !there {
			return model.Result{Outcome: model.Lost}
		}
		if agenda.Stands(&at, a) {
			return model.Result{Outcome: model.Done, Already: true, Ref: at.Ref}
		}
		was := a
		was.Now = a.Was
		if at.Ref.Version != a.Base.Version || !agenda.Stands(&at, was) {
			return model.Result{Outcome: model.Stale, Code: "changed"}
		}
		s.b.amended[at.Ref.Href]++
		return model.Result{Outcome: model.Done, Ref: s.put(changedTo(at, a.Now)).Ref}
	}
	return model.Result{Outcome: model.Refused, Code: "not-mail"}
}

// changedTo is an event with another answer or time.
func changedTo(ev model.Event, to model.Amended) model.Event {
	series := ev.Body.Reveal()
	o := *series.Master
	if to.Answer != "" {
		o.Attendees = slices.Clone(o.Attendees)
		o.Attendees[0].PartStat = to.Answer
	}
	if to.Start != 0 {
		o.Start = model.Time{Wall: time.Unix(int64(to.Start), 0).UTC(), Loc: time.UTC}
		o.End = model.Time{Wall: time.Unix(int64(to.End), 0).UTC(), Loc: time.UTC}
	}
	series.Master = &o
	ev.Body = model.Hide(series)
	return ev
}

// noteServer is the assistant's mailbox.
type noteServer struct {
	b     *bureau
	there map[string]*standingNote
	sent  map[model.Ident]bool // drafts that a person sent
}

type standingNote struct {
	of      model.Ident
	draft   bool
	touched bool
}

func (n *noteServer) Pull(_ context.Context, since connectors.Cursor) (connectors.Batch, error) {
	return connectors.Batch{Next: since}, nil
}
func (n *noteServer) Wait(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
func (n *noteServer) Close() error                   { return nil }

func (n *noteServer) Apply(_ context.Context, steps []model.Step) (out []model.Result, err error) {
	for _, step := range steps {
		r := model.Result{ID: step.ID, Outcome: model.Done}
		switch a := step.Action.(type) {
		case model.Note:
			body := a.Body.Reveal()
			if n.sent[body.Of] {
				n.b.t.Fatal("a draft is written again that a person sent")
			}
			if r.Already = n.there[body.MessageID] != nil; !r.Already {
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
			if err := n.b.wrote(); err != nil {
				return out, &connectors.Error{Class: connectors.Network, Code: "cut", Err: err}
			}
		}
		out = append(out, r)
	}
	return out, nil
}

// book puts a meeting of an hour or two into the calendar of work.
func (b *bureau) book(n int) {
	hour := 9 + b.r.Intn(8)
	start := time.Date(2026, 3, 4+b.r.Intn(3), hour, 30*b.r.Intn(2), 0, 0, time.UTC)
	o := &model.Occurrence{Summary: []string{"Court", "Board", "Staff", "Team"}[b.r.Intn(4)], Status: "CONFIRMED",
		Start: model.Time{Wall: start, Loc: time.UTC}, End: model.Time{Wall: start.Add(time.Duration(1+b.r.Intn(2)) * time.Hour), Loc: time.UTC}}
	self := model.Attendee{Address: model.Address{Addr: "gc@firm.example"}, PartStat: "ACCEPTED"}
	switch b.r.Intn(3) {
	case 0:
		o.Organizer, o.Attendees = model.Address{Addr: "kim@other.example"}, []model.Attendee{self}
	case 1:
		o.Organizer = self.Address
	}
	uid := fmt.Sprint("m", n)
	b.cal["c/work"].put(model.Event{Ident: model.Ident("u:" + uid), Ref: model.Ref{Href: model.Name("/" + uid)}, Body: model.Hide(model.Series{UID: uid, Master: o})})
}

// act is one thing that people do.
func (b *bureau) act(n int) {
	holds := b.cal["c/holds"]
	var ours []model.Name
	for _, href := range slices.Sorted(maps.Keys(holds.events)) {
		if holds.events[href].Own.Intact {
			ours = append(ours, href)
		}
	}
	switch k := b.r.Intn(8); {
	case k < 4 && len(ours) > 0:
		b.handle(holds, ours[b.r.Intn(len(ours))])
	case k == 4:
		b.book(n)
	case k == 5:
		work := slices.Sorted(maps.Keys(b.cal["c/work"].events))
		b.cal["c/work"].drop(work[b.r.Intn(len(work))])
	case k == 6:
		b.takeBack()
	case k == 7:
		for _, id := range slices.Sorted(maps.Keys(b.notes.there)) {
			if x := b.notes.there[id]; x.draft && !x.touched {
				if b.notes.sent == nil {
					b.notes.sent = map[model.Ident]bool{}
				}
				b.notes.sent[x.of] = true
				delete(b.notes.there, id)
				break
			}
		}
	}
}

// handle edits, confirms or deletes a hold.
func (b *bureau) handle(holds *shelfServer, href model.Name) {
	ev := holds.events[href]
	if b.r.Intn(3) == 0 {
		holds.drop(href)
		holds.mine[href] = ""
		return
	}
	own, series := *ev.Own, ev.Body.Reveal()
	o := *series.Master
	own.Intact = false
	if b.r.Intn(2) == 0 {
		o.Start.Wall, o.End.Wall = o.Start.Wall.Add(time.Hour), o.End.Wall.Add(time.Hour)
	} else {
		own.Confirmed, o.Status, o.Show = true, "CONFIRMED", model.Busy
	}
	series.Master = &o
	ev.Own, ev.Body = &own, model.Hide(series)
	holds.mine[href] = holds.put(ev).Ref.Version
}

// takeBack answers an invitation again that was declined for the principal.
func (b *bureau) takeBack() {
	work := b.cal["c/work"]
	for _, href := range slices.Sorted(maps.Keys(work.events)) {
		m := work.events[href].Body.Reveal().Master
		if len(m.Attendees) > 0 && m.Attendees[0].PartStat != "ACCEPTED" {
			work.put(changedTo(work.events[href], model.Amended{Answer: "ACCEPTED"}))
			b.amended[href] = 100 // never again
			return
		}
	}
}

// check holds what must be true at rest.
func (b *bureau) check() {
	b.t.Helper()
	holds := b.cal["c/holds"]
	chosen, stands := map[string]bool{}, map[model.Ident]bool{}
	for _, ev := range holds.events {
		if stands[ev.Own.Of] {
			b.t.Fatal("two objects for one intent")
		}
		stands[ev.Own.Of] = true
		chosen[agenda.Root(ev.Own.Of)] = chosen[agenda.Root(ev.Own.Of)] || ev.Own.Confirmed && agenda.IsSlot(ev.Own.Of)
	}
	for href, ev := range holds.events {
		if chosen[agenda.Root(ev.Own.Of)] && ev.Own.Intact {
			b.t.Fatal("a hold stands beside the one that was chosen")
		}
		if v, touched := holds.mine[href]; touched && v != ev.Ref.Version {
			b.t.Fatal("an edit of a person is lost")
		}
	}
	for href, version := range holds.mine {
		if _, there := holds.events[href]; there != (version != "") {
			b.t.Fatalf("a hold that a person has is there: %t", there)
		}
	}
	for href, n := range b.amended {
		if n > 1 && n < 100 || n > 100 {
			b.t.Fatalf("%s was changed %d times", strings.TrimPrefix(string(href), "/"), n)
		}
	}
	about := map[model.Ident]int{}
	for _, x := range b.notes.there {
		if about[x.of]++; about[x.of] > 1 && !x.touched {
			b.t.Fatal("two notes about one finding")
		}
	}
}

// S3, S4 and S5: whatever people do and whenever the daemon dies, no edit of a
// person is lost, no intent has two objects, and a later run writes nothing.
func TestPeopleAndCrashes(t *testing.T) {
	for seed := range int64(24) {
		conflicts := []string{"replies: true", "resolve: decline, slots: true", "resolve: tentative", "resolve: move, replies: true"}[seed%4]
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			b := newBureau(t, seed, conflicts)
			for n := range 12 {
				b.book(n)
			}
			b.rest()
			b.check()
			for n := range 14 {
				b.act(100 + n)
				if b.r.Intn(3) == 0 {
					b.fault = b.writes + 1 + b.r.Intn(4)
				}
				b.rest()
				b.check()
			}
			if b.writes == 0 {
				t.Fatal("nothing was written at all")
			}
			before := b.writes
			b.start()
			b.rest()
			if b.writes != before {
				t.Fatalf("%d writes in a run without changes", b.writes-before)
			}
		})
	}
}
