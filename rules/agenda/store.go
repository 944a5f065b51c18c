package agenda

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"slices"

	"chancery/internal/model"
)

// store keeps packed events in few large pieces of memory that hold no pointers:
// a million of them cost the garbage collector nothing.
type store struct {
	words  *Words
	packer packer
	index  map[uint64]uint32 // the slot, by a hash of the place
	slots  []kept
	free   []uint32
	clash  bool                    // two places had one hash
	lives  map[uint64]*model.Event // what is not packed, by version
	serial uint64
	pieces [][]byte
	used   int // octets in pieces
	waste  int // of them of no use any more
	room   []byte
	hash   func(at model.Name, salt uint64) uint64
}

// kept is one version of an event.
type kept struct {
	serial      uint64 // no other version has it; 0 for none
	first, last int32  // the UTC days outside which it takes no time, whatever the zone
	piece, at   uint32 // where it is written
	size        uint32
	ours        bool
}

const (
	leastPiece = 4 << 10
	mostPiece  = 64 << 10
	leastWaste = 256 << 10
)

func newStore(w *Words) store {
	return store{words: w, packer: packer{w: w}, index: map[uint64]uint32{}, lives: map[uint64]*model.Event{}, hash: hashed}
}

// seed makes hashes nobody outside can foresee.
var seed = maphash.MakeSeed()

// hashed is the hash of a place. The salt tells places apart that have one hash.
func hashed(at model.Name, salt uint64) uint64 { return maphash.String(seed, string(at)) + salt }

// find returns the slot of a place, or the hash under which it may be put.
func (s *store) find(at model.Name) (h uint64, slot uint32, ok bool) {
	for salt := uint64(0); ; salt++ {
		h = s.hash(at, salt)
		if slot, ok = s.index[h]; !ok || s.place(s.slots[slot]) == at {
			return h, slot, ok
		}
	}
}

// put writes an event down; there must be none at this place.
func (s *store) put(at model.Name, k kept, ev *model.Event) parcel {
	b := binary.AppendUvarint(s.room[:0], uint64(len(at)))
	if at == ev.Ref.Href {
		b = append(b[:0], 0) // the place is in the packed form
	} else {
		b = append(b, at...)
	}
	b, ok := s.packer.pack(ev, b)
	s.serial++
	k.serial = s.serial
	out := parcel{live: ev}
	if ok {
		out.live = nil
	} else {
		b = append(binary.AppendUvarint(b[:0], uint64(len(at))), at...)
		s.lives[k.serial] = ev
	}
	s.write(&k, b)
	if s.room = b; cap(b) > 1<<16 {
		s.room = nil
	}
	h, _, _ := s.find(at)
	s.clash = s.clash || h != s.hash(at, 0)
	slot := uint32(len(s.slots))
	if n := len(s.free); n > 0 {
		slot, s.free = s.free[n-1], s.free[:n-1]
		s.slots[slot] = k
	} else {
		s.slots = append(s.slots, k)
	}
	s.index[h] = slot
	out.kept = k
	return out
}

func (s *store) write(k *kept, b []byte) {
	last := len(s.pieces) - 1
	if last < 0 || cap(s.pieces[last])-len(s.pieces[last]) < len(b) {
		size := max(leastPiece, min(mostPiece, s.used/4), len(b))
		s.pieces = append(s.pieces, make([]byte, 0, size))
		last++
	}
	k.piece, k.at, k.size = uint32(last), uint32(len(s.pieces[last])), uint32(len(b))
	s.pieces[last] = append(s.pieces[last], b...)
	s.used += len(b)
}

// drop forgets what is at a place, and returns it.
func (s *store) drop(at model.Name) (parcel, bool) {
	h, slot, ok := s.find(at)
	if !ok {
		return parcel{}, false
	}
	k := s.slots[slot]
	out := parcel{k, s.lives[k.serial]}
	delete(s.lives, k.serial)
	s.slots[slot] = kept{}
	s.free = append(s.free, slot)
	s.waste += int(k.size)
	delete(s.index, h)
	if s.clash {
		s.rehash()
	}
	return out, true
}

// rehash closes the gaps that drop leaves among places of one hash.
func (s *store) rehash() {
	clear(s.index)
	s.clash = false
	for slot, k := range s.slots {
		if k.serial != 0 {
			h, _, _ := s.find(s.place(k))
			s.clash = s.clash || h != s.hash(s.place(k), 0)
			s.index[h] = uint32(slot)
		}
	}
}

// each calls f for everything that is kept; f may drop it.
func (s *store) each(f func(kept)) {
	for _, k := range s.slots {
		if k.serial != 0 {
			f(k)
		}
	}
}

// place returns where an event lies.
func (s *store) place(k kept) model.Name {
	u := unpacker{s: string(s.pieces[k.piece][k.at : k.at+k.size]), w: s.words.spoken()}
	if at := u.text(); at != "" || s.lives[k.serial] != nil {
		return model.Name(at)
	}
	return u.href()
}

// tidy writes everything anew if much of the room is of no use, and reports
// whether it did. What was read before stays where it was.
func (s *store) tidy() bool {
	if s.waste < leastWaste || s.waste < s.used/2 {
		return false
	}
	old := s.pieces
	s.pieces, s.used, s.waste = nil, 0, 0
	slots := make([]kept, 0, len(s.index))
	for _, k := range s.slots {
		if k.serial != 0 {
			s.write(&k, old[k.piece][k.at:k.at+k.size])
			slots = append(slots, k)
		}
	}
	s.slots, s.free = slots, nil
	s.index = make(map[uint64]uint32, len(slots))
	s.rehash()
	return true
}

// sight is where what was kept at one moment lies.
type sight struct{ pieces [][]byte }

func (s *store) sight() sight { return sight{slices.Clone(s.pieces)} }

// packed returns what pack made of an event.
func (v sight) packed(k kept) string {
	b := v.pieces[k.piece][k.at : k.at+k.size]
	n, w := binary.Uvarint(b)
	return string(b[w+int(min(n, math.MaxInt32)):])
}
