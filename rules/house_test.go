package rules

import (
	"strings"
	"testing"

	"chancery/config"
	"chancery/internal/model"
)

// household is an office that knows who it is.
func household(rules ...config.MailRule) *config.Rules {
	r := office(rules...)
	r.House = config.House{Pos: at(1), Firm: tx("firm"), Counsel: tx("counsel")}
	r.Labels = []config.Label{{Name: tx("restricted"), GUIDs: txs("f42aa342-8706-4288-bd11-ebb85995028c", "f42aa342-8706-4288-bd11-ebb85995028d")}}
	r.Matters.List[0].Wall = []string{"jane@firm.example", "wall.example"}
	r.Matters.List[1].Hold = true
	return r
}

func holds(t *testing.T, when string, c model.Change, v model.View) bool {
	t.Helper()
	v.Now = now
	return len(compiled(t, household(mailRule("r", 0, when, config.Then{Star: true}))).Decide(c, v).Steps) > 0
}

func TestDirection(t *testing.T) {
	tests := []struct{ from, to, cc, bcc, want string }{
		{"alex@bar.example", "gc@firm.example", "", "", "in"},
		{"alex@bar.example", "x@y.example", "", "", "in"},
		{"GC@uk.Firm.example", "alex@bar.example", "", "", "out"},
		{"gc@firm.example", "pa@firm.example", "alex@bar.example", "", "out"},
		{"gc@firm.example", "pa@firm.example", "", "alex@bar.example", "out"},
		{"gc@firm.example", "pa@firm.example", "", "", "internal"},
		{"gc@firm.example", "", "", "", "internal"},
		{"gc@firm.example.evil.example", "pa@firm.example", "", "", "in"},
		{"gc@notfirm.example", "pa@firm.example", "", "", "in"},
		{"", "gc@firm.example", "", "", "in"},
	}
	for _, tt := range tests {
		c := letter("x", "x", func(_ *model.Message, m *model.Mail) {
			m.From[0].Addr, m.To, m.Cc, m.Bcc = tt.from, people1(tt.to), people1(tt.cc), people1(tt.bcc)
		})
		if !holds(t, `msg.direction == "`+tt.want+`"`, c, model.View{}) {
			t.Errorf("%+v", tt)
		}
	}
}

func people1(addr string) []model.Address {
	if addr == "" {
		return nil
	}
	return []model.Address{{Addr: addr}}
}

func TestInsideAndOutside(t *testing.T) {
	c := letter("x", "x", func(_ *model.Message, m *model.Mail) {
		m.To = []model.Address{{Addr: "A@bar.example"}, {Addr: "gc@firm.example"}, {Addr: "a@bar.example"}, {Addr: ""}}
		m.Cc = []model.Address{{Addr: "gc@FIRM.example"}, {Addr: "b@firm.example.evil.example"}}
	})
	for _, when := range []string{
		`msg.outside == ["a@bar.example", "b@firm.example.evil.example"]`,
		`msg.inside == ["gc@firm.example"]`,
		`msg.outside.exists(a, !a.is_in(lists.counsel))`,
	} {
		if !holds(t, when, c, model.View{}) {
			t.Errorf("%s does not hold", when)
		}
	}
}

func TestFactsOfTheHeader(t *testing.T) {
	c := letter("x", "x", func(_ *model.Message, m *model.Mail) {
		m.Labels = []string{"F42AA342-8706-4288-BD11-EBB85995028D"}
		m.Header = map[string][]string{"X-Microsoft-Classdesc": {" For the Board "}}
		m.Problems = []string{"depth"}
	})
	for _, when := range []string{
		`labels.restricted`, `msg.classification == "for the board"`, `"depth" in msg.problems`, `msg.account == "gc-mail"`,
	} {
		if !holds(t, when, c, model.View{}) || holds(t, when, letter("x", "x", in("other")), model.View{}) {
			t.Errorf("%s", when)
		}
	}
}

