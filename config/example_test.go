package config

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
)

// The lists wait to be filled in, and nothing else is to be said.
func TestExampleHasNoProblem(t *testing.T) {
	cfg, errs := Load(Example(), "/etc/chancery")
	for _, e := range errs {
		empty := strings.HasPrefix(e.Problem, "list ") && strings.HasSuffix(e.Problem, " is empty") || e.Problem == "no matter is in the list yet"
		if !e.Warning || !empty {
			t.Errorf("the starter configuration has a problem: %v", e)
		}
	}
	if len(cfg.Rules.Mail) == 0 || len(cfg.Rules.Calendar.Ranks) == 0 {
		t.Errorf("the starter configuration has %d mail rules, %d ranks", len(cfg.Rules.Mail), len(cfg.Rules.Calendar.Ranks))
	}
	if len(errs) != len(cfg.Rules.Lists)+1 {
		t.Errorf("%d of %d lists and the matters are empty", len(errs), len(cfg.Rules.Lists))
	}
	if len(cfg.Service.Principals) != 1 || cfg.Service.Principals[0].Holds.Value == "" || cfg.Service.Principals[0].Notes == nil {
		t.Errorf("principals: %+v", cfg.Service.Principals)
	}
}

// Each list has people for the tests, and what those know is read from files that
// the running service looks at.
func TestExampleBringsWhatItsTestsNeed(t *testing.T) {
	cfg, _ := Load(Example(), "/etc/chancery")
	d := cfg.Rules.TestData
	if len(d.Lists) != len(cfg.Rules.Lists) || len(d.Matters) < 5 || len(d.AuthServ) != 1 {
		t.Errorf("%d of %d lists, %d matters, %d servers for tests", len(d.Lists), len(cfg.Rules.Lists), len(d.Matters), len(d.AuthServ))
	}
	for _, l := range d.Lists {
		if len(l.Entries) == 0 || !slices.Contains(cfg.Files, l.File) {
			t.Errorf("%s: %d entries, watched: %v", l.File, len(l.Entries), slices.Contains(cfg.Files, l.File))
		}
	}
	for _, name := range []string{testMatters, testAuthServ} {
		if !slices.Contains(cfg.Files, name) {
			t.Errorf("%s is not among the files", name)
		}
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
		if ext := path.Ext(name); !slices.Contains([]string{".yaml", ".csv", ".txt", ".eml", ".ics", ".json"}, ext) {
			t.Errorf("%s is no file of a configuration", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
