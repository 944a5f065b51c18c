package connectortest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"chancery/internal/model"
)

func draftStep(id string) model.Step {
	step := noteStep(id)
	n := step.Action.(model.Note)
	n.Mailbox, n.Draft = nil, true
	step.Action = n
	return step
}

func dropStep(mailbox []string, id string, twins bool) model.Step {
	return model.Step{ID: "drop", Action: model.DropNote{Mailbox: mailbox, MessageID: "<" + id + "@chancery.example>", Of: "finding-1", Twins: twins}}
}

func (r *mailRun) drafts() {
	s := r.source(false)
	r.wantOutcome(r.apply(s, draftStep("d0"))[0], model.Refused, false, "no-mailbox")
	r.person.OK("CREATE Drafts")
	got := r.apply(s, draftStep("d1"))[0]
	r.wantOutcome(got, model.Done, false, "")
	if got.Ref.Mailbox != "Drafts" {
		r.Fatal("the draft does not lie among the drafts")
	}
	r.wantOutcome(r.apply(s, draftStep("d1"))[0], model.Done, true, "")
	r.wantOutcome(r.apply(r.source(false), draftStep("d1"))[0], model.Done, true, "")
	list := r.person.Dump()["Drafts"]
	if len(list) != 1 || !slices.EqualFunc(list[0].Flags, []string{`\Draft`, `\Seen`}, strings.EqualFold) {
		r.Fatalf("%d drafts, want one that is a draft and read", len(list))
	}
	// Nobody worked on it: it goes with its finding, once.
	r.wantOutcome(r.apply(s, dropStep(nil, "d1", true))[0], model.Done, true, "")
	r.wantOutcome(r.apply(s, dropStep(nil, "d1", false))[0], model.Done, false, "")
	r.wantOutcome(r.apply(s, dropStep(nil, "d1", false))[0], model.Done, true, "")
	if n := len(r.person.Dump()["Drafts"]); n != 0 {
		r.Fatalf("%d drafts are left", n)
	}
}

// A mail program that saves a draft may keep every line of its header.
func (r *mailRun) editedDraft() {
	r.person.OK("CREATE Drafts")
	s := r.source(false)
	for i, change := range []func([]byte) []byte{
		func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("overlap"), []byte("collide")) },
		func(b []byte) []byte { return bytes.Replace(b, []byte("assistant@"), []byte("partner@"), 1) },
		func(b []byte) []byte { return bytes.Replace(b, []byte("Subject: Note"), []byte("Subject: Nota"), 1) },
		func(b []byte) []byte { return bytes.Replace(b, []byte("To: "), []byte("Cc: x@y.example\r\nTo: "), 1) },
	} {
		id := fmt.Sprintf("e%d", i)
		r.apply(s, draftStep(id))
		r.person.OK("SELECT Drafts")
		list := r.person.Dump()["Drafts"]
		ours := list[len(list)-1]
		edited := change(ours.Body)
		if bytes.Equal(edited, ours.Body) {
			r.Fatal("the test changes nothing")
		}
		r.person.Append("Drafts", edited)
		r.person.OK("SELECT Drafts")
		r.person.OK(`UID STORE * +FLAGS.SILENT (\Draft \Seen)`)
		r.wantOutcome(r.apply(s, dropStep(nil, id, false))[0], model.Done, false, "")
		r.wantOutcome(r.apply(s, dropStep(nil, id, false))[0], model.Done, true, "")
		list = r.person.Dump()["Drafts"]
		if len(list) != i+1 || !bytes.Equal(list[i].Body, edited) {
			r.Fatalf("edit %d: the draft that a person worked on was taken away", i)
		}
	}
}

// An APPEND whose connection was cut may be carried out after it was repeated.
func (r *mailRun) twins() {
	r.person.OK("CREATE Drafts")
	s := r.source(false)
	for _, c := range []struct {
		box  string
		step func(string) model.Step
		path []string
	}{
		{"INBOX", func(id string) model.Step { return noteStep(id) }, []string{"INBOX"}},
		{"Drafts", draftStep, nil},
	} {
		r.apply(s, c.step("t1"))
		again := func() {
			m := r.person.Dump()[c.box][0]
			r.person.Append(c.box, m.Body)
			r.person.OK("SELECT " + c.box)
			if c.box == "Drafts" {
				r.person.OK(`UID STORE * +FLAGS.SILENT (\Draft \Seen)`)
			}
		}
		again()
		again()
		r.wantOutcome(r.apply(s, dropStep(c.path, "t1", true))[0], model.Done, false, "")
		r.wantOutcome(r.apply(r.source(false), dropStep(c.path, "t1", true))[0], model.Done, true, "")
		if n := len(r.person.Dump()[c.box]); n != 1 {
			r.Fatalf("%s: %d are left, want one", c.box, n)
		}
		// The one that a person flagged stays, whichever it is.
		again()
		r.person.OK("SELECT " + c.box)
		r.person.OK(`UID STORE * +FLAGS.SILENT (\Flagged)`)
		r.wantOutcome(r.apply(s, dropStep(c.path, "t1", true))[0], model.Done, false, "")
		list := r.person.Dump()[c.box]
		if len(list) != 1 || !model.Flags(list[0].Flags).Has(`\Flagged`) {
			r.Fatalf("%s: the twin that a person flagged was taken away", c.box)
		}
		r.wantOutcome(r.apply(s, dropStep(c.path, "t1", true))[0], model.Done, true, "")
	}
}

// Messages with the same octets, delivered twice or copied by a person, some of
// them in the destination already: none stands for another.
func (r *mailRun) equals() {
	r.person.Append("INBOX", Letter(1), Letter(1), Letter(2), Letter(3), Letter(3), Letter(3))
	r.person.OK("SELECT INBOX")
	if _, tagged := r.person.Do("UID COPY 3 INBOX"); !strings.HasPrefix(tagged, "OK") {
		r.person.Append("INBOX", Letter(2)) // the server copies to other mailboxes only
	}
	before := r.person.Dump()
	s := r.source(false)
	changes, _ := r.pull(s, "")
	var steps []model.Step
	for _, c := range changes {
		if c.Op == model.Put {
			steps = append(steps, stepFor(&c, model.File{Mailbox: []string{"Files"}}))
		}
	}
	if len(steps) != 7 {
		r.Fatalf("%d messages", len(steps))
	}
	for _, part := range [][]model.Step{steps[:2], steps[1:4], steps} {
		for _, got := range r.apply(s, part...) {
			r.wantOutcome(got, model.Done, got.Already, "")
		}
	}
	after := r.person.Dump()
	r.conserved(before, after)
	if len(after["Files"]) != 7 {
		r.Fatalf("%d were filed, want 7", len(after["Files"]))
	}
	seen := map[string]bool{}
	for _, got := range r.apply(r.source(false), steps...) {
		r.wantOutcome(got, model.Done, true, "")
		if key := fmt.Sprint(got.Ref.UID); seen[key] {
			r.Fatal("two messages are said to be one")
		} else {
			seen[key] = true
		}
	}
	r.conserved(before, r.person.Dump())
}
