package imap

import (
	"cmp"
	"slices"

	"chancery/internal/model"
)

// copySet is how many messages one COPY names: a crash in it leaves so many at
// most in two places, until they are asked for again.
const copySet = 250

// copyAll moves messages on a server without MOVE, a set at a time: copy, wait,
// prove that the copies stand there, mark exactly the proved \Deleted, expunge
// exactly those. Where a step fails, the source stays. Every step can be repeated
// after a crash: what is there already is not copied again.
func (s *Source) copyAll(from selected, to box, targets []target, claimed claims) error {
	doubt, looked, err := s.resumeDoubted(from, to, targets, claimed)
	if err != nil || !looked {
		return err
	}
	land := s.harbour(to)
	var rest []target
	for _, t := range targets {
		switch {
		case !t.open():
		case deleted(t):
			// A person deleted it: a copy would bring it back.
			t.end(model.Result{Outcome: model.Lost})
		default:
			rest = append(rest, t)
		}
	}
	// After a refusal every set is looked for first, and next time as well: RFC 9051
	// section 6.4.7 has a refused COPY leave nothing, but a server without room may
	// have made copies that it cannot show yet.
	floor := land.next
	for size := copySet; len(rest) > 0; {
		part := rest[:min(size, len(rest))]
		if weak := slices.IndexFunc(part, func(t target) bool { return !t.now.provable() }); weak >= 0 {
			part = part[:max(weak, 1)] // compared by its octets, alone
		}
		err := s.copyPart(from, to, part, claimed)
		a, no := asRefusal(err)
		if err != nil && !no {
			return err
		}
		rest = rest[len(part):]
		if no {
			doubt = true
			again, err := s.narrow(from, to, part, &size, a, claimed)
			if err != nil {
				return err
			}
			if again == nil && ofMailbox(a) {
				err = s.refuseAll(rest, &refusal{a}, "copy-refused")
				rest = nil
			}
			if err != nil {
				return err
			}
			rest = slices.Concat(again, rest)
		} else {
			size = min(2*size, copySet)
		}
		land.keepDoubt(doubt, floor)
	}
	land.keepDoubt(doubt, floor)
	return nil
}

func deleted(t target) bool { return t.now.flags.Has(`\Deleted`) }

// narrow deals with a set whose COPY was refused. It returns what to try again,
// with a smaller size, or answers.
func (s *Source) narrow(from selected, to box, part []target, size *int, a answer, claimed claims) ([]target, error) {
	if looked, err := s.resume(from, to, part, claimed); err != nil || !looked {
		return nil, err
	}
	if a.code == "TRYCREATE" {
		delete(s.there, to.wire)
	}
	full := refusalCode(a, "") == "overquota"
	if len(part) == 1 || ofMailbox(a) && !full {
		*size = min(2**size, copySet)
		return nil, s.refuseAll(part, &refusal{a}, "copy-refused")
	}
	// Fewer may fit, since each set makes room for the next; or one is refused.
	*size = max(1, len(part)/2)
	return slices.DeleteFunc(slices.Clone(part), func(t target) bool { return !t.open() }), nil
}

// resumeDoubted is resume for the messages of which copies may lie there. doubt
// says that some still may.
func (s *Source) resumeDoubted(from selected, to box, targets []target, claimed claims) (doubt, looked bool, err error) {
	doubted := s.doubted(to, targets)
	if len(doubted) == 0 {
		return false, true, nil
	}
	if looked, err = s.resume(from, to, doubted, claimed); err != nil || !looked {
		return false, looked, err
	}
	if doubt = slices.ContainsFunc(doubted, target.unfinished); !doubt {
		s.harbour(to).settle()
	}
	return doubt, true, nil
}

// resume brings to its end what an earlier try copied and did not remove. looked
// is false if that could not be found out; then every target has its answer.
func (s *Source) resume(from selected, to box, targets []target, claimed claims) (looked bool, err error) {
	pairs, err := s.twins(from, to, targets, claimed)
	if err != nil {
		return false, s.refuseAll(targets, err, "copy-refused")
	}
	return true, s.finishCopies(from, to, pairs)
}

// pair is a message and its copy.
type pair struct {
	target
	copy state
	ref  model.Ref
}

// copyPart copies messages and removes those whose copies are proved. A refusal
// is that of the COPY.
func (s *Source) copyPart(from selected, to box, part []target, claimed claims) error {
	land := s.harbour(to)
	if land.unsure {
		if looked, err := s.resume(from, to, part, claimed); err != nil || !looked {
			return err
		}
		part = slices.DeleteFunc(slices.Clone(part), func(t target) bool { return !t.open() })
	}
	if err := s.reenter(from); err != nil || len(part) == 0 {
		return err
	}
	land.unsure = true
	land.ask(part)
	moved := map[uint32]model.Ref{}
	a, err := s.run(cmd("UID COPY %s", formatSet(uidsOf(part))).str(to.wire), nil)
	if err != nil {
		return err
	}
	copied(a, moved)
	var pairs []pair
	if len(part) == 1 && !part[0].now.provable() {
		pairs, err = s.twins(from, to, part, claimed)
	} else {
		pairs, err = s.proved(to, part, moved, claimed)
	}
	if err != nil {
		return s.refuseAll(part, err, "copy-refused")
	}
	if err := s.finishCopies(from, to, pairs); err != nil {
		return err
	}
	land.unsure = false
	for _, t := range part {
		if t.open() {
			t.end(model.Result{Outcome: model.Later, Code: "copy-unproved", Ref: t.step.Ref})
		}
		land.unsure = land.unsure || t.unfinished()
	}
	if !land.unsure {
		for _, p := range pairs {
			land.past(p.ref)
		}
	}
	return nil
}

