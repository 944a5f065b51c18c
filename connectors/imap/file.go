package imap

import (
	"chancery/internal/model"
)

// Copies reports whether the server has no MOVE: what a dead connection asked it to
// copy may then still be on its way.
func (s *Source) Copies() bool { return !s.c.caps["MOVE"] }

// file moves messages of the selected mailbox to another one.
func (s *Source) file(a model.File, targets []target) error {
	to, code, err := s.destination(a)
	if err != nil {
		return err
	}
	return s.transfer(to, code, targets)
}

// giveBack moves messages to the mailbox that they were filed from. It makes none:
// whoever removed that mailbox meant it.
func (s *Source) giveBack(a model.Return, targets []target) error {
	if a.To == "" {
		return s.transfer(box{}, "no-place", targets)
	}
	to := s.known(string(a.To))
	code, err := s.present(to)
	if err != nil {
		return err
	}
	return s.transfer(to, code, targets)
}

// transfer moves messages of the selected mailbox; code is why that cannot be, ""
// if it can.
func (s *Source) transfer(to box, code string, targets []target) error {
	from := s.sel
	ask := askFlags
	switch {
	case code != "" || to.wire == from.box.wire:
		// Nothing is to be moved.
	case !s.c.caps["MOVE"]:
		ask |= askIdent | askFile | askLetter
	case s.doubtful(to, targets):
		ask |= askIdent | askFile
	}
	if code == "" {
		if err := s.observe(targets, ask); err != nil {
			return err
		}
	}
	var todo, gone []target
	for _, t := range targets {
		switch {
		case code == "mailbox-unavailable":
			t.end(model.Result{Outcome: model.Later, Code: code, Ref: t.step.Ref})
		case code == "overquota":
			t.end(model.Result{Outcome: model.Later, Code: code, Ref: t.step.Ref})
		case code != "":
			t.end(model.Result{Outcome: model.Refused, Code: code, Ref: t.step.Ref})
		case t.gone && s.leavesOriginal(t.step.Action):
			t.end(model.Result{Outcome: model.Lost})
		case t.gone:
			gone = append(gone, t)
		case to.wire == from.box.wire:
			t.end(model.Result{Outcome: model.Done, Ref: t.step.Ref, Already: true})
		default:
			todo = append(todo, t)
		}
	}
	if len(todo)+len(gone) == 0 {
		return nil
	}
	// What was filed before claims its copy before others look for theirs.
	defer s.harbour(to).answered(todo)
	claimed := claims{}
	if err := s.trace(to, gone, claimed); err != nil || len(todo) == 0 {
		return err
	}
	if s.c.caps["MOVE"] {
		return s.moveAll(from, to, todo, claimed)
	}
	return s.copyAll(from, to, todo, claimed)
}

// leavesOriginal reports whether what stands where a message would go back to may
// be its own deleted original, and says nothing of where it went: without UIDPLUS
// it stays there, and no move of ours makes a message vanish.
func (s *Source) leavesOriginal(a model.Action) bool {
	_, back := a.(model.Return)
	return back && !s.c.caps["UIDPLUS"] && !s.c.caps["MOVE"]
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
	if b, err = s.boxAt(path); err == nil {
		code, err = s.present(b)
	}
	return b, code, err
}

// present looks whether a mailbox is there; code is "no-mailbox" if it is not.
func (s *Source) present(b box) (code string, err error) {
	if s.there[b.wire] {
		return "", nil
	}
	st, err := s.statusOf(b)
	no, refused := asRefusal(err)
	switch {
	case refused && passing(no):
		return "mailbox-unavailable", nil
	case refused:
		return "no-mailbox", nil
	case err == nil:
		s.there[b.wire] = true
		s.harbour(b).arrive(st)
	}
	return "", err
}

// made creates a mailbox; code is why the server would not.
func (s *Source) made(path []string) (b box, code string, err error) {
	if b, err = s.boxAt(path); err != nil {
		return b, "", err
	}
	var st status
	if err = s.create(path); err == nil {
		st, err = s.statusOf(b)
	}
	if no, refused := asRefusal(err); refused {
		return b, refusalCode(no, "create-refused"), nil
	}
	if err == nil {
		s.there[b.wire] = true
		s.harbour(b).arrive(st)
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
