package rules

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"chancery/config"
	"chancery/internal/model"
)

// asked reports which rules of a set pass the gate for a message.
func askedFor(s *Set, c model.Change, v model.View) map[string]bool {
	f := newFacts(s, c, v)
	defer f.release()
	out := map[string]bool{}
	s.candidates(f).each(func(i int) bool {
		out[s.mail[i].name] = true
		return true
	})
	return out
}

// A rule is asked only where its terms stand in the zones and in the number that
// it needs, the thread has its mark, the sender looks like one of its list.
func TestGateGoesByWhatConditionsNeed(t *testing.T) {
	r := office()
	r.Mail = nil
	for name, when := range map[string]string{
		"subject": `terms.privilege.within("subject", "name")`,
		"two":     `terms.privilege.size() > 1`,
		"kinds":   `terms.privilege.filter(t, t.where == "new").distinct() >= 2`,
		"exists":  `terms.privilege.exists(t, t.where in ["subject", "name"] || t.where == "new" && t.at < 400)`,
		"sum":     `(terms.privilege + terms.personnel).exists(t, t.where == "new")`,
		"both":    `(terms.privilege + terms.personnel).filter(t, t.where != "footer").size() >= 2`,
		"thread":  `msg.thread.has("privileged")`,
		"marks":   `"privileged" in msg.thread.marks && msg.size > 0`,
		"aged":    `msg.thread.has("privileged") && msg.age > duration("48h")`,
	} {
		r.Mail = append(r.Mail, mailRule(name, 1, when, mark("privileged")))
	}
	s := compiled(t, r)
	const one, two = "it is attorney client mail, see you", "it is attorney client mail, and work product, see you"
	for _, x := range []struct {
		subject, body string
		thread        []string
		want          []string
	}{
		{"lunch", "see you", nil, []string{"aged"}},
		{"lunch", "see you", []string{"billing"}, []string{"aged"}},
		{"lunch", "see you", []string{"privileged"}, []string{"aged", "thread", "marks"}},
		{"attorney client", "see you", nil, []string{"aged", "subject", "exists", "both"}},
		{"attorney client", "work product", nil, []string{"aged", "subject", "two", "exists", "sum", "both"}},
		{"lunch", one, nil, []string{"aged", "exists", "sum", "both"}},
		{"lunch", two, nil, []string{"aged", "two", "kinds", "exists", "sum", "both"}},
		{"lunch", "see you\n\n> " + one, nil, []string{"aged", "both"}},
	} {
		c := letter(x.subject, x.body)
		got := askedFor(s, c, model.View{Now: now, Thread: x.thread})
		if len(got) != len(x.want) {
			t.Errorf("%q, %q, %v: asked %v, want %v", x.subject, x.body, x.thread, got, x.want)
		}
		for _, name := range x.want {
			if !got[name] {
				t.Errorf("%q, %q, %v: %s is not asked", x.subject, x.body, x.thread, name)
			}
		}
	}
}

// Terms that no rule needs in the body do not have it divided.
func TestTermsOfUnlessDivideNothing(t *testing.T) {
	r := office()
	r.Mail = []config.MailRule{
		mailRule("r", 1, `terms.privilege.within("subject")`, mark("privileged")),
		mailRule("two", 1, `terms.personnel.size() > 1`, mark("privileged")),
	}
	r.Mail[0].Unless = ex(`terms.personnel.within("new")`)
	s := compiled(t, r)
	f := newFacts(s, letter("lunch", "it is attorney client mail about a severance"), model.View{Now: now})
	defer f.release()
	s.candidates(f)
	if f.split {
		t.Error("divided for a term that counts in subjects, and one where two are needed")
	}
	if n := len(f.scan()[0]); n != 1 || !f.split {
		t.Errorf("found %d times when asked, want once", n)
	}
}

// Whatever stands in a letter, a set decides as one that asks every rule.
func TestLawKeysHideNoRule(t *testing.T) {
	r := glancedRules()
	for i, when := range []string{
		`terms.privilege.within("subject", "name")`, `terms.odd.within("quoted", "signature")`, `terms.odd.size() > 3`,
		`terms.odd.filter(t, t.where == "new").distinct() >= 2`, `terms.odd.filter(t, t.where in ["quoted", "footer"]).size() >= 3`,
		`terms.privilege.exists(t, t.where in ["subject", "name"] || t.where == "new" && t.at < 40)`,
		`(terms.privilege + terms.personnel).exists(t, t.where == "new") && !terms.odd.within("new")`,
		`(terms.privilege + terms.odd).filter(t, t.where != "footer").size() >= 3`, `terms.personnel.size() == 2`,
		`terms.privilege.within("footer") || terms.personnel.distinct() > 0 && msg.thread.has("privileged")`,
		`"billing" in msg.thread.marks`, `terms.personnel.within("file") && msg.size >= 0`,
		`terms.odd.filter(t, t.where in ["file", "subject"]).distinct() >= 2`,
		`has(msg.encrypted)`, `has(x.matter.found) && msg.size >= 0`, `has(x.ledes)`,
	} {
		r.Mail = append(r.Mail, mailRule(fmt.Sprintf("r%d", i), 1, when, mark("privileged")))
	}
	s := compiled(t, r)
	open := *s
	open.ungated = true
	matches := 0
	for seed := range int64(10_000) {
		random := rand.New(rand.NewSource(seed))
		subject := ""
		if random.Intn(3) == 0 {
			subject = scrawl(random, 1+random.Intn(3))
		}
		c := letter(subject, scrawl(random, 1+random.Intn(20)), func(_ *model.Message, m *model.Mail) {
			for random.Intn(3) == 0 {
				m.Parts = append(m.Parts, model.TextPart{Text: scrawl(random, 1+random.Intn(6)), HTML: random.Intn(2) == 0, Attached: random.Intn(2) == 0})
			}
			if random.Intn(4) == 0 {
				m.Files = append(m.Files, model.Attachment{Name: scrawl(random, 1+random.Intn(3)), Text: scrawl(random, random.Intn(9))})
			}
		})
		v := model.View{Now: now}
		if random.Intn(2) == 0 {
			v.Thread = []string{"billing", "privileged"}[:1+random.Intn(2)]
		}
		got, want := holding(s, c, v), holding(&open, c, v)
		if got != want {
			t.Fatalf("seed %d: %+v\ngot  %s\nwant %s", seed, c.Message.Body.Reveal(), got, want)
		}
		matches += strings.Count(want, " ")
	}
	if matches < 10_000 {
		t.Errorf("%d matches prove too little", matches)
	}
}

// holding names the rules that hold for a message.
func holding(s *Set, c model.Change, v model.View) string {
	f := newFacts(s, c, v)
	defer f.release()
	names := ""
	s.candidates(f).each(func(i int) bool {
		sc, _ := s.mail[i].scopeFor(f, nil)
		if ok, err := s.mail[i].match(sc); ok || err != nil {
			names += fmt.Sprint(s.mail[i].name, err, " ")
		}
		return true
	})
	return names
}
