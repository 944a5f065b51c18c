package rules

import (
	"slices"
	"strings"
	"time"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules/billing"
	"chancery/rules/text"
)

// vendorOf says who bills, as the ledger compares vendors, and all that the vendor is
// known by: a tax number of the file, and the domain of the sender. Where many people
// have an address it is the address, and where one sends for many, the name as well.
func (f *facts) vendorOf(m *billMail, in *billing.Bill) (vendor string, ids []string) {
	switch m.Class {
	case "invoice-out":
		return vendorSelf, []string{vendorSelf}
	case "invoice-in", "vendor", "past-due", "prebill":
		if id := taxNumber(in.VendorID); id != "" {
			ids = append(ids, id)
		}
	}
	id := vendorSelf
	switch {
	case m.copied:
		id = f.copiedFrom()
	case m.sender.Own:
	case m.sender.Portal && billing.Asks(m.Class) && in.Vendor != "":
		id = m.sender.Domain + "/" + text.Fold(brief(in.Vendor))
	default:
		id = brief(vendorDomain(f.from))
	}
	if id != "" {
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return "", nil
	}
	return ids[0], ids
}

// taxNumber is a number that a state, or a standard, gave a vendor: letters and digits
// alone, of which enough are digits.
func taxNumber(s string) string {
	s = strings.ReplaceAll(billing.Account(s), "/", "")
	digits := 0
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			digits++
		}
	}
	if digits < 5 {
		return ""
	}
	return s
}

// vendorDomain is the registered domain of an address, or the address itself where
// anyone can have one.
func vendorDomain(addr string) string {
	d := domain(addr)
	if everybody[d] {
		return addr
	}
	if name, suffix, _ := registered(d); name != "" {
		return name + "." + suffix
	}
	return d
}

// copiedFrom is the vendor of a bill that one of us passes on: the first author of the
// copied header who is none of us. "" if there is none.
func (f *facts) copiedFrom() string {
	z := f.text()
	for _, s := range []string{z.Quoted, z.New} {
		for line := range strings.Lines(s[:min(len(s), maxCopied)]) {
			label, rest, ok := strings.Cut(line, ":")
			if !ok || !slices.Contains(authorLabels, strings.ToLower(strings.TrimSpace(strings.Trim(label, "*>\u00a0 ")))) {
				continue
			}
			for word := range strings.FieldsFuncSeq(rest, func(r rune) bool { return strings.ContainsRune(" <>[]()\"';,:\t\r\n", r) }) {
				if word = strings.ToLower(strings.TrimPrefix(word, "mailto:")); isAddress(word) && !f.set.ours(word) {
					return vendorDomain(word)
				}
			}
		}
	}
	return ""
}

const maxCopied = 64 << 10 // octets that are searched for a copied header

var authorLabels = []string{"from", "von", "de", "van", "da", "från", "fra"}

// billSender says what is known of who sent a message of a class.
func (f *facts) billSender(class string) billing.Sender {
	s := billing.Sender{Domain: vendorDomain(f.from), Checked: f.authentication().known, Proved: f.proved()}
	// Mail of our own people comes from our own server, which then says nothing about
	// it. What it looked at and could not prove came from outside.
	if f.set.ours(f.from) {
		s.Own = s.Proved || !s.Checked && len(f.set.authserv) > 0 && len(f.mail.From) == 1
		s.Proved = s.Own
		if s.Own || !s.Checked {
			s.Own = true
			return s
		}
	}
	s.Portal = class == "portal" || f.set.portals.holds(f.from) || sendsForMany[s.Domain]
	if r := first(f.mail.ReplyTo); r != "" && vendorDomain(r) != s.Domain && !f.set.ours(r) {
		s.ReplyTo = vendorDomain(r)
	}
	s.Like = f.looksLike(s.Domain)
	if !f.set.ours(f.from) {
		s.Person = f.ourName()
	}
	return s
}

// sendsForMany are services that write in the name of the firm that uses them.
var sendsForMany = wordSet(`intuit.com quickbooks.com bill.com xero.com stripe.com freshbooks.com paypal.com square.com squareup.com zoho.com
	sage.com coupa.com ariba.com clio.com lawpay.com mycase.com docusign.net wave.com waveapps.com chargebee.com chase.com tipalti.com melio.com`)

