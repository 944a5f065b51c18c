package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"chancery/internal/model"
	"chancery/sync/journal"
)

func newApprove() *cobra.Command {
	var o approveOptions
	c := &cobra.Command{
		Use:   "approve [SOURCE]",
		Short: "let go, or drop, what the brake on mass changes holds back",
		Long: `Show what the brake holds back and ask whether to let it go. The brake holds
filing when one read of a mailbox would move more of it than brake: in
chancery.yaml allows, and the notes and drafts of a rule that writes too many of
them in an hour: a rule with a mistake, or a day like no other. It also holds
changes of events when a calendar rule would answer or move more than 10 of one
person within an hour. Nothing is lost while it waits, and everything else goes
on.

What is let go is done by the running service at once, or by the next one that
starts. With --reject it is dropped for good: the rules are released for these
messages, as if a person had moved each one back.

Messages are named by place and reference, never by content; "chancery explain"
says why a rule wants to move one.`,
		Example: "  chancery approve\n  chancery approve gc-mail --yes\n  chancery approve gc-mail --reject",
		Args:    cobra.MaximumNArgs(1),
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return heldNames(c, args), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			o.dir = configDir(c)
			if len(args) == 1 {
				o.source = model.SourceID(args[0])
			}
			if o.list && (o.yes || o.reject) {
				return withHint(usagef("--list changes nothing, --yes and --reject do"), seeHelp(c))
			}
			return approve(c.Context(), c.OutOrStdout(), c.InOrStdin(), o)
		},
	}
	c.Flags().BoolVar(&o.yes, "yes", false, "do not ask")
	c.Flags().BoolVar(&o.reject, "reject", false, "drop the steps for good instead of letting them go")
	c.Flags().BoolVar(&o.list, "list", false, "show what waits and change nothing")
	c.Flags().BoolVar(&o.asJSON, "json", false, "print JSON; without --yes it changes nothing")
	return c
}

type approveOptions struct {
	dir                       string
	source                    model.SourceID // "": all
	yes, reject, list, asJSON bool
}

// heldGroup is what waits of one source.
type heldGroup struct {
	Source   model.SourceID
	Steps    int
	Since    time.Time
	Rules    map[string]int
	First    []heldStep // the first of them
	Approved int        `json:",omitempty"`
	Rejected int        `json:",omitempty"`
}

// heldStep is what may be shown of a step that waits: no place on the server, but
// for a mailbox that the configuration itself names.
type heldStep struct {
	Item    string // what the journal calls it
	Rule    string
	Kind    string
	Mailbox string `json:",omitempty"`
	UID     uint32 `json:",omitempty"`
	Planned time.Time
}

// firstHeld is how many steps of a source are shown one by one.
const firstHeld = 10

func approve(ctx context.Context, w io.Writer, in io.Reader, o approveOptions) error {
	l, err := load(o.dir)
	if err != nil {
		return err
	}
	groups, err := heldOf(ctx, l, o.source)
	if err != nil {
		return err
	}
	if o.asJSON {
		return approveJSON(ctx, w, l, groups, o)
	}
	if len(groups) == 0 {
		_, _ = fmt.Fprintln(w, "nothing waits for approval")
		return nil
	}
	answers := bufio.NewReader(in)
	for i := range groups {
		g := &groups[i]
		if i > 0 {
			_, _ = fmt.Fprintln(w)
		}
		g.print(w, l.cfg)
		switch {
		case o.list:
			continue
		case o.yes:
		case !person(in):
			return withHint(errors.New("approve: nobody is there to ask, so nothing was changed"), "say --yes to do it, or --list to look only")
		default:
			if yes, err := asked(w, answers, g, o.reject); err != nil {
				return err
			} else if !yes {
				_, _ = fmt.Fprintln(w, "left waiting")
				continue
			}
		}
		n, running, err := answerAll(ctx, l, g.Source, o.reject)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintln(w, done(n, o.reject, running))
	}
	return nil
}

