package imap

import (
	"slices"
	"strings"

	"chancery/internal/mime"
	"chancery/internal/model"
)

// note appends a note of ours, once: the server is asked first for its
// Message-ID, which is the same at every try.
func (s *Source) note(a model.Note) (model.Result, error) {
	n := a.Body.Reveal()
	if s.o.Sign == nil || n.MessageID == "" {
		return model.Result{Outcome: model.Refused, Code: "no-key"}, nil
	}
	b, r, err := s.enterNotes(a.Mailbox)
	if err != nil || r.Outcome != 0 {
		return r, err
	}
	there, err := s.notes(n.MessageID)
	if err != nil {
		return model.Result{}, err
	}
	if len(there) > 0 {
		// An APPEND whose connection was cut may land after it was repeated.
		if _, err := s.remove(twins(there)); nothingIfRefused(err) != nil {
			return model.Result{}, err
		}
		r = model.Result{Outcome: model.Done, Already: true, Ref: s.refIn(b, model.Ref{UIDValidity: s.sel.validity, UID: kept(there).uid})}
	} else if r, err = s.append(b, mime.Compose(n, noteTag(s.o.Sign, n.Of, n.Digest, n.MessageID))); err != nil || r.Outcome != model.Done {
		return r, err
	}
	for _, id := range a.Replaces {
		if id == n.MessageID {
			continue
		}
		if _, err := s.takeBack(id); nothingIfRefused(err) != nil {
			return model.Result{}, err
		}
	}
	return r, nil
}

// dropNote takes a note of ours away, if nobody has touched it.
func (s *Source) dropNote(a model.DropNote) (model.Result, error) {
	_, r, err := s.enterNotes(a.Mailbox)
	if r.Code == "no-mailbox" {
		return model.Result{Outcome: model.Done, Already: true}, nil
	}
	if err != nil || r.Outcome != 0 {
		return r, err
	}
	sent, err := s.takeBack(a.MessageID)
	if no, refused := asRefusal(err); refused {
		return model.Result{Outcome: model.Refused, Code: refusalCode(no, "drop-refused")}, nil
	}
	return model.Result{Outcome: model.Done, Already: !sent}, err
}

// enterNotes selects the mailbox of notes; r says why that cannot be.
func (s *Source) enterNotes(segments []string) (b box, r model.Result, err error) {
	if len(segments) == 0 {
		return box{}, model.Result{Outcome: model.Refused, Code: "bad-path"}, nil
	}
	if b, err = s.boxAt(segments); err != nil {
		return box{}, model.Result{}, err
	}
	err = s.enterBox(b, true)
	if no, refused := asRefusal(err); refused {
		if passing(no) {
			return b, model.Result{Outcome: model.Later, Code: "mailbox-unavailable"}, nil
		}
		return b, model.Result{Outcome: model.Refused, Code: "no-mailbox"}, nil
	}
	return b, model.Result{}, err
}

// append stores a message without flags: unread, so that the assistant sees it.
func (s *Source) append(b box, message []byte) (model.Result, error) {
	a, err := s.c.do(longTimeout, cmd("APPEND").str(b.wire).lit(message), nil)
	if no, refused := asRefusal(err); refused {
		if passing(no) {
			return model.Result{Outcome: model.Later, Code: "refused-for-now"}, nil
		}
		return model.Result{Outcome: model.Refused, Code: refusalCode(no, "append-refused")}, nil
	}
	if err != nil {
		return model.Result{}, err
	}
	r := model.Ref{}
	// RFC 4315 section 3: APPENDUID.
	if f := strings.Fields(a.args); a.code == "APPENDUID" && len(f) == 2 {
		validity, err1 := parseSet(f[0], 1)
		uid, err2 := parseSet(f[1], 1)
		if err1 == nil && err2 == nil {
			r.UIDValidity, r.UID = validity[0], uid[0]
		}
	}
	return model.Result{Outcome: model.Done, Ref: s.refIn(b, r)}, nil
}

// ownNote is a note of ours in the selected mailbox.
type ownNote struct {
	uid       uint32
	modseq    uint64
	untouched bool
}

// notes finds the notes of ours with a Message-ID; a message without our signed
// tag is not one, whatever its Message-ID says.
func (s *Source) notes(messageID string) ([]ownNote, error) {
	uids, err := s.searchID(messageID)
	if err != nil {
		return nil, err
	}
	var out []ownNote
	modseq := ""
	if s.c.caps["CONDSTORE"] && s.sel.modseq > 0 {
		modseq = " MODSEQ"
	}
	for _, uid := range uids {
		k := cmd("UID FETCH %d (UID FLAGS%s BODY.PEEK[HEADER.FIELDS (MESSAGE-ID X-CHANCERY-NOTE)])", uid, modseq)
		_, err := s.c.do(longTimeout, k, func(response []byte) {
			items := fetchItems(response)
			if uint32(items["UID"].number()) != uid {
				return
			}
			for name, v := range items {
				if m := mime.Read([]byte(v.s)); strings.HasPrefix(name, "BODY[HEADER") && m.MessageID == messageID && s.own(m) {
					n := ownNote{uid: uid, untouched: true}
					for _, f := range flagsOf(items["FLAGS"]) {
						// \Deleted alone is ours, from a try that was cut off.
						n.untouched = n.untouched && strings.EqualFold(f, `\Deleted`)
					}
					if l := items["MODSEQ"].list; len(l) == 1 {
						n.modseq = l[0].number()
					}
					out = append(out, n)
				}
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// searchID finds messages of the selected mailbox by Message-ID. Servers match
// substrings: the caller compares.
func (s *Source) searchID(messageID string) ([]uint32, error) {
	uids, err := s.search(cmd("UID SEARCH HEADER MESSAGE-ID").str(strings.Trim(messageID, "<> ")))
	return uids[:min(len(uids), maxTwins)], err
}

// takeBack removes notes of ours that nobody has read, flagged, answered or
// labelled. It needs UID EXPUNGE: otherwise they stay. sent says that something
// was removed.
func (s *Source) takeBack(messageID string) (sent bool, _ error) {
	list, err := s.notes(messageID)
	if err != nil {
		return false, err
	}
	return s.remove(list)
}

// twins returns all but one of the notes with the same Message-ID: the first that
// a person touched stays, else the first.
func twins(list []ownNote) []ownNote {
	return slices.DeleteFunc(slices.Clone(list), func(n ownNote) bool { return n.uid == kept(list).uid })
}

func kept(list []ownNote) ownNote {
	return list[max(0, slices.IndexFunc(list, func(n ownNote) bool { return !n.untouched }))]
}

func (s *Source) remove(list []ownNote) (sent bool, _ error) {
	if !s.c.caps["UIDPLUS"] || !s.sel.writable {
		return false, nil
	}
	for _, n := range list {
		if !n.untouched {
			continue
		}
		condition := ""
		if n.modseq > 0 {
			// RFC 7162 section 3.1.3: not if it was read in this very moment.
			condition = cmd(" (UNCHANGEDSINCE %d)", n.modseq).parts[0].text
		}
		a, err := s.c.do(longTimeout, cmd(`UID STORE %d%s +FLAGS.SILENT (\Deleted)`, n.uid, condition), nil)
		if err != nil {
			return sent, err
		}
		if a.code == "MODIFIED" {
			continue
		}
		if err := s.expunge(n.uid); err != nil {
			return sent, err
		}
		sent = true
	}
	return sent, nil
}
