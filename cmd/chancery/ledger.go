package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"chancery/internal/model"
	"chancery/rules/billing"
	"chancery/sync/journal"
)

func newLedger() *cobra.Command {
	c := &cobra.Command{
		Use:   "ledger",
		Short: "list the bills that mail told of; mark them paid",
		Long: `List what the ledger remembers of bills: those that are open, the first due
first. Sums are of what is to be paid and to be collected; notices and what
repeats another bill are not added up.

Bills go by the beginning of their ID. "ledger show" tells everything about one,
"ledger paid", "open", "dispute" and "void" say where it stands: what a person
says, no mail changes any more.

This prints what stands in your mail, because you hold the install key.`,
		Example: "  chancery ledger --due-before 2026-12-01\n  chancery ledger --all --vendor \"court reporting\"\n  chancery ledger paid 3f2a91c0\n  chancery ledger export --all > ledger.csv",
	}
	lists(c)
	c.AddCommand(newLedgerList(), newLedgerShow(), newLedgerExport(),
		newLedgerSet("paid", journal.BillPaid, "say that bills are paid"),
		newLedgerSet("open", journal.BillOpen, "say that bills are open after all"),
		newLedgerSet("dispute", journal.BillDisputed, "say that bills are disputed"),
		newLedgerSet("void", journal.BillVoid, "say that bills are void: withdrawn, credited, repeated"),
		newLedgerForget(), newLedgerReread())
	return c
}

func newLedgerList() *cobra.Command {
	c := &cobra.Command{
		Use:     "list",
		Short:   "list bills, as ledger alone does",
		Long:    "List what the ledger remembers of bills, as \"chancery ledger\" does.",
		Example: "  chancery ledger list --all",
	}
	lists(c)
	c.ValidArgsFunction = noArgument
	return c
}

