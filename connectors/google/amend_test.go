package google

import (
	"fmt"
	"testing"
	"time"

	"chancery/connectors/connectortest"
	"chancery/internal/ical"
	"chancery/internal/model"
)

const amendUID = "meeting@board.example"

// invited is a meeting of another one.
func invited(answer string, more ...any) fields {
	return event("Board", 2, append([]any{"iCalUID", amendUID, "organizer", fields{"email": "chair@board.example"}, "attendees", guestsWith(answer)}, more...)...)
}

func guestsWith(answer string) []fields {
	return []fields{{"email": "chair@board.example", "responseStatus": "accepted", "organizer": true}, {"email": "gc@firm.example", "responseStatus": answer, "comment": "late"}, {"email": "c@board.example"}}
}

func (f *follower) amendment(id string, was, now model.Amended) model.Amend {
	f.t.Helper()
	f.pull()
	return model.Amend{UID: amendUID, Of: "f:1", Self: model.Hide([]string{"gc@firm.example"}), Base: f.events[model.Name(id)].Ref, Was: was, Now: now}
}

func answer(s string) model.Amended { return model.Amended{Answer: s} }

func span(day, hour int) model.Amended {
	at := time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC).Unix()
	return model.Amended{Start: model.UnixTime(at), End: model.UnixTime(at + 3600)}
}

func responses(e fields) (out []string) {
	list, _ := e["attendees"].([]any)
	for _, a := range list {
		out = append(out, fmt.Sprint(a.(fields)["responseStatus"]))
	}
	return out
}

// TestAnswerLeavesTheOthersAlone: a patch with a list would replace all guests.
func TestAnswerLeavesTheOthersAlone(t *testing.T) {
	g := connectortest.NewGoogle(t)
	id := g.PersonInsert(t, g.Self, invited("accepted", "description", "Papers", "extendedProperties", fields{"private": fields{"theirs": "1"}}))
	f := follow(t, options(g))
	r := f.apply(f.amendment(id, answer("ACCEPTED"), answer("DECLINED")))
	wantResult(t, r, model.Done, "")
	e := g.Event(t, g.Self, id)
	if got := fmt.Sprint(responses(e)); got != "[accepted declined needsAction]" {
		t.Errorf("answers %s", got)
	}
	if e["description"] != "Papers" || e["extendedProperties"] == nil || len(g.Mails()) != 0 {
		t.Errorf("left is %v", e)
	}
	for _, c := range g.Calls() {
		if c.Method == "PATCH" && (c.IfMatch == "" || len(c.Body) != 2 || c.Query.Get("sendUpdates") != "none") {
			t.Errorf("sent %v if %q", c.Body, c.IfMatch)
		}
	}
	f.pull()
	if f.events[model.Name(id)].Ref != r.Ref {
		t.Error("it comes back in another version")
	}
}

// TestAnswerToASeries: what of it was answered alone counts, too; a crash between
// is mended by the same step.
func TestAnswerToASeries(t *testing.T) {
	start := func(t *testing.T) (*connectortest.Google, *follower, string) {
		g := connectortest.NewGoogle(t)
		id := g.PersonInsert(t, g.Self, invited("accepted", "recurrence", []string{"RRULE:FREQ=WEEKLY;COUNT=5"}))
		g.PersonPatch(t, g.Self, id+"_20260309T090000Z", fields{"location": "Room 2"})
		g.PersonDelete(t, g.Self, id+"_20260316T090000Z")
		return g, follow(t, options(g)), id
	}
	both := func(g *connectortest.Google, t *testing.T, id string) string {
		return responses(g.Event(t, g.Self, id))[1] + " " + responses(g.Event(t, g.Self, id+"_20260309T090000Z"))[1]
	}
	g, f, id := start(t)
	a := f.amendment(id, answer("ACCEPTED"), answer("TENTATIVE"))
	g.Fail(connectortest.GoogleFault{Method: "PATCH"}) // the exception goes through
	g.Fail(connectortest.GoogleFault{Method: "PATCH", Cut: true})
	if _, err := f.s.Apply(t.Context(), []model.Step{{Action: a}}); err == nil || both(g, t, id) != "accepted tentative" {
		t.Fatalf("error %v, answers %s", err, both(g, t, id))
	}
	f.s = mustOpen(t, options(g))
	r, err := f.s.Apply(t.Context(), []model.Step{{Action: a, Again: true}})
	if err != nil || r[0].Outcome != model.Done || both(g, t, id) != "tentative tentative" {
		t.Fatalf("%v, %+v, answers %s", err, r, both(g, t, id))
	}
	if r := f.apply(a); !r.Already {
		t.Errorf("again: outcome %d", r.Outcome)
	}
	// A person's own answer to one meeting is not among what is replaced.
	g, f, id = start(t)
	g.PersonPatch(t, g.Self, id+"_20260309T090000Z", fields{"attendees": guestsWith("declined")})
	wantResult(t, f.apply(f.amendment(id, answer("ACCEPTED"), answer("TENTATIVE"))), model.Done, "")
	if got := both(g, t, id); got != "tentative declined" {
		t.Errorf("answers %s", got)
	}
	// What stood before could not be told when it is taken back.
	wantResult(t, f.apply(f.amendment(id, answer("TENTATIVE"), answer("DECLINED"))), model.Refused, ical.AmendMixed)
}

