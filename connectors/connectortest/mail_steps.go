package connectortest

import (
	"fmt"
	"slices"
	"strings"

	"chancery/internal/model"
	"chancery/internal/servertest"
)

func (r *mailRun) marks() {
	for n := range 3 {
		r.person.Append("INBOX", Letter(n))
	}
	before := r.person.Dump()
	s := r.source(false)
	changes, since := r.pull(s, "")
	mark := model.Mark{Name: "x", Keyword: "lx-privileged", Thunderbird: "$label1", Apple: "purple", Flagged: true}
	step := stepFor(r.arrival(changes, 1), mark)
	got := r.apply(s, step)[0]
	r.wantOutcome(got, model.Done, false, "")
	want := []string{"$MailFlagBit0", "$MailFlagBit2", "$label1", `\Flagged`, "lx-privileged"}
	if flags := slices.Sorted(slices.Values(got.Flags)); !slices.Equal(flags, want) {
		r.Fatalf("result flags %q", flags)
	}
	// Once more, as after a crash before the result was stored.
	r.wantOutcome(r.apply(s, step)[0], model.Done, true, "")
	r.wantOutcome(r.apply(r.source(false), step)[0], model.Done, true, "")
	after := r.person.Dump()
	r.conserved(before, after)
	for _, m := range after["INBOX"] {
		if marked := slices.Contains(m.Flags, "lx-privileged"); marked != (m.UID == step.Ref.UID) || slices.Contains(m.Flags, `\Seen`) {
			r.Fatal("the wrong message was marked")
		}
	}
	echo, _ := r.pull(s, since)
	if len(echo) != 1 || echo[0].Op != model.Marked || !echo[0].Message.Flags.Has("lx-privileged") {
		r.Fatalf("the mark does not come back as one change but as %d", len(echo))
	}
}

func (r *mailRun) colours() {
	for n, name := range []string{"red", "orange", "yellow", "green", "blue", "purple", "gray"} {
		r.person.Append("INBOX", Letter(n))
		s := r.source(false)
		changes, _ := r.pull(s, "")
		step := stepFor(r.arrival(changes, n), model.Mark{Apple: name})
		r.wantOutcome(r.apply(s, step)[0], model.Done, false, "")
		bits := 0
		for _, f := range sortedFlags(r.person.Dump(), "INBOX", step.Ref.UID) {
			if digit, ok := strings.CutPrefix(strings.ToLower(f), "$mailflagbit"); ok {
				bits |= 1 << (digit[0] - '0')
			}
		}
		if bits != n {
			r.Fatalf("%s is written as %d", name, bits)
		}
		// A person's flag keeps the colour the person gave it.
		other := stepFor(r.arrival(changes, n), model.Mark{Apple: "gray", Keyword: "lx-b"})
		if name != "gray" {
			r.apply(s, other)
			flags := model.Flags(sortedFlags(r.person.Dump(), "INBOX", step.Ref.UID))
			if !flags.Has("lx-b") || flags.Has("$MailFlagBit0") != (n&1 != 0) || flags.Has("$MailFlagBit1") != (n&2 != 0) {
				r.Fatal("a colour was changed")
			}
		}
		_ = s.Close()
	}
}

func (r *mailRun) files() {
	for n := range 6 {
		r.person.Append("INBOX", Letter(n))
	}
	// The same letter twice: two messages, and both must survive.
	r.person.Append("INBOX", Letter(5))
	before := r.person.Dump()
	s := r.source(false)
	changes, _ := r.pull(s, "")
	var steps []model.Step
	for _, c := range changes {
		if c.Op == model.Put && c.Ref.UID > 2 {
			steps = append(steps, stepFor(&c, model.File{Mailbox: []string{"Billing", "Bär & Söhne", "0042-0070"}, Create: true}))
		}
	}
	for i, got := range r.apply(s, steps...) {
		r.wantOutcome(got, model.Done, false, "")
		if got.Ref.UID == 0 || !strings.HasSuffix(string(got.Ref.Mailbox), "0042-0070") || got.Ref.Mailbox == steps[i].Ref.Mailbox {
			r.Fatal("the result does not say where the message is")
		}
	}
	after := r.person.Dump()
	r.conserved(before, after)
	if len(after["INBOX"]) != 2 {
		r.Fatalf("%d messages stayed, want 2", len(after["INBOX"]))
	}
	for _, fresh := range []bool{false, true} {
		if fresh {
			s = r.source(false)
		}
		for _, got := range r.apply(s, steps...) {
			r.wantOutcome(got, model.Done, true, "")
		}
	}
	r.conserved(before, r.person.Dump())
}

