package rules

import (
	"flag"
	"os"
	"strings"
	"testing"

	"chancery/config"
)

var update = flag.Bool("update", false, "rewrite golden files")

// broken are conditions with a mistake; the golden file says where and what.
var broken = []string{
	`msg.subjct == "x"`,
	`mgs.subject == "x"`,
	`terms.privilige.size() > 0`,
	`terms.privilege`,
	`msg.subject`,
	`msg.size > "3"`,
	`msg.age > "72h"`,
	`msg.age > duration("3 days")`,
	`msg.to == "a@b.example"`,
	`msg.to.contains("a@b.example")`,
	`msg.subject.matches("(")`,
	`msg.subject.matches("(?<=a)b")`,
	`msg.subject.contains("a" && true`,
	`msg.subject contains "x"`,
	`msg.from.is_in(lists.frim)`,
	`msg.from.is_in("firm.example")`,
	`x.matter.numbr == "1"`,
	`x.totl.cents > 3`,
	`x.total > 3`,
	`x.due > 3`,
	`true &&
  msg.bulk &&
  msg.lst_id != ""`,
	`terms.privilege.exists(t, t.wher == "subject")`,
	`terms.privilege.exists(t, t.where == "subjct")`,
	`terms.privilege.within("body")`,
	`msg.rcpts.exists(a, msg.rcpts.exists(b, msg.rcpts.exists(c, a == b && b == c)))`,
	`msg.from == "Someone@Firm.example"`,
	`ev.title == "x"`,
	`msg.subject.replace("a", "b") == "c"`,
	`lower(msg.subject) == "x"`,
	`msg.files.exists(f, f.nam == "x")`,
	`has(msg.subject.x)`,
	`1`,
	``,
	`"unclosed`,
	`msg.größe > 3`,
	`"ä" + msg.subjct == ""`,
}

func TestBrokenConditions(t *testing.T) {
	var b strings.Builder
	for _, source := range broken {
		b.WriteString("# " + strings.ReplaceAll(source, "\n", "\n# ") + "\n")
		s, errs := Compile(office(mailRule("r", 1, source, mark("billing"))))
		if s != nil || !errs.Fatal() {
			t.Errorf("accepted: %s", source)
		}
		b.WriteString(errs.Error() + "\n\n")
	}
	golden(t, "testdata/broken-conditions.golden", b.String())
}

func TestBrokenRules(t *testing.T) {
	then := func(when string, then ...config.Then) config.MailRule { return mailRule("r", 1, when, then...) }
	twice := then("true", mark("billing"))
	twice.Let = []config.Let{{Name: tx("msg"), Expr: ex("1")}}
	letType := then("n > 3", mark("billing"))
	letType.Let = []config.Let{{Name: tx("n"), Expr: ex(`msg.subject`)}}
	letOrder := then("a > 3", mark("billing"))
	letOrder.Let = []config.Let{{Name: tx("a"), Expr: ex(`b`)}, {Name: tx("b"), Expr: ex(`1`)}}
	unless := then("true", mark("billing"))
	unless.Unless = ex(`msg.from_nam == ""`)
	kind := then("true", mark("billing"))
	kind.Extract = []config.Extract{{Name: tx("total"), Kind: tx("date")}}
	odd := then("true", mark("billing"))
	odd.Extract = []config.Extract{{Name: tx("fee"), Kind: tx("mony")}}
	rules := []struct {
		name string
		rule config.MailRule
	}{
		{"unknown mark", then("true", mark("privilegd"))},
		{"unknown field in a path", then("true", file("Billing/{{x.matter.foldr}}"))},
		{"list in a path", then("true", file("Billing/{{x.matter.team}}"))},
		{"yes or no in a path", then("true", file("Billing/{{msg.bulk}}"))},
		{"path from the mail", then("true", file("{{msg.from_name}}/Mail"))},
		{"folder beside text", then("true", file("A{{x.matter.folder}}"))},
		{"empty part", then("true", file("Billing//x"))},
		{"part that climbs", then("true", file("Billing/../x"))},
		{"let that hides a name", twice},
		{"type through let", letType},
		{"let before its time", letOrder},
		{"unless", unless},
		{"kind of a built-in", kind},
		{"unknown kind", odd},
	}
	var b strings.Builder
	for _, r := range rules {
		b.WriteString("# " + r.name + "\n")
		if _, errs := Compile(office(r.rule)); errs.Fatal() {
			b.WriteString(errs.Error() + "\n\n")
		} else {
			t.Errorf("accepted: %s", r.name)
		}
	}
	golden(t, "testdata/broken-rules.golden", b.String())
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run with -update and read the difference. got:\n%s", path, got)
	}
}
