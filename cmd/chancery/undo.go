package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"chancery/internal/model"
	"chancery/sync"
	"chancery/sync/journal"
)

func newUndo() *cobra.Command {
	return redoing(undo, &cobra.Command{
		Use:   "undo --rule RULE --since TIME",
		Short: "take back what one rule did",
		Long: `Take away the marks that a rule set since a time, and move back what it filed,
as far as all of it still stands as the rule left it: what people moved,
unmarked or recoloured since stays as it is, and so does what was there before
the rule. The rule is released for each of these messages and does not do it
again. Notes and drafts stay.

With --rule conflicts it puts events back that the rule answered or moved; the
calendar server may tell the organizer of that. Holds are taken away otherwise:
see "What is written to calendars" in docs/operations.md.

First it shows what it would do and asks. TIME is when the rule did it. The
running service does the work, or this command where none runs. Mend the rule
first, and reload: new mail is still decided by the rules that run.

The output names mailboxes but quotes no mail.`,
		Example: "  chancery undo --rule invoices --since 2h\n  chancery undo --rule invoices --since 1d --source gc-mail --yes\n  chancery undo --rule conflicts --since 1d --source gc-calendar/work",
	})
}

func undo(ctx context.Context, w io.Writer, in io.Reader, o redoOptions, since time.Time) error {
	l, err := load(o.dir)
	if err != nil {
		return err
	}
	sources, err := o.among("source", sourceNames(l.cfg))
	if err != nil {
		return err
	}
	n, touched, err := previewUndo(ctx, w, l, sources, o.rule, since)
	if err != nil {
		return err
	}
	if n == 0 {
		_, _ = fmt.Fprintf(w, "rule %s did nothing since %s that could be taken back\n", o.rule, clock(since))
		return nil
	}
	if yes, err := o.agreed(w, in, "Take back "+plural(n, "step")+"?"); err != nil || !yes {
		return err
	}
	return redo(ctx, l, touched, request{Do: "undo", Rule: o.rule, Since: since}, func(source model.SourceID, r reply) {
		u := r.Undo
		if isCalendar(source) {
			_, _ = fmt.Fprintf(w, "%s: %s put back, %d left as people want it\n", source, plural(u.Amends, "event"), u.Left)
			if u.Off > 0 {
				_, _ = fmt.Fprintf(w, "%s: %s called off that had not been made yet\n", source, plural(u.Off, "change"))
			}
			return
		}
		_, _ = fmt.Fprintf(w, "%s: %s taken away, %s moved back, %d left as people want it\n", source, plural(u.Unmarks, "mark"), plural(u.Returns, "message"), u.Left)
	})
}

// previewUndo prints what would be taken back and counts it, with what is under way:
// that is brought to its end before. What people changed since is known for certain
// only when it is tried.
func previewUndo(ctx context.Context, w io.Writer, l *loaded, sources []model.SourceID, rule string, since time.Time) (n int, touched []model.SourceID, err error) {
	j, cleanup, err := peekJournal(ctx, l)
	if err != nil {
		return 0, nil, err
	}
	defer cleanup()
	if err := mayUndo(ctx, l, j, rule); err != nil {
		return 0, nil, err
	}
	n, err = sayUnfinished(ctx, w, j, sources, rule, model.Mark{}, model.File{}, model.Unmark{}, model.Return{}, model.Amend{})
	if err != nil {
		return 0, nil, err
	}
	for _, source := range sources {
		var did []journal.Intent
		if err := j.ConfirmedSince(ctx, source, rule, since, func(in journal.Intent) { did = append(did, in) }); err != nil {
			return n, nil, err
		}
		var idents []model.Ident
		for _, in := range did {
			idents = append(idents, in.Step.Ident)
		}
		released, err := j.Released(ctx, idents)
		if err != nil {
			return n, nil, err
		}
		did = slices.DeleteFunc(did, func(in journal.Intent) bool { return !sync.HadEffect(in) || sync.IsUndo(in) })
		waiting, err := sayCalledOff(ctx, w, j, source, rule)
		if err != nil {
			return n, nil, err
		}
		n += waiting
		if len(did) > 0 || waiting > 0 || !isCalendar(source) {
			touched = append(touched, source)
		}
		already := 0
		for _, group := range byItem(did) {
			if released[group[0].Step.Ident][rule] != "" {
				already += len(group)
				continue
			}
			n += len(group)
			sayTakenBack(w, group)
		}
		if already > 0 {
			_, _ = fmt.Fprintf(w, "%s: %s taken back before, by people or by undo\n", source, plural(already, "step"))
		}
	}
	return n, touched, nil
}

// sayCalledOff tells which changes of events wait for approval: they would not come
// any more.
func sayCalledOff(ctx context.Context, w io.Writer, j *journal.Journal, source model.SourceID, rule string) (n int, err error) {
	if !isCalendar(source) {
		return 0, nil
	}
	held, err := j.HeldSteps(ctx, source, math.MaxInt32)
	for _, in := range held {
		if _, ok := in.Step.Action.(model.Amend); ok && in.Step.Rule == rule {
			n++
		}
	}
	if n > 0 {
		_, _ = fmt.Fprintf(w, "%s: %s waiting for approval\n    would call them off\n", source, plural(n, "change"))
	}
	return n, err
}

// isCalendar tells the name of a calendar from that of a mail account.
func isCalendar(id model.SourceID) bool { return strings.Contains(string(id), "/") }

// mayUndo wants a rule that the files or the journal know.
func mayUndo(ctx context.Context, l *loaded, j *journal.Journal, rule string) error {
	stats, err := j.RuleStats(ctx)
	if err != nil || known(ruleNames(l.cfg), rule) || slices.ContainsFunc(stats, func(s journal.RuleStat) bool { return s.Rule == rule }) {
		return err
	}
	return withHint(usagef("no rule %q, neither in the files nor in the journal", rule), "see: chancery rules")
}

// byItem brings the steps about one message together, in order.
func byItem(did []journal.Intent) [][]journal.Intent {
	var out [][]journal.Intent
	at := map[model.Ident]int{}
	for _, in := range did {
		i, ok := at[in.Step.Ident]
		if !ok {
			i = len(out)
			at[in.Step.Ident] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], in)
	}
	return out
}

// sayTakenBack tells what would be taken back of one message.
func sayTakenBack(w io.Writer, group []journal.Intent) {
	at := group[0].Step.Ref
	var what []string
	for _, in := range group {
		switch a := in.Step.Action.(type) {
		case model.Mark:
			what = append(what, "take the mark "+a.Name+" away")
		case model.File:
			what = append(what, "move it back to "+string(in.Step.Ref.Mailbox))
			if in.Ref.UID != 0 {
				at = in.Ref
			}
		case model.Amend:
			what = append(what, "put it back: "+changed(a.Now, a.Was))
		}
	}
	if isCalendar(group[0].Step.Source) {
		_, _ = fmt.Fprintf(w, "an event of %s, changed %s\n", group[0].Step.Source, clock(group[0].EndedAt))
		_, _ = fmt.Fprintln(w, hanging("    would ", strings.Join(what, ", ")))
		return
	}
	_, _ = fmt.Fprintf(w, "message %d of %s of %s, done %s\n", at.UID, string(at.Mailbox), group[0].Step.Source, clock(group[0].EndedAt))
	_, _ = fmt.Fprintln(w, hanging("    would ", strings.Join(what, ", ")))
}
