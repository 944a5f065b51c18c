package imap

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"chancery/internal/model"
)

const (
	sweepSize = 500           // newest messages whose flags are compared in every round
	sweepFull = 6 * time.Hour // how often those of all are
	blockSize = 32            // UIDs that share a digest in the cursor
	maxSwept  = 2_000_000     // messages of one sweep
)

// swept is what a mailbox without MODSEQ showed: flags as sums, by UID.
type swept struct {
	flags map[uint32]uint32
	full  time.Time // when all of it was last looked through; zero: never
	dirty bool      // the digests in the cursor are older
}

// row is one message of a sweep.
type row struct {
	uid  uint32
	kind int // which combination of flags
}

// sweep compares the flags of the newest messages with what they were, and at the
// first round after a start those of all: message by message if this process saw
// them, else by digests in the cursor, and then all messages of a digest that
// differs are reported.
func (s *Source) sweep(st *stop) ([]model.Change, bool, error) {
	if err := s.sweepOnce(st); err != nil || st.skip {
		return nil, false, err
	}
	n := min(len(st.pending), maxChanged)
	part := st.pending[:n]
	if st.pending = st.pending[n:]; len(st.pending) == 0 {
		st.pending = nil
		s.keep(st)
		st.finish()
	}
	part, err := s.named(st, part)
	if err != nil {
		return nil, false, err
	}
	st.busy = st.busy || n > 0
	out := make([]model.Change, 0, n)
	for _, f := range part {
		out = append(out, s.marked(st, f))
	}
	return out, st.pending != nil, nil
}

// sweepOnce reads flags and finds out which differ. It is done as soon as the
// mailbox is selected, once in a round; what it found is reported in its turn.
func (s *Source) sweepOnce(st *stop) error {
	if st.looked {
		return nil
	}
	if err := s.enterStop(st); err != nil || st.skip {
		return err
	}
	st.looked = true
	p, seen := st.p, s.seen(st)
	if len(p.reported()) == 0 {
		// What will be read is noted as it comes.
		seen.full, seen.dirty = time.Now(), true
		clear(seen.flags)
		return nil
	}
	from, full := int64(1), p.All || time.Since(seen.full) > sweepFull
	if !full && st.status.messages > sweepSize {
		from = int64(st.status.messages) - sweepSize + 1 // by number, because UIDs have gaps
	}
	rows, kinds, err := s.rows(from)
	if _, refused := asRefusal(err); refused {
		return nil // fewer messages by now: the next round looks again
	}
	if err != nil {
		return err
	}
	uids := make([]uint32, 0, len(rows))
	for _, r := range rows {
		uids = append(uids, r.uid)
	}
	there := setOf(uids)
	st.compare(seen, rows, kinds, p.reported().both(there))
	if full {
		seen.full = time.Now()
		gone := p.reported().minus(there)
		maps.DeleteFunc(seen.flags, func(uid uint32, _ uint32) bool { return !there.has(uid) })
		seen.dirty = seen.dirty || len(gone) > 0
		st.missing(gone)
	}
	return nil
}

// compare fills pending and brings seen up to date.
func (st *stop) compare(seen *swept, rows []row, kinds []model.Flags, there uidset) {
	p := st.p
	sums := make([]uint32, len(kinds))
	for i, k := range kinds {
		sums[i] = flagSum(k)
	}
	now := make(map[uint32]uint32, len(rows))
	for _, r := range rows {
		if there.has(r.uid) {
			now[r.uid] = sums[r.kind]
		}
	}
	differs := func(uint32) bool { return p.All }
	if seen.full.IsZero() && !p.All && p.Blocks != "" {
		before, after := readBlocks(p.Blocks), map[uint32]uint32{}
		for uid, sum := range now {
			if uid < p.Bound {
				after[uid/blockSize] ^= mix(uid, sum)
			}
		}
		differs = func(uid uint32) bool { return before[uid/blockSize] != after[uid/blockSize] }
	}
	for _, r := range rows {
		sum, ok := now[r.uid]
		if !ok {
			continue
		}
		was, known := seen.flags[r.uid]
		seen.dirty = seen.dirty || !known || was != sum
		if known && was != sum || (!known || p.All) && r.uid < p.Bound && differs(r.uid) {
			st.pending = append(st.pending, flagged{uid: r.uid, flags: kinds[r.kind]})
		}
		seen.flags[r.uid] = sum
	}
}

