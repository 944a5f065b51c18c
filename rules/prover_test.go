package rules

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"chancery/config"
	"chancery/internal/model"
)

// pick chooses one of a few.
func pick[T any](r *rand.Rand, of ...T) T { return of[r.Intn(len(of))] }

// someText is the text of a condition that compares few values in many ways, so
// that two of them often hold together and often cannot.
func someText(r *rand.Rand) string {
	address := func() string {
		return pick(r, "a@x.example", "b@x.example", "a@sub.x.example", "c@y.example", "x.example", "a@b@y.example", "")
	}
	domain := func() string { return pick(r, "x.example", "sub.x.example", "y.example", "example", "") }
	list := func() string {
		return pick(r, "lists.x", "lists.sub", "lists.y", "lists.a", "lists.none", "lists.x + lists.y", `["x.example"]`, `["A@x.example", "y.example"]`, "[]")
	}
	part := func() string {
		return pick(r, "a", "b", "ab", "ba", "a@", "@x.example", "@y.example", ".example", "", "A")
	}
	cmp := func() string { return pick(r, "<", "<=", ">", ">=", "==", "!=") }
	from := pick(r, "msg.from", "msg.from", "msg.from.domain()", "msg.subject", "msg.subject.lower()", "sender", "msg.from.lower().domain()")
	people := pick(r, "msg.to", "msg.cc", "msg.rcpts", "(msg.to + msg.cc)", "outside")
	switch r.Intn(16) {
	case 0:
		return fmt.Sprintf("%s == %q", from, strings.ToLower(pick(r, address(), domain(), part())))
	case 1:
		return fmt.Sprintf("%q != %s", strings.ToLower(pick(r, address(), domain(), part())), from)
	case 2:
		return fmt.Sprintf("%s in [%q, %q]", from, address(), strings.ToLower(pick(r, domain(), part())))
	case 3, 4:
		return fmt.Sprintf("msg.from.is_in(%s)", list())
	case 5, 6:
		return fmt.Sprintf("%s.%s(%q)", from, pick(r, "startsWith", "endsWith", "contains"), strings.ToLower(part()))
	case 7:
		return fmt.Sprintf("%s.matches(%q)", from, pick(r, "^a", "b", "(?i)A", "x.example$", "^$"))
	case 8:
		return fmt.Sprintf("msg.size %s %d", cmp(), r.Intn(4))
	case 9:
		return fmt.Sprintf("%d %s msg.size", r.Intn(4), cmp())
	case 10:
		return fmt.Sprintf(`msg.age %s duration("%dh")`, cmp(), r.Intn(3))
	case 11:
		return pick(r, "msg.bulk", "!msg.bulk", "msg.seen", "msg.bulk == msg.seen", "msg.bulk != true", "true", "false", "msg.from == msg.sender", "msg.size / (msg.size - 1) > 1")
	case 12:
		return fmt.Sprintf("%s.%s(e, %s)", people, pick(r, "exists", "all"), pick(r, fmt.Sprintf("e == %q", address()), fmt.Sprintf("%se.is_in(%s)", pick(r, "", "!"), list()),
			fmt.Sprintf("e.domain() == %q", domain()), "e == msg.from", fmt.Sprintf("e.contains(%q) || e == %q", part(), address())))
	case 13:
		return fmt.Sprintf("%s%s.size() %s %d", pick(r, "", "!!"), "X", cmp(), r.Intn(2))
	case 14:
		return fmt.Sprintf("%q in %s", address(), people)
	}
	terms := pick(r, "terms.p", "terms.q", "(terms.p + terms.q)")
	return pick(r, terms+`.within("subject")`, terms+`.within("new", "subject")`, terms+`.size() > 0`, terms+`.exists(t, t.where == "new" && t.at < 3)`,
		terms+`.exists(t, t.at < 2)`, terms+`.all(t, t.where != "new")`, terms+".size() == 0")
}

func someCondition(r *rand.Rand, deep int) string {
	if deep > 0 && r.Intn(3) > 0 {
		a, b := someCondition(r, deep-1), someCondition(r, deep-1)
		return pick(r, "("+a+" && "+b+")", "("+a+" && "+b+")", "("+a+" || "+b+")", "!("+a+")", "("+a+" ? "+b+" : "+someCondition(r, 0)+")")
	}
	s := someText(r)
	if rest, ok := strings.CutPrefix(s, "!!"); ok {
		s = "!(" + rest + ")"
	}
	return strings.Replace(s, "X.size()", pick(r, "msg.to", "msg.cc", "outside", "msg.files", "msg.to.filter(e, e.is_in(lists.x))")+".size()", 1)
}

