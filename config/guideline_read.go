package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// LedesFormats are the formats that guidelines name.
var LedesFormats = []string{"1998B", "98BI V2", "XML 2.0", "XML 2.1", "XML 2.2"}

// LedesRequirable are the columns that guidelines may require: those that the formats
// leave open.
var LedesRequirable = []string{"INVOICE_DESCRIPTION", "LINE_ITEM_DESCRIPTION", "TIMEKEEPER_NAME", "TIMEKEEPER_CLASSIFICATION", "CLIENT_MATTER_ID",
	"PO_NUMBER", "LINE_ITEM_TAX_RATE", "LINE_ITEM_TAX_TOTAL", "LINE_ITEM_TAX_TYPE", "TIMEKEEPER_LAST_NAME", "TIMEKEEPER_FIRST_NAME"}

// guidelines reads what clients ask of LEDES files.
func (l *loader) guidelines(f *file, n *yaml.Node) {
	if n != nil {
		f.each(n, "- {name: acme, clients: [C100], max_age: 90d}", func(n *yaml.Node) { l.guideline(f, n) })
	}
}

func (l *loader) guideline(f *file, n *yaml.Node) {
	defer func() { f.rule = "" }()
	f.rule = peekName(n)
	b, ok := f.block(n, "a guideline", "name", "clients", "level", "formats", "extensions", "currencies", "required", "number", "number_length",
		"alphanumeric", "one_matter", "max_total", "max_line", "max_age", "max_line_age", "late", "unit_decimals", "rate_decimals",
		"amount_decimals", "codes_required", "codes_blocked", "rates", "travel", "timekeepers", "expenses", "unit_costs", "hours", "increment", "description_min",
		"description_max", "one_task", "words", "no_negative")
	if !ok {
		return
	}
	g := Guideline{}
	g.Name, ok = l.ruleName(f, b, "guideline")
	if n := b.get("clients"); n != nil {
		ts, read := f.texts(n, "[C100, \"Acme Robotics\"]")
		if read && len(ts) == 0 {
			f.fail(f.at(n), "clients names none", "delete the key for every client")
		}
		g.Clients = ts
	}
	if n := b.get("level"); n != nil {
		level, _ := f.word(n, "level", "error", "warning")
		g.Warn = level == "warning"
	}
	f.guidelineFile(b, &g)
	f.guidelineInvoice(b, &g)
	f.guidelineLine(b, &g)
	if len(b.values) > 0 && !slices.ContainsFunc(asks, func(key string) bool { return b.get(key) != nil }) {
		f.warn(g.Name.Pos, "the guideline asks for nothing", "add for example max_age: 90d")
	}
	if ok {
		l.cfg.Rules.Billing.Guidelines = append(l.cfg.Rules.Billing.Guidelines, g)
	}
}

// asks are the keys of a guideline that ask for something.
var asks = []string{"formats", "extensions", "currencies", "required", "number", "number_length", "alphanumeric", "one_matter", "max_total", "max_line",
	"max_age", "max_line_age", "late", "unit_decimals", "rate_decimals", "amount_decimals", "codes_required", "codes_blocked", "rates", "timekeepers", "expenses", "unit_costs",
	"hours", "increment", "description_min", "description_max", "one_task", "words", "no_negative"}

// guidelineFile reads what is asked of a file as a whole.
func (f *file) guidelineFile(b block, g *Guideline) {
	g.Formats = f.few(b.get("formats"), "format", "[1998B]", LedesFormats)
	g.Required = f.few(b.get("required"), "column", "[CLIENT_MATTER_ID]", LedesRequirable)
	for _, t := range f.some(b.get("extensions"), "[txt]") {
		t.Value = strings.ToLower(strings.TrimPrefix(t.Value, "."))
		if t.Value == "" || strings.ContainsAny(t.Value, "./\\ *") {
			f.fail(t.Pos, "this is not the extension of a file", "write for example txt")
			continue
		}
		g.Extensions = append(g.Extensions, t)
	}
	for _, t := range f.some(b.get("currencies"), "[USD]") {
		if len(t.Value) != 3 || strings.Trim(t.Value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			f.fail(t.Pos, fmt.Sprintf("%q is not a currency", clip(t.Value)), "write three capitals of ISO 4217, such as USD")
			continue
		}
		g.Currencies = append(g.Currencies, t)
	}
}

