package billing

import (
	"fmt"
	"strings"
	"testing"

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
				if l, ok := ReadLedes(file, true); !ok || l.Invoices[0].Lines != lines {
					b.Fatal("not read")
				}
			}
		})
	}
}
