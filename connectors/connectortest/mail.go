package connectortest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"chancery/connectors"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

// MailEnv is one account of a server, with nothing in it, and two ways into it:
// the Source under test, which follows the mailboxes INBOX and Files, and a
// person's program that knows nothing of it.
type MailEnv struct {
	Source model.SourceID
	// Open returns a fresh Source that signs with MailSign, as after a restart.
	Open func(t testing.TB, baseline bool) connectors.Source
	// Person logs the person in.
	Person func(t testing.TB) *servertest.RawIMAP
}

// MailSign is a connectors.Sign with a key of the tests.
func MailSign(parts ...string) string {
	h := hmac.New(sha256.New, []byte("a key of the tests"))
	fmt.Fprintf(h, "%q", parts)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Mail runs the laws of connectors/doc.go, as far as they speak of mail, and the
// promises about it. env makes a fresh account each time.
func Mail(t *testing.T, env func(t *testing.T) MailEnv) {
	for _, law := range []struct {
		name string
		run  func(*mailRun)
	}{
		{"pull never skips", (*mailRun).neverSkips},
		{"pull changes nothing", (*mailRun).changesNothing},
		{"a baseline reports only what comes after", (*mailRun).baseline},
		{"a person's marks are reported", (*mailRun).reportsFlags},
		{"what is gone is reported last", (*mailRun).reportsGone},
		{"the newest comes first", (*mailRun).newestFirst},
		{"a missing mailbox stops no other", (*mailRun).missingMailbox},
		{"a mark takes effect once", (*mailRun).marks},
		{"a colour is added but not changed", (*mailRun).colours},
		{"a message is filed once and whole", (*mailRun).files},
		{"filing refuses what it cannot do", (*mailRun).filesRefused},
		{"a message keeps its name and marks when it moves", (*mailRun).keepsName},
		{"equal messages stay as many as they were", (*mailRun).equals},
		{"a note is written once and known as ours", (*mailRun).notes},
		{"a note is taken back only untouched", (*mailRun).takesBack},
		{"a forged note is not ours", (*mailRun).forged},
		{"a draft is written once where drafts are", (*mailRun).drafts},
		{"an edited draft is not ours any more", (*mailRun).editedDraft},
		{"of the twins of a note one stays", (*mailRun).twins},
		{"steps for what is gone or changed end so", (*mailRun).goneAndStale},
		{"a mark goes as it came", (*mailRun).unmarks},
		{"a message goes back where it came from", (*mailRun).givesBack},
		{"many steps are answered in order", (*mailRun).manySteps},
		{"wait sees new mail and can be cancelled", (*mailRun).waits},
		{"a cancelled call ends, close ends all", (*mailRun).ends},
	} {
		t.Run(law.name, func(t *testing.T) {
			e := env(t)
			r := &mailRun{T: t, env: e, person: e.Person(t)}
			if law.name != "a missing mailbox stops no other" {
				r.person.OK("CREATE Files")
			}
			law.run(r)
		})
	}
}

type mailRun struct {
	*testing.T
	env    MailEnv
	person *servertest.RawIMAP
}

// Letter is a small message of our own writing. The number is in everything.
func Letter(n int) []byte {
	return fmt.Appendf(nil, "From: Ann Ames <ann@firm.example>\r\nTo: Bo Byrd <bo@client.example>\r\nSubject: Matter %d\r\n"+
		"Message-ID: <letter-%d@firm.example>\r\nDate: Mon, 5 Oct 2026 10:%02d:00 +0000\r\n\r\nLetter number %d.\r\n%s", n, n, n%60, n,
		strings.Repeat("All is well.\r\n", n%7))
}

func (r *mailRun) source(baseline bool) connectors.Source {
	r.Helper()
	s := r.env.Open(r, baseline)
	r.Cleanup(func() { _ = s.Close() })
	return s
}

func (r *mailRun) pull(s connectors.Source, since connectors.Cursor) ([]model.Change, connectors.Cursor) {
	r.Helper()
	var out []model.Change
	for range 10_000 {
		b, err := s.Pull(r.Context(), since)
		if err != nil {
			r.Fatalf("pull: %v", err)
		}
		out, since = append(out, b.Changes...), b.Next
		if !b.More {
			return out, since
		}
	}
	r.Fatal("pull does not end")
	return nil, ""
}

func (r *mailRun) apply(s connectors.Source, steps ...model.Step) []model.Result {
	r.Helper()
	results, err := s.Apply(r.Context(), steps)
	if err != nil || len(results) != len(steps) {
		r.Fatalf("apply: %d of %d results, %v", len(results), len(steps), err)
	}
	for i := range steps {
		if results[i].ID != steps[i].ID {
			r.Fatalf("apply: result %d answers another step", i)
		}
	}
	return results
}

func (r *mailRun) wantOutcome(got model.Result, want model.Outcome, already bool, code string) {
	r.Helper()
	if got.Outcome != want || got.Already != already || got.Code != code {
		r.Fatalf("outcome %d already=%t code=%q, want %d already=%t code=%q", got.Outcome, got.Already, got.Code, want, already, code)
	}
}

// bySubject finds the arrival of a letter.
func bySubject(changes []model.Change, subject string) *model.Change {
	for i, c := range changes {
		if c.Op == model.Put && c.Message.Body.Reveal().Subject == subject {
			return &changes[i]
		}
	}
	return nil
}

func (r *mailRun) arrival(changes []model.Change, n int) *model.Change {
	r.Helper()
	c := bySubject(changes, fmt.Sprintf("Matter %d", n))
	if c == nil {
		r.Fatalf("letter %d was not reported", n)
	}
	return c
}

func stepFor(c *model.Change, a model.Action) model.Step {
	return model.Step{ID: model.StepID(fmt.Sprintf("%s-%d", a.Kind(), c.Ref.UID)), Source: c.Ref.Source, Ref: c.Ref, Ident: c.Ident, Action: a}
}

// A random history of arrivals; at random moments a batch is thrown away, as by a
// crash before its cursor was stored, and the Source is opened anew.
func (r *mailRun) neverSkips() {
	rnd := rand.New(rand.NewSource(7))
	s := r.source(false)
	var since connectors.Cursor
	seen, n := map[string]bool{}, 0
	for range 25 {
		box := []string{"INBOX", "Files"}[rnd.Intn(2)]
		for range rnd.Intn(4) {
			r.person.Append(box, Letter(n))
			n++
		}
		b, err := s.Pull(r.Context(), since)
		if err != nil {
			r.Fatal(err)
		}
		if rnd.Intn(3) == 0 {
			if rnd.Intn(2) == 0 {
				_ = s.Close()
				s = r.source(false)
			}
			continue
		}
		since = b.Next
		for _, c := range b.Changes {
			if c.Op == model.Put {
				seen[c.Message.Body.Reveal().Subject] = true
			}
		}
	}
	rest, since := r.pull(s, since)
	for _, c := range rest {
		if c.Op == model.Put {
			seen[c.Message.Body.Reveal().Subject] = true
		}
	}
	if len(seen) != n {
		r.Fatalf("%d of %d letters were reported", len(seen), n)
	}
	again, _ := r.pull(s, since)
	if len(again) != 0 {
		r.Fatalf("%d changes where nothing happened", len(again))
	}
}

func (r *mailRun) changesNothing() {
	for n := range 12 {
		r.person.Append([]string{"INBOX", "Files"}[n%2], Letter(n))
	}
	r.person.OK("SELECT INBOX")
	r.person.OK(`UID STORE 1 +FLAGS.SILENT (\Flagged)`)
	before := r.person.Dump()
	s := r.source(false)
	changes, since := r.pull(s, "")
	r.pull(s, since)
	after := r.env.Person(r).Dump()
	for box, list := range before {
		for i, m := range list {
			if i >= len(after[box]) || after[box][i].SHA256 != m.SHA256 || !slices.Equal(after[box][i].Flags, m.Flags) {
				r.Fatal("reading changed a message")
			}
		}
	}
	for n := range 12 {
		c := r.arrival(changes, n)
		m := c.Message
		if m.Size != int64(len(Letter(n))) || m.Ident == "" || m.Ident != c.Ident || m.Ref != c.Ref || m.Arrived.IsZero() ||
			m.Ref.UID == 0 || m.Ref.UIDValidity == 0 || m.Ref.Source != r.env.Source || m.Old || m.Own || m.Flags.Has(`\Seen`) {
			r.Fatalf("letter %d is reported wrongly", n)
		}
		body := m.Body.Reveal()
		if body.MessageID != fmt.Sprintf("<letter-%d@firm.example>", n) || len(body.Parts) != 1 || !strings.HasPrefix(body.Parts[0].Text, fmt.Sprintf("Letter number %d.", n)) {
			r.Fatalf("letter %d is read wrongly", n)
		}
	}
}

func (r *mailRun) baseline() {
	r.person.Append("INBOX", Letter(1))
	r.person.Append("Files", Letter(2))
	s := r.source(true)
	first, since := r.pull(s, "")
	if len(first) != 0 {
		r.Fatalf("the baseline reports %d changes", len(first))
	}
	r.person.Append("INBOX", Letter(3))
	_ = s.Close()
	changes, _ := r.pull(r.source(true), since)
	if len(changes) != 1 || r.arrival(changes, 3).Message.Old {
		for _, c := range changes {
			r.Logf("op %d uid %d version %s flags %q", c.Op, c.Ref.UID, c.Ref.Version, c.Message.Flags)
		}
		r.Fatalf("%d changes after the baseline, want the one new letter", len(changes))
	}
}

func (r *mailRun) reportsFlags() {
	for n := range 3 {
		r.person.Append("INBOX", Letter(n))
	}
	s := r.source(false)
	changes, since := r.pull(s, "")
	letter := r.arrival(changes, 1)
	r.person.OK("SELECT INBOX")
	r.person.OK(fmt.Sprintf(`UID STORE %d +FLAGS.SILENT (\Seen \Flagged)`, letter.Ref.UID))
	r.person.Append("INBOX", Letter(9))
	got, next := r.pull(s, since)
	marked := 0
	for _, c := range got {
		if c.Op == model.Marked {
			marked++
			if c.Ref.UID != letter.Ref.UID || !c.Message.Flags.Has(`\Seen`) || !c.Message.Flags.Has(`\Flagged`) || c.Ident != "" && c.Ident != letter.Ident {
				r.Fatal("the change of marks is reported wrongly")
			}
		}
	}
	if marked != 1 || len(got) != 2 {
		r.Fatalf("%d changes, %d of marks; want one arrival and one mark", len(got), marked)
	}
	if rest, _ := r.pull(s, next); len(rest) != 0 {
		r.Fatalf("%d changes where nothing happened", len(rest))
	}
	// The same history again after a crash.
	_ = s.Close()
	if got, _ = r.pull(r.source(false), since); len(got) < 2 {
		r.Fatal("the change of marks was lost in a crash")
	}
}

func (r *mailRun) missingMailbox() {
	r.person.Append("INBOX", Letter(1))
	s := r.source(false)
	changes, since := r.pull(s, "")
	faults := 0
	for _, c := range changes {
		if c.Op == model.Unreadable {
			faults++
			if c.Fault.Code != "no-mailbox" || c.Ref.Mailbox != "Files" {
				r.Fatalf("fault %v", c.Fault)
			}
		}
	}
	r.arrival(changes, 1)
	if faults != 1 {
		r.Fatalf("%d faults, want one", faults)
	}
	r.person.Append("Files", Letter(2))
	changes, _ = r.pull(s, since)
	if c := bySubject(changes, "Matter 2"); c == nil {
		r.Fatal("the mailbox that came later is not followed")
	}
}

func sortedFlags(dump map[string][]servertest.Dumped, box string, uid uint32) []string {
	for _, m := range dump[box] {
		if m.UID == uid {
			return m.Flags
		}
	}
	return nil
}

func (r *mailRun) conserved(before, after map[string][]servertest.Dumped) {
	r.Helper()
	if !maps.Equal(servertest.Bodies(before), servertest.Bodies(after)) {
		r.Fatal("the multiset of message bodies changed")
	}
}

func (r *mailRun) waits() {
	s := r.source(true)
	_, since := r.pull(s, "")
	for n := range 3 {
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		if err := s.Wait(ctx); err != context.Canceled {
			r.Fatalf("a cancelled wait says %v", err)
		}
		woke := make(chan error, 1)
		go func() { woke <- s.Wait(r.Context()) }()
		r.person.Append("INBOX", Letter(n))
		if err := <-woke; err != nil {
			r.Fatalf("wait: %v", err)
		}
		var changes []model.Change
		changes, since = r.pull(s, since)
		r.arrival(changes, n)
	}
}

func (r *mailRun) ends() {
	s := r.source(false)
	ctx, cancel := context.WithCancel(r.Context())
	cancel()
	if _, err := s.Pull(ctx, ""); err != context.Canceled {
		r.Fatalf("a cancelled pull says %v", err)
	}
	if _, err := s.Apply(ctx, []model.Step{{Action: model.DropNote{Mailbox: []string{"INBOX"}, MessageID: "<x@y>"}}}); err != context.Canceled {
		r.Fatalf("a cancelled apply says %v", err)
	}
	s = r.source(true)
	r.pull(s, "")
	woke := make(chan error, 1)
	go func() { woke <- s.Wait(context.Background()) }()
	if err := s.Close(); err != nil {
		r.Fatal(err)
	}
	if err := <-woke; err == nil {
		r.Fatal("wait does not say that the source is closed")
	}
	if _, err := s.Pull(r.Context(), ""); err == nil {
		r.Fatal("a closed source pulls")
	}
}
