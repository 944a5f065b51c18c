package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"chancery/internal/model"
	"chancery/internal/servertest"
	"chancery/sync/journal"
)

// rulesOfPeople mark every letter twice, and mark every invoice twice and file it
// once.
const rulesOfPeople = `version: 1
defaults: {mode: enforce, folders: [INBOX, Team]}
marks:
  privileged: {keyword: lx-1, thunderbird: $label1, apple: purple}
  board: {keyword: lx-2}
  billing: {keyword: lx-4}
  paid: {keyword: lx-5}
mail:
  - {name: privileged, priority: 200, when: 'msg.subject.contains("Privileged")', then: [mark: privileged]}
  - {name: board, when: 'msg.subject.contains("Privileged")', then: [mark: board]}
  - name: invoices
    when: msg.subject.contains("Invoice")
    then:
      - mark: billing
      - file: Billing/Acme
  - {name: paid, when: 'msg.subject.contains("Invoice")', then: [mark: paid]}
`

// deed is one thing that a person does, in the way of a mail program, to one
// message: a letter in INBOX that has marks, or an invoice that was filed.
type deed struct {
	name     string
	invoice  bool
	do       func(c *servertest.RawIMAP, subject string)
	released []string // rules that are overruled by it
	also     []string // rules that may be held for overruled too, and have nothing left to do
	maybe    bool     // whether it overrules is of no consequence: the message is away
}

const filedAt = "Billing/Acme"

func stores(commands ...string) func(*servertest.RawIMAP, string) {
	return func(c *servertest.RawIMAP, subject string) { act(c, "INBOX", subject, commands...) }
}

func fromFolder(box string, commands ...string) func(*servertest.RawIMAP, string) {
	return func(c *servertest.RawIMAP, subject string) { act(c, box, subject, commands...) }
}

// inTheRun are deeds while Chancery looks on.
var inTheRun = []deed{
	{name: "keyword removed", do: stores("UID STORE %d -FLAGS (lx-1)"), released: []string{"privileged"}},
	{name: "other keyword removed", do: stores("UID STORE %d -FLAGS (lx-2)"), released: []string{"board"}},
	{name: "flag cleared in Outlook", do: stores(`UID STORE %d -FLAGS.SILENT (\Flagged)`), released: []string{"privileged"}},
	{name: "recoloured in Apple Mail", do: stores("UID STORE %d -FLAGS ($MailFlagBit0 $MailFlagBit2)", "UID STORE %d +FLAGS ($MailFlagBit1)"), released: []string{"privileged"}},
	{name: "relabelled in Thunderbird", do: stores("UID STORE %d -FLAGS ($label1)", "UID STORE %d +FLAGS ($label2)"), released: []string{"privileged"}},
	{name: "all flags cleared", do: stores("UID STORE %d FLAGS ()"), released: []string{"board", "privileged"}},
	{name: "unmarked and marked again", do: stores("UID STORE %d -FLAGS (lx-1)", "NOOP", "UID STORE %d +FLAGS (lx-1)"), maybe: true},
	{name: "read", do: stores(`UID STORE %d +FLAGS (\Seen)`)},
	{name: "read and unread", do: stores(`UID STORE %d +FLAGS (\Seen)`, `UID STORE %d -FLAGS (\Seen)`)},
	{name: "answered", do: stores(`UID STORE %d +FLAGS (\Seen \Answered)`)},
	{name: "forwarded", do: stores(`UID STORE %d +FLAGS ($Forwarded)`)},
	{name: "labelled besides", do: stores(`UID STORE %d +FLAGS (mine)`)},
	{name: "deleted and undeleted", do: stores(`UID STORE %d +FLAGS (\Deleted)`, `UID STORE %d -FLAGS (\Deleted)`)},
	{name: "copied to a followed folder", do: stores("UID COPY %d Team")},
	{name: "copied to the archive", do: stores("UID COPY %d Archive")},
	{name: "copied within", do: stores("UID COPY %d INBOX")},
	{name: "marked deleted", do: stores(`UID STORE %d +FLAGS (\Deleted)`), maybe: true},
	{name: "deleted and expunged", do: stores(`UID STORE %d +FLAGS (\Deleted)`, "UID EXPUNGE %d"), maybe: true},
	{name: "archived", do: stores("UID MOVE %d Archive"), maybe: true},
	{name: "archived by Outlook", do: stores("UID COPY %d Archive", `UID STORE %d +FLAGS (\Deleted \Seen)`, "UID EXPUNGE %d"), maybe: true},
	{name: "moved to the trash", do: stores("UID MOVE %d Trash"), maybe: true},
	{name: "moved to a followed folder", do: stores("UID MOVE %d Team"), maybe: true},
	{name: "unmarked and archived", do: stores("UID STORE %d -FLAGS (lx-1)", "UID MOVE %d Archive"), maybe: true},

	{name: "moved back", invoice: true, do: fromFolder(filedAt, "UID MOVE %d INBOX"), released: []string{"invoices"}},
	{name: "moved back by Outlook", invoice: true, do: fromFolder(filedAt, "UID COPY %d INBOX", `UID STORE %d +FLAGS (\Deleted)`, "UID EXPUNGE %d"), released: []string{"invoices"}},
	{name: "copied back", invoice: true, do: fromFolder(filedAt, "UID COPY %d INBOX"), released: []string{"invoices"}},
	{name: "moved on to a followed folder", invoice: true, do: fromFolder(filedAt, "UID MOVE %d Team"), released: []string{"invoices"}},
	{name: "moved on to the archive", invoice: true, do: fromFolder(filedAt, "UID MOVE %d Archive")},
	{name: "unmarked where it lies and moved back", invoice: true, do: fromFolder(filedAt, "UID STORE %d -FLAGS (lx-4 lx-5)", "UID MOVE %d INBOX"), released: []string{"invoices"}, also: []string{"paid"}},
	{name: "filed and expunged", invoice: true, do: fromFolder(filedAt, `UID STORE %d +FLAGS (\Deleted)`, "UID EXPUNGE %d")},
	{name: "filed and read", invoice: true, do: fromFolder(filedAt, `UID STORE %d +FLAGS (\Seen)`)},
}

