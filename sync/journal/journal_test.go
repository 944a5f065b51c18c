package journal

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"chancery/internal/model"
	"chancery/internal/servertest"
)

// start is a moment in milliseconds, as the journal keeps time.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

var testKey = []byte("an install key of thirty-two octets")

func TestMain(m *testing.M) {
	if os.Getenv(crashVar) != "" {
		crashChild()
		return
	}
	os.Exit(m.Run())
}

// engines runs fn once for each engine; each call of fresh makes a new journal.
func engines(t *testing.T, fn func(t *testing.T, fresh func(testing.TB) Options)) {
	t.Run("sqlite", func(t *testing.T) {
		fn(t, func(t testing.TB) Options { return Options{Driver: "sqlite", Path: t.TempDir(), Key: testKey} })
	})
	t.Run("postgres", func(t *testing.T) {
		servertest.Postgres(t) // one server for all the subtests
		fn(t, func(t testing.TB) Options {
			return Options{Driver: "postgres", DSN: servertest.Postgres(t), Key: testKey}
		})
	})
}

func open(t testing.TB, o Options) *Journal {
	t.Helper()
	j, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return j
}

func claim(t testing.TB, j *Journal, source model.SourceID) Lease {
	t.Helper()
	l, err := j.Claim(t.Context(), source, "host:1", start)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func commit(t testing.TB, j *Journal, turn Turn) []model.StepID {
	t.Helper()
	if turn.Now.IsZero() {
		turn.Now = start
	}
	fresh, err := j.Commit(t.Context(), turn)
	if err != nil {
		t.Fatal(err)
	}
	return fresh
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// stepID makes 32 hex digits of a word.
func stepID(word string) model.StepID {
	h := uint64(14695981039346656037)
	for _, c := range []byte(word) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return model.StepID(fmt.Sprintf("%016x%016x", h, h*0x9e3779b97f4a7c15))
}

// mark plans a mark on message uid of gc-mail.
func mark(word string, uid uint32) Planned {
	return Planned{
		Step: model.Step{
			ID: stepID(word), Rule: "privileged", Version: "v1", Place: "rules.d/a.yaml:3:5", Why: model.Hide("because of " + word),
			Source: "gc-mail", Ident: model.Ident(fmt.Sprintf("ident-%d", uid)),
			Ref:    model.Ref{Source: "gc-mail", Mailbox: "INBOX", UIDValidity: 7, UID: uid, Version: "12"},
			Action: model.Mark{Name: "privileged", Keyword: "lx-priv", Flagged: true},
		},
		Cause: "gc-mail", MessageID: fmt.Sprintf("<m%d@firm.example>", uid),
	}
}

// hold plans a hold about a finding of a principal.
func hold(word string, of model.Ident) Planned {
	return Planned{
		Step: model.Step{
			ID: stepID(word), Rule: "overlap", Version: "v1", Why: model.Hide("two at once"), Source: "gc-cal/conflicts", Ident: of,
			Action: model.Hold{UID: word, Of: of, Digest: word, Body: model.Hide(model.HoldBody{Start: 1, End: 2, Summary: "Conflict"})},
		},
		Cause: "gc-cal/work", Group: "gc", Supersede: true,
	}
}

func ids(ps ...Planned) []model.StepID {
	var out []model.StepID
	for _, p := range ps {
		out = append(out, p.Step.ID)
	}
	return out
}

func states(t testing.TB, j *Journal, ident model.Ident) map[model.StepID]State {
	t.Helper()
	m, err := j.ByIdent(t.Context(), []model.Ident{ident})
	must(t, err)
	out := map[model.StepID]State{}
	for _, in := range m[ident] {
		out[in.Step.ID] = in.State
	}
	return out
}

// kinds returns the audit chain as words.
func kinds(t testing.TB, j *Journal, f Filter) []string {
	t.Helper()
	var out []string
	for e, err := range j.Entries(t.Context(), f) {
		must(t, err)
		out = append(out, e.Kind)
	}
	return out
}

func verify(t testing.TB, j *Journal) int64 {
	t.Helper()
	n, bad, err := j.Verify(t.Context())
	must(t, err)
	if bad != 0 {
		t.Fatalf("audit chain is broken at %d of %d", bad, n)
	}
	return n
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }
