package config

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzLoad feeds one text as each kind of file. Whatever it is, Load returns a
// configuration and problems with places in files that exist, repeats no
// secret, and gives the same answer again.
func FuzzLoad(f *testing.F) {
	paths, _ := filepath.Glob("testdata/*/*.txtar")
	for _, p := range paths {
		a, err := txtar.ParseFile(p)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			if file.Name != wanted {
				f.Add(string(file.Data))
			}
		}
	}
	f.Add("version: 1\nmail:\n  - name: x\n    when: \"a\\\n  \\u00e4\\\n b\"\n    then: [file: \"{{a}}\"]\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{serviceFile, "rules.d/1.yaml", "users.d/a.yaml", "a.txt", "m.csv", "t.txt"} {
			m := files("rules.d/0.yaml", "version: 1\nlists: {a: {file: a.txt}}\nmatters: {file: m.csv}\nmail: [{name: letter, when: true, then: [note: {template: t.txt}]}]\n",
				"t.txt", "Subject: a\n\nb\n", "a.txt", "a.example\n", "m.csv", "number\n10042.0070\n")
			m[name] = &fstest.MapFile{Data: []byte(text)}
			checkLoad(t, m)
		}
	})
}

func checkLoad(t *testing.T, m fs.FS) {
	t.Helper()
	start := time.Now()
	cfg, errs := Load(m, "")
	if cfg == nil {
		t.Fatal("no configuration")
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
	for _, e := range errs {
		if e.Pos.Line < 1 || e.Pos.Col < 1 || e.Problem == "" || strings.ContainsAny(e.Problem+e.Hint, "\n\r\x1b") {
			t.Errorf("problem %+v", e)
		}
		if _, err := fs.Stat(m, e.Pos.File); err != nil {
			t.Errorf("problem in a file that does not exist: %v", e)
		}
	}
	for _, r := range cfg.Rules.Mail {
		if r.When.Source == "" || r.When.Pos.Line < 1 {
			t.Errorf("rule %q has condition %+v", r.Name.Value, r.When)
		}
		for i := range len(r.When.Source) {
			if p := r.When.At(1, i+1); p.Line < 1 || p.Col < 1 {
				t.Errorf("At(1, %d) of %+v is %s", i+1, r.When, p)
			}
		}
		for _, then := range r.Then {
			if n := b2i(then.Mark != nil) + b2i(then.File != nil) + b2i(then.Star) + b2i(then.Note != nil) + b2i(then.Draft != nil); n != 1 {
				t.Errorf("an action with %d fields: %+v", n, then)
			}
		}
	}
	if again, errs2 := Load(m, ""); errs.Error() != errs2.Error() || again.Rules.Version != cfg.Rules.Version {
		t.Errorf("a second time it reads otherwise:\n%v\n%v", errs, errs2)
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
