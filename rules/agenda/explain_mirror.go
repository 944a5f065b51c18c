package agenda

import (
	"fmt"
	"slices"
	"strings"

	"chancery/internal/model"
)

// shownAs says where mirrors show an event, and what people made of it there.
func (s *settlement) shownAs(e *model.Event, all []reflection) (says []string) {
	counts := map[*Mirror][3]int{}
	var order []*Mirror
	for _, r := range all {
		if r.key != keyOf(e) {
			continue
		}
		if _, ok := counts[r.m]; !ok {
			order = append(order, r.m)
		}
		n, f := counts[r.m], s.v.Findings[r.of]
		n[0]++
		switch {
		case f.Dismissed:
			n[1]++
		case touched(f):
			n[2]++
		}
		counts[r.m] = n
	}
	for _, m := range order {
		n := counts[m]
		line := fmt.Sprintf("mirror %s shows it in %s, %s", clean(m.Name), m.To, count(n[0], "date"))
		if m.Mode == "observe" {
			line = fmt.Sprintf("mirror %s would show it in %s, %s", clean(m.Name), m.To, count(n[0], "date"))
		}
		if n[1] > 0 {
			line += fmt.Sprintf("; a person deleted %d of them there: not shown again", n[1])
		}
		if n[2] > 0 {
			line += fmt.Sprintf("; a person edited %d of them there: left alone", n[2])
		}
		says = append(says, line+" ("+clean(m.Place)+")")
	}
	return says
}

// classedAs says what became of the class of an event.
func (s *settlement) classedAs(e *model.Event) []string {
	f := s.v.Findings[s.classIdent(e)]
	switch {
	case f.Open:
		return []string{"a change of its class is under way"}
	case f.Held:
		return []string{"a change of its class waits for approval"}
	case f.Pinned || f.Dismissed:
		return []string{"a person set its class back: left alone"}
	case f.Amended != nil:
		return []string{"by rule its class was set to " + strings.ToLower(f.Amended.Now.Class)}
	}
	return nil
}

// mirrorStory is what is known of an entry that a mirror wrote.
func (s *settlement) mirrorStory(e *model.Event, all []reflection) Story {
	of := e.Own.Of
	f := s.v.Findings[of]
	st := Story{Title: "an entry of a mirror", Rank: "none, it takes no time of its own"}
	if m := e.Body.Reveal().Master; m != nil {
		start, end := own(m, s.zone)
		st.When = s.when(start, end, m.Start.Date)
	}
	i := slices.IndexFunc(all, func(r reflection) bool { return r.of == of })
	if i < 0 {
		st.Says = append(st.Says, "no mirror shows anything here any more")
	} else {
		r := &all[i]
		r.r = s.rank(r.Event, r.Occurrence)
		st.Place = clean(r.m.Place)
		st.Says = append(st.Says, fmt.Sprintf("mirror %s shows here what takes time in %s: %s", clean(r.m.Name), r.Event.Ref.Source, s.title(&r.block)))
	}
	switch {
	case f.Dismissed:
		st.Says = append(st.Says, "a person deleted it: not shown again")
	case touched(f):
		st.Says = append(st.Says, "a person edited it: left alone")
	}
	return st
}
