package sync

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules"
	"chancery/rules/agenda"
)

// ruledBy is a set of mirrors over calendars of any name.
func ruledBy(t *testing.T, calendar string, names ...string) *rules.Set {
	t.Helper()
	var full []string
	for _, n := range names {
		full = append(full, "c/"+n)
	}
	cfg, problems := config.Load(fstest.MapFS{
		"chancery.yaml": {Data: []byte(fmt.Sprintf(`version: 1
accounts:
  - {name: c, caldav: {url: "https://dav.firm.example/", user: gc, password: {file: p}, calendars: [%s, holds]}}
principals:
  - {name: gc, zone: UTC, addresses: [gc@firm.example], calendars: [%s], holds: c/holds}
`, strings.Join(names, ", "), strings.Join(full, ", ")))},
		"p":               {Data: []byte("secret\n")},
		"rules.d/10.yaml": {Data: []byte("version: 1\ncalendar:\n" + calendar)},
	}, ".")
	set, compiled := rules.Compile(&cfg.Rules)
	if problems = append(problems, compiled...); problems.Fatal() {
		t.Fatal(problems)
	}
	return set
}

// mirrorsIn counts what mirrors have in a calendar.
func (b *bureau) mirrorsIn(id model.SourceID) (n int) {
	for _, ev := range b.cal[id].events {
		if ev.Own != nil && agenda.IsMirror(ev.Own.Of) {
			n++
		}
	}
	return n
}

// An assistant edits the mirrors: they turn round, go and come back, observe, and
// the calendar that shows them gets another name in the configuration. What stands
// follows, once each, and a restart finds nothing to do.
func TestMirrorsFollowTheirRules(t *testing.T) {
	b := newBureau(t, 3, "slots: true")
	server := func(id model.SourceID) {
		b.cal[id] = &shelfServer{b: b, id: id, events: map[model.Name]model.Event{}, mine: map[model.Name]string{}}
	}
	server("c/private")
	server("c/team")
	mirror := func(mode, from, to string) string {
		return fmt.Sprintf("  mirrors: [{name: time, mode: %s, from: [c/%s], to: c/%s}]\n", mode, from, to)
	}
	team := "team"
	step := func(what, calendar string, private, there int) {
		t.Helper()
		b.more = []model.SourceID{"c/private", model.SourceID("c/" + team)}
		b.set = ruledBy(t, calendar, "work", "private", team)
		b.start()
		b.rest()
		if p, n := b.mirrorsIn("c/private"), b.mirrorsIn(model.SourceID("c/"+team)); p != private || n != there {
			t.Errorf("%s: %d entries in private, %d in %s, want %d and %d", what, p, n, team, private, there)
		}
		before := b.writes
		b.start()
		b.rest()
		if b.writes != before {
			t.Errorf("%s: a restart wrote %d times", what, b.writes-before)
		}
	}
	b.more = []model.SourceID{"c/private", "c/team"}
	for i := range 3 {
		b.secret(fmt.Sprint("e", i), 3*i)
	}
	step("shown", mirror("enforce", "private", "team"), 0, 3)
	step("turned round", mirror("enforce", "team", "private"), 0, 0)
	step("turned back", mirror("enforce", "private", "team"), 0, 3)
	step("observes", mirror("observe", "private", "team"), 0, 3)
	step("off", mirror("off", "private", "team"), 0, 0)
	step("on", mirror("enforce", "private", "team"), 0, 3)
	// The same calendar under another name.
	old := b.cal["c/team"]
	team = "crew"
	server("c/crew")
	for _, ev := range old.events {
		b.cal["c/crew"].put(ev)
	}
	step("renamed", mirror("enforce", "private", "crew"), 0, 3)
	step("taken out", "  ranks: [{name: any, rank: 20, when: true}]\n", 0, 0)
}
