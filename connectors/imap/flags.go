package imap

import (
	"fmt"
	"slices"
	"sort"

	"chancery/internal/model"
)

const maxChanged = 10_000 // flag changes of one Batch

// changes reports the flags that changed among the messages that were there
// before this round. more means that there are further changes.
func (s *Source) changes(st *stop) (out []model.Change, more bool, err error) {
	p := st.p
	var list []flagged
	switch {
	case st.pending != nil || p.Target == 0:
		return s.sweep(st)
	case p.Bound <= 1 || p.Modseq == p.Target && !p.All:
		st.finish()
		return nil, false, nil
	}
	if err := s.enterStop(st); err != nil || st.skip {
		return nil, false, err
	}
	if p.Bound <= 1 {
		st.finish()
		return nil, false, nil // it turned out to be another mailbox
	}
	there := p.reported().clip(p.Swept+1, p.Bound-1)
	if p.All {
		list, err = s.flagsOf(there.first(maxChanged).hull(1).String(), "")
	} else {
		list, err = s.flagsSince(st, there)
	}
	if err != nil {
		return nil, false, err
	}
	list = slices.DeleteFunc(list, func(f flagged) bool { return !there.has(f.uid) })
	if more = len(list) > maxChanged; more {
		list = list[:maxChanged]
	}
	if p.All && there.size() > maxChanged {
		more = true
		p.Swept = there.first(maxChanged).last(1)[0].hi
	} else if more {
		p.Swept = list[maxChanged-1].uid
	} else {
		st.finish()
	}
	st.busy = st.busy || len(list) > 0
	for _, f := range list {
		out = append(out, s.marked(st, f))
	}
	return out, more, nil
}

// flagsSince reads the flags that changed since the last round. If the server has
// told with SELECT which those are, and they are few, only they are asked for:
// mostly it is none.
func (s *Source) flagsSince(st *stop, there uidset) ([]flagged, error) {
	p := st.p
	if len(there) == 0 {
		return nil, nil
	}
	if st.told && !st.flood {
		touched := setOf(st.touched).both(there)
		if len(touched) == 0 {
			return nil, nil
		}
		if set := touched.String(); len(set) < maxCommand {
			return s.flagsOf(set, "")
		}
	}
	// RFC 7162 section 3.1.4.1.
	return s.flagsOf(fmt.Sprintf("%d:%d", p.Swept+1, p.Bound-1), fmt.Sprintf(" (CHANGEDSINCE %d)", p.Modseq))
}

// finish ends the flags of a mailbox for this round.
func (st *stop) finish() {
	st.p.settle()
	st.settled = true
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
		// The last answer for a message counts.
		slices.Reverse(out)
		sort.SliceStable(out, func(i, j int) bool { return out[i].uid < out[j].uid })
		out = slices.CompactFunc(out, func(a, b flagged) bool { return a.uid == b.uid })
		out = out[:min(len(out), maxChanged+1)]
	}
	if set == "" {
		return nil, nil
	}
	k := cmd("UID FETCH %s (UID FLAGS RFC822.SIZE%s%s)%s", set, s.identItem(), s.labelItem(), modifier)
	_, err := s.c.do(longTimeout, k, func(response []byte) {
		items := fetchItems(response)
		list, ok := items["FLAGS"]
		if uid := items["UID"].number(); ok && uid > 0 && uid < 1<<32 {
			f := flagged{uid: uint32(uid), flags: withLabels(flagsOf(list), items), id: s.identOf(items), size: int64(min(items["RFC822.SIZE"].number(), 1<<62))}
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

func (s *Source) marked(st *stop, f flagged) model.Change {
	ref := model.Ref{Source: s.o.Source, Mailbox: model.Name(st.box.name), UIDValidity: st.p.Validity, UID: f.uid}
	if f.modseq > 0 {
		ref.Version = fmt.Sprint(f.modseq)
	}
	return model.Change{Op: model.Marked, Ref: ref, Ident: f.id, Message: &model.Message{Ref: ref, Ident: f.id, Flags: f.flags, Size: f.size}}
}
