package google

import (
	"fmt"
	"testing"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/model"
)

// What we took away ourselves is no loss, however much it is; it hides none either.
func TestOwnWithdrawalsAreNoLoss(t *testing.T) {
	for _, test := range []struct {
		ours, withdrawn, others, lost int
		held                          bool
	}{
		{30, 30, 0, 0, false}, {60, 40, 0, 0, false}, {40, 30, 30, 5, false}, {10, 10, 60, 40, true},
	} {
		for _, whole := range []bool{false, true} {
			t.Run(fmt.Sprint(test, whole), func(t *testing.T) {
				g := connectortest.NewGoogle(t)
				f := follow(t, options(g))
				var others []string
				for i := range test.others {
					others = append(others, g.PersonInsert(t, g.Self, event("Meeting", i%28+1)))
				}
				hold := func(i int) model.Hold {
					return holdOf("v1", func(h *model.Hold, _ *model.HoldBody) {
						h.UID, h.Of = fmt.Sprint("own-", i), model.Ident(fmt.Sprint("f:", i))
					})
				}
				for i := range test.ours {
					wantResult(t, f.apply(hold(i)), model.Done, "")
				}
				f.pull()
				if whole {
					f.cursor = ""
				}
				for i := range test.withdrawn {
					wantResult(t, f.apply(model.Withdraw{UID: hold(i).UID, Of: hold(i).Of}), model.Done, "")
				}
				for _, id := range others[:test.lost] {
					g.PersonDelete(t, g.Self, id)
				}
				_, err := f.try()
				if _, code := connectors.Classify(err); test.held != (err != nil) || test.held && code != "mass-loss" {
					t.Error(err)
				}
			})
		}
	}
}