// looksLike says which domain that we know the sender's looks like: one of any list of
// the rule files, of which it must not be.
func (f *facts) looksLike(d string) string {
	like := -1
	for i, l := range f.set.lists {
		if l.holds(f.from) {
			return ""
		}
		if like < 0 && l.like(f.from) {
			like = i
		}
	}
	if like >= 0 {
		return "an address of lists." + f.set.listNames[like]
	}
	name, suffix, _ := registered(d)
	if name == "" || everybody[domain(f.from)] {
		return ""
	}
	trusted := false // a person settled, or opened, a bill from there
	likeName := ""
	for i := range f.earlier {
		e := &f.earlier[i]
		if !billing.Asks(e.Class) || billing.Hard(e.Doubts) && e.By != byPerson {
			continue
		}
		for _, key := range e.Keys {
			known, other, _ := registered(strings.TrimPrefix(key, "v:"))
			switch {
			case !strings.HasPrefix(key, "v:") || known == "":
			case known+"."+other == name+"."+suffix:
				trusted = trusted || e.By == byPerson && (e.State == statePaid || e.State == stateOpen)
			case likeName == "" && newLookalikes([]string{known + "." + other}).like(domain(f.from)):
				likeName = known + "." + other
				if !f.sameDesk(e) || f.walled(&model.Bill{}, e) {
					likeName = "a domain that bills another mailbox"
				}
			}
		}
	}
	if !trusted {
		return likeName
	}
	return ""
}

// ourName is the name of one of our own people that the author bears, "" if none: the
// principal, and who has an address with first and last name in the list of the firm.
func (f *facts) ourName() string {
	name := nameKey(f.fromName)
	if name == "" {
		return ""
	}
	if name == nameKey(f.deskName) || f.set.people[name] {
		return f.fromName
	}
	return ""
}

// nameKey is a name as it is compared: at least two words, in any order.
func nameKey(name string) string {
	words := strings.FieldsFunc(text.Fold(name), func(r rune) bool { return strings.ContainsRune(" ,.-_\"'()", r) })
	words = slices.DeleteFunc(words, func(w string) bool { return len(w) < 2 })
	if len(words) < 2 {
		return ""
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

// posesAsOurs reports whether somebody outside has the name of one of us.
func (f *facts) posesAsOurs() bool {
	return f.fromName != "" && (len(f.set.people) > 0 || f.deskName != "") && !f.set.ours(f.from) && f.ourName() != ""
}

// peopleOfFirm are the names in a list: those that stand before addresses, and those in
// addresses such as jane.doe@firm.example.
func peopleOfFirm(l *addresses, r *config.Rules) map[string]bool {
	people := map[string]bool{}
	if l == nil {
		return people
	}
	for _, list := range r.Lists {
		for _, name := range list.Names {
			if key := nameKey(name); key != "" && list.Name.Value == r.House.Firm.Value {
				people[key] = true
			}
		}
	}
	for entry := range l.set {
		if local, _, ok := strings.Cut(entry, "@"); ok {
			if key := nameKey(local); key != "" {
				people[key] = true
			}
		}
	}
	return people
}

// matterOf confirms the matter of an invoice: what the invoice itself names, if that is
// one of the list and no other, else the one that the mail is about.
func (f *facts) matterOf(in *billing.Bill) *config.Matter {
	if f.set.matters.Len() == 0 {
		return nil
	}
	for _, named := range []string{in.Matter, in.LawFirm} {
		if one := oneMatter(f.set.matters, named); one != nil {
			return one
		}
	}
	if m := f.matter(); m != nil {
		return m.matter
	}
	return nil
}

// submitted is the day on which a LEDES file is taken to be submitted: when the mail
// came, as its server wrote it. The same mail has the same faults whenever it is read.
func (f *facts) submitted() time.Time {
	t := f.arrived()
	if t.IsZero() || t.After(f.now) {
		t = f.now
	}
	if t.IsZero() {
		return t
	}
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// faultsOf are the codes of the errors of a LEDES file; 1 is the first of Mail.Files.
func (m *billMail) faultsOf(file int) []string {
	for _, l := range m.Ledes {
		if l.File == file {
			return l.Faults
		}
	}
	return nil
}
