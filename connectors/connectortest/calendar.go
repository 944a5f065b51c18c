package connectortest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"chancery/connectors"
	"chancery/internal/ical"
	"chancery/internal/model"
)

// CalendarEnv is one empty calendar of a server and two ways into it: the Source
// under test, and a person's program that knows nothing of it.
type CalendarEnv struct {
	Source model.SourceID
	// Open returns a fresh Source that signs with CalendarSign, as after a restart.
	Open func(t testing.TB) connectors.Source
	// Put writes an object as a person does, without any condition. The name is
	// the person's handle for it.
	Put    func(t testing.TB, name string, ics []byte)
	Delete func(t testing.TB, name string)
	// Objects returns every object of the calendar by the UID in it.
	Objects func(t testing.TB) map[string][]byte
	// Overwrite replaces an object by the Href of its Ref, as a person does who
	// edits what lies there; nil ics deletes it.
	Overwrite func(t testing.TB, href string, ics []byte)
	// Poison puts something that the server lists and no reader can use, and returns
	// the code it is reported with; with mend it becomes that object instead. nil: an
	// object that is too large will do.
	Poison func(t testing.TB, name string, mend []byte) (code string)
}

// CalendarSign signs with a key of the tests.
func CalendarSign(parts ...string) string { return signWith("key of the suite", parts) }

func signWith(key string, parts []string) string {
	h := hmac.New(sha256.New, []byte(key))
	for _, p := range parts {
		// hash.Hash never fails.
		_, _ = fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Calendar checks the laws of connectors.Source for calendars. makeEnv returns a new
// empty calendar for each test.
func Calendar(t *testing.T, makeEnv func(t *testing.T) CalendarEnv) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, env CalendarEnv)
	}{
		{"empty calendar is whole at once", testEmpty},
		{"first pull lists everything", testListing},
		{"pull reports edits and deletions", testChanges},
		{"repeated pull repeats and loses nothing", testRepeat},
		{"what came and went uncommitted is told", testCameAndWent},
		{"cursor of another life expires or works", testForeignCursor},
		{"deletion is told after a restart", testGoneAfterRestart},
		{"unreadable object does not fail the batch", testUnreadable},
		{"hold is created once", testHoldOnce},
		{"hold is updated while untouched", testHoldUpdate},
		{"hold a person edited is left alone", testHoldEdited},
		{"hold a person deleted is lost", testHoldDeleted},
		{"object of a person is never overwritten", testOccupied},
		{"hold withdraws once and only untouched", testWithdraw},
		{"hold text cannot become a property", testHoldText},
		{"mail steps are refused", testMailSteps},
		{"amended event can be taken back", testAmend},
		{"amended event a person changed is left alone", testAmendStale},
		{"event the principal has no part in is not amended", testAmendRefused},
		{"amended instance of a series can be taken back", testAmendInstance},
		{"cancelled call ends and the source closes", testCancel},
		{"random history ends in the same state", testHistory},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, makeEnv(t)) })
	}
}

// Meeting is an event of a person, with further lines.
func Meeting(uid, title string, day int, lines ...string) []byte {
	more := ""
	for _, l := range lines {
		more += l + "\r\n"
	}
	return fmt.Appendf(nil, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Firm Example//Tests//EN\r\nBEGIN:VEVENT\r\nUID:%s\r\n"+
		"DTSTAMP:20260101T000000Z\r\nDTSTART:202603%02dT090000Z\r\nDTEND:202603%02dT100000Z\r\nSUMMARY:%s\r\n%sEND:VEVENT\r\nEND:VCALENDAR\r\n",
		uid, day, day, title, more)
}

// mirror is what a caller knows of a calendar: the changes applied in order.
type mirror struct {
	t      testing.TB
	s      connectors.Source
	cursor connectors.Cursor
	events map[model.Name]model.Change // by href
}

func open(t testing.TB, env CalendarEnv) *mirror {
	s := env.Open(t)
	t.Cleanup(func() { _ = s.Close() })
	return &mirror{t: t, s: s, events: map[model.Name]model.Change{}}
}

