package connectortest

import (
	"fmt"
	"slices"
	"strings"

	"chancery/internal/model"
)

// unmarks takes marks away: all of what setting them added and nothing else, and
// nothing at all where a person changed any of it.
func (r *mailRun) unmarks() {
	const letters = 7
	for n := range letters {
		r.person.Append("INBOX", Letter(n))
	}
	r.person.OK("SELECT INBOX")
	r.person.OK(`UID STORE 2 +FLAGS.SILENT (lx-b \Flagged $MailFlagBit2)`) // starred blue before
	r.person.OK(`UID STORE 7 +FLAGS.SILENT (lx-a $label1 \Flagged $MailFlagBit0 $MailFlagBit2)`)
	before := r.person.Dump()
	s := r.source(false)
	changes, _ := r.pull(s, "")
	mark := model.Mark{Name: "x", Keyword: "lx-a", Thunderbird: "$label1", Apple: "purple"}
	var steps []model.Step
	for n := range letters {
		steps = append(steps, stepFor(r.arrival(changes, n), mark))
	}
	var undo []model.Step
	for i, got := range r.apply(s, steps...) {
		all := model.Flags{"lx-a", "$label1", `\Flagged`, "$MailFlagBit0", "$MailFlagBit2"}
		want := map[uint32]model.Flags{2: {"lx-a", "$label1"}, 7: nil}
		added, special := want[steps[i].Ref.UID]
		if !special {
			added = all
		}
		if !slices.Equal(slices.Sorted(slices.Values(got.Added)), slices.Sorted(slices.Values(added))) {
			r.Fatalf("message %d: added %q", steps[i].Ref.UID, got.Added)
		}
		step := steps[i]
		step.Action, step.ID = model.Unmark{Name: "x", Flags: got.Added}, "un"+step.ID
		undo = append(undo, step)
	}
	r.person.OK("SELECT INBOX")
	for _, person := range []string{
		`3 -FLAGS.SILENT (lx-a)`,
		`4 -FLAGS.SILENT ($MailFlagBit0)`, // blue
		`5 +FLAGS.SILENT ($MailFlagBit1)`, // no colour there is
		`6 +FLAGS.SILENT (\Seen lx-mine)`,
	} {
		r.person.OK("UID STORE " + person)
	}
	touched := r.person.Dump()
	for i, got := range r.apply(s, undo...) {
		switch undo[i].Ref.UID {
		case 3, 4, 5:
			r.wantOutcome(got, model.Stale, false, "changed")
		case 7:
			r.wantOutcome(got, model.Done, true, "")
		default:
			r.wantOutcome(got, model.Done, false, "")
		}
	}
	after := r.person.Dump()
	for _, m := range after["INBOX"] {
		want := sortedFlags(before, "INBOX", m.UID)
		switch m.UID {
		case 3, 4, 5:
			want = sortedFlags(touched, "INBOX", m.UID)
		case 6:
			want = []string{`\Seen`, "lx-mine"}
		}
		if got := sortedFlags(after, "INBOX", m.UID); !slices.EqualFunc(got, want, strings.EqualFold) {
			r.Fatalf("message %d shows %q, want %q", m.UID, got, want)
		}
	}
	// Sent once more, as after a crash; and for what is not there.
	for i := range undo {
		undo[i].Again = true
	}
	for i, got := range r.apply(s, undo...) {
		if uid := undo[i].Ref.UID; uid != 3 && uid != 4 && uid != 5 {
			r.wantOutcome(got, model.Done, true, "")
		}
	}
	r.person.OK("SELECT INBOX")
	r.person.OK(`UID STORE 1 +FLAGS.SILENT (\Deleted)`)
	r.person.OK("EXPUNGE")
	undo[0].Again = false
	r.wantOutcome(r.apply(s, undo[0])[0], model.Lost, false, "")
}

// givesBack files messages and moves them back: bytes and flags are the same, what
// a person moved on stays where it is, and no mailbox is made anew.
func (r *mailRun) givesBack() {
	for n := range 5 {
		r.person.Append("INBOX", Letter(n))
	}
	r.person.OK("SELECT INBOX")
	r.person.OK(`UID STORE 2 +FLAGS.SILENT (lx-a \Flagged)`)
	before := r.person.Dump()
	s := r.source(false)
	changes, _ := r.pull(s, "")
	var file, back []model.Step
	for n := range 5 {
		file = append(file, stepFor(r.arrival(changes, n), model.File{Mailbox: []string{"Files"}}))
	}
	for i, got := range r.apply(s, file...) {
		r.wantOutcome(got, model.Done, false, "")
		step := file[i]
		step.ID, step.Ref, step.Action = "b"+step.ID, got.Ref, model.Return{To: "INBOX"}
		back = append(back, step)
	}
	r.person.OK("CREATE Elsewhere")
	r.person.OK("SELECT Files")
	r.person.OK(fmt.Sprintf("UID COPY %d Elsewhere", back[3].Ref.UID))
	r.person.OK(fmt.Sprintf(`UID STORE %d +FLAGS.SILENT (\Deleted)`, back[3].Ref.UID))
	r.person.OK("EXPUNGE")
	for i, got := range r.apply(s, back...) {
		if i == 3 {
			r.wantOutcome(got, model.Lost, false, "")
			continue
		}
		r.wantOutcome(got, model.Done, false, "")
		if got.Ref.Mailbox != "INBOX" || got.Ref.UID <= 5 {
			r.Fatal("the result does not say where the message is")
		}
	}
	after := r.person.Dump()
	r.conserved(before, after)
	starred := 0
	for _, m := range after["INBOX"] {
		if model.Flags(m.Flags).Has("lx-a") && model.Flags(m.Flags).Has(`\Flagged`) {
			starred++
		}
	}
	if len(after["INBOX"]) != 4 || len(after["Elsewhere"]) != 1 || starred != 1 {
		r.Fatalf("%d came back, %d moved on, %d with their flags", len(after["INBOX"]), len(after["Elsewhere"]), starred)
	}
	// Once more, as after a crash: it is there.
	r.wantOutcome(r.apply(s, back[0])[0], model.Done, true, "")
	again := file[4]
	again.Ref.UID = after["INBOX"][3].UID
	got := r.apply(s, again)[0]
	r.wantOutcome(got, model.Done, false, "")
	again.Ref, again.Action = got.Ref, model.Return{To: "Removed"}
	r.wantOutcome(r.apply(s, again)[0], model.Refused, false, "no-mailbox")
	if dump := r.person.Dump(); dump["Removed"] != nil || len(dump["Files"]) != 1 {
		r.Fatal("a mailbox that was removed was made anew")
	}
}
