package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/servertest"
	"chancery/sync"
)

// engine is the house of a firm in this process, without anything running.
func (f *firm) engine() (*sync.Engine, func()) {
	f.t.Helper()
	l, err := load(f.dir)
	if err != nil {
		f.t.Fatal(err)
	}
	j, err := openJournal(f.t.Context(), l.cfg, false)
	if err != nil {
		f.t.Fatal(err)
	}
	e, err := newEngine(l, j, slog.New(slog.DiscardHandler), wiring{})
	if err != nil {
		f.t.Fatal(err)
	}
	return e, func() { _ = j.Close() }
}

// backfill asks a rule about all mail of gc, and undo takes back what it did: as
// commands of their own do, or while the engine runs.
func (f *firm) backfill(rule string, since time.Time) sync.BackfillResult {
	f.t.Helper()
	e, done := f.engine()
	defer done()
	r, err := e.Backfill(f.t.Context(), sync.BackfillRequest{Rule: rule, Source: gc + "-mail", Since: since})
	if err != nil {
		f.t.Fatal(err)
	}
	return r
}

func (f *firm) undo(rule string) sync.UndoResult {
	f.t.Helper()
	e, done := f.engine()
	defer done()
	r, err := e.Undo(f.t.Context(), sync.UndoRequest{Rule: rule, Source: gc + "-mail"})
	if err != nil {
		f.t.Fatal(err)
	}
	return r
}

// oldFirm has mail from before its first start, which nothing was done about.
func oldFirm(t *testing.T, o servertest.DovecotOptions, n int) (*firm, *servertest.RawIMAP) {
	t.Helper()
	d := servertest.Dovecot(t, o)
	f := newFirm(t, d, nil)
	f.edit("chancery.yaml", "first_sync: apply", "first_sync: baseline")
	c := d.Client(t, gc)
	var all [][]byte
	for i := range n {
		subject := fmt.Sprintf("Letter %d", i)
		if i%4 == 0 {
			subject = fmt.Sprintf("Invoice %d for 10042.0070", i)
		}
		all = append(all, mail(fmt.Sprint(i), subject, "x"))
	}
	c.Append("INBOX", all...)
	f.once()
	return f, c
}

func count(got map[string]string, what string) (n int) {
	for _, s := range got {
		if strings.Contains(s, what) {
			n++
		}
	}
	return n
}

