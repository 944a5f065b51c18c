package config

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

// Each archive in testdata/good is a folder without mistakes and what is read
// from it, places included.
func TestGood(t *testing.T) {
	t.Setenv("STATE_DIRECTORY", "")
	eachArchive(t, "testdata/good/*.txtar", func(t *testing.T, path string, a *txtar.Archive) {
		cfg, errs := Load(folder(a), "/etc/chancery")
		if len(errs) > 0 {
			t.Fatalf("problems in a good folder:\n%v", errs)
		}
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", " ")
		if err := e.Encode(brief(cfg)); err != nil {
			t.Fatal(err)
		}
		golden(t, path, a, b.String())
	})
}

// brief writes places as file:line:col and leaves out what says nothing, so that
// a person can check the golden part.
func brief(cfg *Config) any {
	raw, err := json.Marshal(cfg)
	if err != nil {
		panic(err)
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		panic(err)
	}
	return shorten(v)
}

func shorten(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if file, ok := v["File"].(string); ok && len(v) == 3 && v["Line"] != nil {
			return fmt.Sprintf("%s:%v:%v", file, v["Line"], v["Col"])
		}
		for k, x := range v {
			if x = shorten(x); x == nil || x == "" || x == false || x == ":0:0" || x == 0.0 && k != "Rank" && k != "From" {
				delete(v, k)
			} else {
				v[k] = x
			}
		}
		if value, ok := v["Value"].(string); ok && len(v) == 2 && v["Pos"] != nil {
			return fmt.Sprintf("%s @%s", value, v["Pos"])
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		for i := range v {
			v[i] = shorten(v[i])
		}
	}
	return v
}

const service = "version: 1\naccounts:\n  - {name: a, imap: {host: h.example, user: u, password: {credential: c}}}\n"

// files builds a folder from pairs of name and text, with a service file unless
// one is given.
func files(pairs ...string) fstest.MapFS {
	m := fstest.MapFS{serviceFile: {Data: []byte(service)}}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return m
}

func problemsOf(t *testing.T, m fstest.MapFS) string {
	t.Helper()
	_, errs := Load(m, "")
	return errs.Error()
}

func wantProblem(t *testing.T, got, want string) {
	t.Helper()
	if !strings.Contains(got, want) {
		t.Errorf("problems:\n%s\nwant among them: %s", got, want)
	}
}

func TestWhatCouldBeReadIsReturned(t *testing.T) {
	cfg, errs := Load(files(
		"rules.d/10.yaml", "version: 1\nmail:\n  - {name: a, when: msg.x, then: [mark: absent], colour: red}\n  - {name: b, then: [star]}\n  - {name: c, when: msg.y, then: [star]}\n",
		"rules.d/20.yaml", "version: 1\nmail: {\n",
		"rules.d/30.yaml", "version: 1\nlists: {firm: [firm.example, 'no one']}\nmail: [{name: d, when: msg.z, then: [star]}]\n",
	), "")
	if !errs.Fatal() {
		t.Fatal("no error")
	}
	var names []string
	for _, r := range cfg.Rules.Mail {
		names = append(names, r.Name.Value)
	}
	if !slices.Equal(names, []string{"a", "c", "d"}) {
		t.Errorf("rules read are %q, want all with a name and a condition", names)
	}
	if len(cfg.Rules.Lists) != 1 || len(cfg.Rules.Lists[0].Entries) != 1 {
		t.Errorf("lists read are %+v", cfg.Rules.Lists)
	}
	if len(cfg.Service.Accounts) != 1 {
		t.Errorf("accounts read are %+v", cfg.Service.Accounts)
	}
}

func TestFilesAreReadInOrderOfNames(t *testing.T) {
	m := files()
	for _, n := range []string{"20", "100", "b", "a", "10"} {
		m["rules.d/"+n+".yaml"] = &fstest.MapFile{Data: []byte("version: 1\nmail: [{name: r" + n + ", when: true, then: [star]}]\n")}
	}
	cfg, errs := Load(m, "")
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var names []string
	for _, r := range cfg.Rules.Mail {
		names = append(names, r.Name.Value)
	}
	if got := strings.Join(names, " "); got != "r10 r100 r20 ra rb" {
		t.Errorf("order is %s", got)
	}
}

// A matter number is text. YAML and CSV readers like to make 420, 272 or 1000
// of these.
func TestNumbersStayAsWritten(t *testing.T) {
	numbers := []string{"00420", "10042.0070", "1_000", "0x1F", "1e3", "0o17", "12:30:45", "2026-01-02", "+7", ".5", "~1", "010.010"}
	terms := "version: 1\nmatters: {file: m.csv, number: '[\\d_.:xXoOeF+~-]+'}\nterms:\n  t:\n"
	for _, n := range numbers {
		terms += "    - " + n + "\n"
	}
	cfg, errs := Load(files("rules.d/10.yaml", terms, "m.csv", "number\n"+strings.Join(numbers, "\n")+"\n"), "")
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for i, n := range numbers {
		if got := cfg.Rules.Terms[0].Words[i].Value; got != n {
			t.Errorf("YAML: %s is read %s", n, got)
		}
		if got := cfg.Rules.Matters.List[i].Number; got != n {
			t.Errorf("CSV: %s is read %s", n, got)
		}
	}
}

