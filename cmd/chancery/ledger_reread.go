package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"chancery/config"
	"chancery/internal/model"
	"chancery/sync"
	"chancery/sync/journal"
)

func newLedgerReread() *cobra.Command {
	var since, source string
	var folders []string
	c := &cobra.Command{
		Use:   "reread --folder PATH... --since TIME",
		Short: "remember the bills of mail that lies in folders",
		Long: `Read the mail of folders that no account follows and let the ledger remember
its bills, the oldest mail first. It is for after a restore: what was filed
since the backup is not in the ledger.

A path that ends with "/*" is every folder below it. Nothing is marked or
moved, and no note is written. It may be run again: what the ledger has stays
as it is. The service must be stopped meanwhile.`,
		Example: "  chancery ledger reread --folder 'Billing/*' --since 30d",
		RunE: func(c *cobra.Command, _ []string) error {
			if since == "" || len(folders) == 0 {
				return withHint(usagef("ledger reread needs --folder and --since"), seeHelp(c))
			}
			d, err := age(since)
			if err != nil {
				return err
			}
			return reread(c.Context(), c.OutOrStdout(), configDir(c), source, folders, time.Now().Add(-d))
		},
		ValidArgsFunction: noArgument,
	}
	c.Flags().StringArrayVar(&folders, "folder", nil, `where to read, as Billing/2026 (needed)`)
	c.Flags().StringVar(&since, "since", "", "of the last 30m, 2h, 7d ... (needed)")
	c.Flags().StringVar(&source, "source", "", "only this account")
	complete(c, "source", sourceNames)
	completeWords(c, "since", "2h", "1d", "7d", "30d")
	return c
}

func reread(ctx context.Context, w io.Writer, dir, source string, folders []string, since time.Time) error {
	l, err := load(dir)
	if err != nil {
		return err
	}
	o := redoOptions{source: model.SourceID(source)}
	if _, err := o.accounts(l.cfg); err != nil {
		return err
	}
	if _, err := ask(ctx, socketPath(l.cfg), "status"); !errors.Is(err, errNotRunning) {
		return withHint(errors.New("ledger reread: the service runs"), "stop it first: systemctl stop chancery")
	}
	j, err := openJournal(ctx, l.cfg, false)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }()
	e, err := newEngine(l, j, slog.New(slog.DiscardHandler), wiring{})
	if err != nil {
		return err
	}
	failed := false
	for _, a := range l.cfg.Service.Accounts {
		if a.IMAP == nil || source != "" && a.Name.Value != source {
			continue
		}
		r, err := rereadAccount(ctx, l, j, e, a, folders, since)
		if ctx.Err() != nil {
			return err
		}
		if err != nil {
			failed = true
			_, _ = fmt.Fprintf(w, "%s: cannot be read\n", a.Name.Value)
			sayFailure(w, "    ", err)
			continue
		}
		_, _ = fmt.Fprintf(w, "%s: %s read, %d with bills, %s new in the ledger\n", a.Name.Value, plural(r.Read, "message"), r.Told, plural(r.Fresh, "bill"))
	}
	if failed {
		return errSilent
	}
	return nil
}

func rereadAccount(ctx context.Context, l *loaded, j *journal.Journal, e *sync.Engine, a config.Account, folders []string, since time.Time) (out sync.RereadResult, err error) {
	spec, err := mailSource(l.cfg, a, j, wiring{readOnly: true, all: true, boxes: folders, need: e.Need})
	if err != nil {
		return out, err
	}
	src, err := spec.Open(ctx, journal.Position{})
	if err != nil {
		return out, err
	}
	defer func() { _ = src.Close() }()
	from, ok := src.(sync.Archive)
	if !ok {
		return out, fmt.Errorf("read mail of %s: this kind of account keeps no history", a.Name.Value)
	}
	return e.Reread(ctx, spec.ID, from, since)
}
