package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"chancery/config"
)

func newDoctor() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "doctor [ACCOUNT]",
		Short: "connect to an account and say what its server can and cannot do",
		Long: `Connect to an account as the service would, and say in plain words whether it is
reached, whether the login works, what the server can do and what follows from
it, which rights are missing, and what the rules in force need that the server
lacks. Every line is ok, a note or a problem; what to do stands below it.

Without an account, every account is looked at and only notes and problems are
shown; then what reading files and bills needs: a reader of PDF that starts, the
matter list, who you are, where due dates and notes go. Nothing is stored on any
server, and no content of mail or calendars is read or shown. It works beside
the running service.

Exit code 0 if there is no problem, 1 if there is one.`,
		Example: "  chancery doctor\n  chancery doctor gc-mail\n  chancery doctor --json",
		Args:    cobra.MaximumNArgs(1),
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			cfg, _ := config.LoadDir(configDir(c))
			return accountNames(cfg), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			l, err := load(configDir(c))
			if err != nil {
				return err
			}
			accounts, err := chosen(l.cfg, args)
			if err != nil {
				return err
			}
			return doctor(c.Context(), c.OutOrStdout(), l, accounts, asJSON, len(args) == 0)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func accountNames(cfg *config.Config) []string {
	var out []string
	for _, a := range cfg.Service.Accounts {
		out = append(out, a.Name.Value)
	}
	return out
}

// chosen is the account that was named, or all.
func chosen(cfg *config.Config, args []string) ([]config.Account, error) {
	if len(args) == 0 {
		return cfg.Service.Accounts, nil
	}
	name, _, _ := strings.Cut(args[0], "/") // a source of the account will do
	for _, a := range cfg.Service.Accounts {
		if a.Name.Value == name {
			return []config.Account{a}, nil
		}
	}
	return nil, withHint(usagef("no account %q in chancery.yaml", args[0]), "accounts: "+strings.Join(accountNames(cfg), ", "))
}

// Levels of a finding.
const (
	levelOK      = "ok"
	levelNote    = "note"
	levelProblem = "problem"
)

// finding is one line of the doctor's.
type finding struct {
	Level string
	About string
	Text  string
	Hint  string `json:",omitempty"`
}

// checkup is what was found of one account.
type checkup struct {
	Account  string
	Kind     string // "mail", "calendar", or "house" for what is no account's
	Server   string // as the configuration names it
	Findings []finding
}

func (k *checkup) ok(about, format string, args ...any) {
	k.add(levelOK, about, "", format, args...)
}

func (k *checkup) note(about, hint, format string, args ...any) {
	k.add(levelNote, about, hint, format, args...)
}

func (k *checkup) problem(about, hint, format string, args ...any) {
	k.add(levelProblem, about, hint, format, args...)
}

func (k *checkup) add(level, about, hint, format string, args ...any) {
	text := format
	if len(args) > 0 {
		text = fmt.Sprintf(format, args...)
	}
	k.Findings = append(k.Findings, finding{level, about, printable(text), hint})
}

func (k *checkup) count(level string) int {
	n := 0
	for _, f := range k.Findings {
		if f.Level == level {
			n++
		}
	}
	return n
}

// doctor looks at accounts one after the other.
func doctor(ctx context.Context, w io.Writer, l *loaded, accounts []config.Account, asJSON, brief bool) error {
	all := []*checkup{}
	for i, a := range accounts {
		k, err := examine(ctx, l, a)
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return errors.New("interrupted")
		}
		all = append(all, k)
		if !asJSON {
			if i > 0 {
				_, _ = fmt.Fprintln(w)
			}
			k.print(w, brief)
		}
	}
	if k := examineBilling(ctx, l); brief && k != nil {
		all = append(all, k)
		if !asJSON {
			_, _ = fmt.Fprintln(w)
			k.print(w, brief)
		}
	}
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		if err := enc.Encode(all); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(all, func(k *checkup) bool { return k.count(levelProblem) > 0 }) {
		return errSilent
	}
	return nil
}

func examine(ctx context.Context, l *loaded, a config.Account) (*checkup, error) {
	switch {
	case a.IMAP != nil:
		return examineMail(ctx, l, a)
	case a.Google != nil:
		return examineGoogle(ctx, l, a)
	}
	return examineCalendars(ctx, l, a)
}

// verdict is the account in a few words.
func (k *checkup) verdict() string {
	problems, notes := k.count(levelProblem), k.count(levelNote)
	out := "all is well"
	if problems > 0 {
		out = plural(problems, "problem")
	}
	if notes > 0 {
		out += ", " + plural(notes, "note")
	}
	return out
}

// Columns of a finding.
const (
	columnAbout = 9
	columnText  = 22
)

func (k *checkup) print(w io.Writer, brief bool) {
	_, _ = fmt.Fprintf(w, "%s at %s: %s\n", k.Account, k.Server, k.verdict())
	first := true
	for _, f := range k.Findings {
		if brief && f.Level == levelOK {
			continue
		}
		if first {
			_, _ = fmt.Fprintln(w)
			first = false
		}
		indent := strings.Repeat(" ", columnText)
		head := fmt.Sprintf("%-*s%-*s", columnAbout, f.Level, columnText-columnAbout, f.About)
		_, _ = fmt.Fprintln(w, head+strings.TrimPrefix(wrap(indent, f.Text), indent))
		if f.Hint != "" {
			_, _ = fmt.Fprintln(w, wrapHint(indent, f.Hint))
		}
	}
}
