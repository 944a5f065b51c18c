package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"chancery/internal/model"
	"chancery/sync"
	"chancery/sync/journal"
)

func newPlan() *cobra.Command {
	var all bool
	var o sinceOptions
	c := &cobra.Command{
		Use:   "plan",
		Short: "print what run would do, and change nothing",
		Long: `Read every mailbox and calendar, let the rules decide by the same engine as
"chancery run", and print each step with its reason. Nothing is written: not to
the servers (mailboxes are opened with EXAMINE), not to the journal.

The output quotes mail and names mailboxes: run it where only people who may
read this mail can see the screen.

A first run records a baseline and leaves old mail alone, so a first plan is
empty. --all shows what the rules would do to the mail there is, as with
first_sync: apply.

--since compares: how would the mail of the last days be treated by these files,
and how by the rules that run? It reads that mail, prints how many messages
would be treated otherwise, by rule, then each of them with - for what no longer
happens and + for what happens instead. Marks and places that a message has
already make no difference, people's releases do. What rules filed is read where
it lies. --against compares with another configuration folder.`,
		Example: "  chancery plan\n  chancery plan --all | less\n  chancery plan --since 30d --rule privileged\n  chancery plan --against /srv/chancery-last-week",
		RunE: func(c *cobra.Command, _ []string) error {
			o.dir = configDir(c)
			since := o.since != "" || o.against != ""
			switch {
			case since && all:
				return withHint(usagef("--all and --since are two different questions"), seeHelp(c))
			case !since && (o.rule != "" || o.asJSON):
				return withHint(usagef("--rule and --json belong to --since"), seeHelp(c))
			case since:
				return planSince(c.Context(), c.OutOrStdout(), c.ErrOrStderr(), o)
			}
			return printPlan(c.Context(), c.OutOrStdout(), configDir(c), all)
		},
	}
	c.Flags().StringVar(&o.since, "since", "", "compare with what runs on mail of the last 2h, 30d")
	c.Flags().StringVar(&o.rule, "rule", "", "with --since: only what this rule does")
	c.Flags().StringVar(&o.against, "against", "", "compare with this folder, not with the running rules")
	c.Flags().BoolVar(&o.asJSON, "json", false, "with --since: print JSON")
	_ = c.MarkFlagDirname("against")
	complete(c, "rule", ruleNames)
	completeWords(c, "since", "1d", "7d", "30d", "90d")
	c.Flags().BoolVar(&all, "all", false, "decide old mail too, as with first_sync: apply")
	return c
}

func printPlan(ctx context.Context, w io.Writer, dir string, all bool) error {
	l, err := load(dir)
	if err != nil {
		return err
	}
	l.say(os.Stderr)
	j, cleanup, err := peekJournal(ctx, l)
	if err != nil {
		return err
	}
	defer cleanup()
	_, err = ask(ctx, socketPath(l.cfg), "status")
	engine, err := newEngine(l, j, slog.New(slog.DiscardHandler), wiring{readOnly: true, all: all, beside: err == nil})
	if err != nil {
		return err
	}
	failed := false
	previews := engine.Plan(ctx)
	for i, p := range previews {
		if i > 0 {
			_, _ = fmt.Fprintln(w)
		}
		printPreview(w, p, time.Now())
		failed = failed || p.Err != nil
	}
	printTotals(w, previews)
	if failed {
		return errSilent
	}
	return nil
}

// peekJournal opens the journal for reading. Where nothing has run yet it makes
// an empty one in a temporary folder, so that plan needs no state of its own.
func peekJournal(ctx context.Context, l *loaded) (*journal.Journal, func(), error) {
	if l.cfg.Service.State.Journal == "postgres" || hasRun(l) {
		j, err := openJournal(ctx, l.cfg, true)
		if err == nil {
			return j, func() { _ = j.Close() }, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, err
		}
	}
	dir, err := os.MkdirTemp("", "chancery-plan-")
	if err != nil {
		return nil, nil, fmt.Errorf("make temporary journal: %w", err)
	}
	j, err := journal.Open(ctx, journal.Options{Driver: "sqlite", Path: dir, Key: []byte(strings.Repeat("plan", 8))})
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, nil, err
	}
	return j, func() { _ = j.Close(); _ = os.RemoveAll(dir) }, nil
}

