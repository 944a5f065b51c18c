package rules

import (
	"strings"
	"testing"
	"time"

	"chancery/config"
	"chancery/internal/model"
)

// What the calendar block says of time reaches the engine: protected time of those
// whom it names, zones, deadlines, what is kept free, and who should be asked.
func TestTimeOfTheCalendarBlock(t *testing.T) {
	look := model.Change{Op: model.Look, Principal: "gc"}
	hours := []config.Hours{{Days: []time.Weekday{now.Weekday()}, From: 0, Till: 24 * 60}}
	guard := func(who ...string) func(*config.Rules) {
		return func(r *config.Rules) {
			p := config.Protected{Name: tx("quiet"), Rank: 5, Hours: hours}
			for _, w := range who {
				p.Principals = append(p.Principals, tx(w))
			}
			r.Calendar.Protected = []config.Protected{p}
		}
	}
	rank := func(change func(*config.Rank)) func(*config.Rules) {
		return func(r *config.Rules) { change(&r.Calendar.Ranks[0]) }
	}
	for _, c := range []struct {
		name   string
		change func(*config.Rules)
		events []model.Event
		want   int
	}{
		{"protected for all", guard(), []model.Event{booked("A", 2)}, 1},
		{"protected for her", guard("gc", "cfo"), []model.Event{booked("A", 2)}, 1},
		{"protected for another", guard("cfo"), []model.Event{booked("A", 2)}, 0},
		{"nothing kept free", func(*config.Rules) {}, []model.Event{booked("A", 2), booked("B", 3)}, 0},
		{"kept free before", rank(func(r *config.Rank) { r.Before = time.Minute }), []model.Event{booked("A", 2), booked("B", 3)}, 1},
		{"kept free after", rank(func(r *config.Rank) { r.After = time.Minute }), []model.Event{booked("A", 2), booked("B", 3)}, 1},
		{"a way", rank(func(r *config.Rank) { r.Travel = time.Minute }), []model.Event{booked("A", 2), booked("B", 3, func(o *model.Occurrence) { o.Location = "Harbour St" })}, 1},
		{"a deadline", rank(func(r *config.Rank) { r.Deadline, r.When = time.Hour, ex(`ev.title == "B"`) }), []model.Event{booked("A", 2), booked("B", 3)}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := week(rankLine("any", 1, `ev.title != ""`))
			c.change(r)
			p := compiled(t, r).Decide(look, view(c.events...))
			holds := 0
			for _, s := range p.Steps {
				if _, ok := s.Action.(model.Hold); ok && strings.HasPrefix(string(s.Ident), "c:") {
					holds++
				}
			}
			if holds != c.want {
				t.Errorf("%d conflicts, want %d: %s", holds, c.want, shape(p))
			}
			if asked := len(p.Asks) > 0; asked != (c.want > 0) {
				t.Errorf("asks: %v", p.Asks)
			}
		})
	}
}

func TestZonesOfTheCalendarBlock(t *testing.T) {
	r := week(rankLine("any", 1, "true"))
	r.Calendar.Zones = []config.ZoneDays{
		{Name: tx("tokyo"), Zone: tx("Asia/Tokyo"), When: ex(`ev.title == "Tokyo"`)},
		{Name: tx("anywhere"), Zone: tx("Europe/Paris"), When: ex(`ev.all_day`)},
		{Name: tx("nowhere"), Zone: tx("Nowhere/Land"), When: ex(`true`)},
	}
	s := compiled(t, r)
	of := newRanker(s, &model.View{Now: now, Principal: view().Principal})
	for title, want := range map[string]string{"Tokyo": "Asia/Tokyo", "Trip": "Europe/Paris", "Call": ""} {
		e := booked(title, 2, func(o *model.Occurrence) { o.Start.Date = title != "Call" })
		got := ""
		if z := of.lives(&e, e.Body.Reveal().Master); z != nil {
			got = z.String()
		}
		if got != want {
			t.Errorf("%s is in %q, want %q", title, got, want)
		}
	}
}
