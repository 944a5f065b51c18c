package rules

import (
	"testing"

	"chancery/config"
	"chancery/internal/model"
)

// What one rule would do among the others, not what it would do if it were alone.
func TestOnlyKeepsItsPlaceAmongTheOthers(t *testing.T) {
	guard := mailRule("guard", 9, `msg.subject.contains("bank")`, mark("privileged"))
	guard.Stop = true
	higher := mailRule("higher", 8, `msg.subject.contains("board")`, mark("billing"), file("Board"))
	it := mailRule("it", 5, `msg.size > 0`, mark("billing"), file("Bills"))
	below := mailRule("below", 4, `msg.size > 0`, mark("privileged"))
	below.Stop = true
	s := compiled(t, office(guard, higher, it, below))
	only, ok := s.Only("it")
	if !ok {
		t.Fatal("no such rule")
	}
	released := func(rules ...string) model.View {
		v := model.View{Now: now, Released: map[string]bool{}}
		for _, r := range rules {
			v.Released[r] = true
		}
		return v
	}
	for _, c := range []struct {
		subject string
		view    model.View
		want    string
	}{
		{"bill", released(), "it:mark billing, it:file Bills"},
		{"bank bill", released(), ""},
		{"board bill", released(), "it:mark billing, it?outranked file"},
		{"board bill", released("higher"), "it:mark billing, it?outranked file"}, // a person put it back: it stays
		{"bill", released("it"), "it?released mark, it?released file"},
	} {
		if got := shape(only.Decide(letter(c.subject, ""), c.view)); got != c.want {
			t.Errorf("%s: %q, want %q", c.subject, got, c.want)
		}
	}
	if s.only != "" || len(s.mail[0].actions) != 1 || s.mail[1].mode != config.Enforce {
		t.Error("the set it was taken from changed")
	}
}
