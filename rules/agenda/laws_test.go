package agenda

import (
	"fmt"
	"math/rand"
	"reflect"
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
)

// week of a busy person, with series, copies, open invitations and exceptions.
func randomAgenda(t testing.TB, r *rand.Rand, n int) []model.Event {
	var out []model.Event
	zones := []*time.Location{nil, nil, zone(t, "Europe/Berlin"), zone(t, "America/New_York"), time.UTC}
	names := []string{"court", "board", "client", "internal", "lunch", "keep", "none"}
	for i := range n {
		at := wall("2026-03-02 07:00").Add(time.Duration(r.Intn(10*24*4)) * 15 * time.Minute)
		changes := []change{
			zoned(zones[r.Intn(len(zones))]), ranked(names[r.Intn(len(names))]),
			master(func(o *model.Occurrence) {
				o.Created = wall("2026-01-01").AddDate(0, 0, r.Intn(3))
				o.Show = model.Show(r.Intn(8) % 5)
				o.Organizer.Addr = []string{"", "dana@firm.example", "x@client.example"}[r.Intn(3)]
			}),
		}
		switch r.Intn(6) {
		case 0:
			changes = append(changes, repeats("FREQ=WEEKLY"))
		case 1:
			changes = append(changes, repeats("FREQ=DAILY;COUNT=9"), exdate(model.Time{Wall: at.AddDate(0, 0, 2)}))
		case 2:
			changes = append(changes, attendee("dana@firm.example", []string{"ACCEPTED", "DECLINED", "TENTATIVE", "NEEDS-ACTION"}[r.Intn(4)]))
		}
		uid := fmt.Sprint("event", i)
		if r.Intn(10) == 0 {
			out = append(out, allDay(uid, midnight(at), 1+r.Intn(3), changes[1:]...))
			continue
		}
		e := meeting(uid, at, time.Duration(r.Intn(8))*15*time.Minute, changes...)
		out = append(out, e)
		if r.Intn(8) == 0 {
			e.Ref.Source, e.Ref.Href = "cal/private", "/p/"+e.Ref.Href
			out = append(out, e)
		}
	}
	return out
}

// P17: the same events in another order give the same steps, to the byte.
func TestOrderDoesNotMatter(t *testing.T) {
	r := rand.New(rand.NewSource(17))
	for range 60 {
		v := view(t, randomAgenda(t, r, 40)...)
		want, reports, again := Settle(v, enforce(), rankByCategory)
		for range 3 {
			w := v
			w.Agenda = slices.Clone(v.Agenda)
			r.Shuffle(len(w.Agenda), func(i, j int) { w.Agenda[i], w.Agenda[j] = w.Agenda[j], w.Agenda[i] })
			got, otherReports, otherAgain := Settle(w, enforce(), rankByCategory)
			if !reflect.DeepEqual(encode(t, got), encode(t, want)) || !otherAgain.Equal(again) || len(reports) != len(otherReports) {
				t.Fatal("another order gives another answer")
			}
		}
	}
}

func encode(t *testing.T, steps []model.Step) (out []string) {
	t.Helper()
	for _, s := range steps {
		b, err := model.EncodeStep(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(b))
	}
	return out
}

// Convergence: whatever the people and the clock do, one round of steps brings
// everything to rest, and in the end nothing of ours is left.
func TestSettleConverges(t *testing.T) {
	r := rand.New(rand.NewSource(5))
	for range 25 {
		v := view(t, randomAgenda(t, r, 30)...)
		for range 12 {
			switch r.Intn(4) {
			case 0:
				v.Agenda = append(slices.Clone(v.Agenda), randomAgenda(t, r, 31)[30:]...)
			case 1:
				i := r.Intn(len(v.Agenda))
				v.Agenda = slices.Delete(slices.Clone(v.Agenda), i, i+1)
			case 2:
				v.Now = v.Now.Add(time.Duration(r.Intn(2000)) * time.Minute)
			case 3:
				for _, of := range slices.Sorted(mapsKeys(v.Findings)) {
					if f := v.Findings[of]; r.Intn(5) == 0 {
						f.Dismissed = r.Intn(2) == 0
						f.Pinned = !f.Dismissed
						v.Findings[of] = f
					}
				}
			}
			before := snapshot(v.Findings)
			steps, _, _ := Settle(v, enforce(), rankByCategory)
			for _, s := range steps {
				if f := before[s.Ident]; f.Dismissed || f.Pinned {
					t.Fatalf("a %s for what a person decided", s.Action.Kind())
				}
			}
			apply(t, &v, steps)
			if again, _, _ := Settle(v, enforce(), rankByCategory); len(again) != 0 {
				t.Fatalf("not at rest: %s", kinds(again))
			}
		}
		v.Agenda = nil
		steps, _, _ := Settle(v, enforce(), rankByCategory)
		apply(t, &v, steps)
		for _, f := range v.Findings {
			if !f.Dismissed && !f.Pinned {
				t.Fatal("something of ours is left")
			}
		}
	}
}

