package matter

import (
	"fmt"
	"testing"
)

func TestTableIsTheMap(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 1000} {
		m := map[string]int32{}
		for i := range n {
			m[fmt.Sprint("key ", i*i)] = int32(i) - 1
		}
		if n > 2 {
			m[""] = 7
		}
		table := newTable(m)
		if table.size() != len(m) {
			t.Errorf("%d keys, want %d", table.size(), len(m))
		}
		for i := range 2 * n {
			key := fmt.Sprint("key ", i)
			want, ok := m[key]
			if got, there := table.get(key); got != want || there != ok {
				t.Errorf("%q: %d %v, want %d %v", key, got, there, want, ok)
			}
		}
		if got, there := table.get(""); there != (n > 2) || there && got != 7 {
			t.Errorf("%d: the empty key: %d %v", n, got, there)
		}
	}
}
