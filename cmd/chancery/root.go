package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"
)

const rootLong = `Chancery is the back office of a legal leader's mailbox and calendar. It follows
mailboxes (IMAP) and calendars (CalDAV), applies the rule files that IT writes,
and puts what it finds where assistants already look: flags, folders and notes
in the mail program, tentative holds in the calendar. It sends nothing and
deletes nothing of anyone's.

See it work, with nothing installed and nothing configured:

    chancery demo

Start with one real account:

    chancery init /etc/chancery      # writes a starter configuration
    chancery check                   # every problem of every file
    chancery plan                    # what run would do; changes nothing
    chancery run                     # do it`

// newRoot builds the whole command line.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "chancery",
		Short:         "the back office of a legal leader's mailbox and calendar",
		Long:          rootLong,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("unknown command %q", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return withHint(usageError{err}, "see: "+c.CommandPath()+" --help")
	})
	root.PersistentFlags().String("config", defaultConfig(), "configuration folder")
	_ = root.MarkPersistentFlagDirname("config")
	root.AddCommand(
		newDemo(), newInit(), newCheck(), newPlan(), newRun(), newReload(),
		newStatus(), newExplain(), newJournal(), newUnit(), newVersion(),
	)
	root.CompletionOptions.HiddenDefaultCmd = false
	for _, c := range root.Commands() {
		usageArgs(c)
	}
	return root
}

// usageArgs makes a wrong number of arguments a usage error with a hint.
func usageArgs(c *cobra.Command) {
	check := c.Args
	if check == nil {
		check = cobra.NoArgs
	}
	c.Args = func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return withHint(usageError{err}, "see: "+c.CommandPath()+" --help")
		}
		return nil
	}
	for _, sub := range c.Commands() {
		usageArgs(sub)
	}
}

// defaultConfig is $CONFIGURATION_DIRECTORY, which systemd sets, else
// /etc/chancery.
func defaultConfig() string {
	if dir, _, _ := strings.Cut(os.Getenv("CONFIGURATION_DIRECTORY"), ":"); dir != "" {
		return dir
	}
	return "/etc/chancery"
}

func configDir(c *cobra.Command) string {
	dir, _ := c.Flags().GetString("config")
	return dir
}