func mapsKeys(m map[model.Ident]model.Finding) func(func(model.Ident) bool) {
	return func(yield func(model.Ident) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func snapshot(m map[model.Ident]model.Finding) map[model.Ident]model.Finding {
	out := map[model.Ident]model.Finding{}
	for k, f := range m {
		out[k] = f
	}
	return out
}

// P16: what is offered is free: put there, the meeting conflicts with nothing,
// buffers kept, within working hours, in the future, before the horizon.
func TestOffersAreFree(t *testing.T) {
	r := rand.New(rand.NewSource(16))
	offered := 0
	for range 150 {
		v := view(t, randomAgenda(t, r, 25)...)
		if r.Intn(2) == 0 {
			v.Principal.Hours = []model.Hours{{Day: time.Tuesday, From: 7*60 + 20, Till: 12 * 60}, {Day: time.Tuesday, From: 13 * 60, Till: 20 * 60}, {Day: time.Sunday, From: 0, Till: 24 * 60}}
		}
		s := newSettlement(v, enforce(), rankByCategory)
		till := s.midnight(v.Now.Add(s.horizon()), 1)
		blocks, _ := s.gather(v.Now, till.Add(24*time.Hour))
		conflicts, _ := s.conflicts(blocks, till)
		d := s.diary(blocks, till)
		for _, c := range conflicts {
			slots := s.telling(&c, d).slots
			if len(slots) > 3 || c.person && len(slots) > 0 {
				t.Fatalf("%d slots", len(slots))
			}
			for i, w := range slots {
				offered++
				put := c.yields.at(w.start, w.end, -1)
				for j := range blocks {
					if &blocks[j] != c.yields && len(bruteForce([]stretch{put, blocks[j].stretch(j)})) > 0 {
						t.Fatalf("slot %v conflicts with %s", w.start, blocks[j].Occurrence.Summary)
					}
				}
				if !w.start.After(v.Now) || w.end.After(till) || w.end.Sub(w.start) != c.yields.End.Sub(c.yields.Start) || !withinHours(v.Principal, w) {
					t.Fatalf("slot %v to %v is not to be offered", w.start, w.end)
				}
				if i > 0 && slots[i-1].end.After(w.start) {
					t.Fatal("two offers overlap")
				}
			}
		}
	}
	if offered < 500 {
		t.Errorf("only %d offers seen", offered)
	}
}

// withinHours says it minute by minute.
func withinHours(p model.Principal, w slot) bool {
	hours := p.Hours
	if len(hours) == 0 {
		hours = officeHours
	}
	for at := w.start; at.Before(w.end); at = at.Add(time.Minute) {
		local := at.In(p.Zone)
		m := local.Hour()*60 + local.Minute()
		if !slices.ContainsFunc(hours, func(h model.Hours) bool { return h.Day == local.Weekday() && h.From <= m && m < h.Till }) {
			return false
		}
	}
	return true
}

// P15, as far as pairs go: the one of higher class keeps its time, unless it loses
// it to a third, or makes room for several; and a person is asked exactly when
// neither may move.
func TestTheHigherClassStays(t *testing.T) {
	r := rand.New(rand.NewSource(15))
	for range 100 {
		v := view(t, randomAgenda(t, r, 25)...)
		s := newSettlement(v, enforce(), rankByCategory)
		till := s.midnight(v.Now.Add(s.horizon()), 1)
		blocks, _ := s.gather(v.Now, till)
		conflicts, _ := s.conflicts(blocks, till)
		for _, c := range conflicts {
			k, y := c.keeps.r, c.yields.r
			switch {
			case c.person != (k.Fixed && y.Fixed), y.Fixed && !k.Fixed, !k.Fixed && k.Rank < y.Rank && c.reason != "anyway":
				t.Fatalf("%+v keeps its time against %+v, person: %v", k, y, c.person)
			}
			if c.keeps.key == c.yields.key {
				t.Fatal("a meeting conflicts with itself")
			}
		}
	}
}

// P13 of whole runs: the same instants seen from another zone are the
// same conflicts.
func TestTheZoneChangesNoConflict(t *testing.T) {
	r := rand.New(rand.NewSource(13))
	tokyo := zone(t, "Asia/Tokyo")
	for range 40 {
		var events []model.Event
		for i := range 25 {
			at := wall("2026-03-03 07:00").Add(time.Duration(r.Intn(400)) * 15 * time.Minute)
			events = append(events, meeting(fmt.Sprint("e", i), at, time.Duration(1+r.Intn(6))*15*time.Minute, zoned(time.UTC)))
		}
		v := view(t, events...)
		w := v
		w.Principal.Zone = tokyo
		here, _, _ := Settle(v, enforce(), rankByCategory)
		there, _, _ := Settle(w, enforce(), rankByCategory)
		if len(here) != len(there) {
			t.Fatalf("%d steps in Berlin, %d in Tokyo", len(here), len(there))
		}
		for i := range here {
			if here[i].Ident != there[i].Ident {
				t.Fatal("another zone, another conflict")
			}
		}
	}
}
