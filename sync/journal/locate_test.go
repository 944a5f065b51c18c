package journal

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
)

// A message that a person moved is found where it lies now and where it was first
// found; what other sources or open steps say is left alone.
func testLocate(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	m, f, open := mark("mark", 1), filing("file", 1), mark("open", 1)
	open.Step.Rule = "later"
	commit(t, j, Turn{Lease: l, Planned: []Planned{m, f, open}, Cursor: "1"})
	filed := model.Ref{Source: "gc-mail", Mailbox: "Billing", UIDValidity: 3, UID: 44}
	must(t, j.Settle(t.Context(), l, []model.Result{
		{ID: m.Step.ID, Outcome: model.Done, Ref: m.Step.Ref, Flags: model.Flags{"lx-1"}}, {ID: f.Step.ID, Outcome: model.Done, Ref: filed},
	}, start, 0))
	projects := model.Ref{Source: "gc-mail", Mailbox: "Projects", UIDValidity: 9, UID: 3}
	at := func(refs ...model.Ref) (out [][]model.StepID) {
		got, err := j.ByPlace(t.Context(), refs)
		must(t, err)
		for i := range refs {
			var ids []model.StepID
			for _, in := range got[i] {
				ids = append(ids, in.Step.ID)
			}
			out = append(out, ids)
		}
		return out
	}
	for _, step := range []struct {
		name string
		to   model.Ref
		want [][]model.StepID // at the first place, where it was filed, in Projects
	}{
		{"moved by a person", projects, [][]model.StepID{ids(m, f, open), nil, ids(m, f)}},
		{"once more the same", projects, [][]model.StepID{ids(m, f, open), nil, ids(m, f)}},
		{"back where it was found", m.Step.Ref, [][]model.StepID{ids(m, f, open), nil, nil}},
		{"to where it was filed", filed, [][]model.StepID{ids(m, f, open), ids(m, f), nil}},
	} {
		commit(t, j, Turn{Lease: l, Located: []Located{{Ident: m.Step.Ident, Ref: filed}, {Ident: m.Step.Ident, Ref: step.to}, {Ident: "nobody", Ref: step.to}}, Cursor: "2"})
		if got := at(m.Step.Ref, filed, projects); !reflect.DeepEqual(got, step.want) {
			t.Errorf("%s:\ngot  %v\nwant %v", step.name, got, step.want)
		}
		known, err := j.ByIdent(t.Context(), []model.Ident{m.Step.Ident})
		must(t, err)
		for _, in := range known[m.Step.Ident] {
			if in.State == StateConfirmed && in.Ref != step.to {
				t.Errorf("%s: %s lies at %v", step.name, in.Step.ID, in.Ref.UID)
			}
			if in.Step.ID == m.Step.ID && !in.Flags.Has("lx-1") {
				t.Errorf("%s: the flags are gone", step.name)
			}
		}
	}
	other := claim(t, j, "cfo-mail")
	commit(t, j, Turn{Lease: other, Located: []Located{{Ident: m.Step.Ident, Ref: projects}}, Cursor: "1"})
	if got := at(projects); len(got[0]) > 0 {
		t.Errorf("another source moved it: %v", got)
	}
}

// What waits gets new UIDs where the old ones lost their meaning, and stays what it
// is. It does not follow a message to another mailbox, nor to another UID.
func testLocateWaiting(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	held, planned, sent := filing("held", 1), filing("planned", 1), mark("sent", 1)
	held.Step.Rule, held.Group, planned.After = "other", "principal/gc", start.Add(time.Hour)
	commit(t, j, Turn{Lease: l, Planned: []Planned{held, planned, sent}, Cursor: "1"})
	must(t, j.Hold(t.Context(), l, ids(held), start))
	must(t, j.Sent(t.Context(), l, ids(sent), start))
	first := held.Step.Ref
	same, other, anew := first, first, first
	same.UID++
	other.Mailbox, other.UIDValidity = "Projects", 77
	anew.UIDValidity, anew.UID = 78, 5
	for _, at := range []model.Ref{same, other, anew} {
		commit(t, j, Turn{Lease: l, Located: []Located{{held.Step.Ident, at}, {"nobody", at}}, Cursor: "2"})
		want := map[model.StepID]model.Ref{held.Step.ID: first, planned.Step.ID: first, sent.Step.ID: first}
		if at == anew {
			want[held.Step.ID], want[planned.Step.ID] = anew, anew
		}
		known, err := j.ByIdent(t.Context(), []model.Ident{held.Step.Ident})
		must(t, err)
		for _, in := range known[held.Step.Ident] {
			if in.Step.Ref != want[in.Step.ID] {
				t.Errorf("%s is to be found at %v, want %v", in.Step.ID, in.Step.Ref.UID, want[in.Step.ID].UID)
			}
			switch in.Step.ID {
			case held.Step.ID:
				if in.State != StateHeld || in.Group != held.Group {
					t.Errorf("the held step is %s of %q", in.State, in.Group)
				}
			case planned.Step.ID:
				if in.State != StatePlanned || !in.NotBefore.Equal(planned.After) {
					t.Errorf("the planned step is %s, not before %v", in.State, in.NotBefore)
				}
			}
		}
	}
	found, err := j.ByPlace(t.Context(), []model.Ref{anew, first})
	must(t, err)
	if len(found[0]) != 2 || len(found[1]) != 1 {
		t.Errorf("%d steps at the new place, %d at the old one", len(found[0]), len(found[1]))
	}
	var unfiled []model.StepID
	must(t, j.Unfiled(t.Context(), "gc-mail", func(in Intent) { unfiled = append(unfiled, in.Step.ID) }))
	if !slices.Equal(unfiled, ids(planned, held)) {
		t.Errorf("to be filed: %v", unfiled)
	}
	must(t, j.Sent(t.Context(), l, ids(planned), start.Add(time.Hour)))
	must(t, j.Unfiled(t.Context(), "cfo-mail", func(Intent) { t.Error("a step of another source") }))
	unfiled = nil
	must(t, j.Unfiled(t.Context(), "gc-mail", func(in Intent) { unfiled = append(unfiled, in.Step.ID) }))
	if !slices.Equal(unfiled, ids(held)) {
		t.Errorf("to be filed after one was sent: %v", unfiled)
	}
}
