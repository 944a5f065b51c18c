package billing

import (
	"reflect"
	"testing"
	"time"

	"chancery/internal/model"
	"chancery/rules/text"
)

func mailOf(subject, body string, files ...model.Attachment) *model.Mail {
	return &model.Mail{Subject: subject, Parts: []model.TextPart{{Text: body}}, Files: files, Date: time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC)}
}

func ledesAttachment(name, content string) model.Attachment {
	return model.Attachment{Name: name, Type: "text/plain", Size: int64(len(content)), Head: []byte(content)}
}

func TestExtract(t *testing.T) {
	oneInvoice := ledesFile("LEDES98BI V2", "\r\n", []string{"L-77", "125.5", "125.5"})
	tests := []struct {
		name                      string
		subject, body             string
		file                      string
		invoice, total, date, due string
		terms                     int
		numbers                   []string
		where                     map[string]string
	}{
		{
			name: "outgoing invoice", subject: "Invoice No. 2026-0417 for services through April 30, 2026",
			body:    "Dear Ms. Ito,\n\nInvoice Date: May 1, 2026\nTotal Due: $1,684.45\nTerms: Net 30\n",
			invoice: "2026-0417", total: "USD 1684.45", date: "2026-05-01", due: "2026-05-31", terms: 30, numbers: []string{"2026-0417"},
			where: map[string]string{"invoice": "subject", "total": "new", "date": "new", "due": "new", "terms": "new"},
		},
		{
			name: "balance forward is not the total", subject: "Statement",
			body:    "Invoice # 11589\nPrevious balance: $9,000.00\nBalance forward $4,000.00\nCurrent fees $1,250.00\nAmount due: $1,250.00\nPayable by 06/15/2026",
			invoice: "11589", total: "USD 1250.00", due: "2026-06-15", numbers: []string{"11589"},
		},
		{
			name: "several invoices", subject: "Remittance advice",
			body:    "We paid invoices 10021, 10022 and 10025 by wire. Total: EUR 12.345,67",
			invoice: "10021", total: "EUR 12345.67", numbers: []string{"10021", "10022", "10025"},
		},
		{
			name: "german", subject: "Rechnung Nr. 4711-26",
			body:    "Rechnungsdatum: 04.05.2026\nGesamtbetrag: 1.190,00 EUR\nZahlbar bis zum 18.05.2026",
			invoice: "4711-26", total: "EUR 1190.00", date: "2026-05-04", due: "2026-05-18", numbers: []string{"4711-26"},
		},
		{
			name: "table of two columns", subject: "Your bill",
			body:    "Invoice Number\tINV-2041\nInvoice Date\t05/02/2026\nInvoice Total\t$3,210.00\nDue Date\t06/01/2026\n",
			invoice: "INV-2041", total: "USD 3210.00", date: "2026-05-02", due: "2026-06-01", numbers: []string{"INV-2041"},
		},
		{
			name: "due upon receipt", subject: "Invoice 55120", body: "Invoice date: 2026-05-03. Amount due: £480.00, due upon receipt.",
			invoice: "55120", total: "GBP 480.00", date: "2026-05-03", due: "2026-05-03", numbers: []string{"55120"},
		},
		{
			name: "due date without year", subject: "Invoice 55121", body: "Please remit by June 12. Balance due $10.00",
			invoice: "55121", total: "USD 10.00", due: "2026-06-12", numbers: []string{"55121"},
		},
		{
			name: "amount before its word", subject: "Past due", body: "Invoice number: A/204-7. $2,300.00 is due on May 20, 2026.",
			invoice: "A/204-7", total: "USD 2300.00", due: "2026-05-20", numbers: []string{"A/204-7"},
		},
		{
			name: "ledes wins", subject: "April statement, invoice 999", body: "Invoice total $1.00\nPayment terms: 45 days", file: oneInvoice,
			invoice: "L-77", total: "EUR 125.50", date: "2026-04-30", due: "2026-06-14", terms: 45, numbers: []string{"L-77", "999"},
			where: map[string]string{"invoice": "attachment:x.dat", "total": "attachment:x.dat", "date": "attachment:x.dat", "due": "new", "terms": "new"},
		},
		{
			name: "new text over quoted", subject: "Re: bill", body: "Invoice 70002, total due $20.00\n\n> Invoice 70001, total due $10.00, due date May 9, 2026",
			invoice: "70002", total: "USD 20.00", due: "2026-05-09", numbers: []string{"70002", "70001"},
		},
		{
			name: "quoted alone", subject: "Fwd: bill", body: "FYI\n\n-----Original Message-----\nFrom: a@b.example\nSent: today\nSubject: bill\n\nInvoice 70001, total due $10.00",
			invoice: "70001", total: "USD 10.00", numbers: []string{"70001"}, where: map[string]string{"invoice": "quoted", "total": "quoted"},
		},
		{name: "talk about invoices", subject: "invoice question", body: "Please send the invoice by Friday. The invoice for May 2026 was late, see page 417."},
		{name: "a year is no number", subject: "Invoice 2026", body: "The invoice of 05/31/2026 is fine."},
		{name: "hours", subject: "Time", body: "Total hours 12.50. Within 10 minutes. Net 5 of us."},
		{name: "empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var files []model.Attachment
			if tt.file != "" {
				files = append(files, ledesAttachment("x.dat", tt.file))
			}
			m := mailOf(tt.subject, tt.body, files...)
			f := Extract(text.Split(m), m, Options{})
			total := ""
			if !f.Total.IsZero() {
				total = f.Total.String()
			}
			got := []string{f.Invoice, total, show(f.Date), show(f.Due)}
			if want := []string{tt.invoice, tt.total, tt.date, tt.due}; !reflect.DeepEqual(got, want) || f.Terms != tt.terms || !reflect.DeepEqual(f.Numbers, tt.numbers) {
				t.Errorf("got %q terms %d numbers %q, want %q %d %q", got, f.Terms, f.Numbers, want, tt.terms, tt.numbers)
			}
			if tt.where != nil && !reflect.DeepEqual(f.Where, tt.where) {
				t.Errorf("where %v, want %v", f.Where, tt.where)
			}
			if again := Extract(text.Split(m), m, Options{}); !reflect.DeepEqual(f, again) {
				t.Errorf("a second look differs: %+v", again)
			}
		})
	}
}

