package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"chancery/internal/model"
	"chancery/rules/billing"
)

// withXML attaches an e-invoice that says who bills, as anybody can write it.
func withXML(number, vendor, tax, amount, iban string) func(*model.Message, *model.Mail) {
	xml := `<?xml version="1.0"?><Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>` + number + `</cbc:ID><cbc:IssueDate>2026-02-27</cbc:IssueDate><cbc:DueDate>2026-03-31</cbc:DueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>USD</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty><cac:Party><cac:PartyName><cbc:Name>` + vendor + `</cbc:Name></cac:PartyName><cac:PartyTaxScheme><cbc:CompanyID>` + tax + `</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme><cac:PartyLegalEntity><cbc:RegistrationName>` + vendor + `</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
<cac:PaymentMeans><cbc:PaymentMeansCode>58</cbc:PaymentMeansCode><cac:PayeeFinancialAccount><cbc:ID>` + strings.ReplaceAll(iban, " ", "") + `</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>
<cac:LegalMonetaryTotal><cbc:TaxInclusiveAmount currencyID="USD">` + amount + `</cbc:TaxInclusiveAmount><cbc:PayableAmount currencyID="USD">` + amount + `</cbc:PayableAmount></cac:LegalMonetaryTotal></Invoice>`
	return func(m *model.Message, mail *model.Mail) {
		mail.Files = append(mail.Files, model.Attachment{Name: number + ".xml", Type: "application/xml", Head: []byte(xml), Data: []byte(xml), Size: int64(len(xml)), Sum: fmt.Sprintf("%064x", hash(xml))})
	}
}

const taxOfHale = "DE123456789"

func xmlBill(from, number, amount, iban string, day int, change ...func(*model.Message, *model.Mail)) model.Change {
	return billFrom(from, "Invoice "+number, "Please find our invoice attached.", append([]func(*model.Message, *model.Mail){withXML(number, "Hale Reporters", taxOfHale, amount, iban), days(day)}, change...)...)
}

func stateOf(l *ledger, class, number string) string {
	for _, b := range l.bills {
		if b.Class == class && b.Number == number {
			return b.State
		}
	}
	return "none"
}

func hasDoubt(l *ledger, code string) bool {
	return slices.Contains(l.bills[len(l.bills)-1].Doubts, code)
}

