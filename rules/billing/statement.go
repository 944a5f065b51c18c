package billing

import (
	"slices"
	"strings"
)

const (
	maxStatement     = 4 << 20 // octets of one text
	maxTableColumns  = 200
	maxCell          = 1 << 10
	maxHeader        = 16 << 10
	maxHeading       = 60
	maxHeaderLook    = 500 // rows that are looked at for headings
	maxStatementRows = 5000
)

// ReadStatement reads tables of invoices: a statement, a remittance list or an aging
// list, out of CSV or the text of a spreadsheet. A table begins with a row of headings
// that has a column of invoice numbers and one of money, by the words of seven
// languages; tabs, semicolons, commas or bars stand between the cells, which may be
// quoted (RFC 4180 section 2). Each row with a number and an amount is a bill; rows
// that sum up others are left out, and rows with one number are added.
//
// Total is what the row is about: of a list of payments what it settles, paid and
// discount together, and then Where has "paid"; else what is still open; else the
// amount of the invoice. Where names the facts as for ReadXMLInvoice, with the heading
// of the column as Word and the line of the text. A text without such a table gives
// nothing. Of more than a thousand bills the first are returned.
func ReadStatement(text string) []Bill {
	t := tableReader{rest: text[:min(len(text), maxStatement)]}
	for t.looked < maxHeaderLook && t.rest != "" {
		if t.header() {
			t.table()
			continue
		}
		_, t.rest, _ = strings.Cut(t.rest, "\n")
		t.line++
	}
	return t.bills
}

// tableReader reads the tables of one text.
type tableReader struct {
	rest     string
	line     int // lines that were read
	looked   int // of them for headings
	sep      byte
	columns  tableColumns
	currency string // that a line in front of the table names
	rows     []tableRow
	bills    []Bill
	places   map[string]int // of bills by number and currency
}

type tableRow struct {
	cells []string
	line  int
}

// header finds out whether the next line is a row of headings, by what separates them,
// and reads it if it is.
func (t *tableReader) header() bool {
	t.looked++
	line, _, _ := strings.Cut(t.rest[:min(len(t.rest), maxHeader+1)], "\n")
	if len(line) > maxHeader {
		return false
	}
	if code := currencyLine(line); code != "" {
		t.currency = code
	}
	if !mayHead(line) {
		return false
	}
	for _, sep := range []byte{'\t', ';', ',', '|'} {
		if strings.IndexByte(line, sep) < 0 {
			continue
		}
		before := tableReader{rest: t.rest, line: t.line, sep: sep}
		cells, _ := before.record()
		if c, ok := readHeader(cells); ok {
			t.sep, t.columns, t.rest, t.line = sep, c, before.rest, before.line
			return true
		}
	}
	return false
}

// currencyLine reads "Currency: EUR" in front of a table: two words, and no more.
func currencyLine(line string) string {
	const between = " :;,\t|\"\r"
	line = strings.TrimRight(line, between)
	i := len(line) - 3
	if i < 1 || !known[line[i:]] {
		return ""
	}
	word := strings.Trim(line[:i], between)
	if len(word) == 0 || strings.IndexByte(between, line[i-1]) < 0 || strings.ContainsAny(word, between) || headOf(strings.ToLower(word))&headCurrency == 0 {
		return ""
	}
	return line[i:]
}

// record reads the cells of one row. A quoted cell may hold separators and line ends.
func (t *tableReader) record() (cells []string, line int) {
	t.line++
	line = t.line
	for {
		cell, last := t.cell()
		if len(cells) < maxTableColumns {
			cells = append(cells, cell)
		}
		if last {
			return cells, line
		}
	}
}

