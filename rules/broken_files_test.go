package rules

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"chancery/config"
)

// What a case need not write itself.
var usual = map[string]string{
	"chancery.yaml": `version: 1
accounts:
  - name: gc-mail
    imap: {host: imap.firm.example, user: gc, password: {credential: gc-mail}, mailboxes: [INBOX, Sent, Later, Billing]}
  - name: gc-cal
    caldav: {url: "https://cal.firm.example/", user: gc, password: {credential: gc-cal}, calendars: [{name: work}]}
`,
	"rules.d/00-words.yaml": `version: 1
house: {firm: firm, counsel: counsel}
lists: {firm: [firm.example, uk.firm.example], counsel: [bar.example, jane@solo.example], uk: [uk.firm.example]}
terms: {privilege: [attorney-client, work product], bill: [invoice]}
marks: {privileged: {keyword: lx-1}, billing: {keyword: lx-4}}
matters: {file: matters.csv}
`,
	"matters.csv": "number,client,folder\n10042.0070,Acme,Clients/Acme\n",
}

// configFolder makes a configuration folder of an archive and the usual files.
func configFolder(a *txtar.Archive) fs.FS {
	m := fstest.MapFS{}
	for name, text := range usual {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	for _, f := range a.Files {
		if len(f.Data) == 0 {
			delete(m, f.Name) // a case that wants it gone
		} else if f.Name != "want" {
			m[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	return m
}

// TestBrokenFiles does what "chancery check" does with rule files that have a
// mistake, and compares every word that is said.
func TestBrokenFiles(t *testing.T) {
	paths, err := filepath.Glob("testdata/broken/*.txtar")
	if err != nil || len(paths) < 60 {
		t.Fatalf("%d cases, %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			cfg, errs := config.Load(configFolder(a), "/etc/chancery")
			_, more := Compile(&cfg.Rules)
			errs = append(errs, more...).Sort()
			for _, e := range errs {
				wellSaid(t, a, e)
			}
			compareWant(t, path, a, errs.Error()+"\n")
			if want := !strings.HasPrefix(filepath.Base(path), "warn-"); errs.Fatal() != want || len(errs) == 0 {
				t.Errorf("refused: %v, want %v; %d problems", errs.Fatal(), want, len(errs))
			}
		})
	}
}

// wellSaid holds what is true of every problem: it has a place that exists, it
// is one sentence, and somebody can do something about it.
func wellSaid(t *testing.T, a *txtar.Archive, e config.Error) {
	t.Helper()
	text := usual[e.Pos.File]
	for _, f := range a.Files {
		if f.Name == e.Pos.File {
			text = string(f.Data)
		}
	}
	lines := strings.Split(text, "\n")
	if e.Pos.Line < 1 || e.Pos.Line > len(lines) || e.Pos.Col < 1 || e.Pos.Col > len([]rune(lines[e.Pos.Line-1]))+1 {
		t.Errorf("the place does not exist: %v", e)
	}
	if e.Hint == "" && !strings.HasPrefix(e.Problem, "expected ") && !strings.Contains(e.Problem, "cannot read expression") {
		t.Errorf("no hint: %v", e)
	}
	for _, s := range []string{e.Problem, e.Hint} {
		if strings.ContainsAny(s, "\n\t") || strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "..") || strings.Contains(s, "failed to") || len(s) > 400 {
			t.Errorf("not said well: %v", e)
		}
	}
}

func compareWant(t *testing.T, path string, a *txtar.Archive, got string) {
	t.Helper()
	for i, f := range a.Files {
		if f.Name != "want" {
			continue
		}
		if string(f.Data) == got {
			return
		}
		a.Files = append(a.Files[:i], a.Files[i+1:]...)
		break
	}
	if !*update {
		t.Errorf("run with -update and read the difference. got:\n%s", got)
		return
	}
	a.Files = append(a.Files, txtar.File{Name: "want", Data: []byte(got)})
	if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}
