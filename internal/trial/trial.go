package trial

import (
	"fmt"
	"io/fs"
	"path"
	"slices"

	"chancery/config"
	"chancery/internal/filetext"
	"chancery/internal/model"
	"chancery/rules"
)

// Options says what to run, and what a folder does not tell.
type Options struct {
	Rule string       // only tests that speak of this rule; "": all
	PDF  filetext.PDF // reads PDF files of mails; nil: nobody does
}

// Report is what came of the tests, in the order of the files.
type Report struct {
	Cases []Case
}

// Case is one test.
type Case struct {
	Name     string
	Pos      config.Pos // of the test; of a test in a folder the file, line 1
	Rules    []string   // whom it speaks of, sorted; empty: of all
	Broken   string     // why it cannot be run, in words of the configuration; "" if it can
	Failures []Failure
}

// Failure is one expectation that did not come true.
type Failure struct {
	Pos  config.Pos // of the expectation
	Rule string     // "" if it is about no rule in particular
	Want string     // words of the rule file
	Got  model.Private[string]
	// Why explains the rule; nil if there is nothing to explain.
	Why *rules.WhyNot
}

// Good reports whether the test came out as expected.
func (c Case) Good() bool { return c.Broken == "" && len(c.Failures) == 0 }

// Failed counts the tests that did not come out as expected, Broken those of them
// that cannot be run.
func (r Report) Failed() (failed, broken int) {
	for _, c := range r.Cases {
		if !c.Good() {
			failed++
		}
		if c.Broken != "" {
			broken++
		}
	}
	return failed, broken
}

// mend says what to do about a failure: the rule may be right and its test old.
func (c Case) mend() string {
	out := "chancery test shows what came instead, and why; if the rule is right as it is now, "
	if c.Name != c.Pos.File {
		return out + "change this test in " + c.Pos.String() + ", or delete it"
	}
	dir, kind := path.Split(path.Dir(c.Name))
	other := map[string]string{"match": "no-match", "no-match": "match"}[kind]
	return out + "delete " + c.Name + ", or move it to " + dir + other
}

// Problems tells what failed as problems of the files, without content: safe to
// log.
func (r Report) Problems() config.Errors {
	var out config.Errors
	for _, c := range r.Cases {
		if c.Broken != "" {
			out = append(out, config.Error{Pos: c.Pos, Problem: fmt.Sprintf("test %q cannot be run: %s", c.Name, c.Broken)})
		}
		for _, f := range c.Failures {
			out = append(out, config.Error{Pos: f.Pos, Rule: f.Rule, Problem: fmt.Sprintf("test %q fails: expected %s", c.Name, f.Want),
				Hint: c.mend()})
		}
	}
	return out.Sort()
}

// unready tells why no test can be run.
func unready(problems config.Errors) Report {
	c := Case{Name: testsFolder, Pos: config.Pos{File: testsFolder, Line: 1, Col: 1}, Broken: "the rules do not compile with what is added for tests"}
	for _, e := range problems {
		if !e.Warning {
			c.Pos, c.Broken = e.Pos, c.Broken+": "+e.Problem
			break
		}
	}
	return Report{Cases: []Case{c}}
}

// Run runs the tests of a configuration; set is compiled from it. fsys is its
// folder.
func Run(cfg *config.Config, set *rules.Set, fsys fs.FS, o Options) Report {
	set, problems := rules.ForTests(&cfg.Rules, set)
	if set == nil {
		return unready(problems)
	}
	b := &bench{cfg: cfg, set: set.Enforced(), fsys: fsys, pdf: o.PDF}
	var out Report
	for _, t := range cfg.Rules.Tests {
		if o.Rule == "" || b.concerns(t, o.Rule) {
			out.Cases = append(out.Cases, b.inline(t))
		}
	}
	out.Cases = append(out.Cases, b.folders(func(rule string) bool { return o.Rule == "" || rule == o.Rule })...)
	return out
}

// concerns reports whether a test speaks of a rule: it names it, or it says that
// no rule matches and is about what this one looks at.
func (b *bench) concerns(t config.Test, rule string) bool {
	mail := slices.ContainsFunc(b.cfg.Rules.Mail, func(m config.MailRule) bool { return m.Name.Value == rule })
	return slices.Contains(named(t), rule) || t.None && mail == (len(t.Events) == 0)
}

// someDesk reads the letters of every test: what a rule means does not depend on
// who reads notes in this house.
var someDesk = model.Desk{
	Notes: "notes", NotesBox: []string{"INBOX"}, NotesTo: "assistant@firm.example", From: model.Address{Addr: "principal@firm.example"},
}

// bench is one run.
type bench struct {
	cfg  *config.Config
	set  *rules.Set
	fsys fs.FS
	pdf  filetext.PDF
}

// named are the rules a test speaks of.
func named(t config.Test) []string {
	var out []string
	for _, e := range t.Expect {
		out = append(out, e.Rule.Value)
	}
	for _, n := range t.Not {
		out = append(out, n.Value)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// inline runs one test of a rule file.
func (b *bench) inline(t config.Test) Case {
	c := Case{Name: t.Name.Value, Pos: t.Pos, Rules: named(t)}
	if len(t.Events) > 0 {
		b.events(t, &c)
	} else {
		b.mail(t, &c)
	}
	return c
}
