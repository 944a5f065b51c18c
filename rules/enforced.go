package rules

import (
	"slices"

	"chancery/config"
)

// Enforced returns the same set in which every rule that only observes acts, and
// conflicts are told, mirrors shown and classes set: what tests ask, so that switching a rule on changes no
// test. A rule that is off stays off.
func (s *Set) Enforced() *Set {
	out := *s
	out.mail = make([]*rule, len(s.mail))
	for i, r := range s.mail {
		if out.mail[i] = r; r.mode == config.Observe {
			enforced := *r
			enforced.mode = config.Enforce
			out.mail[i] = &enforced
		}
	}
	out.switched = make([]switched, len(s.switched))
	for i, sw := range s.switched {
		if out.switched[i] = sw; sw.is.mode == config.Observe {
			enforced := *sw.is
			enforced.mode = config.Enforce
			out.switched[i].is = &enforced
		}
	}
	out.buildFolders()
	enforced := *s.calendar
	if s.calendar.mode == config.Observe {
		enforced.mode, enforced.opts.Mode = config.Enforce, string(config.Enforce)
	}
	enforced.mirrors, enforced.classes = enforcedShown(s.calendar.mirrors), enforcedShown(s.calendar.classes)
	out.calendar = &enforced
	return &out
}

func enforcedShown(in []shown) []shown {
	out := slices.Clone(in)
	for i := range out {
		for _, mode := range []*string{&out[i].mirror.Mode, &out[i].class.Mode} {
			if *mode == string(config.Observe) {
				*mode = string(config.Enforce)
			}
		}
	}
	return out
}
