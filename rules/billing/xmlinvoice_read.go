package billing

import (
	"strconv"
	"strings"
)

const (
	maxXMLDepth  = 100
	maxXMLAttrs  = 64
	maxXMLName   = 256
	maxXMLText   = 4 << 10 // octets of one value
	maxXMLAttr   = 64 << 10
	maxXMLSpaces = 100 // namespaces in scope
)

// xmlNode is a place in a form: the elements below it that are looked at, and the fact
// that its own text is.
type xmlNode struct {
	below map[string]*xmlNode
	fact  xmlFact
}

// form builds the tree of paths.
func form(paths map[string]xmlFact) *xmlNode {
	top := &xmlNode{}
	for path, fact := range paths {
		at := top
		for name := range strings.SplitSeq(path, "/") {
			if at.below == nil {
				at.below = map[string]*xmlNode{}
			}
			if at.below[name] == nil {
				at.below[name] = &xmlNode{}
			}
			at = at.below[name]
		}
		at.fact = fact
	}
	return top
}

// xmlReader reads one document of XML 1.0 with namespaces, whole in memory, once from
// its beginning to its end. It builds nothing but the facts of the form. A DOCTYPE is
// refused, and with it every entity but the five of XML itself (XML 1.0 section 4.6).
// What is not well-formed in its tags ends the reading with a code.
type xmlReader struct {
	s      string
	at     int
	code   string
	stack  []xmlElement
	spaces []xmlSpace
	attrs  []xmlAttr
	text   []byte // of the element that is being read, if it is a fact

	counted, line int // lines up to the octet counted
	take          func(fact xmlFact, v xmlValue)
	root          func(space, name string) *xmlNode
	foreign       func(space string) bool
}

type xmlElement struct {
	name   string // with its prefix, as the end must repeat it
	node   *xmlNode
	spaces int // bindings in scope before it
	value  xmlValue
}

type xmlSpace struct{ prefix, uri string }

type xmlAttr struct{ name, value string }

// xmlValue is the text of one element.
type xmlValue struct {
	text   string
	name   string // of the element, without prefix
	line   int
	scheme string // schemeID, currencyID or format
}

// fail notes the first code; reading ends.
func (x *xmlReader) fail(code string) bool {
	if x.code == "" {
		x.code = code
	}
	return false
}

// run reads the document.
func (x *xmlReader) run() {
	x.line = 1
	x.unwrap()
	seen := false
	for x.code == "" {
		i := strings.IndexByte(x.s[x.at:], '<')
		if i < 0 {
			i = len(x.s) - x.at
		}
		if !x.characters(x.s[x.at : x.at+i]) {
			return
		}
		if x.at += i; x.at == len(x.s) {
			break
		}
		if len(x.stack) == 0 && seen && !strings.HasPrefix(x.s[x.at:], "<!--") && !strings.HasPrefix(x.s[x.at:], "<?") {
			x.fail("xml-broken") // a second document
			return
		}
		seen = x.markup() || seen
	}
	if x.code == "" && (len(x.stack) > 0 || !seen) {
		x.fail("xml-broken")
	}
}

// characters takes text between tags.
func (x *xmlReader) characters(s string) bool {
	if len(x.stack) == 0 {
		if strings.Trim(s, " \t\r\n") != "" {
			return x.fail("xml-broken")
		}
		return true
	}
	if e := &x.stack[len(x.stack)-1]; e.node == nil || e.node.fact == 0 {
		return true
	}
	for s != "" {
		amp := strings.IndexByte(s, '&')
		if amp < 0 {
			x.keep(s)
			break
		}
		x.keep(s[:amp])
		name, rest, ok := strings.Cut(s[amp+1:], ";")
		c, known := xmlReference(name)
		if !ok || !known {
			return x.fail("xml-entity")
		}
		x.keep(c)
		s = rest
	}
	return true
}

func (x *xmlReader) keep(s string) {
	if room := maxXMLText + 1 - len(x.text); room > 0 {
		x.text = append(x.text, s[:min(len(s), room)]...)
	}
}

