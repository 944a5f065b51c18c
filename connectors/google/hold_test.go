package google

import (
	"fmt"
	"strings"
	"testing"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/model"
)

func holdOf(version string, more ...func(*model.Hold, *model.HoldBody)) model.Hold {
	h := model.Hold{UID: "hold@chancery", Of: "f:1", Digest: version}
	b := model.HoldBody{Start: 1772442000, End: 1772445600, Stamp: 1772000000, Summary: "Conflict " + version, Description: "Keep: Hearing\nYields: Lunch"}
	for _, f := range more {
		f(&h, &b)
	}
	h.Body = model.Hide(b)
	return h
}

func (f *follower) apply(a model.Action) model.Result {
	f.t.Helper()
	r, err := f.s.Apply(f.t.Context(), []model.Step{{ID: "1", Action: a}})
	if err != nil || len(r) != 1 || r[0].ID != "1" {
		f.t.Fatalf("apply: %v, %d results", err, len(r))
	}
	return r[0]
}

func (f *follower) own() *model.Own {
	f.t.Helper()
	f.pull()
	c := f.events[model.Name(eventID("hold@chancery"))]
	if c.Event == nil {
		f.t.Fatal("the hold is not there")
	}
	return c.Event.Own
}

func wantResult(t testing.TB, r model.Result, outcome model.Outcome, code string) {
	t.Helper()
	if r.Outcome != outcome || r.Code != code {
		t.Fatalf("outcome %d, code %q; want %d, %q", r.Outcome, r.Code, outcome, code)
	}
}

// TestHoldOnTheWire: what Google is asked to store.
func TestHoldOnTheWire(t *testing.T) {
	for _, test := range []struct {
		name string
		with func(*model.Hold, *model.HoldBody)
		want string
	}{
		{"asks", func(*model.Hold, *model.HoldBody) {}, "tentative transparent  2026-03-02T09:00:00Z 2026-03-02T10:00:00Z"},
		{"private", func(_ *model.Hold, b *model.HoldBody) { b.Private = true }, "tentative transparent private 2026-03-02T09:00:00Z 2026-03-02T10:00:00Z"},
		{"blocks", func(_ *model.Hold, b *model.HoldBody) { b.Blocks = true }, "confirmed opaque  2026-03-02T09:00:00Z 2026-03-02T10:00:00Z"},
		{"day", func(_ *model.Hold, b *model.HoldBody) { b.Date, b.Start, b.End = true, 1772409600, 1772496000 }, "tentative transparent  2026-03-02 2026-03-03"},
		{"day without end", func(_ *model.Hold, b *model.HoldBody) { b.Date, b.Start, b.End = true, 1772409600, 0 }, "tentative transparent  2026-03-02 2026-03-03"},
		{"end before start", func(_ *model.Hold, b *model.HoldBody) { b.End = 5 }, "tentative transparent  2026-03-02T09:00:00Z 2026-03-02T09:00:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := connectortest.NewGoogle(t)
			f := follow(t, options(g))
			r := f.apply(holdOf("v1", test.with))
			wantResult(t, r, model.Done, "")
			for _, c := range g.Calls() {
				if c.Method != "POST" {
					continue
				}
				start, _ := c.Body["start"].(fields)
				end, _ := c.Body["end"].(fields)
				show := func(m fields) string {
					if d, ok := m["date"].(string); ok {
						return d
					}
					return fmt.Sprint(m["dateTime"])
				}
				visibility, _ := c.Body["visibility"].(string)
				if got := fmt.Sprint(c.Body["status"], " ", c.Body["transparency"], " ", visibility, " ", show(start), " ", show(end)); got != test.want {
					t.Errorf("sent %s, want %s", got, test.want)
				}
				if c.Query.Get("sendUpdates") != "none" || c.Body["attendees"] != nil || c.Body["location"] != nil || fmt.Sprint(c.Body["reminders"]) != "map[useDefault:false]" {
					t.Errorf("sent %v with %v", c.Body, c.Query)
				}
			}
			if own := f.own(); own == nil || !own.Intact || own.Confirmed || own.Of != "f:1" || own.Digest != "v1" {
				t.Errorf("it comes back as %+v", own)
			}
			if c := f.events[r.Ref.Href]; c.Ref != r.Ref || !c.Event.Tagged || c.Event.Body.Reveal().UID != "hold@chancery" {
				t.Error("it comes back in another place")
			}
		})
	}
}

