package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"chancery/config"
	"chancery/rules/billing"
)

const (
	ledesWidth = 120 // of a line on the page
	ledesFirst = 8   // lines told of each kind of problem
	ledesShown = 25  // invoices in the table
)

// ledesPage is the report for people.
type ledesPage struct {
	w      io.Writer
	all    bool
	name   string
	groups map[ledesKind]*ledesGroup
	files  int
}

// ledesKind is what is told together.
type ledesKind struct{ code, level, guideline string }

type ledesGroup struct {
	n     int
	first []billing.LedesProblem
}

func (p *ledesPage) begin(name string) {
	p.name, p.groups = name, map[ledesKind]*ledesGroup{}
}

func (p *ledesPage) problem(f billing.LedesProblem) {
	kind := ledesKind{f.Code, f.Level, f.Guideline}
	g := p.groups[kind]
	if g == nil {
		g = &ledesGroup{}
		p.groups[kind] = g
	}
	g.n++
	switch {
	case p.all:
		if len(p.groups) == 1 && g.n == 1 {
			p.gap()
		}
		p.print(fmt.Sprintf("%-7s  line %-6d  %-18s  %-27s  %s", f.Level, f.Line, f.Code, dash(f.Field), ledesValues(f)))
	case g.n <= ledesFirst:
		g.first = append(g.first, f)
	}
}

// gap sets a file off from the one before.
func (p *ledesPage) gap() {
	if p.files > 0 {
		_, _ = fmt.Fprintln(p.w)
	}
	p.files++
}

// print writes a line no wider than the page.
func (p *ledesPage) print(s string) {
	s = strings.TrimRight(s, " ")
	if utf8.RuneCountInString(s) > ledesWidth {
		s = string([]rune(s)[:ledesWidth-3]) + "..."
	}
	_, _ = fmt.Fprintln(p.w, s)
}

func (p *ledesPage) end(l billing.Ledes) {
	if !p.all || len(p.groups) == 0 {
		p.gap()
	} else {
		_, _ = fmt.Fprintln(p.w)
	}
	p.print(fmt.Sprintf("%s: LEDES %s, %s, %s: %s", p.name, l.Version, ledesCount(len(l.Invoices)+l.More, "invoice"), ledesCount(l.Lines, "line"), ledesVerdict(l)))
	p.invoices(l)
	for _, level := range []string{billing.LevelError, billing.LevelWarning} {
		for _, c := range billing.LedesCodes() {
			p.kinds(level, c)
		}
	}
}

func (p *ledesPage) unread(string, error) {}

// ledesVerdict is the result in a few words.
func ledesVerdict(l billing.Ledes) string {
	var words []string
	if l.Errors > 0 {
		words = append(words, ledesCount(l.Errors, "error"))
	}
	if l.Warnings > 0 {
		words = append(words, ledesCount(l.Warnings, "warning"))
	}
	if l.Errors == 0 {
		words = append([]string{"good"}, words...)
	}
	return strings.Join(words, ", ")
}

// invoices prints the totals.
func (p *ledesPage) invoices(l billing.Ledes) {
	if len(l.Invoices) == 0 {
		return
	}
	rows := [][]string{{"invoice", "date", "client", "matter", "lines", "fees", "expenses", "total", "errors", "warnings"}}
	for _, v := range l.Invoices[:min(len(l.Invoices), ledesShown)] {
		date := "-"
		if !v.Date.IsZero() {
			date = v.Date.Format("2006-01-02")
		}
		matter := v.Matter
		if matter == "" {
			matter = v.LawFirmMatter
		}
		rows = append(rows, []string{dash(v.Number), date, ledesShort(v.Client), ledesShort(matter), number(v.Lines), ledesAmount(v.Fees), ledesAmount(v.Expenses), v.Total.String(), number(v.Errors), number(v.Warnings)})
	}
	_, _ = fmt.Fprintln(p.w)
	for _, line := range ledesAligned(rows, 4) {
		p.print("  " + line)
	}
	if more := len(l.Invoices) + l.More - ledesShown; more > 0 {
		p.print("  and " + ledesGrouped(more) + " more")
	}
}

