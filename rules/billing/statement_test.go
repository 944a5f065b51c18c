package billing

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"
)

// billLine is a bill in one line.
func billLine(b Bill) string {
	day := func(t time.Time) string {
		if t.IsZero() {
			return "-"
		}
		return t.Format("2006-01-02")
	}
	return fmt.Sprintf("%s|%s|%s|%s|%s|%s|%s", b.Number, b.Total, day(b.Date), day(b.Due), b.Matter, b.Client, b.Vendor)
}

func TestReadStatement(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"statement": {"Firm & Partners LLP\nStatement of account\n\nInvoice No,Invoice Date,Due Date,Matter,Amount,Balance\n" +
			"INV-1,11/23/2026,12/23/2026,10042.0070,\"$1,200.00\",\"$1,200.00\"\nINV-2,11/03/2026,12/03/2026,10042.0071,$300.00,$100.00\nTotal,,,,\"$1,500.00\",\"$1,300.00\"\n",
			[]string{"INV-1|USD 1200.00|2026-11-23|2026-12-23|10042.0070||", "INV-2|USD 100.00|2026-11-03|2026-12-03|10042.0071||"}},
		"german": {"Rechnungsnr.;Rechnungsdatum;Fällig am;Rechnungsbetrag EUR;Mandant\nRE-4711;23.11.2026;07.12.2026;1.684,45;Muster GmbH\nRE-4712;01.11.2026;02.12.2026;12,00;Muster GmbH\nSumme;;;1.696,45;\n",
			[]string{"RE-4711|EUR 1684.45|2026-11-23|2026-12-07||Muster GmbH|", "RE-4712|EUR 12.00|2026-11-01|2026-12-02||Muster GmbH|"}},
		"french": {"N° facture\tDate\tÉchéance\tMontant TTC\tDevise\nFA-9\t03/11/2026\t30/11/2026\t1 234,50\tEUR\n", []string{"FA-9|EUR 1234.50|2026-11-03|2026-11-30|||"}},
		"swiss":  {"Rechnung;Datum;Betrag (CHF)\nR-1;03.11.2026;1'234.50\n", []string{"R-1|CHF 1234.50|2026-11-03|-|||"}},
		"remittance": {"Remittance advice\nVendor,Invoice Number,Invoice Amount,Discount,Amount Paid\nSmith LLP,1001,100.00,2.00,98.00\nSmith LLP,1002,50.00,0.00,50.00\n",
			[]string{"1001|100.00|-|-|||Smith LLP", "1002|50.00|-|-|||Smith LLP"}},
		"some are paid": {"Invoice,Amount,Paid\nA1,100.00,0.00\nA2,100.00,40.00\n", []string{"A1|100.00|-|-|||", "A2|60.00|-|-|||"}},
		"aging": {"Client | Invoice | Current | 1-30 | 31-60 | 61-90 | Over 90\nAcme | 77 | 0.00 | 100.00 | | | 5.00\nTotal | | 0.00 | 100.00 | | | 5.00\n",
			[]string{"77|105.00|-|-||Acme|"}},
		"aging with a balance": {"Invoice\tCurrent\t30 Days\t60 Days\t90 Days\tTotal Due\n77\t1.00\t\t2.00\t\t3.00\n", []string{"77|3.00|-|-|||"}},
		"balance that runs": {"Date,Invoice,Amount,Balance\n2026-01-01,1,10.00,10.00\n2026-01-02,2,20.00,30.00\n2026-01-03,3,5.00,35.00\n",
			[]string{"1|10.00|2026-01-01|-|||", "2|20.00|2026-01-02|-|||", "3|5.00|2026-01-03|-|||"}},
		"one number twice":          {"Invoice,Amount\n1,10.00\n1,-4.00\n", []string{"1|6.00|-|-|||"}},
		"two tables":                {"Invoice,Amount\n1,10.00\n\nInvoice No;Betrag\n2;3,50\n", []string{"1|10.00|-|-|||", "2|3.50|-|-|||"}},
		"quoted cells":              {"\"Invoice No\",\"Client\",\"Amount\"\r\n\"A \"\"1\"\"\",\"Acme,\nInc.\",\"1,000.00\"\r\n\"A2\",Acme,2.00\r\n", []string{`A "1"|1000.00|-|-||Acme, Inc.|`, "A2|2.00|-|-||Acme|"}},
		"credits":                   {"Invoice;Amount USD\nC1;(5.00)\nC2;-5.00\nC3;5.00-\nC4;5.00 CR\nC5;-$5.00\nC6;($5.00)\nC7;\u22125.00\n", []string{"C1|USD -5.00|-|-|||", "C2|USD -5.00|-|-|||", "C3|USD -5.00|-|-|||", "C4|USD -5.00|-|-|||", "C5|USD -5.00|-|-|||", "C6|USD -5.00|-|-|||", "C7|USD -5.00|-|-|||"}},
		"currency in front":         {"Währung: CHF\nRechnung;Betrag\nR1;1,00\n", []string{"R1|CHF 1.00|-|-|||"}},
		"a dollar of ours":          {"Currency,AUD\nInvoice,Amount\n1,$5.00\n", []string{"1|AUD 5.00|-|-|||"}},
		"thousands alone":           {"Rechnung;Betrag\n1;1.234\n2;5,50\n", []string{"1|1234.00|-|-|||", "2|5.50|-|-|||"}},
		"days first":                {"Invoice,Date,Amount\n1,03/11/2026,1.00\n2,23/11/2026,1.00\n", []string{"1|1.00|2026-11-03|-|||", "2|1.00|2026-11-23|-|||"}},
		"months first":              {"Invoice,Date,Amount\n1,11/03/2026,1.00\n2,11/23/26,1.00\n3,Nov 5 2026,1.00\n4,23-Nov-2026,1.00\n5,2026-11-23 00:00,1.00\n", []string{"1|1.00|2026-11-03|-|||", "2|1.00|2026-11-23|-|||", "3|1.00|2026-11-05|-|||", "4|1.00|2026-11-23|-|||", "5|1.00|2026-11-23|-|||"}},
		"no amount in a row":        {"Invoice,Amount\n1,\n2,n/a\n3,1.00\n,5.00\nno number,7.00\n2026-11-23,9.00\n", []string{"3|1.00|-|-|||"}},
		"a list of documents":       {"Document No.\tDoc. Date\tNet due date\tAmount in local currency\n5100000123\t2026-11-01\t2026-12-01\t99.50\n", []string{"5100000123|99.50|2026-11-01|2026-12-01|||"}},
		"words":                     {"The invoice, as agreed, has an amount of $5.\nNo table here; none at all.\n", nil},
		"time records":              {"Date,Timekeeper,Hours,Rate,Amount\n2026-11-01,Smith,1.5,400,600.00\n", nil},
		"payment dates are not due": {"Invoice,Payment Date,Days Overdue,Payment Terms,Amount\n1,2026-11-01,5,30,7.00\n", []string{"1|7.00|-|-|||"}},
		"empty":                     {"", nil},
		"headings alone":            {"Invoice,Amount", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, b := range ReadStatement(tt.text) {
				got = append(got, billLine(b))
			}
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestStatementPlaces(t *testing.T) {
	bills := ReadStatement("x\n\"Invoice No\",\"Amount\nPaid\"\nA1,1.00\n\"A2\",2.00\n")
	if len(bills) != 2 || bills[1].Where["total"] != (Place{Zone: "file", Line: 5, Word: "Amount Paid"}) || bills[0].Where["number"] != (Place{Zone: "file", Line: 4, Word: "Invoice No"}) {
		t.Fatalf("%+v", bills)
	}
	if _, paid := bills[0].Where["paid"]; !paid {
		t.Error("it is a list of payments")
	}
	if b := ReadStatement("Invoice,Amount\n1,1.00\n")[0]; b.Where["paid"] != (Place{}) {
		t.Error("it is no list of payments")
	}
}

func TestHeadings(t *testing.T) {
	for want, all := range map[role]string{
		numberColumn:   "Invoice,Invoice No.,Invoice #,Inv. No,InvoiceNumber,INV_NO,Bill Number,Rechnungsnummer,Rechnungs-Nr.,Rechnung Nr,RE-Nr.,Beleg,Belegnummer,Facture,N° de facture,Numéro de facture,Número de factura,Nº Factura,Numero fattura,Factuurnummer,Document Number,Reference",
		amountColumn:   "Amount,Invoice Amount,Inv Amt,Gross Amount,Total,Amount (EUR),Betrag,Rechnungsbetrag,Bruttobetrag,Montant TTC,Importe,Importo totale,Bedrag,Amount billed,Original Amount,USD Amount,Betrag €",
		balanceColumn:  "Balance,Balance Due,Amount Due,Open Balance,Outstanding,Amount Outstanding,Total Due,Offener Betrag,Offen,Saldo,Restbetrag,Solde,Importe pendiente,Openstaand bedrag,Unpaid Amount",
		paidColumn:     "Paid,Amount Paid,Payment,Payment Amount,Zahlbetrag,Bezahlt,Zahlung,Montant payé,Importe pagado,Betaald,Net Amount Paid",
		discountColumn: "Discount,Discount Taken,Skonto,Escompte,Descuento,Sconto,Korting",
		dateColumn:     "Date,Invoice Date,Inv. Date,Bill date,Datum,Rechnungsdatum,Belegdatum,Date facture,Fecha,Data fattura,Factuurdatum",
		dueColumn:      "Due,Due Date,Date Due,Payment due date,Fällig,Fällig am,Fälligkeit,Fälligkeitsdatum,Échéance,Date d'échéance,Vencimiento,Scadenza,Vervaldatum,Zahlbar bis",
		matterColumn:   "Matter,Matter No.,Matter Number,Client Matter,Case No,Akte,Aktenzeichen,Mandat,Dossier,PO Number",
		clientColumn:   "Client,Client Name,Customer,Mandant,Kunde,Cliente,Klant",
		vendorColumn:   "Vendor,Supplier,Law Firm,Lieferant,Fournisseur,Proveedor,Fornitore",
		currencyColumn: "Currency,Curr.,Währung,Devise,Moneda,Valuta",
		agingColumn:    "Current,0-30,1-30,31-60 Days,61 - 90,90+,Over 90,> 120,31 to 60 days,1-30 days past due,30 Days,31-60 Tage",
		otherColumn:    "Description,Hours,Rate,Service Date,Payment Date,Payment Terms,Days Overdue,Check No,Tax,Status,Timekeeper,Client Contact Person For All Questions About This,Date Received,Invoice Status,Payment Method",
	} {
		for h := range strings.SplitSeq(all, ",") {
			if got, _, _ := roleOf(h); got != want {
				t.Errorf("%q is %d, want %d", h, got, want)
			}
		}
	}
}

// Any bills printed as a table, in any of the styles of its kind, are read again.
func TestStatementReadsWhatIsPrinted(t *testing.T) {
	r := rand.New(rand.NewSource(7))
	for range 300 {
		sep := string("\t;,|"[r.Intn(4)])
		comma := r.Intn(2) == 0
		head := []string{"Invoice No", "Date", "Due date", "Amount", "Matter"}
		layout := "01/02/2006"
		if comma {
			head, layout = []string{"Rechnungsnr.", "Datum", "Fällig", "Betrag", "Akte"}, "02.01.2006"
		}
		order := r.Perm(len(head))
		var text strings.Builder
		line := func(cells []string) {
			for i, at := range order {
				if i > 0 {
					text.WriteString(sep)
				}
				if c := cells[at]; strings.Contains(c, sep) {
					text.WriteString(`"` + c + `"`)
				} else {
					text.WriteString(c)
				}
			}
			text.WriteString("\n")
		}
		line(head)
		var want []string
		for i := range 2 + r.Intn(20) {
			b := Bill{Number: fmt.Sprintf("R-%d", i), Matter: fmt.Sprintf("%05d.%04d", r.Intn(1e5), r.Intn(1e4)), Total: Money{Minor: int64(r.Intn(2e9)) - 1e9}}
			b.Date = time.Date(2026, 1, r.Intn(365), 0, 0, 0, 0, time.UTC)
			b.Due = b.Date.AddDate(0, 0, 30)
			want = append(want, billLine(b))
			line([]string{b.Number, b.Date.Format(layout), b.Due.Format(layout), inThousands(b.Total.Minor, comma), b.Matter})
		}
		var got []string
		for _, b := range ReadStatement(text.String()) {
			got = append(got, billLine(b))
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Fatalf("got\n%s\nwant\n%s\nof\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"), text.String())
		}
	}
}

// inThousands prints cents with thousands.
func inThousands(minor int64, comma bool) string {
	s := (Money{Minor: max(minor, -minor)}).String()
	whole, part := s[:len(s)-3], s[len(s)-2:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if s = whole + "." + part; comma {
		s = strings.NewReplacer(",", ".", ".", ",").Replace(s)
	}
	if minor < 0 {
		s = "-" + s
	}
	return s
}

func TestHostileStatements(t *testing.T) {
	for name, text := range map[string]string{
		"many columns":     strings.Repeat("Invoice,Amount,", 500) + "\n" + strings.Repeat("1,1.00,", 500_000),
		"many rows":        "Invoice,Amount\n" + strings.Repeat("1,1.00\n", 500_000),
		"many numbers":     "Invoice,Amount\n" + manyRows(20_000),
		"a quote open":     "Invoice,Amount\n\"1," + strings.Repeat("x\n", 1<<20),
		"quotes":           "Invoice,Amount\n" + strings.Repeat(`"`, 1<<20),
		"quotes and lines": "Invoice,Amount\n" + strings.Repeat("\"\n", 1<<20),
		"many headers":     strings.Repeat("Invoice,Amount\n", 300_000),
		"headers and rows": strings.Repeat("Invoice,Amount\n1,1.00\n", 200_000),
		"a long line":      strings.Repeat("Invoice,", 1<<20),
		"a long cell":      "Invoice,Amount\n" + strings.Repeat("1", 4<<20) + ",1.00",
		"endless numbers":  "Invoice,Amount\n1," + strings.Repeat("9", 1<<20) + "\n2," + strings.Repeat("9", 18) + "\n2," + strings.Repeat("9", 15) + "\n",
		"nothing but tabs": strings.Repeat("\t", 4<<20),
	} {
		start := time.Now()
		if bills := ReadStatement(text); len(bills) > maxInvoices {
			t.Errorf("%s: %d bills", name, len(bills))
		}
		t.Logf("%s: %v", name, time.Since(start).Round(time.Millisecond))
	}
}

func manyRows(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "R%d,%d.00\n", i, i)
	}
	return b.String()
}

func FuzzStatement(f *testing.F) {
	f.Add("Invoice No,Date,Due,Amount,Paid,Discount,Currency\n1,03/11/2026,30.11.2026,\"1,000.00\",5,(1),EUR\n")
	f.Add("Rechnung;Betrag\n1;1.234,50\n")
	f.Add("Client|Invoice|Current|1-30|90+\nA|1|1|2|3\n")
	f.Fuzz(func(t *testing.T, s string) {
		for _, b := range ReadStatement(s) {
			if b.Number == "" || len(b.Number) > 50 || b.Where["number"].Line < 2 || b.Where["number"].Line > 1+strings.Count(s, "\n") {
				t.Errorf("%+v of %q", b, s)
			}
		}
	})
}

func BenchmarkReadStatement(b *testing.B) {
	for _, n := range []int{10, 1000, 5000} {
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			text := "Invoice,Amount\n" + manyRows(n)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if len(ReadStatement(text)) == 0 {
					b.Fatal("nothing was read")
				}
			}
		})
	}
	b.Run("prose", func(b *testing.B) {
		text := strings.Repeat("Dear all, please find the invoice; the amount, as agreed, is due on receipt.\n", 200)
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			ReadStatement(text)
		}
	})
}
