package rules

import "chancery/config"

// Only returns the same set in which every other rule is off, and no conflicts
// are looked for; false if there is no such mail rule.
func (s *Set) Only(name string) (*Set, bool) {
	if s.rule(name) == nil {
		return nil, false
	}
	out := *s
	out.mail = make([]*rule, len(s.mail))
	out.switched = nil
	for i, r := range s.mail {
		if out.mail[i] = r; r.name != name {
			silent := *r
			silent.mode = config.Off
			out.mail[i] = &silent
		}
	}
	for _, sw := range s.switched {
		if sw.of.name == name {
			out.switched = append(out.switched, sw)
		}
	}
	silent := *s.calendar
	silent.mode = config.Off
	out.calendar = &silent
	out.buildFolders()
	out.need = out.needs()
	return &out, true
}
