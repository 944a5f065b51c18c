package billing

import (
	"slices"
	"strings"
)

// heading reads a line of labels with a line of as many values below it. The labels may
// stand so close that no column can be seen: then their words tell where one begins.
func (f *sheet) heading(i int) bool {
	row := f.rows[i]
	if i++; len(row) > 0 && i+1 < len(f.rows) && len(f.rows[i]) == 0 {
		i++ // an empty line stands between
	}
	if len(row) == 0 || i >= len(f.rows) {
		return false
	}
	beg, end := row[0].beg, row[len(row)-1].end
	if end-beg > 300 || countDigits(f.s[beg:end]) > 0 || strings.IndexByte(f.s[beg:end], ':') >= 0 {
		return false
	}
	for _, whole := range []bool{true, false} {
		values := f.values(i, whole)
		if len(values) < 2 {
			continue
		}
		if labels := f.labels(row, values); len(labels) == len(values) && f.match(labels, values, f.alone(i)) {
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
	first, next := f.values(i, false), f.values(i+1, false)
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
// A number in groups is one if it is the whole of its column and that is asked for.
func (f *sheet) values(i int, whole bool) (out []typed) {
	for _, c := range f.rows[i] {
		for at := c.beg; at < c.end && len(out) < maxCells; {
			v, ok := f.valueAt(at, c.end)
			if !ok {
				if countDigits(f.s[at:c.end]) > 0 {
					return nil
				}
				out = append(out, typed{beg: at, end: c.end, col: c.col + at - c.beg})
				break
			}
			if v.kind == numberValue && strings.IndexByte(f.s[v.beg:v.end], ' ') >= 0 && !(whole && v.beg == c.beg && v.end == c.end && len(f.rows[i]) > 1) {
				_, v.end = numberToken(f.s[:c.end], v.beg, true)
				v.text = f.s[v.beg:v.end]
			}
			v.col = c.col + v.beg - c.beg
			out = append(out, v)
			at = v.end
			for at < c.end && strings.IndexByte(" .,;", f.s[at]) >= 0 {
				at++
			}
		}
	}
	return out
}

// maxHeadWords bounds the words of a heading.
const maxHeadWords = 20

// labels divides the words of a heading into as many labels as there are values, so that
// most labels are known and each value is of the kind that its label has. A column that
// can be seen is kept. It is nil if there is no such division.
func (f *sheet) labels(row []cell, values []typed) []cell {
	var words []cell
	must := map[int]bool{} // words that begin a column
	for _, c := range row {
		must[len(words)] = true
		for at := c.beg; at < c.end; {
			stop := at
			for stop < c.end && f.s[stop] != ' ' {
				stop++
			}
			words = append(words, cell{beg: at, end: stop, col: c.col + at - c.beg})
			for at = stop; at < c.end && f.s[at] == ' '; at++ {
			}
		}
	}
	m, n := len(values), len(words)
	if n > maxHeadWords || n < m {
		return nil
	}
	if first := f.s[row[0].beg:row[0].end]; len(row) > 1 && stemList.traits(first) == 0 && row[0].till+2 < values[0].col {
		return f.labels(row[1:], values) // the name of the firm stands before it
	}
	best := make([][]int, m+1) // the score of the first words as so many labels
	from := make([][]int, m+1)
	for k := range best {
		best[k], from[k] = slices.Repeat([]int{unfit}, n+1), make([]int, n+1)
	}
	best[0][0] = 0
	for k := range m {
		for end := k + 1; end <= n; end++ {
			for beg := end - 1; beg >= k && end-beg <= 5; beg-- {
				if best[k][beg] > unfit {
					if score := best[k][beg] + f.fit(words[beg], words[end-1], values[k]); score > best[k+1][end] {
						best[k+1][end], from[k+1][end] = score, beg
					}
				}
				if must[beg] {
					break
				}
			}
		}
	}
	if best[m][n] <= unfit/2 {
		return nil
	}
	out := make([]cell, m)
	for k, end := m, n; k > 0; k-- {
		beg := from[k][end]
		out[k-1] = cell{beg: words[beg].beg, end: words[end-1].end, col: words[beg].col}
		end = beg
	}
	return out
}

const unfit = -1 << 20

// fit is how well the words from first to last are the label of a value.
func (f *sheet) fit(first, last cell, v typed) int {
	score := max(0, 8-abs(int64(first.col-v.col)))
	if of := stemList.traits(f.s[first.beg:last.end]); of&ofNumber != 0 && of&ofDay != 0 {
		score -= 25 // more likely two labels
	}
	switch what, rank := announces(f.s[first.beg:last.end]); {
	case what == noFact:
		return int(score)
	case what == otherFact:
		return int(score) + 25
	case !f.may(what, v):
		return unfit
	case what == numberFact && rank == 1:
		return int(score) + 12 // a number of anything
	default:
		return int(score) + 20 + 10*rank
	}
}
