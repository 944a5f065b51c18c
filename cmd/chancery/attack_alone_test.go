package main

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"chancery/internal/servertest"
)

// Backfill and undo without a service are killed at random instants, while a person
// moves messages about. Nothing is lost or doubled, what the person moved stays
// there, and once more does the rest.
func TestKilledAlone(t *testing.T) {
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 31))
	const letters = 800
	f, c := oldFirm(t, servertest.DovecotOptions{Format: "mdbox"}, letters)
	c.OK("CREATE Attic")
	before := servertest.Bodies(f.dovecot.Dump(t, gc))
	cut := func(do string) {
		cmd := f.command(do, "--rule", "invoices", "--since", "30d", "--yes")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(50+rng.IntN(350)) * time.Millisecond) // the instant of a kill is a time
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	const box = "Billing/Acme/10042.0070"
	moved := map[string]bool{}
	for i := range kills(t) {
		cut([]string{"backfill", "backfill", "undo"}[i%3])
		got := where(t, f.dovecot, gc)
		for n := 0; n < letters; n += 4 {
			subject := fmt.Sprintf("Invoice %d for 10042.0070", n)
			if at := got[subject]; len(at) > len(box) && at[:len(box)] == box && !moved[subject] {
				act(c, box, subject, "UID MOVE %d Attic")
				moved[subject] = true
				break
			}
		}
	}
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