func (r *mailRun) filesRefused() {
	r.person.Append("INBOX", Letter(1))
	before := r.person.Dump()
	s := r.source(false)
	changes, _ := r.pull(s, "")
	letter := r.arrival(changes, 1)
	got := r.apply(s, stepFor(letter, model.File{Mailbox: []string{"Nowhere"}}))[0]
	r.wantOutcome(got, model.Refused, false, "no-mailbox")
	got = r.apply(s, stepFor(letter, model.File{Mailbox: []string{"inbox"}}))[0]
	r.wantOutcome(got, model.Done, true, "")
	long := strings.Repeat("x", 101)
	for _, path := range [][]string{nil, {""}, {".."}, {"a", ".", "b"}, {"a/b"}, {"a*"}, {"a%"}, {"a\r\nb"}, {"~ann"}, {"#news"}, {" a"}, {long}, {"a", "b", "c", "d", "e", "f", "g"}, {"\xff"}} {
		got := r.apply(s, stepFor(letter, model.File{Mailbox: path, Create: true}))[0]
		r.wantOutcome(got, model.Refused, false, "bad-path")
	}
	for _, a := range []model.Action{model.Hold{UID: "u"}, model.Withdraw{UID: "u"}} {
		r.wantOutcome(r.apply(s, model.Step{ID: "h", Action: a})[0], model.Refused, false, "not-a-calendar")
	}
	if after := r.person.Dump(); len(after) != len(before) {
		r.Fatal("a refused step made a mailbox")
	}
}

func (r *mailRun) keepsName() {
	r.person.Append("INBOX", Letter(1))
	s := r.source(false)
	changes, since := r.pull(s, "")
	letter := r.arrival(changes, 1)
	results := r.apply(s, stepFor(letter, model.Mark{Keyword: "lx-a", Flagged: true}), stepFor(letter, model.File{Mailbox: []string{"Files"}}))
	r.wantOutcome(results[1], model.Done, false, "")
	changes, _ = r.pull(s, since)
	moved := r.arrival(changes, 1)
	if moved.Ident != letter.Ident {
		r.Fatal("the message has another name in its new place")
	}
	if !moved.Message.Flags.Has("lx-a") || !moved.Message.Flags.Has(`\Flagged`) || moved.Message.Flags.Has(`\Deleted`) {
		r.Fatalf("the marks did not move along: %q", moved.Message.Flags)
	}
	if moved.Ref.Mailbox != results[1].Ref.Mailbox || moved.Ref.UID != results[1].Ref.UID || moved.Ref.UIDValidity != results[1].Ref.UIDValidity {
		r.Fatal("the message is not where the result said")
	}
}

func noteStep(id string, replaces ...string) model.Step {
	return model.Step{ID: model.StepID("note-" + id), Ident: "finding-1", Action: model.Note{
		Mailbox: []string{"INBOX"}, Replaces: replaces,
		Body: model.Hide(model.NoteBody{
			MessageID: "<" + id + "@chancery.example>", Of: "finding-1", Digest: "digest-" + id,
			From: model.Address{Addr: "chancery@chancery.invalid"}, To: model.Address{Addr: "assistant@firm.example"},
			Date: 1_790_000_000, Subject: "Note " + id, Text: "Two meetings overlap.", HTML: "<p>Two meetings overlap.</p>",
		}),
	}}
}

func (r *mailRun) notes() {
	s := r.source(false)
	_, since := r.pull(s, "")
	step := noteStep("n1")
	got := r.apply(s, step)[0]
	r.wantOutcome(got, model.Done, false, "")
	again := r.apply(r.source(false), step)[0]
	r.wantOutcome(again, model.Done, true, "")
	if again.Ref.UID == 0 || got.Ref.UID != 0 && got.Ref.UID != again.Ref.UID {
		r.Fatal("the second try names another note")
	}
	changes, _ := r.pull(s, since)
	note := bySubject(changes, "Note n1")
	if note == nil || !note.Message.Own || note.Message.Flags.Has(`\Seen`) {
		r.Fatal("the note does not come back as an unread note of ours")
	}
	if n := len(r.person.Dump()["INBOX"]); n != 1 {
		r.Fatalf("%d notes, want 1", n)
	}
	elsewhere := step
	elsewhere.Action = model.Note{Mailbox: []string{"Nowhere"}, Body: step.Action.(model.Note).Body}
	r.wantOutcome(r.apply(s, elsewhere)[0], model.Refused, false, "no-mailbox")
}

