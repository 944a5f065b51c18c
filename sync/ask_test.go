package sync

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
	"chancery/sync/journal"
)

// cabinet is a calendar that a test wrote down. It can be asked for the time of
// some people.
type cabinet struct {
	id     model.SourceID
	events []model.Event

	mu      sync.Mutex
	people  map[string]model.FreeBusy
	asked   [][]string
	fails   error
	changed chan struct{}
	news    []model.Change
	holds   []model.HoldBody
}

func (c *cabinet) Pull(_ context.Context, since connectors.Cursor) (connectors.Batch, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := connectors.Batch{Next: "1", Whole: since == ""}
	if since == "" {
		for i := range c.events {
			b.Changes = append(b.Changes, model.Change{Op: model.Put, Ref: c.events[i].Ref, Ident: c.events[i].Ident, Event: &c.events[i]})
		}
	}
	b.Changes, c.news = append(b.Changes, c.news...), nil
	return b, nil
}

func (c *cabinet) Wait(ctx context.Context) error {
	select {
	case <-c.changed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *cabinet) Apply(_ context.Context, steps []model.Step) ([]model.Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []model.Result
	for _, s := range steps {
		at := model.Ref{Source: c.id, Href: model.Name("/" + string(s.Ident) + ".ics"), Version: string(s.ID)}
		if h, ok := s.Action.(model.Hold); ok {
			c.holds = append(c.holds, h.Body.Reveal())
			ev := model.Event{Ref: at, Ident: s.Ident, Own: &model.Own{Of: h.Of, Digest: h.Digest, Intact: true}, Tagged: true, Body: model.Hide(model.Series{UID: h.UID})}
			c.news = append(c.news, model.Change{Op: model.Put, Ref: at, Ident: ev.Ident, Event: &ev})
		}
		out = append(out, model.Result{ID: s.ID, Outcome: model.Done, Ref: at})
	}
	return out, nil
}

func (c *cabinet) Close() error { return nil }

func (c *cabinet) FreeBusy(_ context.Context, addresses []string, from, till time.Time) (map[string]model.FreeBusy, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, slices.Clone(addresses))
	if c.fails != nil {
		return nil, c.fails
	}
	out := map[string]model.FreeBusy{}
	for _, a := range addresses {
		if fb, ok := c.people[a]; ok {
			fb.From, fb.Till = model.UnixTime(from.Unix()), model.UnixTime(till.Unix())
			out[a] = fb
		}
	}
	return out, nil
}

// questions counts how often an address was asked for.
func (c *cabinet) questions(addr string) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, list := range c.asked {
		if slices.Contains(list, addr) {
			n++
		}
	}
	return n
}

// offers are the times that the newest hold of each conflict names.
func (c *cabinet) offers() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.holds) == 0 {
		return ""
	}
	return c.holds[len(c.holds)-1].Description
}

const rulesOfCabinet = `version: 1
defaults: {mode: enforce}
calendar:
  ranks:
    - {name: court, rank: 100, fixed: true, when: 'ev.title == "Hearing"'}
    - {name: client, rank: 60, when: true}
  conflicts: {alternatives: 1, slots: false}
`

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func appointment(source model.SourceID, title string, start time.Time, people ...string) model.Event {
	o := &model.Occurrence{
		Summary: title, Status: "CONFIRMED", Start: model.Time{Wall: start, Loc: time.UTC}, End: model.Time{Wall: start.Add(time.Hour), Loc: time.UTC},
	}
	for _, p := range people {
		o.Attendees = append(o.Attendees, model.Attendee{Address: model.Address{Addr: p}, PartStat: "ACCEPTED"})
	}
	return model.Event{
		Ref: model.Ref{Source: source, Href: model.Name("/" + title + ".ics"), Version: "1"}, Ident: model.Ident("u:" + title),
		Body: model.Hide(model.Series{UID: title, Master: o}),
	}
}

func leader(name string, calendar model.SourceID) PrincipalSpec {
	p := PrincipalSpec{Principal: model.Principal{Name: name, Zone: time.UTC, Addresses: []string{name + "@firm.example"}, Holds: calendar}, Calendars: []model.SourceID{calendar}}
	for d := time.Monday; d <= time.Friday; d++ {
		p.Hours = append(p.Hours, model.Hours{Day: d, From: 9 * 60, Till: 17 * 60})
	}
	return p
}

