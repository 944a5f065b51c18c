package imap

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
	"strings"

	"chancery/internal/model"
)

const (
	sweepSize  = 500    // newest messages whose flags are compared, without MODSEQ
	maxChanged = 10_000 // flag changes of one Batch
)

// changes reports the flags that changed among the messages that were there
// before this round. more means that there are further changes.
func (s *Source) changes(st *stop, p *place) (_ []model.Change, more bool, _ error) {
	if p.Bound == 0 {
		p.Bound, p.Target = p.Next, st.status.modseq
	}
	if p.Target == 0 {
		changes, err := s.sweep(st, p)
		p.settle()
		return changes, false, err
	}
	if p.Modseq == 0 || p.Modseq == p.Target || p.Bound <= 1 {
		p.settle()
		return nil, false, nil
	}
	if err := s.enterStop(st, p); err != nil || st.skip {
		return nil, false, err
	}
	if p.Bound == 0 {
		return nil, true, nil // another mailbox by now: its arrivals come first
	}
	// RFC 7162 section 3.1.4.1.
	list, err := s.flagsOf(fmt.Sprintf("%d:%d", p.Swept+1, p.Bound-1), fmt.Sprintf(" (CHANGEDSINCE %d)", p.Modseq))
	if err != nil {
		return nil, false, err
	}
	list = slices.DeleteFunc(list, func(f flagged) bool { return f.uid <= p.Swept || f.uid >= p.Bound })
	if more = len(list) > maxChanged; more {
		list = list[:maxChanged]
		p.Swept = list[maxChanged-1].uid
	} else {
		p.settle()
	}
	out := make([]model.Change, 0, len(list))
	for _, f := range list {
		out = append(out, s.marked(st.box, f))
	}
	return out, more, nil
}

// settle ends a round in a mailbox.
func (p *place) settle() {
	p.Modseq, p.Target, p.Bound, p.Swept = p.Target, 0, 0, 0
}

// flagged is a message with its flags.
type flagged struct {
	uid    uint32
	flags  model.Flags
	modseq uint64
	id     model.Ident
	size   int64
}

// flagsOf reads the flags of messages, ascending by UID. Of very many it keeps
// the lowest.
func (s *Source) flagsOf(set, modifier string) ([]flagged, error) {
	var out []flagged
	tidy := func() {
		sort.Slice(out, func(i, j int) bool { return out[i].uid < out[j].uid })
		// The last answer for a message counts.
		out = slices.CompactFunc(out, func(a, b flagged) bool { return a.uid == b.uid })
		out = out[:min(len(out), maxChanged+1)]
	}
	k := cmd("UID FETCH %s (UID FLAGS RFC822.SIZE%s%s)%s", set, s.identItem(), s.labelItem(), modifier)
	_, err := s.c.do(longTimeout, k, func(response []byte) {
		items := fetchItems(response)
		list, ok := items["FLAGS"]
		if uid := items["UID"].number(); ok && uid > 0 {
			f := flagged{uid: uint32(uid), flags: withLabels(flagsOf(list), items), id: s.identOf(items), size: int64(items["RFC822.SIZE"].number())}
			if l := items["MODSEQ"].list; len(l) == 1 {
				f.modseq = l[0].number()
			}
			if out = append(out, f); len(out) > 3*maxChanged {
				tidy()
			}
		}
	})
	tidy()
	return out, err
}

func (s *Source) marked(b box, f flagged) model.Change {
	ref := model.Ref{Source: s.o.Source, Mailbox: model.Name(b.name), UIDValidity: s.sel.validity, UID: f.uid}
	if f.modseq > 0 {
		ref.Version = fmt.Sprint(f.modseq)
	}
	return model.Change{Op: model.Marked, Ref: ref, Ident: f.id, Message: &model.Message{Ref: ref, Ident: f.id, Flags: f.flags, Size: f.size}}
}

// sweep compares the flags of the newest messages with what they were: in
// memory if this process saw them, else by a digest in the cursor, and then all
// are reported if any changed.
func (s *Source) sweep(st *stop, p *place) ([]model.Change, error) {
	if st.status.messages == 0 {
		return nil, nil
	}
	if err := s.enterStop(st, p); err != nil || st.skip {
		return nil, err
	}
	from := int64(1)
	if st.status.messages > sweepSize {
		// By number, because UIDs have gaps.
		from = int64(st.status.messages) - sweepSize + 1
	}
	list, err := s.numbered(from)
	if _, refused := asRefusal(err); refused {
		return nil, nil // fewer messages by now: the next round looks again
	}
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(f flagged) bool { return f.uid >= p.Next })
	seen := make(map[uint32]string, len(list))
	hash := sha256.New()
	for _, f := range list {
		seen[f.uid] = flagWords(f.flags)
		fmt.Fprintf(hash, "%d %s\n", f.uid, seen[f.uid])
	}
	key := sweepKey(st.box, s.sel.validity)
	before, swept := s.recall(st.box, s.sel.validity), s.swept[key]
	s.sweeps[key], s.swept[key] = seen, true
	digest := hex.EncodeToString(hash.Sum(nil)[:8])
	same, first := digest == p.Digest, p.Digest == ""
	p.Digest = digest
	if same {
		return nil, nil
	}
	var out []model.Change
	for _, f := range list {
		was, ok := before[f.uid]
		if ok && was != seen[f.uid] || !ok && !swept && !first && f.uid < p.Bound {
			out = append(out, s.marked(st.box, f))
		}
	}
	return out, nil
}

// numbered reads flags by message number, from one on.
func (s *Source) numbered(from int64) ([]flagged, error) {
	var out []flagged
	_, err := s.c.do(longTimeout, cmd("FETCH %d:* (UID FLAGS)", from), func(response []byte) {
		items := fetchItems(response)
		if list, ok := items["FLAGS"]; ok && items["UID"].number() > 0 && len(out) < 4*sweepSize {
			out = append(out, flagged{uid: uint32(items["UID"].number()), flags: flagsOf(list)})
		}
	})
	sort.Slice(out, func(i, j int) bool { return out[i].uid < out[j].uid })
	return out, err
}

// recall returns the flags of a mailbox as they were last seen.
func (s *Source) recall(b box, validity uint32) map[uint32]string {
	key := sweepKey(b, validity)
	if s.sweeps[key] == nil {
		s.sweeps[key] = map[uint32]string{}
	}
	return s.sweeps[key]
}

func sweepKey(b box, validity uint32) string { return fmt.Sprintf("%s %d", b.wire, validity) }

func flagWords(flags model.Flags) string {
	words := slices.Clone(flags)
	sort.Strings(words)
	return strings.Join(words, " ")
}
