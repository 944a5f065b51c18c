package billdesk

import (
	"cmp"
	"slices"
	"strings"

	"chancery/internal/model"
	"chancery/rules/billing"
)

// alarming reports whether somebody must check a bill before it is paid.
func alarming(b *model.Bill) bool {
	return slices.ContainsFunc(b.Doubts, func(code string) bool { return !billing.Mild(code) })
}

// newAccount says that a bill wants to be paid to an account that its vendor never named
// before; "" if it does not. From the next bill on the account is a known one.
func newAccount(b *model.Bill) string {
	switch {
	case veiled(b) || b.Bank == "" || !open(b) || alarming(b):
	case slices.Contains(b.Doubts, billing.DoubtBankFirst):
		return "New account, first seen: no earlier bill of this vendor named one. " + askByPhone
	case slices.Contains(b.Doubts, billing.DoubtFirstSeen):
		return "New vendor, and so an account that was never seen before. " + askByPhone
	}
	return ""
}

const askByPhone = "Ask by a telephone number that you know already."

// waitsForAPerson reports whether a bill came as disputed, because it may be forged, and
// nobody has looked at it.
func waitsForAPerson(b *model.Bill) bool {
	return b.State == "disputed" && b.By != "person" && billing.Hard(b.Doubts)
}

// doubts says all of them in words; a code that has none is told as it is.
func doubts(b *model.Bill) string {
	var out []string
	for _, code := range b.Doubts[:min(len(b.Doubts), maxDoubts)] {
		out = append(out, cmp.Or(billing.SayDoubt(code), clean(code, maxNumber)))
	}
	return strings.Join(out, "; ")
}

// maxDoubts of one bill are told.
const maxDoubts = 5
