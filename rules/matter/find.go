package matter

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"chancery/config"
	"chancery/rules/text"
)

const (
	maxHits  = 64      // different places returned for one text
	maxText  = 1 << 18 // octets of a text that are searched
	maxParts = 8       // pieces of one token that are tried
)

// Hit is one matter named in a text.
type Hit struct {
	Matter *config.Matter
	Text   string // as it stands in the folded text
	At     int    // offset in the folded text
	Alias  bool   // named by an alias, not by its number
}

// FindFolded returns the matters named in s, which text.Fold has folded, in the
// order of the text, at most 64.
func (x *Index) FindFolded(s string) []Hit { return x.FindIn(s, text.Starts(nil, s)) }

// FindIn is FindFolded for a caller who knows where words start in s, from
// text.Starts.
func (x *Index) FindIn(s string, starts []int32) []Hit {
	if x == nil || len(x.list) == 0 {
		return nil
	}
	if len(s) > maxText {
		s = s[:maxText]
	}
	var hits []Hit
	if x.context {
		hits = x.match(x.pattern, s)
		if x.plain != nil {
			hits = append(hits, x.match(x.plain, s)...)
		}
	}
	if x.docks.size() > 0 {
		hits = x.docketed(hits, s)
	}
	c := candidates{x: x, s: s, starts: starts, digit: -1}
	for i := c.next(0); i < len(s) && len(hits) < maxHits; {
		end, digits := x.token(s, i)
		if digits >= x.digits && !x.context {
			hits = x.lookup(hits, s, i, end)
		}
		if x.alias.size() > 0 {
			hits = x.named(hits, s, i, end)
		}
		i = c.next(end)
	}
	return tidy(hits)
}

// candidates finds the tokens that are worth a look: those with a digit, and
// those with a word that an alias begins with.
type candidates struct {
	x      *Index
	s      string
	starts []int32 // those not yet passed
	digit  int     // offset of the next digit; -1 if not looked for
}

// next returns where the first such token begins at or behind i, or len(s).
func (c *candidates) next(i int) int {
	if c.x.digits == 0 && !c.x.context {
		return c.begin(i, i) // any token can be a number
	}
	for len(c.starts) > 0 && (int(c.starts[0]) < i || !c.x.begins(c.s, int(c.starts[0]))) {
		c.starts = c.starts[1:]
	}
	at := len(c.s)
	if len(c.starts) > 0 {
		at = min(at, int(c.starts[0]))
	}
	if !c.x.context {
		if c.digit < i {
			c.digit = text.Digit(c.s, i)
		}
		at = min(at, c.digit)
	}
	return c.begin(i, at)
}

// begin returns where the token around s[at:] begins, not before i; if there is
// none, where the next one does.
func (c *candidates) begin(i, at int) int {
	for at > i && at < len(c.s) && !utf8.RuneStart(c.s[at]) {
		at--
	}
	for at > i {
		r, n := rune(c.s[at-1]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeLastRuneInString(c.s[:at])
		}
		if !isWord(r) && !isSeparator(r) && (r != '/' || !c.x.slash) {
			break
		}
		at -= n
	}
	at = max(at, i)
	for at < len(c.s) {
		r, n := rune(c.s[at]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(c.s[at:])
		}
		if isWord(r) {
			break
		}
		at += n
	}
	return at
}

// begins reports whether an alias may begin at s[i:].
func (x *Index) begins(s string, i int) bool {
	return x.alias.size() > 0 && x.prefixes.At(s, i)
}

// token returns where the token that starts at i ends, without closing
// punctuation, and how many digits it has.
func (x *Index) token(s string, i int) (end, digits int) {
	end = i
	for i < len(s) {
		r, n := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		switch {
		case isWord(r):
			if r >= '0' && r <= '9' {
				digits++
			}
			i += n
			end = i
		case isSeparator(r) || r == '/' && x.slash:
			i += n
		default:
			return end, digits
		}
	}
	return end, digits
}

// lookup tries the token s[i:end], then runs of its pieces that are not part of
// a longer number.
func (x *Index) lookup(hits []Hit, s string, i, end int) []Hit {
	token := s[i:end]
	if m, ok := x.number1(token); ok {
		return append(hits, Hit{Matter: &x.list[m], Text: token, At: i})
	}
	cuts := x.pieces(token)
	if len(cuts) < 2 {
		return hits
	}
	for a := 0; a < len(cuts); a++ {
		for b := len(cuts) - 1; b >= a; b-- {
			if a > 0 && numeric(token[cuts[a-1][0]:cuts[a-1][1]]) || b+1 < len(cuts) && numeric(token[cuts[b+1][0]:cuts[b+1][1]]) {
				continue
			}
			part := token[cuts[a][0]:cuts[b][1]]
			if m, ok := x.number1(part); ok {
				hits = append(hits, Hit{Matter: &x.list[m], Text: part, At: i + cuts[a][0]})
				a = b
				break
			}
		}
	}
	return hits
}