// whileDown are deeds while Chancery does not run.
var whileDown = []deed{
	{name: "unmarked while down", do: stores("UID STORE %d -FLAGS (lx-1)"), released: []string{"privileged"}},
	{name: "unflagged while down", do: stores(`UID STORE %d -FLAGS (\Flagged)`), released: []string{"privileged"}},
	{name: "recoloured while down", do: stores("UID STORE %d -FLAGS ($MailFlagBit0 $MailFlagBit2)", "UID STORE %d +FLAGS ($MailFlagBit1)"), released: []string{"privileged"}},
	{name: "read while down", do: stores(`UID STORE %d +FLAGS (\Seen)`)},
	{name: "archived while down", do: stores("UID MOVE %d Archive"), maybe: true},
	{name: "deleted while down", do: stores(`UID STORE %d +FLAGS (\Deleted)`, "UID EXPUNGE %d"), maybe: true},
	{name: "moved there and back while down", do: func(c *servertest.RawIMAP, subject string) {
		act(c, "INBOX", subject, "UID MOVE %d Archive")
		act(c, "Archive", subject, "UID MOVE %d INBOX")
	}},
	{name: "moved back while down", invoice: true, do: fromFolder(filedAt, "UID MOVE %d INBOX"), released: []string{"invoices"}},
	{name: "copied back while down", invoice: true, do: fromFolder(filedAt, "UID COPY %d INBOX"), released: []string{"invoices"}},
	{name: "deleted where it was filed while down", invoice: true, do: fromFolder(filedAt, `UID STORE %d +FLAGS (\Deleted)`, "UID EXPUNGE %d")},
}

// inTheConfusion are deeds while the mailbox gets another UIDVALIDITY.
var inTheConfusion = []deed{
	{name: "unmarked as the UIDs change", do: stores("UID STORE %d -FLAGS (lx-1 $label1)"), maybe: true},
	{name: "archived as the UIDs change", do: stores("UID MOVE %d Archive"), maybe: true},
	{name: "read as the UIDs change", do: stores(`UID STORE %d +FLAGS (\Seen)`)},
	{name: "moved back as the UIDs change", invoice: true, do: fromFolder(filedAt, "UID MOVE %d INBOX"), released: []string{"invoices"}},
}

