package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"chancery/config"
)

// fieldRow is a field that conditions read, with the words our tables begin it by.
var fieldRow = regexp.MustCompile(`^(msg|ev|x|t|f|x\.matter|x\.total|msg\.thread|msg\.auth|msg\.invite|msg\.bill)\.[a-z_]+$`)

func TestManualConditionsCompile(t *testing.T) {
	text := manual(t)["docs/rules.md"]
	n := 0
	for _, row := range rowsOf(text) {
		word, isCode := code(row[0])
		function := strings.HasPrefix(row[0], "`.") || strings.HasPrefix(row[0], "`in`") || strings.HasPrefix(row[0], "`duration") || strings.HasPrefix(row[0], "`timestamp")
		if !function && !(isCode && fieldRow.MatchString(word)) {
			continue
		}
		condition, ok := code(row[len(row)-1])
		if !ok {
			t.Errorf("%s has no example", row[0])
			continue
		}
		n++
		quoted := "'" + strings.ReplaceAll(condition, "'", "''") + "'"
		rule := stubWords + "mail:\n  - {name: r, when: " + quoted + ", then: [star: true]}\n"
		if strings.HasPrefix(word, "ev.") {
			rule = stubWords + "calendar:\n  ranks:\n    - {name: r, rank: 1, when: " + quoted + "}\n"
		}
		if problems := compileFiles(stubService, rule); problems.Fatal() {
			t.Errorf("%s: %s: %v", row[0], condition, problems)
		}
		if isCode && fieldRow.MatchString(word) && !strings.Contains(condition, word) {
			t.Errorf("the example of %s does not use it: %s", word, condition)
		}
	}
	if n < 70 {
		t.Errorf("only %d conditions were found", n)
	}
}

// fieldsOfRules reads from the source which fields conditions can ask for: the
// keys of each newKind, and what x always has.
func fieldsOfRules(t *testing.T) map[string]bool {
	t.Helper()
	prefix := map[string]string{"message": "msg", "file": "f", "hit": "t", "thread": "msg.thread", "matter": "x.matter", "money": "x.total", "event": "ev", "authentication": "msg.auth", "invitation": "msg.invite", "bill": "msg.bill"}
	out := map[string]bool{"x.ledes": true}
	keys := func(lit ast.Expr, under string) {
		c, ok := lit.(*ast.CompositeLit)
		if !ok {
			return
		}
		for _, e := range c.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				out[under+"."+unquoted(kv.Key)] = true
			}
		}
	}
	found := 0
	for _, s := range goFiles(t) {
		if s.room != "rules" || s.test {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				name, ok := n.Fun.(*ast.Ident)
				if ok && name.Name == "newKind" && len(n.Args) == 2 && prefix[unquoted(n.Args[0])] != "" {
					found++
					keys(n.Args[1], prefix[unquoted(n.Args[0])])
				}
			case *ast.ValueSpec:
				if n.Names[0].Name == "builtin" && len(n.Values) == 1 {
					found++
					keys(n.Values[0], "x")
				}
			}
			return true
		})
	}
	if found != len(prefix)+1 || len(out) < 50 {
		t.Fatalf("%d kinds with %d fields found in package rules: this test looks in the wrong place", found, len(out))
	}
	return out
}

func unquoted(e ast.Expr) string {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		s, _ := strconv.Unquote(lit.Value)
		return s
	}
	return ""
}

func TestManualHasEveryField(t *testing.T) {
	fields := fieldsOfRules(t)
	documented := map[string]bool{}
	text := manual(t)["docs/rules.md"]
	for _, row := range rowsOf(text) {
		if word, ok := code(row[0]); ok && fieldRow.MatchString(word) {
			documented[word] = true
		}
	}
	for _, f := range slices.Sorted(maps.Keys(fields)) {
		if !documented[f] {
			t.Errorf("docs/rules.md has no row for %s", f)
		}
	}
	for _, f := range slices.Sorted(maps.Keys(documented)) {
		if !fields[f] {
			t.Errorf("docs/rules.md has a row for %s, which is not there", f)
		}
	}
	for _, s := range goFiles(t) {
		if s.room == "rules" && strings.HasSuffix(s.file, "/problem.go") {
			list := regexp.MustCompile(`(?s)functionNames = \[\]string\{(.*?)\}`).FindStringSubmatch(s.text)
			if list == nil {
				t.Fatal("no list of functions in rules/problem.go")
			}
			for _, name := range regexp.MustCompile(`"(\w+)"`).FindAllStringSubmatch(list[1], -1) {
				if !strings.Contains(text, name[1]) {
					t.Errorf("docs/rules.md does not speak of the function %s", name[1])
				}
			}
		}
	}
}

