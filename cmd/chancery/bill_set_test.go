package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/config"
	"chancery/internal/mime"
	"chancery/internal/model"
	"chancery/rules"
)

// billSet is the whole labelled set: mail written by hand, and the same few facts in
// many shapes.
func billSet() []billLetter {
	return slices.Concat(billsIn, billsHouse, billsPortal, billsFraud, billsNone, billsShaped(60))
}

// billsShaped are n invoices whose facts are drawn and whose shape, wording, notation of
// money and dates differ.
func billsShaped(n int) (out []billLetter) {
	r := rand.New(rand.NewPCG(7, 61))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	for i := range n {
		number := pick("", "INV-", "NC", "2026-", "A/") + fmt.Sprint(10000+r.IntN(89999))
		matter := pick("10042.0070", "10042.0071", "10055.0001", "00420.0003")
		cents := 100*(50+r.IntN(90_000)) + r.IntN(100)
		date := time.Date(2026, 1, 20+r.IntN(35), 0, 0, 0, 0, time.UTC)
		due := date.AddDate(0, 0, []int{14, 30, 45, 60}[r.IntN(4)])
		written := func(d time.Time) string {
			return d.Format(pick("January 2, 2006", "2 January 2006", "2006-01-02", "Jan 2, 2006", "02-Jan-2006"))
		}
		dollars, code := group(cents/100, ",")+fmt.Sprintf(".%02d", cents%100), "USD"
		money := pick("$", "USD ", "US$") + dollars
		if r.IntN(4) == 0 {
			code = "EUR"
			money = pick("EUR ", "€ ") + pick(dollars, group(cents/100, ".")+fmt.Sprintf(",%02d", cents%100))
		}
		l := billLetter{name: fmt.Sprint("shaped-", i), want: fmt.Sprintf("invoice-in; %s %d.%02d %s date=%s due=%s matter=%s", number, cents/100, cents%100, code, date.Format(time.DateOnly), due.Format(time.DateOnly), matter)}
		facts := fmt.Sprintf("%s %s\n%s: %s\n%s %s\n%s: %s\n%s: %s\n",
			pick("Invoice no.", "Invoice number:", "Invoice #", "Bill no."), number, pick("Invoice date", "Date", "Dated"), written(date),
			pick("Matter", "Our file", "Client-Matter:", "Re:"), matter, pick("Total due", "Amount due", "Balance due", "Total amount due", "Please pay"), money,
			pick("Due date", "Payment due", "Payable by", "Due by"), written(due))
		services := "For professional services rendered in the matter.\n"
		switch r.IntN(5) {
		case 0:
			l.subject, l.text = "Invoice "+number, "Dear Gale,\n\n"+services+facts+"\nBest regards\n"
		case 1:
			l.subject, l.html = "Your invoice "+number, "<p>"+services+"</p><div>"+strings.ReplaceAll(strings.TrimSpace(facts), "\n", "</div><div>")+"</div>"
		case 2:
			l.subject, l.text, l.files = "Invoice attached", "Please see the attachment.\n", []billFile{pdfFile("invoice.pdf", "North Counsel LLP\n"+services+facts)}
		case 3:
			l.from, l.subject = "Sam Ortiz <sam.ortiz@firm.example>", "Fwd: Invoice "+number
			l.text = "Please process.\n\n---------- Forwarded message ---------\nFrom: NC Billing <billing@northcounsel.example>\nDate: Mon, Mar 2, 2026 at 9:00 AM\nSubject: Invoice " + number + "\nTo: <sam.ortiz@firm.example>\n\n" + services + facts
		case 4:
			l.subject, l.text = "Invoice "+number+" for "+matter, facts+services+"\n-- \nNC Billing | 100 Pier Street | Tel. +1 415 555 0100\n"
		}
		out = append(out, l)
	}
	return out
}

// group writes a whole number with a separator every three digits.
func group(n int, sep string) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + sep + s[i:]
	}
	return s
}

// billReader reads bills as the daemon does, with the shipped rules and the people and
// matters of their tests.
type billReader struct {
	t   testing.TB
	set *rules.Set
}

func newBillReader(t testing.TB) *billReader {
	t.Helper()
	cfg, errs := config.Load(config.Example(), "")
	if errs.Fatal() {
		t.Fatal(errs)
	}
	plain, problems := rules.Compile(&cfg.Rules)
	if plain == nil {
		t.Fatal(problems)
	}
	set, problems := rules.ForTests(&cfg.Rules, plain)
	if set == nil {
		t.Fatal(problems)
	}
	return &billReader{t, set}
}

func (b *billReader) bills(raw []byte) []model.Bill {
	need := b.set.Need()
	need.Bills = true
	mail := mime.ReadFor(raw, need, pdfs.Read)
	ref := model.Ref{Source: "gc-mail", Mailbox: "INBOX", UIDValidity: 1, UID: 1}
	msg := &model.Message{Ref: ref, Ident: model.Ident("m:" + mail.MessageID), Arrived: mail.Date, Size: int64(len(raw)), Body: model.Hide(mail)}
	return b.set.Bills(model.Change{Op: model.Put, Ref: ref, Ident: msg.Ident, Message: msg}, model.View{Now: mail.Date.Add(time.Hour)})
}

