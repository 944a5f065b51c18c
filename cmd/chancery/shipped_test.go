package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/config"
	"chancery/internal/servertest"
)

// shippedPeople are the people and matters of the shipped tests as lines for the
// lists and the matter list that "chancery init" leaves empty.
func shippedPeople(t testing.TB) map[string]string {
	t.Helper()
	cfg, errs := config.Load(config.Example(), "")
	if errs.Fatal() {
		t.Fatal(errs)
	}
	out := map[string]string{}
	for _, add := range cfg.Rules.TestData.Lists {
		i := slices.IndexFunc(cfg.Rules.Lists, func(l config.List) bool { return l.Name.Value == add.Name.Value })
		for _, e := range add.Entries {
			out[cfg.Rules.Lists[i].File] += e.Value + "\n"
		}
	}
	matters, err := fs.ReadFile(config.Example(), "tests/matters.csv")
	if err != nil {
		t.Fatal(err)
	}
	_, out["matters.csv"], _ = strings.Cut(string(matters), "\n")
	return out
}

// ship replaces the firm's rules by those that "chancery init" writes, all of
// them enforced, with the people and matters of their tests and with lines added
// to files of theirs by name.
func (f *firm) ship(more map[string]string) {
	f.t.Helper()
	if err := os.RemoveAll(filepath.Join(f.dir, "rules.d")); err != nil {
		f.t.Fatal(err)
	}
	example, people := config.Example(), shippedPeople(f.t)
	err := fs.WalkDir(example, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path == "chancery.yaml" {
			return err
		}
		b, err := fs.ReadFile(example, path)
		if err != nil {
			return err
		}
		text := strings.ReplaceAll(string(b), "mode: observe", "mode: enforce")
		f.write(path, text+people[path]+more[path])
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// follow replaces the mailboxes of gc's account.
func (f *firm) follow(boxes []string) {
	f.t.Helper()
	path := filepath.Join(f.dir, "chancery.yaml")
	b, err := os.ReadFile(path)
	if err != nil {
		f.t.Fatal(err)
	}
	list, _ := json.Marshal(boxes)
	f.write("chancery.yaml", strings.Replace(string(b), "mailboxes: [INBOX]", "mailboxes: "+string(list), 1))
}

// addCalendar lets the principal's time also depend on the calendar at url, as
// NAME/careless.
func (f *firm) addCalendar(name, url string) {
	f.t.Helper()
	path := filepath.Join(f.dir, "chancery.yaml")
	b, err := os.ReadFile(path)
	if err != nil {
		f.t.Fatal(err)
	}
	account := fmt.Sprintf("  - name: %s\n    caldav: {url: %q, user: x, password: {file: %s}, calendars: [careless], poll: 1s}\nprincipals:\n", name, url, f.secret("x"))
	text := strings.Replace(string(b), "principals:\n", account, 1)
	f.write("chancery.yaml", strings.Replace(text, "calendars: [cal/work]", "calendars: [cal/work, "+name+"/careless]", 1))
}

// measured is how one command did.
type measured struct {
	out     string
	code    int
	seconds float64
	peak    int // MiB of resident memory at the most
}

// measure runs one command. The peak is VmHWM as last seen: what wait4 reports
// starts from the memory of the test that started the command.
func (f *firm) measure(args ...string) measured {
	f.t.Helper()
	cmd := f.command(args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	end := make(chan struct{})
	go func() { _ = cmd.Wait(); close(end) }()
	m := measured{}
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		select {
		case <-tick.C:
			m.peak = max(m.peak, peakOf(cmd.Process.Pid))
			continue
		case <-end:
			tick.Stop()
		}
		break
	}
	m.out, m.code, m.seconds = out.String(), cmd.ProcessState.ExitCode(), time.Since(begin).Seconds()
	return m
}

// peakOf returns the most memory a process had resident, in MiB; 0 if unknown.
func peakOf(pid int) int { return statusKiB(pid, "VmHWM:") / 1024 }

// statusKiB reads a size from a process's status; 0 if unknown.
func statusKiB(pid int, name string) (kib int) {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(b), name)
	_, _ = fmt.Sscanf(rest, "%d", &kib)
	return kib
}

// outcome is what a run left in the journal.
type outcome struct {
	states map[string]map[string]int // action, then state
	parked map[string]int            // source and code
	open   int
}

func (o outcome) String() string {
	return fmt.Sprintf("steps %v, open %d, parked %v", o.states, o.open, o.parked)
}

// total counts the steps.
func (o outcome) total() (n int) {
	for _, states := range o.states {
		for _, k := range states {
			n += k
		}
	}
	return n
}

// outcome reads the journal by the commands IT would use.
func (f *firm) outcome() outcome {
	f.t.Helper()
	o := outcome{states: map[string]map[string]int{}, parked: map[string]int{}}
	out, _ := f.cli("status", "--json")
	var r statusReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		f.t.Fatalf("status: %v\n%s", err, out)
	}
	for _, p := range r.Parked {
		o.parked[string(p.Source)+" "+p.Code]++
	}
	for _, s := range r.Journal.Sources {
		o.open += s.Steps["planned"] + s.Steps["sent"]
	}
	out, code := f.cli("journal", "--json", "--limit", "0")
	if code != 0 {
		f.t.Fatalf("journal: exit %d\n%s", code, out)
	}
	last := map[string][2]string{}
	for line := range strings.Lines(out) {
		var e struct{ Step, Kind, Action string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			f.t.Fatalf("journal: %v\n%s", err, line)
		}
		if e.Step != "" && e.Action != "" && !strings.HasPrefix(e.Kind, "bill-") {
			last[e.Step] = [2]string{e.Action, e.Kind}
		}
	}
	for _, v := range last {
		if o.states[v[0]] == nil {
			o.states[v[0]] = map[string]int{}
		}
		o.states[v[0]][v[1]]++
	}
	if out, code := f.cli("journal", "verify"); code != 0 {
		f.t.Errorf("verify: %s", out)
	}
	return o
}

