package billing

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"chancery/internal/model"
	"chancery/rules/text"
)

// The layers in which a bill repeats an earlier one, the surest first.
const (
	LayerNumber = "number" // the same vendor, the same number
	LayerFile   = "file"   // the same file
	LayerAmount = "amount" // the same vendor, amount and date
	LayerNear   = "near"   // a number that is almost the same, or that of a new version
)

// Layers are all of them, in their order.
var Layers = []string{LayerNumber, LayerFile, LayerAmount, LayerNear}

// How near is near.
const (
	nearDays     = 30
	retainerDays = 25  // the same amount that long after is the next month's
	revisedDays  = 120 // a new version of an invoice comes within
	restartDays  = 300 // numbers that begin anew each year
	nearDigits   = 4   // a shorter number is always near another

	secondsPerDay = 24 * 60 * 60
)

// Layer tells in which way two bills seem to be one; "" if they do not. It is the same
// either way round. Copies of one mail are one bill and no twins; nor are the bills of
// different vendors, unless they are the same file; nor a credit note and an invoice;
// nor what vendors send us and what we send.
func Layer(a, b *model.Bill) string {
	if sameMail(a, b) || side(a.Class) == 0 || side(a.Class) != side(b.Class) || (a.Amount < 0) != (b.Amount < 0) {
		return ""
	}
	same := SameVendor(a, b)
	switch {
	case same && a.Plain != "" && a.Plain == b.Plain && !anew(a, b):
		return LayerNumber
	case a.File != "" && a.File == b.File && (a.Plain == b.Plain || a.Plain == "" || b.Plain == ""):
		return LayerFile
	case !same || apart(a, b):
		return ""
	case a.Amount != 0 && a.Amount == b.Amount && a.Currency == b.Currency && a.Date != 0 && a.Date == b.Date:
		return LayerAmount
	case near(a, b):
		return LayerNear
	}
	return ""
}

// sameMail reports whether both were told by one message, or by copies of it in two
// mailboxes.
func sameMail(a, b *model.Bill) bool {
	return a.ID != "" && a.ID == b.ID || a.Ident != "" && a.Ident == b.Ident || a.MessageID != "" && a.MessageID == b.MessageID
}

// side is 1 for what is to be paid, 2 for what we bill, 0 for what is no invoice.
func side(class string) int {
	switch class {
	case "invoice-in", "vendor":
		return 1
	case "invoice-out":
		return 2
	}
	return 0
}

// SameVendor reports whether two bills are of one vendor. One that is known by its tax
// number in a file and by its domain in a mail is compared by its name.
func SameVendor(a, b *model.Bill) bool {
	switch {
	case a.Vendor == "" || b.Vendor == "":
		return false
	case strings.EqualFold(a.Vendor, b.Vendor):
		return true
	case isDomain(a.Vendor) == isDomain(b.Vendor):
		return false
	}
	return sameName(a, b)
}

func sameName(a, b *model.Bill) bool {
	n := KnownName(a.Name)
	return n != "" && n == KnownName(b.Name)
}

// KnownName is the name of a vendor as it is compared; "" for one that is too short, or
// that many vendors have: "Accounts Receivable".
func KnownName(name string) string {
	words := nameWords(name)
	if n := strings.Join(slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(departments, w) }), ""); len(n) < 4 {
		return ""
	}
	n := strings.Join(words, "")
	return n[:min(len(n), maxPlain)]
}

// departments are words of names that say nothing of whose they are.
var departments = strings.Fields(`account accounts accounting receivable receivables payable payables billing bill bills invoice invoices invoicing
	department dept team office finance financial admin administration info mail email support customer client service services desk no noreply
	reply not do notification notifications system systems mailer legal law payment payments remittance collections controller bookkeeping
	rechnung rechnungen rechnungswesen buchhaltung debitorenbuchhaltung kundenservice facturation factures compta comptabilite facturacion
	contabilidad amministrazione fatturazione facturatie administratie boekhouding for of und and et y de the`)

func isDomain(vendor string) bool { return strings.ContainsAny(vendor, ".@") }

// forms are the endings that say what kind of firm it is.
var forms = strings.Fields("llp llc inc incorporated ltd limited plc corp corporation co company gmbh mbh ag kg ohg ug se sa sas sarl srl sl bv nv lp pc pllc pa the")

// nameWords are the words of a name: in lower case, without signs and without what kind
// of firm it is.
func nameWords(name string) []string {
	words := strings.FieldsFunc(text.Fold(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.DeleteFunc(words, func(w string) bool { return slices.Contains(forms, w) })
}

// anew reports numbers that begin again each year: the same number long after, for
// another amount.
func anew(a, b *model.Bill) bool {
	return a.Date != 0 && b.Date != 0 && days(a, b) > restartDays && a.Amount != 0 && b.Amount != 0 && a.Amount != b.Amount
}

// apart reports what two invoices say that one invoice cannot: two matters, or two
// periods.
func apart(a, b *model.Bill) bool {
	if a.Matter != "" && b.Matter != "" && a.Matter != b.Matter {
		return true
	}
	return a.From != 0 && a.Till != 0 && b.From != 0 && b.Till != 0 && (a.Till < b.From || b.Till < a.From)
}

func near(a, b *model.Bill) bool {
	if a.Plain == "" || b.Plain == "" || a.Plain == b.Plain {
		return false
	}
	between := days(a, b)
	if newVersion(a, b) {
		return between <= revisedDays
	}
	return min(len(a.Plain), len(b.Plain)) >= nearDigits && within(a, b) && between <= nearDays &&
		!(a.Amount == b.Amount && between >= retainerDays) && oneEdit(a.Plain, b.Plain)
}

// newVersion reports whether one number is the other's with a word for a new version,
// or both are versions of a third.
func newVersion(a, b *model.Bill) bool {
	x, okx := revised(a.Number)
	y, oky := revised(b.Number)
	switch {
	case okx && oky:
		return x == y
	case okx:
		return x == b.Plain
	case oky:
		return y == a.Plain
	}
	return false
}

// within reports whether two known amounts differ by one in a hundred at most.
func within(a, b *model.Bill) bool {
	return a.Amount != 0 && b.Amount != 0 && a.Currency == b.Currency && closeTo(a.Amount, b.Amount)
}

// closeTo is within one in a hundred of the greater, without overflow.
func closeTo(a, b int64) bool {
	if (a < 0) != (b < 0) {
		return a == b
	}
	x, y := Magnitude(a), Magnitude(b)
	if x < y {
		x, y = y, x
	}
	return x-y <= x/100
}

// Magnitude is an amount without its sign.
func Magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// days is how many days lie between two bills, by their dates, else by when their mails
// came.
func days(a, b *model.Bill) int {
	x, y := a.Date, b.Date
	if x == 0 || y == 0 {
		x, y = a.At, b.At
	}
	if x < y {
		x, y = y, x
	}
	if x-y < 0 { // further apart than can be counted
		return math.MaxInt
	}
	return int((x - y) / secondsPerDay)
}

// oneEdit reports whether one sign more, less or other, or two neighbours that changed
// places, make b of a (Damerau, 1964).
func oneEdit(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	switch len(y) - len(x) {
	case 1:
		return slices.Equal(x[i:], y[i+1:])
	case 0:
		return i == len(x) || slices.Equal(x[i+1:], y[i+1:]) ||
			i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] && slices.Equal(x[i+2:], y[i+2:])
	}
	return false
}
