package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"math/rand/v2"
	"strings"
)

// file writes a PDF object by object (ISO 32000-1 section 7.5).
type file struct {
	b  bytes.Buffer
	at map[int]int
	n  int
}

func newFile() *file {
	f := &file{at: map[int]int{}}
	f.b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	return f
}

// next is the number of an object that is written later.
func (f *file) next() int { f.n++; return f.n }

func (f *file) put(n int, body string) {
	f.at[n] = f.b.Len()
	fmt.Fprintf(&f.b, "%d 0 obj\n%s\nendobj\n", n, body)
}

func (f *file) add(body string) int {
	n := f.next()
	f.put(n, body)
	return n
}

func (f *file) stream(dict string, data []byte) int {
	return f.add(fmt.Sprintf("<<%s /Length %d>>\nstream\n%s\nendstream", dict, len(data), data))
}

func (f *file) packed(dict string, data []byte) int {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = w.Write(data)
	_ = w.Close()
	return f.stream(dict+" /Filter /FlateDecode", z.Bytes())
}

// end writes the table of objects, with root as the catalog.
func (f *file) end(root int, more string) []byte {
	at := f.b.Len()
	fmt.Fprintf(&f.b, "xref\n0 %d\n0000000000 65535 f \n", f.n+1)
	for i := range f.n {
		fmt.Fprintf(&f.b, "%010d 00000 n \n", f.at[i+1])
	}
	fmt.Fprintf(&f.b, "trailer\n<</Size %d /Root %d 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", f.n+1, root, more, at)
	return f.b.Bytes()
}

const (
	sheet = "/MediaBox [0 0 612 792]"
	faces = "/Resources <</Font <</F1 <</Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding>>>>>>"
)

// print is a page's program for text: each of it at a place, in points.
type mark struct {
	x, y, size float64
	text       string
	turn       string // the first four numbers of a text matrix; "": upright
}

func program(marks ...mark) []byte {
	var b bytes.Buffer
	b.WriteString("BT\n")
	for _, m := range marks {
		turn := m.turn
		if turn == "" {
			turn = "1 0 0 1"
		}
		text := strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(m.text)
		fmt.Fprintf(&b, "/F1 %g Tf %s %g %g Tm (%s) Tj\n", m.size, turn, m.x, m.y, text)
	}
	b.WriteString("ET\n")
	return b.Bytes()
}

// book is a PDF of pages with programs, and of files inside it, as name and content in
// turn.
func book(programs [][]byte, inside ...string) []byte {
	f := newFile()
	root, tree := f.next(), f.next()
	var kids strings.Builder
	for _, p := range programs {
		content := f.packed("", p)
		fmt.Fprintf(&kids, "%d 0 R ", f.add(fmt.Sprintf("<</Type /Page /Parent %d 0 R /Contents %d 0 R>>", tree, content)))
	}
	f.put(tree, fmt.Sprintf("<</Type /Pages /Kids [%s] /Count %d %s %s>>", kids.String(), len(programs), sheet, faces))
	var names strings.Builder
	for i := 0; i < len(inside); i += 2 {
		data := f.packed(fmt.Sprintf("/Type /EmbeddedFile /Params <</Size %d>>", len(inside[i+1])), []byte(inside[i+1]))
		spec := f.add(fmt.Sprintf("<</Type /Filespec /F (%s) /UF (%[1]s) /EF <</F %d 0 R>>>>", inside[i], data))
		fmt.Fprintf(&names, "(%04d) %d 0 R ", i, spec)
	}
	f.put(root, fmt.Sprintf("<</Type /Catalog /Pages %d 0 R /Names <</EmbeddedFiles <</Names [%s]>>>>>>", tree, names.String()))
	return f.end(root, "")
}

// novel is a PDF of so many pages, full of words and of columns with numbers.
func novel(pages int) []byte {
	r := rand.New(rand.NewPCG(1, uint64(pages)))
	words := strings.Fields("invoice matter hours rate fees costs the of and review draft call with counsel regarding settlement motion brief deposition")
	all := make([][]byte, pages)
	for i := range all {
		var marks []mark
		for y := 740.0; y > 60; y -= 13 {
			var line []string
			for range 9 {
				line = append(line, words[r.IntN(len(words))])
			}
			marks = append(marks, mark{50, y, 10, strings.Join(line, " "), ""}, mark{400, y, 10, fmt.Sprintf("%d.%d", r.IntN(9), r.IntN(9)), ""},
				mark{500, y, 10, fmt.Sprintf("%d,%03d.00", r.IntN(90), r.IntN(999)), ""})
		}
		all[i] = program(marks...)
	}
	return book(all)
}
