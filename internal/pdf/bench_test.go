package pdf

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"chancery/internal/filetext"
)

type nowhere struct{ octets int }

func (n *nowhere) text(s string) error            { n.octets += len(s); return nil }
func (n *nowhere) member(m filetext.Member) error { n.octets += len(m.Content); return nil }

// The way from the parent to a warm child and back.
func BenchmarkPDF(b *testing.B) {
	for _, pages := range []int{1, 20, 50} {
		content := novel(pages)
		b.Run(fmt.Sprintf("pages=%d", pages), func(b *testing.B) {
			p := newPool(b, Options{})
			if _, _, code := p.Read(novel(1)); code != "" {
				b.Fatal(code)
			}
			for b.Loop() {
				if text, _, code := p.Read(content); code != "" || text == "" {
					b.Fatalf("%d octets, code %q", len(text), code)
				}
			}
			for r := range p.all {
				b.ReportMetric(float64(resident(b, r.pid)>>20), "childMiB")
			}
		})
	}
}

// Where no memory may be made executable.
func BenchmarkSlowly(b *testing.B) {
	e, err := newEngine(modeSlow)
	if err != nil {
		b.Fatal(err)
	}
	content := novel(20)
	b.Run("pages=20", func(b *testing.B) {
		for b.Loop() {
			if code, err := e.read(content, &nowhere{}); code != "" || err != nil {
				b.Fatal(code, err)
			}
		}
	})
}

// From nothing to the first answer.
func BenchmarkStart(b *testing.B) {
	content := novel(1)
	for b.Loop() {
		p := New(Options{})
		if _, _, code := p.Read(content); code != "" {
			b.Fatal(code)
		}
		p.Close()
	}
}

// resident is how many octets of memory a process holds.
func resident(t testing.TB, pid int) int {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(data))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}
