package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"chancery/config"
	"chancery/internal/trial"
)

func newTest() *cobra.Command {
	var o testOptions
	c := &cobra.Command{
		Use:   "test",
		Short: "run the tests that stand beside the rules",
		Long: `Run the tests that rule files hold under tests:, and those in folders: every
message in tests/RULE/match must match the rule, every one in
tests/RULE/no-match must not; .eml for mail, .ics for ranks and conflicts. Each
failure is told with its place, what was expected, what came, and which part of
the condition decided it. Nothing is connected to and nothing is changed.

Rules that only observe are tested as if they were enforced, so that switching a
rule on changes no test. The same tests run in "chancery check", when the
service starts and before every reload.

Exit code 0 if all tests pass, 1 if one fails, 2 if one cannot be run or the
configuration has a problem.`,
		Example: "  chancery test\n  chancery test --rule privileged\n  chancery test --junit report.xml",
		RunE: func(c *cobra.Command, _ []string) error {
			o.dir = configDir(c)
			return runTests(c.Context(), c.OutOrStdout(), o)
		},
	}
	c.Flags().StringVar(&o.rule, "rule", "", "only tests that speak of this rule, rank or ignore")
	c.Flags().StringVar(&o.junit, "junit", "", "also write a JUnit report to this file")
	c.Flags().BoolVar(&o.asJSON, "json", false, "print JSON")
	complete(c, "rule", testedNames)
	_ = c.MarkFlagFilename("junit", "xml")
	return c
}

type testOptions struct {
	dir, rule, junit string
	asJSON           bool
}

// tests runs the tests of a configuration.
func (l *loaded) tests(rule string) (trial.Report, error) {
	root, err := os.OpenRoot(l.cfg.Service.Dir)
	if err != nil {
		return trial.Report{}, fmt.Errorf("open configuration folder: %w", err)
	}
	defer func() { _ = root.Close() }()
	return trial.Run(l.cfg, l.set, config.Folder(root), trial.Options{Rule: rule, PDF: pdfs.Read}), nil
}

// try is the tests for the service: an error without content if one fails.
func (l *loaded) try() error {
	report, err := l.tests("")
	if err != nil {
		return err
	}
	if failed := report.Problems(); len(failed) > 0 {
		return failed
	}
	return nil
}

func runTests(_ context.Context, w io.Writer, o testOptions) error {
	l, err := load(o.dir)
	if err != nil {
		return cannot{err}
	}
	if o.rule != "" && !known(testedNames(l.cfg), o.rule) {
		return withHint(usagef("no rule, rank or ignore %q", o.rule), "see: chancery rules")
	}
	report, err := l.tests(o.rule)
	if err != nil {
		return cannot{err}
	}
	if o.junit != "" {
		if err := writeJUnit(o.junit, report); err != nil {
			return cannot{err}
		}
	}
	if o.asJSON {
		if err := printJSON(w, testJSON(report)); err != nil {
			return cannot{err}
		}
	} else {
		printTests(w, report)
	}
	switch failed, broken := report.Failed(); {
	case broken > 0:
		return cannot{errSilent}
	case failed > 0:
		return errSilent
	}
	return nil
}

// printTests tells every failure, then how many there are.
func printTests(w io.Writer, r trial.Report) {
	for _, c := range r.Cases {
		if c.Broken != "" {
			_, _ = fmt.Fprintf(w, "%s: test %q cannot be run\n    %s\n\n", c.Pos, c.Name, c.Broken)
		}
		for _, f := range c.Failures {
			printFailure(w, c, f)
		}
	}
	failed, broken := r.Failed()
	switch {
	case len(r.Cases) == 0:
		_, _ = fmt.Fprintln(w, "there are no tests")
		_, _ = fmt.Fprintln(w, wrapHint("    ", "write tests: in a rule file, or put messages into tests/RULE/match and tests/RULE/no-match"))
	case failed == 0:
		_, _ = fmt.Fprintf(w, "good: %s\n", plural(len(r.Cases), "test"))
	case broken == 0:
		_, _ = fmt.Fprintf(w, "%d of %s failed\n", failed, plural(len(r.Cases), "test"))
	default:
		_, _ = fmt.Fprintf(w, "%d of %s failed, %d of them cannot be run\n", failed, plural(len(r.Cases), "test"), broken)
	}
}

func printFailure(w io.Writer, c trial.Case, f trial.Failure) {
	head := f.Pos.String()
	if c.Name != f.Pos.File {
		head += fmt.Sprintf(": test %q", c.Name)
	}
	if f.Rule != "" {
		head += fmt.Sprintf(": rule %q", f.Rule)
	}
	_, _ = fmt.Fprintln(w, head)
	_, _ = fmt.Fprintln(w, hanging("    expected  ", f.Want))
	_, _ = fmt.Fprintln(w, hanging("    came      ", f.Got.Reveal()))
	if f.Why != nil {
		sayWhyNot(w, "    ", *f.Why)
	}
	_, _ = fmt.Fprintln(w)
}

// testResult is one test for programs.
type testResult struct {
	Name     string
	Place    string
	Good     bool
	Rules    []string      `json:",omitempty"`
	Broken   string        `json:",omitempty"`
	Failures []testFailure `json:",omitempty"`
}

type testFailure struct {
	Place    string
	Rule     string `json:",omitempty"`
	Expected string
	Came     string
	Why      *whyJSON `json:",omitempty"`
}

func testJSON(r trial.Report) []testResult {
	out := []testResult{}
	for _, c := range r.Cases {
		t := testResult{Name: c.Name, Place: c.Pos.String(), Good: c.Good(), Rules: c.Rules, Broken: c.Broken}
		for _, f := range c.Failures {
			failure := testFailure{Place: f.Pos.String(), Rule: f.Rule, Expected: f.Want, Came: f.Got.Reveal()}
			if f.Why != nil {
				why := whyOf(*f.Why)
				failure.Why = &why
			}
			t.Failures = append(t.Failures, failure)
		}
		out = append(out, t)
	}
	return out
}
