package billing

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
)

func BenchmarkLedes(b *testing.B) {
	for _, version := range []string{"1998B", "98BI V2", "XML 2.1"} {
		for _, invoices := range []int{1, 1000} {
			file := makeLedes(rand.New(rand.NewSource(1)), version, invoices, 100_000/invoices).print()
			b.Run(fmt.Sprintf("lines=100000/format=%s/invoices=%d", strings.ReplaceAll(version, " ", ""), invoices), func(b *testing.B) {
				b.SetBytes(int64(len(file)))
				b.ReportAllocs()
				for b.Loop() {
					if l, err := CheckLedes(strings.NewReader(file), LedesOptions{}, nil); err != nil || l.Errors > 0 || l.Lines != 100_000 {
						b.Fatalf("%v: %d lines, %v", err, l.Lines, l.Problems)
					}
				}
			})
		}
	}
}
