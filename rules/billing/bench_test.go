package billing

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"chancery/internal/model"
	"chancery/internal/servertest"
	"chancery/rules/text"
)

func BenchmarkExtract(b *testing.B) {
	fill := strings.Repeat("We reviewed the draft of the supply agreement and have three remarks on the notice period, see below.\n", 38)
	bill := "Invoice No. 2026-0417\nInvoice Date: May 1, 2026\nTotal Due: $1,684.45\nTerms: Net 30\n"
	ledes := ledesFile("LEDES1998B", "\r\n", []string{"A-1", "30", "10"}, []string{"A-1", "30", "20"})
	for _, bb := range []struct{ kind, body, file string }{
		{"letter", fill, ""}, {"bill", fill + bill, ""}, {"ledes", fill + bill, ledes},
	} {
		m := mailOf("Your matter", bb.body)
		if bb.file != "" {
			m = mailOf("Your matter", bb.body, ledesAttachment("x.txt", bb.file))
		}
		z := text.Split(m)
		b.Run("size=4KiB/kind="+bb.kind, func(b *testing.B) {
			b.SetBytes(int64(len(bb.body)))
			b.ReportAllocs()
			for b.Loop() {
				Extract(z, m, Options{})
			}
		})
	}
}

// BenchmarkExtractHostile repeats what makes a search start over.
func BenchmarkExtractHostile(b *testing.B) {
	for kind, unit := range map[string]string{
		"digits": "1", "numbers": "1 ", "points": "1.", "cues": "invoice ", "totals": "total due ", "months": "may ", "spaces": " ", "dates": "1/1/", "signs": "$",
	} {
		m := mailOf("x", strings.Repeat(unit, (1<<20)/len(unit)))
		z := text.Zones{New: m.Parts[0].Text}
		b.Run("size=1MiB/kind="+kind, func(b *testing.B) {
			for b.Loop() {
				Extract(z, m, Options{})
			}
		})
	}
}

func BenchmarkReadLedes(b *testing.B) {
	for _, lines := range []int{100, 10000} {
		row := []string{"A-1", "30", "10"}
		rows := make([][]string, lines)
		for i := range rows {
			rows[i] = row
		}
		file := []byte(ledesFile("LEDES1998B", "\r\n", rows...))
		b.Run(fmt.Sprintf("lines=%d", lines), func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				if l, ok := readLedes(file, LedesOptions{}); !ok || l.Invoices[0].Lines != lines {
					b.Fatal("not read")
				}
			}
		})
	}
}

// BenchmarkExtractMailbox reads a whole mailbox of people who write about gas and money,
// its text already divided, and invoices of all shapes.
func BenchmarkExtractMailbox(b *testing.B) {
	own := func(addr string) bool { return strings.HasSuffix(addr, "@firm.example") }
	run := func(name string, mails []*model.Mail) {
		zones := make([]text.Zones, len(mails))
		size := 0
		for i, m := range mails {
			zones[i] = text.Split(m)
			size += len(zones[i].New) + len(zones[i].Quoted)
		}
		b.Run("mails="+name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(size / max(1, len(mails))))
			n := 0
			for b.Loop() {
				Extract(zones[n%len(mails)], mails[n%len(mails)], Options{Own: own})
				n++
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "mails/s")
		})
	}
	var people, bills []*model.Mail
	err := filepath.WalkDir(servertest.Corpus(b, "enron-calo-maildir"), func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if m, ok := readMail(b, name); ok {
				people = append(people, m)
			}
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	for _, l := range letters {
		bills = append(bills, l.mail())
	}
	run("people", people)
	run("bills", bills)
}
