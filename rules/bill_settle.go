package rules

import (
	"slices"
	"strings"

	"chancery/internal/model"
	"chancery/rules/billing"
)

// settle changes the state of the bills that a mail speaks of, and of a bill that was
// settled before it came. Only who is proved, or one of us, settles anything: else
// whoever knows a number could take a due date out of the calendar.
func (f *facts) settle(m *billMail) {
	switch m.Class {
	case "remittance", "portal":
		for i := range m.bills {
			f.settleBy(m, &m.bills[i], f.sumsUp(m))
		}
	case "invoice-in", "vendor", "invoice-out", "past-due":
		for i := range m.bills {
			f.settledBefore(m, &m.bills[i])
		}
	}
}

// settleBy lets one line of a notice settle the bills that have its number.
func (f *facts) settleBy(m *billMail, b *model.Bill, sum bool) {
	if b.Plain == "" || m.Class == "portal" && (b.Event == "" || b.Event == "received" || b.Event == "deadline" || b.Event == "reduced") {
		return
	}
	var meant []*model.Bill
	for k := range f.earlier {
		if e := &f.earlier[k]; e.Plain == b.Plain && f.speaksOf(b, e) {
			meant = append(meant, e)
		}
	}
	switch {
	case len(meant) == 0:
		return
	case !b.Proved:
		m.doubt(b, []billing.Doubt{{Code: billing.DoubtUnauthenticated, Why: "nobody could prove who says so, so the bill stays as it is"}})
		b.State, b.By = stateOpen, ""
		return
	}
	theirs := slices.DeleteFunc(slices.Clone(meant), func(e *model.Bill) bool { return !(f.set.portals.holds(f.from) || mayTell(b, e)) })
	switch {
	case len(theirs) == 0:
		m.doubt(b, []billing.Doubt{{Code: billing.DoubtNotTheirs, Why: "invoice " + b.Number + " is not one that " + b.Vendor + " pays or gets paid"}})
		return
	case slices.ContainsFunc(theirs, func(e *model.Bill) bool { return e.Class != "portal" && !billing.SameVendor(e, firstBill(theirs)) }):
		m.doubt(b, []billing.Doubt{{Code: billing.DoubtNumber, Why: "several vendors have an invoice " + b.Number}})
		return
	}
	for _, e := range theirs {
		f.turn(m, b, e, sum)
	}
}

// firstBill is the first that is no notice.
func firstBill(list []*model.Bill) *model.Bill {
	for _, e := range list {
		if e.Class != "portal" {
			return e
		}
	}
	return &model.Bill{}
}

// turn changes one bill as a notice says.
func (f *facts) turn(m *billMail, b, e *model.Bill, sum bool) {
	to := ""
	switch {
	case m.Class == "portal" && b.Event == "approved" && e.Class == "portal":
		to = stateVoid // what kept the invoice is over
	case e.Class == "portal" || m.Class == "portal" && b.Event == "approved":
	case m.Class == "portal": // rejected, on-hold
		to = stateDisputed
	case b.Event == "part-paid":
	case sum || b.Amount == 0 || e.Amount == 0 || fits(b, e):
		to = statePaid
	case billing.Magnitude(b.Amount) < billing.Magnitude(e.Amount):
		b.Event, b.State, b.By = "part-paid", stateOpen, ""
	default:
		m.doubt(b, []billing.Doubt{{Code: billing.DoubtNumber, Why: "the amount is more than that of invoice " + b.Number}})
	}
	if to == "" || e.By == byPerson || e.State == to || e.State == statePaid || e.State == stateVoid {
		return
	}
	changed := *e
	changed.State, changed.By = to, byMail
	m.changed = append(m.changed, changed)
}

// speaksOf reports whether a line of a notice can be about a bill.
func (f *facts) speaksOf(b, e *model.Bill) bool {
	switch e.Class {
	case "invoice-in", "vendor", "invoice-out", "past-due":
		return true
	case "portal":
		return b.Class == "portal" && e.ID != b.ID && (e.Event == "rejected" || e.Event == "on-hold" || e.Event == "deadline") && f.came(e, b)
	}
	return false
}

// mayTell reports whether who sends a notice is the one to say what became of a bill: we
// of any, who got it of what we bill, a vendor of its own, and a program of what it told
// itself. Of an invoice of which nobody knows who got it, the amount must be told.
func mayTell(b, e *model.Bill) bool {
	switch {
	case b.Vendor == vendorSelf || oneSender(b, e):
		return true
	case e.Vendor != vendorSelf:
		return false
	}
	got, known := gotIt(b, e)
	return got || !known && b.Class == "remittance" && b.Amount != 0 && e.Amount != 0 && fits(b, e)
}

// fits reports whether what was paid is what was billed, but for one in a hundred that
// banks keep.
func fits(b, e *model.Bill) bool {
	if b.Currency != "" && e.Currency != "" && b.Currency != e.Currency {
		return false
	}
	paid, billed := billing.Magnitude(b.Amount), billing.Magnitude(e.Amount)
	return max(paid, billed)-min(paid, billed) <= billed/100
}

// sumsUp reports whether all lines of a remittance have one amount, which is what the
// bills of all their numbers come to: it is the total of the payment.
func (f *facts) sumsUp(m *billMail) bool {
	if len(m.bills) < 2 || m.Class != "remittance" {
		return false
	}
	total, sum := m.bills[0].Amount, uint64(0)
	for i := range m.bills {
		b := &m.bills[i]
		if b.Amount != total || total == 0 {
			return false
		}
		at := slices.IndexFunc(f.earlier, func(e model.Bill) bool { return e.Plain == b.Plain && f.speaksOf(b, &e) && mayTell(b, &e) })
		if b.Plain == "" || at < 0 || billing.Magnitude(f.earlier[at].Amount) > 1<<60 {
			return false
		}
		sum += billing.Magnitude(f.earlier[at].Amount)
		if sum > 1<<61 {
			return false
		}
	}
	return max(sum, billing.Magnitude(total))-min(sum, billing.Magnitude(total)) <= sum/100
}

// settledBefore makes a bill paid that came after its remittance, or that repeats one
// that is paid.
func (f *facts) settledBefore(m *billMail, b *model.Bill) {
	if b.Plain == "" || billing.Hard(b.Doubts) {
		return
	}
	for k := range f.earlier {
		e := &f.earlier[k]
		remitted := e.Class == "remittance" && e.Event == "paid" && e.Proved && len(e.Doubts) == 0 && e.State != stateVoid &&
			(e.Plain == b.Plain || slices.ContainsFunc(e.Settles, func(key string) bool { return strings.HasSuffix(key, "|"+b.Plain) })) &&
			mayTell(e, b) && (e.Amount == 0 || b.Amount == 0 || fits(e, b))
		repeats := e.State == statePaid && (e.By == byPerson || oneSender(e, b)) && e.Plain == b.Plain && e.Amount == b.Amount && e.Currency == b.Currency && f.came(e, b) &&
			(billing.Layer(e, b) != "" || b.Class == "past-due" && billing.SameVendor(e, b))
		if remitted || repeats {
			b.State, b.By = statePaid, byMail
			return
		}
	}
}
