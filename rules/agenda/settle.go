package agenda

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"chancery/internal/model"
)

// Ranked is what the rule files say about one event.
type Ranked struct {
	Name   string        // name of the rank, e.g. "court"; "" if no rank matched
	Rank   int           // higher keeps the slot
	Fixed  bool          // never asked to yield
	Ignore bool          // takes no part in the search
	Buffer time.Duration // kept free on both sides; at most a day
	Place  string        // file:line:col of the rank

	Before, After time.Duration // of Buffer's two sides, where the rank tells them apart
	Travel        time.Duration // kept free on both sides of an event at a place
	Deadline      time.Duration // the event is a point that blocks this much time before it
	Resolve       string        // what happens to an event of this rank that yields; "" as Options.Resolve says
	Unsure        bool          // a condition failed: it is ranked anew at every look
}

// Ranker ranks one VEVENT of an event: the master or an override. It must be a
// function of its arguments alone.
type Ranker func(e *model.Event, o *model.Occurrence) Ranked

// Options is the conflicts block of the rule files.
type Options struct {
	Horizon      time.Duration // how far ahead; 180 days if zero, at most two years
	Alternatives int           // free slots offered
	Discreet     bool          // name ranks and times only, no titles
	Mode         string        // "observe" reports, "enforce" acts, "off" does nothing
	Place        string        // file:line:col of the block
	Version      string        // of the rule set
	Resolve      string        // "propose" or "", "tentative", "decline", "move": what happens to an event that yields
	Slots        bool          // free slots stand in the calendar as holds of their own
	Replies      bool          // a draft to the organizer is written
	Notice       time.Duration // an event that begins sooner is never amended

	Protected []Protected
	Mirrors   []Mirror
	Classes   []ClassRule
	// Lives says to which zone an event takes the principal; nil if to none. It is a
	// function of its arguments alone, and nil if no event ever does.
	Lives func(e *model.Event, o *model.Occurrence) *time.Location
	// Ask is told whose time would have to be known for better advice, in the order of
	// the addresses; nil if nobody can be asked.
	Ask func(model.Ask)
	// Drop is told which changes of events that wait for a person are not wanted any
	// more, or not as they were asked for; nil if nobody wants to know.
	Drop func(of model.Ident)
}

const (
	ruleName     = "conflicts"
	usualHorizon = 180 * 24 * time.Hour
	maxHorizon   = 2 * 366 * 24 * time.Hour
	maxConflicts = 500
	maxTold      = 50 // reports about events that could not be followed
)

// Settle compares the conflicts of the principal in v with what was told of them
// before and returns the steps that make it true again, the reports of what it
// leaves alone, and the moment at which time alone changes the answer. Step.ID
// is left empty. A hold's Stamp and a note's Date are v.Now; they are in no
// digest, UID or Message-ID.
func Settle(v model.View, o Options, rank Ranker) (steps []model.Step, reports []model.Report, lookAgain time.Time) {
	return BookOf(&v).Settle(v, o, rank)
}

// Settle is the function Settle for the events of the Book in place of v.Agenda.
func (b *Book) Settle(v model.View, o Options, rank Ranker) (steps []model.Step, reports []model.Report, lookAgain time.Time) {
	if o.Mode == "off" && len(o.Mirrors) == 0 && len(o.Classes) == 0 && !mirrors(v.Findings) && !waits(v.Findings) {
		return nil, nil, time.Time{}
	}
	s := newSettlement(v, o, rank)
	s.read(b)
	s.adopt()
	s.collect()
	s.look(s.midnight(v.Now, 1))
	if o.Mode != "off" {
		s.untangle()
	}
	s.mirror()
	s.classify()
	s.drop()
	return s.steps, s.reports, s.again
}

