package rules

import (
	"strings"
	"testing"
	"time"

	"chancery/config"
	"chancery/internal/model"
)

func week(ranks ...config.Rank) *config.Rules {
	r := office()
	r.Calendar = config.Calendar{
		Pos: at(1), Ranks: ranks,
		Ignore:    []config.Ignore{{Name: tx("lunch"), When: ex(`ev.title.lower() == "lunch"`)}},
		Conflicts: config.Conflicts{Pos: at(2), Mode: config.Enforce, Horizon: 30 * 24 * time.Hour, Alternatives: 3, Resolve: "propose"},
	}
	return r
}

func rankLine(name string, value int, when string) config.Rank {
	return config.Rank{Name: tx(name), Rank: value, When: ex(when)}
}

// booked makes an event of one hour.
func booked(title string, hours int, change ...func(*model.Occurrence)) model.Event {
	start := now.Add(time.Duration(hours) * time.Hour)
	o := &model.Occurrence{
		Summary: title, Status: "CONFIRMED", Class: "PUBLIC",
		Start: model.Time{Wall: start, Loc: time.UTC}, End: model.Time{Wall: start.Add(time.Hour), Loc: time.UTC},
		Organizer: model.Address{Addr: "gc@firm.example"},
		Attendees: []model.Attendee{
			{Address: model.Address{Addr: "GC@firm.example"}, PartStat: "ACCEPTED"}, {Address: model.Address{Addr: "c@client.example"}, PartStat: "NEEDS-ACTION"},
			{Address: model.Address{Addr: "room1@firm.example"}, Type: "ROOM"},
		},
		Categories: []string{"Work"},
	}
	for _, f := range change {
		f(o)
	}
	return model.Event{
		Ref: model.Ref{Source: "gc-cal/work", Href: model.Name("/" + title + ".ics")}, Ident: model.Ident("ev-" + title),
		Body: model.Hide(model.Series{UID: title, Master: o}),
	}
}

func view(events ...model.Event) model.View {
	return model.View{Now: now, Agenda: events, Principal: model.Principal{
		Name: "gc", Zone: time.UTC, Addresses: []string{"gc@firm.example"}, Holds: "gc-cal/holds", Notes: "as-mail", NotesBox: []string{"INBOX"},
		Hours: []model.Hours{{Day: time.Monday, From: 540, Till: 1080}, {Day: time.Tuesday, From: 540, Till: 1080}},
	}}
}

func TestRankByCondition(t *testing.T) {
	tests := []struct {
		when string
		want bool
	}{
		{`ev.title == "Call"`, true},
		{`ev.organizer == "gc@firm.example" && ev.mine`, true},
		{`ev.people == ["gc@firm.example", "c@client.example"] && ev.people_count == 2`, true},
		{`ev.people.exists(p, !p.is_in(lists.firm))`, true},
		{`ev.calendar == "gc-cal/work"`, true},
		{`ev.duration == duration("1h") && ev.end - ev.start == ev.duration`, true},
		{`ev.start.getHours() == 11`, true},
		{`ev.show == "busy" && ev.status == "confirmed" && ev.class == "public"`, true},
		{`"Work" in ev.categories`, true},
		{`ev.partstat == "accepted"`, true},
		{`ev.all_day || ev.recurring || ev.conference || ev.location != ""`, false},
	}
	for _, tt := range tests {
		t.Run(tt.when, func(t *testing.T) {
			s := compiled(t, week(rankLine("yes", 7, tt.when)))
			e := booked("Call", 2)
			got := newRanker(s, &model.View{Now: now, Principal: view().Principal}).rank(&e, e.Body.Reveal().Master)
			if (got.Name == "yes") != tt.want || got.Name != "yes" && got.Name != unranked {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestFirstRankThatMatchesCounts(t *testing.T) {
	narrow := rankLine("narrow", 5, `ev.title == "Call"`)
	narrow.Fixed, narrow.Buffer = true, time.Minute
	s := compiled(t, week(narrow, rankLine("wide", 50, `ev.people_count > 0`)))
	r := newRanker(s, &model.View{Now: now, Principal: view().Principal})
	for title, want := range map[string]string{"Call": "narrow", "Other": "wide", "Lunch": "lunch"} {
		e := booked(title, 1)
		got := r.rank(&e, e.Body.Reveal().Master)
		if got.Name != want || got.Ignore != (want == "lunch") || got.Fixed != (want == "narrow") || !strings.HasPrefix(got.Place, "rules.d/t.yaml:") {
			t.Errorf("%s: %+v", title, got)
		}
	}
}

func TestLookSettlesByMode(t *testing.T) {
	look := model.Change{Op: model.Look, Principal: "gc"}
	clash := view(booked("Hearing", 2), booked("Lease call", 2))
	for _, tt := range []struct {
		mode           config.Mode
		steps, reports bool
	}{{config.Enforce, true, false}, {config.Observe, false, true}, {config.Off, false, false}} {
		t.Run(string(tt.mode), func(t *testing.T) {
			r := week(rankLine("court", 100, `ev.title == "Hearing"`), rankLine("other", 1, "true"))
			r.Calendar.Conflicts.Mode = tt.mode
			p := compiled(t, r).Decide(look, clash)
			if len(p.Steps) > 0 != tt.steps || len(p.Reports) > 0 != tt.reports {
				t.Errorf("%d steps, %d reports: %s", len(p.Steps), len(p.Reports), shape(p))
			}
			for _, s := range p.Steps {
				if s.Version != "v1" || s.Source == "" {
					t.Errorf("step lacks something: %+v", s)
				}
			}
		})
	}
}

func TestFailingRankIsReportedOnce(t *testing.T) {
	s := compiled(t, week(rankLine("bad", 9, `ev.people[7] == "x"`), rankLine("good", 1, "true")))
	p := s.Decide(model.Change{Op: model.Look}, view(booked("A", 2), booked("B", 2), booked("C", 40)))
	bad := 0
	for _, r := range p.Reports {
		if r.Rule == "bad" && r.What == whatError {
			bad++
		}
	}
	if bad != 1 {
		t.Errorf("%d reports: %s", bad, shape(p))
	}
}

func TestExplainLookRanks(t *testing.T) {
	s := compiled(t, week(rankLine("court", 100, `ev.title == "Hearing"`)))
	got := told(s.Explain(model.Change{Op: model.Look}, view(booked("Hearing", 1), booked("Lunch", 2), booked("Tea", 3))))
	want := "court ranked matched=true\n  event = Hearing\n  rank = 100\n" +
		"lunch ignored matched=true\n  event = Lunch\n  rank = 0\n" +
		"other ranked matched=false\n  event = Tea\n  rank = 0\n"
	if got != want {
		t.Errorf("got:\n%s", got)
	}
}

func TestBrokenRanks(t *testing.T) {
	r := week(rankLine("a", 1, `ev.titel == "x"`), rankLine("b", 1, `msg.subject == "x"`), rankLine("c", 1, `ev.show == "bussy"`), rankLine("d", 1, `ev.duration > 3`))
	r.Calendar.Ignore[0].When = ex(`ev.title`)
	_, errs := Compile(r)
	golden(t, "testdata/broken-ranks.golden", errs.Error()+"\n")
}

func TestUnreachableRankIsTold(t *testing.T) {
	_, errs := Compile(week(rankLine("all", 1, "true"), rankLine("never", 2, `ev.mine`)))
	if !errs.Fatal() || !strings.Contains(errs.Error(), `rule "never": no event gets here`) {
		t.Errorf("got %v", errs)
	}
}
