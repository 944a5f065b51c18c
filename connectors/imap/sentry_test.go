package imap

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"chancery/connectors/connectortest"
	"chancery/internal/servertest"
)

// attentive opens a Source for which Sent is urgent, caught up with its mailboxes.
func attentive(t testing.TB, d *servertest.DovecotServer) (*Source, func()) {
	t.Helper()
	o := optionsFor(d, "ann", "INBOX", "Sent")
	o.Poll, o.Glance = time.Hour, time.Hour
	o.Urgent = func() []string { return []string{"Sent"} }
	s := open(t, o)
	_, cursor := pull(t, s, "")
	return s, func() { t.Helper(); _, cursor = pull(t, s, cursor) }
}

// News in an urgent mailbox ends a Wait although nobody idles there, also after the
// connection of the sentry died; a mailbox that is not urgent is left to the clock.
func TestUrgentNews(t *testing.T) {
	for _, hide := range [][]string{nil, {"NOTIFY"}, {"NOTIFY", "IDLE"}} {
		t.Run(fmt.Sprint(hide), func(t *testing.T) {
			t.Parallel()
			d := servertest.Dovecot(t, servertest.DovecotOptions{})
			person := d.Client(t, "ann")
			person.OK("CREATE Sent")
			s, catch := attentive(t, d)
			s.o.hide = hide
			if hide != nil {
				if err := s.connect(t.Context()); err != nil {
					t.Fatal(err)
				}
				catch()
			}
			for n := range 3 - len(hide) { // by the clock it takes longer
				waited := make(chan error, 1)
				go func() { waited <- s.Wait(t.Context()) }()
				person.Append("Sent", connectortest.Letter(n))
				select {
				case err := <-waited:
					if err != nil {
						t.Fatal(err)
					}
				case <-time.After(time.Minute):
					t.Fatalf("letter %d was not seen", n)
				}
				catch()
				if (s.sentry != nil) != (hide == nil) {
					t.Fatal("the sentry stands where it should not, or does not where it should")
				}
			}
			if got := len(s.last); got != 2 {
				t.Fatalf("%d mailboxes are known", got)
			}
		})
	}
}

// What is urgent may change at every Wait, and a Close ends the sentry.
func TestSentryIsCalledOff(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	person := d.Client(t, "ann")
	person.OK("CREATE Sent")
	s, _ := attentive(t, d)
	var names []string
	s.o.Urgent = func() []string { return names }
	for _, c := range []struct {
		names []string
		want  []string
	}{
		{nil, nil},
		{[]string{"Sent"}, []string{`"Sent"`}},
		{[]string{"INBOX", "Elsewhere"}, nil},
		{[]string{"*"}, []string{`"Sent"`}},
	} {
		names = c.names
		before := s.sentry
		if _, err := s.post(); err != nil {
			t.Fatal(err)
		}
		var got []string
		if s.sentry != nil {
			got = s.sentry.boxes
		}
		if !slices.Equal(got, c.want) {
			t.Fatalf("%q: %q, want %q", c.names, got, c.want)
		}
		if before != nil && before != s.sentry {
			<-before.done
		}
	}
	g := s.sentry
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	<-g.done
	if _, err := s.post(); err != nil || s.standSentry(g.boxes) != nil {
		t.Fatal("a closed Source posts a sentry")
	}
}

// How soon news of an urgent mailbox is known, and how soon that of INBOX is.
func BenchmarkNews(b *testing.B) {
	for _, box := range []string{"Sent", "INBOX"} {
		b.Run("mailbox="+box, func(b *testing.B) {
			d := servertest.Dovecot(b, servertest.DovecotOptions{})
			person := d.Client(b, "ann")
			person.OK("CREATE Sent")
			s, catch := attentive(b, d)
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			var all []time.Duration
			for b.Loop() {
				waited := make(chan error, 1)
				go func() { waited <- s.Wait(ctx) }()
				for s.sentry == nil || !s.sentry.up.Load() {
					time.Sleep(time.Millisecond)
				}
				time.Sleep(50 * time.Millisecond)
				began := time.Now()
				person.Append(box, connectortest.Letter(1))
				if err := <-waited; err != nil {
					b.Fatal(err)
				}
				all = append(all, time.Since(began))
				catch()
			}
			slices.Sort(all)
			b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "ms-p50")
			b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "ms-p99")
		})
	}
}
