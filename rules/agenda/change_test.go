package agenda

import (
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

func kinds(steps []model.Step) string {
	var out []string
	for _, s := range steps {
		out = append(out, s.Action.Kind())
	}
	return strings.Join(out, " ")
}

// What a second look does, by what happened since the first.
func TestSecondLook(t *testing.T) {
	a := func(changes ...change) model.Event {
		return meeting("a", wall(tuesday+"10:00"), time.Hour, append(changes, ranked("internal"))...)
	}
	b := func(changes ...change) model.Event {
		return meeting("b", wall(tuesday+"10:30"), time.Hour, append(changes, ranked("client"))...)
	}
	shift := func(to string) change { return master(moved(to)) }
	finding := func(v *model.View, f func(*model.Finding)) {
		for of, x := range v.Findings {
			f(&x)
			v.Findings[of] = x
		}
	}
	for _, c := range []struct {
		name   string
		change func(*model.View)
		want   string
		report string
	}{
		{"nothing", func(*model.View) {}, "", ""},
		{"a minute", func(v *model.View) { v.Now = v.Now.Add(time.Minute) }, "", ""},
		{"a day", func(v *model.View) { v.Now = v.Now.Add(23 * time.Hour) }, "", ""},
		{"the keeping one moves a little", func(v *model.View) { v.Agenda[1] = b(shift(tuesday + "10:45")) }, "hold note", ""},
		{"the yielding one moves, still in conflict", func(v *model.View) { v.Agenda[0] = a(shift(tuesday + "11:00")) }, "hold note", ""},
		{"the yielding one moves away", func(v *model.View) { v.Agenda[0] = a(shift(tuesday + "15:00")) }, "withdraw drop-note", ""},
		{"one is cancelled", func(v *model.View) { v.Agenda[1] = b(master(cancelled)) }, "withdraw drop-note", ""},
		{"one is deleted", func(v *model.View) { v.Agenda = v.Agenda[:1] }, "withdraw drop-note", ""},
		{"it is over", func(v *model.View) { v.Now = v.Now.Add(28 * time.Hour) }, "withdraw drop-note", ""},
		{"a new title", func(v *model.View) { v.Agenda[0] = a(title("Budget")) }, "hold note", ""},
		{"a copy in another calendar", func(v *model.View) { v.Agenda = append(v.Agenda, a(in("cal/private", "/p/a.ics"))) }, "", ""},
		{"another meeting elsewhere", func(v *model.View) {
			v.Agenda = append(v.Agenda, meeting("c", wall("2026-03-20 10:00"), time.Hour))
		}, "", ""},
		{"dismissed", func(v *model.View) { finding(v, func(f *model.Finding) { *f = model.Finding{Dismissed: true} }) }, "", "dismissed"},
		{"dismissed and moved", func(v *model.View) {
			finding(v, func(f *model.Finding) { *f = model.Finding{Dismissed: true} })
			v.Agenda[1] = b(shift(tuesday + "10:45"))
		}, "", "dismissed"},
		{"dismissed and gone", func(v *model.View) {
			finding(v, func(f *model.Finding) { f.Dismissed = true })
			v.Agenda = nil
		}, "", ""},
		{"pinned and moved", func(v *model.View) {
			finding(v, func(f *model.Finding) { f.Pinned = true })
			v.Agenda[1] = b(shift(tuesday + "10:45"))
		}, "", "pinned"},
		{"pinned and gone", func(v *model.View) {
			finding(v, func(f *model.Finding) { f.Pinned = true })
			v.Agenda = nil
		}, "", ""},
		{"the note failed", func(v *model.View) { finding(v, func(f *model.Finding) { f.Note, f.NoteID = "", "" }) }, "note", ""},
		{"the hold failed", func(v *model.View) { finding(v, func(f *model.Finding) { f.Hold, f.HoldRef = "", model.Ref{} }) }, "hold", ""},
		{"holds are no longer wanted", func(v *model.View) { v.Principal.Holds = "" }, "withdraw", ""},
		{"notes are no longer wanted, and it is gone", func(v *model.View) { v.Principal.Notes = ""; v.Agenda = nil }, "withdraw", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := view(t, a(), b())
			steps, _, _ := Settle(v, enforce(), rankByCategory)
			apply(t, &v, steps)
			c.change(&v)
			steps, reports, _ := Settle(v, enforce(), rankByCategory)
			if got := kinds(steps); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if c.report == "" && len(reports) != 0 || c.report != "" && (len(reports) != 1 || reports[0].What != c.report) {
				t.Errorf("reports: %+v, want %q", reports, c.report)
			}
			apply(t, &v, steps)
			if again, _, _ := Settle(v, enforce(), rankByCategory); len(again) != 0 {
				t.Errorf("not at rest: %q", kinds(again))
			}
		})
	}
}

