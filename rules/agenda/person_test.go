package agenda

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

// world is a principal's calendars, what the loop knows of them, and the people who
// work on them. It does to both what servers and the loop would do.
type world struct {
	t       *testing.T
	v       model.View
	o       Options
	version int
	touched map[model.Ident]bool // what a person decided
}

func newWorld(t *testing.T, o Options, events ...model.Event) *world {
	w := &world{t: t, v: view(t, events...), o: o, touched: map[model.Ident]bool{}}
	w.v.Principal.Drafts, w.v.Principal.Title = "desk-mail", "the general counsel"
	for i := range w.v.Agenda {
		w.v.Agenda[i].Ref.Version = `"0"`
	}
	return w
}

// look settles once, applies what comes, and checks that this is the end of it.
func (w *world) look() []model.Step {
	w.t.Helper()
	steps, _, _ := Settle(w.v, w.o, rankByCategory)
	all := steps
	for range 3 { // a draft is taken away before another one comes
		w.apply(steps)
		var more []model.Step
		more, _, _ = Settle(w.v, w.o, rankByCategory)
		if len(more) == 0 {
			return all
		}
		for _, s := range more {
			if kind, _, _ := split(s.Ident); kind != kindReply && kind != kindAmend && !slices.ContainsFunc(steps, func(x model.Step) bool { return x.Action.Kind() == "amend" }) {
				w.t.Fatalf("not at rest: %s of %s after %s", s.Action.Kind(), kind, kinds(steps))
			}
		}
		steps = more
		all = append(all, more...)
	}
	for len(steps) > 0 { // one instance of a series after the other
		amends := strings.Contains(kinds(steps), "amend")
		w.apply(steps)
		if steps, _, _ = Settle(w.v, w.o, rankByCategory); len(steps) > 0 && !amends || len(all) > 300 {
			w.t.Fatalf("not at rest: %s", kinds(steps))
		}
		all = append(all, steps...)
	}
	return all
}

func (w *world) apply(steps []model.Step) {
	w.t.Helper()
	for _, s := range steps {
		if w.touched[s.Ident] {
			w.t.Fatalf("a %s of what a person decided", s.Action.Kind())
		}
		f := w.v.Findings[s.Ident]
		w.version++
		version := fmt.Sprintf("%q", fmt.Sprint(w.version))
		switch a := s.Action.(type) {
		case model.Hold:
			if f.Hold != "" && a.Base != f.HoldRef {
				w.t.Fatal("a hold is not based on what stands")
			}
			b := a.Body.Reveal()
			utc := func(u model.UnixTime) model.Time {
				return model.Time{Wall: time.Unix(int64(u), 0).UTC(), Loc: time.UTC}
			}
			e := meeting(a.UID, wall(tuesday+"00:00"), 0, in(string(s.Source), "/holds/"+a.UID), master(func(o *model.Occurrence) {
				o.Start, o.End, o.Status, o.Show, o.Summary = utc(b.Start), utc(b.End), "TENTATIVE", model.Free, b.Summary
			}))
			e.Own, e.Tagged, e.Ref.Version = &model.Own{Of: s.Ident, Digest: a.Digest, Intact: true}, true, version
			w.drop(s.Ident)
			w.v.Agenda = append(w.v.Agenda, e)
			f.Hold, f.HoldRef = a.Digest, e.Ref
		case model.Withdraw:
			stands := slices.ContainsFunc(w.v.Agenda, func(e model.Event) bool { return e.Own != nil && e.Own.Of == s.Ident && e.Ref == a.Base })
			if !stands {
				w.t.Fatal("what does not stand is withdrawn")
			}
			w.drop(s.Ident)
			f.Hold, f.HoldRef = "", model.Ref{}
		case model.Note:
			f.Note, f.NoteID = a.Body.Reveal().Digest, a.Body.Reveal().MessageID
		case model.DropNote:
			if a.MessageID != f.NoteID {
				w.t.Fatal("a note that does not stand is dropped")
			}
			f.Note, f.NoteID = "", ""
		case model.Amend:
			w.amend(a, version)
			f.Amended = &a
		}
		w.v.Findings[s.Ident] = f
		if f == (model.Finding{}) {
			delete(w.v.Findings, s.Ident)
		}
	}
}

