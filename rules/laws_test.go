package rules

import (
	"bytes"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery/config"
	"chancery/internal/model"
)

// conditions that rules of the laws are made of.
var lawConditions = []string{
	`terms.privilege.size() > 0`,
	`terms.privilege.within("subject") || terms.personnel.within("new")`,
	`terms.personnel.exists(t, t.where == "quoted")`,
	`msg.from.is_in(lists.counsel)`,
	`msg.from.is_in(lists.firm) && msg.size > 10`,
	`msg.subject.contains("invoice")`,
	`msg.subject.lower().startsWith("invoice")`,
	`msg.subject.matches("(?i)\\b(invoice|rechnung)\\b")`,
	`msg.subject in ["invoice", "hello"]`,
	`msg.from == "jane@solo.example" || msg.bulk`,
	`x.matter.found`,
	`x.matter.open && !terms.privilege.within("footer")`,
	`terms.personnel.within("new", "file") && !terms.privilege.within("file")`,
	`terms.privilege.exists(t, t.where == "file" && t.at > 3)`,
	`msg.files.exists(f, f.text.contains("product"))`,
	`matters.exists(m, m.where == "new")`,
	`!msg.seen`,
	`msg.text.contains("severance") && msg.from_name != ""`,
	`msg.encrypted || "x@y" in msg.to`,
	`!(terms.privilege.size() > 0)`,
	`msg.subject.matches("^$")`,
	`terms.privilege.size() >= 0 && msg.size > 0`,
	`msg.text.matches("(?i)straße|kelvin")`,
	`msg.thread.has("privileged")`,
	`msg.direction == "in" && msg.size > 0`,
	`msg.outside.exists(a, !a.is_in(lists.counsel))`,
	`labels.restricted || msg.account == "pa-mail"`,
	`msg.age > duration("2h")`,
	`!msg.answered && msg.age >= duration("72h")`,
	`x.matter.hold || msg.rcpts.exists(a, a.is_in(x.matter.wall))`,
}

var lawWords = []string{
	"attorney-client", "work product", "severance", "Kündigung", "invoice", "Rechnung", "12345.001", "12345-002", "00420.0070",
	"Project Heron", "hello", "STRASSE", "Straße", "\u212Aelvin", "INVOICE", "the", "of", "privileged and confidential",
}

func lawRules(r *rand.Rand) *config.Rules {
	var rules []config.MailRule
	everywhere := r.Intn(2) == 0
	for i := range 1 + r.Intn(8) {
		rule := mailRule(fmt.Sprintf("r%d", i), r.Intn(3), lawConditions[r.Intn(len(lawConditions))])
		if r.Intn(3) == 0 {
			rule.Unless = ex(lawConditions[r.Intn(len(lawConditions))])
		}
		if r.Intn(2) == 0 {
			rule.Then = append(rule.Then, mark([]string{"privileged", "billing"}[r.Intn(2)]))
		}
		if r.Intn(2) == 0 {
			rule.Then = append(rule.Then, file([]string{"A", "Billing/{{x.matter.client}}", "{{x.matter.folder}}", "INBOX"}[r.Intn(4)]))
		}
		rule.Mode = []config.Mode{config.Enforce, config.Enforce, config.Observe, config.Off}[r.Intn(4)]
		rule.Stop = r.Intn(4) == 0
		if everywhere {
			rule.Folders = nil
		}
		if r.Intn(6) == 0 {
			rule.Accounts = txs([]string{"gc-mail", "pa-mail"}[r.Intn(2)])
			rule.User = r.Intn(2) == 0
		}
		rules = append(rules, rule)
	}
	return household(rules...)
}

// lawUsers switches some rules for the people of an account, whatever the firm
// lets them: that is for package config to refuse.
func lawUsers(r *rand.Rand, rules *config.Rules) {
	for _, m := range rules.Mail {
		if r.Intn(2) == 0 {
			mode := []config.Mode{"", config.Off, config.Observe, config.Enforce}[r.Intn(4)]
			folder := []string{"", "Mine", "Mine/{{msg.from.domain()}}"}[r.Intn(3)]
			rules.Users = append(rules.Users, switchOf("gc-mail", m.Name.Value, mode, folder))
		}
	}
}

func lawMail(r *rand.Rand) model.Change {
	words := func(n int) string {
		var out []string
		for range r.Intn(n) {
			out = append(out, lawWords[r.Intn(len(lawWords))])
		}
		return strings.Join(out, " ")
	}
	return letter(words(4), words(12), func(msg *model.Message, m *model.Mail) {
		m.From[0].Addr = []string{"Alex@uk.bar.example", "jane@solo.example", "gc@firm.example", "x@y.example", ""}[r.Intn(5)]
		m.Bulk, m.Encrypted = r.Intn(4) == 0, r.Intn(5) == 0
		if r.Intn(3) == 0 {
			m.Files = []model.Attachment{{Name: words(3) + ".pdf", Text: words(6)}}
		}
		if r.Intn(4) == 0 {
			msg.Flags = append(msg.Flags, `\Seen`)
		}
		if r.Intn(6) == 0 {
			msg.Ref.Source = "pa-mail"
		}
		if r.Intn(4) == 0 {
			m.Labels = []string{"f42aa342-8706-4288-bd11-ebb85995028c"}
			m.Cc = people1("jane@firm.example")
		}
		msg.Arrived = now.Add(-time.Duration(r.Intn(100)) * time.Hour)
	})
}

// lawView releases some rules.
func lawView(r *rand.Rand) model.View {
	v := model.View{Now: now, Released: map[string]bool{}}
	if r.Intn(3) == 0 {
		v.Thread = []string{"billing", "privileged"}
	}
	for i := range 8 {
		if r.Intn(5) == 0 {
			v.Released[fmt.Sprintf("r%d", i)] = true
		}
	}
	return v
}

