package agenda

import (
	"fmt"
	"slices"
	"time"

	"chancery/internal/model"
)

// Story is what is made of one event of a principal now.
type Story struct {
	Title, When string // of the next date; When is "" if there is none ahead
	Rank, Place string
	Says        []string // how it counts
	Clashes     []Clash
}

// Clash is one conflict of the event.
type Clash struct {
	With, When string
	Yields     string   // who yields and why
	Done       string   // what comes of it: told, held back, answered, dismissed ...
	Offers     []string // times, with what is known of the others
}

// Explain says what is made of the events with a UID. It changes nothing.
func (b *Book) Explain(v model.View, o Options, rank Ranker, uid string) (out []Story) {
	if o.Mode == "off" && len(o.Mirrors) == 0 && len(o.Classes) == 0 {
		return nil
	}
	s := newSettlement(v, o, rank)
	s.read(b)
	s.adopt()
	s.collect()
	till := s.midnight(v.Now.Add(s.horizon()), 1)
	blocks, _ := s.gather(v.Now, till.Add(24*time.Hour))
	var conflicts, records []conflict
	var d *diary
	if o.Mode != "off" {
		conflicts, _ = s.conflictsOf(blocks, till, maxPairs)
		s.name(conflicts)
		s.relate(conflicts)
		d = s.diary(blocks, till)
		records = s.records(blocks, conflicts)
	}
	mirrored := s.reflections()
	for _, n := range s.book.all() {
		e := n.event
		switch {
		case e.Body.Reveal().UID != uid:
		case e.Own == nil:
			st := s.story(e, blocks, slices.Concat(conflicts, records), d)
			st.Says = slices.Concat(st.Says, s.shownAs(e, mirrored), s.classedAs(e))
			out = append(out, st)
		case IsMirror(e.Own.Of):
			out = append(out, s.mirrorStory(e, mirrored))
		}
	}
	return out
}

func (s *settlement) story(e *model.Event, blocks []block, conflicts []conflict, d *diary) Story {
	series := e.Body.Reveal()
	o := series.Master
	if o == nil && len(series.Overrides) > 0 {
		o = &series.Overrides[0]
	}
	if o == nil {
		return Story{Title: "an event without a date"}
	}
	in, problems := Expand(e, s.zone, s.v.Now, s.v.Now.Add(s.horizon()), 1)
	if len(in) > 0 {
		o = in[0].Occurrence
	}
	r := s.rank(e, o)
	b := &block{Instance: Instance{Event: e, Occurrence: o}, key: keyOf(e), verdict: &verdict{r: r}}
	st := Story{Title: s.title(b), Rank: fmt.Sprintf("%s, %d", name(b), r.Rank), Place: clean(r.Place)}
	if len(in) > 0 {
		st.When = s.when(in[0].Start, in[0].End, o.Start.Date)
	}
	if r.Fixed {
		st.Rank += ", fixed"
	}
	if n, ok := s.wants(o); ok {
		st.Says = append(st.Says, fmt.Sprintf("it asks for %d holds and takes no time", n))
	} else if !slices.ContainsFunc(blocks, func(x block) bool { return x.Event != nil && keyOf(x.Event) == b.key }) {
		st.Says = append(st.Says, "it takes no time: free, cancelled, declined, ignored or past")
	}
	for _, p := range problems {
		st.Says = append(st.Says, "problem: "+p)
	}
	for i := range conflicts {
		if c := &conflicts[i]; c.keeps.key == b.key || c.yields.key == b.key {
			st.Clashes = append(st.Clashes, s.clashOf(c, b.key, d))
		}
	}
	return st
}

func (s *settlement) clashOf(c *conflict, key model.Ident, d *diary) Clash {
	other := c.keeps
	if other.key == key {
		other = c.yields
	}
	f := s.v.Findings[c.of]
	t := s.telling(c, d)
	out := Clash{With: s.title(other), When: s.when(other.Start, other.End, other.whole()), Done: s.outcome(c, f, d)}
	switch {
	case c.person:
		out.Yields = "a person must decide: " + c.why()
	case c.yields.key == key:
		out.Yields = "this one yields: " + c.why()
	default:
		out.Yields = "the other one yields: " + c.why()
	}
	if often := c.often(); often != "" {
		out.Yields += ". " + often
	}
	for _, w := range t.offers() {
		out.Offers = append(out.Offers, s.when(w.start, w.end, false)+t.worth(w))
	}
	return out
}

// outcome says what comes of a conflict, or came.
func (s *settlement) outcome(c *conflict, f model.Finding, d *diary) string {
	switch {
	case f.Dismissed:
		return "a person deleted its hold: dismissed for good"
	case s.kinSlots(c).confirmed():
		return "a person confirmed one of the times offered"
	case f.Pinned:
		return "a person edited its hold: left alone"
	case len(c.done) > 0:
		return "it was " + deed(c.done[0].f.Amended) + " by rule"
	}
	told := "told by a hold or note"
	if f.Hold == "" && f.Note == "" {
		told = "not told yet"
	}
	a := s.v.Findings[s.amendIdent(c.yields)]
	switch {
	case a.Open:
		return "a change of the event is under way"
	case a.Held:
		return told + "; a change of the event waits for approval"
	}
	switch _, no := s.amendment(c, d); no {
	case "-":
		return told
	case "":
		return told + "; by rule the event is to be changed: resolve: " + s.resolveOf(c.yields)
	default:
		return told + "; not changed, although resolve: " + s.resolveOf(c.yields) + ", because " + no
	}
}