// drop takes a hold out of the calendar.
func (w *world) drop(of model.Ident) {
	w.v.Agenda = slices.DeleteFunc(slices.Clone(w.v.Agenda), func(e model.Event) bool { return e.Own != nil && e.Own.Of == of })
}

// amend does what a server does; instances get an override.
func (w *world) amend(a model.Amend, version string) {
	w.t.Helper()
	for i := range w.v.Agenda {
		e := &w.v.Agenda[i]
		s := e.Body.Reveal()
		if e.Ref.Source != a.Base.Source || e.Ref.Href != a.Base.Href {
			continue
		}
		if e.Ref.Version != a.Base.Version {
			w.t.Fatal("an amend is not based on what stands")
		}
		o := *s.Master
		if !a.Instance.IsZero() {
			o.Recurrence, o.RRule = &a.Instance, ""
			o.Start.Wall = a.Instance.Wall
			o.End.Wall = a.Instance.Wall.Add(s.Master.End.Wall.Sub(s.Master.Start.Wall))
		}
		o.Attendees = slices.Clone(o.Attendees)
		for k, p := range o.Attendees {
			if a.Now.Answer != "" && slices.Contains(a.Self.Reveal(), p.Addr) {
				o.Attendees[k].PartStat = a.Now.Answer
			}
		}
		if a.Now.Start != 0 {
			o.Start = model.Time{Wall: time.Unix(int64(a.Now.Start), 0).UTC(), Loc: time.UTC}
			o.End = model.Time{Wall: time.Unix(int64(a.Now.End), 0).UTC(), Loc: time.UTC}
		}
		if a.Instance.IsZero() {
			s.Master = &o
		} else {
			s.Overrides = slices.DeleteFunc(slices.Clone(s.Overrides), func(x model.Occurrence) bool { return x.Recurrence.Wall.Equal(a.Instance.Wall) })
			s.Overrides = append(s.Overrides, o)
		}
		e.Body, e.Ref.Version = model.Hide(s), version
		if !Stands(e, a) {
			w.t.Fatal("what was amended does not stand")
		}
		return
	}
	w.t.Fatal("an event is amended that is not there")
}

// holds lists the holds of ours that stand, by kind.
func (w *world) holds(kind string) (out []model.Event) {
	for _, e := range w.v.Agenda {
		if e.Own != nil && strings.HasPrefix(string(e.Own.Of), kind) {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b model.Event) int {
		return a.Body.Reveal().Master.Start.Wall.Compare(b.Body.Reveal().Master.Start.Wall)
	})
	return out
}

// confirm, move and delete are what an assistant does to a hold. The journal tells
// the rules about the last two, the calendar about the first.
func (w *world) confirm(e model.Event) {
	w.change(e, func(own *model.Own, o *model.Occurrence) {
		own.Confirmed, o.Status, o.Show = true, "CONFIRMED", model.Busy
	})
	w.finding(e.Own.Of, func(f *model.Finding) { f.Confirmed = true })
}

func (w *world) move(e model.Event, by time.Duration) {
	w.change(e, func(_ *model.Own, o *model.Occurrence) {
		o.Start.Wall, o.End.Wall = o.Start.Wall.Add(by), o.End.Wall.Add(by)
	})
	w.finding(e.Own.Of, func(f *model.Finding) { f.Pinned = true })
}

func (w *world) delete(e model.Event) {
	w.drop(e.Own.Of)
	w.finding(e.Own.Of, func(f *model.Finding) { f.Dismissed = true })
}

func (w *world) finding(of model.Ident, change func(*model.Finding)) {
	f := w.v.Findings[of]
	change(&f)
	w.v.Findings[of], w.touched[of] = f, true
}

func (w *world) change(e model.Event, change func(*model.Own, *model.Occurrence)) {
	for i := range w.v.Agenda {
		if x := &w.v.Agenda[i]; x.Own != nil && x.Own.Of == e.Own.Of {
			own, s := *x.Own, x.Body.Reveal()
			o := *s.Master
			own.Intact = false
			change(&own, &o)
			s.Master = &o
			x.Own, x.Body, x.Ref.Version = &own, model.Hide(s), x.Ref.Version+"e"
		}
	}
}

