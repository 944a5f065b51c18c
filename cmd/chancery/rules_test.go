package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/config"
	"chancery/sync/journal"
)

func TestRulesThatAnnoyAndRulesThatSleep(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	days := func(n int) time.Time { return now.AddDate(0, 0, -n) }
	name := func(s string) config.Text {
		return config.Text{Value: s, Pos: config.Pos{File: "rules.d/10.yaml", Line: 3, Col: 5}}
	}
	files := &config.Rules{
		Mail: []config.MailRule{
			{Name: name("annoying"), Priority: 3, Mode: config.Enforce},
			{Name: name("few"), Priority: 9, Mode: config.Enforce},
			{Name: name("asleep"), Mode: config.Observe, Folders: []config.Text{name("INBOX")}},
			{Name: name("off"), Mode: config.Off},
			{Name: name("own"), Mode: config.Enforce, User: true, Accounts: []config.Text{name("gc-mail")}},
		},
		Users: []config.User{{Account: name("gc-mail"), Switches: []config.Switch{{Rule: name("few"), Mode: config.Off}}}},
	}
	r := rulesReport{Since: days(200)}
	r.gather(files, []journal.RuleStat{
		{Rule: "annoying", Marked: 12, Filed: 12, Released: 3, Last: days(1)}, // 25 % of twelve messages
		{Rule: "few", Marked: 9, Released: 9, Last: days(2)},
		{Rule: "own", Marked: 100, Released: 19, Last: days(95)},
		{Rule: "deleted", Filed: 7, Last: days(5)},
		{Rule: "conflicts", Noted: 3, Last: days(5)},
	}, now)
	var annoy, idle, all []string
	r.sort("priority")
	for _, l := range r.Rules {
		all = append(all, l.Rule)
		if l.Annoys {
			annoy = append(annoy, l.Rule)
		}
		if l.Idle {
			idle = append(idle, l.Rule)
		}
	}
	if want := []string{"few", "annoying", "asleep", "off", "own", "deleted"}; !slices.Equal(all, want) {
		t.Errorf("rules: %v, want %v", all, want)
	}
	if !slices.Equal(annoy, []string{"annoying"}) || !slices.Equal(idle, []string{"asleep", "own"}) {
		t.Errorf("annoy %v, idle %v", annoy, idle)
	}
	var out strings.Builder
	r.print(&out)
	for _, want := range []string{
		"few ", "enforce*", "enforce (gc-mail)", "9 (100 %)", "gone", "observe",
		"    annoying: 3 of 12 (25 %), rules.d/10.yaml:3:5\n", "    asleep, rules.d/10.yaml:3:5\n", "chancery undo",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("missing %q in\n%s", want, out.String())
		}
	}
	// A journal that began yesterday cannot say that a rule sleeps.
	young := rulesReport{Since: days(1)}
	young.gather(files, nil, now)
	if slices.ContainsFunc(young.Rules, func(l ruleLine) bool { return l.Idle }) {
		t.Error("a rule of yesterday is called idle")
	}
	for order, first := range map[string]string{"name": "annoying", "hits": "own", "released": "few", "last": "annoying"} {
		if r.sort(order); r.Rules[0].Rule != first {
			t.Errorf("by %s: %s first, want %s", order, r.Rules[0].Rule, first)
		}
	}
}
