package connectortest

import (
	"fmt"
	"slices"

	"chancery/connectors"
	"chancery/internal/model"
)

// vanish is what a person's program does to messages of INBOX without MOVE.
func (r *mailRun) vanish(set, to string) {
	r.Helper()
	r.person.OK("SELECT INBOX")
	if to != "" {
		r.person.OK(fmt.Sprintf("UID COPY %s %s", set, to))
	}
	r.person.OK(fmt.Sprintf(`UID STORE %s +FLAGS.SILENT (\Deleted)`, set))
	r.person.OK("EXPUNGE")
}

// Moved to a followed mailbox, moved to one that is not followed, deleted: each is
// reported as gone under the UID it had, once, and after all that arrived.
func (r *mailRun) reportsGone() {
	for n := range 6 {
		r.person.Append("INBOX", Letter(n))
	}
	r.person.OK("CREATE Attic")
	s := r.source(false)
	changes, since := r.pull(s, "")
	moved := r.arrival(changes, 1)
	uid := func(n int) uint32 { return r.arrival(changes, n).Ref.UID }
	want := []uint32{uid(1), uid(2), uid(3)}
	slices.Sort(want)
	r.vanish(fmt.Sprint(uid(1)), "Files")
	r.vanish(fmt.Sprint(uid(2)), "Attic")
	r.vanish(fmt.Sprint(uid(3)), "")
	r.person.Append("INBOX", Letter(9))
	check := func(got []model.Change) {
		r.Helper()
		var gone []uint32
		for i, c := range got {
			switch {
			case c.Op == model.Gone:
				if c.Ref.Mailbox != "INBOX" || c.Ref.UIDValidity != moved.Ref.UIDValidity || c.Message != nil {
					r.Fatal("what is gone is named wrongly")
				}
				gone = append(gone, c.Ref.UID)
			case c.Op != model.Put || len(gone) > 0:
				r.Fatalf("change %d is op %d after %d that are gone", i, c.Op, len(gone))
			}
		}
		slices.Sort(gone)
		if !slices.Equal(gone, want) || len(got) != 5 {
			r.Fatalf("%d changes, gone are %v, want %v", len(got), gone, want)
		}
		r.arrival(got, 9)
		if again := r.arrival(got, 1); again.Ref.Mailbox != "Files" || again.Ident != moved.Ident {
			r.Fatal("the message that was moved is not seen where it is")
		}
	}
	got, next := r.pull(s, since)
	check(got)
	if rest, _ := r.pull(s, next); len(rest) != 0 {
		r.Fatalf("%d changes where nothing happened", len(rest))
	}
	// The same history again after a crash. Marks that did not change may be told
	// with it, where the server itself does not know what changed.
	_ = s.Close()
	got, _ = r.pull(r.source(false), since)
	check(slices.DeleteFunc(got, func(c model.Change) bool { return c.Op == model.Marked && len(c.Message.Flags) == 0 }))
}

// The newest mail of a mailbox is in the first batch, and a batch says how many
// messages the mailbox holds.
func (r *mailRun) newestFirst() {
	const n = 50
	var all [][]byte
	for i := range n {
		all = append(all, Letter(i))
	}
	r.person.Append("INBOX", all...)
	s := r.source(false)
	var since connectors.Cursor
	last := n
	for more := true; more; {
		b, err := s.Pull(r.Context(), since)
		if err != nil {
			r.Fatalf("pull: %v", err)
		}
		if len(b.Changes) > 0 && b.Messages["INBOX"] != n {
			r.Fatalf("the batch says that there are %d messages", b.Messages["INBOX"])
		}
		lowest := last
		for _, c := range b.Changes {
			uid := int(c.Ref.UID)
			if uid > last {
				r.Fatalf("message %d comes after message %d", uid, last)
			}
			lowest = min(lowest, uid-1)
		}
		last, since, more = lowest, b.Next, b.More
	}
	if last != 0 {
		r.Fatalf("%d messages are not reported", last)
	}
}
