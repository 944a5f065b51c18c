package rules

import (
	"strings"
	"testing"

	"chancery/config"
	"chancery/internal/model"
)

func TestDecideByCondition(t *testing.T) {
	tests := []struct {
		name, when string
		mail       model.Change
		want       bool
	}{
		{"subject equals", `msg.subject == "Hello"`, letter("Hello", ""), true},
		{"subject contains", `msg.subject.contains("ell")`, letter("Hello", ""), true},
		{"subject contains is exact", `msg.subject.contains("hell")`, letter("Hello", ""), false},
		{"lower", `msg.subject.lower().contains("hell")`, letter("HELLO", ""), true},
		{"regexp", `msg.subject.matches("(?i)\\bpre-?bill\\b")`, letter("Your PREBILL", ""), true},
		{"from is the address", `msg.from == "alex@uk.bar.example"`, letter("", ""), true},
		{"from ends", `msg.from.endsWith("@uk.bar.example")`, letter("", ""), true},
		{"from name", `msg.from_name == "Alex Ray"`, letter("", ""), true},
		{"from domain", `msg.from.domain() == "uk.bar.example"`, letter("", ""), true},
		{"list by upper domain", `msg.from.is_in(lists.counsel)`, letter("", ""), true},
		{"list no", `msg.from.is_in(lists.firm)`, letter("", ""), false},
		{"recipient", `msg.to.exists(a, a.is_in(lists.firm))`, letter("", ""), true},
		{"in list", `"gc@firm.example" in msg.rcpts`, letter("", ""), true},
		{"term in subject", `terms.privilege.size() > 0`, letter("Attorney-Client memo", ""), true},
		{"term written with a blank", `terms.privilege.size() > 0`, letter("attorney client memo", ""), true},
		{"term is a word", `terms.personnel.size() > 0`, letter("severances", ""), false},
		{"term beyond ASCII", `terms.personnel.size() > 0`, letter("re: KÜNDIGUNG", ""), true},
		{"term zone", `terms.privilege.exists(t, t.where == "subject")`, letter("x", "work product"), false},
		{"term within", `terms.privilege.within("subject", "new")`, letter("x", "work\nproduct"), true},
		{"matter", `x.matter.found && x.matter.number == "12345.001"`, letter("Re: 12345-001", ""), true},
		{"matter by alias", `x.matter.client == "Acme"`, letter("project heron", ""), true},
		{"closed matter", `x.matter.open`, letter("00420.0070", ""), false},
		{"matter team", `"x@y".is_in(x.matter.team)`, letter("12345.001", ""), false},
		{"matter list", `matters.exists(m, m.number == "12345.002" && m.where == "new")`, letter("12345.001", "12345.002"), true},
		{"age", `msg.age > duration("30m") && msg.age < duration("2h")`, letter("", ""), true},
		{"flags", `!msg.answered && !msg.seen && !("\\Draft" in msg.flags)`, letter("", ""), true},
		{"file name", `msg.files.exists(f, f.name.endsWith(".pdf") && f.size > 3)`, letter("", "", func(_ *model.Message, m *model.Mail) {
			m.Files = []model.Attachment{{Name: "a.pdf", Size: 4}}
		}), true},
		{"nothing due", `x.due == timestamp(0) && x.total.cents == 0 && x.invoice == "" && !x.ledes`, letter("", ""), true},
		{"bulk", `!msg.bulk && !msg.auto && msg.list_id == ""`, letter("", ""), true},
		{"size and folder", `msg.size == 2000 && msg.folder == "INBOX"`, letter("", ""), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := compiled(t, office(mailRule("r", 1, tt.when, mark("billing"))))
			got := shape(s.Decide(tt.mail, model.View{Now: now}))
			if want := map[bool]string{true: "r:mark billing"}[tt.want]; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			s.ungated = true
			if again := shape(s.Decide(tt.mail, model.View{Now: now})); again != got {
				t.Errorf("the gate changes the answer: without it %q", again)
			}
		})
	}
}

