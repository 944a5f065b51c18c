package main

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"chancery/internal/servertest"
)

// alongThreads is a rule that lets a mark spread, and one that reminds.
const alongThreads = `version: 1
defaults: {mode: enforce, folders: [INBOX]}
mail:
  - name: along
    when: msg.thread.has("privileged")
    then: [mark: privileged]
  - name: reminder
    when: msg.subject.contains("Prebill") && msg.age > duration("72h") && !msg.answered
    then: [star: true]
`

// answer is a message that answers others.
func answer(id, subject string, answers ...string) []byte {
	head := ""
	for _, a := range answers {
		head += " <" + a + "@counsel.example>"
	}
	if head != "" {
		head = "References:" + head + "\r\n"
	}
	return append([]byte(head), mail(id, subject, "x")...)
}

func newThreads(t *testing.T) (*firm, *servertest.RawIMAP) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{Format: "maildir"})
	f := newFirm(t, d, nil)
	f.write("rules.d/20.yaml", alongThreads)
	return f, d.Client(t, gc)
}

// bearing returns the subjects of the messages with a flag.
func (f *firm) bearing(flag string) (out []string) {
	f.t.Helper()
	for subject, at := range where(f.t, f.dovecot, gc) {
		if strings.Contains(at, flag) {
			out = append(out, subject)
		}
	}
	slices.Sort(out)
	return out
}

func (f *firm) wantMarked(what string, want ...string) {
	f.t.Helper()
	if got := f.bearing("lx-1"); !slices.Equal(got, want) {
		f.t.Errorf("%s: %q are marked, want %q", what, got, want)
	}
}

// unmarkBy takes the mark off a message, as an assistant does.
func unmarkBy(c *servertest.RawIMAP, uid int) {
	c.OK("SELECT INBOX")
	c.OK(fmt.Sprintf(`UID STORE %d -FLAGS.SILENT (lx-1 $label1 \Flagged $MailFlagBit0 $MailFlagBit1 $MailFlagBit2)`, uid))
}

// A thread of five, the second of which is privileged by its words: what comes after
// it inherits the mark, until a person clears one. So it stays, whatever happens.
func TestMarksAlongAThread(t *testing.T) {
	t.Parallel()
	f, c := newThreads(t)
	c.Append("INBOX", answer("1", "one"), answer("2", "Privileged and confidential", "1"), answer("3", "three", "1", "2"),
		answer("4", "four", "1", "2", "3"), answer("5", "five", "4"), mail("6", "Lunch", "x"))
	plan, code := f.cli("plan")
	if n := strings.Count(plan, "would "); code != 0 || n != 4 {
		t.Errorf("plan: exit %d, %d steps\n%s", code, n, plan)
	}
	f.once()
	f.wantMarked("a thread of five", "Privileged and confidential", "five", "four", "three")

	unmarkBy(c, 4)
	f.once()
	f.wantMarked("one was cleared", "Privileged and confidential")
	if got := f.bearing("Flagged"); !slices.Equal(got, []string{"Privileged and confidential"}) {
		t.Errorf("flagged: %q", got)
	}
	c.Append("INBOX", answer("7", "seven", "1", "2", "5"))
	f.once()
	f.wantMarked("a new reply", "Privileged and confidential")

	// The UIDs of the mailbox lose their meaning.
	c.Close()
	loseUIDs(t, f.dovecot)
	c = f.dovecot.Client(t, gc)
	c.Append("INBOX", answer("8", "eight", "1", "2", "7"))
	f.once()
	f.wantMarked("other numbers", "Privileged and confidential")
	out, _ := f.cli("journal", "--limit", "0")
	for what, n := range map[string]int{" thread-cleared ": 1, " unmark ": 6, " released ": 3} {
		if got := strings.Count(out, what); got != n {
			t.Errorf("%d times%s, want %d\n%s", got, what, n, out)
		}
	}
	if out, code := f.cli("journal", "verify"); code != 0 {
		t.Errorf("verify: %s", out)
	}
}

// A person marks a thread of which nothing was known: the daemon looks at the
// message, and what answers it inherits the mark.
func TestAPersonMarksAThread(t *testing.T) {
	t.Parallel()
	f, c := newThreads(t)
	c.Append("INBOX", mail("1", "Lunch", "x"))
	r := f.start()
	await(t, "the first read", func() bool {
		out, _ := f.cli("status")
		return strings.Contains(out, "following")
	})
	c.OK("SELECT INBOX")
	c.OK(`UID STORE 1 +FLAGS.SILENT (lx-1)`)
	cleared := func(n int) func() bool {
		return func() bool {
			out, _ := f.cli("journal", "--limit", "0")
			return strings.Count(out, "thread-") == n
		}
	}
	await(t, "the mark by hand", cleared(1))
	c.Append("INBOX", answer("2", "Re: Lunch", "1"))
	await(t, "the reply", func() bool { return len(f.bearing("lx-1")) == 2 })
	c.OK(`UID STORE 1 -FLAGS.SILENT (lx-1)`)
	await(t, "the mark to be cleared", cleared(2))
	await(t, "the reply to lose it", func() bool { return len(f.bearing("lx-1")) == 0 })
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Fatalf("SIGTERM: %v\n%s", err, r.log())
	}
}

// appendAt stores a message that arrived at a time.
func appendAt(c *servertest.RawIMAP, at time.Time, m []byte) {
	c.OK(fmt.Sprintf("APPEND INBOX \"%s\" {%d+}\r\n%s", at.Format("_2-Jan-2006 15:04:05 -0700"), len(m), m))
}

// A bill that nobody answered is starred three days after it came: the daemon wakes
// by itself.
func TestAReminderAfterThreeDays(t *testing.T) {
	t.Parallel()
	f, c := newThreads(t)
	came := time.Now().Add(-72*time.Hour + 5*time.Second)
	for i, subject := range []string{"Prebill one", "Prebill two", "Lunch"} {
		appendAt(c, came, mail(fmt.Sprint(i), subject, "x"))
	}
	c.OK("SELECT INBOX")
	c.OK(`UID STORE 2 +FLAGS.SILENT (\Answered)`)
	f.edit("chancery.yaml", "poll: 2s", "poll: 1h")
	r := f.start()
	await(t, "the reminder", func() bool { return slices.Equal(f.bearing("Flagged"), []string{"Prebill one"}) })
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Fatalf("SIGTERM: %v\n%s", err, r.log())
	}
	if plan, _ := f.cli("plan"); strings.Contains(plan, "would ") {
		t.Errorf("something is left to do:\n%s", plan)
	}
}
