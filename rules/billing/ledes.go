package billing

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

const (
	maxRecords  = 1_000_000
	maxInvoices = 1000
	maxProblems = 50
)

// Ledes is what one LEDES file says.
type Ledes struct {
	Name     string // attachment name; not set by ReadLedes
	Version  string // "1998B" or "98BI V2"
	Invoices []LedesInvoice
	Problems []string // "code" or "code line N"; never content
}

// LedesInvoice is one invoice of a LEDES file: all lines with its number.
type LedesInvoice struct {
	Number        string
	Date          time.Time // zero if not readable
	Client        string    // CLIENT_ID, the firm's code
	Matter        string    // CLIENT_MATTER_ID of the first line
	LawFirmMatter string    // LAW_FIRM_MATTER_ID of the first line
	Total         Money     // INVOICE_TOTAL; the currency is known in 98BI only
	Lines         int
}

// ReadLedes reads a LEDES 1998B or 98BI file, known by its first line; whole
// says that head is all of it. It reports false for anything else. A file with
// mistakes is still a LEDES file, with Problems. Its arithmetic is checked only
// as far as the sum of the lines, in decimals.
func ReadLedes(head []byte, whole bool) (Ledes, bool) {
	r := ledesReader{rest: bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n"), whole: whole}
	if !bytes.HasPrefix(r.rest, []byte("LEDES")) {
		return Ledes{}, false
	}
	first, ok := r.record()
	if !ok || len(first) > 40 || !r.version(first) {
		return Ledes{}, false
	}
	if header, ok := r.record(); ok {
		r.header(header)
	} else if whole {
		r.problem("header-missing")
	}
	for range maxRecords {
		rec, ok := r.record()
		if !ok {
			break
		}
		r.line(rec)
	}
	r.sums()
	return r.out, true
}

type ledesReader struct {
	out     Ledes
	rest    []byte
	whole   bool
	lineNo  int // physical line of the record that was read last
	nextNo  int
	columns []string
	index   map[string]int
	invoice map[string]*ledesSum
}

// ledesSum adds up the lines of one invoice, in ten thousandths.
type ledesSum struct {
	at        int // index in Invoices
	total     int64
	lines     int64
	overflow  bool
	differing bool
}

// record returns the next record without its "[]". What is cut off at the end of
// a part of a file is no record and no problem.
func (r *ledesReader) record() (string, bool) {
	for len(r.rest) > 0 && (r.rest[0] == '\r' || r.rest[0] == '\n' || r.rest[0] == ' ') {
		if r.rest[0] == '\n' {
			r.nextNo++
		}
		r.rest = r.rest[1:]
	}
	r.lineNo = r.nextNo + 1
	if len(r.rest) == 0 {
		return "", false
	}
	i := bytes.Index(r.rest, []byte("[]"))
	nl := bytes.IndexByte(r.rest, '\n')
	switch {
	case i < 0 && !r.whole:
		r.rest = nil
		return "", false
	case i >= 0 && (nl < 0 || i < nl):
		rec := string(r.rest[:i])
		r.rest = r.rest[i+2:]
		return rec, true
	}
	// The line ends without "[]": if the file is whole, or another line follows,
	// that is a mistake of this line alone.
	r.problemAt("record-end")
	if nl < 0 {
		nl = len(r.rest)
	}
	rec := strings.TrimRight(string(r.rest[:nl]), "\r")
	r.rest = r.rest[nl:]
	return rec, true
}

func (r *ledesReader) version(s string) bool {
	switch {
	case s == "LEDES1998B":
		r.out.Version, r.columns = "1998B", columns98B
	case s == "LEDES98BI V2", s == "LEDES98BI":
		r.out.Version, r.columns = "98BI V2", columns98BI
	case strings.HasPrefix(s, "LEDES1998B"), strings.HasPrefix(s, "LEDES98B") && !strings.HasPrefix(s, "LEDES98BI"):
		r.out.Version, r.columns = "1998B", columns98B
		r.problemAt("version")
	case strings.HasPrefix(s, "LEDES98BI"):
		r.out.Version, r.columns = "98BI V2", columns98BI
		r.problemAt("version")
	default:
		return false
	}
	return true
}

func (r *ledesReader) header(s string) {
	names := strings.Split(s, "|")
	r.index = make(map[string]int, len(r.columns))
	for i, c := range r.columns {
		r.index[c] = i
	}
	right := len(names) == len(r.columns)
	for i := 0; right && i < len(names); i++ {
		right = strings.EqualFold(strings.TrimSpace(names[i]), r.columns[i])
	}
	if !right {
		r.problemAt("header")
	}
}

func (r *ledesReader) problem(code string) {
	if len(r.out.Problems) < maxProblems {
		r.out.Problems = append(r.out.Problems, code)
	}
}

func (r *ledesReader) problemAt(code string) { r.problem(fmt.Sprintf("%s line %d", code, r.lineNo)) }
