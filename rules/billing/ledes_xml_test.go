package billing

import (
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"
)

const goodXML = `<?xml version="1.0" encoding="UTF-8"?>
<ledesxmlebilling2.1 xmlns="http://www.ledes.org/LEDES21.xsd">
<firm>
<lf_id>12-3456789</lf_id><lf_name>Reyes &amp; Stone</lf_name>
<client>
<cl_id>C100</cl_id><cl_name><![CDATA[Orchard <Foods>]]></cl_name>
<cl_address><country>GB</country></cl_address>
<invoice>
<inv_id>A-1</inv_id>
<inv_date>2026-04-30</inv_date>
<inv_due_date>2026-05-30</inv_due_date>
<inv_currency>EUR</inv_currency>
<inv_start_date>2026-04-01</inv_start_date>
<inv_end_date>2026-04-30</inv_end_date>
<inv_total_net_due>125</inv_total_net_due>
<matter>
<cl_matter_id>00420-0070</cl_matter_id><lf_matter_id>F200</lf_matter_id>
<matter_total_detail_fees>100</matter_total_detail_fees>
<matter_total_detail_exp>25</matter_total_detail_exp>
<matter_net_fees>100</matter_net_fees>
<matter_net_exp>25</matter_net_exp>
<matter_total_due>125</matter_total_due>
<fee>
<charge_date>2026-04-15</charge_date>
<tk_id>T1</tk_id>
<tk_level>PARTNR</tk_level>
<charge_desc>Draft</charge_desc>
<task_code>L120</task_code><task_activity>A103</task_activity>
<charge_type>U</charge_type>
<units>0.5</units>
<rate>200</rate>
<base_amount>100</base_amount>
<total_amount>100</total_amount>
</fee>
<expense>
<charge_date>2026-04-16</charge_date>
<charge_desc>Lunch</charge_desc>
<expense_code>E111</expense_code>
<units>1</units>
<rate>25</rate>
<base_amount>25</base_amount>
<total_amount>25</total_amount>
</expense>
</matter>
</invoice>
</client>
</firm>
</ledesxmlebilling2.1>
`

