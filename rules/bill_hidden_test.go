package rules

import (
	"slices"
	"strings"
	"testing"

	"chancery/internal/model"
	"chancery/rules/billing"
)

// A bill whose words and numbers are written with signs that do not show, or with letters
// that look alike, is the bill that a person sees: another account in it is told.
func TestDisguisedBillIsSeen(t *testing.T) {
	hide := map[string]func(string) string{
		"plain":                  func(s string) string { return s },
		"soft hyphens":           func(s string) string { return strings.ReplaceAll(s, "o", "\u00ado") },
		"zero width":             func(s string) string { return strings.ReplaceAll(s, "o", "o\u200b") },
		"joiners":                func(s string) string { return strings.ReplaceAll(s, "o", "o\u2060") },
		"variation selectors":    func(s string) string { return strings.ReplaceAll(s, "o", "o\ufe0f") },
		"marks of direction":     func(s string) string { return strings.ReplaceAll(s, "o", "\u202ao\u202c") },
		"controls":               func(s string) string { return strings.ReplaceAll(s, "o", "o\x01") },
		"a Cyrillic letter":      func(s string) string { return strings.ReplaceAll(s, "o", "\u043e") },
		"a Greek letter":         func(s string) string { return strings.ReplaceAll(s, "o", "\u03bf") },
		"wide letters":           func(s string) string { return strings.ReplaceAll(s, "o", "\uff4f") },
		"letters of mathematics": func(s string) string { return strings.ReplaceAll(s, "o", "\U0001d428") },
		"lines through letters":  func(s string) string { return strings.ReplaceAll(s, "o", "o\u0336") },
		"signs between digits": func(s string) string {
			return strings.NewReplacer("5822", "58\u200b22", "90.00", "9\u00ad0.00").Replace(s)
		},
		"signs around the number": func(s string) string { return strings.ReplaceAll(s, "5822", "\u206658\u206022\u2069") },
	}
	body := invoice("5822", "90.00", "IBAN "+otherIBAN)
	for name, f := range hide {
		for where, c := range map[string]model.Change{
			"text": billFrom(vendorMail, "hello", f(body), days(30)),
			"html": billFrom(vendorMail, "hello", "", days(30), func(_ *model.Message, m *model.Mail) {
				m.Parts = []model.TextPart{{HTML: true, Text: "<p>" + strings.ReplaceAll(f(body), "\n", "<br>") + "</p>"}}
			}),
			"file": billFrom(vendorMail, f("Invoice 5822"), "Hello", days(30), withFile(f("Invoice 5822")+".pdf",
				f("INVOICE\nInvoice No. 5822\nInvoice date: March 27, 2026\nTotal due: USD 90.00\nIBAN "+otherIBAN))),
		} {
			t.Run(name+" in "+where, func(t *testing.T) {
				l := &ledger{t: t, s: compiled(t, billOffice())}
				l.take(billFrom(vendorMail, "Invoice 4711", theBill+"\nIBAN "+knownIBAN))
				plan := l.take(c)
				b := l.bills[len(l.bills)-1]
				if b.Plain != "5822" || b.Amount != 9000 || !slices.Contains(b.Doubts, billing.DoubtBank) || b.State != stateDisputed {
					t.Errorf("%q %d %s %v, bank %q: %s", b.Number, b.Amount, b.State, b.Doubts, b.Bank, shape(plan))
				}
			})
		}
	}
}
