package main

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"chancery/config"
)

var updateSchema = flag.Bool("update", false, "rewrite the schemas")

const schemaDir = "../../config/example/schema"

// TestSchemaIsTheManuals compares the shipped schemas with what the tables and
// the manual make; go test -run Schema -update writes them.
func TestSchemaIsTheManuals(t *testing.T) {
	for name := range schemaFiles {
		path := filepath.Join(schemaDir, name+".json")
		want := makeSchema(t, name)
		if *updateSchema {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the manual says; run go test ./cmd/chancery -run Schema -update (%v)", path, err)
		}
	}
}

// TestSchemaHasEveryKey holds the tables against what package config reads.
func TestSchemaHasEveryKey(t *testing.T) {
	read := keysOfConfig(t)
	for what, keys := range read {
		s, ok := shapes[what]
		if !ok {
			t.Errorf("there is no shape for %s", what)
			continue
		}
		for _, k := range keys {
			if s.keys[k] == nil {
				t.Errorf("the shape of %s has no %s", what, k)
			}
		}
		for k := range s.keys {
			if !slices.Contains(keys, k) {
				t.Errorf("the shape of %s has %s, which is not read", what, k)
			}
		}
	}
	for what, s := range shapes {
		if read[what] == nil && what != "an action" {
			t.Errorf("%s is not read", what)
		}
		if len(s.keys) == 0 {
			t.Errorf("%s is empty", what)
		}
	}
}

func schemas(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	out := map[string]*jsonschema.Schema{}
	for name := range schemaFiles {
		text, err := fs.ReadFile(config.Example(), "schema/"+name+".json")
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		c := jsonschema.NewCompiler()
		if err := c.AddResource(name+".json", doc); err != nil {
			t.Fatal(err)
		}
		if out[name], err = c.Compile(name + ".json"); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// schemaOf says which schema a file of the configuration folder has.
func schemaOf(name string) string {
	switch {
	case name == "chancery.yaml":
		return "service"
	case strings.HasPrefix(name, "rules.d/") && strings.HasSuffix(name, ".yaml"):
		return "rules"
	case strings.HasPrefix(name, "users.d/") && strings.HasSuffix(name, ".yaml"):
		return "users"
	}
	return ""
}

// plainValue is a YAML file as an editor sees it.
func plainValue(text []byte) (v any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("read YAML: %v", r)
		}
	}()
	err = yaml.Unmarshal(text, &v)
	return withoutTimes(v), err
}

// withoutTimes makes texts of times, as JSON has none.
func withoutTimes(v any) any {
	switch v := v.(type) {
	case time.Time:
		return v.Format(time.RFC3339)
	case map[string]any:
		for k, e := range v {
			v[k] = withoutTimes(e)
		}
	case []any:
		for i, e := range v {
			v[i] = withoutTimes(e)
		}
	}
	return v
}

func TestSchemaAcceptsWhatIsGood(t *testing.T) {
	all, n := schemas(t), 0
	check := func(place, kind string, text []byte) {
		n++
		v, err := plainValue(text)
		if err != nil {
			t.Errorf("%s: %v", place, err)
		} else if err := all[kind].Validate(v); err != nil {
			t.Errorf("%s: %v", place, err)
		}
	}
	if err := fs.WalkDir(config.Example(), ".", func(name string, d fs.DirEntry, err error) error {
		if kind := schemaOf(name); err == nil && kind != "" {
			text, _ := fs.ReadFile(config.Example(), name)
			check(name, kind, text)
			up := strings.Repeat("../", strings.Count(name, "/"))
			if want := "# yaml-language-server: $schema=" + up + "schema/" + kind + ".json\n"; !bytes.HasPrefix(text, []byte(want)) {
				t.Errorf("%s does not begin with %s", name, want)
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for page, text := range manual(t) {
		for _, f := range fences(page, text) {
			if len(f.info) < 2 || f.info[0] != "yaml" || slices.Contains(f.info, "fails") {
				continue
			}
			switch f.info[1] {
			case "rules":
				check(f.place(), "rules", []byte(f.text))
			case "rule":
				check(f.place(), "rules", []byte("version: 1\nmail:\n"+indented(f.text, "  ")))
			case "user":
				check(f.place(), "users", []byte(f.text))
			case "service":
				check(f.place(), "service", []byte(f.text))
			case "account":
				check(f.place(), "service", []byte("version: 1\naccounts:\n"+indented(f.text, "  ")))
			}
		}
	}
	for _, path := range archives(t, "good") {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			if kind := schemaOf(f.Name); kind != "" {
				check(path+":"+f.Name, kind, f.Data)
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d files were looked at", n)
	}
}

func archives(t *testing.T, kind string) []string {
	t.Helper()
	paths, err := filepath.Glob("../../config/testdata/" + kind + "/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives, %v", err)
	}
	return paths
}

// What an editor can see of mistakes it must see: unknown keys, wrong types,
// words that are none.
func TestSchemaRefusesWhatIsBad(t *testing.T) {
	all, seen := schemas(t), 0
	for _, path := range archives(t, "bad") {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{} // files with a problem that a schema must see
		for _, f := range a.Files {
			if f.Name != "want" {
				continue
			}
			for line := range strings.Lines(string(f.Data)) {
				file, _, _ := strings.Cut(line, ":")
				if strings.Contains(line, ": unknown key ") || strings.Contains(line, "expected a list, found text") || strings.Contains(line, "expected true or false, found text") ||
					strings.Contains(line, ": unknown mode ") || strings.Contains(line, ": unknown Apple colour ") || strings.Contains(line, ": unknown tls ") {
					want[file] = true
				}
			}
		}
		for _, f := range a.Files {
			kind := schemaOf(f.Name)
			if kind == "" || !want[f.Name] {
				continue
			}
			v, err := plainValue(f.Data)
			if err != nil {
				continue // an editor tells that anyway
			}
			seen++
			if all[kind].Validate(v) == nil {
				t.Errorf("%s: %s is good to the schema", path, f.Name)
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d files were looked at", seen)
	}
}
