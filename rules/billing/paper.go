package billing

import (
	"strings"
)

// titles are the words that head an invoice; it may say nothing but "No." then.
var titles = []string{
	"invoice", "tax invoice", "receipt", "bill", "invoice/receipt", "rechnung", "stornorechnung", "abrechnung", "quittung", "gutschrift", "facture", "reçu", "avoir", "note d'honoraires",
	"factura", "recibo", "fattura", "ricevuta", "parcella", "fatura", "nota fiscal", "factuur", "nota", "bon", "faktura", "faktura vat", "rachunek", "paragon", "kvitto", "kvittering", "kreditnota", "bolletta", "lasku", "faktura - daňový doklad", "justificatif de paiement", "payment receipt", "credit note", "document", "ticket",
}

// bare are the words that announce the number of a paper whose title says what it is.
var bare = []string{
	"number", "no", "nr", "nº", "n°", "n.º", "num", "nummer", "numéro", "numero", "número", "numer", "document number", "document no", "document", "receipt no", "receipt number", "receipt", "receipt #", "reference", "reference no", "reference number", "ref", "réf",
	"référence", "reference", "referencia", "referência", "riferimento", "referenz", "belegnummer / datum", "belegnr", "bon nr", "bonnummer", "kvitto nr", "bilagsnummer", "id", "#",
}

// titled finds the title of a paper: a cell of a line that begins with such a word and is
// short; 0 and false if there is none near its head.
func titled(s string) (end int, ok bool) {
	head := s[:min(len(s), 2500)]
	lines := 0
	for at := 0; at < len(head); {
		_, eol := line(head, at)
		lines++
		for _, c := range cellsOf(head, at, eol) {
			if c.end-c.beg > 60 {
				continue
			}
			if _, end := longest(head[:c.end], c.beg, titles); end > 0 {
				return end, true
			}
			for i := c.beg; i < c.end; i++ { // "Online ticket / invoice"
				if i > c.beg && (head[i-1] == ' ' || head[i-1] == '/') && (c.end-c.beg < 40 || lines < 4) {
					if w, end := longest(head[:c.end], i, titles); end == c.end || end > 0 && lines < 4 && len(w) > 6 {
						return end, true
					}
				}
			}
		}
		at = eol + 1
	}
	return 0, false
}

// longest is the longest of the words that stand at s[at:].
func longest(s string, at int, list []string) (word string, end int) {
	for _, w := range list {
		if e, ok := matchWords(s, at, w); ok && e > end {
			word, end = w, e
		}
	}
	return word, end
}

// looseNumber takes the number of a paper that is called "No." or "Reference" at the
// head of a cell, and only if nothing better is there; or one that stands right behind
// its title.
func (d *document) looseNumber(title int) {
	s := d.body[:min(len(d.body), 4000)]
	beg, eol := line(s, min(title, len(s)))
	for _, c := range cellsOf(s, beg, eol) {
		if c.end < title {
			continue
		}
		at := gap(s[:c.end], max(c.beg, title), " :-#")
		if at == c.end {
			continue
		}
		if n, end := numberToken(s[:c.end], at, true); n != "" && countDigits(n) >= 3 && yearless(n) {
			d.number(s, spelled{n, at, end}, found{cue: cue{rank: 1}, beg: at, end: end})
			return
		}
		break
	}
	for at := 0; at < len(s); {
		_, eol := line(s, at)
		row := cellsOf(s, at, eol)
		if itemsRow(s, row) {
			row = nil
		}
		for _, c := range row {
			w, end := longest(s[:c.end], c.beg, bare)
			if end == 0 {
				continue
			}
			d.invoice(s, found{cue: cue{words: w, kind: invoiceCue, rank: 2}, beg: c.beg, end: end})
			if len(d.numbers) > 0 {
				return
			}
		}
		at = eol + 1
	}
}

// yearless reports whether a number is more than a year.
func yearless(n string) bool {
	return len(n) != 4 || !allDigits(n) || n[:2] != "19" && n[:2] != "20"
}

// sumWords are the beginnings of words that totals have, whatever follows: "Gesamthonorar".
var sumWords = []string{"total", "gesamt", "summe", "razem", "celkem", "yhteens", "montant total", "importe", "importo", "suma", "somme", "betrag", "amount"}

