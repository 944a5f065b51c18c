package billing

import (
	"strings"
	"testing"
	"time"
)

// papers are invoices as the text of a PDF shows them, each of another shape.
var papers = []struct {
	name, text string
	number     string
	total      string
	owed       string
	date, due  string
	from, till string
	terms      int
	matter     string
	unsure     string
}{
	{
		name: "law firm with columns", text: `
                         NORTH & HARBOUR LLP
                         Attorneys at Law
   Acme Robotics, Inc.
   1 Foundry Way                                      Invoice No.:     118842
   Oakland, CA 94607                                  Invoice Date:    March 3, 2026
                                                      Client-Matter:   04417-0002
   For professional services rendered through February 28, 2026

   Date         Timekeeper     Hours     Amount      Description
   02/03/26     J. Harbour      1.20     $780.00     Review lease
   02/17/26     K. North        0.50     $400.00     Call with landlord

                             Total Fees              $1,180.00
                             Total Disbursements        $42.10
                             TOTAL THIS INVOICE      $1,222.10
                             Previous Balance        $3,000.00
                             TOTAL AMOUNT DUE        $4,222.10
   Terms: Net 30`,
		number: "118842", total: "USD 1222.10", owed: "USD 4222.10", date: "2026-03-03", due: "2026-04-02", till: "2026-02-28", terms: 30, matter: "04417-0002",
	},
	{
		name: "labels above values", text: `
Invoice Number        Invoice Date      Due Date        Terms
INV-20417             04/15/2026        05/15/2026      Net 30

Item            Qty     Rate      Amount
Transcript        1     410.00    410.00
Exhibits         20       0.75     15.00
                        Subtotal  425.00
                        Tax         0.00
                        Total    $425.00
`, number: "INV-20417", total: "USD 425.00", date: "2026-04-15", due: "2026-05-15", terms: 0,
	},
	{
		name: "tabs", text: "Invoice No\tDate\tDue\n123-A\t1.2.2026\t15.2.2026\n\nTotal\tCHF\t1'684.45\n",
		number: "123-A", total: "CHF 1684.45", date: "2026-02-01", due: "2026-02-15",
	},
	{
		name: "german", text: `
Kanzlei Sommer                                     Rechnungsnummer    2026/0815
                                                   Rechnungsdatum     12.03.2026
                                                   Leistungszeitraum  01.02.2026 - 28.02.2026
                                                   Aktenzeichen       77-1204

Honorar                                                  1.200,00 EUR
Nettobetrag                                              1.200,00 EUR
zzgl. 19 % USt                                             228,00 EUR
Rechnungsbetrag                                          1.428,00 EUR

Zahlbar innerhalb von 14 Tagen ohne Abzug.`,
		number: "2026/0815", total: "EUR 1428.00", date: "2026-03-12", due: "2026-03-26", from: "2026-02-01", till: "2026-02-28", terms: 14, matter: "77-1204",
	},
	{
		name: "french", text: `
FACTURE N° : 2026-03-118
Date de facture : 5 mars 2026
Date d'échéance : 4 avril 2026

Total HT                1 500,00 €
TVA 20 %                  300,00 €
Total TTC               1 800,00 €
Acompte versé             800,00 €
Net à payer             1 000,00 €`,
		number: "2026-03-118", total: "EUR 1800.00", owed: "EUR 1000.00", date: "2026-03-05", due: "2026-04-04",
	},
	{
		name: "spanish", text: `
Nº de factura: A-2026/331
Fecha de emisión: 07/03/2026
Vencimiento: 06/04/2026
Base imponible     2.500,00 €
IVA 21 %             525,00 €
Total factura      3.025,00 €`,
		number: "A-2026/331", total: "EUR 3025.00", date: "2026-03-07", due: "2026-04-06",
	},
	{
		name: "italian", text: `
FATTURA N. 88/2026 del 09/03/2026
Imponibile        1.000,00
IVA 22%             220,00
Totale fattura    1.220,00 EUR
Scadenza: 08/04/2026`,
		number: "88/2026", total: "EUR 1220.00", date: "2026-03-09", due: "2026-04-08",
	},
	{
		name: "dutch", text: `
Factuurnummer:     20260077
Factuurdatum:      14 maart 2026
Vervaldatum:       28 maart 2026
Subtotaal      € 100,00
BTW 21%        €  21,00
Te betalen     € 121,00`,
		number: "20260077", total: "EUR 121.00", date: "2026-03-14", due: "2026-03-28",
	},
	{
		name: "polish", text: `
Faktura VAT nr FV/12/03/2026
Data wystawienia: 2026-03-12
Termin płatności: 26 marca 2026
Razem netto     1 000,00
Kwota VAT         230,00
Do zapłaty:     1 230,00 PLN`,
		number: "FV/12/03/2026", total: "PLN 1230.00", date: "2026-03-12", due: "2026-03-26",
	},
	{
		name: "indian", text: `
Tax Invoice No. GST/26-27/0042        Date: 04-04-2026
Taxable Value      Rs. 1,42,750.00
IGST 18%           Rs. 25,695.00
Grand Total        Rs. 1,68,445.00`,
		number: "GST/26-27/0042", total: "INR 168445.00", date: "2026-04-04",
	},
	{
		name: "credit note", text: `
CREDIT NOTE
Credit Note No: CN-0081
Date: 11 May 2026
Total credit: £240.00`,
		number: "CN-0081", total: "GBP -240.00", date: "2026-05-11",
	},
	{
		name: "currency in the heading", text: `
Invoice # 7781          Issue date 2026-06-01
All amounts in USD
Hosting June            1,250.00
Amount due              1,250.00`,
		number: "7781", total: "USD 1250.00", date: "2026-06-01",
	},
	{
		name: "no decimals in yen", text: "Invoice No. JP-9\nInvoice date: 2026-06-01\nTotal amount: JPY 125,000\n",
		number: "JP-9", total: "JPY 125000", date: "2026-06-01",
	},
	{
		name: "ambiguous for ever", text: "Invoice No. 4410\nInvoice date: 03/04/2026\nTotal amount: 99.00\n",
		number: "4410", total: "99.00", date: "2026-03-04", unsure: "date",
	},
	{
		name: "day first by the due date", text: "Invoice No. 4411\nInvoice date: 03/04/2026\nDue date: 30/04/2026\nTotal amount: 99.00 GBP\n",
		number: "4411", total: "GBP 99.00", date: "2026-04-03", due: "2026-04-30",
	},
	{
		name: "month first by another date", text: "Invoice No. 4412\nInvoice date: 03/04/2026\nServices from 02/14/2026 to 02/27/2026\nTotal amount: $99.00\n",
		number: "4412", total: "USD 99.00", date: "2026-03-04", from: "2026-02-14", till: "2026-02-27",
	},
	{
		name: "discount terms", text: "Invoice No. 4413\nInvoice date: March 2, 2026\nTerms: 2/10 net 30\nTotal amount: $99.00\n",
		number: "4413", total: "USD 99.00", date: "2026-03-02", due: "2026-04-01", terms: 30,
	},
	{
		name: "end of month", text: "Invoice No. 4414\nInvoice date: March 2, 2026\nPayment terms: net 30 EOM\nTotal amount: $99.00\n",
		number: "4414", total: "USD 99.00", date: "2026-03-02", due: "2026-04-30", terms: 30,
	},
	{
		name: "upon receipt", text: "Invoice No. 4415\nInvoice date: March 2, 2026\nDue upon receipt\nAmount due $99.00 CR\n",
		number: "4415", total: "USD -99.00", date: "2026-03-02", due: "2026-03-02",
	},
	{
		name: "swiss with umlauts and columns apart", text: `
Rechnung Nr.                 Datum                  Fällig am
R-2026.118                   3. März 2026           2. April 2026
Total CHF                                                              4'250.50`,
		number: "R-2026.118", total: "CHF 4250.50", date: "2026-03-03", due: "2026-04-02",
	},
}

