package journal

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"chancery/internal/model"
	"chancery/internal/servertest"
)

func drivers(b *testing.B, fn func(b *testing.B, fresh func(testing.TB) Options)) {
	b.Run("driver=sqlite", func(b *testing.B) {
		fn(b, func(t testing.TB) Options { return Options{Driver: "sqlite", Path: t.TempDir(), Key: testKey} })
	})
	b.Run("driver=postgres", func(b *testing.B) {
		servertest.Postgres(b)
		fn(b, func(t testing.TB) Options {
			return Options{Driver: "postgres", DSN: servertest.Postgres(t), Key: testKey}
		})
	})
}

func turnOf(l Lease, n, serial int) Turn {
	t := Turn{Lease: l, Now: start, Cursor: model.Name(fmt.Sprint("cursor", serial))}
	for i := range n {
		t.Planned = append(t.Planned, mark(fmt.Sprint(serial, " ", i), uint32(serial*n+i+1)))
	}
	return t
}

// BenchmarkCommit writes one turn.
func BenchmarkCommit(b *testing.B) {
	drivers(b, func(b *testing.B, fresh func(testing.TB) Options) {
		for _, n := range []int{0, 1, 500, 1000} {
			b.Run(fmt.Sprintf("steps=%d", n), func(b *testing.B) {
				j := open(b, fresh(b))
				l := claim(b, j, "gc-mail")
				serial := 0
				for b.Loop() {
					serial++
					commit(b, j, turnOf(l, n, serial))
				}
				if n > 0 {
					b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "steps/s")
				}
			})
		}
	})
}

// BenchmarkNews commits a batch of new mail about which nothing is planned.
func BenchmarkNews(b *testing.B) {
	drivers(b, func(b *testing.B, fresh func(testing.TB) Options) {
		for _, n := range []int{250, 1000} {
			b.Run(fmt.Sprintf("items=%d", n), func(b *testing.B) {
				j := open(b, fresh(b))
				turn := Turn{Lease: claim(b, j, "gc-mail"), Now: start, Cursor: "1"}
				for i := range n {
					turn.UnparkedAt = append(turn.UnparkedAt, mark("", uint32(i+1)).Step.Ref)
				}
				begun := used()
				for b.Loop() {
					commit(b, j, turn)
				}
				perStep(b, n, used()-begun)
			})
		}
	})
}

// BenchmarkApply writes what a batch of steps needs: Commit, Sent, Settle.
func BenchmarkApply(b *testing.B) {
	drivers(b, func(b *testing.B, fresh func(testing.TB) Options) {
		for _, n := range []int{1, 500} {
			b.Run(fmt.Sprintf("steps=%d", n), func(b *testing.B) {
				j := open(b, fresh(b))
				l := claim(b, j, "gc-mail")
				serial, begun := 0, used()
				for b.Loop() {
					serial++
					turn := turnOf(l, n, serial)
					commit(b, j, turn)
					all := ids(turn.Planned...)
					must(b, j.Sent(b.Context(), l, all, start))
					must(b, j.Settle(b.Context(), l, marked(turn), start, time.Minute))
				}
				perStep(b, n, used()-begun)
			})
		}
	})
}

// BenchmarkApplyTogether writes the same in one transaction a batch: the answers
// of the last one with the steps of the next, as sent.
func BenchmarkApplyTogether(b *testing.B) {
	drivers(b, func(b *testing.B, fresh func(testing.TB) Options) {
		for _, n := range []int{1, 500} {
			b.Run(fmt.Sprintf("steps=%d", n), func(b *testing.B) {
				j := open(b, fresh(b))
				l := claim(b, j, "gc-mail")
				var last []model.Result
				serial, begun := 0, used()
				for b.Loop() {
					serial++
					turn := turnOf(l, n, serial)
					for i := range turn.Planned {
						turn.Planned[i].Sent = true
					}
					turn.Settled, turn.Retry = last, time.Minute
					commit(b, j, turn)
					last = marked(turn)
				}
				perStep(b, n, used()-begun)
			})
		}
	})
}

// marked are the results of a turn of marks.
func marked(turn Turn) []model.Result {
	rs := make([]model.Result, len(turn.Planned))
	for i, p := range turn.Planned {
		ref := p.Step.Ref
		ref.Version = "13"
		rs[i] = model.Result{ID: p.Step.ID, Outcome: model.Done, Ref: ref, Flags: model.Flags{"lx-priv"}}
	}
	return rs
}

// used is the processor time of this process so far: on a busy machine it tells
// more than the clock does.
func used() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func perStep(b *testing.B, n int, cpu time.Duration) {
	steps := float64(b.N * n)
	b.ReportMetric(float64(b.Elapsed().Microseconds())/steps, "µs/step")
	b.ReportMetric(float64(cpu.Microseconds())/steps, "cpu-µs/step")
}