// xmlReference resolves a reference to a character (XML 1.0 section 4.1).
func xmlReference(name string) (string, bool) {
	switch name {
	case "lt":
		return "<", true
	case "gt":
		return ">", true
	case "amp":
		return "&", true
	case "quot":
		return `"`, true
	case "apos":
		return "'", true
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok || len(digits) > 10 {
		return "", false
	}
	base := 10
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	if err != nil || n == 0 {
		return "", false
	}
	return string(rune(n)), true
}

// markup reads what begins with "<"; true if it was a tag.
func (x *xmlReader) markup() bool {
	rest := x.s[x.at:]
	switch {
	case strings.HasPrefix(rest, "<!--"):
		return x.past("-->", 4)
	case strings.HasPrefix(rest, "<?"):
		return x.past("?>", 2)
	case strings.HasPrefix(rest, "<![CDATA["):
		end := strings.Index(rest, "]]>")
		if end < 0 || len(x.stack) == 0 {
			return x.fail("xml-broken")
		}
		if e := &x.stack[len(x.stack)-1]; e.node != nil && e.node.fact != 0 {
			x.keep(rest[len("<![CDATA["):end])
		}
		x.at += end + 3
		return false
	case strings.HasPrefix(rest, "<!"):
		return x.fail("xml-doctype")
	case strings.HasPrefix(rest, "</"):
		return x.closing()
	}
	return x.opening()
}

func (x *xmlReader) past(end string, from int) bool {
	i := strings.Index(x.s[x.at+from:], end)
	if i < 0 {
		return x.fail("xml-broken")
	}
	x.at += from + i + len(end)
	return false
}

// name reads a name; "" if there is none.
func (x *xmlReader) name() string {
	from := x.at
	for x.at < len(x.s) && !xmlBreaks[x.s[x.at]] {
		x.at++
	}
	if x.at-from > maxXMLName {
		x.fail("xml-limit")
		return ""
	}
	return x.s[from:x.at]
}

// xmlBreaks are the octets that end a name.
var xmlBreaks = func() (t [256]bool) {
	for _, c := range " \t\r\n/>=<\"'&" {
		t[c] = true
	}
	return t
}()

func (x *xmlReader) blank() bool {
	from := x.at
	for x.at < len(x.s) && (x.s[x.at] == ' ' || x.s[x.at] == '\t' || x.s[x.at] == '\r' || x.s[x.at] == '\n') {
		x.at++
	}
	return x.at > from
}

// opening reads a tag that begins an element.
func (x *xmlReader) opening() bool {
	from := x.at
	x.at++
	e := xmlElement{name: x.name(), spaces: len(x.spaces)}
	if e.name == "" || len(x.stack) == maxXMLDepth {
		return x.fail(map[bool]string{true: "xml-broken", false: "xml-limit"}[e.name == ""])
	}
	if !x.attributes() {
		return false
	}
	empty := x.s[x.at] == '/'
	if empty {
		x.at++
	}
	if x.at >= len(x.s) || x.s[x.at] != '>' {
		return x.fail("xml-broken")
	}
	x.at++
	x.find(&e)
	if x.code != "" {
		return false
	}
	if e.node != nil && e.node.fact != 0 {
		e.value.line = x.lineAt(from)
		x.text = x.text[:0]
	}
	x.stack = append(x.stack, e)
	if empty {
		x.end()
	}
	return true
}

// attributes reads up to the end of a tag, which is then at x.at. Namespaces come into
// scope (Namespaces in XML 1.0 section 6).
func (x *xmlReader) attributes() bool {
	x.attrs = x.attrs[:0]
	for {
		gap := x.blank()
		if x.at >= len(x.s) {
			return x.fail("xml-broken")
		}
		if c := x.s[x.at]; c == '>' || c == '/' {
			return true
		}
		name := x.name()
		x.blank()
		if name == "" || !gap || x.at+1 >= len(x.s) || x.s[x.at] != '=' {
			return x.fail("xml-broken")
		}
		x.at++
		x.blank()
		value, ok := x.quoted()
		if !ok {
			return false
		}
		for _, a := range x.attrs {
			if a.name == name {
				return x.fail("xml-broken")
			}
		}
		if len(x.attrs) == maxXMLAttrs || len(x.spaces) == maxXMLSpaces || len(value) > maxXMLAttr {
			return x.fail("xml-limit")
		}
		x.attrs = append(x.attrs, xmlAttr{name, value})
		if prefix, ok := strings.CutPrefix(name, "xmlns"); ok && (prefix == "" || prefix[0] == ':') {
			x.spaces = append(x.spaces, xmlSpace{strings.TrimPrefix(prefix, ":"), strings.TrimSpace(value)})
		}
	}
}

func (x *xmlReader) quoted() (string, bool) {
	if x.at >= len(x.s) || x.s[x.at] != '"' && x.s[x.at] != '\'' {
		return "", x.fail("xml-broken")
	}
	i := strings.IndexByte(x.s[x.at+1:], x.s[x.at])
	if i < 0 {
		return "", x.fail("xml-broken")
	}
	value := x.s[x.at+1 : x.at+1+i]
	if strings.IndexByte(value, '<') >= 0 {
		return "", x.fail("xml-broken")
	}
	x.at += i + 2
	return value, true
}

// find looks up what the form makes of an element. Only elements of the namespaces of
// the form stand in it, whatever their prefix.
func (x *xmlReader) find(e *xmlElement) {
	prefix, local, ok := strings.Cut(e.name, ":")
	if !ok {
		prefix, local = "", e.name
	}
	e.value.name = local
	if n := len(x.stack); n > 0 && x.stack[n-1].node == nil {
		return
	}
	var node *xmlNode
	if n := len(x.stack); n > 0 {
		if node = x.stack[n-1].node.below[local]; node == nil {
			return
		}
	}
	uri := ""
	for i := len(x.spaces) - 1; i >= 0; i-- {
		if x.spaces[i].prefix == prefix {
			uri = x.spaces[i].uri
			break
		}
	}
	if len(x.stack) == 0 {
		if e.node = x.root(uri, local); e.node == nil {
			x.fail("xml-kind")
		}
		return
	}
	if x.foreign(uri) {
		return
	}
	if e.node = node; node.fact == 0 {
		return
	}
	for _, a := range x.attrs {
		if a.name == "schemeID" || a.name == "currencyID" || a.name == "format" {
			e.value.scheme = a.value
		}
	}
}

func (x *xmlReader) closing() bool {
	x.at += 2
	name := x.name()
	x.blank()
	if n := len(x.stack); n == 0 || x.at >= len(x.s) || x.s[x.at] != '>' || x.stack[n-1].name != name {
		return x.fail("xml-broken")
	}
	x.at++
	x.end()
	return true
}

// end leaves the innermost element.
func (x *xmlReader) end() {
	e := &x.stack[len(x.stack)-1]
	if e.node != nil && e.node.fact != 0 {
		e.value.text = strings.Join(strings.Fields(string(x.text)), " ")
		x.take(e.node.fact, e.value)
	}
	x.text = x.text[:0] // of a fact around this one nothing but what follows is text
	x.spaces = x.spaces[:e.spaces]
	x.stack = x.stack[:len(x.stack)-1]
}

// lineAt counts on to an octet behind the last one asked for.
func (x *xmlReader) lineAt(at int) int {
	x.line += strings.Count(x.s[x.counted:at], "\n")
	x.counted = at
	return x.line
}
