package sync

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
	"chancery/rules/billdesk"
	"chancery/sync/journal"
)

// billOffice is a bureau with a billing desk, its ledger, and what people decided.
type billOffice struct {
	*bureau
	bills  map[string]model.Bill
	serial int
}

const billingCalendar = "c/billing"

func newBillOffice(t *testing.T, seed int64) *billOffice {
	t.Helper()
	b := newBureau(t, seed, "slots: true")
	b.cal[billingCalendar] = &shelfServer{b: b, id: billingCalendar, events: map[model.Name]model.Event{}, mine: map[model.Name]string{}}
	b.desk = model.BillDesk{Calendar: billingCalendar, Notes: "weekly", Day: int(time.Monday), At: 450, Before: 3, Prebill: 72}
	b.start()
	return &billOffice{bureau: b, bills: map[string]model.Bill{}}
}

// tell writes bills into the ledger, as the mail of the principal would.
func (o *billOffice) tell(bills ...model.Bill) {
	o.t.Helper()
	for _, b := range bills {
		o.bills[b.ID] = b
	}
	turn := journal.Turn{Lease: o.e.workers["pa"].lease, Now: o.now, KeepCursor: true, Bills: bills}
	if _, err := o.j.Commit(o.t.Context(), turn); err != nil {
		o.t.Fatal(err)
	}
	o.e.billed(bills)
}

// bill is one that came now and is due in some days.
func (o *billOffice) bill(class string, days int) model.Bill {
	o.serial++
	b := model.Bill{ID: fmt.Sprintf("%032x", o.serial), Source: "pa", MessageID: fmt.Sprintf("<b%d@vendor.example>", o.serial), At: model.UnixTime(o.now.Unix()),
		Class: class, Number: fmt.Sprint("N-", o.serial), Plain: fmt.Sprint("N", o.serial), Vendor: "vendor.example", Amount: 100, Currency: "USD", State: "open"}
	if days > 0 {
		b.Due = model.UnixTime(o.now.Truncate(24*time.Hour).AddDate(0, 0, days).Unix())
	}
	return b
}

// due are the due dates that stand, by their day.
func (o *billOffice) due() (out []model.Event) {
	for _, href := range slices.Sorted(maps.Keys(o.cal[billingCalendar].events)) {
		out = append(out, o.cal[billingCalendar].events[href])
	}
	return out
}

// notesOf counts the notes that lie in the mailbox, by the kind of their finding.
func (o *billOffice) notesOf(kind string) (n int) {
	for _, x := range o.notes.there {
		if strings.HasPrefix(string(x.of), kind) {
			n++
		}
	}
	return n
}

func TestDueDatesFollowTheLedger(t *testing.T) {
	o := newBillOffice(t, 1)
	b := o.bill("vendor", 20)
	o.tell(b, o.bill("remittance", 20))
	o.rest()
	if list := o.due(); len(list) != 1 || list[0].Body.Reveal().Master.Start.Wall.Weekday() == time.Sunday {
		t.Fatalf("%d due dates", len(list))
	}
	first := o.due()[0].Body.Reveal().Master.Start.Wall
	b.Due += 7 * 24 * 3600
	o.tell(b)
	o.rest()
	if list := o.due(); len(list) != 1 || list[0].Body.Reveal().Master.Start.Wall.Sub(first) != 7*24*time.Hour {
		t.Fatal("the due date did not move with the bill")
	}
	writes := o.writes
	o.start()
	o.rest()
	if o.writes != writes {
		t.Fatalf("a restart wrote %d times", o.writes-writes)
	}
	if _, err := o.j.SetBillState(t.Context(), b.ID, "paid", "person", o.now); err != nil {
		t.Fatal(err)
	}
	o.e.Billed()
	o.rest()
	if len(o.due()) != 0 {
		t.Fatal("the due date of a bill that is paid stands")
	}
	if _, err := o.j.SetBillState(t.Context(), b.ID, "open", "person", o.now); err != nil {
		t.Fatal(err)
	}
	o.e.Billed()
	o.rest()
	if len(o.due()) != 1 {
		t.Fatal("a bill that is open again has no due date")
	}
	o.desk = model.BillDesk{}
	o.more = []model.SourceID{billingCalendar} // it is still followed
	o.start()
	o.rest()
	if len(o.due()) != 0 {
		t.Fatal("without a desk its due dates stand")
	}
}

// What a person did to a due date stands, whatever becomes of its bill, and also after
// the journal was lost.
func TestPersonWinsOverDueDates(t *testing.T) {
	o := newBillOffice(t, 2)
	bills := []model.Bill{o.bill("vendor", 10), o.bill("vendor", 12), o.bill("vendor", 14)}
	o.tell(bills...)
	o.rest()
	cal := o.cal[billingCalendar]
	hrefs := slices.Sorted(maps.Keys(cal.events))
	cal.drop(hrefs[0])
	cal.mine[hrefs[0]] = ""
	ev := cal.events[hrefs[1]]
	own := *ev.Own
	own.Intact, ev.Own = false, &own
	cal.mine[hrefs[1]] = cal.put(ev).Ref.Version
	o.rest()
	for i := range bills {
		bills[i].Due += 24 * 3600
	}
	o.tell(bills...)
	o.rest() // the server fails the test if one that a person has is written
	if len(cal.events) != 2 || cal.events[hrefs[1]].Ref.Version != cal.mine[hrefs[1]] {
		t.Fatal("what a person decided does not stand")
	}
}

