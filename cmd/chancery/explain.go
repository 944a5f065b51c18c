package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"chancery/config"
	"chancery/connectors/imap"
	"chancery/internal/model"
	"chancery/rules"
	"chancery/sync"
	"chancery/sync/journal"
)

func newExplain() *cobra.Command {
	var o explainOptions
	c := &cobra.Command{
		Use:   "explain MESSAGE-ID|UID",
		Short: "say why a message or an event was treated as it was",
		Long: `Say what the journal knows about one message or event, and what every rule makes
of it now: the rule set, which rule matched, which words in which zone and where
there, the value of each condition and of what it is made of, with
file:line:col; what the message's thread, people and users.d contribute. Of a
bill it says where each fact was found; of other mail why it is no bill, which
files were not read, and what keeps rules from filing it. For one rule that did
not match, see "chancery why-not".

Name a message by its Message-ID, or by its IMAP UID with --account and
--mailbox. Name an event by its iCalendar UID: then it says how the event ranks,
what it clashes with, who yields and by what, what was done, and which times
would be offered.

The output shows content: run it where only people who may read this mail can
see the screen.`,
		Example: "  chancery explain '<20260301.1234@counsel.example>'\n  chancery explain 4711 --account gc-mail --mailbox INBOX\n  chancery explain 0c2a7f31-5d1e-4f1b-9a55-3a1d9e6f7b20",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.dir, o.what = configDir(c), args[0]
			return explain(c.Context(), c.OutOrStdout(), o)
		},
	}
	c.Flags().StringVar(&o.account, "account", "", "mail account to look in (default: all)")
	c.Flags().StringVar(&o.mailbox, "mailbox", "INBOX", "with an IMAP UID: the mailbox")
	c.Flags().BoolVar(&o.all, "all", false, "also rules that do not match")
	c.ValidArgsFunction = noArgument
	complete(c, "account", mailAccounts)
	complete(c, "mailbox", mailboxNames)
	return c
}

type explainOptions struct {
	dir, what, account, mailbox string
	all                         bool
}

func explain(ctx context.Context, w io.Writer, o explainOptions) error {
	l, err := load(o.dir)
	if err != nil {
		return err
	}
	j, cleanup, err := peekJournal(ctx, l)
	if err != nil {
		return err
	}
	defer cleanup()
	intents, err := j.ByMessageID(ctx, o.what)
	if err == nil && len(intents) == 0 && !strings.HasPrefix(o.what, "<") {
		intents, err = j.ByMessageID(ctx, "<"+o.what+">")
	}
	if err != nil {
		return err
	}
	sayRuleSet(ctx, w, l)
	printHistory(w, intents)
	found, problems := findMessages(ctx, l, j, o)
	for _, m := range found {
		if err := explainMessage(ctx, w, l, j, m, o.all); err != nil {
			return err
		}
	}
	events, err := explainEvent(ctx, w, l, j, o.what, len(intents)+len(found) == 0)
	if err != nil {
		return err
	}
	if len(intents)+len(found)+events > 0 {
		return nil
	}
	for _, p := range problems {
		_, _ = fmt.Fprintf(w, "%s: cannot be read\n", p.account)
		sayFailure(w, "    ", p.err)
	}
	return withHint(fmt.Errorf("explain: nothing is known about %s", o.what),
		"the message may lie in a mailbox that no account follows", "an IMAP UID needs --account and --mailbox")
}

// printHistory tells what the journal has about the item.
func printHistory(w io.Writer, intents []journal.Intent) {
	if len(intents) > 0 {
		_, _ = fmt.Fprintln(w, "\nin the journal")
	}
	for _, in := range intents {
		_, _ = fmt.Fprintf(w, "    %s  %s: %s\n", clock(in.PlannedAt), in.State, describe(in.Step))
		sayWhy(w, in.Step.Why.Reveal(), in.Step.Rule, in.Step.Place)
		ended := ""
		if !in.EndedAt.IsZero() {
			ended = ", ended " + clock(in.EndedAt)
		}
		if in.Code != "" {
			ended += ", " + in.Code
		}
		_, _ = fmt.Fprintf(w, "        rule set %s%s\n", short(in.Step.Version), ended)
	}
}

// unread is an account that could not be asked.
type unread struct {
	account string
	err     error
}

// findMessages asks the servers for the message. A server that cannot be asked
// does not keep the others from answering.
func findMessages(ctx context.Context, l *loaded, j *journal.Journal, o explainOptions) (found []model.Message, problems []unread) {
	uid, err := strconv.ParseUint(o.what, 10, 32)
	byUID := err == nil && uid > 0
	for _, a := range l.cfg.Service.Accounts {
		if a.IMAP == nil || o.account != "" && a.Name.Value != o.account {
			continue
		}
		ms, err := findIn(ctx, l, a, j, o, byUID, uint32(uid))
		if err != nil {
			problems = append(problems, unread{a.Name.Value, err})
		}
		found = append(found, ms...)
	}
	return found, problems
}

