package sync

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
)

const rulesOfThreads = `version: 1
defaults: {mode: enforce, folders: [INBOX, Team]}
marks:
  privileged: {keyword: lx-1, thunderbird: $label1, flagged: true}
  later: {thunderbird: $label4}
mail:
  - name: words
    when: msg.subject.contains("Privileged")
    then: [mark: privileged]
  - name: along
    when: msg.thread.has("privileged")
    then: [mark: privileged]
  - name: along too
    when: msg.thread.has("privileged") && msg.subject.contains("Twice")
    then: [mark: privileged]
  - name: stars
    when: msg.subject.contains("Star")
    then: [star: true]
`

// office is a desk with a mailbox that keeps what it is told, as a server does.
type office struct {
	*desk
	mail map[model.Ref]*model.Message
}

func newOffice(t *testing.T) *office {
	o := &office{newDesk(t, SourceSpec{}), map[model.Ref]*model.Message{}}
	o.set = rulesFrom(t, rulesOfThreads)
	o.applies, o.looks = o.carryOut, o.find
	o.start()
	return o
}

// arrives is a message that comes in; it answers others. Minutes are since the
// beginning of the day.
func (o *office) arrives(n int, subject string, minute int, answers ...int) model.Change {
	ref := at("INBOX", 1, uint32(n))
	mail := model.Mail{Subject: subject, MessageID: fmt.Sprintf("<%d@firm.example>", n), Date: o.now.Add(time.Duration(minute) * time.Minute)}
	for _, a := range answers {
		mail.References = append(mail.References, fmt.Sprintf("<%d@firm.example>", a))
	}
	ident := model.Ident(fmt.Sprint("m", n))
	o.mail[ref] = &model.Message{Ref: ref, Ident: ident, Arrived: o.now, Size: 100, Body: model.Hide(mail)}
	return o.put(ref)
}

func (o *office) put(ref model.Ref) model.Change {
	m := *o.mail[ref]
	m.Flags = slices.Clone(m.Flags)
	return model.Change{Op: model.Put, Ref: ref, Ident: m.Ident, Message: &m}
}

func (o *office) carryOut(steps []model.Step) (out []model.Result, err error) {
	for _, s := range steps {
		o.applied = append(o.applied, s)
		r := model.Result{ID: s.ID, Outcome: model.Done, Ref: s.Ref}
		m := o.mail[model.Ref{Source: s.Ref.Source, Mailbox: s.Ref.Mailbox, UIDValidity: s.Ref.UIDValidity, UID: s.Ref.UID}]
		switch a := s.Action.(type) {
		case model.Mark:
			r.Flags = slices.DeleteFunc(model.Flags{a.Keyword, `\Flagged`}, func(f string) bool { return f == "" })
			for _, f := range r.Flags {
				if !m.Flags.Has(f) {
					r.Added = append(r.Added, f)
				}
			}
			r.Already = len(r.Added) == 0
			m.Flags = append(m.Flags, r.Added...)
		case model.File:
			r.Ref = model.Ref{Source: "gc", Mailbox: model.Name(a.Mailbox[0]), UIDValidity: 9, UID: s.Ref.UID}
		case model.Unmark:
			if !hasAll(m.Flags, a.Flags) {
				r.Outcome, r.Code = model.Stale, "changed"
				break
			}
			m.Flags = slices.DeleteFunc(m.Flags, func(f string) bool { return a.Flags.Has(f) })
		}
		out = append(out, r)
	}
	return out, nil
}

func (o *office) find(refs []model.Ref) (out []model.Change) {
	for _, r := range refs {
		r.Version = ""
		if o.mail[r] != nil {
			out = append(out, o.put(r))
		}
	}
	return out
}

// person gives a message other flags, and the source tells it among others that
// changed too.
func (o *office) person(n int, flags ...string) {
	o.t.Helper()
	o.mail[at("INBOX", 1, uint32(n))].Flags = flags
	o.says(o.flags()...)
}

// says is a turn in which the source tells changes, and another one in which it
// tells back every flag that stands, as servers do.
func (o *office) says(changes ...model.Change) {
	o.t.Helper()
	o.tell(changes...)
	o.turn()
	o.tell(o.flags()...)
	o.turn()
}

// flags are those of all messages, in any order.
func (o *office) flags() (out []model.Change) {
	for ref, m := range o.mail {
		out = append(out, flagged(ref, slices.Clone(m.Flags)...))
	}
	return out
}

// marked returns which messages bear the mark.
func (o *office) marked() (out []int) {
	for ref, m := range o.mail {
		if m.Flags.Has("lx-1") {
			out = append(out, int(ref.UID))
		}
	}
	slices.Sort(out)
	return out
}