func approveJSON(ctx context.Context, w io.Writer, l *loaded, groups []heldGroup, o approveOptions) error {
	for i := range groups {
		if !o.yes {
			break
		}
		n, _, err := answerAll(ctx, l, groups[i].Source, o.reject)
		if err != nil {
			return err
		}
		if o.reject {
			groups[i].Rejected = n
		} else {
			groups[i].Approved = n
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(groups)
}

// person reports whether somebody sits at in.
func person(in io.Reader) bool {
	f, ok := in.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// asked puts the question. No answer is no.
func asked(w io.Writer, in *bufio.Reader, g *heldGroup, reject bool) (bool, error) {
	question := "Let %s go? [y/N] "
	if reject {
		question = "Drop %s for good? [y/N] "
	}
	_, _ = fmt.Fprintf(w, "\n"+question, plural(g.Steps, "step"))
	line, err := in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("read answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true, nil
	}
	return false, nil
}

func done(n int, reject, running bool) string {
	switch {
	case reject:
		return plural(n, "step") + " dropped for good"
	case running:
		return plural(n, "step") + " let go; the service does them now"
	}
	return plural(n, "step") + " let go; the service does them when it starts"
}

// heldOf reads what waits. The source is that of a configuration, or one of which
// something waits.
func heldOf(ctx context.Context, l *loaded, source model.SourceID) ([]heldGroup, error) {
	groups := []heldGroup{}
	j, cleanup, err := peekJournal(ctx, l)
	if err != nil {
		return nil, err
	}
	defer cleanup()
	all, err := j.Held(ctx)
	if err != nil {
		return nil, err
	}
	known := source == ""
	for _, name := range sourceNames(l.cfg) {
		known = known || name == string(source)
	}
	for _, h := range all {
		if source != "" && h.Source != source {
			continue
		}
		known = true
		g := heldGroup{Source: h.Source, Steps: h.Steps, Since: h.Since, Rules: h.Rules}
		steps, err := j.HeldSteps(ctx, h.Source, firstHeld)
		if err != nil {
			return nil, err
		}
		for _, in := range steps {
			g.First = append(g.First, heldStep{j.Token("ref", string(in.Step.Ident))[:16], in.Step.Rule, in.Step.Action.Kind(),
				shown(l, in.Step.Ref), in.Step.Ref.UID, in.PlannedAt})
		}
		groups = append(groups, g)
	}
	if !known {
		return nil, withHint(usagef("no source %q in chancery.yaml", source), "sources: "+strings.Join(sourceNames(l.cfg), ", "))
	}
	return groups, nil
}

// heldNames completes SOURCE.
func heldNames(c *cobra.Command, args []string) []string {
	if len(args) > 0 {
		return nil
	}
	l, err := load(configDir(c))
	if err != nil {
		return nil
	}
	groups, err := heldOf(c.Context(), l, "")
	if err != nil {
		return nil
	}
	var out []string
	for _, g := range groups {
		out = append(out, string(g.Source))
	}
	return out
}

// answerAll asks the running service, which alone writes the journal, or opens
// the journal itself where none runs.
func answerAll(ctx context.Context, l *loaded, source model.SourceID, reject bool) (n int, running bool, err error) {
	q := request{Do: "approve", Source: source}
	if reject {
		q.Do = "reject"
	}
	r, err := askFor(ctx, socketPath(l.cfg), q)
	switch {
	case err == nil && r.Error != "":
		return 0, true, fmt.Errorf("%s: %s", q.Do, r.Error)
	case err == nil:
		return r.Answered, true, nil
	case !errors.Is(err, errNotRunning):
		return 0, false, err
	}
	j, err := openJournal(ctx, l.cfg, false)
	if err != nil {
		return 0, false, err
	}
	defer func() { _ = j.Close() }()
	n, err = answerHeld(ctx, j, q)
	return n, false, err
}

func answerHeld(ctx context.Context, j *journal.Journal, q request) (int, error) {
	if q.Do == "reject" {
		return j.Reject(ctx, q.Source, time.Now())
	}
	return j.Approve(ctx, q.Source, time.Now())
}

// answerHeld is the service's part: what was approved is done at once.
func (h *house) answerHeld(q request) (int, string) {
	n, err := answerHeld(context.Background(), h.journal, q)
	if err != nil {
		return n, err.Error()
	}
	if e := h.engine.Load(); e != nil && q.Do == "approve" {
		e.Wake(q.Source)
	}
	return n, ""
}
