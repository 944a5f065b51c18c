package pdf

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"chancery/internal/filetext"
	"chancery/internal/servertest"
)

// pdfs are the PDF files of a corpus, by their names.
func pdfs(t testing.TB, corpus string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(servertest.Corpus(t, corpus), func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.EqualFold(filepath.Ext(path), ".pdf") {
			out[d.Name()], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("no PDF in %s: %v", corpus, err)
	}
	return out
}

// What a person reads in the files: values under their headings, what belongs
// together on one line, and apart what stands apart.
func TestCorpora(t *testing.T) {
	if raced {
		t.Skip("takes many minutes")
	}
	p := newPool(t, Options{})
	want := map[string]struct {
		lines  []string // expressions that match a line each
		inside string   // expression for the content of the first file inside
		code   string
	}{
		"AzureInterior.pdf":   {lines: []string{`^Invoice Date: {2,}Due Date: {2,}Reference:$`, `^03/20/2023 {2,}04/04/2023 {2,}CUSTREF123$`, `Total {2,}\$ 279\.84$`}, inside: `<cbc:ID>INV/2023/03/0008<`},
		"FlipkartInvoice.pdf": {lines: []string{`Invoice No : # BLR_WFLD20151000982590$`, `Grand Total {2,}319\.00$`, `^Invoice Date: 20-10-2015 {2,}near Fun republic mall and nehru {2,}near Fun`}},
		"saeco.pdf":           {lines: []string{`Klant {2,}Order {2,}Factuur datum {2,}Factuur {2,}Vervaldatum$`, `SCONL0303006280999 {2,}SCONL000000444 {2,}8-9-2022 {2,}VF1005193039 {2,}22-9-2022$`, `Factuur totaal EUR {2,}49,99$`}},
		"MustangGnuaccountingBeispielRE-20171118_506.pdf": {lines: []string{`^Rechnung # RE-20171118/506 von 18\.11\.2017$`, `^Gesamtbetrag: 571,04 €$`, `^400,00 {2,}Luftballon: Bunt, ca\. 500ml {2,}19% {2,}0,79 € {2,}316,00 €$`, `88802 Spielkreis`}, inside: `CrossIndustryInvoice`},
		"VIA_Nytt_1402.pdf": {lines: []string{`VIA Nytt 14 - 2002 {2,}20 august`, `^Stavanger {2,}27\. – 30\. august {2,}ONS \(Oljemessen\)$`}},
		"test.pdf":          {code: "pdf-empty"},
	}
	seen := 0
	for _, corpus := range []string{"invoices-pdf", "e-invoices-zugferd-ubl", "mime-permissive"} {
		for name, content := range pdfs(t, corpus) {
			seen++
			text, inside, code := p.Read(content)
			w, named := want[name]
			if code != w.code || code == "" && !strings.Contains(strings.ToLower(text), "invoice") && !strings.Contains(text, "Rechnung") && !named {
				t.Errorf("%s: code %q, %d octets", name, code, len(text))
			}
			for _, line := range w.lines {
				if !regexp.MustCompile(`(?m)` + line).MatchString(text) {
					t.Errorf("%s: no line like %s in\n%s", name, line, text)
				}
			}
			if corpus == "e-invoices-zugferd-ubl" && (len(inside) != 1 || !strings.HasSuffix(inside[0].Name, ".xml")) || w.inside != "" && (len(inside) == 0 || !regexp.MustCompile(w.inside).Match(inside[0].Content)) {
				t.Errorf("%s: %d files inside", name, len(inside))
			}
			if _, known := filetext.Codes[code]; code != "" && !known {
				t.Errorf("%s: code %q is not known", name, code)
			}
		}
	}
	t.Logf("%d files", seen)
}
