package main

import (
	"slices"

	"github.com/spf13/cobra"

	"chancery/config"
)

func newCompletion() *cobra.Command {
	shells := []string{"bash", "zsh", "fish"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "print shell completion for bash, zsh or fish",
		Long: `Print a script that completes commands, flags, folders, accounts, sources and
rules in your shell: bash, zsh or fish.`,
		Example: `  chancery completion bash > /etc/bash_completion.d/chancery
  chancery completion zsh > /usr/local/share/zsh/site-functions/_chancery
  chancery completion fish > ~/.config/fish/completions/chancery.fish`,
		Args:      cobra.ExactArgs(1),
		ValidArgs: shells,
		RunE: func(c *cobra.Command, args []string) error {
			switch w := c.OutOrStdout(); args[0] {
			case "bash":
				return c.Root().GenBashCompletionV2(w, true)
			case "zsh":
				return c.Root().GenZshCompletion(w)
			case "fish":
				return c.Root().GenFishCompletion(w, true)
			}
			return withHint(usagef("unknown shell %q", args[0]), "one of: bash, zsh, fish")
		},
	}
}

// complete offers names from the configuration for a flag. A configuration with
// problems offers what could be read of it.
func complete(c *cobra.Command, flag string, names func(*config.Config) []string) {
	_ = c.RegisterFlagCompletionFunc(flag, func(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		cfg, _ := config.LoadDir(configDir(c))
		return slices.Compact(slices.Sorted(slices.Values(names(cfg)))), cobra.ShellCompDirectiveNoFileComp
	})
}

// completeWords offers fixed words for a flag.
func completeWords(c *cobra.Command, flag string, words ...string) {
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// sourceNames are the names that status and journal use.
func sourceNames(cfg *config.Config) []string {
	var out []string
	for _, a := range cfg.Service.Accounts {
		if a.IMAP != nil {
			out = append(out, a.Name.Value)
			continue
		}
		for _, cal := range a.Calendars() {
			out = append(out, a.Name.Value+"/"+cal.Name.Value)
		}
	}
	return out
}

func mailAccounts(cfg *config.Config) []string {
	var out []string
	for _, a := range cfg.Service.Accounts {
		if a.IMAP != nil {
			out = append(out, a.Name.Value)
		}
	}
	return out
}

func mailboxNames(cfg *config.Config) []string {
	var out []string
	for _, a := range cfg.Service.Accounts {
		if a.IMAP == nil {
			continue
		}
		for _, m := range a.IMAP.Mailboxes {
			out = append(out, m.Value)
		}
	}
	return out
}

func ruleNames(cfg *config.Config) []string {
	var out []string
	for _, r := range cfg.Rules.Mail {
		out = append(out, r.Name.Value)
	}
	return out
}

// testedNames are the names that tests may speak of.
func testedNames(cfg *config.Config) []string {
	out := ruleNames(cfg)
	for _, r := range cfg.Rules.Calendar.Ranks {
		out = append(out, r.Name.Value)
	}
	for _, i := range cfg.Rules.Calendar.Ignore {
		out = append(out, i.Name.Value)
	}
	for _, c := range cfg.Rules.Calendar.Classes {
		out = append(out, c.Name.Value)
	}
	return append(out, "conflicts")
}

func known(names []string, name string) bool { return slices.Contains(names, name) }

// noArgument keeps the shell from offering file names.
func noArgument(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveNoFileComp
}
