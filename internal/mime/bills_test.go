package mime

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"chancery/internal/filetext"
	"chancery/internal/model"
)

var readBills = model.Need{Text: true, Files: true, FileText: true, Bills: true}

const (
	ledesFile = "LEDES1998B[]\r\nINVOICE_DATE|INVOICE_NUMBER[]\r\n20261101|4711[]\r\n"
	ublFile   = "<?xml version=\"1.0\"?>\n<ubl:Invoice xmlns:ubl=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\"><ID>1</ID></ubl:Invoice>"
)

// packed makes an archive of names and contents.
func packed(t testing.TB, files ...[2]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f[0])
		if err == nil {
			_, err = w.Write([]byte(f[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func sumOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// stubPDF stands for whoever reads PDF files: the text is the file's second line, and
// each further line is a file in it.
func stubPDF(content []byte) (string, []filetext.Member, string) {
	lines := strings.Split(string(content), "\n")
	var inside []filetext.Member
	for _, l := range lines[min(2, len(lines)):] {
		inside = append(inside, filetext.Member{Name: "factur-x.xml", Content: []byte(l)})
	}
	return lines[min(1, len(lines)-1)], inside, ""
}

// told is what a test says of a file.
type told struct{ name, text, data, inside, unread string }

func tell(m model.Mail) []told {
	var out []told
	for _, f := range m.Files {
		out = append(out, told{f.Name, f.Text, string(f.Data), f.Inside, f.Unread})
	}
	return out
}

func TestFilesThatMayBeBills(t *testing.T) {
	const pdf = "%PDF-1.7\nInvoice 4711\n" + `<Invoice xmlns="x"/>`
	long := "LEDES1998B[]\n" + strings.Repeat("x", MaxBill)
	file := func(name string) string { return "Content-Type: application/octet-stream; name=" + name }
	for name, tt := range map[string]struct {
		field, content string
		want           []told
	}{
		"ledes":         {file("a.txt"), ledesFile, []told{{"a.txt", strings.TrimSpace(strings.ReplaceAll(ledesFile, "\r", "")), ledesFile, "", ""}}},
		"ubl":           {file("a.xml"), ublFile, []told{{"a.xml", ublFile, ublFile, "", ""}}},
		"other charset": {"Content-Type: text/xml; charset=iso-8859-1; name=a.xml", "<Invoice>\xe4</Invoice>", []told{{"a.xml", "<Invoice>ä</Invoice>", "<Invoice>\xe4</Invoice>", "", ""}}},
		"prose":         {file("a.txt"), "see enclosed", []told{{"a.txt", "see enclosed", "", "", ""}}},
		"too large":     {file("a.txt"), long, []told{{"a.txt", long[:MaxFileText], "", "", "size"}}},
		"archive": {file("a.zip"), packed(t, [2]string{"in/", ""}, [2]string{"in/b.txt", ledesFile}, [2]string{`..\..\c.txt`, "words"}), []told{
			{"a.zip", "", "", "", ""}, {"b.txt", strings.TrimSpace(strings.ReplaceAll(ledesFile, "\r", "")), ledesFile, "a.zip", ""}, {"c.txt", "words", "", "a.zip", ""},
		}},
		"archive in archive": {file("a.zip"), packed(t, [2]string{"b.zip", packed(t, [2]string{"c.txt", ledesFile})}), []told{{"a.zip", "", "", "", ""}, {"b.zip", "", "", "a.zip", "archive"}}},
		"pdf":                {file("a.pdf"), pdf, []told{{"a.pdf", "Invoice 4711", "", "", ""}, {"factur-x.xml", `<Invoice xmlns="x"/>`, `<Invoice xmlns="x"/>`, "a.pdf", ""}}},
		"pdf in archive": {file("a.zip"), packed(t, [2]string{"b.pdf", pdf}), []told{
			{"a.zip", "", "", "", ""}, {"b.pdf", "Invoice 4711", "", "a.zip", ""}, {"factur-x.xml", `<Invoice xmlns="x"/>`, `<Invoice xmlns="x"/>`, "b.pdf", ""},
		}},
		"pdf in pdf":     {file("a.pdf"), "%PDF-1.7\nx\n%PDF-1.7", []told{{"a.pdf", "x", "", "", ""}, {"factur-x.xml", "", "", "a.pdf", "pdf"}}},
		"archive in pdf": {file("a.pdf"), "%PDF-1.7\nx\nPK\x03\x04", []told{{"a.pdf", "x", "", "", ""}, {"factur-x.xml", "", "", "a.pdf", "broken"}}},
		"broken archive": {file("a.zip"), "PK\x03\x04" + strings.Repeat("x", 100), []told{{"a.zip", "", "", "", "broken"}}},
	} {
		t.Run(name, func(t *testing.T) {
			raw := enclosing([2]string{tt.field, tt.content})
			m := ReadFor(raw, readBills, stubPDF)
			if got := tell(m); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %.600q\nwant %.600q", got, tt.want)
			}
			if m.Files[0].Sum != sumOf(tt.content) {
				t.Errorf("sum %q", m.Files[0].Sum)
			}
			for _, f := range m.Files {
				if f.Data != nil && f.Sum != sumOf(string(f.Data)) {
					t.Errorf("%s: sum is not that of the data", f.Name)
				}
			}
			pieces := NewReader()
			pieces.KeepFor(readBills, stubPDF)
			for i := 0; i < len(raw); i += 997 {
				_, _ = pieces.Write(raw[i:min(i+997, len(raw))])
			}
			if again := pieces.Close(true); !reflect.DeepEqual(again, m) {
				t.Error("in pieces it is another mail")
			}
		})
	}
}

// Who does not ask for bills gets what came before them.
func TestBillsThatNobodyAsksFor(t *testing.T) {
	raw := enclosing([2]string{"Content-Type: application/zip", packed(t, [2]string{"a.pdf", "%PDF-1.7\nx"})}, [2]string{"Content-Type: text/plain; name=b", ledesFile}, [2]string{"Content-Type: application/pdf", "%PDF-1.7\nsealed\n<Invoice/>"})
	m := ReadFor(raw, readAll, stubPDF)
	if len(m.Files) != 3 || m.Files[0].Unread != "archive" || m.Files[2].Text != "sealed" || m.Files[2].Unread != "" {
		t.Errorf("%q", tell(m))
	}
	none := ReadFor(raw, model.Need{Text: true, Files: true}, func([]byte) (string, []filetext.Member, string) { panic("nobody asked") })
	if len(none.Files) != 3 || none.Files[2].Text != "" || none.Files[2].Unread != "" {
		t.Errorf("nobody asked for the text of files: %q", tell(none))
	}
	for _, f := range m.Files {
		if f.Data != nil || f.Sum != "" || f.Inside != "" {
			t.Errorf("a file of a mail without bills is filled: %s", f.Name)
		}
	}
}

// Only what was seen to its end has a checksum.
func TestChecksumOfWhatWasSeen(t *testing.T) {
	content := strings.Repeat("\x89PNG\r\n", 100<<10)
	raw := enclosing([2]string{"Content-Type: image/png", content})
	read := func(write func(*Reader) bool) string {
		r := NewReader()
		r.KeepBills(nil)
		return r.Close(write(r)).Files[0].Sum
	}
	if got := read(func(r *Reader) bool { _, _ = r.Write(raw); return true }); got != sumOf(content) {
		t.Errorf("whole: %q", got)
	}
	if got := read(func(r *Reader) bool { _, _ = r.Write(raw[:len(raw)/2]); return false }); got != "" {
		t.Errorf("cut: %q", got)
	}
	if got := read(func(r *Reader) bool {
		_, _ = r.Write(raw[:len(raw)/2])
		if _, idle := r.Idle(); !idle {
			t.Error("a picture is read on")
		}
		r.Skip(int64(len(raw)/2 - 1000))
		_, _ = r.Write(raw[len(raw)-1000:])
		return true
	}); got != "" {
		t.Errorf("jumped over: %q", got)
	}
}

// Of many files, and of large ones, the first are read and the others have a code.
func TestBillsAreBounded(t *testing.T) {
	var many [][2]string
	for i := range MaxInside + 20 {
		many = append(many, [2]string{fmt.Sprintf("%d.txt", i), ledesFile})
	}
	m := ReadFor(enclosing([2]string{"Content-Type: application/zip", packed(t, many...)}), readBills, nil)
	data := 0
	for _, f := range m.Files {
		if f.Data != nil {
			data++
		}
	}
	if len(m.Files) != 1+MaxInside || m.Files[0].Unread != "limit" || data != MaxBillFiles-1 {
		t.Errorf("%d files, code %q, %d read", len(m.Files), m.Files[0].Unread, data)
	}
	large := "LEDES1998B[]\n" + strings.Repeat("x", MaxBill-100)
	m = ReadFor(enclosing([2]string{"Content-Type: text/plain; name=a", large}, [2]string{"Content-Type: text/plain; name=b", large}, [2]string{"Content-Type: text/plain; name=c", large}), readBills, nil)
	data = 0
	for _, f := range m.Files {
		data += len(f.Data)
	}
	if last := m.Files[2]; data > MaxBills || data == 0 || last.Data != nil || last.Unread != "size" {
		t.Errorf("%d octets, code of the last %q", data, last.Unread)
	}
	var pdfs [][2]string
	for range MaxPDFs + 1 {
		pdfs = append(pdfs, [2]string{"Content-Type: application/pdf", "%PDF-1.7\nx"})
	}
	m = ReadFor(enclosing(pdfs...), readBills, stubPDF)
	if m.Files[MaxPDFs-1].Text != "x" || m.Files[MaxPDFs].Unread != "size" {
		t.Errorf("last PDF files: %q", tell(m)[MaxPDFs-1:])
	}
	m = ReadFor(enclosing(pdfs...), readAll, stubPDF)
	if m.Files[MaxFiles-1].Text != "x" || m.Files[MaxFiles].Unread != "size" {
		t.Errorf("last PDF files where no bills are looked for: %q", tell(m)[MaxFiles-1:])
	}
	// One message shall not hold up the mail behind it.
	for _, need := range []model.Need{readAll, readBills} {
		asked := 0
		m = ReadFor(enclosing(pdfs...), need, func([]byte) (string, []filetext.Member, string) { asked++; return "y", nil, "pdf-time" })
		if asked != 2 || m.Files[1].Text != "y" || m.Files[2].Unread != "size" {
			t.Errorf("%d PDF files that take too long: %q", asked, tell(m))
		}
	}
}

func FuzzBills(f *testing.F) {
	f.Add(enclosing([2]string{"Content-Type: application/zip; name=a", packed(f, [2]string{"b.pdf", "%PDF-1.7\nx\n<Invoice/>"}, [2]string{"c", ledesFile})}))
	f.Add(enclosing([2]string{"Content-Type: text/xml; charset=utf-16", ublFile}))
	f.Fuzz(func(t *testing.T, b []byte) {
		m := ReadFor(b, readBills, stubPDF)
		data, text, inside := 0, 0, 0
		for _, file := range m.Files {
			data += len(file.Data)
			text += len(file.Text)
			if file.Inside != "" {
				inside++
			}
			if file.Data != nil && file.Sum != "" && file.Sum != sumOf(string(file.Data)) || len(file.Data) > MaxBill {
				t.Error("data that is not what was summed up, or too much")
			}
			if file.Unread != "" && filetext.Codes[file.Unread] == "" {
				t.Errorf("code %q", file.Unread)
			}
		}
		if data > MaxBills || text > MaxFileTexts || inside > MaxInside {
			t.Errorf("%d octets of data, %d of text, %d files inside", data, text, inside)
		}
	})
}

// BenchmarkReadBills reads a mail with one file of so many octets.
func BenchmarkReadBills(b *testing.B) {
	line := "20261101|4711|10042|1.5|400|600.00|[]\n"
	for _, size := range []int{64 << 10, 1 << 20, 7 << 20} {
		ledes := "LEDES1998B[]\n" + strings.Repeat(line, size/len(line))
		for kind, content := range map[string]string{"ledes": ledes, "zip": packed(b, [2]string{"a.txt", ledes[:min(len(ledes), 1<<20)]}), "picture": "\x89PNG\r\n\x1a\n" + ledes} {
			raw := enclosing([2]string{"Content-Type: application/octet-stream", content})
			for name, need := range map[string]model.Need{"asked": readBills, "not-asked": readAll} {
				b.Run(fmt.Sprintf("%s/%s/size=%d", kind, name, size), func(b *testing.B) {
					b.SetBytes(int64(len(raw)))
					b.ReportAllocs()
					for b.Loop() {
						if len(ReadFor(raw, need, nil).Files) == 0 {
							b.Fatal("nothing was read")
						}
					}
				})
			}
		}
	}
}
