package billing

import "strings"

// otherTitles head papers that look like bills and are none: quotes, orders, deliveries,
// accounts of banks, wages, and what tells of a payment. They stand without accents.
var otherTitles = strings.Split("quote|quotation|estimate|cost estimate|sales quote|price quote|proposal|angebot|kostenvoranschlag|kostenschatzung|offerte|devis|devis estimatif|presupuesto|cotizacion|oferta|preventivo|offerta|preventivo di spesa|orcamento|proposta|"+
	"offert|tilbud|pristilbud|tarjous|cenova nabidka|nabidka|cenova ponuka|arajanlat|ponuda|ponudba|predracun|prosfora|\u03c0\u03c1\u03bf\u03c3\u03c6\u03bf\u03c1\u03b1|hinnapakkumine|teklif|"+
	"purchase order|order form|sales order|work order|order confirmation|order acknowledgement|order acknowledgment|booking confirmation|bestellung|bestellschein|auftragsbestatigung|bestellbestatigung|buchungsbestatigung|bon de commande|commande|confirmation de commande|"+
	"pedido|orden de compra|confirmacion de pedido|ordine|ordine di acquisto|conferma d'ordine|bestelling|inkooporder|bestelbon|orderbevestiging|opdrachtbevestiging|inkopsorder|orderbekraftelse|ordrebekreftelse|ordrebekraeftelse|zamowienie|potwierdzenie zamowienia|objednavka|megrendeles|comanda|narudzbenica|encomenda|tilausvahvistus|"+
	"delivery note|delivery slip|packing slip|packing list|despatch note|dispatch note|goods received note|bill of lading|lieferschein|packliste|bon de livraison|albaran|albaran de entrega|nota de entrega|documento di trasporto|ddt|bolla di consegna|pakbon|leveringsbon|afleverbon|foljesedel|folgeseddel|pakkeseddel|pakkseddel|wydanie zewnetrzne|dodaci list|szallitolevel|guia de remessa|lahetyslista|"+
	"bank statement|kontoauszug|releve de compte|extracto de cuenta|extracto bancario|estratto conto|rekeningafschrift|extrato|extrato bancario|kontoutdrag|kontoudskrift|kontoutskrift|wyciag bankowy|vypis z uctu|tiliote|"+
	"payslip|pay slip|pay stub|earnings statement|lohnabrechnung|gehaltsabrechnung|entgeltabrechnung|lohn- und gehaltsabrechnung|bulletin de paie|bulletin de salaire|nomina|busta paga|cedolino|loonstrook|salarisstrook|lonespecifikation|"+
	"remittance advice|payment advice|zahlungsavis|avis de paiement|aviso de pago|avviso di pagamento effettuato|betalingsadvies|dividend statement|mahnbescheid|vollstreckungsbescheid|price list|preisliste|explanation of benefits|tarif|liste de prix|settlement statement", "|")

// noBills are how a paper says itself that it is no bill.
var noBills = []string{
	"this is not an invoice", "this is not a bill", "not a tax invoice", "not an invoice", "keine rechnung", "n'est pas une facture", "ne constitue pas une facture", "no es una factura", "no es factura", "non e una fattura", "geen factuur", "ikke en faktura", "inte en faktura", "nie jest faktura",
}

// billTitles head bills; a paper with one of them is one, whatever else heads it.
var billTitles = []string{
	"invoice", "tax invoice", "vat invoice", "commercial invoice", "receipt", "bill", "fee note", "credit note", "credit memo", "rechnung", "stornorechnung", "abrechnung", "quittung", "gutschrift", "kostennote", "honorarnote", "facture", "recu", "avoir", "note d'honoraires", "factura", "recibo", "minuta",
	"fattura", "ricevuta", "parcella", "nota di credito", "nota de credito", "fatura", "recibo verde", "factuur", "creditnota", "faktura", "faktura vat", "rachunek", "paragon", "kvitto", "kvittering", "kreditnota", "lasku", "kuitti", "racun", "szamla", "arve", "rekins", "saskaita", "fatura",
}

// otherPaper reports whether a paper says by its title, or in words, that it is no bill.
func (d *document) otherPaper() bool {
	s := d.body[:min(len(d.body), 6000)]
	low := plainWords(s)
	for _, w := range noBills {
		if strings.Contains(low, w) {
			return true
		}
	}
	other, balance, lines := false, false, 0
	account := false // a statement of account, of a bank or of a firm
	for at := 0; at < len(s); {
		_, eol := line(s, at)
		row := cellsOf(s, at, eol)
		at = eol + 1
		if len(row) > 0 {
			lines++
		}
		for _, c := range row {
			if c.end-c.beg > 60 {
				continue
			}
			words := plainWords(s[c.beg:c.end])
			if lines <= 40 && len(row) < 3 && titledBy(words, billTitles) || strings.Contains(words, "/") && stemList.traits(words)&ofBill != 0 && lines <= 12 {
				return false
			}
			if lines <= 12 {
				other = other || titledBy(words, otherTitles)
				account = account || titledBy(words, []string{"statement of account", "account statement"})
			}
			balance = balance || len(row) > 2 && words == "balance" || titledBy(words, []string{"closing balance", "opening balance"})
		}
	}
	if account && balance {
		return true
	}
	if !other {
		return false
	}
	told := false
	for _, n := range d.numbers {
		if tabled(d.body, n.at) {
			return true // bills are listed
		}
		told = told || n.rank > 2 && stemList.traits(n.Word)&ofBill != 0
	}
	return !told
}

// titledBy reports whether a cell is one of the titles, with nothing but a number behind
// it.
func titledBy(cell string, list []string) bool {
	for _, w := range list {
		rest, ok := strings.CutPrefix(cell, w)
		if !ok {
			continue
		}
		rest = strings.TrimSpace(rest)
		for _, q := range []string{"no", "nr", "nº", "n°", "n.", "number", "nummer", "numero", "#", "čislo", "cislo"} {
			if r, ok := strings.CutPrefix(rest, q); ok {
				rest = strings.TrimLeft(r, " .:º°")
				break
			}
		}
		if month, _ := monthAt(rest, 0); month > 0 {
			return true
		}
		if rest == "" || strings.Trim(rest, "*-:.") == "" || digit(rest[0]) || rest[0] == '(' || countDigits(rest) > 2 && strings.IndexByte(rest, ' ') < 0 && len(cell) > len(w) && !alnum(cell[len(w)]) {
			return true
		}
	}
	return false
}

// tabled reports whether a number stands in a table, with another one like it below it.
func tabled(s string, at int) bool {
	beg, eol := line(s, at)
	if eol+1 >= len(s) {
		return false
	}
	_, next := line(s, eol+1)
	row, below := cellsOf(s, beg, eol), cellsOf(s, eol+1, next)
	return len(row) > 2 && len(row) == len(below) && countDigits(s[below[0].beg:below[0].end]) > 0
}
