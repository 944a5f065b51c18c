package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// heldFirm is a configuration whose server does not answer, and a journal in
// which the brake holds n moves of gc-mail.
func heldFirm(t *testing.T, n int) *firm {
	t.Helper()
	f := &firm{t: t, dir: t.TempDir()}
	f.write("chancery.yaml", fmt.Sprintf(`version: 1
state: {dir: %s/state}
accounts:
  - {name: gc-mail, imap: {host: 127.0.0.1, port: 1, tls: none, user: gc, password: {file: %s}}}
`, f.dir, f.secret("swordfish")))
	f.write("rules.d/10.yaml", "version: 1\n")
	f.change(func(j *journal.Journal) {
		now := time.Now().Add(-time.Hour)
		lease, err := j.Claim(t.Context(), "gc-mail", "test", now)
		if err != nil {
			t.Fatal(err)
		}
		turn := journal.Turn{Lease: lease, Now: now, Cursor: "1"}
		var ids []model.StepID
		for uid := range uint32(n) {
			s := model.Step{ID: model.StepID(fmt.Sprintf("%032x", uid+1)), Rule: "invoices", Version: "v", Place: "10.yaml:1:1", Why: model.Hide("because"),
				Source: "gc-mail", Ident: model.Ident(fmt.Sprint("d:", uid)), Action: model.File{Mailbox: []string{"Billing", "Northwind"}},
				Ref: model.Ref{Source: "gc-mail", Mailbox: "INBOX", UIDValidity: 1, UID: uid + 1}}
			turn.Planned = append(turn.Planned, journal.Planned{Step: s, Cause: "gc-mail"})
			ids = append(ids, s.ID)
		}
		if _, err := j.Commit(t.Context(), turn); err != nil {
			t.Fatal(err)
		}
		if err := j.Hold(t.Context(), lease, ids, now); err != nil {
			t.Fatal(err)
		}
	})
	return f
}

// change opens the journal for writing, while no service runs.
func (f *firm) change(do func(*journal.Journal)) {
	f.t.Helper()
	l, err := load(f.dir)
	if err != nil {
		f.t.Fatal(err)
	}
	j, err := openJournal(f.t.Context(), l.cfg, false)
	if err != nil {
		f.t.Fatal(err)
	}
	do(j)
	if err := j.Close(); err != nil {
		f.t.Fatal(err)
	}
}

// waiting is what the journal says.
func (f *firm) waiting() (held, pending int) {
	f.t.Helper()
	f.change(func(j *journal.Journal) {
		steps, err := j.HeldSteps(f.t.Context(), "gc-mail", 1000)
		if err != nil {
			f.t.Fatal(err)
		}
		n, _, err := j.PendingCount(f.t.Context(), "gc-mail")
		if err != nil {
			f.t.Fatal(err)
		}
		held, pending = len(steps), n
	})
	return held, pending
}

