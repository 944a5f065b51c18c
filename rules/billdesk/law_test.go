package billdesk

import (
	"encoding/csv"
	"fmt"
	"math/big"
	"math/rand"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"chancery/internal/model"
)

// The day before has exactly so many business days up to the due date, and is one.
func TestBefore(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 20_000 {
		off := map[day]bool{}
		due := day(20_000 + r.Intn(4000))
		for range r.Intn(60) {
			off[due-day(r.Intn(90))] = true
		}
		n := r.Intn(61)
		d := before(due, n, off)
		count := 0
		for x := d; x < due; x++ {
			if business(x, off) {
				count++
			}
		}
		if !business(d, off) || d > due || count != n && !(n == 0 && d < due && !business(due, off) && count == 1) {
			t.Fatalf("%d business days before %s is %s: %d", n, due.long(), d.long(), count)
		}
	}
	for _, c := range []struct {
		due  string
		n    int
		want string
	}{{"2026-12-04", 3, "2026-12-01"}, {"2026-12-05", 3, "2026-12-02"}, {"2026-11-30", 1, "2026-11-27"}, {"2026-11-30", 2, "2026-11-25"}, {"2026-11-29", 0, "2026-11-27"}, {"2026-11-27", 0, "2026-11-27"}} {
		if got := before(dayAt(date(c.due)), c.n, map[day]bool{dayAt(date("2026-11-26")): true}); got != dayAt(date(c.want)) {
			t.Errorf("%d before %s is %s", c.n, c.due, got.long())
		}
	}
}

// anyBill is a bill as nobody would write it, from a few values that meet each other.
func anyBill(r *rand.Rand, n int) model.Bill {
	pick := func(list ...string) string { return list[r.Intn(len(list))] }
	b := bill(n, pick("prebill", "invoice-out", "invoice-in", "vendor", "portal", "remittance", "past-due", "aging", "write-off", "trust", "accrual", "budget"), "2026-11-01")
	b.At += model.UnixTime(r.Intn(25*24) * 3600)
	b.Event = pick("", "rejected", "on-hold", "approved", "deadline")
	b.State = pick("open", "open", "open", "paid", "void", "disputed")
	b.Number, b.Name, b.Client = pick("", "17", "A-9"), pick("", "Acme", "<b>Beta</b>", "\u202egnp.exe"), pick("", "Larkspur", "=1+1")
	b.Plain, b.Vendor, b.Matter = b.Number, b.Name, pick("", "10042.0070", "10042.0081")
	b.Currency = pick("USD", "EUR", "JPY", "KWD", "")
	b.Amount = []int64{0, 1, -500, 12_345, 1 << 62, -1 << 63}[r.Intn(6)]
	if r.Intn(4) > 0 {
		b.Due = date("2026-09-01") + model.UnixTime(r.Intn(140)*secondsOfDay)
	}
	if n > 1 && r.Intn(4) == 0 {
		b.Layer, b.Twins = pick("number", "file", "amount", "near"), []string{bill(1+r.Intn(n-1), "", "2026-11-01").ID}
	}
	for range r.Intn(3) {
		b.Doubts = append(b.Doubts, pick("bank-changed", "first-seen", "new-code"))
		b.Faults = append(b.Faults, pick("line-total", "new-code"))
	}
	b.Answered = r.Intn(3) == 0
	return b
}

func anyBills(r *rand.Rand, most int) []model.Bill {
	out := make([]model.Bill, r.Intn(most))
	for i := range out {
		out[i] = anyBill(r, i+1)
	}
	return out
}

// The order in which bills come does not matter, nor does deciding twice.
func TestSameBillsSameNote(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	for range 120 {
		bills := anyBills(r, 40)
		a := Decide(view(bills...), true, "1")
		r.Shuffle(len(bills), func(i, k int) { bills[i], bills[k] = bills[k], bills[i] })
		if b := Decide(view(bills...), true, "1"); !reflect.DeepEqual(a, b) {
			t.Fatal("two plans from the same bills")
		}
	}
}

