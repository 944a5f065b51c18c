package billing

import (
	"testing"
	"time"
)

// Papers that look like bills and are none are not read as bills.
func TestOtherPapers(t *testing.T) {
	for name, text := range map[string]string{
		"quote":              "QUOTE\nBrightline Print Ltd\nQuote No: Q-2026-118     Date: 12 March 2026\nValid until: 11 April 2026\nBrochures  500  £1.20  £600.00\nSubtotal  £600.00\nVAT 20%  £120.00\nTotal  £720.00\n",
		"estimate, denying":  "Alder Roofing\nESTIMATE #118\nDate 03/04/2026\nShingles  $4,200.00\nLabor  $2,800.00\nTotal  $7,000.00\nThis is not an invoice.\n",
		"German quote":       "Angebot Nr. AN-2026-118\nDatum: 12.03.2026    Gültig bis: 11.04.2026\nSumme netto  600,00 €\n19 % USt.  114,00 €\nGesamtbetrag  714,00 €\nZahlungsbedingungen: 14 Tage netto\n",
		"French quote":       "DEVIS N° D-2026-118    Date : 12/03/2026\nTotal HT  600,00 €\nTVA 20 %  120,00 €\nTotal TTC  720,00 €\n",
		"Spanish quote":      "PRESUPUESTO Nº P-118    Fecha: 12/03/2026\nBase imponible  600,00 €\nIVA 21 %  126,00 €\nTotal  726,00 €\n",
		"Swedish quote":      "OFFERT\nOffertnummer 118-26    Offertdatum 2026-03-12\nSumma exkl moms  600,00 kr\nMoms 25 %  150,00 kr\nTotalt  750,00 kr\n",
		"purchase order":     "PURCHASE ORDER\nPO Number: PO-118820    Date: 03/12/2026\nToner  4  $80.00  $320.00\nTax  $26.40\nTotal  $346.40\nPayment terms: Net 30. Send invoice to ap@oakes.example\n",
		"German order":       "Bestellung\nBestellnummer: B-118820    Bestelldatum: 12.03.2026\nGesamtsumme netto  320,00 EUR\nRechnung bitte an: buchhaltung@lotz.example\n",
		"order confirmation": "Order confirmation\nOrder number: 118-8204471-88\nOrder date: March 12, 2026\nToner x 4  $320.00\nShipping  $12.00\nOrder total  $332.00\nYour invoice will be sent when the order ships.\n",
		"bank":               "FIRST COAST BANK\nStatement of Account\nAccount number: 4471 8820    Statement date: 31 March 2026\nDate    Description    Paid out    Balance\n03 Mar    Card payment Alder    118.20    4,881.80\n17 Mar    Invoice 2214 Birch    20.00    4,861.80\nClosing balance    £4,861.80\n",
		"wages":              "Entgeltabrechnung Februar 2026\nPersonal-Nr. 44118\nGesamtbrutto 4.200,00\nAuszahlungsbetrag 2.650,00\n",
		"remittance":         "REMITTANCE ADVICE\nPayment date: 12 March 2026\nInvoice no    Invoice date    Amount\nINV-2214      12/02/2026      £1,200.00\nINV-2219      19/02/2026      £800.00\nTotal paid                    £2,000.00\n",
		"dunned by a court":  "Mahnbescheid\nAmtsgericht Hagen\nHauptforderung: 1.200,00 EUR\nZinsen: 43,20 EUR\nGesamtbetrag: 1.243,20 EUR\nErlassen am 12.03.2026\n",
	} {
		if b, ok := ReadText(text, time.Time{}); ok {
			t.Errorf("%s: read as bill %q, %v", name, b.Number, b.Total)
		}
	}
	for name, text := range map[string]string{
		"delivery note and invoice": "Lieferschein / Rechnung\nRechnungsnummer: RE-118\nDatum: 12.03.2026\nGesamtbetrag  714,00 €\n",
		"invoice with an order":     "INVOICE\nPurchase Order 4471\nInvoice No: 2214\nDate: 12 March 2026\nTotal due  £720.00\n",
		"numbered below an order":   "Order confirmation\nInvoice number: 2214\nInvoice date: March 12, 2026\nTotal paid  $332.00\n",
		"our statement of account":  "STATEMENT OF ACCOUNT\nInvoice No. 2214\nMarch 12, 2026\nProfessional services  $700.00\nTotal due  $700.00\n",
	} {
		if _, ok := ReadText(text, time.Time{}); !ok {
			t.Errorf("%s: not read", name)
		}
	}
}
