package matter

import "strings"

// dockets find matters by the numbers that courts give them, if an alias is one: the
// office in front, zeros and the initials of judges behind may differ. "1:24-cv-01234-ABC"
// is "24-cv-1234", and not "2:24-cv-01234".
//
// Keys are "24-cv-1234" for a text without an office, "1:24-cv-1234" for one with the
// office of the alias, and "*:24-cv-1234" for any office if the alias has none.
func (d *drafts) docket(alias string, i int32) {
	key, office, _, end := docketAt(alias, strings.IndexByte(alias, '-'))
	if key == "" || strings.Trim(judges(alias[end:]), " ") != "" {
		return
	}
	if office == "" {
		office = "*"
	}
	put(d.docks, key, i)
	put(d.docks, office+":"+key, i)
}

// judges leaves out the initials behind a docket number: "-abc-def".
func judges(s string) string {
	for len(s) > 1 && s[0] == '-' {
		n := 1
		for n < len(s) && s[n] >= 'a' && s[n] <= 'z' {
			n++
		}
		if n == 1 || n > 5 {
			break
		}
		s = s[n:]
	}
	return s
}

// docketAt reads the docket number whose first hyphen is folded s[at].
func docketAt(s string, at int) (key, office string, beg, end int) {
	if at < 2 || at+4 >= len(s) || !figure(s[at-1]) || !figure(s[at-2]) || !small(s[at+1]) || !small(s[at+2]) || s[at+3] != '-' {
		return "", "", 0, 0
	}
	beg, end = at-2, at+4
	for end < len(s) && figure(s[end]) {
		end++
	}
	number := strings.TrimLeft(s[at+4:end], "0")
	if number == "" || end-at-4 > 6 || end < len(s) && (small(s[end]) || s[end] == '_') {
		return "", "", 0, 0
	}
	key = s[beg:at+4] + number
	if beg > 1 && s[beg-1] == ':' && figure(s[beg-2]) {
		to := beg - 1
		for beg = to; beg > 0 && figure(s[beg-1]) && to-beg < 2; beg-- {
		}
		office = s[beg:to]
	}
	if beg > 0 && (figure(s[beg-1]) || small(s[beg-1]) || s[beg-1] == '-' || s[beg-1] == '.') {
		return "", "", 0, 0 // part of something longer
	}
	return key, office, beg, end
}

// docketed adds the matters whose docket numbers stand in s.
func (x *Index) docketed(hits []Hit, s string) []Hit {
	for at := strings.IndexByte(s, '-'); at >= 0 && len(hits) < maxHits; {
		if key, office, beg, end := docketAt(s, at); key != "" {
			if m, ok := x.ofDocket(key, office); ok && alone(s, beg, end) {
				hits = append(hits, Hit{Matter: &x.list[m], Text: s[beg:end], At: beg, Alias: true})
			}
		}
		next := strings.IndexByte(s[at+1:], '-')
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return hits
}

func (x *Index) ofDocket(key, office string) (int32, bool) {
	m, ok := int32(0), false
	if office == "" {
		m, ok = x.docks.get(key)
	} else if m, ok = x.docks.get(office + ":" + key); !ok {
		m, ok = x.docks.get("*:" + key)
	}
	return m, ok && m != ambiguous
}

// mayDocket reports whether a docket number may stand in a token.
func (x *Index) mayDocket(token string) bool {
	for i := range len(token) {
		if token[i] != '-' {
			continue
		}
		if key, _, _, _ := docketAt(token, i); key != "" {
			if _, ok := x.docks.get(key); ok {
				return true
			}
		}
	}
	return false
}

func figure(c byte) bool { return c >= '0' && c <= '9' }
func small(c byte) bool  { return c >= 'a' && c <= 'z' }