// untangle settles the conflicts.
func (s *settlement) untangle() {
	v := s.v
	till := s.midnight(v.Now.Add(s.horizon()), 1)
	blocks, tooMany := s.gather(v.Now, till.Add(24*time.Hour)) // a slot at the end has neighbours, too
	conflicts, found := s.conflicts(blocks, till)
	full := found.full || tooMany
	standing := map[model.Ident]bool{}
	rest := conflicts[min(len(conflicts), maxConflicts):]
	conflicts = conflicts[:len(conflicts)-len(rest)]
	for _, c := range conflicts {
		standing[c.of] = true
	}
	if full || found.cut || len(rest) > 0 {
		s.report("limit", "", "there are more conflicts than can be told")
	}
	s.outside(blocks, till)
	d := s.diary(blocks, till)
	records := s.records(blocks, conflicts)
	s.relate(conflicts)
	d.promises = s.promised(conflicts)
	for i := range conflicts {
		s.settle(&conflicts[i], d)
	}
	for i := range records {
		standing[records[i].of] = true
		s.record(&records[i])
	}
	s.many(d)
	if !full {
		s.clear(standing, func() []conflict {
			if found.cut {
				rest, _ = s.conflictsOf(blocks, till, maxPairs)
			}
			return rest
		})
	} else {
		s.partly = true
	}
	s.askAll()
}

// settlement is one run of Settle.
type settlement struct {
	v       model.View
	o       Options
	rank    Ranker
	book    *Book
	zone    *time.Location
	mine    map[string]bool // the principal's addresses
	domains map[string]bool // and their domains
	steps   []model.Step
	reports []model.Report
	again   time.Time
	told    int
	own     map[model.Ident]*model.Event // our holds as they stand now
	held    map[string]slotHolds         // by kind and root
	amends  map[string][]amended         // by the root of the event
	due     map[model.Ident]bool         // of amends that wait: they would be asked for again
	kin     map[*block][]*conflict       // by who yields
	changes map[model.Ident]bool         // events that are changed now
	partly  bool                         // there are conflicts that were not looked at

	// remembers: what the rules say is what the Book was told before.
	remembers bool
	placed    map[string]int
	away      map[day]*time.Location // where the principal is not at home
	abroad    []*time.Location
	dawns     map[day]dawn
	yielding  map[model.Ident][]*block // the dates of a meeting that yield
	asks      map[string]model.Ask
	classed   map[model.Ident]bool // events whose class a rule sets at this look
}

func newSettlement(v model.View, o Options, rank Ranker) *settlement {
	s := &settlement{v: v, o: o, rank: rank, zone: v.Principal.Zone, mine: map[string]bool{}, domains: map[string]bool{}, due: map[model.Ident]bool{}}
	if s.zone == nil {
		s.zone = time.UTC
	}
	s.o.Alternatives = min(max(o.Alternatives, 0), 10)
	for _, a := range v.Principal.Addresses {
		a = strings.ToLower(a)
		s.mine[a] = true
		if _, domain, ok := strings.Cut(a, "@"); ok {
			s.domains[domain] = true
		}
	}
	return s
}

// adopt takes up holds of ours that nobody remembers, after the state was lost or
// put back to an earlier day: so that none is made twice, none stays for ever, and
// none that a person edited is written over. What a person confirmed is confirmed
// in whatever calendar it stands.
func (s *settlement) adopt() {
	known := s.v.Findings
	s.v.Findings = maps.Clone(known)
	if s.v.Findings == nil {
		s.v.Findings = map[model.Ident]model.Finding{}
	}
	s.own = map[model.Ident]*model.Event{}
	for _, n := range s.book.list {
		e := n.live
		// The UID tells the holds of one principal from those of another in the same
		// calendar, and from copies.
		if e == nil || e.Own == nil || e.Body.Reveal().UID != s.holdUID(e.Own.Of) {
			continue
		}
		confirmed := e.Own.Confirmed && IsSlot(e.Own.Of)
		if e.Ref.Source != s.v.Principal.Holds && !confirmed && !IsMirror(e.Own.Of) {
			continue
		}
		s.own[e.Own.Of] = e
		f, ok := s.v.Findings[e.Own.Of]
		if !ok {
			f = model.Finding{Hold: e.Own.Digest, HoldRef: e.Ref, Pinned: !e.Own.Intact && !confirmed}
		}
		f.Confirmed = f.Confirmed || confirmed
		if !ok || confirmed {
			s.v.Findings[e.Own.Of] = f
		}
	}
}

