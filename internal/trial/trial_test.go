package trial_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"chancery/config"
	"chancery/internal/trial"
	"chancery/rules"
)

const service = `version: 1
accounts:
  - {name: gc-mail, imap: {host: imap.firm.example, user: gc, password: {credential: gc-mail}, mailboxes: [INBOX, Sent]}}
  - {name: gc-cal, caldav: {url: "https://cal.firm.example/", user: gc, password: {credential: gc-cal}, calendars: [work, {name: holds, create: true}]}}
principals:
  - {name: general-counsel, zone: America/New_York, addresses: [gc@firm.example], hours: ["Mon-Fri 09:00-18:00"], calendars: [gc-cal/work], holds: gc-cal/holds}
`

const ruleFile = `version: 1
defaults: {mode: observe, folders: [INBOX]}
terms: {privilege: [attorney client]}
marks: {privileged: {keyword: lx-1}, out: {keyword: lx-2}}
mail:
  - {name: privileged, priority: 9, when: 'terms.privilege.within("subject", "new")', then: [mark: privileged, star: true, file: Restricted]}
  - {name: sent, folders: [Sent], when: 'msg.subject.contains("out")', then: [mark: out]}
  - {name: never, mode: off, when: 'true', then: [mark: out]}
calendar:
  ignore: [{name: reminders, when: 'ev.title.startsWith("Reminder")'}]
  ranks:
    - {name: court, rank: 100, fixed: true, when: 'ev.title.contains("Hearing")'}
    - {name: other-people, rank: 20, when: true}
  conflicts: {horizon: 60d}
`

func letter(subject, body string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("From: Ann Ray <ray@bar.example>\r\nTo: gc@firm.example\r\nMessage-ID: <1@bar.example>\r\n" +
		"Date: Mon, 02 Mar 2026 09:00:00 +0000\r\nSubject: " + subject + "\r\n\r\n" + body + "\r\n")}
}

func event(uid, title, from, till string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//firm.example//t//EN\r\nBEGIN:VEVENT\r\nUID:" + uid + "\r\nDTSTAMP:20260101T000000Z\r\n" +
		"DTSTART:" + from + "\r\nDTEND:" + till + "\r\nSUMMARY:" + title + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")}
}

func folder() fstest.MapFS {
	return fstest.MapFS{
		"chancery.yaml":             {Data: []byte(service)},
		"rules.d/10.yaml":           {Data: []byte(ruleFile)},
		"tests/advice.eml":          letter("Attorney-client: advice", "Hello"),
		"tests/lunch.eml":           letter("Lunch", "Hello"),
		"tests/hearing.ics":         event("h@x", "Hearing", "20260303T150000Z", "20260303T160000Z"),
		"tests/call.ics":            event("c@x", "Client call", "20260303T153000Z", "20260303T163000Z"),
		"tests/reminder.ics":        event("r@x", "Reminder: file", "20260303T153000Z", "20260303T163000Z"),
		"tests/later.ics":           event("l@x", "Later call", "20260304T153000Z", "20260304T163000Z"),
		"tests/broken.ics":          {Data: []byte("BEGIN:VCALENDAR\r\n")},
		"tests/sent/match/a.eml":    letter("out of office", ""),
		"tests/sent/no-match/b.eml": letter("lunch", ""),
	}
}

func text(s string, line int) config.Text {
	return config.Text{Value: s, Pos: config.Pos{File: "rules.d/10.yaml", Line: line, Col: 5}}
}

func texts(line int, list ...string) (out []config.Text) {
	for _, s := range list {
		out = append(out, text(s, line))
	}
	return out
}

func expects(line int, rule string, do ...string) []config.Expected {
	return []config.Expected{{Rule: text(rule, line), Do: texts(line, do...)}}
}

// run runs tests besides those of the folders.
func run(t *testing.T, fsys fs.FS, o trial.Options, tests ...config.Test) trial.Report {
	t.Helper()
	cfg, errs := config.Load(fsys, "cfg")
	set, more := rules.Compile(&cfg.Rules)
	if errs.Fatal() || more.Fatal() {
		t.Fatalf("load:\n%v\n%v", errs, more)
	}
	for i := range tests {
		tests[i].Pos = config.Pos{File: "rules.d/10.yaml", Line: 30 + i, Col: 5}
		tests[i].Account = text("gc-mail", 30+i)
	}
	cfg.Rules.Tests = append(cfg.Rules.Tests, tests...)
	return trial.Run(cfg, set, fsys, o)
}

// told writes a report for comparison.
func told(r trial.Report) string {
	var b strings.Builder
	for _, c := range r.Cases {
		if c.Good() {
			fmt.Fprintf(&b, "good %s\n", c.Name)
			continue
		}
		fmt.Fprintf(&b, "bad %s %s %s\n", c.Pos, c.Name, c.Broken)
		for _, f := range c.Failures {
			fmt.Fprintf(&b, "  %s %s: want %s, got %s, explained %v\n", f.Pos, f.Rule, f.Want, f.Got.Reveal(), f.Why != nil)
		}
	}
	return b.String()
}

