package agenda

import (
	"fmt"
	"maps"
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

// private is a calendar whose time the office calendar shows.
func private(uid string) change { return in("dana-cal/private", "/private/"+uid+".ics") }

func mirroring(mode string, more ...Mirror) Options {
	o := enforce()
	o.Mode = "off"
	o.Mirrors = append([]Mirror{{Name: "busy", Place: "rules.d/30.yaml:4:5", Mode: mode, From: []model.SourceID{"dana-cal/private"}, To: "dana-cal/office", As: "Busy"}}, more...)
	return o
}

// mirrored lists what the steps write of mirrors, as "start–end title".
func mirrored(t *testing.T, v *model.View, o Options) []string {
	t.Helper()
	steps, _, _ := Settle(*v, o, rankByCategory)
	out := []string{}
	for _, h := range holdsOf(steps) {
		b := h.Body.Reveal()
		form := "02 15:04"
		if b.Date {
			form = "02"
		}
		at := func(u model.UnixTime) string {
			at := time.Unix(int64(u), 0).UTC()
			if !b.Date {
				at = at.In(v.Principal.Zone)
			}
			return at.Format(form)
		}
		out = append(out, at(b.Start)+"–"+at(b.End)+" "+b.Summary)
		if b.Description != "" || b.Related != nil || !b.Private || !b.Blocks {
			t.Errorf("the mirror says more than that time is taken: %+v", b)
		}
	}
	for _, s := range steps {
		if s.Action.Kind() == "withdraw" {
			out = append(out, "withdraw")
		}
		if !IsMirror(s.Ident) || s.Source != "dana-cal/office" || s.Rule != "busy" && s.Rule != "mirrors" {
			t.Errorf("a step of rule %s at %s about %s", s.Rule, s.Source, s.Ident)
		}
	}
	apply(t, v, steps)
	return out
}

func TestWhatAMirrorShows(t *testing.T) {
	at := wall(tuesday + "10:00")
	status := func(s string) change { return master(func(o *model.Occurrence) { o.Status = s }) }
	asks := func(change func(*Mirror)) func(*Options) {
		return func(o *Options) {
			o.Mirrors[0].Shows = func(*model.Event, *model.Occurrence) bool { return true }
			change(&o.Mirrors[0])
		}
	}
	plain := func(*Options) {}
	for _, c := range []struct {
		name  string
		event model.Event
		rules func(*Options)
		want  string
	}{
		{"busy", meeting("x", at, time.Hour, private("x")), plain, "03 10:00–03 11:00 Busy"},
		{"ignored by the ranks", meeting("x", at, time.Hour, private("x"), ranked("lunch")), plain, "03 10:00–03 11:00 Busy"},
		{"tentative", meeting("x", at, time.Hour, private("x"), show(model.Tentative)), plain, "03 10:00–03 11:00 Busy"},
		{"in another calendar", meeting("x", at, time.Hour, in("dana-cal/club", "/club/x.ics")), plain, ""},
		{"free", meeting("x", at, time.Hour, private("x"), show(model.Free)), plain, ""},
		{"free, and the rule asks", meeting("x", at, time.Hour, private("x"), show(model.Free)), asks(func(m *Mirror) { m.AsksShow = true }), "03 10:00–03 11:00 Busy"},
		{"free, and the rule asks something else", meeting("x", at, time.Hour, private("x"), show(model.Free)), asks(func(m *Mirror) { m.AsksAnswer = true }), ""},
		{"elsewhere", meeting("x", at, time.Hour, private("x"), show(model.Elsewhere)), plain, ""},
		{"cancelled", meeting("x", at, time.Hour, private("x"), status("CANCELLED")), plain, ""},
		{"declined", meeting("x", at, time.Hour, private("x"), attendee("dana@firm.example", "DECLINED")), plain, ""},
		{"unanswered", meeting("x", at, time.Hour, private("x"), attendee("dana@firm.example", "NEEDS-ACTION")), plain, ""},
		{"unanswered, and the rule asks", meeting("x", at, time.Hour, private("x"), attendee("dana@firm.example", "NEEDS-ACTION")), asks(func(m *Mirror) { m.AsksAnswer = true }), "03 10:00–03 11:00 Busy"},
		{"no length", meeting("x", at, 0, private("x")), plain, ""},
		{"whole day", allDay("x", wall("2026-03-03"), 2, private("x")), plain, ""},
		{"whole day, and the rule asks", allDay("x", wall("2026-03-03"), 2, private("x")), asks(func(m *Mirror) { m.AsksDays = true }), "03–05 Busy"},
		{"whole day out of office over a change of clocks", allDay("x", wall("2026-03-28"), 3, private("x"), show(model.OutOfOffice)), plain, "28–31 Busy"},
		{"past", meeting("x", wall("2026-03-01 10:00"), time.Hour, private("x")), plain, ""},
		{"over today", meeting("x", wall("2026-03-02 06:00"), time.Hour, private("x")), plain, "02 06:00–02 07:00 Busy"},
		{"beyond the horizon", meeting("x", wall("2026-07-03 10:00"), time.Hour, private("x")), plain, ""},
		{"not meant", meeting("x", at, time.Hour, private("x"), ranked("club")), func(o *Options) {
			o.Mirrors[0].Shows = func(_ *model.Event, o *model.Occurrence) bool { return o.Categories == nil }
		}, ""},
		{"a hold of ours", meeting("x", at, time.Hour, private("x"), func(e *model.Event, _ *model.Series) { e.Own = &model.Own{}; e.Tagged = true }), plain, ""},
		{"of another installation", meeting("x", at, time.Hour, private("x"), func(e *model.Event, _ *model.Series) { e.Tagged = true }), plain, ""},
		{"asks for holds", meeting("x", at, time.Hour, private("x"), title("Deposition #hold3")), plain, ""},
		{"another's title asks for holds", meeting("x", at, time.Hour, private("x"), title("Lunch #hold3"), attendee("dana@firm.example", "ACCEPTED"), master(func(o *model.Occurrence) { o.Organizer.Addr = "jo@counsel.example" })), plain, "03 10:00–03 11:00 Busy"},
		{"a title of its own", meeting("x", at, time.Hour, private("x")), func(o *Options) { o.Mirrors[0].As = "Not\navailable" }, "03 10:00–03 11:00 Not available"},
		{"in London", meeting("x", at, time.Hour, private("x"), zoned(zone(t, "Europe/London"))), plain, "03 11:00–03 12:00 Busy"},
	} {
		v, o := view(t, c.event), mirroring("enforce")
		c.rules(&o)
		if got := strings.Join(mirrored(t, &v, o), ", "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		if again := mirrored(t, &v, o); len(again) > 0 {
			t.Errorf("%s: not at rest: %v", c.name, again)
		}
	}
}

// The way of one event: it moves, is answered, comes back and goes.
func TestAMirrorFollowsItsEvent(t *testing.T) {
	at := wall(tuesday + "10:00")
	event := func(at time.Time, changes ...change) model.Event {
		return meeting("x", at, time.Hour, append([]change{private("x")}, changes...)...)
	}
	v := view(t, event(at))
	o := mirroring("enforce")
	step := func(what, want string) {
		t.Helper()
		if got := strings.Join(mirrored(t, &v, o), ", "); got != want {
			t.Fatalf("%s: got %q, want %q", what, got, want)
		}
		if len(v.Findings) > 1 {
			t.Fatalf("%s: %d entries for one event", what, len(v.Findings))
		}
	}
	step("new", "03 10:00–03 11:00 Busy")
	v.Agenda = []model.Event{event(at.Add(3 * time.Hour))}
	step("moved", "03 13:00–03 14:00 Busy")
	v.Agenda = []model.Event{event(at.Add(3*time.Hour), title("Renamed"), ranked("court"))}
	step("renamed", "")
	o.Mirrors[0].As = "Away"
	step("another title in the rule", "03 13:00–03 14:00 Away")
	v.Agenda = []model.Event{event(at, attendee("dana@firm.example", "DECLINED"))}
	step("declined", "withdraw")
	v.Agenda = []model.Event{event(at)}
	step("accepted after all", "03 10:00–03 11:00 Away")
	v.Agenda = append(v.Agenda, meeting("x", at, time.Hour, in("dana-cal/office", "/office/x.ics")))
	step("the meeting itself stands there", "withdraw")
	v.Agenda = v.Agenda[:1]
	step("and not any more", "03 10:00–03 11:00 Away")
	o.Mirrors[0].Name = "renamed-rule"
	step("the rule has another name", "")
	o.Mirrors[0].Name, v.Agenda = "busy", nil
	step("gone", "withdraw")
	v.Agenda = []model.Event{event(at)}
	step("back", "03 10:00–03 11:00 Away")
	v.Now = v.Now.AddDate(0, 0, 2)
	step("past", "withdraw")
}

// What the newest copy says counts, wherever it lies.
func TestAMirrorOfTwoCalendarsShowsAMeetingOnce(t *testing.T) {
	at := wall(tuesday + "10:00")
	other := in("dana-cal/club", "/club/x.ics")
	for _, c := range []struct {
		name string
		b    model.Event
		want string
	}{
		{"two copies", meeting("x", at, time.Hour, other), "03 10:00–03 11:00 Busy"},
		{"the other one moved since", meeting("x", at.Add(time.Hour), time.Hour, other, sequence(2)), "03 11:00–03 12:00 Busy"},
		{"the other one is free there", meeting("x", at, time.Hour, other, show(model.Free)), "03 10:00–03 11:00 Busy"},
	} {
		for _, order := range []bool{true, false} {
			a := meeting("x", at, time.Hour, private("x"))
			v := view(t, a, c.b)
			if !order {
				v = view(t, c.b, a)
			}
			o := mirroring("enforce")
			o.Mirrors[0].From = append(o.Mirrors[0].From, "dana-cal/club")
			if got := strings.Join(mirrored(t, &v, o), ", "); got != c.want {
				t.Errorf("%s: got %q, want %q", c.name, got, c.want)
			}
		}
	}
}

// A series, one date of which moved, one is gone and one is declined.
func TestAMirrorOfASeries(t *testing.T) {
	at := wall(tuesday + "10:00")
	v := view(t, meeting("x", at, time.Hour, private("x"), repeats("FREQ=DAILY;COUNT=5"), exdate(floating("2026-03-04 10:00")),
		override(floating("2026-03-05 10:00"), func(o *model.Occurrence) {
			o.Start, o.End = floating("2026-03-05 15:00"), floating("2026-03-05 16:00")
		}),
		override(floating("2026-03-06 10:00"), cancelled)))
	o := mirroring("enforce")
	if got, want := strings.Join(mirrored(t, &v, o), ", "), "03 10:00–03 11:00 Busy, 05 15:00–05 16:00 Busy, 07 10:00–07 11:00 Busy"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPeopleDecideAboutMirrors(t *testing.T) {
	at := wall(tuesday + "10:00")
	event := func(at time.Time) model.Event { return meeting("x", at, time.Hour, private("x")) }
	for name, decide := range map[string]func(*model.Finding){
		"deleted":   func(f *model.Finding) { f.Dismissed = true },
		"edited":    func(f *model.Finding) { f.Pinned = true },
		"confirmed": func(f *model.Finding) { f.Confirmed = true },
	} {
		v, o := view(t, event(at)), mirroring("enforce")
		mirrored(t, &v, o)
		for of, f := range v.Findings {
			decide(&f)
			v.Findings[of] = f
		}
		for what, agenda := range map[string][]model.Event{"as before": {event(at)}, "moved": {event(at.Add(time.Hour))}, "gone": nil} {
			v.Agenda = agenda
			if got := mirrored(t, &v, o); len(got) > 0 {
				t.Errorf("%s, %s: %v", name, what, got)
			}
		}
		o.Mirrors = nil
		if got := mirrored(t, &v, o); len(got) > 0 {
			t.Errorf("%s, and no mirror any more: %v", name, got)
		}
	}
}

// Modes: what an observing mirror would do is told; taken out, or off, a mirror
// cleans up after itself, and touches nothing else.
func TestModesOfMirrors(t *testing.T) {
	a, b := meeting("a", wall(tuesday+"10:00"), time.Hour, private("a")), meeting("b", wall(tuesday+"10:30"), time.Hour)
	v := view(t, a, b)
	both := mirroring("observe")
	both.Mode = "enforce"
	steps, reports, _ := Settle(v, both, rankByCategory)
	if kinds(steps) != "hold note" {
		t.Fatalf("steps beside an observing mirror: %s", kinds(steps))
	}
	if !slices.ContainsFunc(reports, func(r model.Report) bool {
		return r.Rule == "busy" && r.What == "observe" && r.Would == "hold" && IsMirror(r.Of)
	}) {
		t.Errorf("nothing is told: %v", words(reports))
	}
	both.Mirrors[0].Mode = "enforce"
	steps, _, _ = Settle(v, both, rankByCategory)
	apply(t, &v, steps)
	if kinds(steps) != "hold note hold" {
		t.Fatalf("steps with a mirror: %s", kinds(steps))
	}
	for name, o := range map[string]Options{"off": mirroring("off"), "taken out": {Mode: "off", Version: "v2"}} {
		w := v
		w.Findings = maps.Clone(v.Findings)
		if got := strings.Join(mirrored(t, &w, o), ", "); got != "withdraw" {
			t.Errorf("%s: %s", name, got)
		}
		if len(w.Findings) != 1 {
			t.Errorf("%s: what tells the conflict went, too", name)
		}
	}
	w := v
	w.Agenda = nil
	steps, reports, _ = Settle(w, mirroring("observe"), rankByCategory)
	if len(steps) > 0 || len(reports) != 1 || reports[0].Would != "withdraw" {
		t.Errorf("observing, with its event gone: %s %v", kinds(steps), words(reports))
	}
	// The conflict is over; what the mirror shows is none of its business.
	w = v
	w.Agenda = []model.Event{a}
	steps, _, _ = Settle(w, both, rankByCategory)
	if kinds(steps) != "withdraw drop-note" || IsMirror(steps[0].Ident) {
		t.Errorf("the conflict is over: %s", kinds(steps))
	}
}

// An observing mirror does not keep another one from showing the same.
func TestAnObservingMirrorIsNotInTheWay(t *testing.T) {
	v := view(t, meeting("a", wall(tuesday+"10:00"), time.Hour, private("a")))
	o := mirroring("observe", Mirror{Name: "busy", Mode: "enforce", From: []model.SourceID{"dana-cal/private"}, To: "dana-cal/office", As: "Taken"})
	if got := strings.Join(mirrored(t, &v, o), ", "); got != "03 10:00–03 11:00 Taken" {
		t.Errorf("got %s", got)
	}
	if got := mirrored(t, &v, o); len(got) > 0 {
		t.Errorf("not at rest: %v", got)
	}
}

// A mirror is no conflict, neither with what it shows nor with anything else.
func TestMirrorsDoNotClash(t *testing.T) {
	a := meeting("a", wall(tuesday+"10:00"), time.Hour, private("a"))
	v, o := view(t, a), mirroring("enforce")
	o.Mode = "enforce"
	steps, _, _ := Settle(v, o, rankByCategory)
	apply(t, &v, steps)
	h := holdsOf(steps)[0]
	for _, ours := range []bool{true, false} {
		e := meeting(h.UID, wall(tuesday+"10:00"), time.Hour, in("dana-cal/office", "/office/m.ics"))
		e.Tagged = true
		if ours {
			e.Own = &model.Own{Of: h.Of, Digest: h.Digest, Intact: true}
		}
		w := v
		w.Agenda = []model.Event{a, e, meeting("third", wall(tuesday+"11:00"), time.Hour)}
		if again, reports, _ := Settle(w, o, rankByCategory); len(again) > 0 || len(reports) > 0 {
			t.Errorf("ours %v: %s %v", ours, kinds(again), words(reports))
		}
	}
}

// After a lost state what stands is taken up: known by its identity, edited or not,
// also in a calendar that is not for holds.
func TestForgottenMirrorsAreTakenUp(t *testing.T) {
	a := meeting("a", wall(tuesday+"10:00"), time.Hour, private("a"))
	v, o := view(t, a), mirroring("enforce")
	steps, _, _ := Settle(v, o, rankByCategory)
	h := holdsOf(steps)[0]
	entry := func(intact bool) model.Event {
		e := meeting(h.UID, wall(tuesday+"10:00"), time.Hour, in("dana-cal/office", "/office/m.ics"))
		e.Own, e.Tagged = &model.Own{Of: h.Of, Digest: h.Digest, Intact: intact}, true
		return e
	}
	for _, c := range []struct {
		name   string
		agenda []model.Event
		kinds  string
	}{
		{"it stands", []model.Event{a, entry(true)}, ""},
		{"its event is gone", []model.Event{entry(true)}, "withdraw"},
		{"a person edited it", []model.Event{a, entry(false)}, ""},
		{"edited, and its event is gone", []model.Event{entry(false)}, ""},
	} {
		w := view(t, c.agenda...)
		if steps, _, _ := Settle(w, o, rankByCategory); kinds(steps) != c.kinds {
			t.Errorf("%s: got %q, want %q", c.name, kinds(steps), c.kinds)
		}
		w.Principal.Name = "Omar Bell"
		if steps, _, _ := Settle(w, o, rankByCategory); strings.Contains(kinds(steps), "withdraw") {
			t.Errorf("%s: another principal takes it away", c.name)
		}
	}
}

// In a chain the last calendar shows the one before it, and not what that shows.
func TestMirrorsAreNotShownOn(t *testing.T) {
	a := meeting("a", wall(tuesday+"10:00"), time.Hour, private("a"))
	b := meeting("b", wall(tuesday+"14:00"), time.Hour)
	v := view(t, a, b)
	o := mirroring("enforce", Mirror{Name: "on", Mode: "enforce", From: []model.SourceID{"dana-cal/office"}, To: "dana-cal/team", As: "Busy"})
	for round := range 4 {
		steps, _, _ := Settle(v, o, rankByCategory)
		if round > 0 && len(steps) > 0 {
			t.Fatalf("round %d: %s", round, kinds(steps))
		}
		apply(t, &v, steps)
		for _, s := range steps {
			h := s.Action.(model.Hold)
			e := meeting(h.UID, time.Unix(int64(h.Body.Reveal().Start), 0).UTC(), time.Hour, in(string(s.Source), h.UID), zoned(time.UTC))
			e.Own, e.Tagged = &model.Own{Of: h.Of, Digest: h.Digest, Intact: true}, true
			v.Agenda = append(v.Agenda, e)
		}
	}
	if len(v.Findings) != 2 {
		t.Errorf("%d entries, want one for each event", len(v.Findings))
	}
}

// Many events: a look writes so many, says so, and comes to rest.
func TestMirrorsAreBounded(t *testing.T) {
	v, o := view(t), mirroring("enforce")
	for i := range 1200 {
		v.Agenda = append(v.Agenda, meeting(fmt.Sprint("e", i), wall("2026-03-03 00:00").Add(time.Duration(i)*time.Hour), 30*time.Minute, private(fmt.Sprint("e", i))))
	}
	rounds := 0
	for ; ; rounds++ {
		steps, reports, again := Settle(v, o, rankByCategory)
		if !slices.ContainsFunc(reports, func(r model.Report) bool { return r.What == "limit" && r.Rule == "busy" }) {
			t.Fatal("nobody is told that not all is shown")
		}
		if len(steps) == 0 {
			break
		}
		if len(steps) > mirrorSteps || len(steps) == mirrorSteps && rounds < 3 && !again.Equal(v.Now.Add(mirrorPause)) {
			t.Fatalf("round %d: %d steps, look again %v", rounds, len(steps), again)
		}
		apply(t, &v, steps)
	}
	if rounds != 4 || len(v.Findings) != maxMirrored {
		t.Errorf("%d rounds, %d entries", rounds, len(v.Findings))
	}
}

// Laws: the order of the agenda is no matter, each look ends in rest, and what
// stands is what a fresh look at the same events would write.
func TestMirrorsConverge(t *testing.T) {
	r := rand.New(rand.NewSource(23))
	for range 25 {
		v := view(t, randomAgenda(t, r, 30)...)
		o := mirroring("enforce", Mirror{Name: "private-too", Mode: "enforce", From: []model.SourceID{"dana-cal/office"}, To: "cal/private", As: "Busy"})
		o.Mirrors[0].From, o.Mirrors[0].To = []model.SourceID{"dana-cal/office"}, "dana-cal/team"
		o.Mode = []string{"off", "enforce"}[r.Intn(2)]
		for range 10 {
			switch r.Intn(3) {
			case 0:
				v.Agenda = append(slices.Clone(v.Agenda), randomAgenda(t, r, 31)[30:]...)
			case 1:
				i := r.Intn(len(v.Agenda))
				v.Agenda = slices.Delete(slices.Clone(v.Agenda), i, i+1)
			case 2:
				v.Now = v.Now.Add(time.Duration(r.Intn(3000)) * time.Minute)
			}
			steps, _, _ := Settle(v, o, rankByCategory)
			w := v
			w.Agenda = slices.Clone(v.Agenda)
			r.Shuffle(len(w.Agenda), func(i, j int) { w.Agenda[i], w.Agenda[j] = w.Agenda[j], w.Agenda[i] })
			if other, _, _ := Settle(w, o, rankByCategory); !reflect.DeepEqual(encode(t, steps), encode(t, other)) {
				t.Fatal("another order gives other steps")
			}
			apply(t, &v, steps)
			if again, _, _ := Settle(v, o, rankByCategory); len(again) != 0 {
				t.Fatalf("not at rest: %s", kinds(again))
			}
			fresh := v
			fresh.Findings = map[model.Ident]model.Finding{}
			steps, _, _ = Settle(fresh, o, rankByCategory)
			want := map[model.Ident]string{}
			for _, h := range holdsOf(steps) {
				if IsMirror(h.Of) {
					want[h.Of] = h.Digest
				}
			}
			got := map[model.Ident]string{}
			for of, f := range v.Findings {
				if IsMirror(of) {
					got[of] = f.Hold
				}
			}
			if !maps.Equal(got, want) {
				t.Fatalf("%d entries stand, a fresh look writes %d", len(got), len(want))
			}
		}
	}
}