// keysOfConfig reads from the source which keys each mapping takes: the calls of
// block.
func keysOfConfig(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, s := range goFiles(t) {
		if s.room != "config" || s.test {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 3 {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); !ok || sel.Sel.Name != "block" {
				return true
			}
			what := unquoted(call.Args[1])
			if what == "" {
				what = "chancery.yaml"
				if id, ok := call.Args[1].(*ast.Ident); ok && id.Name != "serviceFile" {
					what = "lists" // a list or set of terms in a file of its own
				}
			}
			for _, a := range call.Args[2:] {
				out[what] = append(out[what], unquoted(a))
			}
			return true
		})
	}
	if len(out) < 15 {
		t.Fatalf("%d mappings found in package config: this test looks in the wrong place", len(out))
	}
	return out
}

var heading = regexp.MustCompile(`(?m)^#{1,6} (.*)$`)

// sections cuts a page at its headings.
func sections(text string) map[string]string {
	out := map[string]string{}
	at := heading.FindAllStringSubmatchIndex(text, -1)
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		out[strings.ToLower(text[m[2]:m[3]])] = text[m[1]:end]
	}
	return out
}

func TestManualHasEveryKey(t *testing.T) {
	pages := manual(t)
	all := sections(pages["docs/configuration.md"])
	maps.Copy(all, sections(pages["docs/rules.md"]))
	all["a reference to a secret"] = all["secrets"]
	for what, keys := range keysOfConfig(t) {
		section, ok := all[what]
		if !ok {
			t.Errorf("no section has the heading %q", what)
			continue
		}
		var have []string
		for _, row := range rowsOf(section) {
			if word, ok := code(row[0]); ok {
				have = append(have, word)
			}
		}
		for _, k := range keys {
			if !slices.Contains(have, k) {
				t.Errorf("section %q has no row for %s", what, k)
			}
		}
		for _, k := range have {
			if !slices.Contains(keys, k) && !strings.Contains(k, ".") {
				t.Errorf("section %q has a row for %s, which is not there", what, k)
			}
		}
	}
}

func TestManualDefaultsAreTheProgramsOwn(t *testing.T) {
	all := sections(manual(t)["docs/configuration.md"])
	maps.Copy(all, sections(manual(t)["docs/rules.md"]))
	short := func(d time.Duration) string {
		if d%(24*time.Hour) == 0 {
			return fmt.Sprintf("%dd", d/(24*time.Hour))
		}
		if d == time.Minute {
			return "60s"
		}
		return strings.TrimSuffix(d.String(), "0s")
	}
	for _, c := range []struct{ section, key, value string }{
		{"imap", "port", strconv.Itoa(config.DefaultPortTLS)},
		{"imap", "port", strconv.Itoa(config.DefaultPortClear)},
		{"imap", "tls", string(config.Implicit)},
		{"imap", "mailboxes", config.DefaultMailbox},
		{"imap", "first_sync", config.DefaultFirstSync},
		{"imap", "poll", short(config.DefaultMailPoll)},
		{"imap", "auth", config.DefaultAuth},
		{"imap", "grace", strings.TrimSuffix(config.DefaultGrace.String(), "0s")},
		{"brake", "moves", strconv.Itoa(config.DefaultBrakeMoves)},
		{"brake", "percent", strconv.Itoa(config.DefaultBrakePercent)},
		{"caldav", "poll", short(config.DefaultCalendarPoll)},
		{"a principal", "hours", config.DefaultHours},
		{"notes", "mailbox", config.DefaultMailbox},
		{"a billing desk", "notes", config.DefaultBillingNotes},
		{"a billing desk", "day", strings.ToLower(config.DefaultBillingDay.String())},
		{"a billing desk", "at", config.DefaultBillingAt},
		{"a billing desk", "due_before", strconv.Itoa(config.DefaultDueBefore)},
		{"a billing desk", "prebill_after", strings.TrimSuffix(config.DefaultPrebillAfter.String(), "0m0s")},
		{"state", "dir", config.DefaultStateDir},
		{"state", "journal", config.DefaultJournal},
		{"defaults", "mode", string(config.DefaultMode)},
		{"matters", "number", config.DefaultNumber},
		{"conflicts", "horizon", short(config.DefaultHorizon)},
		{"conflicts", "alternatives", strconv.Itoa(config.DefaultAlternatives)},
		{"conflicts", "resolve", config.DefaultResolve},
	} {
		found := false
		for _, row := range rowsOf(all[c.section]) {
			if word, _ := code(row[0]); word == c.key && len(row) > 2 {
				found = strings.Contains(row[2], c.value)
			}
		}
		if !found {
			t.Errorf("section %q: the default of %s is %s", c.section, c.key, c.value)
		}
	}
}