func TestMailTests(t *testing.T) {
	r := run(t, folder(), trial.Options{},
		config.Test{Name: text("advice", 30), Mail: text("tests/advice.eml", 30), Expect: expects(31, "privileged", "file Restricted", "star", "mark privileged"), Not: texts(32, "sent", "never")},
		config.Test{Name: text("matches", 30), Mail: text("tests/advice.eml", 30), Expect: expects(31, "privileged")},
		config.Test{Name: text("text", 30), Text: text("Subject: attorney/client\n\nx\n", 30), Expect: expects(31, "privileged", "mark privileged")},
		config.Test{Name: text("lunch", 30), Mail: text("tests/lunch.eml", 30), Expect: expects(31, "privileged", "mark privileged")},
		config.Test{Name: text("not", 30), Mail: text("tests/advice.eml", 30), Not: texts(32, "privileged")},
		config.Test{Name: text("none", 30), Mail: text("tests/lunch.eml", 30), None: true},
		config.Test{Name: text("not none", 30), Mail: text("tests/advice.eml", 30), None: true},
		config.Test{Name: text("elsewhere", 30), Mail: text("tests/advice.eml", 30), Folder: text("Sent", 30), None: true},
		config.Test{Name: text("gone", 30), Mail: text("tests/gone.eml", 30), None: true},
	)
	want := `good advice
good matches
bad rules.d/10.yaml:32:5 text 
  rules.d/10.yaml:31:5 privileged: want mark privileged, got mark privileged, star, file Restricted, explained true
bad rules.d/10.yaml:33:5 lunch 
  rules.d/10.yaml:31:5 privileged: want mark privileged, got the rule does not match, explained true
bad rules.d/10.yaml:34:5 not 
  rules.d/10.yaml:32:5 privileged: want the rule not to match, got mark privileged, star, file Restricted, explained true
good none
bad rules.d/10.yaml:36:5 not none 
  rules.d/10.yaml:36:5 privileged: want no rule to match, got mark privileged, star, file Restricted, explained true
good elsewhere
bad rules.d/10.yaml:38:5 gone tests/gone.eml does not exist
good tests/sent/match/a.eml
good tests/sent/no-match/b.eml
`
	if got := told(r); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if failed, broken := r.Failed(); failed != 5 || broken != 1 {
		t.Errorf("failed %d, broken %d", failed, broken)
	}
}

