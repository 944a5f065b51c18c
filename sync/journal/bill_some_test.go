package journal

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
)

// billsOfMails are bills of so many mails, so many of each, all open.
func billsOfMails(from, mails, each int) (out []model.Bill) {
	for m := range mails {
		for i := range each {
			b := bill((from+m)*1000+i, fmt.Sprint("m:", from+m, "/", i), fmt.Sprint("n:vendor.example|", from+m, "/", i), "v:vendor.example", "l:vendor", "w:vendor")
			b.Ident, b.At = model.Ident(fmt.Sprint("mail ", from+m)), model.UnixTime(start.Unix()-100_000+int64(from+m))
			out = append(out, b)
		}
	}
	return out
}

// slim is what SomeBillsOf makes of bills.
func slim(bs []model.Bill) []model.Bill {
	bs = slices.Clone(bs)
	for i := range bs {
		bs[i].Keys = nil
	}
	return bs
}

// As long as there are not more bills than asked for, SomeBillsOf is BillsOf; beyond,
// every mail keeps its first bills, and what is left out is counted, each bill once.
func testSomeBillsOf(t *testing.T, j *Journal) {
	gc, cfo := claim(t, j, "gc-mail"), claim(t, j, "cfo-mail")
	record(t, j, gc, billsOfMails(1, 5, 1)...)
	flood := billsOfMails(100, 6, 10)
	record(t, j, gc, flood...)
	for i := range flood {
		flood[i].Source = "cfo-mail"
	}
	record(t, j, cfo, flood...)
	paid := billsOfMails(300, 1, 1)
	paid[0].State, paid[0].By, paid[0].At = BillPaid, ByMail, 1000
	record(t, j, gc, paid...)
	both := []model.SourceID{"gc-mail", "cfo-mail"}
	some := func(most int, since int64) ([]model.Bill, int) {
		t.Helper()
		bs, left, err := j.SomeBillsOf(t.Context(), both, time.Unix(since, 0), most)
		must(t, err)
		return bs, left
	}
	all, err := j.BillsOf(t.Context(), both, time.Unix(2000, 0))
	must(t, err)
	for _, most := range []int{65, 66, 1000} {
		if bs, left := some(most, 2000); left != 0 || !reflect.DeepEqual(bs, slim(all)) {
			t.Errorf("of at most %d bills %d, %d left out", most, len(bs), left)
		}
	}
	if bs, left := some(66, 0); left != 0 || len(bs) != 66 {
		t.Errorf("with the paid one: %d, %d left out", len(bs), left)
	}
	for _, most := range []int{64, 29, 12, 11, 5, 1, 0} {
		bs, left := some(most, 2000)
		if len(bs) != most || left != 65-most {
			t.Errorf("of at most %d bills %d, %d left out", most, len(bs), left)
		}
		of := map[model.Ident]int{}
		for i, b := range bs {
			of[b.Ident]++
			if !slices.ContainsFunc(all, func(a model.Bill) bool { a.Keys = nil; return reflect.DeepEqual(a, b) }) {
				t.Errorf("of at most %d: bill %d is not what the ledger has", most, i)
			}
		}
		for m := range 11 {
			ident := model.Ident(fmt.Sprint("mail ", []int{1, 2, 3, 4, 5, 100, 101, 102, 103, 104, 105}[m]))
			want := 0
			switch {
			case most >= 11 && m < 5:
				want = 1
			case most >= 11:
				want = (most - 5) / 6
			case most == 5 && m >= 6, most == 1 && m == 10:
				want = 1 // the newest
			}
			if got := of[ident]; got != want && got != want+1 || m < 5 && got != want {
				t.Errorf("of at most %d: %d bills of mail %d, want %d", most, got, m, want)
			}
		}
	}
}

// BenchmarkLedgerFlood reads what a billing desk holds of a ledger that a flood of mails
// with a hundred bills each has filled. MB/held is what stays in memory, MB/peak the most
// that was taken at once.
func BenchmarkLedgerFlood(b *testing.B) {
	for _, mails := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprintf("mails=%d,bills=100", mails), func(b *testing.B) {
			j := open(b, Options{Driver: "sqlite", Path: b.TempDir(), Key: testKey})
			l := claim(b, j, "gc-mail")
			for from := 0; from < mails; from += 100 {
				var bs []model.Bill
				for i, x := range billsOfMails(from, 100, 100) {
					of := ledgerBill(from*100 + i)
					of.ID, of.Ident, of.At = x.ID, x.Ident, x.At
					of.State, of.By, of.Keys = BillOpen, "", append(of.Keys[:1:1], "l:vendor", "l:<ven", "l:>dor", "w:vendor")
					bs = append(bs, of)
				}
				fillBills(b, j, l, bs)
			}
			for name, read := range map[string]func() ([]model.Bill, error){
				"all": func() ([]model.Bill, error) { return j.BillsOf(b.Context(), []model.SourceID{"gc-mail"}, start) },
				"some": func() ([]model.Bill, error) {
					bs, _, err := j.SomeBillsOf(b.Context(), []model.SourceID{"gc-mail"}, start, 50_000)
					return bs, err
				},
			} {
				b.Run(name, func(b *testing.B) {
					for b.Loop() {
						before := memory()
						peak := watchHeap()
						bs, err := read()
						must(b, err)
						b.ReportMetric(float64(peak()-before)/1e6, "MB/peak")
						b.ReportMetric(float64(memory()-before)/1e6, "MB/held")
						b.ReportMetric(float64(len(bs)), "bills")
						runtime.KeepAlive(bs)
					}
				})
			}
		})
	}
}

// fillBills writes bills without the words that find them: nobody asks for any.
func fillBills(t testing.TB, j *Journal, l Lease, bs []model.Bill) {
	t.Helper()
	rows := j.sealBills(Turn{Lease: l, Now: start, Bills: bs})
	must(t, j.write(t.Context(), "fill ledger", start, func(tx *tx) error {
		_, err := tx.insertBills(rows, nil)
		return err
	}))
}

func memory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// watchHeap looks at the heap until it is asked for the most that it saw.
func watchHeap() func() int64 {
	done, most := make(chan bool), make(chan int64)
	go func() {
		var m runtime.MemStats
		high := int64(0)
		for {
			runtime.ReadMemStats(&m)
			high = max(high, int64(m.HeapAlloc))
			select {
			case <-done:
				most <- high
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return func() int64 { done <- true; return <-most }
}
