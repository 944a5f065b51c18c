package rules

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"chancery/config"
	"chancery/internal/mime"
	"chancery/internal/model"
)

func draft(to, subject, text string) config.Then {
	l := &config.Letter{Pos: at(11), To: tmpl(to), Subject: *tmpl(subject), Text: *tmpl(text)}
	if to == "" {
		l.To = nil
	}
	return config.Then{Pos: at(11), Draft: l}
}

func noteTo(to, subject, text string) config.Then {
	t := draft(to, subject, text)
	t.Note, t.Draft = t.Draft, nil
	return t
}

var deskView = model.View{Now: now, Desk: model.Desk{
	Notes: "desk-mail", NotesBox: []string{"INBOX", "Chancery"}, NotesTo: "desk@firm.example", From: model.Address{Name: "Dana Reed", Addr: "gc@firm.example"},
}}

// only returns the one letter of a plan.
func only(t *testing.T, p model.Plan) (model.Step, model.Note, model.NoteBody) {
	t.Helper()
	if len(p.Steps) != 1 {
		t.Fatalf("plan: %s", shape(p))
	}
	n, ok := p.Steps[0].Action.(model.Note)
	if !ok {
		t.Fatalf("plan: %s", shape(p))
	}
	return p.Steps[0], n, n.Body.Reveal()
}

func TestDraft(t *testing.T) {
	s := compiled(t, office(mailRule("claw-back", 10, `true`,
		draft("{{msg.to + [msg.from]}}", "About {{msg.message_id}}", "Matter {{x.matter.number}} ({{x.matter.name}}),\narrived {{msg.arrived}}, for {{msg.to}}; {{msg.size}} octets.\n"))))
	step, n, b := only(t, s.Decide(letter("12345.001", "x", func(_ *model.Message, m *model.Mail) {
		m.To = append(m.To, model.Address{Addr: "GC@firm.example"}, model.Address{Addr: "not an address"}, model.Address{Addr: "b@c.example"})
	}), deskView))
	if step.Source != "gc-mail" || !n.Draft || n.Flagged || n.Mailbox != nil || step.Ref != (model.Ref{}) || b.HTML != "" {
		t.Fatalf("step %#v %#v", step, n)
	}
	if b.From != deskView.Desk.From || b.To.Addr != "gc@firm.example" || len(b.More) != 2 || b.More[0].Addr != "b@c.example" || b.More[1].Addr != "alex@uk.bar.example" {
		t.Fatalf("from %v to %v and %v", b.From, b.To, b.More)
	}
	if b.InReplyTo != "<1@bar.example>" || b.Subject != "About <1@bar.example>" ||
		b.Text != "Matter 12345.001 (Lease),\narrived 2026-03-02, for gc@firm.example, gc@firm.example, not an\naddress, b@c.example; 2000 octets." {
		t.Fatalf("%q %q %q", b.InReplyTo, b.Subject, b.Text)
	}
}

func TestNote(t *testing.T) {
	s := compiled(t, office(mailRule("alarm", 10, `true`, noteTo("", "Look at {{msg.folder}}", "First.\n\nSecond <b>&\nthird."))))
	step, n, b := only(t, s.Decide(letter("x", "x"), deskView))
	if step.Source != "desk-mail" || n.Draft || !n.Flagged || strings.Join(n.Mailbox, "/") != "INBOX/Chancery" {
		t.Fatalf("step %#v %#v", step, n)
	}
	if b.To.Addr != "desk@firm.example" || b.From.Addr != "chancery@chancery.invalid" || !strings.Contains(b.Text, "Rule alarm, rules.d/t.yaml:1:5") {
		t.Fatalf("to %v from %v: %q", b.To, b.From, b.Text)
	}
	if !strings.Contains(b.HTML, "<p>Second &lt;b&gt;&amp;<br>\nthird.</p>") || strings.Contains(b.HTML, "<b>") {
		t.Fatal(b.HTML)
	}
}

