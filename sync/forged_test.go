package sync

import (
	"fmt"
	"testing"

	"chancery/internal/model"
)

// A forged reply marks itself at most: it neither takes a mark away nor keeps one
// from the true replies, whatever Message-ID it takes and whatever it refers to.
func TestForgedReferences(t *testing.T) {
	o := newOffice(t)
	o.five()
	// It takes the name of the next reply, and refers to what nobody knows.
	early := o.arrives(50, "Win", 20)
	m := early.Message.Body.Reveal()
	m.MessageID, m.References = "<6@firm.example>", []string{"<nobody@other.example>"}
	o.mail[early.Ref].Body = model.Hide(m)
	o.says(o.put(early.Ref))
	o.says(o.arrives(6, "Re: lease", 6, 1, 2, 5))
	o.want("after a forged Message-ID", 2, 3, 4, 5, 6)
	// It takes the name of one that is there, and names two conversations.
	o.says(o.arrives(70, "Privileged: other", 30))
	twice := o.arrives(71, "Win", 31, 90, 70, 2)
	m = twice.Message.Body.Reveal()
	m.MessageID = "<5@firm.example>"
	o.mail[twice.Ref].Body = model.Hide(m)
	o.says(o.put(twice.Ref))
	o.says(o.arrives(72, "Re: other", 32, 70), o.arrives(73, "Re: lease", 33, 5), o.arrives(74, "Re: Lunch", 34, 90))
	o.want("after it joined two", 2, 3, 4, 5, 6, 70, 71, 72, 73)
}

// Of a conversation of thousands that was cleared once, the next acts of people read
// nothing again that was taken away already.
func TestAConversationOfThousands(t *testing.T) {
	o := newOffice(t)
	const all, batch = 2500, 250
	for n := 1; n <= all; n += batch {
		var some []model.Change
		for i := n; i < n+batch; i++ {
			if i == 1 {
				some = append(some, o.arrives(1, "Privileged: lease", 1))
				continue
			}
			some = append(some, o.arrives(i, "Re: lease", i, 1, i-1))
		}
		o.tell(some...)
		o.turn()
	}
	if n := len(o.marked()); n != all {
		t.Fatalf("%d are marked", n)
	}
	clear := func(n int) {
		o.mail[at("INBOX", 1, uint32(n))].Flags = nil
		o.tell(flagged(at("INBOX", 1, uint32(n))))
		o.turn()
	}
	clear(77)
	o.want("after one was cleared", 1)
	of, err := o.j.ConversationsOf(t.Context(), o.steps("m1"))
	if err != nil || len(of) != 1 {
		t.Fatal(of, err)
	}
	for _, c := range of {
		left, err := o.j.OfThread(t.Context(), c, "privileged")
		if err != nil || len(left) != 1 {
			t.Errorf("%d steps are read again, want the one of its own words: %v", len(left), err)
		}
	}
	for n := 200; n < 210; n++ {
		o.person(n, "lx-1")
		clear(n)
		o.want("marked by hand and cleared", 1)
	}
}

// steps are the IDs of the steps about an item.
func (d *desk) steps(of model.Ident) (out []model.StepID) {
	known, err := d.j.ByIdent(d.t.Context(), []model.Ident{of})
	if err != nil {
		d.t.Fatal(err)
	}
	for _, in := range known[of] {
		out = append(out, in.Step.ID)
	}
	return out
}

// Somebody forges 10,000 ids into References, again and again: rows stay few.
func TestReferencesWithoutEnd(t *testing.T) {
	o := newOffice(t)
	o.five()
	for i := range 20 {
		c := o.arrives(100+i, "Win", 40)
		m := c.Message.Body.Reveal()
		for k := range 10_000 {
			m.References = append(m.References, fmt.Sprintf("<%d.%d@other.example>", i, k))
		}
		m.References[5000] = "<2@firm.example>"
		o.mail[c.Ref].Body = model.Hide(m)
		o.says(o.put(c.Ref))
	}
	o.want("after a flood", 2, 3, 4, 5)
}
