package billing

import (
	"cmp"
	"slices"
	"strings"
)

const (
	maxReasons = 16
	signHead   = 4 << 10 // octets of a text in which signs count: what bills stands at its head, and news runs on
)

// evidence gathers what speaks for each class, each wording once, in the zone in which
// it weighs most: that is read first.
type evidence struct {
	hits    []signHit
	invoice string // zone in which the word invoice stands first
	word    string
}

type signHit struct {
	cue
	weight int
	factor int
	zone   string
	word   string
}

// zone notes the signs of one text. Factor says how much its zone weighs: 4 for a
// subject, 3 for file names, 2 for new text, 1 for what is quoted.
func (v *evidence) zone(name, s string, list []found, factor int) {
	for _, c := range list {
		if c.kind == invoiceCue && v.invoice == "" {
			v.invoice, v.word = name, s[c.beg:c.end]
		}
		if c.beg > signHead {
			break
		}
		if c.class == asking && name == "quoted" {
			continue
		}
		if c.class == noClass || len(v.hits) >= 200 || slices.ContainsFunc(v.hits, func(h signHit) bool { return h.words == c.words }) {
			continue
		}
		v.hits = append(v.hits, signHit{c.cue, c.points * factor, factor, name, s[c.beg:c.end]})
	}
}

// weight adds up what speaks for a class, and says how strong its best zone is.
func (v *evidence) weight(c class) (sum, factor int) {
	for _, h := range v.hits {
		if h.class == c {
			sum += h.weight
			factor = max(factor, h.factor)
		}
	}
	return sum, factor
}

// reasons are the signs of a class, the strongest first.
func (v *evidence) reasons(cs ...class) (list []Reason) {
	hits := slices.Clone(v.hits)
	slices.SortStableFunc(hits, func(a, b signHit) int { return cmp.Compare(b.weight, a.weight) })
	for _, h := range hits {
		if slices.Contains(cs, h.class) && len(list) < maxReasons {
			list = append(list, Reason{zoneCodes[h.zone] + "-word", h.word, h.zone})
		}
	}
	return list
}

var zoneCodes = map[string]string{"subject": "subject", "new": "text", "signature": "signature", "names": "file-name", "file": "file", "quoted": "quoted", "from": "sender"}

// subjectFactor is how much a subject weighs: that of a reply is somebody else's.
func subjectFactor(s string) int {
	switch prefix(s) {
	case 'r':
		return 2
	case 'f':
		return 3
	}
	return 4
}

// prefix tells replies ('r') and forwards ('f') by the subject.
func prefix(s string) byte {
	s = strings.TrimLeft(s, " \t[")
	i := strings.IndexByte(s, ':')
	if i < 1 || i > 8 {
		return 0
	}
	switch p, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(s[:i])), "["); p {
	case "re", "aw", "antw", "sv", "odp", "rif", "rv", "ref":
		return 'r'
	case "fw", "fwd", "wg", "tr", "doorst", "i", "enc", "pd":
		return 'f'
	}
	return 0
}
