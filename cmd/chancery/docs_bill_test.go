package main

import (
	"slices"
	"strings"
	"testing"

	"chancery/rules"
	"chancery/rules/billing"
	"chancery/sync/journal"
)

// firstCells are the words at the beginning of the rows of a section.
func firstCells(section string) []string {
	var out []string
	for _, row := range rowsOf(section) {
		for i, part := range strings.Split(row[0], "`") {
			if i%2 == 1 {
				out = append(out, part)
			}
		}
	}
	return out
}

// TestManualHasEveryWordOfBills wants a row for each word that rules, status and notes
// say of bills, and none that nothing says.
func TestManualHasEveryWordOfBills(t *testing.T) {
	pages := manual(t)
	parts := sections(pages["docs/billing.md"])
	classes, events := rules.BillWords()
	for title, want := range map[string][]string{
		"Classes":          classes,
		"Doubts":           billing.DoubtCodes,
		"Duplicates":       billing.Layers,
		"States of a bill": {journal.BillOpen, journal.BillDisputed, journal.BillPaid, journal.BillVoid},
	} {
		got := firstCells(parts[strings.ToLower(title)])
		for _, word := range want {
			if word != "" && !slices.Contains(got, word) {
				t.Errorf("docs/billing.md: %s has no row for `%s`", title, word)
			}
		}
		for _, word := range got {
			if title != "Classes" && !slices.Contains(want, word) { // that section has the reasons, too
				t.Errorf("docs/billing.md: %s has a row for `%s`, which is none", title, word)
			}
		}
	}
	for title, want := range map[string][]string{"Bills": slices.Concat(classes, events, billing.Layers)} {
		section := sections(pages["docs/rules.md"])[strings.ToLower(title)]
		for _, word := range want {
			if word != "" && !strings.Contains(section, "`"+word+"`") {
				t.Errorf("docs/rules.md: %s does not name `%s`", title, word)
			}
		}
	}
	for _, word := range events {
		if word != "" && !strings.Contains(parts["classes"], "`"+word+"`") {
			t.Errorf("docs/billing.md: Classes does not name the event `%s`", word)
		}
	}
}