// written is everything a plan says.
func written(t testing.TB, p model.Plan) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, s := range p.Steps {
		e, err := model.EncodeStep(s)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(e)
	}
	for _, r := range p.Reports {
		fmt.Fprintln(&b, r.Rule, r.Place, r.What, r.Why.Reveal(), r.Would)
	}
	fmt.Fprintln(&b, p.LookAgain)
	return b.Bytes()
}

func eachWorld(t *testing.T, do func(r *rand.Rand, s *Set, c model.Change, v model.View)) {
	for seed := range int64(150) {
		r := rand.New(rand.NewSource(seed))
		s := compiled(t, lawRules(r))
		for range 8 {
			do(r, s, lawMail(r), lawView(r))
		}
	}
}

func TestLawPure(t *testing.T) {
	eachWorld(t, func(_ *rand.Rand, s *Set, c model.Change, v model.View) {
		if a, b := written(t, s.Decide(c, v)), written(t, s.Decide(c, v)); !bytes.Equal(a, b) {
			t.Fatalf("two answers:\n%s\n%s", a, b)
		}
	})
}

func TestLawGateChangesNothing(t *testing.T) {
	acted := 0
	eachWorld(t, func(_ *rand.Rand, s *Set, c model.Change, v model.View) {
		gated := written(t, s.Decide(c, v))
		open := *s
		open.ungated = true
		if all := written(t, open.Decide(c, v)); !bytes.Equal(gated, all) {
			t.Fatalf("mail %q:\nwith the gate    %s\nwithout the gate %s", c.Message.Body.Reveal().Subject, gated, all)
		}
		acted += len(s.Decide(c, v).Steps)
	})
	if acted < 200 {
		t.Errorf("only %d steps: the worlds are too quiet to prove anything", acted)
	}
}

// apply does to a message what the steps say.
func apply(c model.Change, steps []model.Step) model.Change {
	msg := *c.Message
	msg.Flags = slices.Clone(msg.Flags)
	for _, s := range steps {
		switch a := s.Action.(type) {
		case model.Mark:
			for _, f := range []string{a.Keyword, a.Thunderbird} {
				if f != "" {
					msg.Flags = append(msg.Flags, f)
				}
			}
			if a.Flagged || a.Apple != "" {
				msg.Flags = append(msg.Flags, `\Flagged`)
			}
			for i, bit := range appleBits[a.Apple] {
				if bit {
					msg.Flags = append(msg.Flags, fmt.Sprintf("$MailFlagBit%d", i))
				}
			}
		case model.File:
			msg.Ref.Mailbox = model.Name(strings.Join(a.Mailbox, "/"))
		}
	}
	c.Message, c.Ref = &msg, msg.Ref
	return c
}

func TestLawConvergent(t *testing.T) {
	moved := 0
	eachWorld(t, func(_ *rand.Rand, s *Set, c model.Change, v model.View) {
		first := s.Decide(c, v)
		after := apply(c, first.Steps)
		if after.Ref.Mailbox != c.Ref.Mailbox {
			moved++
		}
		if again := s.Decide(after, v); len(again.Steps) > 0 {
			t.Fatalf("first %s\nagain %s", shape(first), shape(again))
		}
	})
	if moved < 50 {
		t.Errorf("only %d moves", moved)
	}
}

func TestLawReleasedStaysReleased(t *testing.T) {
	eachWorld(t, func(_ *rand.Rand, s *Set, c model.Change, v model.View) {
		for _, step := range s.Decide(c, v).Steps {
			if v.Released[step.Rule] {
				t.Fatalf("released rule %s acts", step.Rule)
			}
		}
	})
}

func TestLawAtMostOneMove(t *testing.T) {
	ties := 0
	eachWorld(t, func(_ *rand.Rand, s *Set, c model.Change, v model.View) {
		p := s.Decide(c, v)
		moves, tie := 0, false
		for i, step := range p.Steps {
			if _, ok := step.Action.(model.File); ok {
				moves++
				if i != len(p.Steps)-1 {
					t.Fatalf("the move is not last: %s", shape(p))
				}
			}
		}
		for _, r := range p.Reports {
			tie = tie || r.What == whatContradiction
		}
		if moves > 1 || tie && moves > 0 {
			t.Fatalf("%d moves, contradiction %v: %s", moves, tie, shape(p))
		}
		if tie {
			ties++
		}
	})
	if ties == 0 {
		t.Error("no contradiction in any world")
	}
}

func TestLawExplainAgrees(t *testing.T) {
	eachWorld(t, func(_ *rand.Rand, s *Set, c model.Change, v model.View) {
		acts := map[string]bool{}
		for _, d := range s.Explain(c, v) {
			acts[d.Rule] = d.Outcome == "acts"
		}
		for _, step := range s.Decide(c, v).Steps {
			if !acts[step.Rule] {
				t.Fatalf("rule %s acts, explain says it does not", step.Rule)
			}
		}
	})
}

func TestDecideConcurrently(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	s := compiled(t, lawRules(r))
	mails := make([]model.Change, 20)
	want := make([][]byte, len(mails))
	for i := range mails {
		mails[i] = lawMail(r)
		want[i] = written(t, s.Decide(mails[i], model.View{Now: now}))
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i, m := range mails {
				if got := written(t, s.Decide(m, model.View{Now: now})); !bytes.Equal(got, want[i]) {
					t.Errorf("mail %d: another answer", i)
				}
			}
		})
	}
	wg.Wait()
}
