package rules

import "chancery/config"

// Only returns the same set in which every other mail rule is off; false if there
// is no such rule.
func (s *Set) Only(name string) (*Set, bool) {
	out := *s
	out.mail, out.folders = make([]*rule, len(s.mail)), nil
	found := false
	for i, r := range s.mail {
		if r.name == name {
			out.mail[i], found = r, true
			continue
		}
		silent := *r
		silent.mode = config.Off
		out.mail[i] = &silent
	}
	if !found {
		return nil, false
	}
	out.buildFolders()
	out.need = out.needs()
	return &out, true
}
