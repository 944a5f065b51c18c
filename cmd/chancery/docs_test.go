package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"chancery/config"
	"chancery/internal/trial"
	"chancery/rules"
)

// The manual is held against the program: every example is loaded and compiled,
// every word of the configuration and of the conditions must have its row, every
// number is compared with its constant, every test that a promise names must be
// there, and every link must lead somewhere.

const docsDir = "../../docs"

// manual is every page by its path from the root of the repository.
func manual(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	names, err := filepath.Glob(filepath.Join(docsDir, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(names, "../../README.md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		rel, _ := filepath.Rel("../..", name)
		pages[filepath.ToSlash(rel)] = string(text)
	}
	if len(pages) < 6 {
		t.Fatalf("only %d pages found: this test looks in the wrong place", len(pages))
	}
	return pages
}

// fence is one block of code in a page.
type fence struct {
	page string
	line int
	info []string // words behind the back quotes
	text string
}

func (f fence) place() string { return fmt.Sprintf("%s:%d", f.page, f.line) }

func fences(page, text string) []fence {
	var out []fence
	var open *fence
	for i, line := range strings.Split(text, "\n") {
		rest, mark := strings.CutPrefix(line, "```")
		switch {
		case mark && open == nil:
			open = &fence{page: page, line: i + 2, info: strings.Fields(rest)}
		case mark:
			out = append(out, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	return out
}

// prose is a page without its code.
func prose(text string) string {
	inside := false
	var out []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			inside = !inside
		} else if !inside && !strings.HasPrefix(line, "    ") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

// rowsOf returns the cells of every line of a table.
func rowsOf(text string) [][]string {
	var out [][]string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		cells := tableCells(line)
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		out = append(out, cells)
	}
	return out
}

// tableCells splits at bars that stand outside of back quotes.
func tableCells(line string) []string {
	var cells []string
	code, from := false, 1
	for i := 1; i < len(line); i++ {
		switch {
		case line[i] == '`':
			code = !code
		case line[i] == '|' && !code:
			cells = append(cells, line[from:i])
			from = i + 1
		}
	}
	return cells
}

// code returns a cell's text if it is code and nothing else.
func code(cell string) (string, bool) {
	s, ok := strings.CutPrefix(cell, "`")
	if !ok || !strings.HasSuffix(s, "`") || strings.Count(cell, "`") != 2 {
		return "", false
	}
	return strings.TrimSuffix(s, "`"), true
}

// What examples may take for granted.
const (
	stubService = `version: 1
accounts:
  - {name: gc-mail, imap: {host: imap.firm.example, user: gc, password: {credential: gc}, mailboxes: [INBOX, Sent]}}
  - {name: gc-calendar, caldav: {url: "https://dav.firm.example/gc/", user: gc, password: {credential: gc-calendar}, calendars: [work, personal, holds]}}
principals:
  - {name: gc, zone: UTC, addresses: [gc@firm.example], calendars: [gc-calendar/work, gc-calendar/personal], holds: gc-calendar/holds, notes: {account: gc-mail, to: pa@firm.example}}
`
	stubWords = `version: 1
lists: {firm: [firm.example], board: [board@firm.example], hr: [people@firm.example], opposing: [x.example]}
terms: {privilege: [work product], deal: [project cider], bill: [invoice]}
marks: {restricted: {keyword: lx-2}, privileged: {keyword: lx-1}, billing: {keyword: lx-4}}
matters: {file: matters.csv}
house: {firm: firm, authserv: [mx.firm.example]}
labels: {restricted: [f42aa342-8706-4288-bd11-ebb85995028c]}
`
	stubRules = `mail:
  - {name: invoices, mode: enforce, user_may: [off, observe], when: true, then: [star]}
  - {name: filing, mode: enforce, user_may: [folder], when: true, then: [file: Filed]}
`
	stubLetter  = "Subject: a\n\nb\n"
	stubMatters = "number,client,folder\n10042.0070,Acme,Clients/Acme\n"
)

// stubPrincipal is whom the accounts of examples are for.
const stubPrincipal = "principals:\n  - {name: gc, zone: UTC, addresses: [gc@firm.example]}\n"

// compileFiles loads a configuration and compiles its rules, like check.
func compileFiles(service, rule string, more ...string) config.Errors {
	files := fstest.MapFS{
		"chancery.yaml":    {Data: []byte(service)},
		"rules.d/10.yaml":  {Data: []byte(rule)},
		"matters.csv":      {Data: []byte(stubMatters)},
		"lists/firm.txt":   {Data: []byte("firm.example\n")},
		"secrets/password": {Data: []byte("x")},

		"templates/claw-back.txt": {Data: []byte(stubLetter)},
	}
	for _, user := range more {
		files["users.d/gc-mail.yaml"] = &fstest.MapFile{Data: []byte(user)}
	}
	cfg, problems := config.Load(files, "")
	set, compiled := rules.Compile(&cfg.Rules)
	problems = append(problems, compiled...)
	if set != nil && !problems.Fatal() {
		problems = append(problems, trial.Run(cfg, set, files, trial.Options{}).Problems()...)
	}
	return problems.Sort()
}

// compileFence wraps a block by what its info string says it is; ok is false for
// a block that is none of ours.
func compileFence(f fence) (problems config.Errors, ok bool) {
	if len(f.info) < 2 || f.info[0] != "yaml" {
		return nil, false
	}
	switch f.info[1] {
	case "rules":
		return compileFiles(stubService, f.text), true
	case "rule":
		return compileFiles(stubService, stubWords+"mail:\n"+indented(f.text, "  ")), true
	case "user":
		return compileFiles(stubService, stubWords+stubRules, f.text), true
	case "service":
		return compileFiles(f.text, "version: 1\n"), true
	case "account":
		return compileFiles("version: 1\naccounts:\n"+indented(f.text, "  ")+stubPrincipal, "version: 1\n"), true
	}
	return nil, false
}

func indented(text, by string) string {
	return by + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+by) + "\n"
}

func TestManualExamplesLoad(t *testing.T) {
	good, bad := 0, 0
	for page, text := range manual(t) {
		all := fences(page, text)
		for i, f := range all {
			problems, ok := compileFence(f)
			if !ok {
				if len(f.info) > 0 && f.info[0] == "yaml" {
					t.Errorf("%s: a YAML block must say what it is: rules, rule, user, service or account", f.place())
				}
				continue
			}
			if !slices.Contains(f.info, "fails") {
				good++
				if len(problems) > 0 {
					t.Errorf("%s: %v", f.place(), problems)
				}
				continue
			}
			bad++
			if i+1 == len(all) || !slices.Equal(all[i+1].info, []string{"text"}) {
				t.Errorf("%s: no message stands below", f.place())
				continue
			}
			want := strings.TrimSpace(all[i+1].text)
			if !problems.Fatal() || !strings.Contains(problems.Error(), want) {
				t.Errorf("%s: the program says\n%v\nwant\n%s", f.place(), problems, want)
			}
		}
	}
	if good < 20 || bad < 5 {
		t.Errorf("%d examples and %d that fail were found: the blocks have lost their marks", good, bad)
	}
}
