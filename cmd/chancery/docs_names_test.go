package main

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"chancery/internal/mime"
)

var (
	limitName = regexp.MustCompile(`^[a-z]+\.[A-Za-z]+$`)
	unitsOf   = map[string]int64{
		"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "s": int64(time.Second), "min": int64(time.Minute), "h": int64(time.Hour),
		"ms": int64(time.Millisecond), "days": 24 * int64(time.Hour),
	}
)

// constants evaluates the constants of each package that need no other name than
// those of package time.
func constants(t *testing.T) map[string]int64 {
	t.Helper()
	clock := strings.NewReplacer("time.Millisecond", "1000000", "time.Second", "1000000000", "time.Minute", "60000000000", "time.Hour", "3600000000000")
	out := map[string]int64{}
	for _, s := range goFiles(t) {
		if s.test {
			continue
		}
		for _, d := range s.ast.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				for i := range v.Values {
					expr := clock.Replace(types.ExprString(v.Values[i]))
					if got, err := types.Eval(token.NewFileSet(), nil, token.NoPos, expr); err == nil && got.Value != nil {
						if n, exact := constant.Int64Val(constant.ToInt(got.Value)); exact {
							out[s.ast.Name.Name+"."+v.Names[i].Name] = n
						}
					}
				}
			}
		}
	}
	return out
}

func TestManualLimitsAreTheProgramsOwn(t *testing.T) {
	known := constants(t)
	n := 0
	for page, text := range manual(t) {
		for _, row := range rowsOf(text) {
			name, ok := code(row[len(row)-1])
			if !ok || len(row) != 3 || !limitName.MatchString(name) || strings.HasPrefix(row[1], "`") {
				continue
			}
			n++
			number, unit, _ := strings.Cut(row[1], " ")
			value, err := strconv.ParseInt(strings.ReplaceAll(number, ",", ""), 10, 64)
			factor, isUnit := unitsOf[unit]
			switch have, there := known[name]; {
			case err != nil || !isUnit:
				t.Errorf("%s: %s: %q is no value", page, row[0], row[1])
			case !there:
				t.Errorf("%s: %s: there is no constant %s", page, row[0], name)
			case have != value*factor:
				t.Errorf("%s: %s: %s is %d, the page says %s", page, row[0], name, have, row[1])
			}
		}
	}
	if n < 60 {
		t.Errorf("only %d limits were found", n)
	}
}

