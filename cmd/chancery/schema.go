package main

import (
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"chancery/config"
)

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema {rules|users|service}",
		Short: "print the JSON Schema of a kind of file, for editors",
		Long: `Print the JSON Schema (draft 7) of rule files, user files or chancery.yaml.
"chancery init" writes all three into schema/, and its files name them in their
first line; write them again after an update of the program. Editors then
complete and explain keys and mark mistakes while you type. What stands in
conditions only "chancery check" can tell.`,
		Example:   "  chancery schema rules > /etc/chancery/schema/rules.json",
		ValidArgs: []string{"rules", "users", "service"},
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		RunE: func(c *cobra.Command, args []string) error {
			text, err := fs.ReadFile(config.Example(), "schema/"+args[0]+".json")
			if err != nil {
				return fmt.Errorf("read schema: %w", err)
			}
			_, err = c.OutOrStdout().Write(text)
			return err
		},
	}
}
