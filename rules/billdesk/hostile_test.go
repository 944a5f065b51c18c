package billdesk

import (
	"fmt"
	"strings"
	"testing"

	"chancery/internal/model"
)

// A bill that somebody sent before the true one, to have it taken for a copy, takes no
// due date away.
func TestAForgedTwinHidesNothing(t *testing.T) {
	of := func(n int, due string, change ...func(*model.Bill)) model.Bill {
		b := bill(n, "vendor", "2026-11-20")
		b.Name, b.Vendor, b.Number, b.Plain, b.Amount, b.Currency = "Meridian", "meridian.example", "88977", "88977", 92_160, "USD"
		if due != "" {
			b.Due = date(due)
		}
		for _, f := range change {
			f(&b)
		}
		return b
	}
	copied := func(b *model.Bill) {
		b.Twins, b.Layer, b.At = []string{fmt.Sprintf("%032x", 1)}, "number", at("2026-11-21", 9)
	}
	state := func(s string, doubts ...string) func(*model.Bill) {
		return func(b *model.Bill) { b.State, b.By, b.Doubts = s, "mail", doubts }
	}
	for _, tt := range []struct {
		name   string
		first  model.Bill
		events int // of the second
		counts bool
	}{
		{"an honest copy", of(1, "2026-12-17"), 0, false},
		{"of one due earlier", of(1, "2026-12-10"), 0, false},
		{"of a paid one", of(1, "2026-12-17", state("paid")), 0, false},
		{"of one that a portal rejected", of(1, "2026-12-17", state("disputed")), 0, false},
		{"of a suspicious one", of(1, "2026-12-17", state("disputed", "bank-changed")), 1, true},
		{"of a look-alike", of(1, "2026-12-17", state("disputed", "look-alike")), 1, true},
		{"of one that is void", of(1, "2026-12-17", state("void")), 1, true},
		{"of one without a due date", of(1, ""), 1, false},
		{"of one due much later", of(1, "2028-12-17"), 1, false},
		{"of one due long ago", of(1, "2026-01-17"), 1, false},
		{"of one due in another age", of(1, "9999-12-31"), 1, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			second := of(2, "2026-12-17", copied)
			v := view(tt.first, second)
			plan := Decide(v, true, "v")
			n, want := 0, DueIdent(v.Principal, v.Billing.Desk.Calendar, second.ID)
			for _, s := range plan.Steps {
				if _, ok := s.Action.(model.Hold); ok && s.Ident == want {
					n++
				}
			}
			if n != tt.events {
				t.Errorf("%d events", n)
			}
			if got := newBook(v.Billing.Bills, 0); got.counts(got.byID[second.ID]) != tt.counts {
				t.Error("it counts, or does not")
			}
		})
	}
}

// One sender with more bills than a calendar can show drives nobody else's out.
func TestAFloodOfBillsHidesNothing(t *testing.T) {
	var bills []model.Bill
	for n := range 3000 {
		b := bill(n, "vendor", "2026-11-20")
		b.Vendor, b.Name, b.Number, b.Plain, b.Due = "flood.example", "Flood", fmt.Sprint(10000+n), fmt.Sprint(10000+n), date("2026-11-25")
		bills = append(bills, b)
	}
	for n := range 60 {
		b := bill(5000+n, "vendor", "2026-11-20")
		b.Vendor, b.Name, b.Number, b.Plain, b.Due = fmt.Sprintf("honest%d.example", n/2), "Honest", fmt.Sprint(n), fmt.Sprint(n), date("2026-12-17")
		bills = append(bills, b)
	}
	s := newDesk(view(bills...), "v")
	list := s.deadlines()
	honest := 0
	for i, d := range list {
		if strings.HasPrefix(d.b.Vendor, "honest") {
			honest++
		}
		if i > 0 && list[i-1].due > d.due {
			t.Fatal("they are in no order")
		}
	}
	if honest != 60 || len(list) != maxDue {
		t.Errorf("%d of 60 honest due dates are left of %d", honest, len(list))
	}
}

// What may be forged stands first in the note, although it comes as disputed.
func TestTheNoteTellsWhatMayBeForged(t *testing.T) {
	b := bill(1, "vendor", "2026-11-20")
	b.Name, b.Number, b.Doubts, b.State, b.By = "Meridian", "88977", []string{"bank-changed"}, "disputed", "mail"
	for by, want := range map[string]bool{"mail": true, "person": false} {
		b.By = by
		text := newDesk(view(b), "v").tell(now.AddDate(0, 0, -7), now).text()
		if strings.Contains(text, "another account than before") != want {
			t.Errorf("said by %s:\n%s", by, text)
		}
	}
}
