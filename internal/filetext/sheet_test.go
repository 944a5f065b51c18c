package filetext

import (
	"fmt"
	"strings"
	"testing"
)

func book(t testing.TB, prop, styles, strs, rows string) []byte {
	return pack(t, "xl/workbook.xml", `<workbook><workbookPr `+prop+`/></workbook>`, "xl/styles.xml", `<styleSheet>`+styles+`</styleSheet>`,
		"xl/sharedStrings.xml", `<sst>`+strs+`</sst>`, "xl/worksheets/sheet1.xml", `<x:worksheet xmlns:x="m"><x:sheetData>`+rows+`</x:sheetData></x:worksheet>`)
}

func TestCellsStandInTheirColumns(t *testing.T) {
	rows := `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="inlineStr"><is><t>Due
date</t></is></c></row>` +
		`<row r="2"><c r="B2"><v>12</v></c></row><row r="3"/>` +
		`<row r="4"><c r="A4" t="str"><f>A1</f><v>sum</v></c><c r="C4" t="b"><v>1</v></c><c r='D4' t='e'><v>#N/A</v></c></row>` +
		`<row><c><v>1</v></c><c><v>2</v></c></row>` +
		`<row><c r="XFD9"><v>7</v></c><c r="A9" t="s"><v>99</v></c></row>`
	got, _, code := Text("", "", book(t, "", "", `<si><t>Invoice</t></si><si><r><t>Am</t></r><r><t>ount</t></r></si>`, rows))
	if want := "Invoice\tAmount\tDue date\n\t12\n\nsum\t\tTRUE\t#N/A\n1\t2\n7"; got != want || code != "" {
		t.Errorf("code %q\ngot  %q\nwant %q", code, got, want)
	}
}

func TestNumbersAsTheyAreSeen(t *testing.T) {
	for _, tt := range []struct{ code, value, want string }{
		{"", "1684.4499999999998", "1684.45"},
		{"", "123456789012345678", "123456789012345678"},
		{"", "1E+20", "100000000000000000000"},
		{"General", "0.30000000000000004", "0.3"},
		{"0.00", "1234.5", "1234.50"},
		{"0.00", "1.845", "1.85"},
		{"0.00", "-0.001", "0.00"},
		{"0.00", "9.999", "10.00"},
		{"#,##0.00", "-1234567.891", "-1234567.89"},
		{`"$"#,##0.00`, "5", "$5.00"},
		{`"$"#,##0.00_);\("$"#,##0.00\)`, "-5", "-$5.00"},
		{`#,##0.00\ "€"`, "5", "5.00 €"},
		{`#,##0.00\ [$€-407]`, "1684.45", "1684.45 €"},
		{`[$EUR] #,##0.00`, "5", "EUR 5.00"},
		{`_-* #,##0.00\ "€"_-;\-* #,##0.00\ "€"_-`, "12", "12.00 €"},
		{"000000", "123", "000123"},
		{"0.0%", "0.19", "19.0%"},
		{"yyyy\\-mm\\-dd", "46349", "2026-11-23"},
		{"m/d/yyyy", "46349", "2026-11-23"},
		{`[$-407]d\. mmmm yyyy`, "46349", "2026-11-23"},
		{"dd.mm.yyyy hh:mm", "46349.5", "2026-11-23 12:00"},
		{"mm:ss", "0.5", "12:00"},
		{"[h]:mm", "0.25", "06:00"},
		{"d", "1", "1900-01-01"},
		{"d", "59", "1900-02-28"},
		{"d", "61", "1900-03-01"},
		{"d", "-1", "-1"},
		{"d", "99999999", "99999999"},
		{"@", "0123", "0123"},
		{"0", "not a number", "not a number"},
		{"0", "NaN", "NaN"},
		{`"`, "1", "1"},
		{"[", "1", "1"},
		{strings.Repeat("0", 5000), "1", strings.Repeat("0", 29) + "1"},
	} {
		styles := `<numFmts><numFmt numFmtId="164" formatCode="` + strings.NewReplacer("&", "&amp;", `"`, "&quot;").Replace(tt.code) + `"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs>`
		got, _, code := Text("", "", book(t, "", styles, "", `<row><c s="1"><v>`+tt.value+`</v></c></row>`))
		if got != tt.want || code != "" {
			t.Errorf("%q of %q: got %q, want %q, code %q", tt.code, tt.value, got, tt.want, code)
		}
	}
	old, _, _ := Text("", "", book(t, `date1904="1"`, `<cellXfs><xf numFmtId="14"/></cellXfs>`, "", `<row><c s="0"><v>44887</v></c></row>`))
	if old != "2026-11-23" {
		t.Errorf("days since 1904: %q", old)
	}
}

