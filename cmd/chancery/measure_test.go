package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chancery/config"
	"chancery/internal/servertest"
)

// starter writes the starter configuration.
func starter(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "conf")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := writeExample(dir, config.Example()); err != nil {
		t.Fatal(err)
	}
	return dir
}

// sensitiveMarks are what the shipped rules for sensitive mail set.
var sensitiveMarks = []string{"privileged", "restricted", "settlement", "hold"}

// The floor holds what is reached on labelled mail, minus a margin: the labels are
// by topic, and a yardstick. Who breaks it has made the rules worse.
func TestShippedRulesKeepTheirMeasure(t *testing.T) {
	dir := servertest.Corpus(t, "enron-berkeley-annotated")
	conf := starter(t)
	for part, floor := range map[string][2]float64{"": {0.59, 0.78}, "1/2": {0.67, 0.83}, "2/2": {0.49, 0.70}} {
		m, err := takeMeasure(conf, measureOptions{dirs: []string{dir}, gold: []string{"3.10", "2.8", "4.10"}, marks: sensitiveMarks, folder: "INBOX", part: part})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("part %q: %d messages, %+v", part, m.Messages, m.Total)
		if m.Labeled < 300 || m.Positives < 40 {
			t.Errorf("part %q: %d labeled, %d positive", part, m.Labeled, m.Positives)
		}
		if m.Total.Precision < floor[0] || m.Total.Recall < floor[1] {
			t.Errorf("part %q: precision %.2f recall %.2f, below %.2f and %.2f", part, m.Total.Precision, m.Total.Recall, floor[0], floor[1])
		}
	}
}

// A whole mailbox that nobody labelled: a person reads what is flagged, so it must
// be little.
func TestShippedRulesAreQuietOnAWholeMailbox(t *testing.T) {
	dir := servertest.Corpus(t, "enron-calo-maildir")
	m, err := takeMeasure(starter(t), measureOptions{dirs: []string{dir}, marks: sensitiveMarks, folder: "INBOX"})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d flagged", m.Total.Flagged, m.Messages)
	if m.Messages < 1000 || m.Total.Flagged*100 > m.Messages {
		t.Errorf("%d of %d are flagged", m.Total.Flagged, m.Messages)
	}
}

