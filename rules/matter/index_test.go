package matter

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"chancery/config"
	"chancery/rules/text"
)

const dashed = `\b(\d{3,6})[-.](\d{1,4})\b`

func list(number string, ms ...config.Matter) config.Matters {
	for i := range ms {
		ms[i].Pos = config.Pos{File: "matters.csv", Line: i + 2, Col: 1}
	}
	return config.Matters{Number: config.Text{Value: number, Pos: config.Pos{File: "rules.d/a.yaml", Line: 3, Col: 12}}, List: ms}
}

func index(t testing.TB, m config.Matters) *Index {
	t.Helper()
	x, errs := New(m)
	if errs.Fatal() {
		t.Fatal(errs)
	}
	return x
}

func names(hits []Hit) string {
	var out []string
	for _, h := range hits {
		out = append(out, h.Matter.Number)
	}
	return strings.Join(out, " ")
}

func TestFind(t *testing.T) {
	office := list(dashed,
		config.Matter{Number: "12345.001"}, config.Matter{Number: "300.1"}, config.Matter{Number: "300.10"},
		config.Matter{Number: "00420-0070"}, config.Matter{Number: "9900.1", Aliases: []string{"Project Heron", "Roe v. Doe", "ab"}})
	twins := list(dashed, config.Matter{Number: "500-1"}, config.Matter{Number: "500.1"})
	glued := list(`\b\d{7}\b`, config.Matter{Number: "1275.001"}, config.Matter{Number: "127.5002"}, config.Matter{Number: "1275.002"})
	letters := list("", config.Matter{Number: "MORR000002"}, config.Matter{Number: "XYZ.1.1"}, config.Matter{Number: "0528"}, config.Matter{Number: "2025/001"})
	dockets := list(dashed, config.Matter{Number: "9900.1", Aliases: []string{"1:24-cv-01234-ABC", "1:23-cv-00009"}},
		config.Matter{Number: "9900.2", Aliases: []string{"25-cr-0007", "2:23-cv-00009"}})
	worded := list(`(?i)matter no\. (\d{4})`, config.Matter{Number: "0528"}, config.Matter{Number: "0529"})
	tests := []struct {
		name string
		list config.Matters
		in   string
		want string
	}{
		{"as written", office, "Re: 12345.001 lease", "12345.001"},
		{"end of sentence", office, "see 12345.001.", "12345.001"},
		{"in brackets", office, "(12345.001)", "12345.001"},
		{"other separator", office, "12345-001", "12345.001"},
		{"typographic dash", office, "12345–001", "12345.001"},
		{"leading zeros stay", office, "420-70 and 0420-0070", ""},
		{"leading zeros", office, "00420.0070", "00420-0070"},
		{"longer number before", office, "112345.001", ""},
		{"longer number after", office, "12345.0012", ""},
		{"part of a longer number", office, "1.12345.001", ""},
		{"decimals are not numbers", office, "300.100 300.1", "300.1"},
		{"300.1 is not 300.10", office, "300.10", "300.10"},
		{"version-like", office, "300.1.10", ""},
		{"a date", office, "2026-300.1", ""},
		{"word behind", office, "12345.001-ledes.txt", "12345.001"},
		{"word before", office, "inv-12345.001", "12345.001"},
		{"letter glued", office, "x12345.001", ""},
		{"foreign letter glued", office, "é12345.001", ""},
		{"not listed", office, "54321.001", ""},
		{"several in order", office, "300.10 then 12345.001 then 300.10", "300.10 12345.001 300.10"},
		{"alias", office, "about PROJECT  HERON today", "9900.1"},
		{"alias with a full stop", office, "Roe v. Doe", "9900.1"},
		{"alias is whole words", office, "project herons", ""},
		{"short alias", office, "ab", ""},
		{"twins as written", twins, "500-1", "500-1"},
		{"twins with a third separator", twins, "500–1", "500-1"},
		{"separator left out", glued, "1275001", "1275.001"},
		{"ambiguous without separator", glued, "1275002", ""},
		{"letters", letters, "morr000002 and xyz.1.1", "MORR000002 XYZ.1.1"},
		{"short number without a pattern", letters, "file 0528", "0528"},
		{"slash", letters, "2025/001", "2025/001"},
		{"words around", worded, "Matter No. 0528, room 0529", "0528"},
		{"docket as written", dockets, "Activity in Case 1:24-cv-01234-ABC Roe v. Doe", "9900.1"},
		{"docket without zeros and office", dockets, "re 24-CV-1234, and so on", "9900.1"},
		{"docket of other judges", dockets, "1:24-cv-01234-DEF-GHI", "9900.1"},
		{"docket of another office", dockets, "2:24-cv-01234-ABC", ""},
		{"docket of any office", dockets, "3:25-cr-00007 and 25-cr-7", "9900.2 9900.2"},
		{"longer docket", dockets, "24-cv-12345 and 124-cv-1234 and 24-cv-1234x", ""},
		{"ambiguous docket", dockets, "23-cv-9", ""},
		{"docket told by its office", dockets, "2:23-cv-9", "9900.2"},
		{"empty", office, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := index(t, tt.list)
			if got := names(x.FindFolded(text.Fold(tt.in))); got != tt.want {
				t.Errorf("Find(%q) = %q, want %q", tt.in, got, tt.want)
			}
			if room := []byte(nil); tt.want != "" && !x.May(&room, tt.in) {
				t.Errorf("May(%q) denies what is there", tt.in)
			}
		})
	}
}

