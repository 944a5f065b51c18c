package caldav

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"testing"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/servertest"
)

// fill loads n events by one PUT of the whole collection, which Radicale knows.
func fill(t testing.TB, d *servertest.DAV, n int) string {
	var b bytes.Buffer
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Firm Example//Tests//EN\r\n")
	for i := range n {
		m := connectortest.Meeting(fmt.Sprintf("m%d@firm.example", i), fmt.Sprintf("Meeting %d", i), i%28+1)
		from := bytes.Index(m, []byte("BEGIN:VEVENT"))
		b.Write(m[from : len(m)-len("END:VCALENDAR\r\n")])
	}
	b.WriteString("END:VCALENDAR\r\n")
	path := d.Home + "work/"
	status, _, _ := d.Do(http.MethodPut, path, map[string]string{"Content-Type": "text/calendar"}, b.String())
	if status/100 != 2 {
		t.Fatalf("fill: %d", status)
	}
	return path
}

// BenchmarkPull measures a first pull and a pull of nothing new from Radicale.
func BenchmarkPull(b *testing.B) {
	sizes := []int{500}
	if os.Getenv("CHANCERY_BENCH") != "" {
		sizes = append(sizes, 5000)
	}
	for _, n := range sizes {
		d := servertest.Radicale(b)
		fill(b, d, n)
		o := options(d)
		o.Match = "work"
		drain(b, mustOpen(b, o), "") // fills Radicale's cache
		b.Run(fmt.Sprintf("first/size=%d", n), func(b *testing.B) {
			for b.Loop() {
				s := mustOpen(b, o)
				if got := drain(b, s, ""); got.changes != n {
					b.Fatalf("%d changes", got.changes)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
		b.Run(fmt.Sprintf("nothing/size=%d", n), func(b *testing.B) {
			s := mustOpen(b, o)
			at := drain(b, s, "").cursor
			for b.Loop() {
				got := drain(b, s, at)
				if got.changes != 0 {
					b.Fatalf("%d changes", got.changes)
				}
				at = got.cursor
			}
		})
	}
}

type drained struct {
	changes int
	cursor  connectors.Cursor
}

// drain pulls until there is no more.
func drain(t testing.TB, s connectors.Source, at connectors.Cursor) drained {
	t.Helper()
	out := drained{cursor: at}
	for {
		b, err := s.Pull(t.Context(), out.cursor)
		if err != nil {
			t.Fatalf("pull: %v", err)
		}
		out.changes += len(b.Changes)
		out.cursor = b.Next
		if !b.More {
			return out
		}
	}
}
