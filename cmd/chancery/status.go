package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"chancery/internal/model"
	"chancery/sync"
	"chancery/sync/journal"
)

func newStatus() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "status",
		Short: "show how every source does, what waits and what is parked",
		Long: `Show how every mailbox and calendar does, what is open, done, released by
people, refused by servers, and which items are parked and why; how many bills
the ledger holds, when the billing note is due, and how PDFs are read. It asks
the running service and reads the journal; it shows no content of anyone's mail.
What a server answered may stand below the table.

Exit code 0 if all is well, 1 if something needs a person: the service does not
run, a source was not read for half an hour, no PDF can be read for as long, an
item is parked, the brake holds steps back.`,
		Example: "  chancery status\n  chancery status --json",
		RunE: func(c *cobra.Command, _ []string) error {
			r, err := gather(c.Context(), configDir(c))
			if err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(c.OutOrStdout())
				enc.SetIndent("", "  ")
				err = enc.Encode(r)
			} else {
				err = r.print(c.OutOrStdout())
			}
			if err == nil && r.NeedsPerson {
				return errSilent
			}
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// statusReport is all that "chancery status" knows.
type statusReport struct {
	Running     bool
	Rules       string `json:",omitempty"`
	Sources     []sync.Status
	Journal     journal.Summary
	Held        []heldStatus
	Parked      []parkedItem
	Bills       []billStatus // by source
	Notes       []noteStatus // the billing notes, by principal
	PDF         *pdfStatus   `json:",omitempty"` // if the service runs
	NeedsPerson bool
}

// heldStatus is what waits of one source until a person approves it.
type heldStatus struct {
	Source model.SourceID
	Steps  int
	Since  time.Time
}

// parkedItem is what may be shown of a parked item: no place on the server, but
// for a mailbox that the configuration itself names.
type parkedItem struct {
	Source  model.SourceID
	Item    string // what the journal calls it
	Rule    string `json:",omitempty"`
	Code    string
	Mailbox string `json:",omitempty"`
	UID     uint32 `json:",omitempty"`
	Place   string `json:",omitempty"` // in the item, e.g. a line number
	Since   time.Time
	Count   int
}

// sickStates need a person; the others mend themselves, or so one hopes for
// patience.
var sickStates = []string{"auth", "config", "protocol", "taken-over"}

const patience = 30 * time.Minute

func sick(s sync.Status) bool {
	return slices.Contains(sickStates, s.State) || s.Code != "" && time.Since(s.Pulled) > patience
}

func gather(ctx context.Context, dir string) (statusReport, error) {
	var r statusReport
	l, err := load(dir)
	if err != nil {
		return r, err
	}
	live, err := ask(ctx, socketPath(l.cfg), "status")
	switch {
	case err == nil:
		r.Running, r.Rules, r.Sources, r.PDF = true, live.Rules, live.Status, live.PDF
		for i := range r.Sources {
			if s := &r.Sources[i]; s.State == "taken-over" {
				s.Code = s.State // not that of a connection
			}
		}
	case !errors.Is(err, errNotRunning):
		return r, err
	}
	j, cleanup, err := peekJournal(ctx, l)
	if err != nil {
		return r, err
	}
	defer cleanup()
	if r.Journal, err = j.Summary(ctx); err != nil {
		return r, err
	}
	parked, err := j.ParkedItems(ctx)
	if err != nil {
		return r, err
	}
	for _, p := range parked {
		r.Parked = append(r.Parked, parkedItem{p.Source, p.Short, p.Rule, p.Code, shown(l, p.Ref), p.Ref.UID, p.Place, p.Since, p.Count})
	}
	held, err := j.Held(ctx)
	if err != nil {
		return r, err
	}
	for _, h := range held {
		r.Held = append(r.Held, heldStatus{h.Source, h.Steps, h.Since})
	}
	if r.Bills, err = tallyBills(ctx, j, l, time.Now()); err != nil {
		return r, err
	}
	if r.Notes, err = tallyNotes(ctx, j, l, time.Now()); err != nil {
		return r, err
	}
	r.NeedsPerson = !r.Running || len(r.Parked)+len(r.Held) > 0 || slices.ContainsFunc(r.Sources, sick) || r.sickPDF()
	return r, nil
}

