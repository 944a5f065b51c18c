package rules

import (
	"slices"
	"strings"
	"testing"

	"chancery/internal/model"
	"chancery/rules/billing"
)

const (
	knownIBAN = "DE02 1203 0000 0000 2020 51"
	otherIBAN = "DE89 3704 0044 0532 0130 00"
)

// withFile attaches a file of which a person reads text.
func withFile(name, text string) func(*model.Message, *model.Mail) {
	return func(_ *model.Message, m *model.Mail) {
		m.Files = append(m.Files, model.Attachment{Name: name, Text: text, Sum: strings.Repeat("0", 50) + name})
	}
}

// Another account is seen wherever and however it is written.
func TestAnotherAccountIsSeenAnywhere(t *testing.T) {
	paper := "INVOICE\nInvoice No. 5822\nInvoice date: March 27, 2026\nTotal due: USD 90.00\n"
	second := func(more string, change ...func(*model.Message, *model.Mail)) model.Change {
		return billFrom(vendorMail, "Invoice 5822", invoice("5822", "90.00", more), append(change, days(30))...)
	}
	for name, c := range map[string]model.Change{
		"in the text":                 second("IBAN " + otherIBAN),
		"behind the known one":        second("IBAN " + knownIBAN + "\nIBAN " + otherIBAN),
		"in small letters":            second("iban de89 3704 0044 0532 0130 00"),
		"with hyphens":                second("IBAN DE89-3704-0044-0532-0130-00"),
		"with dots":                   second("IBAN DE89.3704.0044.0532.0130.00"),
		"with hard blanks":            second("IBAN DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000"),
		"with nothing between":        second("IBAN DE89370400440532013000."),
		"with the word right before":  second("IBAN:DE89370400440532013000."),
		"in other groups":             second("IBAN DE89 37040044 0532013000"),
		"with double blanks":          second("IBAN DE89  3704  0044  0532  0130  00"),
		"over two lines":              second("IBAN DE89 3704 0044\n0532 0130 00\n"),
		"with signs that do not show": second("IBAN DE\u200b89 3704\u2060 0044 05\u00ad32 0130 00"),
		"in wide digits":              second("IBAN ＤＥ８９ ３７０４ ００４４ ０５３２ ０１３０ ００"),
		"in letters that look alike":  second("IBAN D\u041589 3704 0044 0532 0130 00"),
		"with the letter O":           second("IBAN DE89 37O4 OO44 O532 O130 OO"),
		"in the subject":              billFrom(vendorMail, "Invoice 5822, IBAN "+otherIBAN, invoice("5822", "90.00", ""), days(30)),
		"in the signature":            second("\n-- \nHale Reporters\nIBAN " + otherIBAN),
		"in what is quoted":           second("\nOn Mon, Mar 2, 2026 at 9:00 AM Hale <billing@hale.example> wrote:\n> Please pay to IBAN " + otherIBAN),
		"in the text beside the file": second("IBAN "+otherIBAN, withFile("5822.pdf", paper+"IBAN "+knownIBAN)),
		"in the file":                 second("", withFile("5822.pdf", paper+"IBAN "+otherIBAN)),
		"in the file beside the text": second("IBAN "+knownIBAN, withFile("5822.pdf", paper+"IBAN "+otherIBAN)),
		"in a file of its own":        second("", withFile("5822.pdf", paper), withFile("wire.pdf", "Beneficiary: Hale\nIBAN "+otherIBAN)),
		"in a file beside the known":  second("IBAN "+knownIBAN, withFile("wire.txt", "Beneficiary: Hale\nIBAN "+otherIBAN)),
		"in the name of a file":       second("", withFile("IBAN DE89370400440532013000.pdf", paper)),
		"in an attached message": second("", func(_ *model.Message, m *model.Mail) {
			m.Files = append(m.Files, model.Attachment{Name: "x.eml", Type: "message/rfc822", Text: "IBAN " + otherIBAN})
		}),
		"as American banks write it":   second("Routing number: 021000021\nAccount number: 000123456789"),
		"American, after another":      second("Account number of your client: see above.\nABA 021000021, account number 000123456789"),
		"American, behind a known one": second("IBAN " + knownIBAN + "\nRouting 021000021 account 000123456789"),
		"French, by its own groups":    second("IBAN FR76 30006 00001 12345678901 89"),
		"British":                      second("Sort code 20-00-00\nAccount number 55779911"),
	} {
		t.Run(name, func(t *testing.T) {
			l := &ledger{t: t, s: compiled(t, billOffice())}
			l.take(billFrom(vendorMail, "Invoice 4711", theBill+"\nIBAN "+knownIBAN))
			l.take(c)
			if b := l.bills[len(l.bills)-1]; !slices.Contains(b.Doubts, billing.DoubtBank) || b.State != stateDisputed {
				t.Errorf("%s %v, bank %q", b.State, b.Doubts, b.Bank)
			}
		})
	}
	for name, c := range map[string]model.Change{
		"as before":                      second("IBAN " + knownIBAN),
		"as before, with hyphens":        second("IBAN DE02-1203-0000-0000-2020-51"),
		"as before, in text and file":    second("IBAN "+knownIBAN, withFile("5822.pdf", paper+"IBAN DE02120300000000202051")),
		"a number with wrong digits":     second("Reference DE88 3704 0044 0532 0130 00"),
		"a tax number and a phone":       second("VAT DE123456789, phone +49 89 3704 0044 0532"),
		"words with capitals and digits": second("Docket CV22 1234 5678 9012 3456, FILE NO AB12 CD34 EF56 GH78"),
	} {
		t.Run(name, func(t *testing.T) {
			l := &ledger{t: t, s: compiled(t, billOffice())}
			l.take(billFrom(vendorMail, "Invoice 4711", theBill+"\nIBAN "+knownIBAN))
			l.take(c)
			if b := l.bills[len(l.bills)-1]; slices.Contains(b.Doubts, billing.DoubtBank) || b.State != stateOpen {
				t.Errorf("%s %v, bank %q", b.State, b.Doubts, b.Bank)
			}
		})
	}
}