func TestBackfill(t *testing.T) {
	const letters, bills = 2000, 500
	f, c := oldFirm(t, servertest.DovecotOptions{Format: "mdbox"}, letters)
	c.Append("INBOX", mail("p", "Privileged and confidential", "x")) // for another rule
	f.once()
	before := servertest.Bodies(f.dovecot.Dump(t, gc))
	if n := count(where(t, f.dovecot, gc), "lx-"); n != 1 {
		t.Fatalf("%d messages were marked before", n)
	}
	if got, want := f.backfill("invoices", time.Time{}), (sync.BackfillResult{Read: letters + 1, Matched: bills, Planned: 2 * bills}); got != want {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	got := where(t, f.dovecot, gc)
	if a, b := count(got, "Billing/Acme/10042.0070 [lx-4"), count(got, "lx-4"); a != bills || b != bills {
		t.Fatalf("%d filed, %d marked", a, b)
	}
	if !maps.Equal(before, servertest.Bodies(f.dovecot.Dump(t, gc))) {
		t.Fatal("the messages are not the same as before")
	}
	// Once more there is nothing to do; nor for what arrived before a time.
	if r := f.backfill("invoices", time.Time{}); r.Planned != 0 || r.Read != letters+1-bills {
		t.Fatalf("again: %+v", r)
	}
	if r := f.backfill("invoices", time.Now().Add(time.Hour)); r != (sync.BackfillResult{}) {
		t.Fatalf("from the future: %+v", r)
	}
	// What a person takes back stays so.
	c.OK(`SELECT "Billing/Acme/10042.0070"`)
	c.OK("UID MOVE 1:7 INBOX")
	f.once()
	if r := f.backfill("invoices", time.Time{}); r.Planned != 0 || r.Matched != 7 {
		t.Fatalf("after a person: %+v", r)
	}
	if got := where(t, f.dovecot, gc); count(got, "Billing/Acme") != bills-7 {
		t.Fatal("what a person moved back was filed again")
	}
	e, done := f.engine()
	defer done()
	for _, req := range []sync.BackfillRequest{{Rule: "nobody", Source: "gc-mail"}, {Rule: "invoices", Source: "nobody"}} {
		if _, err := e.Backfill(t.Context(), req); err == nil {
			t.Errorf("%+v was carried out", req)
		}
	}
}

func TestBackfillIsBraked(t *testing.T) {
	f, _ := oldFirm(t, servertest.DovecotOptions{}, 200)
	f.edit("chancery.yaml", "brake: off", "brake: {moves: 20}")
	if got, want := f.backfill("invoices", time.Time{}), (sync.BackfillResult{Read: 200, Matched: 50, Planned: 100, Held: 50}); got != want {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	got := where(t, f.dovecot, gc)
	if a, b := count(got, "Billing"), count(got, "lx-4"); a != 0 || b != 50 {
		t.Fatalf("%d filed, %d marked", a, b)
	}
	if out, code := f.cli("approve", "gc-mail", "--yes"); code != 0 {
		t.Fatalf("approve: %s", out)
	}
	f.once()
	if n := count(where(t, f.dovecot, gc), "Billing"); n != 50 {
		t.Fatalf("%d filed", n)
	}
}

// cutOff does something again and again, each time one line further on the way after it
// said at, until it comes through.
func (f *firm) cutOff(at string, do func(context.Context, *sync.Engine) error) {
	f.t.Helper()
	var e ear
	f.gate(e.saw)
	for lines := 1; ; lines++ {
		engine, done := f.engine()
		ctx, cancel := context.WithCancel(f.t.Context())
		said, over := e.until(append([]string{at}, make([]string, lines-1)...)...), make(chan error, 1)
		go func() { over <- do(ctx, engine) }()
		var err error
		select {
		case <-said:
			cancel()
			err = <-over
		case err = <-over:
			if err != nil {
				f.t.Fatalf("before line %d: %v", lines, err)
			}
		}
		cancel()
		done()
		if err == nil {
			f.t.Logf("cut off at each of %d lines", lines-1)
			return
		}
	}
}

// Killed, here cut off, in the middle of reading and of acting: repeated, it comes
// to the same, and no message is lost or doubled.
func TestBackfillCutOff(t *testing.T) {
	f, _ := oldFirm(t, servertest.DovecotOptions{}, 1200)
	before := servertest.Bodies(f.dovecot.Dump(t, gc))
	f.cutOff("", func(ctx context.Context, e *sync.Engine) error {
		_, err := e.Backfill(ctx, sync.BackfillRequest{Rule: "invoices", Source: "gc-mail"})
		return err
	})
	got := where(t, f.dovecot, gc)
	if a, b := count(got, "Billing/Acme"), count(got, "lx-4"); a != 300 || b != 300 || len(got) != 1200 {
		t.Fatalf("%d filed, %d marked, %d there", a, b, len(got))
	}
	if !maps.Equal(before, servertest.Bodies(f.dovecot.Dump(t, gc))) {
		t.Fatal("the messages are not the same as before")
	}
}

// undoings are what people do between a rule's act and its undo, each with one
// message, and where the message is afterwards.
var undoings = []struct {
	name string
	box  string
	do   []string // UID STORE or UID MOVE of the message
	want string
}{
	{"nothing", "", nil, "INBOX [];"},
	{"read", "INBOX", []string{`STORE %d +FLAGS.SILENT (\Seen)`}, `INBOX [\Seen];`},
	{"moved", "INBOX", []string{`MOVE %d Attic`}, "Attic "},
	{"unmarked", "INBOX", []string{`STORE %d -FLAGS.SILENT (lx-1)`}, `INBOX [$MailFlagBit0 $MailFlagBit2 $label1 \Flagged];`},
	{"recoloured", "INBOX", []string{`STORE %d +FLAGS.SILENT ($MailFlagBit1)`}, `INBOX [$MailFlagBit0 $MailFlagBit1 $MailFlagBit2 $label1 \Flagged lx-1];`},
	{"labelled", "INBOX", []string{`STORE %d +FLAGS.SILENT (mine)`}, `INBOX [mine];`},
}

func TestUndoOfMarks(t *testing.T) {
	for _, when := range []string{"at once", "after the UIDs were lost"} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			d := servertest.Dovecot(t, servertest.DovecotOptions{})
			f := newFirm(t, d, nil)
			c := d.Client(t, gc)
			c.OK("CREATE Attic")
			for i, u := range undoings {
				c.Append("INBOX", mail(fmt.Sprint(i), "Privileged and confidential: "+u.name, "x"))
			}
			c.Append("INBOX", mail("s", "Privileged and confidential: starred before", "x"))
			act(c, "INBOX", "Privileged and confidential: starred before", `UID STORE %d +FLAGS.SILENT (\Flagged)`)
			f.once()
			for _, u := range undoings {
				for _, command := range u.do {
					act(c, u.box, "Privileged and confidential: "+u.name, "UID "+command)
				}
			}
			if when != "at once" {
				c.Close()
				loseUIDs(t, d)
			}
			r := f.undo("privileged")
			if r.Returns != 0 || r.Left != 3 || r.Unmarks != 4 {
				t.Errorf("%+v", r)
			}
			check := func() {
				t.Helper()
				got := where(t, d, gc)
				for _, u := range undoings {
					if s := got["Privileged and confidential: "+u.name]; !strings.HasPrefix(s, u.want) {
						t.Errorf("%s: %s, want %s", u.name, s, u.want)
					}
				}
				if s := got["Privileged and confidential: starred before"]; s != `INBOX [\Flagged];` {
					t.Errorf("starred before: %s", s)
				}
			}
			check()
			if r := f.undo("privileged"); r.Returns+r.Unmarks != 0 {
				t.Errorf("again: %+v", r)
			}
			f.once()
			if r := f.backfill("privileged", time.Time{}); r.Planned != 0 {
				t.Errorf("the rule does it again: %+v", r)
			}
			check()
			if out, code := f.cli("journal", "verify"); code != 0 {
				t.Error(out)
			}
		})
	}
}

