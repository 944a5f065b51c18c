package rules

import (
	"math/rand"
	"strings"
	"testing"
	"time"

	"chancery/config"
	"chancery/internal/model"
)

const hour = time.Hour

// The law of looking again: until the instant that the plan names nothing changes
// with time, and at that instant it may.
func TestLookAgain(t *testing.T) {
	tests := []struct {
		name string
		lets string // "name=expression;..."
		when string
		age  time.Duration
		want time.Duration // after it arrived; 0: never
	}{
		{"nothing about age", "", `msg.size > 0`, hour, 0},
		{"older than", "", `msg.age > duration("72h")`, hour, 72*hour + time.Second},
		{"at least as old", "", `msg.age >= duration("72h")`, hour, 72 * hour},
		{"younger than", "", `msg.age < duration("48h")`, hour, 48 * hour},
		{"at most as old", "", `msg.age <= duration("48h")`, hour, 48*hour + time.Second},
		{"the other way round", "", `duration("72h") < msg.age`, hour, 72*hour + time.Second},
		{"between", "", `msg.age > duration("24h") && msg.age < duration("48h")`, hour, 24*hour + time.Second},
		{"between, the first passed", "", `msg.age > duration("24h") && msg.age < duration("48h")`, 30 * hour, 48 * hour},
		{"passed", "", `msg.age > duration("72h")`, 73 * hour, 0},
		{"at the border", "", `msg.age > duration("72h")`, 72 * hour, 72*hour + time.Second},
		{"not answered", "", `!msg.answered && msg.age > duration("72h")`, hour, 72*hour + time.Second},
		{"flagged later", "", `msg.flagged && msg.age > duration("72h")`, hour, 72*hour + time.Second},
		{"a keyword later", "", `"work" in msg.flags && msg.age > duration("72h")`, hour, 72*hour + time.Second},
		{"never this message", "", `msg.subject.contains("nothing") && msg.age > duration("72h")`, hour, 0},
		{"never this message, by terms", "", `terms.personnel.size() > 0 && msg.age > duration("72h")`, hour, 0},
		{"never this sender", "", `msg.age > duration("72h") && !msg.from.is_in(lists.counsel)`, hour, 0},
		{"either", "", `msg.subject == "x" || msg.age > duration("72h")`, hour, 72*hour + time.Second},
		{"let of the comparison", "old=msg.age > duration(\"72h\")", `old && !msg.answered`, hour, 72*hour + time.Second},
		{"let of the age", "age=msg.age", `age > duration("72h")`, hour, 72*hour + time.Second},
		{"let of the limit", "limit=duration(\"72h\")", `msg.age > limit`, hour, 72*hour + time.Second},
		{"let of a let", "age=msg.age;same=age", `same > duration("72h")`, hour, 72*hour + time.Second},
		{"let that settles it", "ours=msg.from.is_in(lists.firm)", `ours && msg.age > duration("72h")`, hour, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := mailRule("r", 0, tt.when, config.Then{Star: true})
			for _, l := range strings.FieldsFunc(tt.lets, func(r rune) bool { return r == ';' }) {
				name, expr, _ := strings.Cut(l, "=")
				r.Let = append(r.Let, config.Let{Name: tx(name), Expr: ex(expr)})
			}
			s, errs := compile(office(r), false)
			if s == nil || tt.want > 0 && strings.Contains(errs.Error(), "age") {
				t.Fatalf("compile: %v", errs)
			}
			c := letter("hello", "privileged and confidential", func(m *model.Message, _ *model.Mail) { m.Arrived = now.Add(-tt.age) })
			got := s.Decide(c, model.View{Now: now}).LookAgain
			if tt.want == 0 {
				if !got.IsZero() {
					t.Errorf("looks again %s after it arrived", got.Sub(c.Message.Arrived))
				}
				return
			}
			if want := c.Message.Arrived.Add(tt.want); !got.Equal(want) {
				t.Errorf("looks again at %s, want %s after it arrived", got, tt.want)
			}
		})
	}
}

