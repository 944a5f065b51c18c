package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

func newUnpark() *cobra.Command {
	return &cobra.Command{
		Use:   "unpark",
		Short: "strike parked items off the list, after looking at them",
		Long: `Strike every parked item off the list that "chancery status" shows, after
somebody looked at it. Nothing is tried again and nothing on the servers
changes; the journal keeps that the item was parked and that it was struck
off. What is still unreadable is parked again when it is met again.`,
		Example: "  chancery status\n  chancery unpark",
		RunE: func(c *cobra.Command, _ []string) error {
			n, err := unpark(c.Context(), configDir(c))
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintf(c.OutOrStdout(), "%s struck off\n", plural(n, "item"))
			return nil
		},
	}
}

// unpark asks the running service, which alone writes the journal, or opens the
// journal itself where none runs.
func unpark(ctx context.Context, dir string) (int, error) {
	l, err := load(dir)
	if err != nil {
		return 0, err
	}
	r, err := ask(ctx, socketPath(l.cfg), "unpark")
	switch {
	case err == nil && r.Error != "":
		return 0, fmt.Errorf("unpark: %s", r.Error)
	case err == nil:
		return r.Unparked, nil
	case !errors.Is(err, errNotRunning):
		return 0, err
	}
	if !hasRun(l) {
		return 0, nil
	}
	j, err := openJournal(ctx, l.cfg, false)
	if err != nil {
		return 0, err
	}
	defer func() { _ = j.Close() }()
	return j.Unpark(ctx, time.Now())
}
