package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"
)

const rootLong = `Chancery is the back office of a legal leader's mailbox and calendar. It follows
mailboxes (IMAP) and calendars (CalDAV, Google), applies the rule files that IT
writes, and puts what it finds where assistants already look: flags, folders and
notes in the mail program, tentative holds in the calendar. It sends nothing and
deletes nothing of anyone's.

See it work, with nothing installed and nothing configured:

    chancery demo

Start with one real account:

    chancery init /etc/chancery      # write a starter configuration, fill it in
    chancery check                   # every problem of every file
    chancery test                    # the tests that stand beside the rules
    chancery plan --all              # what the rules would do; changes nothing
    chancery run                     # do it`

// The commands in the order in which people meet them.
const (
	groupBegin = "begin"
	groupRules = "rules"
	groupWork  = "work"
	groupAlso  = "also"
)

// newRoot builds the whole command line.
func newRoot() *cobra.Command {
	cobra.EnableCommandSorting = false // the order below is the order of use
	root := &cobra.Command{
		Use:           "chancery",
		Short:         "the back office of a legal leader's mailbox and calendar",
		Long:          rootLong,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetUsageTemplate(usageTemplate)
	root.SetFlagErrorFunc(flagError)
	root.PersistentFlags().String("config", defaultConfig(), "configuration folder")
	_ = root.MarkPersistentFlagDirname("config")
	root.AddGroup(
		&cobra.Group{ID: groupBegin, Title: "To begin:"},
		&cobra.Group{ID: groupRules, Title: "Rules:"},
		&cobra.Group{ID: groupWork, Title: "At work:"},
		&cobra.Group{ID: groupAlso, Title: "Also:"},
	)
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add(groupBegin, newDemo(), newInit(), newCheck())
	add(groupRules, newTest(), newMeasure(), newPlan(), newExplain(), newWhyNot(), newRules(), newBackfill(), newUndo())
	add(groupWork, newRun(), newReload(), newStatus(), newDoctor(), newLogin(), newApprove(), newHolds(), newUnpark(), newLedger(), newJournal(), newLedes())
	add(groupAlso, newSchema(), newUnit(), newCompletion(), newVersion())
	root.AddCommand(newPDFReader())
	root.SetHelpCommand(newHelp())
	root.CompletionOptions.DisableDefaultCmd = true
	usageArgs(root)
	return root
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
