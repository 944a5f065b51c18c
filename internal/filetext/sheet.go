package filetext

import (
	"bytes"
	"cmp"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

const (
	maxCells   = 1000     // columns of a row whose place is kept
	maxStrings = 4 << 20  // octets of the strings that cells share
	maxStyles  = 64 << 10 // styles of cells
)

// workbook is what the cells of all sheets share (ECMA-376 part 1 section 18).
type workbook struct {
	from1904 bool     // day 0 is 1 January 1904 (section 18.17.4.1)
	styles   []format // of cells
	words    []byte   // the shared strings, one behind another
	ends     []int    // where each ends in words
	lost     bool     // there are more of them
}

func (w *workbook) shared(n string) []byte {
	i, err := strconv.Atoi(n)
	if err != nil || i < 0 || i >= len(w.ends) {
		return nil
	}
	from := 0
	if i > 0 {
		from = w.ends[i-1]
	}
	return w.words[from:w.ends[i]]
}

// sheets reads the cells: a line for each row, with tabs between its cells, each as a
// person sees it but for dates, which are YYYY-MM-DD, and numbers, which have a point
// and no thousands. If they are more than is kept, the words come first, each once: a
// million numbers shall not hide them.
func (r *Reader) sheets(p *page, all []member) string {
	var w workbook
	book := &grammar{open: func(name string, tag []byte) {
		if v := attribute(tag, "date1904"); name == "workbookPr" && (v == "1" || v == "true") {
			w.from1904 = true
		}
	}}
	code := r.part(&page{}, all, section{"xl/workbook", ".xml", book})
	code = cmp.Or(code, r.part(&page{}, all, section{"xl/styles", ".xml", w.stylesXML()}))
	word := &page{}
	code = cmp.Or(code, r.part(word, all, section{"xl/sharedStrings", ".xml", w.stringsXML(word)}))
	rows := &page{}
	cell := &page{}
	code = cmp.Or(code, r.part(cell, all, section{"xl/worksheets/sheet", ".xml", w.rowsXML(cell, rows)}))
	w.lost = w.lost || word.full || cell.full
	if rows.full || w.lost || len(p.b)+len(rows.b) > MaxText {
		from := 0
		for _, end := range w.ends {
			p.put(string(w.words[from:end]))
			p.line()
			from = end
		}
		p.line()
		p.full = p.full || rows.full || w.lost
		p.rest(rows.b)
		return code
	}
	p.put(string(rows.b))
	return code
}

// rest puts what there is room for into a page that is cut already.
func (p *page) rest(b []byte) {
	if room := MaxText - len(p.b); room > 0 {
		p.b = append(p.b, b[:min(len(b), room)]...)
	}
}

// part reads the members of a section into a page.
func (r *Reader) part(p *page, all []member, s section) (code string) {
	for i, m := range s.of(all) {
		switch {
		case p.full:
			return code
		case i == maxParts:
			return "limit"
		case m.locked:
			return "encrypted"
		}
		if err := r.readMember(p, m, s.g); err != nil {
			code = cmp.Or(code, codeOf(err))
			if errors.Is(err, errLimit) {
				return "limit"
			}
		}
		p.line()
	}
	return code
}

func (w *workbook) stylesXML() *grammar {
	codes, inside := map[int]string{}, false
	return &grammar{
		open: func(name string, tag []byte) {
			id, err := strconv.Atoi(attribute(tag, "numFmtId"))
			switch {
			case name == "cellXfs":
				inside = true
			case name == "numFmt" && err == nil && len(codes) < maxStyles:
				codes[id] = attribute(tag, "formatCode")
			case name == "xf" && inside && len(w.styles) < maxStyles:
				w.styles = append(w.styles, formatOf(id, codes[id]))
			}
		},
		shut: func(name string) { inside = inside && name != "cellXfs" },
	}
}

func (w *workbook) stringsXML(word *page) *grammar {
	g := *sheetXML
	g.end = nil
	g.shut = func(name string) {
		if name != "si" {
			return
		}
		if len(w.words)+len(word.b) > maxStrings {
			w.lost = true
		} else {
			w.words = append(w.words, oneLine(word.b)...)
			w.ends = append(w.ends, len(w.words))
		}
		word.b = word.b[:0]
	}
	return &g
}

// rowsXML reads the rows of a sheet: what a cell says is put into cell, and row by row
// into rows.
func (w *workbook) rowsXML(cell, rows *page) *grammar {
	g := &grammar{text: set("t", "v", "oddHeader", "oddFooter"), skip: set("rPh")}
	var kind string
	var style, at, put int // at: tabs so far in this row
	g.open = func(name string, tag []byte) {
		switch name {
		case "row":
			at, put = 0, 0
		case "c":
			cell.b = cell.b[:0]
			kind, style = attribute(tag, "t"), 0
			if n, err := strconv.Atoi(attribute(tag, "s")); err == nil {
				style = n
			}
			column := columnOf(attribute(tag, "r"))
			if column < 0 || column >= maxCells {
				column = at + min(put, 1)
			}
			for ; at < column; at++ {
				rows.put("\t")
			}
			put++
		}
	}
	g.shut = func(name string) {
		switch name {
		case "c":
			rows.put(string(w.shown(kind, style, cell.b)))
			cell.b = cell.b[:0]
		case "row":
			rows.line()
			cell.full = cell.full || rows.full
		case "oddHeader", "oddFooter":
			rows.line()
			rows.put(string(oneLine(cell.b)))
			rows.line()
			cell.b = cell.b[:0]
		case "sheetData", "worksheet":
			rows.line()
		}
	}
	return g
}

// shown is what a cell shows (ECMA-376 part 1 section 18.18.11 has the kinds).
func (w *workbook) shown(kind string, style int, value []byte) []byte {
	value = oneLine(value)
	switch kind {
	case "s":
		return w.shared(string(value))
	case "str", "inlineStr", "e":
		return value
	case "b":
		return []byte(map[string]string{"0": "FALSE", "1": "TRUE"}[string(value)])
	case "d":
		day, _, _ := strings.Cut(string(value), "T00:00")
		return []byte(day)
	}
	n, err := strconv.ParseFloat(string(value), 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) || style < 0 || style >= len(w.styles) {
		return value
	}
	f := w.styles[style]
	if f.day || f.time {
		if s := w.date(n, f); s != "" {
			return []byte(s)
		}
	}
	return []byte(f.number(n, string(value)))
}

// date is a day by its number, and the part of it (ECMA-376 part 1 section 18.17.4.1).
// The first day is 1 January 1900; that year has a 29 February there.
func (w *workbook) date(n float64, f format) string {
	if n < 0 || n >= 2958466 {
		return ""
	}
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case w.from1904:
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case n < 60:
		first = first.AddDate(0, 0, 1)
	}
	t := first.AddDate(0, 0, int(n)).Add(time.Duration(math.Round((n-math.Floor(n))*86400)) * time.Second)
	switch {
	case f.day && f.time:
		return t.Format("2006-01-02 15:04")
	case f.time:
		return t.Format("15:04")
	}
	return t.Format("2006-01-02")
}

// columnOf is the column of a cell, counted from 0, by its name such as "AB12"; -1 if
// it has none.
func columnOf(ref string) int {
	n := 0
	for i := 0; i < len(ref) && i < 3 && ref[i] >= 'A' && ref[i] <= 'Z'; i++ {
		n = n*26 + int(ref[i]-'A') + 1
	}
	return n - 1
}

// oneLine makes blanks of what would end a line or a cell.
func oneLine(b []byte) []byte {
	return bytes.TrimSpace(bytes.Map(func(c rune) rune {
		if c == '\n' || c == '\r' || c == '\t' {
			return ' '
		}
		return c
	}, b))
}
