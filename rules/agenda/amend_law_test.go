package agenda

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

// led gives an event an organizer and guests with their answers.
func led(by string, guests ...string) change {
	return master(func(o *model.Occurrence) {
		o.Organizer = model.Address{Addr: by}
		for _, g := range guests {
			addr, answer, _ := strings.Cut(g, " ")
			o.Attendees = append(o.Attendees, model.Attendee{Address: model.Address{Addr: addr}, PartStat: answer})
		}
	})
}

func amendsOf(steps []model.Step) (out []model.Amend) {
	for _, s := range steps {
		if a, ok := s.Action.(model.Amend); ok {
			out = append(out, a)
		}
	}
	return out
}

func resolving(how string) Options {
	o := slotted()
	o.Resolve = how
	return o
}

const self, boss = "dana@firm.example", "kim@other.example"

// A meeting that stands in two calendars is declined in one, and not told of the
// other; if a person takes it back, both count again.
func TestAmendsOfAMeetingInTwoCalendars(t *testing.T) {
	staff := func(source string) model.Event {
		return meeting("a", wall(tuesday+"10:00"), time.Hour, ranked("internal"), title("Staff meeting"), led(boss, self+" ACCEPTED"), in(source, "/"+source+"/a"))
	}
	court := meeting("b", wall(tuesday+"10:30"), time.Hour, ranked("client"), title("Client call"))
	for _, how := range []string{toDecline, toMove} {
		es := []model.Event{staff("work"), staff("home"), court}
		if how == toMove {
			for i := range 2 {
				es[i].Body.Reveal().Master.Organizer.Addr = self
			}
		}
		w := newWorld(t, resolving(how), es...)
		if got := kinds(w.look()); got != "amend note" {
			t.Fatalf("%s: got %q", how, got)
		}
		if got := kinds(w.look()); got != "" {
			t.Fatalf("%s: then %q", how, got)
		}
		for of, f := range w.v.Findings {
			if f.Amended != nil {
				w.finding(of, func(f *model.Finding) { f.Amended, f.Pinned = nil, true })
			}
		}
		if got := kinds(w.look()); !strings.Contains(got, "hold") || strings.Contains(got, "amend") {
			t.Errorf("%s: after a person took it back: %q", how, got)
		}
	}
}

// Meetings that move in one look, or while another move is under way, do not move
// onto each other.
func TestMovesDoNotMeet(t *testing.T) {
	var es []model.Event
	for i := range 4 {
		es = append(es, meeting(fmt.Sprint("m", i), wall(tuesday+"10:00"), time.Hour, ranked("internal"), title(fmt.Sprint("Meeting ", i)), led(self)))
	}
	es = append(es, meeting("b", wall(tuesday+"10:00"), time.Hour, ranked("client"), title("Client call")))
	w := newWorld(t, resolving(toMove), es...)
	steps, _, _ := Settle(w.v, w.o, rankByCategory)
	list := amendsOf(steps)
	if len(list) != 4 {
		t.Fatalf("%d moves of %s", len(list), kinds(steps))
	}
	apartFrom(t, list)
	// One of them is under way when the others are decided.
	for _, s := range steps {
		if a, ok := s.Action.(model.Amend); ok {
			w.v.Findings[s.Ident] = model.Finding{Open: true, Asked: &a}
			break
		}
	}
	steps, _, _ = Settle(w.v, w.o, rankByCategory)
	if rest := amendsOf(steps); len(rest) != 3 {
		t.Errorf("then %d moves", len(rest))
	} else {
		apartFrom(t, append(rest, list[0]))
	}
}

func apartFrom(t *testing.T, list []model.Amend) {
	t.Helper()
	for i, a := range list {
		for _, b := range list[:i] {
			if a.Now.Start < b.Now.End && b.Now.Start < a.Now.End {
				t.Errorf("%s and %s move to one time", a.UID, b.UID)
			}
		}
	}
}

// Notice holds for the time a meeting moves to, too.
func TestMovesGiveNotice(t *testing.T) {
	w := newWorld(t, resolving(toMove),
		meeting("a", wall(tuesday+"15:00"), time.Hour, ranked("internal"), title("Staff meeting"), led(self)),
		meeting("b", wall(tuesday+"15:30"), time.Hour, ranked("client"), title("Client call")))
	w.v.Now = w.v.Agenda[0].Body.Reveal().Master.Start.In(w.v.Principal.Zone).Add(-25 * time.Hour)
	steps, _, _ := Settle(w.v, w.o, rankByCategory)
	list := amendsOf(steps)
	if len(list) != 1 || time.Unix(int64(list[0].Now.Start), 0).Before(w.v.Now.Add(24*time.Hour)) {
		t.Errorf("%d moves: %+v", len(list), list)
	}
}