// TestWhatAPersonMakesOfAHold: confirmed, moved, put in other words.
func TestWhatAPersonMakesOfAHold(t *testing.T) {
	for _, test := range []struct {
		name              string
		blocks            bool
		edit              fields
		intact, confirmed bool
	}{
		{"confirmed", false, fields{"status": "confirmed"}, false, true},
		{"shown as busy", false, fields{"transparency": nil}, false, true},
		{"moved", false, fields{"start": clock(3, 9), "end": clock(3, 10)}, false, false},
		{"renamed", false, fields{"summary": "Lunch with the chair"}, false, false},
		{"guests", false, fields{"attendees": []fields{{"email": "a@firm.example"}}}, false, false},
		{"made weekly", false, fields{"recurrence": []string{"RRULE:FREQ=WEEKLY"}}, false, false},
		{"a place", false, fields{"location": "Room 1"}, false, false},
		{"hidden", false, fields{"visibility": "private"}, false, false},
		{"only a colour", false, fields{"colorId": "3"}, true, false},
		{"only an alarm", false, fields{"reminders": fields{"useDefault": true}}, true, false},
		{"shown in another zone", false, fields{"start": fields{"dateTime": "2026-03-02T04:00:00-05:00", "timeZone": "America/New_York"}}, true, false},
		{"a mirror moved", true, fields{"start": clock(3, 9), "end": clock(3, 10)}, false, false},
		{"a mirror untouched", true, fields{}, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := connectortest.NewGoogle(t)
			f := follow(t, options(g))
			first := f.apply(holdOf("v1", func(_ *model.Hold, b *model.HoldBody) { b.Blocks = test.blocks }))
			g.PersonPatch(t, g.Self, string(first.Ref.Href), test.edit)
			if own := f.own(); own == nil || own.Intact != test.intact || own.Confirmed != test.confirmed {
				t.Errorf("it comes back as %+v", own)
			}
			before := fmt.Sprint(g.Event(t, g.Self, string(first.Ref.Href)))
			r := f.apply(holdOf("v2", func(h *model.Hold, b *model.HoldBody) { h.Base, b.Blocks = first.Ref, test.blocks }))
			want := model.Stale
			if test.intact {
				want = model.Done
			}
			wantResult(t, r, want, "")
			if !test.intact && fmt.Sprint(g.Event(t, g.Self, string(first.Ref.Href))) != before {
				t.Error("a person's edit is gone")
			}
		})
	}
}

// TestHoldAfterALostAnswer: what was done is found, not done again.
func TestHoldAfterALostAnswer(t *testing.T) {
	g := connectortest.NewGoogle(t)
	f := follow(t, options(g))
	try := func(a model.Action, fault connectortest.GoogleFault) {
		t.Helper()
		g.Fail(fault)
		if _, err := f.s.Apply(t.Context(), []model.Step{{Action: a}}); err == nil {
			t.Fatal("a lost answer was seen")
		}
		f.s = mustOpen(t, options(g))
	}
	try(holdOf("v1"), connectortest.GoogleFault{Method: "POST", Lost: true})
	r := f.apply(holdOf("v1"))
	if wantResult(t, r, model.Done, ""); !r.Already {
		t.Error("it was written again")
	}
	update := holdOf("v2", func(h *model.Hold, _ *model.HoldBody) { h.Base = r.Ref })
	try(update, connectortest.GoogleFault{Method: "PUT", Lost: true})
	if r = f.apply(update); !r.Already {
		t.Error("it was written again")
	}
	withdraw := model.Withdraw{UID: "hold@chancery", Of: "f:1", Base: r.Ref}
	try(withdraw, connectortest.GoogleFault{Method: "DELETE", Lost: true})
	if r = f.apply(withdraw); !r.Already {
		t.Error("it was deleted again")
	}
	// Its id stays taken, and the next hold of the same name stands there all the same.
	r = f.apply(holdOf("v3"))
	if wantResult(t, r, model.Done, ""); r.Already || len(g.Events(t, g.Self)) != 1 {
		t.Errorf("already %v", r.Already)
	}
	if own := f.own(); own == nil || !own.Intact || own.Digest != "v3" {
		t.Errorf("it comes back as %+v", own)
	}
}

