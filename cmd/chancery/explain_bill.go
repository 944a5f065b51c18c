package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"chancery/config"
	"chancery/internal/filetext"
	"chancery/internal/model"
	"chancery/rules"
)

// explainBill says what a message is as billing mail, or why it is none, which of its
// files nobody read, and what keeps rules from filing it.
func explainBill(w io.Writer, l *loaded, c model.Change, v model.View) {
	told := l.set.ExplainBill(c, v)
	sayBill(w, told)
	if !told.Present() {
		return
	}
	sayUnread(w, c.Message)
	if slices.ContainsFunc(told.Reveal(), func(x rules.Value) bool { return x.Name != "class" && x.Name != "lacks" }) {
		sayBillRules(w, l, c, v)
	}
}

// sayBill says what a message is as billing mail: each fact with its place, why it is
// taken for what it is, what is doubted, and what the ledger would remember; or why it
// is no billing mail.
func sayBill(w io.Writer, told model.Private[[]rules.Value]) {
	if !told.Present() {
		return
	}
	_, _ = fmt.Fprintln(w, "\n    as billing mail")
	for _, v := range told.Reveal() {
		sayFact(w, v.Name, v.Value)
	}
}

func sayFact(w io.Writer, name, value string) {
	_, _ = fmt.Fprintln(w, hanging(fmt.Sprintf("        %-9s  ", name), oneLine(value)))
}

// sayUnread says which files were not read as a whole, and why.
func sayUnread(w io.Writer, m *model.Message) {
	for _, f := range m.Body.Reveal().Files {
		if f.Unread == "" {
			continue
		}
		name := dash(f.Name)
		if f.Inside != "" {
			name += " in " + f.Inside
		}
		sayFact(w, "unread", fmt.Sprintf("%s: %s (%s)", name, dash(filetext.Codes[f.Unread]), f.Unread))
	}
}

// sayBillRules says of each rule that asks about bills and files them, and does not act,
// what keeps it from acting: the first condition that failed, or what stands before its
// conditions.
func sayBillRules(w io.Writer, l *loaded, c model.Change, v model.View) {
	for _, r := range l.cfg.Rules.Mail {
		if !slices.ContainsFunc(r.Then, func(t config.Then) bool { return t.File != nil }) {
			continue
		}
		n, ok := l.set.WhyNot(r.Name.Value, c, v)
		if !ok || !slices.ContainsFunc(n.Clauses.Reveal(), func(x rules.Clause) bool { return strings.Contains(x.Text, "msg.bill") }) {
			continue
		}
		if why := keptBack(n); why != "" {
			sayFact(w, "rule", n.Rule+" does not file it: "+why)
		}
	}
}

// keptBack says in a line what keeps a rule from acting; "" if nothing does.
func keptBack(n rules.WhyNot) string {
	for _, x := range n.Clauses.Reveal() {
		if x.First {
			return fmt.Sprintf("%s %s is %s, at %s", x.Clause, x.Text, x.Value, x.Place)
		}
	}
	for _, g := range n.Gates {
		if !g.Open {
			return g.Why
		}
	}
	return n.Detail.Reveal().Error
}