func (t *tableReader) cell() (cell string, last bool) {
	s := t.rest
	if t.sep != '\t' && strings.HasPrefix(strings.TrimLeft(s[:min(len(s), 8)], " "), `"`) {
		if cell, ok := t.quoted(); ok {
			return cell, t.rest == "" || t.next()
		}
	}
	i := strings.IndexAny(s, string([]byte{t.sep, '\n'}))
	if i < 0 {
		t.rest = ""
		return oneBlank(s), true
	}
	t.rest = s[i+1:]
	return oneBlank(s[:i]), s[i] == '\n'
}

// quoted reads a cell in quotes; one that never ends is none.
func (t *tableReader) quoted() (string, bool) {
	s := strings.TrimLeft(t.rest, " ")[1:]
	whole := s
	s = s[:min(len(s), 8*maxCell)]
	var b strings.Builder
	for i := 0; i < len(s); {
		n := strings.IndexByte(s[i:], '"')
		if n < 0 {
			return "", false
		}
		b.WriteString(s[i : i+n])
		if i += n + 1; i < len(s) && s[i] == '"' {
			b.WriteByte('"')
			i++
			continue
		}
		t.line += strings.Count(s[:i], "\n")
		t.rest = whole[i:]
		return oneBlank(b.String()), true
	}
	return "", false
}

// next passes over the separator behind a quoted cell; it reports a line end.
func (t *tableReader) next() bool {
	i := strings.IndexAny(t.rest, string([]byte{t.sep, '\n'}))
	if i < 0 {
		t.rest = ""
		return true
	}
	end := t.rest[i] == '\n'
	t.rest = t.rest[i+1:]
	return end
}

func oneBlank(s string) string {
	s = s[:min(len(s), maxCell)]
	return strings.Join(strings.Fields(s), " ")
}

// table reads rows up to the next headings or the end, and makes bills of them.
func (t *tableReader) table() {
	var y tableStyle
	t.rows = t.rows[:0]
	for t.rest != "" && len(t.rows) < maxStatementRows {
		before, at := t.rest, t.line
		cells, line := t.record()
		number := cellAt(cells, t.columns.at[numberColumn])
		if len(number) > 50 || !strings.ContainsAny(number, "0123456789") || !y.day(number).IsZero() {
			if number != "" && t.again(before, at) {
				break
			}
			continue
		}
		if isTotal(cells) {
			continue
		}
		t.rows = append(t.rows, tableRow{cells, line})
		for _, r := range []role{amountColumn, balanceColumn, paidColumn, discountColumn} {
			y.look(cellAt(cells, t.columns.at[r]))
		}
		for _, i := range t.columns.aging {
			y.look(cellAt(cells, i))
		}
		y.lookDay(cellAt(cells, t.columns.at[dateColumn]))
		y.lookDay(cellAt(cells, t.columns.at[dueColumn]))
	}
	about := t.about(&y)
	for _, r := range t.rows {
		t.bill(&y, about, r)
	}
}

// again reports whether the row that began at before is one of headings, and then goes
// back to it.
func (t *tableReader) again(before string, line int) bool {
	if t.looked >= maxHeaderLook {
		return false
	}
	t.looked++
	probe := tableReader{rest: before, line: line}
	if !probe.header() {
		return false
	}
	t.rest, t.line = before, line
	return true
}

func cellAt(cells []string, i int) string {
	if i < 0 || i >= len(cells) {
		return ""
	}
	return cells[i]
}

// money reads the amount that a row has for a role.
func (t *tableReader) money(y *tableStyle, r tableRow, of role) (Money, bool) {
	code := t.columns.currency[of]
	if c := cellAt(r.cells, t.columns.at[currencyColumn]); known[strings.ToUpper(c)] {
		code = strings.ToUpper(c)
	}
	if code == "" {
		code = t.currency
	}
	if of == agingColumn {
		sum, any := Money{Currency: code}, false
		for _, i := range t.columns.aging {
			if m, ok := y.amount(cellAt(r.cells, i), code); ok {
				sum.Minor, sum.Currency, any = addMinor(sum.Minor, m.Minor), m.Currency, true
			}
		}
		return sum, any
	}
	return y.amount(cellAt(r.cells, t.columns.at[of]), code)
}

