package main

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"chancery/internal/filetext"
)

func newMeasureBilling(read filetext.PDF) *cobra.Command {
	var o billMeasure
	c := &cobra.Command{
		Use:   "billing DIR...",
		Short: "count how often invoices are read rightly",
		Long: `Read every invoice below the folders as bills in mail are read, and compare what
was found with what is known of it: amount, currency, invoice number, date and
due date. Nothing is connected to and nothing is changed, and no rule files are
needed.

What is read: PDFs and their texts (.txt), mail (.eml), and where a JSON file
tells what is in them, UBL and CII (.xml) and LEDES files. What is known, in
this order:

    NAME.json beside NAME.pdf    an object, or a list of them, with the names
        that invoice2data uses: amount, currency, invoice_number, date and
        date_due; a name that is missing is not asked for
    the e-invoice inside a PDF   it is hidden from the reader, which gets the
        text of the pages alone
    NAME.xml beside NAME.pdf     the same

A fact is right, wrong, or missed if none was found. What is known may be
something else than what the pages say: a fact that is not right, and whose
known value stands nowhere in the text, is counted as absent, and apart.`,
		Example: "  chancery measure billing ~/invoices\n  chancery measure billing ~/invoices --misses",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			t, err := o.take(args, read)
			if err != nil {
				return err
			}
			if o.json {
				e := json.NewEncoder(c.OutOrStdout())
				e.SetIndent("", "  ")
				return e.Encode(t)
			}
			t.print(c.OutOrStdout(), o.misses)
			return nil
		},
	}
	c.Flags().BoolVar(&o.misses, "misses", false, "list what was read wrongly or missed")
	c.Flags().BoolVar(&o.json, "json", false, "for programs")
	return c
}

type billMeasure struct{ misses, json bool }

// billCount is the result of measure billing, as --json prints it.
type billCount struct {
	Files  int            `json:"files"`
	Known  int            `json:"known"` // files of which it is known what is in them
	Fields []*fieldCount  `json:"fields"`
	Wrong  []fieldMistake `json:"wrong"`
	Unread []string       `json:"unread"` // files of which nothing could be read
	by     map[string]*fieldCount
}

type fieldCount struct {
	Name   string  `json:"name"`
	Of     int     `json:"of"`
	Right  int     `json:"right"`
	Wrong  int     `json:"wrong"`
	Missed int     `json:"missed"`
	Absent int     `json:"absent"` // not right, and the known value stands nowhere in the text
	Share  float64 `json:"share"`  // of those that are right among those that are not absent
}

type fieldMistake struct {
	Path  string `json:"path"`
	Field string `json:"field"`
	Got   string `json:"got"` // "" if it was missed
	Want  string `json:"want"`
	// Absent: what is known stands nowhere in the text.
	Absent bool `json:"absent"`
}

// billFields are the facts that are compared, in the order in which they are told.
var billFields = []string{"amount", "currency", "invoice_number", "date", "date_due"}

func (o billMeasure) take(dirs []string, read filetext.PDF) (*billCount, error) {
	t := &billCount{Wrong: []fieldMistake{}, Unread: []string{}, by: map[string]*fieldCount{}}
	for _, name := range append([]string{"all"}, billFields...) {
		t.by[name] = &fieldCount{Name: name}
		t.Fields = append(t.Fields, t.by[name])
	}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return fmt.Errorf("read samples: %w", err)
			}
			if d.IsDir() || strings.HasPrefix(d.Name(), ".") || !billSample(path) {
				return nil
			}
			return t.file(path, read)
		})
		if err != nil {
			return nil, err
		}
	}
	for _, f := range t.Fields {
		f.Share = float64(f.Right) / float64(max(f.Of-f.Absent, 1))
	}
	return t, nil
}

// billSample reports whether a file is one to read: XML and plain text only where
// something beside it tells what is in them, or nobody meant them.
func billSample(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".pdf", ".eml":
		return true
	case ".txt", ".xml":
		_, err := os.Stat(beside(path, ".json"))
		return err == nil
	}
	return false
}

func beside(path, ext string) string { return strings.TrimSuffix(path, filepath.Ext(path)) + ext }

func (t *billCount) file(path string, read filetext.PDF) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("read sample: %w", err)
	}
	if info.Size() > maxSample {
		t.Unread = append(t.Unread, path)
		return nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read sample: %w", err)
	}
	t.Files++
	got := readBill(path, raw, read)
	want, err := knownBill(path, got.inside)
	if err != nil {
		return err
	}
	if want == nil {
		return nil
	}
	t.Known++
	if len(got.facts) == 0 {
		t.Unread = append(t.Unread, path)
	}
	for _, name := range billFields {
		if w := want[name]; w != "" {
			t.count(fieldMistake{path, name, got.facts[name], w, !standsIn(got.text, name, w)})
		}
	}
	return nil
}

func (t *billCount) count(m fieldMistake) {
	right := sameFact(m.Field, m.Got, m.Want)
	for _, f := range []*fieldCount{t.by["all"], t.by[m.Field]} {
		f.Of++
		switch {
		case right:
			f.Right++
		case m.Absent:
			f.Absent++
		case m.Got == "":
			f.Missed++
		default:
			f.Wrong++
		}
	}
	if !right {
		t.Wrong = append(t.Wrong, m)
	}
}

func (t *billCount) print(w io.Writer, misses bool) {
	_, _ = fmt.Fprintf(w, "%s, of %d it is known what is in them\n", plural(t.Files, "file"), t.Known)
	if t.Known == 0 {
		return
	}
	all := newTable("", "of", "right", "wrong", "missed", "absent", "share")
	for _, f := range t.Fields {
		all.row(f.Name, number(f.Of), number(f.Right), number(f.Wrong), number(f.Missed), number(f.Absent), fmt.Sprintf("%.1f %%", 100*f.Share))
	}
	all.print(w)
	if !misses {
		return
	}
	for _, heading := range []string{"wrong", "missed", "absent"} {
		var list []string
		for _, m := range t.Wrong {
			if m.heading() == heading {
				list = append(list, strings.TrimSpace(fmt.Sprintf("%s  %s  %s", m.Path, m.Field, was(m))))
			}
		}
		if len(list) > 0 {
			_, _ = fmt.Fprintf(w, "\n%s\n    %s\n", heading, strings.Join(list, "\n    "))
		}
	}
}

func (m fieldMistake) heading() string {
	switch {
	case m.Absent:
		return "absent"
	case m.Got == "":
		return "missed"
	}
	return "wrong"
}

func was(m fieldMistake) string {
	if m.Got == "" {
		return m.Want
	}
	return m.Got + ", not " + m.Want
}
