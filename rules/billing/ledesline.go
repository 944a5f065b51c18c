package billing

import (
	"fmt"
	"strings"
	"time"
)

// columns98B are the 24 fields of LEDES 1998B, in order.
var columns98B = strings.Split("INVOICE_DATE|INVOICE_NUMBER|CLIENT_ID|LAW_FIRM_MATTER_ID|INVOICE_TOTAL|BILLING_START_DATE|"+
	"BILLING_END_DATE|INVOICE_DESCRIPTION|LINE_ITEM_NUMBER|EXP/FEE/INV_ADJ_TYPE|LINE_ITEM_NUMBER_OF_UNITS|LINE_ITEM_ADJUSTMENT_AMOUNT|"+
	"LINE_ITEM_TOTAL|LINE_ITEM_DATE|LINE_ITEM_TASK_CODE|LINE_ITEM_EXPENSE_CODE|LINE_ITEM_ACTIVITY_CODE|TIMEKEEPER_ID|"+
	"LINE_ITEM_DESCRIPTION|LAW_FIRM_ID|LINE_ITEM_UNIT_COST|TIMEKEEPER_NAME|TIMEKEEPER_CLASSIFICATION|CLIENT_MATTER_ID", "|")

// columns98BI are the 52 fields of LEDES 98BI V2.
var columns98BI = append(columns98B[:24:24], strings.Split("PO_NUMBER|CLIENT_TAX_ID|MATTER_NAME|INVOICE_TAX_TOTAL|INVOICE_NET_TOTAL|"+
	"INVOICE_CURRENCY|TIMEKEEPER_LAST_NAME|TIMEKEEPER_FIRST_NAME|ACCOUNT_TYPE|LAW_FIRM_NAME|LAW_FIRM_ADDRESS_1|LAW_FIRM_ADDRESS_2|"+
	"LAW_FIRM_CITY|LAW_FIRM_STATEorREGION|LAW_FIRM_POSTCODE|LAW_FIRM_COUNTRY|CLIENT_NAME|CLIENT_ADDRESS_1|CLIENT_ADDRESS_2|CLIENT_CITY|"+
	"CLIENT_STATEorREGION|CLIENT_POSTCODE|CLIENT_COUNTRY|LINE_ITEM_TAX_RATE|LINE_ITEM_TAX_TOTAL|LINE_ITEM_TAX_TYPE|"+
	"INVOICE_REPORTED_TAX_TOTAL|INVOICE_TAX_CURRENCY", "|")...)

var (
	dateColumns    = []string{"INVOICE_DATE", "BILLING_START_DATE", "BILLING_END_DATE", "LINE_ITEM_DATE"}
	numberColumns  = []string{"INVOICE_TOTAL", "LINE_ITEM_NUMBER_OF_UNITS", "LINE_ITEM_ADJUSTMENT_AMOUNT", "LINE_ITEM_TOTAL", "LINE_ITEM_UNIT_COST"}
	neededColumns  = []string{"INVOICE_NUMBER", "CLIENT_ID", "LAW_FIRM_MATTER_ID", "INVOICE_TOTAL", "LINE_ITEM_NUMBER", "LINE_ITEM_TOTAL", "LAW_FIRM_ID"}
	limitedColumns = []string{"INVOICE_NUMBER", "CLIENT_ID", "LAW_FIRM_MATTER_ID", "LINE_ITEM_NUMBER", "TIMEKEEPER_ID", "LAW_FIRM_ID", "CLIENT_MATTER_ID"}
)

// line reads one line item. Each kind of mistake is reported once a line.
func (r *ledesReader) line(rec string) {
	fields := strings.Split(rec, "|")
	if len(fields) != len(r.columns) {
		r.problemAt("fields")
		if len(fields) < 5 {
			return
		}
	}
	get := func(name string) string {
		if i, ok := r.index[name]; ok && i < len(fields) {
			return strings.TrimSpace(fields[i])
		}
		return ""
	}
	for _, c := range dateColumns {
		if _, ok := ledesDate(get(c)); !ok {
			r.problemAt("date")
			break
		}
	}
	for _, c := range numberColumns {
		if _, ok := fixed4(get(c)); !ok && get(c) != "" {
			r.problemAt("number")
			break
		}
	}
	r.needed(get)
	for _, c := range limitedColumns {
		if len(get(c)) > 20 {
			r.problemAt("length")
			break
		}
	}
	r.count(get)
}

