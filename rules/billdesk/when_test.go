package billdesk

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

// kinds counts the steps of a plan by what they are about.
func kinds(p model.Plan) map[string]int {
	out := map[string]int{}
	for _, s := range p.Steps {
		kind, _, _ := strings.Cut(string(s.Ident), ":")
		out[s.Action.Kind()+" "+kind]++
	}
	return out
}

// A note is due at its moment in the principal's zone, also across a change of the
// clock, once, late if need be, and not for a time before the desk began.
func TestWhenNotesAreWritten(t *testing.T) {
	monday := time.Date(2026, 11, 23, 7, 30, 0, 0, ny())
	for _, c := range []struct {
		what  string
		now   time.Time
		began model.UnixTime
		notes string
		want  bool
		next  time.Time
	}{
		{"a second before", monday.Add(-time.Second), at("2026-11-01", 0), "weekly", true, monday}, // that of the week before
		{"at the moment", monday, at("2026-11-01", 0), "weekly", true, time.Date(2026, 11, 24, 0, 0, 0, 0, ny())},
		{"five days late", monday.AddDate(0, 0, 5), at("2026-11-01", 0), "weekly", true, time.Date(2026, 11, 29, 0, 0, 0, 0, ny())},
		{"before the desk began", monday.Add(time.Hour), model.UnixTime(monday.Unix()), "weekly", false, time.Date(2026, 11, 24, 0, 0, 0, 0, ny())},
		{"no desk yet", monday, 0, "weekly", false, time.Date(2026, 11, 24, 0, 0, 0, 0, ny())},
		{"off", monday, at("2026-11-01", 0), "off", false, time.Date(2026, 11, 24, 0, 0, 0, 0, ny())},
		{"daily, before", monday.Add(-time.Minute), at("2026-11-22", 8), "daily", false, monday},
		{"daily", monday, at("2026-11-22", 8), "daily", true, time.Date(2026, 11, 24, 0, 0, 0, 0, ny())},
		{"winter has begun", time.Date(2026, 11, 2, 12, 29, 59, 0, time.UTC), at("2026-10-27", 0), "weekly", false, time.Date(2026, 11, 2, 12, 30, 0, 0, time.UTC)},
	} {
		v := view(bill(1, "vendor", "2026-10-20"))
		v.Now, v.Billing.Began, v.Billing.Desk.Notes = c.now, c.began, c.notes
		p := Decide(v, true, "1")
		if got := kinds(p)["note bn"] == 1; got != c.want || !p.LookAgain.Equal(c.next) {
			t.Errorf("%s: a note %t, again at %s, not %s", c.what, got, p.LookAgain, c.next)
		}
		if again := Decide(done(v, p), true, "1"); len(again.Steps) != 0 {
			t.Errorf("%s: a second one", c.what)
		}
	}
}

// What came since the note before is new, whenever that was, and in one note only.
func TestNothingNewIsLost(t *testing.T) {
	v := view()
	v.Now = time.Date(2026, 10, 5, 7, 31, 0, 0, ny())
	told := map[string]int{}
	for n := range 80 {
		b := bill(n+1, "vendor", v.Now.Format(time.DateOnly))
		b.At = model.UnixTime(v.Now.Add(-time.Second).Unix())
		b.Number, b.Name = fmt.Sprint("N", n, "N"), fmt.Sprint("N", n, "N")
		v.Billing.Bills = append(v.Billing.Bills, b)
		p := Decide(v, true, "1")
		if kinds(p)["note bn"] == 1 {
			_, fresh, _ := strings.Cut(noteOf(t, p).Text, "\nNEW\n")
			fresh, _, _ = strings.Cut(fresh, "BY CLIENT")
			for k := range 80 {
				if strings.Contains(fresh, fmt.Sprint("* N", k, "N")) {
					told[fmt.Sprint("N", k, "N")]++
				}
			}
		}
		v = done(v, p)
		v.Now = v.Now.Add(time.Duration(10+n%7*11) * time.Hour)
	}
	for name, n := range told {
		if n != 1 {
			t.Errorf("%s is new %d times", name, n)
		}
	}
	if len(told) < 60 {
		t.Errorf("only %d were new", len(told))
	}
}