// BenchmarkLife takes steps from plan to end: Commit, Pending, Sent, Settle.
func BenchmarkLife(b *testing.B) {
	drivers(b, func(b *testing.B, fresh func(testing.TB) Options) {
		for _, n := range []int{1, 500} {
			b.Run(fmt.Sprintf("steps=%d", n), func(b *testing.B) {
				j := open(b, fresh(b))
				l := claim(b, j, "gc-mail")
				serial := 0
				for b.Loop() {
					serial++
					work(b, j, l, turnOf(l, n, serial))
				}
				b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "steps/s")
			})
		}
	})
}

func work(b *testing.B, j *Journal, l Lease, turn Turn) {
	commit(b, j, turn)
	pending, err := j.Pending(b.Context(), "gc-mail", start, len(turn.Planned))
	must(b, err)
	ids, rs := make([]model.StepID, len(pending)), make([]model.Result, len(pending))
	for i, in := range pending {
		ids[i] = in.Step.ID
		rs[i] = model.Result{ID: in.Step.ID, Outcome: model.Done, Ref: model.Ref{Source: "gc-mail", Mailbox: "Billing", UIDValidity: 3, UID: in.Step.Ref.UID}}
	}
	must(b, j.Sent(b.Context(), l, ids, start))
	must(b, j.Settle(b.Context(), l, rs, start, time.Minute))
}

// BenchmarkRead asks a journal of 20,000 ended steps and 1,000 open ones.
func BenchmarkRead(b *testing.B) {
	drivers(b, func(b *testing.B, fresh func(testing.TB) Options) {
		j := open(b, fresh(b))
		l := claim(b, j, "gc-mail")
		for serial := range 20 {
			work(b, j, l, turnOf(l, 1000, serial))
		}
		commit(b, j, turnOf(l, 1000, 20))
		if j.eng.name == "postgres" { // as autovacuum does within a minute; SQLite never does
			_, err := j.w.ExecContext(b.Context(), `analyze`)
			must(b, err)
		}
		b.Run("Pending/limit=500", func(b *testing.B) {
			for b.Loop() {
				if in, err := j.Pending(b.Context(), "gc-mail", start, 500); err != nil || len(in) != 500 {
					b.Fatal(len(in), err)
				}
			}
		})
		b.Run("PendingCount", func(b *testing.B) {
			for b.Loop() {
				if n, _, err := j.PendingCount(b.Context(), "gc-mail"); err != nil || n != 1000 {
					b.Fatal(n, err)
				}
			}
		})
		var idents, strangers []model.Ident
		var refs []model.Ref
		for i := range 10000 {
			idents = append(idents, model.Ident(fmt.Sprintf("ident-%d", i+1)))
			strangers = append(strangers, model.Ident(fmt.Sprintf("stranger-%d", i+1)))
			refs = append(refs, model.Ref{Source: "gc-mail", Mailbox: "Billing", UIDValidity: 3, UID: uint32(i + 1)})
		}
		for name, who := range map[string][]model.Ident{"known": idents, "unknown": strangers} {
			b.Run("ByIdent/"+name+"=10000", func(b *testing.B) {
				for b.Loop() {
					m, err := j.ByIdent(b.Context(), who)
					if err != nil || (len(m) == len(who)) != (name == "known") {
						b.Fatal(len(m), err)
					}
				}
			})
		}
		for _, n := range []int{1, 250, 1000} { // the batches of new mail
			b.Run(fmt.Sprintf("NewMail/items=%d", n), func(b *testing.B) {
				begun := used()
				for b.Loop() {
					_, err := j.ByIdent(b.Context(), strangers[:n])
					must(b, err)
					_, err = j.Released(b.Context(), strangers[:n])
					must(b, err)
				}
				perStep(b, n, used()-begun)
			})
		}
		b.Run("ByPlace/known=10000", func(b *testing.B) {
			for b.Loop() {
				if m, err := j.ByPlace(b.Context(), refs); err != nil || len(m) != len(refs) {
					b.Fatal(len(m), err)
				}
			}
		})
		b.Run("Released/unknown=10000", func(b *testing.B) {
			for b.Loop() {
				if _, err := j.Released(b.Context(), idents); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("Verify", func(b *testing.B) {
			var n int64
			for b.Loop() {
				n = verify(b, j)
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
		})
		b.Run("Summary", func(b *testing.B) {
			for b.Loop() {
				_, err := j.Summary(b.Context())
				must(b, err)
			}
		})
	})
}
