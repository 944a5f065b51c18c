package main

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"chancery/config"
)

// print shows what waits of a source: how much, since when, by which rules, and
// the first of it.
func (g *heldGroup) print(w io.Writer, cfg *config.Config) {
	_, _ = fmt.Fprintf(w, "%s: %s for approval since %s (%s)\n", g.Source, waits(g.Steps), clock(g.Since), ago(g.Since))
	for _, a := range cfg.Service.Accounts {
		if a.IMAP != nil && a.Name.Value == string(g.Source) {
			_, _ = fmt.Fprintln(w, wrap("", "the brake: "+bound(a.IMAP.Brake)))
		}
	}
	if isCalendar(g.Source) {
		_, _ = fmt.Fprintln(w, wrap("", "the brake: more than 10 events of one person changed within an hour"))
	}
	rules := newTable("RULE", "STEPS")
	for _, name := range slices.Sorted(maps.Keys(g.Rules)) {
		rules.row(name, number(g.Rules[name]))
	}
	rules.print(w)
	t := newTable("ITEM", "STEP", "RULE", "WHERE", "PLANNED")
	for _, s := range g.First {
		t.row(dash(item(s.Item)), s.Kind, s.Rule, s.where(), clock(s.Planned))
	}
	t.print(w)
	if more := g.Steps - len(g.First); more > 0 {
		_, _ = fmt.Fprintf(w, "and %d more\n", more)
	}
	if s := g.First; len(s) > 0 && s[0].Mailbox != "" && s[0].UID != 0 {
		why := fmt.Sprintf("why: chancery explain %d --account %s --mailbox %s", s[0].UID, g.Source, s[0].Mailbox)
		_, _ = fmt.Fprintln(w, wrapHint("    ", why))
	}
}

// waits says "1 step waits" and "2 steps wait".
func waits(n int) string {
	if n == 1 {
		return "1 step waits"
	}
	return plural(n, "step") + " wait"
}

func (s heldStep) where() string {
	where := s.Mailbox
	if s.UID != 0 {
		where += fmt.Sprintf(" UID %d", s.UID)
	}
	return dash(where)
}