// cabinets is an engine over such calendars, one for each principal, at eight on
// a Monday.
func cabinets(t *testing.T, of ...*cabinet) *Engine {
	t.Helper()
	j, err := journal.Open(t.Context(), journal.Options{Driver: "sqlite", Path: t.TempDir(), Key: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	o := Options{Journal: j, Owner: "test", Log: slog.New(slog.DiscardHandler)}
	for _, c := range of {
		c.changed = make(chan struct{}, 1)
		open := func(context.Context, journal.Position) (connectors.Source, error) { return c, nil }
		o.Sources = append(o.Sources, SourceSpec{ID: c.id, Calendar: true, Open: open})
		o.Principals = append(o.Principals, leader(string(c.id[:strings.Index(string(c.id), "/")]), c.id))
	}
	e, err := New(o, rulesFrom(t, rulesOfCabinet))
	if err != nil {
		t.Fatal(err)
	}
	e.now = func() time.Time { return monday.Add(-time.Hour) }
	return e
}

// rested runs the engine until it rests, does what the test wants, and lets it
// rest again.
func rested(t *testing.T, e *Engine, then ...func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	for _, do := range append([]func(){func() {}}, then...) {
		do()
		patience, cancel := context.WithTimeout(t.Context(), time.Minute)
		if err := e.Rest(patience); err != nil {
			t.Error("it does not come to rest")
		}
		cancel()
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func taken(from, till int) model.Stretch {
	at := func(hour int) model.UnixTime {
		return model.UnixTime(monday.Truncate(24*time.Hour).Unix() + int64(3600*hour))
	}
	return model.Stretch{Start: at(from), End: at(till)}
}

// The first advice of a process waits until the server has told who is free, so that
// it need not be given twice.
func TestPeopleOfOtherHousesAreAskedFor(t *testing.T) {
	gc := &cabinet{id: "gc/work", people: map[string]model.FreeBusy{"c@client.example": {Taken: []model.Stretch{taken(11, 13)}}}}
	gc.events = []model.Event{
		appointment("gc/work", "Hearing", monday.Add(time.Hour)),
		appointment("gc/work", "Lease", monday.Add(time.Hour), "gc@firm.example", "c@client.example", "unknown@elsewhere.example"),
	}
	e := cabinets(t, gc)
	rested(t, e)
	if got := gc.offers(); !strings.Contains(got, "- Mon 23 Nov 2026, 13:00–14:00") || strings.Contains(got, "- Mon 23 Nov 2026, 11:00") || strings.Contains(got, "- Mon 23 Nov 2026, 12:00") {
		t.Errorf("offered:\n%s", got)
	}
	if n := gc.questions("c@client.example"); n != 1 || len(gc.holds) != 1 {
		t.Errorf("asked %d times, advised %d times", n, len(gc.holds))
	}
	fb, ok := e.busyFor(e.opt.Principals[0])["c@client.example"]
	if _, guessed := e.busyFor(e.opt.Principals[0])["unknown@elsewhere.example"]; !ok || len(fb.Taken) != 1 || guessed {
		t.Errorf("known: %v, %v; somebody is free whom nobody knows: %v", fb, ok, guessed)
	}
	if len(e.busyFor(PrincipalSpec{Principal: model.Principal{Name: "another"}})) != 0 {
		t.Error("one principal's server answers for another's")
	}
}

// What the server tells changes the offer, and a quarter of an hour long it is not
// asked again.
func TestAnOfferGivesWayToWhatIsTold(t *testing.T) {
	gc := &cabinet{id: "gc/work", people: map[string]model.FreeBusy{"c@client.example": {Taken: []model.Stretch{taken(9, 12)}}}}
	gc.events = []model.Event{
		appointment("gc/work", "Hearing", monday.Add(time.Hour)),
		appointment("gc/work", "Lease", monday.Add(time.Hour), "gc@firm.example", "c@client.example"),
	}
	e := cabinets(t, gc)
	rested(t, e, func() { e.Reload(e.rules.Load()) })
	if got := gc.offers(); !strings.Contains(got, "12:00–13:00") || strings.Contains(got, "- Mon 23 Nov 2026, 09:00") {
		t.Errorf("offered:\n%s", got)
	}
	if n := gc.questions("c@client.example"); n != 1 {
		t.Errorf("asked %d times", n)
	}
	e.now = func() time.Time { return monday.Add(-30 * time.Minute) }
	if due := e.want(e.opt.Principals[0], []model.Ask{{Address: "c@client.example"}}); len(due) != 1 {
		t.Error("an old answer is never asked for again")
	}
	e.now = func() time.Time { return monday.Add(12 * time.Hour) }
	if len(e.busyFor(e.opt.Principals[0])) != 0 {
		t.Error("what was told in the morning counts in the evening")
	}
}

// Our own principals' time comes from their calendars, and follows them.
func TestOwnPrincipalsAreKnown(t *testing.T) {
	gc, cfo := &cabinet{id: "gc/work"}, &cabinet{id: "cfo/work"}
	gc.events = []model.Event{
		appointment("gc/work", "Hearing", monday.Add(time.Hour)),
		appointment("gc/work", "Budget", monday.Add(time.Hour), "gc@firm.example", "cfo@firm.example"),
	}
	cfo.events = []model.Event{
		appointment("cfo/work", "Bank", monday), // nine: what would be nearest
		appointment("cfo/work", "Audit", monday.Add(2*time.Hour)),
	}
	e := cabinets(t, gc, cfo)
	rested(t, e, func() {
		if got := gc.offers(); !strings.Contains(got, "- Mon 23 Nov 2026, 12:00") {
			t.Errorf("offered:\n%s", got)
		}
		cfo.mu.Lock()
		noon := appointment("cfo/work", "Lunch", monday.Add(3*time.Hour))
		cfo.news = []model.Change{{Op: model.Put, Ref: noon.Ref, Ident: noon.Ident, Event: &noon}}
		cfo.mu.Unlock()
		e.Wake("cfo/work")
	})
	if got := gc.offers(); !strings.Contains(got, "- Mon 23 Nov 2026, 13:00") {
		t.Errorf("offered after lunch was put in:\n%s", got)
	}
	if gc.questions("cfo@firm.example") != 0 {
		t.Error("a server was asked for what we know")
	}
}

// A server that cannot be asked hinders nothing, and is asked again.
func TestAskingMayFail(t *testing.T) {
	gc := &cabinet{id: "gc/work", fails: &connectors.Error{Class: connectors.Network, Code: "reset"}}
	gc.events = []model.Event{
		appointment("gc/work", "Hearing", monday.Add(time.Hour)),
		appointment("gc/work", "Lease", monday.Add(time.Hour), "gc@firm.example", "c@client.example"),
	}
	e := cabinets(t, gc)
	var clock atomic.Int64
	e.now = func() time.Time { return monday.Add(-time.Hour + time.Duration(clock.Load())) }
	rested(t, e, func() {
		if gc.offers() == "" {
			t.Error("nothing was told")
		}
		if n := gc.questions("c@client.example"); n != 1 {
			t.Errorf("asked %d times at once", n)
		}
		clock.Store(int64(askRetry))
		e.Reload(e.rules.Load())
	})
	if n := gc.questions("c@client.example"); n != 2 {
		t.Errorf("asked %d times", n)
	}
}

// plan says what run says: it asks as well.
func TestPlanAsksToo(t *testing.T) {
	gc, cfo := &cabinet{id: "gc/work", people: map[string]model.FreeBusy{"c@client.example": {Taken: []model.Stretch{taken(9, 12)}}}}, &cabinet{id: "cfo/work"}
	gc.events = []model.Event{
		appointment("gc/work", "Hearing", monday.Add(time.Hour)),
		appointment("gc/work", "Lease", monday.Add(time.Hour), "gc@firm.example", "c@client.example", "cfo@firm.example"),
	}
	cfo.events = []model.Event{appointment("cfo/work", "Lunch", monday.Add(3*time.Hour))}
	e := cabinets(t, gc, cfo)
	var planned string
	for _, p := range e.Plan(t.Context()) {
		for _, s := range p.Steps {
			planned += s.Action.(model.Hold).Body.Reveal().Description
		}
	}
	rested(t, e)
	if ran := gc.offers(); planned != ran || !strings.Contains(ran, "- Mon 23 Nov 2026, 13:00") {
		t.Errorf("planned:\n%s\nran:\n%s", planned, ran)
	}
}
