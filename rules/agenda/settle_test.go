package agenda

import (
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

const tuesday = "2026-03-03 "

// said is the summary of each hold that a first look at the events makes.
func said(t *testing.T, events ...model.Event) []string {
	t.Helper()
	steps, _, _ := Settle(view(t, events...), enforce(), rankByCategory)
	out := []string{}
	for _, h := range holdsOf(steps) {
		out = append(out, strings.TrimPrefix(h.Body.Reveal().Summary, "Conflict: "))
	}
	if len(notesOf(steps)) != len(out) || len(steps) != 2*len(out) {
		t.Errorf("%d holds, %d notes, %d steps", len(out), len(notesOf(steps)), len(steps))
	}
	return out
}

// What blocks, and what does not.
func TestWhatBlocks(t *testing.T) {
	at := wall(tuesday + "10:00")
	base := meeting("base", at, time.Hour, ranked("client"))
	show := func(s model.Show) change { return master(func(o *model.Occurrence) { o.Show = s }) }
	status := func(s string) change { return master(func(o *model.Occurrence) { o.Status = s }) }
	for _, c := range []struct {
		name  string
		other model.Event
		want  bool
	}{
		{"busy", meeting("x", at, time.Hour), true},
		{"touching", meeting("x", at.Add(time.Hour), time.Hour), false},
		{"tentative", meeting("x", at, time.Hour, show(model.Tentative)), true},
		{"status tentative", meeting("x", at, time.Hour, status("TENTATIVE")), true},
		{"cancelled", meeting("x", at, time.Hour, status("CANCELLED")), false},
		{"free", meeting("x", at, time.Hour, show(model.Free)), false},
		{"working elsewhere", meeting("x", at, time.Hour, show(model.Elsewhere)), false},
		{"out of office", meeting("x", at, time.Hour, show(model.OutOfOffice)), true},
		{"declined", meeting("x", at, time.Hour, attendee("Dana@firm.example", "DECLINED")), false},
		{"delegated", meeting("x", at, time.Hour, attendee("dana@firm.example", "DELEGATED")), false},
		{"declined by another", meeting("x", at, time.Hour, attendee("bob@firm.example", "DECLINED")), true},
		{"declined in one line of two", meeting("x", at, time.Hour, attendee("dana@firm.example", "DECLINED"), attendee("dana@firm.example", "ACCEPTED")), true},
		{"unanswered", meeting("x", at, time.Hour, attendee("dana@firm.example", "NEEDS-ACTION")), true},
		{"declined although the organizer", meeting("x", at, time.Hour, organizedBy("dana@firm.example"), attendee("dana@firm.example", "DECLINED")), false},
		{"ignored by a rule", meeting("x", at, time.Hour, ranked("lunch")), false},
		{"a hold of ours", meeting("x", at, time.Hour, func(e *model.Event, _ *model.Series) { e.Own = &model.Own{} }), false},
		{"whole day", allDay("x", wall("2026-03-03"), 1), false},
		{"whole day out of office", allDay("x", wall("2026-03-02"), 5, show(model.OutOfOffice)), true},
		{"whole day with a fixed rank", allDay("x", wall("2026-03-03"), 1, ranked("keep")), true},
		{"a moment", meeting("x", at.Add(10*time.Minute), 0), false},
		{"a moment with a buffer", meeting("x", at.Add(-10*time.Minute), 0, ranked("court")), true},
		{"inside the buffer", meeting("x", at.Add(85*time.Minute), time.Hour, ranked("court")), true},
		{"outside the buffer", meeting("x", at.Add(90*time.Minute), time.Hour, ranked("court")), false},
		{"the same instant in another zone", meeting("x", wall(tuesday+"04:00"), time.Hour, zoned(zone(t, "America/New_York"))), true},
		{"beyond the horizon", meeting("x", wall("2026-07-03 10:00"), time.Hour), false},
	} {
		if got := said(t, base, c.other); (len(got) == 1) != c.want {
			t.Errorf("%s: got %v, want a conflict: %v", c.name, got, c.want)
		}
	}
}

// P14: the same meeting in two calendars is one, and a series may overlap itself.
func TestTheSameMeetingCountsOnce(t *testing.T) {
	at := wall(tuesday + "10:00")
	call := master(func(o *model.Occurrence) { o.Conference = "https://meet.example/abc" })
	for _, c := range []struct {
		name string
		a, b model.Event
		want bool
	}{
		{"same UID", meeting("u", at, time.Hour), meeting("u", at, time.Hour, in("cal/private", "/p/u.ics")), false},
		{"same UID, one copy stale", meeting("u", at, time.Hour), meeting("u", at.Add(30*time.Minute), time.Hour, in("cal/private", "/p/u.ics")), false},
		{"same call", meeting("u", at, time.Hour, call), meeting("w", at, time.Hour, call), false},
		{"same call, other time", meeting("u", at, time.Hour, call), meeting("w", at, 2*time.Hour, call), true},
		{"same organizer and title", meeting("u", at, time.Hour, organizedBy("a@b.example"), title("Weekly")), meeting("w", at, time.Hour, organizedBy("A@b.example"), title("weekly ")), false},
		{"same organizer only", meeting("u", at, time.Hour, organizedBy("a@b.example")), meeting("w", at, time.Hour, organizedBy("a@b.example")), true},
		{"same title only", meeting("u", at, time.Hour, title("Weekly")), meeting("w", at, time.Hour, title("Weekly")), true},
		{"a series over itself", meeting("u", at, 30*time.Hour, repeats("FREQ=DAILY;COUNT=5")), allDay("w", at, 1), false},
	} {
		if got := said(t, c.a, c.b); (len(got) == 1) != c.want {
			t.Errorf("%s: got %v, want a conflict: %v", c.name, got, c.want)
		}
	}
}

func TestWhoYields(t *testing.T) {
	at := wall(tuesday + "10:00")
	a := func(changes ...change) model.Event { return meeting("a", at, time.Hour, changes...) }
	b := func(changes ...change) model.Event {
		return meeting("b", at.Add(30*time.Minute), time.Hour, changes...)
	}
	created := func(s string) change { return master(func(o *model.Occurrence) { o.Created = wall(s) }) }
	open := attendee("dana@firm.example", "NEEDS-ACTION")
	first := b
	if a().Ident < b().Ident {
		first = a
	}
	for _, c := range []struct {
		name string
		a, b model.Event
		want string // "yields / keeps"
		why  string
	}{
		{"lower rank", a(ranked("internal")), b(ranked("board")), "a / b", "“board” ranks above “internal”"},
		{"fixed against higher", a(ranked("keep")), b(ranked("board")), "b / a", "“personal, do not move” never moves"},
		{"unranked", a(), b(ranked("internal")), "a / b", "“internal” ranks above unranked"},
		{"both fixed", a(ranked("keep")), b(ranked("court")), "", "neither “"},
		{"two courts", a(ranked("court")), b(ranked("court")), "", "both are “court”, which never moves"},
		{"accepted", a(ranked("client"), open), b(ranked("client")), "a / b", "both are “client”; the one already accepted stays"},
		{"rank before accepted", a(ranked("client"), open), b(ranked("internal")), "b / a", "“client” ranks above “internal”"},
		{"the organizer need not answer", a(ranked("client"), open, organizedBy("dana@firm.example"), created("2026-01-01")), b(ranked("client"), created("2026-02-02")), "b / a", "the one booked first stays"},
		{"from outside", a(ranked("client"), organizedBy("bob@firm.example")), b(ranked("client"), organizedBy("eve@client.example")), "a / b", "the one called from outside stays"},
		{"booked first", a(created("2026-02-02")), b(created("2026-01-01")), "a / b", "the one booked first stays"},
		{"nothing", a(), b(), "", "nothing else tells them apart"},
	} {
		var seen []string
		for _, events := range [][]model.Event{{c.a, c.b}, {c.b, c.a}} {
			steps, _, _ := Settle(view(t, events...), enforce(), rankByCategory)
			h := holdsOf(steps)
			if len(h) != 1 {
				t.Fatalf("%s: %d holds", c.name, len(h))
			}
			summary := strings.TrimPrefix(h[0].Body.Reveal().Summary, "Conflict: ")
			seen = append(seen, summary)
			if c.want != "" && summary != c.want {
				t.Errorf("%s: got %s, want %s", c.name, summary, c.want)
			}
			if why := steps[0].Why.Reveal(); !strings.Contains(why, c.why) {
				t.Errorf("%s: why %q, want %q", c.name, why, c.why)
			}
			person := strings.Contains(h[0].Body.Reveal().Description, "Please decide")
			if person != strings.HasPrefix(c.name, "both fixed") && person != strings.HasPrefix(c.name, "two courts") {
				t.Errorf("%s: a person is asked: %v", c.name, person)
			}
		}
		if seen[0] != seen[1] {
			t.Errorf("%s: the order of the agenda decides: %v", c.name, seen)
		}
	}
	if got := said(t, a(), b()); !strings.HasSuffix(got[0], "/ "+first().Body.Reveal().UID) {
		t.Errorf("a tie goes to the smaller ident: got %v", got)
	}
}

// A percent sign in a name of IT's is a percent sign.
func TestNamesAreNotFormats(t *testing.T) {
	steps, _, _ := Settle(view(t, meeting("a", wall(tuesday+"10:00"), time.Hour), meeting("b", wall(tuesday+"10:00"), 2*time.Hour, ranked("x"))), enforce(),
		func(_ *model.Event, o *model.Occurrence) Ranked {
			return Ranked{Name: "100%s sure %d", Rank: len(o.Categories)}
		})
	if why := steps[0].Why.Reveal(); !strings.HasPrefix(why, "“100%s sure %d” ranks above “100%s sure %d”") {
		t.Errorf("why is %q", why)
	}
}

// Two series are one conflict, told by the next clash.
func TestSeriesAreOneConflict(t *testing.T) {
	weekly := meeting("weekly", wall("2026-01-06 10:00"), time.Hour, repeats("FREQ=WEEKLY"), ranked("internal"))
	client := meeting("client", wall("2026-01-06 10:30"), time.Hour, repeats("FREQ=WEEKLY;INTERVAL=2"), ranked("client"))
	steps, _, again := Settle(view(t, weekly, client), enforce(), rankByCategory)
	h := holdsOf(steps)
	if len(h) != 1 || len(notesOf(steps)) != 1 {
		t.Fatalf("%d holds, %d notes", len(h), len(notesOf(steps)))
	}
	b := h[0].Body.Reveal()
	if got, want := time.Unix(int64(b.Start), 0).UTC().Format(time.RFC3339), "2026-03-03T09:00:00Z"; got != want {
		t.Errorf("the hold stands at %s, want %s: the next clash of the one that yields", got, want)
	}
	if !strings.Contains(b.Description, "They clash on 5 of 9 dates.") {
		t.Errorf("the description does not count:\n%s", b.Description)
	}
	if !slices.Equal(b.Related, []string{"weekly", "client"}) {
		t.Errorf("related: %v", b.Related)
	}
	if want := time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC); !again.Equal(want) {
		t.Errorf("look again at %v, want midnight in Berlin", again)
	}
}

