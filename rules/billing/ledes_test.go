package billing

import (
	"math/rand"
	"strings"
	"testing"
)

func TestMade(t *testing.T) {
	for _, version := range []string{"1998B", "98BI V2", "XML 2.0", "XML 2.1", "XML 2.2"} {
		for seed := range int64(20) {
			m := makeLedes(rand.New(rand.NewSource(seed)), version, 3, 7)
			l, err := CheckLedes(strings.NewReader(m.print()), LedesOptions{}, func(p LedesProblem) { t.Errorf("%+v", p) })
			if err != nil || l.Lines != 21 {
				t.Fatalf("%v %+v\n%s", err, l, m.print())
			}
		}
	}
}
