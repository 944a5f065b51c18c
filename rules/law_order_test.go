package rules

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"chancery/config"
	"chancery/internal/model"
)

// eachOffice is eachWorld with people who switch rules, and gives the rules as
// they were written too.
func eachOffice(t *testing.T, do func(r *rand.Rand, rules *config.Rules, s *Set, c model.Change, v model.View)) {
	for seed := range int64(120) {
		r := rand.New(rand.NewSource(seed + 1000))
		rules := lawRules(r)
		lawUsers(r, rules)
		s := compiled(t, rules)
		for range 6 {
			do(r, rules, s, lawMail(r), lawView(r))
		}
	}
}

// The answer depends on what is in the maps of a view and of a mail, not on how
// they came to be, and not on who asks at the same time.
func TestLawPureOverMapsAndTime(t *testing.T) {
	again := func(m map[string]bool) map[string]bool {
		out := make(map[string]bool, 100)
		for i := range 50 {
			out[fmt.Sprint("x", i)] = true
		}
		for _, k := range slices.Backward(slices.Sorted(maps.Keys(m))) {
			out[k] = m[k]
		}
		for i := range 50 {
			delete(out, fmt.Sprint("x", i))
		}
		return out
	}
	eachOffice(t, func(_ *rand.Rand, _ *config.Rules, s *Set, c model.Change, v model.View) {
		want := written(t, s.Decide(c, v))
		other := v
		other.Released, other.Thread = again(v.Released), slices.Clone(v.Thread)
		slices.Reverse(other.Thread)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if got := written(t, s.Decide(c, other)); !bytes.Equal(got, want) {
					t.Errorf("two answers:\n%s\n%s", want, got)
				}
			})
		}
		wg.Wait()
	})
}

// wishes are what rules that act want of the message, by rule and action.
func wishes(s *Set, c model.Change, v model.View) map[[2]string]bool {
	out := map[[2]string]bool{}
	for _, d := range s.Explain(c, v) {
		if d.Outcome != "acts" {
			continue
		}
		for _, does := range d.Detail.Reveal().Would {
			out[[2]string{d.Rule, strings.TrimPrefix(does, whatLegalHold+": ")}] = true
		}
	}
	return out
}

// No silent contradiction: what a rule wants and does not get has a report, unless
// it stands there already or another rule does just that.
func TestLawNothingIsSilent(t *testing.T) {
	looked := 0
	eachOffice(t, func(_ *rand.Rand, _ *config.Rules, s *Set, c model.Change, v model.View) {
		plan := s.Decide(c, v)
		done, told := map[string]bool{}, map[[2]string]bool{}
		for _, step := range plan.Steps {
			switch a := step.Action.(type) {
			case model.Mark:
				done["mark "+a.Name] = true
			case model.File:
				done["file "+strings.Join(a.Mailbox, "/")] = true
			}
		}
		for _, r := range plan.Reports {
			told[[2]string{r.Rule, r.Would}] = true
		}
		for wish := range wishes(s, c, v) {
			kind, what, _ := strings.Cut(wish[1], " ")
			there := kind == "file" && (sameMailbox(strings.Split(what, "/"), string(c.Message.Ref.Mailbox)) || strings.HasPrefix(what, "nowhere"))
			if !done[wish[1]] && !told[[2]string{wish[0], kind}] && !there {
				t.Fatalf("rule %s wants %q and nothing says why not: %s", wish[0], wish[1], shape(plan))
			}
			looked++
		}
	})
	if looked < 300 {
		t.Errorf("only %d wishes", looked)
	}
}

// Released stays released, whatever else is: no rule below does what a person
// undid, and the more is released the less happens.
func TestLawAnyReleases(t *testing.T) {
	undone := 0
	eachOffice(t, func(r *rand.Rand, rules *config.Rules, s *Set, c model.Change, v model.View) {
		v.Released = nil
		full := s.Decide(c, v)
		for range 4 {
			v.Released = map[string]bool{}
			for _, m := range rules.Mail {
				v.Released[m.Name.Value] = r.Intn(2) == 0
			}
			less := s.Decide(c, v)
			for _, step := range less.Steps {
				if v.Released[step.Rule] {
					t.Fatalf("released rule %s acts", step.Rule)
				}
				for _, was := range full.Steps {
					if v.Released[was.Rule] && sameAction(was.Action, step.Action) {
						t.Fatalf("rule %s does what a person undid of rule %s: %s", step.Rule, was.Rule, shape(less))
					}
				}
			}
			if len(less.Steps) > len(full.Steps) {
				t.Fatalf("releases make more happen: %s, before %s", shape(less), shape(full))
			}
			undone += len(full.Steps) - len(less.Steps)
		}
	})
	if undone < 100 {
		t.Errorf("only %d steps were undone", undone)
	}
}

func sameAction(a, b model.Action) bool {
	switch a := a.(type) {
	case model.Mark:
		m, ok := b.(model.Mark)
		return ok && m.Name == a.Name
	case model.File:
		_, ok := b.(model.File)
		return ok
	}
	return false
}

// compiledAlone is the firm's set in which every rule but one is off.
func compiledAlone(t *testing.T, rules *config.Rules, name string) *Set {
	t.Helper()
	firm := *rules
	firm.Users, firm.Mail = nil, slices.Clone(rules.Mail)
	for i := range firm.Mail {
		if firm.Mail[i].Name.Value != name {
			firm.Mail[i].Mode = config.Off
		}
	}
	return compiled(t, &firm)
}

