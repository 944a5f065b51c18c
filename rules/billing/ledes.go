package billing

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"chancery/config"
)

const (
	maxInvoices = 1000      // invoices that Ledes tells of
	maxProblems = 50        // problems that Ledes tells of
	maxOpen     = 5000      // invoices of one file whose lines are added up
	maxLines    = 1 << 18   // lines of one file that are compared with each other
	maxRecord   = 256 << 10 // octets of one record
	maxGot      = 80        // octets of a value that a problem repeats
)

// Levels of a LedesProblem.
const (
	LevelError   = "error"   // portals refuse the invoice
	LevelWarning = "warning" // some do, or a person should look
)

// ErrNotLedes is returned for what is no LEDES file of a version that is read.
var ErrNotLedes = errors.New("no LEDES 1998B, 98BI or XML 2.0 to 2.2 file")

// Ledes is what one LEDES file says.
type Ledes struct {
	Name     string // attachment name; not set by CheckLedes
	File     int    // 1 is the first of Mail.Files; not set by CheckLedes
	Version  string // "1998B", "98BI V2", "XML 2.0", "XML 2.1" or "XML 2.2"
	Invoices []LedesInvoice
	Problems []string // "code line N", the first of them; never content

	Lines    int // line items
	More     int // invoices beyond those in Invoices
	Errors   int
	Warnings int
	Counts   map[string]int // problems by code
	Faults   []string       // codes of its errors, each once, in the order of LedesCodes
}

// Codes returns the codes of its problems, each once, in the order of LedesCodes.
func (l Ledes) Codes() []string {
	var out []string
	for _, c := range LedesCodes() {
		if l.Counts[c.Code] > 0 {
			out = append(out, c.Code)
		}
	}
	return out
}

// LedesInvoice is one invoice of a LEDES file: all lines with its number.
type LedesInvoice struct {
	Number        string
	Date          time.Time // zero if not readable; so are the next three
	Due           time.Time // in XML only
	From, Till    time.Time // the period that is billed
	Client        string    // CLIENT_ID, the firm's code
	Matter        string    // CLIENT_MATTER_ID of the first line
	LawFirmMatter string    // LAW_FIRM_MATTER_ID of the first line
	LawFirm       string    // LAW_FIRM_ID: in the US a tax number
	FirmName      string    // in 98BI and XML
	ClientName    string    // in 98BI and XML
	Total         Money     // INVOICE_TOTAL; in 1998B without a currency
	Fees          Money     // of its lines, with their adjustments; without what was not readable
	Expenses      Money
	Line          int // where it begins
	Lines         int // line items
	Errors        int
	Warnings      int
}

// LedesProblem is one thing that is wrong with a file. Want, Got and Invoice are
// content: only "ledes check" and "explain" print them.
type LedesProblem struct {
	Code      string // one of LedesCodes
	Level     string // LevelError or LevelWarning
	Line      int    // counted from 1
	Field     string // column or element; "" for a record or a file
	Invoice   string // its number
	Guideline string // whose rule it is; "" for the format itself
	Want, Got string
}

// LedesOptions say how a file is looked at.
type LedesOptions struct {
	Today      time.Time                  // midnight UTC; zero: nothing is too old or in the future
	Guidelines []config.Guideline         // of clients; each looks at the invoices it is for
	Client     string                     // whose guidelines are used, whatever CLIENT_ID says; "" for CLIENT_ID
	Whose      func(matter string) string // the client of a matter as the file writes it, "" if it is none of ours; nil: nobody knows
	File       string                     // its name, for its extension; "" if it has none
	Strict     bool                       // warnings are errors
	Cut        bool                       // only the beginning is there: its end is no mistake
}

// CheckLedes reads a LEDES file from end to end and calls tell, which may be nil,
// for each problem, in the order of the lines; what is known at the end of an
// invoice only comes after the last line. Memory is bounded whatever the file is.
// The error is ErrNotLedes or the reader's.
func CheckLedes(r io.Reader, o LedesOptions, tell func(LedesProblem)) (Ledes, error) {
	c := newLedesCheck(o, tell)
	if l, ok := r.(interface{ Len() int }); ok {
		c.room = min(maxRecord, l.Len()+64)
	}
	in, head, err := c.open(r)
	switch {
	case err != nil:
		return Ledes{}, err
	case bytes.HasPrefix(head, []byte("<")):
		err = c.xml(in)
	case foldPrefix(head, "LEDES"), foldPrefix(head, "INVOICE_DATE|"):
		err = c.piped(in)
	default:
		return Ledes{}, ErrNotLedes
	}
	if err != nil {
		return Ledes{}, fmt.Errorf("read LEDES file: %w", err)
	}
	return c.done(), nil
}