// However many numbers a table has, its words are read.
func TestNumbersDoNotHideWords(t *testing.T) {
	var rows strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&rows, `<row><c><v>%d</v></c></row>`, i)
	}
	got, cut, code := Text("", "", book(t, "", "", `<si><t>privileged</t></si>`, rows.String()+`<row><c t="s"><v>0</v></c></row>`))
	if !strings.HasPrefix(got, "privileged\n") || !cut || code != "cut" || len(got) > MaxText || !strings.Contains(got, "\n1000\n") {
		t.Errorf("%.40q, %d octets, %v, %q", got, len(got), cut, code)
	}
}

func TestHostileSheets(t *testing.T) {
	word := strings.Repeat("w", 30_000)
	for name, b := range map[string][]byte{
		"a word a million times": book(t, "", "", "<si><t>"+word+"</t></si>", strings.Repeat(`<row><c t="s"><v>0</v></c></row>`, 100_000)),
		"far columns":            book(t, "", "", "", strings.Repeat(`<row><c r="XFC1"><v>1</v></c><c r="ZZZ1"><v>1</v></c></row>`, 100_000)),
		"wide rows":              book(t, "", "", "", strings.Repeat(`<row><c r="ALL1"><v>1</v></c></row>`, 100_000)),
		"many styles":            book(t, "", "<cellXfs>"+strings.Repeat(`<xf numFmtId="1"/>`, 200_000)+"</cellXfs>", "", `<row><c s="199999"><v>1</v></c></row>`),
		"many words":             book(t, "", "", strings.Repeat("<si><t>"+word[:1000]+"</t></si>", 10_000), ""),
		"a cell of a book":       book(t, "", "", "", "<row><c t='inlineStr'><is><t>"+strings.Repeat(word, 100)+"</t></is></c></row>"),
		"no shared strings":      book(t, "", "", "", `<row><c t="s"><v>-1</v></c><c t="s"><v>99999999999999999999</v></c></row>`),
	} {
		if got, _, code := Text("", "", b); len(got) > MaxText || code != "" && Codes[code] == "" {
			t.Errorf("%s: %d octets, code %q", name, len(got), code)
		}
	}
}

func TestOpenTables(t *testing.T) {
	cell := func(attrs, text string) string {
		return `<table:table-cell ` + attrs + `><text:p>` + text + `</text:p></table:table-cell>`
	}
	content := `<office:document-content><office:body><office:spreadsheet><table:table><table:table-row>` +
		cell("", "Invoice") + cell("", "Due") + cell("", "Amount") + `<table:table-cell table:number-columns-repeated="16000"/></table:table-row><table:table-row>` +
		cell(`office:value-type="string"`, "RE-1") + cell(`office:value-type="date" office:date-value="2026-11-23T00:00:00"`, "11/23/26") +
		cell(`office:value-type="currency" office:currency="EUR" office:value="1684.45"`, "1.684,45 €") + `</table:table-row><table:table-row>` +
		`<table:table-cell table:number-columns-repeated="2"/>` + cell(`office:value-type="float" office:value="7"`, "007") +
		`<table:table-cell><text:p>a</text:p><text:p>b</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>`
	got, _, code := Text("", "", pack(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "META-INF/manifest.xml", "<m/>", "content.xml", content))
	if want := "Invoice\tDue\tAmount\nRE-1\t2026-11-23\t1684.45 EUR\n\t\t007\ta b"; got != want || code != "" {
		t.Errorf("code %q\ngot  %q\nwant %q", code, got, want)
	}
}
