package main

import (
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/servertest"
	"chancery/sync"
	"chancery/sync/journal"
)

// previews returns what a plan says now.
func (f *firm) previews() []sync.Preview {
	f.t.Helper()
	l, err := load(f.dir)
	if err != nil {
		f.t.Fatal(err)
	}
	j, done, err := peekJournal(f.t.Context(), l)
	if err != nil {
		f.t.Fatal(err)
	}
	defer done()
	e, err := newEngine(l, j, slog.New(slog.DiscardHandler), wiring{readOnly: true})
	if err != nil {
		f.t.Fatal(err)
	}
	all := e.Plan(f.t.Context())
	for _, p := range all {
		if p.Err != nil {
			f.t.Fatalf("plan of %s: %v", p.Of, p.Err)
		}
	}
	return all
}

// planned returns the IDs of the steps that a plan would take now, with what
// they are.
func (f *firm) planned() map[string]string {
	f.t.Helper()
	out := map[string]string{}
	for _, p := range f.previews() {
		for _, s := range p.Steps {
			if out[string(s.ID)] != "" {
				f.t.Errorf("planned twice: %s", s.Action.Kind())
			}
			out[string(s.ID)] = s.Rule + " " + s.Action.Kind()
		}
	}
	return out
}

// ran returns the same for what run wrote down after the entry seq, and the last
// entry's number.
func (f *firm) ran(seq int64) (map[string]string, int64) {
	f.t.Helper()
	l, err := load(f.dir)
	if err != nil {
		f.t.Fatal(err)
	}
	j, err := openJournal(f.t.Context(), l.cfg, true)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	out := map[string]string{}
	last := seq
	for e, err := range j.Entries(f.t.Context(), journal.Filter{}) {
		if err != nil {
			f.t.Fatal(err)
		}
		last = max(last, e.Seq)
		if e.Seq > seq && e.Kind == string(journal.StatePlanned) {
			out[string(e.Step)] = e.Rule + " " + e.Action
		}
	}
	return out, last
}

// randomRules writes rules from a few forms. None files to a mailbox that is
// followed: what a message meets there is decided when it is there.
func randomRules(rnd *rand.Rand) string {
	conditions := []string{
		`msg.subject.contains("nvoice")`, `msg.subject.contains("Privileged")`, `x.matter.found`, `msg.size > 400`,
		`terms.privilege.exists(t, t.where == "subject" || t.where == "new")`, `msg.subject.contains("Report") || x.matter.found`, `true`,
	}
	actions := []string{"mark: privileged", "mark: billing", "mark: red", `file: "Filed/A"`, `file: "Filed/{{x.matter.number}}"`, `file: Elsewhere`}
	letters := []string{`note: {subject: "Look at {{msg.subject}}", text: "{{msg.size}} octets"}`, `draft: {to: "{{msg.from}}", subject: "About {{msg.subject}}", text: "It came {{msg.date}}."}`}
	var b strings.Builder
	b.WriteString(`version: 1
defaults: {folders: [INBOX]}
terms:
  privilege: [attorney-client, privileged and confidential]
marks:
  privileged: {keyword: lx-1, thunderbird: $label1, apple: purple}
  billing: {keyword: lx-4}
  red: {keyword: lx-red, apple: red}
matters: {file: matters.csv}
mail:
`)
	for i := range 1 + rnd.IntN(5) {
		mode := []string{"enforce", "enforce", "enforce", "observe", "off"}[rnd.IntN(5)]
		folders := []string{"[INBOX]", "[Watched]", "[INBOX, Watched]"}[rnd.IntN(3)]
		var then []string
		marks, files := actions[:3], actions[3:]
		if rnd.IntN(3) > 0 {
			then = append(then, marks[rnd.IntN(len(marks))])
		}
		if len(then) == 0 || rnd.IntN(2) == 0 {
			then = append(then, files[rnd.IntN(len(files))])
		}
		if n := rnd.IntN(4); n < len(letters) {
			then = append(then, letters[n])
		}
		fmt.Fprintf(&b, "  - name: rule-%d\n    mode: %s\n    priority: %d\n    folders: %s\n    when: '%s'\n    then: [%s]\n",
			i, mode, 100*(1+rnd.IntN(3))+i, folders, conditions[rnd.IntN(len(conditions))], "{"+strings.Join(then, "}, {")+"}")
	}
	b.WriteString("calendar:\n  ranks:\n    - {name: court, rank: 100, when: 'ev.title.contains(\"Hearing\")', fixed: true}\n    - {name: internal, rank: 20, when: 'true'}\n" +
		"  conflicts: {mode: enforce, horizon: 60d, alternatives: 3, resolve: propose}\n")
	return b.String()
}

func randomMail(rnd *rand.Rand, id int) []byte {
	subjects := []string{"Invoice %d for 10042.0070", "Privileged and confidential: %d", "Report %d", "Lunch %d", "Privileged invoice %d: 00420.0001"}
	bodies := []string{"x", "attorney-client", strings.Repeat("long text\n", 50), "Total due: $1,250.00 for 10042.0070"}
	return mail(fmt.Sprint(id), fmt.Sprintf(subjects[rnd.IntN(len(subjects))], id), bodies[rnd.IntN(len(bodies))])
}