// printPreview shows one source's or principal's part of the plan.
func printPreview(w io.Writer, p sync.Preview, now time.Time) {
	_, _ = fmt.Fprintf(w, "%s: %s\n", p.Of, headline(p))
	if p.Err != nil {
		sayFailure(w, "    ", p.Err)
	}
	for _, in := range p.Open {
		_, _ = fmt.Fprintf(w, "    open: %s%s\n", describe(in.Step), notBefore(in.NotBefore, now))
		sayWhy(w, in.Step.Why.Reveal(), in.Step.Rule, in.Step.Place)
	}
	for _, in := range p.Waiting {
		_, _ = fmt.Fprintf(w, "    waits for approval: %s\n", describe(in.Step))
		sayWhy(w, in.Step.Why.Reveal(), in.Step.Rule, in.Step.Place)
	}
	for _, s := range p.Steps {
		_, _ = fmt.Fprintf(w, "    would %s\n", describe(s))
		sayWhy(w, s.Why.Reveal(), s.Rule, s.Place)
	}
	if p.Amends > 0 {
		_, _ = fmt.Fprintln(w, wrap("    ", plural(p.Amends, "change")+" of events would wait for approval: more than 10 within an hour."))
	}
	if p.Held > 0 {
		_, _ = fmt.Fprintln(w, wrap("    ", plural(p.Held, "move")+" would wait for approval: more than the brake of this account allows at once. The marks would be set."))
	}
	if p.Letters > 0 {
		_, _ = fmt.Fprintln(w, wrap("    ", plural(p.Letters, "note")+" or drafts would wait for approval: more than the brake of this account lets a rule write in an hour."))
	}
	for _, r := range p.Reports {
		_, _ = fmt.Fprintf(w, "    %s\n", reported(r))
		sayWhy(w, r.Why.Reveal(), r.Rule, r.Place)
	}
	for _, q := range p.Parked {
		where := strings.TrimSpace(string(q.Ref.Mailbox) + " " + q.Place)
		if q.Ref.UID != 0 {
			where = fmt.Sprintf("message %d of %s", q.Ref.UID, where)
		}
		_, _ = fmt.Fprintf(w, "    parked: %s: %s\n", where, q.Code)
		if hint := advice(q.Code); hint != "" {
			_, _ = fmt.Fprintln(w, wrapHint("        ", hint))
		}
	}
}

// notBefore says when a step is due that is not due yet.
func notBefore(at, now time.Time) string {
	if !at.After(now) {
		return ""
	}
	return ", not before " + at.Local().Format("Jan 2 15:04:05")
}

// headline sums a preview up.
func headline(p sync.Preview) string {
	if p.Err != nil {
		return "cannot be read"
	}
	what := plural(len(p.Steps), "step")
	if len(p.Steps) == 0 {
		what = "nothing to do"
	}
	if n := len(p.Reports); n > 0 {
		what += ", " + plural(n, "report")
	}
	if p.Changes > 0 {
		what += "; read " + plural(p.Changes, "item")
	}
	if p.Old > 0 {
		what += fmt.Sprintf(", %d of them old and left alone", p.Old)
	}
	return what
}

// reported says what came of a rule that had no effect.
func reported(r model.Report) string {
	at := ""
	if r.Ref.UID != 0 {
		at = fmt.Sprintf(" message %d of %s", r.Ref.UID, string(r.Ref.Mailbox))
	}
	if r.What == "observe" {
		return "observed, not done: " + observed(r.Would, at, r.To.Reveal())
	}
	what := r.What
	if r.Would != "" {
		what += ", not done: " + r.Would
	}
	return what + at
}

// observed says what a rule that only observes would have done.
func observed(would, at, to string) string {
	switch {
	case to == "":
		return would + at
	case would == "mark":
		return "mark" + at + " as " + to
	case would == "file":
		return "file" + at + " to " + to
	}
	return fmt.Sprintf("write %s %q about%s", would, to, at)
}

