package imap

import (
	"slices"
	"strings"

	"chancery/internal/model"
)

// moveAll uses the atomic UID MOVE (RFC 6851 section 3.2). Atomic is what a
// client sees of a server that lives: one that is killed in the middle may have
// copied and not removed. So after a connection was lost in a MOVE, and once
// after the start, what stands in both places is brought to its end by the way of
// copyAll.
func (s *Source) moveAll(from selected, to box, targets []target, claimed claims) error {
	doubt, looked, err := s.resumeDoubted(from, to, targets, claimed)
	if err != nil || !looked {
		return err
	}
	land := s.harbour(to)
	floor := land.next
	var todo []target
	for _, t := range targets {
		switch {
		case !t.open():
		case t.now.flags.Has(`\Deleted`):
			// A person deleted it: elsewhere the next clean-up would take it unseen.
			t.end(model.Result{Outcome: model.Lost})
		default:
			todo = append(todo, t)
		}
	}
	moved := map[uint32]model.Ref{}
	err = halves(todo, func(part []target) error { return s.movePart(from, to, part, moved) }, "move-refused")
	if err != nil {
		return err
	}
	land.keepDoubt(doubt, floor)
	return s.keepFlags(to, todo, moved)
}

// movePart moves messages with one command and answers those that moved.
func (s *Source) movePart(from selected, to box, part []target, moved map[uint32]model.Ref) error {
	if err := s.reenter(from); err != nil {
		return err
	}
	land := s.harbour(to)
	land.unsure = true
	land.ask(part)
	err := s.moveSet(to, part, moved)
	a, no := asRefusal(err)
	if err != nil && !no {
		return err
	}
	land.unsure = false
	left := map[uint32]bool{}
	if no {
		// RFC 6851 section 3.3: a refused MOVE may have moved some.
		land.unsure = true
		err := s.states("UID FETCH", formatSet(uidsOf(part)), askFlags, func(one state) { left[one.uid] = true })
		if nothingIfRefused(err) != nil {
			return err
		}
	}
	for _, t := range part {
		r, told := moved[t.now.uid]
		if told {
			land.past(r)
		}
		if !left[t.now.uid] {
			t.end(model.Result{Outcome: model.Done, Ref: s.refIn(to, r)})
		}
	}
	if a.code == "TRYCREATE" {
		delete(s.there, to.wire) // somebody removed it: the next try asks again
	}
	if len(left) == 0 {
		return nil
	}
	return err
}

// moveSet sends one UID MOVE and notes where each message went.
func (s *Source) moveSet(to box, part []target, moved map[uint32]model.Ref) error {
	k := cmd("UID MOVE %s", formatSet(uidsOf(part))).str(to.wire)
	a, err := s.run(k, s.untaggedCopies(moved))
	copied(a, moved)
	return err
}

// untaggedCopies reads the COPYUID of a MOVE: RFC 6851 section 4.3 sends it
// untagged. Gmail sends it tagged.
func (s *Source) untaggedCopies(moved map[uint32]model.Ref) func([]byte) {
	return func(response []byte) {
		if _, kind, rest, _ := untagged(response); kind == "OK" {
			copied(condition(kind, response[min(rest.i, len(response)):]), moved)
		}
	}
}

// copied reads a COPYUID (RFC 4315 section 3): both sets in the same order.
func copied(a answer, moved map[uint32]model.Ref) {
	f := strings.Fields(a.args)
	if a.code != "COPYUID" || len(f) != 3 {
		return
	}
	src, err1 := parseSet(f[1], 10*maxSet)
	dst, err2 := parseSet(f[2], 10*maxSet)
	validity, err3 := parseSet(f[0], 1)
	if err1 != nil || err2 != nil || err3 != nil || len(src) != len(dst) {
		return
	}
	for i, u := range src {
		moved[u] = model.Ref{UIDValidity: validity[0], UID: dst[i]}
	}
}

// refIn completes a place in a mailbox.
func (s *Source) refIn(b box, r model.Ref) model.Ref {
	r.Source, r.Mailbox = s.o.Source, model.Name(b.name)
	return r
}

// refuseAll answers open targets if err is a refusal, and returns it if it is not.
func (s *Source) refuseAll(targets []target, err error, code string) error {
	a, no := asRefusal(err)
	if !no {
		return err
	}
	for _, t := range targets {
		if t.open() {
			t.end(refused(a, code, t.step.Ref))
		}
	}
	return nil
}

