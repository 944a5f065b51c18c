package filetext

import (
	"strconv"
	"strings"
)

// tables makes a grammar for an OpenDocument file whose tables become lines with tabs
// between their cells (OpenDocument 1.3 part 3 section 9.1). Dates are YYYY-MM-DD, and
// amounts of a currency have a point and its code; other cells say what they show.
func tables(p *page) *grammar {
	g := *openXML
	cells := 0 // that are open: there are tables within tables
	var value string
	var repeat, from int
	g.open = func(name string, tag []byte) {
		switch name {
		case "table-cell", "covered-table-cell":
			if cells++; cells > 1 {
				return
			}
			value, from = valueOf(tag), len(p.b)
			repeat, _ = strconv.Atoi(attribute(tag, "number-columns-repeated"))
		}
	}
	g.shut = func(name string) {
		switch name {
		case "table-row":
			if cells > 0 {
				p.put(" ")
				return
			}
			p.trimTabs()
			p.line()
		case "table-cell", "covered-table-cell":
			if cells--; cells > 0 {
				return
			}
			said := value
			if said == "" {
				said = string(oneLine(p.b[min(from, len(p.b)):]))
			}
			p.b = p.b[:min(from, len(p.b))]
			if said != "" || repeat <= maxCells/10 {
				for range max(1, min(repeat, maxCells/10)) {
					p.put(said + "\t")
				}
			}
		}
	}
	return &g
}

// valueOf is what a cell is worth, if that is surer than what it shows.
func valueOf(tag []byte) string {
	switch attribute(tag, "value-type") {
	case "date":
		day, _, _ := strings.Cut(attribute(tag, "date-value"), "T")
		return day
	case "currency":
		if n, err := strconv.ParseFloat(attribute(tag, "value"), 64); err == nil {
			return strings.TrimSpace(rounded(shortest(n), 2) + " " + attribute(tag, "currency"))
		}
	}
	return ""
}

// trimTabs takes the empty cells off the end of a row.
func (p *page) trimTabs() {
	for len(p.b) > 0 && p.b[len(p.b)-1] == '\t' {
		p.b = p.b[:len(p.b)-1]
	}
}
