package rules

import (
	"io/fs"
	"path/filepath"
	"testing"

	"chancery/internal/model"
	"chancery/internal/servertest"
)

// Broken mail of every kind is decided and explained; the gate changes nothing
// on any of it.
func TestBrokenMailGoesThrough(t *testing.T) {
	s := shipped(t)
	open := *s
	open.ungated = true
	n, acted := 0, 0
	for _, corpus := range []string{"mime-permissive", "imip-mails", "court-ecf-emails", "enron-berkeley-annotated"} {
		err := filepath.WalkDir(servertest.Corpus(t, corpus), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			c := received(read(t, path))
			plan := s.Decide(c, model.View{Now: now})
			if a, b := string(written(t, plan)), string(written(t, open.Decide(c, model.View{Now: now}))); a != b {
				t.Errorf("%s: the gate changes the plan", filepath.Base(path))
			}
			for _, r := range plan.Reports {
				if r.What == whatError || r.What == whatCost {
					t.Errorf("%s: rule %s: %s", filepath.Base(path), r.Rule, r.What)
				}
			}
			n++
			acted += len(plan.Steps)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d files, %d steps", n, acted)
}
