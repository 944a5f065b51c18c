package journal

import (
	"fmt"
	"testing"
	"time"

	"chancery/internal/model"
)

func testLooks(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	look := func(n int, after time.Duration) Look {
		p := mark(fmt.Sprint(n), uint32(n))
		return Look{Ident: p.Step.Ident, Ref: p.Step.Ref, At: start.Add(after)}
	}
	next := func(want time.Duration) {
		t.Helper()
		at, err := j.NextLook(t.Context(), "gc-mail")
		must(t, err)
		if !at.Equal(start.Add(want)) {
			t.Errorf("next look at %v, want %v", at, start.Add(want))
		}
	}
	if at, err := j.NextLook(t.Context(), "gc-mail"); err != nil || !at.IsZero() {
		t.Fatalf("a look at nothing: %v, %v", at, err)
	}
	nameless := look(9, 3*time.Hour)
	nameless.Ident = ""
	commit(t, j, Turn{Lease: l, KeepCursor: true, Looks: []Look{look(1, 2*time.Hour), look(2, 5*time.Hour), look(3, time.Hour), look(2, 4*time.Hour), nameless, {At: start}}})
	next(time.Hour)
	due := func(after time.Duration, limit int, want ...Look) {
		t.Helper()
		got, err := j.DueLooks(t.Context(), "gc-mail", start.Add(after), limit)
		must(t, err)
		if fmt.Sprint(len(got)) != fmt.Sprint(len(want)) {
			t.Fatalf("%d looks after %s, want %d", len(got), after, len(want))
		}
		for i, w := range want {
			if got[i] != w {
				t.Errorf("look %d at %v, want %v", i, got[i].At, w.At)
			}
		}
	}
	due(time.Minute, 10)
	due(4*time.Hour, 10, look(3, time.Hour), look(1, 2*time.Hour), nameless, look(2, 4*time.Hour))
	due(4*time.Hour, 1, look(3, time.Hour))
	moved := look(1, 6*time.Hour)
	moved.Ref = model.Ref{Source: "gc-mail", Mailbox: "Team", UIDValidity: 2, UID: 1}
	nameless.At = time.Time{}
	commit(t, j, Turn{Lease: l, KeepCursor: true, Looks: []Look{{Ident: look(3, 0).Ident}, moved, nameless, look(7, 0), {Ident: look(7, 0).Ident}}})
	due(9*time.Hour, 10, look(2, 4*time.Hour), moved)
	next(4 * time.Hour)
	other := claim(t, j, "cfo-mail")
	commit(t, j, Turn{Lease: other, KeepCursor: true, Looks: []Look{{Ident: look(2, 0).Ident}}})
	next(4 * time.Hour)
}