func (s *settlement) horizon() time.Duration {
	if s.o.Horizon <= 0 {
		return usualHorizon
	}
	return min(s.o.Horizon, maxHorizon)
}

// midnight is the beginning of the day of t, or of a day after it, in the
// principal's zone. The horizon ends at one, so that it moves once a day.
func (s *settlement) midnight(t time.Time, after int) time.Time {
	y, m, d := t.In(s.zone).Date()
	return model.Time{Wall: time.Date(y, m, d+after, 0, 0, 0, 0, time.UTC)}.In(s.zone)
}

// look asks to be called again at t.
func (s *settlement) look(t time.Time) {
	if t.After(s.v.Now) && (s.again.IsZero() || t.Before(s.again)) {
		s.again = t
	}
}

// settle brings one conflict to what should stand.
func (s *settlement) settle(c *conflict, d *diary) {
	s.look(c.over)
	f, slots := s.v.Findings[c.of], s.slotsOf(kindSlot, Root(c.of))
	switch {
	case f.Dismissed:
		s.reportOf(c.of, "dismissed", "hold", c.why())
		s.conclude(c.of, slots, "the conflict was dismissed")
		return
	case s.kinSlots(c).confirmed():
		s.reportOf(c.of, "chosen", "hold", c.why())
		s.conclude(c.of, slots, "another time was chosen")
		return
	case s.amend(c, d):
		return
	case f.Pinned:
		s.reportOf(c.of, "pinned", "hold", c.why())
		s.outdated(c, slots, d)
		return
	}
	t := s.telling(c, d)
	for _, w := range t.slots {
		s.look(w.start)
	}
	s.tellHere(c, t, f)
	s.slots(t)
	s.reply(t)
}

// tellHere brings the hold that tells a conflict, and its note, up to date.
func (s *settlement) tellHere(c *conflict, t telling, f model.Finding) {
	p := s.v.Principal
	if f.Hold != "" && (p.Holds == "" || t.record) {
		s.withdraw(c.of, f)
	}
	if p.Holds != "" && !t.record && f.Hold != t.digest {
		s.hold(c, t, f)
	}
	if p.Notes != "" && f.Note != t.digest {
		s.note(c, t, f)
	}
}

// conclude takes away what nobody touched of a conflict that a person decided.
func (s *settlement) conclude(of model.Ident, slots slotHolds, why string) {
	f := s.v.Findings[of]
	if f.Hold != "" && !f.Dismissed && !f.Pinned {
		s.withdrawFor(of, f, why)
	}
	if !f.Dismissed && !f.Pinned {
		s.dropNote(of, f, why)
	}
	s.sweep(slots, nil, why)
	s.dropReply(of, why)
}

// outdated takes away the offers of a conflict whose hold a person edited, when
// their time has come or is taken. New ones are not made: the person is at it.
func (s *settlement) outdated(c *conflict, slots slotHolds, d *diary) {
	good := s.goodOffers(c, d)
	for _, h := range good {
		s.look(h.start)
	}
	s.sweep(slots, keepOf(good), "this time is no longer offered")
}

