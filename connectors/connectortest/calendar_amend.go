package connectortest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chancery/internal/ical"
	"chancery/internal/model"
)

// AmendSelf is the address of the principal whose calendar an environment is, and
// AmendLead that of one who invites the principal.
const (
	AmendSelf = "gc@firm.example"
	AmendLead = "chair@board.example"
)

// Invited is a meeting another one leads, and how the principal answered.
func Invited(uid, answer string, lines ...string) []byte {
	return meetingOf(uid, append([]string{
		"ORGANIZER;CN=Chair:mailto:" + AmendLead,
		"ATTENDEE;CN=Chair;PARTSTAT=ACCEPTED:mailto:" + AmendLead,
		"ATTENDEE;CN=\"GC: office; board, and a name that is long enough to be folded\";PARTSTAT=" + answer + ";RSVP=TRUE:mailto:" + AmendSelf,
		"ATTENDEE;PARTSTAT=TENTATIVE:mailto:other@board.example",
	}, lines...)...)
}

func meetingOf(uid string, lines ...string) []byte {
	return fmt.Appendf(nil, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Firm Example//Tests//EN\r\nBEGIN:VEVENT\r\nUID:%s\r\n"+
		"DTSTAMP:20260101T000000Z\r\nDTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\nSUMMARY:Board of Example Corp\r\nLOCATION:Room 1\r\n%s\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
		uid, strings.Join(lines, "\r\n"))
}

const amendUID = "amend@firm.example"

// amendOf makes an Amend of what the mirror knows of the one event.
func (m *mirror) amendOf(was, now model.Amended) model.Amend {
	m.t.Helper()
	m.pull()
	for _, c := range m.events {
		if c.Event != nil && c.Event.Body.Reveal().UID == amendUID {
			return model.Amend{UID: amendUID, Of: "f:1", Self: model.Hide([]string{AmendSelf}), Base: c.Ref, Was: was, Now: now}
		}
	}
	m.t.Fatal("the event is not there")
	return model.Amend{}
}

func answered(s string) model.Amended { return model.Amended{Answer: s} }

func at(day, hour int) model.Amended {
	start := time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC)
	return model.Amended{Start: model.UnixTime(start.Unix()), End: model.UnixTime(start.Add(time.Hour).Unix())}
}

// testAmend carries each kind of Amend out, again, and back.
func testAmend(t *testing.T, env CalendarEnv) {
	for _, test := range []struct {
		name     string
		raw      []byte
		was, now model.Amended
		shows    func(o *model.Occurrence) bool
	}{
		{"answer", Invited(amendUID, "ACCEPTED"), answered("ACCEPTED"), answered("TENTATIVE"),
			func(o *model.Occurrence) bool { return answerOf(o) == "TENTATIVE" }},
		{"decline", Invited(amendUID, "NEEDS-ACTION"), answered("NEEDS-ACTION"), answered("DECLINED"),
			func(o *model.Occurrence) bool { return answerOf(o) == "DECLINED" }},
		{"move", meetingOf(amendUID, "STATUS:CONFIRMED"), at(2, 9), at(4, 15),
			func(o *model.Occurrence) bool {
				return o.Start.In(time.UTC).Unix() == int64(at(4, 15).Start) && o.End.In(time.UTC).Unix() == int64(at(4, 15).End)
			}},
		{"class", meetingOf(amendUID, "STATUS:CONFIRMED"), model.Amended{Class: "PUBLIC"}, model.Amended{Class: "PRIVATE"},
			func(o *model.Occurrence) bool { return o.Class == "PRIVATE" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			env.Put(t, "amend", test.raw)
			before := ical.Digest(env.Objects(t)[amendUID])
			m := open(t, env)
			a := m.amendOf(test.was, test.now)
			r := m.step(a)
			wantOutcome(t, r, model.Done)
			if r.Already || r.Ref.Href != a.Base.Href || r.Ref.Version == a.Base.Version || r.Ref.Version == "" {
				t.Errorf("already %v, version %q", r.Already, r.Ref.Version)
			}
			o := masterOf(t, env)
			if !test.shows(o) || o.Summary != "Board of Example Corp" || o.Location != "Room 1" {
				t.Errorf("it shows %+v", o)
			}
			if again := open(t, env).step(a); again.Outcome != model.Done || !again.Already { // the answer was lost
				t.Errorf("again: outcome %d, already %v", again.Outcome, again.Already)
			}
			back := m.amendOf(test.now, test.was)
			if back.Base != r.Ref {
				t.Errorf("the amended event comes back in version %q, written %q", back.Base.Version, r.Ref.Version)
			}
			wantOutcome(t, m.step(back), model.Done)
			if ical.Digest(env.Objects(t)[amendUID]) != before {
				t.Error("taken back, it says something else than before")
			}
			env.Delete(t, "amend")
			wantOutcome(t, m.step(back), model.Lost)
		})
	}
}

