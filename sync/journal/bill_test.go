package journal

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

// bill is one of a vendor, told by the message of its number.
func bill(n int, keys ...string) model.Bill {
	return model.Bill{
		ID: strings.ReplaceAll(fmt.Sprintf("%032x", n), " ", "0"), Ident: model.Ident(fmt.Sprint("bill mail ", n)), Source: "gc-mail",
		MessageID: fmt.Sprintf("<bill-%d@vendor.example>", n), At: model.UnixTime(start.Unix() - 1000 + int64(n)), Subject: "Invoice",
		Class: "vendor", Number: fmt.Sprint("INV-", n), Plain: fmt.Sprint(n), Vendor: "vendor.example", Amount: 12500, Currency: "USD",
		Due: 1775001600, Doubts: []string{"new-bank"}, Keys: keys, State: BillOpen,
	}
}

func record(t testing.TB, j *Journal, l Lease, bs ...model.Bill) {
	t.Helper()
	commit(t, j, Turn{Lease: l, Bills: bs, KeepCursor: true})
}

func billsFor(t testing.TB, j *Journal, keys ...string) []model.Bill {
	t.Helper()
	bs, err := j.Bills(t.Context(), keys)
	must(t, err)
	return bs
}

func numbersOf(bs []model.Bill) (out []string) {
	for _, b := range bs {
		out = append(out, b.Plain)
	}
	return out
}

func wantBills(t testing.TB, got []model.Bill, want ...string) {
	t.Helper()
	if !slices.Equal(numbersOf(got), want) {
		t.Errorf("bills %v, want %v", numbersOf(got), want)
	}
}

func testBills(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	one, two := bill(1, "n:vendor.example|1", "m:1111", "v:vendor.example"), bill(2, "n:vendor.example|2", "v:vendor.example")
	pays := bill(3, "a:self|1")
	pays.Settles = []string{"m:1111", "m:4444"}
	record(t, j, l, two, one, pays)
	if got := billsFor(t, j, "m:1111"); len(got) != 2 || !reflect.DeepEqual(got[0], one) || !reflect.DeepEqual(got[1], pays) {
		t.Errorf("a number finds its bill and what settles it: %v", numbersOf(got))
	}
	wantBills(t, billsFor(t, j, "m:4444"), "3") // the remittance came before the invoice
	wantBills(t, billsFor(t, j, "v:vendor.example", "m:1111", "v:vendor.example", ""), "1", "2", "3")
	wantBills(t, billsFor(t, j, "m:9999"))
	wantBills(t, billsFor(t, j))
	// A second reading tells other facts under other keys; the state stays.
	if ok, err := j.SetBillState(t.Context(), one.ID, BillPaid, ByPerson, start); !ok || err != nil {
		t.Fatal(ok, err)
	}
	again := one
	again.Amount, again.Keys = 13000, []string{"n:vendor.example|1", "m:2222"}
	record(t, j, l, again)
	wantBills(t, billsFor(t, j, "m:1111"), "3")
	got := billsFor(t, j, "m:2222")
	again.State, again.By = BillPaid, ByPerson
	if len(got) != 1 || !reflect.DeepEqual(got[0], again) {
		t.Errorf("after a second reading: %v", numbersOf(got))
	}
	all := 0
	must(t, j.Ledger(t.Context(), func(model.Bill) { all++ }))
	if all != 3 {
		t.Errorf("%d bills in the ledger", all)
	}
	past, err := j.BillPast(t.Context(), one.ID)
	must(t, err)
	var words []string
	for _, e := range past {
		words = append(words, e.Kind+" "+e.Action+" "+e.Code)
		if e.Source != "gc-mail" || e.Ref != j.Called(one.Ident) {
			t.Errorf("entry %+v", e)
		}
	}
	if want := []string{"bill-recorded open ", "bill-changed paid person"}; !slices.Equal(words, want) {
		t.Errorf("past %q, want %q", words, want)
	}
}

