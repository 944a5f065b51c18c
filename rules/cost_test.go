package rules

import (
	"fmt"
	"strings"
	"testing"

	"chancery/config"
	"chancery/internal/model"
)

func TestCost(t *testing.T) {
	tests := []struct {
		when string
		want string // "" for nothing, else a part of what is said
	}{
		{`msg.rcpts.all(a, a.is_in(lists.firm))`, ""},
		{`msg.rcpts.exists(a, a.domain() == "x.example" && !a.startsWith("x"))`, ""},
		{`msg.rcpts.filter(a, !a.is_in(lists.firm) && !a.is_in(lists.counsel)).size() > 3`, ""},
		{`msg.text.contains("a") || msg.quoted.contains("b") || msg.footer.contains("c")`, ""},
		{`msg.text.matches("(?i)\\b(invoice|fee note|bill)\\b")`, ""},
		{`terms.privilege.exists(t, t.where in ["subject", "name"] || t.where == "new" && t.at < 400)`, ""},
		{`msg.files.exists(f, f.name.lower().endsWith(".docm")) && msg.subject.lower().contains("urgent")`, ""},
		{`msg.to.map(a, a.domain()).exists(d, d == "x.example")`, ""},
		{`msg.files.exists(f, terms.privilege.exists(t, f.name.contains(t.text)))`, "warning: rule \"r\": on the largest message"},
		{`msg.text.matches("(?i)` + strings.Repeat("abcdefgh|", 30) + `x")`, "warning: rule \"r\": on the largest message"},
		{`msg.rcpts.exists(a, msg.files.exists(f, f.name == a))`, "warning: rule \"r\": on the largest message"},
		{`msg.rcpts.exists(a, msg.to.exists(b, a == b))`, "a loop over addresses inside another"},
		{`msg.to.all(a, msg.cc.exists(b, a.domain() != b.domain()))`, "a loop over addresses inside another"},
	}
	for _, tt := range tests {
		t.Run(tt.when[:min(60, len(tt.when))], func(t *testing.T) {
			_, errs := Compile(office(mailRule("r", 1, tt.when, mark("billing"))))
			got := ""
			for _, e := range errs {
				if !strings.Contains(e.Problem, "runs on every message") {
					got += e.Error() + "\n"
				}
			}
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("got %q", got)
			}
			if errs.Fatal() != (strings.HasPrefix(tt.want, "a loop")) {
				t.Errorf("fatal is %v", errs.Fatal())
			}
		})
	}
}

// What the estimate calls cheap must not be stopped while it runs.
func TestCheapIsCheap(t *testing.T) {
	for _, when := range []string{`msg.rcpts.all(a, a.is_in(lists.firm))`, `msg.rcpts.filter(a, !a.is_in(lists.firm) && !a.is_in(lists.counsel)).size() > 3`,
		`msg.text.contains("never there") || msg.text.matches("(?i)never (there|here)")`} {
		s := compiled(t, office(config.MailRule{Name: tx("r"), Mode: config.Enforce, When: ex(when), Then: []config.Then{mark("billing")}}))
		for _, r := range s.Decide(hugeLetter(), model.View{Now: now}).Reports {
			t.Errorf("%s: %s", when, r.What)
		}
	}
}

// hugeLetter has as many addresses and as much text as rules look at.
func hugeLetter() model.Change {
	return letter("s", strings.Repeat("words of a long text ", maxText/21), func(_ *model.Message, m *model.Mail) {
		for i := range maxPeople {
			m.To = append(m.To, model.Address{Addr: fmt.Sprintf("%s%d@firm.example", strings.Repeat("a", 50), i)})
		}
	})
}
