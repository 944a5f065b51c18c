package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"chancery/sync"
	"chancery/sync/journal"
)

func newStatus() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "status",
		Short: "show how every source does, and what is parked",
		Long: `Show how every mailbox and calendar does, what is planned, done, released by
people, refused by servers, and which items are parked and why. It asks the
running service and reads the journal; it shows no content of anyone's mail.

Exit code 0 if all is well, 1 if something needs a person.`,
		RunE: func(c *cobra.Command, _ []string) error {
			r, err := gather(c.Context(), configDir(c))
			if err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(c.OutOrStdout())
				enc.SetIndent("", "  ")
				err = enc.Encode(r)
			} else {
				err = r.print(c.OutOrStdout())
			}
			if err == nil && r.NeedsPerson {
				return errSilent
			}
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// statusReport is all that "chancery status" knows.
type statusReport struct {
	Running     bool
	Rules       string `json:",omitempty"`
	Sources     []sync.Status
	Journal     journal.Summary
	Parked      []journal.ParkedItem
	NeedsPerson bool
}

// sickStates need a person; the others mend themselves.
var sickStates = []string{"auth", "config", "protocol", "taken-over"}

func gather(ctx context.Context, dir string) (statusReport, error) {
	var r statusReport
	l, err := load(dir)
	if err != nil {
		return r, err
	}
	live, err := ask(ctx, socketPath(l.cfg), "status")
	switch {
	case err == nil:
		r.Running, r.Rules, r.Sources = true, live.Rules, live.Status
	case !errors.Is(err, errNotRunning):
		return r, err
	}
	j, cleanup, err := peekJournal(ctx, l)
	if err != nil {
		return r, err
	}
	defer cleanup()
	if r.Journal, err = j.Summary(ctx); err != nil {
		return r, err
	}
	if r.Parked, err = j.ParkedItems(ctx); err != nil {
		return r, err
	}
	r.NeedsPerson = !r.Running || len(r.Parked) > 0 || slices.ContainsFunc(r.Sources, func(s sync.Status) bool {
		return slices.Contains(sickStates, s.State)
	})
	return r, nil
}

func (r statusReport) print(w io.Writer) error {
	if r.Running {
		_, _ = fmt.Fprintf(w, "running, rule set %s\n", r.Rules)
	} else {
		_, _ = fmt.Fprintln(w, "not running")
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if len(r.Sources) > 0 {
		_, _ = fmt.Fprintln(t, "\nSOURCE\tSTATE\tSINCE\tLAST READ\tREAD\tDONE\tREFUSED\tPROBLEM")
	}
	for _, s := range r.Sources {
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\n", s.Source, s.State, ago(s.Since), ago(s.Pulled),
			s.Changes, s.Applied, s.Refused, dash(s.Code))
	}
	if len(r.Journal.Sources) > 0 {
		_, _ = fmt.Fprintln(t, "\nJOURNAL\tFIRST SEEN\tLAST READ\tPLANNED\tSENT\tDONE\tLOST\tREFUSED\tRELEASED\tPARKED")
	}
	for _, s := range r.Journal.Sources {
		n := s.Steps
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", s.Source, ago(s.Baseline), ago(s.Pulled),
			n[journal.StatePlanned], n[journal.StateSent], n[journal.StateConfirmed], n[journal.StateLost], n[journal.StateRefused], s.Released, s.Parked)
	}
	if len(r.Parked) > 0 {
		_, _ = fmt.Fprintln(t, "\nPARKED\tREASON\tWHERE\tSINCE")
	}
	for _, p := range r.Parked {
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", p.Source, p.Code, dash(p.Place), ago(p.Since))
	}
	return t.Flush()
}

// ago says how long ago t was, in the largest unit that fits.
func ago(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	d := time.Since(t)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds ago", max(0, int(d.Seconds())))
	case d < time.Hour:
		return fmt.Sprintf("%dm ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh ago", int(d.Hours()))
	}
	return t.Format("2006-01-02")
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
