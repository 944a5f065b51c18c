package text

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestLawSplitAgain: where the new text stands in one piece it holds no quote: a
// second split finds none in it. Lines with a colon can make a header with others.
func TestLawSplitAgain(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	seen := 0
	for range 4000 {
		var b strings.Builder
		for range rnd.IntN(10) {
			b.WriteString(pieces[rnd.IntN(len(pieces))])
			b.WriteString([]string{"\n", "\n\n"}[rnd.IntN(2)])
		}
		for _, n := range banners {
			if rnd.IntN(40) == 0 {
				b.WriteString(n + "\n\n")
			}
		}
		z := Split(plainMail(b.String()))
		if z.Quoted == "" || len(z.Seams.New) > 0 {
			continue // parts that stood apart can meet
		}
		seen++
		if again := Split(plainMail(z.New)); again.Quoted != "" && !strings.Contains(z.New, ":") {
			t.Fatalf("%q: quoted %q of new %q", b.String(), again.Quoted, z.New)
		}
	}
	if seen < 500 {
		t.Errorf("only %d letters", seen)
	}
}
