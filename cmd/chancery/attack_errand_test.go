package main

import (
	"fmt"
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
	const letters, all = 2000, 25
	f, c := oldFirm(t, servertest.DovecotOptions{Format: "mdbox"}, letters)
	before := servertest.Bodies(f.dovecot.Dump(t, gc))
	// A rule for every two last digits, so that each who asks has work to ask for.
	var rules strings.Builder
	for i := range all {
		fmt.Fprintf(&rules, `  - name: bills-%d
    priority: 100
    when: x.matter.found && msg.subject.matches("nvoice [0-9]*%02d for")
    then: [mark: billing, file: "Billing/{{x.matter.client}}/{{x.matter.number}}"]
`, i, 4*i)
	}
	f.edit("rules.d/10.yaml", "calendar:\n", rules.String()+"calendar:\n")
	r := f.start()
	await(t, "ready", func() bool { return strings.Contains(r.log(), "ready") })
	killed, through := 0, 0
	cut := func(do, rule string, after time.Duration) {
		cmd, from, end := f.command(do, "--rule", rule, "--since", "30d", "--yes"), len(r.log()), make(chan error, 1)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		go func() { end <- cmd.Wait() }()
		for !strings.Contains(r.log()[from:], "msg="+do) && len(end) == 0 && !r.ended() {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(after) // the instant of a kill is a time
		_ = cmd.Process.Kill()
		switch err := <-end; {
		case err == nil:
			through++
		case strings.Contains(err.Error(), "killed"):
			killed++
		default:
			t.Errorf("%s of %s: %v", do, rule, err)
		}
	}
	for i := range kills(t) {
		do, of := "backfill", i
		if i%5 == 4 {
			do, of = "undo", i-1
		}
		after := time.Duration(rng.IntN(50_000)) * time.Microsecond
		if i%5 == 0 {
			after = 0 // or a fast machine would be through with all of them
		}
		cut(do, fmt.Sprintf("bills-%d", of%all), after)
		if r.ended() {
			t.Fatalf("the service ended after %d kills:\n%s", killed, r.log())
		}
	}
	if killed == 0 {
		t.Error("nobody was killed")
	}
	t.Logf("%d askers killed, %d came through", killed, through)
	c.Append("INBOX", mail("n", "Privileged and confidential", "x"))
	await(t, "ordinary work", func() bool { return count(where(t, f.dovecot, gc), "lx-1") == 1 })
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Fatalf("SIGTERM: %v\n%s", err, r.log())
	}
	for i := range all {
		if out, code := f.cli("undo", "--rule", fmt.Sprintf("bills-%d", i), "--since", "30d", "--yes"); code != 0 {
			t.Fatalf("undo: exit %d\n%s", code, out)
		}
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