// done is how the findings stand when all of a plan was carried out.
func done(v model.View, p model.Plan) model.View {
	for _, s := range p.Steps {
		f := v.Findings[s.Ident]
		switch a := s.Action.(type) {
		case model.Hold:
			f.Hold, f.HoldRef = a.Digest, model.Ref{Source: s.Source, Href: model.Name("/" + a.UID), Version: a.Digest}
		case model.Withdraw:
			f.Hold, f.HoldRef = "", model.Ref{}
		case model.Note:
			b := a.Body.Reveal()
			f.Note, f.NoteID = b.Digest, b.MessageID
		case model.DropNote:
			f.Note, f.NoteID = "", ""
		}
		v.Findings[s.Ident] = f
	}
	return v
}

// What was carried out is not planned again; what a person decided never.
func TestDecideSettles(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	for range 120 {
		v := view(anyBills(r, 60)...)
		v = done(v, Decide(v, true, "1"))
		if again := Decide(v, true, "2"); len(again.Steps) > 0 {
			t.Fatalf("a second look wants %s of %s", again.Steps[0].Action.Kind(), again.Steps[0].Ident)
		}
		for of, f := range v.Findings {
			switch r.Intn(3) {
			case 0:
				f.Dismissed = true
			case 1:
				f.Pinned = true
			}
			v.Findings[of] = f
		}
		for i := range v.Billing.Bills {
			b := &v.Billing.Bills[i]
			b.State, b.Due = []string{"open", "paid"}[r.Intn(2)], b.Due+secondsOfDay
		}
		v.Now = v.Now.Add(200 * time.Hour)
		for _, s := range Decide(v, true, "1").Steps {
			if f := v.Findings[s.Ident]; touched(f) {
				t.Fatalf("%s of what a person decided", s.Action.Kind())
			}
		}
	}
}

// forgedOrVoid reports whether all that a line repeats is of no account, and the line
// itself is above doubt.
func forgedOrVoid(row []string, by map[string][]string, col map[string]int) bool {
	hard := func(row []string) bool {
		d := " " + row[col["doubts"]] + " "
		return strings.Contains(d, " bank-changed ") || strings.Contains(d, " look-alike ") || strings.Contains(d, " impersonation ") ||
			strings.Contains(d, " unauthenticated ") && strings.Contains(d, " bank-words ")
	}
	if hard(row) {
		return false
	}
	for _, id := range strings.Fields(row[col["twins"]]) {
		t := by[id]
		if t == nil || t[col["state"]] != "void" && (t[col["state"]] != "disputed" || t[col["said_by"]] == "person" || !hard(t)) {
			return false
		}
	}
	return true
}

// The sums are those of the lines of the ledger that are to be paid, per currency.
func TestTotalsAreTheLedgers(t *testing.T) {
	r := rand.New(rand.NewSource(4))
	for range 120 {
		v := view(anyBills(r, 60)...)
		s := newDesk(v, "1")
		rep := s.tell(now.AddDate(0, 0, -7), now)
		rows, err := csv.NewReader(strings.NewReader(s.ledger())).ReadAll()
		if err != nil || len(rows) != len(v.Billing.Bills)+1 {
			t.Fatalf("%d lines of %d bills: %v", len(rows), len(v.Billing.Bills), err)
		}
		col := map[string]int{}
		for i, name := range rows[0] {
			col[name] = i
		}
		by, want := map[string][]string{}, map[string]*big.Int{}
		for _, row := range rows[1:] {
			by[row[col["id"]]] = row
		}
		for _, row := range rows[1:] {
			way := map[string]string{"vendor": "To pay", "invoice-in": "To pay", "invoice-out": "Owed to us"}[row[col["class"]]]
			if way == "" || row[col["state"]] != "open" || row[col["amount"]] == "" {
				continue
			}
			if first, _, twin := strings.Cut(row[col["twins"]]+" ", " "); twin && first != "" {
				layer, other := row[col["layer"]], by[first]
				same := other != nil && other[col["due"]] != "" && other[col["due"]] == row[col["due"]] && other[col["amount"]] == row[col["amount"]] && other[col["currency"]] == row[col["currency"]]
				if stands := forgedOrVoid(row, by, col); (layer == "number" || layer == "file" || same) && !stands {
					continue
				}
			}
			minor, ok := new(big.Int).SetString(strings.ReplaceAll(row[col["amount"]], ".", ""), 10)
			if !ok {
				t.Fatalf("amount %q", row[col["amount"]])
			}
			key := way + row[col["currency"]]
			if want[key] == nil {
				want[key] = new(big.Int)
			}
			want[key].Add(want[key], minor)
		}
		if len(rep.totals) != len(want) {
			t.Fatalf("%d totals, %d in the ledger", len(rep.totals), len(want))
		}
		for _, tot := range rep.totals {
			way, _, _ := strings.Cut(tot.title, " in ")
			w := want[way+tot.currency]
			if w == nil || w.Cmp(&tot.all.minor) != 0 {
				t.Fatalf("%s is %s, in the ledger %s", tot.title, &tot.all.minor, w)
			}
			rest := new(big.Int).Set(&tot.all.minor)
			for _, x := range tot.rows {
				rest.Sub(rest, &x.minor)
			}
			if rest.Sign() != 0 && tot.more == 0 {
				t.Fatalf("the rows of %s miss %s", tot.title, rest)
			}
		}
	}
}