func someMail(r *rand.Rand) model.Change {
	address := func() model.Address {
		return model.Address{Addr: pick(r, "a@x.example", "b@x.example", "a@sub.x.example", "c@y.example", "ab@z.example", "A@B@y.example", "x.example", "")}
	}
	words := func() string { return pick(r, "", "a", "ab", "B", "pen", "a pen", "quill a", "a@x.example", "ink pen") }
	return letter(words(), words(), func(msg *model.Message, m *model.Mail) {
		m.From, m.Sender = []model.Address{address()}, []model.Address{address()}
		m.To, m.Cc = nil, nil
		for range r.Intn(3) {
			m.To = append(m.To, address())
		}
		for range r.Intn(3) {
			m.Cc = append(m.Cc, address())
		}
		m.Bulk = r.Intn(2) == 0
		msg.Size = int64(r.Intn(4))
		msg.Arrived = now.Add(-time.Duration(r.Intn(5)) * 30 * time.Minute)
		if r.Intn(2) == 0 {
			msg.Flags = model.Flags{`\Seen`}
		}
	})
}

// someRules is a set of rules with random conditions.
func someRules(r *rand.Rand, n int) *config.Rules {
	out := office()
	out.Lists = []config.List{{Name: tx("x"), Entries: txs("x.example")}, {Name: tx("sub"), Entries: txs("sub.x.example")}, {Name: tx("y"), Entries: txs("y.example", "ab@z.example")},
		{Name: tx("a"), Entries: txs("a@x.example", "a@sub.x.example")}, {Name: tx("none")}}
	out.Terms = []config.TermSet{{Name: tx("p"), Words: txs("pen", "ink")}, {Name: tx("q"), Words: txs("quill")}}
	for i := range n {
		m := mailRule(fmt.Sprintf("r%d", i), 0, someCondition(r, 2), file(fmt.Sprintf("F%d", i)))
		m.Let = []config.Let{{Name: tx("sender"), Expr: ex("msg.from")}, {Name: tx("outside"), Expr: ex("msg.rcpts.filter(e, !e.is_in(lists.x))")}}
		if r.Intn(3) == 0 {
			m.Unless = ex(someCondition(r, 1))
		}
		out.Mail = append(out.Mail, m)
	}
	return out
}

// The prover may say "never both", "always if" and "never" only where that is so.
func TestLawProverIsSound(t *testing.T) {
	claims := [3]int{}
	for seed := range int64(30) {
		r := rand.New(rand.NewSource(seed))
		in := someRules(r, 24)
		set, errs := compile(in, false)
		if set == nil {
			t.Fatal(errs)
		}
		c := &compiler{set: set}
		p := proverFor(set, in)
		rules := c.asked(p, in)
		if len(rules) != len(in.Mail) {
			t.Fatalf("%d of %d rules", len(rules), len(in.Mail))
		}
		holds := make([][]bool, 300)
		for i := range holds {
			f := newFacts(set, someMail(r), model.View{Now: now})
			for _, a := range rules {
				s, _ := a.scopeFor(f, nil)
				ok, _ := a.match(s)
				holds[i] = append(holds[i], ok)
			}
			f.release()
		}
		both := func(a, b int, wantB bool) (string, bool) {
			for i := range holds {
				if holds[i][a] && holds[i][b] == wantB {
					return fmt.Sprintf("seed %d, message %d:\n%s\n  unless %s\n%s\n  unless %s", seed, i, rules[a].in.When.Source, rules[a].in.Unless.Source, rules[b].in.When.Source, rules[b].in.Unless.Source), true
				}
			}
			return "", false
		}
		for i, a := range rules {
			if a.known && len(a.cubes) == 0 {
				claims[0]++
				if s, found := both(i, i, true); found {
					t.Fatalf("held to match nothing: %s", s)
				}
				continue
			}
			for j, b := range rules {
				if i == j || !a.known || !b.known || len(b.cubes) == 0 {
					continue
				}
				if p.exclusive(a.cubes, b.cubes) {
					claims[1]++
					if s, found := both(i, j, true); found {
						t.Fatalf("held to exclude each other: %s", s)
					}
				}
				if b.total && p.followsAll(a.cubes, b.holds) {
					claims[2]++
					if s, found := both(i, j, false); found {
						t.Fatalf("the first was held to imply the second: %s", s)
					}
				}
			}
		}
	}
	t.Logf("%d never, %d exclusive, %d implied", claims[0], claims[1], claims[2])
	if claims[0] < 20 || claims[1] < 300 || claims[2] < 100 {
		t.Errorf("the prover proves next to nothing: %v", claims)
	}
}

func proverFor(set *Set, r *config.Rules) *prover {
	p := newProver()
	for i, l := range r.Lists {
		p.lists[l.Name.Value] = set.lists[i]
	}
	for _, s := range r.Terms {
		p.noTerms[s.Name.Value] = len(s.Words) == 0
	}
	return p
}

