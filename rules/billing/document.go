package billing

import (
	"time"

	"chancery/internal/model"
	"chancery/rules/text"
)

const (
	maxPaper = 96 << 10 // octets of the text of a file that are read for facts
	maxSlip  = 4 << 10  // of a paper that is a receipt if its amounts add up, although nothing says so
	maxTail  = 32 << 10 // of these, from its end: totals stand there
)

// document is what a person reads in one file.
type document struct {
	reading
	index int  // 1 is the first of Mail.Files
	bill  bool // it looks like an invoice: it has a number, and an amount or dates with it
	body  string
}

// ReadText reads the text of one invoice, as a PDF shows it: columns are apart by tabs
// or runs of blanks. It reports false if the text is none. Dates that can be read two
// ways are told by the other dates, the currency and the language.
func ReadText(s string, sent time.Time) (Bill, bool) {
	x := extraction{sent: day(sent), mail: &model.Mail{Date: sent}}
	d := x.paper(s, "", 1)
	x.docs = append(x.docs, d)
	x.decideOrder()
	return x.docs[0].asBill(), d.bill
}

// files reads the files that machines read.
func (x *extraction) files() {
	for i, f := range x.mail.Files[:min(len(x.mail.Files), maxMachine)] {
		head := f.Head
		if len(f.Data) > 0 {
			head = f.Data
		}
		o := LedesOptions{Today: x.options.Today, Guidelines: x.options.Guidelines, Whose: x.options.Whose, File: f.Name, Cut: len(f.Data) == 0 && f.Cut}
		if l, ok := readLedes(head, o); ok {
			l.Name, l.File = f.Name, i+1
			x.ledes(l, i+1)
		} else if (len(f.Data) > 0 || !f.Cut) && Kind(f) == "xml-invoice" {
			x.electronic(head, f.Name, i+1)
		}
	}
}

// ledes takes the facts of a file: its first invoice is the mail's.
func (x *extraction) ledes(l Ledes, file int) {
	f := &x.facts
	f.Ledes = append(f.Ledes, l)
	where := "attachment:" + l.Name
	for _, inv := range l.Invoices {
		f.number(inv.Number, where)
		x.machine = append(x.machine, ledesBill(inv, l, file))
	}
	if len(l.Invoices) == 0 || len(f.Where) > 1 {
		return
	}
	if inv := l.Invoices[0]; f.Invoice == inv.Number {
		if inv.Total.Minor != 0 {
			f.Total, f.Where["total"] = inv.Total, where
		}
		if !inv.Date.IsZero() {
			f.Date, f.Where["date"] = inv.Date, where
		}
	}
}

// electronic takes the facts of an e-invoice: the first one's are the mail's, if no
// LEDES file told them.
func (x *extraction) electronic(data []byte, name string, file int) {
	list, _ := ReadXMLInvoice(data)
	f := &x.facts
	for _, b := range list {
		b.File = file
		for k, p := range b.Where {
			p.File = name
			b.Where[k] = p
		}
		x.machine = append(x.machine, b)
		f.number(b.Number, "attachment:"+name)
		if f.Invoice != b.Number || f.Where["total"] != "" {
			continue
		}
		where := "attachment:" + name
		if !b.Total.IsZero() {
			f.Total, f.Where["total"] = b.Total, where
		}
		if !b.Date.IsZero() {
			f.Date, f.Where["date"] = b.Date, where
		}
		if !b.Due.IsZero() {
			f.Due, f.Where["due"] = b.Due, where
		}
	}
}

func ledesBill(inv LedesInvoice, l Ledes, file int) Bill {
	b := Bill{
		Number: inv.Number, Total: inv.Total, Date: inv.Date, Due: inv.Due, From: inv.From, Till: inv.Till, Client: inv.Client, Matter: inv.Matter,
		LawFirm: inv.LawFirmMatter, Vendor: inv.FirmName, VendorID: inv.LawFirm, File: file, Where: map[string]Place{},
	}
	for name, told := range map[string]bool{
		"number": b.Number != "", "total": b.Total.Minor != 0, "date": !b.Date.IsZero(), "due": !b.Due.IsZero(), "from": !b.From.IsZero(), "till": !b.Till.IsZero(),
		"client": b.Client != "", "matter": b.Matter != "", "lawfirm": b.LawFirm != "", "vendor": b.Vendor != "", "vendor-id": b.VendorID != "",
	} {
		if told {
			b.Where[name] = Place{Zone: "file", File: l.Name, Line: inv.Line}
		}
	}
	return b
}

// papers reads what people read in files, where it is known.
func (x *extraction) papers() {
	for i, f := range x.mail.Files[:min(len(x.mail.Files), maxFiles)] {
		if f.Text == "" {
			continue
		}
		switch Kind(f) {
		case "ledes", "ledesxml", "xml-invoice", "ics", "eml":
			continue
		}
		x.docs = append(x.docs, x.paper(f.Text, f.Name, i+1))
	}
}