func TestDecidePlans(t *testing.T) {
	yes := "msg.size > 0"
	observe := func(r config.MailRule) config.MailRule { r.Mode = config.Observe; return r }
	stop := func(r config.MailRule) config.MailRule { r.Stop = true; return r }
	off := func(r config.MailRule) config.MailRule { r.Mode = config.Off; return r }
	unless := func(r config.MailRule, u string) config.MailRule { r.Unless = ex(u); return r }
	tests := []struct {
		name     string
		rules    []config.MailRule
		released string
		subject  string
		want     string
	}{
		{"two marks, marks before the move", []config.MailRule{
			mailRule("a", 1, yes, file("A"), mark("privileged")), mailRule("b", 2, yes, mark("billing"))}, "", "",
			"b:mark billing, a:mark privileged, a:file A"},
		{"one mark twice", []config.MailRule{mailRule("a", 1, yes, mark("billing")), mailRule("b", 2, yes, mark("billing"))}, "", "", "b:mark billing"},
		{"higher priority files", []config.MailRule{mailRule("a", 1, yes, file("A")), mailRule("b", 2, yes, file("B"))}, "", "",
			"b:file B, a?outranked file"},
		{"tie", []config.MailRule{mailRule("a", 1, yes, file("A")), mailRule("b", 1, yes, file("B"))}, "", "",
			"a?contradiction file, b?contradiction file"},
		{"tie on one place", []config.MailRule{mailRule("a", 1, yes, file("A")), mailRule("b", 1, yes, file("A"))}, "", "", "a:file A"},
		{"tie below the top", []config.MailRule{mailRule("a", 1, yes, file("A")), mailRule("b", 1, yes, file("B")), mailRule("c", 2, yes, file("C"))}, "", "",
			"c:file C, a?outranked file, b?outranked file"},
		{"stop", []config.MailRule{stop(mailRule("a", 2, yes, mark("billing"))), mailRule("b", 1, yes, mark("privileged"))}, "", "", "a:mark billing"},
		{"a rule that watches does not stop", []config.MailRule{observe(stop(mailRule("a", 2, yes, mark("billing")))), mailRule("b", 1, yes, mark("privileged"))}, "", "",
			"b:mark privileged, a?observe mark"},
		{"off", []config.MailRule{off(mailRule("a", 1, yes, mark("billing")))}, "", "", ""},
		{"observe file", []config.MailRule{observe(mailRule("a", 1, yes, file("A")))}, "", "", "a?observe file"},
		{"unless", []config.MailRule{unless(mailRule("a", 1, yes, mark("billing")), `msg.from.is_in(lists.counsel)`)}, "", "", ""},
		{"released", []config.MailRule{mailRule("a", 1, yes, mark("billing"), file("A"))}, "a", "", "a?released mark, a?released file"},
		{"nobody takes the place of a released rule", []config.MailRule{mailRule("a", 2, yes, file("A")), mailRule("b", 1, yes, file("B"))}, "a", "",
			"b?outranked file, a?released file"},
		{"matter path", []config.MailRule{mailRule("a", 1, "x.matter.found", file("Billing/{{x.matter.client}}/{{x.matter.number}}"))}, "", "12345.001",
			"a:file Billing|Acme|12345.001"},
		{"matter folder is a path", []config.MailRule{mailRule("a", 1, "x.matter.found", file("{{x.matter.folder}}/Billing"))}, "", "12345.001",
			"a:file Clients|Acme|Billing"},
		{"a value adds no segment", []config.MailRule{mailRule("a", 1, "x.matter.found", file("Billing/{{x.matter.client}}"))}, "", "00420.0070",
			"a:file Billing|B-C Corp"},
		{"no value, no step", []config.MailRule{mailRule("a", 1, yes, mark("billing"), file("Billing/{{x.matter.client}}"))}, "", "nothing",
			"a:mark billing, a?empty file"},
		{"several matters", []config.MailRule{mailRule("a", 1, "x.matter.found", mark("billing"))}, "", "12345.001 and 12345.002", "a?ambiguous"},
		{"several matters, rule needs none", []config.MailRule{mailRule("a", 1, "matters.size() == 2", mark("billing"))}, "", "12345.001 and 12345.002", "a:mark billing"},
		{"a failing rule harms itself alone", []config.MailRule{mailRule("a", 2, `msg.files[3].size > 1`, mark("billing")), mailRule("b", 1, yes, mark("privileged"))}, "", "",
			"b:mark privileged, a?error"},
		{"already in place", []config.MailRule{mailRule("a", 1, yes, file("Inbox"))}, "", "", ""},
		{"star", []config.MailRule{mailRule("a", 1, yes, config.Then{Star: true})}, "", "", "a:mark star"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := compiled(t, office(tt.rules...))
			got := s.Decide(letter(tt.subject, "text"), model.View{Now: now, Released: map[string]bool{tt.released: true}})
			if shape(got) != tt.want {
				t.Errorf("got  %s\nwant %s", shape(got), tt.want)
			}
			for _, step := range got.Steps {
				if step.ID != "" || step.Version != "v1" || step.Source != "gc-mail" || step.Ident != "id-1" || step.Ref.UID != 7 || step.Place != "rules.d/t.yaml:1:5" {
					t.Errorf("step lacks something: %+v", step)
				}
				if !strings.Contains(step.Why.Reveal(), step.Rule) {
					t.Errorf("why does not name the rule: %s", step.Why.Reveal())
				}
			}
		})
	}
}

