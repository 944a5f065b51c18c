package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "report every problem of every configuration file",
		Long: `Read the service file, the rule files, the matter list and every list they name,
and report every problem of every file at once, as file:line:col with a hint.
Nothing is connected to and nothing is changed.

Exit code 0 if the configuration is good (warnings may be printed), 1 if not.`,
		Example: "  chancery check --config /etc/chancery",
		RunE: func(c *cobra.Command, _ []string) error {
			l, err := load(configDir(c))
			if err != nil {
				return err
			}
			l.say(c.OutOrStdout())
			cfg := l.cfg
			_, _ = fmt.Fprintf(c.OutOrStdout(), "good: %s, %s, %s, %s; rule set %s\n",
				plural(len(cfg.Service.Accounts), "account"), plural(len(cfg.Service.Principals), "principal"),
				plural(len(cfg.Rules.Mail), "mail rule"), plural(len(cfg.Rules.Matters.List), "matter"), l.set.Version())
			return nil
		},
	}
}
