package journal

import (
	"testing"

	"chancery/internal/model"
)

// A mailbox that is parked as a whole has an entry of its own, which goes when
// the mailbox is there again; a person strikes off the rest.
func testParkedMailboxes(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	box := func(name model.Name) model.Ref { return model.Ref{Source: "gc-mail", Mailbox: name} }
	commit(t, j, Turn{Lease: l, Cursor: "1", Parked: []Parked{
		{Ref: box("Desk"), Code: "no-mailbox"}, {Ref: box("Archive"), Code: "no-mailbox"},
		{Ref: model.Ref{Source: "gc-mail", Mailbox: "Desk", UIDValidity: 1, UID: 7}, Code: "fetch-missing"},
	}})
	codes := func() map[string]int {
		items, err := j.ParkedItems(t.Context())
		must(t, err)
		out := map[string]int{}
		for _, p := range items {
			out[p.Code]++
		}
		return out
	}
	if got := codes(); got["no-mailbox"] != 2 || got["fetch-missing"] != 1 {
		t.Fatalf("parked: %v", got)
	}
	commit(t, j, Turn{Lease: l, Cursor: "2", UnparkedAt: []model.Ref{box("Desk")}})
	if got := codes(); got["no-mailbox"] != 1 || got["fetch-missing"] != 1 {
		t.Errorf("after the mailbox was found: %v", got)
	}
	n, err := j.Unpark(t.Context(), start)
	must(t, err)
	if got := codes(); n != 2 || len(got) != 0 {
		t.Errorf("%d struck off, left %v", n, got)
	}
	if _, bad, err := j.Verify(t.Context()); err != nil || bad != 0 {
		t.Errorf("the chain broke at %d: %v", bad, err)
	}
}
