package billing

import "hash/maphash"

// ledesSeen remembers which line numbers and which lines an invoice had, as hashes of
// 64 bits with a seed of their own: at most maxLines of each.
type ledesSeen struct {
	seed    maphash.Seed
	numbers hashSet
	lines   hashSet
	key     []byte
}

type seenState uint8

const (
	seenNew seenState = iota
	seenBefore
	seenFull
)

func (s *ledesSeen) hash(b []byte) uint64 {
	if s.seed == (maphash.Seed{}) {
		s.seed = maphash.MakeSeed()
	}
	return maphash.Bytes(s.seed, b)
}

func (s *ledesSeen) number(invoice uint32, number []byte) seenState {
	s.key = append(s.key[:0], byte(invoice), byte(invoice>>8), byte(invoice>>16), byte(invoice>>24))
	s.key = append(s.key, number...)
	return s.numbers.add(s.hash(s.key), maxLines)
}

// line adds everything by which one line differs from another but its number.
func (s *ledesSeen) line(invoice uint32, it *ledesItem) seenState {
	s.key = append(s.key[:0], byte(invoice), byte(invoice>>8), byte(invoice>>16), byte(invoice>>24))
	for _, i := range [...]int{fType, fUnits, fAdjustment, fLineTotal, fLineDate, fTask, fExpense, fActivity, fKeeper, fText, fCost, fMatter, fLawFirmMatter} {
		s.key = append(append(s.key, it.f[i]...), '|')
	}
	return s.lines.add(s.hash(s.key), maxLines)
}

// hashSet is a set of hashes: open addressing, eight octets an entry.
type hashSet struct {
	slots []uint64
	n     int
}

// add puts a hash in; with most entries in it, it takes no more.
func (h *hashSet) add(v uint64, most int) seenState {
	if v == 0 {
		v = 1
	}
	if h.n*4 >= len(h.slots)*3 {
		h.grow()
	}
	mask := uint64(len(h.slots) - 1)
	for i := v & mask; ; i = (i + 1) & mask {
		switch {
		case h.slots[i] == v:
			return seenBefore
		case h.slots[i] != 0:
			continue
		case h.n >= most:
			return seenFull
		}
		h.slots[i] = v
		h.n++
		return seenNew
	}
}

func (h *hashSet) grow() {
	old := h.slots
	h.slots = make([]uint64, max(1024, 2*len(old)))
	mask := uint64(len(h.slots) - 1)
	for _, v := range old {
		if v == 0 {
			continue
		}
		i := v & mask
		for h.slots[i] != 0 {
			i = (i + 1) & mask
		}
		h.slots[i] = v
	}
}

// hashedInt64 sums numbers under hashes, at most most of them.
type hashedInt64 struct{ m map[uint64]int64 }

// add returns the sum under a key with v in it.
func (h *hashedInt64) add(key uint64, v int64, most int) (sum int64, ok bool) {
	if h.m == nil {
		h.m = map[uint64]int64{}
	}
	old, is := h.m[key]
	if !is && len(h.m) >= most {
		return 0, false
	}
	h.m[key] = old + v
	return old + v, true
}
