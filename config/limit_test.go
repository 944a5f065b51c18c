package config

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// many repeats a line with its number.
func many(n int, line string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, line, i)
	}
	return b.String()
}

func TestLimits(t *testing.T) {
	rules := func(n int) string { return "version: 1\nmail:\n" + many(n, " - {name: r%d, when: a, then: [star]}\n") }
	list := "version: 1\nlists: {a: {file: a.txt}}\n"
	matters := "version: 1\nmatters: {file: m.csv, number: '\\d+'}\n"
	nest := func(n int) string {
		return "version: 1\nmail: " + strings.Repeat("[", n) + strings.Repeat("]", n) + "\n"
	}
	tests := []struct {
		name string
		in   []string
		want string // "" for no error
	}{
		{"rules at the limit", []string{"rules.d/1.yaml", rules(MaxRules)}, ""},
		{"rules above it, in two files", []string{"rules.d/1.yaml", rules(MaxRules), "rules.d/2.yaml", "version: 1\nmail: [{name: x, when: a, then: [star]}]\n"},
			"rules.d/2.yaml:2:8: more than 2000 rules in all files"},
		{"file at the limit", []string{"rules.d/1.yaml", "version: 1\n#" + strings.Repeat("x", MaxFileBytes-12)}, ""},
		{"file above it", []string{"rules.d/1.yaml", "version: 1\n#" + strings.Repeat("x", MaxFileBytes-11)}, "rules.d/1.yaml:1:1: file rules.d/1.yaml is larger than 1 MiB"},
		{"service file above it", []string{"chancery.yaml", service + "#" + strings.Repeat("x", MaxFileBytes)}, "chancery.yaml:1:1: file chancery.yaml is larger than 1 MiB"},
		{"list above it", []string{"rules.d/1.yaml", list, "a.txt", strings.Repeat("a.example\n", MaxFileBytes/10+1)}, "rules.d/1.yaml:2:19: file a.txt is larger than 1 MiB"},
		{"entries above the limit", []string{"rules.d/1.yaml", "version: 1\nterms: {a: {file: a.txt}}\n", "a.txt", strings.Repeat("ab\n", MaxEntries+1)}, "terms \"a\" has more than 100000 entries"},
		{"matters at the limit", []string{"rules.d/1.yaml", matters, "m.csv", "number\n" + many(MaxMatters, "%d\n")}, ""},
		{"matters above it", []string{"rules.d/1.yaml", matters, "m.csv", "number\n" + many(MaxMatters+1, "%d\n")}, "m.csv:200002:1: more than 200000 matters"},
		{"condition above the limit", []string{"rules.d/1.yaml", "version: 1\nmail: [{name: a, then: [star], when: '" + strings.Repeat("x", MaxExprChars+1) + "'}]\n"}, "a condition longer than 16384 characters"},
		{"holidays above it", []string{"chancery.yaml", service + "principals:\n  - name: jane\n    addresses: [jane@firm.example]\n    zone: UTC\n    billing: {holidays: {file: days.txt}}\n",
			"days.txt", strings.Repeat("2026-12-25\n", MaxHolidays+1)}, fmt.Sprintf("holidays has more than %d days", MaxHolidays)},
		{"nesting above it", []string{"rules.d/1.yaml", nest(MaxDepth + 1)}, "nested deeper than 32 levels"},
		{"nesting far above it", []string{"rules.d/1.yaml", nest(200_000)}, "nested too deeply"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, errs := Load(files(tt.in...), "")
			if tt.want == "" && errs.Fatal() {
				t.Errorf("problems: %v", errs)
			}
			if tt.want != "" {
				wantProblem(t, errs.Error(), tt.want)
			}
		})
	}
}

func TestRuleFilesAboveTheLimit(t *testing.T) {
	m := files()
	for i := range MaxRuleFiles + 5 {
		m[fmt.Sprintf("rules.d/%04d.yaml", i)] = &fstest.MapFile{Data: []byte("version: 1\n")}
	}
	if got := problemsOf(t, m); strings.Count(got, "\n") > 1 {
		t.Errorf("more than one problem: %s", got)
	} else {
		wantProblem(t, got, "rules.d/0500.yaml:1:1: more than 500 rule files")
	}
}

// One broken export must not bury the problems of other files.
func TestProblemsOfOneFileAreCounted(t *testing.T) {
	_, errs := Load(files(
		"rules.d/1.yaml", "version: 1\nlists: {a: {file: a.txt}}\nmail: [{name: a, when: b}]\n",
		"a.txt", many(5000, "not a domain %d\n"),
	), "")
	if len(errs) != MaxProblems+2 {
		t.Fatalf("%d problems, want %d of the list, one that counts the rest, one of the rule", len(errs), MaxProblems)
	}
	last := errs[MaxProblems]
	if last.Pos.Line != MaxProblems+1 || last.Problem != "4800 more problems in this file, the first of them here" {
		t.Errorf("the rest is told as %v", last)
	}
	if errs[MaxProblems+1].Rule != "a" {
		t.Errorf("the problem of the rule is %v", errs[MaxProblems+1])
	}
}

// Five lines that stand for a thousand million values must cost nothing.
func TestAliasesAreBounded(t *testing.T) {
	bomb := "version: 1\nlists:\n  a: &a [a.example]\n"
	for i := range 20 {
		bomb += fmt.Sprintf("  b%d: &b%d [*%s, *%s, *%s]\n", i, i, prev(i), prev(i), prev(i))
	}
	wantProblem(t, problemsOf(t, files("rules.d/1.yaml", bomb)), "aliases repeat more than 10000 values")

	fine := "version: 1\nlists:\n  a: &a [a.example, b.example]\n  b: *a\nmail:\n  - {name: x, when: &w a.b, then: &t [star]}\n  - {name: y, when: *w, then: *t}\n"
	cfg, errs := Load(files("rules.d/1.yaml", fine), "")
	if len(errs) > 0 || len(cfg.Rules.Lists[1].Entries) != 2 || cfg.Rules.Mail[1].When.Source != "a.b" {
		t.Errorf("aliases in their measure: %+v, %v", cfg.Rules, errs)
	}
}

func prev(i int) string {
	if i == 0 {
		return "a"
	}
	return fmt.Sprintf("b%d", i-1)
}

func TestFilesForTestsAboveTheLimit(t *testing.T) {
	m := files("rules.d/1.yaml", "version: 1\n")
	for i := range MaxRuleFiles + 5 {
		m[fmt.Sprintf("tests/lists/l%04d.txt", i)] = &fstest.MapFile{Data: []byte("a.example\n")}
	}
	got := problemsOf(t, m)
	wantProblem(t, got, "tests/lists:1:1: more than 500 files")
	wantProblem(t, got, `tests/lists/l0000.txt:1:1: there is no list "l0000" to add to`)
	if strings.Contains(got, "l0500") {
		t.Error("files above the limit are looked at")
	}
}
