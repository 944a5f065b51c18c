package billing

import "strings"

// Every line of a letter may be a row of headings, and hardly one is. No row of them is
// without a word for invoices or other papers, so lines are looked over for these before
// anything is taken apart.

// paperHeads are the words of numberColumn by two octets, as start numbers them with a
// third of 0; nil for most.
var paperHeads = func() (of [1 << 10][]string) {
	for w, mask := range headKinds {
		if mask&(headInvoice|headPaper) != 0 {
			at := start(w[0], w[1], 0) >> 5
			of[at] = append(of[at], w)
		}
	}
	return of
}()

// mayHead reports whether a line may be a row of headings. It says so of more than are:
// of what it cannot tell by octets, quotes among them, which may go on in the next line.
func mayHead(line string) bool {
	for i := range len(line) {
		if line[i] >= 0x80 || line[i] == '"' {
			return true
		}
	}
	before := byte(0)
	for i := 0; i+1 < len(line); i++ {
		c := line[i]
		if inside := letter(before) && !(c >= 'A' && c <= 'Z' && before >= 'a'); !inside {
			for _, w := range paperHeads[start(c, line[i+1], 0)>>5] {
				if len(line)-i >= len(w) && strings.EqualFold(line[i:i+len(w)], w) && endsHead(line[i+len(w):], w) {
					return true
				}
			}
		}
		before = c
	}
	return false
}

// endsHead reports whether a word may end before rest: a long one is found in front of a
// longer word too, and any in front of those that end compounds.
func endsHead(rest, w string) bool {
	if len(w) >= minHead || rest == "" || !letter(rest[0]) || rest[0] <= 'Z' {
		return true
	}
	return len(w) > 2 && strings.IndexByte("dnba", rest[0]) >= 0
}
