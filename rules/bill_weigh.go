package rules

import (
	"slices"

	"chancery/internal/model"
	"chancery/rules/billing"
)

// The states of a bill.
const (
	stateOpen     = "open"
	statePaid     = "paid"
	stateDisputed = "disputed"
	stateVoid     = "void"

	byMail   = "mail"
	byPerson = "person"
)

// weighed is bills with what the ledger makes of them: twins, doubts and states.
func (f *facts) weighed() *billMail {
	m := f.bills()
	if m.weighed {
		return m
	}
	m.weighed = true
	m.bills, m.twin = slices.Clone(m.told), -1
	sender := f.senderOf(m)
	mail := billing.MailDoubts(m.Class, sender, f.wording(m.Class, sender))
	for i := range m.bills {
		b := &m.bills[i]
		doubts := slices.Concat(mail, billing.BillDoubts(b, f.before(b), len(f.set.authserv) > 0, f.mayName(b)))
		if m.copied {
			doubts = slices.DeleteFunc(doubts, func(d billing.Doubt) bool { return d.Code == billing.DoubtFirstSeen })
		}
		f.twins(m, i)
		m.doubt(b, doubts)
		f.standing(m, b)
	}
	for _, d := range mail {
		m.tell(d)
	}
	f.settle(m)
	slices.SortStableFunc(m.doubts, func(a, b billing.Doubt) int {
		return slices.Index(billing.DoubtCodes, a.Code) - slices.Index(billing.DoubtCodes, b.Code)
	})
	for _, d := range m.doubts {
		m.codes = append(m.codes, d.Code)
	}
	return m
}

// senderOf knows the sender of mail that is no billing mail as well: such mail can
// still speak of a new account.
func (f *facts) senderOf(m *billMail) billing.Sender {
	if m.Class == "" {
		m.sender = f.billSender("")
	}
	return m.sender
}

// wording reads subject, new text and files; what is quoted only if the mail hardly
// says anything itself, as when it is passed on. Of a mail that is no billing mail, and
// not in the name of one of us, the hurry matters only beside a new account.
func (f *facts) wording(class string, s billing.Sender) billing.Wording {
	if class == "" && s.Person == "" && !f.mayAccount() {
		return billing.Wording{}
	}
	z := f.text()
	texts := []string{z.Subject, z.New}
	if len(z.New) < onlyPassedOn {
		texts = append(texts, z.Quoted)
	}
	for i := range f.mail.Files[:min(len(f.mail.Files), maxFiles)] {
		texts = append(texts, f.mail.Files[i].Text)
	}
	if class == "" && s.Person == "" && billing.ReadAccount(texts...) == "" {
		return billing.Wording{}
	}
	w := billing.ReadWording(texts...)
	if s.Person != "" {
		w.Pay = billing.ReadAsked(texts...)
	}
	return w
}

const onlyPassedOn = 200 // octets of a new text that says "see below"

// before are the bills of the ledger that came before b.
func (f *facts) before(b *model.Bill) []model.Bill {
	return slices.DeleteFunc(slices.Clone(f.earlier), func(e model.Bill) bool { return !f.came(&e, b) })
}

// came reports whether a bill of the ledger came before one of this message. A message
// that is decided for the first time comes after all that is there, however it is
// dated: clocks go wrong, and people move old mail into the mailbox. One that is decided
// again finds what it had found, and no bill is the twin of its own twin.
func (f *facts) came(e, b *model.Bill) bool {
	i := slices.IndexFunc(f.recorded, func(own model.Bill) bool { return own.ID == b.ID })
	switch {
	case e.ID == b.ID:
		return false
	case i < 0, slices.Contains(f.recorded[i].Twins, e.ID):
		return true
	case slices.Contains(e.Twins, b.ID):
		return false
	}
	return e.At < b.At || e.At == b.At && e.ID < b.ID
}

// twins fills in which earlier bills one seems to repeat. What one of us passes on
// repeats nothing: it is the same.
func (f *facts) twins(m *billMail, i int) {
	b := &m.bills[i]
	found := map[string][]*model.Bill{}
	for k := range f.earlier {
		e := &f.earlier[k]
		if !f.came(e, b) || e.State == stateVoid {
			continue
		}
		if layer := billing.Layer(e, b); layer != "" {
			found[layer] = append(found[layer], e)
		}
	}
	for _, layer := range billing.Layers {
		for _, e := range found[layer] {
			if m.copied {
				m.silenced = m.silenced || layer == billing.LayerNumber || layer == billing.LayerFile
				continue
			}
			if b.Layer == "" {
				b.Layer = layer
			}
			if m.earlier == nil {
				m.earlier, m.twin = e, i
			}
			if m.named == nil && m.twin == i && b.Layer == layer && f.mayName(b)(e) {
				m.named = e
			}
			if len(b.Twins) < maxTwins {
				b.Twins = append(b.Twins, e.ID)
			}
		}
	}
}

// doubt writes doubts to a bill.
func (m *billMail) doubt(b *model.Bill, list []billing.Doubt) {
	for _, d := range list {
		if !slices.Contains(b.Doubts, d.Code) {
			b.Doubts = append(b.Doubts, d.Code)
		}
		m.tell(d)
	}
}

// tell adds a doubt to those of the whole mail.
func (m *billMail) tell(d billing.Doubt) {
	if !slices.ContainsFunc(m.doubts, func(o billing.Doubt) bool { return o.Code == d.Code }) {
		m.doubts = append(m.doubts, d)
	}
}

// standing is the state in which a bill comes: what a person must look at is disputed,
// and what asks for nothing is done.
func (f *facts) standing(m *billMail, b *model.Bill) {
	switch {
	case billing.Hard(b.Doubts):
		b.State, b.By = stateDisputed, byMail
	case m.Class == "remittance" && m.Event == "paid":
		b.State, b.By = statePaid, byMail
	case m.Class == "aging", m.Class == "portal" && (m.Event == "received" || m.Event == "approved" || m.Event == "reduced"):
		b.State, b.By = stateVoid, byMail
	}
}

// doubtful reports whether the message must stay where a person sees it.
func (f *facts) doubtful() bool { return f.mayBill() && billing.Hard(f.weighed().codes) }

// remembered is what the ledger shall remember of the message: its bills, but for copies
// that one of us passes on, and the bills whose state it changes.
func (f *facts) remembered() []model.Bill {
	if !f.mayBill() {
		return nil
	}
	m := f.weighed()
	if m.silenced {
		return m.changed
	}
	return slices.Concat(m.bills, m.changed)
}
