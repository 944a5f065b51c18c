package billing

import (
	"bytes"
	"fmt"
	"io"
	"math/rand"
	"strconv"
	"strings"
	"time"
)

// madeLedes is an invented file: good ones, for tests to break.
type madeLedes struct {
	version  string // "1998B", "98BI V2", "XML 2.1"
	invoices []madeInvoice
}

type madeInvoice struct {
	number, client, matter, own, currency string
	date, from, till                      time.Time
	lines                                 []madeLine
}

type madeLine struct {
	kind                            string // F, E, IF, IE
	units, cost, change, tax, total int64  // in ten thousandths, but change, tax and total: in hundredths
	day                             time.Time
	task, activity, expense         string
	keeper, class, text             string
}

func (v madeInvoice) sum() (total, tax int64) {
	for _, l := range v.lines {
		total, tax = total+l.total, tax+l.tax
	}
	return total, tax
}

var (
	madeTasks      = []string{"L110", "L120", "L240", "L510", "C300", "P210", "B320"}
	madeActivities = []string{"A101", "A103", "A106", "A111"}
	madeExpenses   = []string{"E101", "E110", "E111", "E123"}
	madeTexts      = []string{"Draft motion to compel", "Review discovery responses (first set)", "Call with J. Doe, re: deposition", "Prepare for hearing & argument"}
)

// makeLedes invents a file of so many invoices and lines of each.
func makeLedes(rng *rand.Rand, version string, invoices, lines int) madeLedes {
	out := madeLedes{version: version}
	for i := range invoices {
		from := time.Date(2026, time.Month(1+rng.Intn(10)), 1, 0, 0, 0, 0, time.UTC)
		v := madeInvoice{
			number: fmt.Sprintf("2026-%05d", i+1), client: fmt.Sprintf("C%d", 100+rng.Intn(9)), matter: fmt.Sprintf("%05d-%04d", rng.Intn(99999), rng.Intn(9999)),
			own: "F" + strconv.Itoa(rng.Intn(1000)), currency: []string{"USD", "EUR", "GBP"}[rng.Intn(3)],
			from: from, till: from.AddDate(0, 1, -1), date: from.AddDate(0, 1, 4+rng.Intn(10)),
		}
		for range lines {
			v.lines = append(v.lines, makeLine(rng, version, from, len(v.lines)))
		}
		out.invoices = append(out.invoices, v)
	}
	return out
}

func makeLine(rng *rand.Rand, version string, from time.Time, n int) madeLine {
	l := madeLine{kind: []string{"F", "F", "F", "E"}[rng.Intn(4)], day: from.AddDate(0, 0, rng.Intn(28)), text: madeTexts[rng.Intn(len(madeTexts))] + " " + strconv.Itoa(n)}
	if version == "1998B" && rng.Intn(20) == 0 {
		l.kind = []string{"IF", "IE"}[rng.Intn(2)]
	}
	l.units, l.cost = int64(1+rng.Intn(80))*1000, int64(1+rng.Intn(900))*10000
	switch l.kind {
	case "F":
		l.task, l.activity = madeTasks[rng.Intn(len(madeTasks))], madeActivities[rng.Intn(len(madeActivities))]
		l.keeper, l.class = "T"+strconv.Itoa(rng.Intn(20)), []string{"PARTNR", "ASSOC", "PARALG"}[rng.Intn(3)]
	case "E":
		l.expense = madeExpenses[rng.Intn(len(madeExpenses))]
		l.units = 10000
	default:
		l.units, l.cost = 0, 0
		l.change = -int64(1 + rng.Intn(5000))
	}
	if rng.Intn(5) == 0 {
		l.change = -int64(rng.Intn(100))
	}
	if version != "1998B" {
		l.tax = int64(rng.Intn(500))
	}
	l.total = l.units*l.cost/1_000_000 + l.change // both are whole tenths: exact
	if version == "98BI V2" {
		l.tax = (l.total*19 + 50) / 100
	}
	l.total += l.tax
	return l
}

func cents(v int64) string {
	s := fmt.Sprintf("%03d", max(v, -v))
	s = s[:len(s)-2] + "." + s[len(s)-2:]
	if v < 0 {
		return "-" + s
	}
	return s
}

func tenThousandths(v int64) string {
	return strconv.FormatFloat(float64(v)/10000, 'f', -1, 64)
}