// What people write to keep two rules apart must be understood.
func TestProverKnows(t *testing.T) {
	tests := []struct {
		a, b      string
		exclusive bool
		implied   bool // a implies b
	}{
		{`msg.from == "a@x.example"`, `msg.from == "b@x.example"`, true, false},
		{`msg.from == "a@x.example"`, `msg.from != "b@x.example"`, false, true},
		{`msg.from in ["a@x.example", "b@x.example"]`, `msg.from in ["c@x.example"]`, true, false},
		{`msg.from == "a@x.example"`, `msg.from in ["a@x.example", "b@x.example"]`, false, true},
		{`msg.from.domain() == "x.example"`, `msg.from.domain() == "y.example"`, true, false},
		{`msg.from == "a@x.example"`, `msg.from.domain() == "x.example"`, false, true},
		{`msg.from == "a@x.example"`, `msg.from.domain() == "y.example"`, true, false},
		{`msg.from.endsWith("@x.example")`, `msg.from.domain() == "y.example"`, true, false},
		{`msg.from.endsWith("@x.example")`, `msg.from.is_in(lists.y)`, true, false},
		{`msg.from.is_in(lists.x)`, `msg.from.is_in(lists.y)`, true, false},
		{`msg.from.is_in(lists.x)`, `msg.from.is_in(lists.sub)`, false, false},
		{`msg.from.is_in(lists.sub)`, `msg.from.is_in(lists.x)`, false, true},
		{`msg.from.is_in(lists.a)`, `msg.from.is_in(lists.x)`, false, true},
		{`msg.from.is_in(lists.sub)`, `!msg.from.is_in(lists.x)`, true, false},
		{`msg.from.domain() == "z.example"`, `msg.from.is_in(lists.x)`, true, false},
		{`msg.from.domain() == "sub.x.example"`, `msg.from.is_in(lists.x)`, false, false},
		{`msg.bulk`, `!msg.bulk`, true, false},
		{`msg.bulk && msg.seen`, `msg.seen`, false, true},
		{`msg.bulk`, `msg.bulk || msg.seen`, false, true},
		{`msg.bulk && !(msg.seen || msg.auto)`, `msg.auto`, true, false},
		{`msg.bulk ? msg.seen : msg.auto`, `!msg.seen && !msg.auto`, true, false},
		{`msg.subject.startsWith("A")`, `msg.subject.startsWith("B")`, true, false},
		{`msg.subject.startsWith("AB")`, `msg.subject.startsWith("A")`, false, true},
		{`msg.subject.contains("invoice 1")`, `msg.subject.contains("invoice")`, false, true},
		{`msg.subject == "Invoice"`, `msg.subject.lower().contains("voice")`, false, true},
		{`msg.subject.matches("^a")`, `!msg.subject.matches("^a")`, true, false},
		{`msg.subject == "b"`, `msg.subject.matches("^a")`, true, false},
		{`msg.size > 100`, `msg.size <= 100`, true, false},
		{`msg.size > 100`, `50 <= msg.size`, false, true},
		{`msg.size > 3 && msg.size < 4`, `msg.bulk`, true, true},
		{`msg.age > duration("72h")`, `msg.age <= duration("3h")`, true, false},
		{`msg.date < timestamp("2026-01-01T00:00:00Z")`, `msg.date >= timestamp("2026-01-01T00:00:00Z")`, true, false},
		{`terms.p.within("subject")`, `!terms.p.within("subject", "new")`, true, false},
		{`terms.p.within("subject")`, `terms.p.size() > 0`, false, true},
		{`terms.p.exists(t, t.where == "new" && t.at < 400)`, `terms.p.within("new")`, false, true},
		{`terms.p.within("subject")`, `terms.p.all(t, t.where == "footer")`, true, false},
		{`"a@x.example" in msg.to`, `msg.to.all(a, a.is_in(lists.y))`, true, false},
		{`msg.to.exists(a, a.is_in(lists.sub))`, `msg.to.exists(b, b.is_in(lists.x))`, false, true},
		{`msg.to.filter(a, a.is_in(lists.x)).size() > 0`, `msg.to.all(a, !a.is_in(lists.x))`, true, false},
		{`x.matter.open`, `!x.matter.found`, true, false},
		{`x.matter.number == "12345.001"`, `x.matter.number == "12345.002"`, true, false},
		{`msg.files.exists(f, f.kind == "ledes")`, `msg.files.size() == 0`, true, false},
		{`msg.subject == "a"`, `msg.from == "b"`, false, false},
		{`true`, `msg.bulk`, false, false},
		{`msg.bulk`, `true`, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.a+" | "+tt.b, func(t *testing.T) {
			in := someRules(rand.New(rand.NewSource(1)), 0)
			in.Mail = []config.MailRule{mailRule("a", 0, tt.a, mark("billing")), mailRule("b", 0, tt.b, mark("billing"))}
			set, errs := compile(in, false)
			if set == nil {
				t.Fatal(errs)
			}
			p := proverFor(set, in)
			rules := (&compiler{set: set}).asked(p, in)
			if got := p.exclusive(rules[0].cubes, rules[1].cubes); got != tt.exclusive {
				t.Errorf("exclusive is %v\n%v\n%v", got, rules[0].holds, rules[1].holds)
			}
			if got := p.followsAll(rules[0].cubes, rules[1].holds); got != tt.implied {
				t.Errorf("implied is %v\n%v\n%v", got, rules[0].holds, rules[1].holds)
			}
		})
	}
}