// A switch never lets more happen than the firm's rule alone would do.
func TestLawSwitchesOnlyTakeAway(t *testing.T) {
	acted := 0
	var of *config.Rules
	var alone map[string]*Set // each rule of the firm as if the others were off
	eachOffice(t, func(_ *rand.Rand, rules *config.Rules, s *Set, c model.Change, v model.View) {
		if of != rules {
			of, alone = rules, map[string]*Set{}
		}
		for _, step := range s.Decide(c, v).Steps {
			set := alone[step.Rule]
			if set == nil {
				set = compiledAlone(t, rules, step.Rule)
				alone[step.Rule] = set
			}
			same := func(was model.Step) bool { return sameAction(was.Action, step.Action) }
			firms := set.Decide(c, v)
			// Where the firm's own place is the mailbox the message lies in, the other
			// place is a person's wish for a rule that acts.
			stays := step.Action.Kind() == "file" && wantsFile(set, c, v)
			if !slices.ContainsFunc(firms.Steps, same) && !stays {
				t.Fatalf("rule %s: %s, the firm's alone: %s", step.Rule, step.Action.Kind(), shape(firms))
			}
			acted++
		}
	})
	if acted < 200 {
		t.Errorf("only %d steps", acted)
	}
}

func wantsFile(s *Set, c model.Change, v model.View) bool {
	for wish := range wishes(s, c, v) {
		if strings.HasPrefix(wish[1], "file ") {
			return true
		}
	}
	return false
}

// Until the plan says to look again, time alone changes nothing.
func TestLawNothingChangesBeforeLookAgain(t *testing.T) {
	again := 0
	eachOffice(t, func(r *rand.Rand, _ *config.Rules, s *Set, c model.Change, v model.View) {
		plan := s.Decide(c, v)
		later := v
		until := 200 * hour
		if !plan.LookAgain.IsZero() {
			again++
			until = plan.LookAgain.Sub(now)
		}
		later.Now = now.Add((until * 9 / 10).Truncate(time.Second)) // servers tell arrival in seconds
		if !plan.LookAgain.IsZero() && !later.Now.Before(plan.LookAgain) {
			return
		}
		got := s.Decide(c, later)
		if shape(model.Plan{Steps: got.Steps}) != shape(model.Plan{Steps: plan.Steps}) {
			t.Fatalf("%s from now, and LookAgain is %s: %s, before %s", later.Now.Sub(now), plan.LookAgain, shape(got), shape(plan))
		}
	})
	if again < 20 {
		t.Errorf("only %d messages are looked at again", again)
	}
}

// The files of rules.d may have any names: with priorities that differ, and
// whatever file defines a list, the plan is the same.
func TestLawOrderOfFiles(t *testing.T) {
	parts := []string{
		"version: 1\nhouse: {firm: firm}\nlists: {firm: [firm.example]}\nlabels: {restricted: [f42aa342-8706-4288-bd11-ebb85995028c]}\n",
		"version: 1\nterms: {privilege: [work product], bill: [invoice]}\nmarks: {privileged: {keyword: lx-1}, billing: {keyword: lx-2}}\n",
		"version: 1\nlists: {counsel: [bar.example]}\nmail:\n  - {name: a, priority: 3, mode: enforce, when: 'terms.privilege.size() > 0 && msg.from.is_in(lists.counsel)', then: [mark: privileged]}\n" +
			"  - {name: b, priority: 1, mode: enforce, when: 'terms.bill.size() > 0', then: [mark: billing, file: Billing]}\n",
		"version: 1\nmail:\n  - {name: c, priority: 2, mode: enforce, when: 'msg.direction == \"in\" && terms.bill.size() > 0', then: [file: In]}\n" +
			"  - {name: d, priority: 4, mode: enforce, when: 'labels.restricted', then: [star], stop: true}\n",
	}
	const service = "version: 1\naccounts:\n  - {name: gc-mail, imap: {host: h.example, user: u, password: {credential: c}}}\n"
	r := rand.New(rand.NewSource(1))
	mails := []model.Change{letter("work product", "an invoice"), letter("invoice", ""), letter("hello", ""), letter("work product", "invoice", func(_ *model.Message, m *model.Mail) {
		m.Labels = []string{"f42aa342-8706-4288-bd11-ebb85995028c"}
	})}
	var want []string
	for range 12 {
		files := fstest.MapFS{"chancery.yaml": {Data: []byte(service)}}
		for i, at := range r.Perm(len(parts)) {
			files[fmt.Sprintf("rules.d/%d.yaml", at)] = &fstest.MapFile{Data: []byte(parts[i])}
		}
		cfg, errs := config.Load(files, "")
		s, more := Compile(&cfg.Rules)
		if len(errs)+len(more) > 0 {
			t.Fatalf("%v\n%v", errs, more)
		}
		var got []string
		for _, c := range mails {
			got = append(got, shape(s.Decide(c, model.View{Now: now})))
		}
		if want == nil {
			want = got
			if strings.Join(got, ";") == ";;;" {
				t.Fatal("nothing happens in any order")
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("in another order:\n%q\n%q", got, want)
		}
	}
}
