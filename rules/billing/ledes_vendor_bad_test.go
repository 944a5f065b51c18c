package billing

import (
	"slices"
	"strings"
	"testing"
)

// TestLedesOfVendorsIsBad breaks one thing in each file, and wants that told, at its
// line, and little else.
func TestLedesOfVendorsIsBad(t *testing.T) {
	const head = "INVOICE_DATE|INVOICE_NUMBER"
	three := vendorThree()
	header := strings.Join(ledesNames[:num98B], "|")
	bad := func(code string, f vendorFile, also ...string) vendorBad { return vendorBad{f, code, also} }
	f := func(lines [][]string) vendorFile { return vendorFile{total: "852.50", lines: lines} }
	edited := func(old, to string) vendorFile {
		return vendorFile{total: "852.50", lines: three, change: replaced(old, to)}
	}
	first := func(s string) vendorFile { return vendorFile{total: "852.50", lines: three, first: s} }
	money := func(total, units, cost, change, sum string) vendorFile {
		return vendorFile{total: sum, lines: one(units, cost, change, total)}
	}
	taxed := func(total, tax, net string, pairs ...string) vendorFile {
		return vendorFile{total: total, tax: tax, net: net, lines: vendorTaxed(pairs...)}
	}
	tests := map[string]vendorBad{
		"first line misspelt":     bad("version 1", first("LEDES1998[]")),
		"first line with a blank": bad("version 1", first("LEDES 1998B[]")),
		"first line in lower":     bad("version 1", first("ledes1998b[]")),
		"first line filled up":    bad("version 1", first("LEDES1998B[]"+strings.Repeat("|", 23))),
		"first line of a sheet":   bad("version 1", first("LEDES1998B[],,,,")),
		"first line not there":    bad("version 1", edited("LEDES1998B[]\r\n", "")),
		"first line without end":  bad("record-end 1", first("LEDES1998B")),
		"98BI misspelt":           bad("version 1", vendorFile{total: "600.00", tax: "100.00", net: "500.00", lines: vendorTaxed(), first: "LEDES98_BI-V2[]"}),
		"column misspelt":         bad("header 2 CLIENT_ID", edited("CLIENT_ID|", "CLIENT_NO|")),
		"columns changed":         bad("header-order 2", edited(head, "INVOICE_NUMBER|INVOICE_DATE"), "date", "length"),
		"no columns":              bad("header-missing 2", edited(header+"[]\r\n", "")),
		"column left out":         bad("fields 2", edited("|TIMEKEEPER_NAME", ""), "header"),
		"line without end":        bad("record-end 3", edited("OF-2026-17[]", "OF-2026-17")),
		"bar in a text":           bad("fields 3", f(set(0, "LINE_ITEM_DESCRIPTION", "Review | draft"))),
		"field left out":          bad("fields 3", edited("|PARTNR|", "|")),
		"break in a text":         bad("field-break 3", f(set(0, "LINE_ITEM_DESCRIPTION", "Review\r\nof draft"))),
		"end in a text":           bad("bracket 3", f(set(0, "LINE_ITEM_DESCRIPTION", "Review [] draft"))),
		"two in a line":           bad("joined 3", edited("OF-2026-17[]\r\n", "OF-2026-17[]")),
		"blank line":              bad("empty-line 4", edited("OF-2026-17[]\r\n", "OF-2026-17[]\r\n\r\n")),
		"other line end":          bad("line-ends 1", edited("\r\n", "\n")),
		"end of a DOS file":       bad("control 6", vendorFile{total: "852.50", lines: three, change: func(s string) string { return s + "\x1a" }}),
		"no lines":                bad("no-lines 2", f(nil)),
		"30 February":             bad("date 3 LINE_ITEM_DATE", f(set(0, "LINE_ITEM_DATE", "20260230"))),
		"American date":           bad("date 3 LINE_ITEM_DATE", f(set(0, "LINE_ITEM_DATE", "04/10/2026")), "length"),
		"date with hyphens":       bad("date 4 LINE_ITEM_DATE", f(set(1, "LINE_ITEM_DATE", "2026-04-10"))),
		"no date":                 bad("blank 3 LINE_ITEM_DATE", f(set(0, "LINE_ITEM_DATE", ""))),
		"comma":                   bad("number 3 LINE_ITEM_TOTAL", money("3,000.00", "10", "300", "", "3000.00")),
		"dollar":                  bad("number 3 LINE_ITEM_UNIT_COST", money("300", "1", "$300", "", "300")),
		"brackets for minus":      bad("number 3 LINE_ITEM_ADJUSTMENT_AMOUNT", money("200", "1", "300", "(100.00)", "200")),
		"minus behind":            bad("number 3 LINE_ITEM_ADJUSTMENT_AMOUNT", money("200", "1", "300", "100.00-", "200")),
		"letter O":                bad("number 3 LINE_ITEM_UNIT_COST", money("300", "1", "3OO", "", "300")),
		"no number":               bad("blank 3 INVOICE_NUMBER", f(setAll("INVOICE_NUMBER", ""))),
		"no client on one line":   bad("blank 4 CLIENT_ID", f(set(1, "CLIENT_ID", "")), "differs"),
		"no firm":                 bad("blank 3 LAW_FIRM_ID", f(setAll("LAW_FIRM_ID", ""))),
		"no timekeeper":           bad("blank 3 TIMEKEEPER_ID", f(set(0, "TIMEKEEPER_ID", ""))),
		"no units":                bad("blank 3 LINE_ITEM_NUMBER_OF_UNITS", f(set(0, "LINE_ITEM_NUMBER_OF_UNITS", ""))),
		"no line total":           bad("blank 3 LINE_ITEM_TOTAL", f(set(0, "LINE_ITEM_TOTAL", ""))),
		"wrong product":           bad("line-total 3 LINE_ITEM_TOTAL", money("440", "1.5", "300", "", "440")),
		"discount added":          bad("line-total 3 LINE_ITEM_TOTAL", money("770", "2", "350", "-70", "770")),
		"three hundredths off":    bad("line-total 3 LINE_ITEM_TOTAL", money("300.03", "1", "300", "", "300.03")),
		"wrong sum":               bad("sum 3 INVOICE_TOTAL", vendorFile{total: "952.50", lines: three}),
		"sum five off":            bad("sum 3 INVOICE_TOTAL", vendorFile{total: "852.55", lines: three}),
		"total of one line":       bad("total-differs 5 INVOICE_TOTAL", f(set(2, "INVOICE_TOTAL", "850.00"))),
		"period backwards":        bad("period 3 BILLING_END_DATE", f(setAll("BILLING_START_DATE", "20260501")), "outside"),
		"after the period":        bad("outside 3 LINE_ITEM_DATE", f(set(0, "LINE_ITEM_DATE", "20260501"))),
		"next year":               bad("future 3 INVOICE_DATE", f(setAll("INVOICE_DATE", "20270430"))),
		"before the period ends":  bad("early 3 INVOICE_DATE", f(setAll("INVOICE_DATE", "20260415"))),
		"type":                    bad("type 3 EXP/FEE/INV_ADJ_TYPE", f(set(0, "EXP/FEE/INV_ADJ_TYPE", "FEE"))),
		"expense without code":    bad("code-missing 5 LINE_ITEM_EXPENSE_CODE", f(set(2, "LINE_ITEM_EXPENSE_CODE", ""))),
		"expense for a task":      bad("code-kind 3 LINE_ITEM_TASK_CODE", f(set(0, "LINE_ITEM_TASK_CODE", "E101"))),
		"revised expense, task":   bad("code-kind 3 LINE_ITEM_TASK_CODE", f(set(0, "LINE_ITEM_TASK_CODE", "X101"))),
		"codes changed":           bad("code-kind 3 LINE_ITEM_TASK_CODE", f(set(0, "LINE_ITEM_TASK_CODE", "A104", "LINE_ITEM_ACTIVITY_CODE", "L120"))),
		"no such code":            bad("code-unknown 3 LINE_ITEM_TASK_CODE", f(set(0, "LINE_ITEM_TASK_CODE", "L999"))),
		"no such J-Code":          bad("code-unknown 3 LINE_ITEM_TASK_CODE", f(set(0, "LINE_ITEM_TASK_CODE", "JN10"))),
		"expense code of a fee":   bad("code-place 3 LINE_ITEM_EXPENSE_CODE", f(set(0, "LINE_ITEM_EXPENSE_CODE", "E101"))),
		"line number again":       bad("line-number 4 LINE_ITEM_NUMBER", f(set(1, "LINE_ITEM_NUMBER", "1"))),
		"line again":              bad("line-twice 6", vendorFile{total: "1302.50", lines: plus(with(three[0], "LINE_ITEM_NUMBER", "9"))}),
		"another invoice date":    bad("differs 4 INVOICE_DATE", f(set(1, "INVOICE_DATE", "20260429")), "early"),
		"second matter":           bad("matter-second 4 CLIENT_MATTER_ID", f(set(1, "CLIENT_MATTER_ID", "OF-18"))),
		"long number":             bad("length 3 INVOICE_NUMBER", f(setAll("INVOICE_NUMBER", strings.Repeat("4", 21)))),
		"eleven digits":           bad("number-size 3 LINE_ITEM_UNIT_COST", money("12345678901.00", "1", "12345678901.00", "", "12345678901.00")),
		"five decimals":           bad("decimals 3 LINE_ITEM_NUMBER_OF_UNITS", f(set(0, "LINE_ITEM_NUMBER_OF_UNITS", "1.50001"))),
		"control":                 bad("control 3 LINE_ITEM_DESCRIPTION", f(set(0, "LINE_ITEM_DESCRIPTION", "Review\x00draft"))),
		"class":                   bad("class 3 TIMEKEEPER_CLASSIFICATION", f(set(0, "TIMEKEEPER_CLASSIFICATION", "Boss"))),
		"negative units":          bad("negative 3 LINE_ITEM_NUMBER_OF_UNITS", money("-300", "-1", "300", "", "-300")),

		"tax in per cent":      bad("tax-rate 3 LINE_ITEM_TAX_RATE", taxed("600", "100", "500", "LINE_ITEM_TAX_RATE", "20"), "tax-amount"),
		"tax of another rate":  bad("tax-amount 3 LINE_ITEM_TAX_TOTAL", taxed("600", "100", "500", "LINE_ITEM_TAX_RATE", "0.19")),
		"no such currency":     bad("currency 3 INVOICE_CURRENCY", taxed("600", "100", "500", "INVOICE_CURRENCY", "STG")),
		"no such country":      bad("country 3 CLIENT_COUNTRY", taxed("600", "100", "500", "CLIENT_COUNTRY", "XX")),
		"account":              bad("account 3 ACCOUNT_TYPE", taxed("600", "100", "500", "ACCOUNT_TYPE", "X")),
		"taxes wrong":          bad("tax-sum 3 INVOICE_TAX_TOTAL", taxed("600", "90", "500"), "net"),
		"net wrong":            bad("net 3 INVOICE_NET_TOTAL", taxed("600", "100", "480")),
		"total wrong":          bad("sum-tax 3 INVOICE_TOTAL", taxed("650", "100", "500")),
		"98BI called 1998B":    bad("fields 2", vendorFile{total: "600", tax: "100", net: "500", lines: vendorTaxed(), first: "LEDES1998B[]"}),
		"no currency":          bad("blank 3 INVOICE_CURRENCY", taxed("600", "100", "500", "INVOICE_CURRENCY", "")),
		"line total, no taxes": bad("line-total 3 LINE_ITEM_TOTAL", vendorFile{total: "450", tax: "90", net: "450", lines: one("1.5", "300", "", "450", "LINE_ITEM_TAX_TOTAL", "90")}, "net"),
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := ledesTold(t, tt.String(), LedesOptions{Today: vendorToday})
			if !slices.Contains(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
			want, _, _ := strings.Cut(tt.want, " ")
			for _, s := range got {
				if code, _, _ := strings.Cut(s, " "); code != want && !slices.Contains(tt.also, code) {
					t.Errorf("%q besides %q", s, tt.want)
				}
			}
		})
	}
}

// vendorBad is a file, what is wrong with it, and codes that follow from that.
type vendorBad struct {
	vendorFile
	want string
	also []string
}
