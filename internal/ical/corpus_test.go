package ical

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	goical "github.com/emersion/go-ical"

	"chancery/internal/servertest"
)

// corpusFiles returns every file of the corpus, whatever it is called: what is
// not a calendar must do no harm either.
func corpusFiles(t testing.TB) map[string][]byte {
	files := map[string][]byte{}
	for _, name := range []string{"ics-permissive", "imip-mails"} {
		root := servertest.Corpus(t, name)
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			files[path] = data
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// TestCorpus takes every file that somebody's tests were written for. The golden
// names a file by its hash and says what becomes of it in codes and counts.
func TestCorpus(t *testing.T) {
	var lines []string
	seen := map[string]bool{}
	for path, data := range corpusFiles(t) {
		name := fmt.Sprintf("%x", sha256.Sum256(data))[:16]
		if seen[name] {
			continue
		}
		seen[name] = true
		out := checkOutcome(t, filepath.Base(path), data)
		lines = append(lines, name+" "+strings.Join(strings.Fields(out.String()), " ")+"\n")
	}
	if len(lines) < 300 {
		t.Errorf("only %d files", len(lines))
	}
	slices.Sort(lines)
	golden(t, "testdata/corpus.golden", []byte(strings.Join(lines, "")))
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// TestAgreesWithGoICal reads every file that go-ical can read with both: where the
// input is well formed there is only one reading.
func TestAgreesWithGoICal(t *testing.T) {
	same := 0
	for path, data := range corpusFiles(t) {
		if len(data) > 64<<10 {
			continue
		}
		cal, err := goicalDecode(data)
		p := &problems{}
		root, f := read(data, p, true)
		if err != nil || f != nil || len(p.codes) > 0 || len(root.children) != 1 {
			continue
		}
		same++
		compareTrees(t, filepath.Base(path), root.children[0], cal.Component)
	}
	if same < 100 {
		t.Errorf("only %d files compared", same)
	}
}

func goicalDecode(data []byte) (cal *goical.Calendar, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = os.ErrInvalid
		}
	}()
	return goical.NewDecoder(bytes.NewReader(data)).Decode()
}

func compareTrees(t *testing.T, name string, a *component, b *goical.Component) {
	t.Helper()
	ours := goical.Props{}
	for _, p := range a.props {
		ours[p.Name] = append(ours[p.Name], p.Prop)
	}
	for key, theirs := range b.Props {
		for i, v := range theirs {
			if i >= len(ours[key]) {
				t.Errorf("%s: %s: %d of %d values", name, key, len(ours[key]), len(theirs))
				break
			}
			got := ours[key][i]
			same := got.Value == v.Value && len(got.Params) == len(v.Params)
			for param, values := range v.Params {
				same = same && (reflect.DeepEqual(got.Params[param], values) || strings.ContainsAny(strings.Join(values, ""), "^ "))
			}
			if !same {
				t.Errorf("%s: %s differs", name, key)
			}
		}
	}
	if len(a.children) != len(b.Children) {
		t.Fatalf("%s: %s has %d components, go-ical sees %d", name, a.name, len(a.children), len(b.Children))
	}
	for i := range a.children {
		compareTrees(t, name, a.children[i], b.Children[i])
	}
}
