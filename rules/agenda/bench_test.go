package agenda

import (
	"fmt"
	"math/rand"
	"testing"
	"time"

	"chancery/internal/model"
)

// years of a calendar: most events single and past, one of twenty a series.
func bigAgenda(b *testing.B, n int) []model.Event {
	r := rand.New(rand.NewSource(1))
	zones := []*time.Location{zone(b, "Europe/Berlin"), zone(b, "America/New_York"), time.UTC}
	rules := []string{"FREQ=WEEKLY", "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "FREQ=MONTHLY;BYDAY=2TU", "FREQ=YEARLY", "FREQ=WEEKLY;INTERVAL=2;COUNT=100"}
	names := []string{"court", "board", "client", "internal", "none"}
	out := make([]model.Event, n)
	for i := range out {
		at := wall("2016-01-04 08:00").AddDate(0, 0, r.Intn(3900)).Add(time.Duration(r.Intn(40)) * 15 * time.Minute)
		changes := []change{zoned(zones[r.Intn(len(zones))]), ranked(names[r.Intn(len(names))])}
		if r.Intn(20) == 0 {
			rule := rules[r.Intn(len(rules))]
			if r.Intn(100) > 5 {
				rule += ";UNTIL=" + at.AddDate(0, 6, 0).Format("20060102") // most series end
				if i%5 == 4 {
					rule = "FREQ=MONTHLY;COUNT=10"
				}
			}
			changes = append(changes, repeats(rule))
		}
		out[i] = meeting(fmt.Sprint("event", i), at, time.Duration(2+r.Intn(4))*15*time.Minute, changes...)
	}
	return out
}

func BenchmarkExpand(b *testing.B) {
	for _, n := range []int{10_000} {
		b.Run(fmt.Sprintf("events=%d", n), func(b *testing.B) {
			events := bigAgenda(b, n)
			berlin, from := zone(b, "Europe/Berlin"), wall("2026-03-02")
			b.ReportAllocs()
			instances := 0
			for b.Loop() {
				instances = 0
				for i := range events {
					in, _ := Expand(&events[i], berlin, from, from.AddDate(0, 0, 187), 0)
					instances += len(in)
				}
			}
			b.ReportMetric(float64(instances), "instances")
		})
	}
	for _, rule := range []string{"FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=YEARLY", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "FREQ=WEEKLY;COUNT=5000"} {
		b.Run("since=1986/"+rule, func(b *testing.B) {
			e := meeting("old", wall("1986-03-03 09:00"), time.Hour, repeats(rule))
			from := wall("2026-03-02")
			b.ReportAllocs()
			for b.Loop() {
				Expand(&e, time.UTC, from, from.AddDate(0, 0, 187), 0)
			}
		})
	}
}

func BenchmarkSettle(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("events=%d", n), func(b *testing.B) {
			v := view(b, bigAgenda(b, n)...)
			o := enforce()
			o.Horizon = 187 * 24 * time.Hour
			steps, _, _ := Settle(v, o, rankByCategory)
			conflicts := len(holdsOf(steps))
			apply(b, &v, steps)
			b.ReportAllocs()
			for b.Loop() {
				if steps, _, _ := Settle(v, o, rankByCategory); len(steps) != 0 {
					b.Fatal("not at rest")
				}
			}
			b.ReportMetric(float64(conflicts), "conflicts")
		})
	}
}

func BenchmarkOverlaps(b *testing.B) {
	for _, n := range []int{10_000} {
		b.Run(fmt.Sprintf("events=%d", n), func(b *testing.B) {
			r := rand.New(rand.NewSource(1))
			in := make([]stretch, n)
			for i := range in {
				from := r.Intn(187 * 24 * 60)
				in[i] = stretchOf(from, from+15*(1+r.Intn(6)), []int{0, 0, 30}[r.Intn(3)])
				in[i].i = i
			}
			b.ReportAllocs()
			pairs := 0
			for b.Loop() {
				pairs = len(pairsOf(in))
			}
			b.ReportMetric(float64(pairs), "pairs")
		})
	}
}