// Filed messages go back, with the marks taken away on the way, on every kind of
// server; those that people worked on stay.
func TestUndoOfFiling(t *testing.T) {
	for _, hide := range [][]string{nil, {"MOVE"}, {"MOVE", "UIDPLUS"}} {
		t.Run(fmt.Sprintf("without %v", hide), func(t *testing.T) {
			t.Parallel()
			d := servertest.Dovecot(t, servertest.DovecotOptions{Format: "mdbox", Hide: hide})
			f := newFirm(t, d, nil)
			c := d.Client(t, gc)
			for i := range 30 {
				c.Append("INBOX", mail(fmt.Sprint(i), fmt.Sprintf("Invoice %d. for 10042.0070", i), "x"))
			}
			before := servertest.Bodies(d.Dump(t, gc))
			f.once()
			const box = "Billing/Acme/10042.0070"
			c.OK("CREATE Attic")
			act(c, box, "Invoice 3. for", `UID COPY %d Attic`, `UID STORE %d +FLAGS.SILENT (\Deleted)`)
			c.OK("EXPUNGE")
			act(c, box, "Invoice 4. for", `UID STORE %d -FLAGS.SILENT (lx-4)`)
			r := f.undo("invoices")
			if r.Returns != 29 || r.Unmarks != 28 || r.Left != 3 {
				t.Errorf("%+v", r)
			}
			got := where(t, d, gc)
			for subject, s := range got {
				want := "INBOX [];"
				switch {
				case strings.HasPrefix(subject, "Invoice 3."):
					want = "Attic "
				case slices.Contains(hide, "UIDPLUS"):
					want = "INBOX [];" // the last of several
				}
				if !strings.Contains(s, want) {
					t.Errorf("%s: %s, want %s", subject, s, want)
				}
			}
			if after := servertest.Bodies(d.Dump(t, gc)); len(hide) < 2 && !maps.Equal(before, after) {
				t.Error("the messages are not the same as before")
			}
			f.once()
			if again := f.undo("invoices"); again.Returns+again.Unmarks != 0 {
				t.Errorf("again: %+v", again)
			}
			if r := f.backfill("invoices", time.Time{}); r.Planned != 0 {
				t.Errorf("the rule does it again: %+v", r)
			}
			if after := where(t, d, gc); !maps.Equal(got, after) {
				t.Errorf("something changed:\n%v\n%v", got, after)
			}
		})
	}
}

