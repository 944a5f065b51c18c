package journal

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkThreads names the conversations of a batch and commits it: nothing
// remembered, mail of which one in two answers something, and the same with every
// message marked.
func BenchmarkThreads(b *testing.B) {
	drivers(b, func(b *testing.B, fresh func(testing.TB) Options) {
		const n = 1000
		for _, c := range []struct {
			name            string
			threads, marked bool
			known           int
		}{
			{"off", false, false, 0}, {"answers", true, false, 0}, {"answers,known=200000", true, false, 200},
			{"off,marked", false, true, 0}, {"marked", true, true, 0},
		} {
			b.Run(fmt.Sprintf("items=%d/%s", n, c.name), func(b *testing.B) {
				j := open(b, fresh(b))
				l := claim(b, j, "gc-mail")
				serial := 0
				turn := func() {
					serial++
					threads(b, j, l, serial, n, c.threads, c.marked)
				}
				for range c.known {
					turn()
				}
				begun := used()
				for b.Loop() {
					turn()
				}
				perStep(b, n, used()-begun)
			})
		}
	})
}

// threads works a batch as sync does.
func threads(b *testing.B, j *Journal, l Lease, serial, n int, remember, marked bool) {
	turn := Turn{Lease: l, Now: start, Cursor: "c"}
	if marked {
		turn = turnOf(l, n, serial)
	}
	if remember {
		var ms []Threaded
		for i := range n {
			m := said(fmt.Sprintf("%d.%d", serial, i))
			if i%2 == 1 {
				m = said(fmt.Sprintf("%d.%d", serial, i), fmt.Sprintf("%d.%d", serial-i%3, i-1), fmt.Sprintf("%d.x%d", serial, i), fmt.Sprintf("%d.y%d", serial, i))
			}
			ms = append(ms, m)
		}
		th := j.Threads(l.Source)
		must(b, th.Read(b.Context(), ms))
		for i, m := range ms {
			m = th.Join(m)
			if len(m.References) > 0 || marked {
				turn.Threads = append(turn.Threads, m)
			}
			if marked {
				turn.Planned[i].Conversation = m.Conversation
				mark := ThreadMark{Conversation: m.Conversation, Mark: "privileged", Ident: turn.Planned[i].Step.Ident, On: true}
				if th.Mark(mark) {
					turn.Spread = append(turn.Spread, mark)
				}
			}
		}
	}
	commit(b, j, turn)
}

// BenchmarkLooks asks for the next look of 100,000 and works 250 that are due.
func BenchmarkLooks(b *testing.B) {
	drivers(b, func(b *testing.B, fresh func(testing.TB) Options) {
		j := open(b, fresh(b))
		l := claim(b, j, "gc-mail")
		for i := range 100 {
			turn := Turn{Lease: l, Now: start, KeepCursor: true}
			for k := range 1000 {
				p := mark(fmt.Sprint(i, k), uint32(i*1000+k+1))
				turn.Looks = append(turn.Looks, Look{Ident: p.Step.Ident, Ref: p.Step.Ref, At: start.Add(time.Duration(i*1000+k) * time.Second)})
			}
			commit(b, j, turn)
		}
		b.Run("next", func(b *testing.B) {
			for b.Loop() {
				_, err := j.NextLook(b.Context(), "gc-mail")
				must(b, err)
			}
		})
		b.Run("due=250", func(b *testing.B) {
			for b.Loop() {
				due, err := j.DueLooks(b.Context(), "gc-mail", start.Add(time.Hour), 250)
				must(b, err)
				for i := range due {
					due[i].At = due[i].At.Add(time.Hour)
				}
				commit(b, j, Turn{Lease: l, Now: start, KeepCursor: true, Looks: due})
			}
		})
		b.Run("statistics", func(b *testing.B) {
			for b.Loop() {
				_, err := j.RuleStats(b.Context())
				must(b, err)
			}
		})
	})
}
