package billing

import (
	"hash/maphash"
	"strconv"
)

// ledesOpen is an invoice whose lines are being added up.
type ledesOpen struct {
	LedesInvoice
	id       uint32
	total    fixed
	day      [fTill + 1]int32 // as fields
	text     uint64           // hash of INVOICE_DESCRIPTION
	currency string
	tax, net fixed

	sum     fixedSum // of its lines
	fees    fixedSum
	expense fixedSum
	taxes   fixedSum
	differs bool // the total is not the same on every line
	second  bool // it has a second matter
	unsure  bool // a line could not be read
	guides  []*guide
}

func (o *ledesOpen) count(level string) {
	if level == LevelError {
		o.Errors++
	} else {
		o.Warnings++
	}
}

// ledesTable holds the invoices of a file: maxOpen of them. What comes then is
// checked line by line only.
type ledesTable struct {
	seed   maphash.Seed
	byHash map[uint64]*ledesOpen
	order  []*ledesOpen
	last   *ledesOpen // of the line before
	prior  *ledesOpen // of the line before that one, while its line is looked at
	others int        // beyond the bound
	spare  ledesOpen  // the last of these
	nextID uint32
	unsure bool // a line was not read, and nobody knows whose it is
}

// find makes the invoice of the line current, and opens it if it is new.
func (t *ledesTable) find(c *ledesCheck) {
	number := c.item.f[fNumber]
	t.prior = t.last
	if t.byHash == nil {
		t.byHash, t.seed = map[uint64]*ledesOpen{}, maphash.MakeSeed()
	}
	key := maphash.Bytes(t.seed, number)
	o := t.byHash[key]
	switch {
	case o != nil:
	case len(t.order) < maxOpen:
		o = t.open(c)
		t.byHash[key] = o
		t.order = append(t.order, o)
	case t.last != nil && t.last.Number == string(clipped(number, 20)):
		o = t.last
	default:
		t.others++
		t.nextID++
		o = &t.spare
		*o = ledesOpen{id: t.nextID}
		o.Number, o.Line = string(clipped(number, 20)), c.line
		if t.others == 1 {
			c.say(codeInvoicesMany, "", "at most "+strconv.Itoa(maxOpen), nil)
		}
	}
	t.last, c.inv = o, o
}

func (t *ledesTable) open(c *ledesCheck) *ledesOpen {
	t.nextID++
	o := &ledesOpen{id: t.nextID}
	o.Number, o.Line = string(clipped(c.item.f[fNumber], 20)), c.line
	return o
}

// doubt says that a line of an invoice could not be read; it reports false for an
// unknown number.
func (t *ledesTable) doubt(number []byte) bool {
	if t.byHash == nil {
		return false
	}
	o := t.byHash[maphash.Bytes(t.seed, number)]
	if o != nil {
		o.unsure = true
	}
	return o != nil
}

// clipped bounds what is kept of a value.
func clipped(b []byte, most int) []byte { return b[:min(len(b), most)] }

// begin keeps what the first line says of the invoice.
func (c *ledesCheck) begin() {
	o, it := c.inv, &c.item
	keep := func(i int) string { return string(clipped(it.f[i], min(c.cols[i].max, 120))) }
	o.Client, o.Matter, o.LawFirmMatter, o.LawFirm = keep(fClient), keep(fMatter), keep(fLawFirmMatter), keep(fLawFirm)
	if c.bi || c.isXML {
		o.FirmName, o.ClientName = keep(fFirmName), keep(fClientName)
		if o.currency = string(it.f[fCurrency]); !ledesCurrencies[o.currency] {
			o.currency = ""
		}
		o.tax, o.net = it.n[fTax], it.n[fNet]
	}
	for _, i := range [...]int{fInvoiceDate, fFrom, fTill} {
		o.day[i] = it.day[i]
	}
	o.Date, o.From, o.Till = dayTime(it.day[fInvoiceDate]), dayTime(it.day[fFrom]), dayTime(it.day[fTill])
	o.total, o.text = it.n[fTotal], c.seen.hash(it.f[fInvoiceText])
	whole := true
	o.Total = Money{Currency: o.currency}
	if o.total.known {
		o.Total, whole = fixedMoney(o.total.v, o.currency)
	}
	if !whole {
		c.say(codeFraction, c.nameOf(fTotal), o.Total.String(), it.f[fTotal])
	}
	o.guides = c.guidesFor(it)
	if len(o.guides) > 0 {
		c.clientInvoice()
	}
}

