package billing

import (
	"bytes"
	"compress/zlib"
	"html"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"chancery/internal/servertest"
)

// The second reading of an invoice: no parser, but what stands behind a tag in the
// text, without the lines of the invoice, remarks and what is attached to it.
var (
	noise    = regexp.MustCompile(`(?s)<!--.*?-->|<([\w:]*)(?:InvoiceLine|IncludedSupplyChainTradeLineItem|EmbeddedDocumentBinaryObject|AttachmentBinaryObject)\b.*?</[\w:]*(?:InvoiceLine|IncludedSupplyChainTradeLineItem|EmbeddedDocumentBinaryObject|AttachmentBinaryObject)>`)
	behindID = regexp.MustCompile(`(?s)ExchangedDocument>\s*<(?:\w+:)?ID>([^<]*)<|<cbc:ID>([^<]*)<`)
	seconds  = map[string]*regexp.Regexp{
		"date":     regexp.MustCompile(`(?s)IssueDateTime.{0,100}?format="102">(\d{8})<|<cbc:IssueDate>([\d-]+)<`),
		"due":      regexp.MustCompile(`(?s)DueDateDateTime.{0,100}?format="102">(\d{8})<|<cbc:DueDate>([\d-]+)<`),
		"amount":   regexp.MustCompile(`<(?:\w+:)?(?:DuePayableAmount|PayableAmount)(?: [^>]*)?>\s*([-\d.]+)<`),
		"currency": regexp.MustCompile(`<(?:\w+:)?(?:InvoiceCurrencyCode|DocumentCurrencyCode)>(\w+)<`),
		"seller":   regexp.MustCompile(`(?s)SellerTradeParty>.*?<(?:ram:)?Name>([^<]*)<|AccountingSupplierParty>.*?RegistrationName>([^<]*)<`),
		"note":     regexp.MustCompile(`(?s)(?:netto|ohne Abzug) bis (\d\d\.\d\d\.\d{4})`),
		"prompt":   regexp.MustCompile(`(sofort) rein netto`),
	}
)

func behind(re *regexp.Regexp, s string) string {
	m := re.FindStringSubmatch(s)
	for _, g := range m[min(1, len(m)):] {
		if g != "" {
			return strings.Join(strings.Fields(html.UnescapeString(g)), " ")
		}
	}
	return ""
}

// secondReading gives the facts as texts: dates as digits, amounts with two decimals.
func secondReading(s string) map[string]string {
	s = noise.ReplaceAllString(s, "")
	out := map[string]string{"number": behind(behindID, s)}
	for name, re := range seconds {
		out[name] = behind(re, s)
	}
	whole, part, _ := strings.Cut(out["amount"], ".")
	out["amount"] = whole + "." + (part + "00")[:2]
	out["date"], out["due"] = strings.ReplaceAll(out["date"], "-", ""), strings.ReplaceAll(out["due"], "-", "")
	if n := out["note"]; out["due"] == "" && n != "" {
		out["due"] = n[6:] + n[3:5] + n[:2]
	}
	if out["due"] == "" && out["prompt"] != "" {
		out["due"] = out["date"]
	}
	return out
}

// embedded gives the invoices that are attached to a PDF, by looking into each of its
// streams.
func embedded(t *testing.T, pdf []byte) [][]byte {
	t.Helper()
	var out [][]byte
	for {
		_, rest, ok := bytes.Cut(pdf, []byte("stream\n"))
		if at := bytes.Index(pdf, []byte("stream\r\n")); at >= 0 && (!ok || at < len(pdf)-len(rest)) {
			rest, ok = pdf[at+len("stream\r\n"):], true
		}
		if !ok {
			return out
		}
		end := bytes.Index(rest, []byte("endstream"))
		if end < 0 {
			return out
		}
		content := rest[:end]
		if z, err := zlib.NewReader(bytes.NewReader(content)); err == nil {
			content, _ = io.ReadAll(z)
		}
		if root := []byte("xmlns:rsm="); bytes.Contains(content, root) && bytes.Index(content, root) < 500 {
			out = append(out, content)
		}
		pdf = rest[end+len("endstream"):]
	}
}

func TestXMLInvoiceCorpus(t *testing.T) {
	read, pdfs := 0, 0
	err := filepath.WalkDir(servertest.Corpus(t, "e-invoices-zugferd-ubl"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		switch name := filepath.Base(path); filepath.Ext(path) {
		case ".xml":
			read++
			compareReadings(t, name, data)
		case ".pdf":
			inside := embedded(t, data)
			if len(inside) != 1 {
				t.Errorf("%s: %d invoices inside", name, len(inside))
			}
			for _, x := range inside {
				pdfs++
				compareReadings(t, name, x)
			}
		}
		return nil
	})
	if err != nil || read != 35 || pdfs != 7 {
		t.Errorf("%d files, %d in PDF files: %v", read, pdfs, err)
	}
}

// explained are the codes of what is wrong with a file of the corpus itself.
var explained = map[string]string{
	"MustangGnuaccountingBeispielRE-20151008_504.pdf": "xml-currency", // its InvoiceCurrencyCode is empty
}

func compareReadings(t *testing.T, name string, data []byte) {
	t.Helper()
	bills, code := ReadXMLInvoice(data)
	if len(bills) != 1 || code != explained[name] {
		t.Errorf("%s: %d bills, code %q", name, len(bills), code)
		return
	}
	b, want := bills[0], secondReading(strings.TrimPrefix(string(data), "\ufeff"))
	amount := strings.TrimPrefix(b.Total.String(), b.Total.Currency+" ")
	got := map[string]string{"number": b.Number, "amount": amount, "currency": b.Total.Currency, "seller": b.Vendor, "date": b.Date.Format("20060102")}
	if got["due"] = ""; !b.Due.IsZero() {
		got["due"] = b.Due.Format("20060102")
	}
	for fact, g := range got {
		if g != want[fact] {
			t.Errorf("%s: %s is %q, a second reading says %q", name, fact, g, want[fact])
		}
	}
	for _, fact := range []string{"number", "total", "date", "vendor"} {
		if b.Where[fact].Line == 0 || b.Where[fact].Word == "" {
			t.Errorf("%s: no place for %s", name, fact)
		}
	}
}
