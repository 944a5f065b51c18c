package billing

import (
	"io"
	"math/rand"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// heapOf runs f and returns the most that the heap grew to meanwhile.
func heapOf(f func()) uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before := m.HeapInuse + m.StackInuse
	var most atomic.Uint64
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most.Store(max(most.Load(), m.HeapInuse+m.StackInuse))
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	f()
	close(stop)
	<-done
	return most.Load() - min(before, most.Load())
}

// hostileLedes are files of so many octets that would make a careless reader keep too much.
func hostileLedes(size int64) map[string]io.Reader {
	m := makeLedes(rand.New(rand.NewSource(3)), "1998B", 1, 1)
	file := m.print()
	lines := strings.SplitAfter(file, "\n")
	head := lines[0] + lines[1]
	line := strings.Replace(lines[2], "2026-00001", "N~", 1)
	numbered := strings.Replace(lines[2], "|1|", "|~|", 1)
	x := makeLedes(rand.New(rand.NewSource(3)), "XML 2.1", 1, 1).print()
	fee, end := strings.Index(x, "<fee>"), strings.Index(x, "</matter>")
	if fee < 0 {
		fee = strings.Index(x, "<expense>")
	}
	endless := func(head, line, tail string) io.Reader {
		return &endlessLedes{head: head, line: line, tail: tail, number: "~", left: size}
	}
	return map[string]io.Reader{
		"lines of one invoice":          endless(head, numbered, ""),
		"an invoice a line":             endless(head, line, ""),
		"one line":                      endless(head, strings.TrimRight(numbered, "\r\n"), ""),
		"one line, no records":          endless(head, "x|", ""),
		"no line ends at all":           endless("LEDES1998B[]", strings.TrimRight(numbered, "\r\n"), ""),
		"one field":                     endless(head+strings.Repeat("1|", 18), "word ~ ", ""),
		"empty lines":                   endless(head, "\n", ""),
		"broken lines":                  endless(head, "a|b\n", ""),
		"every line wrong":              endless(head, "~|~|||x|19999999|x||~|Q|x|x|x|x|A101|L110|Z9|||||||[]\n", ""),
		"xml":                           endless(x[:fee], strings.Replace(x[fee:end], "0</charge_desc>", "~</charge_desc>", 1), x[end:]),
		"xml, one text":                 endless(x[:fee]+"<fee><charge_desc>", "word ~ ", "</charge_desc></fee>"+x[end:]),
		"xml, one comment":              endless(x[:fee]+"<!--", "- > ~", "-->"+x[fee:]),
		"xml, one attribute":            endless(x[:fee]+"<fee x='", "word ~", "'>"+x[fee:]),
		"xml, entities":                 endless(x[:fee]+"<fee><charge_desc>", "&amp;", "</charge_desc></fee>"+x[end:]),
		"xml, an invoice in an invoice": endless(x[:fee], "</matter></invoice><invoice><inv_id>~</inv_id><matter>", x[end:]),
	}
}

// TestLedesMemory reads big files, good and hostile, in memory that is a fraction of them.
func TestLedesMemory(t *testing.T) {
	for name := range hostileLedes(0) {
		t.Run(name, func(t *testing.T) {
			size := int64(6 << 20)
			if name == "lines of one invoice" || name == "an invoice a line" || name == "xml" {
				size = 40 << 20
			}
			r, told := hostileLedes(size)[name], 0
			heap := heapOf(func() {
				if _, err := CheckLedes(r, LedesOptions{}, func(LedesProblem) { told++ }); err != nil {
					t.Error(err)
				}
			})
			if heap > 48<<20 {
				t.Errorf("the heap grew to %d MiB", heap>>20)
			}
			t.Logf("%d MiB, %d problems", heap>>20, told)
		})
	}
}

// BenchmarkLedesBig reads files of 200 MB.
func BenchmarkLedesBig(b *testing.B) {
	const size = 200_000_000
	for name := range hostileLedes(0) {
		b.Run("size=200MB/kind="+strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				r := hostileLedes(size)[name]
				heap := heapOf(func() { _, _ = CheckLedes(r, LedesOptions{}, func(LedesProblem) {}) })
				b.ReportMetric(float64(heap)/(1<<20), "MiB")
			}
		})
	}
}
