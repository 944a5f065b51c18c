package sync

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules"
	"chancery/rules/agenda"
)

// mirrorSet is the rules of a principal whose private calendar is shown at work.
func mirrorSet(t *testing.T, calendar string) *rules.Set {
	t.Helper()
	cfg, problems := config.Load(fstest.MapFS{
		"chancery.yaml": {Data: []byte(`version: 1
accounts:
  - {name: c, caldav: {url: "https://dav.firm.example/", user: gc, password: {file: p}, calendars: [work, private, holds]}}
principals:
  - {name: gc, zone: UTC, addresses: [gc@firm.example], calendars: [c/work, c/private], holds: c/holds}
`)},
		"p":               {Data: []byte("secret\n")},
		"rules.d/10.yaml": {Data: []byte("version: 1\ncalendar:\n" + calendar)},
	}, ".")
	set, compiled := rules.Compile(&cfg.Rules)
	if problems = append(problems, compiled...); problems.Fatal() {
		t.Fatal(problems)
	}
	return set
}

const (
	showPrivate = "  mirrors: [{name: private-time, mode: enforce, from: [c/private], to: c/work}]\n"
	tellClashes = "  ranks: [{name: any, rank: 20, when: true}]\n  conflicts: {mode: enforce, horizon: 30d}\n"
)

func mirrorBureau(t *testing.T, seed int64, calendar string) *bureau {
	b := newBureau(t, seed, "slots: true")
	b.more = []model.SourceID{"c/private"}
	b.cal["c/private"] = &shelfServer{b: b, id: "c/private", events: map[model.Name]model.Event{}, mine: map[model.Name]string{}}
	b.set = mirrorSet(t, calendar)
	b.start()
	return b
}

// secret puts a private appointment at an hour.
func (b *bureau) secret(uid string, hour int) {
	start := time.Date(2026, 3, 4+hour/24, hour%24, 0, 0, 0, time.UTC)
	o := &model.Occurrence{Summary: "Doctor " + uid, Status: "CONFIRMED",
		Start: model.Time{Wall: start, Loc: time.UTC}, End: model.Time{Wall: start.Add(time.Hour), Loc: time.UTC}}
	b.cal["c/private"].put(model.Event{Ident: model.Ident("u:" + uid), Ref: model.Ref{Href: model.Name("/" + uid)}, Body: model.Hide(model.Series{UID: uid, Master: o})})
}

// entries are what the mirror has at work, those that nobody touched by their hour.
func (b *bureau) entries() (untouched map[int]model.Name, touched int) {
	untouched = map[int]model.Name{}
	for href, ev := range b.cal["c/work"].events {
		switch {
		case ev.Own == nil || !agenda.IsMirror(ev.Own.Of):
		case !ev.Own.Intact:
			touched++
		default:
			at := ev.Body.Reveal().Master.Start.Wall
			hour := int(at.Sub(time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)) / time.Hour)
			if _, twice := untouched[hour]; twice {
				b.t.Fatalf("two entries at one hour")
			}
			untouched[hour] = href
		}
	}
	return untouched, touched
}

// Through moves, deletions, people at work on the entries, and a daemon that dies
// at any write: in the end every appointment that nobody decided about is shown
// once, where it is; nothing else is; and nothing is left to do.
func TestMirrorsThroughCrashesAndPeople(t *testing.T) {
	decided := 0
	for seed := range int64(60) {
		b := mirrorBureau(t, seed, showPrivate+[]string{"", tellClashes}[seed%2])
		at, gone := map[string]int{}, map[string]bool{} // gone: a person decided about its entry
		serial := 0
		for range 14 {
			free := func() int {
				for {
					if h := b.r.Intn(72); !slices.Contains(slices.Collect(maps.Values(at)), h) {
						return h
					}
				}
			}
			uids := slices.Sorted(maps.Keys(at))
			switch n := b.r.Intn(6); {
			case n < 2 || len(uids) == 0:
				serial++
				uid := fmt.Sprint("e", serial)
				at[uid] = free()
				b.secret(uid, at[uid])
			case n == 2:
				uid := uids[b.r.Intn(len(uids))]
				at[uid] = free()
				b.secret(uid, at[uid])
			case n == 3:
				uid := uids[b.r.Intn(len(uids))]
				b.cal["c/private"].drop(model.Name("/" + uid))
				delete(at, uid)
			default:
				mine, _ := b.entries()
				for _, uid := range uids {
					href, ok := mine[at[uid]]
					if !ok || gone[uid] {
						continue
					}
					work := b.cal["c/work"]
					if gone[uid] = true; n == 4 {
						work.drop(href)
						work.mine[href] = ""
					} else {
						ev := work.events[href]
						own := *ev.Own
						own.Intact = false
						ev.Own = &own
						work.mine[href] = string(work.put(ev).Ref.Version)
					}
					decided++
					break
				}
			}
			if b.r.Intn(3) == 0 {
				b.fault = b.writes + 1 + b.r.Intn(3)
			}
			b.rest()
		}
		b.start()
		before := b.writes
		b.rest()
		if b.writes != before {
			t.Fatalf("seed %d: a new process wrote %d times", seed, b.writes-before)
		}
		mine, _ := b.entries()
		for uid, hour := range at {
			if _, shown := mine[hour]; shown == gone[uid] {
				t.Errorf("seed %d: %s at %d is shown: %v, a person decided: %v", seed, uid, hour, shown, gone[uid])
			}
			delete(mine, hour)
		}
		if len(mine) > 0 {
			t.Errorf("seed %d: %d entries show nothing", seed, len(mine))
		}
	}
	if decided < 50 {
		t.Errorf("people decided %d times only", decided)
	}
}

// A calendar that shows none of many entries was lost, and gets them again; one
// entry that a person takes out stays out, also when the mirror goes and comes back.
func TestACalendarThatLosesItsMirrors(t *testing.T) {
	b := mirrorBureau(t, 1, showPrivate)
	for i := range 8 {
		b.secret(fmt.Sprint("e", i), 2*i)
	}
	b.rest()
	work := b.cal["c/work"]
	for _, href := range slices.Sorted(maps.Keys(work.events)) {
		work.drop(href)
	}
	b.start()
	b.rest()
	if mine, _ := b.entries(); len(mine) != 8 {
		t.Fatalf("%d entries after the calendar was lost", len(mine))
	}
	mine, _ := b.entries()
	work.drop(mine[4])
	work.mine[mine[4]] = ""
	b.start()
	b.rest()
	if mine, _ = b.entries(); len(mine) != 7 {
		t.Errorf("%d entries after a person deleted one", len(mine))
	}
	b.set = mirrorSet(t, "  ranks: [{name: any, rank: 20, when: true}]\n")
	b.start()
	b.rest()
	if mine, _ = b.entries(); len(mine) != 0 {
		t.Errorf("%d entries after the mirror was taken out", len(mine))
	}
	b.set = mirrorSet(t, showPrivate)
	b.start()
	b.rest()
	if mine, _ = b.entries(); len(mine) != 7 {
		t.Errorf("%d entries after the mirror was put back: what a person deleted stays away", len(mine))
	}
}
