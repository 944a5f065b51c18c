package rules

import (
	"chancery/internal/model"
	"chancery/rules/billing"
)

// Reading keeps what was read in a message as billing mail, so that a second decision
// about it, in the light of the ledger, reads neither its text nor its files once more.
// The zero Reading knows nothing. It is of one message, and serves one goroutine.
type Reading struct {
	set      *Set
	ident    model.Ident
	billable answer
	bill     *billing.Facts
}

// DecideAgain is Decide, and reads the message as billing mail only if r does not know
// what stands in it; then r knows. The clock of both views must be the same.
func (s *Set) DecideAgain(c model.Change, v model.View, r *Reading) model.Plan {
	return s.decideFrom(c, v, r)
}

// recall takes up what an earlier decision by the same rules read.
func (f *facts) recall(r *Reading) {
	if r != nil && r.set == f.set && r.ident == f.msg.Ident {
		f.billable, f.bill = r.billable, r.bill
	}
}

// keep lets the next decision know what this one read, if there is a bill in it.
func (r *Reading) keep(f *facts) {
	if r != nil && len(f.bills().told) > 0 {
		*r = Reading{f.set, f.msg.Ident, f.billable, f.bill}
	}
}
