package billing

import (
	"slices"
	"strings"
	"testing"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules/text"
)

// classed is a mail, and the class that a person gives it. Our own addresses are those
// at firm.example.
type classed struct {
	name, from, subject, body string
	to                        string // default gc@firm.example
	bulk, auto                bool
	files                     []model.Attachment
	want                      string // "CLASS" or "CLASS/EVENT"; "" is no billing mail
	reason                    string // one of the codes that are told
}

func (l classed) mail() *model.Mail {
	m := mailOf(l.subject, l.body, l.files...)
	m.From = []model.Address{{Name: "", Addr: l.from}}
	if name, addr, ok := strings.Cut(l.from, "<"); ok {
		m.From[0] = model.Address{Name: strings.TrimSpace(name), Addr: strings.Trim(addr, ">")}
	}
	m.To = []model.Address{{Addr: "gc@firm.example"}}
	if l.to != "" {
		m.To[0].Addr = l.to
	}
	m.Bulk, m.Auto = l.bulk, l.auto
	return m
}

func pdfText(name, s string) model.Attachment {
	return model.Attachment{Name: name, Type: "application/pdf", Head: []byte("%PDF-1.7"), Cut: true, Text: s, Size: 9000}
}

var letters = []classed{
	{name: "prebill", from: "billing@firm.example", subject: "Prebills for March", body: "Your prebills are attached. Please return your edits by April 4.", want: "prebill", reason: "subject-word"},
	{name: "proforma invoice in a file name", from: "billing@firm.example", subject: "For your review", body: "Total $900.00, matter no. 12345-0001.", files: []model.Attachment{pdfText("draft invoice 12345-0001.pdf", "DRAFT")}, want: "prebill", reason: "file-name-word"},
	{name: "pro forma earnings", from: "ir@acme.example", subject: "Pro forma earnings", body: "Pro forma earnings rose to $4.2 million, see the pro forma balance sheet."},

	{name: "out", from: "billing@firm.example", to: "ap@acme.example", subject: "Invoice 20260417", body: "Our invoice no. 20260417 of May 1, 2026.\nTotal due: $1,684.45", want: "invoice-out", reason: "from-us"},
	{name: "forwarded within", from: "pat@firm.example", subject: "Fwd: Invoice 7713", body: "Please pay.\n\n-----Original Message-----\nFrom: Hale Solicitors <ar@hale.example>\nSent: today\nSubject: Invoice 7713\n\nInvoice no. 7713\nFor legal services\nAmount due: $310.00\nDue date: June 1, 2026", want: "invoice-in", reason: "law-firm-sender"},
	{name: "law firm by its words", from: "ar@hale.example", subject: "Invoice 7714", body: "For professional services rendered.\nInvoice no. 7714\nAmount due: $310.00", want: "invoice-in", reason: "text-word"},
	{name: "law firm by its file", from: "ar@hale.example", subject: "April", body: "See attached.", files: []model.Attachment{ledesAttachment("1.txt", ledesFile("LEDES1998B", "\r\n", []string{"7715", "30", "30"}))}, want: "invoice-in", reason: "ledes-file"},
	{name: "court reporter", from: "ar@capital.example", subject: "Invoice 55120", body: "Deposition transcript of J. Doe\nInvoice no. 55120\nTotal due $410.00", want: "vendor", reason: "text-word"},
	{name: "invoice in a PDF alone", from: "ar@capital.example", subject: "Transcript", body: "Attached.", files: []model.Attachment{pdfText("x.pdf", "Invoice No.: 55121\nInvoice date: May 3, 2026\nTotal due: $12.00")}, want: "vendor", reason: "file-invoice"},

	{name: "portal by its sender", from: "notices@tracker.example", subject: "Invoice 118: on hold", body: "Invoice 118 is on hold.", want: "portal/on-hold", reason: "portal-sender"},
	{name: "portal below its domain", from: "x@mail.tracker.example", subject: "Invoice 118 approved with adjustments", body: "It was approved.", want: "portal/reduced", reason: "portal-event"},
	{name: "portal that nobody named", from: "no-reply@other.example", subject: "Invoice 118 rejected", body: "Invoice 118 was rejected: matter closed.", want: "portal/rejected", reason: "program-sender"},
	{name: "portal about a password", from: "notices@tracker.example", subject: "Your password expires", body: "Your password must be changed; changes are approved at once."},

	{name: "remittance", from: "ap@acme.example", subject: "Remittance advice", body: "We paid invoices 10021, 10022 and 10025 by wire. Total: EUR 12.345,67", want: "remittance/paid", reason: "subject-word"},
	{name: "short pay", from: "ap@acme.example", subject: "Payment advice", body: "Invoice 10021: short paid, $400.00 of $500.00", want: "remittance/part-paid"},
	{name: "past due", from: "ar@hale.example", subject: "Past due invoice 7713", body: "Invoice 7713, $310.00, is 60 days past due.", want: "past-due"},
	{name: "german reminder", from: "buchhaltung@kanzlei.example", subject: "Zahlungserinnerung", body: "Rechnung Nr. 118/26 über 595,00 EUR ist fällig.", want: "past-due"},
	{name: "aging", from: "ar@firm.example", subject: "A/R aging report", body: "0-30 $1.00, 31-60 $2.00, 61-90 $3.00", want: "aging"},
	{name: "write-off", from: "pat@firm.example", to: "billing@firm.example", subject: "Write-off request", body: "Please write off $1,250.00 on matter no. 12345-0001.", want: "write-off"},
	{name: "write-off of a plant", from: "jeff@trade.example", subject: "Re: plant", body: "I disagree with the write-off of the plant, all $45 million of it."},
	{name: "trust", from: "trust@firm.example", subject: "IOLTA", body: "Please replenish the retainer.", want: "trust"},
	{name: "trust as a word", from: "rae@hale.example", subject: "Orchard Trust", body: "I trust that the trust deed of $4,000,000.00 is signed."},
	{name: "a forged reply asks to be paid elsewhere", from: "ar@hale.example", subject: "Re: Invoice CH-1041 - updated bank details", body: "Our bank account has changed. Please pay invoice CH-1041, total $4,200.00, due December 2, 2026, to our new account: IBAN DE89 3704 0044 0532 0130 00.", want: "vendor", reason: "text-word"},
	{name: "accruals asked for by matter", from: "claims@acme.example", subject: "Accruals for November, 31055.0010", body: "Please send us your unbilled fees for matter 31055.0010 by November 30, 2026.", want: "accrual", reason: "text-word"},
	{name: "accrual", from: "ops@acme.example", subject: "Accruals due Friday", body: "Please submit your accruals for March.", want: "accrual"},
	{name: "accrual of gas", from: "sue@trade.example", subject: "Volumes", body: "The accrual for the imbalance was booked, the accrual of last month too."},
	{name: "budget", from: "ops@acme.example", subject: "Matter budget for Harbor v. Acme", body: "We need it by phase.", want: "budget"},
	{name: "budget of a party", from: "hr@firm.example", subject: "Budget", body: "We have a budget of $2,000.00."},

	{name: "somebody asks", from: "sue@acme.example", subject: "Invoice", body: "Please send me the invoice for May."},
	{name: "talk", from: "sue@acme.example", subject: "RE: November invoice issues", body: "The invoice of November is wrong again; call me. We lost $500 on it."},
	{name: "webinar", from: "news@vendor.example", subject: "Invoice finance webinar", body: "Register now: learn how invoices are paid early. From $199.00 until June 3, 2026. Unsubscribe", bulk: true},
	{name: "receipt of a court", from: "do-not-reply@pay.example", subject: "Payment confirmation", body: "Your payment was submitted.\nTracking id: 26AB\nFiling fee: $405.00"},
	{name: "the bill in parliament", from: "news@law.example", subject: "House passes bill", body: "The bill would cost $2.1 billion by March 31, 2026.", bulk: true},
}

