package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"chancery/internal/servertest"
)

// liveBill is an invoice from outside counsel that is due so many days from now. No two
// are near each other.
func liveBill(i, dueIn int) billLetter {
	now := time.Now()
	matter := []string{"10042.0070", "10042.0071", "10055.0001"}[i%3]
	due := now.AddDate(0, 0, dueIn)
	return billLetter{
		name: fmt.Sprint("live-", i), date: now.Add(-time.Duration(i%50) * time.Minute).Format(time.RFC1123Z),
		subject: fmt.Sprintf("Invoice No. %d / %s", 60_000+i, matter),
		text: fmt.Sprintf("Our invoice no. %d dated %s for professional services rendered, matter %s.\n\nTotal due: $%d.%02d\nDue date: %s\n",
			60_000+i, now.Format("January 2, 2006"), matter, 1000+137*i, i%100, due.Format("January 2, 2006")),
		want: fmt.Sprintf("invoice-in; %d %d.%02d USD date=%s due=%s matter=%s", 60_000+i, 1000+137*i, i%100, now.Format(time.DateOnly), due.Format(time.DateOnly), matter),
	}
}

// billMail are n billing mails: text, LEDES, HTML and statements in turn.
func billMail(n int) (out [][]byte) {
	for i := range n {
		l := liveBill(i, 5+i%60)
		switch i % 4 {
		case 1:
			l.text, l.html = "", "<p>"+l.text+"</p>"
		case 2:
			l.files = []billFile{{fmt.Sprint(i, ".txt"), "text/plain", []byte(ledesHead + ledesInvoice(fmt.Sprint(60_000+i), "10042.0071", "1600.00", "1.00", "2.00", "1.00"))}}
		case 3:
			l.files = []billFile{{"detail.csv", "text/csv", []byte("Date,Timekeeper,Hours,Amount\n2026-02-03,KB,1.5,600.00\n")}}
		}
		out = append(out, l.raw())
	}
	return out
}

// BenchmarkBilling reads a mailbox of nothing but billing mail, decides it, keeps the
// ledger and writes due dates, until nothing is left to do: the daemon as a process on
// a real Dovecot.
func BenchmarkBilling(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		b.Run(fmt.Sprintf("messages=%d", n), func(b *testing.B) {
			mails, peak := billMail(n), 0
			for b.Loop() {
				b.StopTimer()
				d, dav := servertest.Dovecot(b, servertest.DovecotOptions{}), servertest.Radicale(b)
				f := billingFirm(b, d, dav)
				c := d.Client(b, gc)
				for part := range slices.Chunk(mails, 500) {
					c.Append("INBOX", part...)
				}
				b.StartTimer()
				m := f.measure("run", "--once", "--timeout", "4m")
				if m.code != 0 {
					b.Fatalf("run --once: exit %d\n%s", m.code, m.out)
				}
				peak = max(peak, m.peak)
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
			b.ReportMetric(float64(peak), "peak-MiB")
		})
	}
}