// samplesOf writes messages by path.
func samplesOf(t *testing.T, subjects map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for path, subject := range subjects {
		name := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			t.Fatal(err)
		}
		raw := "From: jo@northcounsel.example\r\nTo: gc@firm.example\r\nDate: Mon, 2 Mar 2026 08:00:00 +0000\r\nSubject: " + subject + "\r\n\r\nSee you on Tuesday.\r\n"
		if strings.HasSuffix(path, ".cats") {
			raw = subject
		}
		if err := os.WriteFile(name, []byte(raw), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestMeasureByFolders(t *testing.T) {
	dir := samplesOf(t, map[string]string{
		"positive/1.eml": "Privileged and confidential", "positive/2.eml": "Lunch", "negative/deep/3.eml": "Confidential: the cake",
		"negative/4.eml": "Lunch", "negative/.hidden": "Confidential", "neither/5.eml": "Confidential",
	})
	m, err := takeMeasure(starter(t), measureOptions{dirs: []string{dir}, marks: sensitiveMarks, folder: "INBOX"})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%d %d %d, %d right %d wrong %d missed %d quiet, P %.2f R %.2f", m.Messages, m.Labeled, m.Positives,
		m.Total.Right, m.Total.Wrong, m.Total.Missed, m.Total.Quiet, m.Total.Precision, m.Total.Recall)
	if got != "5 4 2, 1 right 1 wrong 1 missed 1 quiet, P 0.50 R 0.50" {
		t.Error(got)
	}
	if len(m.Wrong) != 2 || !strings.HasSuffix(m.Wrong[0].Path, "3.eml") || m.Wrong[0].Missed || !m.Wrong[1].Missed {
		t.Errorf("%+v", m.Wrong)
	}
	if len(m.Flagged) != 1 {
		t.Errorf("%+v", m.Flagged)
	}
}

func TestMeasureByTableAndByCodes(t *testing.T) {
	conf := starter(t)
	dir := samplesOf(t, map[string]string{
		"a.txt": "Privileged and confidential", "a.cats": "1,1,2\n3,10,1\n", "b.txt": "Lunch", "b.cats": "1,3,1\n3,1,10\n", "c.txt": "Confidential", "d/e.txt": "Rule 408",
	})
	m, err := takeMeasure(conf, measureOptions{dirs: []string{dir}, gold: []string{"3.10"}, folder: "INBOX"})
	if err != nil || m.Messages != 2 || m.Total.Right != 1 || m.Total.Quiet != 1 {
		t.Errorf("codes: %v %+v", err, m)
	}
	table := filepath.Join(dir, "labels.csv")
	if err := os.WriteFile(table, []byte("path,label\n# a note\na.txt,yes\nb.txt,no\nd/e.txt,0\nmissing.txt,yes\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err = takeMeasure(conf, measureOptions{dirs: []string{dir}, labels: table, folder: "INBOX", marks: []string{"privileged"}})
	if err != nil || m.Messages != 3 || m.Total.Right != 1 || m.Total.Wrong != 0 || m.Total.Quiet != 2 {
		t.Errorf("table: %v %+v", err, m)
	}
	m, err = takeMeasure(conf, measureOptions{dirs: []string{dir}, labels: table, folder: "INBOX", rules: []string{"settlement"}})
	if err != nil || m.Total.Right != 0 || m.Total.Wrong != 1 {
		t.Errorf("one rule: %v %+v", err, m)
	}
	if err := os.WriteFile(table, []byte("path,label\na.txt,perhaps\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err = takeMeasure(conf, measureOptions{dirs: []string{dir}, labels: table}); err == nil || !strings.Contains(err.Error(), "labels.csv:2") {
		t.Errorf("an unknown label: %v", err)
	}
}

func TestMeasureParts(t *testing.T) {
	n := 0
	for i := range 1000 {
		name := fmt.Sprint(i, ".eml")
		if inPart(name, 1, 2) == inPart(name, 2, 2) {
			t.Fatalf("%s is in both parts or in none", name)
		}
		if inPart(name, 1, 2) {
			n++
		}
	}
	if n < 400 || n > 600 {
		t.Errorf("%d of 1000 in the first half", n)
	}
	for _, bad := range []string{"0/2", "3/2", "1", "1/", "a/b", "1/2x", "-1/2"} {
		if _, _, err := parsePart(bad); err == nil {
			t.Errorf("%q is taken for a part", bad)
		}
	}
}

func TestMeasureOutput(t *testing.T) {
	conf := starter(t)
	dir := samplesOf(t, map[string]string{"positive/1.eml": "Privileged and confidential", "negative/2.eml": "Confidential: the cake"})
	var out bytes.Buffer
	if err := measure(&out, conf, measureOptions{dirs: []string{dir}, marks: sensitiveMarks, folder: "INBOX", misses: true}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2 messages, 2 labeled, 1 of them positive", "rule locked", "mark privileged", "flagged wrongly\n    " + filepath.Join(dir, "negative/2.eml") + "  locked\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "cake") {
		t.Error("the output quotes mail")
	}
	out.Reset()
	if err := measure(&out, conf, measureOptions{dirs: []string{dir}, folder: "INBOX", json: true}); err != nil {
		t.Fatal(err)
	}
	var back measurement
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back.Total.Right != 1 || back.Total.Wrong != 1 || len(back.Rules) != 2 {
		t.Errorf("%v %s", err, out.String())
	}
	if err := measure(&out, conf, measureOptions{dirs: []string{dir}, marks: []string{"nothing"}}); err == nil {
		t.Error("a mark that no rule sets is counted")
	}
}
