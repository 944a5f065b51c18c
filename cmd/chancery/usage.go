package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// usageTemplate is what stands below the text of "--help".
const usageTemplate = `Usage:
  {{if .HasAvailableSubCommands}}{{.CommandPath}} {{if .HasParent}}[COMMAND]{{else}}COMMAND{{end}} [flags]{{else}}{{.UseLine}}{{end}}
{{- if .HasExample}}

Examples:
{{.Example}}
{{- end}}
{{- if .HasAvailableSubCommands}}
{{- $all := .Commands}}
{{- range .Groups}}{{$id := .ID}}

{{.Title}}
{{- range $all}}{{if eq .GroupID $id}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}
{{- end}}
{{- if not .Groups}}

Commands:
{{- range $all}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}
{{- end}}
{{- end}}

Flags:
{{- with .InheritedFlags}}{{/* brings the flags of the parents into .Flags */}}{{end}}
{{.Flags.FlagUsages | trimTrailingWhitespaces}}
{{- if .HasAvailableSubCommands}}

More about a command: {{.CommandPath}} COMMAND --help
{{- end}}
`

// usageArgs makes every wrong argument of c and its commands a usage error with
// a hint.
func usageArgs(c *cobra.Command) {
	check := c.Args
	c.Args = func(c *cobra.Command, args []string) error {
		if check == nil && len(args) > 0 && c.HasSubCommands() {
			return unknownCommand(c, args[0])
		}
		if check == nil && len(args) > 0 {
			return withHint(usagef("%s takes no argument, found %q", c.Name(), args[0]), seeHelp(c))
		}
		if check == nil {
			return nil
		}
		if err := check(c, args); err != nil {
			_, want, _ := strings.Cut(c.Use, " ")
			if strings.Contains(want, " ") {
				return withHint(usagef("%s takes %s", c.Name(), want), seeHelp(c))
			}
			if strings.HasSuffix(want, "...") {
				return withHint(usagef("%s takes one argument or more: %s", c.Name(), want), seeHelp(c))
			}
			return withHint(usagef("%s takes one argument: %s", c.Name(), want), seeHelp(c))
		}
		return nil
	}
	c.SuggestionsMinimumDistance = 2
	c.DisableFlagsInUseLine = false
	for _, sub := range c.Commands() {
		usageArgs(sub)
	}
}

func seeHelp(c *cobra.Command) string { return "see: " + c.CommandPath() + " --help" }

func unknownCommand(c *cobra.Command, name string) error {
	var hints []string
	for _, near := range c.SuggestionsFor(name) {
		hints = append(hints, fmt.Sprintf("did you mean %q?", c.CommandPath()+" "+near))
	}
	return withHint(usagef("unknown command %q", c.CommandPath()+" "+name), append(hints, seeHelp(c))...)
}

// flagError names the flag that was meant.
func flagError(c *cobra.Command, err error) error {
	var hints []string
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		// cobra finds what is near among names of commands only.
		names := &cobra.Command{SuggestionsMinimumDistance: 2}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			names.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
		})
		for _, near := range names.SuggestionsFor(unknown.GetSpecifiedName()) {
			hints = append(hints, fmt.Sprintf("did you mean --%s?", near))
		}
	}
	return withHint(usageError{err}, append(hints, seeHelp(c))...)
}

// newHelp is "chancery help [COMMAND]".
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "explain a command",
		GroupID: groupAlso,
		Args:    cobra.ArbitraryArgs,
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			at, _, err := c.Root().Find(args)
			if err != nil || at == nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, sub := range at.Commands() {
				if sub.IsAvailableCommand() {
					names = append(names, sub.Name()+"\t"+sub.Short)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			at, rest, err := c.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return unknownCommand(at, rest[0])
			}
			at.InitDefaultHelpFlag()
			return at.Help()
		},
	}
}
