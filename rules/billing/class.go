package billing

import (
	"slices"
	"strings"

	"chancery/internal/model"
	"chancery/rules/text"
)

// What the evidence for a class must reach. A subject with an unmistakable word reaches
// it alone; a word in the text needs a number, an amount or a date beside it.
const (
	enough     = 12
	enoughSign = 8
	enoughBill = 10 // for an invoice
)

// special are the classes that are told by words of their own, the one before the other
// where both have as much.
var special = []class{trustMail, prebillMail, remittanceMail, agingMail, pastDueMail, writeOffMail, accrualMail, budgetMail}

// classify tells the class of the mail by all the evidence together.
func (x *extraction) classify(z text.Zones) {
	f, v := &x.facts, &x.evidence
	if x.fromPortal() {
		if e, told, ok := x.event(z); ok {
			f.Class, f.Event = classNames[portalMail], e
			f.Why = append([]Reason{{"portal-sender", sender(x.mail), "from"}, told}, x.documentReasons()...)
			return
		}
	}
	if len(v.hits) == 0 && v.invoice == "" && len(x.machine) == 0 {
		return
	}
	doc := x.documented()
	against := x.against()
	inv := x.invoiceWeight(doc) - against
	best, most := noClass, 0
	for _, c := range special {
		sum, factor := v.weight(c)
		if c == remittanceMail || c == pastDueMail || c == trustMail || c == writeOffMail || c == accrualMail {
			about, _ := v.weight(aboutBilling)
			if sum >= enoughSign-2 {
				sum += min(about, 4)
			}
		}
		total := sum + doc - against
		clear := factor >= 3 && sum >= enoughSign || sum >= 12 || sum >= enoughSign && inv < enoughBill+6
		if clear && total >= enough && sum > most && (len(x.machine) == 0 || factor >= 3) {
			best, most = c, sum
		}
	}
	if best == budgetMail || best == pastDueMail || best == agingMail || best == writeOffMail {
		if x.notice(z) { // a portal says why, and that may be about a budget
			return
		}
	}
	switch {
	case best != noClass:
		f.Class = classNames[best]
		f.Why = append(v.reasons(best), x.documentReasons()...)
		if best == remittanceMail {
			f.Event = "paid"
			if n, _ := v.weight(partPaid); n >= 3 {
				f.Event = "part-paid"
				f.Why = append(f.Why, v.reasons(partPaid)...)
			}
		}
	case inv >= enoughBill && x.isInvoice():
		x.invoiceClass(z)
	default:
		x.notice(z)
	}
	if len(f.Why) > maxReasons {
		f.Why = f.Why[:maxReasons]
	}
}

// told is what one reading says as an invoice: each fact with what it weighs.
func (r *reading) told(half bool) (points int, list []Reason) {
	add := func(n int, code string, p Place) {
		if half {
			n = (n + 1) / 2
		}
		points += n
		list = append(list, Reason{code, p.Word, p.Zone})
	}
	if len(r.numbers) > 0 {
		n := r.numbers[0]
		add(4, "invoice-number", n.Place)
	}
	switch {
	case r.any.rank >= 3:
		add(4, "total", r.any.Place)
	case r.any.rank > 0:
		add(2, "total", r.any.Place)
	}
	if r.due.rank >= 3 {
		add(3, "due-date", r.due.Place)
	}
	if r.date.rank >= 2 {
		add(2, "invoice-date", r.date.Place)
	}
	if r.termed != nil {
		add(1, "terms", *r.termed)
	} else if r.upon != nil {
		add(1, "terms", *r.upon)
	}
	if r.till.rank > 0 && r.from.rank > 0 {
		add(1, "period", r.till.Place)
	}
	if i := slices.IndexFunc(r.matters, func(n numbered) bool { return n.rank > 1 }); i >= 0 {
		add(2, "matter-number", r.matters[i].Place)
	}
	return points, list
}

