package billing

import "strings"

// cueKind is what a word announces.
type cueKind uint8

const (
	invoiceCue   cueKind = iota + 1 // an invoice number
	totalCue                        // the total of this invoice
	otherSumCue                     // an amount that is not the total
	dueCue                          // a due date
	receiptCue                      // due when received
	dateCue                         // the invoice date
	otherDateCue                    // a date of something else
	termsCue                        // days to pay
)

// cue is one wording; rank says how sure it is, against others of its kind.
type cue struct {
	words string
	kind  cueKind
	rank  int
}

var cues = []cue{
	{"invoice number", invoiceCue, 3}, {"invoice no", invoiceCue, 3}, {"invoice num", invoiceCue, 3}, {"invoice nbr", invoiceCue, 3},
	{"invoice id", invoiceCue, 3}, {"invoice ref", invoiceCue, 3}, {"invoice nos", invoiceCue, 3}, {"invoice numbers", invoiceCue, 3},
	{"inv no", invoiceCue, 3}, {"inv. no", invoiceCue, 3}, {"inv", invoiceCue, 2}, {"invoice", invoiceCue, 1}, {"invoices", invoiceCue, 1},
	{"bill number", invoiceCue, 3}, {"bill no", invoiceCue, 3}, {"statement no", invoiceCue, 2}, {"statement number", invoiceCue, 2},
	{"prebill no", invoiceCue, 2}, {"prebill number", invoiceCue, 2}, {"proforma no", invoiceCue, 2}, {"credit note no", invoiceCue, 2},
	{"rechnungsnummer", invoiceCue, 3}, {"rechnungs-nr", invoiceCue, 3}, {"rechnung nr", invoiceCue, 3}, {"rechnungsnr", invoiceCue, 3},
	{"rechnung", invoiceCue, 1}, {"facture no", invoiceCue, 3}, {"facture n", invoiceCue, 3}, {"facture", invoiceCue, 1},
	{"numéro de facture", invoiceCue, 3}, {"factura no", invoiceCue, 3}, {"factura n", invoiceCue, 3}, {"factura", invoiceCue, 1},
	{"fattura n", invoiceCue, 3}, {"factuurnummer", invoiceCue, 3}, {"fatura n", invoiceCue, 3},

	{"total due", totalCue, 5}, {"amount due", totalCue, 5}, {"total amount due", totalCue, 5}, {"balance due", totalCue, 5},
	{"invoice total", totalCue, 5}, {"total invoice", totalCue, 4}, {"total amount", totalCue, 4}, {"amount payable", totalCue, 5},
	{"total payable", totalCue, 5}, {"grand total", totalCue, 4}, {"invoice amount", totalCue, 5}, {"amount of invoice", totalCue, 5},
	{"total of this invoice", totalCue, 5}, {"total this invoice", totalCue, 5}, {"total for this invoice", totalCue, 5}, {"due this invoice", totalCue, 5},
	{"please pay this amount", totalCue, 5}, {"pay this amount", totalCue, 5}, {"total fees and expenses", totalCue, 3},
	{"total fees and costs", totalCue, 3}, {"total current charges", totalCue, 4}, {"total new charges", totalCue, 4},
	{"total billed", totalCue, 3}, {"in the amount of", totalCue, 2}, {"for the amount of", totalCue, 2}, {"totaling", totalCue, 2},
	{"totalling", totalCue, 2}, {"total", totalCue, 1},
	{"gesamtbetrag", totalCue, 4}, {"rechnungsbetrag", totalCue, 5}, {"zu zahlen", totalCue, 5}, {"zahlbetrag", totalCue, 5},
	{"endbetrag", totalCue, 4}, {"gesamtsumme", totalCue, 4}, {"summe", totalCue, 1}, {"montant total", totalCue, 4}, {"total ttc", totalCue, 5},
	{"net à payer", totalCue, 5}, {"montant dû", totalCue, 5}, {"importe total", totalCue, 4}, {"total a pagar", totalCue, 5},
	{"totale fattura", totalCue, 5}, {"totale", totalCue, 1}, {"te betalen", totalCue, 5}, {"totaalbedrag", totalCue, 4},

	{"balance forward", otherSumCue, 0}, {"previous balance", otherSumCue, 0}, {"prior balance", otherSumCue, 0}, {"opening balance", otherSumCue, 0},
	{"balance brought forward", otherSumCue, 0}, {"past due balance", otherSumCue, 0}, {"past due amount", otherSumCue, 0},
	{"amount past due", otherSumCue, 0}, {"subtotal", otherSumCue, 0}, {"sub-total", otherSumCue, 0}, {"sub total", otherSumCue, 0},
	{"trust balance", otherSumCue, 0}, {"retainer balance", otherSumCue, 0}, {"payments received", otherSumCue, 0}, {"less payment", otherSumCue, 0},
	{"credits", otherSumCue, 0}, {"total hours", otherSumCue, 0}, {"total tax", otherSumCue, 0}, {"total vat", otherSumCue, 0},
	{"zwischensumme", otherSumCue, 0}, {"total ht", otherSumCue, 0}, {"write-off", otherSumCue, 0}, {"discount", otherSumCue, 0},

	{"due date", dueCue, 5}, {"payment due date", dueCue, 5}, {"payment due", dueCue, 4}, {"payment is due", dueCue, 4}, {"date due", dueCue, 5},
	{"due by", dueCue, 4}, {"due on or before", dueCue, 5}, {"due on", dueCue, 4}, {"due before", dueCue, 4}, {"payable by", dueCue, 5},
	{"payable on or before", dueCue, 5}, {"payable before", dueCue, 4}, {"please pay by", dueCue, 5}, {"pay by", dueCue, 4}, {"due no later than", dueCue, 5},
	{"remit by", dueCue, 4}, {"please remit by", dueCue, 4}, {"due", dueCue, 1}, {"fällig am", dueCue, 5}, {"fällig bis", dueCue, 5}, {"fälligkeit", dueCue, 5},
	{"fälligkeitsdatum", dueCue, 5}, {"zahlbar bis", dueCue, 5}, {"zahlbar bis zum", dueCue, 5}, {"échéance", dueCue, 5}, {"date d'échéance", dueCue, 5},
	{"vencimiento", dueCue, 5}, {"scadenza", dueCue, 5}, {"vervaldatum", dueCue, 5},

	{"due upon receipt", receiptCue, 3}, {"due on receipt", receiptCue, 3}, {"payable upon receipt", receiptCue, 3}, {"payable on receipt", receiptCue, 3},
	{"due immediately", receiptCue, 2}, {"sofort fällig", receiptCue, 3}, {"payment upon receipt", receiptCue, 3},

	{"invoice date", dateCue, 5}, {"date of invoice", dateCue, 5}, {"billing date", dateCue, 4}, {"bill date", dateCue, 4}, {"statement date", dateCue, 3},
	{"invoice dated", dateCue, 4}, {"dated", dateCue, 2}, {"rechnungsdatum", dateCue, 5}, {"date de facture", dateCue, 5}, {"date de facturation", dateCue, 5},
	{"fecha de factura", dateCue, 5}, {"data fattura", dateCue, 5}, {"factuurdatum", dateCue, 5}, {"date", dateCue, 1}, {"datum", dateCue, 1},

	{"through", otherDateCue, 0}, {"period", otherDateCue, 0}, {"deposition date", otherDateCue, 0}, {"job date", otherDateCue, 0}, {"hearing", otherDateCue, 0},

	{"net", termsCue, 2}, {"terms", termsCue, 2}, {"payment terms", termsCue, 3}, {"due within", termsCue, 3}, {"payable within", termsCue, 3},
	{"within", termsCue, 1}, {"zahlbar innerhalb", termsCue, 3}, {"zahlungsziel", termsCue, 3}, {"innerhalb von", termsCue, 2}, {"innert", termsCue, 2},
}