// harbour is what this process knows of a mailbox that it files into.
type harbour struct {
	validity uint32
	next     uint32 // what we put there from now on has this UID or a higher one
	unsure   bool   // a command that puts messages there was not answered, or not proved
	seen     bool   // it was looked through for what an earlier process left
	looked   uint32 // UIDNEXT when it was looked through
	// asked are the steps that this process asked for and has no answer to, each
	// with the lowest UID that its message may have got.
	asked map[model.StepID]uint32
}

func (s *Source) harbour(b box) *harbour {
	l := s.harbours[b.wire]
	if l == nil {
		l = &harbour{}
		s.harbours[b.wire] = l
	}
	return l
}

// arrive takes UIDNEXT while nothing of ours may be under way.
func (l *harbour) arrive(st status) {
	if l.validity != st.validity {
		*l = harbour{validity: st.validity, seen: l.seen}
	}
	if !l.unsure {
		l.next = max(l.next, st.next)
	}
}

// settle says that nothing of ours is left unfinished up to where we looked.
func (l *harbour) settle() {
	l.unsure, l.seen, l.next = false, true, max(l.next, l.looked)
}

// ask notes steps before the command that puts their messages there.
func (l *harbour) ask(part []target) {
	if l.asked == nil || len(l.asked) > twinDepth {
		l.asked = map[model.StepID]uint32{} // who asks again looks for all
	}
	for _, t := range part {
		if _, asked := l.asked[t.step.ID]; !asked {
			l.asked[t.step.ID] = max(l.next, 1)
		}
	}
}

// answered forgets steps that will not be tried again.
func (l *harbour) answered(targets []target) {
	for _, t := range targets {
		if !t.open() && t.result.Outcome != model.Later {
			delete(l.asked, t.step.ID)
		}
	}
}

// floor returns the lowest UID that a copy of the message may have: 1 if a process
// before this one may have made it, or somebody marked the original \Deleted.
func (l *harbour) floor(t target, validity uint32) uint32 {
	if l.validity != validity || deleted(t) {
		return 1
	}
	if uid, asked := l.asked[t.step.ID]; asked {
		return uid
	}
	if t.step.Again || !l.seen || !l.unsure {
		return 1
	}
	return max(l.next, 1)
}

// keepDoubt says that something of ours may still be unfinished from a UID on.
func (l *harbour) keepDoubt(doubt bool, floor uint32) {
	if doubt {
		l.unsure, l.next = true, floor
	}
}

// past notes a message of ours.
func (l *harbour) past(r model.Ref) {
	if r.UIDValidity == l.validity && r.UID < 1<<32-1 {
		l.next = max(l.next, r.UID+1)
	}
}

// doubtful reports whether copies of ours may lie in a mailbox whose sources are
// still in place.
func (s *Source) doubtful(to box, targets []target) bool {
	l := s.harbour(to)
	return l.unsure || !l.seen || slices.ContainsFunc(targets, func(t target) bool { return t.step.Again })
}

// doubted returns the messages of which copies of ours may lie in a mailbox. That
// it was looked through says nothing of a step that was tried before and comes
// later: its copy may have been on its way then.
func (s *Source) doubted(to box, targets []target) []target {
	l, moves := s.harbour(to), s.c.caps["MOVE"]
	proves := !moves || s.kind != ""
	if l.unsure || !l.seen && proves {
		return targets
	}
	return slices.DeleteFunc(slices.Clone(targets), func(t target) bool {
		return (moves || !deleted(t)) && (!t.step.Again || !proves)
	})
}

func nothingIfRefused(err error) error {
	if _, refused := asRefusal(err); refused {
		return nil
	}
	return err
}

// reenter goes back to the source mailbox and makes sure that it still is the
// same one.
func (s *Source) reenter(from selected) error {
	if err := s.enterBox(from.box, true); err != nil {
		return err
	}
	if s.sel.validity != from.validity {
		return &refusal{answer{status: "NO", code: "UNAVAILABLE", text: "mailbox was replaced"}}
	}
	return nil
}

// search runs a UID SEARCH in the selected mailbox.
func (s *Source) search(k *command) ([]uint32, error) {
	var out []uint32
	_, err := s.run(k, func(response []byte) {
		_, kind, rest, _ := untagged(response)
		if kind != "SEARCH" {
			return
		}
		values, err := rest.values()
		if err != nil {
			return
		}
		for _, v := range values {
			if n := v.number(); n > 0 && n < 1<<32 && len(out) < maxListed {
				out = append(out, uint32(n))
			}
		}
	})
	slices.Sort(out)
	return out, err
}
