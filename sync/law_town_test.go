package sync

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"chancery/config"
	"chancery/connectors"
	"chancery/internal/model"
	"chancery/rules"
	"chancery/rules/agenda"
	"chancery/sync/journal"
)

// town is two leaders with their calendars and the mailbox of their assistant, in
// memory, a daemon that may die at any moment, lose its connection or its journal,
// and people who work on the same things.
type town struct {
	t      *testing.T
	seed   int64
	r      *rand.Rand
	now    time.Time
	dir    string // of the journal
	j      *journal.Journal
	saved  string          // a copy of the journal from earlier; "" for none
	known  map[string]bool // holds of which that copy knows that they stood
	rules  string
	e      *Engine
	cal    map[model.SourceID]*townCalendar
	box    *townBox
	ids    []model.SourceID // of the calendars
	mail   *townMail        // of the first leader; nil if nobody writes
	leads  []PrincipalSpec
	writes int
	next   []trouble
	trace  []string
	made   int

	lost    bool                 // the journal, once
	blind   bool                 // a hold that the new journal does not know was deleted just now
	seen    map[string]int64     // number of the last step planned, by leader
	decided map[model.Ident]bool // what people decided and the journal knows
}

var townCalendars = []model.SourceID{"c/work", "c/home", "c/holds", "d/work", "d/holds"}

func selfOf(id model.SourceID) string {
	if strings.HasPrefix(string(id), "c/") {
		return "gc@firm.example"
	}
	return "cfo@firm.example"
}

func newTown(t *testing.T, seed int64, conflicts string) *town {
	t.Helper()
	w := &town{t: t, seed: seed, r: rand.New(rand.NewSource(seed)), now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), cal: map[model.SourceID]*townCalendar{},
		ids: townCalendars, seen: map[string]int64{}, decided: map[model.Ident]bool{}}
	w.rules = `version: 1
calendar:
  mirrors:
    - {name: private-time, mode: enforce, from: [c/home], to: c/work, as: Busy}
  classes:
    - {name: personnel, mode: enforce, class: private, when: 'ev.title.contains("Staff")'}
  ranks:
    - {name: court, rank: 100, when: 'ev.title.contains("Court")', fixed: true}
    - {name: board, rank: 70, when: 'ev.title.contains("Board")', buffer: 15m}
    - {name: internal, rank: 20, when: 'true'}
  conflicts: {mode: enforce, horizon: 30d, ` + conflicts + `}
`
	for _, id := range w.ids {
		w.cal[id] = newTownCalendar(w, id)
	}
	w.box = &townBox{w: w, there: map[string]*standingNote{}, sent: map[model.Ident]bool{}, unsure: map[string]bool{}}
	for _, p := range []PrincipalSpec{leader("gc", "c/holds"), leader("cfo", "d/holds")} {
		p.Notes, p.NotesBox, p.Drafts = "pa", []string{"INBOX"}, "pa"
		p.Calendars = []model.SourceID{"d/work"}
		if p.Name == "gc" {
			p.Calendars = []model.SourceID{"c/work", "c/home"}
		}
		w.leads = append(w.leads, p)
	}
	w.openJournal(t.TempDir())
	t.Cleanup(func() { _ = w.j.Close() })
	w.start()
	return w
}

