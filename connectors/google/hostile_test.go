package google

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"chancery/connectors/connectortest"
	"chancery/internal/ical"
	"chancery/internal/model"
)

// TestHostileEvents: an item that is no event is reported, and all others come.
func TestHostileEvents(t *testing.T) {
	nested := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	when := `"start":{"date":"2026-03-02"},"end":{"date":"2026-03-03"}`
	var guests strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&guests, `,{"email":"g%d@firm.example"}`, i)
	}
	for name, test := range map[string]struct{ item, want string }{
		"start is a list":        {`{"id":"bad01","status":"confirmed","start":[1,2]}`, "unreadable event-json"},
		"summary is a number":    {`{"id":"bad01","status":"confirmed","summary":7,` + when + `}`, "unreadable event-json"},
		"status is a list":       {`{"id":"bad01","status":["confirmed"],` + when + `}`, "unreadable event-json"},
		"attendees is a word":    {`{"id":"bad01","attendees":"all",` + when + `}`, "unreadable event-json"},
		"sequence beyond a word": {`{"id":"bad01","sequence":1e400,` + when + `}`, "unreadable event-json"},
		"private is a list":      {`{"id":"bad01","extendedProperties":{"private":[]},` + when + `}`, "unreadable event-json"},
		"no start":               {`{"id":"bad01","status":"confirmed"}`, "unreadable ics-no-start"},
		"null everywhere":        {`{"id":"bad01","status":null,"start":null,"end":null,"attendees":null,"organizer":null}`, "unreadable ics-no-start"},
		"null guests":            {`{"id":"bad01","summary":"A","attendees":[null,null],"conferenceData":{"entryPoints":[null]},` + when + `}`, "A"},
		"deep inside":            {`{"id":"bad01","summary":"A","gadget":{"preferences":null},"x":` + nested(5000) + `,` + when + `}`, "A"},
		"many guests":            {`{"id":"bad01","summary":"A","attendees":[{"email":"gc@firm.example","self":true,"responseStatus":"declined"}` + guests.String() + `],` + when + `}`, "A"},
		"long title":             {`{"id":"bad01","summary":"A` + strings.Repeat(" ", 5<<20) + `",` + when + `}`, "A"},
		"large":                  {`{"id":"bad01","description":"` + strings.Repeat("x", maxItem) + `",` + when + `}`, "unreadable event-too-large"},
		"end before start":       {`{"id":"bad01","summary":"A","start":{"date":"2026-03-03"},"end":{"date":"2026-03-02"}}`, "A"},
		"a thousand years":       {`{"id":"bad01","summary":"A","start":{"date":"2026-03-03"},"end":{"date":"3026-03-02"}}`, "A"},
		"own parent":             {`{"id":"bad01","summary":"A","recurringEventId":"bad01",` + when + `}`, "A"},
		"many rules":             {`{"id":"bad01","summary":"A","recurrence":[` + strings.Repeat(`"RRULE:FREQ=DAILY",`, 9999) + `"RRULE:FREQ=DAILY"],` + when + `}`, "A"},
	} {
		t.Run(name, func(t *testing.T) {
			g := connectortest.NewGoogle(t)
			g.PersonInsert(t, g.Self, event("Good", 2, "id", "good1"))
			items := `{"items":[{"id":"good1","etag":"\"1\"","iCalUID":"g@firm.example","summary":"Good",` + when + `},` + test.item + `],"nextSyncToken":"t"}`
			g.Fail(connectortest.GoogleFault{Path: "/events", Body: items})
			f := follow(t, options(g))
			begin := time.Now()
			f.pull()
			if d := time.Since(begin); d > 5*time.Second {
				t.Errorf("it took %v", d)
			}
			if f.says("good1") != "Good" || f.says("bad01") != test.want {
				t.Errorf("good is %q, bad is %q", f.says("good1"), f.says("bad01"))
			}
			if c := f.events["bad01"]; c.Event != nil && len(c.Event.Body.Reveal().Master.Attendees) > ical.MaxAttendees {
				t.Error("too many attendees")
			}
		})
	}
}

