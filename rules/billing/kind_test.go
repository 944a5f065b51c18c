package billing

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"chancery/internal/model"
	"chancery/internal/servertest"
)

func TestKind(t *testing.T) {
	tests := []struct{ name, head, want string }{
		{"empty", "", "empty"},
		{"pdf", "%PDF-1.7\n%\xe2\xe3", "pdf"},
		{"pdf behind junk", "\r\n\r\n%PDF-1.4", "pdf"},
		{"png", "\x89PNG\r\n\x1a\n\x00\x00", "png"},
		{"jpeg", "\xff\xd8\xff\xe0\x00\x10JFIF", "jpeg"},
		{"gif", "GIF89a\x01\x00", "gif"},
		{"zip", "PK\x03\x04\x14\x00\x00\x00invoice.pdf", "zip"},
		{"empty zip", "PK\x05\x06\x00\x00", "zip"},
		{"docx", "PK\x03\x04\x14\x00\x06\x00[Content_Types].xml", "ooxml"},
		{"old word", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "ole"},
		{"tnef", "\x78\x9f\x3e\x22\x01\x00", "tnef"},
		{"pkcs7", "\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0", "pkcs7"},
		{"pkcs7 long form", "\x30\x82\x12\x34\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", "pkcs7"},
		{"ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "ics"},
		{"ics, lower case, bom", "\ufeffbegin:vcalendar\n", "ics"},
		{"ledes", "LEDES1998B[]\r\nINVOICE_DATE|", "ledes"},
		{"ledes wrong version", "LEDES1998BB[]\n", "ledes"},
		{"html", "<!DOCTYPE html><html>", "html"},
		{"html fragment", "  <div class=a>hello", "html"},
		{"ubl", "<?xml version=\"1.0\"?>\n<!-- x -->\n<ubl:Invoice xmlns:ubl=\"urn:oasis\">", "xml-invoice"},
		{"cii", "<rsm:CrossIndustryInvoice xmlns:rsm=\"urn:un\">", "xml-invoice"},
		{"ledes xml", "<?xml version='1.0'?><ledesxmlebilling2.1 xmlns='x'>", "ledesxml"},
		{"other xml", "<?xml version='1.0'?><project/>", "text"},
		{"broken xml", "<?xml", "text"},
		{"eml", "Received: from a\r\n by b\r\nFrom: a@b.example\r\n\r\nhi", "eml"},
		{"one field is no mail", "From: the partners\n\nhello", "text"},
		{"csv", "date,amount\n2026-05-01,3\n2026-05-02,4\n", "csv"},
		{"csv quoted", "a;b\n\"x;y\";2\n", "csv"},
		{"prose with commas", "Dear Ann, hello\nno comma here\n", "text"},
		{"text", "hello", "text"},
		{"latin-1", "Gr\xfc\xdfe aus K\xf6ln, see you there", "text"},
		{"utf-16", "\xff\xfeh\x00i\x00", "text"},
		{"binary", "\x00\x01\x02\x03", "unknown"},
	}
	for _, tt := range tests {
		a := model.Attachment{Name: "invoice.pdf", Type: "application/pdf", Size: int64(len(tt.head)), Head: []byte(tt.head)}
		if got := Kind(a); got != tt.want {
			t.Errorf("%s: Kind = %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := Kind(model.Attachment{Size: 10, Cut: true}); got != "unknown" {
		t.Errorf("a file without its beginning is %q", got)
	}
}

// TestKindOfCorpora checks the content of real files against what their
// folders promise.
func TestKindOfCorpora(t *testing.T) {
	for _, tt := range []struct{ corpus, ext, want string }{
		{"ledes-samples", ".txt", "ledes"},
		{"ics-permissive", ".ics", "ics"},
		{"invoices-pdf", ".pdf", "pdf"},
		{"e-invoices-zugferd-ubl/XML-Rechnung", ".xml", "xml-invoice"},
		{"e-invoices-zugferd-ubl", ".pdf", "pdf"},
		{"enron-berkeley-annotated", ".txt", "eml"},
	} {
		files, wrong := 0, 0
		err := filepath.WalkDir(servertest.Corpus(t, tt.corpus), func(name string, d fs.DirEntry, err error) error {
			if base := filepath.Base(name); err != nil || d.IsDir() || filepath.Ext(name) != tt.ext || base == "SOURCE.txt" || base == "categories.txt" {
				return err
			}
			b, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			files++
			n := min(len(b), 32<<10)
			if got := Kind(model.Attachment{Size: int64(len(b)), Head: b[:n], Cut: n < len(b)}); got != tt.want {
				wrong++
				t.Logf("%s is %q", filepath.Base(name), got)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		// An eighth of the calendars are fragments without a VCALENDAR, on purpose.
		if files == 0 || wrong*7 > files {
			t.Errorf("%s: %d of %d are not %q", tt.corpus, wrong, files, tt.want)
		}
	}
}

func FuzzKind(f *testing.F) {
	for _, s := range []string{"", "%PDF-", "PK\x03\x04", "<a", "<!--", "From: a\nTo: b\n", "a,b\nc,d\n", "LEDES1998B[]", "\xef\xbb\xbf<?xml"} {
		f.Add([]byte(s), false)
	}
	kinds := map[string]bool{}
	for _, k := range []string{"ledes", "ledesxml", "xml-invoice", "pdf", "ics", "zip", "ooxml", "ole", "png", "jpeg", "gif", "html", "eml", "tnef", "pkcs7",
		"csv", "text", "empty", "unknown"} {
		kinds[k] = true
	}
	f.Fuzz(func(t *testing.T, b []byte, cut bool) {
		if k := Kind(model.Attachment{Head: b, Size: int64(len(b)), Cut: cut}); !kinds[k] || (k == "empty") != (len(b) == 0 && !cut) {
			t.Fatalf("%q (cut %v) is %q", b, cut, k)
		}
	})
}
