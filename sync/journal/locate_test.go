package journal

import (
	"reflect"
	"testing"

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
