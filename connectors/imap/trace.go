package imap

import (
	"fmt"
	"slices"
	"strings"

	"chancery/internal/mime"
	"chancery/internal/model"
)

// claims are the messages of a destination that stand for a message of the
// source: none stands for two.
type claims map[model.Ref]bool

// trace answers steps whose message has left the source: it is done if the
// message stands in the destination, else a person took it elsewhere.
func (s *Source) trace(to box, gone []target, claimed claims) error {
	if len(gone) == 0 {
		return nil
	}
	err := s.enterBox(to, false)
	if _, no := asRefusal(err); no {
		for _, t := range gone {
			t.end(model.Result{Outcome: model.Lost})
		}
		return nil
	}
	if err != nil {
		return err
	}
	found, all, err := s.recent(gone)
	if err != nil {
		return err
	}
	for _, t := range gone {
		uids := found[t.step.Ident]
		if len(uids) == 0 && !all {
			uid, err := s.findIdent(t.step.Ident)
			if err != nil {
				return err
			}
			if uid > 0 {
				uids = []uint32{uid}
			}
		}
		t.end(model.Result{Outcome: model.Lost})
		for _, uid := range slices.Backward(uids) {
			r := s.refIn(to, model.Ref{UIDValidity: s.sel.validity, UID: uid})
			if !claimed[r] {
				claimed[r] = true
				t.end(model.Result{Outcome: model.Done, Ref: r, Already: true})
				break
			}
		}
	}
	return nil
}

// Bounds of how many of the newest messages of a mailbox are looked through for
// those that steps name.
const (
	traceDepth = 250    // where their headers must be read
	twinDepth  = 20_000 // where the server has identities, or size and arrival will do
	fewEnough  = 4      // so many are searched for one by one
)

// recent looks through the newest messages of the selected mailbox for those that
// steps name. all says that there is no use in looking further.
func (s *Source) recent(gone []target) (found map[model.Ident][]uint32, all bool, err error) {
	if err := s.probe(1); err != nil {
		return nil, false, err
	}
	found = map[model.Ident][]uint32{}
	kind := s.kind
	named := func(t target) bool { return kind == "" || !strings.HasPrefix(string(t.step.Ident), kind) }
	if kind != "" && len(gone) <= fewEnough && !slices.ContainsFunc(gone, named) {
		return nil, false, nil
	}
	wanted := map[model.Ident]bool{}
	byHeader := false
	for _, t := range gone {
		wanted[t.step.Ident] = t.step.Ident != ""
		byHeader = byHeader || strings.HasPrefix(string(t.step.Ident), "h:")
	}
	note := func(id model.Ident, uid uint32) {
		if wanted[id] {
			found[id] = append(found[id], uid)
		}
	}
	all = true
	if kind != "" {
		err = s.latest(twinDepth, askIdent, func(one state) { note(one.id, one.uid) })
		all = s.sel.exists <= twinDepth
	}
	if err == nil && byHeader {
		err = s.headers(max(traceDepth, 2*len(gone)), note)
	}
	for _, uids := range found {
		slices.Sort(uids)
	}
	return found, all, err
}

// latest reads the newest messages of the selected mailbox.
func (s *Source) latest(depth, ask int, each func(state)) error {
	if s.sel.exists == 0 {
		return nil
	}
	from := max(1, int64(s.sel.exists)-int64(depth)+1)
	return nothingIfRefused(s.states("FETCH", fmt.Sprintf("%d:*", from), ask, each))
}

// headers names the newest messages of the selected mailbox as they are named
// where the server has no identity for them.
func (s *Source) headers(depth int, each func(model.Ident, uint32)) error {
	if s.sel.exists == 0 {
		return nil
	}
	from := max(1, int64(s.sel.exists)-int64(depth)+1)
	_, err := s.run(cmd("FETCH %d:* (UID RFC822.SIZE BODY.PEEK[HEADER])", from), func(response []byte) {
		items := fetchItems(response)
		uid, size := items["UID"].number(), items["RFC822.SIZE"].number()
		if h, ok := items["BODY[HEADER]"]; ok && uid > 0 && uid < 1<<32 {
			each(mime.Ident(mime.Read([]byte(h.s)), int64(size)), uint32(uid))
		}
	})
	return nothingIfRefused(err)
}

// findIdent searches the selected mailbox for a message that the server has an
// identity for; 0 if it is not there.
func (s *Source) findIdent(id model.Ident) (uint32, error) {
	kind, rest, _ := strings.Cut(string(id), ":")
	key := map[string]string{"e": "EMAILID", "g": "X-GM-MSGID", "d": "X-GUID"}[kind]
	if key == "" || kind+":" != s.kind || !identForm.MatchString(rest) {
		return 0, nil
	}
	uids, err := s.search(cmd("UID SEARCH %s %s", key, rest))
	if err != nil || len(uids) == 0 {
		return 0, nothingIfRefused(err)
	}
	return uids[len(uids)-1], nil
}
