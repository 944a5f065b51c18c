package billing

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// vendorFile is a pipe file as programs of law firms write them, by the names of the
// columns.
type vendorFile struct {
	first, header, end string // "" for what the format says, and CR LF
	total, tax, net    string
	lines              [][]string
	change             func(string) string // the last hand that had the file
}

// line is a line of a type with units, unit cost, adjustment and total, and then pairs
// of columns and values.
func vendorLine(kind string, n int, units, cost, change, total string, set ...string) []string {
	f := make([]string, num98BI)
	f[fInvoiceDate], f[fNumber], f[fClient], f[fLawFirmMatter] = "20260430", "4711", "C100", "00420-0070"
	f[fFrom], f[fTill], f[fInvoiceText] = "20260401", "20260430", "For services rendered"
	f[fLineNumber], f[fType], f[fUnits], f[fCost], f[fAdjustment], f[fLineTotal] = strconv.Itoa(n), kind, units, cost, change, total
	f[fLineDate], f[fText], f[fLawFirm], f[fMatter] = "20260410", "Item "+strconv.Itoa(n), "24-6437381", "OF-2026-17"
	switch kind {
	case "F":
		f[fTask], f[fActivity], f[fKeeper], f[fKeeperName], f[fClass] = "L120", "A104", "17", "Arnold, Jane", "PARTNR"
		f[fKeeperLast], f[fKeeperFirst] = "Arnold", "Jane"
	case "E":
		f[fExpense] = "E101"
	}
	for i, v := range map[int]string{
		fClientTax: "GB123456789", fMatterName: "Orchard v. Mill", fCurrency: "GBP", fAccount: "O", fFirmName: "Firm Example LLP", fFirmAddress1: "1 High Street",
		fFirmCity: "London", fFirmPost: "EC1A 1AA", fFirmCountry: "GB", fClientName: "Orchard Foods Ltd", fClientAddress1: "2 Mill Lane", fClientCity: "Leeds",
		fClientPost: "LS1 1AA", fClientCountry: "GB", fTaxRate: "0.2", fTaxType: "VAT", fTaxCurrency: "GBP",
	} {
		f[i] = v
	}
	return with(f, set...)
}

func with(f []string, set ...string) []string {
	f = slices.Clone(f)
	for i := 0; i < len(set); i += 2 {
		f[columnOf([]byte(set[i]), num98BI)] = set[i+1]
	}
	return f
}

func (v vendorFile) String() string {
	bi := v.tax != ""
	first, columns := "LEDES1998B[]", num98B
	if bi {
		first, columns = "LEDES98BI V2[]", num98BI
	}
	header := strings.Join(ledesNames[:columns], "|") + "[]"
	if v.first != "" {
		first = v.first
	}
	if v.header != "" {
		header = v.header
	}
	end := v.end
	if end == "" {
		end = "\r\n"
	}
	rows := []string{first, header}
	for _, f := range v.lines {
		f = slices.Clone(f)
		for i, s := range map[int]string{fTotal: v.total, fTax: v.tax, fReportedTax: v.tax, fNet: v.net} {
			if f[i] == "" {
				f[i] = s
			}
		}
		rows = append(rows, strings.Join(f[:columns], "|")+"[]")
	}
	s := strings.Join(rows, end) + end
	if v.change != nil {
		s = v.change(s)
	}
	return s
}

// vendorThree is an invoice of 852.50: a partner, an associate and copies.
func vendorThree() [][]string {
	return [][]string{
		vendorLine("F", 1, "1.5", "300.00", "0", "450.00"),
		vendorLine("F", 2, "2", "200", "0", "400.00", "TIMEKEEPER_ID", "18", "TIMEKEEPER_NAME", "Brown, Tom", "TIMEKEEPER_CLASSIFICATION", "ASSOC"),
		vendorLine("E", 3, "25", "0.10", "0", "2.50"),
	}
}

func set(at int, pairs ...string) [][]string {
	l := vendorThree()
	l[at] = with(l[at], pairs...)
	return l
}

