package main

import (
	"bytes"
	"compress/flate"
	"fmt"
	"hash/crc32"
	"runtime"
	"strings"
	"testing"
	"time"

	"archive/zip"
)

// hostileBills are billing mails that want to hurt whoever reads them.
func hostileBills() []billLetter {
	const due = "Invoice 1 for legal services, matter 10042.0071\nTotal due: "
	var numbers, rows, refs strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&numbers, "Invoice %d   Matter 10042.0071   $%d.00   due March 31, 2026\n", 100_000+i, i)
		fmt.Fprintf(&rows, "%d,2026-01-31,\"1,%03d.00\"\n", 100_000+i, i%1000)
		fmt.Fprintf(&refs, "10042.%04d ", i)
	}
	var million strings.Builder
	million.WriteString(ledesHead)
	for i := range 100_000 { // the mail itself stays below what a server takes
		fmt.Fprintf(&million, "20260227|I%d|A|M|1|20260201|20260228||1|F|1||1|20260203|||||||1|||[]\r\n", i)
	}
	many := make([]billFile, 100)
	for i := range many {
		many[i] = billFile{fmt.Sprintf("%d.txt", i), "text/plain", []byte(ledesHead + ledesInvoice(fmt.Sprint(7000+i), "10042.0071", "400.00", "1.00"))}
	}
	manyPDF := make([]billFile, 100)
	for i := range manyPDF {
		manyPDF[i] = pdfFile(fmt.Sprintf("%d.pdf", i), fmt.Sprintf("Invoice no. %d\nMatter 10042.0071\nTotal due: $%d.00", 8000+i, i))
	}
	laughs := `<?xml version="1.0"?><!DOCTYPE Invoice [<!ENTITY a "ha">`
	for c := 'b'; c <= 'm'; c++ {
		laughs += fmt.Sprintf(`<!ENTITY %c "%s">`, c, strings.Repeat(fmt.Sprintf("&%c;", c-1), 10))
	}
	laughs += `]>` + strings.ReplaceAll(strings.SplitN(ublOf("Invoice", "&m;", "2026-02-25", "", "EUR", "1.00", "&m;", "x"), "?>", 2)[1], "Weber Gutachten GmbH", "&m;")
	outside := strings.ReplaceAll(ublOf("Invoice", "&x;", "2026-02-25", "", "EUR", "1.00", "&x;", "x"), "?>", `?><!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>`)
	deep := ublOf("Invoice", strings.Repeat("<a>", 200_000)+"9"+strings.Repeat("</a>", 200_000), "2026-02-25", "", "EUR", "1.00", "r", "x")
	hook := strings.Repeat("\u202e", 50) + "gpj.exe<script>alert(1)</script><img src=http://tracker.example/x>"
	body := func(name, text string) billLetter {
		return billLetter{name: "hostile-" + name, subject: "Invoice " + name, text: text}
	}
	with := func(name string, files ...billFile) billLetter {
		return billLetter{name: "hostile-" + name, subject: "Invoice " + name, text: "Attached.\n", files: files}
	}
	xml := func(name, text string) billLetter {
		return with(name, billFile{"i.xml", "application/xml", []byte(text)})
	}
	return []billLetter{
		body("numbers", numbers.String()),
		body("one-line", "Invoices "+strings.ReplaceAll(numbers.String(), "\n", " ")),
		body("matters", "Invoice 1, total due $5.00\n"+strings.Repeat(refs.String(), 20)),
		body("exponent", due+"$1e5000\n"), body("digits", due+"$"+strings.Repeat("9", 5000)+".99\n"),
		body("groups", due+"$1"+strings.Repeat(",000", 100_000)+".00\n"),
		body("fraction", due+"$0."+strings.Repeat("0", 100_000)+"1\n"),
		body("overflow", due+"$92,233,720,368,547,758.08\n"), body("negative", due+"-$92,233,720,368,547,758.09\n"),
		body("signs", due+strings.Repeat("-(", 50_000)+"$1.00"+strings.Repeat(")", 50_000)+"\n"),
		body("currencies", due+strings.Repeat("USD EUR GBP $ ", 50_000)+"1.00\n"),
		body("year0", due+"$5.00\nDue date: January 1, 0000\nInvoice date: 0000-00-00\n"),
		body("year1", due+"$5.00\nDue date: 0001-01-01\n"),
		body("year9999", due+"$5.00\nInvoice date: December 31, 9999\nNet 99999999999999999999 days\n"),
		body("terms", due+"$5.00\nInvoice date: 2026-03-02\nTerms: net 2147483647\n"),
		body("later", due+"$5.00\nDue date: 31.12.9999\n"),
		body("regexp", "Invoice "+strings.Repeat("a", 30_000)+"! matter "+strings.Repeat("10042.", 20_000)+"\nTotal due: $5.00\n"),
		body("hyphens", "Invoice no. "+strings.Repeat("1-", 200_000)+"\nTotal due: $5.00\n"),
		body("cues", strings.Repeat("Invoice number invoice date total due due date net ", 20_000)),
		body("rows", strings.Repeat("|", 500_000)+"\n"+strings.Repeat("\t", 500_000)+"\nInvoice 1 total due $5.00"),
		{name: "hostile-name", from: "\"" + hook + "\" <billing@northcounsel.example>", subject: "Invoice 77 " + hook, text: due + "$5.00\nDue date: March 31, 2026\nVendor: " + hook + "\n"},
		{name: "hostile-formula", from: "\"=HYPERLINK(\\\"http://tracker.example\\\")\" <billing@northcounsel.example>", subject: "Invoice =1+1", text: "Invoice no. =CMD|'/c calc'!A0 for legal services, 10042.0071\nTotal due: $5.00\n"},
		with("hundred-ledes", many...), with("hundred-pdf", manyPDF...),
		with("ledes-many", billFile{"big.txt", "text/plain", []byte(million.String())}),
		with("ledes-line", billFile{"line.txt", "text/plain", []byte(ledesHead + strings.Repeat("x", 8<<20) + "[]\r\n")}),
		with("ledes-fields", billFile{"f.txt", "text/plain", []byte(ledesHead + strings.Repeat("|", 4<<20) + "[]\r\n")}),
		with("ledes-money", billFile{"m.txt", "text/plain", []byte(ledesHead + strings.ReplaceAll(ledesInvoice("9", "10042.0071", "1e5000", "1.00"), "400.00", "1e999999999"))}),
		with("zip-bomb", billFile{"bomb.zip", "application/zip", zipBomb(1 << 30)}),
		with("zip-many", zipFile("many.zip", manyMembers(20_000)...)),
		with("zip-in-zip", billFile{"n.zip", "application/zip", zipNested(50)}),
		with("zip-slip", zipFile("s.zip", "../../../../etc/cron.d/x", ledesHead+ledesInvoice("9900", "10042.0071", "400.00", "1.00"))),
		with("zip-cut", billFile{"c.zip", "application/zip", zipOf("a.txt", ledesHead)[:90]}),
		xml("laughs", laughs), xml("outside", outside), xml("deep", deep),
		xml("money", ublOf("Invoice", "E1", "0000-00-00", "9999-12-31", "EUR", "1"+strings.Repeat("0", 5000), "10042.0071", strings.Repeat("DE", 5000))),
		xml("wide", ublOf("Invoice", strings.Repeat("<cbc:ID>1</cbc:ID>", 200_000), "2026-02-25", "", "EUR", "1.00", "r", "x")),
		with("xlsx-bomb", billFile{"b.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", zipBombAs("xl/worksheets/sheet1.xml", 512<<20)}),
		with("csv-rows", billFile{"r.csv", "text/csv", []byte("Invoice,Date,Paid\n" + strings.Repeat(rows.String(), 20))}),
		with("csv-quote", billFile{"q.csv", "text/csv", []byte("Invoice,Date,Paid\n\"" + strings.Repeat("1,", 1<<20))}),
		with("pdf-cut", billFile{"c.pdf", "application/pdf", pdfOf("Invoice 1", "Total due $5.00")[:400]}),
		with("pdf-pages", pdfFile("p.pdf", manyPages(2000)...)),
		with("pdf-loop", billFile{"l.pdf", "application/pdf", bytes.ReplaceAll(pdfOf("x"), []byte("/Kids [4 0 R]"), []byte("/Kids [2 0 R]"))}),
		with("pdf-bomb", billFile{"b.pdf", "application/pdf", pdfOf(strings.Repeat("Invoice 1 total due $5.00 ", 1_000_000))}),
	}
}

