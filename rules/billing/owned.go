package billing

// owned reports whether what stands at s[at:], beside the label s[beg:end], is the value
// of another label that stands above it, while the label has a value of its own below: two
// blocks of labels and values stand beside each other, one a line higher.
func owned(s string, beg, end, at int) bool {
	head, eol := line(s, beg)
	if at >= eol || head == 0 || eol-head > 600 || !columns(s[end:at]) {
		return false
	}
	row := cellsOf(s, head, eol)
	var label, value cell
	for _, c := range row {
		if c.beg <= beg && beg < c.end {
			label = c
		}
		if c.beg <= at && at < c.end {
			value = c
		}
	}
	if value.end == 0 || label.end == 0 {
		return false
	}
	last, _ := line(s, head-1)
	above, ok := inColumn(cellsOf(s, last, head-1), value)
	if !ok || countDigits(s[above.beg:above.end]) > 0 {
		return false
	}
	if what, _ := announces(s[above.beg:above.end]); what == noFact || eol+1 >= len(s) {
		return false
	}
	_, next := line(s, eol+1)
	below, ok := inColumn(cellsOf(s, eol+1, next), label)
	return ok && countDigits(s[below.beg:below.end]) >= 2 && stemList.traits(s[below.beg:below.end])&(ofNumber|ofDay|ofDue|ofBill) == 0
}
