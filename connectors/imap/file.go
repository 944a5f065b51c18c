package imap

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"chancery/internal/model"
)

// file moves messages of the selected mailbox to another one.
func (s *Source) file(a model.File, targets []target) error {
	from := s.sel
	to, code, err := s.destination(a)
	if err != nil {
		return err
	}
	var todo, gone []target
	for _, t := range targets {
		switch {
		case code != "":
			t.end(model.Result{Outcome: model.Refused, Code: code, Ref: t.step.Ref})
		case t.gone:
			gone = append(gone, t)
		case to.wire == from.box.wire:
			t.end(model.Result{Outcome: model.Done, Ref: t.step.Ref, Already: true})
		case s.c.caps["MOVE"] && t.now.flags.Has(`\Deleted`):
			// A person deleted it: elsewhere the next clean-up would take it unseen.
			// Without MOVE the mark may be ours, see copyOne.
			t.end(model.Result{Outcome: model.Lost})
		default:
			todo = append(todo, t)
		}
	}
	switch {
	case code != "" || to.wire == from.box.wire:
	case s.c.caps["MOVE"]:
		err = s.moveAll(from, to, todo)
	default:
		err = s.copyAll(from, to, todo)
	}
	if err != nil {
		return err
	}
	return s.trace(to, gone)
}

// destination names the mailbox to file into and makes sure that it is there.
// code is why it cannot be; "" if it can.
func (s *Source) destination(a model.File) (b box, code string, err error) {
	delim, err := s.delimiter()
	if err != nil {
		return box{}, "", err
	}
	paths := spellings(a.Mailbox, delim)
	code = "bad-path"
	for _, path := range paths {
		if b, code, err = s.existing(path); err != nil || code == "" || code == "mailbox-unavailable" {
			return b, code, err
		}
	}
	for _, path := range paths {
		if !a.Create {
			break
		}
		if b, code, err = s.made(path); err != nil || code == "" {
			return b, code, err
		}
	}
	return b, code, err
}

// existing looks for a mailbox; code "no-mailbox" if it is not there.
func (s *Source) existing(path []string) (b box, code string, err error) {
	if b, err = s.boxAt(path); err != nil || s.there[b.wire] {
		return b, "", err
	}
	_, err = s.statusOf(b)
	no, refused := asRefusal(err)
	switch {
	case refused && passing(no):
		return b, "mailbox-unavailable", nil
	case refused:
		return b, "no-mailbox", nil
	case err == nil:
		s.there[b.wire] = true
	}
	return b, "", err
}

// made creates a mailbox; code is why the server would not.
func (s *Source) made(path []string) (b box, code string, err error) {
	if b, err = s.boxAt(path); err != nil {
		return b, "", err
	}
	if err = s.create(path); err == nil {
		_, err = s.statusOf(b)
	}
	if no, refused := asRefusal(err); refused {
		return b, refusalCode(no, "create-refused"), nil
	}
	if err == nil {
		s.there[b.wire] = true
	}
	return b, "", err
}

// create makes every level of a path. A level that is there already is fine, so
// refusals count only for the last one.
func (s *Source) create(segments []string) error {
	var last error
	for i := range segments {
		b, err := s.boxAt(segments[:i+1])
		if err != nil {
			return err
		}
		_, last = s.c.do(longTimeout, cmd("CREATE").str(b.wire), nil)
		no, refused := asRefusal(last)
		switch {
		case last == nil:
			// Mail programs show subscribed mailboxes only.
			_, err := s.c.do(longTimeout, cmd("SUBSCRIBE").str(b.wire), nil)
			if _, no := asRefusal(err); err != nil && !no {
				return err
			}
		case !refused:
			return last
		case no.code == "ALREADYEXISTS":
			last = nil
		}
	}
	return last
}

// moveAll uses the atomic UID MOVE (RFC 6851 section 3.2) and nothing else.
func (s *Source) moveAll(from selected, to box, targets []target) error {
	moved := map[uint32]model.Ref{}
	err := halves(targets, func(part []target) error {
		part = slices.DeleteFunc(slices.Clone(part), func(t target) bool { return t.result.Outcome != 0 })
		if len(part) == 0 {
			return nil
		}
		err := s.moveSet(to, part, moved)
		a, refused := asRefusal(err)
		if err != nil && !refused {
			return err
		}
		// RFC 6851 section 3.3: a refused MOVE may have moved some.
		left := map[uint32]bool{}
		if refused {
			list, err := s.flagsOf(formatSet(uidsOf(part)), "")
			if _, no := asRefusal(err); err != nil && !no {
				return err
			}
			for _, f := range list {
				left[f.uid] = true
			}
		}
		for _, t := range part {
			if !left[t.now.uid] {
				t.end(model.Result{Outcome: model.Done, Ref: s.refIn(to, moved[t.now.uid])})
			}
		}
		if len(left) == 0 {
			return nil
		}
		if a.code == "TRYCREATE" {
			delete(s.there, to.wire) // somebody removed it: the next try asks again
		}
		return err
	}, func(t target, a answer) {
		if t.result.Outcome == 0 {
			t.end(model.Result{Outcome: model.Refused, Code: refusalCode(a, "move-refused"), Ref: t.step.Ref})
		}
	})
	if err != nil {
		return err
	}
	return s.keepFlags(to, targets, moved)
}

