package billing

import (
	"strings"
	"testing"
	"time"
)

func readPaper(t *testing.T, s string) [5]string {
	t.Helper()
	b, ok := ReadText(s, time.Time{})
	if !ok {
		return [5]string{"no bill"}
	}
	got := [5]string{b.Number, "", "", "", b.Total.Currency}
	if !b.Total.IsZero() {
		got[1] = b.Total.String()
	}
	for i, d := range []time.Time{b.Date, b.Due} {
		if !d.IsZero() {
			got[2+i] = d.Format(time.DateOnly)
		}
	}
	return got
}

// Labels that stand in no list are told by the stems of their words.
func TestSecondLook(t *testing.T) {
	tests := []struct{ name, text, number, total, date, due string }{
		{"slovene", "RAČUN\nRačun št.:  24-118\nDatum izdaje:  4. marca 2024\nRok plačila:  18. marca 2024\nDatum opravljene storitve:  1. marca 2024\nOsnova  100,00 €\nDDV 22 %  22,00 €\nZa plačilo  122,00 €", "24-118", "EUR 122.00", "2024-03-04", "2024-03-18"},
		{"slovak, dates with blanks", "FAKTÚRA\nFaktúra číslo  2024118\nDátum vystavenia  4. 3. 2024\nDátum dodania  1. 3. 2024\nSplatnosť  18. 3. 2024\nSpolu s DPH  122,00 €", "2024118", "EUR 122.00", "2024-03-04", "2024-03-18"},
		{"croatian", "Račun\nBroj računa: 17-1-1\nDatum računa: 4. ožujka 2024.\nDospijeće: 18. ožujka 2024.\nNarudžba br.: 5512\nUkupno za platiti: 125,00 EUR", "17-1-1", "EUR 125.00", "2024-03-04", "2024-03-18"},
		{"estonian", "ARVE\nArve nr  20240118\nArve kuupäev  4. märts 2024\nMaksetähtaeg  18. märts 2024\nTellimuse nr  4471\nTasuda  122,00 €", "20240118", "EUR 122.00", "2024-03-04", "2024-03-18"},
		{"latvian, year first", "RĒĶINS\nRēķina Nr.  A-118\nRēķina datums  2024. gada 4. marts\nApmaksāt līdz  2024. gada 18. marts\nKopā apmaksai  122,00 EUR", "A-118", "EUR 122.00", "2024-03-04", "2024-03-18"},
		{"lithuanian, year first", "SĄSKAITA FAKTŪRA\nSąskaitos numeris  A118\nIšrašymo data  2024 m. kovo 4 d.\nApmokėti iki  2024 m. kovo 18 d.\nMokėtina suma  122,00 Eur", "A118", "EUR 122.00", "2024-03-04", "2024-03-18"},
		{"greek", "ΤΙΜΟΛΟΓΙΟ\nΑρ. παραστατικού: 1187\nΗμερομηνία έκδοσης: 4 Μαρτίου 2024\nΠληρωτέο έως: 18 Μαρτίου 2024\nΚαθαρή αξία: € 100,00\nΦΠΑ 24%: € 24,00\nΓενικό σύνολο: € 124,00", "1187", "EUR 124.00", "2024-03-04", "2024-03-18"},
		{"bulgarian", "ФАКТУРА\nФактура №: 0000118\nДата на издаване: 04.03.2024 г.\nПадеж: 18.03.2024 г.\nДата на доставка: 01.03.2024 г.\nСума за плащане: 120,00 лв.", "0000118", "BGN 120.00", "2024-03-04", "2024-03-18"},
		{"turkish", "FATURA\nFatura numarası: A-118\nDüzenleme tarihi: 4 Mart 2024\nVade: 18 Mart 2024\nSipariş No: 5512\nÖdenecek tutar: 120,00 TL", "A-118", "TRY 120.00", "2024-03-04", "2024-03-18"},
		{"hungarian", "SZÁMLA\nSorszám: SZ-118\nKiállítás dátuma: 2024. március 4.\nTeljesítés dátuma: 2024. március 1.\nEsedékesség: 2024. március 18.\nVégösszeg: 12 700 Ft", "SZ-118", "HUF 12700.00", "2024-03-04", "2024-03-18"},
		{"romanian", "FACTURĂ\nNr. facturii: 1187\nData emiterii: 4 martie 2024\nScadență: 18 martie 2024\nTotal de plată: 119,00 lei", "1187", "RON 119.00", "2024-03-04", "2024-03-18"},
		{"a block of labels, then one of values", "Invoice\nExample Works\n\nInvoice number:\nDate:\nPayment due:\nOrder date:\nAccount:\n\n23-0808\nJanuary 27, 2024\nMarch 12, 2024\nJanuary 23, 2024\n84816\nAmount due:  $12.50", "23-0808", "USD 12.50", "2024-01-27", "2024-03-12"},
		{"labels over values, beside an address", "Example Works                 FACTURA\n12 Main St                    Data de venciment\n10115 Town\n                              21/10/2024\nThe Firm                      Data\n                              07/10/2024\n                              Número de factura\n                              A91-350\nTotal a pagar   24,28 €", "A91-350", "EUR 24.28", "2024-10-07", "2024-10-21"},
		{"headings without a gap", "FAKTURA\n\nFakturadato Fakturanummer Leveringsdato Forfall Kundenr\n24. april 2024 5197 16. april 2024 8. mai 2024 9220\n\nÅ betale:  kr 28 434,-\nMVA 25 %:  kr 5 686,80", "5197", "NOK 28434.00", "2024-04-24", "2024-05-08"},
		{"headings of two words", "FAKTÚRA\nZákaznícke číslo Dátum vystavenia Faktúra číslo Dátum splatnosti\n97124   26. júla 2024   FA6976   10. augusta 2024\nNa úhradu  54,34 EUR", "FA6976", "EUR 54.34", "2024-07-26", "2024-08-10"},
		{"headings beside a name", "Hill Electric        Account Number Statement Date Due Date Amount Due\n                     3344-1129-8      10/05/2024      10/26/2024 $143.87\nTotal amount due  $143.87", "", "USD 143.87", "2024-10-05", "2024-10-26"},
		{"a value, and a label close behind it", "ΤΙΜΟΛΟΓΙΟ\nΠληρωτέο έως     08/02/2024 Ημ/νία έκδοσης          01/02/2024\nΑρ. τιμολογίου   74056       Κωδικός πελάτη         93586\nΣύνολο πληρωμής: € 149,63", "74056", "EUR 149.63", "2024-02-01", "2024-02-08"},
		{"sums in a row", "SZÁMLA\nSorszám:  A-29\nSzámla dátuma:  2024.06.08.\nNettó összesen      ÁFA 27%      Fizetendő összesen\n660 Ft              178 Ft       838 Ft", "A-29", "HUF 838.00", "2024-06-08", ""},
		{"net, tax and gross alone tell", "Rechnung\nReferenz Rechnung:  1448\nRechnungsdatum:  15.12.2024\nZwischensumme:  CHF 7’756.66\nMWST 8.1%:  CHF 628.29\nZu Ihren Lasten:  CHF 8’384.95", "1448", "CHF 8384.95", "2024-12-15", ""},
		{"a receipt without a title", "Rideline\n                    December 3, 2024\nThanks for riding\nTotal        $27.94\nTrip fare    $21.10\nBooking fee  $2.84\nTip          $4.00\nVisa 1881    $27.94", "", "USD 27.94", "2024-12-03", ""},
		{"days to pay", "FACTUUR\nFactuurnr.  AP.118\nDatum  19-01-2024\nBetaaltermijn  14 dagen\nTotaalbedrag €  1.433,85", "AP.118", "EUR 1433.85", "2024-01-19", "2024-02-02"},
		{"days to pay in words", "DECLARATIE 20240388\nGroningen, 30 september 2024\nTotaal  € 3.224,65\nU wordt verzocht het bedrag binnen veertien dagen over te maken.", "20240388", "EUR 3224.65", "2024-09-30", "2024-10-14"},
		{"the longer of two terms", "Rechnung Nr. 3381\nDatum  16.02.2024\nGesamtbetrag  87,40 €\nZahlbar in 10 Tagen mit 2 % Skonto, 30 Tage netto.", "3381", "EUR 87.40", "2024-02-16", "2024-03-17"},
		{"a total without tax is not it", "Faktura nr.: 10442\nDato:  01-06-2024\nI alt ekskl. moms          25.000,00\n25% moms          6.250,00\nI alt DKK inkl. moms          31.250,00\nForfald 08-06-2024", "10442", "DKK 31250.00", "2024-06-01", "2024-06-08"},
		{"to be paid by a day, and the amount", "Your bill\nBill number 0044 7118 82 / 14\nDate of bill 25 September 2024\nStanding charges  £19.40\nPlease pay by 16 October 2024  £268.91", "0044 7118 82 / 14", "GBP 268.91", "2024-09-25", "2024-10-16"},
		{"letters of a series", "Fatura-Recibo FR T26/1189\nData: 22-09-2024 18:42\nIVA 6%  2,46\nTOTAL EUR  43,46", "FR T26/1189", "EUR 43.46", "2024-09-22", ""},
		{"the invoice that is credited", "Credit note\nno.  CN004417\nDate  31/05/2024\nOriginal invoice IN118820\nTotal credit £86.40", "CN004417", "GBP -86.40", "2024-05-31", ""},
		{"whose crowns they are", "Kvitto nr K-0447\nDatum 2024-08-04\nvarav moms 6%   27,45 kr\nTotalt   485,00 kr\nTack för att du åker med oss!", "K-0447", "SEK 485.00", "2024-08-04", ""},
		{"the title with letters apart, and more behind it", "I N V O I C E          No.          M-0088\n                       Date         Jan. 30, 2024\nPlease pay  $214.75", "M-0088", "USD 214.75", "2024-01-30", ""},
		{"a number like a date", "Arve nr.  24/05/2024\nKuupäev  3. märts 2024\nKokku  6 172,46 EUR", "24/05/2024", "EUR 6172.46", "2024-03-03", ""},
		{"a table of items is no heading", "Rechnung Nr. 88\nRechnungsdatum  05.07.2024\nDatum  Text  Einzel  Gesamt EUR\n03.07.2024  Night  98,00  98,00\nTotal  98,00 EUR", "88", "EUR 98.00", "2024-07-05", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := readPaper(t, tt.text)
			if want := [5]string{tt.number, tt.total, tt.date, tt.due, tt.total[:3]}; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// What has a form of its own is no invoice number, wherever it stands.
func TestIdentity(t *testing.T) {
	for n, want := range map[string]bool{"DE123456789": true, "SK2020273893": true, "LV12345678901": true, "IN118820": false, "FA2776": false, "DE2024-118": false, "": false} {
		if got := identity(n); got != want {
			t.Errorf("identity(%q) = %v", n, got)
		}
	}
}

func TestTraits(t *testing.T) {
	tests := []struct {
		label string
		want  fact
	}{
		{"Invoice number", numberFact}, {"Rechnungs-Nr.", numberFact}, {"N° de facture", numberFact}, {"laskunro", numberFact}, {"Číslo dokladu", numberFact},
		{"Order number", otherFact}, {"Kundennummer", otherFact}, {"Šifra kupca", otherFact}, {"VAT No", otherFact}, {"Original invoice", otherFact}, {"Unit price", otherFact},
		{"Date of issue", dateFact}, {"Päiväys", dateFact}, {"Delivery date", otherFact}, {"Dátum dodania", otherFact},
		{"Eräpäivä", dueFact}, {"Splatno dne", dueFact}, {"Zahlbar bis", dueFact}, {"Pay by", dueFact},
		{"Total", sumFact}, {"Amount due", sumFact}, {"Celkem s DPH", sumFact}, {"Totaal incl. btw", sumFact},
		{"Total excl. VAT", otherFact}, {"DDV 22 %", otherFact}, {"Suma be PVM", otherFact}, {"Previous balance", otherFact},
		{"Kind regards", noFact}, {"Main Street", noFact}, {"", noFact},
	}
	for _, tt := range tests {
		if got, _ := announces(tt.label); got != tt.want {
			t.Errorf("%q announces %d, want %d", tt.label, got, tt.want)
		}
	}
}

// TestEveryStemIsFound: a stem that no word of a label can be is dead weight.
func TestEveryStemIsFound(t *testing.T) {
	for _, l := range stemWords {
		for w := range strings.FieldsSeq(l.words) {
			if got := stemList.traits(strings.TrimLeft(w, "*=")); got&l.of == 0 {
				t.Errorf("%q is to say %b and says %b", w, l.of, got)
			}
		}
	}
}

func TestSummed(t *testing.T) {
	for text, want := range map[string]bool{
		"1.00\n2.00\n3.00":               true,
		"3.00\n1.50\n1.50":               true,
		"3.00 3.00":                      false,
		"1.00\n2.00\n3.50":               false,
		"Total 10.00":                    false,
		"5.00\n5.00\n10.00\n99.00":       true,
		"10.00 on 4.5.2024, 4.00 and 5%": false,
	} {
		d := document{body: text}
		some := false
		for _, m := range []int64{300, 350, 1000} {
			some = some || d.summed(Money{Minor: m})
		}
		if some != want {
			t.Errorf("%q: %v", text, some)
		}
	}
}

// What is no invoice does not become one by a second look.
func TestNoSecondPaper(t *testing.T) {
	for _, s := range []string{
		"Case No. 24-cv-118\nFiled: May 3, 2024\nThe motion is granted.",
		"Agenda\nDate: 3 May 2024\nRoom 4\n1.00 Opening\n2.00 Budget",
		"Sporočilo\nDatum: 4. marca 2024\nŠt. 118\nHvala za pismo.",
		"Zápis č. 17\nDatum: 4. 3. 2024\nCelkem se zúčastnilo 12 osob.",
		"Lease\nDate: May 3, 2024\nRent of $1,000.00 is due on the first day, with $50.00 after.",
	} {
		if b, ok := ReadText(s, time.Time{}); ok {
			t.Errorf("%q is a bill: %q %s", s, b.Number, b.Total)
		}
	}
}