func (a deed) subject() string {
	if a.invoice {
		return fmt.Sprintf("Invoice [%s]", a.name)
	}
	return fmt.Sprintf("Privileged [%s]", a.name)
}

func (a deed) id() string { return strings.ReplaceAll(a.name, " ", ".") }

// whole is what the rules make of the message.
func (a deed) whole() string {
	if a.invoice {
		return filedAt + " [lx-4 lx-5];"
	}
	return `INBOX [$MailFlagBit0 $MailFlagBit2 $label1 \Flagged lx-1 lx-2];`
}

// TestPeople lets people do what they do to what Chancery did, in three kinds of
// synchronization, and holds Chancery to it: through further runs, other rules,
// restarts, and UIDs that lose their meaning. Only a rule that the person did not
// meet goes on with the message.
func TestPeople(t *testing.T) {
	for _, mode := range []struct {
		name string
		hide []string
	}{{"QRESYNC", nil}, {"CONDSTORE", []string{"QRESYNC"}}, {"neither", []string{"QRESYNC", "CONDSTORE"}}} {
		t.Run(mode.name, func(t *testing.T) {
			t.Parallel()
			p := &people{t: t, d: servertest.Dovecot(t, servertest.DovecotOptions{Hide: mode.hide}), checks: map[string][]string{}}
			p.live()
			for _, a := range slices.Concat(inTheRun, whileDown, inTheConfusion) {
				t.Run(a.name, func(t *testing.T) {
					for _, problem := range p.checks[a.name] {
						t.Error(problem)
					}
				})
			}
		})
	}
}

type people struct {
	t      *testing.T
	d      *servertest.DovecotServer
	f      *firm
	c      *servertest.RawIMAP
	checks map[string][]string // problems by deed
}

func (p *people) live() {
	p.f = newFirm(p.t, p.d, nil)
	p.f.edit("chancery.yaml", "mailboxes: [INBOX], first_sync", "mailboxes: [INBOX, Team], first_sync")
	p.f.write("rules.d/10.yaml", rulesOfPeople)
	p.c = p.d.Client(p.t, gc)
	for _, box := range []string{"Team", "Archive", "Trash", "Desk"} {
		p.c.OK("CREATE " + box)
	}
	p.d.Client(p.t, pa).OK("CREATE Team")
	everything := slices.Concat(inTheRun, whileDown, inTheConfusion)
	var letters [][]byte
	for _, a := range everything {
		letters = append(letters, mail(a.id(), a.subject(), "x"))
	}
	p.c.Append("INBOX", letters...)

	r := p.f.start()
	await(p.t, "the work of the rules", func() bool {
		got := where(p.t, p.d, gc)
		return !slices.ContainsFunc(everything, func(a deed) bool { return got[a.subject()] != a.whole() })
	})
	p.do(inTheRun)
	await(p.t, "what people did in the journal", func() bool { return p.missing(inTheRun) == "" || r.ended() })
	after := where(p.t, p.d, gc)
	if err := r.stop(syscall.SIGTERM); err != nil {
		p.t.Errorf("SIGTERM: %v\n%s", err, r.log())
	}
	p.f.once()
	p.still("after a restart", after)
	p.releases(inTheRun)

	p.do(whileDown)
	after = where(p.t, p.d, gc)
	p.f.once()
	p.f.once()
	p.still("after what they did while it was down", after)
	p.releases(whileDown)

	p.confuse()
	p.do(inTheConfusion)
	after = where(p.t, p.d, gc)
	p.f.once()
	p.f.once()
	p.still("after the UIDs changed", after)
	p.releases(everything)

	after = p.anotherRule(everything, after)
	p.recreate()
	if out, code := p.f.cli("journal", "verify"); code != 0 {
		p.t.Errorf("verify: %s", out)
	}
}