func setAll(pairs ...string) [][]string {
	var out [][]string
	for _, l := range vendorThree() {
		out = append(out, with(l, pairs...))
	}
	return out
}

func plus(more ...[]string) [][]string { return append(vendorThree(), more...) }

func one(units, cost, change, total string, pairs ...string) [][]string {
	return [][]string{vendorLine("F", 1, units, cost, change, total, pairs...)}
}

// vendorTaxed is an invoice of 600.00 with 100.00 of tax in it.
func vendorTaxed(pairs ...string) [][]string {
	return [][]string{
		vendorLine("F", 1, "1.5", "300.00", "0", "540.00", append([]string{"LINE_ITEM_TAX_TOTAL", "90.00"}, pairs...)...),
		vendorLine("E", 2, "1", "50.00", "0", "60.00", append([]string{"LINE_ITEM_EXPENSE_CODE", "E112", "LINE_ITEM_TAX_TOTAL", "10.00"}, pairs...)...),
	}
}

func replaced(old, to string) func(string) string {
	return func(s string) string { return strings.Replace(s, old, to, 1) }
}

// TestLedesOfVendorsIsGood is for false alarms: what programs write and portals take.
func TestLedesOfVendorsIsGood(t *testing.T) {
	three, taxed := vendorThree(), vendorTaxed()
	second := vendorLine("F", 1, "1", "300", "0", "300", "INVOICE_NUMBER", "4712", "INVOICE_TOTAL", "300.00", "LAW_FIRM_MATTER_ID", "00420-0071")
	third := vendorLine("E", 2, "1", "45.10", "0", "45.10", "INVOICE_NUMBER", "4713", "INVOICE_TOTAL", "45.10", "CLIENT_ID", "C200")
	courtesy := func(kind, units, cost string, pairs ...string) [][]string {
		return plus(vendorLine(kind, 4, units, cost, "-50.00", "-50.00", pairs...))
	}
	var many [][]string
	for i := range 400 {
		many = append(many, vendorLine("F", i+1, "0.1", "487.00", "0", "48.70"))
	}
	tests := map[string]struct {
		vendorFile
		warns string // what is worth a look in it
	}{
		"crlf":                      {vendorFile{total: "852.50", lines: three}, ""},
		"lf":                        {vendorFile{total: "852.50", lines: three, end: "\n"}, ""},
		"no last break":             {vendorFile{total: "852.50", lines: three, change: strings.TrimSpace}, ""},
		"header in lower case":      {vendorFile{total: "852.50", lines: three, header: strings.ToLower(strings.Join(ledesNames[:num98B], "|")) + "[]"}, ""},
		"mark":                      {vendorFile{total: "852.50", lines: three, change: func(s string) string { return mark + s }}, "bom"},
		"blank lines at the end":    {vendorFile{total: "852.50", lines: three, change: func(s string) string { return s + "\r\n\r\n" }}, ""},
		"blanks behind the end":     {vendorFile{total: "852.50", lines: three, change: func(s string) string { return strings.ReplaceAll(s, "[]\r\n", "[]  \r\n") }}, ""},
		"three invoices":            {vendorFile{total: "852.50", lines: plus(second, third)}, ""},
		"invoices among each other": {vendorFile{total: "852.50", lines: [][]string{three[0], second, three[1], third, three[2]}}, ""},
		"credit note":               {vendorFile{total: "-325.00", lines: [][]string{vendorLine("F", 1, "0", "300", "-300.00", "-300.00"), vendorLine("E", 2, "1", "-25.00", "0", "-25.00")}}, ""},
		"discount on a line":        {vendorFile{total: "1330.00", lines: [][]string{vendorLine("F", 1, "2.00", "350", "-70", "630"), vendorLine("F", 2, "2.0", "350", "0", "700.0")}}, ""},
		"adjusted without units":    {vendorFile{total: "802.50", lines: courtesy("IF", "", "")}, ""},
		"adjusted, one unit":        {vendorFile{total: "802.50", lines: courtesy("IF", "1", "0")}, ""},
		"adjusted, no units":        {vendorFile{total: "802.50", lines: courtesy("IE", "0", "0.00")}, ""},
		"adjusted, cost again":      {vendorFile{total: "802.50", lines: courtesy("IF", "", "-50.00")}, ""},
		"adjusted in the unit cost": {vendorFile{total: "802.50", lines: courtesy("IF", "1", "-50.00", "LINE_ITEM_ADJUSTMENT_AMOUNT", "0")}, ""},
		"adjusted with codes":       {vendorFile{total: "802.50", lines: courtesy("IF", "", "", "LINE_ITEM_TASK_CODE", "L120", "TIMEKEEPER_ID", "17")}, ""},
		"adjusted upwards":          {vendorFile{total: "902.50", lines: plus(vendorLine("IF", 4, "", "", "50.00", "50.00"))}, ""},
		"no charge":                 {vendorFile{total: "100.00", lines: [][]string{vendorLine("F", 1, "1.0", "300", "-300.00", "0.00"), vendorLine("F", 2, "0", "300", "0", "0"), vendorLine("F", 3, "1", "100", "", "100")}}, ""},
		"write-down without units":  {vendorFile{total: "175.00", lines: [][]string{vendorLine("F", 1, "1", "300", "", "300"), vendorLine("F", 2, "0", "0", "-125.00", "-125.00")}}, ""},
		"nothing to pay":            {vendorFile{total: "0.00", lines: one("1", "300", "-300", "0.00")}, ""},
		"no leading zero":           {vendorFile{total: "462.5", lines: [][]string{vendorLine("F", 1, ".5", "300", "", "150"), vendorLine("F", 2, "1.2500", "250.0000", "0.00", "312.50")}}, ""},
		"nothing behind the point":  {vendorFile{total: "1250.", lines: one("5.", "250", "", "1250.")}, ""},
		"texts filled up":           {vendorFile{total: "300", lines: one("1", "300", "", "300", "LINE_ITEM_DESCRIPTION", "  Review  ", "CLIENT_MATTER_ID", "OF-17   ", "LINE_ITEM_TASK_CODE", "L120 ")}, ""},
		"signs":                     {vendorFile{total: "300", lines: one("1", "300", "", "300", "LINE_ITEM_DESCRIPTION", `Call re "term sheet"; O'Neil & Sons, <draft> 100% {v2} \ / #7 [privileged] a[1] [ ]`)}, ""},
		"ANSI names":                {vendorFile{total: "300", lines: one("1", "300", "", "300", "TIMEKEEPER_NAME", "M\xfcller, Jos\xe9", "LINE_ITEM_DESCRIPTION", "Client\x92s \x93term sheet\x94 \x96 call")}, ""},
		"UTF-8 names":               {vendorFile{total: "300", lines: one("1", "300", "", "300", "TIMEKEEPER_NAME", "Müller, José")}, "utf-8"},
		"rounded": {vendorFile{total: "270.77", lines: [][]string{vendorLine("F", 1, "0.3", "333.33", "0", "100.00"), vendorLine("E", 2, "37", "0.0833", "0", "3.08"),
			vendorLine("F", 3, "0.1", "187.55", "0", "18.76"), vendorLine("F", 4, "0.7", "212.75", "0", "148.93")}}, ""},
		"long description":   {vendorFile{total: "300", lines: one("1", "300", "", "300", "LINE_ITEM_DESCRIPTION", strings.Repeat("Review of exhibits, ", 120))}, ""},
		"many lines":         {vendorFile{total: "19480.00", lines: many}, ""},
		"no codes":           {vendorFile{total: "300", lines: one("1", "300", "", "300", "LINE_ITEM_TASK_CODE", "", "LINE_ITEM_ACTIVITY_CODE", "")}, ""},
		"codes in lower":     {vendorFile{total: "300", lines: one("1", "300", "", "300", "LINE_ITEM_TASK_CODE", "l120", "LINE_ITEM_ACTIVITY_CODE", "a104")}, ""},
		"expense for a task": {vendorFile{total: "852.50", lines: set(2, "LINE_ITEM_TASK_CODE", "L110")}, ""},
		"old expense":        {vendorFile{total: "852.50", lines: set(2, "LINE_ITEM_DATE", "20260320")}, "outside"},
		"one day":            {vendorFile{total: "300", lines: one("1", "300", "", "300", "BILLING_START_DATE", "20260410", "BILLING_END_DATE", "20260410")}, ""},
		"codes of England":   {vendorFile{total: "300", lines: one("1", "300", "", "300", "LINE_ITEM_TASK_CODE", "JG20")}, ""},
		"codes of patents":   {vendorFile{total: "300", lines: one("1", "300", "", "300", "LINE_ITEM_TASK_CODE", "PA310")}, ""},
		"revised expenses":   {vendorFile{total: "852.50", lines: set(2, "LINE_ITEM_EXPENSE_CODE", "X137")}, ""},

		"taxed":           {vendorFile{total: "600.00", tax: "100.00", net: "500.00", lines: taxed}, ""},
		"taxed, in upper": {vendorFile{total: "600.00", tax: "100.00", net: "500.00", lines: taxed, header: strings.ToUpper(strings.Join(ledesNames, "|")) + "[]"}, ""},
		"no tax": {vendorFile{total: "300", tax: "0", net: "300", lines: one("1", "300", "", "300", "LINE_ITEM_TAX_RATE", "", "LINE_ITEM_TAX_TOTAL", "",
			"LINE_ITEM_TAX_TYPE", "", "INVOICE_TAX_CURRENCY", "")}, ""},
		"account of a third": {vendorFile{total: "440", tax: "60", net: "380", lines: [][]string{vendorLine("F", 1, "1", "300.00", "", "360.00", "LINE_ITEM_TAX_TOTAL", "60.00"),
			vendorLine("E", 2, "1", "80", "", "80", "LINE_ITEM_TAX_RATE", "0", "LINE_ITEM_TAX_TOTAL", "0", "ACCOUNT_TYPE", "T")}}, ""},
		"taxed credit":   {vendorFile{total: "-120", tax: "-20", net: "-100", lines: one("0", "300.00", "-100.00", "-120.00", "LINE_ITEM_TAX_TOTAL", "-20.00")}, ""},
		"tax in yen":     {vendorFile{total: "1357", tax: "123", net: "1234", lines: one("1", "1234", "", "1357", "LINE_ITEM_TAX_RATE", "0.1", "LINE_ITEM_TAX_TOTAL", "123", "INVOICE_CURRENCY", "JPY")}, ""},
		"tax rounded":    {vendorFile{total: "179.38", tax: "29.90", net: "149.48", lines: one("0.7", "213.55", "", "179.38", "LINE_ITEM_TAX_TOTAL", "29.90")}, ""},
		"rate to the 10": {vendorFile{total: "360.0000", tax: "60.0000", net: "300.0000", lines: one("1", "300", "", "360.0000", "LINE_ITEM_TAX_RATE", ".2000000000", "LINE_ITEM_TAX_TOTAL", "60.0000")}, ""},
		"second tax": {vendorFile{total: "615.00", tax: "115.00", net: "500.00", lines: append(vendorTaxed(), vendorLine("IF", 3, "", "", "0", "15.00",
			"LINE_ITEM_TAX_RATE", "0.03", "LINE_ITEM_TAX_TOTAL", "15.00", "LINE_ITEM_TAX_TYPE", "PST"))}, ""},
		"total without tax": {vendorFile{total: "500.00", tax: "100.00", net: "500.00", lines: taxed}, "sum-tax"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l, err := CheckLedes(strings.NewReader(tt.String()), LedesOptions{Today: vendorToday}, func(p LedesProblem) {
				if p.Code != tt.warns || p.Level != LevelWarning {
					t.Errorf("%+v", p)
				}
			})
			if err != nil || tt.warns != "" && l.Warnings == 0 {
				t.Errorf("%v %+v", err, l)
			}
		})
	}
}

var vendorToday = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
