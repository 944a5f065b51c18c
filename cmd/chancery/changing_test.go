package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chancery/internal/demo"
	"chancery/sync/journal"
)

// rewrite changes one file of a configuration.
func rewrite(t *testing.T, dir, name, old, new string) {
	t.Helper()
	path := filepath.Join(dir, name)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s does not hold %q", name, old)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

func holds(t *testing.T, what, got string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(got, w) {
			t.Errorf("%s lacks %q:\n%s", what, w, got)
		}
	}
}

// entries counts what the journal has.
func (s *stage) entries(t *testing.T) int64 {
	t.Helper()
	n, err := s.journalEnd(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The way of a change, as the manual tells it, on the office of the demonstration
// while the service runs.
func TestChangingRulesSafely(t *testing.T) {
	s, _ := played(t)
	ctx := t.Context()
	var out strings.Builder
	plan := func(o sinceOptions) string {
		t.Helper()
		out.Reset()
		o.dir = s.dir
		if err := planSince(ctx, &out, &out, o); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	holds(t, "plan of the rules that run", plan(sinceOptions{since: "60d"}), "nothing changes: these files and the running rules are rule set ")

	// Another name is another rule, and what it does is the same.
	rewrite(t, s.dir, "rules.d/10-sensitive.yaml", "- name: locked\n", "- name: shut\n")
	before := s.entries(t)
	text := plan(sinceOptions{since: "60d"})
	holds(t, "plan", text, " messages of the last 60 days would be treated otherwise\n- the running rules, rule set ", "\n+ these files, rule set ",
		"locked  mark  2  0", "shut    mark  0  2", "    - locked: mark restricted\n    + shut: mark restricted\n        rules.d/10-sensitive.yaml:")
	if strings.Contains(text, "privileged") {
		t.Errorf("a rule that did not change is told:\n%s", text)
	}
	if text := plan(sinceOptions{since: "60d", rule: "shut"}); strings.Contains(text, "- locked") {
		t.Errorf("--rule tells of another:\n%s", text)
	}
	holds(t, "plan --json", plan(sinceOptions{since: "60d", asJSON: true}), `"Otherwise": 2`, `"Does": "mark restricted"`)
	holds(t, "plan --against", plan(sinceOptions{against: s.dir}), "nothing changes: these files and "+s.dir)

	// Observed is told apart.
	rewrite(t, s.dir, "rules.d/10-sensitive.yaml", "- name: shut\n", "- name: shut\n    mode: observe\n")
	holds(t, "plan of a rule that observes", plan(sinceOptions{since: "60d", rule: "shut"}), "0 of ", "2 more would only be observed otherwise", "+ shut: only observed: mark restricted")
	rewrite(t, s.dir, "rules.d/10-sensitive.yaml", "    mode: observe\n", "")
	if after := s.entries(t); after != before {
		t.Errorf("plan wrote %d entries", after-before)
	}

	// What was filed away is read where it lies.
	const place = `"Billing/{{msg.bill.matter.client}}/{{msg.bill.matter.number}}"`
	rewrite(t, s.dir, "rules.d/20-billing.yaml", place, `"Bills/{{x.matter.number}}"`)
	holds(t, "plan of another place", plan(sinceOptions{since: "60d", rule: "invoices"}), "\ninvoices  file  12  12\n",
		"    - invoices: file Billing/Blue Heron Foods/31055.0010\n    + invoices: file Bills/31055.0010\n", "    in INBOX of gc-mail, UID 24, ")
	rewrite(t, s.dir, "rules.d/20-billing.yaml", `"Bills/{{x.matter.number}}"`, place)

	// Backfill wants the rules that run.
	err := backfill(ctx, &out, strings.NewReader(""), redoOptions{dir: s.dir, rule: "shut", since: "60d"}, time.Now().AddDate(0, 0, -60))
	if err == nil || !strings.Contains(err.Error(), "backfill: the service runs rule set ") {
		t.Fatalf("backfill of rules that do not run: %v", err)
	}
	if r, _ := s.house.askReload(); r != "" {
		t.Fatal(r)
	}
	redoing := func(do func(context.Context, io.Writer, io.Reader, redoOptions, time.Time) error, o redoOptions) (string, error) {
		t.Helper()
		out.Reset()
		o.dir, o.since = s.dir, "60d"
		err := do(ctx, &out, strings.NewReader(""), o, time.Now().AddDate(0, 0, -60))
		return out.String(), err
	}
	text, err = redoing(backfill, redoOptions{rule: "work-product"})
	if err != nil {
		t.Fatal(err)
	}
	holds(t, "backfill of what is done", text, "nothing to do")

	// What a rule did is shown, and taken back only if somebody says so.
	text, err = redoing(undo, redoOptions{rule: "invoices"})
	if !errors.Is(err, errLeft) {
		t.Fatalf("undo without yes: %v", err)
	}
	holds(t, "undo", text, "    would take the mark billing away, move it back to INBOX\n")
	text, err = redoing(undo, redoOptions{rule: "invoices", yes: true})
	if err != nil {
		t.Fatal(err)
	}
	holds(t, "undo --yes", text, "gc-mail: 1 mark taken away, 1 message moved back, 0 left as people want it\n")
	text, err = redoing(undo, redoOptions{rule: "invoices", yes: true})
	if err != nil {
		t.Fatal(err)
	}
	holds(t, "undo again", text, "gc-mail: 2 steps taken back before, by people or by undo\n", "rule invoices did nothing since ")
	text, err = redoing(backfill, redoOptions{rule: "invoices", yes: true})
	if err != nil {
		t.Fatal(err)
	}
	holds(t, "backfill of what was undone", text, "nothing to do")

	out.Reset()
	if err := listRules(ctx, &out, rulesOptions{dir: s.dir, order: "priority"}); err != nil {
		t.Fatal(err)
	}
	holds(t, "rules", out.String(), "privileged ", "invoices ", "gone")
}

// The same without a service: the command does the work itself.
func TestUndoWithoutAService(t *testing.T) {
	office, err := demo.Open(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(office.Close)
	dir := t.TempDir()
	if err := office.Configure(dir); err != nil {
		t.Fatal(err)
	}
	if err := runDaemon(t.Context(), runOptions{dir: dir, once: true, logFormat: "text", logLevel: "error"}); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	o := redoOptions{dir: dir, rule: "privileged", since: "1d", source: "gc-mail", yes: true}
	if err := undo(t.Context(), &out, strings.NewReader(""), o, time.Now().AddDate(0, 0, -1)); err != nil {
		t.Fatal(err)
	}
	holds(t, "undo", out.String(), "    would take the mark privileged away\n", " marks taken away, 0 messages moved back, 0 left")
	out.Reset()
	if err := undo(t.Context(), &out, strings.NewReader(""), redoOptions{dir: dir, rule: "nobody", since: "1d"}, time.Now()); err == nil {
		t.Error("a rule that nobody knows was undone")
	}
}

func TestWhyNotAndExplainOnTheOffice(t *testing.T) {
	s, _ := played(t)
	var out strings.Builder
	const advice = "<advice-dredging@okafor-lane.example>"
	o := whyNotOptions{explainOptions: explainOptions{dir: s.dir, what: advice, mailbox: "INBOX"}, rule: "work-product"}
	if err := whyNot(t.Context(), &out, o); err != nil {
		t.Fatal(err)
	}
	holds(t, "why-not", out.String(), "rule set ", ", as the service runs it\n", "\n    work-product does not match\n", "    > no  when    ", "but: ")
	out.Reset()
	o.asJSON = true
	if err := whyNot(t.Context(), &out, o); err != nil {
		t.Fatal(err)
	}
	holds(t, "why-not --json", out.String(), `"Rule": "work-product"`, `"Otherwise": [`)
	out.Reset()
	o.what, o.asJSON = "<nobody@nowhere.example>", false
	if err := whyNot(t.Context(), &out, o); err == nil || !strings.Contains(err.Error(), "no message <nobody@nowhere.example> was found") {
		t.Errorf("why-not of nothing: %v", err)
	}
	out.Reset()
	if err := explain(t.Context(), &out, explainOptions{dir: s.dir, what: advice, mailbox: "INBOX"}); err != nil {
		t.Fatal(err)
	}
	holds(t, "explain", out.String(), "rule set ", "    privileged: matches and acts\n", `word    terms.privilege: "privileged and confidential" in the`, "= [")
}

// serve runs the service of a folder, which looks at its files all the time, until
// the test ends.
func serve(t *testing.T, dir string) *journal.Journal {
	t.Helper()
	l, err := loadToRun(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	j, err := openJournal(t.Context(), l.cfg, false)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	h := &house{o: runOptions{dir: dir, watchEvery: 5 * time.Millisecond}, log: slog.New(slog.DiscardHandler), journal: j, now: l, reloads: make(chan chan error)}
	ended := make(chan error, 1)
	go func() { ended <- h.live(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := firstError(<-ended, j.Close()); err != nil {
			t.Error(err)
		}
	})
	return j
}

// noted waits for the next entry of the house after one, and returns it.
func noted(t *testing.T, j *journal.Journal, after int64) journal.Entry {
	t.Helper()
	for t.Context().Err() == nil {
		for e, err := range j.Entries(t.Context(), journal.Filter{After: after}) {
			if err != nil {
				t.Fatal(err)
			}
			if e.Source == "" {
				return e
			}
		}
	}
	t.Fatal("the test ended first")
	return journal.Entry{}
}

func TestTheServiceTakesChangedLists(t *testing.T) {
	dir, _ := watched(t, map[string]string{"tests/out/match/a.eml": "From: a@other.example\nSubject: x\n\nx\n"})
	j := serve(t, dir)
	first := noted(t, j, 0)
	if first.Kind != "started" {
		t.Fatalf("first entry: %s", first.Kind)
	}
	put(t, dir, "lists/firm.txt", "firm.example\nnew.example\n")
	second := noted(t, j, first.Seq)
	if second.Kind != "reloaded" || second.Code == first.Code {
		t.Fatalf("after a good list: %s %s", second.Kind, second.Code)
	}
	put(t, dir, "lists/firm.txt", "firm.example\nother.example\n") // a test fails
	third := noted(t, j, second.Seq)
	if third.Kind != "reload-refused" || third.Code != second.Code {
		t.Fatalf("after a list that breaks a test: %s", third.Kind)
	}
	put(t, dir, "lists/firm.txt", "firm.example\n")
	if last := noted(t, j, third.Seq); last.Kind != "reloaded" || last.Code != first.Code {
		t.Fatalf("after it was mended: %s", last.Kind)
	}
}