// lists makes a command list the bills that its flags choose.
func lists(c *cobra.Command) {
	var f ledgerFilter
	var asJSON bool
	f.flags(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.RunE = func(c *cobra.Command, _ []string) error {
		return withBills(c, &f, func(l *bills, list []model.Bill) error {
			if asJSON {
				return printBills(c.OutOrStdout(), list)
			}
			l.print(c.OutOrStdout(), list)
			return nil
		})
	}
}

func newLedgerExport() *cobra.Command {
	var f ledgerFilter
	var asJSON bool
	c := &cobra.Command{
		Use:   "export",
		Short: "print bills as CSV, for a spreadsheet",
		Long: `Print bills as CSV (RFC 4180) with a line of column names, or as JSON: the open
ones, or those that the flags choose. The billing note has the same columns. A
text that a spreadsheet would compute has an apostrophe before it.`,
		Example: "  chancery ledger export --all > ledger.csv\n  chancery ledger export --paid --json",
		RunE: func(c *cobra.Command, _ []string) error {
			return withBills(c, &f, func(_ *bills, list []model.Bill) error {
				if asJSON {
					return printBills(c.OutOrStdout(), list)
				}
				_, err := io.WriteString(c.OutOrStdout(), billing.WriteLedger(list))
				return err
			})
		},
	}
	f.flags(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.ValidArgsFunction = noArgument
	return c
}

// ledgerFilter says which bills are meant.
type ledgerFilter struct {
	all, paid, duplicates, doubtful   bool
	dueBefore, client, matter, vendor string
	due                               time.Time
}

func (f *ledgerFilter) flags(c *cobra.Command) {
	c.Flags().BoolVar(&f.all, "all", false, "also those that are paid, disputed or void")
	c.Flags().BoolVar(&f.paid, "paid", false, "only those that are paid")
	c.Flags().StringVar(&f.dueBefore, "due-before", "", "only those due before this day, as 2026-12-01")
	c.Flags().StringVar(&f.client, "client", "", "only those of this client, or a part of its name")
	c.Flags().StringVar(&f.matter, "matter", "", "only those of matters whose number begins so")
	c.Flags().StringVar(&f.vendor, "vendor", "", "only those of who bills, or a part of the name")
	c.Flags().BoolVar(&f.duplicates, "duplicates", false, "only those that seem to repeat another bill")
	c.Flags().BoolVar(&f.doubtful, "doubtful", false, "only those to check, also disputed ones")
	for _, flag := range []string{"due-before", "client", "matter", "vendor"} {
		completeWords(c, flag)
	}
}

func (f *ledgerFilter) check() error {
	if f.all && f.paid {
		return usagef("--all and --paid cannot both be meant")
	}
	due, err := dayOf(f.dueBefore, time.Time{}, time.UTC)
	if f.dueBefore != "" {
		f.due = due
	}
	return err
}

func (f *ledgerFilter) wants(b model.Bill) bool {
	part := func(of, in string) bool { return strings.Contains(strings.ToLower(in), strings.ToLower(of)) }
	switch {
	case f.paid && b.State != journal.BillPaid,
		!f.paid && !f.all && b.State != journal.BillOpen && !(f.doubtful && b.State == journal.BillDisputed),
		!f.due.IsZero() && (b.Due == 0 || int64(b.Due) >= f.due.Unix()),
		f.client != "" && !part(f.client, b.Client),
		f.matter != "" && !strings.HasPrefix(b.Matter, f.matter),
		f.vendor != "" && !part(f.vendor, b.Name) && !part(f.vendor, b.Vendor),
		f.duplicates && len(b.Twins) == 0,
		f.doubtful && !doubted(b):
		return false
	}
	return true
}

// bills are those of the whole ledger.
type bills struct {
	j    *journal.Journal
	all  []model.Bill
	byID map[string]model.Bill
	long int // of an ID are needed to tell all of them apart
}

// minID is how much of an ID a person has to write, and sees, at least.
const minID, shownID = 4, 8

// readBills reads the ledger.
func readBills(ctx context.Context, j *journal.Journal) (*bills, error) {
	l := &bills{j: j, byID: map[string]model.Bill{}, long: shownID}
	if err := j.Ledger(ctx, func(b model.Bill) { l.all, l.byID[b.ID] = append(l.all, b), b }); err != nil {
		return nil, err
	}
	ids := make([]string, len(l.all))
	for i, b := range l.all {
		ids[i] = b.ID
	}
	slices.Sort(ids)
	for i := 1; i < len(ids); i++ {
		same := 0
		for same < len(ids[i]) && same < len(ids[i-1]) && ids[i][same] == ids[i-1][same] {
			same++
		}
		l.long = max(l.long, same+1)
	}
	return l, nil
}

func (l *bills) id(b model.Bill) string { return b.ID[:min(len(b.ID), l.long)] }

// find returns the bills that these beginnings of IDs name, each once.
func (l *bills) find(names []string) (out []model.Bill, err error) {
	done := map[string]bool{}
	for _, name := range names {
		var found []model.Bill
		lower := strings.ToLower(name)
		for _, b := range l.all {
			if len(name) >= minID && strings.HasPrefix(b.ID, lower) {
				found = append(found, b)
			}
		}
		switch {
		case len(name) < minID:
			return nil, withHint(usagef("%q is too short for the ID of a bill", name), fmt.Sprintf("write %d digits of it, or more", minID))
		case len(found) == 0:
			return nil, withHint(fmt.Errorf("find bill: no bill %q in the ledger", name), l.numbered(name))
		case len(found) > 1:
			longer := []string{}
			for _, b := range found[:min(len(found), 5)] {
				longer = append(longer, l.id(b))
			}
			return nil, withHint(fmt.Errorf("find bill: %d bills begin with %q", len(found), name), "write more of the ID: "+strings.Join(longer, ", "))
		case !done[found[0].ID]:
			done[found[0].ID] = true
			out = append(out, found[0])
		}
	}
	return out, nil
}

// withBills runs do with the bills that are meant, the first due first.
func withBills(c *cobra.Command, f *ledgerFilter, do func(*bills, []model.Bill) error) error {
	if err := f.check(); err != nil {
		return err
	}
	return withJournal(c, func(ctx context.Context, j *journal.Journal) error {
		l, err := readBills(ctx, j)
		if err != nil {
			return err
		}
		var list []model.Bill
		for _, b := range l.all {
			if f.wants(b) {
				list = append(list, b)
			}
		}
		slices.SortFunc(list, byDue)
		return do(l, list)
	})
}

// terminal makes a text from outside one line that changes nothing on a terminal.
func terminal(s string) string {
	return oneLine(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?")))
}

// billIDs offers the IDs of bills to the shell.
func billIDs(c *cobra.Command, _ []string, begun string) (out []string, _ cobra.ShellCompDirective) {
	_ = withBills(c, &ledgerFilter{all: true}, func(l *bills, list []model.Bill) error {
		for _, b := range list {
			if strings.HasPrefix(b.ID, begun) && len(out) < 100 {
				out = append(out, l.id(b)+"\t"+terminal(b.Number+" "+b.Name))
			}
		}
		return nil
	})
	return out, cobra.ShellCompDirectiveNoFileComp
}

// numbered helps who wrote the number of an invoice where an ID is wanted.
func (l *bills) numbered(number string) string {
	var ids []string
	for _, b := range l.all {
		if strings.EqualFold(b.Number, number) && len(ids) < 5 {
			ids = append(ids, l.id(b))
		}
	}
	if len(ids) == 0 {
		return "bills go by the beginning of their ID; see: chancery ledger --all"
	}
	return "bills go by the beginning of their ID; that number has " + list(ids, "and")
}