// clear takes away what stands for conflicts that are gone or past. rest are those
// that stand beside; they are asked for only if there is doubt.
func (s *settlement) clear(standing map[model.Ident]bool, rest func() []conflict) {
	const why = "the conflict is gone"
	gone := func(of model.Ident) bool {
		kind, root, _ := split(of)
		return (kind == kindConflict || kind == kindSlot || kind == kindReply) && !standing[model.Ident(kindConflict+root)]
	}
	var list []model.Ident
	for of, f := range s.v.Findings {
		if (f.Hold != "" || f.Note != "") && !f.Dismissed && !f.Pinned && !f.Confirmed && gone(of) {
			list = append(list, of)
		}
	}
	if len(list) == 0 {
		return
	}
	others := rest()
	s.name(others)
	for i := range others {
		standing[others[i].of] = true
	}
	slices.Sort(list)
	for _, of := range slices.DeleteFunc(list, func(of model.Ident) bool { return !gone(of) }) {
		f := s.v.Findings[of]
		kind, _, _ := split(of)
		switch kind {
		case kindConflict:
			if f.Hold != "" {
				s.withdrawFor(of, f, why)
			}
			s.dropNote(of, f, why)
		case kindSlot:
			if f.Hold != "" {
				s.withdrawFor(of, f, why)
			}
		case kindReply:
			s.dropReply(of, why)
		}
	}
}

func (s *settlement) dropNote(of model.Ident, f model.Finding, why string) {
	if f.Note != "" && f.NoteID != "" && s.v.Principal.Notes != "" {
		s.act(s.v.Principal.Notes, model.Ref{}, of, why,
			model.DropNote{Mailbox: s.notesBox(), MessageID: f.NoteID, Of: of})
	}
}

func (s *settlement) withdraw(of model.Ident, f model.Finding) {
	s.withdrawFor(of, f, "the conflict is gone")
}

func (s *settlement) withdrawFor(of model.Ident, f model.Finding, why string) {
	s.act(cmp.Or(f.HoldRef.Source, s.v.Principal.Holds), f.HoldRef, of, why,
		model.Withdraw{UID: s.holdUID(of), Of: of, Base: f.HoldRef})
}

func (s *settlement) hold(c *conflict, t telling, f model.Finding) {
	base := model.Ref{}
	if f.Hold != "" {
		base = f.HoldRef
	}
	s.act(cmp.Or(base.Source, s.v.Principal.Holds), base, c.of, t.why(), model.Hold{
		UID: s.holdUID(c.of), Of: c.of, Digest: t.digest, Base: base, Body: model.Hide(t.hold()),
	})
}

func (s *settlement) note(c *conflict, t telling, f model.Finding) {
	n := model.Note{Mailbox: s.notesBox()}
	b := t.note(f.Note != "")
	b.MessageID, b.Of, b.Digest = s.noteID(c.of, t.digest), c.of, t.digest
	if f.NoteID != "" && f.NoteID != b.MessageID {
		n.Replaces, b.InReplyTo = []string{f.NoteID}, f.NoteID
	}
	n.Body = model.Hide(b)
	s.act(s.v.Principal.Notes, model.Ref{}, c.of, t.why(), n)
}

func (s *settlement) notesBox() []string {
	if len(s.v.Principal.NotesBox) == 0 {
		return []string{"INBOX"}
	}
	return s.v.Principal.NotesBox
}

// act adds a step, or the report of it when the rule only observes.
func (s *settlement) act(to model.SourceID, ref model.Ref, of model.Ident, why string, a model.Action) {
	if s.o.Mode != "enforce" {
		s.reportOf(of, "observe", a.Kind(), why)
		return
	}
	s.steps = append(s.steps, model.Step{
		Rule: ruleName, Version: s.o.Version, Place: s.o.Place, Why: model.Hide(why),
		Source: to, Ref: ref, Ident: of, Action: a,
	})
}

func (s *settlement) report(what, would, why string) { s.reportOf("", what, would, why) }

func (s *settlement) reportOf(of model.Ident, what, would, why string) {
	s.reports = append(s.reports, model.Report{Rule: ruleName, Place: s.o.Place, What: what, Why: model.Hide(why), Would: would, Of: of})
}

// tell reports an event that could not be followed to the end.
func (s *settlement) tell(e *model.Event, problems []string) {
	problems = slices.DeleteFunc(problems, func(p string) bool { return p == ZoneUnsure })
	if len(problems) > 0 && s.told < maxTold {
		s.told++
		s.report("problem", "", strings.Join(problems, ", ")+" in event "+e.Body.Reveal().UID)
	}
}
