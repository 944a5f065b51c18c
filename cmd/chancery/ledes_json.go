package main

import (
	"encoding/json"
	"io"
	"time"

	"chancery/rules/billing"
)

// ledesEach bounds how many problems of one code are written without --all.
const ledesEach = 100

// ledesObjects is the report for programs: one object a file, each in one line. The
// problems are written while the file is read.
type ledesObjects struct {
	w    io.Writer
	all  bool
	name string
	sent map[string]int
	any  bool
	left int
	do   map[string]billing.LedesCode
}

type ledesProblemJSON struct {
	Code      string `json:"code"`
	Level     string `json:"level"`
	Line      int    `json:"line"`
	Field     string `json:"field,omitempty"`
	Invoice   string `json:"invoice,omitempty"`
	Guideline string `json:"guideline,omitempty"`
	Found     string `json:"found,omitempty"`
	Wanted    string `json:"wanted,omitempty"`
	Means     string `json:"means"`
	Do        string `json:"do"`
}

type ledesInvoiceJSON struct {
	Number   string `json:"number"`
	Line     int    `json:"line"`
	Date     string `json:"date,omitempty"`
	Due      string `json:"due,omitempty"`
	From     string `json:"from,omitempty"`
	Till     string `json:"till,omitempty"`
	Client   string `json:"client,omitempty"`
	Matter   string `json:"matter,omitempty"`
	LawFirm  string `json:"law_firm,omitempty"`
	Own      string `json:"law_firm_matter,omitempty"`
	Currency string `json:"currency,omitempty"`
	Total    string `json:"total"`
	Fees     string `json:"fees"`
	Expenses string `json:"expenses"`
	Lines    int    `json:"lines"`
	Errors   int    `json:"errors"`
	Warnings int    `json:"warnings"`
}

// ledesEndJSON is what stands behind the problems.
type ledesEndJSON struct {
	Verdict  string             `json:"verdict"`
	Version  string             `json:"version,omitempty"`
	Lines    int                `json:"lines"`
	Errors   int                `json:"errors"`
	Warnings int                `json:"warnings"`
	Counts   map[string]int     `json:"counts,omitempty"`
	Left     int                `json:"problems_left_out,omitempty"`
	Invoices []ledesInvoiceJSON `json:"invoices,omitempty"`
	More     int                `json:"invoices_left_out,omitempty"`
	Error    string             `json:"error,omitempty"`
}

func (o *ledesObjects) begin(name string) {
	o.name, o.sent, o.any, o.left = name, map[string]int{}, false, 0
	if o.do == nil {
		o.do = map[string]billing.LedesCode{}
		for _, c := range billing.LedesCodes() {
			o.do[c.Code] = c
		}
	}
	text, _ := json.Marshal(name)
	o.write(`{"file":`, text, `,"problems":[`)
}

func (o *ledesObjects) write(parts ...any) {
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			_, _ = io.WriteString(o.w, p)
		case []byte:
			_, _ = o.w.Write(p)
		}
	}
}

func (o *ledesObjects) problem(p billing.LedesProblem) {
	if o.sent[p.Code]++; !o.all && o.sent[p.Code] > ledesEach {
		o.left++
		return
	}
	about := o.do[p.Code]
	text, _ := json.Marshal(ledesProblemJSON{p.Code, p.Level, p.Line, p.Field, p.Invoice, p.Guideline, p.Got, p.Want, about.Means, about.Do})
	if o.any {
		o.write(",")
	}
	o.any = true
	o.write(text)
}

func (o *ledesObjects) end(l billing.Ledes) {
	e := ledesEndJSON{Verdict: "good", Version: l.Version, Lines: l.Lines, Errors: l.Errors, Warnings: l.Warnings, Counts: l.Counts, Left: o.left, More: l.More}
	if l.Errors > 0 {
		e.Verdict = "problems"
	}
	for _, v := range l.Invoices {
		e.Invoices = append(e.Invoices, ledesInvoiceJSON{v.Number, v.Line, ledesDay(v.Date), ledesDay(v.Due), ledesDay(v.From), ledesDay(v.Till), v.Client, v.Matter, v.LawFirm,
			v.LawFirmMatter, v.Total.Currency, ledesAmount(v.Total), ledesAmount(v.Fees), ledesAmount(v.Expenses), v.Lines, v.Errors, v.Warnings})
	}
	o.finish(e)
}

func (o *ledesObjects) finish(e ledesEndJSON) {
	text, _ := json.Marshal(e)
	o.write("],", text[1:], "\n")
	o.name = ""
}

// unread ends the object of a file that could not be read, which may not have begun.
func (o *ledesObjects) unread(name string, err error) {
	if o.name == "" {
		o.begin(name)
	}
	o.finish(ledesEndJSON{Verdict: "unreadable", Left: o.left, Error: err.Error()})
}

func ledesDay(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}