func findIn(ctx context.Context, l *loaded, a config.Account, j *journal.Journal, o explainOptions, byUID bool, uid uint32) ([]model.Message, error) {
	// Texts and files in any case, for the eyes; the text of files as the rules ask.
	need := model.Need{Text: true, Files: true, FileText: l.set.Need().FileText, Invite: true, Bills: l.set.Need().Bills}
	spec, err := mailSource(l.cfg, a, j, wiring{readOnly: true, all: true, need: func() model.Need { return need }})
	if err != nil {
		return nil, err
	}
	src, err := spec.Open(ctx, journal.Position{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = src.Close() }()
	mail, ok := src.(*imap.Source)
	switch {
	case !ok:
		return nil, nil
	case byUID:
		return mail.FindUID(ctx, o.mailbox, uid)
	}
	id := o.what
	if !strings.HasPrefix(id, "<") {
		id = "<" + id + ">"
	}
	ms, err := mail.Find(ctx, id)
	if err != nil || len(ms) > 0 {
		return ms, err
	}
	return findFiled(ctx, mail, j, spec.ID, id)
}

// findFiled looks for a message where we filed it: no account need follow that mailbox.
func findFiled(ctx context.Context, mail *imap.Source, j *journal.Journal, source model.SourceID, id string) ([]model.Message, error) {
	intents, err := j.ByMessageID(ctx, id)
	if err != nil {
		return nil, err
	}
	var at []model.Ref
	for _, in := range intents {
		if _, filed := in.Step.Action.(model.File); filed && in.Step.Source == source && in.State == journal.StateConfirmed && in.Ref.UID != 0 {
			at = append(at, in.Ref)
		}
	}
	changes, err := mail.Look(ctx, at)
	var found []model.Message
	for _, c := range changes {
		if c.Message != nil && c.Message.Body.Present() {
			found = append(found, *c.Message)
		}
	}
	return found, err
}

func explainMessage(ctx context.Context, w io.Writer, l *loaded, j *journal.Journal, m model.Message, all bool) error {
	v, released, err := viewOf(ctx, l, j, &m)
	if err != nil {
		return err
	}
	sayMessage(w, l, m, v, released)
	if err := sayOld(ctx, w, l, j, m); err != nil {
		return err
	}
	views := []model.View{v}
	if err := sync.BillViews(ctx, j, l.set, []model.Change{change(m)}, views); err != nil {
		return err
	}
	v = views[0]
	explainBill(w, l, change(m), v)
	matched := 0
	for _, verdict := range l.set.Explain(change(m), v) {
		if verdict.Matched {
			matched++
		}
		if verdict.Matched || all {
			printVerdict(w, verdict)
		}
	}
	if matched == 0 && !all {
		_, _ = fmt.Fprintln(w, "\n    no rule matches; --all shows what each rule looked for, and")
		_, _ = fmt.Fprintln(w, "    chancery why-not RULE MESSAGE what one rule is missing")
	}
	return nil
}

func printVerdict(w io.Writer, v rules.Verdict) {
	d := v.Detail.Reveal()
	_, _ = fmt.Fprintf(w, "\n    %s: %s\n        %s\n", v.Rule, sentence(v.Outcome), v.Place)
	if v.Switched != "" {
		_, _ = fmt.Fprintf(w, "        switched for this account at %s\n", v.Switched)
	}
	for _, p := range d.Parts {
		below := strings.Repeat(" ", 25)
		_, _ = fmt.Fprintln(w, hanging(fmt.Sprintf("        %-6s  %-5s  ", p.Clause, p.Value), oneLine(p.Text)))
		_, _ = fmt.Fprintf(w, "%s%s\n", below, p.Place)
		for _, in := range p.Inner {
			_, _ = fmt.Fprintln(w, hanging(below, oneLine(in.Text)+" = "+oneLine(in.Value)))
		}
	}
	for _, line := range d.Places {
		sayClause(w, "word", oneLine(line))
	}
	for _, x := range d.Values {
		sayClause(w, "value", x.Name+" = "+oneLine(x.Value))
	}
	for _, line := range d.Would {
		sayClause(w, "does", oneLine(line))
	}
	if d.Error != "" {
		sayClause(w, "error", d.Error)
	}
}

func sayClause(w io.Writer, clause, text string) {
	_, _ = fmt.Fprintln(w, hanging(fmt.Sprintf("        %-6s  ", clause), text))
}

// sentence says in a sentence why a rule has an effect or none.
func sentence(o string) string {
	switch o {
	case "acts":
		return "matches and acts"
	case "observe":
		return "matches, and only observes (mode: observe)"
	case "released":
		return "matches, but a person overruled it for this item"
	case "no match":
		return "does not match"
	case "unless":
		return "does not match, because of unless"
	case "off":
		return "is off (mode: off)"
	case "account":
		return "is for other mail accounts"
	case "folder":
		return "does not look into this mailbox"
	case "stopped":
		return "not asked: a rule above it says stop"
	case "old":
		return "not asked: the message was there before the first start"
	case "own":
		return "not asked: chancery wrote this message itself"
	case "cost":
		return "gave up: it costs too much for this message"
	case "error":
		return "failed for this message"
	}
	return o
}