var testName = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z][A-Za-z0-9]*)(?:/([^`]+))?`")

// TestManualNamesTestsThatExist also wants a test for every promise.
func TestManualNamesTestsThatExist(t *testing.T) {
	have := map[string]bool{}
	var source strings.Builder
	for _, s := range goFiles(t) {
		if !s.test && s.room != "connectors/connectortest" {
			continue
		}
		source.WriteString(s.text)
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				have[f.Name.Name] = true
			}
		}
	}
	pages := manual(t)
	for page, text := range pages {
		for _, m := range testName.FindAllStringSubmatch(text, -1) {
			if !have[m[1]] {
				t.Errorf("%s names %s, which is not there", page, m[1])
			}
			if m[2] != "" && !strings.Contains(source.String(), strconv.Quote(m[2])) {
				t.Errorf("%s names the part %q of %s, which is not there", page, m[2], m[1])
			}
		}
	}
	promises := 0
	for title, section := range sections(pages["docs/promises.md"]) {
		if !regexp.MustCompile(`^\d+\. `).MatchString(title) {
			continue
		}
		promises++
		if !testName.MatchString(section) {
			t.Errorf("promise %q names no test", title)
		}
	}
	if promises < 9 {
		t.Errorf("only %d promises were found", promises)
	}
}

var codeForms = []*regexp.Regexp{
	regexp.MustCompile(`Code: +"([a-z0-9-]+)"`),
	regexp.MustCompile(`\b(?:refused|protocol|misconfigured)\("([a-z0-9-]+)"`),
	regexp.MustCompile(`refusalCode\(\w+, "([a-z0-9-]+)"\)`),
	regexp.MustCompile(`fault[A-Z]\w* += "([a-z0-9-]+)"`),
	regexp.MustCompile(`fault: +"([a-z0-9-]+)"`),
	regexp.MustCompile(`\.fault\(\w+(?:\.\w+)?, "([a-z0-9-]+)"\)`),
	regexp.MustCompile(`\bcode :?= "([a-z0-9-]+)"`),
	regexp.MustCompile(`fault :?= "([a-z0-9-]+)"`),
	regexp.MustCompile(`return \w*(?:box\{\}|b), "([a-z-]+)", nil`),
	regexp.MustCompile(`\treturn "([a-z]+(?:-[a-z]+)*)"\n`),
}

// TestManualHasEveryCode wants a row for whatever status can show as the reason
// of a failing source or a parked item.
func TestManualHasEveryCode(t *testing.T) {
	text := manual(t)["docs/operations.md"]
	documented := map[string]bool{}
	for _, row := range rowsOf(text) {
		for _, m := range regexp.MustCompile("`([a-z0-9-]+)`").FindAllStringSubmatch(row[0], -1) {
			documented[m[1]] = true
		}
	}
	found := map[string]string{}
	for _, s := range goFiles(t) {
		readers := s.file == "connectors/imap/error.go" || s.file == "connectors/imap/mark.go" || s.file == "connectors/caldav/fault.go" || s.file == "connectors/google/fault.go"
		if s.test || !slices.Contains([]string{"connectors", "connectors/imap", "connectors/caldav", "connectors/google", "internal/ical", "sync"}, s.room) && s.file != "cmd/chancery/files.go" {
			continue
		}
		for i, form := range codeForms {
			if i == len(codeForms)-1 && !readers {
				continue // elsewhere such words are no codes
			}
			for _, m := range form.FindAllStringSubmatch(s.text, -1) {
				found[m[1]] = s.file
			}
		}
	}
	if len(found) < 50 {
		t.Fatalf("only %d codes were found", len(found))
	}
	for _, c := range slices.Sorted(maps.Keys(found)) {
		if !documented[c] {
			t.Errorf("docs/operations.md has no row for the code %s (%s)", c, found[c])
		}
	}
	for _, c := range slices.Sorted(maps.Keys(advices)) {
		if !documented[c] {
			t.Errorf("docs/operations.md has no row for the code %s, for which there is advice", c)
		}
	}
	for _, c := range slices.Sorted(maps.Keys(mime.Problems)) {
		if !documented[c] && !strings.HasPrefix(c, "duplicate-") {
			t.Errorf("docs/operations.md has no row for the repair %s", c)
		}
	}
}

// TestManualHasEveryState compares the states of sources.
func TestManualHasEveryState(t *testing.T) {
	text := sections(manual(t)["docs/operations.md"])["states"]
	states := []string{"starting", "connecting", "working", "following", "taken-over"}
	for _, s := range goFiles(t) {
		if s.file == "connectors/error.go" {
			for _, m := range regexp.MustCompile(`\t\treturn "([a-z]+)"`).FindAllStringSubmatch(s.text, -1) {
				states = append(states, m[1])
			}
		}
	}
	if len(states) < 10 {
		t.Fatalf("states: %v", states)
	}
	for _, s := range states {
		if !strings.Contains(text, "| `"+s+"` |") {
			t.Errorf("docs/operations.md does not explain the state %s", s)
		}
	}
}

// TestManualNamesEveryTable compares what the journal keeps with its schema.
func TestManualNamesEveryTable(t *testing.T) {
	files, err := filepath.Glob("../../sync/journal/migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no migrations: %v", err)
	}
	text := manual(t)["docs/promises.md"]
	for _, name := range files {
		sql, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`create table (\w+)`).FindAllSubmatch(sql, -1) {
			if !strings.Contains(text, "| `"+string(m[1])+"` |") {
				t.Errorf("docs/promises.md does not say what table %s holds", m[1])
			}
		}
	}
}
