package config

import (
	"strings"
	"testing"
	"testing/fstest"
)

// Each case is the value of when: in a rule. The mark « stands before the
// character whose place is asked for; it is taken out of the file before it is
// read, and what follows it is looked for in the expression.
func TestExprAt(t *testing.T) {
	tests := []struct{ name, yaml string }{
		{"plain", "when: msg.from «&& b"},
		{"plain, first character", "when: «msg.from"},
		{"single quotes", "when: 'msg.from «&& b'"},
		{"single quotes, first character", "when: '«msg.from'"},
		{"single quotes, doubled", "when: 'a == ''x'' «&& b'"},
		{"double quotes", `when: "msg.from «&& b"`},
		{"double quotes, escapes", `when: "a == \"x\" «&& b"`},
		{"double quotes, number escapes", `when: "a == '\u00e4\x41' «&& b"`},
		{"double quotes, escaped backslash", `when: "a.matches('\\d') «&& b"`},
		{"wide letters", "when: 'a == \"äöü\" «&& b'"},
		{"plain on two lines", "when: a &&\n      «b"},
		{"plain on three lines", "when: a &&\n      b &&\n        «c"},
		{"single quotes on two lines", "when: 'a &&\n      «b'"},
		{"double quotes on two lines", "when: \"a &&\n      «b\""},
		{"double quotes, hidden line end", "when: \"a && \\\n      «b\""},
		{"literal, first line", "when: |\n      «a &&\n      b"},
		{"literal, in the first line", "when: |\n      a «&& b"},
		{"literal, second line", "when: |\n      a &&\n      «b"},
		{"literal, deeper line", "when: |\n      a &&\n          «b"},
		{"literal after blank lines", "when: |\n\n\n      a &&\n      «b"},
		{"literal with a blank line", "when: |\n      a &&\n\n      «b"},
		{"literal with indentation written", "when: |2\n        a &&\n      «b"},
		{"literal, stripped", "when: |-\n      a &&\n      «b"},
		{"literal, comment behind the bar", "when: | # why\n      a &&\n      «b"},
		{"literal with quotes in it", "when: |\n      a == \"\\\"x\" &&\n      «b"},
		{"folded, first line", "when: >\n      a «&& b"},
		{"folded, second line", "when: >\n      a &&\n      «b"},
		{"folded, third line", "when: >-\n      a &&\n      b && c &&\n      d «&& e"},
		{"folded, deeper line", "when: >\n      a &&\n        «b &&\n      c"},
		{"folded, after a blank line", "when: >\n      a &&\n\n      «b"},
		{"with an anchor", "when: &w a «&& b"},
		{"with an anchor and quotes", "when: &w 'a «&& b'"},
		{"with a tag", "when: !!str a «&& b"},
		{"literal with an anchor", "when: &w |\n      a &&\n      «b"},
		{"on the next line", "when:\n      a «&& b"},
		{"in a flow mapping", "extract: {}\n    when: a «&& b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := "version: 1\nmail:\n  - name: x\n    then: [star]\n    " + tt.yaml + "\n"
			want := findMark(text)
			text = strings.Replace(text, "«", "", 1)
			e := onlyRule(t, text).When
			checkAt(t, e, text, want)
		})
	}
}

// findMark gives the place of « in a text.
func findMark(text string) Pos {
	before, _, _ := strings.Cut(text, "«")
	line := strings.Count(before, "\n") + 1
	last := before[strings.LastIndex(before, "\n")+1:]
	return Pos{"rules.d/10.yaml", line, len([]rune(last)) + 1}
}

func onlyRule(t *testing.T, text string) MailRule {
	t.Helper()
	cfg, errs := Load(fstest.MapFS{
		"chancery.yaml":   {Data: []byte("version: 1\naccounts:\n  - {name: a, imap: {host: h, user: u, password: {credential: c}}}\n")},
		"rules.d/10.yaml": {Data: []byte(text)},
	}, "")
	if len(errs) > 0 || len(cfg.Rules.Mail) != 1 {
		t.Fatalf("%d rules, errors: %v", len(cfg.Rules.Mail), errs)
	}
	return cfg.Rules.Mail[0]
}

