package journal

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"chancery/internal/model"
)

const ledgerSize = 100_000

// ledgerBill is one of a ledger in which 2,000 vendors bill 5,000 matters.
func ledgerBill(i int) model.Bill {
	b := bill(i)
	b.Vendor = fmt.Sprintf("vendor-%d.example", i%2000)
	b.Matter = fmt.Sprintf("%05d.0010", i%5000)
	b.Keys = []string{"n:" + b.Vendor + "|" + b.Plain, fmt.Sprintf("m:%06d", i), fmt.Sprintf("f:%064x", i),
		fmt.Sprintf("a:%s|%dUSD|20260302", b.Vendor, i), "v:" + b.Vendor}
	b.Subject, b.Name = "Invoice for services in February", "Vendor Reporting Services LLP"
	if i%10 != 0 {
		b.State, b.By = BillPaid, ByMail
	}
	return b
}

func fullLedger(b *testing.B, fresh func(testing.TB) Options) (*Journal, Lease) {
	j := open(b, fresh(b))
	l := claim(b, j, "gc-mail")
	for from := 0; from < ledgerSize; from += 1000 {
		turn := Turn{Lease: l, KeepCursor: true}
		for i := range 1000 {
			turn.Bills = append(turn.Bills, ledgerBill(from+i))
		}
		commit(b, j, turn)
	}
	if j.eng.name == "postgres" { // as autovacuum does within a minute; SQLite never does
		_, err := j.w.ExecContext(b.Context(), `analyze`)
		must(b, err)
	}
	return j, l
}

// BenchmarkLedger asks a ledger of 100,000 bills, and writes to it.
func BenchmarkLedger(b *testing.B) {
	drivers(b, func(b *testing.B, fresh func(testing.TB) Options) {
		j, l := fullLedger(b, fresh)
		heap := func() uint64 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		for _, mails := range []int{1, 20, 500} {
			for _, known := range []bool{true, false} {
				b.Run(fmt.Sprintf("Bills/mails=%d/known=%t", mails, known), func(b *testing.B) {
					var words []string
					for i := range mails {
						of := ledgerBill(i * 199)
						if !known {
							of = ledgerBill(ledgerSize + i)
							of.Keys = of.Keys[:4] // of a vendor that is new, too
						}
						words = append(words, of.Keys...)
					}
					found := 0
					begun := used()
					for b.Loop() {
						found = len(billsFor(b, j, words...))
					}
					perStep(b, mails, used()-begun)
					b.ReportMetric(float64(found), "found")
				})
			}
		}
		next := ledgerSize
		for _, n := range []int{1, 500} {
			b.Run(fmt.Sprintf("Commit/bills=%d", n), func(b *testing.B) {
				begun := used()
				for b.Loop() {
					turn := Turn{Lease: l, KeepCursor: true}
					for range n {
						next++
						turn.Bills = append(turn.Bills, ledgerBill(next))
					}
					commit(b, j, turn)
				}
				perStep(b, n, used()-begun)
			})
		}
		b.Run("Commit/known=500", func(b *testing.B) {
			turn := Turn{Lease: l, KeepCursor: true}
			for i := range 500 {
				turn.Bills = append(turn.Bills, ledgerBill(i))
			}
			begun := used()
			for b.Loop() {
				commit(b, j, turn)
			}
			perStep(b, 500, used()-begun)
		})
		b.Run("BillsOf/open", func(b *testing.B) {
			before, n := heap(), 0
			for b.Loop() {
				bs, err := j.BillsOf(b.Context(), []model.SourceID{"gc-mail"}, start.Add(time.Hour))
				must(b, err)
				if n = len(bs); n == 0 {
					b.Fatal("none")
				}
				b.StopTimer()
				if after := heap(); after > before {
					b.ReportMetric(float64(after-before)/float64(n), "B/bill")
				}
				b.StartTimer()
				runtime.KeepAlive(bs)
			}
			b.ReportMetric(float64(n), "bills")
		})
		b.Run("SetBillState", func(b *testing.B) {
			i := 0
			for b.Loop() {
				i++
				_, err := j.SetBillState(b.Context(), ledgerBill(i%ledgerSize).ID, []string{BillPaid, BillOpen}[i/ledgerSize%2], ByPerson, start)
				must(b, err)
			}
		})
	})
}