// TestHoldWhereAPersonIsQuicker: between reading and writing a person edits, deletes,
// or writes something else there.
func TestHoldWhereAPersonIsQuicker(t *testing.T) {
	edit := func(g *connectortest.Google, id string) { g.PersonPatch(t, g.Self, id, fields{"summary": "Mine"}) }
	remove := func(g *connectortest.Google, id string) { g.PersonDelete(t, g.Self, id) }
	for _, test := range []struct {
		name, method string
		act          func(g *connectortest.Google, id string)
		step         func(base model.Ref) model.Action
		want         model.Outcome
	}{
		{"edits before the update", "PUT", edit, func(r model.Ref) model.Action {
			return holdOf("v2", func(h *model.Hold, _ *model.HoldBody) { h.Base = r })
		}, model.Stale},
		{"deletes before the update", "PUT", remove, func(r model.Ref) model.Action {
			return holdOf("v2", func(h *model.Hold, _ *model.HoldBody) { h.Base = r })
		}, model.Lost},
		{"edits before the deletion", "DELETE", edit, func(r model.Ref) model.Action {
			return model.Withdraw{UID: "hold@chancery", Of: "f:1", Base: r}
		}, model.Stale},
		{"deletes before the deletion", "DELETE", remove, func(r model.Ref) model.Action {
			return model.Withdraw{UID: "hold@chancery", Of: "f:1", Base: r}
		}, model.Done},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := connectortest.NewGoogle(t)
			f := follow(t, options(g))
			first := f.apply(holdOf("v1"))
			g.Fail(connectortest.GoogleFault{Method: test.method, Before: func() { test.act(g, string(first.Ref.Href)) }})
			if r := f.apply(test.step(first.Ref)); r.Outcome != test.want {
				t.Errorf("outcome %d, want %d", r.Outcome, test.want)
			}
			if e := g.Event(t, g.Self, string(first.Ref.Href)); e != nil && e["summary"] != "Mine" {
				t.Errorf("it says %v", e["summary"])
			}
		})
	}
}

// TestForgedTags: only a tag made with the key for this very event is believed.
func TestForgedTags(t *testing.T) {
	g := connectortest.NewGoogle(t)
	f := follow(t, options(g))
	first := f.apply(holdOf("v1"))
	other := f.apply(model.Hold{UID: "other@chancery", Of: "f:1", Digest: "v1", Body: model.Hide(model.HoldBody{Start: 1772442000, End: 1772445600, Summary: "Other"})})
	strange := options(g)
	strange.Sign = func(parts ...string) string { return strings.Repeat("0", 32) }
	tags := func(href model.Name) any {
		return g.Event(t, g.Self, string(href))["extendedProperties"].(fields)["private"].(fields)["chancery"]
	}
	borrowed := tags(other.Ref.Href)
	forged := sealedBy(strange.Sign, string(first.Ref.Href))
	for name, value := range map[string]any{"borrowed": borrowed, "forged": forged, "none": nil, "cut": "MQ"} {
		g.PersonPatch(t, g.Self, string(first.Ref.Href), fields{"extendedProperties": fields{"private": fields{"chancery": value}}})
		if own := f.own(); own != nil {
			t.Errorf("%s: believed as %+v", name, own)
		}
		g.Calls()
		wantResult(t, f.apply(holdOf("v2")), model.Refused, "occupied")
		wantResult(t, f.apply(holdOf("v2", func(h *model.Hold, _ *model.HoldBody) { h.Base = first.Ref })), model.Stale, "")
		wantResult(t, f.apply(model.Withdraw{UID: "hold@chancery", Of: "f:1", Base: first.Ref}), model.Stale, "")
		for _, c := range g.Calls() {
			if c.Method != "GET" && c.Status != 409 {
				t.Errorf("%s: %s was answered %d", name, c.Method, c.Status)
			}
		}
	}
}

