package rules

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules/billing"
	"chancery/rules/matter"
	"chancery/rules/text"
)

// Set is a compiled rule set. It never changes and is safe for concurrent use.
type Set struct {
	version   string
	mail      []*rule // in the order in which they are asked
	folders   []folderGroup
	gate      *gate
	words     *words
	hints     *hints
	lists     []*addresses
	openings  *text.Openings // of terms; nil: they are looked for in every text
	matters   *matter.Index
	calendar  *calendar
	marks     []model.Mark
	authserv  []string // authserv-ids of our own servers
	terms     []string // names of the term sets
	markNames []string // names of the marks, as they stand in the files
	need      model.Need
	firm      *addresses // our own people; nil if house: does not say
	holds     bool       // some matter is under legal hold
	bills     billing.Options
	accounts  map[model.SourceID]*account
	switched  []switched
	only      string // the one rule whose steps are told; "": all

	remembers bool // bills are read and remembered
	portals   *addresses
	listNames []string
	people    map[string]bool // names of our own people, as nameKey writes them
	sightings *sightings      // nil unless remembers

	termKind, listKind, labelKind *kind

	types   *types.Registry
	ungated bool // tests only: ask every rule, divide every text
}

// Compile checks and compiles r. It returns every problem at its place; the set
// is nil if any is more than a warning.
func Compile(r *config.Rules) (*Set, config.Errors) { return compile(r, true) }

// compile is Compile. Without together, only each rule by itself is checked: what
// is decided must be right for any set.
func compile(r *config.Rules, together bool) (*Set, config.Errors) {
	s := &Set{version: r.Version, words: newWords(r.Terms), hints: newHints()}
	langs, err := newLanguages(s, r)
	if err != nil {
		return nil, config.Errors{{Pos: r.Calendar.Pos, Problem: fmt.Sprintf("prepare expressions: %v", err)}}
	}
	for _, id := range r.House.AuthServ {
		s.authserv = append(s.authserv, id.Value)
	}
	for _, t := range r.Terms {
		s.terms = append(s.terms, t.Name.Value)
	}
	for _, l := range r.Lists {
		entries := make([]string, len(l.Entries))
		for i, e := range l.Entries {
			entries[i] = e.Value
		}
		s.lists = append(s.lists, newAddresses(s.types, entries))
		s.listNames = append(s.listNames, l.Name.Value)
	}
	s.firm = s.findList(r, r.House.Firm.Value)
	s.bills = billing.Options{Portals: r.Billing.Portals, Guidelines: r.Billing.Guidelines}
	if s.firm != nil {
		s.bills.Own = s.firm.holds
	}
	s.holds = slices.ContainsFunc(r.Matters.List, func(m config.Matter) bool { return m.Hold })
	c := &compiler{set: s, langs: langs, hints: s.hints, lists: map[string]int{}}
	for _, m := range r.Marks {
		c.marks = append(c.marks, m.Name.Value)
		s.markNames = append(s.markNames, m.Name.Value)
	}
	for _, l := range r.Lists {
		c.lists[l.Name.Value] = len(l.Entries)
	}
	var errs config.Errors
	s.matters, errs = matter.New(r.Matters)
	if len(r.Billing.Guidelines) > 0 {
		s.bills.Whose = clientsIn(s.matters)
	}
	c.errs = append(c.errs, errs...)
	c.mailRules(r)
	c.switches(r.Users)
	for _, m := range r.Marks {
		s.marks = append(s.marks, markOf(m))
	}
	slices.SortFunc(s.marks, func(a, b model.Mark) int { return strings.Compare(a.Name, b.Name) })
	s.openings = s.words.openings()
	s.calendar = c.calendar(r)
	if together {
		c.checkSet(r)
	}
	c.errs.Sort()
	c.errs = slices.Compact(c.errs)
	if c.errs.Fatal() {
		return nil, c.errs
	}
	for i, r := range s.mail {
		r.order = i
	}
	for _, sw := range s.switched {
		sw.is.order = sw.of.order
	}
	s.hints.build()
	s.buildGate(&gater{hints: s.hints})
	s.buildFolders()
	s.need = s.needs()
	s.remember(r)
	return s, c.errs
}

// Version names the files the set was compiled from.
func (s *Set) Version() string { return s.version }
