package billing

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/servertest"
)

// ledesFile builds a file of our own: lines of (invoice, total, line total).
func ledesFile(version string, eol string, rows ...[]string) string {
	columns := columns98B
	if version != "LEDES1998B" {
		columns = columns98BI
	}
	var b strings.Builder
	b.WriteString(version + "[]" + eol + strings.Join(columns, "|") + "[]" + eol)
	for i, row := range rows {
		f := make([]string, len(columns))
		for c, v := range map[int]string{
			0: "20260430", 1: row[0], 2: "C100", 3: "F200", 4: row[1], 5: "20260401", 6: "20260430", 7: "Services", 8: string(rune('1' + i)),
			9: "F", 10: "1", 11: "0", 12: row[2], 13: "20260415", 14: "L120", 16: "A103", 17: "T1", 18: "Draft", 19: "12-3456789", 20: row[2],
			21: "Reyes, Alma", 22: "PARTNR", 23: "00420-0070",
		} {
			f[c] = v
		}
		if len(columns) > 24 {
			f[29], f[30], f[31] = "EUR", "Reyes", "Alma"
		}
		b.WriteString(strings.Join(f, "|") + "[]" + eol)
	}
	return b.String()
}

func TestReadLedes(t *testing.T) {
	good := ledesFile("LEDES1998B", "\r\n", []string{"A-1", "300.50", "100.25"}, []string{"A-1", "300.50", "200.25"}, []string{"A-2", "50.", "50"})
	tests := []struct {
		name, in string
		cut      bool
		numbers  []string
		totals   []string
		problems []string
	}{
		{"good", good, false, []string{"A-1", "A-2"}, []string{"300.50", "50.00"}, nil},
		{"byte order mark and LF", "\ufeff" + strings.ReplaceAll(good, "\r\n", "\n"), false, []string{"A-1", "A-2"}, []string{"300.50", "50.00"}, nil},
		{"no line ends at all", strings.ReplaceAll(good, "\r\n", ""), false, []string{"A-1", "A-2"}, []string{"300.50", "50.00"}, nil},
		{"cut in the last line", good[:len(good)-30], true, []string{"A-1"}, []string{"300.50"}, nil},
		{"cut in the header", good[:40], true, nil, nil, nil},
		{"ended in the last line", good[:len(good)-30], false, []string{"A-1", "A-2"}, []string{"300.50", "50.00"}, []string{"record-end line 5", "fields line 5"}},
		{"international", ledesFile("LEDES98BI V2", "\n", []string{"7", "10", "10"}), false, []string{"7"}, []string{"EUR 10.00"}, nil},
		{"sum", ledesFile("LEDES1998B", "\n", []string{"7", "11", "10"}), false, []string{"7"}, []string{"11.00"}, []string{"sum invoice 1"}},
		{"two totals", ledesFile("LEDES1998B", "\n", []string{"7", "20", "10"}, []string{"7", "21", "10"}), false, []string{"7"}, []string{"20.00"},
			[]string{"total-differs line 4"}},
		{"money sign", ledesFile("LEDES1998B", "\n", []string{"7", "$10", "10"}), false, []string{"7"}, []string{"0.00"},
			[]string{"number line 3", "sum invoice 1"}},
		{"bad day", strings.Replace(ledesFile("LEDES1998B", "\n", []string{"7", "10", "10"}), "20260430", "20260431", 1), false, []string{"7"}, []string{"10.00"},
			[]string{"date line 3"}},
		{"header", strings.Replace(ledesFile("LEDES1998B", "\n", []string{"7", "10", "10"}), "CLIENT_ID", "KUNDE", 1), false, []string{"7"}, []string{"10.00"},
			[]string{"header line 2"}},
		{"no lines", ledesFile("LEDES1998B", "\n"), false, nil, nil, []string{"no-lines"}},
		{"first line alone", "LEDES1998B[]", false, nil, nil, []string{"header-missing", "no-lines"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, ok := ReadLedes([]byte(tt.in), !tt.cut)
			if !ok {
				t.Fatal("not recognised")
			}
			var numbers, totals []string
			for _, inv := range l.Invoices {
				numbers, totals = append(numbers, inv.Number), append(totals, inv.Total.String())
			}
			if !slices.Equal(numbers, tt.numbers) || !slices.Equal(totals, tt.totals) || !slices.Equal(l.Problems, tt.problems) {
				t.Errorf("numbers %q totals %q problems %q", numbers, totals, l.Problems)
			}
		})
	}
}

