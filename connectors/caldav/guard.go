package caldav

import (
	"slices"
	"sync/atomic"

	"chancery/connectors"
)

// Guard is what must outlive the Source, which is opened anew after every failure: a
// loss that one more listing must confirm, and that the server once asked for Digest.
// One stands for one calendar.
type Guard struct {
	connectors.Loss
	digest atomic.Pointer[challenge]
}

// guard holds back a sudden loss of many objects.
func (s *Source) guard(base *listing, d *delta) error {
	if base == nil {
		return s.o.Guard.Fewer(len(d.changed), s.o.Known, d.whole, s.confirm)
	}
	return s.o.Guard.Gone(d.gone, s.held(base), d.whole, s.confirm)
}

// held is how many objects there were before.
func (s *Source) held(base *listing) int {
	if base == nil {
		return s.o.Known
	}
	return max(len(base.items), base.before)
}

// total is how many objects there will be when d has been reported.
func (n *listing) total(d *delta) int {
	all := len(n.items)
	for path := range d.changed {
		if _, ok := n.items[path]; !ok {
			all++
		}
	}
	return max(all, n.before-len(slices.Compact(d.gone)))
}