// What plan prints is what run does; a second run does nothing; the order of
// deliveries does not matter.
func TestLawsOnRandomOffices(t *testing.T) {
	seed := rand.Uint64()
	for i := range uint64(4) {
		t.Run(fmt.Sprintf("seed=%d", seed+i), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed+i, 1))
			o := newOffice(t)
			rules := randomRules(rnd)
			o.write("rules.d/10.yaml", rules)
			o.edit("chancery.yaml", "mailboxes: [INBOX]", "mailboxes: [INBOX, Watched]")
			o.edit("chancery.yaml", "    notes: {account", "    mail: [gc-mail]\n    notes: {account")
			for _, user := range []string{gc, pa} {
				o.d.Client(t, user).OK("CREATE Watched")
				o.d.Client(t, user).OK("CREATE Drafts")
			}
			o.once()
			_, seq := o.ran(0)

			c := o.d.Client(t, gc)
			boxes := map[string][][]byte{}
			for i := range 30 {
				box := []string{"INBOX", "INBOX", "Watched"}[rnd.IntN(3)]
				boxes[box] = append(boxes[box], randomMail(rnd, i))
			}
			for box, all := range boxes {
				c.Append(box, all...)
			}
			// Two copies of one message, as a person makes them.
			c.OK("SELECT INBOX")
			c.OK("UID COPY 1:2 Watched")
			for i := range 10 {
				from := 9 + rnd.IntN(7)
				title := []string{"Hearing", "Staff", "Call"}[rnd.IntN(3)]
				o.dav.Put(fmt.Sprintf("%sr%d.ics", o.work, i), meeting(fmt.Sprintf("r%d", i), fmt.Sprintf("%s %d", title, i), nextWeekday(2+rnd.IntN(4)), from, from+1+rnd.IntN(2)))
			}
			want := o.planned()
			o.once()
			got, seq := o.ran(seq)
			if !maps.Equal(got, want) {
				t.Errorf("plan and run differ with\n%s\nplan:\n%s\nrun:\n%s", rules, listOf(want, got), listOf(got, want))
			}
			state, mailNow := o.state(), where(t, o.d, gc)
			o.once()
			if again, _ := o.ran(seq); len(again) > 0 {
				t.Errorf("a second run planned %v", again)
			}
			if again := o.planned(); len(again) > 0 {
				t.Errorf("a plan after the run has %v", again)
			}
			if state != o.state() || !maps.Equal(mailNow, where(t, o.d, gc)) {
				t.Error("a second run changed something")
			}

			// The same mail in another order, in pieces, on another server.
			p := newFirm(t, servertest.Dovecot(t, servertest.DovecotOptions{}), nil)
			p.write("rules.d/10.yaml", rules)
			p.edit("chancery.yaml", "mailboxes: [INBOX]", "mailboxes: [INBOX, Watched]")
			for _, user := range []string{gc, pa} {
				p.dovecot.Client(t, user).OK("CREATE Watched")
				p.dovecot.Client(t, user).OK("CREATE Drafts")
			}
			q := p.dovecot.Client(t, gc)
			for box, all := range boxes {
				all = slices.Clone(all)
				rnd.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
				half := len(all) / 2
				q.Append(box, all[:half]...)
				if rnd.IntN(2) == 0 {
					p.once()
				}
				q.Append(box, all[half:]...)
			}
			p.once()
			shuffled := where(t, p.dovecot, gc)
			for subject, at := range mailNow {
				// The copies that the person made are in one office only, and so are the
				// letters about them.
				about := strings.TrimPrefix(strings.TrimPrefix(subject, "About "), "Look at ")
				copied := strings.Count(mailNow[about], ";") > 1
				if strings.Count(at, ";") == 1 && !copied && shuffled[subject] != at {
					t.Errorf("%s: %s, in another order %s\n%s", subject, at, shuffled[subject], rules)
				}
			}
		})
	}
}

// listOf names the steps that the other has not.
func listOf(steps, other map[string]string) string {
	var b strings.Builder
	for _, id := range slices.Sorted(maps.Keys(steps)) {
		if other[id] == "" {
			fmt.Fprintf(&b, "  %s\n", steps[id])
		}
	}
	return b.String()
}

// The UIDs of INBOX lose their meaning while the service is down. Old mail stays
// as people left it, new mail is seen, and what was under way is done.
func TestTheUIDsOfINBOXLoseTheirMeaning(t *testing.T) {
	t.Parallel()
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	c := d.Client(t, gc)
	c.Append("INBOX", mail("1", secretMail, "x"), mail("2", invoice, "x"), mail("3", "Privileged and confidential: two", "x"))
	f.once()
	act(c, "INBOX", secretMail, `UID STORE %d -FLAGS (lx-1 \Flagged)`)
	act(c, "Billing/Acme/10042-0070", invoice, "UID MOVE %d INBOX")
	validity := func(c *servertest.RawIMAP) string { return fmt.Sprint(c.OK("STATUS INBOX (UIDVALIDITY)")) }
	was := validity(c)
	created := time.Now().Unix()
	await(t, "the next second, of which the UIDVALIDITY is made", func() bool { return time.Now().Unix() > created })
	c.Close()
	before := where(t, d, gc)
	d.Kill()
	lists, _ := filepath.Glob(filepath.Join(d.Dir(), "mail", gc, "Maildir", "dovecot*"))
	if len(lists) == 0 {
		t.Fatal("no index to delete")
	}
	for _, name := range lists {
		if !strings.HasSuffix(name, "dovecot-keywords") {
			if err := os.RemoveAll(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	d.Restart(t)
	if now := validity(d.Client(t, gc)); now == was {
		t.Fatal("the UIDs are the same")
	}
	f.once()
	f.once()
	if got := where(t, d, gc); !maps.Equal(got, before) {
		t.Errorf("got %v, want %v", got, before)
	}
	d.Client(t, gc).Append("INBOX", mail("9", "Privileged and confidential: new", "x"))
	f.once()
	if got := where(t, d, gc)["Privileged and confidential: new"]; !strings.Contains(got, "lx-1") {
		t.Errorf("new mail: %s", got)
	}
}
