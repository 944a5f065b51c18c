package caldav

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"chancery/connectors/connectortest"
	"chancery/internal/ical"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

// invite makes user chair invite the principal gc, through the server, and returns
// the path of the chair's own object.
func invite(t testing.TB, c *servertest.CyrusServer, uid string) (chair *servertest.DAV, path string) {
	t.Helper()
	chair = c.As("chair")
	path = chair.MakeCalendar("Board") + "m.ics"
	chair.Put(path, ahead(connectortest.Meeting(uid, "Board", 2, "ORGANIZER:mailto:chair@firm.example",
		"ATTENDEE;PARTSTAT=ACCEPTED:mailto:chair@firm.example", "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:gc@firm.example")))
	return chair, path
}

// ahead puts a meeting into years to come: Cyrus says nothing about what is past.
func ahead(ics []byte) []byte { return bytes.ReplaceAll(ics, []byte(":202603"), []byte(":203503")) }

// delivered follows the calendar into which the server put the invitation.
func delivered(t testing.TB, s *Source, uid string) *model.Event {
	t.Helper()
	b, err := s.Pull(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range b.Changes {
		if c.Event != nil && c.Event.Body.Reveal().UID == uid {
			return c.Event
		}
	}
	t.Fatalf("the invitation is not among %d events", len(b.Changes))
	return nil
}

func atCyrus(t testing.TB, c *servertest.CyrusServer) *Source {
	t.Helper()
	o := options(c.DAV)
	o.Match = "Default"
	return mustOpen(t, o)
}

func answerTo(e *model.Event, was, now string) model.Step {
	return model.Step{ID: "1", Action: model.Amend{UID: model.Name(e.Body.Reveal().UID), Of: "f:1", Self: model.Hide([]string{"gc@firm.example"}),
		Base: e.Ref, Was: model.Amended{Answer: was}, Now: model.Amended{Answer: now}}}
}

func one(t testing.TB, s *Source, step model.Step) model.Result {
	t.Helper()
	r, err := s.Apply(t.Context(), []model.Step{step})
	if err != nil || len(r) != 1 {
		t.Fatalf("apply: %v, %d results", err, len(r))
	}
	return r[0]
}

func partStat(t testing.TB, data []byte, addr string) string {
	t.Helper()
	s, _, _, f := ical.Parse(data, nil)
	if f != nil || s.Master == nil {
		t.Fatalf("fault %v", f)
	}
	for _, p := range s.Master.Attendees {
		if p.Addr == addr {
			return p.PartStat
		}
	}
	return ""
}

// TestScheduleAnswer: an answer that is amended on a server that schedules reaches
// the organizer through the server (RFC 6638 section 3.2.2.3), and so does taking it
// back. This is what promise 4 speaks of.
func TestScheduleAnswer(t *testing.T) {
	c := servertest.Cyrus(t)
	s := atCyrus(t, c)
	const uid = "board-1@firm.example"
	chair, path := invite(t, c, uid)
	e := delivered(t, s, uid)
	status, _, h := c.Do(http.MethodGet, string(e.Ref.Href), nil, "")
	if status != http.StatusOK || h.Get("Schedule-Tag") == "" {
		t.Fatalf("get: %d, schedule tag %q", status, h.Get("Schedule-Tag"))
	}
	for _, step := range [][2]string{{"NEEDS-ACTION", "TENTATIVE"}, {"TENTATIVE", "NEEDS-ACTION"}, {"NEEDS-ACTION", "DECLINED"}} {
		r := one(t, s, answerTo(e, step[0], step[1]))
		if r.Outcome != model.Done || r.Already {
			t.Fatalf("%s: outcome %d, code %q", step[1], r.Outcome, r.Code)
		}
		e.Ref = r.Ref
		data, _ := chair.Get(path)
		if got := partStat(t, data, "gc@firm.example"); got != step[1] {
			t.Errorf("the organizer sees %s, not %s", got, step[1])
		}
	}
	if n := len(c.Sent()); n != 0 {
		t.Errorf("%d mails for people of the same server", n)
	}
}

// TestScheduleRace: the organizer moves the meeting between judging and answering.
func TestScheduleRace(t *testing.T) {
	c := servertest.Cyrus(t)
	s := atCyrus(t, c)
	const uid = "board-2@firm.example"
	chair, path := invite(t, c, uid)
	e := delivered(t, s, uid)
	data, _ := chair.Get(path)
	chair.Put(path, []byte(strings.NewReplacer("T090000Z", "T130000Z", "T100000Z", "T140000Z", "DTSTAMP:2026", "SEQUENCE:1\r\nDTSTAMP:2026").Replace(string(data))))
	if r := one(t, s, answerTo(e, "NEEDS-ACTION", "DECLINED")); r.Outcome != model.Stale || r.Code != "changed" {
		t.Errorf("outcome %d, code %q", r.Outcome, r.Code)
	}
	data, _ = chair.Get(path)
	if got := partStat(t, data, "gc@firm.example"); got != "NEEDS-ACTION" {
		t.Errorf("the organizer sees %s", got)
	}
}

// TestScheduleSends: holds make the server send nothing; an answer to an organizer
// elsewhere makes it send one mail, which is said plainly in the manual.
func TestScheduleSends(t *testing.T) {
	c := servertest.Cyrus(t)
	s := atCyrus(t, c)
	hold := model.Hold{UID: "hold-1@chancery", Of: "f:1", Digest: "v1", Body: model.Hide(model.HoldBody{Start: 1772442000, End: 1772445600, Stamp: 1772000000, Summary: "Conflict"})}
	r := one(t, s, model.Step{ID: "1", Action: hold})
	if r.Outcome != model.Done {
		t.Fatalf("hold: outcome %d, code %q", r.Outcome, r.Code)
	}
	if r := one(t, s, model.Step{ID: "2", Action: model.Withdraw{UID: hold.UID, Of: "f:1", Base: r.Ref}}); r.Outcome != model.Done {
		t.Fatalf("withdraw: outcome %d, code %q", r.Outcome, r.Code)
	}
	if n := len(c.Sent()); n != 0 {
		t.Fatalf("%d mails for a hold", n)
	}
	c.Put(s.calendar+"x.ics", ahead(connectortest.Invited("court@firm.example", "NEEDS-ACTION")))
	before := len(c.Sent())
	e := delivered(t, s, "court@firm.example")
	if r := one(t, s, answerTo(e, "NEEDS-ACTION", "TENTATIVE")); r.Outcome != model.Done {
		t.Fatalf("answer: outcome %d, code %q", r.Outcome, r.Code)
	}
	sent := c.Sent()[before:]
	if len(sent) != 1 || !strings.Contains(sent[0], "chair@board.example") {
		t.Errorf("%d mails", len(sent))
	}
}
