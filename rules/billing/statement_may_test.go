package billing

import (
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"
)

// TestMayHead: no line that is a row of headings is passed over by the look that comes
// before, in whatever way its words are written together.
func TestMayHead(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	words := slices.Sorted(maps.Keys(headKinds))
	forms := []func(string) string{strings.ToLower, strings.ToUpper, func(s string) string { return strings.ToUpper(s[:1]) + s[1:] }}
	joints := []string{"", " ", "-", "_", ".", "/", "#", ": ", "(", "  "}
	heads, denied := 0, 0
	for range 200_000 {
		var b strings.Builder
		sep := []string{"\t", ";", ",", "|"}[r.Intn(4)]
		for range 2 + r.Intn(3) {
			for range 1 + r.Intn(3) {
				b.WriteString(forms[r.Intn(len(forms))](words[r.Intn(len(words))]))
				if r.Intn(9) == 0 {
					b.WriteString("xen")
				}
				b.WriteString(joints[r.Intn(len(joints))])
			}
			b.WriteString(sep)
		}
		line := b.String()
		probe := tableReader{rest: line, sep: sep[0]}
		cells, _ := probe.record()
		_, head := readHeader(cells)
		switch may := mayHead(line); {
		case head && !may:
			t.Fatalf("%q is a row of headings, and is passed over", line)
		case head:
			heads++
		case !may:
			denied++
		}
	}
	if heads < 1000 || denied < 1000 {
		t.Errorf("%d rows of headings, %d lines passed over: the test tells nothing", heads, denied)
	}
	for _, line := range []string{"Please call me on Tuesday, or on Friday, after lunch", "Thank you for your business, and let us know of questions.", "a,b", ""} {
		if mayHead(line) {
			t.Errorf("%q is taken apart for nothing", line)
		}
	}
}
