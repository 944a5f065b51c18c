package billing

import "strings"

// sum reads the amount of a word: behind it, below it, or on the next line.
func (r *reading) sum(s string, c found, stop int, list []found) {
	_, eol := line(s, c.beg)
	eol = max(eol, c.end)
	reach := 60
	if r.doc {
		reach = 200
	}
	a, ok := moneyAfter(s[:eol], c.end, min(stop, eol, c.end+reach))
	if ok && (!a.sure && c.rank < 3) {
		ok = false
	}
	if ok && r.doc {
		a = r.lastOf(s, c, a, eol)
	}
	rank := c.rank
	if !ok && c.rank > 0 && !itemsLine(s, c, list) {
		ok = below(s, c, true, func(beg, end int) bool {
			b, found := moneyAfter(s[:end], beg, min(end, beg+16))
			if !found || !b.sure && c.rank < 3 {
				return false
			}
			a, rank = b, max(1, c.rank-1)
			return true
		})
	}
	if !ok && !r.doc {
		if a, ok = moneyAfter(s, c.end, min(stop, c.end+60)); ok && !a.sure && c.rank < 3 {
			ok = false
		}
	}
	if !ok {
		return
	}
	if c.kind == otherSumCue || r.doc && c.paid() && (withoutTax(s[c.end:max(c.end, a.beg)]) || converted(s[c.end:max(c.end, a.beg)])) {
		if len(r.sums) < 100 {
			r.sums = append(r.sums, a.Money)
			if taxWords[c.words] {
				r.taxes = append(r.taxes, a.Money)
			}
		}
		return
	}
	n := candidate{rank: rank, money: a.Money, Place: *r.place(s, c.beg, c.end)}
	if c.kind == owedCue {
		if r.doc && n.money.Minor == 0 && r.owed.money.Minor > 0 && r.total.rank < 4 {
			r.total, r.total.rank = r.owed, 4 // "to pay 99.00, left to pay 0.00"
		}
		r.owed.offer(n, r.doc)
		r.dueBeside(s, c, a, eol)
	} else {
		r.total.offer(n, r.doc && !(rank == r.total.rank && rank < 3 && abs(r.total.money.Minor) > abs(n.money.Minor)))
	}
	r.any.offer(n, false)
}

// withoutTax reports whether what follows the word for a total says that tax is not in it.
func withoutTax(s string) bool {
	if s, _, _ = strings.Cut(strings.TrimSpace(s), "  "); len(s) < 4 || len(s) > maxLabel {
		return false
	}
	of := stemList.traits(s)
	return of&(ofNet|ofTax) == ofNet|ofTax && of&withTax == 0
}

