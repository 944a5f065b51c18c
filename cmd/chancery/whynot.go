package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules"
	"chancery/sync/journal"
)

func newWhyNot() *cobra.Command {
	var o whyNotOptions
	c := &cobra.Command{
		Use:   "why-not RULE MESSAGE-ID|UID",
		Short: "say why a rule did not act on a message",
		Long: `Take one rule and one message and say what keeps the one from acting on the
other: its mode, a switch of the account's users, the folder, a person who
overruled it, a rule above that stops; then each condition of the rule with its
value and place. The first that failed is marked with >, and below each stands
what would have to be otherwise: "terms.privilege was found only in a footer".

Name the message by its Message-ID, or by its IMAP UID with --account and
--mailbox. The output shows content: run it where only people who may read this
mail can see the screen.`,
		Example: "  chancery why-not privileged '<20260301.1234@counsel.example>'\n  chancery why-not invoices 4711 --account gc-mail --mailbox INBOX",
		Args:    cobra.ExactArgs(2),
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			cfg, _ := config.LoadDir(configDir(c))
			return ruleNames(cfg), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			o.dir, o.rule, o.what = configDir(c), args[0], args[1]
			return whyNot(c.Context(), c.OutOrStdout(), o)
		},
	}
	c.Flags().StringVar(&o.account, "account", "", "mail account to look in (default: all)")
	c.Flags().StringVar(&o.mailbox, "mailbox", "INBOX", "with an IMAP UID: the mailbox")
	c.Flags().BoolVar(&o.asJSON, "json", false, "print JSON")
	complete(c, "account", mailAccounts)
	complete(c, "mailbox", mailboxNames)
	return c
}

type whyNotOptions struct {
	explainOptions
	rule   string
	asJSON bool
}

func whyNot(ctx context.Context, w io.Writer, o whyNotOptions) error {
	l, err := load(o.dir)
	if err != nil {
		return err
	}
	if !known(ruleNames(l.cfg), o.rule) {
		if known(testedNames(l.cfg), o.rule) {
			return withHint(usagef("%q ranks events and not mail", o.rule), "chancery explain tells of an event why it is ranked as it is")
		}
		return withHint(usagef("no rule %q", o.rule), "see: chancery rules")
	}
	j, cleanup, err := peekJournal(ctx, l)
	if err != nil {
		return err
	}
	defer cleanup()
	found, problems := findMessages(ctx, l, j, o.explainOptions)
	if len(found) == 0 {
		for _, p := range problems {
			_, _ = fmt.Fprintf(w, "%s: cannot be read\n", p.account)
			sayFailure(w, "    ", p.err)
		}
		return withHint(fmt.Errorf("why-not: no message %s was found", o.what),
			"the message may lie in a mailbox that no account follows", "an IMAP UID needs --account and --mailbox")
	}
	if !o.asJSON {
		sayRuleSet(ctx, w, l)
	}
	var all []whyJSON
	for _, m := range found {
		n, err := whyNotOne(ctx, w, l, j, m, o)
		if err != nil {
			return err
		}
		all = append(all, n)
	}
	if o.asJSON {
		return printJSON(w, all)
	}
	return nil
}

func whyNotOne(ctx context.Context, w io.Writer, l *loaded, j *journal.Journal, m model.Message, o whyNotOptions) (whyJSON, error) {
	v, released, err := viewOf(ctx, l, j, &m)
	if err != nil {
		return whyJSON{}, err
	}
	n, ok := l.set.WhyNot(o.rule, change(m), v)
	if !ok {
		return whyJSON{}, errors.New("why-not: the rule cannot be asked about this message")
	}
	if !o.asJSON {
		sayMessage(w, l, m, v, released)
		if err := sayOld(ctx, w, l, j, m); err != nil {
			return whyJSON{}, err
		}
		_, _ = fmt.Fprintf(w, "\n    %s\n", verdictOf(n))
		sayWhyNot(w, "    ", n)
		for _, line := range n.Detail.Reveal().Would {
			_, _ = fmt.Fprintln(w, hanging("          does    ", oneLine(line)))
		}
	}
	out := whyOf(n)
	out.Source, out.Mailbox, out.UID = string(m.Ref.Source), string(m.Ref.Mailbox), m.Ref.UID
	return out, nil
}

// verdictOf says in a sentence what the rule makes of the message.
func verdictOf(n rules.WhyNot) string {
	shut := 0
	for _, g := range n.Gates {
		if !g.Open {
			shut++
		}
	}
	switch {
	case n.Matched && shut == 0:
		return n.Rule + " matches this message and acts"
	case n.Matched:
		return n.Rule + " matches this message and does not act"
	}
	return n.Rule + " " + sentence(n.Outcome)
}

// whyJSON is a WhyNot for programs.
type whyJSON struct {
	Source  string `json:",omitempty"`
	Mailbox string `json:",omitempty"`
	UID     uint32 `json:",omitempty"`
	Rule    string
	Place   string
	Matched bool
	Outcome string
	Gates   []rules.Gate
	Clauses []rules.Clause
	Error   string `json:",omitempty"`
}

func whyOf(n rules.WhyNot) whyJSON {
	return whyJSON{Rule: n.Rule, Place: n.Place, Matched: n.Matched, Outcome: n.Outcome, Gates: n.Gates, Clauses: n.Clauses.Reveal(), Error: n.Detail.Reveal().Error}
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
