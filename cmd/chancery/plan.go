package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"chancery/internal/model"
	"chancery/sync"
	"chancery/sync/journal"
)

func newPlan() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:   "plan",
		Short: "print what run would do, and change nothing",
		Long: `Read every mailbox and calendar, let the rules decide by the same engine as
"chancery run", and print each step with its reason. Nothing is written: not to
the servers (mailboxes are opened with EXAMINE), not to the journal.

The output shows subjects and mailbox names: run it where only people who may
read this mail can see the screen.

A first run records a baseline and leaves old mail alone, so a first plan is
empty. --all shows what the rules would do to the mail there is, as with
first_sync: apply.`,
		Example: "  chancery plan --config /etc/chancery --all",
		RunE: func(c *cobra.Command, _ []string) error {
			return printPlan(c.Context(), c.OutOrStdout(), configDir(c), all)
		},
	}
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
	engine, err := newEngine(l, j, slog.New(slog.DiscardHandler), wiring{readOnly: true, all: all})
	if err != nil {
		return err
	}
	failed := false
	for _, p := range engine.Plan(ctx) {
		printPreview(w, p)
		failed = failed || p.Err != nil
	}
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
func printPreview(w io.Writer, p sync.Preview) {
	_, _ = fmt.Fprintf(w, "%s\n", p.Of)
	if p.Err != nil {
		_, _ = fmt.Fprintf(w, "    cannot be read: %v\n", p.Err)
	}
	for _, in := range p.Open {
		_, _ = fmt.Fprintf(w, "    open      %s\n", describe(in.Step))
	}
	for _, s := range p.Steps {
		_, _ = fmt.Fprintf(w, "    would %s\n", describe(s))
		for _, line := range strings.Split(strings.TrimSpace(s.Why.Reveal()), "\n") {
			_, _ = fmt.Fprintf(w, "          %s\n", line)
		}
	}
	for _, r := range p.Reports {
		_, _ = fmt.Fprintf(w, "    %s: rule %s (%s): %s\n", r.What, r.Rule, r.Place, oneLine(r.Why.Reveal()))
	}
	for _, q := range p.Parked {
		_, _ = fmt.Fprintf(w, "    parked: %s %s\n", q.Code, q.Place)
	}
	_, _ = fmt.Fprintf(w, "    %s read, %d of them old; %s\n\n", plural(p.Changes, "change"), p.Old, plural(len(p.Steps), "step"))
}

// describe says what a step does, in words and with content.
func describe(s model.Step) string {
	at := ""
	if s.Ref.UID != 0 {
		at = fmt.Sprintf(" message %d of %s", s.Ref.UID, string(s.Ref.Mailbox))
	}
	switch a := s.Action.(type) {
	case model.Mark:
		return fmt.Sprintf("mark%s as %s (rule %s, %s)", at, a.Name, s.Rule, s.Place)
	case model.File:
		return fmt.Sprintf("file%s to %s (rule %s, %s)", at, strings.Join(a.Mailbox, "/"), s.Rule, s.Place)
	case model.Note:
		return fmt.Sprintf("write note %q to %s of %s", a.Body.Reveal().Subject, strings.Join(a.Mailbox, "/"), s.Source)
	case model.Hold:
		return fmt.Sprintf("hold %q in %s", a.Body.Reveal().Summary, s.Source)
	case model.Withdraw:
		return fmt.Sprintf("withdraw a hold from %s", s.Source)
	case model.DropNote:
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
