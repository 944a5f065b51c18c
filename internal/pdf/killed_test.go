package pdf

import (
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Children that somebody kills at any moment, also while they start, cost at most what
// they were asked; nothing of them is left, and the next PDF is read.
func TestKilledAtAnyMoment(t *testing.T) {
	descriptors := func() int {
		all, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	first := New(patient(Options{Command: slow})) // what the runtime opens once
	child(t, first)
	first.Close()
	before := descriptors()

	p := New(patient(Options{Command: slow, Pause: time.Nanosecond}))
	defer p.Close()
	r, stop := rand.New(rand.NewPCG(9, 9)), make(chan struct{})
	var killer, readers sync.WaitGroup
	var read atomic.Int64
	kills := 0
	killer.Go(func() {
		dies := map[*reader]int64{} // when so many were read: one in four at once
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
			p.mu.Lock()
			for c := range p.all {
				if _, known := dies[c]; !known {
					dies[c] = read.Load() + r.Int64N(4)
				}
				if read.Load() >= dies[c] && r.IntN(8) == 0 {
					c.kill()
					kills++
				}
			}
			p.mu.Unlock()
		}
	})
	var mu sync.Mutex
	codes := map[string]int{}
	for range 3 {
		readers.Go(func() {
			for range 8 {
				text, _, code := p.Read(honest)
				if code == "" && text != "in all honesty\n" || code != "" && code != "pdf-later" && code != "pdf-memory" {
					t.Errorf("%q, code %q", text, code)
				}
				if code == "" {
					read.Add(1)
				}
				mu.Lock()
				codes[code]++
				mu.Unlock()
			}
		})
	}
	readers.Wait()
	close(stop)
	killer.Wait()
	t.Logf("%d kills, codes %v", kills, codes)
	if kills == 0 || codes[""] == 0 {
		t.Error("nothing was killed, or nothing read")
	}

	await(t, "the first PDF after all that", func() bool { _, _, code := p.Read(honest); return code == "" })
	last := pids(p)
	p.Close()
	for pid := range last {
		if !gone(pid) {
			t.Error("a child is left")
		}
	}
	if after := descriptors(); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}
