package billing

import "strings"

// unprinted takes the time at which a browser printed a page out of its text: the line
// above the page begins with it, where the one below tells the address of the page.
func unprinted(s string) string {
	if !strings.Contains(s, "://") {
		return s
	}
	footed := false
	for l := range strings.Lines(s) {
		l = strings.TrimSpace(l)
		if k := strings.Index(l, "://"); k > 0 && k < 8 {
			pages := l[strings.LastIndexByte(l, ' ')+1:]
			footed = footed || len(pages) < len(l) && allDigits(strings.Replace(pages, "/", "", 1)) && strings.Contains(pages, "/")
		}
	}
	if !footed {
		return s
	}
	var b strings.Builder
	for l := range strings.Lines(s) {
		at := len(l) - len(strings.TrimLeft(l, " \t\f"))
		d, ok := dateFrom(l[:min(len(l), at+30)], at)
		if !ok || d.beg != at || !strings.HasPrefix(l[d.end:], ", ") || !clock(l[d.end+2:]) {
			b.WriteString(l)
			continue
		}
		end := len(l)
		if i := strings.Index(l[d.end:], "  "); i >= 0 {
			end = d.end + i
		}
		b.WriteString(l[:at] + strings.Repeat(" ", end-at) + l[end:])
	}
	return b.String()
}

// clock reports whether s begins with a time of day.
func clock(s string) bool {
	_, i := digits(s, 0, 2)
	if i == 0 || i+3 > len(s) || s[i] != ':' {
		return false
	}
	_, end := digits(s, i+1, 2)
	return end == i+3
}