// converted reports whether what follows the word for a total says that it is the same in
// another currency.
func converted(s string) bool {
	s = plainWords(s[:min(len(s), maxLabel)])
	for _, w := range []string{"kurs", "rate ", "exchange", "equivalent", "converted", "umgerechnet", "cours ", "cambio", "wisselkoers", "entspricht", "contre-valeur"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// dueBeside reads the date in "please pay 17.50 by 3 May" and "total due on 3 May: 17.50".
func (r *reading) dueBeside(s string, c found, a amount, eol int) {
	for _, at := range []int{c.end, a.end} {
		if !r.doc || at > eol {
			continue
		}
		i := blankRun(s, at)
		if strings.HasSuffix(c.words, "due") && at == c.end && i < eol {
			if d, ok := r.dateIn(s[:eol], i, i+1); ok { // "Amount due Sep 26, 2026   $219.45"
				r.due.offer(candidate{rank: 4, day: d.day, other: d.other, Place: *r.place(s, c.beg, c.end)}, false)
				return
			}
		}
		for _, w := range []string{"by", "on", "before", "on or before", "no later than"} {
			end, ok := matchWords(s, i, w)
			if !ok {
				continue
			}
			if d, ok := r.dateIn(s[:eol], end, min(eol, end+12)); ok {
				r.due.offer(candidate{rank: 4, day: d.day, other: d.other, Place: *r.place(s, c.beg, c.end)}, false)
				return
			}
		}
	}
}

// lastOf takes the last column of a row of sums: net, tax and gross stand in this order.
func (r *reading) lastOf(s string, c found, a amount, eol int) amount {
	for _, col := range cellsOf(s, c.end, eol) {
		if col.beg <= a.beg || col.end-col.beg > 30 {
			continue
		}
		b, ok := moneyAfter(s[:col.end], col.beg, col.end)
		if !ok || strings.Trim(s[b.end:col.end], " *") != "" || strings.Trim(s[col.beg:b.beg], " =") != "" {
			break // words: a column of something else
		}
		if c.kind == totalCue && a.sure && b.sure && a.Minor > b.Minor && b.Minor > 0 {
			continue // gross before tax and net
		}
		if b.sure && b.beg > a.beg {
			if b.Currency == "" {
				b.Currency = a.Currency
			}
			a = b
		}
	}
	return a
}

// itemsLine reports whether the line of a label heads a table of items: "Total" over it
// is a column, and not the total.
func itemsLine(s string, c found, list []found) bool {
	beg, end := line(s, c.beg)
	items := 0
	for _, o := range list {
		if o.beg >= beg && o.end <= end && o.kind == itemCue {
			items++
		}
	}
	return items > 0
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// settled decides between a total and what is owed: the bill's own total is what it
// says as such; a weak "total" is that only if what is owed follows from it.
func (r *reading) settled() (total, owed candidate) {
	total, owed = r.total, r.owed
	switch {
	case owed.rank == 0:
		return total, candidate{}
	case total.rank == 0:
		return owed, candidate{}
	case r.taxed(total.money, owed.money):
		return owed, candidate{} // the "total" was without tax
	case owed.money.Minor == 0 && r.doc && total.money.Minor > 0:
		return total, owed // all is paid
	case total.rank < 4 && !r.explains(total.money, owed.money):
		return owed, candidate{}
	case total.money.Minor == owed.money.Minor:
		return total, candidate{}
	}
	return total, owed
}

// taxWords are the labels of taxes.
var taxWords = map[string]bool{
	"tax": true, "vat": true, "sales tax": true, "gst": true, "igst": true, "hst": true, "taxes": true, "total tax": true, "total vat": true, "tax amount": true, "vat amount": true,
	"mehrwertsteuer": true, "umsatzsteuer": true, "tva": true, "montant tva": true, "total tva": true, "iva": true, "cuota iva": true, "total iva": true, "btw": true, "totaal btw": true, "kwota vat": true, "moms": true, "mva": true,
}

// taxed reports whether what is owed is the total with tax.
func (r *reading) taxed(total, owed Money) bool {
	for _, m := range r.taxes {
		if m.Minor > 0 && m.Minor == owed.Minor-total.Minor {
			return true
		}
	}
	return false
}

// explains reports whether another amount lies between the total and what is owed: what
// was owed before, or was paid.
func (r *reading) explains(total, owed Money) bool {
	d := abs(total.Minor - owed.Minor)
	if d == 0 {
		return true
	}
	for _, m := range r.sums {
		if abs(m.Minor) == d {
			return true
		}
	}
	return false
}

// currency gives an amount without one the currency that the text uses elsewhere.
func (r *reading) currency(s string) string {
	if r.money != "" {
		return r.money
	}
	for _, c := range []candidate{r.any, r.total, r.owed} {
		if c.rank > 0 && c.money.Currency != "" {
			return c.money.Currency
		}
	}
	for _, m := range r.sums {
		if m.Currency != "" {
			return m.Currency
		}
	}
	return mostUsed(s)
}

// mostUsed is the currency that stands beside the most numbers of a text.
func mostUsed(s string) string {
	count := map[string]int{}
	s = s[:min(len(s), 64<<10)]
	best := ""
	for i := 0; i < len(s); i++ {
		if !digit(s[i]) || i > 0 && (digit(s[i-1]) || letter(s[i-1])) {
			continue
		}
		a, ok := amountAt(s, i)
		for i+1 < len(s) && digit(s[i+1]) {
			i++
		}
		if !ok || a.Currency == "" {
			continue
		}
		if count[a.Currency]++; best == "" || count[a.Currency] > count[best] {
			best = a.Currency
		}
	}
	if best != "" {
		return best
	}
	for _, y := range symbols {
		if !letter(y.sign[0]) && y.sign != "$" && strings.Contains(s, y.sign) {
			return y.code
		}
	}
	for i := 0; i+3 <= len(s); i++ {
		if s[i] >= 'A' && s[i] <= 'Z' && known[s[i:i+3]] && (i == 0 || !alnum(s[i-1])) && (i+3 == len(s) || !alnum(s[i+3])) {
			return s[i : i+3]
		}
	}
	return homeOf(s)
}
