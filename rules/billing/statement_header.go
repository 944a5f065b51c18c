package billing

import "strings"

// role is what a column of a table says of an invoice.
type role uint8

const (
	otherColumn role = iota
	numberColumn
	amountColumn
	balanceColumn // what is still open
	paidColumn
	discountColumn
	dateColumn
	dueColumn
	currencyColumn
	matterColumn
	clientColumn
	vendorColumn
	agingColumn // what is open for so many days
	roles
)

// headMask says of which kinds a word of a heading is.
type headMask uint32

const (
	headInvoice headMask = 1 << iota
	headPaper            // a word for other papers, which may be invoices
	headNumber
	headAmount
	headBalance
	headPaid
	headDiscount
	headDue
	headDate
	headCurrency
	headMatter
	headClient
	headVendor
	headDays
	headOther // what makes a heading speak of something else
	headNet
	headCurrent
	headRange // words beside the numbers of an aging column
)

// headKinds are the words of headings, in English, German, French, Spanish, Italian,
// Dutch and Portuguese. One of five octets and more is found in front of a longer word
// too: "rechnung" in "rechnungsnummer".
var headKinds = func() map[string]headMask {
	m := map[string]headMask{}
	for mask, list := range map[headMask]string{
		headInvoice:  "invoice invoices inv bill rechnung rechnungs rg re facture factura fattura factuur fatura nf",
		headPaper:    "document doc beleg reference ref referenz referencia riferimento référence kenmerk documento voucher debit",
		headNumber:   "no nr num number id # nummer numéro numero número núm n° nº n ref reference código",
		headAmount:   "amount amt gross total betrag brutto summe gesamt montant ttc importe importo totale bedrag totaal valor charge charges value billed sum net netto original",
		headBalance:  "balance open outstanding unpaid offen offener offene saldo solde restant restbetrag reste pendiente pendente openstaand remaining owing residuo aperto overdue",
		headPaid:     "paid payment payments pmt remitted applied bezahlt zahlung gezahlt zahlbetrag zahlungsbetrag payé règlement réglé versé pagado pagato pagamento pagamenti pago betaald betaling received settled",
		headDiscount: "discount disc skonto escompte remise descuento sconto korting rebate desconto",
		headDue:      "due fällig fälligkeit échéance echeance vencimiento scadenza vervaldatum vervaldag vencimento zahlbar zahlungsziel",
		headDate:     "date dated datum fecha data dat",
		headCurrency: "currency curr ccy cur währung waehrung devise moneda valuta munt moeda",
		headMatter:   "matter case file akte aktenzeichen az mandat dossier asunto expediente pratica zaak project projekt po order",
		headClient:   "client customer mandant kunde kunden cliente klant buyer debtor debitor",
		headVendor:   "vendor supplier firm payee lieferant kreditor fournisseur proveedor fornitore leverancier fornecedor creditor",
		headDays:     "days tage jours giorni días dagen",
		headOther:    "terms status description comment note type method posting buchung service from to von bis received cleared check cheque age batch tax vat mwst",
		headCurrent:  "current 0 future",
		headNet:      "net netto tax",
		headRange:    "over older than past due to bis über plus and more day overdue",
	} {
		for w := range strings.FieldsSeq(list) {
			m[w] |= mask
		}
	}
	return m
}()

// headOf is what a word of a heading is.
func headOf(w string) headMask {
	mask := headKinds[w]
	for n := minHead; n < len(w) && n <= maxHead; n++ {
		mask |= headKinds[w[:n]]
	}
	return mask
}

// minHead is how many octets a word has that is found in front of a longer one.
const minHead = 5

// maxHead is the length of the longest word of headings.
var maxHead = func() (n int) {
	for w := range headKinds {
		n = max(n, len(w))
	}
	return n
}()

