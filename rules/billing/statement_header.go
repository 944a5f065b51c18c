package billing

import (
	"slices"
	"strings"
)

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

// The words of headings, in English, German, French, Spanish, Italian, Dutch and
// Portuguese. A word of four octets and more is found in front of a longer one too.
var (
	invoiceHeads = heads("invoice invoices inv bill rechnung rechnungs rg re facture factura fattura factuur fatura nf")
	paperHeads   = heads("document doc beleg reference ref referenz referencia riferimento référence kenmerk documento voucher debit")
	numberHeads  = heads("no nr num number id # nummer numéro numero número núm n° nº n ref reference código")
	amountHeads  = heads("amount amt gross total betrag brutto summe gesamt montant ttc importe importo totale bedrag totaal valor charge charges value billed sum net netto original")
	balanceHeads = heads("balance open outstanding unpaid offen offener offene saldo solde restant restbetrag reste pendiente pendente openstaand remaining owing residuo aperto overdue")
	paidHeads    = heads("paid payment payments pmt remitted applied bezahlt zahlung gezahlt zahlbetrag zahlungsbetrag payé règlement réglé versé pagado pagato pagamento pagamenti pago betaald betaling received settled")
	discHeads    = heads("discount disc skonto escompte remise descuento sconto korting rebate desconto")
	dueHeads     = heads("due fällig fälligkeit échéance echeance vencimiento scadenza vervaldatum vervaldag vencimento zahlbar zahlungsziel")
	dateHeads    = heads("date dated datum fecha data dat")
	moneyHeads   = heads("currency curr ccy cur währung waehrung devise moneda valuta munt moeda")
	matterHeads  = heads("matter case file akte aktenzeichen az mandat dossier asunto expediente pratica zaak project projekt po order")
	clientHeads  = heads("client customer mandant kunde kunden cliente klant buyer debtor debitor")
	vendorHeads  = heads("vendor supplier firm payee lieferant kreditor fournisseur proveedor fornitore leverancier fornecedor creditor")
	otherHeads   = heads("days tage jours giorni días dagen terms status description comment note type method posting buchung service from to von bis received cleared check cheque age batch tax vat mwst")
	currentHeads = heads("current 0 future")
)

func heads(s string) []string { return strings.Fields(s) }

// column tells what a heading says, how sure that is, and the currency it names.
func roleOf(heading string) (r role, rank int, currency string) {
	words, currency := headWords(heading)
	if len(words) == 0 || len(words) > 6 {
		return otherColumn, 0, ""
	}
	has := func(list []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return headIs(w, list) })
	}
	invoice, number, amount := has(invoiceHeads), has(numberHeads), has(amountHeads) || currency != ""
	switch {
	case agingWords(words):
		return agingColumn, 1, currency
	case has(moneyHeads) && !amount:
		return currencyColumn, 1, ""
	case has(discHeads):
		return discountColumn, 1, currency
	case has(dueHeads) && (amount || has(balanceHeads)) && !has(dateHeads):
		return balanceColumn, 2, currency
	case has(dueHeads) && !has(otherHeads[:6]):
		return dueColumn, 1, ""
	case has(paidHeads) && !has(dateHeads) && !number && !has(otherHeads):
		return paidColumn, 1, currency
	case has(paidHeads):
		return otherColumn, 0, ""
	case has(balanceHeads) && !has(otherHeads) && !number:
		return balanceColumn, 2, currency
	case has(dateHeads) && !has(otherHeads):
		return dateColumn, rankOf(invoice), ""
	case has(matterHeads) && !invoice:
		return matterColumn, 1, ""
	case has(clientHeads) && !invoice:
		return clientColumn, 1, ""
	case has(vendorHeads) && !invoice:
		return vendorColumn, 1, ""
	case invoice && !amount && !has(otherHeads) && !has(dateHeads):
		return numberColumn, 2 + rankOf(number), ""
	case has(paperHeads) && !amount && !has(otherHeads):
		return numberColumn, 1, ""
	case amount && !number && !has(otherHeads):
		return amountColumn, rankOf(invoice) + rankOf(!has(heads("net netto tax"))), currency
	}
	return otherColumn, 0, ""
}

func rankOf(sure bool) int {
	if sure {
		return 2
	}
	return 1
}

// headIs compares a word of a heading with those of a list: "rechnungsnummer" and
// "rechnung" are told by their beginning.
func headIs(w string, list []string) bool {
	for _, l := range list {
		if w == l || len(l) >= 5 && strings.HasPrefix(w, l) {
			return true
		}
	}
	return false
}

// headWords splits a heading into words in lower case, and takes a currency out.
// Compounds such as "Rechnungsdatum" and "InvoiceNo" become two words.
func headWords(s string) (words []string, currency string) {
	if len(s) > 80 {
		return nil, ""
	}
	var b strings.Builder
	before := rune(0)
	for _, c := range s {
		switch {
		case c >= 'A' && c <= 'Z' && before >= 'a' && before <= 'z', strings.ContainsRune("_-./:()[]*'\"+<>\u2013\u2014", c), c == '#' && before != 0:
			b.WriteByte(' ')
		}
		if !strings.ContainsRune("_-./:()[]*'\"+<>\u2013\u2014", c) {
			b.WriteRune(c)
		}
		before = c
	}
	for w := range strings.FieldsSeq(b.String()) {
		if known[w] {
			currency = w
			continue
		}
		if i := slices.IndexFunc(symbols, func(y symbol) bool { return y.sign == w }); i >= 0 {
			currency = symbols[i].code
			continue
		}
		w = strings.ToLower(w)
		if headIs(w, balanceHeads) || headIs(w, paidHeads) || headIs(w, dueHeads) {
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

// agingWords reports whether a heading is a range of days: "31-60", "over 90 days",
// "current".
func agingWords(words []string) bool {
	numbers := 0
	for _, w := range words {
		switch {
		case len(w) <= 3 && strings.Trim(w, "0123456789") == "":
			numbers++
		case headIs(w, otherHeads[:6]), slices.Contains(heads("over older than past due to bis über plus and more day overdue"), w):
		case len(words) == 1 && headIs(w, currentHeads):
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