// guidelineInvoice reads what is asked of each invoice.
func (f *file) guidelineInvoice(b block, g *Guideline) {
	if n := b.get("number"); n != nil {
		if t, ok := f.text(n); ok {
			p, err := regexp.Compile(`^(?:` + t.Value + `)$`)
			if err != nil {
				f.fail(t.Pos, "this is not a regular expression: "+strings.TrimPrefix(err.Error(), "error parsing regexp: "), "in single quotes a backslash is written once")
			} else {
				g.Number = p
			}
		}
	}
	g.NumberLength = f.count(b.get("number_length"), 0, 1, 20)
	g.Alphanumeric, g.OneMatter = f.flag(b.get("alphanumeric")), f.flag(b.get("one_matter"))
	g.MaxTotal = f.amount(b.get("max_total"))
	const day, most = 24 * time.Hour, 10 * 366 * 24 * time.Hour
	for key, into := range map[string]*time.Duration{"max_age": &g.MaxAge, "max_line_age": &g.MaxLineAge, "late": &g.Late} {
		if n := b.get(key); n != nil {
			d, ok := f.span(n, day, most)
			if ok && d%day != 0 {
				f.fail(f.at(n), "expected whole days", "write for example 90d")
			}
			*into = d.Truncate(day)
		}
	}
}

// guidelineLine reads what is asked of each line.
func (f *file) guidelineLine(b block, g *Guideline) {
	g.MaxLine, g.Hours, g.Increment = f.amount(b.get("max_line")), f.amount(b.get("hours")), f.amount(b.get("increment"))
	g.UnitDecimals = f.count(b.get("unit_decimals"), -1, 0, 4)
	g.RateDecimals = f.count(b.get("rate_decimals"), -1, 0, 4)
	g.AmountDecimals = f.count(b.get("amount_decimals"), -1, 0, 4)
	g.CodesRequired = f.few(b.get("codes_required"), "kind of code", "[task, activity]", []string{"task", "activity", "expense"})
	g.CodesBlocked = f.some(b.get("codes_blocked"), "[E105, A110]")
	g.Rates = f.caps(b.get("rates"), "rates", "PARTNR: 650")
	g.Expenses = f.caps(b.get("expenses"), "expenses", "E111: 75")
	g.UnitCosts = f.caps(b.get("unit_costs"), "unit_costs", "E101: 0.10")
	g.Timekeepers = f.some(b.get("timekeepers"), "[T3, T17]")
	if n := b.get("travel"); n != nil {
		g.Travel = f.amount(n)
		switch {
		case g.Travel > 1_000_000:
			f.fail(f.at(n), "travel is a part of the rate", "write for example 0.5 for half of it")
		case len(g.Rates) == 0:
			f.fail(f.at(n), "travel needs the rates that it is a part of", "add for example rates: {PARTNR: 650}")
		}
	}
	g.DescriptionMin = f.count(b.get("description_min"), 0, 1, 1000)
	g.DescriptionMax = f.count(b.get("description_max"), 0, 1, 15<<10)
	if g.DescriptionMin > 0 && g.DescriptionMax > 0 && g.DescriptionMin > g.DescriptionMax {
		f.fail(f.at(b.get("description_min")), "description_min is above description_max", "no description could be both")
	}
	g.OneTask, g.NoNegative = f.flag(b.get("one_task")), f.flag(b.get("no_negative"))
	for _, t := range f.some(b.get("words"), "[clerical, overhead]") {
		if t, ok := f.term(t); ok {
			t.Value = strings.ToLower(t.Value)
			g.Words = append(g.Words, t)
		}
	}
}

// some is texts for a key that may be absent.
func (f *file) some(n *yaml.Node, example string) []Text {
	if n == nil {
		return nil
	}
	ts, ok := f.texts(n, example)
	if ok && len(ts) == 0 {
		f.fail(f.at(n), "the list is empty", "write for example "+example)
	}
	return ts
}

// few reads a list of words out of a few.
func (f *file) few(n *yaml.Node, what, example string, allowed []string) []string {
	if n == nil {
		return nil
	}
	items, ok := f.list(n, example)
	if ok && len(items) == 0 {
		f.fail(f.at(n), "the list is empty", "write for example "+example)
	}
	var out []string
	for _, item := range items {
		if w, ok := f.word(item, what, allowed...); ok {
			out = append(out, w)
		}
	}
	return out
}

// count reads a whole number for a key that may be absent.
func (f *file) count(n *yaml.Node, absent, low, high int) int {
	if n == nil {
		return absent
	}
	if v, ok := f.number(n, low, high); ok {
		return v
	}
	return absent
}

// amount reads a decimal above zero for a key that may be absent.
func (f *file) amount(n *yaml.Node) Amount {
	if n == nil {
		return 0
	}
	t, ok := f.text(n)
	if !ok {
		return 0
	}
	v, ok := amountOf(t.Value)
	if !ok || v == 0 {
		f.fail(t.Pos, fmt.Sprintf("%q is not an amount above zero", clip(t.Value)), "write digits with a point and at most four decimals, such as 25000.00")
	}
	return v
}

// caps reads a mapping of names to amounts.
func (f *file) caps(n *yaml.Node, what, example string) []Cap {
	if n == nil {
		return nil
	}
	es, ok := f.entries(n, what)
	if ok && len(es) == 0 {
		f.fail(f.at(n), what+" has no entry", "write for example "+example)
	}
	var out []Cap
	for _, e := range es {
		if most := f.amount(e.value); most > 0 {
			out = append(out, Cap{e.name, most})
		}
	}
	return out
}