// documented weighs the facts that bills have, in the surest of the mail's texts.
func (x *extraction) documented() int {
	best, _ := x.head.told(false)
	for i := range x.docs {
		n, _ := x.docs[i].told(false)
		best = max(best, n)
	}
	n, _ := x.quoted.told(true)
	if m, _ := x.names.told(false); m > 0 {
		best = max(best, min(m, 3))
	}
	return max(best, n)
}

func (x *extraction) documentReasons() (list []Reason) {
	for _, b := range x.machine {
		list = append(list, Reason{x.fileCode(b.File), b.Where["number"].File, "file"})
		break
	}
	_, head := x.head.told(false)
	list = append(list, head...)
	for i := range x.docs {
		if x.docs[i].bill {
			list = append(list, Reason{"file-invoice", x.docs[i].file, "file"})
		}
	}
	if len(list) == 0 {
		_, quoted := x.quoted.told(true)
		list = append(list, quoted...)
	}
	if len(list) == 0 {
		_, names := x.names.told(false)
		list = append(list, names...)
	}
	return list
}

// against weighs what speaks against billing mail: that somebody asks, that the mail goes
// to many, or that the words are a reply's.
func (x *extraction) against() (n int) {
	asks, _ := x.evidence.weight(asking)
	sells, _ := x.evidence.weight(promotion)
	n = min(asks, 6)
	if x.mail.Bulk && len(x.head.numbers) == 0 {
		n += 6
	}
	if sells >= 8 {
		n += 4
	}
	return n
}

// invoiceWeight is what speaks for an invoice of any kind.
func (x *extraction) invoiceWeight(doc int) int {
	v := &x.evidence
	n, _ := v.weight(invoiceMail)
	legal, _ := v.weight(legalBill)
	about, _ := v.weight(aboutBilling)
	doc += min(about/2, 2)
	n = min(n+legal, 16) + doc
	if len(x.machine) > 0 {
		n += 16
	}
	if slices.ContainsFunc(x.docs, func(d document) bool { return d.bill }) {
		n += 10
	}
	if v.invoice == "subject" && prefix(x.mail.Subject) != 'r' {
		n += 3
	}
	if x.paperNamed() {
		n += 4
	}
	if prefix(x.mail.Subject) == 'r' && !(len(x.head.numbers) > 0 && x.head.any.rank >= 3) {
		n -= 4
	}
	return n
}

// isInvoice asks for more than words: a file that is an invoice, or a number with what
// an invoice says beside it, or with a file.
func (x *extraction) isInvoice() bool {
	if len(x.machine) > 0 || slices.ContainsFunc(x.docs, func(d document) bool { return d.bill }) {
		return true
	}
	full := func(r *reading) bool {
		return len(r.numbers) > 0 && (r.any.rank > 0 || r.due.rank >= 3 || r.date.rank >= 3)
	}
	return full(&x.head) || full(&x.quoted) || x.paperNamed() && (len(x.head.numbers) > 0 || len(x.names.numbers) > 0 || x.evidence.invoice == "subject")
}

// paperNamed reports whether a file that people read is called a bill.
func (x *extraction) paperNamed() bool {
	if len(x.names.numbers) == 0 && !slices.ContainsFunc(x.evidence.hits, func(h signHit) bool { return h.zone == "names" }) && !x.invoiceFile() {
		return false
	}
	return slices.ContainsFunc(x.mail.Files, func(f model.Attachment) bool { return paperType(f.Name) })
}

func (x *extraction) invoiceFile() bool {
	for _, f := range x.mail.Files[:min(len(x.mail.Files), maxFiles)] {
		for _, c := range findCues(text.Shown(f.Name)) {
			if c.kind == invoiceCue {
				return true
			}
		}
	}
	return false
}

func paperType(name string) bool {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return false
	}
	switch strings.ToLower(name[i+1:]) {
	case "pdf", "doc", "docx", "xls", "xlsx", "csv", "tif", "tiff", "txt", "xml", "zip", "rtf", "htm", "html":
		return true
	}
	return false
}