func TestNewTells(t *testing.T) {
	tests := []struct {
		name  string
		list  config.Matters
		want  string
		fatal bool
	}{
		{"bad pattern", list(`(\d`, config.Matter{Number: "1"}), "rules.d/a.yaml:3:12: read number", true},
		{"pattern of nothing", list(`\d*`, config.Matter{Number: "1"}), "matches empty text", true},
		{"huge pattern", list(`(\d{900}){900}`, config.Matter{Number: "1"}), "read number", true},
		{"no number", list(dashed, config.Matter{}), "matters.csv:2:1: matter without a number", true},
		{"twice", list(dashed, config.Matter{Number: "1.1"}, config.Matter{Number: "1.1"}), `matters.csv:3:1: matter "1.1" is listed twice, first at line 2`, true},
		{"unlike the pattern", list(dashed, config.Matter{Number: "300.1"}, config.Matter{Number: "A7"}), `1 of 2 numbers do not look`, false},
		{"shared alias", list("", config.Matter{Number: "1", Aliases: []string{"Acme"}}, config.Matter{Number: "2", Aliases: []string{"ACME"}}), `alias "ACME" also belongs to matter "1"`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x, errs := New(tt.list)
			if errs.Fatal() != tt.fatal || (x == nil) != tt.fatal || !strings.Contains(errs.Error(), tt.want) {
				t.Errorf("fatal %v, index %v, errors:\n%v", errs.Fatal(), x != nil, errs)
			}
		})
	}
	x := index(t, list("", config.Matter{Number: "1", Aliases: []string{"Acme"}}, config.Matter{Number: "2", Aliases: []string{"ACME"}}))
	if got := names(x.FindFolded(text.Fold("acme"))); got != "" {
		t.Errorf("a shared alias finds %q", got)
	}
	var none *Index
	if hits := none.FindFolded(text.Fold("12345.001")); hits != nil {
		t.Errorf("no index finds %v", hits)
	}
}

// Every listed number is found where it stands alone, and a digit on either
// side hides it.
func TestFindLaw(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	var ms []config.Matter
	seen := map[string]bool{}
	for len(ms) < 2000 {
		n := fmt.Sprintf("%d.%04d", 10000+r.Intn(90000), r.Intn(10000))
		if !seen[n] {
			seen[n] = true
			ms = append(ms, config.Matter{Number: n})
		}
	}
	x := index(t, list(`\b(\d{5})[-.](\d{4})\b`, ms...))
	before := []string{"", " ", "re: ", "(", "\"", "no.", "#", "\n", "invoice-", "_"}
	after := []string{"", " ", ".", ", then", ")", "\n", ";", "-draft", "_x"}
	for range 5000 {
		m := ms[r.Intn(len(ms))]
		in := before[r.Intn(len(before))] + m.Number + after[r.Intn(len(after))]
		if got := names(x.FindFolded(text.Fold(in))); got != m.Number {
			t.Fatalf("Find(%q) = %q", in, got)
		}
		digit := fmt.Sprint(r.Intn(10))
		for _, longer := range []string{digit + m.Number, m.Number + digit, m.Number + "." + digit, digit + "-" + m.Number} {
			if got := names(x.FindFolded(text.Fold(longer))); strings.Contains(" "+got+" ", " "+m.Number+" ") {
				t.Fatalf("Find(%q) = %q", longer, got)
			}
		}
	}
}