// Of trust mail nothing is told but that it is there, in no part of anything.
func TestTrustIsVeiled(t *testing.T) {
	r := rand.New(rand.NewSource(5))
	secret := regexp.MustCompile(`(?i)hush|424,?242|99999`)
	for range 100 {
		bills := anyBills(r, 20)
		b := bill(500, "trust", "2026-11-20")
		b.Name, b.Vendor, b.Number, b.Plain, b.Client, b.Matter, b.Subject = "Hush Bank", "hush.example", "HUSH-1", "HUSH1", "Hush Client", "99999.1", "Hush money"
		b.Amount, b.Currency, b.Due, b.Bank, b.Doubts, b.Faults = 42_424_200, "USD", date("2026-11-30"), "HUSH123", []string{"bank-changed"}, []string{"hush"}
		twin := anyBill(r, 501)
		twin.Layer, twin.Twins = "near", []string{b.ID}
		for _, s := range Decide(view(append(bills, b, twin)...), true, "1").Steps {
			said := s.Why.Reveal() + string(s.Ident)
			switch a := s.Action.(type) {
			case model.Hold:
				h := a.Body.Reveal()
				said += h.Summary + h.Description + a.UID + a.Digest
			case model.Note:
				n := a.Body.Reveal()
				said += n.Subject + n.Text + n.HTML + n.InReplyTo
				for _, f := range n.Files {
					said += f.Text
				}
			}
			if hit := secret.FindString(said); hit != "" {
				t.Fatalf("%s tells %q", s.Action.Kind(), hit)
			}
		}
	}
}

// visible is the text of a page as a reader sees it, without blanks.
func visibleText(t testing.TB, page string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "style" && n.Parent.Data != "title" {
			b.WriteString(n.Data)
		}
	}
	return squeezed(b.String())
}

func squeezed(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\n' || r == '\u00a0' }), "")
}

// The page says what the text says: every item, sum and Message-ID.
func TestPageSaysWhatTheTextSays(t *testing.T) {
	r := rand.New(rand.NewSource(6))
	for range 100 {
		rep := newDesk(view(anyBills(r, 80)...), "1").tell(now.AddDate(0, 0, -7), now)
		text, page := squeezed(rep.text()), visibleText(t, rep.html())
		var all []string
		for _, s := range rep.sections {
			all = append(all, s.lead)
			for _, it := range s.items {
				all = append(all, it.who, it.money, it.facts, it.note, it.subject)
			}
		}
		for _, c := range rep.charts {
			for _, x := range c.bars {
				all = append(all, x.label, x.amount(c.currency))
			}
		}
		for _, x := range rep.totals {
			for _, row := range x.rows {
				all = append(all, row.client, row.matter, row.amount(x.currency))
			}
			all = append(all, x.all.amount(x.currency))
		}
		for _, s := range append(append(all, rep.ids...), rep.legend()...) {
			if s = squeezed(s); !strings.Contains(text, s) || !strings.Contains(page, s) {
				t.Fatalf("%q is in the text %t, in the page %t", s, strings.Contains(text, s), strings.Contains(page, s))
			}
		}
	}
}