func TestClass(t *testing.T) {
	o := Options{
		Own:     func(addr string) bool { return strings.HasSuffix(addr, "@firm.example") },
		Portals: []config.Portal{{Name: config.Text{Value: "Tracker"}, From: []config.Text{{Value: "tracker.example"}}}},
	}
	for _, l := range letters {
		t.Run(l.name, func(t *testing.T) {
			m := l.mail()
			f := Extract(text.Split(m), m, o)
			got := f.Class
			if f.Event != "" {
				got += "/" + f.Event
			}
			if got != l.want {
				t.Fatalf("class %q, want %q: %+v", got, l.want, f.Why)
			}
			if (f.Class == "") != (len(f.Why) == 0) || (f.Class == "") != (len(f.Bills) == 0) {
				t.Errorf("class %q with %d reasons and %d bills", f.Class, len(f.Why), len(f.Bills))
			}
			if l.reason != "" && !slices.ContainsFunc(f.Why, func(r Reason) bool { return r.Code == l.reason }) {
				t.Errorf("reasons %+v, want %s", f.Why, l.reason)
			}
		})
	}
}

// What a mail says in a quote counts less than the same in its own words, and nothing
// that is told by a class word alone becomes billing mail by being quoted.
func TestQuotedCountsLess(t *testing.T) {
	for _, l := range letters {
		if l.want == "" {
			continue
		}
		m := l.mail()
		m.Subject, m.Files = "Re: yesterday", nil
		m.Parts[0].Text = "Thanks.\n\nOn May 3, 2026, Sue wrote:\n> " + strings.ReplaceAll(l.subject, "\n", "\n> ") + "\n"
		if f := Extract(text.Split(m), m, Options{}); f.Class != "" {
			t.Errorf("%s: a quoted subject alone is %s: %+v", l.name, f.Class, f.Why)
		}
	}
}

