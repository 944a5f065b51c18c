package agenda

import (
	"cmp"
	"slices"
	"strings"

	"chancery/internal/model"
)

// Busy is the time that the events of the Book take of its principal, as a free
// and busy query would tell it: nothing of what they are, and without what rules
// make of them. Whole days count only when they say out of office. It is of the
// time that the last Settle looked at, and empty before the first.
func (b *Book) Busy(p model.Principal) model.FreeBusy {
	fb := model.FreeBusy{Zone: p.Zone, Hours: p.Hours}
	if b.zone == nil || b.window == (window{}) {
		return fb
	}
	from, till := b.window.from, b.window.till.Add(-slack)
	fb.From, fb.Till = model.UnixTime(from.Unix()), model.UnixTime(till.Unix())
	s := newSettlement(model.View{Principal: p}, Options{}, func(*model.Event, *model.Occurrence) Ranked { return Ranked{} })
	s.book, s.away = b, b.away
	blocks, full := s.gather(from, till)
	if full {
		return model.FreeBusy{Zone: p.Zone, Hours: p.Hours}
	}
	all := make([]model.Stretch, len(blocks))
	for i := range blocks {
		x := &blocks[i]
		all[i] = model.Stretch{Start: model.UnixTime(x.Start.Unix()), End: model.UnixTime(x.End.Unix()), Soft: x.soft}
	}
	// Stretches that touch are not joined: who asks may have to leave one out.
	slices.SortFunc(all, func(a, b model.Stretch) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), boolean(a.Soft, b.Soft))
	})
	fb.Taken = slices.Compact(all)
	return fb
}

func (s *settlement) isMine(addr string) bool { return s.mine[strings.ToLower(addr)] }
