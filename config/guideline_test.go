package config

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// guidelinesOf loads one rule file with guidelines below billing.
func guidelinesOf(text string) ([]Guideline, string) {
	cfg, problems := Load(fstest.MapFS{
		"chancery.yaml":   {Data: []byte("version: 1\naccounts: [{name: a, imap: {host: h.example, user: u, password: {credential: a}}}]\nprincipals: [{name: p, zone: UTC, addresses: [p@firm.example]}]\n")},
		"rules.d/10.yaml": {Data: []byte("version: 1\nbilling:\n  guidelines:\n" + text)},
	}, "")
	var said []string
	for _, p := range problems {
		said = append(said, p.Error())
	}
	return cfg.Rules.Billing.Guidelines, strings.Join(said, "\n")
}

func TestGuideline(t *testing.T) {
	list, said := guidelinesOf(`
    - name: orchard
      clients: [C100, 00711]
      level: warning
      formats: [1998B, "XML 2.1"]
      extensions: [.TXT]
      number: '\d+'
      max_total: 25000.50
      max_age: 90d
      rates: {PARTNR: 650, T17: 700.25}
      expenses: {E111: 75}
      unit_decimals: 1
      words: [Clerical  work]
      one_task: true
      travel: 0.5
      timekeepers: [T17, t3]
      unit_costs: {E101: 0.10}
    - {name: pear, late: 60d}
`)
	if said != "" || len(list) != 2 {
		t.Fatalf("%d guidelines, %s", len(list), said)
	}
	g := list[0]
	if g.Name.Value != "orchard" || g.Clients[1].Value != "00711" || !g.Warn || g.Formats[1] != "XML 2.1" || g.Extensions[0].Value != "txt" || g.MaxTotal != 25_000_500_000 ||
		g.MaxAge != 90*24*time.Hour || g.Rates[1].Of.Value != "T17" || g.Rates[1].Most != 700_250_000 || g.Expenses[0].Most != 75_000_000 || g.UnitDecimals != 1 ||
		g.RateDecimals != -1 || g.Words[0].Value != "clerical work" || !g.OneTask || g.Travel != 500_000 || len(g.Timekeepers) != 2 || g.Timekeepers[1].Value != "t3" || g.UnitCosts[0].Most != 100_000 {
		t.Errorf("%+v", g)
	}
	if !g.Number.MatchString("123") || g.Number.MatchString("x123") {
		t.Error("the number matches as a whole only")
	}
	if p := list[1]; p.Warn || p.Late != 60*24*time.Hour || p.UnitDecimals != -1 {
		t.Errorf("%+v", p)
	}
}

func TestShare(t *testing.T) {
	for _, tt := range []struct {
		of   int64
		part Amount
		want int64
	}{{650_000_000, 500_000, 325_000_000}, {225_500_000, 500_000, 112_750_000}, {1, 500_000, 0}, {999_999_999_999_999_999, 1_000_000, 999_999_999_999_999_999}, {100, 0, 0}} {
		if got := Share(tt.of, tt.part); got != tt.want {
			t.Errorf("%d of %d: %d, want %d", tt.part, tt.of, got, tt.want)
		}
	}
}

func TestGuidelineProblems(t *testing.T) {
	for in, want := range map[string]string{
		"    - {max_age: 90d}": "a guideline has no name",
		"    - {name: a, max_age: 90d}\n    - {name: a, late: 1d}": "a",
		"    - {name: a, maxage: 90d}":                             `unknown key "maxage"`,
		"    - {name: a, max_age: 12h}":                            "expected a duration from 1d",
		"    - {name: a, max_age: 36h}":                            "expected whole days",
		"    - {name: a, max_age: 90}":                             "is not a duration",
		"    - {name: a, max_total: '1,000'}":                      "is not an amount",
		"    - {name: a, max_total: '$5'}":                         "is not an amount",
		"    - {name: a, max_total: 0}":                            "is not an amount above zero",
		"    - {name: a, max_total: 1.23456}":                      "is not an amount",
		"    - {name: a, max_total: -5}":                           "is not an amount",
		"    - {name: a, formats: [98B]}":                          `unknown format "98B"`,
		"    - {name: a, required: [INVOICE_TOTALS]}":              `unknown column "INVOICE_TOTALS"`,
		"    - {name: a, number: '('}":                             "this is not a regular expression",
		"    - {name: a, number_length: 21}":                       "expected a whole number from 1 to 20",
		"    - {name: a, currencies: [Euro]}":                      "is not a currency",
		"    - {name: a, extensions: ['*.txt']}":                   "this is not the extension of a file",
		"    - {name: a, codes_required: [phase]}":                 `unknown kind of code "phase"`,
		"    - {name: a, rates: {}}":                               "rates has no entry",
		"    - {name: a, rates: [PARTNR]}":                         "expected a mapping",
		"    - {name: a, rates: {PARTNR: much}}":                   "is not an amount",
		"    - {name: a, clients: []}":                             "clients names none",
		"    - {name: a, level: fatal}":                            `unknown level "fatal"`,
		"    - {name: a, one_matter: yes}":                         "write true or false",
		"    - {name: a, words: [x]}":                              "a word of one character",
		"    - {name: a, description_min: 20, description_max: 9}": "description_min is above description_max",
		"    - {name: a}":                                          "the guideline asks for nothing",
		"    []":                                                   "the list is empty",
	} {
		if _, said := guidelinesOf(in + "\n"); !strings.Contains(said, want) {
			t.Errorf("%s\n%s\nwant %s", in, said, want)
		}
	}
}