func TestEventTests(t *testing.T) {
	clash := texts(30, "tests/hearing.ics", "tests/call.ics")
	r := run(t, folder(), trial.Options{},
		config.Test{Name: text("clash", 30), Events: clash, Expect: append(expects(31, "court", "rank court", "conflict"), expects(31, "other-people", "conflict", "rank 20")...)},
		config.Test{Name: text("any", 30), Events: clash, Expect: expects(31, "conflicts", "conflict")},
		config.Test{Name: text("peace", 30), Events: texts(30, "tests/hearing.ics", "tests/later.ics"), None: true, Not: texts(32, "conflicts", "reminders")},
		config.Test{Name: text("ignored", 30), Events: texts(30, "tests/hearing.ics", "tests/reminder.ics"), None: true, Expect: expects(31, "reminders", "ignore")},
		config.Test{Name: text("wrong", 30), Events: clash, None: true, Expect: expects(31, "reminders"), Not: texts(32, "court", "conflicts")},
		config.Test{Name: text("wrong rank", 30), Events: clash, Expect: expects(31, "court", "rank 20")},
		config.Test{Name: text("broken", 30), Events: texts(30, "tests/broken.ics"), None: true},
	)
	came := `"Hearing" ranked court, in a conflict; "Client call" ranked other-people, in a conflict`
	want := `good clash
good any
good peace
good ignored
bad rules.d/10.yaml:34:5 wrong 
  rules.d/10.yaml:34:5 : want no conflict, got CAME, explained false
  rules.d/10.yaml:31:5 reminders: want an event to be taken by it, got CAME, explained true
  rules.d/10.yaml:32:5 court: want no event to be taken by it, got CAME, explained true
  rules.d/10.yaml:32:5 conflicts: want no conflict, got CAME, explained false
bad rules.d/10.yaml:35:5 wrong rank 
  rules.d/10.yaml:31:5 court: want rank 20, got CAME, explained true
bad rules.d/10.yaml:36:5 broken tests/broken.ics: ics-truncated at line 1
good tests/sent/match/a.eml
good tests/sent/no-match/b.eml
`
	if got := strings.ReplaceAll(told(r), came, "CAME"); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestFolderTests(t *testing.T) {
	fsys := folder()
	fsys["tests/privileged/match/lunch.eml"] = fsys["tests/lunch.eml"]
	fsys["tests/privileged/no-match/advice.eml"] = fsys["tests/advice.eml"]
	fsys["tests/court/match/hearing.ics"] = fsys["tests/hearing.ics"]
	fsys["tests/court/no-match/call.ics"] = fsys["tests/call.ics"]
	fsys["tests/nobody/match/a.eml"] = fsys["tests/lunch.eml"]
	fsys["tests/nobody/match/notes.txt"] = fsys["tests/lunch.eml"]
	got := told(run(t, fsys, trial.Options{}))
	want := `good tests/court/match/hearing.ics
good tests/court/no-match/call.ics
bad tests/nobody/match:1:1 tests/nobody/match there is no rule "nobody"
bad tests/privileged/match/lunch.eml:1:1 tests/privileged/match/lunch.eml 
  tests/privileged/match/lunch.eml:1:1 privileged: want the rule to match, got the rule does not match, explained true
bad tests/privileged/no-match/advice.eml:1:1 tests/privileged/no-match/advice.eml 
  tests/privileged/no-match/advice.eml:1:1 privileged: want the rule not to match, got mark privileged, star, file Restricted, explained true
good tests/sent/match/a.eml
good tests/sent/no-match/b.eml
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if got := told(run(t, fsys, trial.Options{Rule: "court"})); strings.Count(got, "\n") != 2 {
		t.Errorf("with --rule court:\n%s", got)
	}
}

// What may go to a log has words of the configuration alone.
func TestProblemsTellNoContent(t *testing.T) {
	fsys := folder()
	fsys["tests/secret.eml"] = letter("Attorney-client: swordfish", "swordfish")
	r := run(t, fsys, trial.Options{}, config.Test{Name: text("s", 30), Mail: text("tests/secret.eml", 30), Not: texts(31, "privileged")})
	if len(r.Problems()) != 1 || !r.Problems().Fatal() {
		t.Fatalf("problems: %v", r.Problems())
	}
	for _, s := range []string{r.Problems().Error(), fmt.Sprintf("%+v", r)} {
		if strings.Contains(strings.ToLower(s), "swordfish") {
			t.Errorf("content is told: %s", s)
		}
	}
}

// A test is decided when it says, by default an hour after the message's Date.
func TestTheTimeOfATest(t *testing.T) {
	fsys := folder()
	fsys["rules.d/10.yaml"] = &fstest.MapFile{Data: []byte(`version: 1
marks: {old: {keyword: lx-1}}
mail: [{name: old, when: 'msg.age > duration("48h")', then: [mark: old]}]
`)}
	delete(fsys, "tests/sent/match/a.eml")
	delete(fsys, "tests/sent/no-match/b.eml")
	for _, c := range []struct {
		now   time.Time
		would bool // the rule match
	}{{time.Time{}, false}, {time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC), true}} {
		r := run(t, fsys, trial.Options{}, config.Test{Name: text("n", 30), Mail: text("tests/lunch.eml", 30), Now: c.now, Expect: expects(31, "old", "mark old")})
		if failed, _ := r.Failed(); (failed == 0) != c.would {
			t.Errorf("at %v: %s", c.now, told(r))
		}
	}
}

func TestOneRulesTests(t *testing.T) {
	tests := []config.Test{
		{Name: text("none", 30), Mail: text("tests/lunch.eml", 30), None: true},
		{Name: text("peace", 30), Events: texts(30, "tests/hearing.ics"), None: true},
		{Name: text("advice", 30), Mail: text("tests/advice.eml", 30), Expect: expects(31, "privileged")},
	}
	for rule, want := range map[string]string{
		"privileged": "good none\ngood advice\n",
		"court":      "good peace\n",
		"sent":       "good none\ngood tests/sent/match/a.eml\ngood tests/sent/no-match/b.eml\n",
	} {
		if got := told(run(t, folder(), trial.Options{Rule: rule}, slices.Clone(tests)...)); got != want {
			t.Errorf("%s:\n%s", rule, got)
		}
	}
}

func TestTestsBringTheirPeople(t *testing.T) {
	fsys := folder()
	fsys["rules.d/20.yaml"] = &fstest.MapFile{Data: []byte("version: 1\nlists: {bar: {file: bar.txt}}\nmail: [{name: bar, when: msg.from.is_in(lists.bar), then: [mark: out]}]\n")}
	fsys["bar.txt"] = &fstest.MapFile{Data: []byte("# nobody yet\n")}
	fsys["tests/bar/match/a.eml"] = fsys["tests/lunch.eml"]
	r := run(t, fsys, trial.Options{Rule: "bar"})
	if failed, _ := r.Failed(); failed != 1 {
		t.Errorf("nobody is in the list: %s", told(r))
	}
	hint := r.Problems()[0].Hint
	if want := "if the rule is right as it is now, delete tests/bar/match/a.eml, or move it to tests/bar/no-match"; !strings.HasSuffix(hint, want) {
		t.Errorf("hint: %s", hint)
	}
	fsys["tests/lists/bar.txt"] = &fstest.MapFile{Data: []byte("bar.example\n")}
	if r := run(t, fsys, trial.Options{Rule: "bar"}); len(r.Cases) != 1 || !r.Cases[0].Good() {
		t.Errorf("with people for tests: %s", told(r))
	}
	r = run(t, fsys, trial.Options{}, config.Test{Name: text("old", 30), Mail: text("tests/lunch.eml", 30), Expect: expects(31, "privileged")})
	if hint := r.Problems()[0].Hint; !strings.HasSuffix(hint, "change this test in rules.d/10.yaml:30:5, or delete it") {
		t.Errorf("hint: %s", hint)
	}
}
