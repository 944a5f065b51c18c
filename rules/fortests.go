package rules

import (
	"slices"
	"strings"

	"chancery/config"
)

// ForTests returns the set that tests ask: s, or if r brings entries for tests
// alone, a set compiled from r with those added. s is Compile(r); it never knows
// them. The errors are those of compiling, with a nil set.
func ForTests(r *config.Rules, s *Set) (*Set, config.Errors) {
	d := &r.TestData
	if len(d.Lists)+len(d.Terms)+len(d.Matters)+len(d.AuthServ) == 0 {
		return s, nil
	}
	with := *r
	with.Lists, with.Terms = slices.Clone(r.Lists), slices.Clone(r.Terms)
	for _, add := range d.Lists {
		for i := range with.Lists {
			if l := &with.Lists[i]; l.Name.Value == add.Name.Value {
				l.Entries, l.Names = slices.Concat(l.Entries, add.Entries), slices.Concat(l.Names, add.Names)
			}
		}
	}
	for _, add := range d.Terms {
		for i := range with.Terms {
			if t := &with.Terms[i]; t.Name.Value == add.Name.Value {
				t.Words = slices.Concat(t.Words, add.Words)
			}
		}
	}
	with.House.AuthServ = slices.Concat(r.House.AuthServ, d.AuthServ)
	if len(d.Matters) > 0 {
		with.Matters.List, with.Matters.Plain = instead(r.Matters.List, d.Matters), true
	}
	set, errs := compile(&with, false)
	if set == nil {
		return nil, errs
	}
	return set, nil
}

// instead is a list with more in it; of one number or alias the added line counts,
// so that no matter of the firm changes what a test finds.
func instead(list, more []config.Matter) []config.Matter {
	numbers, aliases := map[string]bool{}, map[string]bool{}
	for _, m := range more {
		numbers[m.Number] = true
		for _, a := range m.Aliases {
			aliases[strings.ToLower(a)] = true
		}
	}
	out := slices.Clone(more)
	for _, m := range list {
		if numbers[m.Number] {
			continue
		}
		taken := func(a string) bool { return aliases[strings.ToLower(a)] }
		if slices.ContainsFunc(m.Aliases, taken) {
			m.Aliases = slices.DeleteFunc(slices.Clone(m.Aliases), taken)
		}
		out = append(out, m)
	}
	return out
}
