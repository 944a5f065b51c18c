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
Certificates and password files must be there, and the latter for their owner
alone. Then the tests of the rules are run, as by "chancery test". Nothing is
connected to and nothing is changed.

Exit code 0 if the configuration is good (warnings may be printed), 1 if not.`,
		Example: "  chancery check --config /etc/chancery",
		RunE: func(c *cobra.Command, _ []string) error {
			l, problems, err := inspect(configDir(c))
			if err != nil {
				return err
			}
			problems = append(problems, fileProblems(l.cfg)...).Sort()
			if problems.Fatal() || l.set == nil {
				return problems
			}
			report, err := l.tests("")
			if err != nil {
				return err
			}
			if failed := report.Problems(); len(failed) > 0 {
				return append(problems, failed...).Sort()
			}
			for _, e := range problems {
				_, _ = fmt.Fprintln(c.ErrOrStderr(), e)
			}
			cfg := l.cfg
			warned := ""
			if n := len(report.Cases); n > 0 {
				warned = "; " + plural(n, "test")
			}
			if len(problems) > 0 {
				warned += "; " + plural(len(problems), "warning")
			}
			_, _ = fmt.Fprintf(c.OutOrStdout(), "good: %s, %s, %s, %s; rule set %s%s\n",
				plural(len(cfg.Service.Accounts), "account"), plural(len(cfg.Service.Principals), "principal"),
				plural(len(cfg.Rules.Mail), "mail rule"), plural(len(cfg.Rules.Matters.List), "matter"), short(l.set.Version()), warned)
			return nil
		},
	}
}
