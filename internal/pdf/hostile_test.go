package pdf

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// one is a PDF of a single page that a test makes as bad as it likes.
func one(build func(f *file, root, tree, page int)) []byte {
	f := newFile()
	root, tree, page := f.next(), f.next(), f.next()
	f.put(root, fmt.Sprintf("<</Type /Catalog /Pages %d 0 R>>", tree))
	build(f, root, tree, page)
	if f.at[tree] == 0 {
		f.put(tree, fmt.Sprintf("<</Type /Pages /Kids [%d 0 R] /Count 1 %s %s>>", page, sheet, faces))
	}
	return f.end(root, "")
}

func pageOf(f *file, tree, page, content int) {
	f.put(page, fmt.Sprintf("<</Type /Page /Parent %d 0 R /Contents %d 0 R>>", tree, content))
}

// withProgram is a PDF whose page has a program of so many octets.
func withProgram(data []byte) []byte {
	return one(func(f *file, _, tree, page int) { pageOf(f, tree, page, f.packed("", data)) })
}

func deepTree(depth int) []byte {
	return one(func(f *file, _, tree, page int) {
		at := tree
		for range depth {
			next := f.next()
			f.put(at, fmt.Sprintf("<</Type /Pages /Kids [%d 0 R] /Count 1 %s>>", next, sheet))
			at = next
		}
		f.put(at, fmt.Sprintf("<</Type /Pages /Kids [%d 0 R] /Count 1>>", page))
		pageOf(f, at, page, f.packed("", program(mark{50, 700, 10, "deep", ""})))
	})
}

func manyPages(n int) []byte {
	return one(func(f *file, _, tree, page int) {
		content := f.packed("", program(mark{50, 700, 10, "again", ""}))
		pageOf(f, tree, page, content)
		f.put(tree, fmt.Sprintf("<</Type /Pages /Kids [%s] /Count %d %s %s>>", strings.Repeat(fmt.Sprintf("%d 0 R ", page), n), n, sheet, faces))
	})
}

func bombs() map[string][]byte {
	zeroes := bytes.Repeat([]byte(" "), 512<<20)
	form := func(self string) []byte {
		return one(func(f *file, _, tree, page int) {
			x := f.next()
			body := "/X Do /X Do /X Do"
			f.put(x, fmt.Sprintf("<</Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources <</XObject <</X %d 0 R>>>> /Length %d>>\nstream\n%s\nendstream", x, len(body), body))
			f.put(page, fmt.Sprintf("<</Type /Page /Parent %d 0 R /Contents %d 0 R /Resources <</XObject <</X %d 0 R>>>>>>", tree, f.packed("", []byte("/X Do")), x))
			_ = self
		})
	}
	// Each form draws the next one ten times: ten to the ninth in the end.
	laughs := one(func(f *file, _, tree, page int) {
		below := f.packed("/Type /XObject /Subtype /Form /BBox [0 0 999 999] "+faces, program(mark{1, 1, 9, "ha", ""}))
		for range 9 {
			below = f.packed(fmt.Sprintf("/Type /XObject /Subtype /Form /BBox [0 0 999 999] /Resources <</XObject <</X %d 0 R>>>>", below), bytes.Repeat([]byte("/X Do "), 10))
		}
		f.put(page, fmt.Sprintf("<</Type /Page /Parent %d 0 R /Contents %d 0 R /Resources <</XObject <</X %d 0 R>>>>>>", tree, f.packed("", []byte("/X Do")), below))
	})
	letters := bytes.Repeat([]byte("(all work and no play) Tj 0 1 Td\n"), 3<<20)
	return map[string][]byte{
		"blank program of 512 MiB":   withProgram(zeroes),
		"text program of 100 MiB":    withProgram(append([]byte("BT /F1 9 Tf\n"), letters...)),
		"form that draws itself":     form("self"),
		"forms that draw ten others": laughs,
		"attached file of 512 MiB":   book([][]byte{program(mark{50, 700, 9, "kept", ""})}, "bomb.xml", string(zeroes)),
		"object stream of 512 MiB": one(func(f *file, _, tree, page int) {
			f.packed("/Type /ObjStm /N 1000000 /First 10000000", zeroes)
			pageOf(f, tree, page, f.packed("", program(mark{50, 700, 9, "kept", ""})))
		}),
		"array within array": one(func(f *file, _, tree, page int) {
			f.put(page, fmt.Sprintf("<</Type /Page /Parent %d 0 R /X %s>>", tree, strings.Repeat("[", 1<<20)))
		}),
		"program of arrays":       withProgram(bytes.Repeat([]byte("["), 8<<20)),
		"program of dictionaries": withProgram(append([]byte("/A "), bytes.Repeat([]byte("<</A "), 4<<20)...)),
		"program that saves":      withProgram(bytes.Repeat([]byte("q "), 16<<20)),
	}
}

