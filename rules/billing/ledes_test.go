package billing

import (
	"errors"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"chancery/internal/servertest"
)

// ledesTold are the problems of a text as "code line field", each once.
func ledesTold(t *testing.T, in string, o LedesOptions) []string {
	t.Helper()
	var out []string
	_, err := CheckLedes(strings.NewReader(in), o, func(p LedesProblem) {
		s := fmt.Sprintf("%s %d %s", p.Code, p.Line, p.Field)
		if s = strings.TrimSpace(s); !slices.Contains(out, s) {
			out = append(out, s)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestLedesMadeFilesAreGood also reads back what was printed.
func TestLedesMadeFilesAreGood(t *testing.T) {
	for _, version := range []string{"1998B", "98BI V2", "XML 2.0", "XML 2.1", "XML 2.2"} {
		for seed := range int64(40) {
			rng := rand.New(rand.NewSource(seed))
			m := makeLedes(rng, version, 1+rng.Intn(4), 1+rng.Intn(9))
			l, err := CheckLedes(iotest.OneByteReader(strings.NewReader(m.print())), LedesOptions{Today: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}, func(p LedesProblem) {
				if p.Code != "line-twice" {
					t.Errorf("%s seed %d: %+v", version, seed, p)
				}
			})
			if err != nil || l.Version != version || len(l.Invoices) != len(m.invoices) {
				t.Fatalf("%v %+v", err, l)
			}
			for i, v := range m.invoices {
				checkMade(t, version, v, l.Invoices[i])
			}
		}
	}
}

func checkMade(t *testing.T, version string, v madeInvoice, got LedesInvoice) {
	t.Helper()
	total, _ := v.sum()
	want := LedesInvoice{Number: v.number, Date: v.date, From: v.from, Till: v.till, Client: v.client, Matter: v.matter, LawFirmMatter: v.own, LawFirm: "12-3456789",
		Line: got.Line, Lines: len(v.lines), Total: Money{Minor: total}, Warnings: got.Warnings}
	for _, l := range v.lines {
		if strings.HasSuffix(l.kind, "E") {
			want.Expenses.Minor += l.total
		} else {
			want.Fees.Minor += l.total
		}
	}
	if version != "1998B" {
		want.FirmName, want.ClientName = "Reyes & Stone", "Orchard Foods"
		want.Total.Currency, want.Fees.Currency, want.Expenses.Currency = v.currency, v.currency, v.currency
	}
	if strings.HasPrefix(version, "XML") {
		want.Due = v.date.AddDate(0, 0, 30)
	}
	if got != want {
		t.Errorf("%s:\n%+v\nwant\n%+v", version, got, want)
	}
}

// TestLedesMutations breaks one thing in a good file each time.
func TestLedesMutations(t *testing.T) {
	type mutation struct {
		field int
		value string
		want  []string // codes
	}
	tests := map[string][]mutation{
		"1998B": {
			{fInvoiceDate, "", []string{"blank"}}, {fInvoiceDate, "2026-04-30", []string{"date"}}, {fInvoiceDate, "20260431", []string{"date"}},
			{fInvoiceDate, "20260401", []string{"early"}}, {fInvoiceDate, "20991231", []string{"future"}},
			{fNumber, "", []string{"blank"}}, {fNumber, strings.Repeat("9", 21), []string{"length"}},
			{fClient, "", []string{"blank"}}, {fLawFirmMatter, "", []string{"blank"}}, {fTotal, "", []string{"blank"}},
			{fTotal, "1,000.00", []string{"number"}}, {fTotal, "$100", []string{"number"}}, {fTotal, "100.00 ", nil}, {fTotal, "1 00", []string{"number"}},
			{fTotal, "100.01", nil}, {fTotal, "100.02", []string{"sum"}}, {fTotal, "100.", nil}, {fTotal, "100.0000", nil}, {fTotal, "100.00000", []string{"decimals"}},
			{fTotal, "100.001", []string{"fraction"}}, {fTotal, "+100", []string{"number"}}, {fTotal, "1e2", []string{"number"}}, {fTotal, ".", []string{"number"}},
			{fTotal, "9999999999999", []string{"number-size"}}, {fTotal, "-100", []string{"sum"}},
			{fFrom, "20260501", []string{"period", "outside"}}, {fTill, "20260410", []string{"outside"}}, {fTill, "20260331", []string{"period", "outside"}},
			{fInvoiceText, strings.Repeat("a", 15<<10+1), []string{"length"}},
			{fLineNumber, "", []string{"blank"}}, {fType, "", []string{"blank"}}, {fType, "X", []string{"type"}}, {fType, "f", []string{"type"}},
			{fUnits, "", []string{"blank"}}, {fUnits, "2", []string{"line-total"}}, {fUnits, "-1", []string{"negative", "line-total"}},
			{fUnits, "12345678901", []string{"number-size", "line-total"}}, {fUnits, "1.12345", []string{"decimals", "line-total"}},
			{fAdjustment, "-5", []string{"line-total"}}, {fAdjustment, "", nil}, {fAdjustment, "0.01", nil}, {fAdjustment, "0.011", []string{"line-total"}},
			{fLineTotal, "", []string{"blank"}}, {fLineTotal, "90", []string{"line-total", "sum"}}, {fLineDate, "20260331", []string{"outside"}}, {fLineDate, "x", []string{"date"}},
			{fTask, "L999", []string{"code-unknown"}}, {fTask, "E101", []string{"code-kind"}}, {fTask, "A101", []string{"code-kind"}}, {fTask, "litigation", []string{"code-unknown"}},
			{fTask, "B110", nil}, {fTask, "C300", nil}, {fTask, "P280", nil}, {fTask, "L653", nil}, {fTask, "PA110", nil}, {fTask, "", nil},
			{fActivity, "L110", []string{"code-kind"}}, {fActivity, "A999", []string{"code-unknown"}}, {fActivity, strings.Repeat("A", 21), []string{"length"}},
			{fExpense, "E101", []string{"code-place"}}, {fExpense, "L120", []string{"code-kind"}},
			{fKeeper, "", []string{"blank"}}, {fText, "tab\tand\x01", []string{"control"}}, {fText, "the client’s", []string{"utf-8"}}, {fText, "caf\xe9", nil},
			{fLawFirm, "", []string{"blank"}}, {fCost, "", []string{"blank"}}, {fKeeperName, strings.Repeat("a", 31), []string{"length"}},
			{fClass, "BOSS", []string{"class"}}, {fClass, "", nil}, {fMatter, "", nil}, {fMatter, strings.Repeat("1", 21), []string{"length"}},
		},
		"98BI V2": {
			{fClientTax, "", []string{"blank"}}, {fMatterName, "", []string{"blank"}}, {fTax, "1", []string{"tax-sum", "net"}}, {fNet, "99", []string{"net"}},
			{fTotal, "90", []string{"sum-tax"}}, {fCurrency, "", []string{"blank"}}, {fCurrency, "EURO", []string{"length"}}, {fCurrency, "eur", []string{"currency"}},
			{fKeeperLast, "", nil}, {fAccount, "X", []string{"account"}}, {fAccount, "T", nil}, {fFirmCountry, "XX", []string{"country"}}, {fFirmCountry, "PRT", nil},
			{fClientCountry, "", []string{"blank"}}, {fTaxRate, "19", []string{"tax-rate"}}, {fTaxRate, "1", []string{"tax-rate"}}, {fTaxRate, "-0.1", []string{"tax-rate"}},
			{fTaxRate, "0.12345678901", []string{"decimals"}}, {fLineTax, "1", []string{"line-total", "tax-sum"}}, {fTaxCurrency, "ABC", []string{"currency"}},
			{fOrder, strings.Repeat("1", 101), []string{"length"}}, {fFirmName, strings.Repeat("ä", 60), []string{"utf-8"}}, {fFirmName, strings.Repeat("a", 61), []string{"length"}},
		},
	}
	for version, list := range tests {
		first := map[string]string{"1998B": "LEDES1998B", "98BI V2": "LEDES98BI V2"}[version]
		good := ledesFile(first, "\n", []string{"A-1", "100", "100"})
		if got := ledesTold(t, good, LedesOptions{Today: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)}); got != nil {
			t.Fatalf("%s: %q", version, got)
		}
		lines := strings.SplitAfter(good, "\n")
		for _, m := range list {
			f := strings.Split(strings.TrimSuffix(lines[2], "[]\n"), "|")
			f[m.field] = m.value
			in := lines[0] + lines[1] + strings.Join(f, "|") + "[]\n"
			var got []string
			for _, s := range ledesTold(t, in, LedesOptions{Today: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)}) {
				if code, rest, _ := strings.Cut(s, " "); !slices.Contains(got, code) {
					got = append(got, code)
					if !strings.HasPrefix(rest, "3 ") {
						t.Errorf("%s %s=%.30q: %s is not told of line 3", version, ledesNames[m.field], m.value, s)
					}
				}
			}
			slices.Sort(got)
			slices.Sort(m.want)
			if !slices.Equal(got, m.want) {
				t.Errorf("%s %s=%.30q: %q, want %q", version, ledesNames[m.field], m.value, got, m.want)
			}
		}
	}
}

func TestLedesStructure(t *testing.T) {
	good := ledesFile("LEDES1998B", "\r\n", []string{"A-1", "300.50", "100.25"}, []string{"A-1", "300.50", "200.25"}, []string{"A-2", "50.", "50"})
	lines := strings.SplitAfter(good, "\r\n")
	join := func(l ...string) string { return strings.Join(l, "") }
	moved := func(line string) string { // the first two columns change places
		f := strings.Split(line, "|")
		f[0], f[1] = f[1], f[0]
		return strings.Join(f, "|")
	}
	tests := []struct {
		name, in string
		want     []string
	}{
		{"good", good, nil},
		{"LF", strings.ReplaceAll(good, "\r\n", "\n"), nil},
		{"no end at the last line", strings.TrimSuffix(good, "\r\n"), nil},
		{"empty lines at the end", good + "\r\n\r\n", nil},
		{"both ends", strings.Replace(good, "\r\n", "\n", 2), []string{"line-ends 1"}},
		{"ends of an old Mac", strings.ReplaceAll(good, "\r\n", "\r"), []string{"line-ends 1"}},
		{"byte order mark", mark + good, []string{"bom 1"}},
		{"UTF-16", inUTF16(good), []string{"utf-16 1"}},
		{"no line ends", strings.ReplaceAll(good, "\r\n", ""), []string{"joined 1"}},
		{"two records in a line", strings.Replace(good, lines[3], strings.TrimSpace(lines[3])+" ", 1), []string{"joined 4"}},
		{"empty line between", join(lines[0], lines[1], "\r\n", lines[2], lines[3], lines[4]), []string{"empty-line 3"}},
		{"misspelt version", strings.Replace(good, "1998B[]", "1998b[]", 1), []string{"version 1"}},
		{"version without its end", strings.Replace(good, "1998B[]", "1998B", 1), []string{"record-end 1"}},
		{"no version", join(lines[1:]...), []string{"version 1"}},
		{"no header", join(lines[0], lines[2], lines[3], lines[4]), []string{"header-missing 2"}},
		{"header only", join(lines[0], lines[1]), []string{"no-lines 2"}},
		{"first line alone", "LEDES1998B[]", []string{"header-missing 1", "no-lines 1"}},
		{"misspelt column", strings.Replace(good, "CLIENT_ID", "KUNDE", 1), []string{"header 2 CLIENT_ID"}},
		{"column in small letters", strings.Replace(good, "CLIENT_ID", "client_id", 1), nil},
		{"columns in another order", join(lines[0], moved(lines[1]), moved(lines[2]), moved(lines[3]), moved(lines[4])), []string{"header-order 2"}},
		{"a column less in the header", strings.Replace(good, "|TIMEKEEPER_ID", "", 1), []string{"fields 2", "header 2 TIMEKEEPER_ID"}},
		{"a field less", join(lines[0], lines[1], lines[2], strings.Replace(lines[3], "|Draft 1", "", 1), lines[4]), []string{"fields 4"}},
		{"a bar in a text", strings.Replace(good, "Draft 1", "Draft | 1", 1), []string{"fields 4"}},
		{"no end of a record", strings.Replace(good, "[]\r\nLEDES", "[]\r\n", 1)[:len(good)-4], []string{"record-end 5"}},
		{"a record in the middle without its end", join(lines[0], lines[1], strings.Replace(lines[2], "[]", "", 1), lines[3], lines[4]), []string{"record-end 3"}},
		{"a line break in a text", strings.Replace(good, "Draft 1", "Draft\n1", 1), []string{"field-break 4", "line-ends 1"}},
		{"three line breaks in a text", strings.Replace(good, "Draft 1", "Draft\r\n\r\nand\r\n1", 1), []string{"field-break 4"}},
		{"brackets in a text", strings.Replace(good, "Draft 1", "Draft [] 1", 1), []string{"bracket 4"}},
		{"cut in the last line", good[:len(good)-30], []string{"record-end 5", "fields 5"}},
		{"two totals", strings.Replace(good, "300.50", "300.60", 1), []string{"total-differs 4 INVOICE_TOTAL"}},
		{"two dates", strings.Replace(good, "20260430", "20260501", 1), []string{"differs 4 INVOICE_DATE"}},
		{"two descriptions", strings.Replace(good, "Services", "services", 1), []string{"differs 4 INVOICE_DESCRIPTION"}},
		{"two matters", join(lines[0], lines[1], lines[2], strings.Replace(lines[3], "00420-0070", "00420-0071", 1), lines[4]), []string{"matter-second 4 CLIENT_MATTER_ID"}},
		{"two own matters", join(lines[0], lines[1], lines[2], strings.Replace(lines[3], "F200", "F201", 1), lines[4]), []string{"matter-second 4 LAW_FIRM_MATTER_ID"}},
		{"a number comes again", join(lines[0], lines[1], lines[2], lines[4], strings.Replace(lines[3], "F200", "F201", 1)), []string{"number-again 5 INVOICE_NUMBER"}},
		{"a number comes again for the same", join(lines[0], lines[1], lines[2], lines[4], lines[3]), nil},
		{"a line number twice", strings.Replace(good, "|Services|2|", "|Services|1|", 1), []string{"line-number 4 LINE_ITEM_NUMBER"}},
		{"a line twice", ledesFile("LEDES1998B", "\n", []string{"A", "20", "10"}) + strings.Replace(lastLine(ledesFile("LEDES1998B", "\n", []string{"A", "20", "10"})), "|Services|1|", "|Services|2|", 1),
			[]string{"line-twice 4"}},
		{"sum", ledesFile("LEDES1998B", "\n", []string{"7", "11", "10"}), []string{"sum 3 INVOICE_TOTAL"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ledesTold(t, tt.in, LedesOptions{}); !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func lastLine(s string) string {
	l := strings.SplitAfter(strings.TrimSuffix(s, "\n"), "\n")
	return l[len(l)-1] + "\n"
}

func inUTF16(s string) string {
	b := []byte("\xff\xfe")
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return string(b)
}

func TestLedesRefuses(t *testing.T) {
	for _, s := range []string{"", "LEDES", "LEDES 1998B", "Dear all, LEDES1998B[] is a format", "LEDES2000[]\n", "%PDF-1.4", "<html>", "<ledesxmlebilling3.0>", "<a", "<?xml", "\xff\xfe"} {
		if l, err := CheckLedes(strings.NewReader(s), LedesOptions{}, nil); !errors.Is(err, ErrNotLedes) {
			t.Errorf("%q is %+v, %v", s, l, err)
		}
	}
	for _, s := range []string{"", "LEDES", "LEDES 1998B", "ledes1998b[]", "Dear all, LEDES1998B[] is a format", "LEDES2000[]\n", "LEDES1998B", "%PDF-1.4"} {
		if l, ok := readLedes([]byte(s), LedesOptions{Cut: true}); ok {
			t.Errorf("%q is %+v", s, l)
		}
	}
	broken := errors.New("the disk is gone")
	for _, s := range []string{"", "LEDES1998B[]\n", "<ledesxmlebilling2.0>"} {
		if _, err := CheckLedes(iotest.DataErrReader(iotest.TimeoutReader(strings.NewReader(s+strings.Repeat("a", 9000)))), LedesOptions{}, nil); err == nil {
			t.Errorf("%q: an error of the reader is lost", s)
		}
		if _, err := CheckLedes(iotest.ErrReader(broken), LedesOptions{}, nil); !errors.Is(err, broken) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// TestReadLedesCut takes the part of a file that is there.
func TestReadLedesCut(t *testing.T) {
	for _, version := range []string{"1998B", "98BI V2", "XML 2.1"} {
		file := makeLedes(rand.New(rand.NewSource(5)), version, 1, 5).print()
		for cut := 120; cut < len(file); cut += 37 {
			l, ok := readLedes([]byte(file[:cut]), LedesOptions{Cut: true})
			if !ok || l.Errors > 0 {
				t.Errorf("%s cut at %d of %d: %v %v", version, cut, len(file), ok, l.Problems)
			}
		}
	}
}

// TestLedesSamples expects what a person sees in the samples.
func TestLedesSamples(t *testing.T) {
	dir := servertest.Corpus(t, "ledes-samples")
	// The format's own sample has taxes that are not its rate of anything.
	taxed := []string{"tax-amount 3 LINE_ITEM_TAX_TOTAL", "tax-amount 4 LINE_ITEM_TAX_TOTAL", "tax-amount 5 LINE_ITEM_TAX_TOTAL"}
	greedy := func(line int) []string { // the fields of each line of the two files of mistakes
		var out []string
		for _, s := range []string{"date %d INVOICE_DATE", "length %d INVOICE_NUMBER", "decimals %d INVOICE_TOTAL", "date %d BILLING_START_DATE", "date %d BILLING_END_DATE",
			"length %d LINE_ITEM_NUMBER", "type %d EXP/FEE/INV_ADJ_TYPE", "decimals %d LINE_ITEM_ADJUSTMENT_AMOUNT", "decimals %d LINE_ITEM_TOTAL", "date %d LINE_ITEM_DATE",
			"length %d LINE_ITEM_TASK_CODE", "length %d LINE_ITEM_EXPENSE_CODE", "length %d LINE_ITEM_ACTIVITY_CODE", "length %d TIMEKEEPER_ID", "length %d LAW_FIRM_ID",
			"length %d TIMEKEEPER_NAME", "class %d TIMEKEEPER_CLASSIFICATION", "length %d CLIENT_MATTER_ID"} {
			out = append(out, fmt.Sprintf(s, line))
		}
		return out
	}
	tests := []struct {
		file     string
		errors   bool
		want     []string
		alsoThem bool // only those, or these among others
	}{
		{"ledes1998b_good.txt", false, []string{"utf-8 3 LINE_ITEM_DESCRIPTION"}, false},
		{"ledes98bi_good.txt", false, append(taxed, "sum-tax 3 INVOICE_TOTAL", "tax-sum 3 INVOICE_TAX_TOTAL", "net 3 INVOICE_NET_TOTAL"), false},
		{"ledes1998b_eager_bad.txt", true, []string{"blank 3 LINE_ITEM_UNIT_COST", "code-missing 3 LINE_ITEM_EXPENSE_CODE"}, false},
		{"ledes98bi_eager_bad.txt", true, []string{"blank 3 TIMEKEEPER_LAST_NAME", "tax-amount 3 LINE_ITEM_TAX_TOTAL", "sum-tax 3 INVOICE_TOTAL", "tax-sum 3 INVOICE_TAX_TOTAL", "net 3 INVOICE_NET_TOTAL"}, false},
		{"ledes1998b_greedy_bad.txt", true, slices.Concat([]string{"version 1", "header 2 INVOICE_DATE", "length 3 CLIENT_ID", "blank 3 LAW_FIRM_MATTER_ID", "blank 4 LAW_FIRM_MATTER_ID",
			"line-number 4 LINE_ITEM_NUMBER", "line-twice 4", "sum 3 INVOICE_TOTAL"}, greedy(3), greedy(4)), true},
		{"ledes98bi_greedy_bad.txt", true, slices.Concat([]string{"version 1", "header 2 INVOICE_DATE", "blank 3 CLIENT_ID", "length 3 LAW_FIRM_MATTER_ID", "length 3 PO_NUMBER",
			"number-size 3 INVOICE_NET_TOTAL", "currency 3 INVOICE_CURRENCY", "account 3 ACCOUNT_TYPE", "length 4 LAW_FIRM_COUNTRY", "decimals 4 LINE_ITEM_TAX_RATE",
			"length 4 INVOICE_TAX_CURRENCY", "decimals 4 INVOICE_REPORTED_TAX_TOTAL"}, greedy(3), greedy(4)), true},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join(dir, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			got := ledesTold(t, string(b), LedesOptions{Today: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
			if !tt.alsoThem && !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
			for _, w := range tt.want {
				if !slices.Contains(got, w) {
					t.Errorf("%s is not told", w)
				}
			}
			if l, ok := readLedes(b, LedesOptions{}); !ok || (l.Errors > 0) != tt.errors {
				t.Errorf("%d errors", l.Errors)
			}
		})
	}
}
