package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"strings"

	"chancery/internal/trial"
)

// The form of JUnit reports that build servers read: suites of cases, one suite
// for each file.

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string         `xml:"name,attr"`
	Class   string         `xml:"classname,attr"`
	File    string         `xml:"file,attr"`
	Line    int            `xml:"line,attr"`
	Failure []junitFailure `xml:"failure"`
	Error   *junitFailure  `xml:"error"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes the report of the tests.
func writeJUnit(path string, r trial.Report) error {
	out, err := xml.MarshalIndent(junit(r), "", "  ")
	if err != nil {
		return fmt.Errorf("write JUnit report: %w", err)
	}
	if err := os.WriteFile(path, append([]byte(xml.Header), append(out, '\n')...), 0o644); err != nil {
		return fmt.Errorf("write JUnit report: %w", err)
	}
	return nil
}

func junit(r trial.Report) junitSuites {
	all := junitSuites{Name: "chancery", Tests: len(r.Cases)}
	at := map[string]int{}
	for _, c := range r.Cases {
		i, ok := at[c.Pos.File]
		if !ok {
			i = len(all.Suites)
			at[c.Pos.File] = i
			all.Suites = append(all.Suites, junitSuite{Name: c.Pos.File})
		}
		s := &all.Suites[i]
		s.Tests++
		j := junitCase{Name: c.Name, Class: strings.Join(c.Rules, " "), File: c.Pos.File, Line: c.Pos.Line}
		if c.Broken != "" {
			j.Error = &junitFailure{Message: c.Broken}
			s.Errors++
			all.Errors++
		} else if len(c.Failures) > 0 {
			s.Failures++
			all.Failures++
		}
		for _, f := range c.Failures {
			var text bytes.Buffer
			printFailure(&text, c, f)
			j.Failure = append(j.Failure, junitFailure{"expected " + f.Want, text.String()})
		}
		s.Cases = append(s.Cases, j)
	}
	return all
}
