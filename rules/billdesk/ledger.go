package billdesk

import (
	"chancery/internal/model"
	"chancery/rules/billing"
)

const (
	ledgerName = "ledger.csv"
	// maxLedger bounds the lines of the file, the newest ones: mail servers refuse
	// messages of more than some megabytes.
	maxLedger = 20_000
)

// ledger is what is attached to a note: all that the ledger has, the oldest first.
func (s *desk) ledger() string {
	list := s.book.bills[max(0, len(s.book.bills)-maxLedger):]
	out := make([]model.Bill, len(list))
	for i, b := range list {
		out[i] = *b
		if veiled(b) {
			out[i] = model.Bill{ID: b.ID, Class: b.Class, State: b.State, By: b.By, At: b.At, Source: b.Source, MessageID: b.MessageID, Proved: b.Proved}
		}
	}
	return billing.WriteLedger(out)
}
