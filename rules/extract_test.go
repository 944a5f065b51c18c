package rules

import (
	"testing"

	"chancery/config"
	"chancery/internal/model"
)

func TestExtract(t *testing.T) {
	entry := func(name, kind string, near ...string) config.Extract {
		return config.Extract{Name: tx(name), Kind: tx(kind), Near: txs(near...)}
	}
	body := "Invoice No. 4711\nFees: USD 800.00\nRetainer held: USD 5,000.00\nTotal due: USD 1,250.50\nDue date: March 31, 2026\nHearing on: April 2, 2026\n"
	tests := []struct {
		name    string
		extract []config.Extract
		when    string
		want    bool
	}{
		{"always there", nil, `x.invoice == "4711" && x.total.cents == 125050 && x.total.currency == "USD"`, true},
		{"due date", nil, `x.due == timestamp("2026-03-31T00:00:00Z")`, true},
		{"money by its word", []config.Extract{entry("held", "money", "retainer held")}, `x.held.cents == 500000 && x.total.cents == 125050`, true},
		{"date by its word", []config.Extract{entry("hearing", "date", "hearing on")}, `x.hearing == timestamp("2026-04-02T00:00:00Z")`, true},
		{"built-in by another word", []config.Extract{entry("total", "money", "fees")}, `x.total.cents == 80000`, true},
		{"built-in falls back", []config.Extract{entry("total", "money", "grand sum")}, `x.total.cents == 125050`, true},
		{"own value does not fall back", []config.Extract{entry("sum", "money", "grand sum")}, `x.sum.cents == 0 && x.sum.text == "" && x.sum.currency == ""`, true},
		{"matter under another name", []config.Extract{entry("ref", "matter")}, `x.ref.found && x.ref.number == "12345.001"`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rule := mailRule("r", 1, tt.when, mark("billing"))
			rule.Extract = tt.extract
			s := compiled(t, office(rule))
			c := letter("12345.001", body)
			if got := len(s.Decide(c, model.View{Now: now}).Steps) == 1; got != tt.want {
				t.Errorf("matched: %v\n%s", got, told(s.Explain(c, model.View{Now: now})))
			}
		})
	}
}

func TestLedesNamesTheMatter(t *testing.T) {
	s := compiled(t, office(mailRule("r", 1, `x.ledes && x.matter.number == "12345.001" && x.matter.where == "name" && x.total.cents == 125000`, mark("billing"))))
	content := []byte(ledes)
	for i := range content[:len(content)-10] {
		if string(content[i:i+10]) == "10042.0070" {
			copy(content[i:], "12345.001|")
			content = append(content[:i+9], "[]\r\n"...)
			break
		}
	}
	c := letter("February", "attached", func(_ *model.Message, m *model.Mail) {
		m.Files = []model.Attachment{{Name: "feb.dat", Head: content, Size: int64(len(content))}}
	})
	if p := s.Decide(c, model.View{Now: now}); len(p.Steps) != 1 {
		t.Errorf("no step:\n%s", told(s.Explain(c, model.View{Now: now})))
	}
}
