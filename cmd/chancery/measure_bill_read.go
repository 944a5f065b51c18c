package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"chancery/internal/filetext"
	"chancery/internal/mime"
	"chancery/internal/model"
	"chancery/rules/billing"
	"chancery/rules/text"
)

// billReading is what was read of the first invoice of a file.
type billReading struct {
	facts  map[string]string
	text   string            // all that was read
	inside []filetext.Member // files inside a PDF, which were not read
}

func readBill(path string, raw []byte, read filetext.PDF) billReading {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".pdf":
		s, inside, _ := read(raw)
		return billReading{textFacts(s), s, inside}
	case ".eml":
		m := mime.ReadFor(raw, model.Need{Text: true, Files: true, FileText: true, Bills: true}, read)
		z := text.Split(&m)
		all := []string{z.Subject, z.New, z.Signature, z.Quoted}
		for _, f := range m.Files {
			all = append(all, f.Text, string(f.Data))
		}
		return billReading{facts: extracted(z, &m), text: strings.Join(all, "\n")}
	}
	if list, _ := billing.ReadXMLInvoice(raw); len(list) > 0 {
		return billReading{facts: factsOf(list[0]), text: string(raw)}
	}
	a := model.Attachment{Name: filepath.Base(path), Head: raw, Size: int64(len(raw))}
	if k := billing.Kind(a); k == "ledes" || k == "ledesxml" {
		return billReading{facts: extracted(text.Zones{}, &model.Mail{Files: []model.Attachment{a}}), text: string(raw)}
	}
	return billReading{facts: textFacts(string(raw)), text: string(raw)}
}

func textFacts(s string) map[string]string {
	if b, ok := billing.ReadText(s, time.Time{}); ok {
		return factsOf(b)
	}
	return nil
}

func extracted(z text.Zones, m *model.Mail) map[string]string {
	if f := billing.Extract(z, m, billing.Options{}); len(f.Bills) > 0 {
		return factsOf(f.Bills[0])
	}
	return nil
}

// standsIn reports whether a known value stands anywhere in a text, as another could
// have been read.
func standsIn(s, name, want string) bool {
	kind := map[string]string{"amount": "money", "date": "date", "date_due": "date"}[name]
	switch name {
	case "invoice_number":
		return strings.Contains(bareText(s), billing.Plain(want))
	case "currency":
		return true // a sign may stand for it
	}
	for range 2000 {
		v, ok := billing.Near(text.Zones{New: s}, kind, nil)
		if !ok {
			return false
		}
		got := decimals(v.Money)
		if kind == "date" {
			got = v.Time.Format(time.DateOnly)
		}
		if sameFact(name, got, want) {
			return true
		}
		_, s, _ = strings.Cut(s, v.Text)
	}
	return true
}

// bareText is a text without what Plain leaves out of numbers.
func bareText(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, s)
}

// factsOf writes the facts of a bill as they are compared.
func factsOf(b billing.Bill) map[string]string {
	got := map[string]string{"invoice_number": b.Number}
	if !b.Total.IsZero() {
		got["currency"], got["amount"] = b.Total.Currency, decimals(b.Total)
	}
	for name, d := range map[string]time.Time{"date": b.Date, "date_due": b.Due} {
		if !d.IsZero() {
			got[name] = d.Format(time.DateOnly)
		}
	}
	return got
}

// decimals is an amount without its currency.
func decimals(m billing.Money) string {
	_, s, ok := strings.Cut(m.String(), " ")
	if !ok {
		return m.String()
	}
	return s
}

// knownBill is what is known of a file, nil if nothing is.
func knownBill(path string, inside []filetext.Member) (map[string]string, error) {
	raw, err := os.ReadFile(beside(path, ".json"))
	switch {
	case err == nil:
		return jsonBill(path, raw)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("read what is known: %w", err)
	}
	for _, m := range inside {
		if list, _ := billing.ReadXMLInvoice(m.Content); len(list) > 0 {
			return factsOf(list[0]), nil
		}
	}
	if strings.EqualFold(filepath.Ext(path), ".pdf") {
		if raw, err := os.ReadFile(beside(path, ".xml")); err == nil {
			if list, _ := billing.ReadXMLInvoice(raw); len(list) > 0 {
				return factsOf(list[0]), nil
			}
		}
	}
	return nil, nil
}

// jsonBill reads the first object of a JSON file, with numbers as they are written.
func jsonBill(path string, raw []byte) (map[string]string, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("read %s: %w", beside(path, ".json"), err)
	}
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, nil
	}
	want := map[string]string{}
	for _, name := range billFields {
		switch v := object[name].(type) {
		case string:
			want[name] = v
		case json.Number:
			want[name] = v.String()
		}
	}
	return want, nil
}

// sameFact compares one fact: amounts as decimals, numbers as duplicates are compared.
func sameFact(name, got, want string) bool {
	switch name {
	case "amount":
		a, ok := new(big.Rat).SetString(got)
		b, known := new(big.Rat).SetString(want)
		return ok && known && a.Cmp(b) == 0
	case "invoice_number":
		return billing.Plain(got) == billing.Plain(want)
	case "date", "date_due":
		return got == want[:min(len(want), len(time.DateOnly))]
	}
	return strings.EqualFold(got, want)
}
