package config

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
)

func TestExampleHasNoProblem(t *testing.T) {
	cfg, errs := Load(Example(), "/etc/chancery")
	if len(errs) > 0 {
		t.Errorf("the starter configuration has problems:\n%v", errs)
	}
	if len(cfg.Rules.Mail) == 0 || len(cfg.Rules.Calendar.Ranks) == 0 || len(cfg.Rules.Matters.List) == 0 {
		t.Errorf("the starter configuration has %d mail rules, %d ranks, %d matters", len(cfg.Rules.Mail), len(cfg.Rules.Calendar.Ranks), len(cfg.Rules.Matters.List))
	}
	if len(cfg.Service.Principals) != 1 || cfg.Service.Principals[0].Holds.Value == "" || cfg.Service.Principals[0].Notes == nil {
		t.Errorf("principals: %+v", cfg.Service.Principals)
	}
}

// What nobody asked for must not act: each shipped rule starts in observe.
func TestExampleOnlyObserves(t *testing.T) {
	cfg, _ := Load(Example(), "/etc/chancery")
	for _, r := range cfg.Rules.Mail {
		if r.Mode != Observe {
			t.Errorf("%s: rule %q is in mode %s", r.Name.Pos, r.Name.Value, r.Mode)
		}
	}
	for _, a := range cfg.Service.Accounts {
		if a.IMAP != nil && a.IMAP.FirstSync != DefaultFirstSync {
			t.Errorf("account %s begins with %s", a.Name.Value, a.IMAP.FirstSync)
		}
	}
}

// Names in the example are reserved for examples (RFC 2606 section 3), so that a
// half filled-in file can reach nobody.
func TestExampleNamesNobody(t *testing.T) {
	err := fs.WalkDir(Example(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(Example(), name)
		if err != nil {
			return err
		}
		for _, field := range strings.FieldsFunc(string(text), func(r rune) bool { return strings.ContainsRune(" \t\n,;:[]{}()\"'/<>", r) }) {
			if _, domain, ok := strings.Cut(field, "@"); ok && !strings.HasSuffix(domain, ".example") {
				t.Errorf("%s names %s", name, field)
			}
		}
		if ext := path.Ext(name); !slices.Contains([]string{".yaml", ".csv", ".txt", ".eml", ".json"}, ext) {
			t.Errorf("%s is no file of a configuration", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