func (p *people) do(deeds []deed) {
	for _, a := range deeds {
		a.do(p.c, a.subject())
	}
}

func (p *people) problem(name, format string, args ...any) {
	p.checks[name] = append(p.checks[name], fmt.Sprintf(format, args...))
}

// still compares every message with where it was when a person left it.
func (p *people) still(when string, want map[string]string) {
	p.t.Helper()
	got := where(p.t, p.d, gc)
	for _, a := range slices.Concat(inTheRun, whileDown, inTheConfusion) {
		if g, w := got[a.subject()], want[a.subject()]; g != w {
			p.problem(a.name, "%s: the person's act did not stand:\n got %s\nwant %s", when, g, w)
		}
	}
	if !maps.Equal(got, want) && len(p.checks) == 0 {
		p.t.Errorf("%s: got %v\nwant %v", when, got, want)
	}
}

// released returns the rules that the journal holds as overruled for a message.
func (p *people) released(a deed) []string {
	p.t.Helper()
	j, done := p.f.journal()
	defer done()
	_, rules := story(p.t, j, a.id())
	return rules
}

// journal opens the journal to read it.
func (f *firm) journal() (j *journal.Journal, done func()) {
	f.t.Helper()
	l, err := load(f.dir)
	if err != nil {
		f.t.Fatal(err)
	}
	if j, err = openJournal(f.t.Context(), l.cfg, true); err != nil {
		f.t.Fatal(err)
	}
	return j, func() { _ = j.Close() }
}

// story is what the journal knows about a message made by mail: its steps, as
// rule, act and state, and the rules that a person overruled.
func story(t testing.TB, j *journal.Journal, id string) (steps, released []string) {
	t.Helper()
	intents, err := j.ByMessageID(t.Context(), id+"@counsel.example")
	if err != nil {
		t.Fatal(err)
	}
	var idents []model.Ident
	for _, in := range intents {
		steps = append(steps, fmt.Sprintf("%s %s %s", in.Step.Rule, in.Step.Action.Kind(), in.State))
		idents = append(idents, in.Step.Ident)
	}
	known, err := j.Released(t.Context(), idents)
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]bool{}
	for _, how := range known {
		for rule := range how {
			rules[rule] = true
		}
	}
	slices.Sort(steps)
	return steps, slices.Sorted(maps.Keys(rules))
}

// missing names the first deed whose release is not in the journal yet; "" if
// all are.
func (p *people) missing(deeds []deed) string {
	for _, a := range deeds {
		if len(a.released) > 0 && !slices.Equal(p.released(a), a.released) {
			return a.name
		}
	}
	return ""
}

func (p *people) releases(deeds []deed) {
	p.t.Helper()
	for _, a := range deeds {
		got := slices.DeleteFunc(p.released(a), func(rule string) bool { return slices.Contains(a.also, rule) })
		if !a.maybe && !slices.Equal(got, a.released) {
			p.problem(a.name, "released %v, want %v", got, a.released)
		}
	}
}

// confuse gives every mailbox another UIDVALIDITY.
func (p *people) confuse() {
	p.t.Helper()
	before := p.validity()
	p.c.Close()
	loseUIDs(p.t, p.d)
	p.c = p.d.Client(p.t, gc)
	if after := p.validity(); after == before {
		p.t.Fatalf("UIDVALIDITY is %s as before", after)
	}
}

// loseUIDs takes from a server that keeps Maildir its lists of UIDs and its
// indexes.
func loseUIDs(t testing.TB, d *servertest.DovecotServer) {
	t.Helper()
	d.Kill()
	root, removed := filepath.Join(d.Dir(), "mail", gc), 0
	for _, dir := range folders(t, root) {
		list, err := os.ReadDir(filepath.Join(root, dir))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			if !strings.HasPrefix(e.Name(), "dovecot-uidlist") && !strings.HasPrefix(e.Name(), "dovecot.index") {
				continue
			}
			if err := os.Remove(filepath.Join(root, dir, e.Name())); err != nil {
				t.Fatal(err)
			}
			removed++
		}
	}
	if removed == 0 {
		t.Fatal("the server keeps its lists elsewhere")
	}
	d.Restart(t)
}