func malformed() map[string][]byte {
	good := novel(2)
	replace := func(old, new string) []byte { return bytes.ReplaceAll(good, []byte(old), []byte(new)) }
	return map[string][]byte{
		"only a beginning": []byte("%PDF-1.7\n"),
		"noise":            append([]byte("%PDF-1.7\n"), noise(1<<20)...),
		"page tree in a circle": one(func(f *file, _, tree, _ int) {
			f.put(tree, fmt.Sprintf("<</Type /Pages /Kids [%d 0 R %[1]d 0 R] /Count 2>>", tree))
		}),
		"page tree without end": one(func(f *file, _, tree, page int) {
			f.put(tree, fmt.Sprintf("<</Type /Pages /Kids [%d 0 R] /Count 2000000000>>", tree))
		}),
		"10,000 levels of pages": deepTree(10_000),
		"10,000 pages":           manyPages(10_000),
		"a huge sheet":           replace("[0 0 612 792]", "[-1e38 -1e38 1e38 1e38]"),
		"an empty sheet":         replace("[0 0 612 792]", "[0 0 0 0]"),
		"a sheet of no numbers":  replace("[0 0 612 792]", "[/A /B null (x)]"),
		"lengths that lie":       replace("/Length ", "/Length 99999999"),
		"negative lengths":       replace("/Length ", "/Length -1"),
		"a length of itself": one(func(f *file, _, tree, page int) {
			s := f.next()
			f.put(s, fmt.Sprintf("<</Length %d 0 R>>\nstream\nBT ET\nendstream", s))
			pageOf(f, tree, page, s)
		}),
		"text far away":       withProgram(program(mark{1e30, -1e30, 1e20, "far", ""}, mark{50, 700, 9, "near", ""})),
		"text without size":   withProgram(program(mark{50, 700, 0, "none", ""}, mark{50, 700, -9, "negative", ""})),
		"text at every angle": withProgram(program(mark{50, 700, 9, "a", "0.7 0.7 -0.7 0.7"}, mark{50, 700, 9, "b", "0 0 0 0"}, mark{50, 700, 9, "c", "1e30 1e30 1e30 1e30"})),
		"tables in a circle":  bytes.Replace(good, []byte("trailer\n<<"), []byte(fmt.Sprintf("trailer\n<</Prev %d ", bytes.LastIndex(good, []byte("xref\n0")))), 1),
		"a password":          bytes.Replace(good, []byte("trailer\n<<"), []byte("trailer\n<</ID [(0123456789012345) (0123456789012345)] /Encrypt <</Filter /Standard /V 1 /R 2 /P -4 /O ("+strings.Repeat("o", 32)+") /U ("+strings.Repeat("u", 32)+")>> "), 1),
		"text of 5 MiB":       book(slices.Repeat([][]byte{program(tight(110)...)}, 50)),
		"a page of a million": withProgram(program(tight(1000)...)),
		"50 pages of blanks":  book(slices.Repeat([][]byte{program(blanks(190)...)}, 50)),
	}
}