// Another journal, and the same calendar: what stands is not written a second time.
func TestDueDatesAreAdopted(t *testing.T) {
	o := newBillOffice(t, 3)
	b := o.bill("vendor", 20)
	o.tell(b)
	o.rest()
	fresh := newBillOffice(t, 3)
	fresh.cal, fresh.notes = o.cal, o.notes
	for _, c := range fresh.cal {
		c.b = fresh.bureau
	}
	fresh.notes.b = fresh.bureau
	fresh.start()
	fresh.tell(b)
	fresh.rest()
	if fresh.writes != 0 || len(fresh.due()) != 1 {
		t.Fatalf("%d writes, %d due dates", fresh.writes, len(fresh.due()))
	}
	b.State = "void"
	fresh.tell(b)
	fresh.rest()
	if len(fresh.due()) != 0 {
		t.Fatal("what was adopted is not taken away")
	}
}

// Nothing but the desk: no calendars, no holds, not even due dates.
func TestDeskAlone(t *testing.T) {
	o := newBillOffice(t, 4)
	o.desk.Calendar = ""
	o.bureau.start()
	spec := &o.e.settlers[0].spec
	spec.Calendars, spec.Holds = nil, ""
	o.e.opt.Principals[0] = *spec
	notice := o.bill("portal", 0)
	notice.Event = "rejected"
	o.tell(notice, o.bill("vendor", 9))
	o.rest()
	if o.notesOf("br:") != 1 || o.notesOf("bn:") != 0 || len(o.due()) != 0 {
		t.Fatalf("%d reminders, %d notes", o.notesOf("br:"), o.notesOf("bn:"))
	}
	o.now = o.now.AddDate(0, 0, 7)
	o.rest()
	if o.notesOf("bn:") != 1 {
		t.Fatalf("%d notes", o.notesOf("bn:"))
	}
}

// A calendar that cannot be read keeps nobody from the note.
func TestNoteWithoutCalendars(t *testing.T) {
	o := newBillOffice(t, 5)
	o.tell(o.bill("vendor", 9))
	o.now = o.now.AddDate(0, 0, 7)
	o.start() // nothing is listed yet
	if _, err := o.e.settlers[0].settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := o.e.workers["pa"].turn(t.Context(), t.Context()); err != nil {
		t.Fatal(err)
	}
	if o.notesOf("bn:") != 1 || len(o.due()) != 0 || o.writes != 1 {
		t.Fatalf("%d notes, %d writes", o.notesOf("bn:"), o.writes)
	}
	o.rest()
	if o.notesOf("bn:") != 1 || len(o.due()) != 1 {
		t.Fatal("with its calendars nothing follows")
	}
}

// A late note waits until the mail that came meanwhile was read, but not for a server
// that does not answer, nor for ever.
func TestLateNoteWaitsForMail(t *testing.T) {
	o := newBillOffice(t, 6)
	p := o.e.opt.Principals[0]
	o.e.running.Store(true)
	defer o.e.running.Store(false)
	o.e.began.Store(o.now.Unix())
	if o.e.caughtUp(p) {
		t.Fatal("nothing was read yet")
	}
	b, again, err := o.e.billingOf(t.Context(), p, nil)
	if b != nil || again.IsZero() || err != nil {
		t.Fatalf("it does not wait: %v, %v", again, err)
	}
	o.e.workers["pa"].state.set("auth", errCut, o.now)
	if !o.e.caughtUp(p) {
		t.Error("it waits for a server that does not answer")
	}
	o.e.workers["pa"].state.set("following", nil, o.now)
	o.e.workers["pa"].throughMail()
	if !o.e.caughtUp(p) {
		t.Error("all was read")
	}
	o.e.workers["pa"].through.Store(false)
	o.now = o.now.Add(catchUp + time.Second)
	if !o.e.caughtUp(p) {
		t.Error("it waits for ever")
	}
}