// While the engine runs, its worker does what is asked for between two turns; a
// request that comes too late is told so.
func TestErrandsOfARunningEngine(t *testing.T) {
	f, c := oldFirm(t, servertest.DovecotOptions{}, 80)
	e, done := f.engine()
	defer done()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	await(t, "the first turn", func() bool {
		return slices.ContainsFunc(e.Status(), func(s sync.Status) bool { return s.Source == gc+"-mail" && s.State == "following" })
	})
	r, err := e.Backfill(t.Context(), sync.BackfillRequest{Rule: "invoices", Source: "gc-mail"})
	if err != nil || r.Planned != 40 {
		t.Fatalf("%+v, %v", r, err)
	}
	c.Append("INBOX", mail("n", "Privileged and confidential", "x"))
	await(t, "ordinary work", func() bool { return count(where(t, f.dovecot, gc), "lx-1") == 1 })
	u, err := e.Undo(t.Context(), sync.UndoRequest{Rule: "invoices", Source: "gc-mail"})
	if err != nil || u != (sync.UndoResult{Unmarks: 20, Returns: 20}) {
		t.Fatalf("%+v, %v", u, err)
	}
	if err := e.Rest(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := where(t, f.dovecot, gc); count(got, "Billing") != 0 || count(got, "lx-4") != 0 {
		t.Fatalf("%d filed, %d marked", count(got, "Billing"), count(got, "lx-4"))
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

// Two rules whose marks share a flag, and two that hand a message on: what the
// other one stands on stays.
func TestUndoBesideAnotherRule(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{Format: "mdbox"})
	f := newFirm(t, d, nil)
	f.edit("chancery.yaml", "mailboxes: [INBOX]", "mailboxes: [INBOX, Way]")
	f.write("rules.d/10.yaml", `version: 1
defaults: {mode: enforce}
marks:
  purple: {keyword: lx-1, apple: purple}
mail:
  - {name: purple, priority: 3, folders: [INBOX], when: 'msg.subject.contains("Both")', then: [mark: purple]}
  - {name: star, priority: 2, folders: [INBOX], when: 'msg.subject.contains("Both")', then: [star]}
  - {name: on, priority: 1, folders: [INBOX], when: 'msg.subject.contains("Moved")', then: [file: Way]}
  - {name: further, priority: 1, folders: [Way], when: 'msg.subject.contains("Moved")', then: [file: End]}
`)
	c := d.Client(t, gc)
	c.OK("CREATE Way")
	c.Append("INBOX", mail("1", "Both", "x"), mail("2", "Moved", "x"))
	f.once()
	if got := where(t, d, gc); got["Both"] != `INBOX [$MailFlagBit0 $MailFlagBit2 \Flagged lx-1];` || got["Moved"] != "End [];" {
		t.Fatalf("%v", got)
	}
	for _, step := range []struct {
		rule        string
		want        sync.UndoResult
		both, moved string
	}{
		{"purple", sync.UndoResult{Unmarks: 1}, `INBOX [\Flagged];`, "End [];"},
		{"on", sync.UndoResult{Left: 1}, `INBOX [\Flagged];`, "End [];"},
		{"further", sync.UndoResult{Returns: 1}, `INBOX [\Flagged];`, "Way [];"},
		{"star", sync.UndoResult{}, `INBOX [\Flagged];`, "Way [];"}, // it was there when the rule came
		{"nobody", sync.UndoResult{}, `INBOX [\Flagged];`, "Way [];"},
	} {
		if got := f.undo(step.rule); got != step.want {
			t.Errorf("%s: %+v, want %+v", step.rule, got, step.want)
		}
		f.once()
		if got := where(t, d, gc); got["Both"] != step.both || got["Moved"] != step.moved {
			t.Errorf("after undo of %s: %v", step.rule, got)
		}
	}
}

// An undo that is cut off is finished by the next one, or by the daemon: every
// message is back once, without its mark.
func TestUndoCutOff(t *testing.T) {
	t.Parallel()
	for _, hide := range [][]string{nil, {"MOVE"}} {
		at := "" // any line
		if hide != nil {
			at = "UID COPY" // after each cut a minute is waited
		}
		t.Run(fmt.Sprintf("without %v", hide), func(t *testing.T) {
			t.Parallel()
			f, _ := oldFirm(t, servertest.DovecotOptions{Format: "mdbox", Hide: hide}, 800)
			before := servertest.Bodies(f.dovecot.Dump(t, gc))
			f.backfill("invoices", time.Time{})
			if n := count(where(t, f.dovecot, gc), "Billing/Acme"); n != 200 {
				t.Fatalf("%d filed", n)
			}
			f.cutOff(at, func(ctx context.Context, e *sync.Engine) error {
				_, err := e.Undo(ctx, sync.UndoRequest{Rule: "invoices", Source: "gc-mail"})
				return err
			})
			if n := count(where(t, f.dovecot, gc), "Billing"); n != 0 {
				t.Errorf("%d are filed before the next run", n)
			}
			f.once()
			got := where(t, f.dovecot, gc)
			if a, b := count(got, "Billing"), count(got, "lx-4"); a != 0 || b != 0 || len(got) != 800 {
				t.Fatalf("%d filed, %d marked, %d there", a, b, len(got))
			}
			if !maps.Equal(before, servertest.Bodies(f.dovecot.Dump(t, gc))) {
				t.Fatal("the messages are not the same as before")
			}
		})
	}
}
