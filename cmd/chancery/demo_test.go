package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"chancery/config"
	"chancery/internal/demo"
	"chancery/internal/ical"
	"chancery/internal/mime"
	"chancery/internal/model"
	"chancery/rules/agenda"
)

// played is the office after the service has come to rest on it.
func played(t *testing.T) (*stage, *demoReport) {
	t.Helper()
	office, err := demo.Open(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(office.Close)
	dir := t.TempDir()
	if err := office.Configure(dir); err != nil {
		t.Fatal(err)
	}
	s, err := openStage(t.Context(), dir, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	before, due, err := s.play(t.Context(), office, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.report(t.Context(), office, before, due, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return s, r
}

// The whole house on the whole office: each mail has the marks and the place
// that the table beside it says.
func TestDemo(t *testing.T) {
	s, r := played(t)
	if err := r.verify(); err != nil {
		t.Error(err)
	}
	if len(r.parked) > 0 {
		t.Errorf("parked: %v", r.parked)
	}
	for _, st := range s.house.engine.Load().Status() {
		if st.State != "following" || st.Refused > 0 {
			t.Errorf("%s: %s, %d refused", st.Source, st.State, st.Refused)
		}
	}
	for _, l := range r.office.Letters {
		sum := sha256.Sum256(l.Raw)
		found := slices.DeleteFunc(slices.Clone(r.after), func(x demo.Seen) bool { return x.Account != l.Account || x.Sum != sum })
		if len(found) != 1 {
			t.Errorf("%s is there %d times", l.Name, len(found))
			continue
		}
		got := found[0]
		if got.Mailbox != l.Folder {
			t.Errorf("%s/%s lies in %s, not in %s", l.Account, l.Name, got.Mailbox, l.Folder)
		}
		if marks := marksOf(s.house.now.cfg, got.Flags); !slices.Equal(marks, l.Marks) {
			t.Errorf("%s/%s is marked %v, not %v: %s", l.Account, l.Name, marks, l.Marks, r.because(got))
		}
		if len(l.Marks) == 0 && slices.ContainsFunc(got.Flags, func(f string) bool { return f != `\seen` }) {
			t.Errorf("%s/%s has flags %v", l.Account, l.Name, got.Flags)
		}
		if l.Seen != slices.Contains(got.Flags, `\seen`) {
			t.Errorf("%s/%s: seen %v", l.Account, l.Name, got.Flags)
		}
		if len(l.Marks) > 0 && !regexp.MustCompile(`\(\d\d-[a-z]+\.yaml:\d+:\d+\)`).MatchString(r.because(got)) {
			t.Errorf("%s/%s does not say why: %q", l.Account, l.Name, r.because(got))
		}
	}
	doubleBookings(t, r)
	billingOf(t, r)
}

// marksOf returns the names of the marks whose keyword is set.
func marksOf(cfg *config.Config, flags []string) []string {
	var out []string
	for _, m := range cfg.Rules.Marks {
		if slices.Contains(flags, strings.ToLower(m.Keyword)) {
			out = append(out, m.Name.Value)
		}
	}
	slices.Sort(out)
	return out
}

// doubleBookings: each double booking has one hold and one note, and they speak of
// the right two.
func doubleBookings(t *testing.T, r *demoReport) {
	t.Helper()
	want := map[string][]string{} // UIDs of a conflict: who yields, who keeps
	for _, a := range r.office.Appointments {
		switch {
		case a.Conflict != "" && a.Yields:
			want[a.Conflict] = append([]string{a.UID}, want[a.Conflict]...)
		case a.Conflict != "":
			want[a.Conflict] = append(want[a.Conflict], a.UID)
		}
	}
	holds := slices.DeleteFunc(slices.Clone(r.holds), demoHold.offered)
	notes := slices.DeleteFunc(r.notes(), func(n demo.Seen) bool { return !strings.HasPrefix(n.Subject, "Conflict ") })
	if len(holds) != 2 || len(r.holds) != 8 || len(notes) != 2 {
		t.Fatalf("%d holds tell conflicts, %d in all, and %d notes", len(holds), len(r.holds), len(notes))
	}
	for name, uids := range want {
		if !slices.ContainsFunc(r.holds, func(h demoHold) bool { return slices.Equal(h.uids, uids) }) {
			t.Errorf("conflict %s has no hold about %v", name, uids)
		}
	}
	for _, h := range holds {
		if strings.Count(h.text, "\n- ") != 3 || h.start.Before(time.Now()) {
			t.Errorf("hold at %s says %q", h.start, h.text)
		}
	}
	for _, n := range r.notes() {
		if n.Account != "pa" || n.Mailbox != "INBOX" {
			t.Errorf("note %q in %s of %s", n.Subject, n.Mailbox, n.Account)
		}
	}
}

// What the office has of billing: each kind of trouble once, told where it says.
func billingOf(t *testing.T, r *demoReport) {
	t.Helper()
	told := map[string]int{}
	for i := range r.bills {
		what, _ := r.story(&r.bills[i])
		told[what]++
		b := &r.bills[i]
		if paid := b.Number == "11840" && b.Class == "invoice-out"; paid != (b.State == "paid" && b.Class != "remittance") {
			t.Errorf("%s %s is %s", b.Class, b.Number, b.State)
		}
	}
	for _, what := range []string{"LEDES", "duplicate", "prebill", "rejected", "remittance", "suspicious"} {
		if told[what] != 1 {
			t.Errorf("%s is told of %d bills", what, told[what])
		}
	}
	if len(r.due) == 0 || r.dueBefore-len(r.due) != 1 {
		t.Errorf("%d due dates, %d before the remittance", len(r.due), r.dueBefore)
	}
	notes := map[string]int{}
	for _, n := range r.notes() {
		before, _, _ := strings.Cut(n.Subject, ":")
		notes[before]++
		if strings.HasPrefix(before, "Billing, ") {
			notes["billing"]++
			if !bytes.Contains(n.Raw, []byte("ledger.csv")) {
				t.Error("the billing note has no ledger")
			}
		}
	}
	for note, n := range map[string]int{"billing": 1, "This bill seems to have come before": 1, "Call before anything is paid": 2, "Prebill without an answer": 1, "Submission rejected": 1} {
		if notes[note] != n {
			t.Errorf("%d notes %q, want %d: %v", notes[note], note, n, notes)
		}
	}
}

// Whatever day the office opens, the same two conflicts lie ahead and the same
// mail is marked.
func TestDemoIsTheSameOnAnyDay(t *testing.T) {
	office, err := demo.Open(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(office.Close)
	dir := t.TempDir()
	if err := office.Configure(dir); err != nil {
		t.Fatal(err)
	}
	l, err := load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for day := range 90 {
		// 13 days and some hours apart: weekends, changes of the clock, a leap day.
		now := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(day) * (13*24 + 5) * time.Hour)
		agendaOn(t, l, now)
		if day%10 == 0 {
			mailOn(t, l, now)
		}
	}
}

func agendaOn(t *testing.T, l *loaded, now time.Time) {
	t.Helper()
	appointments, err := demo.Appointments(now)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range l.cfg.Service.Principals {
		spec, err := principal(p)
		if err != nil {
			t.Fatal(err)
		}
		v := model.View{Now: now, Principal: spec.Principal}
		for _, a := range appointments {
			if personName(a.Account) != p.Name.Value {
				continue
			}
			series, _, _, fault := ical.Parse(a.Raw, nil)
			if fault != nil {
				t.Fatal(fault)
			}
			v.Agenda = append(v.Agenda, model.Event{
				Ref:   model.Ref{Source: model.SourceID(a.Account + "-calendar/" + a.Calendar), Href: model.Name(a.Calendar + "/" + a.Name)},
				Ident: model.Ident(hashOf(a.UID)), Body: model.Hide(series),
			})
		}
		for _, s := range l.set.Decide(model.Change{Op: model.Look, Principal: p.Name.Value}, v).Steps {
			if h, ok := s.Action.(model.Hold); ok && !agenda.IsSlot(s.Ident) {
				got = append(got, strings.Join(h.Body.Reveal().Related, " "))
			}
		}
	}
	want := []string{
		"staff-meeting@hartwell.example hearing@hartwell.example",
		"billing-meeting@hartwell.example tidewater-fees@hartwell.example",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: conflicts %q", now, got)
	}
}

func personName(account string) string {
	for _, p := range demo.People() {
		if p.Account == account {
			return p.Principal
		}
	}
	return ""
}

func hashOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func mailOn(t *testing.T, l *loaded, now time.Time) {
	t.Helper()
	letters, err := demo.Letters(now)
	if err != nil {
		t.Fatal(err)
	}
	ledger := map[string]model.Bill{}
	for i, letter := range letters {
		ref := model.Ref{Source: model.SourceID(letter.Account + "-mail"), Mailbox: "INBOX", UIDValidity: 1, UID: uint32(i + 1)}
		m := model.Message{Ref: ref, Ident: model.Ident(hashOf(letter.Name)), Arrived: letter.Arrived, Size: int64(len(letter.Raw)), Body: model.Hide(mime.ReadFor(letter.Raw, l.set.Need(), nil))}
		// Of the calendars, what agendaOn looks at is not repeated here: they are free.
		c, v := model.Change{Op: model.Put, Ref: ref, Ident: m.Ident, Message: &m}, model.View{Now: now, Known: true}
		for _, b := range l.set.Bills(c, v) {
			for _, e := range ledger {
				if slices.ContainsFunc(e.Keys, func(k string) bool { return slices.Contains(b.Keys, k) }) && !slices.ContainsFunc(v.Bills, func(k model.Bill) bool { return k.ID == e.ID }) {
					v.Bills = append(v.Bills, e)
				}
			}
		}
		plan := l.set.Decide(c, v)
		for _, b := range plan.Bills {
			ledger[b.ID] = b
		}
		marks, folder := map[string]bool{}, "INBOX"
		for _, s := range plan.Steps {
			switch a := s.Action.(type) {
			case model.Mark:
				if a.Name != "star" { // a star is no mark of the rule files
					marks[a.Name] = true
				}
			case model.File:
				folder = strings.Join(a.Mailbox, "/")
			}
		}
		if got := slices.Sorted(maps.Keys(marks)); !slices.Equal(got, letter.Marks) || folder != letter.Folder {
			t.Errorf("%s: %s/%s: %v in %s", now, letter.Account, letter.Name, got, folder)
		}
	}
}

func TestDemoReportFitsItsPage(t *testing.T) {
	_, r := played(t)
	for _, width := range []int{leastWidth, 100, mostWidth} {
		var out bytes.Buffer
		r.print(&page{w: &out, width: width})
		for line := range strings.Lines(out.String()) {
			line = strings.TrimSuffix(line, "\n")
			if cells(line) > width || strings.HasSuffix(line, " ") || strings.Contains(line, "\x1b") {
				t.Errorf("at %d columns: %q", width, line)
			}
		}
		for _, want := range []string{
			"Eleanor Hartwell, general counsel", "Restricted/Personnel", "Billing/Tidewater Ferries/20417.0003",
			"★ purple, tag Important", "a look-alike sender (tidewaler)", "Conflict: internal / court", "Free instead: ",
			"Nothing was sent, nothing was deleted: 71 messages before, 71 after", "chancery ledger show ID",
		} {
			if !strings.Contains(oneLine(out.String()), want) {
				t.Errorf("at %d columns %q is missing", width, want)
			}
		}
	}
	var out bytes.Buffer
	r.print(&page{w: &out, width: 100, colour: true})
	if !strings.Contains(out.String(), "\x1b[1mEleanor") {
		t.Error("no colour where there may be some")
	}
}

// A demonstration that cannot fail proves nothing.
func TestDemoNoticesWhatIsLost(t *testing.T) {
	_, r := played(t)
	damage := map[string]func(r *demoReport){
		"a mail is gone":        func(r *demoReport) { r.after = r.after[1:] },
		"a mail is there twice": func(r *demoReport) { r.after = append(r.after, r.after[0]) },
		"a mail was altered":    func(r *demoReport) { r.after[0].Sum[0]++ },
		"in another's mailbox":  func(r *demoReport) { r.after[0].Account = "pa" },
		"an event changed":      func(r *demoReport) { r.events.changed++ },
		"an event is gone":      func(r *demoReport) { r.events.after-- },
	}
	for name, harm := range damage {
		broken := *r
		broken.after = slices.Clone(r.after)
		harm(&broken)
		if broken.verify() == nil {
			t.Errorf("%s: not noticed", name)
		}
	}
	if err := r.verify(); err != nil {
		t.Errorf("nothing is lost: %v", err)
	}
}

func TestDemoLeavesNothingBehind(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	var out, progress bytes.Buffer
	if err := runDemo(t.Context(), &out, &progress, false); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	if !strings.Contains(progress.String(), "gc-mail: ") || strings.Contains(progress.String(), "\r") {
		t.Errorf("progress without a terminal: %q", progress.String())
	}
	if !strings.Contains(out.String(), "Nothing was sent") {
		t.Errorf("the last line is missing:\n%s", out.String())
	}
}

// screen is a writer that can be read meanwhile.
type screen struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// With --keep a person can log in and overrule, and sees that it is noticed.
func TestDemoStaysOpen(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var out screen
	ended := make(chan error, 1)
	go func() { ended <- runDemo(ctx, &out, io.Discard, true) }()
	door := regexp.MustCompile(`IMAP +127\.0\.0\.1 port (\d+)`)
	await(t, "the address of the mail server", func() bool { return door.MatchString(out.String()) })
	conn, err := net.Dial("tcp", "127.0.0.1:"+door.FindStringSubmatch(out.String())[1])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	r := bufio.NewReader(conn)
	p := demo.People()[0]
	for i, command := range []string{
		"LOGIN " + p.Address + " " + p.Password, "SELECT INBOX",
		`UID STORE 1:* -FLAGS.SILENT (lx-1 $label1 \Flagged)`,
	} {
		tag := fmt.Sprintf("T%d ", i)
		_, _ = fmt.Fprintf(conn, "%s%s\r\n", tag, command)
		for line := ""; !strings.HasPrefix(line, tag); {
			if line, err = r.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(line, tag) && !strings.HasPrefix(line, tag+"OK") {
				t.Fatalf("%s: %s", command, line)
			}
		}
	}
	await(t, "the release", func() bool { return strings.Contains(out.String(), "a person decided") })
	// Closing the terminal must not leave an office without doors behind.
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("after the terminal was closed: %v", err)
	}
}
