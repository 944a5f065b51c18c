package google

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/ical"
	"chancery/internal/model"
)

type fields = map[string]any

func clock(day, hour int) fields {
	return fields{"dateTime": fmt.Sprintf("2026-03-%02dT%02d:00:00Z", day, hour), "timeZone": "UTC"}
}

// event is a meeting of an hour.
func event(title string, day int, more ...any) fields {
	e := fields{"summary": title, "start": clock(day, 9), "end": clock(day, 10)}
	for i := 0; i+1 < len(more); i += 2 {
		e[more[i].(string)] = more[i+1]
	}
	return e
}

func series(title string, more ...any) fields {
	return event(title, 2, append([]any{"recurrence", []any{"RRULE:FREQ=WEEKLY;COUNT=5"}}, more...)...)
}

// follower applies what a Source reports.
type follower struct {
	t      testing.TB
	s      *Source
	cursor connectors.Cursor
	events map[model.Name]model.Change
	whole  bool
}

func follow(t testing.TB, o Options) *follower {
	return &follower{t: t, s: mustOpen(t, o), events: map[model.Name]model.Change{}}
}

func (f *follower) pull() []model.Change {
	f.t.Helper()
	out, err := f.try()
	if err != nil {
		f.t.Fatalf("pull: %v", err)
	}
	return out
}

func (f *follower) try() (out []model.Change, err error) {
	for range 1000 {
		b, err := f.s.Pull(f.t.Context(), f.cursor)
		if err != nil {
			return out, err
		}
		for _, c := range b.Changes {
			if c.Op == model.Gone {
				delete(f.events, c.Ref.Href)
			} else {
				f.events[c.Ref.Href] = c
			}
		}
		f.cursor, f.whole = b.Next, b.Whole
		out = append(out, b.Changes...)
		if !b.More {
			return out, nil
		}
	}
	f.t.Fatal("pull never ends")
	return nil, nil
}

// says describes an event: what its master and each override say.
func (f *follower) says(id string) string {
	c, ok := f.events[model.Name(id)]
	switch {
	case !ok:
		return "nothing"
	case c.Event == nil:
		return "unreadable " + c.Fault.Code
	}
	s := c.Event.Body.Reveal()
	var out []string
	if s.Master != nil {
		out = append(out, s.Master.Summary)
	}
	for _, o := range s.Overrides {
		out = append(out, fmt.Sprintf("%s %s at %s", o.Recurrence.In(time.UTC).UTC().Format("01-02"), strings.ToLower(o.Status), o.Start.In(time.UTC).UTC().Format("01-02T15")))
	}
	slices.Sort(out[min(1, len(out)):])
	return strings.Join(out, ", ")
}

// TestOneExceptionMakesAWholeEvent: a change of one instance is told alone, and
// reported with its series, also by a Source that knows nothing of it.
func TestOneExceptionMakesAWholeEvent(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprint("restart=", restart), func(t *testing.T) {
			g := connectortest.NewGoogle(t)
			id := g.PersonInsert(t, g.Self, series("Weekly"))
			g.PersonPatch(t, g.Self, id+"_20260316T090000Z", fields{"start": clock(17, 9), "end": clock(17, 10)})
			f := follow(t, options(g))
			f.pull()
			step := func(what, want string) {
				t.Helper()
				if restart {
					f.s = mustOpen(t, options(g))
				}
				if got := f.pull(); len(got) != 1 || f.says(id) != want {
					t.Errorf("%s: %d changes, %q; want %q", what, len(got), f.says(id), want)
				}
			}
			if got := f.says(id); got != "Weekly, 03-16 confirmed at 03-17T09" {
				t.Fatalf("listed as %q", got)
			}
			first := f.events[model.Name(id)].Ref.Version
			g.PersonPatch(t, g.Self, id+"_20260309T090000Z", fields{"start": clock(9, 14), "end": clock(9, 15)})
			step("moved", "Weekly, 03-09 confirmed at 03-09T14, 03-16 confirmed at 03-17T09")
			if f.events[model.Name(id)].Ref.Version == first {
				t.Error("the version is that of the series alone")
			}
			g.PersonDelete(t, g.Self, id+"_20260323T090000Z")
			step("cancelled", "Weekly, 03-09 confirmed at 03-09T14, 03-16 confirmed at 03-17T09, 03-23 cancelled at 03-23T09")
			g.PersonPatch(t, g.Self, id, fields{"summary": "Renamed"})
			step("renamed", "Renamed, 03-09 confirmed at 03-09T14, 03-16 confirmed at 03-17T09, 03-23 cancelled at 03-23T09")
			g.PersonPatch(t, g.Self, id, fields{"recurrence": nil})
			g.PersonDelete(t, g.Self, id)
			step("deleted", "nothing")
			if got := f.pull(); len(got) != 0 {
				t.Errorf("%d changes after nothing", len(got))
			}
		})
	}
}

