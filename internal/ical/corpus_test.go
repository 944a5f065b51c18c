package ical

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

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

func TestCorpusParsesOrSaysWhere(t *testing.T) {
	counts := map[string]int{}
	for path, data := range corpusFiles(t) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		s, own, problems, f := Parse(data, testSign)
		digest := Digest(data)
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		name := filepath.Base(path)
		if took > time.Second {
			t.Errorf("%s: %v", name, took)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
			t.Errorf("%s: %d MiB", name, used>>20)
		}
		if own != nil || len(digest) != 64 {
			t.Errorf("%s: own %v, digest %q", name, own, digest)
		}
		switch {
		case f != nil:
			counts["fault "+f.Code]++
			if f.Code != faultSize && f.Place == "" {
				t.Errorf("%s: fault %v without a place", name, f)
			}
			if s.Master != nil || s.Overrides != nil {
				t.Errorf("%s: fault %v and a series", name, f)
			}
		case s.Master == nil && len(s.Overrides) == 0:
			counts["no event"]++
			if !contains(problems, NotAnEvent) {
				t.Errorf("%s: nothing read and nothing said: %v", name, problems)
			}
		default:
			counts["event"]++
			checkSeries(t, name, s.Master == nil, problems)
		}
		for _, code := range problems {
			counts["problem "+code]++
			if strings.ContainsFunc(code, func(r rune) bool { return (r < 'a' || r > 'z') && r != '-' }) {
				t.Errorf("%s: %q is no code", name, code)
			}
		}
	}
	t.Log(counts)
}

func checkSeries(t *testing.T, name string, orphan bool, problems []string) {
	t.Helper()
	if len(problems) > 30 {
		t.Errorf("%s (orphan %v): %d problems", name, orphan, len(problems))
	}
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
