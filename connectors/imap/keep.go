package imap

import (
	"maps"
	"slices"
	"strings"

	"chancery/internal/model"
)

// keepFlags sets again what a move lost: some servers drop keywords.
func (s *Source) keepFlags(to box, targets []target, moved map[uint32]model.Ref) error {
	before := map[uint32]model.Flags{}
	for _, t := range targets {
		r, ok := moved[t.now.uid]
		if ok && t.result.Outcome == model.Done && len(t.now.flags) > 0 {
			before[r.UID] = t.now.flags
		}
	}
	if len(before) == 0 {
		return nil
	}
	err := s.enterBox(to, true)
	if _, no := asRefusal(err); no {
		return nil
	}
	if err != nil {
		return err
	}
	for _, r := range moved {
		if r.UIDValidity != s.sel.validity {
			return nil
		}
	}
	var now []state
	err = s.states("UID FETCH", formatSet(slices.Sorted(maps.Keys(before))), askFlags, func(one state) { now = append(now, one) })
	if err != nil {
		return nothingIfRefused(err)
	}
	return s.restore(now, before)
}

// restore adds to messages of the selected mailbox the flags that they had
// before. What the mailbox does not keep stays away, also keywords that Maildir
// would only lend: what it shows is at least what was there.
func (s *Source) restore(now []state, before map[uint32]model.Flags) error {
	if !s.sel.writable {
		return nil
	}
	const between = "\x00" // labels may hold spaces
	lost := map[string][]uint32{}
	for _, one := range now {
		again := slices.DeleteFunc(missing(one.flags, before[one.uid]), func(f string) bool {
			if label, ok := strings.CutPrefix(f, labelPrefix); ok {
				return label == s.sel.box.name // a mailbox is not among its own labels
			}
			return strings.EqualFold(f, `\Deleted`) || !s.keeps(f)
		})
		if len(again) > 0 {
			key := strings.Join(again, between)
			lost[key] = append(lost[key], one.uid)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(lost)) {
		slices.Sort(lost[key])
		if err := s.store(lost[key], strings.Split(key, between)); nothingIfRefused(err) != nil {
			return err
		}
	}
	return nil
}