// looseTotal takes the largest amount that stands last on a line that begins like a
// total, where nothing better does.
func (d *document) looseTotal() {
	at := 0
	for l := range strings.Lines(d.body) {
		beg := at
		at += len(l)
		cells := cellsOf(d.body, beg, beg+len(strings.TrimRight(l, "\n")))
		if len(cells) == 0 || len(l) > 300 {
			continue
		}
		head := strings.ToLower(d.body[cells[0].beg:cells[0].end])
		begins := false
		for _, w := range sumWords {
			begins = begins || strings.HasPrefix(head, w)
		}
		if _, other := longest(d.body, cells[0].beg, []string{"total hours", "total ht", "total tva", "total vat", "total tax", "total iva"}); !begins || other > 0 {
			continue
		}
		last := cells[len(cells)-1]
		a, ok := moneyAfter(d.body[:last.end], last.beg, last.end)
		if ok && a.sure && a.Minor > d.total.money.Minor {
			d.total = candidate{rank: 1, money: a.Money, Place: *d.place(d.body, cells[0].beg, cells[0].end)}
		}
	}
}

// closed writes words whose letters stand apart, as titles do ("R E C H N U N G"), with
// their letters together; what stands behind keeps its
// column. Dots that lead to a value become blanks.
func closed(s string) string {
	if strings.Contains(s, "....") {
		b := []byte(s)
		for i := 0; i < len(b); i++ {
			n := 0
			for i+n < len(b) && b[i+n] == '.' {
				n++
			}
			for k := i; n > 3 && k < i+n; k++ {
				b[k] = ' ' // dots that lead to a value
			}
			i += n
		}
		s = string(b)
	}
	var out []byte
	for at := 0; at < len(s); {
		i := at
		for i+1 < len(s) && s[i] > ' ' && s[i+1] == ' ' && (s[i] >= 'A' && s[i] <= 'Z') {
			i += 2
		}
		if i > at && (i >= len(s) || s[i] <= ' ') {
			i -= 2 // blanks follow the last letter
		}
		last := i < len(s) && s[i] >= 'A' && s[i] <= 'Z' && (i+1 == len(s) || s[i+1] <= ' ')
		if n := (i - at) / 2; n >= 4 && last && (at == 0 || s[at-1] <= ' ') {
			if out == nil {
				out = append(make([]byte, 0, len(s)), s[:at]...)
			}
			for k := at; k <= i; k += 2 {
				out = append(out, s[k])
			}
			for range n {
				out = append(out, ' ')
			}
			at = i + 1
			continue
		}
		if out != nil {
			out = append(out, s[at])
		}
		at++
	}
	if out == nil {
		return s
	}
	return string(out)
}

// payments are the beginnings of words for what was paid or owed before.
var payments = []string{
	"paid", "payment", "deposit", "retainer", "credit", "prepaid", "advance", "previous", "prior", "balance", "brought forward", "applied", "received", "anzahlung", "vorschuss", "abschl", "bezahlt", "gezahlt", "geleistet", "guthaben",
	"acompte", "provision", "vers\u00e9", "pay\u00e9", "r\u00e9gl\u00e9", "anticip", "pagad", "pagat", "pago", "acconto", "betaald", "voorschot", "zaliczk", "zap\u0142ac", "wp\u0142at", "betalt", "f\u00f6rskott", "forskud",
}

// paidBetween adds the amount that lies between a total and what is owed to the sums, if
// a line says that so much was paid or was owed before.
func (d *document) paidBetween() {
	diff := abs(d.total.money.Minor - d.owed.money.Minor)
	if d.total.rank == 0 || d.owed.rank == 0 || diff == 0 || d.explains(d.total.money, d.owed.money) {
		return
	}
	for l := range strings.Lines(d.body) {
		if len(l) > 300 || !strings.ContainsAny(l, "0123456789") {
			continue
		}
		low := ""
		for i := 0; i < len(l); i++ {
			if !digit(l[i]) || i > 0 && (digit(l[i-1]) || l[i-1] == '.' || l[i-1] == ',') {
				continue
			}
			a, ok := amountAt(l, i)
			if !ok || !a.sure || abs(a.Minor) != diff {
				continue
			}
			if low == "" {
				low = strings.ToLower(l)
			}
			for _, w := range payments {
				if strings.Contains(low, w) {
					d.sums = append(d.sums, a.Money)
					return
				}
			}
		}
	}
}