func show(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func TestNear(t *testing.T) {
	z := text.Zones{
		Subject: "Invoice 4711 and deposit",
		New:     "The retainer is $5,000.00 now. Closing   date: June 3, 2026. We owe EUR 12,50 in fees.\nRef. (fees 2026) B-20417",
		Quoted:  "old fees were $1.00 on May 1, 2026",
		Names:   []string{"statement-99812.pdf"},
	}
	tests := []struct {
		kind string
		near []string
		want string
		zone string
	}{
		{"money", []string{"retainer"}, "$5,000.00", "new"},
		{"money", []string{"fees"}, "EUR 12,50", "new"},
		{"money", []string{"old fees"}, "$1.00", "quoted"},
		{"money", []string{"penalty"}, "", ""},
		{"money", nil, "$5,000.00", "new"},
		{"date", []string{"Closing Date"}, "June 3, 2026", "new"},
		{"date", []string{"were"}, "May 1, 2026", "quoted"},
		{"invoice", []string{"invoice"}, "4711", "subject"},
		{"invoice", []string{"ref."}, "B-20417", "new"},
		{"invoice", []string{"statement"}, "99812", "names"},
		{"money", []string{" "}, "", ""},
		{"colour", []string{"fees"}, "", ""},
	}
	for _, tt := range tests {
		v, ok := Near(z, tt.kind, tt.near)
		if v.Text != tt.want || v.Zone != tt.zone || ok != (tt.want != "") {
			t.Errorf("Near(%s, %q) = %+v, %v, want %q in %q", tt.kind, tt.near, v, ok, tt.want, tt.zone)
		}
	}
}

// TestExtractSurvives feeds what mails are not.
func TestExtractSurvives(t *testing.T) {
	for _, s := range []string{"invoice", "invoice #", "total due $", "due date", "net", "Invoice No. \xff", "total due 99999999999999999999999999", "invoice \u00b0\u00b0"} {
		m := mailOf(s, s)
		Extract(text.Split(m), m, Options{})
	}
}