func (o *office) want(what string, marked ...int) {
	o.t.Helper()
	if got := o.marked(); !slices.Equal(got, marked) {
		o.t.Errorf("%s: %v are marked, want %v", what, got, marked)
	}
}

// five is a thread of five messages, the second of which is marked by its words.
func (o *office) five() {
	o.t.Helper()
	o.says(o.arrives(1, "Lease", 1))
	o.says(o.arrives(2, "Privileged: lease", 2, 1))
	for n := 3; n <= 5; n++ {
		o.says(o.arrives(n, "Re: lease", n, 1, 2, n-1))
	}
	o.says(o.arrives(90, "Lunch", 9))
	o.want("after five messages", 2, 3, 4, 5)
}

// A mark is inherited along the thread. A person who clears one ends that: what was
// inherited goes, what was marked by its own words stays, and so it remains.
func TestAThreadInheritsUntilAPersonClearsIt(t *testing.T) {
	o := newOffice(t)
	o.five()
	o.person(4, `\Seen`)
	o.want("after one was cleared", 2)
	for n, how := range map[int]string{3: "thread", 4: "unmarked", 5: "thread"} {
		if got := o.released(model.Ident(fmt.Sprint("m", n)))["along"]; got != how {
			t.Errorf("message %d: released %q, want %q", n, got, how)
		}
	}
	o.says(o.arrives(6, "Re: lease", 6, 1, 2, 5))
	o.want("a new reply", 2)
	o.start()
	o.says(o.arrives(7, "Re: lease", 7, 1, 2, 6))
	o.want("after a restart", 2)
	o.set = rulesFrom(t, rulesOfThreads+"\n")
	o.w.e.Reload(o.set)
	o.says(o.arrives(8, "Re: Privileged: lease", 8, 1, 2, 7), o.arrives(9, "Re: lease", 9, 1, 8))
	o.want("a reply with words of its own", 2, 8)
	o.person(90, "lx-1")
	o.says(o.arrives(91, "Re: Lunch", 91, 90))
	o.want("a person marked something else", 2, 8, 90, 91)
}

// A thread that arrives at once is decided in its order, however the batch and the
// clocks of its writers are.
func TestAThreadThatArrivesAtOnce(t *testing.T) {
	for seed := range 20 {
		o := newOffice(t)
		all := []model.Change{
			o.arrives(1, "Lease", 10), o.arrives(2, "Privileged: lease", 9, 1), // a clock that is behind
			o.arrives(3, "Re: lease", 12, 1, 2), o.arrives(4, "Re: lease", 11, 1, 2, 3), o.arrives(5, "Re: lease", 30, 4),
			o.arrives(6, "Re: lease", 8, 1), // an answer to the first, before the second
		}
		for i := 10; i < 40; i++ {
			all = append(all, o.arrives(i, "Lunch", i))
		}
		r := uint64(seed)*2654435761 + 1
		for i := len(all) - 1; i > 0; i-- {
			r = r*6364136223846793005 + 1442695040888963407
			k := int(r>>33) % (i + 1)
			all[i], all[k] = all[k], all[i]
		}
		o.says(all...)
		o.want(fmt.Sprint("order ", seed), 2, 3, 4, 5)
	}
}

// A person's mark spreads as a rule's does; it is found by its place, in a thread
// that nothing was known of.
func TestAPersonMarksAThread(t *testing.T) {
	o := newOffice(t)
	o.says(o.arrives(1, "Lease", 1), o.arrives(2, "Re: lease", 2, 1))
	o.person(2, "$label1", `\Flagged`)
	o.says(o.arrives(3, "Re: lease", 3, 1, 2))
	o.want("after a star and a colour")
	o.person(1, "LX-1")
	o.says(o.arrives(4, "Re: lease", 4, 1, 2, 3))
	o.mail[at("INBOX", 1, 1)].Flags = model.Flags{"lx-1"}
	o.want("after its keyword", 1, 4)
	o.person(1)
	o.want("after the keyword was taken off")
	o.says(o.arrives(5, "Re: lease", 5, 1, 4))
	o.want("a reply to what was cleared")
	o.person(5, "lx-1")
	o.says(o.arrives(6, "Re: lease", 6, 1, 5))
	o.want("a person marked it once more", 5, 6)
	o.person(6)
	o.person(5, "lx-1", `\Seen`)
	o.says(o.arrives(7, "Re: lease", 7, 1, 6))
	o.want("a mark that stood there already is no new act", 5)
}

// What stands again after a person took it off is a person's mark.
func TestAPersonMarksAgain(t *testing.T) {
	o := newOffice(t)
	o.five()
	o.person(2)
	o.want("after its source was cleared")
	o.person(2, `\Flagged`)
	o.says(o.arrives(6, "Re: lease", 6, 2))
	o.want("a star")
	o.person(2, `\Flagged`, "lx-1")
	o.says(o.arrives(7, "Re: lease", 7, 2))
	o.want("the whole mark", 2, 7)
}