func TestThread(t *testing.T) {
	c := letter("x", "x")
	for _, when := range []string{`msg.thread.has("privileged")`, `"privileged" in msg.thread.marks`, `msg.thread.marks.size() == 1`} {
		if !holds(t, when, c, model.View{Thread: []string{"privileged"}}) || holds(t, when, c, model.View{}) {
			t.Errorf("%s", when)
		}
	}
	asks := mailRule("asks", 0, `msg.thread.has("privileged")`, mark("privileged"))
	through := mailRule("through", 0, `marked`, mark("billing"))
	through.Let = []config.Let{{Name: tx("marked"), Expr: ex(`msg.thread.marks.size() > 0`)}}
	none := mailRule("none", 0, `msg.size > 0`, mark("billing"))
	s := compiled(t, household(asks, through, none))
	if !s.Threads() || !s.Spreads("asks") || !s.Spreads("through") || s.Spreads("none") || s.Spreads("absent") {
		t.Error("which rules ask about threads is not known")
	}
	asks.Mode = config.Off
	if compiled(t, household(asks, none)).Threads() {
		t.Error("a rule that is off asks about threads")
	}
}

func TestFactsThatAreNotThere(t *testing.T) {
	for when, want := range map[string]string{
		`msg.thread.has("privilege")`:              `there is no mark "privilege"` + "\n    hint: did you mean \"privileged\"?",
		`"secret" in msg.thread.marks`:             `there is no mark "secret"`,
		`msg.thread.has(msg.subject)`:              "has needs the name of a mark in quotes",
		`labels.restrictd`:                         `did you mean "restricted"?`,
		`labels.restricted == "yes"`:               "==",
		`x.matter.hold == "yes"`:                   "==",
		`msg.size > 0 && msg.thread.has(" ") == 1`: "==",
	} {
		_, errs := Compile(household(mailRule("r", 0, when, config.Then{Star: true})))
		if !errs.Fatal() || !strings.Contains(errs.Error(), want) {
			t.Errorf("%s: %v", when, errs)
		}
	}
	for _, when := range []string{`msg.direction == "out"`, `msg.outside.size() > 0`, `"a@b.example" in msg.inside`} {
		_, errs := Compile(office(mailRule("r", 0, "msg.size > 0 && "+when, config.Then{Star: true})))
		if !errs.Fatal() || !strings.Contains(errs.Error(), "needs to know who we are\n    hint: add to a rule file: house: {firm: NAME}") {
			t.Errorf("%s: %v", when, errs)
		}
	}
}

func TestWall(t *testing.T) {
	c := letter("12345.001", "x", func(_ *model.Message, m *model.Mail) { m.To = people1("a@uk.wall.example") })
	if when := `msg.rcpts.exists(a, a.is_in(x.matter.wall))`; !holds(t, when, c, model.View{}) || holds(t, when, letter("12345.001", "x"), model.View{}) {
		t.Error(when)
	}
}

// What names a matter under legal hold stays where it is, and is marked as ever.
func TestLegalHold(t *testing.T) {
	filing := mailRule("filing", 0, `msg.size > 0`, mark("billing"), file("Filed"))
	s := compiled(t, household(filing))
	for _, tt := range []struct{ subject, body, want string }{
		{"12345.001", "", "filing:mark billing, filing:file Filed"},
		{"12345.002", "", "filing:mark billing, filing?legal-hold file"},
		{"12345.001", "and 12345.002 too", "filing:mark billing, filing?legal-hold file"},
		{"hello", "> 12345.002", "filing:mark billing, filing?legal-hold file"},
	} {
		if got := shape(s.Decide(letter(tt.subject, tt.body), model.View{Now: now})); got != tt.want {
			t.Errorf("%q, %q: %q, want %q", tt.subject, tt.body, got, tt.want)
		}
	}
	if need := s.Need(); !need.Text || !need.Files {
		t.Errorf("a hold is looked for in texts and files, but the need is %+v", need)
	}
	observed := filing
	observed.Mode = config.Observe
	if got := shape(compiled(t, household(observed)).Decide(letter("12345.002", ""), model.View{Now: now})); got != "filing?observe mark, filing?observe file" {
		t.Errorf("observed: %q", got)
	}
	for _, v := range s.Explain(letter("12345.002", ""), model.View{Now: now}) {
		if got := strings.Join(v.Detail.Reveal().Would, ", "); got != "mark billing, legal-hold: file Filed" {
			t.Errorf("explained as %q", got)
		}
	}
}
