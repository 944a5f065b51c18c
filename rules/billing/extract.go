package billing

import (
	"time"

	"chancery/internal/model"
	"chancery/rules/text"
)

const (
	maxZone    = 256 << 10 // octets of one zone that are read for facts
	maxNumbers = 200
)

// Facts are the facts of one billing mail. What was not found is zero.
type Facts struct {
	Invoice string // the first of Numbers
	Total   Money
	Due     time.Time // midnight UTC
	Date    time.Time // of the invoice, midnight UTC
	Terms   int       // net days; 0 also for "due upon receipt"
	Ledes   []Ledes   // of attachments, in order
	// Where says for each fact found ("invoice", "total", "due", "date",
	// "terms") its zone ("subject", "new", "quoted", "names") or
	// "attachment:NAME".
	Where map[string]string
	// Numbers are all invoice numbers, each once: those of LEDES files, then
	// those of the text, in order.
	Numbers []string

	Class string // as model.Bill.Class; "" if the mail is no billing mail
	Event string // as model.Bill.Event
	Why   []Reason
	Bills []Bill // each invoice that the mail tells of, the surest first
}

// Extract reads the facts of a mail. LEDES attachments win over text, subject
// and new text over what is quoted, and a sure word ("total due") over a weak
// one ("total"). It depends on nothing but its arguments.
func Extract(z text.Zones, m *model.Mail) Facts {
	x := extraction{facts: Facts{Where: map[string]string{}}, sent: day(m.Date)}
	for _, f := range m.Files {
		if l, ok := ReadLedes(f.Head, !f.Cut); ok {
			l.Name = f.Name
			x.ledes(l)
		}
	}
	for _, zone := range []struct{ name, text string }{{"subject", z.Subject}, {"new", z.New}, {"signature", z.Signature}} {
		x.zone(zone.name, zone.text)
	}
	x.settle()
	if x.facts.Invoice == "" || x.facts.Total.IsZero() || x.facts.Due.IsZero() {
		x.zone("quoted", z.Quoted)
		x.settle()
	}
	if x.facts.Invoice == "" {
		for _, n := range z.Names {
			x.zone("names", n)
		}
		x.settle()
	}
	x.terms()
	return x.facts
}

// extraction collects candidates of one group of zones; settle takes the best.
type extraction struct {
	facts Facts
	sent  time.Time
	total candidate
	due   candidate
	date  candidate
	upon  string // zone that says "due upon receipt"
}

type candidate struct {
	rank  int
	zone  string
	money Money
	day   time.Time
}

func (c *candidate) offer(rank int, zone string, m Money, d time.Time) {
	if rank > c.rank {
		*c = candidate{rank, zone, m, d}
	}
}

// ledes takes the facts of a file: its first invoice is the mail's.
func (x *extraction) ledes(l Ledes) {
	x.facts.Ledes = append(x.facts.Ledes, l)
	where := "attachment:" + l.Name
	for _, inv := range l.Invoices {
		x.number(inv.Number, where)
	}
	if len(l.Invoices) == 0 || len(x.facts.Where) > 1 {
		return
	}
	if inv := l.Invoices[0]; x.facts.Invoice == inv.Number {
		if inv.Total.Minor != 0 {
			x.facts.Total, x.facts.Where["total"] = inv.Total, where
		}
		if !inv.Date.IsZero() {
			x.facts.Date, x.facts.Where["date"] = inv.Date, where
		}
	}
}

func (x *extraction) number(n, where string) {
	if n == "" || len(x.facts.Numbers) == maxNumbers {
		return
	}
	for _, have := range x.facts.Numbers {
		if have == n {
			return
		}
	}
	x.facts.Numbers = append(x.facts.Numbers, n)
	if x.facts.Invoice == "" {
		x.facts.Invoice, x.facts.Where["invoice"] = n, where
	}
}

// zone looks at each cue of a text and reads what stands behind it.
func (x *extraction) zone(name, s string) {
	s = s[:min(len(s), maxZone)]
	list := findCues(s)
	for i, c := range list {
		stop := len(s)
		if i+1 < len(list) {
			stop = list[i+1].beg
		}
		switch c.kind {
		case invoiceCue:
			for _, n := range numbersAfter(s, c) {
				x.number(n, name)
			}
		case totalCue:
			if a, ok := moneyAfter(s, c.end, min(stop, c.end+60)); ok && (a.sure || c.rank > 2) {
				x.total.offer(c.rank, name, a.Money, time.Time{})
			}
		case dueCue:
			if a, ok := moneyBefore(s, c.beg); ok {
				x.total.offer(2, name, a.Money, time.Time{})
			}
			if d, ok := x.dateAfter(s, c.end, min(stop, c.end+40)); ok && (c.rank > 1 || c.end+8 > d.beg) {
				x.due.offer(c.rank, name, Money{}, d.day)
			}
		case receiptCue:
			if x.upon == "" {
				x.upon = name
			}
		case dateCue:
			if d, ok := x.dateAfter(s, c.end, min(stop, c.end+20)); ok {
				x.date.offer(c.rank, name, Money{}, d.day)
			}
		case termsCue:
			if days := daysAfter(s, c); days > 0 && x.facts.Terms == 0 {
				x.facts.Terms, x.facts.Where["terms"] = days, name
			}
		}
	}
}

// dateAfter finds a date that begins in s[at:stop]; it may end behind.
func (x *extraction) dateAfter(s string, at, stop int) (date, bool) {
	d, ok := dateFrom(s[:min(len(s), stop+24)], at)
	if !ok || d.beg >= stop {
		return date{}, false
	}
	d.day, ok = d.in(x.sent)
	return d, ok
}

// settle takes the best candidates so far for what is still open.
func (x *extraction) settle() {
	f := &x.facts
	if x.total.rank > 0 && f.Where["total"] == "" {
		f.Total, f.Where["total"] = x.total.money, x.total.zone
	}
	if x.date.rank > 0 && f.Where["date"] == "" {
		f.Date, f.Where["date"] = x.date.day, x.date.zone
	}
	if x.due.rank > 0 && f.Where["due"] == "" {
		f.Due, f.Where["due"] = x.due.day, x.due.zone
	}
}

// terms computes a due date that is not written: terms count from the invoice
// date; what is due upon receipt is due that day, or the day of the mail.
func (x *extraction) terms() {
	f := &x.facts
	switch {
	case !f.Due.IsZero():
	case f.Terms > 0 && !f.Date.IsZero():
		f.Due, f.Where["due"] = f.Date.AddDate(0, 0, f.Terms), f.Where["terms"]
	case x.upon != "" && !f.Date.IsZero():
		f.Due, f.Where["due"] = f.Date, x.upon
	case x.upon != "" && !x.sent.IsZero():
		f.Due, f.Where["due"] = x.sent, x.upon
	}
}

// day is the date of a time as its writer saw it, at midnight UTC.
func day(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
