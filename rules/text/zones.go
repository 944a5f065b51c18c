package text

import (
	"strings"

	"chancery/internal/model"
)

// Zones are the parts of one message by author. Each character of the body that
// is not white space, a quote mark or markup stands in exactly one of New,
// Quoted, Signature and Footer. Lines keep their order; a blank line shows where
// something lay between.
type Zones struct {
	Subject   string
	New       string   // what the sender wrote in this message
	Quoted    string   // replies and forwarded text, without quote marks
	Signature string   // sign-off and contact lines of the sender
	Footer    string   // confidentiality notices and other boilerplate, of anyone
	Names     []string // attachment names, as they are
}

// Split divides a message into zones. It takes time in proportion to the size.
func Split(m *model.Mail) Zones {
	z := Zones{Subject: m.Subject}
	for _, f := range m.Files {
		if f.Name != "" {
			z.Names = append(z.Names, f.Name)
		}
	}
	b := cut(Body(m))
	b.quotes()
	b.footers()
	b.signatures(m.From)
	var size [4]int
	for _, l := range b.lines {
		size[l.zone] += int(l.end-l.beg) + 2
	}
	z.New = b.gather(inNew, size[inNew])
	z.Quoted = b.gather(inQuoted, size[inQuoted])
	if attached := read(m, true); attached != "" {
		// The text of an attached message is somebody else's, as a quote is.
		z.Quoted = joined(z.Quoted, attached)
	}
	z.Signature = b.gather(inSignature, size[inSignature])
	z.Footer = b.gather(inFooter, size[inFooter])
	b.done()
	return z
}

// Body returns the text of a message that a person would read: the plain parts,
// or the HTML parts as text where the plain ones say less. Where each says
// something of its own, both. Attached messages are left out.
func Body(m *model.Mail) string { return read(m, false) }

// read is Body of the message itself, or of the messages attached to it.
func read(m *model.Mail, attached bool) string {
	plain, html := "", ""
	for _, p := range m.Parts {
		if p.Attached != attached {
			continue
		}
		if p.HTML {
			html = joined(html, FromHTML(p.Text))
		} else if strings.TrimSpace(p.Text) != "" {
			plain = joined(plain, p.Text)
		}
	}
	switch {
	case plain == "":
		return html
	case html == "" || covers(plain, html):
		return plain
	case covers(html, plain):
		return html
	}
	return plain + "\n\n" + html
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + "\n\n" + b
}