// readLedes is CheckLedes for the beginning of an attachment. It reports false for what
// does not begin as a LEDES file does.
func readLedes(head []byte, o LedesOptions) (Ledes, bool) {
	t := bytes.TrimLeft(bytes.TrimPrefix(narrowHead(head), []byte(mark)), " \t\r\n")
	isXML := bytes.HasPrefix(t, []byte("<")) && bytes.Contains(t[:min(len(t), 2048)], []byte("ledesxmlebilling2"))
	if !isXML && !startsLedes(t) {
		return Ledes{}, false
	}
	l, err := CheckLedes(bytes.NewReader(head), o, nil)
	return l, err == nil
}

// startsLedes reports whether a text begins with the first line of a pipe file, or
// with a misspelt one.
func startsLedes(t []byte) bool {
	if !bytes.HasPrefix(t, []byte("LEDES1998B")) && !bytes.HasPrefix(t, []byte("LEDES98B")) {
		return false
	}
	i := bytes.Index(t[:min(len(t), 42)], []byte("[]"))
	n := bytes.IndexByte(t[:min(len(t), 42)], '\n')
	return i >= 0 || n >= 0
}

// ledesCheck is one run over one file.
type ledesCheck struct {
	o      LedesOptions
	tell   func(LedesProblem)
	out    Ledes
	counts [numLedesCodes]int
	errors [numLedesCodes]int // those of counts that are errors
	room   int                // octets that a record is read into
	line   int                // of the record or element that is looked at
	inv    *ledesOpen         // whose it is; nil for none
	guide  *guide             // whose rule is looked at; nil for the format's
	guides []*guide           // those of o, compiled
	bom    bool               // it began with a byte order mark
	bi     bool               // 98BI
	broken bool               // it was not read to its end
	isXML  bool               // element names, dates with hyphens
	cols   *[numFields]column
	today  int32       // days since 1970; 0: not known
	table  ledesTable  // invoices
	seen   ledesSeen   // lines
	item   ledesItem   // the line that is looked at
	math   func()      // compares its amounts, as the format says
	hours  hashedInt64 // of a timekeeper on a day, in millionths
}

func newLedesCheck(o LedesOptions, tell func(LedesProblem)) *ledesCheck {
	c := &ledesCheck{o: o, room: maxRecord, cols: &ledesColumns, tell: tell, guides: compileGuidelines(o.Guidelines)}
	c.math = c.lineMath
	if !o.Today.IsZero() {
		c.today = int32(o.Today.Unix() / 86400)
	}
	return c
}

// say tells of a problem at the current line.
func (c *ledesCheck) say(code ledesCode, field, want string, got []byte) {
	c.sayAt(c.line, code, field, want, got)
}

func (c *ledesCheck) sayAt(line int, code ledesCode, field, want string, got []byte) {
	about := &ledesCodes[code]
	level := about.Level
	if c.guide != nil {
		level = c.guide.level
	}
	if c.o.Strict {
		level = LevelError
	}
	c.counts[code]++
	if level == LevelError {
		c.out.Errors++
		c.errors[code]++
	} else {
		c.out.Warnings++
	}
	p := LedesProblem{Code: about.Code, Level: level, Line: line, Field: field, Want: want}
	if c.inv != nil {
		c.inv.count(level)
		p.Invoice = c.inv.Number
	}
	if len(c.out.Problems) < maxProblems {
		c.out.Problems = append(c.out.Problems, fmt.Sprintf("%s line %d", about.Code, line))
	}
	if c.tell == nil {
		return
	}
	if c.guide != nil {
		p.Guideline = c.guide.name
	}
	p.Got = shown(got)
	c.tell(p)
}

// shown is a value as problems repeat it: short, in one line, valid UTF-8.
func shown(b []byte) string {
	cut := ""
	if len(b) > maxGot {
		b, cut = b[:maxGot], "..."
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(string(b), "?")) + cut
}

// done closes what is open and returns what the file said.
func (c *ledesCheck) done() Ledes {
	c.closeInvoices()
	if c.out.Lines == 0 && !c.o.Cut && !c.broken {
		c.inv = nil
		c.say(codeNoLines, "", "", nil)
	}
	c.out.Counts = map[string]int{}
	for i, n := range c.counts {
		if n > 0 {
			c.out.Counts[ledesCodes[i].Code] = n
		}
		if c.errors[i] > 0 {
			c.out.Faults = append(c.out.Faults, ledesCodes[i].Code)
		}
	}
	return c.out
}
