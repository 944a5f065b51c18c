package imap

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"math/rand"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/internal/servertest"
)

// longLetter is a message of 2 to 10 KiB.
func longLetter(r *rand.Rand, n int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "Return-Path: <ann@firm.example>\r\nReceived: from a.example by b.example; Mon, 5 Oct 2026 10:00:00 +0000\r\n"+
		"From: Ann Ames <ann@firm.example>\r\nTo: Bo Byrd <bo@client.example>\r\nSubject: Matter %d\r\nMessage-ID: <b%d@firm.example>\r\n"+
		"Date: Mon, 5 Oct 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n", n, n)
	words := strings.Fields("the parties agree that counsel shall review each invoice before the hearing and file a motion to settle")
	for size := 2048 + r.Intn(8192); b.Len() < size; {
		for range 10 {
			b.WriteString(words[r.Intn(len(words))] + " ")
		}
		b.WriteString("\r\n")
	}
	return []byte(b.String())
}

// BenchmarkPull reads a whole mailbox, parsed, and in the same run lets a raw
// socket read the same FETCH and throw it away: "wire-ratio" is how much longer
// we take.
func BenchmarkPull(b *testing.B) {
	for _, n := range []int{2_000, 20_000} {
		b.Run("messages="+strconv.Itoa(n), func(b *testing.B) {
			if n > 2_000 && testing.Short() {
				b.Skip("long")
			}
			d := servertest.Dovecot(b, servertest.DovecotOptions{})
			r := rand.New(rand.NewSource(1))
			person := d.Client(b, "ann")
			for from := 0; from < n; from += 500 {
				var part [][]byte
				for i := range 500 {
					part = append(part, longLetter(r, from+i))
				}
				person.Append("INBOX", part...)
			}
			rawPull(b, d, n) // warm the server
			var wire, ours, cpu time.Duration
			for b.Loop() {
				wire += rawPull(b, d, n)
				s := open(b, optionsFor(d, "ann"))
				began, busy := time.Now(), ownTime()
				changes := 0
				for since, more := "", true; more; {
					batch, err := s.Pull(b.Context(), connectors.Cursor(since))
					if err != nil {
						b.Fatal(err)
					}
					changes += len(batch.Changes)
					since, more = string(batch.Next), batch.More
				}
				ours += time.Since(began)
				cpu += ownTime() - busy
				if changes != n {
					b.Fatalf("%d changes", changes)
				}
				_ = s.Close()
			}
			b.ReportMetric(ours.Seconds()/wire.Seconds(), "wire-ratio")
			b.ReportMetric(float64(n*b.N)/ours.Seconds(), "msg/s")
			b.ReportMetric(float64(cpu.Microseconds())/float64(n*b.N), "cpu-us/msg")
		})
	}
}

// ownTime is the processor time of this process: it does not grow while others
// use the machine.
func ownTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func rawPull(b *testing.B, d *servertest.DovecotServer, n int) time.Duration {
	c := d.Client(b, "ann")
	defer c.Close()
	c.OK("EXAMINE INBOX")
	conn, br := c.Conn()
	_ = conn.SetDeadline(time.Time{})
	began := time.Now()
	for from := 1; from <= n; from += defaultBatch {
		fmt.Fprintf(conn, "r UID FETCH %d:%d (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.%d>)\r\n", from, from+defaultBatch-1, prefixSize)
		for {
			line, err := br.ReadSlice('\n')
			if err != nil {
				b.Fatal(err)
			}
			if size, ok := literalSize(line); ok {
				_, _ = io.CopyN(io.Discard, br, size)
				continue
			}
			if line[0] == 'r' {
				break
			}
		}
	}
	return time.Since(began)
}

// BenchmarkIdleMemory holds many TLS connections in Wait and tells what each costs
// in memory, and all together in time of a core over half a minute.
func BenchmarkIdleMemory(b *testing.B) {
	for _, c := range []struct {
		n        int
		compress bool
		urgent   bool // Sent is followed too, and a sentry stands for it
	}{{200, false, false}, {200, true, false}, {200, false, true}, {1000, false, false}} {
		name := fmt.Sprintf("mailboxes=%d/compress=%t", c.n, c.compress)
		if c.urgent {
			name += "/urgent=Sent"
		}
		b.Run(name, func(b *testing.B) {
			if c.n > 200 && testing.Short() {
				b.Skip("long")
			}
			extra := ""
			if c.compress {
				extra = zlibPlugins
			}
			d := servertest.Dovecot(b, servertest.DovecotOptions{Format: "mdbox", Max: 3 * c.n, Extra: extra})
			pem, err := os.ReadFile(d.CAFile)
			if err != nil {
				b.Fatal(err)
			}
			roots := x509.NewCertPool()
			roots.AppendCertsFromPEM(pem)
			for i := range c.n {
				if c.urgent {
					person := d.Client(b, "u"+strconv.Itoa(i))
					person.OK("CREATE Sent")
					person.Close()
				}
			}
			for b.Loop() {
				idle(b, c.n, func(i int) Options {
					o := optionsFor(d, "u"+strconv.Itoa(i))
					o.TLS, o.Port, o.RootCAs, o.Baseline, o.Compress = "implicit", d.TLS, roots, true, c.compress
					if c.urgent {
						o.Mailboxes, o.Urgent = []string{"INBOX", "Sent"}, func() []string { return []string{"Sent"} }
					}
					return o
				})
			}
		})
	}
}

func idle(b *testing.B, n int, options func(int) Options) {
	const watched = 30 * time.Second
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	ctx, cancel := context.WithCancel(b.Context())
	var all sync.WaitGroup
	var sources []*Source
	for i := range n {
		s := open(b, options(i))
		if _, err := s.Pull(ctx, ""); err != nil {
			b.Fatal(err)
		}
		sources = append(sources, s)
		all.Go(func() { _ = s.Wait(ctx) })
	}
	time.Sleep(idleFirst[0] + idleFirst[1] + time.Second) // the first short IDLEs end
	runtime.GC()
	runtime.ReadMemStats(&after)
	spent := cpuTime(b)
	time.Sleep(watched)
	spent = cpuTime(b) - spent
	cancel()
	all.Wait()
	for _, s := range sources {
		_ = s.Close()
	}
	used := int64(after.HeapInuse+after.StackInuse) - int64(before.HeapInuse+before.StackInuse)
	b.ReportMetric(float64(used)/1024/float64(n), "KiB/mailbox")
	b.ReportMetric(spent.Seconds()/watched.Seconds()*100, "core-%")
	b.ReportMetric(0, "ns/op")
}

// cpuTime is what this process has used of all cores.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
