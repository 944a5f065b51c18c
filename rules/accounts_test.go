package rules

import (
	"strings"
	"testing"

	"chancery/config"
	"chancery/internal/model"
)

func in(account string) func(*model.Message, *model.Mail) {
	return func(m *model.Message, _ *model.Mail) { m.Ref.Source = model.SourceID(account) }
}

// switchOf is one switch of users.d, as config reads it.
func switchOf(account, rule string, mode config.Mode, folder string) config.User {
	s := config.Switch{Rule: config.Text{Value: rule, Pos: config.Pos{File: "users.d/" + account + ".yaml", Line: 3, Col: 3}}, Mode: mode}
	if folder != "" {
		s.File = tmpl(folder)
	}
	return config.User{Account: tx(account), Switches: []config.Switch{s}}
}

func TestRulesOfAccounts(t *testing.T) {
	only := mailRule("only", 1, `msg.size > 0`, mark("billing"))
	only.Accounts = txs("gc-mail")
	own := mailRule("own", 0, `msg.size > 0`, mark("privileged"))
	own.Accounts, own.User = txs("pa-mail"), true
	s := compiled(t, office(only, own))
	for account, want := range map[string]string{"gc-mail": "only:mark billing", "pa-mail": "own:mark privileged", "other": "", "": ""} {
		c := letter("hello", "x", in(account))
		if got := shape(s.Decide(c, model.View{Now: now})); got != want {
			t.Errorf("%q: %q, want %q", account, got, want)
		}
		for _, v := range s.Explain(c, model.View{Now: now}) {
			switch {
			case v.Rule == "own" && account != "pa-mail":
				t.Errorf("%q sees what a person of another account wrote", account)
			case v.Rule == "only" && account != "gc-mail" && v.Outcome != "account":
				t.Errorf("%q: the outcome is %q", account, v.Outcome)
			}
		}
	}
}

func TestSwitchesOfUsers(t *testing.T) {
	rules := func(mode config.Mode, users ...config.User) *Set {
		filing := mailRule("filing", 1, `msg.size > 0`, mark("billing"), file("Filed/{{msg.from.domain()}}"))
		filing.Mode = mode
		r := office(filing)
		r.Users = users
		return compiled(t, r)
	}
	tests := []struct {
		name         string
		set          *Set
		gc, pa, mode string
	}{
		{"off", rules(config.Enforce, switchOf("gc-mail", "filing", config.Off, "")), "", "filing:mark billing, filing:file Filed|uk.bar.example", "off"},
		{"observe", rules(config.Enforce, switchOf("gc-mail", "filing", config.Observe, "")),
			"filing?observe mark, filing?observe file", "filing:mark billing, filing:file Filed|uk.bar.example", "observe"},
		{"folder", rules(config.Enforce, switchOf("gc-mail", "filing", "", "Mine/{{msg.from}}")),
			"filing:mark billing, filing:file Mine|alex@uk.bar.example", "filing:mark billing, filing:file Filed|uk.bar.example", "enforce"},
		{"more than the firm's", rules(config.Observe, switchOf("gc-mail", "filing", config.Enforce, "")),
			"filing?observe mark, filing?observe file", "filing?observe mark, filing?observe file", "observe"},
		{"on what is off", rules(config.Off, switchOf("gc-mail", "filing", config.Observe, "")), "", "", "off"},
		{"a rule that is not there", rules(config.Enforce, switchOf("gc-mail", "fling", config.Off, "")),
			"filing:mark billing, filing:file Filed|uk.bar.example", "filing:mark billing, filing:file Filed|uk.bar.example", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for account, want := range map[string]string{"gc-mail": tt.gc, "pa-mail": tt.pa} {
				if got := shape(tt.set.Decide(letter("hello", "x", in(account)), model.View{Now: now})); got != want {
					t.Errorf("%s: %q, want %q", account, got, want)
				}
			}
			v := tt.set.Explain(letter("hello", "x", in("gc-mail")), model.View{Now: now})[0]
			if tt.mode == "" {
				if v.Switched != "" {
					t.Errorf("switched at %s", v.Switched)
				}
				return
			}
			if string(v.Mode) != tt.mode || !strings.HasPrefix(v.Switched, "users.d/gc-mail.yaml:3:3") {
				t.Errorf("explained as %s, switched at %q", v.Mode, v.Switched)
			}
		})
	}
}

// What a person chooses as a folder is held to the same rules as any path.
func TestFolderOfUserIsChecked(t *testing.T) {
	for _, folder := range []string{"{{msg.from_name}}", "Mine/{{msg.subjct}}", "Mine/{{msg.to}}", "Mine/../x"} {
		r := office(mailRule("filing", 1, `msg.size > 0`, file("Filed")))
		r.Users = []config.User{switchOf("gc-mail", "filing", "", folder)}
		if s, errs := Compile(r); s != nil || !errs.Fatal() {
			t.Errorf("%s: %v", folder, errs)
		}
	}
}

// A person's stop ends that person's rules; a rule of the firm below goes on.
func TestStopOfUserIsTheirOwn(t *testing.T) {
	first := mailRule("mine", 40, `msg.size > 0`, mark("billing"))
	second := mailRule("mine too", 30, `msg.size > 0`, config.Then{Star: true})
	first.Stop, first.User, second.User = true, true, true
	first.Accounts, second.Accounts = txs("gc-mail"), txs("gc-mail")
	s := compiled(t, office(first, second, mailRule("firm", 0, `msg.size > 0`, mark("privileged"))))
	c := letter("hello", "x")
	if got, want := shape(s.Decide(c, model.View{Now: now})), "mine:mark billing, firm:mark privileged"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	var outcomes []string
	for _, v := range s.Explain(c, model.View{Now: now}) {
		outcomes = append(outcomes, v.Rule+" "+v.Outcome)
	}
	if got, want := strings.Join(outcomes, ", "), "mine acts, mine too stopped, firm acts"; got != want {
		t.Errorf("explained as %q, want %q", got, want)
	}
}

func TestOnly(t *testing.T) {
	off := mailRule("off", 0, `msg.text.contains("x")`, mark("billing"))
	off.Mode = config.Off
	r := office(mailRule("a", 2, `msg.size > 0`, mark("billing")), mailRule("b", 1, `msg.text.contains("x")`, mark("privileged")), off)
	r.Users = []config.User{switchOf("pa-mail", "b", config.Off, "")}
	s := compiled(t, r)
	a, ok := s.Only("a")
	if !ok {
		t.Fatal("there is no rule a")
	}
	c := letter("hello", "x")
	if got := shape(a.Decide(c, model.View{Now: now})); got != "a:mark billing" {
		t.Errorf("only a: %q", got)
	}
	if a.Need() != (model.Need{}) || a.Version() != s.Version() {
		t.Errorf("only a needs %+v, version %q", a.Need(), a.Version())
	}
	if got := shape(s.Decide(c, model.View{Now: now})); got != "a:mark billing, b:mark privileged" {
		t.Errorf("the set it was taken from changed: %q", got)
	}
	b, _ := s.Only("b")
	if got := shape(b.Decide(letter("hello", "x", in("pa-mail")), model.View{Now: now})); got != "" {
		t.Errorf("only b, where people switched it off: %q", got)
	}
	if _, ok := s.Only("c"); ok {
		t.Error("there is a rule c")
	}
}