func masterOf(t testing.TB, env CalendarEnv) *model.Occurrence {
	t.Helper()
	s, _, _, f := ical.Parse(env.Objects(t)[amendUID], nil)
	if f != nil || s.Master == nil {
		t.Fatalf("fault %v", f)
	}
	return s.Master
}

func answerOf(o *model.Occurrence) string {
	for _, p := range o.Attendees {
		if p.Addr == AmendSelf {
			return p.PartStat
		}
	}
	return ""
}

// testAmendStale: what a person changed since is judged again, not overwritten.
func testAmendStale(t *testing.T, env CalendarEnv) {
	env.Put(t, "amend", Invited(amendUID, "ACCEPTED"))
	m := open(t, env)
	a := m.amendOf(answered("ACCEPTED"), answered("TENTATIVE"))
	for _, edited := range [][]byte{
		Invited(amendUID, "ACCEPTED", "DESCRIPTION:Read the papers first"), // not what we change, but another version
		Invited(amendUID, "DECLINED"),
	} {
		env.Overwrite(t, string(a.Base.Href), edited)
		want := ical.Digest(env.Objects(t)[amendUID])
		r := m.step(a)
		wantOutcome(t, r, model.Stale)
		if r.Code != "changed" || r.Ref.Version == a.Base.Version {
			t.Errorf("code %q, version %q", r.Code, r.Ref.Version)
		}
		if ical.Digest(env.Objects(t)[amendUID]) != want {
			t.Error("a person's edit is gone")
		}
	}
	// A person did by hand what we were about to do.
	env.Overwrite(t, string(a.Base.Href), Invited(amendUID, "TENTATIVE"))
	if r := m.step(a); r.Outcome != model.Done || !r.Already {
		t.Errorf("outcome %d, already %v", r.Outcome, r.Already)
	}
}

func testAmendRefused(t *testing.T, env CalendarEnv) {
	env.Put(t, "amend", Invited(amendUID, "ACCEPTED"))
	before := ical.Digest(env.Objects(t)[amendUID])
	m := open(t, env)
	stranger := m.amendOf(answered("ACCEPTED"), answered("DECLINED"))
	stranger.Self = model.Hide([]string{"nobody@firm.example"})
	instance := m.amendOf(answered("ACCEPTED"), answered("DECLINED"))
	instance.Instance = model.Time{Wall: time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC), Loc: time.UTC}
	for code, a := range map[string]model.Amend{
		"not-invited":   stranger,
		"no-instance":   instance,
		"not-organizer": m.amendOf(at(2, 9), at(4, 15)),
	} {
		if r := m.step(a); r.Outcome != model.Refused || r.Code != code {
			t.Errorf("outcome %d, code %q; want %q", r.Outcome, r.Code, code)
		}
	}
	if ical.Digest(env.Objects(t)[amendUID]) != before {
		t.Error("a refused step changed the event")
	}
}

// testAmendInstance: one instance of a series, and back.
func testAmendInstance(t *testing.T, env CalendarEnv) {
	env.Put(t, "amend", Invited(amendUID, "ACCEPTED", "RRULE:FREQ=WEEKLY;COUNT=10"))
	m := open(t, env)
	a := m.amendOf(answered("ACCEPTED"), answered("DECLINED"))
	a.Instance = model.Time{Wall: time.Date(2026, 3, 16, 9, 0, 0, 0, time.UTC), Loc: time.UTC}
	wantOutcome(t, m.step(a), model.Done)
	s, _, _, f := ical.Parse(env.Objects(t)[amendUID], nil)
	if f != nil || s.Master == nil || len(s.Overrides) != 1 {
		t.Fatalf("fault %v, %d overrides", f, len(s.Overrides))
	}
	if o := &s.Overrides[0]; answerOf(s.Master) != "ACCEPTED" || answerOf(o) != "DECLINED" || !o.Recurrence.In(time.UTC).Equal(a.Instance.Wall) || !o.Start.In(time.UTC).Equal(a.Instance.Wall) {
		t.Errorf("the series says %s, the instance %s", answerOf(s.Master), answerOf(o))
	}
	back := m.amendOf(answered("DECLINED"), answered("ACCEPTED"))
	back.Instance = a.Instance
	wantOutcome(t, m.step(back), model.Done)
	// A component for the instance may stay: the server tells the organizer of it.
	s, _, _, f = ical.Parse(env.Objects(t)[amendUID], nil)
	if f != nil || s.Master == nil || len(s.Overrides) > 1 || answerOf(s.Master) != "ACCEPTED" {
		t.Fatalf("fault %v, %d overrides", f, len(s.Overrides))
	}
	for i := range s.Overrides {
		if o := &s.Overrides[i]; answerOf(o) != "ACCEPTED" || !o.Start.In(time.UTC).Equal(a.Instance.Wall) || o.Summary != s.Master.Summary {
			t.Error("taken back, the instance says something else than the series")
		}
	}
}