// What already began counts until one of the two has ended.
func TestTheRunningConflictCounts(t *testing.T) {
	v := view(t, meeting("a", wall("2026-03-02 07:00"), 90*time.Minute), meeting("b", wall("2026-03-02 08:00"), time.Hour))
	for minute, want := range map[int]int{-120: 1, 0: 1, 29: 1, 30: 0, 60: 0} {
		w := v
		w.Now = v.Now.Add(time.Duration(minute) * time.Minute)
		steps, _, again := Settle(w, enforce(), rankByCategory)
		if got := len(holdsOf(steps)); got != want {
			t.Errorf("%d minutes after eight: %d holds, want %d", minute, got, want)
		}
		if over := v.Now.Add(30 * time.Minute); want == 1 && again.After(over) {
			t.Errorf("%d minutes after eight: look again at %v, want %v or before", minute, again, over)
		}
	}
}

func TestModes(t *testing.T) {
	v := view(t, meeting("a", wall(tuesday+"10:00"), time.Hour), meeting("b", wall(tuesday+"10:30"), time.Hour))
	o := enforce()
	o.Mode = "observe"
	steps, reports, again := Settle(v, o, rankByCategory)
	if len(steps) != 0 || len(reports) != 2 || again.IsZero() {
		t.Fatalf("observe: %d steps, %d reports", len(steps), len(reports))
	}
	if r := reports[0]; r.What != "observe" || r.Would != "hold" || r.Rule != "conflicts" || r.Place != o.Place || r.Why.Reveal() == "" {
		t.Errorf("observe: %+v", r)
	}
	o.Mode = "off"
	if steps, reports, again := Settle(v, o, rankByCategory); steps != nil || reports != nil || !again.IsZero() {
		t.Error("off did something")
	}
	v.Principal.Notes = ""
	if steps, _, _ := Settle(v, enforce(), rankByCategory); len(steps) != 1 || len(holdsOf(steps)) != 1 {
		t.Errorf("without notes: %d steps", len(steps))
	}
	v.Principal.Notes, v.Principal.Holds = "desk-mail", ""
	if steps, _, _ := Settle(v, enforce(), rankByCategory); len(steps) != 1 || len(notesOf(steps)) != 1 {
		t.Errorf("without holds: %d steps", len(steps))
	}
}

