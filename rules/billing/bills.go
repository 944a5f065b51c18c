package billing

import (
	"strings"

	"chancery/rules/text"
)

const (
	maxBills = 200      // of one mail
	maxTable = 64 << 10 // octets of a zone that are looked at for tables
)

// bills lists the invoices of the mail, the surest first: those of files that machines
// read, those of files that people read, then those of the text. What speaks of the
// same number is one bill.
func (x *extraction) bills(z text.Zones) {
	f := &x.facts
	list := x.machine
	for i := range x.docs {
		d := &x.docs[i]
		if rows := statement(x.mail.Files[d.index-1].Text, d.bill); len(rows) > 0 {
			for _, b := range rows {
				b.File = d.index
				list = join(list, b.at("file", d.file))
			}
		} else if d.bill {
			list = join(list, d.asBill())
		}
	}
	tables := len(list)
	for _, zone := range []struct{ name, text string }{{"new", z.New}, {"signature", z.Signature}, {"quoted", z.Quoted}} {
		if len(list) > tables || tables > 1 {
			break
		}
		for _, b := range statement(zone.text[:min(len(zone.text), maxTable)], f.Class != classNames[remittanceMail] && f.Class != classNames[agingMail]) {
			if m, ok := inCurrency(b.Total, mostUsed(zone.text)); ok && b.Total.Currency == "" && m.Currency != "" {
				b.Total = m
			}
			list = join(list, b.at(zone.name, ""))
		}
	}
	for _, r := range []*reading{&x.head, &x.quoted, &x.names} {
		if r != &x.head && len(list) > 0 {
			break
		}
		list = x.inText(list, r, z)
	}
	if len(list) == 0 {
		list = []Bill{{Where: map[string]Place{}}}
	}
	if b := x.principal(list); b != nil {
		x.head.fill(b)
		if b.File == 0 {
			x.quoted.fill(b)
		}
		x.late(b)
		x.loose(b, z)
		if f.Class != classNames[remittanceMail] && f.Class != classNames[pastDueMail] && f.Class != classNames[agingMail] {
			list = told(list)
		}
	}
	for i := range list {
		if list[i].Vendor == "" && len(x.mail.From) > 0 && f.Class != classNames[invoiceOut] {
			list[i].Vendor = x.mail.From[0].Name
		}
	}
	x.banks(list, z)
	f.Bills = list[:min(len(list), maxBills)]
}

// statement reads the rows of a table in which columns are apart by runs of blanks, too. A
// table of one row beside a bill is the bill's own.
func statement(s string, several bool) []Bill {
	if strings.Contains(s, "  ") {
		s = columned(s)
	}
	list := ReadStatement(s)
	if several && len(list) < 2 {
		return nil
	}
	return list[:min(len(list), maxBills)]
}

// columned writes each run of blanks between two words as a tab.
func columned(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for len(s) > 0 {
		i := strings.Index(s, "  ")
		if i < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:i])
		rest := strings.TrimLeft(s[i:], " ")
		if i > 0 && s[i-1] != '\n' && rest != "" && rest[0] != '\n' && rest[0] != '\r' {
			b.WriteByte('\t')
		}
		s = rest
	}
	return b.String()
}

// at says in which zone or file the facts of a bill stand.
func (b Bill) at(zone, file string) Bill {
	for name, p := range b.Where {
		p.Zone, p.File = zone, file
		b.Where[name] = p
	}
	return b
}

// join adds a bill, or completes the one of its number.
func join(list []Bill, b Bill) []Bill {
	for i := range list {
		if a := &list[i]; a.Number != "" && Plain(a.Number) == Plain(b.Number) {
			a.complete(b)
			return list
		}
	}
	return append(list, b)
}

// complete takes from o what b does not say.
func (b *Bill) complete(o Bill) {
	if b.Total.Currency == "" && b.Total.Minor == o.Total.Minor {
		b.Total.Currency = o.Total.Currency // LEDES 1998B names none
	}
	for name, p := range o.Where {
		if _, told := b.Where[name]; told {
			continue
		}
		b.Where[name] = p
		switch name {
		case "number":
			b.Number = o.Number
		case "total":
			b.Total = o.Total
		case "owed":
			b.Owed = o.Owed
		case "date":
			b.Date = o.Date
		case "due":
			b.Due = o.Due
		case "from":
			b.From = o.From
		case "till":
			b.Till = o.Till
		case "terms":
			b.Terms = o.Terms
		case "client":
			b.Client = o.Client
		case "matter":
			b.Matter = o.Matter
		}
	}
}