func sealedBy(sign connectors.Sign, id string) string {
	return tag{uid: "hold@chancery", of: "f:1", digest: "v1", event: "t:x"}.write(id, sign)
}

// TestServerThatRewrites: a text that comes back changed is no edit of a person.
func TestServerThatRewrites(t *testing.T) {
	g := connectortest.NewGoogle(t)
	g.Rewrite = func(e map[string]any) {
		if s, ok := e["description"].(string); ok {
			e["description"] = "<p>" + strings.TrimSuffix(strings.TrimPrefix(s, "<p>"), "</p>") + "</p>"
		}
	}
	f := follow(t, options(g))
	r := f.apply(holdOf("v1"))
	wantResult(t, r, model.Done, "")
	if own := f.own(); own == nil || !own.Intact || own.Digest != "v1" {
		t.Errorf("it comes back as %+v", own)
	}
	if f.events[r.Ref.Href].Ref != r.Ref {
		t.Error("it comes back in another version")
	}
	g.Calls()
	if again := f.apply(holdOf("v1", func(h *model.Hold, _ *model.HoldBody) { h.Base = r.Ref })); !again.Already || connectortest.Writes(g.Calls()) != 0 {
		t.Error("it is written again and again")
	}
	// A crash between writing and signing leaves a hold that looks edited: nothing is
	// overwritten.
	g.Fail(connectortest.GoogleFault{Method: "PATCH", Cut: true, Times: 5})
	if _, err := f.s.Apply(t.Context(), []model.Step{{Action: holdOf("v2", func(h *model.Hold, _ *model.HoldBody) { h.Base = r.Ref })}}); err == nil {
		t.Fatal("a cut was not seen")
	}
	if own := f.own(); own == nil || own.Intact || own.Digest != "v2" {
		t.Errorf("it comes back as %+v", own)
	}
}

func TestServerThatDropsTheTag(t *testing.T) {
	g := connectortest.NewGoogle(t)
	g.Rewrite = func(e map[string]any) { delete(e, "extendedProperties") }
	wantResult(t, follow(t, options(g)).apply(holdOf("v1")), model.Refused, "tag-dropped")
}

// TestRefusalsOfOneStep end that step, and of the calendar the call.
func TestRefusalsOfOneStep(t *testing.T) {
	for _, test := range []struct {
		status       int
		reason, code string
		outcome      model.Outcome
		class        connectors.Class
		ends         bool
	}{
		{400, "invalid", "http-400", model.Refused, 0, false},
		{403, "forbidden", "read-only", model.Refused, 0, false},
		{403, "requiredAccessLevel", "read-only", model.Refused, 0, false},
		{403, "forbiddenForNonOrganizer", "not-organizer", model.Refused, 0, false},
		{500, "backendError", "http-500", model.Later, 0, false},
		{403, "rateLimitExceeded", "quota", 0, connectors.Throttled, true},
		{403, "insufficientPermissions", "scope", 0, connectors.Auth, true},
		{403, "accessNotConfigured", "api-disabled", 0, connectors.Config, true},
		{429, "rateLimitExceeded", "quota", 0, connectors.Throttled, true},
		{401, "authError", "token", 0, connectors.Auth, true},
		{503, "backendError", "http-503", 0, connectors.Throttled, true},
	} {
		t.Run(fmt.Sprint(test.status, test.reason), func(t *testing.T) {
			g := connectortest.NewGoogle(t)
			s := mustOpen(t, options(g))
			g.Fail(connectortest.GoogleFault{Method: "POST", Status: test.status, Reason: test.reason})
			r, err := s.Apply(t.Context(), []model.Step{{Action: holdOf("v1")}})
			if test.ends {
				if class, code := connectors.Classify(err); err == nil || class != test.class || code != test.code {
					t.Fatalf("error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			wantResult(t, r[0], test.outcome, test.code)
		})
	}
}