// What Bills answers is bounded, also where all came at one time.
func testBillsBounded(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	var bs []model.Bill
	for i := range 120 {
		b := bill(i+1, "v:vendor.example", "m:same")
		if i%2 == 0 {
			b.At = model.UnixTime(start.Unix())
		}
		bs = append(bs, b)
	}
	record(t, j, l, bs...)
	if n := len(billsFor(t, j, "v:vendor.example")); n != newestOfVendor {
		t.Errorf("%d bills of a vendor", n)
	}
	got := billsFor(t, j, "m:same")
	if len(got) != newestOfKey || got[0].Plain != "81" || got[19].Plain != "119" {
		t.Errorf("%d bills of a number: %v", len(got), numbersOf(got))
	}
	// The date of a mail is what its sender likes: it does not outlast what comes later.
	future := bill(500, "m:same")
	future.At = model.UnixTime(start.AddDate(50, 0, 0).Unix())
	record(t, j, l, future)
	bs = nil
	for i := range newestOfKey {
		b := bill(600+i, "m:same")
		b.At = model.UnixTime(start.Unix() + int64(i))
		bs = append(bs, b)
	}
	commit(t, j, Turn{Lease: l, Now: start.Add(time.Hour), Bills: bs, KeepCursor: true})
	if got := numbersOf(billsFor(t, j, "m:same")); slices.Contains(got, "500") {
		t.Errorf("a bill of the future stays the newest: %v", got)
	}
	long := bill(700)
	for i := range 3 * maxBillKeys {
		long.Settles = append(long.Settles, fmt.Sprint("m:long", i))
	}
	record(t, j, l, long)
	wantBills(t, billsFor(t, j, fmt.Sprint("m:long", maxBillKeys-1)), "700")
	wantBills(t, billsFor(t, j, fmt.Sprint("m:long", maxBillKeys)))
}

// Mail makes a state firmer and never opens one again, in whatever order it is read.
func testBillStates(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	said := func(n int, state, by string) model.Bill {
		b := bill(n, "m:"+fmt.Sprint(n))
		b.State, b.By = state, by
		return b
	}
	states := []string{BillOpen, BillDisputed, BillPaid, BillVoid}
	n := 0
	for _, first := range states {
		for _, second := range states {
			for _, between := range append([]string{""}, states...) {
				n++
				record(t, j, l, said(n, first, ByMail))
				if between != "" {
					_, err := j.SetBillState(t.Context(), bill(n).ID, between, ByPerson, start)
					must(t, err)
				}
				record(t, j, l, said(n, second, ByMail))
				record(t, j, l, bill(n, "m:"+fmt.Sprint(n))) // its own mail, read again
				want, by := states[max(slices.Index(states, first), slices.Index(states, second))], ByMail
				if want == BillOpen {
					by = ""
				}
				if between != "" {
					want, by = between, ByPerson
				}
				if got := billsFor(t, j, "m:"+fmt.Sprint(n))[0]; got.State != want || got.By != by {
					t.Errorf("%s, person %q, %s: %s by %q, want %s by %q", first, between, second, got.State, got.By, want, by)
				}
			}
		}
	}
	for _, c := range []struct {
		id, state, by string
		changed, fail bool
	}{
		{bill(1).ID, "burnt", ByPerson, false, true},
		{bill(1).ID, "", ByPerson, false, true},
		{bill(1).ID, BillPaid, "", false, true},
		{"unknown", BillPaid, ByPerson, false, false},
		{bill(1).ID, BillPaid, ByMail, true, false},
		{bill(1).ID, BillOpen, ByMail, false, false},
		{bill(1).ID, BillOpen, ByPerson, true, false},
		{bill(1).ID, BillOpen, ByPerson, false, false},
		{bill(1).ID, BillVoid, ByMail, false, false},
	} {
		changed, err := j.SetBillState(t.Context(), c.id, c.state, c.by, start)
		if changed != c.changed || (err != nil) != c.fail {
			t.Errorf("%s by %s: changed %v, %v", c.state, c.by, changed, err)
		}
	}
	// What a mail repeats of a person's word is no word of the mail.
	record(t, j, l, said(1, BillPaid, ByPerson), said(900, BillPaid, ByPerson))
	if got := billsFor(t, j, "m:1", "m:900"); got[0].State != BillOpen || got[1].State != BillOpen || got[1].By != "" {
		t.Errorf("a mail spoke for a person: %s, %s", got[0].State, got[1].State)
	}
	// In one turn, too.
	record(t, j, l, said(901, BillPaid, ByMail), said(901, BillOpen, ""))
	if got := billsFor(t, j, "m:901"); len(got) != 1 || got[0].State != BillPaid {
		t.Errorf("%d bills, state %s", len(got), got[0].State)
	}
}