func TestMoveKeepsTheZone(t *testing.T) {
	for _, test := range []struct {
		name       string
		start, end fields
		was, now   model.Amended
		want       string
	}{
		{"zone", fields{"dateTime": "2026-03-27T09:00:00+01:00", "timeZone": "Europe/Berlin"}, fields{"dateTime": "2026-03-27T10:00:00+01:00", "timeZone": "Europe/Berlin"},
			span(27, 8), span(30, 8), "2026-03-30T10:00:00+02:00 Europe/Berlin"},
		{"UTC", clock(2, 9), clock(2, 10), span(2, 9), span(4, 15), "2026-03-04T16:00:00+01:00 UTC"}, // shown in the calendar's zone
		{"days", fields{"date": "2026-03-02"}, fields{"date": "2026-03-03"}, model.Amended{Start: 1772409600, End: 1772496000}, model.Amended{Start: 1772496000, End: 1772582400}, "2026-03-03"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := connectortest.NewGoogle(t)
			id := g.PersonInsert(t, g.Self, event("Mine", 2, "iCalUID", amendUID, "start", test.start, "end", test.end))
			f := follow(t, options(g))
			wantResult(t, f.apply(f.amendment(id, test.was, test.now)), model.Done, "")
			s := g.Event(t, g.Self, id)["start"].(fields)
			got := fmt.Sprint(s["date"])
			if s["dateTime"] != nil {
				got = fmt.Sprint(s["dateTime"], " ", s["timeZone"])
			}
			if got != test.want {
				t.Errorf("moved to %s, want %s", got, test.want)
			}
			wantResult(t, f.apply(f.amendment(id, test.now, test.was)), model.Done, "")
		})
	}
}

// TestAmendsThatAreRefused: nothing is written for them.
func TestAmendsThatAreRefused(t *testing.T) {
	class := func(s string) model.Amended { return model.Amended{Class: s} }
	instance := model.Time{Wall: time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC), Loc: time.UTC}
	weekly := []string{"RRULE:FREQ=WEEKLY;COUNT=5"}
	for _, test := range []struct {
		name     string
		event    fields
		was, now model.Amended
		instance model.Time
		code     string
	}{
		{"another's time", invited("accepted"), span(2, 9), span(3, 9), model.Time{}, "not-organizer"},
		{"another's class", invited("accepted"), class("PUBLIC"), class("PRIVATE"), model.Time{}, "not-organizer"},
		{"own meeting's answer", invited("accepted", "organizer", fields{"email": "gc@firm.example", "self": true}), answer("ACCEPTED"), answer("DECLINED"), model.Time{}, "not-invited"},
		{"nobody is invited", event("A", 2, "iCalUID", amendUID), answer("ACCEPTED"), answer("DECLINED"), model.Time{}, "not-invited"},
		{"time of a series", event("A", 2, "iCalUID", amendUID, "recurrence", weekly), span(2, 9), span(3, 9), model.Time{}, "no-instance"},
		{"instance of no series", invited("accepted"), answer("ACCEPTED"), answer("DECLINED"), instance, "no-instance"},
		{"class of an instance", event("A", 2, "iCalUID", amendUID, "recurrence", weekly), class("PUBLIC"), class("PRIVATE"), instance, "not-amendable"},
		{"two things", invited("accepted"), answer("ACCEPTED"), model.Amended{Answer: "DECLINED", Class: "PRIVATE"}, model.Time{}, "not-amendable"},
		{"nothing", invited("accepted"), answer("ACCEPTED"), answer("ACCEPTED"), model.Time{}, "not-amendable"},
		{"an answer that is none", invited("accepted"), answer("ACCEPTED"), answer("MAYBE"), model.Time{}, "not-amendable"},
		{"tagged", event("A", 2, "iCalUID", amendUID, "extendedProperties", fields{"private": fields{"chancery": "x"}}), class("PUBLIC"), class("PRIVATE"), model.Time{}, "not-amendable"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := connectortest.NewGoogle(t)
			id := g.PersonInsert(t, g.Self, test.event)
			f := follow(t, options(g))
			a := f.amendment(id, test.was, test.now)
			a.Instance = test.instance
			wantResult(t, f.apply(a), model.Refused, test.code)
			if n := connectortest.Writes(g.Calls()); n != 0 {
				t.Errorf("%d writes", n)
			}
		})
	}
}

