package caldav

import "bytes"

// Limits of an XML document. The decoder of the standard library holds a whole
// tag in memory and go-webdav recurses into elements, so both are counted before
// either sees a byte.
const (
	maxXMLDepth    = 100
	maxXMLAttrs    = 100
	maxXMLElements = 2_000_000
	maxXMLTag      = 64 << 10
)

// scanXML reads tags only: it finds what is too deep, too wide or a DOCTYPE
// (RFC 4918 section 20.6 warns of external entities). It does not check that the
// document is well formed.
func scanXML(b []byte) error {
	depth, elements := 0, 0
	for {
		i := bytes.IndexByte(b, '<')
		if i < 0 {
			return nil
		}
		b = b[i:]
		var skip string
		switch {
		case bytes.HasPrefix(b, []byte("<!--")):
			skip = "-->"
		case bytes.HasPrefix(b, []byte("<![CDATA[")):
			skip = "]]>"
		case bytes.HasPrefix(b, []byte("<?")):
			skip = "?>"
		case bytes.HasPrefix(b, []byte("<!")):
			return protocol("xml-doctype")
		}
		if skip != "" {
			i := bytes.Index(b, []byte(skip))
			if i < 0 {
				return protocol("xml-malformed")
			}
			b = b[i+len(skip):]
			continue
		}
		length, attrs := scanTag(b)
		switch {
		case length < 0:
			return protocol("xml-malformed")
		case attrs > maxXMLAttrs || length > maxXMLTag:
			return protocol("xml-attributes")
		case b[1] == '/':
			depth--
		case b[length-2] != '/':
			depth++
			elements++
		default:
			elements++
		}
		if depth > maxXMLDepth {
			return protocol("xml-depth")
		}
		if elements > maxXMLElements {
			return protocol("xml-elements")
		}
		b = b[length:]
	}
}

// scanTag returns the length of the tag at the start of b, or -1 if it does not
// end, and the number of its attributes.
func scanTag(b []byte) (length, attrs int) {
	quote := byte(0)
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '=':
			attrs++
		case c == '>':
			if i < 2 {
				return -1, 0
			}
			return i + 1, attrs
		}
		if i > maxXMLTag {
			return i, attrs
		}
	}
	return -1, 0
}