func FuzzMatter(f *testing.F) {
	for _, s := range []string{"Re: 12345.001", "300.1.10", "Roe v. Doe", "x-300.10-y", "12345–001", "\xff12345.001\xfe", "........", "é12345.001é"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, s, alias string) {
		x, _ := New(list(dashed, config.Matter{Number: "12345.001"}, config.Matter{Number: "300.1", Aliases: []string{alias}}))
		if x == nil {
			t.Fatal("a good list is refused")
		}
		folded := text.Fold(s)
		for _, h := range x.FindFolded(text.Fold(s)) {
			if h.At < 0 || h.At+len(h.Text) > len(folded) || folded[h.At:h.At+len(h.Text)] != h.Text {
				t.Fatalf("hit %q at %d is not in %q", h.Text, h.At, folded)
			}
			if !alone(folded, h.At, h.At+len(h.Text)) && h.Alias {
				t.Fatalf("hit %q is part of a word in %q", h.Text, folded)
			}
		}
	})
}

// FuzzMatterNumber reads docket numbers: what is printed in any of their forms is found
// again, and every hit is a place in the text.
func FuzzMatterNumber(f *testing.F) {
	f.Add(uint8(24), uint16(1234), uint8(1), "-ABC", "in ", ".")
	f.Add(uint8(7), uint16(9), uint8(0), "", "", "")
	f.Fuzz(func(t *testing.T, year uint8, number uint16, office uint8, judge, before, behind string) {
		if number == 0 {
			return
		}
		year %= 100
		alias := fmt.Sprintf("%02d-cv-%05d", year, number)
		x := index(t, list(dashed, config.Matter{Number: "12345.001", Aliases: []string{alias}}))
		for _, s := range []string{
			alias, fmt.Sprintf("%02d-cv-%d", year, number), fmt.Sprintf("%02d-CV-%06d", year, number),
			fmt.Sprintf("%d:%02d-cv-%05d", office%10, year, number), fmt.Sprintf("%02d-cv-%05d-ABC-DE", year, number),
		} {
			if got := names(x.FindFolded(text.Fold("re " + s + " now"))); got != "12345.001" {
				t.Fatalf("%q finds %q", s, got)
			}
		}
		folded := text.Fold(before + alias + judge + behind)
		for _, h := range x.FindFolded(folded) {
			if h.At < 0 || h.At+len(h.Text) > len(folded) || folded[h.At:h.At+len(h.Text)] != h.Text {
				t.Fatalf("hit %q at %d is not in %q", h.Text, h.At, folded)
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	body := strings.Repeat("The parties met on 12 March 2026 to discuss section 4.2 of the draft and invoice 20260312-7. ", 44)
	body += "Our reference 10555.0001."
	folded := text.Fold(body)
	for _, n := range []int{1000, 100000} {
		b.Run(fmt.Sprintf("matters=%d,text=4KiB", n), func(b *testing.B) {
			var ms []config.Matter
			for i := range n {
				ms = append(ms, config.Matter{Number: fmt.Sprintf("%05d.%04d", 10000+i%90000, i/90000+1), Aliases: []string{fmt.Sprintf("client %d holdings", i)}})
			}
			x := index(b, list(`\b(\d{5})[-.](\d{4})\b`, ms...))
			b.SetBytes(int64(len(folded)))
			b.ResetTimer()
			for b.Loop() {
				if len(x.FindFolded(folded)) != 1 {
					b.Fatal("not found")
				}
			}
		})
	}
}