func manyMembers(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("%d.txt", i), ledesHead)
	}
	return out
}

func manyPages(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("Invoice no. %d\nTotal due: $%d.00", i, i))
	}
	return out
}

func zipNested(n int) []byte {
	b := zipOf("a.txt", ledesHead)
	for range n {
		b = zipOf("n.zip", string(b))
	}
	return b
}

func zipBomb(size int) []byte { return zipBombAs("ledes.txt", size) }

// zipBombAs is an archive with one member of that many zeros, and a header that says
// that it is small.
func zipBombAs(name string, size int) []byte {
	var data bytes.Buffer
	z, _ := flate.NewWriter(&data, flate.BestSpeed)
	zeros := make([]byte, 1<<20)
	sum := crc32.NewIEEE()
	for range size >> 20 {
		_, _ = z.Write(zeros)
		_, _ = sum.Write(zeros)
	}
	_ = z.Close()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CRC32: sum.Sum32(), CompressedSize64: uint64(data.Len()), UncompressedSize64: 100})
	if err == nil {
		_, err = f.Write(data.Bytes())
	}
	if err != nil {
		panic(err) // of a test's own making
	}
	_ = w.Close()
	return out.Bytes()
}

// billTime and billAlloc bound what one mail may cost; PDFs are read in another process,
// twenty of a mail. The times are a multiple of what it takes, because the machine
// does other things too: they find what does not end, or grows with the square.
const (
	billTime  = 20 * time.Second
	pdfTime   = time.Minute
	billAlloc = 400 << 20
)

