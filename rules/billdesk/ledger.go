package billdesk

import (
	"slices"

	"chancery/internal/model"
	"chancery/rules/billing"
)

const (
	ledgerName = "ledger.csv"
	// maxLedger bounds the lines of the file, the newest ones: mail servers refuse
	// messages of more than some megabytes.
	maxLedger = 20_000
	maxCell   = 300 // characters of what others wrote
	maxCodes  = 50
)

// clipped keeps a bill from filling the file alone.
func clipped(b model.Bill) model.Bill {
	for _, s := range []*string{&b.Number, &b.Name, &b.Vendor, &b.Client, &b.Matter, &b.Currency, &b.Subject, &b.MessageID} {
		*s = clean(*s, maxCell)
	}
	b.Doubts, b.Faults = b.Doubts[:min(len(b.Doubts), maxCodes)], b.Faults[:min(len(b.Faults), maxCodes)]
	return b
}

// ledger is what is attached to a note: all that the ledger has, the oldest first.
func (s *desk) ledger() string {
	list := s.book.bills[max(0, len(s.book.bills)-maxLedger):]
	out := make([]model.Bill, len(list))
	for i, b := range list {
		out[i] = clipped(*b)
		out[i].Twins = slices.DeleteFunc(slices.Clone(b.Twins), func(id string) bool { return s.book.byID[id] == nil }) // of other people's mail
		if veiled(b) {
			out[i] = model.Bill{ID: b.ID, Class: b.Class, State: b.State, By: b.By, At: b.At, Source: b.Source, MessageID: b.MessageID, Proved: b.Proved}
		}
	}
	return billing.WriteLedger(out)
}
