package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"chancery/internal/mime"
	"chancery/internal/servertest"
)

// rulesOfLetters write to the assistant and lay drafts: about what was sent, and
// about what came.
const rulesOfLetters = `version: 1
defaults: {mode: enforce}
mail:
  - name: claw-back
    folders: [Sent]
    when: msg.subject.contains("rivileged")
    then:
      - note: {subject: Something restricted went out, text: "A draft that asks for it back lies in Drafts."}
      - draft: {template: templates/claw-back.txt, to: "{{msg.to}}"}
  - name: nudge
    folders: [INBOX]
    when: msg.subject.contains("Question")
    then:
      - draft: {to: "{{msg.from}}", subject: "Re: {{msg.subject}}", text: "We have your letter."}
`

const clawBack = "Subject: Please delete our message of today\n\nDear colleague,\n\nour message was not meant for you. Please delete it, and tell us when you have.\n"

// deskFirm is a firm whose general counsel has an assistant, pa.
func deskFirm(t testing.TB, d *servertest.DovecotServer) *firm {
	t.Helper()
	f := newFirm(t, d, nil)
	f.edit("chancery.yaml", "mailboxes: [INBOX]", "mailboxes: [INBOX, Sent]")
	f.edit("chancery.yaml", "poll: 2s", "poll: 1h")
	f.write("chancery.yaml", f.read("chancery.yaml")+`principals:
  - name: general-counsel
    title: Dana Reed
    zone: America/New_York
    hours: ["Mon-Fri 09:00-18:00"]
    addresses: [gc@firm.example]
    mail: [gc-mail]
    notes: {account: pa-mail, mailbox: INBOX, to: pa@firm.example}
`)
	f.write("rules.d/10.yaml", rulesOfLetters)
	f.write("templates/claw-back.txt", clawBack)
	for _, user := range []string{gc, pa} {
		c := d.Client(t, user)
		c.OK("CREATE Sent")
		c.OK("CREATE Drafts")
		c.Close()
	}
	return f
}

// sent is what a person of ours writes.
func sent(id, subject string) []byte {
	return []byte(strings.ReplaceAll(fmt.Sprintf("From: gc@firm.example\nTo: Bo <bo@other.example>, al@other.example\nDate: Mon, 16 Nov 2026 10:00:00 -0500\nMessage-ID: <%s@firm.example>\nSubject: %s\n\nx\n", id, subject), "\n", "\r\n"))
}

// Something privileged is sent by another program: within seconds, although nobody
// idles in Sent and the clocks run slow, the assistant has a note and the drafts
// have the letter that asks for it back; each once, whatever is killed or repeated.
func TestWhatWasSentIsAskedBack(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := deskFirm(t, d)
	person := d.Client(t, gc)
	r := f.start()
	await(t, "ready", func() bool { return strings.Contains(r.log(), "ready") })
	person.Append("Sent", sent("1", "Privileged: our position"), sent("2", "Lunch"))
	await(t, "note and draft", func() bool {
		return len(d.Dump(t, pa)["INBOX"]) == 1 && len(d.Dump(t, gc)["Drafts"]) == 1
	})
	note, draft := d.Dump(t, pa)["INBOX"][0], d.Dump(t, gc)["Drafts"][0]
	if !slices.Equal(note.Flags, []string{`\Flagged`}) || !slices.Equal(draft.Flags, []string{`\Draft`, `\Seen`}) {
		t.Errorf("note %q, draft %q", note.Flags, draft.Flags)
	}
	n, m := mime.Read(note.Body), mime.Read(draft.Body)
	if n.Subject != "Something restricted went out" || n.To[0].Addr != "pa@firm.example" || !n.Auto || n.InReplyTo[0] != "<1@firm.example>" {
		t.Errorf("note %q to %v", n.Subject, n.To)
	}
	if m.Subject != "Please delete our message of today" || m.Auto || m.From[0].Addr != "gc@firm.example" || m.From[0].Name != "Dana Reed" ||
		len(m.To) != 2 || m.To[0].Addr != "bo@other.example" || m.To[1].Addr != "al@other.example" || m.References[0] != "<1@firm.example>" {
		t.Errorf("draft %q from %v to %v", m.Subject, m.From, m.To)
	}
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Fatalf("SIGTERM: %v\n%s", err, r.log())
	}
	// A person deletes the draft and moves the sent mail about: that is that.
	person.OK("SELECT Drafts")
	person.OK(`UID STORE 1:* +FLAGS.SILENT (\Deleted)`)
	person.OK("EXPUNGE")
	person.OK("SELECT Sent")
	person.OK("UID COPY 1:* Sent")
	f.once()
	if notes, drafts := len(d.Dump(t, pa)["INBOX"]), len(d.Dump(t, gc)["Drafts"]); notes != 1 || drafts != 0 {
		t.Errorf("%d notes, %d drafts", notes, drafts)
	}
	for _, content := range []string{"Privileged", "other.example", "restricted went out", "delete our message"} {
		if strings.Contains(r.log(), content) {
			t.Errorf("the log shows content: %q", content)
		}
	}
	out, code := f.cli("journal", "verify")
	if code != 0 {
		t.Error(out)
	}
}