// kinds prints all problems of one level and code.
func (p *ledesPage) kinds(level string, c billing.LedesCode) {
	var kinds []ledesKind
	for k := range p.groups {
		if k.level == level && k.code == c.Code {
			kinds = append(kinds, k)
		}
	}
	slices.SortFunc(kinds, func(a, b ledesKind) int { return strings.Compare(a.guideline, b.guideline) })
	for _, k := range kinds {
		g := p.groups[k]
		whose := ""
		if k.guideline != "" {
			whose = " (guideline " + k.guideline + ")"
		}
		_, _ = fmt.Fprintln(p.w)
		p.print(fmt.Sprintf("%s %s, %s%s: %s", k.level, c.Code, ledesTimes(g.n), whose, c.Means))
		p.print("  to do: " + c.Do)
		var rows [][]string
		for _, f := range g.first {
			rows = append(rows, []string{"line " + strconv.Itoa(f.Line), f.Invoice, f.Field, ledesValues(f)})
		}
		for _, line := range ledesAligned(rows, len("never")) {
			p.print("    " + line)
		}
		if more := g.n - len(g.first); more > 0 && !p.all {
			p.print("    and " + ledesGrouped(more) + " more; --all prints them")
		}
	}
}

// ledesGot is how much of what was found is shown, so that what was wanted stands in
// the same line.
const ledesGot = 40

// ledesValues says what was found and what was wanted.
func ledesValues(f billing.LedesProblem) string {
	if f.Code == "fields" {
		f.Got, f.Want = f.Got+" fields", f.Want+" fields"
	}
	if r := []rune(f.Got); f.Want != "" && len(r) > ledesGot {
		f.Got = string(r[:ledesGot-3]) + "..."
	}
	switch {
	case f.Got == "" && f.Want == "":
		return ""
	case f.Got == "":
		return "wanted: " + f.Want
	case f.Want == "":
		return "found: " + f.Got
	}
	return "found: " + f.Got + "; wanted: " + f.Want
}

// ledesAligned pads cells to columns; those from the numbered one on stand to the right.
func ledesAligned(rows [][]string, right int) []string {
	var widths []int
	for _, row := range rows {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	var out []string
	for _, row := range rows {
		var b strings.Builder
		for i, c := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c))
			if widths[i] == 0 {
				continue
			}
			if i >= right {
				b.WriteString(pad + c + "  ")
			} else {
				b.WriteString(c + pad + "  ")
			}
		}
		out = append(out, strings.TrimRight(b.String(), " "))
	}
	return out
}

func ledesShort(s string) string {
	if r := []rune(s); len(r) > 12 {
		return string(r[:11]) + "~"
	}
	return dash(s)
}

// ledesAmount is an amount without its currency, which the total has.
func ledesAmount(m billing.Money) string {
	_, amount, ok := strings.Cut(m.String(), " ")
	if !ok {
		return m.String()
	}
	return amount
}

// ledesGrouped writes 4312 as 4,312.
func ledesGrouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func ledesCount(n int, one string) string {
	return strings.Replace(plural(n, one), strconv.Itoa(n), ledesGrouped(n), 1)
}

func ledesTimes(n int) string {
	if n == 1 {
		return "once"
	}
	return ledesGrouped(n) + " times"
}

// knownClient reports whether a guideline is for a client, or has its name.
func knownClient(list []config.Guideline, client string) bool {
	return slices.ContainsFunc(list, func(g config.Guideline) bool {
		return strings.EqualFold(g.Name.Value, client) || slices.ContainsFunc(g.Clients, func(t config.Text) bool { return strings.EqualFold(t.Value, client) })
	})
}
