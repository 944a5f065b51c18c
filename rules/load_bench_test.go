package rules

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chancery/config"
)

// largeFirm writes a configuration folder: rules by terms, senders, subjects and
// matters, a quarter of which file at one priority and must be told apart.
func largeFirm(b testing.TB, rules, matters int) string {
	dir := b.TempDir()
	put := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	put("chancery.yaml", "version: 1\naccounts:\n  - name: gc-mail\n    imap: {host: imap.firm.example, user: gc, password: {credential: gc-mail}}\n")
	put("rules.d/00.yaml", "version: 1\nmatters: {file: matters.csv}\nmarks: {billing: {keyword: lx-4}}\n")
	var csv strings.Builder
	csv.WriteString("number,client,name,folder,partner,team,aliases,open\n")
	for i := range matters {
		fmt.Fprintf(&csv, "%06d.0070,Client %d,\"Lease, part %d\",Clients/C%d/Lease,pat@firm.example,firm.example;gc@firm.example,Holding %d plc,yes\n", i, i, i, i, i)
	}
	put("matters.csv", csv.String())
	const perFile = 100
	for i := 0; i < rules; i += perFile {
		var lists, terms, mail strings.Builder
		for j := i; j < min(i+perFile, rules); j++ {
			switch j % 4 {
			case 0:
				fmt.Fprintf(&terms, "  t%d: [subject phrase %d, confidential project %d, kestrel%d]\n", j, j, j, j)
				fmt.Fprintf(&mail, "  - name: rule %d\n    priority: %d\n    when: >-\n      terms.t%d.within(\"subject\", \"new\")\n      && !msg.bulk\n    then: [mark: billing]\n", j, j%10, j)
			case 1:
				fmt.Fprintf(&lists, "  l%d: [side%d.example, jo@other%d.example]\n", j, j, j)
				fmt.Fprintf(&mail, "  - name: rule %d\n    priority: 20\n    when: msg.from.is_in(lists.l%d) && msg.size > 100\n    unless: msg.auto\n    then: [mark: billing, file: Sides/S%d]\n", j, j, j)
			case 2:
				fmt.Fprintf(&mail, "  - name: rule %d\n    when: 'msg.subject.matches(\"(?i)\\\\bbudget %d\\\\b\")'\n    then: [star: true]\n", j, j)
			default:
				fmt.Fprintf(&mail, "  - name: rule %d\n    priority: %d\n    extract: {fee: {kind: money, near: [total due]}}\n    when: x.matter.open && x.fee.cents > %d\n    then: [file: \"Billing/{{x.matter.client}}\"]\n", j, 1000+j, j)
			}
		}
		put(fmt.Sprintf("rules.d/%05d.yaml", i+1), "version: 1\ndefaults: {mode: enforce, folders: [INBOX]}\nlists:\n"+lists.String()+"terms:\n"+terms.String()+"mail:\n"+mail.String())
	}
	return dir
}

// BenchmarkLoadAndCompile is what chancery check and a reload do.
func BenchmarkLoadAndCompile(b *testing.B) {
	for _, size := range []struct{ rules, matters int }{{200, 1000}, {2000, 1000}, {2000, 100_000}} {
		b.Run(fmt.Sprintf("rules=%d,matters=%d", size.rules, size.matters), func(b *testing.B) {
			dir := largeFirm(b, size.rules, size.matters)
			b.ReportAllocs()
			peak := watchHeap(b)
			for b.Loop() {
				b.StopTimer() // each time as in a new process
				runtime.GC()
				b.StartTimer()
				cfg, errs := config.LoadDir(dir)
				if len(errs) > 0 {
					b.Fatal(errs[:min(3, len(errs))])
				}
				set, errs := Compile(&cfg.Rules)
				if set == nil || len(errs) > 0 {
					b.Fatal(errs[:min(3, len(errs))])
				}
			}
			b.ReportMetric(float64(peak())/(1<<20), "peak-MiB")
		})
	}
}

// watchHeap returns a function that says how large the heap was at most above
// what it was at first, dead objects that are not yet swept included.
func watchHeap(b *testing.B) func() uint64 {
	sample := func() uint64 {
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(s)
		return s[0].Value.Uint64()
	}
	runtime.GC()
	first := sample()
	var peak atomic.Uint64
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for tick := time.NewTicker(time.Millisecond); ; {
			peak.Store(max(peak.Load(), sample()))
			select {
			case <-stop:
				tick.Stop()
				return
			case <-tick.C:
			}
		}
	}()
	return func() uint64 {
		b.StopTimer()
		close(stop)
		<-done
		return peak.Load() - min(first, peak.Load())
	}
}