func titles(es []model.Event) (out []string) {
	for _, e := range es {
		out = append(out, e.Body.Reveal().Master.Summary)
	}
	return out
}

func slotted() Options {
	o := enforce()
	o.Slots, o.Notice = true, 24*time.Hour
	return o
}

func clashing() []model.Event {
	return []model.Event{
		meeting("a", wall(tuesday+"10:00"), time.Hour, ranked("internal"), title("Staff meeting")),
		meeting("b", wall(tuesday+"10:30"), time.Hour, ranked("client"), title("Client call")),
	}
}

// What an assistant does to one of the holds decides.
func TestOneHoldIsChosen(t *testing.T) {
	w := newWorld(t, slotted(), clashing()...)
	w.look()
	slots := w.holds(kindSlot)
	if got := strings.Join(titles(slots), ", "); got != "Hold 1 of 3: Staff meeting, Hold 2 of 3: Staff meeting, Hold 3 of 3: Staff meeting" || len(w.holds(kindConflict)) != 1 {
		t.Fatalf("holds: %s", got)
	}
	w.move(slots[2], 24*time.Hour)
	steps := w.look()
	if len(w.holds(kindSlot)) != 3 || kinds(steps) != "hold note" {
		t.Errorf("after a move: %v, by %s", titles(w.holds(kindSlot)), kinds(steps))
	}
	w.delete(slots[0])
	w.look()
	left := w.holds(kindSlot)
	if len(left) != 3 || slices.ContainsFunc(left, func(e model.Event) bool {
		return e.Body.Reveal().Master.Start.Wall.Equal(slots[0].Body.Reveal().Master.Start.Wall)
	}) {
		t.Errorf("after one was deleted: %v", titles(left))
	}
	w.confirm(slots[1])
	w.look()
	left = w.holds("")
	if len(left) != 2 { // the moved one is the person's, too
		t.Errorf("after one was confirmed: %v", titles(left))
	}
	for _, f := range w.v.Findings {
		if f.Note != "" {
			t.Error("a note stands although all is decided")
		}
	}
	// It takes time from now on, for others.
	at := slots[1].Body.Reveal().Master.Start.In(time.UTC)
	late := meeting("late", at, time.Hour, zoned(time.UTC), ranked("client"), title("Late"))
	w.v.Agenda = append(w.v.Agenda, late)
	w.v.Agenda[len(w.v.Agenda)-1].Body.Reveal().Master.End.Wall = at.Add(90 * time.Minute)
	w.look()
	if len(w.holds(kindConflict)) != 1 {
		t.Errorf("a meeting over the confirmed time is no conflict: %v", titles(w.holds("")))
	}
	// When the meeting itself comes to the confirmed time, the hold gives way.
	w.v.Agenda = slices.DeleteFunc(w.v.Agenda, func(e model.Event) bool { return e.Ident == late.Ident })
	for i := range w.v.Agenda {
		if e := &w.v.Agenda[i]; e.Body.Reveal().UID == "a" {
			*e = meeting("a", at, time.Hour, zoned(time.UTC), ranked("internal"), title("Staff meeting"))
		}
	}
	w.look()
	if len(w.holds(kindConflict)) != 0 {
		t.Errorf("the hold is in the way of its meeting: %v", titles(w.holds("")))
	}
}

// The hold that tells the conflict stands for all of it.
func TestDismissedTakesTheOffersAlong(t *testing.T) {
	w := newWorld(t, slotted(), clashing()...)
	w.look()
	w.delete(w.holds(kindConflict)[0])
	w.look()
	if left := w.holds(""); len(left) != 0 {
		t.Errorf("left: %v", titles(left))
	}
}