// pull follows the source until nothing more is there and returns the changes.
func (m *mirror) pull() []model.Change {
	m.t.Helper()
	first := m.cursor == ""
	var all []model.Change
	for range 1000 {
		b, err := m.s.Pull(m.t.Context(), m.cursor)
		if err != nil {
			m.t.Fatalf("pull: %v", err)
		}
		m.apply(b)
		all = append(all, b.Changes...)
		if !b.More {
			if b.Whole != first {
				m.t.Errorf("whole %v on a pull from the start %v", b.Whole, first)
			}
			return all
		}
	}
	m.t.Fatal("pull never ends")
	return nil
}

func (m *mirror) apply(b connectors.Batch) {
	for _, c := range b.Changes {
		switch c.Op {
		case model.Put, model.Unreadable:
			m.events[c.Ref.Href] = c
		case model.Gone:
			delete(m.events, c.Ref.Href)
		default:
			m.t.Errorf("change %d in a calendar", c.Op)
		}
	}
	m.cursor = b.Next
}

// titles returns the titles of all events, sorted.
func (m *mirror) titles() []string {
	var out []string
	for _, c := range m.events {
		if c.Event != nil {
			out = append(out, title(c))
		}
	}
	slices.Sort(out)
	return out
}

func title(c model.Change) string {
	s := c.Event.Body.Reveal()
	if s.Master == nil {
		return ""
	}
	return s.Master.Summary
}

func (m *mirror) step(a model.Action) model.Result {
	m.t.Helper()
	r, err := m.s.Apply(m.t.Context(), []model.Step{{ID: "0123456789abcdef0123456789abcdef", Action: a}})
	if err != nil || len(r) != 1 {
		m.t.Fatalf("apply: %v, %d results", err, len(r))
	}
	if r[0].ID != "0123456789abcdef0123456789abcdef" {
		m.t.Errorf("result of step %q", r[0].ID)
	}
	return r[0]
}

func testEmpty(t *testing.T, env CalendarEnv) {
	m := open(t, env)
	if got := m.pull(); len(got) != 0 {
		t.Errorf("%d changes in an empty calendar", len(got))
	}
	if got := m.pull(); len(got) != 0 {
		t.Errorf("%d changes after nothing", len(got))
	}
}

func testListing(t *testing.T, env CalendarEnv) {
	for i := range 120 {
		env.Put(t, fmt.Sprintf("m%d", i), Meeting(fmt.Sprintf("m%d@firm.example", i), fmt.Sprintf("Meeting %03d", i), i%28+1))
	}
	m := open(t, env)
	m.pull()
	if got := m.titles(); len(got) != 120 || got[0] != "Meeting 000" || got[119] != "Meeting 119" {
		t.Errorf("%d titles", len(got))
	}
	idents := map[model.Ident]bool{}
	for _, c := range m.events {
		idents[c.Ident] = true
		if c.Ref.Source != env.Source || c.Ref.Version == "" || c.Ident == "" || len(c.Ident) > 80 || c.Event.Own != nil || c.Event.Ident != c.Ident || c.Event.Ref != c.Ref {
			t.Fatalf("change of %s: version %q", c.Ref.Source, c.Ref.Version)
		}
	}
	if len(idents) != 120 {
		t.Errorf("%d idents", len(idents))
	}
	if got := m.pull(); len(got) != 0 {
		t.Errorf("%d changes after nothing", len(got))
	}
}

func testChanges(t *testing.T, env CalendarEnv) {
	env.Put(t, "a", Meeting("a@firm.example", "A", 1))
	env.Put(t, "b", Meeting("b@firm.example", "B", 2))
	m := open(t, env)
	m.pull()
	was := map[string]model.Ident{}
	for _, c := range m.events {
		was[title(c)] = c.Ident
	}
	env.Put(t, "a", Meeting("a@firm.example", "A moved", 3))
	env.Put(t, "c", Meeting("c@firm.example", "C", 4))
	env.Delete(t, "b")
	got := m.pull()
	if len(got) != 3 || !slices.Equal(m.titles(), []string{"A moved", "C"}) {
		t.Fatalf("%d changes, titles %q", len(got), m.titles())
	}
	for _, c := range got {
		if c.Op == model.Gone && c.Ident != was["B"] {
			t.Error("the deletion names another event")
		}
		if c.Op == model.Put && title(c) == "A moved" && c.Ident != was["A"] {
			t.Error("the edited event has another name")
		}
	}
}