func TestStepsAreComplete(t *testing.T) {
	v := view(t, meeting("a", wall(tuesday+"10:00"), time.Hour), meeting("b", wall(tuesday+"10:30"), time.Hour))
	steps, _, _ := Settle(v, enforce(), rankByCategory)
	for i, s := range steps {
		want := []model.SourceID{"dana-cal/conflicts", "desk-mail"}[i]
		if s.ID != "" || s.Rule != "conflicts" || s.Version != "v1" || s.Place == "" || !s.Why.Present() || s.Source != want || !strings.HasPrefix(string(s.Ident), "c:") || len(s.Ident) > 80 {
			t.Errorf("step %d: %+v", i, s)
		}
	}
	h, n := holdsOf(steps)[0], notesOf(steps)[0]
	if h.Of != steps[0].Ident || h.Base != (model.Ref{}) || !strings.HasPrefix(h.UID, "chancery-") {
		t.Errorf("hold: %+v", h)
	}
	b := n.Body.Reveal()
	if b.Of != h.Of || b.Digest != h.Digest || !strings.HasPrefix(b.MessageID, "<") || !strings.HasSuffix(b.MessageID, "@chancery.invalid>") ||
		b.From.Name != "Chancery" || b.To.Addr != "dana@firm.example" || b.InReplyTo != "" || !slices.Equal(n.Mailbox, []string{"INBOX", "Conflicts"}) {
		t.Errorf("note: %+v of %+v", n, b)
	}
	other := v
	other.Principal.Name = "Omar Bell"
	others, _, _ := Settle(other, enforce(), rankByCategory)
	if others[0].Ident == steps[0].Ident || holdsOf(others)[0].UID == h.UID || notesOf(others)[0].Body.Reveal().MessageID == b.MessageID {
		t.Error("two principals share a finding")
	}
}