func (w *town) openJournal(dir string) {
	w.t.Helper()
	j, err := journal.Open(w.t.Context(), journal.Options{Driver: "sqlite", Path: dir, Key: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		w.t.Fatal(err)
	}
	w.j, w.dir = j, dir
}

func (w *town) say(format string, args ...any) {
	w.trace = append(w.trace, fmt.Sprintf(format, args...))
}

// broken ends the test: a law does not hold.
func (w *town) broken(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf("seed %d: %s\nafter: %s", w.seed, fmt.Sprintf(format, args...), strings.Join(w.trace[max(0, len(w.trace)-40):], "\n       "))
}

// bad is what goes wrong with this write.
func (w *town) bad() trouble {
	if len(w.next) == 0 {
		return noTrouble
	}
	b := w.next[0]
	w.next = w.next[1:]
	return b
}

func (w *town) wrote(s model.Step) {
	w.writes++
	if h, ok := s.Action.(model.Hold); ok && agenda.IsMirror(s.Ident) { // S9
		b := h.Body.Reveal()
		all := fmt.Sprint(h.UID, string(h.Of), b.Summary, b.Description, b.Related)
		for _, word := range townTitles {
			if strings.Contains(all, word) || !b.Private || !b.Blocks {
				w.broken("a mirror says %q of what it shows", word)
			}
		}
	}
	w.say("write %d: %s of %s at %s", w.writes, s.Action.Kind(), string(s.Ident), s.Source)
}

func (w *town) engine() *Engine {
	w.t.Helper()
	o := Options{Journal: w.j, Owner: "test", Log: slog.New(slog.DiscardHandler), Principals: w.leads}
	open := func(src connectors.Source) func(context.Context, journal.Position) (connectors.Source, error) {
		return func(context.Context, journal.Position) (connectors.Source, error) { return src, nil }
	}
	for _, id := range w.ids {
		o.Sources = append(o.Sources, SourceSpec{ID: id, Calendar: true, Open: open(w.cal[id])})
	}
	o.Sources = append(o.Sources, SourceSpec{ID: "pa", Open: open(w.box)})
	if w.mail != nil {
		o.Sources = append(o.Sources, SourceSpec{ID: "gc", Principal: "gc", Open: open(w.mail)})
	}
	e, err := New(o, townSet(w.t, w.rules))
	if err != nil {
		w.t.Fatal(err)
	}
	e.now = func() time.Time { return w.now }
	return e
}

// townSet compiles rules that know the calendars of a town.
func townSet(t *testing.T, text string) *rules.Set {
	t.Helper()
	account := func(name string) string {
		return "  - {name: " + name + `, caldav: {url: "https://cal.firm.example/", user: u, password: {file: p}, calendars: [work, home, holds]}}` + "\n"
	}
	c, problems := config.Load(fstest.MapFS{
		"chancery.yaml": {Data: []byte("version: 1\naccounts:\n" + account("c") + account("d") +
			"  - {name: pa, imap: {host: mail.firm.example, user: pa, password: {file: p}, mailboxes: [INBOX]}}\n" +
			"principals:\n  - {name: gc, zone: Europe/Berlin, addresses: [gc@firm.example], calendars: [c/work, c/home], holds: c/holds, notes: {account: pa, mailbox: INBOX, to: pa@firm.example}}\n" +
			"  - {name: cfo, zone: Europe/Berlin, addresses: [cfo@firm.example], calendars: [d/work], holds: d/holds, notes: {account: pa, mailbox: INBOX, to: pa@firm.example}}\n")},
		"p":               {Data: []byte("secret\n")},
		"rules.d/10.yaml": {Data: []byte(text)},
	}, ".")
	if problems != nil {
		t.Fatal(problems)
	}
	set, problems := rules.Compile(&c.Rules)
	if problems != nil {
		t.Fatal(problems)
	}
	return set
}

// start is a new process over the same journal and the same servers.
func (w *town) start() {
	w.t.Helper()
	e, ctx := w.engine(), w.t.Context()
	for id, k := range e.workers {
		if err := k.claim(ctx); err != nil {
			w.t.Fatal(err)
		}
		switch id {
		case "pa":
			k.src = w.box
		case "gc":
			k.src = w.mail
		default:
			k.src = w.cal[id]
		}
	}
	for _, s := range e.settlers {
		var err error
		if s.lease, err = w.j.Claim(ctx, model.SourceID(s.spec.group()), "test", w.now); err != nil {
			w.t.Fatal(err)
		}
		if err := s.recall(ctx); err != nil {
			w.t.Fatal(err)
		}
	}
	w.e = e
}

// turn lets one worker work, and reports whether nothing failed. Without its connection
// it comes back, in this process or in another one.
func (w *town) turn(id model.SourceID) bool {
	w.t.Helper()
	err := w.e.workers[id].turn(w.t.Context(), w.t.Context())
	if err == nil {
		return true
	}
	if isJournal(err) {
		w.t.Fatal(err)
	}
	w.say("turn of %s: %v", id, err)
	if w.r.Intn(2) == 0 {
		w.say("restart")
		w.start()
		return false
	}
	w.e.workers[id].stir() // the worker opens the source again and goes on from its cursor
	return false
}

func (w *town) settle(i int) {
	w.t.Helper()
	s := w.e.settlers[i]
	if len(w.trace)%4 == 0 { // the same is known, so the same is decided
		_, once, err := w.e.decideAgenda(w.t.Context(), s.spec)
		_, again, err2 := w.e.decideAgenda(w.t.Context(), s.spec)
		if a, b := inOrder(once.Steps), inOrder(again.Steps); err != nil || err2 != nil || !slices.Equal(a, b) {
			w.broken("decided twice: %v %v\n  %v\n  %v", err, err2, a, b)
		}
	}
	if _, err := s.settle(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.e.want(s.spec, s.asks) // no server here tells of people's time; the leaders know of each other's
	for of, step := range w.news(s.spec) {
		if w.decided[of] {
			w.broken("a %s of %s, which a person decided, is planned", step.Action.Kind(), string(of))
		}
	}
}

// news are the holds and amends that were planned since it was asked last.
func (w *town) news(p PrincipalSpec) map[model.Ident]model.Step {
	w.t.Helper()
	list, err := w.j.ByGroupSince(w.t.Context(), p.group(), w.seen[p.Name])
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[model.Ident]model.Step{}
	for _, in := range list {
		w.seen[p.Name] = max(w.seen[p.Name], in.Seq)
		switch in.Step.Action.(type) {
		case model.Hold, model.Withdraw, model.Amend:
			out[in.Step.Ident] = in.Step
		}
	}
	return out
}

// planned are all steps that were ever planned, but for those that were replaced.
func (w *town) planned() map[model.StepID]model.Step {
	w.t.Helper()
	out := map[model.StepID]model.Step{}
	for _, p := range w.leads {
		intents, err := w.j.ByGroup(w.t.Context(), p.group())
		if err != nil {
			w.t.Fatal(err)
		}
		for _, in := range intents {
			if in.State != journal.StateSuperseded {
				out[in.Step.ID] = in.Step
			}
		}
	}
	return out
}

// remember notes what people decided, as far as it is written down.
func (w *town) remember() {
	w.t.Helper()
	var idents []model.Ident
	for _, s := range w.planned() {
		idents = append(idents, s.Ident)
	}
	by, err := w.j.Released(w.t.Context(), idents)
	if err != nil {
		w.t.Fatal(err)
	}
	for of := range by {
		w.decided[of] = true
	}
}

// pending counts the steps that are not over and do not wait for a person.
func (w *town) pending() (n int) {
	w.t.Helper()
	for id := range w.e.workers {
		k, _, err := w.j.PendingCount(w.t.Context(), id)
		if err != nil {
			w.t.Fatal(err)
		}
		n += k
	}
	return n
}

// rest works without further trouble until nothing is left to do.
func (w *town) rest() {
	w.t.Helper()
	w.next, w.blind = nil, false
	ids := slices.Clone(w.ids)
	if w.mail != nil {
		ids = append(ids, "gc")
	}
	w.r.Shuffle(len(ids), func(i, k int) { ids[i], ids[k] = ids[k], ids[i] })
	for quiet, n := 0, 0; quiet < 3; n++ {
		if n > 120 {
			for id := range w.e.workers {
				open, _ := w.j.Pending(w.t.Context(), id, w.now.AddDate(1, 0, 0), 100)
				for _, in := range open {
					w.say("open: %s of %s at %s, tried %d times, last %q, not before %s, now %s", in.Step.Action.Kind(), string(in.Step.Ident), id, in.Attempts, in.Code, in.NotBefore, w.now)
				}
			}
			w.broken("it never comes to rest")
		}
		writes, plans, failed := w.writes, maps.Clone(w.seen), false
		for _, id := range append(slices.Clone(ids), "pa") {
			failed = !w.turn(id) || failed
		}
		for i := range w.leads {
			w.settle(i)
		}
		quiet++
		switch {
		case w.pending() > 0:
			w.now = w.now.Add(2 * time.Minute) // what was put off is tried again
			quiet = 0
		case w.writes != writes || !maps.Equal(plans, w.seen), failed: // who came back has to read first
			quiet = 0
		}
	}
}

// check holds what must be true at rest.
func (w *town) check() {
	w.t.Helper()
	w.remember()
	for _, id := range w.ids {
		c := w.cal[id]
		for href, ev := range c.events { // S1, and S8 for all but the poisoned
			got, ok := w.e.agenda.get(id, href)
			if !c.poison[href] && (!ok || got.Ref.Version != ev.Ref.Version) {
				w.broken("an event of %s is not known as it is: there %v", id, ok)
			}
		}
		for _, href := range c.log {
			if _, there := c.events[href]; there {
				continue
			}
			if _, ok := w.e.agenda.get(id, href); ok {
				w.broken("an event of %s that is gone is still known", id)
			}
		}
		for href, version := range c.mine {
			ev, there := c.events[href]
			if there != (version != "") || there && ev.Ref.Version != version {
				w.broken("a person's edit is lost: left %q, now %q", version, ev.Ref.Version)
			}
		}
		for key, n := range c.amends {
			if n > 1 {
				w.broken("%s was changed %d times", key, n)
			}
		}
		w.checkHolds(c)
	}
	about := map[string]int{}
	for _, x := range w.box.there {
		if k := fmt.Sprint(string(x.of), x.draft); !x.touched {
			if about[k]++; about[k] > 1 {
				w.broken("two notes about %s", k)
			}
		}
	}
}

// checkHolds: one object for each intent, and nothing beside what was chosen.
func (w *town) checkHolds(c *townCalendar) {
	w.t.Helper()
	chosen, stands := map[string]bool{}, map[model.Ident]bool{}
	for _, ev := range c.events {
		if ev.Own == nil {
			continue
		}
		if stands[ev.Own.Of] {
			w.broken("two objects for %s", string(ev.Own.Of))
		}
		stands[ev.Own.Of] = true
		if ev.Own.Confirmed && agenda.IsSlot(ev.Own.Of) {
			chosen[agenda.Root(ev.Own.Of)] = true
		}
	}
	for _, href := range slices.Sorted(maps.Keys(c.events)) {
		if ev := c.events[href]; ev.Own != nil && ev.Own.Intact && chosen[agenda.Root(ev.Own.Of)] && !c.poison[href] {
			w.broken("%s stands beside the one that was chosen", string(ev.Own.Of))
		}
	}
}
