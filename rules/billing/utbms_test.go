package billing

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chancery/internal/servertest"
)

// TestUTBMSSets counts each set: the codes of the publication, with its phases.
func TestUTBMSSets(t *testing.T) {
	want := map[string]struct {
		codes       int
		first, last string
		next        string // which the set has not
	}{
		"Litigation, ABA 1995":                             {34, "L100", "L530", "L540"},
		"e-Discovery, LOC 2011":                            {34, "L600", "L690", "L700"},
		"Counseling, ABA 1996":                             {4, "C100", "C400", "C500"},
		"Project, ABA 1996":                                {16, "P100", "P800", "P900"},
		"Bankruptcy, ABA 1996":                             {25, "B100", "B420", "B430"},
		"EW-UTBMS J-Codes for England and Wales, LOC 2014": {51, "JA00", "JM30", "JM40"},
		"Activities, ABA 1995":                             {11, "A101", "A111", "A128"},
		"Activities, LOC 2012":                             {16, "A112", "A127", "A128"},
		"Expenses, ABA 1995":                               {24, "E101", "E124", "E132"},
		"Expenses of patents and trademarks, LOC 2009":     {7, "E125", "E131", "E132"},
	}
	seen := map[string]string{}
	for _, set := range utbmsSets {
		codes := strings.Fields(set.codes)
		w := want[set.name]
		if len(codes) != w.codes || codes[0] != w.first || codes[len(codes)-1] != w.last {
			t.Errorf("%s: %d codes, %s to %s; want %+v", set.name, len(codes), codes[0], codes[len(codes)-1], w)
		}
		for _, code := range codes {
			if other := seen[code]; other != "" {
				t.Errorf("%s is in %q and %q", code, other, set.name)
			}
			seen[code] = set.name
			for _, c := range []string{code, strings.ToLower(code)} {
				if kind, known := utbmsKind([]byte(c)); kind != set.kind || !known {
					t.Errorf("%s: %c %v", c, kind, known)
				}
			}
		}
		if _, known := utbmsKind([]byte(w.next)); known {
			t.Errorf("%s is known", w.next)
		}
	}
}

func TestUTBMSKind(t *testing.T) {
	tests := map[string]struct {
		kind  byte
		known bool
	}{
		"PA110": {'T', true}, "pa900": {'T', true}, "TR710": {'T', true}, "I100": {'T', true}, "X137": {'E', true}, "x101": {'E', true},
		"L999": {'T', false}, "B999": {'T', false}, "A128": {'A', false}, "E199": {'E', false}, "JN10": {'?', false}, "JA11": {'?', false},
		"": {'?', false}, "L": {'?', false}, "L1100": {'?', false}, "PA11": {'?', false}, "PA1100": {'?', false}, "XX10": {'?', false}, "L12O": {'?', false},
		"Z100": {'?', false}, "110.1": {'?', false}, "é120": {'?', false}, "l\x00\x00\x00": {'?', false},
	}
	for code, want := range tests {
		if kind, known := utbmsKind([]byte(code)); kind != want.kind || known != want.known {
			t.Errorf("%q: %c %v, want %c %v", code, kind, known, want.kind, want.known)
		}
	}
}

// TestUTBMSCorpus compares the sets with the bar association's own table.
func TestUTBMSCorpus(t *testing.T) {
	f, err := os.Open(filepath.Join(servertest.Corpus(t, "utbms-codes"), "utbms.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]map[string]bool{}
	for _, row := range rows[1:] {
		if table[row[0]] == nil {
			table[row[0]] = map[string]bool{}
		}
		table[row[0]][row[2]] = true
	}
	for name, set := range map[string]string{"litigation": "Litigation, ABA 1995", "activity": "Activities, ABA 1995", "expense": "Expenses, ABA 1995"} {
		if len(table[name]) < 10 {
			t.Fatalf("%s: %d codes in the table", name, len(table[name]))
		}
		for _, s := range utbmsSets {
			if s.name != set {
				continue
			}
			codes := strings.Fields(s.codes)
			for _, code := range codes {
				if !table[name][code] {
					t.Errorf("%s is not in the table", code)
				}
			}
			if len(codes) != len(table[name]) {
				t.Errorf("%s: %d of %d codes", set, len(codes), len(table[name]))
			}
		}
	}
}