// An event that cannot be followed is told, and blocks where it is known.
func TestProblemsAreTold(t *testing.T) {
	v := view(t, meeting("bad", wall(tuesday+"10:00"), time.Hour, repeats("FREQ=SECONDLY")), meeting("b", wall(tuesday+"10:30"), time.Hour))
	steps, reports, _ := Settle(v, enforce(), rankByCategory)
	if len(holdsOf(steps)) != 1 {
		t.Errorf("%d holds", len(holdsOf(steps)))
	}
	if len(reports) != 1 || reports[0].What != "problem" || reports[0].Why.Reveal() != "rule-refused in event bad" {
		t.Errorf("reports: %+v", reports)
	}
}

// Beyond the bounds Settle tells what it can, says so, and takes nothing away.
func TestTooMuchIsToldAndNothingWithdrawn(t *testing.T) {
	var many []model.Event
	for i := range 700 {
		many = append(many, meeting(string(rune('a'+i%26))+strings.Repeat("x", i/26), wall(tuesday+"10:00"), time.Hour, organizedBy("dana@firm.example")))
	}
	v := view(t, many...)
	v.Findings["c:old"] = model.Finding{Hold: "d", HoldRef: model.Ref{Href: "/h"}}
	steps, reports, _ := Settle(v, enforce(), rankByCategory)
	if len(holdsOf(steps)) != maxConflicts || len(steps) != 2*maxConflicts {
		t.Errorf("%d holds of %d steps", len(holdsOf(steps)), len(steps))
	}
	if len(reports) != 1 || reports[0].What != "limit" {
		t.Errorf("reports: %+v", reports)
	}
}
