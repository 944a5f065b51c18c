package billing

import (
	"slices"
	"strings"
)

// heading reads a line of labels with a line of as many values below it. The labels may
// stand so close that no column can be seen: then their words tell where one begins.
func (f *sheet) heading(i int) bool {
	row := f.rows[i]
	if len(row) == 0 || i+1 >= len(f.rows) {
		return false
	}
	beg, end := row[0].beg, row[len(row)-1].end
	if end-beg > 300 || countDigits(f.s[beg:end]) > 0 || strings.IndexByte(f.s[beg:end], ':') >= 0 {
		return false
	}
	values := f.values(i + 1)
	if len(values) < 2 {
		return false
	}
	for _, ends := range []bool{true, false} {
		labels := f.labels(row, ends)
		if len(labels) > len(values) {
			labels = slices.DeleteFunc(labels, func(l cell) bool { return stemList.traits(f.s[l.beg:l.end]) == 0 })
		}
		if len(labels) == len(values) && f.match(labels, values, f.alone(i+1)) {
			return true
		}
	}
	return false
}

// match takes the values of a line for the labels above it, if two of them are of the
// kinds that their labels have, and none is of another.
func (f *sheet) match(labels []cell, values []typed, alone bool) bool {
	told, unknown := 0, false
	for k, l := range labels {
		switch what, _ := announces(f.s[l.beg:l.end]); {
		case what == noFact:
			unknown = true
		case what == otherFact:
		case f.may(what, values[k]):
			told++
		default:
			return false
		}
	}
	if told < 2 {
		return false
	}
	for k, l := range labels {
		if what, rank := announces(f.s[l.beg:l.end]); what > otherFact {
			f.put(what, rank, l, values[k], 1, alone && !unknown)
		}
	}
	return true
}

// alone reports whether the line below a line of values is not another one.
func (f *sheet) alone(i int) bool {
	if i+1 >= len(f.rows) || len(f.rows[i]) < 2 {
		return true
	}
	first, next := f.values(i), f.values(i+1)
	if len(next) != len(first) {
		return true
	}
	for k := range first {
		if first[k].kind != next[k].kind {
			return true
		}
	}
	return false
}

// may reports whether a value is of the kind that a label has.
func (f *sheet) may(what fact, v typed) bool {
	switch what {
	case numberFact:
		return v.kind == numberValue || v.kind == dateValue && strings.IndexByte(f.s[v.beg:v.end], '/') > 0
	case dateFact, dueFact:
		return v.kind == dateValue
	}
	return v.kind == moneyValue
}

// values are the values of a line, however close they stand; none if it has other words.
func (f *sheet) values(i int) (out []typed) {
	for _, c := range f.rows[i] {
		for at := c.beg; at < c.end && len(out) < maxCells; {
			v, ok := f.valueAt(at, c.end)
			if !ok {
				if countDigits(f.s[at:c.end]) > 0 {
					return nil
				}
				out = append(out, typed{beg: at, end: c.end})
				break
			}
			if v.kind == numberValue && strings.IndexByte(f.s[v.beg:v.end], ' ') >= 0 {
				_, v.end = numberToken(f.s[:c.end], v.beg, true)
				v.text = f.s[v.beg:v.end]
			}
			out = append(out, v)
			at = v.end
			for at < c.end && strings.IndexByte(" .,;", f.s[at]) >= 0 {
				at++
			}
		}
	}
	return out
}

// labels divides the cells of a heading into labels. In most languages a label ends with
// what it is ("invoice date"), in some it begins with it ("date facture").
func (f *sheet) labels(row []cell, ends bool) (out []cell) {
	const head = ofNumber | ofDay | ofDue | ofSum
	for _, c := range row {
		beg, full := c.beg, trait(0)
		for at := c.beg; at < c.end; {
			stop := at
			for stop < c.end && f.s[stop] != ' ' {
				stop++
			}
			of := stemList.traits(f.s[at:stop])
			switch {
			case at == beg, of == 0 && !ends:
			case ends && full&head != 0 && !(full&ofDue != 0 && of&ofDay != 0 && full&ofDay == 0) && !(full&ofSum != 0 && of&(ofPaying|ofDue|ofTax|withTax) != 0):
				out = append(out, cell{beg: beg, end: at - 1})
				beg, full = at, 0
			case !ends && of&head != 0 && full&head != 0:
				out = append(out, cell{beg: beg, end: at - 1})
				beg, full = at, 0
			}
			full |= of
			at = stop
			for at < c.end && f.s[at] == ' ' {
				at++
			}
		}
		out = append(out, cell{beg: beg, end: c.end})
	}
	return out
}
