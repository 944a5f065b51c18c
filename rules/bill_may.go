package rules

import (
	"slices"
	"strings"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules/billing"
	"chancery/rules/text"
)

// Reading a mail as billing mail costs more than all else that is decided about it. So
// a mail is read so only if it has a word that billing mail has, a file that machines
// read, or a portal for an author. What has none of them is no billing mail: that is
// what it means, and no short cut of the gate.

// billWords are the words of which billing mail has one, and of mail that speaks of a
// new account. Somebody outside who has the name of one of us needs none of them.
var billWords = strings.Split(strings.Join(strings.Fields(`invoice|invoices|invoiced|invoicing|e invoice|einvoice|bill|bills|billing|billed|prebill|prebills|pre bill|
pre bills|proforma|proformas|pro forma|pro formas|fee note|fee notes|statement of account|account statement|professional services|legal services|credit note|credit memo|
remittance|remit|payment advice|payment|payments|paid|past due|overdue|unpaid|outstanding balance|amount due|balance due|total due|amount payable|payable|collections|delinquent|
aging|ageing|aged receivables|write off|write offs|write down|written off|written down|courtesy discount|adjust wip|wip|iolta|iola|trust account|trust balance|trust request|trust deposit|
trust transfer|trust accounting|client trust|client account|retainer|replenish|replenishment|accrual|accruals|accrue|unbilled|budget|budgets|ledes|legal tracker|brightflag|
on hold|rechnung|rechnungen|mahnung|zahlungserinnerung|zahlungsavis|gutschrift|honorarnote|kostennote|proformarechnung|kontoauszug|offene posten|anderkonto|fremdgeld|teilzahlung|
facture|factures|avis de paiement|avis de virement|rappel de paiement|relevé de compte|note d'honoraires|factura|facturas|aviso de pago|recordatorio de pago|estado de cuenta|
fattura|fatture|sollecito di pagamento|estratto conto|factuur|facturen|aanmaning|betalingsherinnering|betalingsadvies|betaalspecificatie|rekeningoverzicht|faktura|faktury|
bank details|banking details|bank account|banking information|bank information|account details|wire|wire instructions|wiring instructions|transfer|iban|our bank|new bank|
bankverbindung|kontoverbindung|bankdaten|kontodaten|bankkonto|kontonummer|überweisung|überweisen|coordonnées bancaires|compte bancaire|virement|datos bancarios|cuenta bancaria|
transferencia|bankgegevens|rekeningnummer|bankrekening|overmaken|betaling`), " "), "|")

// sightings finds mail that may be billing mail.
type sightings struct {
	*words
	openings *text.Openings
}

func newSightings() *sightings {
	set := config.TermSet{}
	for _, w := range billWords {
		set.Words = append(set.Words, config.Text{Value: w})
	}
	w := newWords([]config.TermSet{set})
	return &sightings{w, text.NewOpenings(slices.Values(w.list))}
}

// mayBill reports whether the message may be billing mail.
func (f *facts) mayBill() bool {
	if !f.set.remembers {
		return false
	}
	if f.billable == unasked {
		f.billable = never
		if f.seemsBill() {
			f.billable = maybe
		}
	}
	return f.billable == maybe
}

// seemsBill looks for the words in the mail as it came. Of those who have one, few can be
// told as a bill or speak of a new account; the others are read no further, unless there
// are files to read.
func (f *facts) seemsBill() bool {
	if f.set.portals.holds(f.from) {
		return true
	}
	body, attached := f.texts()
	named, read := f.names(f.subject()), false
	for i := range f.mail.Files[:min(len(f.mail.Files), maxFiles)] {
		a := &f.mail.Files[i]
		kind := billing.Kind(*a)
		switch {
		case a.Data != nil, kind == "ledes", kind == "ledesxml", kind == "xml-invoice", f.names(a.Text):
			return true
		}
		named = named || f.names(a.Name)
		read = read || a.Text != "" || !picture(kind)
	}
	named = named || f.names(body) || f.names(attached)
	return named && (read || f.mayTell(body, attached)) || f.posesAsOurs()
}

// picture reports whether nobody reads bills in a kind of file.
func picture(kind string) bool { return kind == "png" || kind == "jpeg" || kind == "gif" }

// mayTell reports whether what the mail itself says may be a bill, or speak of a new
// account.
func (f *facts) mayTell(body, attached string) bool {
	g := &f.glance
	g.Reset()
	class := g.Class(text.Looked(&f.looked, f.subject()), billing.InSubject)
	for i := range f.mail.Files[:min(len(f.mail.Files), maxFiles)] {
		class = class || g.Class(text.Looked(&f.looked, f.mail.Files[i].Name), billing.InName)
	}
	return class || g.Class(text.Looked(&f.looked, body), billing.InBody) || g.Class(text.Looked(&f.looked, attached), billing.InBody) || f.mayAccount()
}

// mayAccount reports whether the mail, or a file of it, may speak of a new account.
func (f *facts) mayAccount() bool {
	if f.account == unasked {
		f.account = never
		body, attached := f.texts()
		speaks := func(s string) bool { return f.glance.Account(text.Looked(&f.looked, s)) }
		if speaks(f.subject()) || speaks(body) || speaks(attached) ||
			slices.ContainsFunc(f.mail.Files[:min(len(f.mail.Files), maxFiles)], func(a model.Attachment) bool { return speaks(a.Text) }) {
			f.account = maybe
		}
	}
	return f.account == maybe
}

// names reports whether a text, as it came, has one of the words.
func (f *facts) names(s string) bool {
	if s == "" {
		return false
	}
	any := func(int) bool { return true }
	w := f.set.sightings
	return w.may(f.scratch, w.openings, text.Looked(&f.looked, s[:min(len(s), maxText)]), any)
}

// remember prepares what reading bills needs, if anybody asks for it: a rule that
// looks at msg.bill, anything under billing:, or the billing desk of a principal.
func (s *Set) remember(r *config.Rules) {
	var from []string
	for _, p := range r.Billing.Portals {
		for _, a := range p.From {
			from = append(from, a.Value)
		}
	}
	s.portals = newAddresses(s.types, from)
	if s.need.Bills || r.Billing.Desks || len(r.Billing.Portals)+len(r.Billing.Guidelines) > 0 {
		s.remembers, s.need = true, withBills(s.need)
		s.sightings, s.people = newSightings(), peopleOfFirm(s.firm, r)
	}
}

// withBills is a need with what reading bills looks at.
func withBills(n model.Need) model.Need {
	n.Bills, n.FileText, n.Files, n.Text = true, true, true, true
	return n
}