// At the instant of LookAgain the rule decides with the flags of then.
func TestLookAgainWithFreshFlags(t *testing.T) {
	s := compiled(t, office(mailRule("late", 0, `!msg.answered && msg.age > duration("72h")`, mark("billing"))))
	c := letter("hello", "please answer")
	first := s.Decide(c, model.View{Now: now})
	if len(first.Steps) > 0 || first.LookAgain.IsZero() {
		t.Fatalf("at first %s, again at %s", shape(first), first.LookAgain)
	}
	then := model.View{Now: first.LookAgain}
	if got := shape(s.Decide(c, then)); got != "late:mark billing" {
		t.Errorf("not answered: %q", got)
	}
	if before := s.Decide(c, model.View{Now: first.LookAgain.Add(-2 * time.Second)}); len(before.Steps) > 0 {
		t.Errorf("too early: %s", shape(before))
	}
	c.Message.Flags = model.Flags{`\Answered`}
	if got := s.Decide(c, then); len(got.Steps) > 0 || !got.LookAgain.IsZero() {
		t.Errorf("answered: %s, again at %s", shape(got), got.LookAgain)
	}
}

func TestLookAgainTakesTheEarliest(t *testing.T) {
	s := compiled(t, office(
		mailRule("week", 2, `msg.age >= duration("168h")`, mark("billing")),
		mailRule("day", 1, `msg.age >= duration("24h")`, mark("billing")),
		mailRule("released", 0, `msg.age >= duration("2h")`, mark("billing")),
	))
	c := letter("hello", "")
	got := s.Decide(c, model.View{Now: now, Released: map[string]bool{"released": true}}).LookAgain
	if want := c.Message.Arrived.Add(24 * hour); !got.Equal(want) {
		t.Errorf("again at %s, want %s", got, want)
	}
}

// What the program cannot wait for it says when the rules are loaded.
func TestAgesThatAreNotUnderstood(t *testing.T) {
	for _, when := range []string{
		`msg.age.getHours() > 72`, `msg.age + duration("1h") > duration("72h")`, `msg.age == duration("72h")`,
		`msg.age > (msg.bulk ? duration("1h") : duration("2h"))`,
	} {
		_, errs := compile(office(mailRule("r", 0, when, config.Then{Star: true})), false)
		if errs.Fatal() || !strings.Contains(errs.Error(), "nothing wakes the rule") {
			t.Errorf("%s: %v", when, errs)
		}
	}
}

// The law of never: where the plan names no instant, no flag that anyone sets
// meanwhile lets the age of the message decide anything.
func TestLawNeverIsNever(t *testing.T) {
	never, again := 0, 0
	for seed := range int64(150) {
		r := rand.New(rand.NewSource(seed))
		rules := lawRules(r)
		for i := range rules.Mail {
			m := &rules.Mail[i]
			m.Stop, m.Mode = false, config.Enforce // who is not asked does not wait
			if r.Intn(2) == 0 {
				m.When = ex(lawConditions[r.Intn(len(lawConditions))] + ` && msg.age >= duration("30h")`)
			}
			if r.Intn(3) == 0 {
				m.Let = []config.Let{{Name: tx("old"), Expr: ex(`msg.age > duration("50h")`)}, {Name: tx("seen"), Expr: ex(`msg.seen || msg.flagged`)}}
				m.When = ex(`(` + lawConditions[r.Intn(len(lawConditions))] + `) && (old || seen)`)
			}
		}
		s := compiled(t, rules)
		for range 6 {
			c, v := lawMail(r), lawView(r)
			v.Released = nil
			if !s.Decide(c, v).LookAgain.IsZero() {
				again++
				continue
			}
			never++
			for _, flags := range []model.Flags{nil, {`\Seen`}, {`\Flagged`, `\Answered`}, {`\Seen`, `\Flagged`, "x"}} {
				msg := *c.Message
				msg.Flags = flags
				other, later := c, v
				other.Message, later.Now = &msg, v.Now.Add(1000*hour)
				if a, b := s.Decide(other, v), s.Decide(other, later); shape(model.Plan{Steps: a.Steps}) != shape(model.Plan{Steps: b.Steps}) {
					t.Fatalf("seed %d, flags %q: now %s, later %s", seed, flags, shape(a), shape(b))
				}
			}
		}
	}
	if never < 100 || again < 50 {
		t.Errorf("%d never, %d again: the worlds prove nothing", never, again)
	}
}
