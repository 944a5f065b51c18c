package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mayImport is the table of rooms: what each may import of ours. Tests may
// import test support besides.
var mayImport = map[string][]string{
	"internal/model":           {},
	"config":                   {},
	"deploy":                   {},
	"internal/cred":            {"config"},
	"connectors":               {"internal/model"},
	"internal/filetext":        {"internal/model"},
	"internal/pdf":             {"internal/filetext"},
	"internal/mime":            {"internal/model", "internal/filetext", "internal/ical", "connectors"},
	"internal/ical":            {"internal/model", "connectors"},
	"rules/text":               {"internal/model"},
	"rules/matter":             {"config", "internal/model", "rules/text"},
	"rules/billing":            {"config", "internal/model", "rules/text"},
	"rules/agenda":             {"internal/model", "config"},
	"rules/billdesk":           {"internal/model", "rules/billing"},
	"rules":                    {"config", "internal/model", "rules/text", "rules/matter", "rules/billing", "rules/agenda", "rules/billdesk"},
	"connectors/imap":          {"connectors", "internal/model", "internal/cred", "internal/mime", "internal/filetext"},
	"connectors/caldav":        {"connectors", "internal/model", "internal/cred", "internal/ical"},
	"connectors/google":        {"connectors", "internal/model", "internal/cred", "internal/ical"},
	"connectors/connectortest": {"connectors", "internal/model", "internal/mime", "internal/ical", "internal/servertest"},
	"internal/servertest":      {},
	"sync/journal":             {"internal/model"},
	"sync":                     {"connectors", "internal/model", "rules", "rules/agenda", "rules/billdesk", "sync/journal"},
	"internal/trial":           {"config", "rules", "internal/model", "internal/mime", "internal/ical", "internal/filetext"},
	"internal/demo":            {"config", "internal/model", "internal/mime", "internal/ical"},
	"cmd/chancery":             nil, // all
}

// pureMayNot lists what a room that only decides can have no use for.
var pureMayNot = []string{"net", "net/http", "os", "io/fs", "log", "log/slog", "math/rand", "math/rand/v2", "crypto/rand", "os/exec", "syscall"}

type source struct {
	room, file string
	test       bool
	ast        *ast.File
	text       string
}

// goFiles parses every Go file of the repository.
func goFiles(t *testing.T) []source {
	t.Helper()
	root := "../.."
	var out []source
	err := filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && p != root) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, text, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		out = append(out, source{path.Dir(filepath.ToSlash(rel)), filepath.ToSlash(rel), strings.HasSuffix(p, "_test.go"), f, string(text)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 50 {
		t.Fatalf("only %d files found: this test looks in the wrong place", len(out))
	}
	return out
}

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	for _, s := range goFiles(t) {
		allowed, known := mayImport[s.room]
		if !known {
			t.Errorf("%s: room %q is not in the table", s.file, s.room)
			continue
		}
		for _, spec := range s.ast.Imports {
			name := strings.Trim(spec.Path.Value, `"`)
			ours, is := strings.CutPrefix(name, "chancery/")
			switch {
			case is && strings.HasPrefix(ours, "cmd/"):
				t.Errorf("%s imports %s: nobody imports cmd", s.file, ours)
			case is && !s.test && s.room != "connectors/connectortest" && (ours == "internal/servertest" || ours == "connectors/connectortest"):
				t.Errorf("%s: test support must not be linked into the binary", s.file)
			case is && !s.test && allowed != nil && !slices.Contains(allowed, ours):
				t.Errorf("%s may not import %s", s.file, ours)
			case !s.test && strings.HasPrefix(s.room, "rules") && slices.Contains(pureMayNot, name):
				t.Errorf("%s imports %s: rules are pure", s.file, name)
			}
		}
		if !s.test && strings.HasPrefix(s.room, "rules") && regexp.MustCompile(`\btime\.(Now|Since|Until|Sleep|After|Tick|NewTimer|LoadLocation)\b`).MatchString(s.text) {
			t.Errorf("%s reads a clock or the file system through package time: rules are pure", s.file)
		}
	}
}

