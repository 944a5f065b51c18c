package sync

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
	"chancery/sync/journal"
)

const rulesOfBills = `version: 1
defaults: {mode: enforce, folders: [INBOX, Team]}
lists: {ours: [firm.example]}
house: {firm: ours, authserv: [mx.firm.example]}
marks:
  billing: {keyword: lx-4}
  twice: {keyword: lx-5}
mail:
  - name: bills
    when: msg.bill.found
    then: [mark: billing]
  - name: twins
    when: msg.bill.found && msg.bill.duplicate
    then: [mark: twice]
`

// counter is a mailbox to which bills come.
type counter struct {
	*desk
	uid uint32
}

func newCounter(t testing.TB, rules string) *counter {
	c := &counter{desk: newDesk(t, SourceSpec{})}
	c.set = rulesFrom(t, rules)
	c.start()
	return c
}

// letter is a mail that came some minutes after the others; its author is proved.
func (c *counter) letter(ident, from, subject, text string, minute int) model.Change {
	c.uid++
	ref := at("INBOX", 1, c.uid)
	sent := c.now.Add(-time.Hour).Add(time.Duration(minute) * time.Minute)
	domain := from[strings.Index(from, "@")+1:]
	mail := model.Mail{Subject: subject, MessageID: "<" + ident + "@" + domain + ">", Date: sent, From: []model.Address{{Name: "Billing", Addr: from}},
		To: []model.Address{{Addr: "gc@firm.example"}}, Parts: []model.TextPart{{Text: text}},
		Header: map[string][]string{"Authentication-Results": {"mx.firm.example; dmarc=pass header.from=" + domain}}}
	return model.Change{Op: model.Put, Ref: ref, Ident: model.Ident(ident), Message: &model.Message{Ref: ref, Ident: model.Ident(ident),
		Arrived: sent, Size: 100, Body: model.Hide(mail)}}
}

// invoice is one of a vendor.
func (c *counter) invoice(ident string, number, minute int) model.Change {
	return c.letter(ident, "billing@copper.example", fmt.Sprintf("Invoice CR-%d", number),
		fmt.Sprintf("Please find our invoice.\n\nInvoice number: CR-%d\nInvoice date: March 2, 2026\nAmount due: USD 1,%03d.00\nDue date: April 1, 2026\n", number, number%1000), minute)
}

// remittance pays an invoice.
func (c *counter) remittance(ident string, number, minute int) model.Change {
	return c.letter(ident, "ap@copper.example", "Remittance advice",
		fmt.Sprintf("Remittance advice\n\nInvoice number: CR-%d\nAmount paid: USD 1,%03d.00\nPayment date: March 20, 2026\n", number, number%1000), minute)
}

// book is what the ledger has, by message: state, and whether it repeats another bill.
func (c *counter) book() map[string]string {
	c.t.Helper()
	out := map[string]string{}
	ident := map[string]string{}
	var all []model.Bill
	if err := c.j.Ledger(c.t.Context(), func(b model.Bill) { all, ident[b.ID] = append(all, b), string(b.Ident) }); err != nil {
		c.t.Fatal(err)
	}
	for _, b := range all {
		word := b.Class + " " + b.Plain + " " + b.State
		for _, id := range b.Twins {
			word += " twin of " + ident[id]
		}
		out[string(b.Ident)] = word
	}
	return out
}

func (c *counter) says(changes ...model.Change) {
	c.t.Helper()
	c.tell(changes...)
	c.turn()
}