func TestLimits(t *testing.T) {
	var bills []model.Bill
	hostile := strings.Repeat("<\"&'\u202e", 300)
	for i := range 3000 {
		b := bill(i+1, []string{"vendor", "invoice-out", "prebill", "portal"}[i%4], "2026-11-19")
		b.Event, b.Name, b.Vendor, b.Client, b.Matter, b.Number, b.Plain, b.Subject = "rejected", hostile, hostile, hostile+strconv.Itoa(i), hostile, strconv.Itoa(i)+hostile, strconv.Itoa(i), hostile
		b.Amount, b.Currency, b.Due = 1<<62+int64(i), "USD", date("2026-12-01")
		b.Doubts, b.Faults = slices.Repeat([]string{"<code>"}, 50), slices.Repeat([]string{"<code>"}, 50)
		b.Layer, b.Twins = "near", []string{fmt.Sprintf("%032x", 1+i/2)}
		b.MessageID = "<" + strings.Repeat("a'", 100) + strconv.Itoa(i) + "@x>"
		bills = append(bills, b)
	}
	v := view(bills...)
	p := Decide(v, true, "1")
	holds, notes, limit := 0, 0, 0
	for _, s := range p.Steps {
		switch a := s.Action.(type) {
		case model.Hold:
			holds++
			if h := a.Body.Reveal(); len(h.Summary) > 1000 || len(h.Description) > 8000 {
				t.Fatalf("an event of %d and %d octets", len(h.Summary), len(h.Description))
			}
		case model.Note:
			if notes++; a.Flagged {
				continue
			}
			if n := a.Body.Reveal(); len(n.HTML) > 100_000 || len(n.Subject) > 300 {
				t.Errorf("a page of %d octets, a subject of %d", len(n.HTML), len(n.Subject))
			}
		}
	}
	for _, r := range p.Reports {
		if r.What == "limit" {
			limit++
		}
	}
	if holds != dueSteps || notes != maxReminders+1 || limit != 2 || p.LookAgain.Sub(now) != duePause {
		t.Errorf("%d holds, %d notes, %d limits, again in %s", holds, notes, limit, p.LookAgain.Sub(now))
	}
	for range 3 {
		v = done(v, p)
		p = Decide(v, true, "1")
	}
	if standing := len(v.Findings) - maxReminders - 1; standing != maxDue || len(p.Steps) != 0 {
		t.Errorf("%d due dates stand", standing)
	}
}

// A bill that repeats one of somebody else's mail says so, and not which one.
func TestTheNoteNamesNoTwinOfOtherMail(t *testing.T) {
	twin := bill(70, "vendor", "2026-11-10")
	twin.Source, twin.Number, twin.Name, twin.Amount, twin.Currency, twin.MessageID = "other-mail", "ZEPHYR-1", "Zephyr Reporters", 7_777_700, "USD", "<zephyr@other.example>"
	mine := bill(71, "vendor", "2026-11-19")
	mine.Number, mine.Amount, mine.Currency, mine.Due, mine.Twins, mine.Layer = "Z-2", 5_000, "USD", date("2026-12-04"), []string{twin.ID}, "near"
	for _, known := range []bool{false, true} { // the second says that the test can fail
		bills := []model.Bill{mine}
		if known {
			bills = append(bills, twin)
		}
		n := noteOf(t, Decide(view(bills...), true, "1"))
		said := n.Subject + n.Text + n.HTML + n.Files[0].Text
		for _, canary := range []string{"ZEPHYR-1", "77,777", "zephyr@other", twin.ID} {
			if strings.Contains(said, canary) != known {
				t.Errorf("known %v: %q", known, canary)
			}
		}
		if !strings.Contains(n.Text, "HERE TWICE?") || !known && !strings.Contains(n.Text, "one that came earlier") {
			t.Errorf("the twin is not told:\n%s", n.Text)
		}
	}
}
