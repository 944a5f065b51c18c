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
	b, r, err := s.enterNotes(a.Mailbox, a.Draft)
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
	} else if r, err = s.append(b, a); err != nil || r.Outcome != model.Done {
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

// dropNote takes a note of ours away, if nobody has touched it, or what is there
// of it besides the first.
func (s *Source) dropNote(a model.DropNote) (model.Result, error) {
	_, r, err := s.enterNotes(a.Mailbox, len(a.Mailbox) == 0)
	if r.Code == "no-mailbox" {
		return model.Result{Outcome: model.Done, Already: true}, nil
	}
	if err != nil || r.Outcome != 0 {
		return r, err
	}
	list, err := s.notes(a.MessageID)
	sent := false
	if err == nil {
		if a.Twins {
			list = twins(list)
		}
		sent, err = s.remove(list)
	}
	if no, is := asRefusal(err); is {
		return refused(no, "drop-refused", model.Ref{}), nil
	}
	return model.Result{Outcome: model.Done, Already: !sent}, err
}

// enterNotes selects the mailbox of notes, or that of drafts if none is named; r
// says why that cannot be.
func (s *Source) enterNotes(segments []string, draft bool) (b box, r model.Result, err error) {
	switch {
	case len(segments) > 0:
		b, err = s.boxAt(segments)
	case draft:
		if b, err = s.draftsBox(); err == nil && b.wire == "" {
			return box{}, model.Result{Outcome: model.Refused, Code: "no-mailbox"}, nil
		}
	default:
		return box{}, model.Result{Outcome: model.Refused, Code: "bad-path"}, nil
	}
	if err != nil {
		return box{}, model.Result{}, err
	}
	if s.sel.box.wire == b.wire {
		// It may have been selected long ago: RFC 9051 section 6.1.2.
		_, err = s.run(cmd("NOOP"), nil)
	}
	if nothingIfRefused(err) == nil {
		err = s.enterBox(b, true)
	}
	if no, refused := asRefusal(err); refused {
		if passing(no) {
			return b, model.Result{Outcome: model.Later, Code: "mailbox-unavailable"}, nil
		}
		return b, model.Result{Outcome: model.Refused, Code: "no-mailbox"}, nil
	}
	return b, model.Result{}, err
}

// append stores a note unread, so that the assistant sees it, and flagged if it
// should be seen soon; a draft as one that was written here.
func (s *Source) append(b box, a model.Note) (model.Result, error) {
	n, flags := a.Body.Reveal(), ""
	var message []byte
	switch {
	case a.Draft:
		flags = ` (\Draft \Seen)`
		// What we read back of our own words is what they will be compared with.
		message = mime.ComposeDraft(n, draftTag(s.o.Sign, n, content(mime.Read(mime.ComposeDraft(n, "")))))
	case a.Flagged:
		flags = ` (\Flagged)`
		message = mime.Compose(n, alarmTag(s.o.Sign, n.Of, n.Digest, n.MessageID))
	default:
		message = mime.Compose(n, noteTag(s.o.Sign, n.Of, n.Digest, n.MessageID))
	}
	if limit := s.appendLimit(); limit > 0 && int64(len(message)) > limit {
		return model.Result{Outcome: model.Refused, Code: "too-large"}, nil
	}
	got, err := s.c.do(longTimeout, cmd("APPEND").str(b.wire).text(flags).lit(message), nil)
	if no, is := asRefusal(err); is {
		if no.code == "TOOBIG" { // RFC 4469 section 4.2
			return model.Result{Outcome: model.Refused, Code: "too-large"}, nil
		}
		return refused(no, "append-refused", model.Ref{}), nil
	}
	if err != nil {
		return model.Result{}, err
	}
	r := model.Ref{}
	// RFC 4315 section 3: APPENDUID.
	if f := strings.Fields(got.args); got.code == "APPENDUID" && len(f) == 2 {
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
	said      string // what a draft said when we wrote it; "" for a note
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
					n := ownNote{uid: uid, untouched: true, said: wroteIn(m)}
					for _, f := range flagsOf(items["FLAGS"]) {
						// \Deleted alone is ours, from a try that was cut off.
						ours := strings.EqualFold(f, `\Deleted`) ||
							n.said != "" && (strings.EqualFold(f, `\Draft`) || strings.EqualFold(f, `\Seen`)) ||
							alarming(m) && strings.EqualFold(f, `\Flagged`)
						n.untouched = n.untouched && ours
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
	return out, s.reread(out)
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
