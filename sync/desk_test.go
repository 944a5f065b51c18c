package sync

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"testing"
	"testing/fstest"
	"time"

	"chancery/config"
	"chancery/connectors"
	"chancery/internal/model"
	"chancery/rules"
	"chancery/sync/journal"
)

// desk is one worker at a source that tells what a test wrote down, with a
// journal of its own and a clock that the test sets.
type desk struct {
	t    testing.TB
	j    *journal.Journal
	spec SourceSpec
	set  *rules.Set
	now  time.Time
	w    *worker
	log  bytes.Buffer

	batches []connectors.Batch
	pulls   func(ctx context.Context, n int) error           // nil: every batch can be read
	answer  func(s model.Step) model.Result                  // nil: everything is done
	copies  bool                                             // it files by COPY
	applied []model.Step                                     // in the order they came
	applies func(steps []model.Step) ([]model.Result, error) // nil: see answer
	looks   func(refs []model.Ref) []model.Change            // nil: nothing is found
	fails   error                                            // of a look
}

const rulesOfDesk = `version: 1
defaults: {mode: enforce, folders: [INBOX, Team]}
marks:
  billing: {keyword: lx-4}
mail:
  - name: invoices
    when: msg.subject.contains("Invoice")
    then: [mark: billing, file: Billing]
`

func newDesk(t testing.TB, spec SourceSpec) *desk {
	t.Helper()
	j, err := journal.Open(t.Context(), journal.Options{Driver: "sqlite", Path: t.TempDir(), Key: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	d := &desk{t: t, j: j, spec: spec, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	d.spec.ID = "gc"
	d.spec.Open = func(context.Context, journal.Position) (connectors.Source, error) { return d, nil }
	d.set = rulesFrom(t, rulesOfDesk)
	d.start()
	return d
}

func rulesFrom(t testing.TB, text string) *rules.Set {
	t.Helper()
	c, problems := config.Load(fstest.MapFS{
		"chancery.yaml":   {Data: []byte("version: 1\naccounts:\n  - name: gc\n    imap: {host: mail.firm.example, user: gc, password: {file: p}, mailboxes: [INBOX, Team]}\n")},
		"p":               {Data: []byte("secret\n")},
		"rules.d/10.yaml": {Data: []byte(text)},
	}, ".")
	if problems != nil {
		t.Fatal(problems)
	}
	set, problems := rules.Compile(&c.Rules)
	if problems != nil {
		t.Fatal(problems)
	}
	return set
}

// start lets a new process follow the source: what only the old one remembered is
// forgotten.
func (d *desk) start() {
	d.t.Helper()
	e, err := New(Options{Journal: d.j, Owner: "test", Sources: []SourceSpec{d.spec}, Log: slog.New(slog.NewTextHandler(&d.log, nil))}, d.set)
	if err != nil {
		d.t.Fatal(err)
	}
	e.now = func() time.Time { return d.now }
	d.w = e.workers["gc"]
	if err := d.w.claim(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	d.w.src = d
}

// turn lets the worker read everything there is.
func (d *desk) turn() {
	d.t.Helper()
	if err := d.w.turn(d.t.Context(), d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

// tell adds a batch. That of the last one says that there is no more.
func (d *desk) tell(changes ...model.Change) *connectors.Batch {
	d.batches = append(d.batches, connectors.Batch{Changes: changes, Next: model.Name(strconv.Itoa(len(d.batches) + 1))})
	return &d.batches[len(d.batches)-1]
}

func (d *desk) Copies() bool { return d.copies }

func (d *desk) Pull(ctx context.Context, since connectors.Cursor) (connectors.Batch, error) {
	n, _ := strconv.Atoi(string(since))
	if d.pulls != nil {
		if err := d.pulls(ctx, n); err != nil {
			return connectors.Batch{}, err
		}
	}
	if n == len(d.batches) {
		return connectors.Batch{Next: since}, nil
	}
	return d.batches[n], nil
}

func (d *desk) Apply(_ context.Context, steps []model.Step) ([]model.Result, error) {
	if d.applies != nil {
		return d.applies(steps)
	}
	var out []model.Result
	for _, s := range steps {
		d.applied = append(d.applied, s)
		r := model.Result{ID: s.ID, Outcome: model.Done, Ref: s.Ref}
		switch a := s.Action.(type) {
		case model.Mark:
			r.Flags = model.Flags{a.Keyword}
		case model.File:
			r.Ref = model.Ref{Source: "gc", Mailbox: model.Name(a.Mailbox[0]), UIDValidity: 9, UID: s.Ref.UID}
		}
		if d.answer != nil {
			if given := d.answer(s); given.Outcome != 0 {
				r = given
				r.ID = s.ID
			}
		}
		out = append(out, r)
	}
	return out, nil
}

func (d *desk) Look(_ context.Context, refs []model.Ref) ([]model.Change, error) {
	if d.looks == nil || d.fails != nil {
		return nil, d.fails
	}
	return d.looks(refs), nil
}

func (d *desk) Wait(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
func (d *desk) Close() error                   { return nil }

// filed returns how many messages were filed.
func (d *desk) filed() (n int) {
	for _, s := range d.applied {
		if _, ok := s.Action.(model.File); ok {
			n++
		}
	}
	return n
}

// held returns how many steps wait for a person.
func (d *desk) held() int {
	d.t.Helper()
	steps, err := d.j.HeldSteps(d.t.Context(), "gc", 1_000_000)
	if err != nil {
		d.t.Fatal(err)
	}
	return len(steps)
}

func (d *desk) released(ident model.Ident) map[string]string {
	d.t.Helper()
	r, err := d.j.Released(d.t.Context(), []model.Ident{ident})
	if err != nil {
		d.t.Fatal(err)
	}
	return r[ident]
}

func at(box string, validity, uid uint32) model.Ref {
	return model.Ref{Source: "gc", Mailbox: model.Name(box), UIDValidity: validity, UID: uid}
}

// bill is an invoice that arrives; its identity is its number.
func (d *desk) bill(n int, ref model.Ref, flags ...string) model.Change {
	ident := model.Ident(fmt.Sprint("m", n))
	return model.Change{Op: model.Put, Ident: ident, Ref: ref, Message: &model.Message{
		Ref: ref, Ident: ident, Flags: flags, Arrived: d.now, Size: 100, Body: model.Hide(model.Mail{Subject: fmt.Sprint("Invoice ", n)}),
	}}
}

// bills are n invoices in INBOX.
func (d *desk) bills(from, n int) (out []model.Change) {
	for i := from; i < from+n; i++ {
		out = append(out, d.bill(i, at("INBOX", 1, uint32(i))))
	}
	return out
}

func flagged(ref model.Ref, flags ...string) model.Change {
	return model.Change{Op: model.Marked, Ref: ref, Message: &model.Message{Ref: ref, Flags: flags}}
}

func gone(ref model.Ref) model.Change { return model.Change{Op: model.Gone, Ref: ref} }