// TestSeriesIsReadAgainOnlyIfNeeded: asking costs quota.
func TestSeriesIsReadAgainOnlyIfNeeded(t *testing.T) {
	g := connectortest.NewGoogle(t)
	f := follow(t, options(g))
	f.pull()
	id := g.PersonInsert(t, g.Self, series("Weekly"))
	g.PersonPatch(t, g.Self, id+"_20260309T090000Z", fields{"summary": "Other"})
	g.PersonInsert(t, g.Self, event("Alone", 3))
	g.Calls()
	if f.pull(); len(g.Calls()) != 1 {
		t.Error("what is new was read again")
	}
	g.PersonPatch(t, g.Self, id, fields{"summary": "Renamed"})
	if f.pull(); len(g.Calls()) != 2 || !strings.HasPrefix(f.says(id), "Renamed, 03-09") {
		t.Errorf("the series is %q", f.says(id))
	}
}

// TestOrphan: who is invited to one meeting of a series sees no series.
func TestOrphan(t *testing.T) {
	g := connectortest.NewGoogle(t)
	orphan := event("Only this", 9, "id", "faraway_20260309T090000Z", "recurringEventId", "faraway", "originalStartTime", clock(9, 9), "iCalUID", "far@board.example")
	g.PersonInsert(t, g.Self, orphan)
	f := follow(t, options(g))
	f.pull()
	if got := f.says("faraway"); got != "03-09 confirmed at 03-09T09" {
		t.Fatalf("the orphan is %q", got)
	}
	if c := f.events["faraway"]; c.Ident != ical.Ident("far@board.example", "") {
		t.Error("it is not named by its UID")
	}
	second := maps.Clone(orphan)
	second["id"], second["originalStartTime"], second["start"], second["end"] = "faraway_20260316T090000Z", clock(16, 9), clock(16, 11), clock(16, 12)
	g.PersonInsert(t, g.Self, second)
	if f.pull(); f.says("faraway") != "03-09 confirmed at 03-09T09, 03-16 confirmed at 03-16T11" {
		t.Errorf("with another one it is %q", f.says("faraway"))
	}
	g.PersonDelete(t, g.Self, "faraway_20260309T090000Z")
	if f.pull(); f.says("faraway") != "03-09 cancelled at 03-09T09, 03-16 confirmed at 03-16T11" {
		t.Errorf("with one cancelled it is %q", f.says("faraway"))
	}
	g.PersonDelete(t, g.Self, "faraway_20260316T090000Z")
	if f.pull(); f.says("faraway") != "nothing" {
		t.Errorf("with both cancelled it is %q", f.says("faraway"))
	}
}

// TestExpired: a token that is gone makes the caller start again; what vanished in
// the meantime is found by comparing.
func TestExpired(t *testing.T) {
	for _, reason := range []string{"fullSyncRequired", "updatedMinTooLongAgo"} {
		t.Run(reason, func(t *testing.T) {
			g := connectortest.NewGoogle(t)
			g.PageSize = 3
			var ids []string
			for i := range 10 {
				ids = append(ids, g.PersonInsert(t, g.Self, event(fmt.Sprint("Meeting ", i), i+1)))
			}
			f := follow(t, options(g))
			f.pull()
			g.PersonDelete(t, g.Self, ids[4])
			g.Forget(t, g.Self, ids[4]) // "will eventually disappear"
			g.ForgetTokens(reason)
			if _, err := f.try(); err != connectors.ErrCursorExpired {
				t.Fatalf("pull: %v", err)
			}
			f.cursor = ""
			got := f.pull()
			if !f.whole || len(got) != 10 || got[0].Op != model.Gone || string(got[0].Ref.Href) != ids[4] || got[0].Ident == "" || len(f.events) != 9 {
				t.Errorf("%d changes, first %d, %d events", len(got), got[0].Op, len(f.events))
			}
		})
	}
}

