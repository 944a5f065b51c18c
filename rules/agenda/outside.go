package agenda

import (
	"time"

	"chancery/internal/model"
)

// outside reports meetings with others that lie outside the working hours of where
// the principal is that day: mostly a call that somebody set in another zone. Each
// meeting is told once for each time of day it has.
func (s *settlement) outside(blocks []block, till time.Time) {
	type when struct {
		key    model.Ident
		minute int
		zone   string
	}
	told := map[when]bool{}
	for i := range blocks {
		b := &blocks[i]
		if len(told) == maxTold {
			break
		}
		if b.kind != appointment || b.whole() || !b.Start.After(s.v.Now) || !b.Start.Before(till) || !b.others || s.within(b.Start, b.End) {
			continue
		}
		zone := s.zoneOf(b.Start)
		w := when{b.key, minuteOf(b.Start, zone), zone.String()}
		if told[w] {
			continue
		}
		told[w] = true
		at := b.Start.In(zone).Format(dayForm + ", " + clockForm)
		if b.Occurrence.RRule != "" || b.Occurrence.Recurrence != nil {
			at = "dates at " + b.Start.In(zone).Format(clockForm) // the same words every week
		}
		s.report("outside-hours", "", quoted(b)+": "+at+" in "+zone.String()+" is outside working hours")
		s.reports[len(s.reports)-1].Ref = b.Event.Ref
	}
}

// withOthers reports whether anyone beside the principal takes part.
func (s *settlement) withOthers(o *model.Occurrence) bool {
	for _, a := range o.Attendees {
		if a.Addr != "" && a.Type != "ROOM" && a.Type != "RESOURCE" && !s.isMine(a.Addr) {
			return true
		}
	}
	return o.Organizer.Addr != "" && !s.isMine(o.Organizer.Addr)
}