// A forgotten state: what stands is taken up, what is confirmed is a person's.
func TestSlotHoldsAreTakenUp(t *testing.T) {
	w := newWorld(t, slotted(), clashing()...)
	w.look()
	w.v.Findings = map[model.Ident]model.Finding{}
	if steps, _, _ := Settle(w.v, w.o, rankByCategory); kinds(steps) != "note" {
		t.Errorf("with the state lost: %q", kinds(steps))
	}
	slots := w.holds(kindSlot)
	w.confirm(slots[0])
	w.v.Findings = map[model.Ident]model.Finding{}
	w.look()
	if left := w.holds(""); len(left) != 1 || left[0].Own.Of != slots[0].Own.Of {
		t.Errorf("with the state lost and one confirmed: %v", titles(left))
	}
}

func TestNoTitleLeaks(t *testing.T) {
	events := clashing()
	for i := range events {
		s := events[i].Body.Reveal()
		s.Master.Organizer = model.Address{Name: "Kim", Addr: "kim@other.example"}
		s.Master.Location = "Secret room"
	}
	o := slotted()
	o.Discreet, o.Replies = true, true
	events = append(events, meeting("many", wall("2026-03-10 10:00"), time.Hour, title("Deposition Smith #hold3")))
	w := newWorld(t, o, events...)
	steps := w.look()
	said := 0
	for _, s := range steps {
		text := s.Why.Reveal()
		switch a := s.Action.(type) {
		case model.Hold:
			text += a.Body.Reveal().Summary + a.Body.Reveal().Description
		case model.Note:
			b := a.Body.Reveal()
			text += b.Subject + b.Text + b.HTML
		}
		said += len(text)
		for _, bad := range []string{"Staff", "Client call", "Secret", "Smith", "Deposition"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s says %q", s.Action.Kind(), bad)
			}
		}
	}
	if said == 0 {
		t.Error("nothing was said at all")
	}
}

// Whatever people and the clock do: one look brings all to rest, what a person
// decided is never touched, and what is chosen leaves nothing beside it.
func TestPeopleDecide(t *testing.T) {
	for seed := range int64(40) {
		r := rand.New(rand.NewSource(seed))
		o := slotted()
		o.Replies, o.Slots = r.Intn(2) == 0, r.Intn(4) > 0
		o.Resolve = []string{"propose", "tentative", "decline", "move"}[r.Intn(4)]
		w := newWorld(t, o, invited(r, randomAgenda(t, r, 14))...)
		w.v.Agenda = append(w.v.Agenda, meeting("many", wall("2026-03-05 10:00"), time.Hour, title("Board date #hold3")))
		w.look()
		for range 8 {
			switch holds := w.holds(""); {
			case len(holds) > 0 && r.Intn(5) > 0:
				e := holds[r.Intn(len(holds))]
				if w.touched[e.Own.Of] {
					break
				}
				switch r.Intn(3) {
				case 0:
					if !IsSlot(e.Own.Of) {
						w.move(e, 0)
					} else {
						w.confirm(e)
					}
				case 1:
					w.move(e, time.Duration(r.Intn(5)-2)*time.Hour)
				case 2:
					w.delete(e)
				}
			default:
				w.v.Now = w.v.Now.Add(time.Duration(r.Intn(1000)) * time.Minute)
			}
			w.look()
			w.chosenStandsAlone()
			w.offeredOnce()
		}
	}
}

// chosenStandsAlone: beside a confirmed hold stands nothing that nobody touched.
func (w *world) chosenStandsAlone() {
	w.t.Helper()
	chosen := map[string]bool{}
	for of, f := range w.v.Findings {
		if f.Confirmed {
			chosen[Root(of)] = true
		}
	}
	for _, e := range w.holds("") {
		if f := w.v.Findings[e.Own.Of]; chosen[Root(e.Own.Of)] && !f.Confirmed && !f.Pinned {
			w.t.Fatal("a hold stands beside the chosen one")
		}
	}
}

// invited gives meetings organizers and answers.
func invited(r *rand.Rand, events []model.Event) []model.Event {
	for i := range events {
		m := events[i].Body.Reveal().Master
		if m == nil {
			continue
		}
		switch r.Intn(3) {
		case 0:
			m.Organizer = model.Address{Addr: "kim@other.example"}
			m.Attendees = []model.Attendee{{Address: model.Address{Addr: "dana@firm.example"}, PartStat: []string{"ACCEPTED", "NEEDS-ACTION"}[r.Intn(2)]}}
		case 1:
			m.Organizer = model.Address{Addr: "dana@firm.example"}
		}
	}
	return events
}