// Whatever happens, and wherever a process dies: each open bill has one event unless a
// person decided otherwise, each week one note, each trouble one reminder, and what is
// settled nothing. What people did is never done over: the servers check that.
func TestAnythingMayHappenToBilling(t *testing.T) {
	for seed := range int64(20) {
		o := newBillOffice(t, 100+seed)
		weeks := map[string]bool{}
		for step := range 25 {
			for range o.r.Intn(3) {
				class := []string{"vendor", "invoice-in", "invoice-out", "prebill", "portal"}[o.r.Intn(5)]
				b := o.bill(class, 1+o.r.Intn(40))
				if class == "portal" {
					b.Event = []string{"rejected", "on-hold", "approved", "deadline"}[o.r.Intn(4)]
				}
				o.tell(b)
			}
			for _, id := range slices.Sorted(maps.Keys(o.bills)) {
				if b := o.bills[id]; o.r.Intn(12) == 0 {
					b.State, b.By = []string{"paid", "void", "disputed"}[o.r.Intn(3)], "person"
					if _, err := o.j.SetBillState(t.Context(), id, b.State, "person", o.now); err != nil {
						t.Fatal(err)
					}
					o.bills[id] = b
					o.e.Billed()
				}
			}
			cal := o.cal[billingCalendar]
			if hrefs := slices.Sorted(maps.Keys(cal.events)); len(hrefs) > 0 && o.r.Intn(3) == 0 {
				if href := hrefs[o.r.Intn(len(hrefs))]; cal.events[href].Own.Intact {
					o.handle(cal, href)
				}
			}
			if o.r.Intn(3) == 0 {
				o.fault = o.writes + 1 + o.r.Intn(4)
			}
			if o.r.Intn(4) == 0 {
				o.start()
			}
			o.rest()
			o.checkBilling(seed, step, weeks)
			o.now = o.now.Add(time.Duration(o.r.Intn(60)) * time.Hour)
		}
	}
}

func (o *billOffice) checkBilling(seed int64, step int, weeks map[string]bool) {
	o.t.Helper()
	cal := o.cal[billingCalendar]
	view := model.View{Now: o.now, Principal: o.e.settlers[0].spec.Principal, Findings: map[model.Ident]model.Finding{},
		Billing: model.BillView{Desk: o.desk, Began: 1}}
	for _, id := range slices.Sorted(maps.Keys(o.bills)) {
		view.Billing.Bills = append(view.Billing.Bills, o.bills[id])
	}
	wanted := map[model.Name]bool{}
	for _, s := range billdesk.Decide(view, true, "").Steps {
		if h, ok := s.Action.(model.Hold); ok {
			wanted[model.Name("/"+h.UID)] = true
		}
	}
	for href := range wanted {
		_, touched := cal.mine[href]
		if _, there := cal.events[href]; !there && !touched {
			o.t.Fatalf("seed %d, step %d: a bill has no event", seed, step)
		}
	}
	today := o.now.Truncate(24 * time.Hour)
	for href, ev := range cal.events {
		if _, touched := cal.mine[href]; !touched && !wanted[href] && !ev.Body.Reveal().Master.Start.Wall.Before(today) {
			o.t.Fatalf("seed %d, step %d: an event of no bill", seed, step)
		}
	}
	seen := map[model.Ident]int{}
	for _, x := range o.notes.there {
		if seen[x.of]++; seen[x.of] > 1 {
			o.t.Fatalf("seed %d, step %d: two notes of one finding", seed, step)
		}
		if strings.HasPrefix(string(x.of), "bn:") {
			weeks[string(x.of)] = true
		}
	}
	if n := o.notesOf("bn:"); n != len(weeks) {
		o.t.Fatalf("seed %d, step %d: %d notes of %d weeks", seed, step, n, len(weeks))
	}
}

// A prebill whose mail was answered is known as answered, also if the change says only
// where the mail lies; what the mail says else stays.
func TestAnsweredPrebill(t *testing.T) {
	o := newBillOffice(t, 7)
	o.e.rules.Store(rulesFrom(t, o.rules+"mail:\n  - {name: all, when: 'msg.bill.found', then: [star]}\n"))
	b, other := o.bill("prebill", 0), o.bill("prebill", 0)
	b.Ident, other.Ident = "m:1", "m:2"
	o.tell(b, other)
	o.now = o.now.Add(80 * time.Hour)
	o.rest()
	if o.notesOf("br:") != 2 {
		t.Fatalf("%d reminders", o.notesOf("br:"))
	}
	c := model.Change{Op: model.Marked, Ident: "m:1", Ref: model.Ref{Source: "pa", Mailbox: "INBOX", UIDValidity: 1, UID: 1},
		Message: &model.Message{Ident: "m:1", Flags: model.Flags{`\Seen`, `\answered`}}}
	w := o.e.workers["pa"]
	turn, _, err := o.e.decideMail(t.Context(), w.round, []model.Change{c})
	if err != nil || len(turn.Bills) != 1 || !turn.Bills[0].Answered || turn.Bills[0].Number != b.Number {
		t.Fatalf("%d bills, %v", len(turn.Bills), err)
	}
	turn.KeepCursor = true
	if err := w.write(t.Context(), turn, []model.Change{c}); err != nil {
		t.Fatal(err)
	}
	o.rest()
	if o.notesOf("br:") != 1 {
		t.Fatalf("%d reminders", o.notesOf("br:"))
	}
	if turn, _, err = o.e.decideMail(t.Context(), w.round, []model.Change{c}); err != nil || len(turn.Bills) != 0 {
		t.Fatalf("what is known is told again: %d, %v", len(turn.Bills), err)
	}
}