// rows are the fields of every line of a pipe file.
func (m madeLedes) rows() [][]string {
	var out [][]string
	for _, v := range m.invoices {
		total, tax := v.sum()
		for i, l := range v.lines {
			out = append(out, m.row(v, l, i+1, cents(total), cents(tax), cents(total-tax)))
		}
	}
	return out
}

func (m madeLedes) row(v madeInvoice, l madeLine, n int, total, tax, net string) []string {
	const day = "20060102"
	f := make([]string, num98BI)
	f[fInvoiceDate], f[fFrom], f[fTill], f[fLineDate] = v.date.Format(day), v.from.Format(day), v.till.Format(day), l.day.Format(day)
	f[fNumber], f[fClient], f[fLawFirmMatter], f[fMatter], f[fTotal] = v.number, v.client, v.own, v.matter, total
	f[fInvoiceText], f[fLineNumber], f[fType], f[fLawFirm] = "For services rendered", strconv.Itoa(n), l.kind, "12-3456789"
	f[fLineTotal], f[fText] = cents(l.total), l.text
	f[fTask], f[fActivity], f[fExpense], f[fKeeper], f[fClass] = l.task, l.activity, l.expense, l.keeper, l.class
	if f[fAdjustment] = cents(l.change); l.kind == "F" || l.kind == "E" {
		f[fUnits], f[fCost] = tenThousandths(l.units), tenThousandths(l.cost)
	}
	if l.keeper != "" {
		f[fKeeperName], f[fKeeperLast], f[fKeeperFirst] = "Reyes, Alma", "Reyes", "Alma"
	}
	if m.version == "1998B" {
		return f[:num98B]
	}
	for i, s := range map[int]string{
		fClientTax: "98-7654321", fMatterName: "Reyes v. Orchard", fTax: tax, fNet: net, fCurrency: v.currency, fAccount: "O", fFirmName: "Reyes & Stone",
		fFirmAddress1: "1 Pier Road", fFirmCity: "Porto", fFirmCountry: "PT", fClientName: "Orchard Foods", fClientAddress1: "9 Mill Lane", fClientCity: "Bath",
		fClientCountry: "GBR", fTaxRate: "0.19", fLineTax: cents(l.tax), fTaxType: "VAT", fReportedTax: tax, fTaxCurrency: v.currency,
	} {
		f[i] = s
	}
	return f
}

// print writes the file.
func (m madeLedes) print() string {
	if strings.HasPrefix(m.version, "XML") {
		return m.xml()
	}
	return printRows(m.version, m.rows())
}

func printRows(version string, rows [][]string) string {
	columns, first := num98B, "LEDES1998B[]"
	if version != "1998B" {
		columns, first = num98BI, "LEDES98BI V2[]"
	}
	var b strings.Builder
	b.WriteString(first + "\r\n" + strings.Join(ledesNames[:columns], "|") + "[]\r\n")
	for _, f := range rows {
		b.WriteString(strings.Join(f, "|") + "[]\r\n")
	}
	return b.String()
}

func (m madeLedes) xml() string {
	root := "ledesxmlebilling" + strings.TrimPrefix(m.version, "XML ")
	var b strings.Builder
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;")
	el := func(indent int, pairs ...string) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i+1] != "" {
				fmt.Fprintf(&b, "%s<%s>%s</%[2]s>\n", strings.Repeat("  ", indent), pairs[i], escape.Replace(pairs[i+1]))
			}
		}
	}
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- made -->\n<%s xmlns=\"http://www.ledes.org/LEDES.xsd\">\n<firm>\n", root)
	el(1, "lf_vendor_id", "12-3456789", "lf_id", "12-3456789", "lf_name", "Reyes & Stone")
	b.WriteString("  <lf_address>\n    <address_1>1 Pier Road</address_1>\n    <country>PT</country>\n  </lf_address>\n")
	for _, v := range m.invoices {
		total, tax := v.sum()
		b.WriteString("  <client>\n")
		el(2, "cl_id", v.client, "cl_lf_id", v.client, "cl_name", "Orchard Foods")
		b.WriteString("    <invoice>\n")
		el(3, "inv_id", v.number, "inv_date", v.date.Format(time.DateOnly), "inv_due_date", v.date.AddDate(0, 0, 30).Format(time.DateOnly), "inv_currency", v.currency,
			"inv_start_date", v.from.Format(time.DateOnly), "inv_end_date", v.till.Format(time.DateOnly), "inv_desc", "For services rendered",
			"inv_total_tax", cents(tax), "inv_total_net_due", cents(total))
		b.WriteString("      <matter>\n")
		el(4, "cl_matter_id", v.matter, "lf_matter_id", v.own, "matter_name", "Reyes v. Orchard", "account_type", "O", "matter_total_due", cents(total))
		for _, l := range v.lines {
			m.xmlLine(&b, el, l)
		}
		b.WriteString("      </matter>\n    </invoice>\n  </client>\n")
	}
	b.WriteString("</firm>\n</" + root + ">\n")
	return b.String()
}