// What is made to have us move or answer what we should not stays as it is.
func TestAmendsThatWouldHarm(t *testing.T) {
	court := meeting("b", wall(tuesday+"10:30"), time.Hour, ranked("client"), title("Client call"))
	staff := func(more ...change) model.Event {
		return meeting("a", wall(tuesday+"10:00"), time.Hour, append([]change{ranked("internal"), title("Staff meeting")}, more...)...)
	}
	override := func(by string) change {
		return func(_ *model.Event, s *model.Series) {
			o := *s.Master
			at := o.Start
			o.Recurrence, o.RRule, o.Organizer = &at, "", model.Address{Addr: by}
			s.Overrides = append(s.Overrides, o)
		}
	}
	crowd := make([]string, maxTogether+1)
	for i := range crowd {
		crowd[i] = fmt.Sprintf("g%d@crowd.example ACCEPTED", i)
	}
	for _, c := range []struct {
		name, how string
		e         model.Event
		amends    int
	}{
		{"a town is invited", toMove, staff(led(self, crowd...)), 0},
		{"a hundred are invited", toMove, staff(led(self, crowd[1:]...)), 1},
		{"the override alone names the principal", toMove, staff(led(boss), repeats("FREQ=WEEKLY;COUNT=3"), override(self)), 0},
		{"the series alone names the principal", toMove, staff(led(self), repeats("FREQ=WEEKLY;COUNT=3"), override(boss)), 0},
		{"the principal leads the series", toDecline, staff(led(self, self+" ACCEPTED"), repeats("FREQ=WEEKLY;COUNT=3"), override(boss)), 0},
		{"the organizer would not be told", toDecline, staff(led(boss, self+" ACCEPTED"), master(func(o *model.Occurrence) { o.Untold = true })), 0},
		{"delegated", toDecline, staff(led(boss, self+" DELEGATED")), 0},
		{"two answers", toDecline, staff(led(boss, self+" ACCEPTED", strings.ToUpper(self)+" TENTATIVE")), 0},
		{"in a zone", toMove, staff(led(self), master(func(o *model.Occurrence) { o.Start.Loc, o.End.Loc = time.UTC, time.UTC })), 1},
		{"a zone nobody knows", toMove, staff(led(self), master(func(o *model.Occurrence) { o.Start.Unsure, o.End.Unsure = true, true })), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, resolving(c.how), c.e, court)
			steps, _, _ := Settle(w.v, w.o, rankByCategory)
			list := amendsOf(steps)
			if len(list) != c.amends {
				t.Fatalf("%s", kinds(steps))
			}
			if c.amends == 0 {
				return
			}
			if floating := c.e.Body.Reveal().Master.Start.Loc == nil; (list[0].Zone != nil) != floating {
				t.Errorf("zone %v", list[0].Zone)
			}
			b, err := model.EncodeStep(steps[0])
			if err != nil {
				t.Fatal(err)
			}
			back, err := model.DecodeStep(b)
			if a, ok := back.Action.(model.Amend); err != nil || !ok || fmt.Sprint(a.Zone) != fmt.Sprint(list[0].Zone) || Stands(&c.e, a) {
				t.Errorf("from the journal: %v, %+v", err, a)
			}
		})
	}
}

// A meeting that yields to several is changed once.
func TestOneAmendForSeveralConflicts(t *testing.T) {
	for _, how := range []string{toMove, toDecline} {
		by := map[string]string{toMove: self, toDecline: boss}[how]
		w := newWorld(t, resolving(how),
			meeting("a", wall(tuesday+"10:00"), 2*time.Hour, ranked("internal"), title("Staff meeting"), led(by, self+" ACCEPTED")),
			meeting("b", wall(tuesday+"10:00"), time.Hour, ranked("client"), title("Client call")),
			meeting("c", wall(tuesday+"11:00"), time.Hour, ranked("client"), title("Another call")))
		steps, _, _ := Settle(w.v, w.o, rankByCategory)
		if n := len(amendsOf(steps)); n != 1 {
			t.Errorf("%s: %d changes of one meeting: %s", how, n, kinds(steps))
		}
	}
}
