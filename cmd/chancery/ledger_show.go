package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"chancery/internal/model"
	"chancery/rules/billing"
	"chancery/sync/journal"
)

func newLedgerShow() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "show ID",
		Short: "tell everything the ledger has of a bill",
		Long: `Tell everything the ledger has of a bill: the facts, the mail they come from,
the bills that it repeats, the doubts, what settled it, and who said what of it
when.`,
		Example:           "  chancery ledger show 3f2a91c0",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: billIDs,
		RunE: func(c *cobra.Command, args []string) error {
			return withJournal(c, func(ctx context.Context, j *journal.Journal) error {
				l, err := readBills(ctx, j)
				if err != nil {
					return err
				}
				found, err := l.find(args)
				if err != nil {
					return err
				}
				if asJSON {
					return printBills(c.OutOrStdout(), found)
				}
				return l.show(ctx, c.OutOrStdout(), found[0])
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// show tells everything about one bill.
func (l *bills) show(ctx context.Context, w io.Writer, b model.Bill) error {
	state := b.State
	if who := map[string]string{journal.ByPerson: "a person", journal.ByMail: "mail"}[b.By]; who != "" {
		state += ", said by " + who
	}
	proved := "its sender is not proved"
	if b.Proved {
		proved = "its sender is proved"
	}
	for _, f := range [][2]string{
		{"bill", b.ID},
		{"class", strings.TrimSpace(b.Class + " " + b.Event)},
		{"state", state},
		{"number", b.Number},
		{"vendor", vendorOf(b)},
		{"known as", b.Vendor},
		{"client", b.Client},
		{"matter", b.Matter},
		{"amount", money(b)},
		{"date", billing.Day(b.Date)},
		{"due", billing.Day(b.Due)},
		{"period", strings.Trim(billing.Day(b.From)+" to "+billing.Day(b.Till), " to")},
		{"paid to", b.Bank},
		{"mail", b.Subject},
		{"", b.MessageID},
		{"", "in " + string(b.Source) + ", " + clock(time.Unix(int64(b.At), 0)) + "; " + proved},
		{"file", b.File},
	} {
		if f[1] = terminal(f[1]); f[1] != "" {
			_, _ = fmt.Fprintf(w, "%-9s %s\n", f[0], f[1])
		}
	}
	showCodes(w, "doubts", b.Doubts, billing.SayDoubt)
	showCodes(w, "faults", b.Faults, billing.SayFault)
	if len(b.Twins) > 0 {
		_, _ = fmt.Fprintf(w, "%-9s told by: %s\n", "repeats", terminal(b.Layer))
		for _, id := range b.Twins {
			l.mention(w, id)
		}
	}
	if err := l.showRelated(ctx, w, b); err != nil {
		return err
	}
	return l.showPast(ctx, w, b)
}

// showCodes tells each code in a line, with what it means.
func showCodes(w io.Writer, title string, codes []string, say func(code string) string) {
	for _, code := range codes {
		text := terminal(code)
		if words := say(code); words != "" {
			text += ": " + words
		}
		_, _ = fmt.Fprintf(w, "%-9s %s\n", title, text)
		title = ""
	}
}

// mention names another bill in a line.
func (l *bills) mention(w io.Writer, id string) {
	b, ok := l.byID[id]
	if !ok {
		_, _ = fmt.Fprintf(w, "%-9s %s, which is forgotten\n", "", terminal(id[:min(len(id), l.long)]))
		return
	}
	parts := []string{l.id(b), told(b), b.Number, vendorOf(b), money(b), "of " + cmp.Or(billing.Day(b.Date), billing.Day(b.At)), b.State}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	_, _ = fmt.Fprintf(w, "%-9s %s\n", "", terminal(strings.Join(parts, ", ")))
}

// showRelated names what settles a bill, and what it settles.
func (l *bills) showRelated(ctx context.Context, w io.Writer, b model.Bill) error {
	related, err := l.j.Bills(ctx, journal.BillWords(b))
	if err != nil {
		return err
	}
	shares := func(a, b []string) bool {
		return slices.ContainsFunc(a, func(w string) bool { return slices.Contains(b, w) })
	}
	for _, group := range []struct {
		title string
		in    func(model.Bill) bool
	}{
		{"told of by", func(o model.Bill) bool { return shares(o.Settles, b.Keys) }},
		{"tells of", func(o model.Bill) bool { return shares(b.Settles, o.Keys) }},
	} {
		said := false
		for _, o := range related {
			if o.ID == b.ID || !group.in(o) {
				continue
			}
			if !said {
				said = true
				_, _ = fmt.Fprintln(w, group.title)
			}
			l.mention(w, o.ID)
		}
	}
	return nil
}

// showPast tells what the journal has of a bill.
func (l *bills) showPast(ctx context.Context, w io.Writer, b model.Bill) error {
	past, err := l.j.BillPast(ctx, b.ID)
	if err != nil {
		return err
	}
	for i, e := range past {
		head := ""
		if i == 0 {
			head = "past"
		}
		what := e.Action
		if e.Kind == journal.KindBillRecorded {
			what = "recorded as " + e.Action
		}
		if e.Kind == journal.KindBillForgotten {
			what = "forgotten"
		}
		_, _ = fmt.Fprintf(w, "%-9s %s  %s\n", head, clock(e.Time), strings.TrimSpace(what+" "+map[string]string{journal.ByPerson: "by a person", journal.ByMail: "by mail"}[e.Code]))
	}
	return nil
}