func testRepeat(t *testing.T, env CalendarEnv) {
	env.Put(t, "a", Meeting("a@firm.example", "A", 1))
	m := open(t, env)
	m.pull()
	env.Put(t, "b", Meeting("b@firm.example", "B", 2))
	env.Delete(t, "a")
	before := m.cursor
	for range 3 { // the caller fails to commit each time
		m.cursor = before
		if got := m.pull(); len(got) != 2 {
			t.Fatalf("%d changes, want the same two", len(got))
		}
	}
	m.pull()
	if !slices.Equal(m.titles(), []string{"B"}) {
		t.Errorf("titles %q", m.titles())
	}
}

// testCameAndWent: the caller saw a batch, failed to commit its cursor, and what was
// in it is gone, or is again what it was, before the next try.
func testCameAndWent(t *testing.T, env CalendarEnv) {
	env.Put(t, "a", Meeting("a@firm.example", "A", 1))
	env.Put(t, "c", Meeting("c@firm.example", "C", 1))
	m := open(t, env)
	m.pull()
	before := m.cursor
	env.Put(t, "a", Meeting("a@firm.example", "A moved", 1))
	env.Put(t, "b", Meeting("b@firm.example", "B", 2))
	env.Delete(t, "c")
	m.pull()
	m.cursor = before
	env.Put(t, "a", Meeting("a@firm.example", "A", 1))
	env.Delete(t, "b")
	env.Put(t, "c", Meeting("c@firm.example", "C", 1))
	m.pull()
	if !slices.Equal(m.titles(), []string{"A", "C"}) {
		t.Errorf("titles %q", m.titles())
	}
}

func testForeignCursor(t *testing.T, env CalendarEnv) {
	env.Put(t, "a", Meeting("a@firm.example", "A", 1))
	m := open(t, env)
	m.pull()
	env.Put(t, "b", Meeting("b@firm.example", "B", 2))
	again := open(t, env)
	b, err := again.s.Pull(t.Context(), m.cursor)
	if err == nil && (len(b.Changes) != 1 || b.Whole) || err != nil && err != connectors.ErrCursorExpired {
		t.Errorf("cursor of another life: %v, %d changes", err, len(b.Changes))
	}
	for _, nonsense := range []connectors.Cursor{"s:nonsense", "l:1", "p:x:0", "\x00"} {
		if _, err := again.s.Pull(t.Context(), nonsense); err != connectors.ErrCursorExpired {
			t.Errorf("cursor of nonsense: %v", err)
		}
	}
	again.cursor = ""
	again.pull()
	if len(again.titles()) != 2 {
		t.Errorf("titles %q after starting again", again.titles())
	}
}

// testGoneAfterRestart: a new Source that goes on with the cursor of an old one has
// seen nothing of what was there, and tells of its deletion all the same, also after
// other news, and again if that was not committed.
func testGoneAfterRestart(t *testing.T, env CalendarEnv) {
	for _, name := range []string{"a", "b", "c"} {
		env.Put(t, name, Meeting(name+"@firm.example", strings.ToUpper(name), 1))
	}
	m := open(t, env)
	m.pull()
	again := open(t, env)
	if _, err := again.s.Pull(t.Context(), m.cursor); err == connectors.ErrCursorExpired {
		return // whoever lists anew knows
	}
	again.cursor, again.events = m.cursor, m.events
	env.Put(t, "d", Meeting("d@firm.example", "D", 4))
	env.Delete(t, "b")
	for range 2 {
		again.cursor = m.cursor // not committed the first time
		again.pull()
	}
	if !slices.Equal(again.titles(), []string{"A", "C", "D"}) {
		t.Errorf("titles %q", again.titles())
	}
	env.Delete(t, "a")
	again.pull()
	if !slices.Equal(again.titles(), []string{"C", "D"}) {
		t.Errorf("titles %q after one more was deleted", again.titles())
	}
}