// pieces cuts a token at its separators, at most maxParts of them.
func (x *Index) pieces(token string) [][2]int {
	var cuts [][2]int
	start := 0
	for i, r := range token {
		if isSeparator(r) || r == '/' {
			if i > start {
				cuts = append(cuts, [2]int{start, i})
			}
			start = i + utf8.RuneLen(r)
		}
	}
	cuts = append(cuts, [2]int{start, len(token)})
	if len(cuts) > maxParts {
		return nil
	}
	return cuts
}

// number1 looks a whole token up: as written, then with other separators. The
// expression is asked last: it costs more than the maps.
func (x *Index) number1(token string) (int32, bool) {
	key := strings.Map(dash, token)
	if i, ok := x.exact.get(key); ok {
		return i, x.pattern == nil || x.looks(x.list[i].Number)
	}
	i, ok := x.dotted.get(dots(key))
	if !ok {
		i, ok = x.bare.get(bare(key))
	}
	return i, ok && i != ambiguous && x.pattern != nil && x.looks(key)
}

// match searches with an expression that needs words around the number,
// e.g. `(?i)matter no\. (\d{4})`.
func (x *Index) match(pattern *regexp.Regexp, s string) []Hit {
	var hits []Hit
	for _, loc := range pattern.FindAllStringSubmatchIndex(s, maxHits) {
		from, till := loc[0], loc[1]
		key := s[from:till]
		if len(loc) >= 4 && loc[2] >= 0 {
			from, till = loc[2], loc[3]
			key = s[from:till]
		}
		if len(loc) >= 6 && loc[4] >= 0 {
			key = s[loc[2]:loc[3]] + "." + s[loc[4]:loc[5]]
			till = max(till, loc[5])
		}
		key = strings.Map(dash, key)
		for _, m := range []struct {
			keys *table
			key  string
		}{{x.exact, key}, {x.dotted, dots(key)}, {x.bare, bare(key)}} {
			if i, ok := m.keys.get(m.key); ok {
				if i != ambiguous {
					hits = append(hits, Hit{Matter: &x.list[i], Text: s[from:till], At: from})
				}
				break
			}
		}
	}
	return hits
}

// named looks for aliases that begin at a word of s[i:end].
func (x *Index) named(hits []Hit, s string, i, end int) []Hit {
	for i < end {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !isWord(r) {
			i += n
			continue
		}
		stop := i + len(firstWord(s[i:end]))
		h := int(s[i]) << 8
		if stop > i+1 {
			h |= int(s[i+1])
		}
		if x.first[h>>6]&(1<<(h&63)) != 0 {
			for _, n := range x.sizes(s[i:stop]) {
				n := int(n)
				if i+n > len(s) {
					continue
				}
				if m, ok := x.alias.get(s[i : i+n]); ok && alone(s, i, i+n) {
					hits = append(hits, Hit{Matter: &x.list[m], Text: s[i : i+n], At: i, Alias: true})
					break
				}
			}
		}
		i = stop
	}
	return hits
}

// alone reports whether s[from:till] is not part of a longer word or number.
func alone(s string, from, till int) bool {
	before, n := utf8.DecodeLastRuneInString(s[:from])
	after, k := utf8.DecodeRuneInString(s[till:])
	if isWord(before) || isWord(after) {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(s[:till])
	if isSeparator(after) && unicode.IsDigit(last) {
		if next, _ := utf8.DecodeRuneInString(s[till+k:]); unicode.IsDigit(next) {
			return false
		}
	}
	first, _ := utf8.DecodeRuneInString(s[from:])
	if isSeparator(before) && unicode.IsDigit(first) {
		if next, _ := utf8.DecodeLastRuneInString(s[:from-n]); unicode.IsDigit(next) {
			return false
		}
	}
	return true
}

// tidy orders by place and drops what was found in two ways.
func tidy(hits []Hit) []Hit {
	if len(hits) < 2 {
		return hits
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Compare(a.At, b.At) })
	hits = slices.CompactFunc(hits, func(b, a Hit) bool { return a.Matter == b.Matter && b.At < a.At+max(1, len(a.Text)) })
	return hits[:min(len(hits), maxHits)]
}

// ascii says which ASCII characters words are made of.
var ascii = func() (t [utf8.RuneSelf]bool) {
	for c := range t {
		t[c] = c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	return t
}()

func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 0 && ascii[r]
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

func isSeparator(r rune) bool { return r == '.' || r == '-' || r >= utf8.RuneSelf && dash(r) == '-' }

func inToken(r rune) bool { return isWord(r) || isSeparator(r) || r == '/' }

// dash turns the typographic dashes into "-".
func dash(r rune) rune {
	if r >= '\u2010' && r <= '\u2015' || r == '\u2212' {
		return '-'
	}
	return r
}

func numeric(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}
