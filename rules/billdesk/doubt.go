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
