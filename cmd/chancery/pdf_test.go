package main

import (
	"strings"
	"testing"

	"chancery/internal/mime"
	"chancery/internal/model"
)

// What stands in an attached PDF is read by a child of this very program, whether bills
// are looked for or words, and a PDF that is broken says so.
func TestPDFsOfMail(t *testing.T) {
	letter := liveBill(1, 30)
	letter.files = []billFile{
		{"bill.pdf", "application/pdf", pdfOf(letter.text)},
		{"broken.pdf", "application/pdf", []byte("%PDF-1.7\n1 0 obj <</Kids [1 0 R]>>")},
	}
	letter.text = "Our invoice is attached.\n"
	for _, need := range []model.Need{{Text: true, Files: true, FileText: true, Bills: true}, {Files: true, FileText: true}, {Text: true, Files: true}} {
		m := mime.ReadFor(letter.raw(), need, pdfs.Read)
		if len(m.Files) != 2 {
			t.Fatalf("%d files", len(m.Files))
		}
		text, codes := m.Files[0].Text, m.Files[0].Unread+" "+m.Files[1].Unread
		switch {
		case need.FileText && (!strings.Contains(text, "\nTotal due: $1137.01\n") || codes != " broken"):
			t.Errorf("text %q, codes %q", text, codes)
		case !need.FileText && (text != "" || codes != " "):
			t.Errorf("nobody asked: text %q, codes %q", text, codes)
		}
	}
}
