package rules

import (
	"fmt"
	"strings"
	"testing"

	"chancery/config"
	"chancery/internal/model"
)

// whyNot writes a WhyNot for comparison.
func whyNot(w WhyNot) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", w.Rule, w.Outcome)
	for _, g := range w.Gates {
		if !g.Open {
			fmt.Fprintf(&b, "  gate %s: %s\n", g.Name, g.Why)
		}
	}
	var tell func(indent string, cs []Clause)
	tell = func(indent string, cs []Clause) {
		for _, c := range cs {
			mark := " "
			switch {
			case c.First:
				mark = ">"
			case !c.Good:
				mark = "-"
			}
			fmt.Fprintf(&b, "%s%s %s %s %s = %s\n", indent, mark, c.Clause, c.Place, c.Text, c.Value)
			for _, in := range c.Inner {
				fmt.Fprintf(&b, "%s    %s %s = %s\n", indent, in.Place, in.Text, in.Value)
			}
			for _, o := range c.Otherwise {
				fmt.Fprintf(&b, "%s    ! %s\n", indent, o)
			}
			tell(indent+"  ", c.Parts)
		}
	}
	tell("", w.Clauses.Reveal())
	return b.String()
}

func TestWhyNotMarksTheFirstConditionThatFailed(t *testing.T) {
	r := mailRule("privileged", 5, `msg.size > 5 &&
  terms.privilege.within("subject", "new") && msg.from.is_in(lists.counsel) && stranger`, mark("privileged"))
	r.Let = []config.Let{{Name: tx("stranger"), Expr: ex(`!msg.from.is_in(lists.firm)`)}}
	s := compiled(t, office(r))
	footer := "Hello,\n\nsee you.\n\n-- \nAlex\n\nThis e-mail is confidential and may be attorney-client privileged. If you are not the intended recipient, please delete it.\n"
	mail := letter("Lunch", footer, func(_ *model.Message, m *model.Mail) { m.From[0].Addr = "ray@baar.example" })
	w, ok := s.WhyNot("privileged", mail, model.View{Now: now})
	if !ok {
		t.Fatal("no such rule")
	}
	got := whyNot(w)
	want := `privileged no match
  when rules.d/t.yaml:7:5 msg.size > 5 = true
    rules.d/t.yaml:7:5 msg.size = 2000
> when rules.d/t.yaml:8:9 terms.privilege.within("subject", "new") = false
    rules.d/t.yaml:8:9 terms.privilege = ["attorney client" in a footer at 39]
    ! terms.privilege was found only in a footer
- when rules.d/t.yaml:8:53 msg.from.is_in(lists.counsel) = false
    rules.d/t.yaml:8:53 msg.from = "ray@baar.example"
    ! msg.from is "ray@baar.example", not in lists.counsel: nearest entry bar.example
  when rules.d/t.yaml:8:86 stranger = true
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestWhyNotTakesAlternativesApart(t *testing.T) {
	r := mailRule("bill", 5, `x.matter.found && (msg.bulk || msg.subject.contains("bill"))`, mark("billing"))
	r.Unless = ex(`msg.auto || msg.from.is_in(lists.counsel) && msg.size > 5`)
	s := compiled(t, office(r))
	w, _ := s.WhyNot("bill", letter("bill 12345.001", ""), model.View{Now: now})
	got := whyNot(w)
	for _, want := range []string{
		"  when rules.d/t.yaml:7:5 x.matter.found = true\n",
		"  when rules.d/t.yaml:7:24 msg.bulk || msg.subject.contains(\"bill\") = true\n",
		"  - when rules.d/t.yaml:7:24 msg.bulk = false\n",
		"> unless rules.d/t.yaml:7:17 msg.from.is_in(lists.counsel) && msg.size > 5 = true\n",
		`! msg.from is "alex@uk.bar.example", and lists.counsel has bar.example`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %q in:\n%s", want, got)
		}
	}
	if w, _ := s.WhyNot("bill", letter("bill 99999.001", ""), model.View{Now: now}); !strings.Contains(whyNot(w), "no number or name of the matter list") {
		t.Errorf("got:\n%s", whyNot(w))
	}
}

func TestWhyNotTellsEveryGate(t *testing.T) {
	above := mailRule("above", 9, "true", mark("privileged"))
	above.Stop = true
	below := mailRule("below", 5, "true", mark("billing"))
	below.Mode, below.Folders = config.Observe, txs("Sent", "Archive")
	s := compiled(t, office(above, below))
	w, _ := s.WhyNot("below", letter("x", "", func(m *model.Message, _ *model.Mail) { m.Old, m.Own = true, true }),
		model.View{Now: now, Released: map[string]bool{"below": true}})
	got := whyNot(w)
	for _, want := range []string{
		"gate mode: mode: observe\n", "gate folder: it looks at Sent, Archive; the message lies in INBOX\n", "gate people: a person overruled it",
		"gate old: ", "gate own: ", "gate stop: rule above at rules.d/t.yaml:1:5 matches",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %q in:\n%s", want, got)
		}
	}
	if _, ok := s.WhyNot("nobody", letter("x", ""), model.View{Now: now}); ok {
		t.Error("a rule that is not there was explained")
	}
}

// What why-not shows as the value of the whole must be what decides.
func TestWhyNotAgreesWithDecide(t *testing.T) {
	r := mailRule("r", 5, `msg.from.is_in(lists.counsel) && (terms.privilege.size() > 0 || msg.subject == "x")`, mark("privileged"))
	r.Unless = ex(`msg.bulk`)
	s := compiled(t, office(r))
	for _, subject := range []string{"x", "y", "work product"} {
		for _, bulk := range []bool{false, true} {
			for _, from := range []string{"a@bar.example", "a@other.example"} {
				mail := letter(subject, "", func(_ *model.Message, m *model.Mail) { m.Bulk, m.From[0].Addr = bulk, from })
				w, _ := s.WhyNot("r", mail, model.View{Now: now})
				good := true
				for _, c := range w.Clauses.Reveal() {
					good = good && c.Good
				}
				if acts := len(s.Decide(mail, model.View{Now: now}).Steps) > 0; acts != good || w.Matched != good {
					t.Errorf("%s %v %s: clauses say %v, matched %v, decide %v", subject, bulk, from, good, w.Matched, acts)
				}
			}
		}
	}
}

func TestNearestEntry(t *testing.T) {
	s := compiled(t, office(mailRule("r", 1, "true", mark("billing"))))
	for addr, want := range map[string]string{
		"a@bar.exmaple": "bar.example", "jane@solo.exampel": "jane@solo.example", "who@entirely-else.test": "", "": "",
	} {
		if got := s.lists[1].nearest(addr); got != want {
			t.Errorf("nearest to %q: %q, want %q", addr, got, want)
		}
	}
}

func TestWhyNotOfAnEvent(t *testing.T) {
	r := office()
	r.Calendar = config.Calendar{
		Ranks: []config.Rank{
			{Name: tx("court"), Rank: 100, When: ex(`ev.title.contains("Hearing") && ev.people.exists(p, p.is_in(lists.counsel))`)},
			{Name: tx("anyone"), Rank: 20, When: ex(`true`)},
		},
		Conflicts: config.Conflicts{Pos: at(1), Mode: config.Enforce},
	}
	s := compiled(t, r)
	v := model.View{Now: now, Principal: model.Principal{Zone: now.Location()}, Agenda: []model.Event{
		{Ident: "e", Body: model.Hide(model.Series{UID: "u", Master: &model.Occurrence{Summary: "Lunch", Start: model.Time{Wall: now}, End: model.Time{Wall: now}}})},
	}}
	w, ok := s.WhyNotEvent("court", v, 0)
	if got := whyNot(w); !ok || !strings.Contains(got, `> when rules.d/t.yaml:7:5 ev.title.contains("Hearing") = false`) || !strings.Contains(got, `ev.title = "Lunch"`) {
		t.Errorf("%v\n%s", ok, got)
	}
	if w, ok := s.WhyNotEvent("anyone", v, 0); !ok || !w.Matched || w.Outcome != "ranked" {
		t.Errorf("%v %+v", ok, w)
	}
	for _, bad := range []func() (WhyNot, bool){
		func() (WhyNot, bool) { return s.WhyNotEvent("nobody", v, 0) }, func() (WhyNot, bool) { return s.WhyNotEvent("court", v, 1) },
	} {
		if _, ok := bad(); ok {
			t.Error("something that is not there was explained")
		}
	}
}

func TestWhyNotTellsWhatANameStandsFor(t *testing.T) {
	r := mailRule("outside", 5, `strangers.size() > 0 && stranger`, mark("billing"))
	r.Let = []config.Let{
		{Name: tx("strangers"), Expr: ex(`msg.rcpts.filter(a, !a.is_in(lists.firm))`)},
		{Name: tx("stranger"), Expr: ex(`!msg.from.is_in(lists.counsel)`)},
	}
	w, _ := compiled(t, office(r)).WhyNot("outside", letter("x", ""), model.View{Now: now})
	got := whyNot(w)
	for _, want := range []string{
		"! strangers is let to msg.rcpts.filter(a, !a.is_in(lists.firm)) at rules.d/t.yaml:7:5\n",
		"! stranger is let to !msg.from.is_in(lists.counsel) at rules.d/t.yaml:7:",
		`! msg.from is "alex@uk.bar.example", and lists.counsel has bar.example`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %q in:\n%s", want, got)
		}
	}
}