func TestLineEndsAndByteOrderMark(t *testing.T) {
	rule := "version: 1\nlists: {a: {file: a.txt}}\nmatters: {file: m.csv}\nmail:\n  - name: r\n    when: |\n      a &&\n      b\n    then: [star]\n"
	list, matters := "a.example\nb.example\n", "number,name\n10042.0070,x\n"
	plain, errs := Load(files("rules.d/10.yaml", rule, "a.txt", list, "m.csv", matters), "")
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	dos := func(s string) string { return "\ufeff" + strings.ReplaceAll(s, "\n", "\r\n") }
	other, errs := Load(files("chancery.yaml", dos(service), "rules.d/10.yaml", dos(rule), "a.txt", dos(list), "m.csv", dos(matters)), "")
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	plain.Rules.Version, other.Rules.Version = "", ""
	a, _ := json.Marshal(plain)
	b, _ := json.Marshal(other)
	if string(a) != string(b) {
		t.Errorf("with CR LF and a byte order mark it reads\n%s\nwithout\n%s", b, a)
	}
}

func TestTextThatIsNone(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"latin 1":          {"version: 1\n# M\xfcller\n", "2:4: the file is not UTF-8"},
		"utf-16":           {"\xff\xfev\x00e\x00", "1:1: the file is not UTF-8"},
		"nul":              {"version: 1\x00\n", "1:11: character U+0000"},
		"carriage returns": {"version: 1\rmail: []\r", "1:11: character U+000D"},
		"escape":           {"version: 1 # \x1b[2J\n", "1:14: character U+001B"},
		"mark inside":      {"version: 1 # ä\ufeff\n", "1:15: character U+FEFF"},
		"not yaml at all":  {"PK\x03\x04", "1:3: character U+0003"},
	} {
		t.Run(name, func(t *testing.T) {
			wantProblem(t, problemsOf(t, files("rules.d/10.yaml", tt.text)), "rules.d/10.yaml:"+tt.want)
		})
	}
}

func TestVersionFollowsTheRules(t *testing.T) {
	base := []string{
		"rules.d/10.yaml", "version: 1\nlists: {a: {file: a.txt}}\nterms: {t: {file: t.txt}}\nmatters: {file: m.csv}\n",
		"a.txt", "a.example\n", "t.txt", "word\n", "m.csv", "number\n10042.0070\n",
	}
	version := func(more ...string) string {
		cfg, errs := Load(files(append(slices.Clone(base), more...)...), "")
		if errs.Fatal() {
			t.Fatal(errs)
		}
		return cfg.Rules.Version
	}
	first := version()
	if len(first) != 64 || first != version() {
		t.Fatalf("versions %s and %s", first, version())
	}
	for _, same := range [][]string{
		{"chancery.yaml", service + "# a note\n"}, {"rules.d/README", "x"}, {"other.txt", "x"},
	} {
		if version(same...) != first {
			t.Errorf("%s changes the version", same[0])
		}
	}
	seen := map[string]bool{first: true}
	for _, other := range [][]string{
		{"a.txt", "b.example\n"}, {"t.txt", "word\nmore\n"}, {"m.csv", "number\n10042.0071\n"},
		{"rules.d/10.yaml", base[1] + "# a note\n"}, {"rules.d/20.yaml", "version: 1\n"}, {"rules.d/30.yaml", "version: 1\n"},
	} {
		v := version(other...)
		if seen[v] {
			t.Errorf("%s does not change the version", other[0])
		}
		seen[v] = true
	}
}

func TestStateDirectory(t *testing.T) {
	load := func(state, dir string) string {
		cfg, _ := Load(fstest.MapFS{serviceFile: {Data: []byte(service + state)}}, dir)
		return cfg.Service.State.Dir
	}
	t.Setenv("STATE_DIRECTORY", "")
	if got := load("", "/etc/chancery"); got != DefaultStateDir {
		t.Errorf("state is in %s", got)
	}
	t.Setenv("STATE_DIRECTORY", "/var/lib/private/chancery:/var/lib/other")
	if got := load("", "/etc/chancery"); got != "/var/lib/private/chancery" {
		t.Errorf("under systemd state is in %s", got)
	}
	if got := load("state: {dir: /srv/c}\n", "/etc/chancery"); got != "/srv/c" {
		t.Errorf("where written, state is in %s", got)
	}
	if got := load("state: {dir: state}\n", "/etc/chancery"); got != "/etc/chancery/state" {
		t.Errorf("a relative folder is %s", got)
	}
}