func TestApproveShowsWhatWaitsAndNoContent(t *testing.T) {
	f := heldFirm(t, 12)
	out, code := f.cli("approve", "--list")
	for _, want := range []string{"gc-mail: 12 steps wait for approval since ", "invoices     12", "INBOX UID 1 ", "and 2 more", "chancery explain 1 --account gc-mail"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	if strings.Contains(out, "Northwind") || strings.Contains(out, "because") {
		t.Errorf("content is shown:\n%s", out)
	}
	if code != 0 {
		t.Errorf("exit %d", code)
	}
	fits(t, out)
	// A pipe is nobody who could be asked.
	out, code = f.cli("approve")
	if code != 1 || !strings.Contains(out, "nobody is there to ask") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if held, pending := f.waiting(); held != 12 || pending != 0 {
		t.Errorf("%d held, %d pending", held, pending)
	}
}

func TestApproveWithoutTheService(t *testing.T) {
	f := heldFirm(t, 3)
	out, code := f.cli("approve", "gc-mail", "--yes")
	if code != 0 || !strings.Contains(out, "3 steps let go; the service does them when it starts") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if held, pending := f.waiting(); held != 0 || pending != 3 {
		t.Errorf("%d held, %d pending", held, pending)
	}
	if out, code = f.cli("approve"); code != 0 || out != "nothing waits for approval\n" {
		t.Errorf("exit %d\n%s", code, out)
	}
}

// What is rejected is released: it does not come back.
func TestRejectReleases(t *testing.T) {
	f := heldFirm(t, 3)
	out, code := f.cli("approve", "gc-mail", "--reject", "--yes")
	if code != 0 || !strings.Contains(out, "3 steps dropped for good") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if held, pending := f.waiting(); held != 0 || pending != 0 {
		t.Errorf("%d held, %d pending", held, pending)
	}
	f.change(func(j *journal.Journal) {
		released, err := j.Released(t.Context(), []model.Ident{"d:0", "d:1", "d:2"})
		if err != nil {
			t.Fatal(err)
		}
		for _, rules := range released {
			if rules["invoices"] != "rejected" {
				t.Errorf("%d rules are released, not the one that was rejected", len(rules))
			}
		}
		if len(released) != 3 {
			t.Errorf("%d of 3 are released", len(released))
		}
	})
}

func TestApproveAsJSON(t *testing.T) {
	f := heldFirm(t, 2)
	read := func(args ...string) (g []heldGroup) {
		out, code := f.cli(append([]string{"approve", "--json"}, args...)...)
		if err := json.Unmarshal([]byte(out), &g); err != nil || code != 0 {
			t.Fatalf("exit %d, %v\n%s", code, err, out)
		}
		return g
	}
	if g := read(); len(g) != 1 || g[0].Steps != 2 || len(g[0].First) != 2 || g[0].Rules["invoices"] != 2 || g[0].Approved != 0 {
		t.Errorf("%+v", g)
	}
	if g := read("--yes"); g[0].Approved != 2 {
		t.Errorf("%+v", g)
	}
	if g := read(); len(g) != 0 {
		t.Errorf("%+v", g)
	}
}

func TestApproveRefusesWhatItDoesNotKnow(t *testing.T) {
	f := heldFirm(t, 1)
	out, code := f.cli("approve", "gc-mial", "--yes")
	if code != 2 || !strings.Contains(out, `no source "gc-mial"`) || !strings.Contains(out, "sources: gc-mail") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if out, code = f.cli("approve", "--list", "--reject"); code != 2 {
		t.Errorf("exit %d\n%s", code, out)
	}
	if held, _ := f.waiting(); held != 1 {
		t.Errorf("%d held", held)
	}
}

// The service alone writes its journal: it is asked, and status tells of what
// waits until then.
func TestApproveBesideTheService(t *testing.T) {
	f := heldFirm(t, 4)
	out, code := f.cli("status")
	if code != 1 || !strings.Contains(out, "gc-mail: 4 steps wait for approval since ") || !strings.Contains(out, "chancery approve gc-mail") {
		t.Errorf("exit %d\n%s", code, out)
	}
	fits(t, out)
	r := f.start()
	await(t, "the service runs", func() bool { return strings.Contains(r.log(), "msg=ready") })
	if out, code = f.cli("approve", "gc-mail", "--yes"); code != 0 || !strings.Contains(out, "4 steps let go; the service does them now") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if out, _ = f.cli("status"); strings.Contains(out, "approval") {
		t.Errorf("it still waits:\n%s", out)
	}
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if held, pending := f.waiting(); held != 0 || pending != 4 {
		t.Errorf("%d held, %d pending", held, pending)
	}
	if out, _ = f.cli("journal", "--limit", "0"); strings.Count(out, " approved ") != 4 {
		t.Errorf("the journal does not tell who let them go:\n%s", out)
	}
}

// fits fails if a line does not fit a terminal.
func fits(t *testing.T, out string) {
	t.Helper()
	for line := range strings.Lines(out) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > width {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}
