package rules

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"chancery/internal/model"
)

// everything reads every fact of a message.
const everything = `(terms.privilege.size() + terms.personnel.size() + msg.files.size() + msg.to.size() + msg.rcpts.size() + matters.size()) >= 0
  && (msg.text + msg.quoted + msg.footer + msg.subject + msg.signature) != "x" && x.invoice != "#" && x.total.cents != 7
  && msg.rcpts.exists(a, a.is_in(lists.firm)) && msg.subject.matches("(?i)(a+)+$|x*")`

// A hostile message costs bounded memory and ends; the harmless rule still acts.
func TestHostileMessages(t *testing.T) {
	s := compiled(t, office(mailRule("all", 2, everything, mark("privileged")), mailRule("good", 1, `msg.size > 0`, mark("billing"))))
	huge := strings.Repeat("attorney-client 12345.001 ", 400000)
	tests := []struct {
		name   string
		change func(*model.Message, *model.Mail)
	}{
		{"a million addresses", func(_ *model.Message, m *model.Mail) {
			m.To = make([]model.Address, 1_000_000)
			for i := range m.To {
				m.To[i].Addr = "a@b.example"
			}
		}},
		{"long body", func(_ *model.Message, m *model.Mail) { m.Parts = []model.TextPart{{Text: huge}} }},
		{"long subject", func(_ *model.Message, m *model.Mail) { m.Subject = huge }},
		{"long HTML", func(_ *model.Message, m *model.Mail) {
			m.Parts = []model.TextPart{{HTML: true, Text: strings.Repeat("<div>", 100000) + huge}}
		}},
		{"many files", func(_ *model.Message, m *model.Mail) {
			for i := range 100000 {
				m.Files = append(m.Files, model.Attachment{Name: fmt.Sprintf("%d work product.pdf", i), Head: []byte("LEDES1998B[]")})
			}
		}},
		{"address of a megabyte", func(_ *model.Message, m *model.Mail) {
			m.From[0].Addr = "a@" + strings.Repeat("b.", 500000) + "example"
		}},
		{"not UTF-8", func(_ *model.Message, m *model.Mail) {
			m.Subject, m.Parts = "\xff\xfeattorney-client\x00", []model.TextPart{{Text: "\x80\x81"}}
		}},
		{"no address at all", func(_ *model.Message, m *model.Mail) { m.From, m.To = nil, nil }},
		{"no body", func(_ *model.Message, m *model.Mail) { *m = model.Mail{} }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := letter("", "", tt.change)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got := shape(s.Decide(c, model.View{Now: now}))
			runtime.ReadMemStats(&after)
			if !strings.Contains(got, "good:mark billing") {
				t.Errorf("the harmless rule does not act: %s", got)
			}
			if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 192 {
				t.Errorf("%d MiB allocated", used)
			}
			s.Explain(c, model.View{Now: now})
		})
	}
}