// TestAmendWhereAPersonIsQuicker: between reading and writing.
func TestAmendWhereAPersonIsQuicker(t *testing.T) {
	for _, test := range []struct {
		name    string
		edit    fields
		outcome model.Outcome
		code    string
	}{
		{"another text", fields{"description": "Read this"}, model.Stale, "changed"},
		{"another answer", fields{"attendees": guestsWith("declined")}, model.Stale, "changed"},
		{"the same answer", fields{"attendees": guestsWith("tentative")}, model.Done, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := connectortest.NewGoogle(t)
			id := g.PersonInsert(t, g.Self, invited("accepted"))
			f := follow(t, options(g))
			a := f.amendment(id, answer("ACCEPTED"), answer("TENTATIVE"))
			g.Fail(connectortest.GoogleFault{Method: "PATCH", Before: func() { g.PersonPatch(t, g.Self, id, test.edit) }})
			wantResult(t, f.apply(a), test.outcome, test.code)
			e := g.Event(t, g.Self, id)
			for k, v := range test.edit {
				if k == "description" && e[k] != v {
					t.Error("a person's edit is gone")
				}
			}
		})
	}
	g := connectortest.NewGoogle(t)
	id := g.PersonInsert(t, g.Self, invited("accepted"))
	f := follow(t, options(g))
	a := f.amendment(id, answer("ACCEPTED"), answer("TENTATIVE"))
	g.Fail(connectortest.GoogleFault{Method: "PATCH", Before: func() { g.PersonDelete(t, g.Self, id) }})
	wantResult(t, f.apply(a), model.Lost, "")
	// And a lost answer is found.
	id = g.PersonInsert(t, g.Self, invited("accepted"))
	a = f.amendment(id, answer("ACCEPTED"), answer("TENTATIVE"))
	g.Fail(connectortest.GoogleFault{Method: "PATCH", Lost: true})
	if _, err := f.s.Apply(t.Context(), []model.Step{{Action: a}}); err == nil {
		t.Fatal("a lost answer was seen")
	}
	if r := f.apply(a); r.Outcome != model.Done || !r.Already {
		t.Errorf("again: outcome %d", r.Outcome)
	}
}

// TestAmendADayOfASeries: instances of whole days are named by their date.
func TestAmendADayOfASeries(t *testing.T) {
	g := connectortest.NewGoogle(t)
	id := g.PersonInsert(t, g.Self, invited("accepted", "start", fields{"date": "2026-03-02"}, "end", fields{"date": "2026-03-03"}, "recurrence", []string{"RRULE:FREQ=WEEKLY;COUNT=5"}))
	f := follow(t, options(g))
	a := f.amendment(id, answer("ACCEPTED"), answer("DECLINED"))
	a.Instance = model.Time{Wall: time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC), Date: true}
	wantResult(t, f.apply(a), model.Done, "")
	if e := g.Event(t, g.Self, id+"_20260309"); e == nil || responses(e)[1] != "declined" {
		t.Errorf("the instance says %v", e)
	}
	day := a.Instance
	a = f.amendment(id, answer("ACCEPTED"), answer("DECLINED"))
	a.Instance = day
	a.Instance.Wall = day.Wall.AddDate(0, 0, 1)
	wantResult(t, f.apply(a), model.Refused, "no-instance")
}
