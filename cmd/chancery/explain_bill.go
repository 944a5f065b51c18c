package main

import (
	"fmt"
	"io"

	"chancery/internal/model"
	"chancery/rules"
)

// sayBill says what a message is as billing mail: each fact with its place, why it is
// taken for what it is, what is doubted, and what the ledger would remember.
func sayBill(w io.Writer, told model.Private[[]rules.Value]) {
	if !told.Present() {
		return
	}
	_, _ = fmt.Fprintln(w, "\n    as billing mail")
	for _, v := range told.Reveal() {
		_, _ = fmt.Fprintln(w, hanging(fmt.Sprintf("        %-9s  ", v.Name), oneLine(v.Value)))
	}
}