// checkAt asks for every character of the expression and compares with the
// character that stands there in the file; one of them must be at want.
func checkAt(t *testing.T, e Expr, text string, want Pos) {
	t.Helper()
	lines, met := strings.Split(text, "\n"), false
	for i, line := range strings.Split(e.Source, "\n") {
		for j, r := range []rune(line) {
			p := e.At(i+1, j+1)
			if p == want {
				met = true
			}
			if blank(r) {
				continue
			}
			there := []rune(lines[p.Line-1])
			if p.Col > len(there) || there[p.Col-1] != r && there[p.Col-1] != '\\' {
				t.Errorf("%q of line %d col %d is said to be at %s, where the file has %q", r, i+1, j+1, p, lines[p.Line-1])
			}
		}
	}
	if first := e.At(1, 1); first != e.Pos {
		t.Errorf("At(1, 1) = %s, Pos = %s", first, e.Pos)
	}
	if !met {
		t.Errorf("no character of %q is at %s", e.Source, want)
	}
}

func TestExprIndent(t *testing.T) {
	e := onlyRule(t, "version: 1\nmail:\n  - name: x\n    then: [star]\n    when: |\n      a &&\n        b\n").When
	if e.Indent != 6 || e.Pos.Line != 6 || e.Pos.Col != 7 || e.runs != nil {
		t.Errorf("literal block: %+v, want indent 6 at 6:7 and no table", e)
	}
	if e.Source != "a &&\n  b" {
		t.Errorf("source is %q", e.Source)
	}
}

// A place beyond the text must stay near it: an error at the end of an
// expression points one past its last character.
func TestExprAtEnds(t *testing.T) {
	for _, text := range []string{"when: 'a == ''x'''", "when: >\n      a &&\n      b", "when: a &&\n      b"} {
		e := onlyRule(t, "version: 1\nmail:\n  - name: x\n    then: [star]\n    "+text+"\n").When
		for _, at := range [][2]int{{0, 0}, {-1, 5}, {1, 1000}, {99, 1}} {
			if p := e.At(at[0], at[1]); p.Line < 5 || p.Col < 1 {
				t.Errorf("%q: At(%d, %d) = %s", text, at[0], at[1], p)
			}
		}
	}
}

func TestTemplateParts(t *testing.T) {
	tests := []struct {
		text string // with « before each expression
		want []string
	}{
		{`file: "Billing/{{«x.matter.client}}/{{ «x.matter.number }}"`, []string{"Billing/", "=x.matter.client", "/", "=x.matter.number"}},
		{`file: Billing`, []string{"Billing"}},
		{`file: '{{«a}}'`, []string{"=a"}},
		{`file: '{{«a}}{{«b}}'`, []string{"=a", "=b"}},
		{`file: "{{«{\"a\": {\"b\": 1}}[\"a\"]}}"`, []string{`={"a": {"b": 1}}["a"]`}},
		{`file: '{{«a == "}}" ? "x" : "{{"}}'`, []string{`=a == "}}" ? "x" : "{{"`}},
		{`file: 'äö/{{«x.a + ''/''}}b'`, []string{"äö/", "=x.a + '/'", "b"}},
		{"file: >-\n          Billing/{{«x.a}}", []string{"Billing/", "=x.a"}},
	}
	for _, tt := range tests {
		text := "version: 1\nmail:\n  - name: x\n    when: true\n    then:\n      - " + tt.text + "\n"
		var marks []Pos
		for strings.Contains(text, "«") {
			marks = append(marks, findMark(text))
			text = strings.Replace(text, "«", "", 1)
		}
		r := onlyRule(t, text)
		var got []string
		for _, p := range r.Then[0].File.Parts {
			if p.Expr == nil {
				got = append(got, p.Literal)
				continue
			}
			got = append(got, "="+p.Expr.Source)
			if p.Expr.Pos != marks[0] {
				t.Errorf("%s: %q is at %s, want %s", tt.text, p.Expr.Source, p.Expr.Pos, marks[0])
			}
			checkAt(t, *p.Expr, text, marks[0])
			marks = marks[1:]
		}
		if strings.Join(got, "|") != strings.Join(tt.want, "|") {
			t.Errorf("%s: parts %q, want %q", tt.text, got, tt.want)
		}
	}
}
