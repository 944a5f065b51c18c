package text

import (
	"bytes"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// kind is what an element does to the lines of text.
type kind uint8

const (
	block      kind = 1 << iota // begins and ends a line
	void                        // has no content
	unseen                      // is never shown
	closesPara                  // ends an open p
)

var kinds = func() map[atom.Atom]kind {
	m := map[atom.Atom]kind{}
	for _, a := range []atom.Atom{
		atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Center, atom.Dd, atom.Details, atom.Dir, atom.Div, atom.Dl,
		atom.Dt, atom.Fieldset, atom.Figure, atom.Footer, atom.Form, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6,
		atom.Header, atom.Hr, atom.Li, atom.Main, atom.Menu, atom.Nav, atom.Ol, atom.P, atom.Pre, atom.Section, atom.Summary,
		atom.Table, atom.Ul,
	} {
		m[a] = block | closesPara
	}
	for _, a := range []atom.Atom{atom.Tr, atom.Caption, atom.Tbody, atom.Thead, atom.Tfoot, atom.Option, atom.Body} {
		m[a] = block
	}
	for _, a := range []atom.Atom{
		atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta, atom.Param,
		atom.Source, atom.Track, atom.Wbr,
	} {
		m[a] |= void
	}
	// head itself is not here: it is often left open, and only these have text.
	for _, a := range []atom.Atom{atom.Style, atom.Script, atom.Title, atom.Template, atom.Iframe, atom.Audio, atom.Video, atom.Select, atom.Datalist} {
		m[a] |= unseen
	}
	return m
}()

// tagInfo is an element that matters. Of the others only the hash of the name is
// known, to tell them apart.
type tagInfo struct {
	name string
	tag  atom.Atom
	kind kind
}

// tags is a table of them with open places.
var tags = func() *[1 << tagBits]tagInfo {
	t := &[1 << tagBits]tagInfo{}
	add := func(a atom.Atom) {
		i := hash([]byte(a.String())) & (1<<tagBits - 1)
		for t[i].name != "" && t[i].tag != a {
			i = (i + 1) & (1<<tagBits - 1)
		}
		t[i] = tagInfo{a.String(), a, kinds[a]}
	}
	for a := range kinds {
		add(a)
	}
	for _, a := range []atom.Atom{atom.Td, atom.Th, atom.Textarea, atom.Xmp, atom.Plaintext, atom.Noscript, atom.Noembed, atom.Noframes} {
		add(a)
	}
	return t
}()

const tagBits = 9

// tagOf looks a name in small letters up, whose hash is h.
func tagOf(h uint32, name []byte) tagInfo {
	for i := h & (1<<tagBits - 1); tags[i].name != ""; i = (i + 1) & (1<<tagBits - 1) {
		if tags[i].name == string(name) {
			return tags[i]
		}
	}
	return tagInfo{}
}

// attrs is what the attributes of an element say about its text.
type attrs struct {
	hidden     bool
	quote      bool // a mail program marks its content as quoted
	quotesRest bool // all that follows is quoted
	signature  bool
	indent     bool // a blockquote that only indents
	tight      bool // a paragraph without space above
	pre        bool
	ground     tint // of its background
	colour     tint // of its text
	alt        string
}

// tint is as much of a colour as decides whether text is seen.
type tint uint8

const (
	unsaid tint = iota
	white
	coloured // or of unknown colour
)

func attributes(z *html.Tokenizer, more bool) attrs {
	var a attrs
	for n := 0; more && n < maxAttrs; n++ {
		var key, val []byte
		key, val, more = z.TagAttr()
		if bit := attrBit(string(key)); bit != 0 {
			a.read(bit, string(val))
		}
	}
	if a.quote {
		a.indent = false
	}
	return a
}

// quoteClasses are class names of quotes: Gmail, Yahoo, Proton, Tutanota, Zoho,
// Zimbra, Fastmail, Apple, GMX, Thunderbird's line above.
var quoteClasses = []string{
	"gmail_quote", "yahoo_quoted", "protonmail_quote", "tutanota_quote", "zmail_extra", "moz-cite-prefix",
	"moz-forward-container", "moz-email-headers-table", "outlookmessageheader", "gmail_attr", "qt", "mail-quote-collapse",
	"gmail_quote_container", "gmail_extra_quote", "quoted_header_editor", "sh-quoted-content", "zmail_extra_hr",
	"front-blockquote", "cloudmagic-quote", "mb_quote",
}

func (a *attrs) class(v []byte) {
	for len(v) > 0 {
		var c []byte
		if c, v = word(v); len(c) == 0 {
			continue
		}
		c = bytes.TrimPrefix(c, []byte("x_")) // Outlook renames classes of quoted mail
		for _, q := range quoteClasses {
			if equalFold(c, q) {
				a.quote = true
				a.quotesRest = a.quotesRest || q == "outlookmessageheader"
			}
		}
		switch {
		case hasPrefixFold(c, "ydp") && hasSuffixFold(c, "yahoo_quoted"):
			a.quote = true
		case equalFold(c, "gmail_signature"), equalFold(c, "moz-signature"), equalFold(c, "protonmail_signature_block"),
			equalFold(c, "elementtoproof_signature"):
			a.signature = true
		case hasPrefixFold(c, "MsoNormal"), hasPrefixFold(c, "MsoPlainText"), hasPrefixFold(c, "MsoListParagraph"):
			a.tight = true
		}
	}
}

func (a *attrs) id(v []byte) {
	v = bytes.TrimPrefix(v, []byte("x_"))
	switch {
	case equalFold(v, "divRplyFwdMsg"), equalFold(v, "stopSpelling"), equalFold(v, "OLK_SRC_BODY_SECTION"), equalFold(v, "reply-intro"):
		a.quotesRest = true
	case hasPrefixFold(v, "yahoo_quoted"), equalFold(v, "isForwardContent"), equalFold(v, "mail-editor-reference-message-container"),
		equalFold(v, "ms-outlook-mobile-reference-message"), equalFold(v, "aolmail_reply"):
		a.quote = true
	case equalFold(v, "Signature"), equalFold(v, "AppleMailSignature"), equalFold(v, "ms-outlook-mobile-signature"),
		equalFold(v, "lineBreakAtBeginningOfSignature"):
		a.signature = true
	}
}

// name reads the names that some programs give to the parts of a reply: GMX,
// Spark, Zimbra.
func (a *attrs) name(v string) {
	switch v {
	case "quote", "quoted-content", "messageReplySection", "messageSignatureSection":
		a.quote = a.quote || v != "messageSignatureSection"
		a.signature = a.signature || v == "messageSignatureSection"
	case "__HEADERS__", "__QUOTED_TEXT__":
		a.quote = true
	}
}

// word takes the first word of v.
func word(v []byte) (first, rest []byte) {
	for len(v) > 0 && isSpace(v[0]) {
		v = v[1:]
	}
	n := 0
	for n < len(v) && !isSpace(v[n]) {
		n++
	}
	return v[:n], v[n:]
}

func equalFold(b []byte, s string) bool { return len(b) == len(s) && hasPrefixFold(b, s) }

func hasPrefixFold(b []byte, s string) bool {
	if len(b) < len(s) {
		return false
	}
	for i := range len(s) {
		if lowerASCII(b[i]) != lowerASCII(s[i]) {
			return false
		}
	}
	return true
}

func hasSuffixFold(b []byte, s string) bool {
	return len(b) >= len(s) && hasPrefixFold(b[len(b)-len(s):], s)
}