func TestOneRoomKnowsTheIMAPLibrary(t *testing.T) {
	for _, s := range goFiles(t) {
		for _, spec := range s.ast.Imports {
			name := strings.Trim(spec.Path.Value, `"`)
			if strings.HasSuffix(name, "/imapclient") && s.room != "connectors/imap" && !s.test {
				t.Errorf("%s imports %s: only connectors/imap may", s.file, name)
			}
		}
	}
}

func TestEveryRoomIsDocumented(t *testing.T) {
	doc := map[string]bool{}
	for _, s := range goFiles(t) {
		if !s.test {
			doc[s.room] = doc[s.room] || s.ast.Doc != nil && len(s.ast.Doc.Text()) > 40
		}
		for _, d := range s.ast.Decls {
			if !s.test && undocumented(d) {
				t.Errorf("%s: exported declaration without a comment: %s", s.file, declName(d))
			}
		}
	}
	for room, ok := range doc {
		if !ok {
			t.Errorf("room %s has no package comment", room)
		}
	}
}

func undocumented(d ast.Decl) bool {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Recv == nil && d.Name.IsExported() && d.Doc == nil
	case *ast.GenDecl:
		if d.Tok != token.TYPE || d.Doc != nil {
			return false
		}
		return slices.ContainsFunc(d.Specs, func(s ast.Spec) bool {
			ts, ok := s.(*ast.TypeSpec)
			return ok && ts.Name.IsExported() && ts.Doc == nil
		})
	}
	return false
}

func declName(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Name.Name
	case *ast.GenDecl:
		if len(d.Specs) > 0 {
			if ts, ok := d.Specs[0].(*ast.TypeSpec); ok {
				return ts.Name.Name
			}
		}
	}
	return "?"
}

// A citation without a section sends the reader into 80 pages: a comment that
// obeys an RFC says which section. Naming a format ("an RFC 5322 message", "beyond
// RFC 9051") is no citation; it is told apart by the words "by", "see" and "(RFC".
func TestCitationsNameASection(t *testing.T) {
	cite := regexp.MustCompile(`(?:\(|[Bb]y |[Ss]ee |^)RFC \d{3,5}`)
	good := regexp.MustCompile(`^\W?(?:[Bb]y |[Ss]ee )?RFC \d{3,5},? (sections?|appendix) [0-9A-Z]|^\W?(?:[Bb]y |[Ss]ee )?RFC \d{3,5} (has|allows|knows|permits|says)`)
	for _, s := range goFiles(t) {
		if path.Base(s.file) == "doc.go" {
			continue // a package may say which RFCs it is about
		}
		for _, group := range s.ast.Comments {
			text := strings.Join(strings.Fields(group.Text()), " ")
			for _, at := range cite.FindAllStringIndex(text, -1) {
				if !good.MatchString(text[at[0]:]) {
					t.Errorf("%s: %q without a section", s.file, text[at[0]:min(at[1]+20, len(text))])
				}
			}
		}
	}
}

func TestFilesHoldOneIdea(t *testing.T) {
	const longest = 500
	for _, s := range goFiles(t) {
		if n := strings.Count(s.text, "\n"); n > longest && !s.test {
			t.Errorf("%s has %d lines, %d at most", s.file, n, longest)
		}
	}
}

// The repository speaks of the product alone.
func TestNoMachinePaths(t *testing.T) {
	for _, s := range goFiles(t) {
		if strings.HasSuffix(s.file, "arch_test.go") {
			continue
		}
		for _, bad := range []string{"/work/main", "/work/shared", "/root/", "proxy.golang"} {
			if strings.Contains(s.text, bad) {
				t.Errorf("%s names %s", s.file, bad)
			}
		}
	}
}
