package billdesk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"chancery/internal/model"
	"chancery/rules/billing"
)

// How much a note lists; the attached ledger has the rest.
const (
	maxItems  = 10     // of a section
	allItems  = 56     // of all together; a section has three at least
	maxPage   = 98_000 // octets: Gmail cuts mails of more than 102 KB
	maxRows   = 15
	maxCharts = 3 // of each direction
	lately    = 31
	weekDays  = 7 // today is the first
)

// report is what a note says, before it is written as text and as HTML.
type report struct {
	s        *desk
	from, at time.Time // what came in between is new
	tiles    []tile
	sections []section
	charts   []chart
	totals   []total
	undated  int
	ids      []string // Message-IDs that items refer to, from 1 on
	known    map[string]int
	told     map[*model.Bill]bool
	room     int // for items
	page     string
}

// tile is a number at the top.
type tile struct {
	n    int
	what string
	warm bool
}

type section struct {
	title, lead string
	items       []item
	more        int
	warm        bool
}

// item is one bill. All of it is clean.
type item struct {
	who, money, facts, note, subject string
	ref                              int // of ids; 0: none
}

// tell gathers what the note of the moment at says: as much as goes onto the page.
func (s *desk) tell(from, at time.Time) *report {
	for room := allItems; ; room /= 2 {
		r := s.tellSome(from, at, room)
		if r.page = r.html(); len(r.page) <= maxPage || room == 0 {
			return r
		}
	}
}

func (s *desk) tellSome(from, at time.Time, room int) *report {
	r := &report{s: s, from: from, at: at, known: map[string]int{}, told: map[*model.Bill]bool{}, room: room}
	var check, week, late, overdue, twice, faulty, fresh []*model.Bill
	for _, b := range s.book.bills {
		if len(b.Twins) > 0 && open(b) && !veiled(b) && s.age(b) <= lately {
			twice = append(twice, b)
		}
		if len(b.Faults) > 0 && open(b) && !veiled(b) && s.age(b) <= lately {
			faulty = append(faulty, b)
		}
		if alarming(b) && (open(b) || waitsForAPerson(b) && s.age(b) <= lately) {
			check = append(check, b)
		}
		if dueKinds[b.Class] != "" && open(b) && b.Due != 0 && !veiled(b) && !s.covered(b) {
			switch due := dayAt(b.Due); {
			case due < s.today && toPay(b):
				late = append(late, b)
			case due < s.today && owed(b):
				overdue = append(overdue, b)
			case due >= s.today && due < s.today+weekDays:
				week = append(week, b)
			}
		}
		if t := time.Unix(int64(b.At), 0); t.After(from) && !t.After(at) {
			fresh = append(fresh, b)
		}
	}
	for _, list := range [][]*model.Bill{check, twice, faulty, fresh} {
		slices.Reverse(list) // the newest first
	}
	for _, list := range [][]*model.Bill{week, late, overdue} {
		slices.SortStableFunc(list, func(a, b *model.Bill) int { return cmp.Compare(a.Due, b.Due) })
	}
	r.tiles = []tile{{len(check), "to check", true}, {len(late) + len(overdue), "past due", true}, {len(week), "due this week", false}, {len(fresh), "new", false}}

	if n := s.v.Billing.Left; n > 0 {
		r.sections = append(r.sections, section{title: "More bills than this note knows", warm: true,
			lead: "Mails with many bills have filled the ledger: " + plural(n, "bill") + " of theirs " + isAre(n) + " neither told nor added up here. The command chancery ledger lists all."})
	}
	r.add("Check these first", "Somebody should look at these before anything is paid.", true, check, func(b *model.Bill) string { return capital(doubts(b)) + "." })
	r.addWaiting()
	r.add("Due this week", "Until "+(s.today+weekDays-1).long()+".", false, week, checkFirst)
	r.add("Past due: to pay", "The oldest first.", true, late, checkFirst)
	r.add("Past due: owed to us", "The oldest first.", true, overdue, nil)
	r.add("Here twice?", "These seem to repeat an earlier bill, and came in the last month.", false, twice, r.twin)
	r.add("LEDES files with errors", "Portals reject these. They came in the last month.", false, faulty, faults)
	r.addFresh(fresh)
	r.sum()
	return r
}

// checkFirst reminds of a doubt wherever a bill asks to be paid, and tells of an account
// that is new: nobody doubts it, and nothing but a person can prove it.
func checkFirst(b *model.Bill) string {
	if alarming(b) {
		return "To be checked before it is paid: see above."
	}
	return newAccount(b)
}

func (s *desk) age(b *model.Bill) day {
	return s.today - dayOf(time.Unix(int64(b.At), 0).In(s.zone))
}

// empty reports whether there was nothing to tell at the moment of the note: bills
// that came since then are for the next one.
func (r *report) empty() bool {
	return !slices.ContainsFunc(r.s.book.bills, func(b *model.Bill) bool {
		t := time.Unix(int64(b.At), 0)
		return !t.After(r.at) && (open(b) && b.Class != "remittance" || t.After(r.from))
	})
}

func (r *report) subject() string {
	var news []string
	for _, t := range r.tiles {
		if t.n > 0 {
			news = append(news, fmt.Sprintf("%d %s", t.n, t.what))
		}
	}
	return joined(": ", r.title(), strings.Join(news, ", "))
}