func (m madeLedes) xmlLine(b *strings.Builder, el func(int, ...string), l madeLine) {
	name := map[string]string{"F": "fee", "E": "expense"}[l.kind]
	fmt.Fprintf(b, "        <%s>\n", name)
	el(5, "charge_date", l.day.Format(time.DateOnly), "tk_id", l.keeper, "tk_level", l.class, "charge_desc", l.text, "task_code", l.task,
		"task_activity", l.activity, "expense_code", l.expense, "charge_type", "U", "units", tenThousandths(l.units), "rate", tenThousandths(l.cost),
		"base_amount", cents(l.units*l.cost/1_000_000), "item_disc_cred_amount", cents(l.change))
	fmt.Fprintf(b, "          <tax_item_%s><tax_amount>%s</tax_amount></tax_item_%[1]s>\n", name, cents(l.tax))
	el(5, "total_amount", cents(l.total))
	fmt.Fprintf(b, "        </%s>\n", name)
}

// endlessLedes repeats the lines of one file under ever new line numbers, as a reader that keeps
// nothing of it, up to so many octets.
type endlessLedes struct {
	head, line, tail string
	number           string // what in line is to be numbered
	left             int64
	n                int
	next             bytes.Buffer
	done             bool
}

func (e *endlessLedes) Read(p []byte) (int, error) {
	if e.n == 0 {
		e.next.WriteString(e.head)
		e.n = 1
	}
	for e.next.Len() < len(p) && e.left > 0 {
		line := strings.Replace(e.line, e.number, strconv.Itoa(e.n), -1)
		e.next.WriteString(line)
		e.n++
		e.left -= int64(len(line))
	}
	if e.left <= 0 && !e.done {
		e.done = true
		e.next.WriteString(e.tail)
	}
	if e.next.Len() == 0 {
		return 0, io.EOF
	}
	return e.next.Read(p)
}

// ledesFile builds a small file: lines of (invoice, total, line total).
func ledesFile(version string, eol string, rows ...[]string) string {
	columns := ledesNames[:num98B]
	if version != "LEDES1998B" {
		columns = ledesNames
	}
	var b strings.Builder
	b.WriteString(version + "[]" + eol + strings.Join(columns, "|") + "[]" + eol)
	for i, row := range rows {
		f := make([]string, len(columns))
		for c, v := range map[int]string{
			0: "20260430", 1: row[0], 2: "C100", 3: "F200", 4: row[1], 5: "20260401", 6: "20260430", 7: "Services", 8: strconv.Itoa(i + 1),
			9: "F", 10: "1", 11: "0", 12: row[2], 13: "20260415", 14: "L120", 16: "A103", 17: "T1", 18: "Draft " + strconv.Itoa(i), 19: "12-3456789", 20: row[2],
			21: "Reyes, Alma", 22: "PARTNR", 23: "00420-0070",
		} {
			f[c] = v
		}
		if len(columns) > num98B {
			for c, v := range map[int]string{25: "98-7654321", 26: "Reyes v. Orchard", 27: "0", 28: row[1], 29: "EUR", 30: "Reyes", 31: "Alma", 32: "O", 33: "Reyes & Stone",
				34: "1 Pier Road", 36: "Porto", 39: "PT", 40: "Orchard Foods", 41: "9 Mill Lane", 43: "Bath", 46: "GB"} {
				f[c] = v
			}
		}
		b.WriteString(strings.Join(f, "|") + "[]" + eol)
	}
	return b.String()
}
