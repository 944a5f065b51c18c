package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"chancery/internal/demo"
	"chancery/internal/ical"
	"chancery/internal/model"
	"chancery/rules/billing"
)

// demoDue is a due date as it stands in the calendar.
type demoDue struct {
	day   time.Time
	title string
}

// billing reads the ledger and the calendars of due dates.
func (s *stage) billing(ctx context.Context, office *demo.Office, r *demoReport) error {
	var sources []model.SourceID
	for _, p := range demo.People() {
		sources = append(sources, model.SourceID(p.Account+"-mail"))
		if !p.Desk {
			continue
		}
		for _, raw := range office.Calendar(p, demo.Bills) {
			series, _, _, fault := ical.Parse(raw, nil)
			if fault != nil || series.Master == nil {
				return errors.New("read due date: unreadable on the server")
			}
			r.due = append(r.due, demoDue{series.Master.Start.In(time.UTC), series.Master.Summary})
		}
	}
	slices.SortFunc(r.due, func(a, b demoDue) int { return cmp.Or(a.day.Compare(b.day), strings.Compare(a.title, b.title)) })
	var err error
	r.bills, err = s.journal.BillsOf(ctx, sources, time.Time{})
	return err
}

// printBills says what became of the bills.
func (r *demoReport) printBills(p *page) {
	states := map[string]int{}
	for _, b := range r.bills {
		states[b.State]++
	}
	p.heading("Billing", fmt.Sprintf("%s in the ledger: %d open, %d disputed, %d paid", plural(len(r.bills), "bill"), states["open"], states["disputed"], states["paid"]))
	for i := range r.bills {
		if what, why := r.story(&r.bills[i]); what != "" {
			p.columns(2, 12, what, why)
		}
	}
	p.line("")
	p.line("  %s  %s", p.style(bold, demo.Bills), p.style(dim, fmt.Sprintf("%s, three business days ahead; the remittance took %d away", plural(len(r.due), "due date"), r.dueBefore-len(r.due))))
	for _, d := range r.due {
		p.line("    %-10s  %s", d.day.Format("Mon 2 Jan"), shorten(d.title, p.width-17))
	}
	p.wrap(2, dim, "The billing note, with ledger.csv, lies in the assistant's mailbox. While it stays open with --keep: chancery ledger; chancery ledger --doubtful; chancery ledger show ID; chancery ledger paid ID.")
}

// story is what is worth telling of a bill; "" for nothing.
func (r *demoReport) story(b *model.Bill) (what, why string) {
	name := strings.Join(strings.Fields(strings.Join([]string{b.Number, billing.Money{Minor: b.Amount, Currency: b.Currency}.String(), "of", cmp.Or(b.Name, "ours")}, " ")), " ")
	if b.Amount == 0 {
		name = cmp.Or(b.Number, b.Subject)
	}
	switch {
	case billing.Hard(b.Doubts):
		return "suspicious", fmt.Sprintf("%s: %s; red, not filed, no due date, a note to the assistant", name, strings.Join(b.Doubts, ", "))
	case len(b.Twins) > 0:
		return "duplicate", fmt.Sprintf("%s: same %s as an earlier mail; the note names it", name, b.Layer)
	case b.Class == "prebill":
		return "prebill", fmt.Sprintf("%s waits for the partner; a reminder to the assistant", cmp.Or(b.Matter, name))
	case b.Class == "portal" && b.Event == "rejected":
		return "rejected", fmt.Sprintf("%s by the portal; the invoice is disputed, a reminder to the assistant", b.Number)
	case len(b.Faults) > 0:
		return "LEDES", fmt.Sprintf("%s: %s", name, strings.Join(b.Faults, ", "))
	case b.Class == "remittance":
		return "remittance", fmt.Sprintf("%s; the invoice is paid and its due date gone", name)
	}
	return "", ""
}