func ownNote(m servertest.Dumped) bool {
	return strings.Contains("\n"+strings.ToLower(head(m)), "\nx-chancery-note:")
}

func head(m servertest.Dumped) string {
	h, _, _ := bytes.Cut(m.Body, []byte("\r\n\r\n"))
	return string(h)
}

// untouched holds a dump after a run against the one before: the same bytes as
// often as before, new notes of ours left out, and nobody's mail read, answered
// or deleted.
func untouched(t testing.TB, before, after map[string][]servertest.Dumped) {
	t.Helper()
	was, is := servertest.Bodies(before), servertest.Bodies(after)
	for sum, n := range was {
		if is[sum] < n {
			t.Errorf("message %.8s: %d before, %d after", sum, n, is[sum])
		}
	}
	had := map[string]int{}
	for _, list := range after {
		for _, m := range list {
			if is[m.SHA256] > was[m.SHA256] && !ownNote(m) {
				t.Errorf("message %.8s: %d before, %d after", m.SHA256, was[m.SHA256], is[m.SHA256])
			}
		}
	}
	count := func(dump map[string][]servertest.Dumped, by int) {
		for _, list := range dump {
			for _, m := range list {
				for _, flag := range m.Flags {
					if flag == `\Seen` || flag == `\Deleted` || flag == `\Answered` || flag == `\Draft` {
						had[flag+" "+m.SHA256] += by
					}
				}
			}
		}
	}
	count(before, 1)
	count(after, -1)
	for key, n := range had {
		if n != 0 {
			t.Errorf("%.16s: the flag changed", key)
		}
	}
}

// sameMail reports whether two dumps show the same messages with the same flags
// in the same places.
func sameMail(a, b map[string][]servertest.Dumped) bool {
	return maps.EqualFunc(a, b, func(x, y []servertest.Dumped) bool {
		return slices.EqualFunc(x, y, func(m, n servertest.Dumped) bool {
			return m.SHA256 == n.SHA256 && m.UID == n.UID && slices.Equal(m.Flags, n.Flags)
		})
	})
}

// subjects are the subjects of a dump that no log may show, long enough not to
// be there by chance.
func subjects(dump map[string][]servertest.Dumped) []string {
	out := map[string]bool{}
	for _, list := range dump {
		for _, m := range list {
			for line := range strings.SplitSeq(head(m), "\r\n") {
				name, value, _ := strings.Cut(line, ":")
				if value = strings.TrimSpace(value); strings.EqualFold(name, "subject") && len(value) >= 12 {
					out[value] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(out))
}

// discreet holds a log against what stands in the mail.
func discreet(t testing.TB, log string, dump map[string][]servertest.Dumped) {
	t.Helper()
	for _, s := range subjects(dump) {
		if strings.Contains(log, s) {
			t.Errorf("the log shows a subject of %d octets", len(s))
		}
	}
	for box := range dump {
		if box != "INBOX" && strings.Contains(log, box) {
			t.Errorf("the log names the mailbox %q: %s", box, log[max(0, strings.Index(log, box)-200):min(len(log), strings.Index(log, box)+100)])
		}
	}
}
