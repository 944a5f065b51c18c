package rules

import (
	"fmt"
	"strings"
	"testing"

	"chancery/config"
	"chancery/internal/model"
)

func outcomes(os []Outcome) string {
	var out []string
	for _, o := range os {
		out = append(out, fmt.Sprintf("%s %s [%s]", o.Rule, o.Mode, strings.Join(o.Does, ", ")))
	}
	return strings.Join(out, "; ")
}

func TestOutcomesTellWhatStandsAlready(t *testing.T) {
	first := mailRule("first", 9, "true", mark("privileged"), file("A"))
	second := mailRule("second", 8, "true", mark("privileged"), file("B"))
	watching := mailRule("watching", 7, "true", mark("billing"))
	watching.Mode = config.Observe
	s := compiled(t, office(first, second, watching))
	marked := letter("x", "", func(m *model.Message, _ *model.Mail) {
		m.Flags = model.Flags{"lx-1", "$label1", `\Flagged`, "$MailFlagBit0", "$MailFlagBit2"}
		m.Old = true
	})
	got := outcomes(s.Outcomes(marked, model.View{Now: now}))
	want := "first enforce [mark privileged, file A]; second enforce [mark privileged, outranked: file B]; watching observe [mark billing]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := outcomes(s.Outcomes(marked, model.View{Now: now, Released: map[string]bool{"first": true}})); strings.Contains(got, "first enforce") {
		t.Errorf("a released rule has an outcome: %s", got)
	}
}

func TestOutcomesStopWhereDecideStops(t *testing.T) {
	watching := mailRule("watching", 9, "true", mark("billing"))
	watching.Mode, watching.Stop = config.Observe, true
	s := compiled(t, office(watching, mailRule("below", 8, "true", mark("privileged"))))
	if got, want := outcomes(s.Outcomes(letter("x", ""), model.View{Now: now})), "watching observe [mark billing]; below enforce [mark privileged]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := outcomes(s.Enforced().Outcomes(letter("x", ""), model.View{Now: now})), "watching enforce [mark billing]"; got != want {
		t.Errorf("enforced: got %s, want %s", got, want)
	}
	if s.mail[0].mode != config.Observe {
		t.Error("Enforced changed the set it was made of")
	}
}