// A stranger whose own domain is proved speaks for nobody else: bears he the vendor's
// name or number, what he says of bills that are not his changes nothing.
func TestStrangersSettleNothing(t *testing.T) {
	ours := billFrom("Pat Lee <pat@firm.example>", "Invoice 4711", "Dear client, attached is our invoice no. 4711 for professional services rendered in 12345.001. Total due: USD 1,250.00", func(_ *model.Message, m *model.Mail) {
		m.To = []model.Address{{Addr: "ap@client.example"}}
	})
	paid := "Remittance advice: we have paid invoice 4711 by ACH.\nAmount paid: USD 1,250.00\n"
	paidAll := "Remittance advice: we have paid invoices 4710, 4711 and 4712 by ACH.\n"
	for _, tt := range []struct {
		name  string
		mails []model.Change
		class string
		want  string
	}{
		{"in the name of a vendor known by its tax number", []model.Change{xmlBill(vendorMail, "4711", "1250.00", knownIBAN, 0), billFrom("Hale Reporters <x@stranger.example>", "Remittance advice", paid, days(2))}, "vendor", stateOpen},
		{"the vendor itself, known by its tax number", []model.Change{xmlBill(vendorMail, "4711", "1250.00", knownIBAN, 0), billFrom(vendorMail, "Remittance advice", paid, days(2))}, "vendor", statePaid},
		{"of what we billed", []model.Change{ours, billFrom("x@stranger.example", "Remittance advice", paid, days(2))}, "invoice-out", stateOpen},
		{"of many that we billed", []model.Change{ours, billFrom("x@stranger.example", "Remittance advice", paidAll, days(2))}, "invoice-out", stateOpen},
		{"the client itself", []model.Change{ours, billFrom("Jo <jo@pay.client.example>", "Remittance advice", paid, days(2))}, "invoice-out", statePaid},
		{"before the bill comes", []model.Change{billFrom("x@stranger.example", "Remittance advice", paid), billFrom("Pat Lee <pat@firm.example>", "Invoice 4711", "Dear client, attached is our invoice no. 4711 for professional services rendered in 12345.001. Total due: USD 1,250.00", days(2), func(_ *model.Message, m *model.Mail) {
			m.To = []model.Address{{Addr: "ap@client.example"}}
		})}, "invoice-out", stateOpen},
		{"as a program that rejects what we billed", []model.Change{ours, billFrom("Portal <noreply@stranger.example>", "Invoice 4711 was rejected", "Invoice number 4711 was rejected.", days(2))}, "invoice-out", stateOpen},
		{"as a program that rejects what somebody bills us", []model.Change{billFrom(vendorMail, "Invoice 4711", theBill), billFrom("Portal <noreply@stranger.example>", "Invoice 4711 was rejected", "Invoice number 4711 was rejected.", days(2))}, "invoice-in", stateOpen},
		{"as a program that approves what a portal holds", []model.Change{billFrom("Portal <notices@portal.example>", "Invoice 4711 is on hold", "Invoice number 4711 is on hold."), billFrom("Portal <noreply@stranger.example>", "Invoice 4711 was approved", "Invoice number 4711 was approved.", days(2))}, "portal", stateOpen},
		{"a bill of the same number that he calls paid", []model.Change{
			xmlBill("Hale Reporters <x@stranger.example>", "4711", "1250.00", "", 0), billFrom("Hale Reporters <x@stranger.example>", "Remittance advice", paid, days(1)), xmlBill(vendorMail, "4711", "1250.00", "", 2)}, "last", stateOpen},
		{"the same file, that he calls paid", []model.Change{
			billFrom("x@stranger.example", "Invoice 4711", theBill, withFile("a.pdf", theBill)), billFrom("x@stranger.example", "Remittance advice", paid, days(1)), billFrom(vendorMail, "Invoice 4711", theBill, withFile("a.pdf", theBill), days(2))}, "last", stateOpen},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &ledger{t: t, s: compiled(t, billOffice())}
			for _, c := range tt.mails {
				l.take(c)
			}
			got := stateOf(l, tt.class, "4711")
			if tt.class == "last" {
				got = l.bills[len(l.bills)-1].State
			}
			if got != tt.want {
				t.Errorf("it is %s, not %s:\n%s", got, tt.want, l.stand())
			}
		})
	}
}

