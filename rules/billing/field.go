package billing

import "strings"

// A second look at a paper, for what its labels did not tell: the labels are told by
// their stems, and their values are looked for where any paper has them: behind the
// label, beside it, below it, in the same place of a second block or row.

const (
	maxFieldLines = 500 // lines of a paper that are looked at
	maxLabel      = 64  // octets of a label
	maxRun        = 12  // labels of one block
)

// kinds of values.
const (
	noValue = iota
	dateValue
	moneyValue
	numberValue
)

// typed is one value of a paper.
type typed struct {
	kind     int
	beg, end int
	date     date
	money    amount
	text     string
	col      int // of a value in a line of values
}

// field is a label with its value.
type field struct {
	fact
	rank     int // of the label, from 1 to 3
	label    cell
	value    typed
	distance int  // 0 behind or beside, 1 below
	sure     bool // it stands among as many values as there are labels, each of its kind
}

// sheet is a paper as lines of cells.
type sheet struct {
	s      string
	rows   [][]cell
	done   map[int]bool // labels that a block has told already, by their offset
	fields []field
	doc    *document
}

func (d *document) sheet() *sheet {
	f := &sheet{s: d.body, doc: d, done: map[int]bool{}}
	for at := 0; at < len(f.s) && len(f.rows) < maxFieldLines; {
		_, eol := line(f.s, at)
		var row []cell
		if eol-at < 600 {
			row = cellsOf(f.s, at, eol)
		}
		f.rows = append(f.rows, row)
		at = eol + 1
	}
	for i, row := range f.rows {
		if itemsRow(f.s, row) || f.heading(i) {
			continue
		}
		for k := range row {
			if !f.block(i, k) {
				f.cell(i, k)
			}
		}
	}
	return f
}

// valueAt reads the value that s[beg:end] begins with.
func (f *sheet) valueAt(beg, end int) (v typed, ok bool) {
	s := f.s[:end]
	for beg < end && strings.IndexByte(" \t:.#=(*-", s[beg]) >= 0 {
		beg++
	}
	if beg >= end {
		return v, false
	}
	if d, ok := dateFrom(s[:min(end, beg+40)], beg); ok && d.beg <= beg+12 && countDigits(s[beg:d.beg]) == 0 {
		if d.day, ok = d.in(f.doc.sent); ok {
			return typed{kind: dateValue, beg: d.beg, end: d.end, date: d}, true
		}
	}
	if digit(s[beg]) || !letter(s[beg]) || beg+3 < end {
		i := beg
		for i < end && !digit(s[i]) && i-beg < 8 {
			i++
		}
		if i < end && digit(s[i]) {
			if a, ok := amountAt(s, i); ok && a.beg <= beg+1 && a.sure && !(a.end < end && (s[a.end] == '%' || alnum(s[a.end]))) {
				return typed{kind: moneyValue, beg: a.beg, end: a.end, money: a}, true
			}
		}
	}
	if n, stop := numberToken(s, beg, true); n != "" {
		n, stop = groupsOf(s, beg, max(stop, beg+len(n)))
		return typed{kind: numberValue, beg: beg, end: stop, text: n}, true
	}
	return v, false
}

// split divides a cell into a label and what stands behind it: at a colon, else before
// the first word with a digit.
func (f *sheet) split(c cell) (label string, rest int) {
	s := f.s[c.beg:c.end]
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == ':' && !(i > 0 && digit(s[i-1]) && i+1 < len(s) && digit(s[i+1])):
			return s[:i], c.beg + i + 1
		case digit(s[i]) && (i == 0 || !alnum(s[i-1])):
			at := strings.LastIndexByte(s[:i], ' ') + 1
			if at == 0 && i > 0 && alnum(s[0]) {
				at = i
			}
			at = series(s, at)
			return s[:at], c.beg + at
		case digit(s[i]):
			at := strings.LastIndexByte(s[:i], ' ') + 1
			return s[:at], c.beg + at
		}
	}
	return s, c.end
}

