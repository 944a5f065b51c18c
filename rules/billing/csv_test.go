package billing

import (
	"encoding/csv"
	"math"
	"strings"
	"testing"

	"chancery/internal/model"
)

func TestWriteLedger(t *testing.T) {
	got := WriteLedger([]model.Bill{
		{ID: "00", State: "open", Class: "vendor", Number: "-17", Name: `Blue "Heron", Inc.`, Client: "=cmd|' /C calc'!A0", Matter: "00420.0010",
			Amount: -168445, Currency: "USD", Date: 1772409600, Due: 1775001600, At: 1772442000, Subject: "a\r\nb", Doubts: []string{"x", "y"}, Proved: true},
		{},
	})
	want := "id,state,said_by,class,event,number,vendor,vendor_id,client,matter,amount,currency,date,due,period_from,period_till,received,source,subject,message_id,proved,doubts,faults,twins,layer\r\n" +
		`00,open,,vendor,,'-17,"Blue ""Heron"", Inc.",,'=cmd|' /C calc'!A0,00420.0010,-1684.45,USD,2026-03-02,2026-04-01,,,2026-03-02T09:00:00Z,,a  b,,yes,x y,,,` + "\r\n" +
		",,,,,,,,,,,,,,,,,,,,no,,,,\r\n"
	if got != want {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

func TestAmount(t *testing.T) {
	for _, c := range []struct {
		minor    int64
		currency string
		want     string
	}{
		{0, "", ""}, {0, "USD", "0.00"}, {5, "USD", "0.05"}, {-5, "USD", "-0.05"}, {1250, "JPY", "1250"}, {1250, "KWD", "1.250"},
		{1250, "", "12.50"}, {math.MinInt64, "USD", "-92233720368547758.08"}, {7, "a b", "0.07"},
	} {
		if got := Amount(model.Bill{Amount: c.minor, Currency: c.currency}); got != c.want {
			t.Errorf("%d %s: %q, want %q", c.minor, c.currency, got, c.want)
		}
	}
}

// Whatever a mail says, a spreadsheet reads as many cells and computes none of them.
func FuzzWriteLedger(f *testing.F) {
	for _, s := range []string{"", "=1+1", " \t=1+1", "\r\n+1", "@x", "-1", "\"", "a,b", "\xff=", "\u2028=", "＝1", "%0A", "'x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := WriteLedger([]model.Bill{{Number: s, Name: s, Vendor: s, Client: s, Matter: s, Subject: s, MessageID: s, Currency: s, Source: model.SourceID(s), Doubts: []string{s}, Amount: 1}})
		r := csv.NewReader(strings.NewReader(out))
		rows, err := r.ReadAll()
		if err != nil || len(rows) != 2 || len(rows[0]) != len(rows[1]) {
			t.Fatalf("%d rows, %v: %q", len(rows), err, out)
		}
		for _, cell := range rows[1] {
			if cell != "" && strings.ContainsAny(strings.TrimSpace(cell)[:1], "=+-@") || strings.ContainsAny(cell, "\r\n\t") {
				t.Fatalf("a spreadsheet computes %q", cell)
			}
		}
	})
}