func TestReadText(t *testing.T) {
	for _, tt := range papers {
		t.Run(tt.name, func(t *testing.T) {
			b, ok := ReadText(tt.text, time.Time{})
			if !ok {
				t.Fatal("not taken for an invoice")
			}
			money := func(m Money) string {
				if m.IsZero() {
					return ""
				}
				return m.String()
			}
			for _, f := range []struct{ name, got, want string }{
				{"number", b.Number, tt.number}, {"total", money(b.Total), tt.total}, {"owed", money(b.Owed), tt.owed},
				{"date", show(b.Date), tt.date}, {"due", show(b.Due), tt.due}, {"till", show(b.Till), tt.till}, {"from", show(b.From), tt.from},
				{"matter", b.Matter, tt.matter}, {"unsure", strings.Join(b.Unsure, " "), tt.unsure},
			} {
				if f.got != f.want {
					t.Errorf("%s: %q, want %q", f.name, f.got, f.want)
				}
				if p, told := b.Where[f.name]; f.want != "" && f.name != "unsure" && (!told || p.Zone != "file" || p.Line == 0 || p.Word == "") {
					t.Errorf("%s: found at %+v", f.name, p)
				}
			}
			if tt.terms != 0 && b.Terms != tt.terms {
				t.Errorf("terms %d, want %d", b.Terms, tt.terms)
			}
			if again, _ := ReadText(tt.text, time.Time{}); !sameBill(again, b) {
				t.Errorf("a second look differs: %+v", again)
			}
		})
	}
}

func sameBill(a, b Bill) bool {
	return a.Number == b.Number && a.Total == b.Total && a.Owed == b.Owed && a.Date.Equal(b.Date) && a.Due.Equal(b.Due) && a.Matter == b.Matter
}