// series is where the value begins whose first digits stand in the word at s[at:]: letters
// of a series of numbers, and the name of a month, stand before it.
func series(s string, at int) int {
	head := strings.TrimRight(s[:at], " ")
	k := strings.LastIndexByte(head, ' ') + 1
	w := head[k:]
	if k == 0 || w == "" {
		return at
	}
	if month, end := monthAt(w, 0); month > 0 && len(w)-end <= 1 {
		return k
	}
	if len(w) <= 3 && w == strings.ToUpper(w) && letter(w[0]) && letter(w[len(w)-1]) && !known[w] && stemList.traits(w) == 0 {
		return k
	}
	return at
}

// announces says what a label announces: nothing if it is longer than labels are.
func announces(label string) (fact, int) {
	if len(label) > maxLabel {
		return noFact, 0
	}
	return stemList.traits(label).fact()
}

// cell reads the label of a cell, and finds its value.
func (f *sheet) cell(i, k int) {
	c := f.rows[i][k]
	if digit(f.s[c.beg]) {
		v, ok := f.valueAt(c.beg, c.end) // the value of another label, and a label close behind it
		if !ok || v.kind == numberValue {
			return
		}
		for c.beg = v.end; c.beg < c.end && f.s[c.beg] == ' '; c.beg++ {
		}
	}
	for n := 0; n < 4 && c.beg < c.end; n++ {
		label, rest := f.split(c)
		what, rank := announces(label)
		if what == noFact {
			return
		}
		here := c
		here.end = c.beg + len(strings.TrimRight(label, " "))
		if rest < c.end {
			v, ok := f.valueAt(rest, c.end)
			if !ok {
				return
			}
			f.put(what, rank, here, v, 0, false)
			if what == dueFact && v.kind == dateValue && stemList.traits(label)&ofPaying != 0 && k+1 < len(f.rows[i]) {
				next := f.rows[i][k+1]
				if m, ok := f.valueAt(next.beg, next.end); ok {
					f.put(sumFact, 3, here, m, 0, false) // "please pay by 3 May    £12.00"
				}
			}
			c.beg = v.end
			for c.beg < c.end && strings.IndexByte(" ,;.-", f.s[c.beg]) >= 0 {
				c.beg++
			}
			continue
		}
		if what != otherFact {
			f.seek(i, k, what, rank, here)
		}
		return
	}
}

// put keeps a value if it is one that the label may have.
func (f *sheet) put(what fact, rank int, label cell, v typed, distance int, sure bool) bool {
	if what == numberFact && v.kind == dateValue && (sure || rank == 3) && strings.IndexByte(f.s[v.beg:v.end], '/') > 0 {
		v.kind, v.text = numberValue, f.s[v.beg:v.end] // "4/11/2022" may be a number
	}
	if what == numberFact && v.kind == moneyValue && rank == 2 && strings.HasPrefix(strings.ToLower(f.s[label.beg:label.end]), "this ") {
		what, rank = sumFact, 3 // "This invoice   $47.25"
	}
	switch {
	case what == sumFact && v.kind == dateValue && rank == 1:
		what = dueFact // "zahlbar": a day, or an amount
	case what == sumFact && v.kind != moneyValue,
		(what == dateFact || what == dueFact) && v.kind != dateValue,
		what == numberFact && v.kind != numberValue, what == otherFact:
		return false
	}
	if what == numberFact && rank == 1 && (label.end-label.beg > 24 || distance > 0 && countDigits(v.text) < 3) {
		return false
	}
	if what == numberFact && (identity(v.text) || countDigits(v.text) == 0) {
		return false
	}
	f.fields = append(f.fields, field{what, rank, label, v, distance, sure})
	return true
}

// identity reports whether a number has the form of a bank account or of a tax number.
func identity(n string) bool {
	if len(n) > 8 && letter(n[0]) && letter(n[1]) && n[0] < 'a' && countDigits(n) >= len(n)-3 && homeCodes[n[:2]] != "" && !strings.ContainsAny(n, "-/._ ") {
		return allDigits(n[2:]) || digit(n[2]) && digit(n[3])
	}
	return false
}

// seek looks for the value of a label that fills its cell: beside it, below it, else by
// its place in a block.
func (f *sheet) seek(i, k int, what fact, rank int, label cell) {
	row := f.rows[i]
	for n := k + 1; n < len(row) && n <= k+2; n++ {
		if v, ok := f.valueAt(row[n].beg, row[n].end); ok {
			if owned(f.s, label.beg, label.end, row[n].beg) {
				break
			}
			if f.put(what, rank, label, v, 0, false) {
				return
			}
			break
		}
		if row[n].end-row[n].beg > 3 {
			break
		}
	}
	f.under(i, row[k], what, rank, label)
}

