package journal

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
)

func testCountBills(t *testing.T, j *Journal) {
	counts, err := j.BillCounts(t.Context())
	must(t, err)
	if len(counts) != 0 {
		t.Errorf("an empty ledger: %v", counts)
	}
	l, pa := claim(t, j, "gc-mail"), claim(t, j, "pa-mail")
	var all []model.Bill
	for n := range 12 {
		b := bill(n + 1)
		b.State = []string{BillOpen, BillPaid, BillDisputed}[n%3]
		if b.State != BillOpen {
			b.By = ByMail
		}
		all = append(all, b)
	}
	record(t, j, l, all...)
	other := bill(1)
	other.Source = "pa-mail"
	record(t, j, pa, other)
	counts, err = j.BillCounts(t.Context())
	must(t, err)
	slices.SortFunc(counts, func(a, b BillCount) int { return cmp.Compare(a.Source, b.Source) })
	if want := []BillCount{{"gc-mail", 12, 4}, {"pa-mail", 1, 1}}; !reflect.DeepEqual(counts, want) {
		t.Errorf("%v, want %v", counts, want)
	}
	newest := func(most int, since time.Time) string {
		var got []string
		add := func(b model.Bill) { got = append(got, string(b.Source[:2])+b.Plain+b.State) }
		must(t, j.NewestBills(t.Context(), "gc-mail", most, add))
		must(t, j.DisputedBills(t.Context(), since, most, add))
		slices.Sort(got)
		return fmt.Sprint(got)
	}
	if got, want := newest(100, start.Add(-time.Hour)), "[gc10open gc12disputed gc1open gc3disputed gc4open gc6disputed gc7open gc9disputed]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := newest(100, start.Add(time.Hour)), "[gc10open gc1open gc4open gc7open]"; got != want {
		t.Errorf("of those that changed later: %s, want %s", got, want)
	}
	if got, want := newest(2, start.Add(time.Hour)), "[gc10open gc7open]"; got != want {
		t.Errorf("the newest two: %s, want %s", got, want)
	}
	must(t, j.NewestBills(t.Context(), "cal", 10, func(model.Bill) { t.Error("a bill of nobody") }))
	late := bill(20)
	late.State, late.By = BillDisputed, ByMail
	commit(t, j, Turn{Lease: l, Now: start.Add(time.Minute), Bills: []model.Bill{late}, KeepCursor: true})
	var disputed []string
	must(t, j.DisputedBills(t.Context(), start.Add(-time.Hour), 1, func(b model.Bill) { disputed = append(disputed, b.Plain) }))
	if !slices.Equal(disputed, []string{"20"}) {
		t.Errorf("of those that changed, the newest: %v", disputed)
	}
}

// BenchmarkStatusOfBills asks a ledger of 100,000 bills, of which 10,000 are open, what
// status asks it.
func BenchmarkStatusOfBills(b *testing.B) {
	drivers(b, func(b *testing.B, fresh func(testing.TB) Options) {
		j, _ := fullLedger(b, fresh)
		if j.eng.name == "postgres" { // as autovacuum does, soon after so many rows
			_, err := j.w.ExecContext(b.Context(), `vacuum analyze bill`)
			must(b, err)
		}
		b.Run("BillCounts/bills=100000", func(b *testing.B) {
			for b.Loop() {
				_, err := j.BillCounts(b.Context())
				must(b, err)
			}
		})
		b.Run("DisputedBills/bills=5000", func(b *testing.B) {
			for b.Loop() {
				must(b, j.DisputedBills(b.Context(), start.Add(-time.Hour), 5000, func(model.Bill) {}))
			}
		})
		b.Run("NewestBills/bills=2000", func(b *testing.B) {
			for b.Loop() {
				must(b, j.NewestBills(b.Context(), "gc-mail", 2000, func(model.Bill) {}))
			}
		})
	})
}