func (r statusReport) print(w io.Writer) error {
	if r.Running {
		_, _ = fmt.Fprintf(w, "running, rule set %s\n", short(r.Rules))
	} else {
		_, _ = fmt.Fprintln(w, "not running")
		_, _ = fmt.Fprintln(w, wrapHint("    ", "start it with: systemctl start chancery, or: chancery run"))
	}
	if len(r.Sources) > 0 {
		t := newTable("SOURCE", "STATE", "SINCE", "LAST READ", "READ", "DONE", "REFUSED", "PROBLEM")
		for _, s := range r.Sources {
			t.row(string(s.Source), s.State, ago(s.Since), ago(s.Pulled), number(s.Changes), number(s.Applied), number(s.Refused), dash(s.Code))
		}
		t.print(w)
		r.sayProblems(w)
	}
	if len(r.Journal.Sources) > 0 {
		t := newTable("JOURNAL", "SINCE", "OPEN", "HELD", "DONE", "LOST", "REFUSED", "RELEASED", "PARKED")
		for _, s := range r.Journal.Sources {
			n := func(states ...journal.State) string {
				sum := 0
				for _, state := range states {
					sum += s.Steps[state]
				}
				return number(sum)
			}
			t.row(of(s.Source), ago(s.Baseline), n(journal.StatePlanned, journal.StateSent), n(journal.StateHeld), n(journal.StateConfirmed),
				n(journal.StateLost), n(journal.StateRefused), number(s.Released), number(s.Parked))
		}
		t.print(w)
	}
	r.sayBills(w)
	r.sayHeld(w)
	r.sayParked(w)
	return nil
}

// sayHeld tells what the brake holds back and what to do about it.
func (r statusReport) sayHeld(w io.Writer) {
	for _, h := range r.Held {
		_, _ = fmt.Fprintf(w, "\n%s: %s for approval since %s\n", h.Source, waits(h.Steps), clock(h.Since))
		_, _ = fmt.Fprintln(w, wrapHint("    ", "look at them and let them go, or drop them: chancery approve "+string(h.Source)))
	}
}

// sayProblems tells, below the table, what a source failed with and what to do.
func (r statusReport) sayProblems(w io.Writer) {
	for _, s := range r.Sources {
		if s.Code == "" {
			continue
		}
		_, _ = fmt.Fprintf(w, "\n%s\n", s.Source)
		sayDetail(w, "    ", s)
	}
}

func (p parkedItem) where() string {
	where := p.Mailbox
	if p.UID != 0 {
		where += fmt.Sprintf(" UID %d", p.UID)
	}
	if p.Place != "" {
		where += " " + p.Place
	}
	return dash(strings.TrimSpace(where))
}

// mostParked bounds the list on a screen; --json has all.
const mostParked = 50

func (r statusReport) sayParked(w io.Writer) {
	if len(r.Parked) == 0 {
		return
	}
	t := newTable("PARKED", "ITEM", "REASON", "WHERE", "SINCE")
	var codes []string
	for i, p := range r.Parked {
		if !slices.Contains(codes, p.Code) {
			codes = append(codes, p.Code)
		}
		if i < mostParked {
			t.row(string(p.Source), dash(item(p.Item)), p.Code, p.where(), ago(p.Since))
		}
	}
	t.print(w)
	if more := len(r.Parked) - mostParked; more > 0 {
		_, _ = fmt.Fprintf(w, "and %d more: chancery status --json\n", more)
	}
	for _, code := range codes {
		if hint := advice(code); hint != "" {
			_, _ = fmt.Fprintf(w, "\n%s\n%s\n", code, wrapHint("    ", hint))
		}
	}
}