// What yields is amended where the rules say so, a note says so until it is over,
// and whoever changes it back has the last word.
func TestAmends(t *testing.T) {
	asked := func(addr, answer string, more ...change) []model.Event {
		es := clashing()
		s := es[0].Body.Reveal()
		s.Master.Organizer = model.Address{Addr: addr}
		s.Master.Attendees = []model.Attendee{{Address: model.Address{Addr: "dana@firm.example"}, PartStat: answer}}
		for _, c := range more {
			c(&es[0], &s)
		}
		es[0].Body = model.Hide(s)
		return es
	}
	boss, own := "kim@other.example", "dana@firm.example"
	fixed := func(es []model.Event) []model.Event {
		es[0].Body.Reveal().Master.Categories = []string{"keep"}
		es[1].Body.Reveal().Master.Categories = []string{"court"}
		return es
	}
	open := func(es []model.Event) []model.Event {
		es[1].Body.Reveal().Master.Attendees = []model.Attendee{{Address: model.Address{Addr: own}, PartStat: "NEEDS-ACTION"}}
		return es
	}
	for _, c := range []struct {
		name    string
		resolve string
		notice  time.Duration
		events  []model.Event
		want    string // the kinds of steps
	}{
		{"declined", toDecline, 24 * time.Hour, asked(boss, "ACCEPTED"), "amend note"},
		{"answered tentatively", toTentative, 24 * time.Hour, asked(boss, "ACCEPTED"), "amend hold note hold hold hold"},
		{"moved", toMove, 24 * time.Hour, asked(own, "ACCEPTED"), "amend note"},
		{"declined once, whatever it yields to", toDecline, 24 * time.Hour,
			append(asked(boss, "ACCEPTED"), meeting("c", wall(tuesday+"09:30"), time.Hour, ranked("client"))), "amend note"},
		{"not invited by name", toDecline, 24 * time.Hour, clashing(), "hold note hold hold hold"},
		{"the organizer is the principal", toDecline, 24 * time.Hour, asked(own, "ACCEPTED"), "hold note hold hold hold"},
		{"the organizer is someone else", toMove, 24 * time.Hour, asked(boss, "ACCEPTED"), "hold note hold hold hold"},
		{"too soon", toDecline, 48 * time.Hour, asked(boss, "ACCEPTED"), "hold note hold hold hold"},
		{"answered so already", toTentative, 24 * time.Hour, asked(boss, "TENTATIVE"), "hold note hold hold hold"},
		{"the other one is not accepted", toDecline, 24 * time.Hour, open(asked(boss, "NEEDS-ACTION")), "hold note hold hold hold"},
		{"neither may move", toDecline, 24 * time.Hour, fixed(asked(boss, "ACCEPTED")), "hold note"},
		{"every instance of a series", toDecline, 24 * time.Hour, []model.Event{
			asked(boss, "ACCEPTED", repeats("FREQ=WEEKLY;COUNT=3"))[0],
			meeting("b", wall(tuesday+"10:30"), time.Hour, ranked("client"), repeats("FREQ=WEEKLY;COUNT=3")),
		}, "amend amend amend note"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := slotted()
			o.Resolve, o.Notice = c.resolve, c.notice
			w := newWorld(t, o, c.events...)
			if got := kinds(w.look()); got != c.want {
				t.Fatalf("got %q, want %q", got, c.want)
			}
			// A person takes it back: nothing is amended again, whatever happens.
			for of, f := range w.v.Findings {
				if a := f.Amended; a != nil {
					back := *a
					back.Was, back.Now, back.Base.Version = a.Now, a.Was, w.v.Agenda[0].Ref.Version
					w.amend(back, "by hand")
					w.finding(of, func(f *model.Finding) { f.Amended, f.Pinned = nil, true })
				}
			}
			if strings.HasPrefix(c.want, "amend") {
				if got := kinds(w.look()); strings.Contains(got, "amend") || !strings.Contains(got, "hold") {
					t.Errorf("after a person took it back: %q", got)
				}
			}
			w.v.Now = w.v.Now.Add(40 * 24 * time.Hour)
			w.look()
			for of, f := range w.v.Findings {
				if f.Hold != "" || f.Note != "" {
					t.Errorf("of a conflict that is over stands %s", of[:2])
				}
			}
		})
	}
}

