package sync

import (
	"fmt"
	"maps"
	"math/rand"
	"reflect"
	"testing"
	"time"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// past is a journal with the findings of one principal.
type past struct {
	t      testing.TB
	j      *journal.Journal
	group  string
	leases map[model.SourceID]journal.Lease
	now    time.Time
	serial int
}

func newPast(t testing.TB) *past {
	t.Helper()
	j, err := journal.Open(t.Context(), journal.Options{Driver: "sqlite", Path: t.TempDir(), Key: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	p := &past{t: t, j: j, group: Group("gc"), leases: map[model.SourceID]journal.Lease{}, now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
	for _, id := range []model.SourceID{"holds", "notes", model.SourceID(p.group)} {
		if p.leases[id], err = j.Claim(t.Context(), id, "test", p.now); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func (p *past) step(of model.Ident, kind int) model.Step {
	p.serial++
	s := model.Step{ID: model.StepID(fmt.Sprint("s", p.serial)), Rule: conflictRule, Ident: of, Source: "holds"}
	id := string(of) + "@chancery.example"
	switch kind {
	case 0:
		s.Action = model.Hold{UID: string(of), Of: of, Digest: fmt.Sprint(p.serial), Body: model.Hide(model.HoldBody{Summary: "Conflict"})}
	case 1:
		s.Action = model.Withdraw{UID: string(of), Of: of}
	case 2:
		s.Source, s.Action = "notes", model.Note{Mailbox: []string{"INBOX"}, Body: model.Hide(model.NoteBody{MessageID: id, Of: of, Digest: fmt.Sprint(p.serial)})}
	case 3:
		s.Source, s.Action = "notes", model.DropNote{Mailbox: []string{"INBOX"}, MessageID: id, Of: of}
	}
	return s
}

func (p *past) plan(steps ...model.Step) {
	p.t.Helper()
	turn := journal.Turn{Lease: p.leases[model.SourceID(p.group)], Now: p.now, KeepCursor: true}
	for _, s := range steps {
		turn.Planned = append(turn.Planned, journal.Planned{Step: s, Cause: model.SourceID(p.group), Group: p.group, Supersede: true})
	}
	if _, err := p.j.Commit(p.t.Context(), turn); err != nil {
		p.t.Fatal(err)
	}
}

// end carries out what is open, ending as outcome says.
func (p *past) end(outcome func(model.Step) model.Outcome) {
	p.t.Helper()
	for _, id := range []model.SourceID{"holds", "notes"} {
		open, err := p.j.Pending(p.t.Context(), id, p.now, 100_000)
		if err != nil {
			p.t.Fatal(err)
		}
		var ids []model.StepID
		var results []model.Result
		for _, in := range open {
			if o := outcome(in.Step); o != 0 {
				ids = append(ids, in.Step.ID)
				results = append(results, model.Result{ID: in.Step.ID, Outcome: o, Ref: model.Ref{Source: id, Href: model.Name(in.Step.ID)}})
			}
		}
		if err := p.j.Sent(p.t.Context(), p.leases[id], ids, p.now); err != nil {
			p.t.Fatal(err)
		}
		if err := p.j.Settle(p.t.Context(), p.leases[id], results, p.now, time.Second); err != nil {
			p.t.Fatal(err)
		}
	}
}

// A history that is kept says what one says that is read anew, and both what the
// whole journal says.
func TestHistoryIsAsIfReadAnew(t *testing.T) {
	for seed := range 4 {
		r := rand.New(rand.NewSource(int64(seed)))
		p := newPast(t)
		kept := newHistory(p.group)
		over := 0
		for range 60 {
			var steps []model.Step
			for range r.Intn(4) {
				steps = append(steps, p.step(model.Ident(fmt.Sprint("c:", r.Intn(25))), r.Intn(4)))
			}
			p.plan(steps...)
			p.end(func(model.Step) model.Outcome {
				return []model.Outcome{0, model.Done, model.Done, model.Stale, model.Refused}[r.Intn(5)]
			})
			if r.Intn(3) == 0 {
				continue // more may happen between two looks
			}
			if err := kept.read(t.Context(), p.j); err != nil {
				t.Fatal(err)
			}
			anew := newHistory(p.group)
			if err := anew.read(t.Context(), p.j); err != nil {
				t.Fatal(err)
			}
			if !maps.Equal(kept.over, anew.over) || !reflect.DeepEqual(kept.lives, anew.lives) || !maps.Equal(kept.open, anew.open) {
				t.Fatalf("kept %d over, %d not; anew %d and %d", len(kept.over), len(kept.lives), len(anew.over), len(anew.lives))
			}
			all, err := p.j.ByGroup(t.Context(), p.group)
			if err != nil {
				t.Fatal(err)
			}
			some, err := kept.intents(t.Context(), p.j, nil)
			if err != nil {
				t.Fatal(err)
			}
			want, got := standing(all), standing(some)
			for of, s := range want {
				if last, ok := kept.over[of]; ok {
					over++
					if s.Finding != (model.Finding{}) || s.last != last {
						t.Fatal("what stands was taken for over")
					}
				} else if !reflect.DeepEqual(got[of], s) {
					t.Fatalf("%+v stands, want %+v", got[of], s)
				}
			}
		}
		if over < 100 {
			t.Fatalf("only %d findings were ever over", over)
		}
	}
}

// BenchmarkHistory asks how ten findings stand beside so many that are over: the
// first time, once more, and as it was done before, all anew.
func BenchmarkHistory(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		p := newPast(b)
		for from := 0; from < n; from += 500 {
			for kind := range 4 {
				var steps []model.Step
				for i := from; i < from+500; i++ {
					if kind%2 == 0 || i >= 10 {
						steps = append(steps, p.step(model.Ident(fmt.Sprint("c:", i)), kind))
					}
				}
				p.plan(steps...)
				p.end(func(model.Step) model.Outcome { return model.Done })
			}
		}
		b.Run(fmt.Sprintf("past=%d/first", n), func(b *testing.B) {
			for b.Loop() {
				if err := newHistory(p.group).read(b.Context(), p.j); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("past=%d/again", n), func(b *testing.B) {
			h := newHistory(p.group)
			for b.Loop() {
				if err := h.read(b.Context(), p.j); err != nil {
					b.Fatal(err)
				}
				if some, err := h.intents(b.Context(), p.j, nil); err != nil || len(standing(some)) < 10 {
					b.Fatal(len(some), err)
				}
			}
		})
		b.Run(fmt.Sprintf("past=%d/all", n), func(b *testing.B) {
			for b.Loop() {
				all, err := p.j.ByGroup(b.Context(), p.group)
				if err != nil || len(standing(all)) != n {
					b.Fatal(len(all), err)
				}
			}
		})
	}
}