// A mail that came to two sources has one bill, which each of them has.
func testBillsOf(t *testing.T, j *Journal) {
	gc, cfo := claim(t, j, "gc-mail"), claim(t, j, "cfo-mail")
	b := bill(1, "m:1111")
	record(t, j, gc, b)
	other := b
	other.Source = "cfo-mail"
	record(t, j, cfo, other)
	wantBills(t, billsFor(t, j, "m:1111"), "1")
	if _, err := j.SetBillState(t.Context(), b.ID, BillPaid, ByPerson, start); err != nil {
		t.Fatal(err)
	}
	old, young, open := bill(2), bill(3), bill(4)
	old.State, young.State, old.By, young.By = BillVoid, BillDisputed, ByMail, ByMail
	old.At, young.At, open.At = 1000, 5000, 10
	record(t, j, gc, old, young, open)
	of := func(since int64, ids ...model.SourceID) []model.Bill {
		t.Helper()
		bs, err := j.BillsOf(t.Context(), ids, time.Unix(since, 0))
		must(t, err)
		return bs
	}
	wantBills(t, of(2000, "gc-mail", "cfo-mail"), "4", "3", "1")
	wantBills(t, of(2000, "cfo-mail"), "1")
	wantBills(t, of(start.Unix()+1, "gc-mail"), "4")
	wantBills(t, of(0, "gc-mail"), "4", "2", "3", "1")
	wantBills(t, of(0))
	if got := of(0, "cfo-mail")[0]; got.State != BillPaid || got.By != ByPerson {
		t.Errorf("the other source's is %s", got.State)
	}
	// A copy that comes later stands where the first does.
	late := b
	late.Source = "third-mail"
	record(t, j, claim(t, j, "third-mail"), late)
	if got := of(0, "third-mail")[0]; got.State != BillPaid || got.By != ByPerson {
		t.Errorf("the third source's is %s", got.State)
	}
	// A mail of one source pays the bill of another.
	pays := open
	pays.State, pays.By = BillPaid, ByMail
	record(t, j, cfo, pays)
	if got := of(0, "gc-mail")[0]; got.State != BillPaid || got.By != ByMail {
		t.Errorf("paid by mail of another source: %s", got.State)
	}
	wantBills(t, of(0, "cfo-mail"), "1")
}

func testForgetBills(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	record(t, j, l, bill(1, "m:1111"), bill(2, "m:1111"))
	if n, err := j.ForgetBills(t.Context(), []string{bill(1).ID, "unknown", bill(1).ID}, start); n != 1 || err != nil {
		t.Errorf("%d forgotten, %v", n, err)
	}
	wantBills(t, billsFor(t, j, "m:1111"), "2")
	past, err := j.BillPast(t.Context(), bill(1).ID)
	must(t, err)
	if len(past) != 2 || past[1].Kind != KindBillForgotten || past[1].Code != ByPerson {
		t.Errorf("past %+v", past)
	}
	record(t, j, l, bill(1, "m:1111"))
	wantBills(t, billsFor(t, j, "m:1111"), "1", "2")
}

func testPruneBills(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	var bs []model.Bill
	for i := range 10 {
		b := bill(i, "m:1111")
		if i%2 == 1 {
			b.State, b.By = BillPaid, ByMail
		}
		bs = append(bs, b)
	}
	record(t, j, l, bs...)
	year := start.AddDate(1, 0, 0)
	if _, err := j.SetBillState(t.Context(), bill(3).ID, BillVoid, ByPerson, year); err != nil {
		t.Fatal(err)
	}
	if n, err := j.PruneBills(t.Context(), start, 100, year); n != 0 || err != nil {
		t.Errorf("%d pruned that changed at the time, %v", n, err)
	}
	for _, want := range []int{3, 1, 0} {
		if n, err := j.PruneBills(t.Context(), start.Add(time.Second), 3, year); n != want || err != nil {
			t.Errorf("%d pruned, want %d, %v", n, want, err)
		}
	}
	wantBills(t, billsFor(t, j, "m:1111"), "0", "2", "3", "4", "6", "8")
	left := 0
	must(t, j.w.QueryRowContext(t.Context(), `select count(*) from bill_key`).Scan(&left))
	if left != 12 { // the key and the mail of six
		t.Errorf("%d keys are left", left)
	}
}