func TestReadLedesFields(t *testing.T) {
	l, _ := ReadLedes([]byte(ledesFile("LEDES1998B", "\n", []string{"A-1", "30", "10"}, []string{"A-1", "30", "20"})), true)
	want := LedesInvoice{"A-1", time.Date(2026, 4, 30, 0, 0, 0, 0, time.UTC), "C100", "00420-0070", "F200", Money{3000, ""}, 2}
	if len(l.Invoices) != 1 || l.Invoices[0] != want || l.Version != "1998B" {
		t.Errorf("%+v", l)
	}
}

func TestReadLedesRefuses(t *testing.T) {
	for _, s := range []string{"", "LEDES", "LEDES 1998B", "ledes1998b[]", "Dear all, LEDES1998B[] is a format", "LEDES2000[]\n", "LEDES1998B", "%PDF-1.4"} {
		if l, ok := ReadLedes([]byte(s), false); ok {
			t.Errorf("%q is %+v", s, l)
		}
	}
}

// TestLedesSamples reads the samples of the format's own committee.
func TestLedesSamples(t *testing.T) {
	dir := servertest.Corpus(t, "ledes-samples")
	read := func(name string) Ledes {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		l, ok := ReadLedes(b, true)
		if !ok {
			t.Fatalf("%s is not recognised", name)
		}
		return l
	}
	l := read("ledes1998b_good.txt")
	if len(l.Problems) != 0 || len(l.Invoices) != 2 || l.Invoices[0].Total != (Money{168445, ""}) || l.Invoices[1].Total != (Money{125000, ""}) ||
		l.Invoices[0].Lines != 5 || l.Invoices[0].Matter != "423-987" || l.Invoices[0].LawFirmMatter != "0528" || l.Invoices[0].Number != "96542" {
		t.Errorf("1998b_good: %+v", l)
	}
	l = read("ledes98bi_good.txt")
	if l.Version != "98BI V2" || len(l.Invoices) != 1 || l.Invoices[0].Total != (Money{186997, "GBP"}) || !slices.Equal(l.Problems, []string{"sum invoice 1"}) {
		t.Errorf("98bi_good: %+v", l)
	}
	for _, name := range []string{"ledes1998b_eager_bad.txt", "ledes1998b_greedy_bad.txt", "ledes98bi_eager_bad.txt", "ledes98bi_greedy_bad.txt"} {
		if l := read(name); len(l.Problems) == 0 {
			t.Errorf("%s has no problem", name)
		} else {
			t.Log(name, l.Problems)
		}
	}
}

func FuzzLedes(f *testing.F) {
	f.Add([]byte(ledesFile("LEDES1998B", "\r\n", []string{"A-1", "300.50", "100.25"})), true)
	f.Add([]byte(ledesFile("LEDES98BI V2", "\n", []string{"7", "10", "10"})), false)
	f.Add([]byte("LEDES1998B[]\n[]\n|||||[][]"), true)
	dir := servertest.Corpus(f, "ledes-samples")
	files, _ := filepath.Glob(filepath.Join(dir, "*.txt"))
	for _, name := range files {
		if b, err := os.ReadFile(name); err == nil {
			f.Add(b, true)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, whole bool) {
		l, ok := ReadLedes(b, whole)
		if !ok && (l.Version != "" || l.Invoices != nil) {
			t.Fatalf("refused, yet %+v", l)
		}
		if len(l.Problems) > maxProblems || len(l.Invoices) > maxInvoices {
			t.Fatalf("%d problems, %d invoices", len(l.Problems), len(l.Invoices))
		}
		for _, inv := range l.Invoices {
			if got, ok := parseMoney(inv.Total.String()); !ok || got != inv.Total {
				t.Fatalf("total %v reads back as %v", inv.Total, got)
			}
		}
	})
}
