package imap

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"chancery/internal/model"
)

// maxTwins bounds how many messages of the same size are compared byte by byte.
const maxTwins = 20

// copyAll moves messages on a server without MOVE, one after the other: copy,
// wait, prove the copy, mark the source \Deleted, expunge exactly that one. Where
// a step fails, the source stays. Every step can be repeated after a crash.
func (s *Source) copyAll(from selected, to box, targets []target) error {
	for _, t := range targets {
		err := s.copyOne(from, to, t)
		if a, refused := asRefusal(err); refused {
			t.end(model.Result{Outcome: model.Refused, Code: refusalCode(a, "copy-refused"), Ref: t.step.Ref})
			if passing(a) {
				t.end(model.Result{Outcome: model.Later, Code: "refused-for-now", Ref: t.step.Ref})
			}
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Source) copyOne(from selected, to box, t target) error {
	twin, err := s.twin(from, to, t)
	if err != nil {
		return err
	}
	already := twin.UID != 0
	if !already {
		if t.now.flags.Has(`\Deleted`) {
			// A person deleted it: a copy would bring it back.
			t.end(model.Result{Outcome: model.Lost})
			return nil
		}
		if err := s.reenter(from); err != nil {
			return err
		}
		if _, err := s.c.do(longTimeout, cmd("UID COPY %d", t.now.uid).str(to.wire), nil); err != nil {
			return err
		}
		// COPYUID would be a claim. The copy itself is the proof.
		if twin, err = s.twin(from, to, t); err != nil {
			return err
		}
		if twin.UID == 0 {
			t.end(model.Result{Outcome: model.Later, Code: "copy-unproved", Ref: t.step.Ref})
			return nil
		}
	}
	if err := s.carryFlags(to, twin, t); err != nil {
		return err
	}
	if err := s.reenter(from); err != nil {
		return err
	}
	done := model.Result{Outcome: model.Done, Ref: s.refIn(to, twin)}
	s.claimed[done.Ref] = true
	if already && t.now.flags.Has(`\Deleted`) && !s.c.caps["UIDPLUS"] {
		done.Already = true
		t.end(done)
		return nil
	}
	if err := s.store([]uint32{t.now.uid}, []string{`\Deleted`}); err != nil {
		return err
	}
	// RFC 4315 section 2.1. Without UIDPLUS the message stays, marked: a bare
	// EXPUNGE would take what other people have marked.
	if s.c.caps["UIDPLUS"] {
		if err := s.expunge(t.now.uid); err != nil {
			return err
		}
	}
	t.end(done)
	return nil
}

// carryFlags sets on the copy what the copy lost.
func (s *Source) carryFlags(to box, twin model.Ref, t target) error {
	before := *t.result
	t.end(model.Result{Outcome: model.Done})
	err := s.keepFlags(to, []target{t}, map[uint32]model.Ref{t.now.uid: twin})
	*t.result = before
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

// twin finds the copy of a message in the destination: by the server's identity,
// which stands for the content, else by comparing bytes and arrival. A zero Ref
// means that there is none. Two messages with the same bytes that arrived in the
// same second are told apart within one process, not over a crash.
func (s *Source) twin(from selected, to box, t target) (model.Ref, error) {
	if t.now.id != "" {
		if err := s.enterBox(to, false); err != nil {
			return model.Ref{}, err
		}
		uid, err := s.findIdent(t.now.id)
		return model.Ref{UIDValidity: s.sel.validity, UID: uid}, err
	}
	if err := s.reenter(from); err != nil {
		return model.Ref{}, err
	}
	want, at, err := s.digest(t.now.uid)
	if err != nil {
		return model.Ref{}, err
	}
	if err := s.enterBox(to, false); err != nil {
		return model.Ref{}, err
	}
	uids, err := s.search(cmd("UID SEARCH LARGER %d SMALLER %d", max(t.now.size-1, 0), t.now.size+1))
	if err != nil {
		return model.Ref{}, err
	}
	for _, uid := range slices.Backward(uids[max(0, len(uids)-maxTwins):]) {
		r := model.Ref{UIDValidity: s.sel.validity, UID: uid}
		if s.claimed[s.refIn(to, r)] {
			continue // the copy of another message with the same bytes
		}
		have, when, err := s.digest(uid)
		if err != nil {
			return model.Ref{}, err
		}
		// RFC 9051 section 6.4.7: a copy keeps its INTERNALDATE.
		if have != "" && have == want && when.Equal(at) {
			return r, nil
		}
	}
	return model.Ref{}, nil
}

// digest reads a message of the selected mailbox and returns the SHA-256 of its
// bytes and its INTERNALDATE; "" if it is gone or longer than maxBody.
func (s *Source) digest(uid uint32) (string, time.Time, error) {
	hash := sha256.New()
	var arrived time.Time
	for at := int64(0); at < maxBody; at += chunkSize {
		told, spoilt, err := s.part(uid, " INTERNALDATE", at, chunkSize, hash)
		switch {
		case err != nil:
			return "", time.Time{}, err
		case spoilt, told == nil && at == 0:
			return "", time.Time{}, nil
		case told == nil:
			return fmt.Sprintf("%x", hash.Sum(nil)), arrived, nil
		}
		if arrived = told.arrived; told.read < chunkSize {
			return fmt.Sprintf("%x", hash.Sum(nil)), arrived, nil
		}
	}
	return "", time.Time{}, nil
}