// Whatever stands in a mail, reading its bills takes no more time and memory than is
// allowed, and what comes out is bounded.
func TestHostileBills(t *testing.T) {
	reader := newBillReader(t)
	for _, l := range billsIn {
		reader.bills(l.raw()) // the first PDF pays for the start of its reader
	}
	for _, l := range hostileBills() {
		t.Run(l.name, func(t *testing.T) {
			raw := l.raw()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begin := time.Now()
			bills := reader.bills(raw)
			took := time.Since(begin)
			runtime.ReadMemStats(&after)
			limit := billTime
			if strings.Contains(l.name, "pdf") {
				limit = pdfTime
			}
			if alloc := after.TotalAlloc - before.TotalAlloc; took > limit || alloc > billAlloc {
				t.Errorf("%s and %d MiB for %d KiB", took, alloc>>20, len(raw)>>10)
			}
			if len(bills) > 200 {
				t.Errorf("%d bills of one mail", len(bills))
			}
			for _, b := range bills {
				keys := 0
				for _, k := range append(b.Keys, b.Settles...) {
					keys += len(k)
				}
				if len(b.Number) > 200 || len(b.Name) > 400 || len(b.Bank) > 100 || len(b.Plain) > 200 || keys > 16<<10 || b.Amount == -1<<63 {
					t.Errorf("a bill with a number of %d, a name of %d, a bank of %d octets, keys of %d", len(b.Number), len(b.Name), len(b.Bank), keys)
				}
				for _, at := range []int64{int64(b.Date), int64(b.Due), int64(b.From), int64(b.Till)} {
					if y := time.Unix(at, 0).UTC().Year(); at != 0 && (y < 1970 || y > 2100) {
						t.Errorf("a date in the year %d", y)
					}
				}
			}
		})
	}
}
