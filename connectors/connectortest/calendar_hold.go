package connectortest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"chancery/internal/ical"
	"chancery/internal/model"
)

// aHold is a hold of a finding, in a version.
func aHold(n, version int, base model.Ref) model.Hold {
	return model.Hold{
		UID: fmt.Sprintf("hold-%d@chancery", n), Of: model.Ident(fmt.Sprintf("f:%d", n)), Digest: fmt.Sprintf("v%d", version), Base: base,
		Body: model.Hide(model.HoldBody{
			Start: 1772442000, End: 1772445600, Stamp: 1772000000, Summary: fmt.Sprintf("Conflict %d, version %d; two of three", n, version),
			Description: "Keep: Hearing\nYields: Lunch, \\ or move it\n\nFree: Tue 10:00", Related: []string{"a@firm.example", "b@firm.example"},
		}),
	}
}

func wantOutcome(t testing.TB, r model.Result, want model.Outcome) {
	t.Helper()
	if r.Outcome != want {
		t.Fatalf("outcome %d, code %q; want %d", r.Outcome, r.Code, want)
	}
}

func testHoldOnce(t *testing.T, env CalendarEnv) {
	m := open(t, env)
	m.pull()
	first := m.step(aHold(1, 1, model.Ref{}))
	wantOutcome(t, first, model.Done)
	if first.Already || first.Ref.Href == "" || first.Ref.Version == "" || first.Ref.Source != env.Source {
		t.Errorf("already %v, version %q", first.Already, first.Ref.Version)
	}
	again := open(t, env).step(aHold(1, 1, model.Ref{})) // a crash before the journal
	wantOutcome(t, again, model.Done)
	if !again.Already || again.Ref != first.Ref {
		t.Errorf("already %v, same place %v", again.Already, again.Ref == first.Ref)
	}
	if n := len(env.Objects(t)); n != 1 {
		t.Fatalf("%d objects", n)
	}
	m.pull()
	for _, c := range m.events {
		own := c.Event.Own
		if own == nil || own.Of != "f:1" || own.Digest != "v1" || !own.Intact {
			t.Fatalf("the hold comes back as %+v", own)
		}
		if c.Ref != first.Ref {
			t.Errorf("the hold comes back in version %q, written %q", c.Ref.Version, first.Ref.Version)
		}
		o := c.Event.Body.Reveal().Master
		if o.Status != "TENTATIVE" || o.Show != model.Free || o.Summary != "Conflict 1, version 1; two of three" || len(o.Attendees) != 0 {
			t.Errorf("status %s, show %d", o.Status, o.Show)
		}
	}
}

func testHoldUpdate(t *testing.T, env CalendarEnv) {
	m := open(t, env)
	first := m.step(aHold(1, 1, model.Ref{}))
	wantOutcome(t, first, model.Done)
	second := m.step(aHold(1, 2, first.Ref))
	wantOutcome(t, second, model.Done)
	if second.Ref.Href != first.Ref.Href || second.Ref.Version == first.Ref.Version {
		t.Error("the update has another place or the same version")
	}
	// The answer was lost, or the journal restored: the same step again.
	for _, base := range []model.Ref{first.Ref, second.Ref, {}} {
		r := m.step(aHold(1, 2, base))
		wantOutcome(t, r, model.Done)
		if !r.Already || r.Ref != second.Ref {
			t.Errorf("again: already %v, same %v", r.Already, r.Ref == second.Ref)
		}
	}
	wantOutcome(t, m.step(aHold(1, 3, model.Ref{})), model.Done)
	objects := env.Objects(t)
	if len(objects) != 1 {
		t.Fatalf("%d objects", len(objects))
	}
	for _, data := range objects {
		if s, _, _, f := ical.Parse(data, nil); f != nil || s.Master.Summary != "Conflict 1, version 3; two of three" {
			t.Errorf("fault %v", f)
		}
	}
	m.pull()
	for _, c := range m.events {
		if own := c.Event.Own; own == nil || !own.Intact || own.Digest != "v3" {
			t.Errorf("own %+v", own)
		}
	}
}