// tight are so many lines of a thousand letters each.
func tight(lines int) (out []mark) {
	for i := range lines {
		out = append(out, mark{1, 1 + float64(i)*0.7, 1, strings.Repeat("x", 1000), ""})
	}
	return out
}

func blanks(lines int) []mark {
	out := tight(lines)
	for i := range out {
		out[i].text = strings.Repeat("x ", 500)
	}
	return out
}

func noise(n int) []byte {
	r := rand.New(rand.NewPCG(7, 7))
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(r.Uint32())
	}
	return out
}

// told is what the bad ones come to; "" where a person would see a page all the same.
var told = map[string]string{
	"only a beginning": "broken", "noise": "broken", "page tree in a circle": "broken", "page tree without end": "broken",
	"10,000 levels of pages": "broken", "10,000 pages": "cut", "a length of itself": "pdf-empty", "a password": "encrypted",
	"text of 5 MiB": "cut", "50 pages of blanks": "cut", "a page of a million": "limit",
	"blank program of 512 MiB": "broken", "text program of 100 MiB": "broken", "attached file of 512 MiB": "broken",
	"form that draws itself": "pdf-memory", "forms that draw ten others": "pdf-memory", "program that saves": "pdf-memory",
	"array within array": "pdf-empty", "program of arrays": "pdf-empty", "program of dictionaries": "pdf-empty",
}

// Whatever comes, it costs no more than it may, has a code, and the next PDF is read.
func TestHostile(t *testing.T) {
	if testing.Short() || raced {
		t.Skip("takes a minute")
	}
	p := newPool(t, Options{Readers: 1})
	honest := novel(1)
	want, _, none := p.Read(honest)
	if none != "" || !strings.Contains(want, "matter") {
		t.Fatalf("the honest one: %q, code %q", want, none)
	}
	try := func(name string, content []byte, code string) {
		t.Run(name, func(t *testing.T) {
			begun := time.Now()
			text, inside, got := p.Read(content)
			t.Logf("%d octets: %d octets of text, %d files, code %q, %v", len(content), len(text), len(inside), got, time.Since(begun).Round(time.Millisecond))
			if got != code {
				t.Errorf("code %q, want %q", got, code)
			}
			if got, _, code := p.Read(honest); got != want || code != "" {
				t.Errorf("the honest one behind it: code %q, %d octets", code, len(got))
			}
		})
	}
	for _, set := range []map[string][]byte{malformed(), bombs()} {
		for name, content := range set {
			try(name, content, told[name])
		}
	}
}

// Files from life, damaged: each is read as far as it can be, and none does harm.
func TestDamaged(t *testing.T) {
	if raced {
		t.Skip("takes many minutes")
	}
	p := newPool(t, Options{Readers: 1})
	r := rand.New(rand.NewPCG(3, 14))
	codes, first := map[string]int{}, 0
	for _, corpus := range []string{"invoices-pdf", "e-invoices-zugferd-ubl"} {
		for name, content := range pdfs(t, corpus) {
			for range 6 {
				bad := bytes.Clone(content)
				if r.IntN(3) == 0 {
					bad = bad[:r.IntN(len(bad))]
				}
				for range r.IntN(40) {
					bad[r.IntN(len(bad))] ^= 1 << r.IntN(8)
				}
				text, _, code := p.Read(bad)
				codes[code]++
				if code == "pdf" || len(text) > 20_000 {
					t.Errorf("%s: %d octets of text, code %q", name, len(text), code)
				}
			}
			for pid := range pids(p) {
				if first == 0 {
					first = pid
				}
				if pid != first {
					t.Errorf("%s: another child", name)
					first = pid
				}
			}
		}
	}
	t.Logf("codes: %v", codes)
	if codes[""] == 0 || codes["broken"] == 0 {
		t.Errorf("codes %v: damage that does nothing, or all", codes)
	}
}

func pids(p *Pool) map[int]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[int]bool{}
	for r := range p.all {
		out[r.pid] = true
	}
	return out
}
