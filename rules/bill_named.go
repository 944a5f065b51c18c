package rules

import (
	"slices"
	"strings"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules/text"
)

// The ledger is that of the whole office: whatever mailbox a bill came to, the same bill
// in another one repeats it. What is written about a mailbox may say so, and must not
// name what came to a mailbox of somebody else.

// What is said of an earlier bill that must not be named.
const (
	sayElsewhere = "an earlier copy is in another mailbox"
	sayWalled    = "an earlier copy is behind the wall of a matter"
)

// sameDesk reports whether a bill of the ledger came to the same principal's mail.
func (f *facts) sameDesk(e *model.Bill) bool {
	return e.Source == f.msg.Ref.Source || slices.Contains(f.mailOf, e.Source)
}

// mayName says which bills of the ledger may be named beside b: those of the same
// principal's mail, and of a matter with a wall only if b is about that matter and no
// reader is kept from it.
func (f *facts) mayName(b *model.Bill) func(e *model.Bill) bool {
	return func(e *model.Bill) bool { return f.sameDesk(e) && !f.walled(b, e) }
}

// walled reports whether the wall of a matter stands between two bills, or between the
// earlier one and who reads about them.
func (f *facts) walled(b, e *model.Bill) bool {
	m := f.set.listed(e.Matter)
	if m == nil || len(m.Wall) == 0 {
		return false
	}
	wall := newAddresses(f.set.types, m.Wall)
	return e.Matter != b.Matter || slices.ContainsFunc(f.readers[:], func(addr string) bool { return addr != "" && wall.holds(strings.ToLower(addr)) })
}

// listed is the matter of exactly that number.
func (s *Set) listed(number string) *config.Matter {
	if number == "" {
		return nil
	}
	for _, h := range s.matters.FindFolded(text.Fold(number)) {
		if h.Matter.Number == number {
			return h.Matter
		}
	}
	return nil
}

// duplicateOf names the earlier bill, so that a person finds it; or says that there is
// one, if it must not be named here.
func (f *facts) duplicateOf() string {
	m := f.weighed()
	switch {
	case m.earlier == nil:
		return ""
	case m.named != nil:
		return sayBill(m.named)
	case f.sameDesk(m.earlier):
		return sayWalled
	}
	return sayElsewhere
}
