package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chancery/internal/filetext"
	"chancery/internal/servertest"
)

func billSamples(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// pagesOf reads a PDF of these tests: its text, and the e-invoice inside it behind "|".
func pagesOf(b []byte) (string, []filetext.Member, string) {
	text, inside, ok := strings.Cut(string(b), "|")
	if !ok {
		return text, nil, ""
	}
	return text, []filetext.Member{{Name: "factur-x.xml", Content: []byte(inside)}}, ""
}

func TestMeasureBilling(t *testing.T) {
	const said = "Invoice No. 4711\nInvoice date: 2026-03-02\nDue date: 2026-04-01\nTotal amount: EUR 99.50\n"
	dir := billSamples(t, map[string]string{
		"right.pdf":        said,
		"right.json":       `[{"amount": 99.5, "currency": "EUR", "invoice_number": "4711", "date": "2026-03-02", "date_due": "2026-04-01"}]`,
		"deep/inside.pdf":  said + "|" + ublOf("Invoice", "4711", "2026-03-02", "2026-04-01", "EUR", "99.50", "1", "DE75512108001245126199"),
		"beside.pdf":       said,
		"beside.xml":       ublOf("Invoice", "4711", "2026-03-02", "2026-04-01", "EUR", "99.50", "1", "DE75512108001245126199"),
		"text.txt":         said,
		"text.json":        `{"amount": "99.50", "invoice_number": "INV-4711", "issuer": "us"}`,
		"elsewhere.pdf":    said,
		"elsewhere.json":   `{"date": "2025-12-24", "amount": 99.50}`,
		"wrong.pdf":        said,
		"wrong.json":       `{"date": "2026-04-01"}`,
		"missed.pdf":       "nothing but words, and 12.00 of them",
		"missed.json":      `{"amount": 12}`,
		"unknown.pdf":      said,
		"notes.txt":        "not meant",
		"mail.eml":         "From: a@b.example\r\nTo: gc@firm.example\r\nDate: Mon, 2 Mar 2026 09:15:00 -0500\r\nSubject: Invoice 4711\r\n\r\n" + said,
		"mail.json":        `{"amount": 99.50, "invoice_number": "4711"}`,
		".hidden/x.pdf.no": "x",
	})
	got, err := billMeasure{}.take([]string{dir}, pagesOf)
	if err != nil {
		t.Fatal(err)
	}
	all := got.Fields[0]
	want := fieldCount{Name: "all", Of: 23, Right: 20, Wrong: 1, Missed: 1, Absent: 1, Share: 20.0 / 22}
	if got.Files != 9 || got.Known != 8 || *all != want {
		t.Errorf("%d files, %d known, %+v, want %+v", got.Files, got.Known, *all, want)
	}
	for _, m := range got.Wrong {
		if name := strings.TrimSuffix(filepath.Base(m.Path), ".pdf"); name != map[string]string{"absent": "elsewhere", "missed": "missed", "wrong": "wrong"}[m.heading()] {
			t.Errorf("%s is %s", m.Path, m.heading())
		}
	}
	var out bytes.Buffer
	got.print(&out, true)
	for _, line := range []string{"9 files, of 8 it is known what is in them", "wrong.pdf  date  2026-03-02, not 2026-04-01", "missed.pdf  amount  12", "elsewhere.pdf  date  2026-03-02, not 2025-12-24", "90.9 %"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("%q is not in\n%s", line, out.String())
		}
	}
}

func TestMeasureBillingCommand(t *testing.T) {
	dir := billSamples(t, map[string]string{"a.pdf": "Invoice No. 4711\nTotal due: $1.00", "a.json": `{"invoice_number": "4711"}`})
	c := newMeasureBilling(pagesOf)
	var out bytes.Buffer
	c.SetOut(&out)
	c.SetArgs([]string{dir, "--json"})
	if err := c.Execute(); err != nil {
		t.Fatal(err)
	}
	var got billCount
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got.Known != 1 || got.Fields[0].Right != 1 || got.Fields[0].Share != 1 {
		t.Errorf("%v: %s", err, out.String())
	}
	c.SetArgs([]string{billSamples(t, map[string]string{"a.pdf": "x", "a.json": "{"})})
	if err := c.Execute(); err == nil || !strings.Contains(err.Error(), "a.json: ") {
		t.Errorf("a broken file is %v", err)
	}
}

// The floors hold what is reached on invoices that others collected, by their text
// alone. What their pages do not say is not asked for.
func TestInvoicesKeepTheirMeasure(t *testing.T) {
	dirs := []string{servertest.Corpus(t, "invoices-pdf"), servertest.Corpus(t, "e-invoices-zugferd-ubl")}
	got, err := billMeasure{}.take(dirs, pdfs.Read)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	got.print(&out, true)
	t.Log(out.String())
	for _, f := range got.Fields {
		if f.Of < 9 || f.Share < 0.95 && f.Wrong+f.Missed > 1 {
			t.Errorf("%s: %d of %d, %.1f %%", f.Name, f.Right, f.Of-f.Absent, 100*f.Share)
		}
	}
	if got.Fields[0].Share < 0.95 || len(got.Unread) > 0 {
		t.Errorf("%.1f %% of all facts, unread %v", 100*got.Fields[0].Share, got.Unread)
	}
}