func TestDecideLooksOnlyWhereItShould(t *testing.T) {
	rule := mailRule("r", 1, "msg.size > 0", mark("billing"))
	rule.Folders = txs("INBOX", "Clients/Acme")
	s := compiled(t, office(rule))
	tests := []struct {
		name   string
		change func(*model.Change)
		want   bool
	}{
		{"new mail", func(*model.Change) {}, true},
		{"inbox in any case", func(c *model.Change) { c.Message.Ref.Mailbox = "Inbox" }, true},
		{"another delimiter", func(c *model.Change) { c.Message.Ref.Mailbox = "Clients.Acme" }, true},
		{"other mailboxes have case", func(c *model.Change) { c.Message.Ref.Mailbox = "clients/acme" }, false},
		{"elsewhere", func(c *model.Change) { c.Message.Ref.Mailbox = "Trash" }, false},
		{"old", func(c *model.Change) { c.Message.Old = true }, false},
		{"ours", func(c *model.Change) { c.Message.Own = true }, false},
		{"flags only", func(c *model.Change) { c.Op = model.Marked }, false},
		{"gone", func(c *model.Change) { c.Op = model.Gone }, false},
		{"no message", func(c *model.Change) { c.Message = nil }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := letter("", "")
			tt.change(&c)
			if c.Message != nil {
				c.Ref = c.Message.Ref
			}
			if got := len(s.Decide(c, model.View{Now: now}).Steps) == 1; got != tt.want {
				t.Errorf("decided: %v, want %v", got, tt.want)
			}
		})
	}
}

func TestWhyNamesWordsZonesAndValues(t *testing.T) {
	s := compiled(t, office(mailRule("r", 1, `terms.privilege.within("subject") && x.matter.found`, mark("billing"))))
	p := s.Decide(letter("Attorney-Client: 12345.001", "our work product"), model.View{Now: now})
	if len(p.Steps) != 1 {
		t.Fatalf("steps: %s", shape(p))
	}
	want := `rule "r": found "attorney client" in the subject, "work product" in the new text; matter 12345.001 in the subject`
	if got := p.Steps[0].Why.Reveal(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A word in a footer is no reason where the rule did not need it.
func TestWhyLeavesOutWhatDidNotCount(t *testing.T) {
	const quote = "See you at noon.\r\n\r\nOn Mon, 2 Mar 2026, Jo Kim wrote:\r\n> our work product\r\n"
	for when, want := range map[string]string{
		`terms.privilege.within("subject", "new")`: `rule "r": found "attorney client" in the subject`,
		`terms.privilege.within("quoted")`:         `rule "r": found "work product" in quoted text`,
	} {
		s := compiled(t, office(mailRule("r", 1, when, mark("billing"))))
		subject := "Attorney-Client"
		if strings.Contains(when, "quoted") {
			subject = "Lunch"
		}
		p := s.Decide(letter(subject, quote), model.View{Now: now})
		if len(p.Steps) != 1 {
			t.Fatalf("%s: steps: %s", when, shape(p))
		}
		if got := p.Steps[0].Why.Reveal(); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", when, got, want)
		}
	}
}

func TestCostLimitStopsOneRuleAlone(t *testing.T) {
	bomb := mailRule("bomb", 2, `all.exists(a, all.exists(b, a + b == "x"))`, mark("billing"))
	bomb.Let = []config.Let{{Name: tx("all"), Expr: ex("msg.rcpts")}}
	s := compiled(t, office(bomb,
		mailRule("good", 1, `msg.size > 0`, mark("privileged"))))
	crowd := letter("", "", func(_ *model.Message, m *model.Mail) {
		for range 5000 {
			m.To = append(m.To, model.Address{Addr: "someone@firm.example"})
		}
	})
	got := shape(s.Decide(crowd, model.View{Now: now}))
	if want := "good:mark privileged, bomb?cost"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
