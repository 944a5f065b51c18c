package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"chancery/internal/model"
	"chancery/sync/journal"
)

func newUndo() *cobra.Command {
	var o redoOptions
	c := &cobra.Command{
		Use:   "undo --rule RULE --since TIME",
		Short: "take back what one rule did",
		Long: `Take away the marks that a rule set since a time, and move back what it filed,
as far as all of it still stands as the rule left it: what people moved, unmarked
or recoloured since stays as it is, and so does what was there before the rule.
The rule is released for each of these messages and does not do it again. Notes
and drafts stay.

First it shows what it would do and asks. TIME is when the rule did it. The
running service does the work, or this command where none runs. Mend the rule
first, and reload: new mail is still decided by the rules that run.

The output names mailboxes but quotes no mail.`,
		Example: "  chancery undo --rule invoices --since 2h\n  chancery undo --rule invoices --since 1d --source gc-mail --yes",
		RunE: func(c *cobra.Command, _ []string) error {
			since, err := o.begin(c)
			if err != nil {
				return err
			}
			return undo(c.Context(), c.OutOrStdout(), c.InOrStdin(), o, since)
		},
	}
	o.flags(c)
	return c
}

func undo(ctx context.Context, w io.Writer, in io.Reader, o redoOptions, since time.Time) error {
	l, err := load(o.dir)
	if err != nil {
		return err
	}
	sources, err := o.accounts(l.cfg)
	if err != nil {
		return err
	}
	n, err := previewUndo(ctx, w, l, sources, o.rule, since)
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
	return redo(ctx, l, sources, request{Do: "undo", Rule: o.rule, Since: since}, func(source model.SourceID, r reply) {
		u := r.Undo
		_, _ = fmt.Fprintf(w, "%s: %s taken away, %s moved back, %d left as people want it\n", source, plural(u.Unmarks, "mark"), plural(u.Returns, "message"), u.Left)
	})
}

// previewUndo prints what would be taken back and counts it. What people changed
// since is known for certain only when it is tried.
func previewUndo(ctx context.Context, w io.Writer, l *loaded, sources []model.SourceID, rule string, since time.Time) (int, error) {
	j, cleanup, err := peekJournal(ctx, l)
	if err != nil {
		return 0, err
	}
	defer cleanup()
	n := 0
	for _, source := range sources {
		var did []journal.Intent
		if err := j.ConfirmedSince(ctx, source, rule, since, func(in journal.Intent) { did = append(did, in) }); err != nil {
			return n, err
		}
		var idents []model.Ident
		for _, in := range did {
			idents = append(idents, in.Step.Ident)
		}
		released, err := j.Released(ctx, idents)
		if err != nil {
			return n, err
		}
		overruled := 0
		for _, in := range did {
			what := takenBack(in)
			switch {
			case what == "":
			case released[in.Step.Ident][rule] != "":
				overruled++
			default:
				n++
				_, _ = fmt.Fprintf(w, "would %s, done %s\n", what, clock(in.EndedAt))
			}
		}
		if overruled > 0 {
			_, _ = fmt.Fprintf(w, "%s: %s taken back by people already\n", source, plural(overruled, "step"))
		}
	}
	return n, nil
}

// takenBack says what taking back a step means; "" if there is nothing to take.
func takenBack(in journal.Intent) string {
	at := in.Ref
	if at.UID == 0 {
		at = in.Step.Ref
	}
	where := fmt.Sprintf("message %d of %s of %s", at.UID, string(at.Mailbox), in.Step.Source)
	switch a := in.Step.Action.(type) {
	case model.Mark:
		if in.Already || len(in.Added) == 0 {
			return ""
		}
		return fmt.Sprintf("take the mark %s from %s", a.Name, where)
	case model.File:
		if in.Already {
			return ""
		}
		return fmt.Sprintf("move %s back from %s to %s", where, strings.Join(a.Mailbox, "/"), string(in.Step.Ref.Mailbox))
	}
	return ""
}