// column tells what a heading says, how sure that is, and the currency it names.
func roleOf(heading string) (r role, rank int, currency string) {
	words, currency := headWords(heading)
	if len(words) == 0 || len(words) > 6 {
		return otherColumn, 0, ""
	}
	var mask headMask
	for _, w := range words {
		mask |= headOf(w)
	}
	has := func(m headMask) bool { return mask&m != 0 }
	const other = headOther | headDays
	invoice, number, amount := has(headInvoice), has(headNumber), has(headAmount) || currency != ""
	switch {
	case agingWords(words):
		return agingColumn, 1, currency
	case has(headCurrency) && !amount:
		return currencyColumn, 1, ""
	case has(headDiscount):
		return discountColumn, 1, currency
	case has(headDue) && (amount || has(headBalance)) && !has(headDate):
		return balanceColumn, 2, currency
	case has(headDue) && !has(headDays):
		return dueColumn, 1, ""
	case has(headPaid) && !has(headDate) && !number && !has(other):
		return paidColumn, 1, currency
	case has(headPaid):
		return otherColumn, 0, ""
	case has(headBalance) && !has(other) && !number:
		return balanceColumn, 2, currency
	case has(headDate) && !has(other):
		return dateColumn, rankOf(invoice), ""
	case has(headMatter) && !invoice:
		return matterColumn, 1, ""
	case has(headClient) && !invoice:
		return clientColumn, 1, ""
	case has(headVendor) && !invoice:
		return vendorColumn, 1, ""
	case invoice && !amount && !has(other) && !has(headDate):
		return numberColumn, 2 + rankOf(number), ""
	case has(headPaper) && !amount && !has(other):
		return numberColumn, 1, ""
	case amount && !number && !has(other):
		return amountColumn, rankOf(invoice) + rankOf(!has(headNet)), currency
	}
	return otherColumn, 0, ""
}

func rankOf(sure bool) int {
	if sure {
		return 2
	}
	return 1
}

// headWords splits a heading into words in lower case, and takes a currency out.
// Compounds such as "Rechnungsdatum" and "InvoiceNo" become two words.
func headWords(s string) (words []string, currency string) {
	if len(s) > maxHeading {
		return nil, ""
	}
	var b strings.Builder
	b.Grow(len(s) + len(s)/4)
	before := rune(0)
	for _, c := range s {
		switch {
		case dividesHead(c):
			b.WriteByte(' ')
			before = c
			continue
		case c >= 'A' && c <= 'Z' && before >= 'a' && before <= 'z', c == '#' && before != 0:
			b.WriteByte(' ')
		}
		b.WriteRune(c)
		before = c
	}
	for w := range strings.FieldsSeq(b.String()) {
		if known[w] {
			currency = w
			continue
		}
		if code := symbolCodes[w]; code != "" {
			currency = code
			continue
		}
		w = strings.ToLower(w)
		if headOf(w)&(headBalance|headPaid|headDue) != 0 {
			words = append(words, w)
			continue
		}
		for _, tail := range []string{"datum", "nummer", "betrag", "number", "date", "amount", "nr"} {
			if front, ok := strings.CutSuffix(w, tail); ok && len(front) > 2 {
				words = append(words, front)
				w = tail
				break
			}
		}
		words = append(words, w)
	}
	return words, currency
}

// dividesHead reports whether c stands between the words of a heading.
func dividesHead(c rune) bool {
	switch c {
	case '_', '-', '.', '/', ':', '(', ')', '[', ']', '*', '\'', '"', '+', '<', '>', '\u2013', '\u2014':
		return true
	}
	return false
}

// symbolCodes are symbols by their sign.
var symbolCodes = func() map[string]string {
	m := map[string]string{}
	for _, y := range symbols {
		if m[y.sign] == "" {
			m[y.sign] = y.code
		}
	}
	return m
}()

// agingWords reports whether a heading is a range of days: "31-60", "over 90 days",
// "current".
func agingWords(words []string) bool {
	numbers := 0
	for _, w := range words {
		switch {
		case len(w) <= 3 && strings.Trim(w, "0123456789") == "":
			numbers++
		case headOf(w)&(headDays|headRange) != 0:
		case len(words) == 1 && headOf(w)&headCurrent != 0:
			return true
		default:
			return false
		}
	}
	return numbers > 0
}

// columns are the places of the roles in a table; -1 where there is none.
type tableColumns struct {
	at       [roles]int
	heading  [roles]string
	currency [roles]string
	aging    []int
	width    int
}

// readHeader reads a row of headings. It is one of invoices if it has a column for
// their numbers and one for money.
func readHeader(cells []string) (tableColumns, bool) {
	c := tableColumns{width: len(cells)}
	var best [roles]int
	for i := range c.at {
		c.at[i] = -1
	}
	for i, cell := range cells {
		r, rank, currency := roleOf(cell)
		if r == agingColumn {
			c.aging = append(c.aging, i)
		}
		if rank > best[r] {
			best[r], c.at[r], c.heading[r], c.currency[r] = rank, i, cell, currency
		}
	}
	money := c.at[amountColumn] >= 0 || c.at[balanceColumn] >= 0 || c.at[paidColumn] >= 0 || len(c.aging) > 1
	if len(c.aging) == 1 {
		c.aging = nil // one such column is some other thing
	}
	return c, c.at[numberColumn] >= 0 && money && len(cells) > 1
}