// The record of an amend says what was done, and nothing else is left.
func TestRecords(t *testing.T) {
	es := clashing()
	es[0].Body.Reveal().Master.Organizer = model.Address{Addr: "kim@other.example"}
	es[0].Body.Reveal().Master.Attendees = []model.Attendee{{Address: model.Address{Addr: "dana@firm.example"}, PartStat: "ACCEPTED"}}
	o := slotted()
	w := newWorld(t, o, es...)
	w.look()
	w.o.Resolve = toDecline
	steps := w.look()
	n := notesOf(steps)
	if len(n) != 1 || len(w.holds("")) != 0 {
		t.Fatalf("%s, left: %v", kinds(steps), titles(w.holds("")))
	}
	golden(t, "declined.txt", n[0].Body.Reveal().Subject+"\n\n"+n[0].Body.Reveal().Text)
	golden(t, "declined.html", n[0].Body.Reveal().HTML)
	sayTheSame(t, n[0].Body.Reveal())
}

// A draft comes once for an offer, another one only in place of one that nobody
// touched.
func TestReplies(t *testing.T) {
	es := func(changes ...func(*model.Occurrence)) []model.Event {
		es := clashing()
		m := es[0].Body.Reveal().Master
		m.Organizer = model.Address{Name: "Kim Osei", Addr: "kim@other.example"}
		m.Start.Loc, m.End.Loc = zone(t, "America/New_York"), zone(t, "America/New_York")
		m.Start.Wall, m.End.Wall = wall(tuesday+"04:00"), wall(tuesday+"05:00")
		for _, c := range changes {
			c(m)
		}
		return es
	}
	drafts := func(steps []model.Step) (out []model.NoteBody) {
		for _, n := range notesOf(steps) {
			if n.Draft {
				out = append(out, n.Body.Reveal())
			}
		}
		return out
	}
	o := slotted()
	o.Replies = true
	for name, events := range map[string][]model.Event{
		"reply.txt":     es(),
		"reply-ask.txt": es(func(m *model.Occurrence) { m.NoCounter = true; m.Class = "PRIVATE"; m.Organizer.Name = "" }),
	} {
		w := newWorld(t, o, events...)
		got := drafts(w.look())
		if len(got) != 1 || got[0].To.Addr != "kim@other.example" || got[0].HTML != "" {
			t.Fatalf("%s: %+v", name, got)
		}
		golden(t, name, "From: "+got[0].From.Name+" <"+got[0].From.Addr+">\nSubject: "+got[0].Subject+"\n\n"+got[0].Text)
	}
	for name, events := range map[string][]model.Event{
		"the principal's own":    es(func(m *model.Occurrence) { m.Organizer.Addr = "DANA@firm.example" }),
		"of nobody":              es(func(m *model.Occurrence) { m.Organizer = model.Address{} }),
		"no address":             es(func(m *model.Occurrence) { m.Organizer.Addr = "kim@other.example\r\nBcc: x@y" }),
		"of a room":              es(func(m *model.Occurrence) { m.Attendees = []model.Attendee{{Address: m.Organizer, Type: "ROOM"}} }),
		"of what is never moved": es(func(m *model.Occurrence) { m.Categories = []string{"keep"} }),
	} {
		w := newWorld(t, o, events...)
		if got := drafts(w.look()); len(got) != 0 && got[0].To.Addr == strings.ToLower(events[0].Body.Reveal().Master.Organizer.Addr) {
			t.Errorf("%s: a draft to %s", name, got[0].To.Addr)
		}
	}
	w := newWorld(t, o, es()...)
	w.look()
	of := kin(kindReply, w.holds(kindConflict)[0].Own.Of)
	first := w.holds(kindSlot)[0].Body.Reveal().Master
	w.v.Agenda = append(w.v.Agenda, meeting("new", first.Start.Wall, time.Hour, zoned(time.UTC)))
	if got := kinds(w.look()); !strings.Contains(got, "drop-note") || !strings.HasSuffix(got, "note") {
		t.Errorf("when an offer is taken: %s", got)
	}
	w.finding(of, func(f *model.Finding) { f.Pinned = true }) // it was sent
	second := w.holds(kindSlot)[0].Body.Reveal().Master
	w.v.Agenda = append(w.v.Agenda, meeting("newer", second.Start.Wall, time.Hour, zoned(time.UTC)))
	w.look() // touches nothing of it
}