// rows reads flags by message number, from one on. Equal combinations of flags
// are kept once.
func (s *Source) rows(from int64) (rows []row, kinds []model.Flags, _ error) {
	index := map[string]int{}
	_, err := s.c.do(longTimeout, cmd("FETCH %d:* (UID FLAGS)", from), func(response []byte) {
		items := fetchItems(response)
		list, ok := items["FLAGS"]
		uid := items["UID"].number()
		if !ok || uid == 0 || uid >= 1<<32 || len(rows) >= maxSwept {
			return
		}
		flags := flagsOf(list)
		words := flagWords(flags)
		k, known := index[words]
		if !known {
			k = len(kinds)
			index[words], kinds = k, append(kinds, flags)
		}
		rows = append(rows, row{uid: uint32(uid), kind: k})
	})
	// The last answer for a message counts.
	slices.Reverse(rows)
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].uid < rows[j].uid })
	rows = slices.CompactFunc(rows, func(a, b row) bool { return a.uid == b.uid })
	return rows, kinds, err
}

// named adds the server's identity to a few changes.
func (s *Source) named(st *stop, list []flagged) ([]flagged, error) {
	if len(list) == 0 || len(list) > sweepSize || s.kind == "" {
		return list, nil
	}
	if err := s.enterStop(st); err != nil || st.skip {
		return list, err
	}
	uids := make([]uint32, 0, len(list))
	for _, f := range list {
		uids = append(uids, f.uid)
	}
	set := setOf(uids).String()
	if len(set) > maxCommand {
		return list, nil
	}
	got, err := s.flagsOf(set, "")
	if _, refused := asRefusal(err); refused {
		return list, nil
	}
	return got, err
}

// seen returns what a mailbox showed last.
func (s *Source) seen(st *stop) *swept {
	key := sweepKey(st.box, st.p.Validity)
	if s.sweeps[key] == nil {
		s.sweeps[key] = &swept{flags: map[uint32]uint32{}}
	}
	return s.sweeps[key]
}

// keep brings the digests in the cursor up to date.
func (s *Source) keep(st *stop) {
	if seen := s.seen(st); seen.dirty && !seen.full.IsZero() && st.pending == nil {
		st.p.Blocks, seen.dirty = blocksOf(seen.flags), false
	}
}

// noted keeps the flags of a message that has been read.
func (s *Source) noted(b box, validity uint32, f *fetched) {
	seen := s.seen(&stop{box: b, p: &place{Validity: validity}})
	seen.flags[f.uid], seen.dirty = flagSum(f.flags), true
}

func sweepKey(b box, validity uint32) string { return fmt.Sprintf("%s %d", b.wire, validity) }

// flagWords writes flags in an order of their own: servers change the order.
func flagWords(flags model.Flags) string {
	words := slices.Clone(flags)
	sort.Strings(words)
	return strings.Join(words, " ")
}

func flagSum(flags model.Flags) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(flagWords(flags)))
	return h.Sum32()
}

// mix makes a digest of one message that can be added to that of its block in
// any order.
func mix(uid, sum uint32) uint32 {
	x := uint64(uid)<<32 | uint64(sum)
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return uint32(x >> 32)
}

// maxBlocks bounds the digests in a cursor: those of the newest messages are kept.
const maxBlocks = 50_000

// blocksOf writes the digests of all blocks.
func blocksOf(flags map[uint32]uint32) string {
	blocks := map[uint32]uint32{}
	for uid, sum := range flags {
		blocks[uid/blockSize] ^= mix(uid, sum)
	}
	numbers := slices.Sorted(maps.Keys(blocks))
	numbers = numbers[max(0, len(numbers)-maxBlocks):]
	b := make([]byte, 0, 5*len(numbers))
	at := uint32(0)
	for _, n := range numbers {
		b = binary.AppendUvarint(b, uint64(n-at))
		b = binary.BigEndian.AppendUint32(b, blocks[n])
		at = n
	}
	return base64.RawStdEncoding.EncodeToString(b)
}

// readBlocks reads what blocksOf wrote, as far as it can be read.
func readBlocks(text string) map[uint32]uint32 {
	out := map[uint32]uint32{}
	b, err := base64.RawStdEncoding.DecodeString(text)
	at := uint64(0)
	for err == nil && len(b) > 0 {
		gap, n := binary.Uvarint(b)
		if n <= 0 || len(b) < n+4 {
			break
		}
		at += gap
		out[uint32(at)] = binary.BigEndian.Uint32(b[n:])
		b = b[n+4:]
	}
	return out
}