// sayWhy prints the reason of a step, which may begin with the rule's name, and
// the rule's place.
func sayWhy(w io.Writer, why, rule, place string) {
	for line := range strings.Lines(strings.TrimSpace(why)) {
		_, _ = fmt.Fprintln(w, wrap("        ", strings.TrimPrefix(line, fmt.Sprintf("rule %q: ", rule))))
	}
	_, _ = fmt.Fprintf(w, "        rule %s, %s\n", rule, place)
}

// printTotals counts a plan by rule.
func printTotals(w io.Writer, previews []sync.Preview) {
	type line struct{ rule, what string }
	count := map[line]int{}
	for _, p := range previews {
		for _, s := range p.Steps {
			count[line{s.Rule, kindOf(s.Action)}]++
		}
		for _, r := range p.Reports {
			count[line{r.Rule, strings.TrimSpace(r.What + " " + r.Would)}]++
		}
	}
	if len(count) == 0 {
		return
	}
	t := newTable("RULE", "WHAT", "HOW OFTEN")
	for _, l := range slices.SortedFunc(maps.Keys(count), func(a, b line) int {
		return cmp.Or(cmp.Compare(a.rule, b.rule), cmp.Compare(a.what, b.what))
	}) {
		t.row(l.rule, l.what, number(count[l]))
	}
	t.print(w)
}

// kindOf tells drafts from notes, which are one kind of action.
func kindOf(a model.Action) string {
	if n, ok := a.(model.Note); ok && n.Draft {
		return "draft"
	}
	return a.Kind()
}

// describe says what a step does, in words and with content.
func describe(s model.Step) string {
	at := ""
	if s.Ref.UID != 0 {
		at = fmt.Sprintf(" message %d of %s", s.Ref.UID, string(s.Ref.Mailbox))
	}
	switch a := s.Action.(type) {
	case model.Mark:
		return fmt.Sprintf("mark%s as %s", at, a.Name)
	case model.File:
		return fmt.Sprintf("file%s to %s", at, strings.Join(a.Mailbox, "/"))
	case model.Unmark:
		return fmt.Sprintf("take the mark %s away from%s", a.Name, at)
	case model.Return:
		return fmt.Sprintf("move%s back to %s", at, string(a.To))
	case model.Note:
		if a.Draft {
			return fmt.Sprintf("write draft %q to %s", a.Body.Reveal().Subject, s.Source)
		}
		return fmt.Sprintf("write note %q to %s of %s", a.Body.Reveal().Subject, strings.Join(a.Mailbox, "/"), s.Source)
	case model.Hold:
		return fmt.Sprintf("hold %q in %s", a.Body.Reveal().Summary, s.Source)
	case model.Withdraw:
		return fmt.Sprintf("withdraw a hold from %s", s.Source)
	case model.Amend:
		return fmt.Sprintf("change an event of %s: %s", s.Source, changed(a.Was, a.Now))
	case model.DropNote:
		if len(a.Mailbox) == 0 {
			return fmt.Sprintf("take an untouched draft from %s", s.Source)
		}
		return fmt.Sprintf("take an untouched note from %s of %s", strings.Join(a.Mailbox, "/"), s.Source)
	}
	return s.Action.Kind()
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// hasRun reports whether the state folder has an install key: without one there
// is no journal either, and reading must not make one.
func hasRun(l *loaded) bool {
	if s := l.cfg.Service.State.Key; s.Credential != "" || s.File != "" {
		return true
	}
	_, err := os.Stat(filepath.Join(l.cfg.Service.State.Dir, "install.key"))
	return err == nil
}

// changed says what is amended, from what to what.
func changed(was, now model.Amended) string {
	switch {
	case now.Start != 0:
		at := func(a model.Amended) string {
			from, till := time.Unix(int64(a.Start), 0), time.Unix(int64(a.End), 0)
			return from.Local().Format("Mon 2 Jan 2006 15:04") + "–" + till.Local().Format("15:04")
		}
		return "time, " + at(was) + " -> " + at(now)
	case now.Class != "":
		return "class, " + was.Class + " -> " + now.Class
	}
	return "answer, " + was.Answer + " -> " + now.Answer
}
