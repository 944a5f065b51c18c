package rules

import (
	"bytes"
	"math/rand"
	"slices"
	"sync"
	"testing"

	"chancery/internal/model"
)

// TestDecideTogether decides the same messages in one row and in several at
// once, by two sets of rules of different size that share working memory.
func TestDecideTogether(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	sets := []*Set{compiled(t, manyRules(150, 500)), compiled(t, lawRules(r)), shipped(t)}
	var mails []model.Change
	for i := range 60 {
		c := lawMail(r)
		if i%3 == 0 {
			c = letter("Confidential project 3", prose(r, 1+r.Intn(6<<10)))
		}
		mails = append(mails, c)
	}
	v := model.View{Now: now}
	decide := func(i int) []byte { return written(t, sets[i%len(sets)].Decide(mails[i/len(sets)], v)) }
	n := len(sets) * len(mails)
	want := make([][]byte, n)
	for i := range n {
		want[i] = decide(i)
	}
	var all sync.WaitGroup
	for k := range 4 {
		all.Go(func() {
			order := rand.New(rand.NewSource(int64(k))).Perm(n)
			for _, i := range slices.Concat(order, order) {
				if !bytes.Equal(decide(i), want[i]) {
					t.Errorf("message %d by set %d: another plan", i/len(sets), i%len(sets))
					return
				}
			}
		})
	}
	all.Wait()
}