// byStart lists the cues by their first two octets, longest first.
var byStart = func() (t [1 << 10][]cue) {
	for _, c := range cues {
		at := start(c.words[0], c.words[1])
		list := t[at]
		i := 0
		for i < len(list) && len(list[i].words) >= len(c.words) {
			i++
		}
		t[at] = append(list[:i:i], append([]cue{c}, list[i:]...)...)
	}
	return t
}()

// start maps two octets to a row of byStart, the same for both cases.
func start(a, b byte) int { return int(a&31)<<5 | int(b&31) }

// found is a cue in a text at [beg, end).
type found struct {
	cue
	beg, end int
}

// maxCues bounds what one zone may announce.
const maxCues = 400

// findCues finds the cues of a text in order; of several at one place the
// longest.
func findCues(s string) []found {
	var out []found
	for i := 0; i+1 < len(s) && len(out) < maxCues; i++ {
		if i > 0 && alnum(s[i-1]) {
			continue
		}
		for _, q := range byStart[start(s[i], s[i+1])] {
			if end, ok := matchWords(s, i, q.words); ok {
				out = append(out, found{q, i, end})
				i = end - 1
				break
			}
		}
	}
	return out
}

// matchWords matches lower case words at s[at:], ASCII without case, a space for
// any short run of white space, up to the end of a word.
func matchWords(s string, at int, words string) (end int, ok bool) {
	i := at
	for k := range len(words) {
		w := words[k]
		if i == len(s) {
			return 0, false
		}
		c := s[i]
		if w == ' ' {
			n := blanks(s, i, 4)
			if n == i {
				return 0, false
			}
			i = n
			continue
		}
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c == 0xc3 && w == 0xc3 && i+1 < len(s) && k+1 < len(words) && s[i+1]|0x20 == words[k+1] {
			i++ // a Latin letter with an accent, of either case: compared here
			continue
		}
		if c != w && !(w >= 0x80 && i > at && s[i-1] == 0xc3 && c|0x20 == w) {
			return 0, false
		}
		i++
	}
	return i, i == len(s) || !alnum(s[i])
}

// blanks skips at most n characters of white space.
func blanks(s string, at, n int) int {
	for end := at + n; at < len(s) && at < end && strings.IndexByte(" \t\r\n", s[at]) >= 0; at++ {
	}
	return at
}
