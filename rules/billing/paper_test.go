package billing

import (
	"testing"
	"time"
)

// Papers of other countries and trades: a few lines each, as they stand on the page.
func TestPapers(t *testing.T) {
	tests := []struct{ name, text, number, total, owed, date, due string }{
		{"swedish", "FAKTURA\nFakturanr  10488\nFakturadatum  2023-10-02\nFörfallodatum  2023-11-01\nMoms 25%  1 247,50\nAtt betala SEK  6 238,00", "10488", "SEK 6238.00", "", "2023-10-02", "2023-11-01"},
		{"norwegian", "Fakturadato: 15.08.2023\nForfallsdato: 29.08.2023\nÅ betale NOK  15 625,00\nFakturanummer  20231187", "20231187", "NOK 15625.00", "", "2023-08-15", "2023-08-29"},
		{"without accents", "Faktura nr: 1187/09/2022\nData wystawienia: 2022-09-30\nTermin platnosci: 2022-10-14\nPozostalo do zaplaty: 1 230,00 PLN", "1187/09/2022", "PLN 1230.00", "", "2022-09-30", "2022-10-14"},
		{"polish capitals", "FAKTURA VAT\nNR F 2231/21\nDATA WYSTAWIENIA 2021-07-09\nDO ZAPŁATY  226,97 zł", "F 2231/21", "PLN 226.97", "", "2021-07-09", ""},
		{"number behind a sign", "Facture n°562044387 du 02 Juillet 2015\nTotal facture  29,99 €", "562044387", "EUR 29.99", "", "2015-07-02", ""},
		{"curly apostrophe", "Note d\u2019honoraires n° 2023-0217\nLyon, le 3 avril 2023\nTotal TTC  2 925,00 €", "2023-0217", "EUR 2925.00", "", "2023-04-03", ""},
		{"title with letters apart", "R E C H N U N G\nNr.  20230118      Datum  18.01.2023\nSumme  1.190,00 EUR", "20230118", "EUR 1190.00", "", "2023-01-18", ""},
		{"title, then number", "Invoice\nNumber:  RL/2023-0817\nIssued:  17 Aug 2023\nTotal  $50.00", "RL/2023-0817", "USD 50.00", "", "2023-08-17", ""},
		{"two languages", "FACTUUR / FACTURE\nNummer / Numéro      Datum / Date\nVF23-00871           16/03/2023\nTe betalen / À payer  514,25 EUR", "VF23-00871", "EUR 514.25", "", "2023-03-16", ""},
		{"groups of digits", "Rechnungsnummer  2311 8847 1029 38\nDatum  14.11.2023\nRechnungsbetrag  44,95 €", "2311 8847 1029 38", "EUR 44.95", "", "2023-11-14", ""},
		{"a number and a name", "Invoice No. 4711 44 State Street\nDate 14 Nov 2023\nTotal  $44.95", "4711", "USD 44.95", "", "2023-11-14", ""},
		{"another invoice", "Stornorechnung Nr. ST-118\nzu Rechnung RE-1042 vom 02.03.2023\nDatum: 09.03.2023\nGesamtbetrag  -238,00 €", "ST-118", "EUR -238.00", "", "2023-03-09", ""},
		{"date of an order", "Rechnung  2022-458\nIhre Bestellung  vom 28. Januar 2022\nDatum  3. Februar 2022\nRechnungstotal CHF  1'345.70", "2022-458", "CHF 1345.70", "", "2022-02-03", ""},
		{"column of dates", "Invoice No. 118204\nJune 7, 2023\nDate  Disbursement  Amount\n05/24/2023  Filing fee  $405.00\nTotal This Invoice  $405.00", "118204", "USD 405.00", "", "2023-06-07", ""},
		{"with discount until", "Rechnung  AR-88127\nDatum 12.10.2022\nGesamt EUR  1.000,00\nZahlbar bis 22.10.2022 mit 2 % Skonto, bis 11.11.2022 netto.", "AR-88127", "EUR 1000.00", "", "2022-10-12", "2022-11-11"},
		{"due beside the amount", "Bill number  14\nDate of bill  4 October 2023\nTotal for this bill  £194.57\nPlease pay £194.57 by 25 October 2023", "14", "GBP 194.57", "", "2023-10-04", "2023-10-25"},
		{"after the due date", "Bill No. 11188\nBill Date 07-Sep-2019\nAmount payable by due date  Rs. 706.82\nAmount payable after due date  Rs. 806.82", "11188", "INR 706.82", "", "2019-09-07", ""},
		{"paid in part", "Invoice INV/2024/00117\nInvoice Date: 02/18/2024\nTotal  $ 401.50\nPaid on 02/20/2024  $ 100.00\nAmount Due  $ 301.50", "INV/2024/00117", "USD 401.50", "USD 301.50", "2024-02-18", ""},
		{"gross first", "Rechnungsnr.: 417\nRechnungsdatum: 19.08.2022\nPosition  Preis  MwSt  Nettopreis\nSumme  94,40€  6,17€  88,23€", "417", "EUR 94.40", "", "2022-08-19", ""},
		{"charges before tax", "INVOICE NUMBER 3093881776\nINVOICE DATE 28-FEB-22\nCURRENT CHARGES  2,207.00\nTAX  176.56\nTOTAL AMOUNT DUE - THIS INVOICE  USD 2,383.56", "3093881776", "USD 2383.56", "", "2022-02-28", ""},
		{"paid already", "Factuurnummer  993548900\nFactuurdatum  2 juni 2016\nTotaal incl. btw  € 49,99\nReeds betaald  € 49,99\nTe betalen  € 0,00", "993548900", "EUR 49.99", "EUR 0.00", "2016-06-02", ""},
		{"sign of another country", "Invoice No. 47\nInvoice Date 3 May 2023\nAll amounts in AUD\nTotal  $60.00", "47", "AUD 60.00", "", "2023-05-03", ""},
		{"currency by the tax number", "Tax Invoice No. 47\nInvoice Date 3 May 2023\nGSTIN 27AACB\nGrand Total  60.00", "47", "INR 60.00", "", "2023-05-03", ""},
		{"nothing left to pay", "FAKTURA VAT 2022/11/4471\nData wystawienia: 25.11.2022\nRazem do zapłaty: 119,88 PLN\nPozostało do zapłaty: 0,00 PLN", "2022/11/4471", "PLN 119.88", "PLN 0.00", "2022-11-25", ""},
		{"tax in the label", "Tax Invoice  KC-4471\nInvoice Date  20 Apr 23\nTotal NZD incl GST  $92.00", "KC-4471", "NZD 92.00", "", "2023-04-20", ""},
		{"dots lead to values", "Invoice number..............: 77-118\nInvoice date................: 19 September 2022\nTotal amount................: CAD 1,188.27", "77-118", "CAD 1188.27", "", "2022-09-19", ""},
		{"a total of another name", "Honorarnote Nr. 18/23\nWien, am 7. März 2023\nHonorar  1.500,00\nGesamtleistung  EUR 1.800,00", "18/23", "EUR 1800.00", "", "2023-03-07", ""},
		{"capitals", "FATURA\nNÚMERO DA FATURA  22-118\nDATA DE EMISSÃO  15/02/2023\nŁĄCZNIE  100,00 EUR", "22-118", "EUR 100.00", "", "2023-02-15", ""},
		{"month of letters", "Ticket\nDocument number  0822-118\nIssue date  17JAN2022\nTotal  EUR 143.38", "0822-118", "EUR 143.38", "", "2022-01-17", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, ok := ReadText(tt.text, time.Time{})
			got := [5]string{b.Number, b.Total.String(), "", "", ""}
			if b.Where["owed"].Zone != "" {
				got[2] = b.Owed.String()
			}
			for i, d := range []time.Time{b.Date, b.Due} {
				if !d.IsZero() {
					got[3+i] = d.Format(time.DateOnly)
				}
			}
			if want := [5]string{tt.number, tt.total, tt.owed, tt.date, tt.due}; !ok || got != want {
				t.Errorf("%v %q, want %q", ok, got, want)
			}
		})
	}
}

// What is no invoice does not become one by the words that papers have.
func TestNoPaper(t *testing.T) {
	for _, s := range []string{
		"Minutes of the meeting\nReference: 2023-118\nDate: 3 May 2023\nThe total cost was $5,000.00.",
		"Services Agreement\nNo. 4711\nThe fee is $1,000.00, payable by 3 May 2023.",
		"Please check the receipt of our letter of May 3, 2023.",
	} {
		if b, ok := ReadText(s, time.Time{}); ok {
			t.Errorf("%q is a bill: %q %s", s, b.Number, b.Total)
		}
	}
}
