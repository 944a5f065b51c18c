package billing

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// ledesItem is a line item, or an element that stands for one.
type ledesItem struct {
	f    [numFields][]byte
	n    [numFields]fixed // of number fields that are filled and well-formed
	day  [numFields]int32
	kind lineKind
	flat bool // a flat charge of XML: units and rate are no hours
	head bool // what belongs to the invoice is that of the line before, and good

	task, activity, expense byte // what kind of code each field holds
}

type lineKind uint8

const (
	lineUnknown lineKind = iota
	lineFee
	lineExpense
	lineFeeAdjustment
	lineExpenseAdjustment
)

func lineKindOf(b []byte) lineKind {
	switch string(b) {
	case "F":
		return lineFee
	case "E":
		return lineExpense
	case "IF":
		return lineFeeAdjustment
	case "IE":
		return lineExpenseAdjustment
	}
	return lineUnknown
}

func (k lineKind) adjusts() bool { return k == lineFeeAdjustment || k == lineExpenseAdjustment }
func (k lineKind) expense() bool { return k == lineExpense || k == lineExpenseAdjustment }

// lineItem checks the line in c.item, of which the first fields are there.
func (c *ledesCheck) lineItem(fields int) {
	it := &c.item
	c.out.Lines++
	if !it.head {
		c.inv = nil
		c.table.find(c)
	} else {
		c.inv = c.table.last
	}
	it.kind = lineKindOf(it.f[fType])
	for i := range fields {
		if it.head && i <= fInvoiceText {
			continue
		}
		c.field(i)
	}
	c.needed()
	c.codes()
	if !it.head {
		c.invoiceDates()
		if c.inv.Lines == 0 {
			c.begin()
		} else {
			c.compare()
		}
	}
	c.rest()
}

// rest is what is checked of the lines of all formats.
func (c *ledesCheck) rest() {
	c.lineDates()
	if c.inv.Lines > 0 {
		c.matters()
	}
	c.math()
	c.add()
	c.twice()
	if len(c.inv.guides) > 0 {
		c.clientLine()
	}
}

// field checks one field by its column.
func (c *ledesCheck) field(i int) {
	it, col := &c.item, &c.cols[i]
	f := it.f[i]
	if len(f) == 0 {
		it.n[i], it.day[i] = fixed{}, noDay
		if col.need {
			c.say(codeBlank, c.nameOf(i), "", nil)
		}
		return
	}
	switch col.kind {
	case kindNumber, kindRate:
		c.number(i, f)
	case kindDate:
		if it.day[i] = ledesDay(f, c.isXML); it.day[i] == noDay {
			c.say(codeDate, c.nameOf(i), "YYYYMMDD", f)
		}
	case kindLineType:
		if it.kind == lineUnknown {
			c.say(codeType, c.nameOf(i), "F, E, IF or IE", f)
		}
	default:
		if len(f) > col.max && utf8.RuneCount(f) > col.max {
			c.say(codeLength, c.nameOf(i), "at most "+strconv.Itoa(col.max)+" characters", f)
			return
		}
		c.word(i, f)
	}
}

// number reads a number and checks its size.
func (c *ledesCheck) number(i int, f []byte) {
	col := &c.cols[i]
	n, ok := readFixed(f)
	c.item.n[i] = n
	switch {
	case !ok:
		c.say(codeNumber, c.nameOf(i), "digits, a point, a leading minus", f)
	case int(n.ints) > col.max && col.kind != kindRate:
		c.say(codeNumberSize, c.nameOf(i), "at most "+strconv.Itoa(col.max)+" digits before the point", f)
	case int(n.decs) > col.decs:
		c.say(codeDecimals, c.nameOf(i), "at most "+strconv.Itoa(col.decs)+" decimals", f)
	}
	if ok && col.kind == kindRate && (n.ints > 0 || f[0] == '-') {
		c.say(codeTaxRate, c.nameOf(i), "0 to below 1", f)
	}
	if i == fUnits && n.v < 0 {
		c.say(codeNegative, c.nameOf(i), "", f)
	}
}

// word checks a text of a closed list.
func (c *ledesCheck) word(i int, f []byte) {
	switch c.cols[i].kind {
	case kindCurrency:
		if !ledesCurrencies[string(f)] {
			c.say(codeCurrency, c.nameOf(i), "three letters of ISO 4217", f)
		}
	case kindCountry:
		if !ledesCountries[string(f)] {
			c.say(codeCountry, c.nameOf(i), "two or three letters of ISO 3166", f)
		}
	case kindAccount:
		if len(f) != 1 || f[0] != 'O' && f[0] != 'T' {
			c.say(codeAccount, c.nameOf(i), "O or T", f)
		}
	case kindClass:
		if !ledesClasses[string(f)] {
			c.say(codeClass, c.nameOf(i), "for example PARTNR", f)
		}
	}
}

// needed looks for what a line of its type must have.
func (c *ledesCheck) needed() {
	it := &c.item
	if it.kind == lineFee || it.kind == lineExpense {
		for _, i := range [...]int{fUnits, fCost} {
			if len(it.f[i]) == 0 {
				c.say(codeBlank, c.nameOf(i), "", nil)
			}
		}
	}
	if it.kind != lineFee {
		return
	}
	if len(it.f[fKeeper]) == 0 {
		c.say(codeBlank, c.nameOf(fKeeper), "", nil)
	}
	if c.bi && len(it.f[fKeeperLast]) == 0 && len(it.f[fKeeperName]) == 0 {
		c.say(codeBlank, c.nameOf(fKeeperLast), "", nil)
	}
}

