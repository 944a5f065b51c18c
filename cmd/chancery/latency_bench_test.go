package main

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/servertest"
)

// BenchmarkHoldVisible is how long after somebody puts an event that is in the way
// of another a second client of the server sees the hold. The calendars are asked
// every second, give or take a tenth: what is beyond 1,100 ms is ours.
func BenchmarkHoldVisible(b *testing.B) {
	d, dav := servertest.Dovecot(b, servertest.DovecotOptions{}), servertest.Radicale(b)
	work, holds := dav.MakeCalendar("work"), dav.MakeCalendar("holds")
	f := newFirm(b, d, dav)
	for i := range 40 {
		dav.Put(fmt.Sprintf("%shearing%d.ics", work, i), meeting(fmt.Sprint("hearing", i), "Hearing", benchDay(i), 10, 12))
	}
	r := f.start()
	await(b, "ready", func() bool { return strings.Contains(r.log(), "ready") })
	random := rand.New(rand.NewSource(1))
	var took []float64
	i := 0
	for b.Loop() {
		if i++; i > 39 {
			b.Fatal("run it with -benchtime=39x at most")
		}
		time.Sleep(time.Duration(random.Intn(1000)) * time.Millisecond) // any moment between two polls
		before := len(dav.List(holds))
		dav.Put(fmt.Sprintf("%sstaff%d.ics", work, i), meeting(fmt.Sprint("staff", i), "Staff meeting", benchDay(i), 11, 12))
		start := time.Now()
		for len(dav.List(holds)) == before {
			if time.Since(start) > time.Minute {
				b.Fatalf("no hold:\n%s", r.log())
			}
			time.Sleep(10 * time.Millisecond)
		}
		took = append(took, float64(time.Since(start).Milliseconds()))
	}
	slices.Sort(took)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(took[len(took)/2], "ms-p50")
	b.ReportMetric(took[len(took)*95/100], "ms-p95")
	b.ReportMetric(took[len(took)-1], "ms-worst")
}

// benchDay is a day of its own for each meeting.
func benchDay(i int) string { return time.Now().AddDate(0, 0, 3+i).Format("20060102") }
