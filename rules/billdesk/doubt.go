package billdesk

import (
	"slices"
	"strings"

	"chancery/internal/model"
	"chancery/rules/billing"
)

// doubtWords says what a doubt means; a code that is not here is told as it is.
var doubtWords = map[string]string{
	"bank-changed":    "it wants to be paid to another account than before",
	"look-alike":      "the sender's domain only looks like a known one",
	"impersonation":   "a sender outside has the name of one of our people",
	"bank-words":      "it speaks of a new bank account",
	"unauthenticated": "our mail server could not prove the sender",
	"reply-to":        "answers would go to another domain",
	"urgent":          "it hurries the payment, or wants nobody asked",
	"not-theirs":      "it calls a bill paid that is not the sender's",
	"number-unclear":  "the number or the amount does not fit the bill it names",
	"bank-first":      "the first bank account this vendor names",
	"first-seen":      "the first bill of this vendor",
}

// mild doubts are told where the bill is told, and raise no alarm.
var mild = []string{"bank-first", "first-seen"}

// alarming reports whether somebody must check a bill before it is paid.
func alarming(b *model.Bill) bool {
	return slices.ContainsFunc(b.Doubts, func(code string) bool { return !slices.Contains(mild, code) })
}

// waitsForAPerson reports whether a bill came as disputed, because it may be forged, and
// nobody has looked at it.
func waitsForAPerson(b *model.Bill) bool {
	return b.State == "disputed" && b.By != "person" && billing.Hard(b.Doubts)
}

// doubts says all of them in words.
func doubts(b *model.Bill) string {
	var out []string
	for _, code := range b.Doubts[:min(len(b.Doubts), maxDoubts)] {
		words := doubtWords[code]
		if words == "" {
			words = clean(code, maxNumber)
		}
		out = append(out, words)
	}
	return strings.Join(out, "; ")
}

// maxDoubts of one bill are told.
const maxDoubts = 5