// needed reports blanks where the type of the line does not allow one.
func (r *ledesReader) needed(get func(string) string) {
	blank := false
	for _, c := range neededColumns {
		blank = blank || get(c) == ""
	}
	kind := get("EXP/FEE/INV_ADJ_TYPE")
	switch kind {
	case "F":
		blank = blank || get("TIMEKEEPER_ID") == ""
		blank = blank || r.out.Version != "1998B" && get("TIMEKEEPER_LAST_NAME") == "" && get("TIMEKEEPER_NAME") == ""
		fallthrough
	case "E":
		blank = blank || get("LINE_ITEM_NUMBER_OF_UNITS") == "" || get("LINE_ITEM_UNIT_COST") == ""
	case "IE", "IF":
	default:
		r.problemAt("type")
	}
	if blank {
		r.problemAt("blank")
	}
}

// count puts the line to its invoice. Date and matter of an invoice are those of
// its first line.
func (r *ledesReader) count(get func(string) string) {
	number := get("INVOICE_NUMBER")
	total, ok := fixed4(get("INVOICE_TOTAL"))
	sum := r.invoice[number]
	if sum == nil {
		if len(r.out.Invoices) == maxInvoices {
			return
		}
		if r.invoice == nil {
			r.invoice = map[string]*ledesSum{}
		}
		sum = &ledesSum{at: len(r.out.Invoices), total: total}
		r.invoice[number] = sum
		inv := LedesInvoice{
			Number: number, Client: get("CLIENT_ID"), Matter: get("CLIENT_MATTER_ID"), LawFirmMatter: get("LAW_FIRM_MATTER_ID"),
		}
		inv.Date, _ = ledesDate(get("INVOICE_DATE"))
		if code := get("INVOICE_CURRENCY"); code != "" {
			if inv.Total.Currency = code; !known[code] {
				inv.Total.Currency = ""
				r.problemAt("currency")
			}
		}
		if ok {
			inv.Total.Minor = r.minor(total, inv.Total.Currency)
		}
		r.out.Invoices = append(r.out.Invoices, inv)
	} else if total != sum.total && !sum.differing {
		sum.differing = true
		r.problemAt("total-differs")
	}
	r.out.Invoices[sum.at].Lines++
	item, ok := fixed4(get("LINE_ITEM_TOTAL"))
	if next := sum.lines + item; !ok || item > 0 && next < sum.lines || item < 0 && next > sum.lines {
		sum.overflow = true
	} else {
		sum.lines = next
	}
}

// minor turns ten thousandths into minor units, half away from zero.
func (r *ledesReader) minor(v int64, code string) int64 {
	unit := int64(1)
	for range 4 - exponent(code) {
		unit *= 10
	}
	if v%unit != 0 {
		r.problemAt("decimals")
	}
	half := unit / 2
	if v < 0 {
		half = -half
	}
	return (v + half) / unit
}

// sums compares the total of each invoice with its lines, if all are there.
func (r *ledesReader) sums() {
	if !r.whole {
		return
	}
	if len(r.out.Invoices) == 0 {
		r.problem("no-lines")
	}
	byPlace := make([]*ledesSum, len(r.out.Invoices))
	for _, s := range r.invoice {
		byPlace[s.at] = s
	}
	for i, s := range byPlace {
		// A hundredth more or less is a matter of rounding.
		if d := s.total - s.lines; s.overflow || d > 100 || d < -100 {
			r.problem(fmt.Sprintf("sum invoice %d", i+1))
		}
	}
}

// ledesDate reads YYYYMMDD.
func ledesDate(s string) (time.Time, bool) {
	if len(s) != 8 || !allDigits(s) {
		return time.Time{}, false
	}
	return civil(atoi(s[:4]), atoi(s[4:6]), atoi(s[6:]))
}

// fixed4 reads a LEDES number into ten thousandths: digits, a point, a leading
// minus; "1250." is legal, as in the format's own sample.
func fixed4(s string) (int64, bool) {
	neg := strings.HasPrefix(s, "-")
	whole, frac, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if len(whole) > 14 || len(frac) > 4 || whole == "" && frac == "" || whole != "" && !allDigits(whole) || frac != "" && !allDigits(frac) {
		return 0, false
	}
	var v int64
	for _, part := range []string{whole, (frac + "0000")[:4]} {
		for i := range len(part) {
			v = v*10 + int64(part[i]-'0')
		}
	}
	if neg {
		v = -v
	}
	return v, true
}