// codes checks the three code fields against the sets, the field and the type.
func (c *ledesCheck) codes() {
	it := &c.item
	it.task = c.code(fTask, 'T')
	it.activity = c.code(fActivity, 'A')
	it.expense = c.code(fExpense, 'E')
	switch it.kind {
	case lineFee:
		if it.expense == 'E' {
			c.say(codeCodePlace, c.nameOf(fExpense), "blank", it.f[fExpense])
		}
	case lineExpense:
		for _, i := range [...]int{fTask, fActivity} {
			// Clients that budget by task want one on expenses too: only an activity is
			// out of place.
			if i == fActivity && len(it.f[i]) > 0 {
				c.say(codeCodePlace, c.nameOf(i), "blank", it.f[i])
			}
		}
		if len(it.f[fExpense]) == 0 && !c.isXML {
			c.say(codeCodeMissing, c.nameOf(fExpense), "E101 to E131", nil)
		}
	}
}

// code returns what kind of code a field holds: 'T', 'A', 'E', '?' or 0 for blank.
func (c *ledesCheck) code(i int, want byte) byte {
	f := c.item.f[i]
	if len(f) == 0 || len(f) > c.cols[i].max {
		return 0
	}
	kind, known := utbmsKind(f)
	switch {
	case kind != '?' && kind != want:
		c.say(codeCodeKind, c.nameOf(i), codeWants[want], f)
	case !known:
		c.say(codeCodeUnknown, c.nameOf(i), codeWants[want], f)
	}
	return kind
}

var codeWants = map[byte]string{'T': "a task such as L120", 'A': "an activity such as A103", 'E': "an expense such as E110"}

// lineDates compares the date of the line with the period.
func (c *ledesCheck) lineDates() {
	it := &c.item
	day := it.day[fLineDate]
	if day == noDay {
		return
	}
	from, till := it.day[fFrom], it.day[fTill]
	if from != noDay && day < from || till != noDay && day > till {
		c.say(codeOutside, c.nameOf(fLineDate), string(it.f[fFrom])+" to "+string(it.f[fTill]), it.f[fLineDate])
	}
	if c.today != 0 && day > c.today {
		c.say(codeFuture, c.nameOf(fLineDate), "", it.f[fLineDate])
	}
}

// invoiceDates compares the dates of the invoice with each other.
func (c *ledesCheck) invoiceDates() {
	it := &c.item
	from, till, date := it.day[fFrom], it.day[fTill], it.day[fInvoiceDate]
	if from != noDay && till != noDay && till < from {
		c.say(codePeriod, c.nameOf(fTill), "not before "+string(it.f[fFrom]), it.f[fTill])
	}
	if date != noDay && till != noDay && date < till && (c.isXML || c.inv.Lines == 0) {
		c.say(codeEarly, c.nameOf(fInvoiceDate), "not before "+string(it.f[fTill]), it.f[fInvoiceDate])
	}
	if c.today != 0 && date > c.today {
		c.say(codeFuture, c.nameOf(fInvoiceDate), "", it.f[fInvoiceDate])
	}
}

// lineMath compares the total of the line with its parts. What is blank is nothing,
// and what is not readable has been told.
func (c *ledesCheck) lineMath() {
	it := &c.item
	part := func(i int) (int64, bool) {
		return it.n[i].v, len(it.f[i]) == 0 || it.n[i].known
	}
	units, ok1 := part(fUnits)
	cost, ok2 := part(fCost)
	adjustment, ok3 := part(fAdjustment)
	tax, ok4 := int64(0), true
	if c.bi {
		tax, ok4 = part(fLineTax)
	}
	total := it.n[fLineTotal]
	if !ok1 || !ok2 || !ok3 || !ok4 || !total.known || it.kind == lineUnknown {
		return
	}
	if len(it.f[fUnits]) == 0 || len(it.f[fCost]) == 0 {
		if !it.kind.adjusts() {
			return
		}
		units, cost = 0, 0
	}
	if !balances(units, cost, adjustment+tax-total.v) {
		c.say(codeLineTotal, c.nameOf(fLineTotal), productString(units, cost, adjustment+tax), it.f[fLineTotal])
		return
	}
	c.taxMath(total.v-tax, tax)
}

// taxMath compares the tax of a line with its rate. An adjustment may stand for a
// second tax, and then has none of the amount.
func (c *ledesCheck) taxMath(before, tax int64) {
	it := &c.item
	rate := it.n[fTaxRate]
	if !c.bi || it.kind.adjusts() || !rate.known || len(it.f[fLineTax]) == 0 {
		return
	}
	coin := uint64(cent)
	if exponent(string(it.f[fCurrency])) == 0 {
		coin = million
	}
	if !balancesTo(rate.v, before, -tax, coin) {
		c.say(codeTaxAmount, c.nameOf(fLineTax), productString(rate.v, before, 0), it.f[fLineTax])
	}
}

// twice looks for line numbers and lines that were there before.
func (c *ledesCheck) twice() {
	it := &c.item
	if number := it.f[fLineNumber]; len(number) > 0 {
		switch c.seen.number(c.inv.id, number) {
		case seenBefore:
			c.say(codeLineNumber, c.nameOf(fLineNumber), "", number)
		case seenFull:
			if c.counts[codeLinesMany] == 0 {
				c.say(codeLinesMany, "", "at most "+strconv.Itoa(maxLines), nil)
			}
			return
		}
	}
	if c.seen.line(c.inv.id, it) == seenBefore {
		c.say(codeLineTwice, "", "", bytes.TrimSpace(it.f[fText]))
	}
}
