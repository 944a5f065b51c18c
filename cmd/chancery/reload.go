package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"chancery/config"
)

func newReload() *cobra.Command {
	return &cobra.Command{
		Use:   "reload",
		Short: "make the running service read its configuration again",
		Long: `Make the running service read its configuration again, and wait for its answer.

If any file has a problem, the service goes on with the old rules, every problem
is printed here, and the exit code is 1: so "systemctl reload chancery" tells
the truth. Files in users.d are the exception: one with a problem is set aside
and told here, and what ran before goes on in its place.`,
		Example: "  chancery reload\n  systemctl reload chancery",
		RunE: func(c *cobra.Command, _ []string) error {
			// The service may run with files that are broken by now, so only the
			// state folder is read here, problems or not.
			path, err := controlSocket(configDir(c))
			if err != nil {
				return err
			}
			r, err := ask(c.Context(), path, "reload")
			if errors.Is(err, errNotRunning) {
				return withHint(fmt.Errorf("reload: %w", err), "start it with: systemctl start chancery", "or with: chancery run --config DIR")
			}
			if err != nil {
				return err
			}
			if r.Error != "" {
				_, _ = fmt.Fprintln(c.ErrOrStderr(), r.Error)
				_, _ = fmt.Fprintln(c.ErrOrStderr(), "chancery: nothing changed, the old rules go on")
				return errSilent
			}
			if r.Refused != "" {
				_, _ = fmt.Fprintln(c.ErrOrStderr(), r.Refused)
				_, _ = fmt.Fprintln(c.ErrOrStderr(), "chancery: these user files were set aside: what ran before goes on in their place, or nothing")
			}
			_, _ = fmt.Fprintln(c.OutOrStdout(), "reloaded")
			return nil
		},
	}
}

// controlSocket finds the running service's socket, also when the configuration
// cannot be loaded as a whole.
func controlSocket(dir string) (string, error) {
	cfg, problems := config.LoadDir(dir)
	if cfg == nil {
		return "", problems
	}
	return socketPath(cfg), nil
}