// paper reads the text of one file.
func (x *extraction) paper(s, name string, index int) document {
	if len(s) > maxPaper {
		s = s[:maxPaper-maxTail] + "\n" + s[len(s)-maxTail:]
	}
	s = closed(unprinted(text.Shown(s)))
	d := document{reading: reading{zone: "file", file: name, doc: true, sent: x.sent}, index: index, body: s}
	list := paperCues.find(s)
	d.read(s, list)
	x.evidence.zone("file", s[:min(len(s), 800)], upTo(list, 800), 2)
	title, headed := titled(s)
	d.again(headed)
	if headed && len(d.numbers) == 0 {
		d.looseNumber(title)
	}
	if d.date.rank == 0 {
		d.firstDate()
	}
	if d.due.rank < 2 {
		d.dueTold()
	}
	if d.total.rank == 0 && d.owed.rank == 0 && (headed || len(d.numbers) > 0) {
		d.looseTotal()
	}
	if max(d.total.rank, d.owed.rank) < 2 && (headed || len(d.numbers) > 0) {
		d.grossTotal()
	}
	d.paidBetween()
	if d.any = d.total; d.owed.rank >= d.total.rank {
		d.any = d.owed
	}
	d.fillCurrency()
	d.bill = len(d.numbers) > 0 && (d.any.rank > 0 || d.date.rank > 0 && d.due.rank > 0) || d.any.rank >= 4 && d.date.rank >= 4 ||
		d.any.rank > 0 && d.date.rank > 0 && (headed || len(s) < maxSlip && d.summed(d.any.money))
	d.bill = d.bill && !d.otherPaper()
	return d
}

func upTo(list []found, n int) []found {
	for i, c := range list {
		if c.end > n {
			return list[:i]
		}
	}
	return list
}

// firstDate takes a date that stands without a word in the head of the file.
func (d *document) firstDate() {
	s := d.body[:min(len(d.body), 3000)]
	for at := 0; at < len(s); {
		t, ok := dateFrom(s, at)
		if !ok {
			return
		}
		if !t.day.IsZero() && t.day.Year() > 1990 {
			d.date = candidate{rank: 1, day: t.day, other: t.other, Place: *d.place(d.body, t.beg, t.end)}
			return
		}
		at = t.end
	}
}

// fillCurrency gives the amounts the currency of the file, if they have none.
func (d *document) fillCurrency() {
	code := ""
	for _, c := range []*candidate{&d.any, &d.total, &d.owed} {
		if c.rank == 0 {
			continue
		}
		if c.money.Currency != "" {
			if code := meant(d.body, c.money.Currency); code != c.money.Currency {
				c.money.Minor, c.money.Currency = c.money.Minor*shift(c.money.Currency, code), code
			}
			continue
		}
		if code == "" {
			if code = d.currency(d.body); code == "" {
				return
			}
		}
		if m, ok := inCurrency(c.money, code); ok {
			c.money = m
		}
	}
}

// shift is by what an amount grows in a currency that has more decimals.
func shift(from, to string) int64 {
	n := int64(1)
	for range exponent(to) - exponent(from) {
		n *= 10
	}
	return n
}

// inCurrency is an amount that was read with two decimals in a currency that may have
// others.
func inCurrency(m Money, code string) (Money, bool) {
	switch exponent(code) {
	case 2:
	case 0:
		if m.Minor%100 != 0 {
			return m, false
		}
		m.Minor /= 100
	default:
		if abs(m.Minor) > 1<<58 {
			return m, false
		}
		m.Minor *= 10
	}
	m.Currency = code
	return m, true
}

// asBill is what the file says as a bill.
func (d *document) asBill() Bill {
	b := Bill{File: d.index, Where: map[string]Place{}}
	if len(d.numbers) > 0 {
		best := d.numbers[0]
		for _, n := range d.numbers {
			if n.rank > best.rank {
				best = n
			}
		}
		b.Number, b.Where["number"] = best.text, best.Place
	}
	d.fill(&b)
	return b
}

// fill gives a bill what the reading says and the bill has not.
func (r *reading) fill(b *Bill) {
	total, owed := r.settled()
	if b.Total.IsZero() && total.rank > 0 {
		if b.Total = total.money; r.credit && b.Total.Minor > 0 {
			b.Total.Minor = -b.Total.Minor
		}
		b.Where["total"] = total.Place
	}
	if b.Owed.IsZero() && owed.rank > 0 {
		b.Owed, b.Where["owed"] = owed.money, owed.Place
	}
	for _, f := range []struct {
		name string
		c    *candidate
		to   *time.Time
	}{{"date", &r.date, &b.Date}, {"due", &r.due, &b.Due}, {"from", &r.from, &b.From}, {"till", &r.till, &b.Till}} {
		if !f.to.IsZero() || f.c.rank == 0 {
			continue
		}
		*f.to, b.Where[f.name] = f.c.day, f.c.Place
		if !f.c.other.IsZero() {
			b.Unsure = append(b.Unsure, f.name)
		}
	}
	if b.Terms == 0 && r.days > 0 {
		b.Terms, b.Where["terms"] = r.days, *r.termed
	}
	if b.Due.IsZero() && !b.Date.IsZero() {
		switch {
		case b.Terms > 0:
			b.Due, b.Where["due"] = netDue(b.Date, b.Terms, r.eom), b.Where["terms"]
		case r.upon != nil:
			b.Due, b.Where["due"] = b.Date, *r.upon
		}
	}
	if b.Matter == "" {
		for _, n := range r.matters {
			if b.Matter == "" || n.rank > 1 {
				b.Matter, b.Where["matter"] = n.text, n.Place
			}
			if n.rank > 1 {
				break
			}
		}
	}
}
