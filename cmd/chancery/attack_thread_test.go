package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// A conversation is marked while the daemon is killed at random instants and a
// person clears the mark of one message: what spread goes, also what was under way,
// and no reply is marked again.
func TestKillAlongAThread(t *testing.T) {
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 23))
	f, c := newThreads(t)
	k := &siege{t: t, rng: rng, f: f}
	n := 0
	more := func(thread, replies int) {
		for range replies {
			n++
			c.Append("INBOX", answer(fmt.Sprint("r", n), fmt.Sprint("reply ", n), fmt.Sprint("t", thread)))
		}
	}
	rounds := max(2, kills(t)/5)
	var want []string
	for thread := range rounds {
		subject := fmt.Sprint("Privileged and confidential ", thread)
		want = append(want, subject)
		c.Append("INBOX", answer(fmt.Sprint("t", thread), subject))
		for range 2 {
			more(thread, 20)
			k.killOnce()
		}
		f.once()
		// A person clears one reply at a random instant.
		act(c, "INBOX", fmt.Sprint("reply ", n-rng.IntN(40)), `UID STORE %d -FLAGS.SILENT (lx-1 $label1 \Flagged $MailFlagBit0 $MailFlagBit1 $MailFlagBit2)`)
		k.killOnce()
		more(thread, 5)
		if thread%3 == 1 {
			f.once() // what a person did as the UIDs change, nobody can tell
			c.Close()
			loseUIDs(t, f.dovecot)
			c = f.dovecot.Client(t, gc)
		}
		k.killOnce()
	}
	f.once()
	slices.Sort(want)
	f.wantMarked("in the end", want...)
	t.Logf("%d kills, %d with steps under way, %d messages", k.kills, k.sent, n+rounds)
	if out, code := f.cli("journal", "verify"); code != 0 {
		t.Error(out)
	}
	if plan, _ := f.cli("plan"); strings.Contains(plan, "would ") {
		t.Errorf("something is left to do:\n%.1000s", plan)
	}
}
