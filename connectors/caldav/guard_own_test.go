package caldav

import (
	"fmt"
	"strings"
	"testing"

	"chancery/connectors"
	"chancery/internal/model"
)

// What we took away ourselves is no loss, however much it is; it hides none either.
func TestOwnWithdrawalsAreNoLoss(t *testing.T) {
	for _, test := range []struct {
		ours, withdrawn, others, lost int
		held                          bool
	}{
		{30, 30, 0, 0, false}, {60, 40, 0, 0, false}, {40, 30, 30, 5, false}, {10, 10, 60, 40, true}, {6, 1, 0, 5, true},
	} {
		for _, whole := range []bool{false, true} {
			t.Run(fmt.Sprint(test, whole), func(t *testing.T) {
				x := newWire(t)
				s := mustOpen(t, x.options())
				x.add(test.others)
				var holds []model.Step
				for i := range test.ours {
					h := model.Hold{UID: fmt.Sprint("own-", i), Of: model.Ident(fmt.Sprint("f:", i)), Digest: "v1", Body: model.Hide(model.HoldBody{Start: 1772442000, End: 1772445600, Summary: "Conflict"})}
					holds = append(holds, model.Step{ID: model.StepID(fmt.Sprint(i)), Action: h})
				}
				written, err := s.Apply(t.Context(), holds)
				if err != nil {
					t.Fatal(err)
				}
				at := drain(t, s, "").cursor
				if whole {
					at = ""
				}
				var back []model.Step
				for i := range test.withdrawn {
					h := holds[i].Action.(model.Hold)
					back = append(back, model.Step{ID: model.StepID(fmt.Sprint(i)), Action: model.Withdraw{UID: h.UID, Of: h.Of, Base: written[i].Ref}})
				}
				if _, err := s.Apply(t.Context(), back); err != nil {
					t.Fatal(err)
				}
				lost := 0
				for _, p := range sortedPaths(x) {
					if lost < test.lost && (test.others == 0 || strings.Contains(p, "/m")) {
						x.mu.Lock()
						delete(x.objects, p)
						x.mu.Unlock()
						lost++
					}
				}
				_, err = s.Pull(t.Context(), at)
				if test.held {
					wantError(t, err, connectors.Protocol, "mass-loss")
				} else if err != nil {
					t.Error(err)
				}
			})
		}
	}
}
