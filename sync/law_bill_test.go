package sync

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
	"chancery/rules/billdesk"
	"chancery/sync/journal"
)

// rulesOfBillTown file what outside counsel and others bill, and mark the rest.
const rulesOfBillTown = `defaults: {mode: enforce, folders: [INBOX]}
house: {firm: firm, authserv: [mx.firm.example]}
lists: {firm: [firm.example], vendors: [vendor-a.example, vendor-b.example]}
marks:
  billing: {keyword: lx-4}
mail:
  - name: bills
    when: msg.bill.found && msg.from.is_in(lists.vendors)
    then: [mark: billing, file: Billing]
  - name: other-bills
    when: msg.bill.found
    then: [mark: billing]
`

// newBillTown is a town whose first leader gets bills, and where people do with them
// what people do.
func newBillTown(t *testing.T, seed int64) *town {
	t.Helper()
	w := newTown(t, seed, "slots: false")
	w.ids = append(append([]model.SourceID{}, townCalendars...), "c/bills")
	w.cal["c/bills"] = newTownCalendar(w, "c/bills")
	w.mail = &townMail{w: w, page: 3, paid: map[string]string{}, touched: map[string]bool{}, notes: map[model.Ident]int{}}
	w.rules += rulesOfBillTown
	w.leads[0].Desk = model.BillDesk{Calendar: "c/bills", Notes: "daily", At: 450, Before: 3, Prebill: 72}
	w.start()
	return w
}

// billAct is one thing that happens to bills.
func (w *town) billAct() {
	w.t.Helper()
	m := w.mail
	switch n := w.r.Intn(16); {
	case n < 5:
		m.invoice()
	case n < 7:
		m.sentAgain()
	case n < 9:
		m.remit()
	case n == 9:
		m.prebill()
	case n == 10:
		m.takeAway()
	case n == 11:
		m.putBack()
	case n < 14:
		w.handle(w.cal["c/bills"])
	case n == 14:
		w.setBill()
	case n == 15:
		w.now = w.now.Add(9 * time.Hour)
		w.say("nine hours pass")
	}
}

// invoice lets a vendor or our own billing office write.
func (m *townMail) invoice() {
	r, n := m.w.r, len(m.letters)
	from := []string{"billing@vendor-a.example", "billing@vendor-b.example", "billing@firm.example"}[r.Intn(3)]
	due := m.w.now.Truncate(24*time.Hour).AddDate(0, 0, 1+r.Intn(40))
	l := townLetter{from: from, number: fmt.Sprint(70_000 + n), amount: int64(1000*(n+1) + r.Intn(99)), due: due, class: "invoice"}
	if l.out() {
		l.class = "invoice-out"
	}
	m.write(l)
}

// out reports whether the firm wrote it.
func (l *townLetter) out() bool { return strings.HasSuffix(l.from, "@firm.example") }

// write lets an invoice arrive.
func (m *townMail) write(l townLetter) {
	l.subject = "Invoice " + l.number
	l.text = fmt.Sprintf("Invoice no. %s for professional services rendered\nInvoice date: %s\nTotal due: $%d.%02d\nDue date: %s\n",
		l.number, m.w.now.Format("January 2, 2006"), l.amount/100, l.amount%100, l.due.Format("January 2, 2006"))
	m.w.say("letter %d: %s %s due %s", len(m.letters), l.from, l.subject, l.due.Format(time.DateOnly))
	m.arrive(l)
}

