package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery/internal/servertest"
)

// ear waits for what is said to a server, so that a test need not guess when that
// will be. Its saw is made for a gate.
type ear struct {
	mu    sync.Mutex
	left  []string // to be seen yet, in this order; "" is any line
	heard chan struct{}
}

// until says what is to be seen from now on; the channel is closed with the last of it.
func (w *ear) until(lines ...string) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left, w.heard = lines, make(chan struct{})
	return w.heard
}

func (w *ear) saw(line string) (cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.left) == 0 || !strings.Contains(line, w.left[0]) {
		return false
	}
	if w.left = w.left[1:]; len(w.left) == 0 {
		close(w.heard)
	}
	return false
}

// Backfill and undo without a service are killed again and again, at any line that
// they say to the server, while a person moves messages about. Nothing is lost or
// doubled, what the person moved stays there, and once more does the rest.
func TestKilledAlone(t *testing.T) {
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 31))
	const letters, more, box = 800, 8, "Billing/Acme/10042.0070"
	f, c := oldFirm(t, servertest.DovecotOptions{Format: "mdbox"}, letters)
	c.OK("CREATE Attic")
	c.OK("CREATE Store") // what comes back to INBOX from here is new work
	for i := range more * kills(t) {
		c.Append("Store", mail(fmt.Sprint("s", i), fmt.Sprintf("Invoice %d for 10042.0070", letters+i), "x"))
	}
	before := servertest.Bodies(f.dovecot.Dump(t, gc))
	var w ear
	quiet := f.gate(w.saw)
	ended := map[string]int{}
	// cut kills a command a moment after it said all this to the server.
	cut := func(do string, lines ...string) {
		cmd, said, end := f.command(do, "--rule", "invoices", "--since", "30d", "--yes"), w.until(lines...), make(chan error, 1)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		go func() { end <- cmd.Wait() }()
		select {
		case <-said:
			time.Sleep(time.Duration(rng.IntN(20_000)) * time.Microsecond) // the instant of a kill is a time
			_ = cmd.Process.Kill()
			ended["killed in "+do]++
			<-end
		case <-end:
			ended[do+" came through"]++
		case <-time.After(waitLimit):
			t.Fatalf("%s never said %q", do, lines)
		}
	}
	moved := map[string]bool{}
	for i := range kills(t) {
		moment := [][]string{make([]string, 1+rng.IntN(60)), {"UID STORE"}, {"UID MOVE"}, {"UID MOVE", ""}}[rng.IntN(4)]
		if i == 0 {
			moment = []string{"UID MOVE", ""} // this was filed
		}
		cut([]string{"backfill", "backfill", "undo"}[i%3], moment...)
		if i%2 == 1 {
			continue // the next one meets what the server still does for this one
		}
		await(t, "the end of what the server was asked for", quiet)
		got := where(t, f.dovecot, gc)
		for _, subject := range slices.Sorted(maps.Keys(got)) {
			if strings.HasPrefix(got[subject], box) && !moved[subject] {
				act(c, box, subject, "UID MOVE %d Attic")
				moved[subject] = true
				break
			}
		}
		c.OK("SELECT Store")
		c.OK(fmt.Sprintf("UID MOVE %d:%d INBOX", i*more+1, (i+1)*more))
	}
	t.Log(ended)
	await(t, "the end of what the server was asked for", quiet)
	if out, code := f.cli("backfill", "--rule", "invoices", "--since", "30d", "--yes"); code != 0 {
		t.Fatalf("backfill: exit %d\n%s", code, out)
	}
	if out, code := f.cli("undo", "--rule", "invoices", "--since", "30d", "--yes"); code != 0 {
		t.Fatalf("undo: exit %d\n%s", code, out)
	}
	f.once()
	got := where(t, f.dovecot, gc)
	if n := count(got, "Attic"); n != len(moved) || n == 0 {
		t.Errorf("%d messages lie where the person moved %d", n, len(moved))
	}
	if n := count(got, "Billing"); n != 0 {
		t.Errorf("%d are filed still", n)
	}
	after := servertest.Bodies(f.dovecot.Dump(t, gc))
	for sum, n := range before {
		if after[sum] != n {
			t.Errorf("a message is there %d times, was %d", after[sum], n)
		}
	}
	t.Logf("%d moved by the person", len(moved))
	if out, code := f.cli("journal", "verify"); code != 0 {
		t.Error(out)
	}
}
