package journal

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
)

func testRuleStats(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	var ps []Planned
	for i, a := range []model.Action{model.Mark{Name: "m"}, model.Mark{Name: "n"}, model.File{Mailbox: []string{"B"}}, model.Note{}, model.Mark{Name: "o"}, model.Unmark{Name: "m"}} {
		p := mark(fmt.Sprint("stat ", i), uint32(i+1))
		p.Step.Rule, p.Step.Action = "privileged", a
		ps = append(ps, p)
	}
	commit(t, j, Turn{Lease: l, Planned: ps, Cursor: "1", Observed: []Observed{
		{Ident: "x", Rule: "filing", What: "observed", Would: "file"}, {Ident: "y", Rule: "filing", What: "cost"}}})
	must(t, j.Sent(t.Context(), l, ids(ps...), start))
	day := start.Add(24 * time.Hour)
	var rs []model.Result
	for i, p := range ps {
		rs = append(rs, model.Result{ID: p.Step.ID, Outcome: model.Done})
		if i == 4 {
			rs[i].Outcome, rs[i].Code = model.Refused, "no-keywords"
		}
	}
	must(t, j.Settle(t.Context(), l, rs[:1], start, 0))
	must(t, j.Settle(t.Context(), l, rs[1:], day, 0))
	commit(t, j, Turn{Lease: l, Now: day.Add(time.Hour), KeepCursor: true, Released: []Release{
		{ps[0].Step.Ident, "privileged", "unmarked"}, {ps[0].Step.Ident, "privileged", "unmarked"},
		{ps[1].Step.Ident, "privileged", HowThread}, {ps[2].Step.Ident, "privileged", HowUndone}}})
	want := []RuleStat{
		{Rule: "filing", Observed: 1, First: start, Last: start},
		{Rule: "privileged", Marked: 2, Filed: 1, Noted: 1, Released: 1, Refused: 1, First: start, Last: day},
	}
	got, err := j.RuleStats(t.Context())
	must(t, err)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func testConfirmedSince(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	var all []model.StepID
	for i := range 5 {
		p := mark(fmt.Sprint("since ", i), uint32(i+1))
		if i == 3 {
			p.Step.Rule = "another"
		}
		commit(t, j, Turn{Lease: l, Planned: []Planned{p}, KeepCursor: true})
		all = append(all, p.Step.ID)
		if i == 4 {
			break // open
		}
		must(t, j.Settle(t.Context(), l, []model.Result{{ID: p.Step.ID, Outcome: model.Done, Flags: model.Flags{"lx"}, Added: model.Flags{"lx"}}}, start.Add(time.Duration(i)*time.Hour), 0))
	}
	for _, c := range []struct {
		source model.SourceID
		rule   string
		since  time.Time
		want   []model.StepID
	}{
		{"gc-mail", "privileged", time.Time{}, all[:3]},
		{"gc-mail", "privileged", start.Add(time.Hour), all[1:3]},
		{"gc-mail", "privileged", start.Add(3 * time.Hour), nil},
		{"gc-mail", "another", start, all[3:4]},
		{"cfo-mail", "privileged", start, nil},
	} {
		var got []model.StepID
		must(t, j.ConfirmedSince(t.Context(), c.source, c.rule, c.since, func(in Intent) {
			got = append(got, in.Step.ID)
			if in.State != StateConfirmed || len(in.Added) != 1 {
				t.Errorf("%+v", in)
			}
		}))
		if !slices.Equal(got, c.want) {
			t.Errorf("%s since %v: %v, want %v", c.rule, c.since, got, c.want)
		}
	}
}

func testUnfinished(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	var ps []Planned
	for i := range 8 {
		p := mark(fmt.Sprint("open ", i), uint32(i+1))
		if i%2 == 1 {
			p.Step.Action = model.File{Mailbox: []string{"B"}}
		}
		ps = append(ps, p)
	}
	ps[6].Step.Rule = "another"
	ps[7].After = start.Add(time.Hour)
	commit(t, j, Turn{Lease: l, Planned: ps, KeepCursor: true})
	must(t, j.Sent(t.Context(), l, ids(ps[:4]...), start)) // 0 to 3
	must(t, j.Settle(t.Context(), l, []model.Result{
		{ID: ps[0].Step.ID, Outcome: model.Done}, {ID: ps[1].Step.ID, Outcome: model.Lost}, {ID: ps[2].Step.ID, Outcome: model.Later},
	}, start, 2*time.Hour))
	must(t, j.Hold(t.Context(), l, ids(ps[5]), start))
	for _, c := range []struct {
		source model.SourceID
		rule   string
		now    time.Time
		want   map[string]int
	}{
		{"gc-mail", "privileged", start, map[string]int{"mark": 1, "file": 1}},                    // 4 planned, 3 sent
		{"gc-mail", "privileged", start.Add(time.Hour), map[string]int{"mark": 1, "file": 2}},     // and 7
		{"gc-mail", "privileged", start.Add(2 * time.Hour), map[string]int{"mark": 2, "file": 2}}, // and 2
		{"gc-mail", "another", start, map[string]int{"mark": 1}},
		{"cfo-mail", "privileged", start, map[string]int{}},
	} {
		got, err := j.Unfinished(t.Context(), c.source, c.rule, c.now)
		must(t, err)
		if !maps.Equal(got, c.want) {
			t.Errorf("%s of %s at %v: %v, want %v", c.rule, c.source, c.now, got, c.want)
		}
	}
}