func (r *report) title() string {
	d := dayOf(r.at.In(r.s.zone))
	if r.s.d.Notes == "daily" {
		return "Billing, " + d.utc().Format("Monday 2 January")
	}
	return "Billing, week of " + d.utc().Format("2 January")
}

// add adds a section; none without bills. note says what is special about each.
func (r *report) add(title, lead string, warm bool, list []*model.Bill, note func(*model.Bill) string) {
	if len(list) == 0 {
		return
	}
	sec := section{title: title, lead: lead, warm: warm, more: max(0, len(list)-max(3, min(maxItems, r.room)))}
	r.room -= len(list) - sec.more
	for _, b := range list[:len(list)-sec.more] {
		said := ""
		if note != nil {
			said = note(b)
		}
		sec.items = append(sec.items, r.item(b, said))
	}
	r.sections = append(r.sections, sec)
}

func (r *report) addWaiting() {
	var stuck, prebills []*model.Bill
	for _, t := range r.s.waiting() {
		if t.kind == "prebill" {
			prebills = append(prebills, t.b)
		} else {
			stuck = append(stuck, t.b)
		}
	}
	slices.Reverse(stuck)
	r.add("Rejected or on hold", "Somebody has to go on with these in the portal.", true, stuck, nil)
	r.add("Prebills without an answer", "The oldest first.", false, prebills, func(b *model.Bill) string {
		if n := int(r.s.age(b)); n > 0 {
			return "Waits for " + plural(n, "day") + "."
		}
		return "" // it says already that it came today
	})
}

// addFresh lists what is new and not told above.
func (r *report) addFresh(fresh []*model.Bill) {
	rest := slices.DeleteFunc(slices.Clone(fresh), func(b *model.Bill) bool { return r.told[b] })
	lead := "Since " + dayOf(r.from.In(r.s.zone)).long() + "."
	if n := len(fresh) - len(rest); n > 0 {
		lead += " " + plural(n, "new one") + " stand above."
		if n == 1 {
			lead = strings.TrimSuffix(lead, "stand above.") + "stands above."
		}
	}
	r.add("New", lead, false, rest, newAccount)
}

// classWords call a mail by its class.
var classWords = map[string]string{
	"prebill": "prebill", "invoice-out": "our invoice", "invoice-in": "invoice", "vendor": "invoice", "portal": "portal notice",
	"remittance": "remittance", "past-due": "reminder to pay", "aging": "aging report", "write-off": "write-off request", "trust": "trust or retainer mail",
	"accrual": "accrual request", "budget": "budget request",
}

var eventWords = map[string]string{
	"received": "received", "approved": "approved", "reduced": "reduced", "rejected": "rejected", "on-hold": "on hold", "deadline": "deadline", "paid": "paid", "part-paid": "paid in part",
}

// between stands between facts; lines end after it.
const between = "\u00a0· "

// together keeps words on one line.
func together(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") }

// item says what a bill is; of trust mail no more than that it is there.
func (r *report) item(b *model.Bill, note string) item {
	r.told[b] = true
	s := r.s
	came := dayOf(time.Unix(int64(b.At), 0).In(s.zone))
	class := capital(cmp.Or(classWords[b.Class], clean(b.Class, maxNumber)))
	if veiled(b) {
		return item{who: class, facts: together("came " + came.shown(s.today)), note: note, ref: r.ref(b)}
	}
	what := joined(" ", class, clean(b.Number, maxNumber))
	if e := eventWords[b.Event]; e != "" {
		what += ": " + e
	}
	due := ""
	if b.Due != 0 {
		d := dayAt(b.Due)
		due = "due " + d.shown(s.today)
		if n := int(s.today - d); n > 0 && open(b) && (toPay(b) || owed(b)) {
			due += ", " + plural(n, "day") + " late"
		}
	}
	who := party(b)
	it := item{
		who: cmp.Or(who, what), money: amount(b), note: note, ref: r.ref(b), subject: clean(b.Subject, maxSubject),
		facts: joined(between, unlessSame(what, cmp.Or(who, what)), unlessSame(matter(b), who), together(due), together("came "+came.shown(s.today))),
	}
	if !open(b) {
		it.facts += between + clean(b.State, maxNumber)
	}
	return it
}

// ref numbers the Message-ID of a bill.
func (r *report) ref(b *model.Bill) int {
	id := messageID(b)
	if id == "" {
		return 0
	}
	if r.known[id] == 0 {
		r.ids = append(r.ids, id)
		r.known[id] = len(r.ids)
	}
	return r.known[id]
}

// twin names the bill that came earlier.
func (r *report) twin(b *model.Bill) string {
	said := capital(billing.SayLayer(b.Layer))
	t := r.s.book.byID[b.Twins[0]]
	if t == nil || veiled(t) {
		return said + " one that came earlier."
	}
	came := dayOf(time.Unix(int64(t.At), 0).In(r.s.zone))
	said += " " + joined(", ", cmp.Or(number(t), "one"), amount(t), "which came "+came.shown(r.s.today))
	if !open(t) {
		said += " and is " + clean(t.State, maxNumber)
	}
	return said + "."
}

func faults(b *model.Bill) string {
	list := make([]string, 0, maxDoubts)
	for _, f := range b.Faults[:min(len(b.Faults), maxDoubts)] {
		list = append(list, cmp.Or(billing.SayFault(f), clean(f, maxNumber)))
	}
	said := capital(strings.Join(list, "; "))
	if n := len(b.Faults) - len(list); n > 0 {
		said += fmt.Sprintf("; and %d more", n)
	}
	return said + "."
}