// TestCursorIsOfItsParameters: Google gives the same token for other searches, and
// with it a mixture.
func TestCursorIsOfItsParameters(t *testing.T) {
	g := connectortest.NewGoogle(t)
	f := follow(t, options(g))
	f.pull()
	for name, o := range map[string]func(*Options){
		"another calendar": func(o *Options) { o.Match = "Work" },
	} {
		o2 := options(g)
		o(&o2)
		if _, err := mustOpen(t, o2).Pull(t.Context(), f.cursor); err != connectors.ErrCursorExpired {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := mustOpen(t, options(g))
	other.page = 7
	other.params = other.paramHash()
	if _, err := other.Pull(t.Context(), f.cursor); err != connectors.ErrCursorExpired {
		t.Errorf("other parameters: %v", err)
	}
	for _, c := range g.Calls() {
		if c.Query.Get("syncToken") != "" {
			t.Error("the token was sent")
		}
	}
}

// TestTokenOnlyFromTheLastPage: a listing that breaks off gives no cursor.
func TestTokenOnlyFromTheLastPage(t *testing.T) {
	g := connectortest.NewGoogle(t)
	g.PageSize = 2
	for i := range 5 {
		g.PersonInsert(t, g.Self, event(fmt.Sprint("Meeting ", i), i+1))
	}
	f := follow(t, options(g))
	g.Fail(connectortest.GoogleFault{Path: "/events"}) // the first page goes through
	g.Fail(connectortest.GoogleFault{Path: "/events", Status: 500, Reason: "backendError"})
	if _, err := f.try(); err == nil || f.cursor != "" || len(f.events) != 0 {
		t.Fatalf("error %v, %d events", err, len(f.events))
	}
	if f.pull(); len(f.events) != 5 {
		t.Errorf("%d events", len(f.events))
	}
	for name, body := range map[string]string{
		"no token at all":      `{"items":[]}`,
		"the same page again":  `{"items":[],"nextPageToken":"x"}`,
		"a token of no string": `{"items":[],"nextSyncToken":7}`,
		"no JSON":              `<html>`,
	} {
		g.Fail(connectortest.GoogleFault{Path: "/events", Body: body, Times: 3})
		s := mustOpen(t, options(g))
		if _, err := s.Pull(t.Context(), ""); err == nil {
			t.Errorf("%s is taken", name)
		} else if class, _ := connectors.Classify(err); class != connectors.Protocol {
			t.Errorf("%s: %v", name, err)
		}
		for range 3 { // what is left of the fault
			_, _ = s.Pull(t.Context(), "")
		}
	}
}

// TestMassLoss: an empty calendar is not believed at once, whatever Source asks.
func TestMassLoss(t *testing.T) {
	for _, test := range []struct {
		have, lost int
		held       bool
	}{
		{60, 60, true}, {60, 25, true}, {60, 18, false}, {5, 5, true}, {4, 4, false}, {200, 40, false},
	} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d of %d, restart %v", test.lost, test.have, restart), func(t *testing.T) {
				g := connectortest.NewGoogle(t)
				var ids []string
				for i := range test.have {
					ids = append(ids, g.PersonInsert(t, g.Self, event("Meeting", i%28+1)))
				}
				o := options(g)
				f := follow(t, o)
				if f.pull(); connectors.Counted(f.cursor) != test.have {
					t.Fatalf("the cursor counts %d", connectors.Counted(f.cursor))
				}
				for _, id := range ids[:test.lost] {
					g.Forget(t, g.Self, id)
				}
				o.Known, o.Guard = connectors.Counted(f.cursor), &connectors.Loss{}
				f.s.o.Guard = o.Guard
				for try := range 3 {
					if restart {
						f.s = mustOpen(t, o)
					}
					if try == 2 {
						f.s.confirm = 0
					}
					f.cursor = ""
					_, err := f.try()
					if held := test.held && try < 2; held != (err != nil) {
						t.Fatalf("try %d: %v", try, err)
					} else if _, code := connectors.Classify(err); held && code != "mass-loss" {
						t.Errorf("code %s", code)
					}
				}
				if connectors.Counted(f.cursor) != test.have-test.lost {
					t.Errorf("the cursor counts %d", connectors.Counted(f.cursor))
				}
			})
		}
	}
}