// TestNamelessItems: without an id they have a place of their own each.
func TestNamelessItems(t *testing.T) {
	g := connectortest.NewGoogle(t)
	g.Fail(connectortest.GoogleFault{Path: "/events", Body: `{"items":[{},null,7,"x",[],{"id":7},{"id":""}],"nextSyncToken":"t"}`})
	f := follow(t, options(g))
	if f.pull(); len(f.events) < 5 {
		t.Errorf("%d places", len(f.events))
	}
	for href, c := range f.events {
		if href == "" || c.Op != model.Unreadable || c.Fault.Code != "event-json" {
			t.Errorf("op %d, fault %v", c.Op, c.Fault)
		}
	}
}

// TestWholeAnswersThatAreTooDeep: the reader of JSON gives up, and so does Pull.
func TestWholeAnswersThatAreTooDeep(t *testing.T) {
	g := connectortest.NewGoogle(t)
	g.Fail(connectortest.GoogleFault{Path: "/events", Body: `{"items":[` + strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000) + `]}`})
	f := follow(t, options(g))
	if _, err := f.try(); err == nil {
		t.Error("it is taken")
	}
}

// TestMemberTextCannotBecomeAProperty: whatever text an event carries.
func TestMemberTextCannotBecomeAProperty(t *testing.T) {
	for _, text := range []string{
		"A\r\nATTENDEE:mailto:x@evil.example", "A\nEND:VEVENT\nBEGIN:VALARM", "A\u2028RRULE:FREQ=DAILY", "A\u0085X:Y", "A\x0bB\x0c\x1c\x1d\x1eC",
		`A\nRRULE:FREQ=DAILY`, `A\`, strings.Repeat("é\\n;,\"", 2000),
	} {
		e := event(text, 2, "location", text, "description", "https://x.example/"+text, "iCalUID", text, "hangoutLink", "https://meet.google.com/"+text,
			"attendees", []fields{{"email": text, "displayName": text}}, "organizer", fields{"email": text, "displayName": text})
		c := read(t, e)
		if c.Event == nil {
			t.Fatalf("fault %v", c.Fault)
		}
		o := c.Event.Body.Reveal().Master
		if o.RRule != "" || len(o.Attendees) > 1 || len(c.Event.Body.Reveal().Overrides) != 0 || o.Status != "CONFIRMED" {
			t.Errorf("%q became %+v", text[:min(len(text), 20)], o)
		}
	}
}

func FuzzEvent(f *testing.F) {
	for _, e := range []fields{
		event("A", 2), series("B", "attendees", []fields{{"email": "gc@firm.example", "self": true}}),
		event("C", 9, "id", "p_1", "recurringEventId", "p", "originalStartTime", clock(9, 9), "status", "cancelled"),
		{"id": "x", "status": "cancelled"},
		event("D", 2, "start", fields{"date": "2026-03-02"}, "recurrence", []string{"RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20270302"}),
		event("E", 2, "extendedProperties", fields{"private": fields{"chancery": "MQ.MQ.MQ.MQ.MQ.MQ"}}),
	} {
		if e["id"] == nil {
			e["id"] = "event"
		}
		raw, err := json.Marshal(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"id":7}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := readMember(raw, connectortest.CalendarSign)
		if m.id == "" || m.etag == "" || m.own != nil {
			t.Fatalf("id %q, etag %q, own %v", m.id, m.etag, m.own)
		}
		if m.cancelled && m.parent == "" {
			return
		}
		c := eventOf("s", m.family(), []member{m})
		if (c.Event == nil) == (c.Fault == nil) || c.Ident == "" || len(c.Ident) > 80 || c.Ref.Version == "" {
			t.Fatalf("event %v, fault %v", c.Event, c.Fault)
		}
		if c.Event == nil {
			return
		}
		s := c.Event.Body.Reveal()
		if n := len(s.Overrides); n > 1 || n == 1 && s.Master != nil || n == 0 && s.Master == nil {
			t.Fatalf("%d overrides", n)
		}
	})
}

// TestMemoryOfALongListing: what waits to be reported holds no whole answers.
func TestMemoryOfALongListing(t *testing.T) {
	g := connectortest.NewGoogle(t)
	for i := range 3000 {
		g.PersonInsert(t, g.Self, event("Meeting", i%28+1, "description", strings.Repeat("words ", 1000)))
	}
	s := mustOpen(t, options(g))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	if _, err := s.Pull(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > 8<<20 {
		t.Errorf("%d MiB are held of 18", held>>20)
	}
	runtime.KeepAlive(s)
}