func (r *mailRun) takesBack() {
	s := r.source(false)
	r.apply(s, noteStep("n1"), noteStep("n2", "<n1@chancery.example>"))
	subjects := func() (out []string) {
		for _, m := range r.person.Dump()["INBOX"] {
			for line := range strings.SplitSeq(string(m.Body), "\r\n") {
				if subject, ok := strings.CutPrefix(line, "Subject: "); ok {
					out = append(out, subject)
				}
			}
		}
		return out
	}
	if got := subjects(); !slices.Equal(got, []string{"Note n2"}) {
		r.Fatalf("after an update: %q", got)
	}
	drop := func(id string) model.Step {
		return model.Step{ID: "drop", Action: model.DropNote{Mailbox: []string{"INBOX"}, MessageID: "<" + id + "@chancery.example>", Of: "finding-1"}}
	}
	// A person's message with the same Message-ID is never taken.
	r.person.Append("INBOX", []byte("Message-ID: <n2@chancery.example>\r\nSubject: Mine\r\n\r\nx\r\n"))
	r.wantOutcome(r.apply(s, drop("n2"))[0], model.Done, false, "")
	r.wantOutcome(r.apply(s, drop("n2"))[0], model.Done, true, "")
	if got := subjects(); !slices.Equal(got, []string{"Mine"}) {
		r.Fatalf("after a drop: %q", got)
	}
	// Read, flagged, answered or labelled: it belongs to the person now.
	for i, flag := range []string{`\Seen`, `\Flagged`, `\Answered`, "todo"} {
		id := fmt.Sprintf("t%d", i)
		uid := r.apply(s, noteStep(id))[0].Ref.UID
		r.person.OK("SELECT INBOX")
		if uid == 0 {
			uid = slices.MaxFunc(r.person.Dump()["INBOX"], func(a, b servertest.Dumped) int { return int(a.UID) - int(b.UID) }).UID
		}
		r.person.OK("SELECT INBOX")
		r.person.OK(fmt.Sprintf("UID STORE %d +FLAGS.SILENT (%s)", uid, flag))
		r.wantOutcome(r.apply(s, drop(id))[0], model.Done, true, "")
		r.wantOutcome(r.apply(s, noteStep(id+"b", "<"+id+"@chancery.example>"))[0], model.Done, false, "")
		if !slices.Contains(subjects(), "Note "+id) {
			r.Fatalf("a note with %s was taken away", flag)
		}
	}
}

func (r *mailRun) forged() {
	for _, tag := range []string{"finding-1;d;" + MailSign("note", "finding-1", "d", "<other@x>"), "finding-1;d;", "x", ";;", "finding-1 d " + MailSign("note", "finding-1", "d", "<f@x>")} {
		r.person.Append("INBOX", fmt.Appendf(nil, "Message-ID: <f@x>\r\nX-Chancery-Note: %s\r\nSubject: Forged\r\n\r\nx\r\n", tag))
	}
	s := r.source(false)
	changes, _ := r.pull(s, "")
	for _, c := range changes {
		if c.Op == model.Put && c.Message.Own {
			r.Fatal("a forged note is taken for ours")
		}
	}
	r.apply(s, model.Step{ID: "drop", Action: model.DropNote{Mailbox: []string{"INBOX"}, MessageID: "<f@x>"}})
	if n := len(r.person.Dump()["INBOX"]); n != 5 {
		r.Fatalf("%d of 5 messages are left", n)
	}
}

func (r *mailRun) goneAndStale() {
	for n := range 4 {
		r.person.Append("INBOX", Letter(n))
	}
	s := r.source(false)
	changes, _ := r.pull(s, "")
	gone := r.arrival(changes, 1)
	r.person.OK("SELECT INBOX")
	r.person.OK(fmt.Sprintf(`UID STORE %d +FLAGS.SILENT (\Deleted)`, gone.Ref.UID))
	r.person.OK("EXPUNGE")
	before := r.person.Dump()
	mark, file := model.Mark{Keyword: "lx-a"}, model.File{Mailbox: []string{"Files"}, Create: true}
	r.wantOutcome(r.apply(s, stepFor(gone, mark))[0], model.Lost, false, "")
	r.wantOutcome(r.apply(s, stepFor(gone, file))[0], model.Lost, false, "")
	other := *r.arrival(changes, 2)
	other.Ref.UIDValidity++
	r.wantOutcome(r.apply(s, stepFor(&other, mark))[0], model.Stale, false, "uidvalidity")
	r.wantOutcome(r.apply(s, stepFor(&other, file))[0], model.Stale, false, "uidvalidity")
	other.Ref.Mailbox = "Never"
	r.wantOutcome(r.apply(s, stepFor(&other, mark))[0], model.Lost, false, "no-mailbox")
	r.conserved(before, r.person.Dump())
}

// Marks and moves of many messages mixed, some gone: each step has its own answer.
func (r *mailRun) manySteps() {
	const n = 40
	var all [][]byte
	for i := range n {
		all = append(all, Letter(i))
	}
	r.person.Append("INBOX", all...)
	s := r.source(false)
	changes, _ := r.pull(s, "")
	r.person.OK("SELECT INBOX")
	r.person.OK(`UID STORE 10:14 +FLAGS.SILENT (\Deleted)`)
	r.person.OK("EXPUNGE")
	before := r.person.Dump()
	var steps []model.Step
	for i := range n {
		steps = append(steps, stepFor(r.arrival(changes, i), model.Mark{Keyword: []string{"lx-a", "lx-b"}[i/10%2]}))
	}
	for i := range n {
		steps = append(steps, stepFor(r.arrival(changes, n-1-i), model.File{Mailbox: []string{"Files"}, Create: true}))
	}
	results := r.apply(s, steps...)
	for i, got := range results {
		want := model.Done
		if uid := steps[i].Ref.UID; uid >= 10 && uid <= 14 {
			want = model.Lost
		}
		r.wantOutcome(got, want, false, "")
	}
	after := r.person.Dump()
	r.conserved(before, after)
	if len(after["INBOX"]) != 0 || len(after["Files"]) != n-5 {
		r.Fatalf("%d stayed, %d were filed", len(after["INBOX"]), len(after["Files"]))
	}
}