// testUnreadable needs an object every server stores and we refuse: a series with
// a start nobody can read is refused by some servers, so it may be left out.
func testUnreadable(t *testing.T, env CalendarEnv) {
	poison := env.Poison
	if poison == nil {
		poison = func(t testing.TB, name string, mend []byte) string {
			if mend == nil {
				mend = bytes.Replace(Meeting("long@firm.example", "Long", 2), []byte("SUMMARY:"),
					[]byte("DESCRIPTION:"+strings.Repeat("x", ical.MaxSize)+"\r\nSUMMARY:"), 1)
			}
			env.Put(t, name, mend)
			return "ics-too-large"
		}
	}
	env.Put(t, "a", Meeting("a@firm.example", "A", 1))
	code := poison(t, "long", nil)
	env.Put(t, "z", Meeting("z@firm.example", "Z", 3))
	m := open(t, env)
	m.pull()
	if !slices.Equal(m.titles(), []string{"A", "Z"}) {
		t.Errorf("titles %q", m.titles())
	}
	faults := 0
	for _, c := range m.events {
		if c.Op == model.Unreadable && c.Fault != nil && c.Fault.Code == code {
			faults++
		}
	}
	if faults != 1 {
		t.Errorf("%d faults", faults)
	}
	poison(t, "long", Meeting("long@firm.example", "Short now", 2))
	m.pull()
	if len(m.titles()) != 3 {
		t.Errorf("titles %q after it was mended", m.titles())
	}
}

func testMailSteps(t *testing.T, env CalendarEnv) {
	m := open(t, env)
	for _, a := range []model.Action{model.Mark{Flagged: true}, model.File{}, model.Note{}, model.DropNote{}} {
		if r := m.step(a); r.Outcome != model.Refused || r.Code == "" {
			t.Errorf("%s: outcome %d, code %q", a.Kind(), r.Outcome, r.Code)
		}
	}
}

func testCancel(t *testing.T, env CalendarEnv) {
	m := open(t, env)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.s.Pull(ctx, ""); err == nil {
		t.Error("pull went on after cancel")
	}
	if err := m.s.Wait(ctx); err != context.Canceled {
		t.Errorf("wait: %v", err)
	}
	m.pull() // a cancelled Wait leaves the source usable
	done := make(chan error, 1)
	go func() { done <- m.s.Wait(context.Background()) }()
	if err := m.s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; err == nil {
		t.Error("wait after close says there is news")
	}
	if _, err := m.s.Pull(t.Context(), ""); err == nil {
		t.Error("pull works after close")
	}
}

// testHistory edits at random, pulls at random, sometimes forgets the cursor, and
// must end with what the server holds.
func testHistory(t *testing.T, env CalendarEnv) {
	rng := rand.New(rand.NewSource(20260301))
	m := open(t, env)
	m.pull()
	there := map[int]bool{}
	for i := range 60 {
		switch n := rng.Intn(12); rng.Intn(4) {
		case 0:
			if there[n] {
				env.Delete(t, fmt.Sprintf("h%d", n))
				delete(there, n)
			}
		case 1:
			before := m.cursor
			m.pull()
			if rng.Intn(3) == 0 {
				m.cursor = before // not committed
			}
		default:
			env.Put(t, fmt.Sprintf("h%d", n), Meeting(fmt.Sprintf("h%d@firm.example", n), fmt.Sprintf("Version %02d", i), n+1))
			there[n] = true
		}
	}
	m.pull()
	got := map[string]string{}
	for _, c := range m.events {
		got[c.Event.Body.Reveal().UID] = title(c)
	}
	want := map[string]string{}
	for uid, data := range env.Objects(t) {
		s, _, _, _ := ical.Parse(data, nil)
		want[uid] = s.Master.Summary
	}
	if !maps.Equal(got, want) {
		t.Errorf("we hold %v, the server %v", got, want)
	}
	fresh := open(t, env)
	fresh.pull()
	if !slices.Equal(fresh.titles(), m.titles()) {
		t.Error("a fresh listing differs")
	}
}
