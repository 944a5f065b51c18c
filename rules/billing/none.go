package billing

import (
	"fmt"
	"slices"
	"time"

	"chancery/internal/model"
	"chancery/rules/text"
)

// None is why a mail is no billing mail. All of it but Lacks is content.
type None struct {
	Lacks   []string // what would have to be there, in sentences
	For     []Reason // what speaks for billing mail nevertheless
	Against []Reason // codes "asking-word", "promotion-word", "many-recipients" and "reply"
	Facts   []Stray
}

// Stray is a fact of bills in a mail that is none.
type Stray struct {
	Name, Value string // "number", "total", "date", "due" or "matter"
	Place
}

// WhyNone says why Extract takes a mail for no billing mail. It returns false for billing
// mail. It reads the mail anew: it is for a person who asks.
func WhyNone(z text.Zones, m *model.Mail, o Options) (None, bool) {
	x := extraction{facts: Facts{Where: map[string]string{}}, mail: m, options: o, sent: day(m.Date)}
	z = undisguised(z)
	x.gather(z)
	if x.classify(z); x.facts.Class != "" {
		return None{}, false
	}
	n := None{Facts: x.strays()}
	v := &x.evidence
	if len(v.hits) == 0 && v.invoice == "" && len(x.machine) == 0 {
		n.Lacks = []string{"no word of billing stands in the subject, in the text, or in names and texts of files that are read"}
	}
	if x.fromPortal() {
		n.Lacks = append(n.Lacks, "the sender is a portal of the rule files, but nothing says what happened to an invoice")
	}
	if len(n.Lacks) == 0 {
		x.weighed(&n)
	}
	return n, true
}

// weighed says how much is missing of the class that most speaks for, and of an invoice.
func (x *extraction) weighed(n *None) {
	v := &x.evidence
	doc, against := x.documented(), x.against()
	best, most := noClass, 0
	for _, c := range special {
		if sum, _ := v.weight(c); sum > most {
			best, most = c, sum
		}
	}
	if best != noClass {
		total := most + doc - against
		need := fmt.Sprintf("what speaks for %s weighs %d, and %d is enough", classNames[best], total, enough)
		if total >= enough {
			need = fmt.Sprintf("what speaks for %s is spread thin: a plain word in the subject or the name of a file, or more words in the text", classNames[best])
		}
		n.Lacks = append(n.Lacks, need)
		n.For = v.reasons(best)
	}
	if inv := x.invoiceWeight(doc) - against; inv < enoughBill {
		n.Lacks = append(n.Lacks, fmt.Sprintf("what speaks for an invoice weighs %d, and %d is enough", inv, enoughBill))
	}
	if !x.isInvoice() {
		n.Lacks = append(n.Lacks, x.missing())
	}
	if v.invoice != "" {
		n.For = append(n.For, Reason{zoneCodes[v.invoice] + "-word", v.word, v.invoice})
	}
	n.For = append(n.For, v.reasons(invoiceMail, legalBill)...)
	n.For = slices.Compact(n.For[:min(len(n.For), maxReasons)])
	n.Against = x.objections()
}

// missing says what an invoice must have and this mail has not.
func (x *extraction) missing() string {
	if len(x.head.numbers)+len(x.quoted.numbers) > 0 {
		return "an invoice number alone is no invoice: an amount, an invoice date or a due date must stand with it, or a file that is one"
	}
	return "an invoice needs a number with an amount or a date, or a file that is one or is called one"
}

// objections are what against weighs, and that it is a reply.
func (x *extraction) objections() (list []Reason) {
	v := &x.evidence
	for _, h := range v.hits {
		switch h.class {
		case asking:
			list = append(list, Reason{"asking-word", h.word, h.zone})
		case promotion:
			if sells, _ := v.weight(promotion); sells >= 8 {
				list = append(list, Reason{"promotion-word", h.word, h.zone})
			}
		}
	}
	list = list[:min(len(list), maxReasons)]
	if x.mail.Bulk && len(x.head.numbers) == 0 {
		list = append(list, Reason{"many-recipients", "", "from"})
	}
	if prefix(x.mail.Subject) == 'r' {
		list = append(list, Reason{"reply", "", "subject"})
	}
	return list
}

// strays are the facts that were found, each where it counts most.
func (x *extraction) strays() (list []Stray) {
	add := func(name, value string, p Place) {
		if value != "" && !slices.ContainsFunc(list, func(s Stray) bool { return s.Name == name }) {
			list = append(list, Stray{name, value, p})
		}
	}
	all := []*reading{&x.head}
	for i := range x.docs {
		all = append(all, &x.docs[i].reading)
	}
	for _, r := range append(all, &x.quoted, &x.names) {
		if len(r.numbers) > 0 {
			add("number", r.numbers[0].text, r.numbers[0].Place)
		}
		if r.any.rank > 0 {
			add("total", r.any.money.String(), r.any.Place)
		}
		if r.date.rank > 0 {
			add("date", r.date.day.Format(time.DateOnly), r.date.Place)
		}
		if r.due.rank > 0 {
			add("due", r.due.day.Format(time.DateOnly), r.due.Place)
		}
		if len(r.matters) > 0 {
			add("matter", r.matters[0].text, r.matters[0].Place)
		}
	}
	return list
}