// Several holds at once, by a word in the title and by a request.
func TestSeveralHolds(t *testing.T) {
	w := newWorld(t, slotted(), meeting("dep", wall("2026-03-05 10:00"), 3*time.Hour, title("Deposition Smith #HOLD4")))
	w.look()
	if got := strings.Join(titles(w.holds("")), ", "); !strings.HasPrefix(got, "Hold 1 of 4: Deposition Smith, ") || len(w.holds(kindMany)) != 4 {
		t.Fatalf("%s", got)
	}
	w.delete(w.holds("")[0])
	w.look()
	if len(w.holds("")) != 4 {
		t.Errorf("after one was deleted: %v", titles(w.holds("")))
	}
	w.confirm(w.holds("")[2])
	w.look()
	if len(w.holds("")) != 1 {
		t.Errorf("after one was confirmed: %v", titles(w.holds("")))
	}
	w.v.Agenda = slices.DeleteFunc(w.v.Agenda, func(e model.Event) bool { return e.Own == nil })
	w.look()
	if len(w.holds("")) != 1 {
		t.Error("the confirmed hold went with its event")
	}

	w = newWorld(t, slotted(), meeting("dep", wall("2026-03-05 10:00"), 3*time.Hour, ranked("#hold2")))
	w.look()
	w.v.Agenda = slices.DeleteFunc(w.v.Agenda, func(e model.Event) bool { return e.Own == nil })
	w.look()
	if len(w.holds("")) != 0 {
		t.Error("the holds outlive their event")
	}

	ask := Request{Title: "Board date", Length: 2 * time.Hour, Count: 5, From: w.v.Now, Till: w.v.Now.AddDate(0, 0, 10)}
	hold := func() string {
		steps, err := BookOf(&w.v).Hold(w.v, w.o, rankByCategory, ask)
		if err != nil {
			return err.Error()
		}
		w.apply(steps)
		if again, err := BookOf(&w.v).Hold(w.v, w.o, rankByCategory, ask); !ask.Withdraw && (err != nil || len(again) != 0) {
			t.Errorf("the same request again: %v, %s", err, kinds(again))
		}
		w.look()
		return kinds(steps)
	}
	if got := hold(); got != "hold hold hold hold hold" || len(w.holds(kindMany)) != 5 {
		t.Fatalf("request: %s", got)
	}
	days := map[int]bool{}
	for _, e := range w.holds(kindMany) {
		days[e.Body.Reveal().Master.Start.Wall.YearDay()] = true
	}
	if len(days) != 5 {
		t.Errorf("the holds are on %d days", len(days))
	}
	ask.Count = 3
	if got := hold(); len(w.holds(kindMany)) != 3 {
		t.Errorf("fewer: %s", got)
	}
	ask.Withdraw = true
	if got := hold(); len(w.holds(kindMany)) != 0 {
		t.Errorf("withdrawn: %s", got)
	}
	ask.Withdraw = false
	hold()
	w.confirm(w.holds(kindMany)[1])
	w.look()
	if got := hold(); got != ErrConfirmed.Error() || len(w.holds(kindMany)) != 1 {
		t.Errorf("after one was confirmed: %s", got)
	}
	ask.Till, ask.Title = ask.From.Add(time.Hour), "Another"
	if got := hold(); got != ErrNoTime.Error() {
		t.Errorf("no time: %s", got)
	}
}