// addMinor adds without ever turning the sign around: xmlDecimal keeps each below a
// hundredth of what fits.
func addMinor(a, b int64) int64 {
	const most = 1 << 60
	return max(-most, min(most, a+b))
}

// about decides which column a table is about. A balance that runs on from row to row
// is of the account and not of the invoice. A list in which every invoice was paid
// something, and nothing is open, is one of payments.
func (t *tableReader) about(y *tableStyle) role {
	has := func(r role) bool { return t.columns.at[r] >= 0 }
	switch {
	case has(balanceColumn) && !(has(amountColumn) && t.runs(y)):
		return balanceColumn
	case has(paidColumn) && !slices.ContainsFunc(t.rows, func(r tableRow) bool {
		m, ok := t.money(y, r, paidColumn)
		return !ok || m.Minor == 0
	}):
		return paidColumn
	case has(amountColumn):
		return amountColumn
	case has(paidColumn):
		return paidColumn
	}
	return agingColumn
}

// runs reports whether each balance is the one before and the amount of its row.
func (t *tableReader) runs(y *tableStyle) bool {
	if len(t.rows) < 3 {
		return false
	}
	last, differs := Money{}, false
	for i, r := range t.rows {
		balance, ok := t.money(y, r, balanceColumn)
		amount, is := t.money(y, r, amountColumn)
		if !ok || !is || i > 0 && balance.Minor != addMinor(last.Minor, amount.Minor) {
			return false
		}
		differs = differs || balance.Minor != amount.Minor
		last = balance
	}
	return differs
}

// bill makes a bill of a row, or adds it to one with the same number.
func (t *tableReader) bill(y *tableStyle, about role, r tableRow) {
	total, ok := t.money(y, r, about)
	if !ok {
		return
	}
	heading := t.columns.heading[about]
	switch about {
	case paidColumn:
		if d, ok := t.money(y, r, discountColumn); ok {
			total.Minor = addMinor(total.Minor, max(d.Minor, -d.Minor))
		}
	case amountColumn:
		// Of a list in which some are paid: what is left.
		if p, ok := t.money(y, r, paidColumn); ok {
			total.Minor = addMinor(total.Minor, -max(p.Minor, -p.Minor))
		}
	case agingColumn:
		heading = ""
	}
	b := Bill{Number: cellAt(r.cells, t.columns.at[numberColumn]), Total: total, Where: map[string]Place{}}
	place := func(name, word string) { b.Where[name] = Place{Zone: "file", Line: r.line, Word: word} }
	key := b.Number + "\x00" + total.Currency
	if i, again := t.places[key]; again {
		t.bills[i].Total.Minor = addMinor(t.bills[i].Total.Minor, total.Minor)
		return
	}
	if len(t.bills) == maxInvoices {
		return
	}
	place("number", t.columns.heading[numberColumn])
	place("total", heading)
	if about == paidColumn {
		place("paid", heading)
	}
	b.Date, b.Due = y.day(cellAt(r.cells, t.columns.at[dateColumn])), y.day(cellAt(r.cells, t.columns.at[dueColumn]))
	if !b.Date.IsZero() {
		place("date", t.columns.heading[dateColumn])
	}
	if !b.Due.IsZero() {
		place("due", t.columns.heading[dueColumn])
	}
	for _, f := range []struct {
		name string
		from role
		to   *string
	}{{"matter", matterColumn, &b.Matter}, {"client", clientColumn, &b.Client}, {"vendor", vendorColumn, &b.Vendor}} {
		if s := cellAt(r.cells, t.columns.at[f.from]); s != "" {
			*f.to = s
			place(f.name, t.columns.heading[f.from])
		}
	}
	if t.places == nil {
		t.places = map[string]int{}
	}
	t.places[key] = len(t.bills)
	t.bills = append(t.bills, b)
}
