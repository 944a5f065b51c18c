package journal

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"chancery/internal/model"
)

// randomBill is one of few, told in one of many ways.
func randomBill(r *rand.Rand, n int) model.Bill {
	b := bill(r.IntN(n), fmt.Sprint("m:", r.IntN(5)), fmt.Sprint("v:", r.IntN(2)))
	b.At = model.UnixTime(start.Unix() + int64(r.IntN(400)) - 200)
	for range r.IntN(3) {
		b.Settles = append(b.Settles, fmt.Sprint("m:", r.IntN(5)))
	}
	b.State = []string{"", BillOpen, BillDisputed, BillPaid, BillVoid}[r.IntN(5)]
	b.By = []string{"", ByMail, ByPerson}[r.IntN(3)]
	b.Amount = r.Int64N(1000)
	return b
}

// A preview, which keeps the bills that it finds in memory, and a batch see what the
// journal would answer after a turn for each of their messages.
func testBillIndex(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	r := seeded(7)
	x := NewBillIndex(start)
	words := []string{"m:0", "m:1", "m:2", "m:3", "m:4", "v:0", "v:1", ""}
	for round := range 60 {
		var bs []model.Bill
		for range 1 + r.IntN(6) {
			bs = append(bs, randomBill(r, 150))
		}
		x.Add(billsFor(t, j, words...)) // knows them all: changes nothing
		x.Record(bs)
		for _, b := range bs {
			record(t, j, l, b)
		}
		for range 4 {
			some := []string{words[r.IntN(len(words))], words[r.IntN(len(words))]}
			want, got := billsFor(t, j, some...), x.Find(some)
			for i := range got {
				got[i].State, got[i].By = want[min(i, len(want)-1)].State, want[min(i, len(want)-1)].By
			}
			if !reflect.DeepEqual(got, want) && len(got)+len(want) > 0 {
				t.Fatalf("round %d, %q:\n got %v\nwant %v", round, some, numbersOf(got), numbersOf(want))
			}
		}
	}
	all := x.All()
	states := map[string]string{}
	must(t, j.Ledger(t.Context(), func(b model.Bill) { states[b.ID] = b.State + b.By }))
	for _, b := range all {
		if states[b.ID] != b.State+b.By {
			t.Errorf("bill %s stands at %s, in the journal at %s", b.Plain, b.State+b.By, states[b.ID])
		}
	}
	if len(all) != len(states) {
		t.Errorf("%d bills of %d", len(all), len(states))
	}
}

// However mails are dealt to turns and in whatever order they are read, each bill ends
// where the firmest of them puts it, unless a person spoke.
func testBillOrder(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	for seed := range uint64(8) {
		r := seeded(seed)
		var told []model.Bill
		firmest := map[string]string{}
		for range 30 {
			b := randomBill(r, 8)
			if b.By == ByPerson {
				b.By = ByMail
			}
			told = append(told, b)
			if firmness(b.State) > firmness(firmest[b.ID]) {
				firmest[b.ID] = b.State
			}
		}
		for range 2 {
			r.Shuffle(len(told), func(a, b int) { told[a], told[b] = told[b], told[a] })
			var all []string
			must(t, j.Ledger(t.Context(), func(b model.Bill) { all = append(all, b.ID) }))
			if _, err := j.ForgetBills(t.Context(), all, start); err != nil {
				t.Fatal(err)
			}
			for rest := told; len(rest) > 0; {
				n := min(len(rest), 1+r.IntN(7))
				record(t, j, l, rest[:n]...)
				rest = rest[n:]
			}
			must(t, j.Ledger(t.Context(), func(b model.Bill) {
				if want := firmest[b.ID]; b.State != want && !(want == "" && b.State == BillOpen) {
					t.Fatalf("seed %d: bill %s is %s, want %s", seed, b.Plain, b.State, want)
				}
			}))
		}
	}
}

// What is fenced or fails leaves nothing of its bills.
func testBillsFenced(t *testing.T, j *Journal) {
	old := claim(t, j, "gc-mail")
	record(t, j, old, bill(1, "m:1"))
	l := claim(t, j, "gc-mail")
	if _, err := j.Commit(t.Context(), Turn{Lease: old, Now: start, Bills: []model.Bill{bill(2, "m:1"), paidBy(1)}, KeepCursor: true}); !errors.Is(err, ErrFenced) {
		t.Fatal(err)
	}
	got := billsFor(t, j, "m:1")
	if wantBills(t, got, "1"); got[0].State != BillOpen {
		t.Errorf("a fenced turn paid a bill")
	}
	nameless := bill(3, "m:1")
	nameless.ID = ""
	record(t, j, l, nameless)
	wantBills(t, billsFor(t, j, "m:1"), "1")
}

// A bill that was changed or put into the row of another one in the database does not open.
func testBillsSealed(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	record(t, j, l, bill(1, "m:1"), bill(2, "m:2"))
	_, err := j.w.ExecContext(t.Context(), `update bill set body = (select body from bill where seq = (select max(seq) from bill)) where seq = (select min(seq) from bill)`)
	must(t, err)
	if _, err := j.Bills(t.Context(), []string{"m:1"}); !errors.Is(err, ErrSealed) {
		t.Errorf("the row of another bill opens: %v", err)
	}
	wantBills(t, billsFor(t, j, "m:2"), "2")
	if err := j.Ledger(t.Context(), func(model.Bill) {}); !errors.Is(err, ErrSealed) {
		t.Errorf("the ledger opens: %v", err)
	}
}

// lawBillsTogether lets two services tell of the same bills, in opposite orders, while
// a person marks them: nobody waits for ever, and every person's word stands.
func lawBillsTogether(t *testing.T, fresh func(testing.TB) Options) {
	js := two(t, fresh)
	const turns, n = 20, 15
	var wg sync.WaitGroup
	for k, j := range js {
		l := claim(t, j, []model.SourceID{"gc-mail", "cfo-mail"}[k])
		wg.Go(func() {
			r := seeded(uint64(k))
			for range turns {
				var bs []model.Bill
				for i := range n {
					b := bill(i, "m:1", fmt.Sprint("m:", i))
					b.State, b.By = []string{BillOpen, BillPaid, BillVoid}[r.IntN(3)], ByMail
					b.Source = []model.SourceID{"gc-mail", "cfo-mail"}[r.IntN(2)]
					bs = append(bs, b)
				}
				if k == 1 {
					slices.Reverse(bs)
				}
				if _, err := j.Commit(t.Context(), Turn{Lease: l, Now: start, Bills: bs, KeepCursor: true}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		for i := range n {
			for {
				done, err := js[0].SetBillState(t.Context(), bill(i).ID, BillDisputed, ByPerson, start.Add(time.Hour))
				if err != nil {
					t.Error(err)
				}
				if done || err != nil {
					break
				}
			}
		}
	})
	wg.Wait()
	l := claim(t, js[0], "gc-mail")
	for i := range n {
		record(t, js[0], l, paidBy(i))
	}
	for _, source := range []model.SourceID{"gc-mail", "cfo-mail"} {
		bs, err := js[0].BillsOf(t.Context(), []model.SourceID{source}, time.Time{})
		must(t, err)
		for _, b := range bs {
			if b.State != BillDisputed || b.By != ByPerson {
				t.Errorf("bill %s of %s is %s by %q", b.Plain, source, b.State, b.By)
			}
		}
		if len(bs) != n {
			t.Errorf("%s has %d bills", source, len(bs))
		}
	}
	verify(t, js[0])
}