// inText adds the bills that a reading numbers. One alone has the facts of the text; of
// several, each has what stands on its line.
func (x *extraction) inText(list []Bill, r *reading, z text.Zones) []Bill {
	for i, n := range r.numbers {
		b := Bill{Number: n.text, Where: map[string]Place{"number": n.Place}}
		if len(r.numbers) == 1 {
			r.fill(&b)
		} else if s := zoneText(z, n.Zone); s != "" {
			r.beside(&b, s, n, r.numbers[i+1:])
		}
		if list = join(list, b); len(list) >= maxBills {
			break
		}
	}
	return list
}

// beside reads amount and dates that stand on the line of a number, before the next
// number: first the date, then the date that is due.
func (r *reading) beside(b *Bill, s string, n numbered, rest []numbered) {
	if n.end > len(s) || n.at < 0 {
		return
	}
	_, stop := line(s, n.at)
	for _, o := range rest {
		if o.Zone == n.Zone && o.at > n.at && o.at < stop {
			stop = o.at
		}
	}
	p := n.Place
	if a, ok := moneyAfter(s[:stop], n.end, min(stop, n.end+120)); ok && a.sure && !labelled(s[n.end:a.beg]) {
		b.Total, b.Where["total"] = a.Money, p
	}
	for at, names := n.end, []string{"date", "due"}; len(names) > 0; names = names[1:] {
		d, ok := dateFrom(s[:stop], at)
		if !ok || d.day.IsZero() {
			break
		}
		if _, due := findDue(s[at:d.beg]); due || names[0] == "due" {
			b.Due, b.Where["due"] = d.day, p
			break
		}
		b.Date, b.Where["date"] = d.day, p
		at = d.end
	}
}

// labelled reports whether the amount behind a text has a word of its own.
func labelled(s string) bool {
	for _, c := range findCues(s) {
		if c.kind == totalCue || c.kind == owedCue || c.kind == otherSumCue {
			return true
		}
	}
	return false
}

// findDue reports whether a text between two values announces a due date.
func findDue(s string) (at int, ok bool) {
	for _, c := range findCues(s) {
		if c.kind == dueCue {
			return c.beg, true
		}
	}
	return 0, false
}

func zoneText(z text.Zones, zone string) string {
	switch zone {
	case "subject":
		return z.Subject
	case "new":
		return z.New
	case "signature":
		return z.Signature
	case "quoted":
		return z.Quoted
	}
	return ""
}

// principal is the bill that a mail is about, and that what it says elsewhere belongs to:
// the only one, or the first, if no other has an amount of its own.
func (x *extraction) principal(list []Bill) *Bill {
	for _, b := range list[1:] {
		if !b.Total.IsZero() {
			return nil
		}
	}
	if first := list[0].Where["number"]; len(list) > 1 && list[1].Where["number"] == first {
		return nil // "invoices 1001, 1002 and 1003": the total is that of all
	}
	return &list[0]
}

// told leaves out bills of which nothing but the number is said: a credit note names the
// invoice that it is for.
func told(list []Bill) []Bill {
	kept := list[:1]
	for _, b := range list[1:] {
		if len(b.Where) > 1 {
			kept = append(kept, b)
		}
	}
	return kept
}

// loose takes an amount that has no word, if the mail is billing mail and says no other.
func (x *extraction) loose(b *Bill, z text.Zones) {
	if !b.Total.IsZero() {
		return
	}
	for _, zone := range []struct{ name, text string }{{"new", z.New}, {"subject", z.Subject}, {"quoted", z.Quoted}} {
		s := zone.text[:min(len(zone.text), signHead)]
		for at := 0; at < len(s); {
			a, ok := moneyAfter(s, at, len(s))
			if !ok {
				break
			}
			if a.Currency != "" && a.Minor != 0 {
				b.Total, b.Where["total"] = inProse(s, a), Place{Zone: zone.name, Word: s[a.beg:a.end]}
				return
			}
			at = max(a.end, at+1)
		}
	}
}

// late gives the one bill of a mail the due date that its terms make.
func (x *extraction) late(b *Bill) {
	if f := &x.facts; b.Due.IsZero() && !f.Due.IsZero() && f.Where["due"] != "" {
		b.Due = f.Due
		b.Where["due"] = Place{Zone: strings.TrimPrefix(f.Where["due"], "attachment:")}
	}
}
