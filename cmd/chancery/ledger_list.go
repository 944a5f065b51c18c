package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"chancery/internal/model"
	"chancery/rules/billing"
	"chancery/sync/journal"
)

// byDue puts the first due first and what has no due date last.
func byDue(a, b model.Bill) int {
	due := func(b model.Bill) int64 { return cmp.Or(int64(b.Due), math.MaxInt64) }
	return cmp.Or(cmp.Compare(due(a), due(b)), cmp.Compare(a.At, b.At), cmp.Compare(a.ID, b.ID))
}

// ledgerWidth is how wide the list may be.
const ledgerWidth = 120

// print lists bills, and what they come to.
func (l *bills) print(w io.Writer, list []model.Bill) {
	if len(list) == 0 {
		_, _ = fmt.Fprintln(w, "no bills")
		return
	}
	rows := [][]string{{"ID", "CLASS", "NUMBER", "VENDOR", "CLIENT, MATTER", "DUE", "AMOUNT", "STATE", "LOOK AT"}}
	for _, b := range list {
		rows = append(rows, []string{l.id(b), told(b), terminal(b.Number), terminal(vendorOf(b)),
			terminal(strings.TrimSpace(b.Client + " " + b.Matter)), billing.Day(b.Due), money(b), b.State, lookAt(b)})
	}
	if !slices.ContainsFunc(list, func(b model.Bill) bool { return b.State != journal.BillOpen }) {
		for i := range rows {
			rows[i] = slices.Delete(rows[i], 7, 8)
		}
	}
	fitColumns(rows, ledgerWidth, 3, 4, 2)
	widths := columnWidths(rows)
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i == 6 { // the amount
				cell, pad = pad+cell, ""
			}
			b.WriteString(cell + pad + "  ")
		}
		_, _ = fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
	sayTotals(w, list)
}

// vendorOf is who bills, as a person reads it.
func vendorOf(b model.Bill) string {
	if b.Name == "" && b.Vendor == "self" {
		return "us"
	}
	return cmp.Or(b.Name, b.Vendor)
}

// told is what a mail says that a bill is.
func told(b model.Bill) string {
	if b.Class == "portal" {
		return strings.TrimSpace(b.Class + " " + b.Event)
	}
	return b.Class
}

func money(b model.Bill) string {
	return strings.TrimSpace(billing.Amount(b) + " " + terminal(b.Currency))
}

// lookAt names in a word each thing about a bill that a person should look at.
func lookAt(b model.Bill) string {
	var out []string
	if len(b.Twins) > 0 {
		out = append(out, "twin")
	}
	if doubted(b) {
		out = append(out, "doubt")
	}
	if len(b.Faults) > 0 {
		out = append(out, "fault")
	}
	return strings.Join(out, " ")
}

// doubted reports whether there are doubts about a bill that raise an alarm. That it
// is the first one of its vendor is none: every bill was, once.
func doubted(b model.Bill) bool {
	return slices.ContainsFunc(b.Doubts, func(code string) bool { return !billing.Mild(code) })
}

func columnWidths(rows [][]string) []int {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	return widths
}

// fitColumns shortens the widest of some columns until a table is no wider than most.
func fitColumns(rows [][]string, most int, columns ...int) {
	widths := columnWidths(rows)
	total := -2
	for _, n := range widths {
		total += n + 2
	}
	least := 8
	for ; total > most; total-- {
		widest := slices.MaxFunc(columns, func(a, b int) int { return widths[a] - widths[b] })
		if widths[widest] <= least {
			break
		}
		widths[widest]--
	}
	for _, row := range rows {
		for _, i := range columns {
			if r := []rune(row[i]); len(r) > widths[i] {
				row[i] = string(r[:widths[i]-1]) + "…"
			}
		}
	}
}

// sum is what bills of one currency come to; exact as long as it is not too much.
type sum struct {
	minor int64
	bills int
	much  bool
}

func (s *sum) add(minor int64) {
	s.bills++
	if minor > 0 && s.minor > math.MaxInt64-minor || minor < 0 && s.minor < math.MinInt64-minor {
		s.much = true
	}
	s.minor += minor
}

// payable and collectable are the classes that are added up; others speak of these.
var payable, collectable = []string{"invoice-in", "vendor"}, []string{"invoice-out"}

// sayTotals adds up what is to be paid and to be collected.
func sayTotals(w io.Writer, list []model.Bill) {
	pay, collect := map[string]*sum{}, map[string]*sum{}
	left := 0
	for _, b := range list {
		to := pay
		switch {
		case len(b.Twins) > 0 || b.State == journal.BillVoid || b.Amount == 0:
			to = nil
		case slices.Contains(collectable, b.Class):
			to = collect
		case !slices.Contains(payable, b.Class):
			to = nil
		}
		if to == nil {
			left++
			continue
		}
		if to[b.Currency] == nil {
			to[b.Currency] = &sum{}
		}
		to[b.Currency].add(b.Amount)
	}
	_, _ = fmt.Fprintf(w, "\n%s\n", plural(len(list), "bill"))
	for _, t := range []struct {
		what string
		of   map[string]*sum
	}{{"of others", pay}, {"of ours", collect}} {
		for _, currency := range slices.Sorted(maps.Keys(t.of)) {
			s := t.of[currency]
			text := money(model.Bill{Amount: s.minor, Currency: currency})
			if s.much {
				text = "too much to add up in " + terminal(currency)
			}
			note := t.what
			if currency == "" {
				note += ", in a currency that is not named"
			}
			_, _ = fmt.Fprintf(w, "%20s  %s %s\n", text, plural(s.bills, "bill"), note)
		}
	}
	if left > 0 {
		_, _ = fmt.Fprintf(w, "%20s  not added up: notices, without an amount, void, or repeating another bill\n", plural(left, "bill"))
	}
}

// ledgerBill is a bill as --json prints it.
type ledgerBill struct {
	ID, State                  string
	By                         string `json:",omitempty"`
	Class                      string
	Event, Number, Vendor      string   `json:",omitempty"`
	VendorID, Client, Matter   string   `json:",omitempty"`
	Amount, Currency           string   `json:",omitempty"`
	Date, Due, From, Till      string   `json:",omitempty"` // YYYY-MM-DD
	Received                   string   // a time of RFC 3339 section 5.6
	Source, Subject, MessageID string   `json:",omitempty"`
	File, Bank                 string   `json:",omitempty"`
	Proved                     bool     // the sender's domain is authenticated
	Doubts, Faults, Twins      []string `json:",omitempty"`
	Layer                      string   `json:",omitempty"`
}

func printBills(w io.Writer, list []model.Bill) error {
	out := make([]ledgerBill, len(list))
	for i, b := range list {
		out[i] = ledgerBill{ID: b.ID, State: b.State, By: b.By, Class: b.Class, Event: b.Event, Number: b.Number, Vendor: b.Name, VendorID: b.Vendor,
			Client: b.Client, Matter: b.Matter, Amount: billing.Amount(b), Currency: b.Currency, Date: billing.Day(b.Date), Due: billing.Day(b.Due),
			From: billing.Day(b.From), Till: billing.Day(b.Till), Received: time.Unix(int64(b.At), 0).UTC().Format(time.RFC3339), Source: string(b.Source),
			Subject: b.Subject, MessageID: b.MessageID, File: b.File, Bank: b.Bank, Proved: b.Proved, Doubts: b.Doubts, Faults: b.Faults, Twins: b.Twins, Layer: b.Layer}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
