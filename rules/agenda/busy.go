package agenda

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"chancery/internal/model"
)

// maxTaken bounds what Busy tells of one person.
const maxTaken = 20_000

// Busy lists the time of a principal that the events take between two moments, as
// a free and busy query would tell it: nothing of what they are, and without what
// rules make of them. Whole days count only when they say out of office. Stretches
// are sorted, each once.
func Busy(events []model.Event, p model.Principal, from, till time.Time) []model.Stretch {
	s := newSettlement(model.View{Principal: p}, Options{}, func(*model.Event, *model.Occurrence) Ranked { return Ranked{} })
	var all []model.Stretch
	for i := range events {
		e := &events[i]
		if !counts(e) {
			continue
		}
		in, _ := Expand(e, s.zone, from, till, 0)
		for _, x := range in {
			b := s.judge(e, x.Occurrence)
			b.Instance = x
			if b.blocks() && len(all) < maxTaken {
				all = append(all, model.Stretch{Start: model.UnixTime(max(x.Start.Unix(), from.Unix())), End: model.UnixTime(min(x.End.Unix(), till.Unix())), Soft: b.soft})
			}
		}
	}
	slices.SortFunc(all, func(a, b model.Stretch) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), boolean(a.Soft, b.Soft))
	})
	// Stretches that touch are not joined: who asks may have to leave one out.
	return slices.Compact(all)
}

func (s *settlement) isMine(addr string) bool { return s.mine[strings.ToLower(addr)] }
