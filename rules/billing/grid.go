package billing

import (
	"strings"
	"unicode/utf8"
)

// maxCells bounds the columns of one line.
const maxCells = 24

// cell is one column of a line: s[beg:end], which stands at [col, till) counted in
// characters. In the text of a PDF, columns are apart by tabs or runs of blanks.
type cell struct {
	beg, end, col, till int
}

// cellsOf divides the line s[beg:end] into columns.
func cellsOf(s string, beg, end int) []cell {
	var list []cell
	col, i := 0, beg
	for i < end && len(list) < maxCells {
		for i < end && (s[i] == ' ' || s[i] == '\t' || s[i] == '|' || s[i] == '\r') {
			if s[i] == '\t' {
				col += 7 - col%8
			}
			i, col = i+1, col+1
		}
		c := cell{beg: i, col: col}
		for i < end && !columnEnds(s[i:end]) {
			_, n := utf8.DecodeRuneInString(s[i:end])
			i, col = i+n, col+1
		}
		if c.end, c.till = i, col; i > c.beg {
			list = append(list, c)
		}
	}
	return list
}

// columnEnds reports whether a column ends before s.
func columnEnds(s string) bool {
	switch s[0] {
	case '\t', '|', '\r':
		return true
	case ' ':
		return len(s) == 1 || s[1] == ' ' || s[1] == '\t' || s[1] == '|' || s[1] == '\r'
	}
	return false
}

// line returns the line around s[at].
func line(s string, at int) (beg, end int) {
	beg = strings.LastIndexByte(s[:at], '\n') + 1
	end = len(s)
	if i := strings.IndexByte(s[at:], '\n'); i >= 0 {
		end = at + i
	}
	return beg, end
}

// below offers the cells that stand under the label c in the next two lines that say
// something, the nearest first, until one is taken. A label is a cell of its own, and
// nothing but a colon or a unit follows it. One that is alone on its line may be a title:
// unless it is sure, nothing but a lone cell belongs to it.
func below(s string, c found, sure bool, take func(beg, end int) bool) bool {
	beg, end := line(s, c.beg)
	if end-beg > 600 {
		return false
	}
	heads := cellsOf(s, beg, end)
	k := 0
	for k < len(heads) && heads[k].end <= c.beg {
		k++
	}
	if k == len(heads) || heads[k].beg > c.beg || c.beg-heads[k].beg > 12 || !labelEnd(s[c.end:max(c.end, heads[k].end)]) {
		return false
	}
	tabs := strings.Count(s[beg:heads[k].beg], "\t")
	for lines := 0; lines < 2 && end < len(s); {
		beg = end + 1
		_, end = line(s, beg)
		if end-beg > 600 {
			return false
		}
		row := cellsOf(s, beg, end)
		if len(row) == 0 || strings.Trim(s[beg:end], " \t\r-_=|+") == "" {
			if end-beg > 0 && len(row) == 0 || end == beg {
				lines++ // two empty lines end a table
			}
			continue
		}
		if lines++; !sure && len(heads) == 1 && len(row) > 1 {
			return false
		}
		if i := under(s, heads, k, row, tabs, beg); i >= 0 && take(row[i].beg, row[i].end) {
			return true
		}
	}
	return false
}

// labelEnd reports whether s, behind a word, belongs to the label still.
func labelEnd(s string) bool {
	s = strings.Trim(s, " :.#*\r\t")
	if s != "" && s[0] == '/' && len(s) <= 30 && countDigits(s) == 0 {
		return true // the same in another language
	}
	return s == "" || len(s) <= 12 && s[0] == '(' || len(s) == 3 && known[s] || len(s) <= 3
}

// under finds the cell of row in the column of heads[k]: the one that stands under it,
// else the one as many tabs away, else the one of the same number.
func under(s string, heads []cell, k int, row []cell, tabs, beg int) int {
	best, most := -1, 0
	for i, c := range row {
		if over := min(c.till, heads[k].till) - max(c.col, heads[k].col); over > most {
			best, most = i, over
		}
	}
	if tabs > 0 {
		for i, c := range row {
			if strings.Count(s[beg:c.beg], "\t") == tabs {
				return i
			}
		}
	}
	if best >= 0 {
		return best
	}
	if len(row) == len(heads) {
		return k
	}
	for i, c := range row {
		if d := c.col - heads[k].col; d > -12 && d < 12 {
			return i
		}
	}
	return -1
}
