package text

import (
	"strings"

	"golang.org/x/net/html"
)

// maxAttrs bounds the attributes of one tag that are looked at.
const maxAttrs = 100

// attributes reads the attributes of the tag at begin, whose name ends at at,
// and returns where the tag ends; -1 if the document ends first.
func (m *markup) attributes(begin, at int, wanted bool) (a attrs, after int) {
	s := m.s
	seen, count := 0, 0
	for {
		at = pastSpace(s, at)
		if at == len(s) {
			return a, -1
		}
		if s[at] == '>' {
			break
		}
		key, val, next := attribute(s, at)
		if next < 0 {
			return a, -1
		}
		at = next
		if key == "" || !wanted {
			continue
		}
		count++
		bit := attrBit(key)
		if bit == 0 || seen&bit != 0 || count > maxAttrs {
			continue
		}
		seen |= bit
		a.read(bit, value(val))
	}
	at++
	if count > maxAttrs {
		a = manyAttributes(s[begin:at])
	}
	if a.quote {
		a.indent = false
	}
	return a, at
}

// attribute takes one attribute from s[at:], or a lone "/" as one without a key
// (HTML section 13.2.5.32); next is -1 if the document ends in it.
func attribute(s string, at int) (key, val string, next int) {
	from := at
	for at < len(s) && (!endsName[s[at]] && (s[at] != '=' || at == from)) {
		at++
	}
	key = s[from:at]
	if at = pastSpace(s, at); at == len(s) {
		return "", "", -1
	}
	switch s[at] {
	case '/':
		return key, "", at + 1
	default:
		return key, "", at
	case '=':
	}
	if at = pastSpace(s, at+1); at == len(s) {
		return "", "", -1
	}
	switch c := s[at]; c {
	case '>':
		return key, "", at
	case '\'', '"':
		i := strings.IndexByte(s[at+1:], c)
		if i < 0 {
			return "", "", -1
		}
		return key, s[at+1 : at+1+i], at + i + 2
	}
	from = at
	for at < len(s) && (!endsName[s[at]] || s[at] == '/') {
		at++
	}
	if at == len(s) {
		return "", "", -1
	}
	return key, s[from:at], at
}

func pastSpace(s string, at int) int {
	for at < len(s) && endsName[s[at]] && s[at] != '/' && s[at] != '>' {
		at++
	}
	return at
}

// The attributes that tell something.
const (
	styleAttr = 1 << iota
	classAttr
	idAttr
	typeAttr
	hiddenAttr
	nameAttr
	colourAttr
	groundAttr
	altAttr
)

func attrBit(key string) int {
	switch len(key) {
	case 2:
		if equalFoldASCII(key, "id") {
			return idAttr
		}
	case 3:
		if equalFoldASCII(key, "alt") {
			return altAttr
		}
	case 4:
		if equalFoldASCII(key, "type") {
			return typeAttr
		} else if equalFoldASCII(key, "name") {
			return nameAttr
		}
	case 7:
		if equalFoldASCII(key, "bgcolor") {
			return groundAttr
		}
	case 10:
		if equalFoldASCII(key, "background") {
			return groundAttr
		}
	case 11:
		if equalFoldASCII(key, "data-marker") {
			return nameAttr
		}
	case 5:
		if equalFoldASCII(key, "style") {
			return styleAttr
		} else if equalFoldASCII(key, "class") {
			return classAttr
		} else if equalFoldASCII(key, "color") {
			return colourAttr
		}
	case 6:
		if equalFoldASCII(key, "hidden") {
			return hiddenAttr
		}
	}
	return 0
}

// equalFoldASCII is not misled by U+017F, which folds to "s".
func equalFoldASCII(a, b string) bool {
	for i := range len(b) {
		if lowerASCII(a[i]) != b[i] {
			return false
		}
	}
	return len(a) == len(b)
}

func value(s string) string {
	return unescapeValue(strings.ReplaceAll(lines(s), "\x00", "\uFFFD"))
}

func (a *attrs) read(bit int, val string) {
	switch bit {
	case styleAttr:
		a.style([]byte(val))
	case classAttr:
		a.class([]byte(val))
	case idAttr:
		a.id([]byte(val))
	case typeAttr:
		a.quote = a.quote || strings.EqualFold(val, "cite")
	case hiddenAttr:
		a.hidden = true
	case nameAttr:
		a.name(val)
	case colourAttr:
		a.colour = tintOf([]byte(val))
	case groundAttr:
		if a.ground == unsaid {
			a.ground = tintOf([]byte(val))
		}
	case altAttr:
		a.alt = val
	}
}

// manyAttributes reads a tag with so many attributes that their order matters.
func manyAttributes(tag string) attrs {
	z := html.NewTokenizer(strings.NewReader(tag))
	z.Next()
	_, more := z.TagName()
	return attributes(z, more)
}
