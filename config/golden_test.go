package config

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the golden parts of testdata")

const wanted = "want"

// folder turns the files of an archive into a configuration folder.
func folder(a *txtar.Archive) fs.FS {
	m := fstest.MapFS{}
	for _, f := range a.Files {
		if f.Name != wanted {
			m[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	return m
}

func eachArchive(t *testing.T, pattern string, do func(t *testing.T, path string, a *txtar.Archive)) {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archive at %s, %v", pattern, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			do(t, path, a)
		})
	}
}

// golden compares got with the part named want, or writes it.
func golden(t *testing.T, path string, a *txtar.Archive, got string) {
	t.Helper()
	want, at := "", -1
	for i, f := range a.Files {
		if f.Name == wanted {
			want, at = string(f.Data), i
		}
	}
	if got == want && at >= 0 {
		return
	}
	if !*update {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
		return
	}
	if at < 0 {
		a.Files = append(a.Files, txtar.File{Name: wanted})
		at = len(a.Files) - 1
	}
	a.Files[at].Data = []byte(got)
	if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Each archive in testdata/bad is a folder with mistakes and every word that is
// said about them.
func TestBad(t *testing.T) {
	eachArchive(t, "testdata/bad/*.txtar", func(t *testing.T, path string, a *txtar.Archive) {
		cfg, errs := Load(folder(a), "/etc/chancery")
		if cfg == nil {
			t.Fatal("no configuration: what could be read must be returned")
		}
		if len(errs) == 0 {
			t.Fatal("nothing is said of a broken folder")
		}
		got := errs.Error() + "\n"
		if strings.Contains(got, "hunter") {
			t.Errorf("a secret is repeated:\n%s", got)
		}
		for _, e := range errs {
			if e.Pos.File == "" || e.Pos.Line < 1 || e.Pos.Col < 1 {
				t.Errorf("no place: %+v", e)
			}
			if e.Hint == "" && !strings.HasPrefix(e.Problem, "expected ") {
				t.Logf("no hint: %s", e.Problem)
			}
		}
		golden(t, path, a, got)
	})
}