func testHoldEdited(t *testing.T, env CalendarEnv) {
	m := open(t, env)
	first := m.step(aHold(1, 1, model.Ref{}))
	wantOutcome(t, first, model.Done)
	m.pull()
	data := env.Objects(t)["hold-1@chancery"]
	edited := bytes.ReplaceAll(data, []byte("DTSTART:20260302T090000Z"), []byte("DTSTART:20260302T093000Z"))
	if bytes.Equal(edited, data) {
		t.Fatal("nothing was edited")
	}
	env.Overwrite(t, string(first.Ref.Href), edited)
	for _, base := range []model.Ref{first.Ref, {}} {
		r := m.step(aHold(1, 2, base))
		wantOutcome(t, r, model.Stale)
		if r.Ref.Href != first.Ref.Href || r.Ref.Version == first.Ref.Version {
			t.Error("stale does not name the version that stands")
		}
	}
	wantOutcome(t, m.step(model.Withdraw{UID: "hold-1@chancery", Of: "f:1", Base: first.Ref}), model.Stale)
	m.pull()
	for _, c := range m.events {
		if own := c.Event.Own; own == nil || own.Intact || own.Digest != "v1" {
			t.Errorf("the edited hold comes back as %+v", own)
		}
	}
	if got := env.Objects(t)["hold-1@chancery"]; ical.Digest(got) != ical.Digest(edited) {
		t.Error("the person's edit is gone")
	}
}

func testHoldDeleted(t *testing.T, env CalendarEnv) {
	m := open(t, env)
	first := m.step(aHold(1, 1, model.Ref{}))
	wantOutcome(t, first, model.Done)
	env.Overwrite(t, string(first.Ref.Href), nil)
	wantOutcome(t, m.step(aHold(1, 2, first.Ref)), model.Lost)
	if n := len(env.Objects(t)); n != 0 {
		t.Errorf("%d objects: what a person deleted came back", n)
	}
}

func testOccupied(t *testing.T, env CalendarEnv) {
	m := open(t, env)
	first := m.step(aHold(1, 1, model.Ref{}))
	wantOutcome(t, first, model.Done)
	// A forged tag, a tag of another object, and none.
	forged := ical.Compose(aHold(1, 1, model.Ref{}), func(p ...string) string { return signWith("another key", p) })
	borrowed := bytes.ReplaceAll(ical.Compose(aHold(2, 1, model.Ref{}), CalendarSign), []byte("hold-2@"), []byte("hold-1@"))
	for _, data := range [][]byte{forged, borrowed, Meeting("hold-1@chancery", "Dentist", 5)} {
		env.Overwrite(t, string(first.Ref.Href), data)
		want := ical.Digest(env.Objects(t)["hold-1@chancery"])
		r := m.step(aHold(1, 2, model.Ref{}))
		wantOutcome(t, r, model.Refused)
		wantOutcome(t, m.step(aHold(1, 2, first.Ref)), model.Stale)
		wantOutcome(t, m.step(model.Withdraw{UID: "hold-1@chancery", Of: "f:1", Base: first.Ref}), model.Stale)
		if got := env.Objects(t); len(got) != 1 || ical.Digest(got["hold-1@chancery"]) != want {
			t.Error("an object that is not ours was changed")
		}
	}
}

func testWithdraw(t *testing.T, env CalendarEnv) {
	m := open(t, env)
	first := m.step(aHold(1, 1, model.Ref{}))
	wantOutcome(t, first, model.Done)
	w := model.Withdraw{UID: "hold-1@chancery", Of: "f:1", Base: first.Ref}
	if r := m.step(w); r.Outcome != model.Done || r.Already {
		t.Errorf("outcome %d, already %v", r.Outcome, r.Already)
	}
	if r := m.step(w); r.Outcome != model.Done || !r.Already {
		t.Errorf("again: outcome %d, already %v", r.Outcome, r.Already)
	}
	if n := len(env.Objects(t)); n != 0 {
		t.Errorf("%d objects", n)
	}
}

func testHoldText(t *testing.T, env CalendarEnv) {
	m := open(t, env)
	h := aHold(1, 1, model.Ref{})
	body := h.Body.Reveal()
	body.Summary = "Hearing\r\nATTENDEE:mailto:victim@firm.example\u2028LOCATION:x\u0085URL:http://evil.example\x0bGEO:1;2"
	body.Description = strings.Repeat("é\\n;,\"", 60) + "\nEND:VEVENT\nBEGIN:VALARM"
	h.Body = model.Hide(body)
	wantOutcome(t, m.step(h), model.Done)
	m.pull()
	for _, c := range m.events {
		o := c.Event.Body.Reveal().Master
		if c.Event.Own == nil || !c.Event.Own.Intact || len(o.Attendees) != 0 || o.Location != "" || o.Conference != "" {
			t.Errorf("own %+v, %d attendees", c.Event.Own, len(o.Attendees))
		}
	}
	if len(m.events) != 1 {
		t.Errorf("%d events", len(m.events))
	}
}
