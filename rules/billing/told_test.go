package billing

import (
	"strings"
	"testing"
)

// What papers write in ways of their own: numbers in groups and series, two blocks beside
// each other, days of other papers, totals in another currency, days in sentences.
func TestToldInOtherWays(t *testing.T) {
	tests := []struct {
		name, text string
		want       [5]string // number, total, date, due, currency; "" is not asked for
	}{
		{"groups below their label", "telefonia\n\nKlantnummer    Factuurnummer    Factuurdatum    Uiterste betaaldatum\n2290117        81 033 590 4     1 juli 2026     15 juli 2026\n\nTotaal inclusief btw    € 121,00\n", [5]string{"81 033 590 4", "EUR 121.00", "2026-07-01", "2026-07-15"}},
		{"letters of a series", "Lektorat Behn\n\nRechnung R 47-2026        Kiel, 29. Juni 2026\nRechnungssumme    480,00 €\nBitte begleichen Sie die Rechnung bis zum 13. Juli 2026.\n", [5]string{"R 47-2026", "EUR 480.00", "2026-06-29", "2026-07-13"}},
		{"number of the issuer", "INVOICE        Aoba Translation K.K.\n               Qualified Invoice Issuer No. T9010003300471\nNo. AO26-0512\nIssue date 2026/10/30\nTotal  ¥110,000\n", [5]string{"AO26-0512", "JPY 110000", "2026-10-30"}},
		{"credit note of an invoice", "AVOIR\nImprimerie Lune\n                 N° AV-2026-0091\n                 Date : 15/04/2026\n                 Facture d'origine : FA-2026-0720 du 02/04/2026\nTotal HT  -100,00\nTVA 20%  -20,00\nTotal TTC  -120,00 €\n", [5]string{"AV-2026-0091", "EUR -120.00", "2026-04-15"}},
		{"credit memo applied", "CREDIT MEMO\nCredit Memo #  CM-2026-0442\nDate           09/22/2026\nApply to invoice TRB-2026-2210\nCredit total  ($90.00)\n", [5]string{"CM-2026-0442", "USD -90.00", "2026-09-22"}},
		{"empty line below labels", "COOLERS\nCUSTOMER # INVOICE # INVOICE DATE ROUTE\n\n055120         2210-3301  06/15/26        7B\n\nCooler rental      9.00\nTHIS INVOICE                 $9.00\nPREVIOUS BALANCE (INV 2204-0011)     $44.10\nACCOUNT BALANCE       $53.10\n", [5]string{"2210-3301", "USD 9.00", "2026-06-15"}},
		{"blocks a line apart", "Ausgangsrechnung\n\n                          Kundennummer\nRechnungsnummer           33051\n2026-AR-2207\n                          Fällig bis\nRechnungsdatum            21.9.2026\n7.9.2026\n\nZahlungsbetrag            € 240,00\n", [5]string{"2026-AR-2207", "EUR 240.00", "2026-09-07", "2026-09-21"}},
		{"another currency", "Rechnung Nr.  220-3301\nDatum  18.09.26\nTotal CHF inkl. MWST    744.00\nTotal EUR (Kurs 0.94)   791.49\nBezahlt Mastercard CHF  -744.00\nOffener Betrag CHF      0.00\n", [5]string{"220-3301", "CHF 744.00", "2026-09-18"}},
		{"printed by a browser", "11/23/26, 7:16 PM            Document\n\n   ferry                   November 12, 2026\n   Total    $38.72\n   Fare     $30.00\n   Tip      $8.72\n   Receipt no. FR-2210-33\n\nhttps://ferry.example/r/2210            1/1\n", [5]string{"FR-2210-33", "USD 38.72", "2026-11-12"}},
		{"Australian dollars", "Gum VoIP\nABN 33 051 220 471\nTAX INVOICE    GV-0033051     Issued    1 March 2026\nTotal inc GST    $264.00\n", [5]string{"GV-0033051", "AUD 264.00", "2026-03-01"}},
		{"Canadian dollars", "DAHL LLP\n90 Hollis St, Halifax NS B3J 3N4\nInvoice no. 5521\nDate  July 31, 2026\nTotal due  $115.00\n", [5]string{"5521", "CAD 115.00", "2026-07-31"}},
		{"a Canadian client", "ORR LLP\n90 Main St, Boston MA 02110\nTo: Kelp Co, Halifax NS B3J 3N4\nInvoice no. 5521\nDate  July 31, 2026\nTotal due  $115.00\n", [5]string{"5521", "USD 115.00", "2026-07-31"}},
		{"agreement of another day", "R. OKORO, BARRISTER\n\n7 April 2026\n\nTAX INVOICE RO-0331     (ABN 33 051 220 471)\nTotal fee payable    $8,470.00\nPayment within 30 days please. Costs agreement dated 2 February 2026 applies.\n", [5]string{"RO-0331", "AUD 8470.00", "2026-04-07", "2026-05-07"}},
		{"due behind the words for what is due", "Fiber\nStatement no.  FB-0926-33\nStatement date  Sep 5, 2026\nAmount due Sep 26, 2026        $219.45\n", [5]string{"FB-0926-33", "USD 219.45", "2026-09-05", "2026-09-26"}},
		{"due in German", "Rechnungsnummer: 8 2210 3305\nRechnungsdatum: 12. März 2026\nRechnungsbetrag  EUR  119,00\nDer Betrag ist am 27.03.2026 fällig.\n", [5]string{"8 2210 3305", "EUR 119.00", "2026-03-12", "2026-03-27"}},
		{"due over two lines", "Invoice No. HM-2026-31\nApril 30, 2026\nTotal now due    $6,300.00\nOf the $10,000.00 retainer received on January 12, 2026, the full amount is held. Payment\nis due by May 30, 2026.\n", [5]string{"HM-2026-31", "USD 6300.00", "", "2026-05-30"}},
		{"days in French", "Facture\n26/00331\nNamur, le 2/10/2026\nTotal à payer EUR    121,00\nPaiement à 15 jours - IBAN BE68 5390 0754 7034\n", [5]string{"26/00331", "EUR 121.00", "2026-10-02", "2026-10-17"}},
		{"an unknown title", "Advocaten Maan\nEreloonnota EN/2026/0331\nDossier: 2026/2210\nGent, 3 november 2026\nTotaal te betalen  € 2.420,00\n", [5]string{"EN/2026/0331", "EUR 2420.00", "2026-11-03"}},
	}
	for _, tt := range tests {
		tt.want[4] = strings.SplitN(tt.want[1], " ", 2)[0]
		for i, got := range readPaper(t, tt.text) {
			if tt.want[i] != "" && got != tt.want[i] {
				t.Errorf("%s: fact %d: %q, want %q", tt.name, i, got, tt.want[i])
			}
		}
	}
}