// A conversation with somebody who answers everything gets one draft; lists and
// robots get none; old mail gets none by backfill.
func TestDraftsDoNotFlood(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := deskFirm(t, d)
	c := d.Client(t, gc)
	head := func(id, more string) []byte {
		return []byte(strings.ReplaceAll("From: bo@other.example\nTo: gc@firm.example\nMessage-ID: <"+id+"@other.example>\n"+more+"Subject: Question\n\n"+id+"\n", "\n", "\r\n"))
	}
	c.Append("INBOX", head("a", ""), head("b", "References: <a@other.example>\nIn-Reply-To: <a@other.example>\n"),
		head("c", "In-Reply-To: <a@other.example>\n"), head("d", "Auto-Submitted: auto-replied\n"), head("e", "List-Id: <l.other.example>\n"), head("f", ""))
	plan, _ := f.cli("plan")
	if n := strings.Count(plan, "would "); n != 2 {
		t.Errorf("the plan has %d drafts:\n%s", n, plan)
	}
	f.once()
	if n := len(d.Dump(t, gc)["Drafts"]); n != 2 {
		t.Errorf("%d drafts, want one for each of two conversations", n)
	}
	c.Append("INBOX", head("g", "References: <a@other.example> <b@other.example>\n"))
	if plan, _ := f.cli("plan"); strings.Contains(plan, "would ") {
		t.Errorf("the conversation has its draft:\n%s", plan)
	}
	f.once()
	if r := f.backfill("nudge", time.Time{}); r.Planned != 0 || r.Matched == 0 {
		t.Errorf("backfill: %+v", r)
	}
	if n := len(d.Dump(t, gc)["Drafts"]); n != 2 {
		t.Errorf("%d drafts", n)
	}
	if out, _ := f.cli("journal"); strings.Count(out, "bulk") == 0 {
		t.Errorf("the journal does not tell of lists and robots:\n%s", out)
	}
}

// read returns a file of the configuration.
func (f *firm) read(name string) string {
	f.t.Helper()
	b, err := os.ReadFile(filepath.Join(f.dir, name))
	if err != nil {
		f.t.Fatal(err)
	}
	return string(b)
}

// What is wrong in a template is told at its place there.
func TestTemplatesAreChecked(t *testing.T) {
	f := deskFirm(t, servertest.Dovecot(t, servertest.DovecotOptions{}))
	f.write("templates/claw-back.txt", "Subject: About {{msg.subjct}}\n\nDear colleague,\n\nplease {{x.matter}} and {{msg.size + \"x\"}}.\n")
	out, code := f.cli("check")
	for _, want := range []string{"templates/claw-back.txt:1:22: ", "subject", "templates/claw-back.txt:5:10: ", "a letter needs text", "templates/claw-back.txt:5:"} {
		if code != 1 || !strings.Contains(out, want) {
			t.Errorf("exit %d, without %q:\n%s", code, want, out)
		}
	}
	f.edit("rules.d/10.yaml", `to: "{{msg.to}}"`, `to: "{{msg.size}}"`)
	if out, _ := f.cli("check"); !strings.Contains(out, "rules.d/10.yaml:") || !strings.Contains(out, "to: needs addresses, this is a number") {
		t.Errorf("%s", out)
	}
}

// How long it takes from the moment when a person's program puts a message into
// Sent until the draft that asks for it back can be seen.
func BenchmarkClawBack(b *testing.B) {
	d := servertest.Dovecot(b, servertest.DovecotOptions{})
	f := deskFirm(b, d)
	person, looker := d.Client(b, gc), d.Client(b, gc)
	r := f.start()
	await(b, "ready", func() bool { return strings.Contains(r.log(), "ready") })
	var all []time.Duration
	for b.Loop() {
		n := len(all)
		time.Sleep(1500 * time.Millisecond) // else it is read in the turn of the one before
		began := time.Now()
		person.Append("Sent", sent(fmt.Sprint(n), "Privileged: our position"))
		for want := fmt.Sprintf("MESSAGES %d)", n+1); !slices.ContainsFunc(looker.OK("STATUS Drafts (MESSAGES)"), func(p servertest.RawReply) bool {
			return strings.Contains(p.Text, want)
		}); {
			time.Sleep(2 * time.Millisecond)
		}
		all = append(all, time.Since(began))
	}
	slices.Sort(all[1:]) // the first one may come before anybody listens
	b.ReportMetric(ms(all[1+len(all[1:])/2]), "ms-p50")
	b.ReportMetric(ms(all[len(all)-1]), "ms-max")
	_ = r.stop(syscall.SIGTERM)
}

// Killed at random instants while letters are written: about each message there is
// one note and one draft, and no mail is lost or altered.
func TestKillAmongLetters(t *testing.T) {
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 9))
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	k := &siege{t: t, rng: rnd, f: deskFirm(t, d)}
	person := d.Client(t, gc)
	n := 0
	for range kills(t) {
		for range 4 {
			person.Append("Sent", sent(fmt.Sprint(n), fmt.Sprintf("Privileged: position %d", n)))
			n++
		}
		k.killOnce()
	}
	before := servertest.Bodies(map[string][]servertest.Dumped{"Sent": d.Dump(t, gc)["Sent"]})
	if out, code := k.f.cli("run", "--once", "--timeout", "10m"); code != 0 {
		t.Fatalf("run --once: exit %d\n%s", code, out)
	}
	t.Logf("%d kills, %d with steps under way", k.kills, k.sent)
	for what, list := range map[string][]servertest.Dumped{"note": d.Dump(t, pa)["INBOX"], "draft": d.Dump(t, gc)["Drafts"]} {
		about := map[string]int{}
		for _, m := range list {
			about[mime.Read(m.Body).InReplyTo[0]]++
		}
		for i := range n {
			if got := about[fmt.Sprintf("<%d@firm.example>", i)]; got != 1 {
				t.Errorf("message %d has %d of its %s", i, got, what)
			}
		}
		if len(about) != n {
			t.Errorf("%d messages have a %s, want %d", len(about), what, n)
		}
	}
	if !maps.Equal(before, servertest.Bodies(map[string][]servertest.Dumped{"Sent": d.Dump(t, gc)["Sent"]})) {
		t.Error("the messages are not the same as before")
	}
}
