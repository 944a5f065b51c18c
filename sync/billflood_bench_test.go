package sync

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// BenchmarkBatchOfTwins weighs a batch of mails with a hundred bills each, of which the
// ledger has twenty like each: asked about at once, and mail by mail. MB/held is what
// the middle of the batch holds.
func BenchmarkBatchOfTwins(b *testing.B) {
	for _, mails := range []int{5, 20} {
		c := newCounter(b, rulesOfBills)
		told := func(copy, mail, n int) model.Bill {
			plain := fmt.Sprintf("CR%d/%d", mail, n)
			return model.Bill{ID: fmt.Sprintf("%08x%08x%016x", copy, mail, n), Ident: model.Ident(fmt.Sprint("mail ", copy, "/", mail)), Source: "gc", At: model.UnixTime(c.now.Unix() + int64(copy)),
				Class: "vendor", Number: plain, Plain: plain, Vendor: "copper.example", Subject: "Invoice for services", State: "open", Keys: []string{"n:copper.example|" + plain}}
		}
		plans := make([]model.Plan, mails)
		for copy := range 21 {
			for mail := range mails {
				var bills []model.Bill
				for n := range 100 {
					bills = append(bills, told(copy, mail, n))
				}
				if copy == 20 {
					plans[mail].Bills = bills
					continue
				}
				if _, err := c.j.Commit(b.Context(), journal.Turn{Lease: c.w.lease, Now: c.now, KeepCursor: true, Bills: bills}); err != nil {
					b.Fatal(err)
				}
			}
		}
		for name, words := range map[string]int{"at-once": math.MaxInt, "by-mail": 1} {
			b.Run(fmt.Sprintf("mails=%d,%s", mails, name), func(b *testing.B) {
				c.w.e.desks.words = words
				for b.Loop() {
					before := heapNow()
					l, err := c.w.e.ledger(b.Context(), c.w.round, plans, nil, c.now)
					if err != nil {
						b.Fatal(err)
					}
					for i := range plans {
						found := l.before(i)
						if i == mails/2 {
							b.ReportMetric(float64(heapNow()-before)/1e6, "MB/held")
							b.ReportMetric(float64(len(found)), "found")
						}
						l.record(plans[i])
					}
					runtime.KeepAlive(l)
				}
			})
		}
	}
}

func heapNow() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
