package imap

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
)

// maxSpans bounds the spans of a set that came from outside.
const maxSpans = 200_000

// span is a run of UIDs, both ends in it.
type span struct{ lo, hi uint32 }

// uidset is a set of UIDs: ascending spans that neither overlap nor touch. A
// range of four billion costs as much as one UID. Operations return a new set
// and leave the old one alone.
type uidset []span

func oneSpan(lo, hi uint32) uidset {
	if lo > hi {
		return nil
	}
	return uidset{{lo, hi}}
}

// setOf makes a set of UIDs in any order.
func setOf(uids []uint32) uidset {
	spans := make([]span, len(uids))
	for i, u := range uids {
		spans[i] = span{u, u}
	}
	return tidySpans(spans)
}

// tidySpans sorts and joins; it uses the slice.
func tidySpans(spans []span) uidset {
	slices.SortFunc(spans, func(a, b span) int {
		switch {
		case a.lo < b.lo:
			return -1
		case a.lo > b.lo:
			return 1
		}
		return 0
	})
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && uint64(s.lo) <= uint64(out[n-1].hi)+1 {
			out[n-1].hi = max(out[n-1].hi, s.hi)
			continue
		}
		out = append(out, s)
	}
	return uidset(out)
}

// size returns how many UIDs are in the set.
func (s uidset) size() uint64 {
	var n uint64
	for _, x := range s {
		n += uint64(x.hi-x.lo) + 1
	}
	return n
}

func (s uidset) has(uid uint32) bool {
	i, found := slices.BinarySearchFunc(s, uid, func(x span, u uint32) int {
		switch {
		case x.hi < u:
			return -1
		case x.lo > u:
			return 1
		}
		return 0
	})
	return found && i < len(s)
}

func (s uidset) union(t uidset) uidset {
	if len(t) == 0 {
		return s
	}
	return tidySpans(append(slices.Clone(s), t...))
}

// both returns what is in s and in t.
func (s uidset) both(t uidset) uidset {
	var out uidset
	for i, j := 0, 0; i < len(s) && j < len(t); {
		if lo, hi := max(s[i].lo, t[j].lo), min(s[i].hi, t[j].hi); lo <= hi {
			out = append(out, span{lo, hi})
		}
		if s[i].hi < t[j].hi {
			i++
		} else {
			j++
		}
	}
	return out
}

// minus returns what is in s and not in t.
func (s uidset) minus(t uidset) uidset {
	var out uidset
	j := 0
	for _, x := range s {
		for j < len(t) && t[j].hi < x.lo {
			j++
		}
		lo, open := x.lo, true
		for k := j; k < len(t) && t[k].lo <= x.hi; k++ {
			if t[k].lo > lo {
				out = append(out, span{lo, t[k].lo - 1})
			}
			if t[k].hi >= x.hi {
				open = false
				break
			}
			lo = max(lo, t[k].hi+1)
		}
		if open {
			out = append(out, span{lo, x.hi})
		}
	}
	return out
}

// clip returns what lies in lo to hi.
func (s uidset) clip(lo, hi uint32) uidset { return s.both(oneSpan(lo, hi)) }

// first returns the n lowest, last the n highest UIDs.
func (s uidset) first(n int) uidset {
	var out uidset
	for _, x := range s {
		if n <= 0 {
			break
		}
		x.hi = uint32(min(uint64(x.hi), uint64(x.lo)+uint64(n)-1))
		out, n = append(out, x), n-int(x.hi-x.lo)-1
	}
	return out
}

func (s uidset) last(n int) uidset {
	var out uidset
	for i := len(s) - 1; i >= 0 && n > 0; i-- {
		x := s[i]
		if uint64(x.hi-x.lo)+1 > uint64(n) {
			x.lo = x.hi - uint32(n-1)
		}
		out, n = append(out, x), n-int(x.hi-x.lo)-1
	}
	slices.Reverse(out)
	return out
}

// list writes the members out, ascending. The caller bounds the set first.
func (s uidset) list() []uint32 {
	out := make([]uint32, 0, s.size())
	for _, x := range s {
		for u := uint64(x.lo); u <= uint64(x.hi); u++ {
			out = append(out, uint32(u))
		}
	}
	return out
}

// String is the set as commands want it (RFC 9051 section 9, "sequence-set").
func (s uidset) String() string {
	var b strings.Builder
	for i, x := range s {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatUint(uint64(x.lo), 10))
		if x.hi > x.lo {
			b.WriteByte(':')
			b.WriteString(strconv.FormatUint(uint64(x.hi), 10))
		}
	}
	return b.String()
}

// readSet reads a set that a server names: any order, overlaps, ranges of any
// size. ok is false for anything else, for "*" and for more than maxSpans spans.
func readSet(text string) (_ uidset, ok bool) {
	var spans []span
	for part := range strings.SplitSeq(text, ",") {
		if len(spans) == maxSpans {
			return nil, false
		}
		from, to, ranged := strings.Cut(part, ":")
		lo, err := strconv.ParseUint(from, 10, 32)
		hi := lo
		if err == nil && ranged {
			hi, err = strconv.ParseUint(to, 10, 32)
		}
		if err != nil || lo == 0 || hi == 0 {
			return nil, false
		}
		spans = append(spans, span{uint32(min(lo, hi)), uint32(max(lo, hi))})
	}
	return tidySpans(spans), true
}

// hull closes the smallest gaps until n spans are left: a set that has all of s
// and somewhat more.
func (s uidset) hull(n int) uidset {
	if len(s) <= n || n < 1 {
		return s
	}
	gaps := make([]uint32, 0, len(s)-1)
	for i := range len(s) - 1 {
		gaps = append(gaps, s[i+1].lo-s[i].hi)
	}
	slices.Sort(gaps)
	widest := gaps[len(gaps)-n] // gaps up to here are closed
	out := uidset{s[0]}
	for _, x := range s[1:] {
		if top := &out[len(out)-1]; x.lo-top.hi <= widest {
			top.hi = x.hi
		} else {
			out = append(out, x)
		}
	}
	return out
}

// pack writes the set as text for a cursor: how far it is from one end to the
// next, in as few octets as that takes.
func (s uidset) pack() string {
	if len(s) == 0 {
		return ""
	}
	b := make([]byte, 0, 3*len(s))
	at := uint32(0)
	for _, x := range s {
		b = binary.AppendUvarint(b, uint64(x.lo-at))
		b = binary.AppendUvarint(b, uint64(x.hi-x.lo))
		at = x.hi
	}
	return base64.RawStdEncoding.EncodeToString(b)
}

// unpack reads what pack wrote; ok is false for anything else.
func unpack(text string) (_ uidset, ok bool) {
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, false
	}
	var out uidset
	at := uint64(0)
	for len(b) > 0 {
		gap, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, false
		}
		length, m := binary.Uvarint(b[n:])
		if m <= 0 || gap == 0 || len(out) > 0 && gap == 1 || gap > 1<<32 || length > 1<<32 || at+gap+length >= 1<<32 {
			return nil, false
		}
		out = append(out, span{uint32(at + gap), uint32(at + gap + length)})
		at, b = at+gap+length, b[n+m:]
	}
	return out, true
}

// MarshalText and UnmarshalText put the set into the cursor.
func (s uidset) MarshalText() ([]byte, error) { return []byte(s.pack()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *uidset) UnmarshalText(b []byte) error {
	set, ok := unpack(string(b))
	if !ok {
		return errSyntax
	}
	*s = set
	return nil
}
