package ical

import (
	"strings"

	goical "github.com/emersion/go-ical"

	"chancery/connectors"
	"chancery/internal/model"
)

// Object is what one calendar object says.
type Object struct {
	Series   model.Series
	Own      *model.Own // set if our tag verifies
	Tagged   bool       // some event carries a tag of this program, valid or not
	Problems []string   // stable codes of what was repaired or left out
}

// Read reads one calendar object: one UID with all its overrides (RFC 4791
// section 4.1). With a fault there is no series. An object without any event
// gives an empty series and the problem NotAnEvent. A nil verify verifies
// nothing.
func Read(data []byte, verify connectors.Sign) (Object, *model.Fault) {
	p := &problems{}
	root, f := read(data, p, false)
	if f == nil && len(root.children) == 0 {
		f = fault(faultEmpty, 1)
	}
	if f != nil {
		return Object{Problems: p.codes}, f
	}
	parts := root.parts(p)
	uid, events, f := eventsOf(root, parts, p)
	if f != nil || len(events) == 0 {
		return Object{Problems: p.codes}, f
	}
	s := series(uid, events, newZones(parts, p), p)
	if s.Master == nil && len(s.Overrides) == 0 {
		return Object{Problems: p.codes}, fault(faultNoStart, events[0].line)
	}
	return Object{s, readOwn(events, uid, data, verify), tagged(parts), p.codes}, nil
}

// Parse is Read for who does not ask whether the object is tagged.
func Parse(data []byte, verify connectors.Sign) (model.Series, *model.Own, []string, *model.Fault) {
	o, f := Read(data, verify)
	return o.Series, o.Own, o.Problems, f
}

// eventsOf returns the events of the first UID.
func eventsOf(root *component, parts []*component, p *problems) (uid string, events []*component, f *model.Fault) {
	for _, c := range parts {
		if c.name != goical.CompEvent {
			continue
		}
		if !c.closed {
			// The rest of the object is missing, perhaps its rule: no half truths.
			return "", nil, fault(faultCut, c.line)
		}
		id, _ := c.get(goical.PropUID)
		name := strings.TrimSpace(unescape(id.Value))
		switch {
		case len(events) == 0:
			uid = name
		case name != uid || name == "":
			p.add("several-uids")
			continue
		}
		events = append(events, c)
	}
	switch {
	case len(events) == 0 && !closed(root):
		return "", nil, fault(faultCut, root.children[0].line)
	case len(events) == 0:
		p.add(NotAnEvent)
	case uid == "":
		p.add("no-uid")
	}
	return uid, events, nil
}

func closed(root *component) bool {
	for _, c := range root.children {
		if !c.closed {
			return false
		}
	}
	return true
}

// series sorts events into the master and its overrides. Of two that claim the
// same place the one with the higher SEQUENCE stands (RFC 5545 section 3.8.7.4).
func series(uid string, events []*component, z *zones, p *problems) model.Series {
	s := model.Series{UID: uid}
	at := map[string]int{}
	for _, c := range events {
		o, ok := occurrence(c, z, p)
		if !ok {
			continue
		}
		if o.Recurrence == nil {
			if s.Master != nil {
				p.add("master-repeated")
				if s.Master.Sequence > o.Sequence {
					continue
				}
			}
			s.Master = &o
			continue
		}
		key := recurrenceKey(*o.Recurrence)
		if i, seen := at[key]; seen {
			p.add("override-repeated")
			if s.Overrides[i].Sequence <= o.Sequence {
				s.Overrides[i] = o
			}
			continue
		}
		if len(s.Overrides) == MaxOverrides {
			p.add("overrides-cut")
			break
		}
		at[key] = len(s.Overrides)
		s.Overrides = append(s.Overrides, o)
	}
	return s
}

func recurrenceKey(t model.Time) string {
	if t.Loc == nil {
		return t.Wall.Format("20060102T150405")
	}
	return t.In(t.Loc).UTC().Format("20060102T150405Z")
}
