package main

import (
	"fmt"
	"maps"
	"strings"
	"sync/atomic"
	"testing"

	"chancery/internal/servertest"
)

// What backfill or undo began in a process of its own, and was broken off, is known
// to the next one: it does not say that there is nothing to do while steps stand
// open in the journal, whose effect comes later or is there already.
func TestWhatWasBrokenOff(t *testing.T) {
	const letters, bills = 80, 20
	for _, tt := range []struct {
		name    string
		done    string // before anything is cut off
		cut, at string // what is broken off, at which command
		unheard bool   // the server carries the command out all the same
		then    string // these come through
		filed   int
		says    string // what the last one says
	}{
		{"backfill then backfill", "", "backfill", "UID STORE", false, "backfill", bills, "gc-mail: 40 steps planned before and not finished yet\n"},
		{"backfill then undo", "", "backfill", "UID STORE", false, "undo", 0, "gc-mail: 40 steps planned before"},
		{"backfill then both", "", "backfill", "UID STORE", false, "backfill undo", 0, "20 marks taken away, 20 messages moved back"},
		{"marks then backfill", "", "backfill", "UID MOVE", false, "backfill", bills, "gc-mail: 20 steps planned before"},
		{"marks then undo", "", "backfill", "UID MOVE", false, "undo", 0, "gc-mail: 20 steps planned before"},
		{"unheard backfill then backfill", "", "backfill", "UID MOVE", true, "backfill", bills, "gc-mail: 20 steps planned before"},
		{"unheard backfill then undo", "", "backfill", "UID MOVE", true, "undo", 0, "gc-mail: 20 steps planned before"},
		{"unheard backfill then both", "", "backfill", "UID MOVE", true, "backfill undo", 0, "move it back to INBOX"},
		{"undo then undo", "backfill", "undo", "UID STORE", false, "undo", 0, "gc-mail: 40 steps planned before"},
		{"unmarked then undo", "backfill", "undo", "UID MOVE", false, "undo", 0, "gc-mail: 20 steps planned before"},
		{"unheard undo then undo", "backfill", "undo", "UID MOVE", true, "undo", 0, "gc-mail: 20 steps planned before"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, c := oldFirm(t, servertest.DovecotOptions{Format: "mdbox"}, letters)
			before := servertest.Bodies(f.dovecot.Dump(t, gc))
			var cutting atomic.Bool
			f.gate(func(line string) bool {
				_, rest, ok := strings.Cut(line, tt.at)
				if !ok || !cutting.CompareAndSwap(true, false) {
					return false
				}
				if tt.unheard {
					box := map[string]string{"backfill": "INBOX", "undo": "Billing/Acme/10042.0070"}[tt.cut]
					c.OK(fmt.Sprintf("SELECT %q", box))
					c.OK(tt.at + strings.TrimRight(rest, "\r\n"))
				}
				return true
			})
			do := func(what string) string {
				out, code := f.cli(what, "--rule", "invoices", "--since", "30d", "--source", "gc-mail", "--yes")
				if code != 0 {
					t.Fatalf("%s: exit %d\n%s", what, code, out)
				}
				return out
			}
			for _, what := range strings.Fields(tt.done) {
				do(what)
			}
			cutting.Store(true)
			if out, code := f.cli(tt.cut, "--rule", "invoices", "--since", "30d", "--source", "gc-mail", "--yes"); code == 0 {
				t.Fatalf("%s was not cut off:\n%s", tt.cut, out)
			}
			if cutting.Load() {
				t.Fatalf("%s never came to %s", tt.cut, tt.at)
			}
			said := ""
			for _, what := range strings.Fields(tt.then) {
				said = do(what)
			}
			if !strings.Contains(said, tt.says) {
				t.Errorf("it does not say %q:\n%s", tt.says, said)
			}
			check := func(when string) {
				t.Helper()
				got := where(t, f.dovecot, gc)
				if a, b := count(got, "Billing/Acme/10042.0070"), count(got, "lx-4"); a != tt.filed || b != tt.filed || len(got) != letters {
					t.Errorf("%s: %d filed, %d marked, %d there", when, a, b, len(got))
				}
			}
			check("at once")
			f.once()
			check("after a run")
			if !maps.Equal(before, servertest.Bodies(f.dovecot.Dump(t, gc))) {
				t.Error("the messages are not the same as before")
			}
			// Then there really is nothing left.
			out := do(strings.Fields(tt.then)[0])
			if !strings.Contains(out, "nothing to do") && !strings.Contains(out, "did nothing since") {
				t.Errorf("again: %s", out)
			}
		})
	}
}
