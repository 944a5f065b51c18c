package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"chancery/config"
	"chancery/internal/model"
	"chancery/sync"
	"chancery/sync/journal"
)

// redoOptions are those of backfill and undo: one rule, a span of time, and a
// question before anything is done.
type redoOptions struct {
	dir, rule, since string
	source           model.SourceID // "": every mail account
	yes              bool
}

func (o *redoOptions) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.rule, "rule", "", "the rule (needed)")
	c.Flags().StringVar(&o.since, "since", "", "the last 30m, 2h, 7d ... (needed)")
	c.Flags().StringVar((*string)(&o.source), "source", "", "only this account, or this calendar")
	c.Flags().BoolVar(&o.yes, "yes", false, "do not ask")
	complete(c, "rule", ruleNames)
	complete(c, "source", sourceNames)
	completeWords(c, "since", "2h", "1d", "7d", "30d")
}

// redoing completes a command that does something for one rule and a span of time.
func redoing(do func(context.Context, io.Writer, io.Reader, redoOptions, time.Time) error, c *cobra.Command) *cobra.Command {
	var o redoOptions
	o.flags(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		since, err := o.begin(c)
		if err != nil {
			return err
		}
		return do(c.Context(), c.OutOrStdout(), c.InOrStdin(), o, since)
	}
	return c
}

// begin checks the options and says from when on.
func (o *redoOptions) begin(c *cobra.Command) (time.Time, error) {
	o.dir = configDir(c)
	if o.rule == "" || o.since == "" {
		return time.Time{}, withHint(usagef("%s needs --rule and --since", c.Name()), seeHelp(c))
	}
	d, err := age(o.since)
	return time.Now().Add(-d), err
}

// accounts are the mail accounts that are meant.
func (o *redoOptions) accounts(cfg *config.Config) ([]model.SourceID, error) {
	return o.among("mail account", mailAccounts(cfg))
}

// among are those of names that are meant.
func (o *redoOptions) among(what string, names []string) ([]model.SourceID, error) {
	if o.source != "" && !slices.Contains(names, string(o.source)) {
		return nil, withHint(usagef("no %s %q in chancery.yaml", what, o.source), what+"s: "+strings.Join(names, ", "))
	}
	var out []model.SourceID
	for _, n := range names {
		if o.source == "" || n == string(o.source) {
			out = append(out, model.SourceID(n))
		}
	}
	return out, nil
}

// errLeft says that nobody said yes.
var errLeft = errors.New("nobody is there to ask, so nothing was changed")

// agreed asks whether to go on. No answer is no.
func (o *redoOptions) agreed(w io.Writer, in io.Reader, question string) (bool, error) {
	if o.yes {
		return true, nil
	}
	if !person(in) {
		return false, withHint(errLeft, "say --yes to do it")
	}
	_, _ = fmt.Fprintf(w, "\n%s [y/N] ", question)
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("read answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true, nil
	}
	_, _ = fmt.Fprintln(w, "nothing was changed")
	return false, nil
}

// sayUnfinished prints how many steps of a rule an earlier request planned that was
// broken off, and counts them: their effect is still to come, or is there and nobody
// wrote it down. Whoever is asked now finishes them.
func sayUnfinished(ctx context.Context, w io.Writer, j *journal.Journal, sources []model.SourceID, rule string, kinds ...model.Action) (int, error) {
	all := 0
	for _, source := range sources {
		open, err := j.Unfinished(ctx, source, rule, time.Now())
		if err != nil {
			return 0, err
		}
		n := 0
		for _, a := range kinds {
			n += open[a.Kind()]
		}
		if n > 0 {
			_, _ = fmt.Fprintf(w, "%s: %s planned before and not finished yet\n", source, plural(n, "step"))
		}
		all += n
	}
	return all, nil
}

// redo has the running service do the work, which alone writes the journal, or
// does it in this process where none runs. Of several accounts each is tried.
func redo(ctx context.Context, l *loaded, sources []model.SourceID, q request, each func(model.SourceID, reply)) error {
	var engine *sync.Engine
	var failed error
	for _, source := range sources {
		q.Source = source
		r, err := askFor(ctx, socketPath(l.cfg), q)
		if errors.Is(err, errNotRunning) {
			if engine == nil {
				j, err := openJournal(ctx, l.cfg, false)
				if err != nil {
					return err
				}
				defer func() { _ = j.Close() }()
				if engine, err = newEngine(l, j, slog.New(slog.DiscardHandler), wiring{}); err != nil {
					return err
				}
			}
			r, err = carryOut(ctx, engine, q), nil
		}
		if err == nil && r.Error != "" {
			err = fmt.Errorf("%s: %s", q.Do, r.Error)
		}
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		each(source, r)
	}
	return failed
}

// carryOut is the part of the service, or of a process that takes its place.
func carryOut(ctx context.Context, e *sync.Engine, q request) reply {
	var r reply
	var err error
	switch q.Do {
	case "backfill":
		var out sync.BackfillResult
		out, err = e.Backfill(ctx, sync.BackfillRequest{Rule: q.Rule, Source: q.Source, Since: q.Since})
		r.Backfill = &out
	case "undo":
		var out sync.UndoResult
		out, err = e.Undo(ctx, sync.UndoRequest{Rule: q.Rule, Source: q.Source, Since: q.Since})
		r.Undo = &out
	case "holds":
		if q.Holds == nil {
			break
		}
		var out sync.HoldResult
		out, err = e.Hold(ctx, *q.Holds)
		r.Holds = &out
	}
	if err != nil {
		r.Error = err.Error()
	}
	return r
}