// proved finds the copies of messages that were copied just now. COPYUID is a
// claim: what stands there is the proof.
func (s *Source) proved(to box, part []target, moved map[uint32]model.Ref, claimed claims) ([]pair, error) {
	if err := s.enterBox(to, true); err != nil {
		return nil, err
	}
	land := s.harbour(to)
	if land.validity != s.sel.validity {
		return nil, nil
	}
	floor, list := max(land.next, 1), ""
	if uids := toldUIDs(moved, part, s.sel.validity); len(uids) == len(part) && uids[0] <= floor {
		list = formatSet(uids)
	} else {
		list = formatSet([]uint32{floor}) + ":*"
	}
	var there []state
	err := s.states("UID FETCH", list, askFlags|askIdent|askFile|askLetter, func(one state) {
		if one.uid >= floor && len(there) < twinDepth {
			there = append(there, one)
		}
	})
	if nothingIfRefused(err) != nil {
		return nil, err
	}
	slices.SortFunc(there, func(a, b state) int { return cmp.Compare(a.uid, b.uid) })
	there = slices.CompactFunc(there, func(a, b state) bool { return a.uid == b.uid })
	index := map[string][]int{}
	for i, one := range there {
		index[one.key()] = append(index[one.key()], i)
	}
	var pairs []pair
	taken := make([]bool, len(there))
	for _, t := range part {
		best := -1
		for _, i := range index[t.now.key()] {
			told := moved[t.now.uid].UID == there[i].uid
			if !taken[i] && !claimed[s.refIn(to, model.Ref{UIDValidity: s.sel.validity, UID: there[i].uid})] && (best < 0 || told) {
				best = i
			}
		}
		if best >= 0 {
			taken[best] = true
			pairs = append(pairs, s.paired(to, t, there[best], claimed))
		}
	}
	return pairs, s.dropSurplus(there, taken, pairs)
}

func (s *Source) paired(to box, t target, c state, claimed claims) pair {
	p := pair{target: t, copy: c, ref: s.refIn(to, model.Ref{UIDValidity: s.sel.validity, UID: c.uid})}
	claimed[p.ref] = true
	return p
}

// toldUIDs are the places of part according to the server, ascending.
func toldUIDs(moved map[uint32]model.Ref, part []target, validity uint32) []uint32 {
	var out []uint32
	for _, t := range part {
		if r, ok := moved[t.now.uid]; ok && r.UIDValidity == validity {
			out = append(out, r.UID)
		}
	}
	slices.Sort(out)
	return out
}

// dropSurplus takes away second copies: a COPY whose connection was cut may be
// carried out after it was repeated. What goes has the server's own identity of a
// message whose copy was proved a moment ago in the same mailbox, came after we
// last looked, and shows the same flags.
func (s *Source) dropSurplus(there []state, taken []bool, pairs []pair) error {
	if !s.c.caps["UIDPLUS"] || !s.sel.writable {
		return nil
	}
	known := map[model.Ident]string{}
	for _, p := range pairs {
		known[p.now.id] = flagWords(p.copy.flags)
	}
	var uids []uint32
	for i, one := range there {
		if words, ok := known[one.id]; ok && one.id != "" && !taken[i] && flagWords(one.flags) == words {
			uids = append(uids, one.uid)
		}
	}
	if len(uids) == 0 {
		return nil
	}
	if err := s.store(uids, []string{`\Deleted`}); err != nil {
		return nothingIfRefused(err)
	}
	return nothingIfRefused(s.expunge(uids...))
}

// finishCopies gives copies the flags they lost and removes the messages they
// stand for.
func (s *Source) finishCopies(from selected, to box, pairs []pair) error {
	if len(pairs) == 0 {
		return nil
	}
	targets, before := make([]target, len(pairs)), map[uint32]model.Flags{}
	now := make([]state, len(pairs))
	for i, p := range pairs {
		targets[i], now[i], before[p.copy.uid] = p.target, p.copy, p.now.flags
	}
	err := s.enterBox(to, true)
	if err == nil {
		err = s.restore(now, before)
	}
	if err == nil {
		err = s.reenter(from)
	}
	if err == nil {
		err = s.removeCopied(pairs)
	}
	return s.refuseAll(targets, err, "copy-refused")
}

// removeCopied takes away messages of the source whose copies are proved (RFC
// 4315 section 2.1). Without UIDPLUS they stay, marked: a bare EXPUNGE would take
// what other people have marked.
func (s *Source) removeCopied(pairs []pair) error {
	plus := s.c.caps["UIDPLUS"]
	var unmarked, all []uint32
	for _, p := range pairs {
		all = append(all, p.now.uid)
		if !p.now.flags.Has(`\Deleted`) {
			unmarked = append(unmarked, p.now.uid)
		}
	}
	slices.Sort(unmarked)
	if len(unmarked) > 0 {
		if err := s.store(unmarked, []string{`\Deleted`}); err != nil {
			return err
		}
	}
	if plus {
		if err := s.expunge(all...); err != nil {
			return err
		}
	}
	for _, p := range pairs {
		p.end(model.Result{Outcome: model.Done, Ref: p.ref, Already: !plus && p.now.flags.Has(`\Deleted`)})
	}
	return nil
}
