package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"chancery/config"
	"chancery/internal/model"
	"chancery/sync/journal"
)

func newBackfill() *cobra.Command {
	return redoing(backfill, &cobra.Command{
		Use:   "backfill --rule RULE --since TIME",
		Short: "let one rule work through mail that is there already",
		Long: `Let one rule look at the mail of the last days and do what it would have done
when that mail came. Rules apply to new mail only; this is for a rule that is
new.

First it shows what it would do and asks. The rule keeps its place among the
others: where a rule above it stops or files elsewhere, it does nothing. What
people overruled stays so, what was done before is not done again, and many
moves at once wait for approval as always. It writes no notes and no drafts:
those are about what is new. It may be broken off and run again. The running
service does the work, with the rules that it runs; without one this command
does.

The output quotes mail: run it where only people who may read this mail can see
the screen. What it did is taken back with "chancery undo".`,
		Example: "  chancery backfill --rule privileged --since 30d\n  chancery backfill --rule invoices --since 7d --source gc-mail --yes",
	})
}

func backfill(ctx context.Context, w io.Writer, in io.Reader, o redoOptions, since time.Time) error {
	l, err := load(o.dir)
	if err != nil {
		return err
	}
	sources, err := o.accounts(l.cfg)
	if err != nil {
		return err
	}
	if err := mayBackfill(ctx, l, o.rule); err != nil {
		return err
	}
	n, unread, err := previewBackfill(ctx, w, l, sources, o, since)
	switch {
	case err != nil:
		return err
	case n == 0 && unread:
		return errSilent // there may be something to do
	case n == 0:
		_, _ = fmt.Fprintln(w, "nothing to do")
		return nil
	}
	if yes, err := o.agreed(w, in, "Do "+plural(n, "step")+"?"); err != nil || !yes {
		return err
	}
	return redo(ctx, l, sources, request{Do: "backfill", Rule: o.rule, Since: since}, func(source model.SourceID, r reply) {
		b := r.Backfill
		_, _ = fmt.Fprintf(w, "%s: %s read, %d matched, %s planned", source, plural(b.Read, "message"), b.Matched, plural(b.Planned, "step"))
		if b.Held > 0 {
			_, _ = fmt.Fprintf(w, ", %s for approval: chancery approve %s", waits(b.Held), source)
		}
		_, _ = fmt.Fprintln(w)
	})
}

// mayBackfill wants a rule that acts, and a service that runs these very rules.
func mayBackfill(ctx context.Context, l *loaded, rule string) error {
	i := slices.IndexFunc(l.cfg.Rules.Mail, func(r config.MailRule) bool { return r.Name.Value == rule })
	if i < 0 {
		return withHint(usagef("no rule %q", rule), "see: chancery rules")
	}
	if m := l.cfg.Rules.Mail[i].Mode; m != config.Enforce {
		return withHint(fmt.Errorf("backfill: rule %s has mode: %s, so it does nothing", rule, m),
			"see what it would do with: chancery plan --since 30d --rule "+rule, "write mode: enforce into the rule, then chancery reload")
	}
	r, err := ask(ctx, socketPath(l.cfg), "status")
	switch {
	case errors.Is(err, errNotRunning):
		return nil
	case err != nil:
		return err
	case r.Rules != l.set.Version():
		return withHint(fmt.Errorf("backfill: the service runs rule set %s, these files are %s", short(r.Rules), short(l.set.Version())), "chancery reload puts these files in force")
	}
	return nil
}

// previewBackfill prints what the rule would do and counts its steps, with those that
// are under way. Nothing is written anywhere.
func previewBackfill(ctx context.Context, w io.Writer, l *loaded, sources []model.SourceID, o redoOptions, since time.Time) (n int, unread bool, err error) {
	j, cleanup, err := peekJournal(ctx, l)
	if err != nil {
		return 0, false, err
	}
	defer cleanup()
	set, ok := l.set.Only(o.rule)
	if !ok {
		return 0, false, fmt.Errorf("backfill: rule %s cannot be asked alone", o.rule)
	}
	read := 0
	p := &pastMail{l: l, j: j, since: since, source: o.source, need: set.Need()}
	err = p.read(ctx, func(batch []model.Change) error {
		batch = slices.DeleteFunc(batch, func(m model.Change) bool { return m.Op != model.Put || m.Message == nil || m.Message.Own })
		views, err := viewsOf(ctx, l, j, batch, time.Now())
		if err != nil {
			return err
		}
		done, err := stepsDone(ctx, j, batch)
		if err != nil {
			return err
		}
		read += len(batch)
		for i, m := range batch {
			for _, s := range set.Decide(change(*m.Message), views[i]).Steps {
				if _, note := s.Action.(model.Note); note || done[m.Ident][s.Rule+" "+s.Action.Kind()] {
					continue
				}
				n++
				_, _ = fmt.Fprintf(w, "would %s\n    %q\n", describe(s), m.Message.Body.Reveal().Subject)
				sayWhy(w, s.Why.Reveal(), s.Rule, s.Place)
			}
		}
		return nil
	})
	for _, u := range p.problem {
		_, _ = fmt.Fprintf(w, "%s: cannot be read\n", u.account)
		sayFailure(w, "    ", u.err)
	}
	_, _ = fmt.Fprintf(w, "%s read, %s\n", plural(read, "message"), plural(n, "step"))
	if err != nil {
		return n, false, err
	}
	begun, err := sayUnfinished(ctx, w, j, sources, o.rule, model.Mark{}, model.File{})
	return n + begun, len(p.problem) > 0, err
}

// stepsDone are the steps that the journal has for messages, by rule and kind.
func stepsDone(ctx context.Context, j *journal.Journal, cs []model.Change) (map[model.Ident]map[string]bool, error) {
	var idents []model.Ident
	for _, c := range cs {
		idents = append(idents, c.Ident)
	}
	known, err := j.ByIdent(ctx, idents)
	out := map[model.Ident]map[string]bool{}
	for ident, intents := range known {
		out[ident] = map[string]bool{}
		for _, in := range intents {
			if in.State != journal.StateSuperseded {
				out[ident][in.Step.Rule+" "+in.Step.Action.Kind()] = true
			}
		}
	}
	return out, err
}
