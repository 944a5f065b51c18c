package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"chancery/internal/model"
	"chancery/sync"
	"chancery/sync/journal"
)

func newJournal() *cobra.Command {
	var f journal.Filter
	var source, since string
	var asJSON bool
	c := &cobra.Command{
		Use:   "journal",
		Short: "list what was planned, done and overruled; verify the chain",
		Long: `List the journal's entries, oldest first: every step planned, sent, confirmed,
lost or refused, every release by a person, every reload. An entry names rules,
steps and short references, never content; "chancery explain" shows content.
"planned" is written before anything is sent, "sent" before the command goes
out, "confirmed" when its effect is on the server.

Each entry holds the hash of the one before it. "chancery journal verify" checks
the whole chain.`,
		Example: "  chancery journal --since 2h\n  chancery journal --source gc-mail --rule privileged --limit 20\n  chancery journal verify",
		RunE: func(c *cobra.Command, _ []string) error {
			f.Source = model.SourceID(source)
			d, err := age(since)
			if err != nil {
				return err
			}
			if d > 0 {
				f.Since = time.Now().Add(-d)
			}
			return withJournal(c, func(ctx context.Context, j *journal.Journal) error {
				return listEntries(ctx, c.OutOrStdout(), j, f, asJSON)
			})
		},
	}
	c.Flags().StringVar(&source, "source", "", "only this source")
	c.Flags().StringVar(&f.Rule, "rule", "", "only this rule")
	c.Flags().StringVar(&since, "since", "", "only the last 30m, 2h, 7d ...")
	c.Flags().IntVar(&f.Limit, "limit", 200, "only so many, the latest (0: all)")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	complete(c, "source", sourceNames)
	complete(c, "rule", ruleNames)
	completeWords(c, "since", "30m", "2h", "1d", "7d")
	c.AddCommand(newVerify(), newBackup())
	return c
}

func newVerify() *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "check that no entry was changed, removed or added",
		Long: `Compute the chain of all entries anew and compare. A row that somebody changed,
removed, added or put elsewhere is seen, and so is an end that was cut off. A
whole database put back to an earlier state is not.

Exit code 0 if the chain is whole, 1 if not.`,
		RunE: func(c *cobra.Command, _ []string) error {
			return withJournal(c, func(ctx context.Context, j *journal.Journal) error {
				n, bad, err := j.Verify(ctx)
				if err != nil {
					return err
				}
				if bad != 0 {
					return withHint(fmt.Errorf("verify journal: entry %d does not fit the chain", bad),
						"somebody changed the database; keep a copy of it before anything else")
				}
				_, _ = fmt.Fprintf(c.OutOrStdout(), "good: %d entries\n", n)
				return nil
			})
		},
	}
}

func newBackup() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "copy the SQLite journal, also while the service runs",
		Long: `Write a complete and consistent copy of a SQLite journal to FILE, which must not
exist, also while the service runs. Keep install.key of the state folder with
it: the journal opens with that key only. PostgreSQL has pg_dump.`,
		Example: "  chancery journal backup /var/backups/chancery.db",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withJournal(c, func(ctx context.Context, j *journal.Journal) error {
				err := j.Backup(ctx, args[0])
				if errors.Is(err, journal.ErrUnsupported) {
					return withHint(err, "PostgreSQL has its own: pg_dump; keep the install key with the copy")
				}
				return err
			})
		},
	}
}

// withJournal runs f on the journal, opened for reading.
func withJournal(c *cobra.Command, f func(context.Context, *journal.Journal) error) error {
	l, err := load(configDir(c))
	if err != nil {
		return err
	}
	j, cleanup, err := peekJournal(c.Context(), l)
	if err != nil {
		return err
	}
	defer cleanup()
	return f(c.Context(), j)
}

func listEntries(ctx context.Context, w io.Writer, j *journal.Journal, f journal.Filter, asJSON bool) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	enc := json.NewEncoder(w)
	n := 0
	for e, err := range j.Entries(ctx, f) {
		if err != nil {
			return err
		}
		if asJSON {
			if err := enc.Encode(e); err != nil {
				return fmt.Errorf("print journal: %w", err)
			}
			continue
		}
		if n++; n == 1 {
			_, _ = fmt.Fprintln(t, "NO\tTIME\tSOURCE\tITEM\tWHAT\tRULE")
		}
		_, _ = fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\n", e.Seq, clock(e.Time), dash(of(e.Source)),
			dash(item(e.Ref)), strings.TrimSpace(e.Kind+" "+e.Action), dash(note(e)))
	}
	if n == 0 && !asJSON {
		_, _ = fmt.Fprintln(w, "no entries")
	}
	return t.Flush()
}

// note is the rule of an entry and its code: of an entry of the house, the rule
// set.
func note(e journal.Entry) string {
	code := e.Code
	if e.Source == "" {
		code = short(code)
	}
	if e.Rule != "" && code != "" {
		return e.Rule + ": " + code
	}
	return e.Rule + code
}

// of is a source without the journal's word for a person's time, which settles
// conflicts under a name of its own.
func of(id model.SourceID) string { return strings.TrimPrefix(string(id), sync.Group("")) }

// item is as much of an item's short name as a table has room for; --json has
// all of it.
func item(ref string) string { return ref[:min(len(ref), 8)] }

// age reads a duration that may also be given in days.
func age(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return 0, withHint(usagef("%q is not a length of time", s), "write it like 30m, 2h or 7d")
	}
	return d, nil
}
