package rules

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// noCase are problems that no folder in testdata can have, each with the reason.
var noCase = []string{
	"prepare expressions: ", "plan expression: ", // an error of ours, not of a file
	"expression cannot be read",                                           // a panic of the library
	"may not be read", "cannot be read", "cannot be opened", "not exist$", // of disks and users: config's own tests
	// Second lines of defence: package config refuses them first.
	"matter without a number", "read number", "matches empty text", "is listed twice", "do not look as matters", "a draft needs to:", "the .* lacks",
	"to: is no address", "cannot be a name$",
	// Limits, which config/limit_test.go passes.
	"more than .* rule files", "more than .* files$", "more than .* user files", "more than .* matters", "more than .* rules", "more than .* tests", "has more than .* entries", "holidays has more than .* days", "split it, or look",
	"the file is not UTF-8", "not a CSV file", "gave up on this file", // of octets, not of words
	"the user that chancery runs as needs", "it must be a regular file",
}

// TestEveryProblemHasACase reads from the source what can be said of a
// configuration, and wants each sentence in some golden text.
func TestEveryProblemHasACase(t *testing.T) {
	var said strings.Builder
	for _, pattern := range []string{"testdata/broken/*.txtar", "testdata/*.golden", "../config/testdata/bad/*.txtar"} {
		names, _ := filepath.Glob(pattern)
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, want, ok := strings.Cut(string(text), "\n-- want --\n"); ok {
				said.WriteString(want)
			} else if strings.HasSuffix(name, ".golden") {
				said.Write(text)
			}
		}
	}
	texts := said.String()
	all := problemTexts(t, "../config/*.go", "*.go", "matter/*.go")
	if len(all) < 150 {
		t.Fatalf("only %d problems were found in the source", len(all))
	}
	missing := 0
	for _, p := range all {
		if !regexp.MustCompile(p.pattern).MatchString(texts) && !slices.ContainsFunc(noCase, func(s string) bool { return strings.Contains(p.pattern+"$", s) }) {
			missing++
			t.Errorf("%s: no case has %s", p.place, p.pattern)
		}
	}
	t.Logf("%d kinds of problems, %d without a case", len(all), missing)
}

type problemText struct{ place, pattern string }

// problemAt is which argument of these functions is the problem.
var problemAt = map[string]int{"fail": 1, "tell": 1, "refuse": 1, "problem": 2}

func problemTexts(t *testing.T, globs ...string) []problemText {
	t.Helper()
	var out []problemText
	fset := token.NewFileSet()
	add := func(e ast.Expr) {
		if p := patternOf(e); len(strings.ReplaceAll(p, ".*", "")) > 4 {
			out = append(out, problemText{fset.Position(e.Pos()).String(), p})
		}
	}
	for _, glob := range globs {
		names, _ := filepath.Glob(glob)
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(fset, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool { return problemIn(n, name, add) })
		}
	}
	return out
}

func problemIn(n ast.Node, file string, add func(ast.Expr)) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		name := ""
		switch f := n.Fun.(type) {
		case *ast.SelectorExpr:
			name = f.Sel.Name
		case *ast.Ident:
			name = f.Name
		}
		at, ok := problemAt[name]
		if name == "warn" {
			if at, ok = 1, true; !strings.Contains(file, "config") {
				at = 2
			}
		}
		if ok && len(n.Args) > at {
			add(n.Args[at])
		}
	case *ast.KeyValueExpr:
		if k, ok := n.Key.(*ast.Ident); ok && k.Name == "Problem" {
			add(n.Value)
		}
	case *ast.AssignStmt:
		for i, l := range n.Lhs {
			if id, ok := l.(*ast.Ident); ok && id.Name == "problem" && len(n.Rhs) == len(n.Lhs) {
				add(n.Rhs[i])
			}
		}
	case *ast.FuncDecl:
		if !strings.HasSuffix(n.Name.Name, "Problem") && n.Name.Name != "explain" {
			break
		}
		ast.Inspect(n, func(n ast.Node) bool {
			if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) > 0 {
				add(r.Results[0])
			}
			return true
		})
	}
	return true
}

var verb = regexp.MustCompile(`%[0-9]*[a-zA-Z]`)

// patternOf makes a regular expression of what an expression writes.
func patternOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		if err != nil {
			return ".*"
		}
		return regexp.QuoteMeta(s)
	case *ast.BinaryExpr:
		return patternOf(e.X) + patternOf(e.Y)
	case *ast.CallExpr:
		if f, ok := e.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Sprintf" {
			return verb.ReplaceAllString(patternOf(e.Args[0]), ".*")
		}
	}
	return ".*"
}
