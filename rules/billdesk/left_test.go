package billdesk

import (
	"strings"
	"testing"

	"chancery/internal/model"
)

// A note that does not know all bills says how many it does not know, first of all.
func TestTheNoteTellsWhatIsLeftOut(t *testing.T) {
	for left, want := range map[int]string{0: "", 1: "1 bill of theirs is neither", 950_000: "950000 bills of theirs are neither"} {
		v := view(office()...)
		v.Billing.Left = left
		n := noteOf(t, Decide(v, true, "1"))
		for where, text := range map[string]string{"text": solid(n.Text), "page": visibleText(t, n.HTML)} {
			if left == 0 {
				if strings.Contains(text, "theirs") || !strings.Contains(text, solid("All that the ledger has is in the attached")) {
					t.Errorf("%s: something is left out", where)
				}
				continue
			}
			at := strings.Index(text, solid(want))
			if at < 0 || at > strings.Index(strings.ToLower(text), solid("check these first")) || strings.Contains(text, solid("All that the ledger has")) {
				t.Errorf("%s: %d left out are not told first", where, left)
			}
		}
	}
}

// What a flood drives out of sight takes nothing away: neither a due date or a reminder
// that stands, nor that of a bill which repeats one out of sight.
func TestWhatIsLeftOutStands(t *testing.T) {
	one := bill(1, "vendor", "2026-11-20")
	one.Name, one.Vendor, one.Number, one.Plain, one.Amount, one.Currency, one.Due = "Meridian", "meridian.example", "88977", "88977", 92_160, "USD", date("2026-12-17")
	stuck := bill(2, "portal", "2026-11-20")
	stuck.Event, stuck.Number, stuck.Plain = "rejected", "INV-7", "7"
	before := view(one, stuck)
	plan := Decide(before, true, "v")
	standing := done(before, plan)
	if got := kinds(plan); got["hold b"] != 1 || got["note br"] != 1 {
		t.Fatalf("nothing stands: %v", got)
	}
	for left, want := range map[int]int{0: 2, 10: 0} {
		v := standing
		v.Billing.Bills, v.Billing.Left = nil, left
		if got := len(Decide(v, true, "v").Steps); got != want {
			t.Errorf("%d left out: %d steps, want %d", left, got, want)
		}
	}
	// What is in sight goes as always when it is settled.
	v := standing
	one.State, stuck.Answered = "paid", true
	v.Billing.Bills, v.Billing.Left = []model.Bill{one, stuck}, 10
	if got := len(Decide(v, true, "v").Steps); got != 2 {
		t.Errorf("what is settled: %d steps", got)
	}
	copied := one
	copied.ID, copied.State, copied.Twins, copied.Layer = bill(3, "", "2026-11-20").ID, "open", []string{one.ID}, "number"
	for left, want := range map[int]bool{0: false, 10: true} {
		v := view(copied)
		v.Billing.Left = left
		b := newBook(v.Billing.Bills, left)
		if b.counts(b.byID[copied.ID]) != want || (eventOf(Decide(v, true, "v")) != "") != want {
			t.Errorf("%d left out: a bill whose twin is out of sight: want it told %v", left, want)
		}
	}
}

// A bill of which one twin is in sight, without a due date, and another is not: whether
// that one has an event is not known, so this one gets one.
func TestTwinOutOfSightCoversNothing(t *testing.T) {
	undated, one := bill(1, "vendor", "2026-11-20"), bill(2, "vendor", "2026-11-20")
	for _, b := range []*model.Bill{&undated, &one} {
		b.Name, b.Vendor, b.Number, b.Plain, b.Amount, b.Currency = "Meridian", "meridian.example", "88977", "88977", 92_160, "USD"
	}
	one.Due, one.Layer, one.Twins = date("2026-12-17"), "number", []string{undated.ID, bill(3, "", "2026-11-20").ID}
	for left, want := range map[int]bool{0: false, 10: true} {
		v := view(undated, one)
		v.Billing.Left = left
		if got := eventOf(Decide(v, true, "v")) != ""; got != want {
			t.Errorf("%d left out: due date %v, want %v", left, got, want)
		}
	}
}

// solid is a text without blanks.
func solid(s string) string { return strings.Join(strings.Fields(s), "") }

// eventOf is the description of the only due date of a plan.
func eventOf(p model.Plan) string {
	for _, s := range p.Steps {
		if h, ok := s.Action.(model.Hold); ok {
			return h.Body.Reveal().Description
		}
	}
	return ""
}