// moveSet sends one UID MOVE and notes where each message went.
func (s *Source) moveSet(to box, part []target, moved map[uint32]model.Ref) error {
	k := cmd("UID MOVE %s", formatSet(uidsOf(part))).str(to.wire)
	a, err := s.c.do(longTimeout, k, func(response []byte) {
		// RFC 6851 section 4.3: COPYUID comes untagged. Gmail sends it tagged.
		if _, kind, rest, _ := untagged(response); kind == "OK" {
			s.copied(condition(kind, response[min(rest.i, len(response)):]), moved)
		}
	})
	s.copied(a, moved)
	return err
}

// copied reads a COPYUID (RFC 4315 section 3): both sets in the same order.
func (s *Source) copied(a answer, moved map[uint32]model.Ref) {
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
	if _, refused := asRefusal(err); refused || err == nil && !s.sel.writable {
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
	list, err := s.flagsOf(formatSet(slices.Sorted(maps.Keys(before))), "")
	if err != nil {
		return nothingIfRefused(err)
	}
	lost := map[string][]uint32{}
	for _, f := range list {
		again := slices.DeleteFunc(missing(f.flags, before[f.uid]), func(x string) bool {
			return strings.EqualFold(x, `\Deleted`) || !s.keeps(x)
		})
		if len(again) > 0 {
			key := strings.Join(again, " ")
			lost[key] = append(lost[key], f.uid)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(lost)) {
		if err := s.store(lost[key], strings.Fields(key)); nothingIfRefused(err) != nil {
			return err
		}
	}
	return nil
}

func nothingIfRefused(err error) error {
	if _, refused := asRefusal(err); refused {
		return nil
	}
	return err
}

// trace answers steps whose message has left the source: it is done if the
// message stands in the destination, else a person took it elsewhere.
func (s *Source) trace(to box, gone []target) error {
	if len(gone) == 0 {
		return nil
	}
	err := s.enterBox(to, false)
	if _, refused := asRefusal(err); refused {
		for _, t := range gone {
			t.end(model.Result{Outcome: model.Lost})
		}
		return nil
	}
	if err != nil {
		return err
	}
	for _, t := range gone {
		uid, err := s.findIdent(t.step.Ident)
		if err != nil {
			return err
		}
		if uid == 0 {
			t.end(model.Result{Outcome: model.Lost})
			continue
		}
		r := s.refIn(to, model.Ref{UIDValidity: s.sel.validity, UID: uid})
		t.end(model.Result{Outcome: model.Done, Ref: r, Already: true})
	}
	return nil
}

// traceDepth is how many of the newest messages of a mailbox are read to find one
// that the server has no name for.
const traceDepth = 250

// findIdent looks for a message in the selected mailbox; 0 if it is not there.
func (s *Source) findIdent(id model.Ident) (uint32, error) {
	if id == "" {
		return 0, nil
	}
	if err := s.probe(1); err != nil {
		return 0, err
	}
	kind, rest, _ := strings.Cut(string(id), ":")
	if key := map[string]string{"e": "EMAILID", "g": "X-GM-MSGID", "d": "X-GUID"}[kind]; key != "" {
		if kind+":" != s.kind || !identForm.MatchString(rest) {
			return 0, nil
		}
		uids, err := s.search(cmd("UID SEARCH %s %s", key, rest))
		if err != nil || len(uids) == 0 {
			return 0, nothingIfRefused(err)
		}
		return uids[len(uids)-1], nil
	}
	list, err := s.numbered(max(1, int64(s.sel.exists)-traceDepth+1))
	if err != nil {
		return 0, nothingIfRefused(err)
	}
	for _, f := range slices.Backward(list) {
		known, err := s.entries(fmt.Sprint(f.uid), f.uid, f.uid)
		if err != nil {
			return 0, nothingIfRefused(err)
		}
		for _, e := range known {
			got := map[uint32]*fetched{}
			if err := s.alone(s.sel.box, e, got); err != nil {
				return 0, err
			}
			if g := got[e.uid]; g != nil && g.fault == "" && s.message(s.sel.box, 0, entry{uid: e.uid, size: e.size}, g).Ident == id {
				return e.uid, nil
			}
		}
	}
	return 0, nil
}

// search runs a UID SEARCH in the selected mailbox.
func (s *Source) search(k *command) ([]uint32, error) {
	var out []uint32
	_, err := s.c.do(longTimeout, k, func(response []byte) {
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