// An update stands on what it replaces, and says so.
func TestUpdate(t *testing.T) {
	v := view(t, meeting("a", wall(tuesday+"10:00"), time.Hour), meeting("b", wall(tuesday+"10:30"), time.Hour, ranked("client")))
	first, _, _ := Settle(v, enforce(), rankByCategory)
	apply(t, &v, first)
	stood := v.Findings[first[0].Ident]
	v.Agenda[1] = meeting("b", wall(tuesday+"10:15"), time.Hour, ranked("client"))
	second, _, _ := Settle(v, enforce(), rankByCategory)
	old, h := holdsOf(first)[0], holdsOf(second)[0]
	if h.UID != old.UID || h.Of != old.Of || h.Base != stood.HoldRef || h.Digest == old.Digest || second[0].Ref != stood.HoldRef {
		t.Errorf("the hold is not an update: %+v", h)
	}
	n := notesOf(second)[0]
	b := n.Body.Reveal()
	if len(n.Replaces) != 1 || n.Replaces[0] != stood.NoteID || b.InReplyTo != stood.NoteID || b.MessageID == stood.NoteID || !strings.HasPrefix(b.Subject, "Updated: Conflict ") {
		t.Errorf("the note is not an update: %+v %+v", n, b)
	}
	v.Agenda = nil
	apply(t, &v, second)
	third, _, _ := Settle(v, enforce(), rankByCategory)
	w := third[0].Action.(model.Withdraw)
	d := third[1].Action.(model.DropNote)
	if w.UID != h.UID || w.Base.Version != h.Digest || third[0].Source != "dana-cal/conflicts" || d.MessageID != b.MessageID || third[1].Source != "desk-mail" {
		t.Errorf("withdraw %+v, drop %+v", w, d)
	}
}

// An offer stands until it passes or is taken; then only it is replaced.
func TestOffersAreKept(t *testing.T) {
	v := view(t,
		meeting("a", wall(tuesday+"10:00"), time.Hour, ranked("internal")), meeting("b", wall(tuesday+"10:30"), time.Hour, ranked("client")),
		meeting("busy", wall(tuesday+"09:00"), time.Hour, ranked("lunch"), master(func(o *model.Occurrence) { o.Categories = nil })))
	offers := func() []string {
		steps, _, _ := Settle(v, enforce(), rankByCategory)
		apply(t, &v, steps)
		holds := holdsOf(steps)
		if len(holds) == 0 {
			return nil
		}
		var out []string
		for line := range strings.Lines(holds[0].Body.Reveal().Description) {
			if s, ok := strings.CutPrefix(strings.TrimSpace(line), "- "); ok {
				out = append(out, s)
			}
		}
		return out
	}
	before := offers()
	if len(before) != 3 {
		t.Fatalf("offers: %v", before)
	}
	v.Agenda = v.Agenda[:2] // a nearer hour becomes free
	if now := offers(); now != nil {
		t.Errorf("a better slot changed the offer from %v to %v", before, now)
	}
	v.Agenda = append(v.Agenda, meeting("new", wall(tuesday+"11:30"), time.Hour))
	after := offers()
	if len(after) != 3 || after[1] != before[1] && after[1] != before[0] && after[1] != before[2] {
		t.Fatalf("after one slot was taken: %v, before %v", after, before)
	}
	kept := 0
	for _, x := range after {
		for _, y := range before {
			if x == y {
				kept++
			}
		}
	}
	if kept != 2 {
		t.Errorf("%d of the other two offers kept: before %v, after %v", kept, before, after)
	}
	_, _, again := Settle(v, enforce(), rankByCategory)
	if again.After(time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC)) {
		t.Errorf("look again at %v", again)
	}
}

// The rest of the world's clock: at each moment that Settle names, and only
// there, the answer changes.
func TestLookAgainMissesNothing(t *testing.T) {
	start := view(t,
		meeting("a", wall("2026-03-02 09:00"), time.Hour, repeats("FREQ=DAILY;COUNT=4"), ranked("internal")),
		meeting("b", wall("2026-03-02 09:30"), time.Hour, repeats("FREQ=DAILY;COUNT=3"), ranked("client")),
		meeting("c", wall("2026-03-02 13:00"), 3*time.Hour, repeats("FREQ=DAILY;INTERVAL=2;COUNT=2"), ranked("client")),
		meeting("d", wall("2026-03-02 15:00"), time.Hour, repeats("FREQ=DAILY;COUNT=3"), ranked("court")))
	awake, asleep := start, start
	awake.Findings, asleep.Findings = map[model.Ident]model.Finding{}, map[model.Ident]model.Finding{}
	var next time.Time
	for m := 0; m < 5*24*60; m += 5 {
		now := start.Now.Add(time.Duration(m) * time.Minute)
		awake.Now = now
		steps, _, _ := Settle(awake, enforce(), rankByCategory)
		apply(t, &awake, steps)
		if !next.IsZero() && now.Before(next) {
			if len(steps) != 0 {
				t.Fatalf("at %v something changed, but Settle said %v", now, next)
			}
			continue
		}
		asleep.Now = now
		steps, _, next = Settle(asleep, enforce(), rankByCategory)
		apply(t, &asleep, steps)
		if len(asleep.Findings) != len(awake.Findings) {
			t.Fatalf("at %v the two differ", now)
		}
		if !next.After(now) {
			t.Fatalf("at %v look again at %v", now, next)
		}
	}
	if len(awake.Findings) != 0 {
		t.Errorf("%d findings stand after all is over", len(awake.Findings))
	}
}