func TestLedesXML(t *testing.T) {
	today := LedesOptions{Today: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)}
	tests := []struct {
		name, old, new string
		want           []string
	}{
		{"good", "", "", nil},
		{"prefix and attributes", "<fee>", "<fee a='1>2' b=\"x\">", nil},
		{"a comment with everything in it", "<fee>", "<!-- <fee> & --- ]]> --><fee>", nil},
		{"an instruction", "<fee>", "<?x <fee> ?><fee>", nil},
		{"an empty element", "<charge_desc>Draft</charge_desc>", "<charge_desc/>", nil},
		{"characters by number", "Draft", "&#68;raf&#x74;", nil},
		{"no number", "<inv_id>A-1</inv_id>", "", []string{"blank 8 inv_id"}},
		{"date of 1998B", "2026-04-30</inv_date>", "20260430</inv_date>", []string{"date 10 inv_date"}},
		{"date with a time", "2026-04-15<", "2026-04-15T00:00:00<", nil},
		{"due date", "2026-05-30", "30 days", []string{"date 11 inv_due_date"}},
		{"currency", "EUR", "euro", []string{"length 12 inv_currency"}},
		{"period", "2026-04-01<", "2026-05-01<", []string{"outside 23 charge_date", "outside 35 charge_date", "period 8 inv_end_date"}},
		{"total", ">125</inv_total", ">126</inv_total", []string{"sum 15 inv_total_net_due"}},
		{"total with a comma", ">125</inv_total", ">1,25</inv_total", []string{"number 15 inv_total_net_due"}},
		{"due for the matter", ">125</matter_total", ">130</matter_total", []string{"matter-due 22 matter_total_due"}},
		{"fees of the matter", ">100</matter_total", ">90</matter_total", []string{"matter-sum 18 matter_total_detail_fees"}},
		{"net fees", ">100</matter_net", ">90</matter_net", []string{"matter-due 22 matter_total_due"}},
		{"no matter number", "<cl_matter_id>00420-0070</cl_matter_id><lf_matter_id>F200</lf_matter_id>", "", []string{"blank 16 lf_matter_id"}},
		{"base amount", "<base_amount>100<", "<base_amount>101<", []string{"base-amount 23 base_amount", "line-total 23 total_amount"}},
		{"flat charge", "<charge_type>U</charge_type>\n<units>0.5</units>", "<charge_type>F</charge_type>", nil},
		{"line total", "<base_amount>100</base_amount>\n<total_amount>100<", "<base_amount>100</base_amount>\n<total_amount>99<",
			[]string{"line-total 23 total_amount", "matter-due 22 matter_total_due"}},
		{"discount with a minus", "<total_amount>100<", "<item_disc_cred_amount>-10</item_disc_cred_amount><total_amount>90<", []string{"matter-due 22 matter_total_due"}},
		{"discount without one", "<total_amount>100<", "<item_disc_cred_amount>10</item_disc_cred_amount><total_amount>90<", []string{"matter-due 22 matter_total_due"}},
		{"no timekeeper", "<tk_id>T1</tk_id>", "", []string{"blank 23 tk_id"}},
		{"no rate", "<rate>200</rate>", "", []string{"blank 23 rate"}},
		{"a task code of expenses", "L120", "E101", []string{"code-kind 23 task_code"}},
		{"a fee outside of a matter", "</matter>\n", "</matter><fee></fee>\n", []string{"xml-segment 44 fee"}},
		{"an end that is missing", "</expense>", "", []string{"xml 44 matter"}},
		{"cut", "</client>\n</firm>\n</ledesxmlebilling2.1>\n", "", []string{"xml-cut 46"}},
		{"an entity of its own", "Draft", "&draft;", []string{"xml-entity 27"}},
		{"a document type", "<firm>", "<!DOCTYPE x [<!ENTITY a 'b'>]><firm>", []string{"xml-entity 3"}},
		{"not UTF-8", "Draft", "Dr\xe4ft", []string{"xml-encoding 27"}},
		{"a second root", "</ledesxmlebilling2.1>\n", "</ledesxmlebilling2.1><ledesxmlebilling2.1>", []string{"xml 48 ledesxmlebilling2.1"}},
		{"deep", "<cl_address>", strings.Repeat("<a>", 40), []string{"xml-depth 7"}},
		{"the same invoice again", "</client>\n", "</client>\n" + goodXML[strings.Index(goodXML, "<client>"):strings.Index(goodXML, "</firm>")], []string{"number-again 50 inv_id"}},
		{"tax above the lines", "<inv_total_net_due>125<", "<inv_total_tax>5</inv_total_tax><inv_total_net_due>130<", nil},
		{"a discount of the matter", "<matter_total_due>125</matter_total_due>", "<matter_disc_credit_fees>-5</matter_disc_credit_fees>", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := goodXML
			if tt.old != "" {
				if in = strings.Replace(goodXML, tt.old, tt.new, 1); in == goodXML {
					t.Fatal("nothing was changed")
				}
			}
			got := ledesTold(t, in, today)
			slices.Sort(got)
			want := slices.Sorted(slices.Values(tt.want))
			if !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

func TestLedesXMLFields(t *testing.T) {
	l, ok := readLedes([]byte(goodXML), LedesOptions{})
	day := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 0, 0, 0, 0, time.UTC) }
	want := LedesInvoice{Number: "A-1", Date: day(4, 30), Due: day(5, 30), From: day(4, 1), Till: day(4, 30), Client: "C100", Matter: "00420-0070", LawFirmMatter: "F200",
		LawFirm: "12-3456789", FirmName: "Reyes & Stone", ClientName: "Orchard <Foods>", Total: Money{12500, "EUR"}, Fees: Money{10000, "EUR"}, Expenses: Money{2500, "EUR"},
		Line: 8, Lines: 2}
	if !ok || l.Version != "XML 2.1" || len(l.Invoices) != 1 || l.Invoices[0] != want {
		t.Errorf("%+v, want %+v", l, want)
	}
}

func FuzzLedesXML(f *testing.F) {
	f.Add([]byte(goodXML), true)
	f.Add([]byte(makeLedes(rand.New(rand.NewSource(2)), "XML 2.2", 2, 3).print()), false)
	f.Add([]byte("<ledesxmlebilling2.0><firm><client><invoice><matter><fee><units>1</units></fee><fee/></matter></invoice></client></firm>"), true)
	f.Add([]byte("<ledesxmlebilling2.0>]]><![CDATA[]]]]>&#x1F600;&#0;</a>"), true)
	f.Fuzz(func(t *testing.T, b []byte, whole bool) { fuzzLedes(t, b, whole) })
}