// inColumn finds the cell of a line that stands in the column of a label.
func inColumn(row []cell, label cell) (cell, bool) {
	best, near := cell{}, 3
	for _, c := range row {
		d := c.col - label.col
		if d < 0 {
			d = -d
		}
		if over := min(c.till, label.till) - max(c.col, label.col); over > 0 && d < 24 {
			d = min(d, 2)
		}
		if d < near {
			best, near = c, d
		}
	}
	return best, near < 3
}

// under reads the value in the column of a label, in the next lines that have one. Where
// another of its kind stands below it, it is a column of a table.
func (f *sheet) under(i int, at cell, what fact, rank int, label cell) {
	var value typed
	for n, empty := i+1, 0; n < len(f.rows) && n <= i+6 && empty < 4; n++ {
		c, ok := inColumn(f.rows[n], at)
		if !ok {
			empty++
			continue
		}
		v, ok := f.valueAt(c.beg, c.end)
		switch {
		case value.kind != noValue:
			if ok && v.kind == value.kind && what != numberFact {
				return
			}
			f.put(what, rank, label, value, 1, false)
			return
		case !ok || v.kind == numberValue && countDigits(v.text) < 2:
			return
		}
		value, empty = v, 1
	}
	if value.kind != noValue {
		f.put(what, rank, label, value, 1, false)
	}
}

// itemsRow reports whether a line heads a table of what is sold.
func itemsRow(s string, row []cell) bool {
	if len(row) < 3 || countDigits(s[row[0].beg:row[len(row)-1].end]) > 0 {
		return false
	}
	for _, c := range row {
		if c.end-c.beg <= maxLabel && stemList.traits(s[c.beg:c.end])&ofItem != 0 {
			return true
		}
	}
	return false
}

// block reads a block of labels, one below the other, with a block of as many values
// below it.
func (f *sheet) block(i, k int) bool {
	at := f.rows[i][k]
	if f.done[at.beg] {
		return true
	}
	var labels, values []cell
	known := 0
	for n := i; n < len(f.rows) && len(values) < max(len(labels), 1) && len(labels) <= maxRun; n++ {
		c, ok := cell{}, false
		for _, c = range f.rows[n] {
			if d := c.col - at.col; d >= -2 && d <= 2 {
				ok = true
				break
			}
		}
		if !ok {
			if len(f.rows[n]) > 0 && len(values) > 0 {
				return false
			}
			continue
		}
		if len(values) == 0 && countDigits(f.s[c.beg:c.end]) == 0 && c.end-c.beg <= maxLabel {
			if itemsRow(f.s, f.rows[n]) || f.valued(n, c) {
				return false
			}
			if what, _ := announces(f.s[c.beg:c.end]); what != noFact {
				known++
			} else if len(labels) == 0 {
				return false
			}
			labels = append(labels, c)
			continue
		}
		if len(labels) < 2 || known < 2 {
			return false
		}
		values = append(values, c)
	}
	if len(labels) < 2 || len(values) < len(labels) {
		return false
	}
	return f.pair(labels, values)
}

// valued reports whether a cell has a value beside it.
func (f *sheet) valued(i int, c cell) bool {
	for _, o := range f.rows[i] {
		if o.beg > c.end {
			return countDigits(f.s[o.beg:o.end]) > 0
		}
	}
	return false
}

// pair takes values for the labels in the same places, if those that are known have values
// of their kind.
func (f *sheet) pair(labels, values []cell) bool {
	told := make([]typed, len(labels))
	n, numbers := 0, 0
	for i, l := range labels {
		what, _ := announces(f.s[l.beg:l.end])
		v, ok := f.valueAt(values[i].beg, values[i].end)
		if what <= otherFact {
			continue
		}
		if !ok || !f.may(what, v) {
			return false
		}
		told[i] = v
		if n++; what == numberFact {
			numbers++
		}
	}
	if n < 2 || numbers == n {
		return false
	}
	for i, l := range labels {
		f.done[l.beg] = true
		if what, rank := announces(f.s[l.beg:l.end]); what > otherFact {
			f.put(what, rank, l, told[i], 1, true)
		}
	}
	return true
}