func TestBillsOfAMail(t *testing.T) {
	ledes := ledesFile("LEDES98BI V2", "\r\n", []string{"L-77", "125.5", "125.5"})
	tests := []struct {
		name, subject, body string
		files               []model.Attachment
		want                []string // number, total, date, due
	}{
		{"several on lines of their own", "May invoices", "Our invoices:\nInvoice 1001  May 1, 2026  $10.00  due June 1, 2026\nInvoice 1002  May 2, 2026  $20.50  due June 2, 2026", nil,
			[]string{"1001 USD 10.00 2026-05-01 2026-06-01", "1002 USD 20.50 2026-05-02 2026-06-02"}},
		{"one file, one text, one bill", "Invoice L-77", "Invoice no. L-77\nDue date: May 20, 2026", []model.Attachment{ledesAttachment("a.txt", ledes)},
			[]string{"L-77 EUR 125.50 2026-04-30 2026-05-20"}},
		{"a PDF completes a LEDES file", "e-bill", "Attached.", []model.Attachment{ledesAttachment("a.txt", ledes), pdfText("a.pdf", "Invoice No. L 77\nDue date: May 21, 2026\nTotal due: EUR 125.50")},
			[]string{"L-77 EUR 125.50 2026-04-30 2026-05-21"}},
		{"a list paid together", "Remittance advice", "Invoices 1001, 1002 and 1003. Total: $60.00", nil,
			[]string{"1001 0.00  ", "1002 0.00  ", "1003 0.00  "}},
		{"a table in the text", "Payment advice", "Invoice no.   Invoice date   Paid\n1001          05/01/2026     1,000.00\n1002          05/02/2026        20.50\nTotal USD                    1,020.50", nil,
			[]string{"1001 USD 1000.00 2026-05-01 ", "1002 USD 20.50 2026-05-02 "}},
		{"a credit note names its invoice", "Credit note CN-9", "Credit note no. CN-9 dated May 2, 2026 for our invoice 1001. Total credit: $10.00", nil,
			[]string{"CN-9 USD -10.00 2026-05-02 "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := mailOf(tt.subject, tt.body, tt.files...)
			f := Extract(text.Split(m), m, Options{})
			var got []string
			for _, b := range f.Bills {
				got = append(got, b.Number+" "+b.Total.String()+" "+show(b.Date)+" "+show(b.Due))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%s: got %q, want %q", f.Class, got, tt.want)
			}
		})
	}
}
