package matter

import (
	"hash/maphash"
	"math/bits"
	"strings"
)

// table is a map that does not change and has no pointers but three: a list of a
// hundred thousand matters must not cost the garbage collector a walk over all
// its keys each time.
type table struct {
	seed  maphash.Seed
	keys  string   // all of them, one behind the other
	ends  []uint32 // where each ends
	vals  []int32
	slots []uint32 // by hash: 1 + index of a key, and on from there
}

func newTable(m map[string]int32) *table {
	t := &table{
		seed: maphash.MakeSeed(), ends: make([]uint32, 0, len(m)), vals: make([]int32, 0, len(m)),
		slots: make([]uint32, 1<<bits.Len(uint(2*len(m)))),
	}
	size := 0
	for k := range m {
		size += len(k)
	}
	var keys strings.Builder
	keys.Grow(size)
	for k, v := range m {
		i := t.slot(k)
		for t.slots[i] != 0 {
			i = (i + 1) & (len(t.slots) - 1)
		}
		keys.WriteString(k)
		t.ends = append(t.ends, uint32(keys.Len()))
		t.vals = append(t.vals, v)
		t.slots[i] = uint32(len(t.ends))
	}
	t.keys = keys.String()
	return t
}

func (t *table) slot(key string) int {
	return int(maphash.String(t.seed, key) & uint64(len(t.slots)-1))
}

func (t *table) size() int { return len(t.ends) }

func (t *table) get(key string) (int32, bool) {
	for i := t.slot(key); t.slots[i] != 0; i = (i + 1) & (len(t.slots) - 1) {
		n, beg := t.slots[i]-1, uint32(0)
		if n > 0 {
			beg = t.ends[n-1]
		}
		if t.keys[beg:t.ends[n]] == key {
			return t.vals[n], true
		}
	}
	return 0, false
}