// Why there is no letter.
func TestNoLetter(t *testing.T) {
	own := func(_ *model.Message, m *model.Mail) { m.From = []model.Address{{Addr: "GC@firm.example"}} }
	bulk := func(_ *model.Message, m *model.Mail) { m.Bulk = true }
	auto := func(_ *model.Message, m *model.Mail) { m.Auto = true }
	tests := []struct {
		name   string
		then   config.Then
		view   model.View
		change []func(*model.Message, *model.Mail)
		mode   config.Mode
		want   string
	}{
		{"observed", draft("{{msg.from}}", "s", "t"), deskView, nil, config.Observe, "r?observe draft"},
		{"released", noteTo("", "s", "t"), model.View{Now: now, Desk: deskView.Desk, Released: map[string]bool{"r": true}}, nil, "", "r?released note"},
		{"nobody reads notes", noteTo("", "s", "t"), model.View{Now: now}, nil, "", "r?no-desk note"},
		{"a draft needs no desk", draft("a@b.example", "s", "t"), model.View{Now: now}, nil, "", "r:note"},
		{"to a list", draft("{{msg.from}}", "s", "t"), deskView, []func(*model.Message, *model.Mail){bulk}, "", "r?bulk draft"},
		{"to a robot", noteTo("", "s", "t"), deskView, []func(*model.Message, *model.Mail){auto}, "", "r?bulk note"},
		{"of a robot of our own", noteTo("", "s", "t"), deskView, []func(*model.Message, *model.Mail){auto, own}, "", "r:note"},
		{"no address", draft("{{msg.sender}}", "s", "t"), deskView, nil, "", "r?empty draft"},
		{"no subject", draft("{{msg.from}}", "{{msg.sender}}", "t"), deskView, nil, "", "r?empty draft"},
		{"no text", draft("{{msg.from}}", "s", "{{x.matter.number}} \n"), deskView, nil, "", "r?empty draft"},
		{"fails", draft("{{msg.to[7]}}", "s", "t"), deskView, nil, "", "r?error draft"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := mailRule("r", 10, `true`, tt.then)
			if tt.mode != "" {
				r.Mode = tt.mode
			}
			c := letter("x", "x", tt.change...)
			if got := shape(compiled(t, office(r)).Decide(c, tt.view)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestLetterProblems(t *testing.T) {
	tests := []struct {
		then config.Then
		want string
	}{
		{draft("{{msg.size}}", "s", "t"), "to: needs addresses, this is a number"},
		{draft("x {{msg.to}}", "s", "t"), "a list of addresses stands beside other text"},
		{draft("Dana", "s", "t"), "to: is no address"},
		{draft("a@b.example, c@d", "s", "t"), "to: is no address"},
		{draft("", "s", "t"), "a draft needs to:"},
		{draft("a@b.example", "", "t"), "lacks a subject"},
		{draft("a@b.example", "{{msg.files}}", "t"), "a letter needs text, this is a list"},
		{draft("a@b.example", "s", "{{x.matter}}"), "a letter needs text"},
		{draft("a@b.example", "s", "{{msg.subjct}}"), `subjct`},
	}
	for _, tt := range tests {
		_, errs := Compile(office(mailRule("r", 10, `true`, tt.then)))
		if !errs.Fatal() || !strings.Contains(errs.Error(), tt.want) {
			t.Errorf("want %q, got %v", tt.want, errs)
		}
	}
}

// What IT divides by "," are addresses; a "," in a value divides nothing.
func TestRecipients(t *testing.T) {
	for to, want := range map[string]string{
		"a@b.example, {{msg.from}} ,,c@d.example":      "a@b.example c@d.example alex@uk.bar.example",
		"{{msg.subject}}":                              "",
		"{{msg.from}}":                                 "alex@uk.bar.example",
		"x@{{msg.from.domain()}}":                      "x@uk.bar.example",
		"{{[msg.from, 'A@b.example', 'a@B.example']}}": "alex@uk.bar.example A@b.example",
	} {
		p := compiled(t, office(mailRule("r", 10, `true`, draft(to, "s", "t")))).Decide(letter("evil@x.example,evil@y.example", "x"), deskView)
		got := map[string]bool{}
		if len(p.Steps) > 0 {
			_, _, b := only(t, p)
			for _, a := range append(b.More, b.To) {
				got[a.Addr] = true
			}
		}
		if len(got) != len(strings.Fields(want)) {
			t.Errorf("%s: got %v, want %s", to, got, want)
		}
		for _, a := range strings.Fields(want) {
			if !got[a] {
				t.Errorf("%s: got %v, want %s", to, got, want)
			}
		}
	}
	many := func(_ *model.Message, m *model.Mail) {
		for n := range 60 {
			m.To = append(m.To, model.Address{Addr: fmt.Sprintf("p%d@x.example", n)})
		}
	}
	_, _, b := only(t, compiled(t, office(mailRule("r", 10, `true`, draft("{{msg.to}}", "s", "t")))).Decide(letter("x", "x", many), deskView))
	if len(b.More) != maxRecipients-1 || !strings.HasPrefix(b.Text, "[11 more recipients are not in To:]\n\nt") {
		t.Fatalf("%d recipients, %q", len(b.More)+1, b.Text)
	}
	for _, bad := range []string{"", "a", "@", "a@", "@b.c", "a@b", "a b@c.d", "a@b..c", "a@-b.c", "a@b-.c", `"a"@b.c`, "a@b.c>", "<a@b.c", "a@b.c\r\nBcc: x@y.z", "ä@b.c", "a@b.c,d@e.f",
		"a..b@c.d", ".a@c.d", strings.Repeat("a", 65) + "@b.c", "a@" + strings.Repeat("b.", 130) + "c", "a\u202e@b.c", "a@b.c "} {
		if isAddress(bad) {
			t.Errorf("%q is taken for an address", bad)
		}
	}
}

// Whatever a sender writes, a letter has one line of subject, the recipients that
// were meant, no header of theirs and nothing that cannot be seen.
func FuzzLetter(f *testing.F) {
	f.Add("Subject", "body", "a@b.example")
	f.Add("x\r\nBcc: evil@x.example", "a\x00b\u202eevil\u202c\r\n.\r\n", "a@b.example\r\nBcc: x@y.example")
	f.Add(strings.Repeat("ä", 1000), strings.Repeat("line\n", 20_000), `"a,b"@c.example`)
	f.Add("\u2028two\u2029three", "--=_x\r\nContent-Type: text/html", "<a@b.example>, c@d.example")
	set, errs := Compile(office(mailRule("r", 10, `true`, draft("{{[msg.from, msg.reply_to]}}", "Re {{msg.subject}} {{msg.from_name}}", "It says: {{msg.text}} {{msg.from_name}}")),
		mailRule("q", 9, `true`, noteTo("{{msg.from}}", "{{msg.subject}}", "{{msg.text}}"))))
	if errs.Fatal() {
		f.Fatal(errs)
	}
	f.Fuzz(func(t *testing.T, subject, body, addr string) {
		c := letter(subject, body, func(_ *model.Message, m *model.Mail) {
			m.From = []model.Address{{Name: subject, Addr: addr}}
			m.ReplyTo = []model.Address{{Addr: "ok@firm.example"}}
		})
		for _, s := range set.Decide(c, deskView).Steps {
			n := s.Action.(model.Note)
			b := n.Body.Reveal()
			if len(b.Subject) > maxLetterSubject || len(b.Text) > maxLetterText+100 || strings.ContainsAny(b.Subject, "\r\n") {
				t.Fatalf("%d and %d octets", len(b.Subject), len(b.Text))
			}
			for _, r := range b.Subject + b.Text {
				if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d') {
					t.Fatalf("%U can be hidden in a letter", r)
				}
			}
			b.MessageID = "<x@chancery.invalid>"
			m := mime.Read(mime.ComposeDraft(b, "tag"))
			if len(m.To) != 1+len(b.More) || len(m.Cc)+len(m.Bcc) != 0 || len(m.Files) != 0 || m.Auto || len(m.Problems) != 0 {
				t.Fatalf("%d recipients of %d, problems %q", len(m.To), 1+len(b.More), m.Problems)
			}
		}
	})
}

func TestUrgent(t *testing.T) {
	sent := mailRule("a", 10, `true`, draft("a@b.example", "s", "t"))
	sent.Folders = txs("Sent", "Archive/Out")
	off := mailRule("b", 9, `true`, noteTo("", "s", "t"))
	off.Mode, off.Folders = config.Off, txs("Elsewhere")
	all := mailRule("c", 8, `true`, noteTo("", "s", "t"))
	all.Folders = nil
	other := mailRule("d", 7, `true`, noteTo("", "s", "t"))
	other.Accounts = txs("other-mail")
	for want, rules := range map[string][]config.MailRule{
		"":                   {mailRule("m", 1, `true`, mark("billing")), off, other},
		"Archive/Out Sent":   {sent, off, mailRule("m", 1, `true`, mark("billing"))},
		"* Archive/Out Sent": {sent, all},
	} {
		if got := strings.Join(compiled(t, office(rules...)).Urgent("gc-mail"), " "); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
