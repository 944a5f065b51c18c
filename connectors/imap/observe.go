package imap

import (
	"slices"
	"strings"
	"time"

	"chancery/internal/model"
)

// state is what the server shows of one message.
type state struct {
	uid     uint32
	flags   model.Flags
	id      model.Ident // the server's identity; "" if it has none
	size    int64
	arrived time.Time
	letter  string // Message-ID as written; only where it was asked for
}

// What to ask of messages.
const (
	askFlags = 1 << iota
	askIdent
	askFile   // size and arrival
	askLetter // Message-ID
)

// maxStates bounds how many answers one question may have.
const maxStates = 4 * twinDepth

// states reads messages of the selected mailbox, each once, in no order.
func (s *Source) states(verb, set string, ask int, each func(state)) error {
	k := cmd("%s %s (UID", verb, set)
	if ask&askFlags != 0 {
		k.text(" FLAGS" + s.labelItem())
	}
	if ask&askFile != 0 {
		k.text(" RFC822.SIZE INTERNALDATE")
	}
	if ask&askIdent != 0 {
		k.text(s.identItem())
	}
	if s.kind != "" {
		ask &^= askLetter // the server's identity proves more
	}
	if ask&askLetter != 0 {
		k.text(" BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]")
	}
	count := 0
	_, err := s.run(k.text(")"), func(response []byte) {
		if count++; count > maxStates {
			return // nobody asked for so many
		}
		items := fetchItems(response)
		uid := items["UID"].number()
		_, flags := items["FLAGS"]
		_, size := items["RFC822.SIZE"]
		// What lacks an item was not the answer: somebody else changed a flag.
		if uid == 0 || uid >= 1<<32 || ask&askFlags != 0 && !flags || ask&askFile != 0 && !size {
			return
		}
		one := state{uid: uint32(uid), id: s.identOf(items), size: int64(items["RFC822.SIZE"].number())}
		if flags {
			one.flags = withLabels(flagsOf(items["FLAGS"]), items)
		}
		if at, ok := items["INTERNALDATE"]; ok {
			one.arrived = parseDate(at.s)
		}
		if ask&askLetter != 0 {
			one.letter = letterOf(items)
		}
		each(one)
	})
	return err
}

// letterOf returns the Message-ID in a FETCH response; "" if there is none.
func letterOf(items map[string]value) string {
	for name, v := range items {
		if !strings.HasPrefix(name, "BODY[HEADER") {
			continue
		}
		for line := range strings.Lines(v.s) {
			if field, id, ok := strings.Cut(line, ":"); ok && strings.EqualFold(strings.TrimSpace(field), "Message-ID") {
				return strings.TrimSpace(id)
			}
		}
	}
	return ""
}

// observe fills in what the server shows of the targets now. A message that it
// does not show is gone; but first the view of a mailbox that was selected long
// ago is brought up to date.
func (s *Source) observe(targets []target, ask int) error {
	if len(targets) == 0 {
		return nil
	}
	if ask&askIdent != 0 {
		if err := s.probe(targets[0].now.uid); err != nil {
			return err
		}
	}
	there := make(map[uint32]state, len(targets))
	look := func(uids []uint32) error {
		return nothingIfRefused(s.states("UID FETCH", formatSet(uids), ask, func(one state) { there[one.uid] = one }))
	}
	uids := uidsOf(targets)
	if err := look(uids); err != nil {
		return err
	}
	missing := func() []uint32 {
		return slices.DeleteFunc(slices.Clone(uids), func(u uint32) bool { _, ok := there[u]; return ok })
	}
	if left := missing(); len(left) > 0 {
		// RFC 9051 section 6.1.2: NOOP is how a server may tell what is new.
		if _, err := s.run(cmd("NOOP"), nil); nothingIfRefused(err) != nil {
			return err
		}
		if err := look(left); err != nil {
			return err
		}
	}
	for i := range targets {
		t := &targets[i]
		if now, ok := there[t.now.uid]; ok {
			t.now, t.gone = now, false
		} else {
			t.gone = true
		}
	}
	return nil
}

// bare divides targets into those that have none of some flags yet, and the
// others. One SEARCH answers that with a few numbers, where FETCH would take a
// line per message; a server that does not search so leaves all in rest.
func (s *Source) bare(targets []target, flags []string) (bare, rest []target, err error) {
	k := cmd("UID SEARCH UID %s", formatSet(uidsOf(targets)))
	for _, f := range flags {
		switch {
		case strings.EqualFold(f, `\Flagged`):
			k.text(" UNFLAGGED")
		case keywordForm.MatchString(f):
			k.text(" UNKEYWORD " + f)
		default:
			return nil, targets, nil
		}
	}
	uids, err := s.search(k)
	if err != nil {
		return nil, targets, nothingIfRefused(err)
	}
	for _, t := range targets {
		if _, found := slices.BinarySearch(uids, t.now.uid); found {
			bare = append(bare, t)
		} else {
			rest = append(rest, t)
		}
	}
	return bare, rest, nil
}
