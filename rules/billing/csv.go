package billing

import (
	"strings"
	"time"

	"chancery/internal/model"
)

// ledgerColumns are those of WriteLedger: their names and their order stay, new ones
// come last.
var ledgerColumns = []struct {
	name string
	cell func(model.Bill) string
}{
	{"id", func(b model.Bill) string { return b.ID }},
	{"state", func(b model.Bill) string { return b.State }},
	{"said_by", func(b model.Bill) string { return b.By }},
	{"class", func(b model.Bill) string { return b.Class }},
	{"event", func(b model.Bill) string { return b.Event }},
	{"number", func(b model.Bill) string { return unformulated(b.Number) }},
	{"vendor", func(b model.Bill) string { return unformulated(b.Name) }},
	{"vendor_id", func(b model.Bill) string { return unformulated(b.Vendor) }},
	{"client", func(b model.Bill) string { return unformulated(b.Client) }},
	{"matter", func(b model.Bill) string { return unformulated(b.Matter) }},
	{"amount", Amount},
	{"currency", func(b model.Bill) string { return unformulated(b.Currency) }},
	{"date", func(b model.Bill) string { return Day(b.Date) }},
	{"due", func(b model.Bill) string { return Day(b.Due) }},
	{"period_from", func(b model.Bill) string { return Day(b.From) }},
	{"period_till", func(b model.Bill) string { return Day(b.Till) }},
	{"received", func(b model.Bill) string { return utc(b.At, time.RFC3339) }},
	{"source", func(b model.Bill) string { return unformulated(string(b.Source)) }},
	{"subject", func(b model.Bill) string { return unformulated(b.Subject) }},
	{"message_id", func(b model.Bill) string { return unformulated(b.MessageID) }},
	{"proved", func(b model.Bill) string { return map[bool]string{true: "yes", false: "no"}[b.Proved] }},
	{"doubts", func(b model.Bill) string { return unformulated(strings.Join(b.Doubts, " ")) }},
	{"faults", func(b model.Bill) string { return unformulated(strings.Join(b.Faults, " ")) }},
	{"twins", func(b model.Bill) string { return strings.Join(b.Twins, " ") }},
	{"layer", func(b model.Bill) string { return b.Layer }},
}

// WriteLedger returns bills as CSV (RFC 4180 section 2): a line of names, then one line
// for each bill, every line with CR LF at its end. Amounts are decimals with a point
// and without their currency, days are YYYY-MM-DD, times as in RFC 3339 section 5.6, in UTC, lists have
// blanks between them; what is not known is empty. A text that a spreadsheet would
// compute has an apostrophe before it.
func WriteLedger(bills []model.Bill) string {
	var b strings.Builder
	line := func(cell func(i int) string) {
		for i := range ledgerColumns {
			if i > 0 {
				b.WriteByte(',')
			}
			writeCell(&b, cell(i))
		}
		b.WriteString("\r\n")
	}
	line(func(i int) string { return ledgerColumns[i].name })
	for _, bill := range bills {
		line(func(i int) string { return ledgerColumns[i].cell(bill) })
	}
	return b.String()
}

func writeCell(b *strings.Builder, s string) {
	if !strings.ContainsAny(s, "\",\r\n") {
		b.WriteString(s)
		return
	}
	b.WriteByte('"')
	b.WriteString(strings.ReplaceAll(s, `"`, `""`))
	b.WriteByte('"')
}

// unformulated makes a text from outside one line that no spreadsheet computes: it
// takes what begins with one of these for a formula, and some skip blanks before it.
func unformulated(s string) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?")))
	if s != "" && strings.ContainsRune("=+-@＝＋－＠|%", []rune(s)[0]) {
		return "'" + s
	}
	return s
}

// Amount prints the amount of a bill without its currency, as "-1684.45"; "" if the
// bill tells none.
func Amount(b model.Bill) string {
	if b.Amount == 0 && b.Currency == "" {
		return ""
	}
	s := Money{Minor: b.Amount, Currency: b.Currency}.String()
	return s[strings.LastIndexByte(s, ' ')+1:]
}

// Day prints a day of a bill as YYYY-MM-DD; "" if it is not known.
func Day(at model.UnixTime) string { return utc(at, time.DateOnly) }

func utc(at model.UnixTime, layout string) string {
	if at == 0 {
		return ""
	}
	return time.Unix(int64(at), 0).UTC().Format(layout)
}