func (p *people) validity() (v string) {
	for _, r := range p.c.OK("STATUS INBOX (UIDVALIDITY)") {
		_, v, _ = strings.Cut(r.Text, "UIDVALIDITY ")
	}
	return v
}

// anotherRule adds a rule and carries everything out of INBOX and back, with all
// that was archived and thrown away: the new rule marks it, no old one does
// anything again.
func (p *people) anotherRule(deeds []deed, before map[string]string) map[string]string {
	p.t.Helper()
	p.f.write("rules.d/20.yaml", "version: 1\nmarks:\n  third: {keyword: lx-3}\nmail:\n  - {name: third, mode: enforce, folders: [INBOX], when: 'msg.subject.contains(\"[\")', then: [mark: third]}\n")
	p.c.OK("SELECT INBOX")
	p.c.OK("UID MOVE 1:* Desk")
	p.f.once()
	for _, box := range []string{"Desk", "Archive", "Trash"} {
		p.c.OK("SELECT " + box)
		p.c.OK("UID MOVE 1:* INBOX")
	}
	p.f.once()
	p.f.once()
	got := where(p.t, p.d, gc)
	for _, a := range deeds {
		want := thirdIn(before[a.subject()])
		g := sortedPlaces(got[a.subject()])
		if strings.Contains(want, ";") && strings.Contains(g, "lx-3") {
			// Copies are one item on this server: one of them gets the mark.
			want, g = strings.ReplaceAll(want, " lx-3", ""), strings.ReplaceAll(g, " lx-3", "")
		}
		if g != want {
			p.problem(a.name, "with another rule:\n got %s\nwant %s", g, want)
		}
	}
	return got
}

// thirdIn is where a message lies after that, the mark of the new rule on every
// copy in INBOX.
func thirdIn(places string) string {
	var out []string
	for place := range strings.SplitSeq(strings.TrimSuffix(places, ";"), ";") {
		if box, flags, ok := strings.Cut(place, " ["); ok && slices.Contains([]string{"INBOX", "Archive", "Trash"}, box) {
			list := append(strings.Fields(strings.TrimSuffix(flags, "]")), "lx-3")
			slices.Sort(list)
			place = fmt.Sprintf("INBOX %v", list)
		}
		out = append(out, place)
	}
	return sortedPlaces(strings.Join(out, ";"))
}

func sortedPlaces(places string) string {
	list := strings.Split(strings.TrimSuffix(places, ";"), ";")
	slices.Sort(list)
	return strings.Join(list, ";")
}

// recreate deletes a followed mailbox and makes it anew with the same mail, as
// one does from a backup, less what a person cleared there meanwhile. Then the
// mailbox is renamed, and renamed back.
func (p *people) recreate() {
	p.t.Helper()
	var kept []servertest.Dumped
	for _, m := range p.d.Dump(p.t, gc)["Team"] {
		m.Flags = slices.DeleteFunc(m.Flags, func(flag string) bool { return strings.HasPrefix(flag, "lx-") })
		kept = append(kept, m)
	}
	if len(kept) < 3 {
		p.t.Fatalf("%d messages in the followed folder", len(kept))
	}
	p.c.OK("SELECT INBOX")
	p.c.OK("DELETE Team")
	p.c.OK("CREATE Team")
	for _, m := range kept {
		p.c.OK(fmt.Sprintf("APPEND Team (%s) \"05-Oct-2026 10:00:00 +0000\" {%d+}\r\n%s", strings.Join(m.Flags, " "), len(m.Body), m.Body))
	}
	want := where(p.t, p.d, gc)
	p.f.once()
	p.f.once()
	p.still("after a mailbox was made anew", want)
	p.c.OK("RENAME Team Crew")
	_, _ = p.f.cli("run", "--once", "--timeout", "5m")
	p.c.OK("RENAME Crew Team")
	p.f.once()
	p.still("after a mailbox was renamed and renamed back", want)
}

// ended reports whether the daemon is no longer there.
func (r *running) ended() bool {
	select {
	case <-r.end:
		return true
	default:
		return false
	}
}