func TestNoNoteWithoutNews(t *testing.T) {
	paid := bill(1, "vendor", "2026-10-01")
	paid.State = "paid"
	later := bill(2, "vendor", "2026-11-23") // after the moment of the note
	for _, list := range [][]model.Bill{nil, {paid}, {paid, later}} {
		v := view(list...)
		v.Now = v.Now.Add(48 * time.Hour)
		if n := kinds(Decide(v, true, "1"))["note bn"]; n != 0 {
			t.Errorf("%d notes about %d bills", n, len(list))
		}
	}
}

func TestReminders(t *testing.T) {
	prebill := bill(1, "prebill", "2026-11-19") // 97 hours ago
	prebill.Matter = "10042.0070"
	hold := bill(2, "portal", "2026-11-20")
	hold.Event, hold.Plain = "on-hold", "INV9"
	after := func(class, event string, set func(*model.Bill)) model.Bill {
		b := bill(9, class, "2026-11-21")
		b.Event = event
		if set != nil {
			set(&b)
		}
		return b
	}
	for _, c := range []struct {
		what  string
		bills []model.Bill
		want  int
	}{
		{"a prebill", []model.Bill{prebill}, 1},
		{"its invoice came", []model.Bill{prebill, after("invoice-out", "", func(b *model.Bill) { b.Matter = prebill.Matter })}, 0},
		{"another matter's invoice came", []model.Bill{prebill, after("invoice-out", "", func(b *model.Bill) { b.Matter = "1" })}, 1},
		{"no matter is known", []model.Bill{bill(1, "prebill", "2026-11-19"), after("invoice-out", "", nil)}, 1},
		{"on hold", []model.Bill{hold}, 1},
		{"approved since", []model.Bill{hold, after("portal", "approved", func(b *model.Bill) { b.Plain = "INV9" })}, 0},
		{"rejected since", []model.Bill{hold, after("portal", "rejected", func(b *model.Bill) { b.Plain = "INV9" })}, 1},
		{"a deadline since", []model.Bill{hold, after("portal", "deadline", func(b *model.Bill) { b.Plain = "INV9" })}, 1},
		{"paid since", []model.Bill{hold, after("remittance", "paid", func(b *model.Bill) { b.Settles = []string{"m:INV9"} })}, 0},
		{"submitted again", []model.Bill{hold, after("invoice-out", "", func(b *model.Bill) { b.Plain = "INV9" })}, 0},
	} {
		p := Decide(view(c.bills...), true, "1")
		if n := kinds(p)["note br"]; n != c.want {
			t.Errorf("%s: %d reminders", c.what, n)
		}
	}
	v := view(prebill, hold)
	v = done(v, Decide(v, true, "1"))
	v.Billing.Bills[0].Answered, v.Billing.Bills[1].State = true, "void"
	if n := kinds(Decide(v, false, "1"))["drop-note br"]; n != 2 {
		t.Errorf("%d reminders are taken away", n)
	}
	v = view(prebill)
	v.Now = v.Now.Add(-48 * time.Hour)
	if p := Decide(v, true, "1"); kinds(p)["note br"] != 0 || p.LookAgain.After(v.Now.Add(24*time.Hour)) {
		t.Error("a prebill is reminded of too soon, or not looked at in time")
	}
	v = view(prebill, hold)
	v.Billing.Began = at("2026-11-23", 7)
	if n := kinds(Decide(v, true, "1"))["note br"]; n != 0 {
		t.Errorf("%d reminders of what is older than the desk", n)
	}
}

