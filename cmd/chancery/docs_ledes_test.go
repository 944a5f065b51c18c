package main

import (
	"testing"

	"chancery/rules/billing"
)

// TestManualHasEveryLedesCode compares the tables of the manual with the program's own.
func TestManualHasEveryLedesCode(t *testing.T) {
	rows := map[string][]string{}
	for _, row := range rowsOf(manual(t)["docs/billing.md"]) {
		if word, ok := code(row[0]); ok && len(row) == 4 {
			rows[word] = row
		}
	}
	for _, c := range billing.LedesCodes() {
		row := rows[c.Code]
		if row == nil || row[1] != c.Level || row[2] != c.Means || row[3] != c.Do {
			t.Errorf("docs/billing.md wants the row\n| `%s` | %s | %s | %s |", c.Code, c.Level, c.Means, c.Do)
		}
	}
}
