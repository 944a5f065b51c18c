package agenda

import (
	"maps"
	"slices"
	"time"

	"chancery/internal/model"
)

// settled are the changes of ours that stand, by the UID of the event.
func (s *settlement) settled() map[string][]amended {
	out := map[string][]amended{}
	for _, list := range s.amends {
		for _, a := range list {
			if x := a.f.Amended; x != nil && !a.f.Pinned && (x.Now.Answer == "DECLINED" || x.Now.Start != 0) {
				out[string(x.UID)] = append(out[string(x.UID)], a)
			}
		}
	}
	return out
}

// over reports whether a date is of another copy of a meeting that was declined or
// moved for the principal: in a second calendar, or in a second object. That copy
// may never hear of it, and is no conflict anew.
func over(settled []amended, e *model.Event, in Instance) bool {
	for _, a := range settled {
		base := a.f.Amended.Base
		switch {
		case base.Source == e.Ref.Source && base.Href == e.Ref.Href:
		case !a.at.IsZero() && !a.at.Equal(in.Original):
		case a.f.Amended.Now.Start == 0, in.Start.Unix() == int64(a.f.Amended.Was.Start):
			return true
		}
	}
	return false
}

// reserve keeps the time free to which an event is about to move.
func (d *diary) reserve(a model.Amend) {
	if a.Now.Start != 0 {
		d.barred = append(d.barred, slot{time.Unix(int64(a.Now.Start), 0), time.Unix(int64(a.Now.End), 0)})
	}
}

// bar reserves what earlier looks decided and the calendars may not show yet.
func (d *diary) bar() {
	for _, list := range d.s.amends {
		for _, a := range list {
			for _, x := range []*model.Amend{a.f.Amended, a.f.Asked} {
				if x != nil && !a.f.Pinned {
					d.reserve(*x)
				}
			}
		}
	}
}

// promised reports whether another event is about to move into w.
func (d *diary) promised(w slot) bool {
	for _, x := range d.barred {
		if x.start.Before(w.end) && w.start.Before(x.end) {
			return true
		}
	}
	return false
}

// still reports whether a change that waits for a person would be asked for today.
func (s *settlement) still(a model.Amend, c *conflict, d *diary) bool {
	today, no := s.amendment(c, d)
	if no == "" && a.Now.Answer != "" {
		return today.Was == a.Was && today.Now == a.Now
	}
	w := slot{time.Unix(int64(a.Now.Start), 0), time.Unix(int64(a.Now.End), 0)}
	late := w.start.Before(s.v.Now.Add(s.o.Notice))
	return (no == "" && today.Was == a.Was || no == noSlot) && s.resolveOf(c.yields) == toMove && !late && d.free(w, c.yields)
}

// waits reports whether some change waits for a person.
func waits(found map[model.Ident]model.Finding) bool {
	for _, f := range found {
		if f.Held && f.Asked != nil {
			return true
		}
	}
	return false
}

// drop tells which of the changes that wait nobody wants any more: a person who
// approves them a day later must not decline what has long stopped clashing.
func (s *settlement) drop() {
	if s.o.Drop == nil {
		return
	}
	for _, of := range slices.Sorted(maps.Keys(s.v.Findings)) {
		kind, _, _ := split(of)
		if f := s.v.Findings[of]; f.Held && f.Asked != nil && !s.due[of] && !(s.partly && kind == kindAmend) {
			s.o.Drop(of)
		}
	}
}