// compare looks whether a later line says the same of the invoice.
func (c *ledesCheck) compare() {
	o, it := c.inv, &c.item
	client := string(clipped(it.f[fClient], 20)) != o.Client
	matter := string(clipped(it.f[fLawFirmMatter], 20)) != o.LawFirmMatter
	date := it.day[fInvoiceDate] != o.day[fInvoiceDate]
	if c.table.prior != o && (client || matter || date) {
		c.say(codeNumberAgain, c.nameOf(fNumber), "line "+strconv.Itoa(o.Line)+" has it", it.f[fNumber])
		o.second = true // told with this
		return
	}
	differs := func(yes bool, i int, want string) {
		if yes {
			c.say(codeDiffers, c.nameOf(i), want, it.f[i])
		}
	}
	differs(date, fInvoiceDate, ledesDate(o.day[fInvoiceDate]))
	differs(client, fClient, o.Client)
	differs(it.day[fFrom] != o.day[fFrom], fFrom, ledesDate(o.day[fFrom]))
	differs(it.day[fTill] != o.day[fTill], fTill, ledesDate(o.day[fTill]))
	differs(c.seen.hash(it.f[fInvoiceText]) != o.text, fInvoiceText, "")
	if n := it.n[fTotal]; n.v != o.total.v || n.known != o.total.known {
		o.differs = true
		c.say(codeTotalDiffers, c.nameOf(fTotal), fixedString(o.total.v), it.f[fTotal])
	}
}

// ledesDate writes a day as the format does.
func ledesDate(d int32) string {
	if d == noDay {
		return ""
	}
	return dayTime(d).Format("20060102")
}

// matters looks for a second matter in an invoice; one is told.
func (c *ledesCheck) matters() {
	o, it := c.inv, &c.item
	field := fMatter
	if string(clipped(it.f[fMatter], 20)) == o.Matter {
		if it.head || string(clipped(it.f[fLawFirmMatter], 20)) == o.LawFirmMatter {
			return
		}
		field = fLawFirmMatter
	}
	if o.second {
		return
	}
	o.second = true
	want := o.Matter
	if field == fLawFirmMatter {
		want = o.LawFirmMatter
	}
	c.say(codeMatterSecond, c.nameOf(field), want, it.f[field])
	for _, g := range o.guides {
		if g.OneMatter {
			c.guide = g
			c.say(codeClientMatter, c.nameOf(field), want, it.f[field])
		}
	}
	c.guide = nil
}

// add puts the line to its invoice.
func (c *ledesCheck) add() {
	o, it := c.inv, &c.item
	o.Lines++
	n := it.n[fLineTotal]
	o.sum.add(n)
	switch {
	case !n.known:
	case it.kind.expense():
		o.expense.add(n)
	default:
		o.fees.add(n)
	}
	if !c.bi {
		return
	}
	if len(it.f[fLineTax]) > 0 {
		o.taxes.add(it.n[fLineTax])
	}
	if o.Lines == 1 {
		return
	}
	if it.n[fTax].v != o.tax.v {
		c.say(codeDiffers, c.nameOf(fTax), fixedString(o.tax.v), it.f[fTax])
	}
	if it.n[fNet].v != o.net.v {
		c.say(codeDiffers, c.nameOf(fNet), fixedString(o.net.v), it.f[fNet])
	}
	if string(it.f[fCurrency]) != o.currency && o.currency != "" {
		c.say(codeDiffers, c.nameOf(fCurrency), o.currency, it.f[fCurrency])
	}
}

// closeInvoices compares totals and tells of the invoices.
func (c *ledesCheck) closeInvoices() {
	for _, o := range c.table.order {
		c.inv, c.line = o, o.Line
		if !c.o.Cut {
			if !c.isXML {
				c.sums(o)
			}
			c.clientTotals(o)
		}
		o.Fees, _ = fixedMoney(o.fees.v, o.currency)
		o.Expenses, _ = fixedMoney(o.expense.v, o.currency)
		if len(c.out.Invoices) < maxInvoices {
			c.out.Invoices = append(c.out.Invoices, o.LedesInvoice)
		} else {
			c.out.More++
		}
	}
	c.inv = nil
	c.out.More += c.table.others
}

// sums compares the totals of an invoice with its lines.
func (c *ledesCheck) sums(o *ledesOpen) {
	if o.unsure || c.table.unsure || o.differs || o.sum.unsure {
		return
	}
	code := codeSum
	if c.bi {
		code = codeSumTax
	}
	if o.total.known && !agrees(o.sum.v, o.total.v) {
		c.say(code, c.nameOf(fTotal), fixedString(o.sum.v), []byte(fixedString(o.total.v)))
	}
	if !c.bi || o.taxes.unsure || !o.tax.known {
		return
	}
	if !agrees(o.taxes.v, o.tax.v) {
		c.say(codeTaxSum, c.nameOf(fTax), fixedString(o.taxes.v), []byte(fixedString(o.tax.v)))
	}
	if o.net.known && !agrees(o.sum.v-o.tax.v, o.net.v) {
		c.say(codeNet, c.nameOf(fNet), fixedString(o.sum.v-o.tax.v), []byte(fixedString(o.net.v)))
	}
}