// TestManySeriesInBatches: what must be read again is read in pieces, and a caller
// that fails between them may go back.
func TestManySeriesInBatches(t *testing.T) {
	g := connectortest.NewGoogle(t)
	var ids []string
	for i := range batchAsked + 5 {
		id := g.PersonInsert(t, g.Self, series(fmt.Sprint("Weekly ", i)))
		g.PersonDelete(t, g.Self, id+"_20260309T090000Z")
		ids = append(ids, id)
	}
	f := follow(t, options(g))
	f.pull()
	for _, id := range ids {
		g.PersonPatch(t, g.Self, id, fields{"location": "Room 1"})
	}
	first, err := f.s.Pull(t.Context(), f.cursor)
	if err != nil || !first.More || len(first.Changes) != batchAsked {
		t.Fatalf("%d changes, more %v, %v", len(first.Changes), first.More, err)
	}
	for range 2 {
		if b, err := f.s.Pull(t.Context(), first.Next); err != nil || b.More || len(b.Changes) != 5 || !strings.HasPrefix(string(b.Next), "c:45:s:") {
			t.Fatalf("%d changes, more %v, %v", len(b.Changes), b.More, err)
		}
	}
}

// TestReadOnly: nothing is ever written where it may not be.
func TestReadOnly(t *testing.T) {
	g := connectortest.NewGoogle(t)
	g.AddCalendar("read@firm.example", "Read", "reader")
	g.AddCalendar("dim@firm.example", "Dim", "freeBusyReader")
	hold := model.Step{ID: "1", Action: model.Hold{UID: "h@chancery", Body: model.Hide(model.HoldBody{Start: 1772442000, End: 1772445600})}}
	for _, o := range []Options{{Match: "Read"}, {ReadOnly: true}} {
		x := options(g)
		x.Match, x.ReadOnly = o.Match, o.ReadOnly
		s := mustOpen(t, x)
		if r, err := s.Apply(t.Context(), []model.Step{hold}); err != nil || r[0].Outcome != model.Refused || r[0].Code != "read-only" {
			t.Errorf("%+v, %v", r, err)
		}
	}
	for match, code := range map[string]string{"Dim": "no-access", "Absent": "no-calendar"} {
		x := options(g)
		x.Match = match
		_, err := Open(t.Context(), x)
		if class, got := connectors.Classify(err); class != connectors.Config || got != code {
			t.Errorf("%s: %v", match, err)
		}
	}
	if n := connectortest.Writes(g.Calls()); n != 0 {
		t.Errorf("%d writes", n)
	}
}

// TestWhichCalendar: by id, by name, the principal's own; made only if it may be.
func TestWhichCalendar(t *testing.T) {
	g := connectortest.NewGoogle(t)
	g.AddCalendar("w2@group.calendar.example", "work", "owner")
	g.AddCalendar("t1@group.calendar.example", "Twice", "owner")
	g.AddCalendar("t2@group.calendar.example", "Twice", "owner")
	for match, want := range map[string]string{
		"": g.Self, "primary": g.Self, "Work": "work@group.calendar.example", "work": "w2@group.calendar.example", "T2@group.calendar.example": "t2@group.calendar.example",
	} {
		o := options(g)
		o.Match = match
		if s := mustOpen(t, o); s.calendar != want {
			t.Errorf("%q is %s", match, s.calendar)
		}
	}
	o := options(g)
	o.Match = "Twice"
	if _, err := Open(t.Context(), o); err == nil {
		t.Error("one of two was taken")
	} else if _, code := connectors.Classify(err); code != "ambiguous-calendar" {
		t.Errorf("code %s", code)
	}
	o.Match, o.Create = "Holds", true
	// The answer is lost, and the next start finds what was made.
	g.Fail(connectortest.GoogleFault{Method: http.MethodPost, Path: "calendars", Lost: true})
	if _, err := Open(t.Context(), o); err == nil {
		t.Error("a lost answer was seen")
	}
	a, b := mustOpen(t, o), mustOpen(t, o)
	if a.calendar != b.calendar || a.calendar == "" {
		t.Errorf("made %s and %s", a.calendar, b.calendar)
	}
}