// some picks a letter.
func (m *townMail) some(want func(*townLetter) bool) *townLetter {
	var all []*townLetter
	for _, l := range m.letters {
		if want(l) {
			all = append(all, l)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[m.w.r.Intn(len(all))]
}

func (m *townMail) sentAgain() {
	l := m.some(func(l *townLetter) bool { return l.class == "invoice" && !l.back })
	if l == nil {
		return
	}
	again := townLetter{from: l.from, number: l.number, amount: l.amount, due: l.due, class: l.class, again: true}
	m.write(again)
}

func (m *townMail) remit() {
	l := m.some(func(l *townLetter) bool { return l.class == "invoice-out" && !l.back })
	if l == nil {
		return
	}
	m.w.say("remittance for %s", l.number)
	m.arrive(townLetter{from: "ap@client.example", subject: "Remittance advice", class: "remittance", number: l.number, amount: l.amount,
		text: fmt.Sprintf("Remittance advice\nWe have paid your invoice no. %s.\nAmount paid: $%d.%02d\n", l.number, l.amount/100, l.amount%100)})
}

func (m *townMail) prebill() {
	m.w.say("prebill")
	m.arrive(townLetter{from: "billing@firm.example", class: "prebill", subject: fmt.Sprint("Prebill for your review ", len(m.letters)),
		text: "The prebill is attached. Please return your edits.\n"})
}

// takeAway is a person who deletes a mail.
func (m *townMail) takeAway() {
	for i, l := range m.letters {
		if l.inbox && m.w.r.Intn(4) == 0 {
			m.w.say("delete letter %d", i)
			l.inbox, l.deleted = false, true
			m.log = append(m.log, i)
			return
		}
	}
}

// putBack is a person who moves a filed mail back into INBOX, where it has a new UID.
func (m *townMail) putBack() {
	for i, l := range m.letters {
		if !l.inbox && l.filed > 0 && m.knows(l) && m.w.r.Intn(4) == 0 {
			m.w.say("put letter %d back", i)
			l.filed = 0
			again := *l
			again.inbox, again.back, again.class, again.moved = true, true, "", true
			m.letters = append(m.letters, &again)
			m.log = append(m.log, len(m.letters)-1)
			return
		}
	}
}

// knows reports whether the journal knows that it filed a letter: else what a person
// does with it cannot be told from what happened.
func (m *townMail) knows(l *townLetter) bool {
	m.w.t.Helper()
	by, err := m.w.j.ByIdent(m.w.t.Context(), []model.Ident{l.ident()})
	if err != nil {
		m.w.t.Fatal(err)
	}
	return slices.ContainsFunc(by[l.ident()], func(in journal.Intent) bool {
		_, ok := in.Step.Action.(model.File)
		return ok && !in.EndedAt.IsZero()
	})
}

// setBill is "chancery ledger paid".
func (w *town) setBill() {
	w.t.Helper()
	bills := w.bills()
	if len(bills) == 0 {
		return
	}
	b, state := bills[w.r.Intn(len(bills))], []string{"paid", "disputed", "open"}[w.r.Intn(3)]
	if _, err := w.j.SetBillState(w.t.Context(), b.ID, state, "person", w.now); err != nil {
		w.t.Fatal(err)
	}
	w.say("a person says that %s is %s", b.Number, state)
	w.mail.paid[b.ID] = state
	w.e.Billed()
}

// bills is the whole ledger.
func (w *town) bills() []model.Bill {
	w.t.Helper()
	bills, err := w.j.BillsOf(w.t.Context(), []model.SourceID{"gc"}, time.Unix(1, 0))
	if err != nil {
		w.t.Fatal(err)
	}
	return bills
}

// checkBills: each bill that was read is recorded once, as it stands in its mail and in
// the state that was last said; each that is open has its due date in the calendar,
// once, and no other has one; no reminder and no note was written twice.
func (w *town) checkBills() {
	w.t.Helper()
	by := map[string][]model.Bill{}
	for _, b := range w.bills() {
		by[b.MessageID] = append(by[b.MessageID], b)
	}
	dates := w.dueDates()
	for i, l := range w.mail.letters {
		if l.class == "" {
			continue
		}
		got := by[l.id]
		delete(by, l.id)
		if len(got) > 1 || len(got) == 0 && (l.inbox || l.filed > 0) && !w.lost {
			w.broken("letter %d (%s %s) has %d bills", i, l.class, l.number, len(got))
		}
		if len(got) == 0 {
			continue
		}
		b := got[0]
		if !strings.HasPrefix(b.Class, l.class) && !(l.class == "invoice" && b.Class == "vendor") || b.Number != l.number || l.amount != 0 && b.Amount != l.amount {
			w.broken("letter %d (%s %s %d) is recorded as %s %s %d", i, l.class, l.number, l.amount, b.Class, b.Number, b.Amount)
		}
		if want, ok := w.mail.paid[b.ID]; ok && (b.State != want || b.By != "person") {
			w.broken("a person said that %s is %s, it is %s by %q", b.Number, want, b.State, b.By)
		}
		w.checkState(i, l, b)
		w.checkDue(i, l, b, dates)
	}
	for id := range by {
		w.broken("a bill of no mail: %s", id)
	}
	for of, n := range w.mail.notes {
		if n > 1 {
			w.broken("%s was written %d times", string(of), n)
		}
	}
}

// checkState: what a remittance that was read pays is paid.
func (w *town) checkState(i int, l *townLetter, b model.Bill) {
	w.t.Helper()
	if b.By == "person" || l.class != "invoice-out" {
		return
	}
	must, may := false, false
	for _, r := range w.mail.letters {
		if r.class == "remittance" && r.number == l.number {
			may = true
			must = must || r.inbox
		}
	}
	if paid := b.State == "paid"; paid && !may || !paid && must && !w.lost {
		w.broken("letter %d: invoice %s is %s", i, l.number, b.State)
	}
}

// dueDates counts the events of the billing calendar by the number they name.
func (w *town) dueDates() map[string]int {
	out := map[string]int{}
	for _, ev := range w.cal["c/bills"].events {
		if ev.Own == nil || !billdesk.IsDue(ev.Own.Of) {
			continue
		}
		for _, word := range numbersIn(ev.Body.Reveal().Master.Summary) {
			out[word]++
		}
	}
	return out
}

// numbersIn are the numbers of invoices that a text names.
func numbersIn(s string) (out []string) {
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		if len(word) == 5 {
			out = append(out, word)
		}
	}
	return out
}

// checkDue: an open bill that is due stands in the calendar; one sent again is told once.
func (w *town) checkDue(i int, l *townLetter, b model.Bill, dates map[string]int) {
	w.t.Helper()
	today := w.now.Truncate(24 * time.Hour)
	n, open, ahead := dates[l.number], b.State == "open" || b.State == "", l.due.After(today.AddDate(0, 0, 1))
	switch {
	case l.class != "invoice" && l.class != "invoice-out" || w.mail.touched[l.number]:
	case w.lost: // what was filed since the copy is not read again
	case n > 1:
		for _, x := range w.bills() {
			if x.Number == l.number {
				w.say("bill %s of %s at %d: %s %s vendor %s, twins %v by %q, due %d, keys %v", x.ID[:6], x.MessageID, x.At, x.Class, x.State, x.Vendor, x.Twins, x.Layer, x.Due, x.Keys)
			}
		}
		w.broken("letter %d: invoice %s has %d due dates", i, l.number, n)
	case n == 0 && open && ahead && len(b.Twins) == 0:
		w.broken("letter %d: invoice %s, open and due on %s, has no due date", i, l.number, l.due.Format(time.DateOnly))
	case n == 1 && !open && !l.again && !w.sentTwice(l.number):
		w.broken("letter %d: invoice %s is %s and has a due date", i, l.number, b.State)
	}
}

// sentTwice reports whether another letter tells of the same number.
func (w *town) sentTwice(number string) bool {
	n := 0
	for _, l := range w.mail.letters {
		if l.number == number && l.class == "invoice" {
			n++
		}
	}
	return n > 1
}

// Whatever happens and in what order, however often the daemon dies, the ledger, the due
// dates, the reminders and the notes are exact.
func TestBillsWhateverHappens(t *testing.T) {
	for seed := *lawSeed; seed < *lawSeed+*lawCount; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := newBillTown(t, seed)
			for range 6 {
				w.mail.invoice()
			}
			w.rest()
			w.check()
			w.checkBills()
			if len(w.bills()) == 0 || len(w.dueDates()) == 0 {
				t.Fatal("no bill, or no due date at all")
			}
			for range 6 {
				w.history(30, seed%3 == 0)
				w.rest()
				w.check()
				w.checkBills()
				w.nothingNew()
				w.checkBills()
			}
		})
	}
}