// Which bills have an event, and where.
func TestDueDates(t *testing.T) {
	due := func(set func(*model.Bill)) model.Bill {
		b := bill(1, "vendor", "2026-11-10")
		b.Due, b.Amount, b.Currency = date("2026-12-04"), 100, "USD"
		if set != nil {
			set(&b)
		}
		return b
	}
	first := due(nil)
	first.ID = bill(7, "", "2026-11-01").ID
	again := func(layer string, other int64) func(*model.Bill) {
		return func(b *model.Bill) {
			b.Layer, b.Twins, b.Amount = layer, []string{first.ID}, 100+other
			b.At += 3600
		}
	}
	for _, c := range []struct {
		what  string
		bills []model.Bill
		want  string
	}{
		{"three business days before", []model.Bill{due(nil)}, "2026-12-01"},
		{"around a holiday", []model.Bill{due(func(b *model.Bill) { b.Due = date("2026-11-30") })}, "2026-11-24"},
		{"it came late", []model.Bill{due(func(b *model.Bill) { b.At = at("2026-12-03", 1) })}, "2026-12-03"},
		{"it came past its date", []model.Bill{due(func(b *model.Bill) { b.At = at("2026-12-05", 1) })}, ""},
		{"paid", []model.Bill{due(func(b *model.Bill) { b.State = "paid" })}, ""},
		{"disputed", []model.Bill{due(func(b *model.Bill) { b.State = "disputed" })}, ""},
		{"no date", []model.Bill{due(func(b *model.Bill) { b.Due = 0 })}, ""},
		{"a remittance", []model.Bill{due(func(b *model.Bill) { b.Class = "remittance" })}, ""},
		{"a portal's notice", []model.Bill{due(func(b *model.Bill) { b.Class = "portal" })}, ""},
		{"a slip of a century", []model.Bill{due(func(b *model.Bill) { b.Due = date("2126-12-04") })}, ""},
		{"the same number again", []model.Bill{first, due(again("number", 5))}, "2026-12-01"},
		{"the same amount and date", []model.Bill{first, due(again("amount", 0))}, "2026-12-01"},
		{"only much alike", []model.Bill{first, due(again("near", 5))}, "2026-12-01 2026-12-01"},
	} {
		var got []string
		for _, s := range Decide(view(c.bills...), true, "1").Steps {
			if h, ok := s.Action.(model.Hold); ok {
				b := h.Body.Reveal()
				if got = append(got, dayAt(b.Start).utc().Format(time.DateOnly)); !b.Date || b.End-b.Start != secondsOfDay || b.Blocks {
					t.Errorf("%s: %+v", c.what, b.Date)
				}
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %q, not %q", c.what, s, c.want)
		}
	}
	v := view(due(nil))
	if n := len(Decide(v, false, "1").Steps); n > 1 {
		t.Errorf("%d steps while the calendar is not known", n)
	}
	v.Findings[DueIdent(v.Principal, "cal/billing", v.Billing.Bills[0].ID)] = model.Finding{Dismissed: true}
	if n := kinds(Decide(v, true, "1"))["hold b"]; n != 0 {
		t.Error("what a person deleted comes again")
	}
}

func BenchmarkDecide(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("bills=%d", n), func(b *testing.B) {
			var bills []model.Bill
			for i := range n {
				x := bill(i+1, []string{"vendor", "invoice-in", "invoice-out"}[i%3], "2026-11-10")
				x.Number, x.Plain, x.Name, x.Client, x.Matter = fmt.Sprint(i), fmt.Sprint(i), "Acme", "Larkspur", fmt.Sprint("10042.", i%300)
				x.Amount, x.Currency, x.Due = int64(i), "USD", date("2026-11-01")+model.UnixTime(i%90*secondsOfDay)
				bills = append(bills, x)
			}
			v := view(bills...)
			for range 5 {
				v = done(v, Decide(v, true, "1"))
			}
			for b.Loop() {
				Decide(v, true, "1")
			}
		})
	}
}
