package main

import (
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"chancery/internal/servertest"
)

// Whoever asks for old mail to be worked through may go away at any instant: his
// command is killed, again and again. The service goes on, what it had written down
// is carried out, and asked once more it does the rest.
func TestKilledAskers(t *testing.T) {
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 17))
	const letters = 2000
	f, c := oldFirm(t, servertest.DovecotOptions{Format: "mdbox"}, letters)
	before := servertest.Bodies(f.dovecot.Dump(t, gc))
	r := f.start()
	await(t, "ready", func() bool { return strings.Contains(r.log(), "ready") })
	killed := 0
	cut := func(do string, after time.Duration) {
		cmd, from := f.command(do, "--rule", "invoices", "--since", "30d", "--yes"), len(r.log())
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		begun := func() bool {
			return strings.Contains(r.log()[from:], "msg="+do) || strings.Contains(r.log()[from:], `"msg":"`+do)
		}
		for limit := time.Now().Add(10 * time.Second); !begun() && time.Now().Before(limit) && !r.ended(); {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(after) // the instant of a kill is a time
		_ = cmd.Process.Kill()
		if cmd.Wait() != nil && begun() {
			killed++
		}
	}
	for i := range kills(t) {
		do := "backfill"
		if i%5 == 4 {
			do = "undo"
		}
		cut(do, time.Duration(rng.IntN(300_000))*time.Microsecond)
		if r.ended() {
			t.Fatalf("the service ended after %d kills:\n%s", killed, r.log())
		}
	}
	t.Logf("%d askers killed", killed)
	c.Append("INBOX", mail("n", "Privileged and confidential", "x"))
	await(t, "ordinary work", func() bool { return count(where(t, f.dovecot, gc), "lx-1") == 1 })
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Fatalf("SIGTERM: %v\n%s", err, r.log())
	}
	if out, code := f.cli("undo", "--rule", "invoices", "--since", "30d", "--yes"); code != 0 {
		t.Fatalf("undo: exit %d\n%s", code, out)
	}
	f.once()
	if got := where(t, f.dovecot, gc); count(got, "Billing") != 0 || count(got, "lx-4") != 0 {
		t.Errorf("%d filed, %d marked, want none", count(got, "Billing"), count(got, "lx-4"))
	}
	after := servertest.Bodies(f.dovecot.Dump(t, gc))
	for sum, n := range before {
		if after[sum] != n {
			t.Errorf("a message is there %d times, was %d", after[sum], n)
		}
	}
	if out, code := f.cli("journal", "verify"); code != 0 {
		t.Error(out)
	}
}
