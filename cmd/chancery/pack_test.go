package main

import (
	"io/fs"
	"slices"
	"testing"

	"chancery/config"
)

// Each shipped mail rule is tried on mail it must match and on mail it must leave
// alone, in tests/ or under tests:, and all of that passes.
func TestEveryShippedRuleIsTried(t *testing.T) {
	l, err := load(starter(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.try(); err != nil {
		t.Fatal(err)
	}
	tried := func(rule, kind string) int {
		files, err := fs.Glob(config.Example(), "tests/"+rule+"/"+kind+"/*.eml")
		if err != nil {
			t.Fatal(err)
		}
		n := len(files)
		for _, test := range l.cfg.Rules.Tests {
			expected := slices.ContainsFunc(test.Expect, func(e config.Expected) bool { return e.Rule.Value == rule })
			not := test.None || slices.ContainsFunc(test.Not, func(r config.Text) bool { return r.Value == rule })
			if kind == "match" && expected || kind == "no-match" && not {
				n++
			}
		}
		return n
	}
	for _, r := range l.cfg.Rules.Mail {
		for _, kind := range []string{"match", "no-match"} {
			if tried(r.Name.Value, kind) == 0 {
				t.Errorf("%s: rule %q has no test of kind %s", r.Name.Pos, r.Name.Value, kind)
			}
		}
	}
}

// Letters of the starter name nothing of the mail they are about: assistants read
// them, and the drafts go to strangers.
func TestShippedLettersNameNoContent(t *testing.T) {
	names, err := fs.Glob(config.Example(), "templates/*.txt")
	if err != nil || len(names) < 5 {
		t.Fatal(names, err)
	}
	l, err := load(starter(t))
	if err != nil {
		t.Fatal(err)
	}
	allowed := []string{"msg.date", "msg.arrived", "msg.account", "strangers.size()", "strangers", "forged", "msg.bill.warning", "msg.bill.likeness",
		"msg.bill.duplicate_of"} // who reads it has to find the earlier bill; it names one of this principal's mail alone
	letters := 0
	for _, r := range l.cfg.Rules.Mail {
		for _, then := range r.Then {
			for _, letter := range []*config.Letter{then.Note, then.Draft} {
				if letter == nil {
					continue
				}
				letters++
				for _, part := range slices.Concat(letter.Subject.Parts, letter.Text.Parts) {
					if part.Expr != nil && !slices.Contains(allowed, part.Expr.Source) {
						t.Errorf("%s: rule %q says {{%s}}", part.Expr.Pos, r.Name.Value, part.Expr.Source)
					}
				}
			}
		}
	}
	if letters < 6 {
		t.Errorf("only %d letters", letters)
	}
}
