package billing

import (
	"bytes"
	"errors"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"chancery/internal/servertest"
)

func FuzzLedes(f *testing.F) {
	f.Add([]byte(ledesFile("LEDES1998B", "\r\n", []string{"A-1", "300.50", "100.25"})), true)
	f.Add([]byte(ledesFile("LEDES98BI V2", "\n", []string{"7", "10", "10"})), false)
	f.Add([]byte(makeLedes(rand.New(rand.NewSource(1)), "98BI V2", 2, 3).print()), true)
	f.Add([]byte("LEDES1998B[]\n[]\n|||||[][]"), true)
	f.Add([]byte("LEDES 1998[]"+strings.Repeat("|", 23)+"\r\n\x1a"), true)
	f.Add([]byte("LEDES98BI\n20000110"+strings.Repeat("|", 29)+"MUR"+strings.Repeat("|", 22)), true)
	f.Add([]byte("\"LEDES98_BI[],,;,\n|[]\n\x1a\x00"), false)
	f.Add([]byte(vendorFile{total: "600.00", tax: "100.00", net: "500.00", lines: vendorTaxed("LINE_ITEM_TASK_CODE", "jm30", "LINE_ITEM_DESCRIPTION", "Travel; draft / review, and email re. call.")}.String()), true)
	f.Add([]byte("\xff\xfeL\x00E\x00D\x00E\x00S\x001\x009\x009\x008\x00B\x00[\x00]\x00"), true)
	dir := servertest.Corpus(f, "ledes-samples")
	files, _ := filepath.Glob(filepath.Join(dir, "*.txt"))
	for _, name := range files {
		if b, err := os.ReadFile(name); err == nil {
			f.Add(b, true)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, whole bool) { fuzzLedes(t, b, whole) })
}

// fuzzLedes holds what is true of every file.
func fuzzLedes(t *testing.T, b []byte, whole bool) {
	codes := map[string]bool{}
	for _, c := range LedesCodes() {
		codes[c.Code] = true
	}
	o := LedesOptions{Cut: !whole, Today: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Guidelines: strictGuidelines()}
	var first []LedesProblem
	l, err := CheckLedes(bytes.NewReader(b), o, func(p LedesProblem) {
		if !codes[p.Code] || p.Line < 1 || p.Line > bytes.Count(b, []byte("\n"))+bytes.Count(b, []byte("\r"))+2 || len(p.Got) > 4*maxGot || !utf8.ValidString(p.Got) {
			t.Errorf("%+v", p)
		}
		first = append(first, p)
	})
	if err != nil {
		if !errors.Is(err, ErrNotLedes) || l.Version != "" || l.Invoices != nil {
			t.Fatalf("%v, yet %+v", err, l)
		}
		return
	}
	if len(l.Problems) > maxProblems || len(l.Invoices) > maxInvoices || l.Errors+l.Warnings != len(first) {
		t.Fatalf("%d problems, %d invoices, %d told", len(l.Problems), len(l.Invoices), len(first))
	}
	for _, inv := range l.Invoices {
		// Mail names fewer currencies than LEDES does: any three capitals would be too many.
		readable := inv.Total.Currency == "" || known[inv.Total.Currency]
		if got, ok := parseMoney(inv.Total.String()); readable && (!ok || got != inv.Total) {
			t.Fatalf("total %v reads back as %v", inv.Total, got)
		}
	}
	// In whatever pieces a file comes, it says the same.
	n := 0
	again, err := CheckLedes(iotest.OneByteReader(bytes.NewReader(b)), o, func(p LedesProblem) {
		if n < len(first) && first[n] != p {
			t.Errorf("octet by octet %+v, at once %+v", p, first[n])
		}
		n++
	})
	if err != nil || n != len(first) || again.Lines != l.Lines || len(again.Invoices) != len(l.Invoices) {
		t.Errorf("octet by octet: %v, %d problems and %d lines, at once %d and %d", err, n, again.Lines, len(first), l.Lines)
	}
}
