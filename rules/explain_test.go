package rules

import (
	"fmt"
	"strings"
	"testing"

	"chancery/config"
	"chancery/internal/model"
)

// told writes verdicts for comparison.
func told(vs []Verdict) string {
	var b strings.Builder
	for _, v := range vs {
		fmt.Fprintf(&b, "%s %s matched=%v\n", v.Rule, v.Outcome, v.Matched)
		d := v.Detail.Reveal()
		for _, p := range d.Parts {
			fmt.Fprintf(&b, "  %s %s %s = %s\n", p.Clause, p.Place, p.Text, p.Value)
		}
		for _, w := range d.Words {
			fmt.Fprintf(&b, "  word %s\n", w)
		}
		for _, x := range d.Values {
			fmt.Fprintf(&b, "  %s = %s\n", x.Name, x.Value)
		}
		for _, w := range d.Would {
			fmt.Fprintf(&b, "  would %s\n", w)
		}
		if d.Error != "" {
			fmt.Fprintf(&b, "  error %s\n", d.Error)
		}
	}
	return b.String()
}

func TestExplain(t *testing.T) {
	outside := mailRule("outside", 9, `strangers.size() > 0 &&
  terms.privilege.exists(t, t.where == "subject")`, mark("privileged"), file("Billing/{{x.matter.client}}"))
	outside.Let = []config.Let{{Name: tx("strangers"), Expr: ex(`msg.rcpts.filter(a, !a.is_in(lists.firm))`)}}
	quiet := mailRule("quiet", 8, `msg.size > 5`, mark("billing"))
	quiet.Unless = ex(`msg.bulk || msg.from.is_in(lists.counsel)`)
	elsewhere := mailRule("elsewhere", 7, `msg.size > 0`, mark("billing"))
	elsewhere.Folders = txs("Sent")
	last := mailRule("last", 6, `msg.size > 0`, mark("billing"))
	last.Stop = true
	broken := mailRule("broken", 8, `msg.files[2].size > 0`, mark("billing"))
	s := compiled(t, office(outside, quiet, elsewhere, last, broken, mailRule("below", 1, "true", mark("billing"))))

	mail := letter("Attorney-client: 12345.001", "x", func(_ *model.Message, m *model.Mail) {
		m.To = append(m.To, model.Address{Addr: "other@side.example"})
	})
	got := told(s.Explain(mail, model.View{Now: now, Released: map[string]bool{"last": true}}))
	want := `outside acts matched=true
  when rules.d/t.yaml:7:5 strangers.size() > 0 = true
  when rules.d/t.yaml:8:9 terms.privilege.exists(t, t.where == "subject") = true
  word "attorney client" in the subject
  strangers = ["other@side.example"]
  x.matter = 12345.001 in the subject
  would mark privileged
  would file Billing/Acme
quiet unless matched=false
  when rules.d/t.yaml:7:5 msg.size > 5 = true
  unless rules.d/t.yaml:7:5 msg.bulk = false
  unless rules.d/t.yaml:7:17 msg.from.is_in(lists.counsel) = true
broken error matched=false
  when rules.d/t.yaml:7:5 msg.files[2].size > 0 = error: index out of bounds: 2
  error evaluate expression: index out of bounds: 2
elsewhere folder matched=true
  when rules.d/t.yaml:7:5 msg.size > 0 = true
  would mark billing
last released matched=true
  when rules.d/t.yaml:7:5 msg.size > 0 = true
  would mark billing
below stopped matched=true
  when rules.d/t.yaml:7:5 true = true
  would mark billing
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestExplainKeepsContentFromPrinters(t *testing.T) {
	s := compiled(t, office(mailRule("r", 1, `terms.privilege.size() > 0`, mark("privileged"))))
	vs := s.Explain(letter("attorney-client secretword", ""), model.View{Now: now})
	if got := fmt.Sprintf("%+v", vs); strings.Contains(got, "attorney") {
		t.Errorf("printing a verdict shows content: %s", got)
	}
	plan := s.Decide(letter("attorney-client secretword", ""), model.View{Now: now})
	if got := fmt.Sprintf("%+v", plan); strings.Contains(got, "attorney") {
		t.Errorf("printing a plan shows content: %s", got)
	}
}
