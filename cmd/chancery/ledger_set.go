package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"chancery/internal/model"
	"chancery/sync/journal"
)

func newLedgerSet(name, state, short string) *cobra.Command {
	return &cobra.Command{
		Use:   name + " ID...",
		Short: short,
		Long: strings.ToUpper(short[:1]) + short[1:] + `. What a person says of a
bill, no mail changes any more; "ledger open", "paid", "dispute" and "void" take
each other back. Due dates and reminders follow at once where the service runs.

Bills go by the beginning of their ID, as "chancery ledger" shows it. If one is
not known, nothing changes.`,
		Example:           "  chancery ledger " + name + " 3f2a91c0 77b0",
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: billIDs,
		RunE: func(c *cobra.Command, args []string) error {
			return changeLedger(c, args, ledgerChange{State: state})
		},
	}
}

func newLedgerForget() *cobra.Command {
	return &cobra.Command{
		Use:   "forget ID...",
		Short: "take bills out of the ledger for good",
		Long: `Take bills out of the ledger for good. The journal keeps that it was done, and
nothing of what stood in the bill. A mail that is read again brings its bill
back; copies in older backups stay. "ledger void" is for a bill that does not
count.`,
		Example:           "  chancery ledger forget 3f2a91c0",
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: billIDs,
		RunE: func(c *cobra.Command, args []string) error {
			return changeLedger(c, args, ledgerChange{Forget: true})
		},
	}
}

// ledgerChange is what a person says of bills.
type ledgerChange struct {
	Bills  []string `json:"bills"`
	State  string   `json:"state,omitempty"`
	Forget bool     `json:"forget,omitempty"`
}

// do carries it out and returns the IDs of the bills that it changed.
func (q ledgerChange) do(ctx context.Context, j *journal.Journal) (changed []string, err error) {
	for _, id := range q.Bills {
		var done bool
		if q.Forget {
			n, e := j.ForgetBills(ctx, []string{id}, time.Now())
			done, err = n > 0, e
		} else {
			done, err = j.SetBillState(ctx, id, q.State, journal.ByPerson, time.Now())
		}
		if err != nil {
			return changed, err
		}
		if done {
			changed = append(changed, id)
		}
	}
	return changed, nil
}

// changeLedger names the bills that are meant, changes them and says which changed.
func changeLedger(c *cobra.Command, args []string, q ledgerChange) error {
	var meant []model.Bill
	var l *bills
	err := withJournal(c, func(ctx context.Context, j *journal.Journal) (err error) {
		if l, err = readBills(ctx, j); err == nil {
			meant, err = l.find(args)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, b := range meant {
		q.Bills = append(q.Bills, b.ID)
	}
	changed, err := q.send(c.Context(), configDir(c))
	sayChanged(c.OutOrStdout(), l, meant, changed, q)
	return err
}

// send asks the running service, which alone writes the journal, or opens the journal
// itself where none runs.
func (q ledgerChange) send(ctx context.Context, dir string) ([]string, error) {
	l, err := load(dir)
	if err != nil {
		return nil, err
	}
	r, err := askFor(ctx, socketPath(l.cfg), request{Do: "ledger", Ledger: &q})
	switch {
	case err == nil && r.Error != "":
		return r.Bills, fmt.Errorf("change ledger: %s", r.Error)
	case err == nil:
		return r.Bills, nil
	case !errors.Is(err, errNotRunning):
		return nil, err
	}
	j, err := openJournal(ctx, l.cfg, false)
	if err != nil {
		return nil, err
	}
	defer func() { _ = j.Close() }()
	return q.do(ctx, j)
}

// changeLedger is the service's part: due dates follow at once.
func (h *house) changeLedger(q *ledgerChange) (r reply) {
	if q == nil {
		return reply{Error: "unknown request"}
	}
	changed, err := q.do(context.Background(), h.journal)
	r.Bills = changed
	if err != nil {
		r.Error = err.Error()
	}
	if e := h.engine.Load(); e != nil && len(changed) > 0 {
		e.Billed()
	}
	return r
}

func sayChanged(w io.Writer, l *bills, meant []model.Bill, changed []string, q ledgerChange) {
	done := map[string]bool{}
	for _, id := range changed {
		done[id] = true
	}
	for _, b := range meant {
		what := q.State
		switch {
		case q.Forget && done[b.ID]:
			what = "forgotten"
		case q.Forget:
			what = "not there any more"
		case !done[b.ID]:
			what = "said before to be " + q.State
		}
		_, _ = fmt.Fprintf(w, "%s  %s  %s\n", l.id(b), terminal(strings.Join(strings.Fields(b.Number+" "+b.Name+" "+money(b)), " ")), what)
	}
}
