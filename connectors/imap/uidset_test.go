package imap

import (
	"math/rand"
	"slices"
	"testing"
)

func randomSet(r *rand.Rand) (uidset, map[uint32]bool) {
	in := map[uint32]bool{}
	var uids []uint32
	for range r.Intn(40) {
		u := uint32(r.Intn(60) + 1)
		in[u], uids = true, append(uids, u)
	}
	return setOf(uids), in
}

func wellFormed(s uidset) bool {
	for i, x := range s {
		if x.lo == 0 || x.lo > x.hi || i > 0 && uint64(x.lo) <= uint64(s[i-1].hi)+1 {
			return false
		}
	}
	return true
}

// The operations on spans are those on sets, member by member.
func TestUIDSetLaws(t *testing.T) {
	r := rand.New(rand.NewSource(11))
	for range 3000 {
		a, inA := randomSet(r)
		b, inB := randomSet(r)
		lo, hi, n := uint32(r.Intn(60)+1), uint32(r.Intn(60)+1), r.Intn(50)+1
		ops := map[string]struct {
			got  uidset
			want func(u uint32) bool
		}{
			"union": {a.union(b), func(u uint32) bool { return inA[u] || inB[u] }},
			"both":  {a.both(b), func(u uint32) bool { return inA[u] && inB[u] }},
			"minus": {a.minus(b), func(u uint32) bool { return inA[u] && !inB[u] }},
			"clip":  {a.clip(lo, hi), func(u uint32) bool { return inA[u] && u >= lo && u <= hi }},
			"self":  {a, func(u uint32) bool { return inA[u] }},
		}
		for name, op := range ops {
			if !wellFormed(op.got) {
				t.Fatalf("%s of %v and %v: %v", name, a, b, op.got)
			}
			count := uint64(0)
			for u := uint32(1); u < 70; u++ {
				if op.want(u) != op.got.has(u) {
					t.Fatalf("%s of %v and %v: %d", name, a, b, u)
				}
				if op.want(u) {
					count++
				}
			}
			if op.got.size() != count {
				t.Fatalf("%s: size %d, want %d", name, op.got.size(), count)
			}
		}
		all := a.list()
		k := min(n, len(all))
		if !slices.Equal(a.first(n).list(), all[:k]) || !slices.Equal(a.last(n).list(), all[len(all)-k:]) {
			t.Fatalf("first and last %d of %v: %v %v", n, a, a.first(n), a.last(n))
		}
		if h := a.hull(n); !wellFormed(h) || len(h) > n || len(a.minus(h)) > 0 || len(a) <= n && len(h) != len(a) {
			t.Fatalf("hull of %v in %d: %v", a, n, h)
		}
		if got, ok := unpack(a.pack()); !ok || !slices.Equal(got, a) {
			t.Fatalf("%v comes back as %v", a, got)
		}
		if got, ok := readSet(a.String()); len(a) > 0 && (!ok || !slices.Equal(got, a)) {
			t.Fatalf("%v is read as %v", a, got)
		}
	}
}

// Four billion UIDs are one span, at both ends of the numbers.
func TestUIDSetEnds(t *testing.T) {
	all, ok := readSet("4294967295:1,5,7:9")
	if !ok || len(all) != 1 || all.size() != 1<<32-1 {
		t.Fatalf("%v", all)
	}
	without := all.minus(uidset{{1, 1}, {1<<32 - 1, 1<<32 - 1}})
	if !slices.Equal(without, uidset{{2, 1<<32 - 2}}) {
		t.Fatalf("%v", without)
	}
	if got := all.minus(all); len(got) != 0 {
		t.Fatalf("%v", got)
	}
	if got, ok := unpack(all.pack()); !ok || !slices.Equal(got, all) {
		t.Fatalf("%v", got)
	}
	if got := all.first(3).list(); !slices.Equal(got, []uint32{1, 2, 3}) {
		t.Fatalf("%v", got)
	}
	if got := all.last(2).list(); !slices.Equal(got, []uint32{1<<32 - 2, 1<<32 - 1}) {
		t.Fatalf("%v", got)
	}
	for _, bad := range []string{"", "0", "*", "1:*", "1,", ",1", "4294967296", "1:2:3", "-1", "1 2", "a"} {
		if s, ok := readSet(bad); ok {
			t.Errorf("%q is read as %v", bad, s)
		}
	}
}

// FuzzUIDSet: whatever a server names as a set is refused or well formed, and
// goes through the cursor unchanged.
func FuzzUIDSet(f *testing.F) {
	for _, s := range []string{"1", "1:4294967295", "5:3,9,1", "41,43:116,118,120:211", "0", "1:*", "7,7,7:8", ",", "4294967295,4294967294"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if packed, ok := unpack(text); ok && (!wellFormed(packed) || packed.pack() != text) {
			// base64 may carry loose bits at its end: what counts is the set.
			if again, ok := unpack(packed.pack()); !wellFormed(packed) || !ok || !slices.Equal(again, packed) {
				t.Fatal("a bad set was unpacked")
			}
		}
		s, ok := readSet(text)
		if !ok {
			return
		}
		if !wellFormed(s) {
			t.Fatalf("%q is read as %v", text, s)
		}
		if got, ok := unpack(s.pack()); !ok || !slices.Equal(got, s) {
			t.Fatal("a set changes in the cursor")
		}
		if got, ok := readSet(s.String()); !ok || !slices.Equal(got, s) {
			t.Fatal("a set changes on the wire")
		}
		if h := s.hull(2); !wellFormed(h) || len(h) > 2 || len(s.minus(h)) > 0 {
			t.Fatal("a hull leaves something out")
		}
	})
}

// What is too scattered for a cursor is kept roughly where the server itself tells
// what vanished, and otherwise as far as there is room, the newest first.
func TestTrim(t *testing.T) {
	var uids []uint32
	for u := uint32(1); u < 3*maxHull; u++ {
		uids = append(uids, 5*u)
	}
	p := place{Known: setOf(uids)}
	p.trim(true)
	if !p.Rough || len(p.Known) > maxHull || len(setOf(uids).minus(p.Known)) > 0 {
		t.Fatalf("%d spans, rough %t", len(p.Known), p.Rough)
	}
	for u := uint32(3 * maxHull); u < maxKnown+20; u++ {
		uids = append(uids, 5*u)
	}
	p = place{Known: setOf(uids)}
	p.trim(false)
	if !p.Rough || len(p.Known) != maxKnown || !p.Known.has(uids[len(uids)-1]) || p.Known.has(5) {
		t.Fatalf("%d spans, rough %t", len(p.Known), p.Rough)
	}
	p = place{Known: setOf(uids[:10])}
	if p.trim(true); p.Rough || p.Known.size() != 10 {
		t.Fatal("a small set is kept roughly")
	}
}
