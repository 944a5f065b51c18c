package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"chancery/config"
	"chancery/sync/journal"
)

func newRules() *cobra.Command {
	var o rulesOptions
	c := &cobra.Command{
		Use:   "rules",
		Short: "list every rule: what it did, and how often people took it back",
		Long: `List every mail rule with its mode, what it did since the journal began, and for
how many messages people overruled it. Below the table stand the rules that
annoy (ten messages or more, of which people took back a fifth), and those that
never did anything in 90 days.

MARKED, FILED and NOTED count steps that were done, OBSERVED what a rule that
only observes would have done; what is 0 for every rule is left out. A mode with
a star is switched by some of the files in users.d. No content of anyone's mail
is shown.`,
		Example: "  chancery rules\n  chancery rules --sort released\n  chancery rules --json",
		RunE: func(c *cobra.Command, _ []string) error {
			o.dir = configDir(c)
			if !slices.Contains(ruleOrders, o.order) {
				return withHint(usagef("unknown order %q", o.order), "one of: "+strings.Join(ruleOrders, ", "))
			}
			return listRules(c.Context(), c.OutOrStdout(), o)
		},
	}
	c.Flags().StringVar(&o.order, "sort", "priority", "priority, name, hits, released, last")
	c.Flags().BoolVar(&o.asJSON, "json", false, "print JSON")
	completeWords(c, "sort", ruleOrders...)
	return c
}

type rulesOptions struct {
	dir, order string
	asJSON     bool
}

var ruleOrders = []string{"priority", "name", "hits", "released", "last"}

// A rule annoys if people take back much of what it does, and there is enough of
// it to say so.
const (
	annoyHits    = 10
	annoyPercent = 20
	idleAfter    = 90 * 24 * time.Hour
)

// ruleLine is one rule and what became of it.
type ruleLine struct {
	Rule     string
	Place    string `json:",omitempty"` // "" if no file has it any more
	Priority int
	Mode     config.Mode       `json:",omitempty"`
	Switched map[string]string `json:",omitempty"` // by account: what users.d says
	Account  string            `json:",omitempty"` // a person's own rule: whose
	Folders  []string          `json:",omitempty"`

	Marked, Filed, Noted, Observed, Released, Refused int

	First, Last     time.Time
	ReleasedPercent int
	Annoys          bool `json:",omitempty"`
	Idle            bool `json:",omitempty"`
}

func (r ruleLine) hits() int { return r.acted() + r.Observed }

// acted is for how many messages it did something, as far as counts of steps tell:
// a rule may mark a message and file it.
func (r ruleLine) acted() int { return max(r.Marked, r.Filed, r.Noted) }

// rulesReport is all that "chancery rules" knows.
type rulesReport struct {
	RuleSet string
	Since   time.Time // when the journal begins; zero: it has not begun
	Rules   []ruleLine
}

func listRules(ctx context.Context, w io.Writer, o rulesOptions) error {
	l, err := load(o.dir)
	if err != nil {
		return err
	}
	j, cleanup, err := peekJournal(ctx, l)
	if err != nil {
		return err
	}
	defer cleanup()
	r := rulesReport{RuleSet: l.set.Version(), Rules: []ruleLine{}}
	sum, err := j.Summary(ctx)
	if err != nil {
		return err
	}
	for _, s := range sum.Sources {
		if !s.Baseline.IsZero() && (r.Since.IsZero() || s.Baseline.Before(r.Since)) {
			r.Since = s.Baseline
		}
	}
	stats, err := j.RuleStats(ctx)
	if err != nil {
		return err
	}
	r.gather(&l.cfg.Rules, stats, time.Now())
	r.sort(o.order)
	if o.asJSON {
		return printJSON(w, r)
	}
	r.print(w)
	return nil
}

// gather brings rules and counts together: also a rule that no file has any more
// keeps what it did, and a rule that did nothing its line.
func (r *rulesReport) gather(files *config.Rules, stats []journal.RuleStat, now time.Time) {
	by := map[string]journal.RuleStat{}
	for _, s := range stats {
		by[s.Rule] = s
	}
	for _, m := range files.Mail {
		line := ruleLine{Rule: m.Name.Value, Place: m.Name.Pos.String(), Priority: m.Priority, Mode: m.Mode}
		for _, f := range m.Folders {
			line.Folders = append(line.Folders, f.Value)
		}
		if m.User && len(m.Accounts) > 0 {
			line.Account = m.Accounts[0].Value
		}
		for _, u := range files.Users {
			for _, s := range u.Switches {
				if s.Rule.Value == line.Rule {
					if line.Switched == nil {
						line.Switched = map[string]string{}
					}
					line.Switched[u.Account.Value] = switched(s)
				}
			}
		}
		line.count(by[line.Rule])
		idleSince := r.Since
		if line.Last.After(idleSince) {
			idleSince = line.Last
		}
		line.Idle = line.Mode != config.Off && !r.Since.IsZero() && now.Sub(idleSince) >= idleAfter
		r.Rules = append(r.Rules, line)
		delete(by, line.Rule)
	}
	for _, s := range stats {
		if _, gone := by[s.Rule]; gone && s.Rule != "conflicts" {
			line := ruleLine{Rule: s.Rule}
			line.count(s)
			r.Rules = append(r.Rules, line)
		}
	}
}

