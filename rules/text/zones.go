package text

import (
	"slices"
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
	Seams     Seams
}

// Seams are the places in the texts of zones, as offsets, at which something of
// another zone lay: no phrase goes across.
type Seams struct{ New, Quoted, Signature, Footer []int32 }

// Split divides a message into zones. It takes time in proportion to the size.
func Split(m *model.Mail) Zones { return SplitBody(m, Body(m), Attached(m)) }

// SplitBody is Split for a caller who has the Body and the Attached text.
func SplitBody(m *model.Mail, text, attached string) Zones {
	z := Zones{Subject: m.Subject}
	for _, f := range m.Files {
		if f.Name != "" {
			z.Names = append(z.Names, f.Name)
		}
	}
	b := cut(text)
	b.quotes()
	b.footers()
	b.tags()
	b.signatures(m.From)
	var size [4]int
	for _, l := range b.lines {
		size[l.zone] += int(l.end-l.beg) + 2
	}
	z.New, z.Seams.New = b.gather(inNew, size[inNew])
	z.Quoted, z.Seams.Quoted = b.gather(inQuoted, size[inQuoted])
	if attached != "" {
		// The text of an attached message is somebody else's, as a quote is.
		if z.Quoted != "" {
			z.Seams.Quoted = append(z.Seams.Quoted, int32(len(z.Quoted)))
		}
		z.Quoted = joined(z.Quoted, attached)
	}
	z.Signature, z.Seams.Signature = b.gather(inSignature, size[inSignature])
	z.Footer, z.Seams.Footer = b.gather(inFooter, size[inFooter])
	b.done()
	return z
}

// Body returns the text of a message that a person would read: the plain parts,
// or the HTML parts as text where the plain ones say less. Where each says
// something of its own, both. Attached messages are left out.
func Body(m *model.Mail) string { return read(m, false) }

// Attached is Body of the messages that are attached.
func Attached(m *model.Mail) string { return read(m, true) }

// read is Body of the message itself, or of the messages attached to it.
func read(m *model.Mail, attached bool) string {
	plain, html := "", ""
	// Where there is no plain form, the texts that stand for images say what it
	// would say.
	alone := !slices.ContainsFunc(m.Parts, func(p model.TextPart) bool {
		return p.Attached == attached && !p.HTML && strings.TrimSpace(p.Text) != ""
	})
	room := sheets.Get().(*sheet)
	defer room.done()
	for _, p := range m.Parts {
		switch {
		case p.Attached != attached:
		case p.HTML && html == "":
			html = room.read(unquotedPrintable(p.Text), alone)
		case p.HTML:
			html = joined(html, FromHTML(unquotedPrintable(p.Text)))
		case strings.TrimSpace(p.Text) != "":
			plain = joined(plain, unquotedPrintable(p.Text))
		}
	}
	switch {
	case html == "" || plain != "" && covers(plain, html):
		return plain
	case plain == "" || covers(html, plain):
		return strings.Clone(html) // it may lie in the room
	}
	return plain + "\n\n" + html
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + "\n\n" + b
}