// twices are the messages that are marked as repeating another.
func (c *counter) twices() (out []string) {
	for _, s := range c.applied {
		if m, ok := s.Action.(model.Mark); ok && m.Name == "twice" {
			out = append(out, string(s.Ident))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Two copies of an invoice are told as such, in one batch as in two; the same mail in
// two folders is one bill.
func TestTwins(t *testing.T) {
	for _, apart := range []bool{false, true} {
		c := newCounter(t, rulesOfBills)
		// The later one stands first in the mailbox.
		batch := []model.Change{c.invoice("late", 17, 20), c.invoice("early", 17, 10), c.invoice("early", 17, 10), c.invoice("other", 400, 15)}
		if apart {
			for _, i := range []int{1, 2, 3, 0} {
				c.says(batch[i])
			}
		} else {
			c.says(batch...)
		}
		want := map[string]string{"early": "vendor CR17 open", "late": "vendor CR17 open twin of early", "other": "vendor CR400 open"}
		if got := c.book(); !maps.Equal(got, want) {
			t.Errorf("apart %v:\n got %v\nwant %v", apart, got, want)
		}
		if got := c.twices(); !slices.Equal(got, []string{"late"}) {
			t.Errorf("apart %v: marked %v", apart, got)
		}
	}
}

// A remittance pays its invoice, whichever is read first.
func TestPaidInAnyOrder(t *testing.T) {
	for name, order := range map[string][][]int{"one batch": {{0, 1}}, "turned": {{1, 0}}, "apart": {{0}, {1}}, "remittance first": {{1}, {0}}} {
		c := newCounter(t, rulesOfBills)
		batch := []model.Change{c.invoice("bill", 18, 1), c.remittance("paid", 18, 30)}
		for _, part := range order {
			var cs []model.Change
			for _, i := range part {
				cs = append(cs, batch[i])
			}
			c.says(cs...)
		}
		if got := c.book()["bill"]; got != "vendor CR18 paid" {
			t.Errorf("%s: %s", name, got)
		}
		// Read once more, nothing is opened.
		c.says(c.invoice("bill", 18, 1))
		if got := c.book()["bill"]; got != "vendor CR18 paid" {
			t.Errorf("%s, read again: %s", name, got)
		}
	}
}

// What a person said stays, whatever mail comes.
func TestPersonKeepsBillOpen(t *testing.T) {
	c := newCounter(t, rulesOfBills)
	c.says(c.invoice("bill", 19, 1))
	var id string
	if err := c.j.Ledger(t.Context(), func(b model.Bill) { id = b.ID }); err != nil {
		t.Fatal(err)
	}
	if ok, err := c.j.SetBillState(t.Context(), id, journal.BillOpen, journal.ByPerson, c.now); !ok || err != nil {
		t.Fatal(ok, err)
	}
	c.says(c.remittance("paid", 19, 30))
	if got := c.book()["bill"]; got != "vendor CR19 open" {
		t.Error(got)
	}
}

// A batch leads to the same ledger and the same marks however it is cut, with rules
// that look at threads and without.
func TestBillsDoNotDependOnBatches(t *testing.T) {
	threads := rulesOfBills + "  - name: along\n    when: msg.thread.has(\"twice\")\n    then: [star: true]\n"
	for _, rules := range []string{rulesOfBills, threads} {
		for seed := range uint64(3) {
			r := rand.New(rand.NewPCG(seed, 3))
			type outcome struct {
				book   map[string]string
				twices []string
			}
			var first outcome
			for cut := range 6 {
				c := newCounter(t, rules)
				if cut > 3 {
					c.w.e.desks.words = 1 // the journal is asked mail by mail
				}
				s := rand.New(rand.NewPCG(seed, 9))
				var all []model.Change
				for n := range 40 {
					ident := fmt.Sprint("m", n)
					switch s.IntN(4) {
					case 0:
						all = append(all, c.remittance(ident, 100+s.IntN(8), n))
					case 1:
						all = append(all, c.letter(ident, "jo@copper.example", "Lunch", "See you at noon.", n))
					default:
						all = append(all, c.invoice(ident, 100+s.IntN(8), n))
					}
				}
				for rest := all; len(rest) > 0; {
					n := len(rest)
					if cut > 0 && cut < 5 {
						n = min(n, 1+r.IntN(12))
					}
					part := slices.Clone(rest[:n])
					r.Shuffle(len(part), func(a, b int) { part[a], part[b] = part[b], part[a] })
					c.says(part...)
					rest = rest[n:]
				}
				got := outcome{c.book(), c.twices()}
				if cut == 0 {
					first = got
					continue
				}
				if !maps.Equal(got.book, first.book) || !slices.Equal(got.twices, first.twices) {
					for k, v := range first.book {
						if got.book[k] != v {
							t.Errorf("%s: %q, in one batch %q", k, got.book[k], v)
						}
					}
					t.Fatalf("seed %d, cut %d:\n%v\n%v", seed, cut, got.twices, first.twices)
				}
			}
			if len(first.twices) == 0 || len(first.book) == 0 {
				t.Fatal("nothing happens")
			}
		}
	}
}

// A preview says what a run will do, remembers the bills of earlier batches, and writes
// nothing.
func TestPlanKnowsItsBills(t *testing.T) {
	c := newCounter(t, rulesOfBills)
	batches := func() []connectors.Batch {
		c.uid = 0
		return []connectors.Batch{
			{Changes: []model.Change{c.invoice("a", 20, 1), c.invoice("other", 500, 2)}, Next: "1", More: true},
			{Changes: []model.Change{c.invoice("b", 20, 3), c.remittance("r", 500, 4)}, Next: "2"},
		}
	}
	c.batches = batches()
	previews := c.w.e.Plan(t.Context())
	if len(c.book()) != 0 {
		t.Fatal("a preview wrote into the ledger")
	}
	var planned []string
	for _, s := range previews[0].Steps {
		planned = append(planned, string(s.Ident)+" "+s.Rule)
	}
	bills, _, err := c.w.e.billsOf(t.Context(), []model.SourceID{"gc"}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, b := range bills {
		seen[string(b.Ident)] = b.State
	}
	c.start()
	c.batches = batches()
	c.turn()
	var done []string
	for _, s := range c.applied {
		done = append(done, string(s.Ident)+" "+s.Rule)
	}
	slices.Sort(planned)
	slices.Sort(done)
	if !slices.Equal(planned, done) || !slices.Contains(planned, "b twins") {
		t.Errorf("planned %v\ndone    %v", planned, done)
	}
	if bills, _, err = c.w.e.billsOf(t.Context(), []model.SourceID{"gc"}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	for _, b := range bills {
		if seen[string(b.Ident)] != b.State {
			t.Errorf("%s: planned %q, is %q", string(b.Ident), seen[string(b.Ident)], b.State)
		}
	}
	if len(bills) != len(seen) || seen["other"] != journal.BillPaid {
		t.Errorf("%d bills, planned %v", len(bills), seen)
	}
}

// Who explains a message sees what a decision would depend on now.
func TestBillViews(t *testing.T) {
	c := newCounter(t, rulesOfBills)
	c.says(c.invoice("a", 21, 1), c.invoice("b", 21, 2))
	cs := []model.Change{c.invoice("b", 21, 2), c.letter("x", "jo@copper.example", "Lunch", "Noon?", 3)}
	views := []model.View{{Now: c.now}, {Now: c.now}}
	if err := BillViews(t.Context(), c.j, c.set, cs, views); err != nil {
		t.Fatal(err)
	}
	var of []string
	for _, b := range views[0].Bills {
		of = append(of, string(b.Ident))
	}
	if !slices.Equal(of, []string{"a", "b"}) || views[1].Bills != nil {
		t.Errorf("bills of %v, and %d", of, len(views[1].Bills))
	}
}

// Once a day what is settled and old is forgotten.
func TestLedgerIsPruned(t *testing.T) {
	c := newCounter(t, rulesOfBills)
	c.says(c.invoice("open", 22, 1), c.invoice("bill", 23, 2), c.remittance("paid", 23, 3))
	c.now = c.now.AddDate(0, 0, model.BillsKept-1)
	c.says()
	if n := len(c.book()); n != 3 {
		t.Fatalf("%d bills", n)
	}
	c.now = c.now.AddDate(0, 0, 2)
	c.says()
	if got := c.book(); len(got) != 1 || got["open"] != "vendor CR22 open" {
		t.Errorf("%v", got)
	}
}