// Who bears the name or the number of a known vendor and wants to be paid elsewhere is
// doubted, whatever the address.
func TestStrangersInTheNameOfAVendor(t *testing.T) {
	known := billFrom(vendorMail, "Invoice 4711", theBill+"\nIBAN "+knownIBAN)
	knownXML := xmlBill(vendorMail, "4711", "1250.00", knownIBAN, 0)
	text := func(from, more string) model.Change {
		return billFrom(from, "Invoice 5822", invoice("5822", "90.00", more), days(30))
	}
	for _, tt := range []struct {
		name        string
		first, then model.Change
		want        string
	}{
		{"a name at a provider", known, text("Hale Reporters <hale.reporters@gmail.com>", "IBAN "+otherIBAN), billing.DoubtBank},
		{"a name at a domain of his own", known, text("Hale Reporters, LLC <billing@stranger.example>", "IBAN "+otherIBAN), billing.DoubtBank},
		{"the name in the file", known, xmlBill("x@stranger.example", "5822", "90.00", otherIBAN, 30), billing.DoubtBank},
		{"the number in the file", knownXML, xmlBill("x@stranger.example", "5822", "90.00", otherIBAN, 30), billing.DoubtBank},
		{"a name, of a vendor known by number", knownXML, text("Hale Reporters <x@stranger.example>", "IBAN "+otherIBAN), billing.DoubtBank},
		{"a typing error", known, text("Hale <billing@halee.example>", ""), ""},
		{"looks like one that is known by its number", xmlBill("Hale Reporters <billing@halereporters.example>", "4711", "1250.00", knownIBAN, 0), text("Hale Reporters <billing@hale-reporters.example>", ""), billing.DoubtLookAlike},
		{"one letter less", billFrom("Hale Reporters <billing@halereporters.example>", "Invoice 4711", theBill), text("Hale Reporters <billing@halereportes.example>", ""), billing.DoubtLookAlike},
		{"one letter more", billFrom("Hale Reporters <billing@halereporters.example>", "Invoice 4711", theBill), text("Hale Reporters <billing@haleereporters.example>", ""), billing.DoubtLookAlike},
		{"another letter in the middle", billFrom("Hale Reporters <billing@halereporters.example>", "Invoice 4711", theBill), text("Hale Reporters <billing@halerepprters.example>", ""), billing.DoubtLookAlike},
		{"two letters change places in the middle", billFrom("Hale Reporters <billing@halereport.example>", "Invoice 4711", theBill), text("Hale Reporters <billing@halreeport.example>", ""), billing.DoubtLookAlike},
		{"another top", billFrom("Hale Reporters <billing@halereporters.example>", "Invoice 4711", theBill), text("Hale Reporters <billing@halereporters.test>", ""), billing.DoubtLookAlike},
		{"in Cyrillic", billFrom("Hale Reporters <billing@halereporters.example>", "Invoice 4711", theBill), text("Hale Reporters <billing@xn--hlereporters-x9j.example>", ""), billing.DoubtLookAlike},
		{"a known one below a strange one", billFrom("Hale Reporters <billing@halereporters.example>", "Invoice 4711", theBill), text("Hale Reporters <billing@halereporters.example.evil.test>", ""), billing.DoubtLookAlike},
		{"a proforma from elsewhere", known, billFrom(vendorMail, "Proforma invoice 5822", "Please find our proforma invoice no. 5822 for 12345.001.\nTotal due: USD 90.00\nIBAN "+otherIBAN, days(30)), billing.DoubtBank},
		{"a statement of account", known, billFrom(vendorMail, "Statement of account", "Statement of account\nOutstanding balance, aging below.\n\nInvoice No.\tDate\tBalance\n4711\t02/27/2026\t1,250.00\n4800\t02/28/2026\t99.00\n\nPlease pay to IBAN "+otherIBAN, days(30)), billing.DoubtBank},
		{"a reminder", known, billFrom(vendorMail, "Past due: invoice 4711", "Invoice 4711 of USD 1,250.00 is past due. Please pay to IBAN "+otherIBAN, days(60)), billing.DoubtBank},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &ledger{t: t, s: compiled(t, billOffice())}
			l.take(tt.first)
			l.take(tt.then)
			if tt.want != "" && !hasDoubt(l, tt.want) || tt.want == "" && billing.Hard(l.bills[len(l.bills)-1].Doubts) {
				t.Errorf("%s %v, bank %q", l.stand(), l.bills[len(l.bills)-1].Doubts, l.bills[len(l.bills)-1].Bank)
			}
		})
	}
}

// What one mail makes the ledger keep is bounded by more than its size: a long subject
// is not kept once for each of a hundred bills.
func TestOneMailFillsNoLedger(t *testing.T) {
	var rows strings.Builder
	rows.WriteString("Statement of account, invoices past due:\n\nInvoice No.\tDate\tBalance\n")
	for n := range 150 {
		fmt.Fprintf(&rows, "%d\t02/27/2026\t%d.00\n", 10000+7*n, 100+n)
	}
	long := strings.Repeat("Invoice ü ", 6000)
	c := billFrom(long+" <billing@hale.example>", long, rows.String(), func(_ *model.Message, m *model.Mail) {
		m.MessageID = "<" + strings.Repeat("x", 60000) + "@hale.example>"
	})
	l := &ledger{t: t, s: compiled(t, billOffice())}
	l.take(c)
	size := 0
	for _, b := range l.bills {
		size += len(model.EncodeBill(b))
		if b.Subject == "" || !strings.HasPrefix(long, strings.TrimSuffix(b.Subject, "…")) {
			t.Fatalf("subject %.40q", b.Subject)
		}
	}
	if len(l.bills) != maxBills || size > maxBills*8<<10 {
		t.Errorf("%d bills of %d octets", len(l.bills), size)
	}
}