// TestBillSet reads the whole set and counts, fact by fact. What is wrong is written to
// the file that $CHANCERY_BILL_REPORT names. The rates hold what has been reached.
func TestBillSet(t *testing.T) {
	reader := newBillReader(t)
	score, wrong := map[string][2]int{}, []string(nil)
	for _, l := range billSet() {
		w, got := l.label(t), reader.bills(l.raw())
		tell := func(what string, ok bool, is, want any) {
			s := score[what]
			if s[1]++; ok {
				s[0]++
			} else {
				wrong = append(wrong, fmt.Sprintf("- %s: %s: %v, want %v", l.name, what, is, want))
			}
			score[what] = s
		}
		if l.fraud && w.class == "" {
			continue // whether that is a bill is a matter of taste; see TestBillingFraud
		}
		class, event := "", ""
		if len(got) > 0 {
			class, event = got[0].Class, got[0].Event
		}
		if w.class == "" {
			tell("no billing mail", class == "", class, "none")
			continue
		}
		tell("class", class == w.class, class, w.class)
		if w.event != "" {
			tell("event", event == w.event, event, w.event)
		}
		if len(w.bills) > 1 {
			tell("how many", len(got) == len(w.bills), len(got), len(w.bills))
		}
		for _, b := range w.bills {
			judgeBill(t, b, got, tell)
		}
	}
	for _, what := range []string{"no billing mail", "class", "event", "how many", "number", "amount", "currency", "date", "due", "matter", "bank"} {
		s := score[what]
		t.Logf("%-16s %3d of %3d  %.1f %%", what, s[0], s[1], 100*float64(s[0])/float64(max(1, s[1])))
		if s[0]*100 < s[1]*billFloor[what] {
			t.Errorf("%s: %d of %d right, at least %d %% were reached before", what, s[0], s[1], billFloor[what])
		}
	}
	if path := os.Getenv("CHANCERY_BILL_REPORT"); path != "" {
		if err := os.WriteFile(filepath.Clean(path), []byte(strings.Join(wrong, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range wrong {
		t.Log(line)
	}
}

// billFloor are the rates in percent that have been reached.
var billFloor = map[string]int{"no billing mail": 100, "class": 97, "event": 95, "how many": 87, "number": 97, "amount": 96, "currency": 96, "date": 96, "due": 96, "matter": 90, "bank": 66}

// judgeBill compares one labelled invoice with the bill of its number; of a mail with one
// bill, with that one.
func judgeBill(t testing.TB, w wantedBill, got []model.Bill, tell func(what string, ok bool, is, want any)) {
	t.Helper()
	plain := func(s string) string {
		return strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "/", "", ".", "", "INV", "").Replace(s))
	}
	i := slices.IndexFunc(got, func(b model.Bill) bool { return plain(b.Number) == plain(strings.Trim(w.number, "-")) })
	b := model.Bill{}
	if i >= 0 {
		b = got[i]
	} else if len(got) == 1 {
		b = got[0]
	}
	if w.number != "-" {
		tell("number", i >= 0, b.Number, w.number)
	}
	if w.amount != "" && w.amount != "-" {
		unit := int64(1)
		if w.currency == "JPY" { // no minor unit (ISO 4217)
			unit = 100
		}
		want := minor(t, w.amount) / unit
		tell("amount", b.Amount == want, b.Amount, want)
		if w.currency != "-" {
			tell("currency", b.Currency == w.currency, b.Currency, w.currency)
		}
	}
	if w.date != "" {
		tell("date", int64(b.Date) == unixDay(t, w.date), dayOfBill(b.Date), w.date)
	}
	if w.due != "" {
		tell("due", int64(b.Due) == unixDay(t, w.due), dayOfBill(b.Due), w.due)
	}
	if w.matter != "" {
		tell("matter", b.Matter == w.matter, b.Matter, w.matter)
	}
	if w.bank != "" {
		tell("bank", b.Bank == w.bank, b.Bank, w.bank)
	}
}

func dayOfBill(u model.UnixTime) string {
	if u == 0 {
		return "none"
	}
	return time.Unix(int64(u), 0).UTC().Format(time.DateOnly)
}

// Every name of the set is a message of its own, and its mail is readable.
func TestBillSetIsWellMade(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range billSet() {
		m := mime.Read(l.raw())
		if seen[l.name] || m.MessageID != l.id() || m.Subject == "" || len(m.Problems) > 0 || m.Date.IsZero() {
			t.Errorf("%s: %q %v", l.name, m.MessageID, m.Problems)
		}
		seen[l.name] = true
		l.label(t)
	}
	if len(seen) < 150 {
		t.Errorf("%d mails", len(seen))
	}
}