func (r *ruleLine) count(s journal.RuleStat) {
	r.Marked, r.Filed, r.Noted, r.Observed, r.Released, r.Refused = s.Marked, s.Filed, s.Noted, s.Observed, s.Released, s.Refused
	r.First, r.Last = s.First, s.Last
	if acted := r.acted(); acted > 0 {
		r.ReleasedPercent = min(100, r.Released*100/acted)
		r.Annoys = acted >= annoyHits && r.ReleasedPercent >= annoyPercent && r.Place != "" && r.Mode != config.Off
	}
}

func (r *rulesReport) sort(order string) {
	slices.SortStableFunc(r.Rules, func(a, b ruleLine) int {
		gone := cmp.Compare(btoi(a.Place == ""), btoi(b.Place == ""))
		switch order {
		case "name":
			return cmp.Or(gone, cmp.Compare(a.Rule, b.Rule))
		case "hits":
			return cmp.Or(gone, cmp.Compare(b.hits(), a.hits()))
		case "released":
			return cmp.Or(gone, cmp.Compare(b.ReleasedPercent, a.ReleasedPercent), cmp.Compare(b.Released, a.Released))
		case "last":
			return cmp.Or(gone, b.Last.Compare(a.Last))
		}
		return cmp.Or(gone, cmp.Compare(b.Priority, a.Priority))
	})
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (r *rulesReport) print(w io.Writer) {
	since := "nothing has run yet"
	if !r.Since.IsZero() {
		since = "since " + r.Since.Local().Format("2006-01-02")
	}
	_, _ = fmt.Fprintf(w, "rule set %s, %s\n", short(r.RuleSet), since)
	if len(r.Rules) == 0 {
		_, _ = fmt.Fprintln(w, "there are no mail rules")
		return
	}
	t := newTable("RULE", "PRIO", "MODE", "MARKED", "FILED", "NOTED", "OBSERVED", "RELEASED", "REFUSED", "LAST")
	for _, line := range r.Rules {
		t.row(line.row()...)
	}
	t.without("0", 3, 9)
	t.print(w)
	r.sayRules(w, func(l ruleLine) bool { return l.Annoys }, "People take back much of what these rules do:",
		func(l ruleLine) string {
			return fmt.Sprintf("%s: %d of %d (%d %%), %s", l.Rule, l.Released, l.acted(), l.ReleasedPercent, l.Place)
		}, "look at what was taken back: chancery journal --rule RULE; then mend the rule, try it with chancery plan --since 30d --rule RULE, and take its doings back with chancery undo")
	r.sayRules(w, func(l ruleLine) bool { return l.Idle }, "These rules did nothing in the last 90 days:",
		func(l ruleLine) string { return l.Rule + ", " + l.Place },
		"chancery why-not RULE MESSAGE says what a message lacks that it should have found")
}

func (r ruleLine) row() []string {
	mode := string(r.Mode)
	switch {
	case r.Place == "":
		mode = "gone"
	case len(r.Switched) > 0:
		mode += "*"
	case r.Account != "":
		mode += " (" + r.Account + ")"
	}
	released := number(r.Released)
	if r.Released > 0 && r.acted() > 0 {
		released += fmt.Sprintf(" (%d %%)", r.ReleasedPercent)
	}
	return []string{r.Rule, number(r.Priority), mode, number(r.Marked), number(r.Filed), number(r.Noted),
		number(r.Observed), released, number(r.Refused), ago(r.Last)}
}

// sayRules tells those rules that need somebody to look at them.
func (r *rulesReport) sayRules(w io.Writer, which func(ruleLine) bool, head string, tell func(ruleLine) string, hint string) {
	n := 0
	for _, l := range r.Rules {
		if !which(l) {
			continue
		}
		if n++; n == 1 {
			_, _ = fmt.Fprintf(w, "\n%s\n", head)
		}
		_, _ = fmt.Fprintln(w, hanging("    ", tell(l)))
	}
	if n > 0 {
		_, _ = fmt.Fprintln(w, wrapHint("    ", hint))
	}
}