// A message that two rules marked keeps the mark of its own words.
func TestOwnWordsStay(t *testing.T) {
	o := newOffice(t)
	o.five()
	o.says(o.arrives(6, "Privileged: more", 6, 1, 5))
	o.want("six", 2, 3, 4, 5, 6)
	o.person(3)
	o.want("after one was cleared", 2, 6)
}

// A star of its own stays when the mark that it came with is taken away; a mark that
// two rules inherited goes.
func TestWhatOtherMarksStandOnStays(t *testing.T) {
	o := newOffice(t)
	o.five()
	o.says(o.arrives(6, "Re: lease, Star", 6, 1, 5), o.arrives(7, "Re: lease, Twice", 7, 1, 5))
	o.person(3)
	o.want("after one was cleared", 2)
	for n, star := range map[uint32]bool{2: true, 5: false, 6: true, 7: false} {
		if m := o.mail[at("INBOX", 1, n)]; m.Flags.Has(`\Flagged`) != star {
			t.Errorf("message %d: %v", n, m.Flags)
		}
	}
}

// What a person changed on an inherited mark stays as it is.
func TestAChangedMarkStays(t *testing.T) {
	o := newOffice(t)
	o.five()
	o.person(4, "lx-1") // no star any more
	if o.released("m4")["along"] != "unmarked" {
		t.Fatal("a star that is taken off is no act of a person")
	}
	o.want("after a star was taken off", 2, 4)
	o.says(o.arrives(6, "Re: lease", 6, 1, 5))
	o.want("a reply", 2, 4)
}

// The identities of messages outlive the numbers of their mailbox.
func TestAClearedThreadOutlivesNewNumbers(t *testing.T) {
	o := newOffice(t)
	o.five()
	o.person(4)
	var again []model.Change
	for ref, m := range o.mail {
		delete(o.mail, ref)
		ref.UIDValidity = 2
		m.Ref = ref
		o.mail[ref] = m
		c := o.put(ref)
		c.Message.Old = true
		again = append(again, c)
	}
	o.says(again...)
	c := o.arrives(6, "Re: lease", 6, 1, 5)
	o.says(c)
	o.want("after new numbers", 2)
}

// A preview says what a run does, and writes nothing.
func TestPreviewOfAThread(t *testing.T) {
	steps := func(ss []model.Step) map[model.StepID]int {
		out := map[model.StepID]int{}
		for _, s := range ss {
			out[s.ID]++
		}
		return out
	}
	run, look := newOffice(t), newOffice(t)
	for _, o := range []*office{run, look} {
		o.five()
		o.tell(flagged(at("INBOX", 1, 3), `\Seen`), o.arrives(6, "Re: lease", 6, 1, 5)).More = true
		o.mail[at("INBOX", 1, 3)].Flags = model.Flags{`\Seen`}
		o.tell(o.arrives(7, "Privileged: x", 7), o.arrives(10, "Lunch", 10)).More = true
		o.tell(o.arrives(8, "Re: x", 8, 7)).More = true
		o.mail[at("INBOX", 1, 10)].Flags = model.Flags{"lx-1"}
		o.tell(flagged(at("INBOX", 1, 10), "lx-1"), o.arrives(9, "Re: x", 9, 8))
		o.applied = nil
	}
	before, err := look.j.Summary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := look.w.e.Plan(t.Context())[0]
	if p.Err != nil {
		t.Fatal(p.Err)
	}
	if after, err := look.j.Summary(t.Context()); err != nil || after.Entries != before.Entries {
		t.Errorf("a preview wrote %d entries, %v", after.Entries-before.Entries, err)
	}
	run.turn()
	if got, want := steps(p.Steps), steps(run.applied); len(got) != 5 || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("planned %v, did %v", got, want)
	}
	run.want("run", 2, 7, 8, 9, 10)
}

// What undo takes back spreads no more, but what a person or another message lets
// spread goes on.
func TestUndoEndsTheSpreading(t *testing.T) {
	o := newOffice(t)
	o.five()
	o.says(o.arrives(20, "Privileged", 20), o.arrives(21, "Privileged", 21))
	o.person(21, `\Flagged`, "lx-1", `\Seen`)
	if _, err := o.w.e.Undo(t.Context(), UndoRequest{Rule: "words", Source: "gc"}); err != nil {
		t.Fatal(err)
	}
	o.start()
	o.says(o.arrives(6, "Re: lease", 6, 1, 2), o.arrives(22, "Re", 22, 20))
	o.want("after undo", 3, 4, 5)
	o.says(o.arrives(7, "Privileged again", 7, 1, 2))
	o.says(o.arrives(8, "Re: lease", 8, 1, 7))
	o.want("words of its own", 3, 4, 5, 7, 8)
}