func TestLoadDirStaysInside(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	write := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(dir, "chancery.yaml"), service)
	write(filepath.Join(dir, "rules.d/10.yaml"), "version: 1\nlists: {a: {file: lists/a.txt}, b: {file: lists/out.txt}, c: {file: lists}}\n")
	write(filepath.Join(dir, "store/a.txt"), "a.example\n")
	write(filepath.Join(outside, "out.txt"), "out.example\n")
	if err := os.MkdirAll(filepath.Join(dir, "lists"), 0o700); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"lists/a.txt": "../store/a.txt", "lists/out.txt": filepath.Join(outside, "out.txt")} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	cfg, errs := LoadDir(dir)
	if len(errs) != 2 || errs[0].Pos.Col != 43 || errs[1].Pos.Col != 69 {
		t.Errorf("problems: %v; want those of b and c: links inside the folder are fine", errs)
	}
	// A list whose file is refused keeps its name: conditions that use it are not
	// wrong as well.
	if ls := cfg.Rules.Lists; len(ls) != 3 || ls[0].Entries[0].Value != "a.example" || len(ls[1].Entries) != 0 {
		t.Errorf("lists: %+v", ls)
	}
	if cfg.Service.Dir != dir {
		t.Errorf("Dir is %s", cfg.Service.Dir)
	}
	_, errs = LoadDir(filepath.Join(dir, "absent"))
	wantProblem(t, errs.Error(), "the configuration folder does not exist")
}

func TestEverySecretKeyIsRefused(t *testing.T) {
	for _, key := range []string{"password", "Password", "passwd", "pass", "passphrase", "secret", "client_secret", "token", "access_token",
		"refresh-token", "pwd", "api_key", "imap_password"} {
		got := problemsOf(t, files("chancery.yaml", service+"extra: {deep: [{"+key+": hunter2}]}\n"))
		wantProblem(t, got, "a secret is written in the configuration")
		if strings.Contains(got, "hunter2") {
			t.Errorf("%s: the secret is repeated: %s", key, got)
		}
	}
	for _, fine := range []string{"https://cal.firm.example/a:b@c", "mail@firm.example", "a pass over the hills"} {
		if got := problemsOf(t, files("chancery.yaml", service+"note: '"+fine+"'\n")); strings.Contains(got, "password is written") {
			t.Errorf("%q is taken for a secret: %s", fine, got)
		}
	}
}

// What a hint tells people to write must be accepted.
func TestHintsAreAccepted(t *testing.T) {
	for _, hint := range []string{DefaultHours, "Tue,Thu 08:30-12:00"} {
		if !strings.Contains(hoursHint, hint) {
			t.Errorf("%q is not in the hint", hint)
		}
		if _, err := parseHours(hint); err != nil {
			t.Error(err)
		}
	}
}

// What the daemon watches: every file that was read or looked for, so that one
// that is mended or made is seen.
func TestFilesThatWereRead(t *testing.T) {
	cfg, _ := Load(files(
		"rules.d/10.yaml", "version: 1\nlists: {a: {file: lists/a.txt}, b: {file: lists/absent.txt}}\nmatters: {file: m.csv}\nmail: [{name: x, when: a, then: [note: {template: t.txt}]}]\ntests: [{mail: tests/a.eml, expect: none}]\n",
		"lists/a.txt", "a.example\n", "m.csv", "number\n10042.0070\n", "t.txt", "Subject: a\n\nb\n", "tests/a.eml", "x", "other.txt", "x",
		"users.d/a.yaml", "version: 1\n",
	), "")
	want := []string{"chancery.yaml", "lists/a.txt", "lists/absent.txt", "m.csv", "rules.d/10.yaml", "t.txt", "users.d/a.yaml"}
	if !slices.Equal(cfg.Files, want) {
		t.Errorf("files: %q, want %q", cfg.Files, want)
	}
}

// The version names what decisions depend on: files of users and templates too.
func TestVersionOfUsersAndTemplates(t *testing.T) {
	load := func(user, template string) string {
		cfg, errs := Load(files("rules.d/10.yaml", "version: 1\nmail: [{name: x, user_may: [off], mode: enforce, when: a, then: [note: {template: t.txt}]}]\n",
			"t.txt", template, "users.d/a.yaml", user), "")
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		return cfg.Rules.Version
	}
	const user, template = "version: 1\n", "Subject: a\n\nb\n"
	first := load(user, template)
	if load(user, template) != first || load("version: 1\nrules: {x: {mode: off}}\n", template) == first || load(user, "Subject: a\n\nc\n") == first {
		t.Error("the version does not follow the files")
	}
}

func TestLimitsOfUsersAndTemplates(t *testing.T) {
	rule := "version: 1\nmail: [{name: x, when: a, then: [note: {template: t.txt}]}]\n"
	wantProblem(t, problemsOf(t, files("rules.d/1.yaml", rule, "t.txt", "Subject: a\n\n"+strings.Repeat("x", MaxTemplateBytes))), "file t.txt is larger than 65536 octets")
	tests := "version: 1\ntests:\n" + many(MaxTests+1, " - {text: a, expect: none} #%d\n")
	wantProblem(t, problemsOf(t, files("rules.d/1.yaml", tests)), "more than 20000 tests in all files")
	m := files("rules.d/1.yaml", "version: 1\n")
	for i := range MaxUserFiles + 5 {
		m[fmt.Sprintf("users.d/a%04d.yaml", i)] = &fstest.MapFile{Data: []byte("version: 1\n")}
	}
	wantProblem(t, problemsOf(t, m), "users.d/a2000.yaml:1:1: warning: more than 2000 user files")
}
