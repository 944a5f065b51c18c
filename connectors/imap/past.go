package imap

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
)

// pastBatch is how many old messages are read at a time.
const pastBatch = 250

// History reads the messages of the followed mailboxes that arrived at since or
// later, the newest of a mailbox first, with as much content as Options.Need asks
// for. No cursor moves, and none of them is Old. each gets at most 250 at a time
// and may end the reading with an error, which is returned. A mailbox that is not
// there is left out; a path that ends with "/*" is every mailbox below it. Errors are
// those of Pull.
func (s *Source) History(ctx context.Context, since time.Time, each func([]model.Change) error) error {
	return s.past(ctx, "history", func(ctx context.Context) error {
		boxes, err := s.pastBoxes()
		if err != nil {
			return err
		}
		for _, b := range boxes {
			uids, err := s.arrivedSince(b, since)
			if err != nil {
				return err
			}
			for slices.Reverse(uids); len(uids) > 0; {
				part := uids[:min(len(uids), pastBatch)]
				uids = uids[len(part):]
				changes, err := s.puts(ctx, b, part)
				if err != nil {
					return err
				}
				changes = slices.DeleteFunc(changes, func(c model.Change) bool { return c.Message.Arrived.Before(since) })
				if len(changes) == 0 {
					continue
				}
				if err := each(changes); err != nil {
					return passOn{err}
				}
			}
		}
		return nil
	})
}

// pastBoxes are the followed mailboxes, and those below a path that ends with "/*".
func (s *Source) pastBoxes() (out []box, err error) {
	for _, path := range s.o.Mailboxes {
		above, below := strings.CutSuffix(path, "/*")
		b, err := s.boxAt(strings.Split(above, "/"))
		if err != nil {
			return nil, err
		}
		if !below {
			out = append(out, b)
			continue
		}
		delim, err := s.delimiter()
		if err == nil && s.boxes == nil {
			err = s.list()
		}
		if err != nil {
			return nil, err
		}
		for _, name := range slices.Sorted(maps.Keys(s.boxes)) {
			if delim != "" && strings.HasPrefix(name, b.name+delim) {
				out = append(out, s.boxes[name])
			}
		}
	}
	return out, nil
}

// Look reads the messages that are still at their places. What is not, or could not
// be read, is left out.
func (s *Source) Look(ctx context.Context, refs []model.Ref) ([]model.Change, error) {
	var out []model.Change
	err := s.past(ctx, "look", func(ctx context.Context) error {
		at := map[model.Name][]model.Ref{}
		var order []model.Name
		for _, r := range refs {
			if r.UID == 0 {
				continue
			}
			if at[r.Mailbox] == nil {
				order = append(order, r.Mailbox)
			}
			at[r.Mailbox] = append(at[r.Mailbox], r)
		}
		for _, name := range order {
			b := s.known(string(name))
			err := s.enterBox(b, false)
			if _, refused := asRefusal(err); refused {
				continue
			}
			if err != nil {
				return err
			}
			var uids []uint32
			for _, r := range at[name] {
				if r.UIDValidity == s.sel.validity {
					uids = append(uids, r.UID)
				}
			}
			slices.Sort(uids)
			uids = slices.Compact(uids)
			for part := range slices.Chunk(uids, pastBatch) {
				changes, err := s.puts(ctx, b, part)
				if err != nil {
					return err
				}
				out = append(out, changes...)
			}
		}
		return nil
	})
	return out, err
}

// passOn carries an error of the caller past those of the connection.
type passOn struct{ error }

// past runs a read beside the rounds.
func (s *Source) past(ctx context.Context, op string, run func(context.Context) error) error {
	var own *passOn
	// A Pull in the middle of a round begins another one.
	s.round = &round{redials: maxReconnects}
	defer func() { s.round = nil }()
	err := s.call(ctx, op, func(ctx context.Context) error {
		err := run(ctx)
		if p, ok := err.(passOn); ok {
			own = &p
			return nil
		}
		return err
	})
	if own != nil {
		return own.error
	}
	return err
}

// arrivedSince lists the messages of a mailbox that may have arrived at a time or
// later, ascending.
func (s *Source) arrivedSince(b box, since time.Time) ([]uint32, error) {
	err := s.enterBox(b, false)
	if _, refused := asRefusal(err); refused || err == nil && s.sel.exists == 0 {
		return nil, nil
	}
	if err == nil {
		err = s.catchUp()
	}
	if err != nil {
		return nil, err
	}
	key := "ALL"
	if !since.IsZero() {
		// RFC 9051 section 6.4.4: SINCE looks at the date alone, in the server's zone.
		key = "SINCE " + since.UTC().AddDate(0, 0, -1).Format("2-Jan-2006")
	}
	var out []uint32
	if !s.blind {
		if out, err = s.search(cmd("UID SEARCH %s", key)); err == nil && len(out) < maxListed {
			return out, nil
		}
		if nothingIfRefused(err) != nil {
			return nil, err
		}
	}
	// Too many for one answer, or a server whose SEARCH cannot be used: list all.
	out = nil
	k := cmd("UID FETCH 1:* (UID INTERNALDATE)")
	_, err = s.c.do(longTimeout, k, func(response []byte) {
		items := fetchItems(response)
		uid := items["UID"].number()
		at, dated := items["INTERNALDATE"]
		if uid > 0 && uid < 1<<32 && dated && !parseDate(at.s).Before(since) && len(out) < maxPast {
			out = append(out, uint32(uid))
		}
	})
	slices.Sort(out)
	return slices.Compact(out), nothingIfRefused(err)
}

// maxPast bounds the messages of one mailbox that History reads.
const maxPast = 2_000_000

// puts reads messages of a mailbox, the last of them first.
func (s *Source) puts(ctx context.Context, b box, uids []uint32) ([]model.Change, error) {
	if err := s.enterBox(b, false); err != nil {
		if _, refused := asRefusal(err); refused {
			return nil, nil
		}
		return nil, err
	}
	uids = slices.Sorted(slices.Values(uids))
	if err := s.probe(uids[0]); err != nil {
		return nil, err
	}
	validity := s.sel.validity
	known, err := s.entries(formatSet(uids), 1, 1<<32-1)
	if nothingIfRefused(err) != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	wanted := map[uint32]bool{}
	for _, u := range uids {
		wanted[u] = true
	}
	known = slices.DeleteFunc(known, func(e entry) bool { return !wanted[e.uid] })
	got, err := s.gather(ctx, b, known)
	if err != nil {
		return nil, err
	}
	// After a message that ends every connection nothing is selected.
	if s.sel.box.wire == b.wire && s.sel.validity != 0 && s.sel.validity != validity {
		return nil, &connectors.Error{Class: connectors.Protocol, Code: "uidvalidity"}
	}
	var out []model.Change
	for _, e := range slices.Backward(known) {
		f := got[e.uid]
		if f == nil || f.fault != "" {
			continue // Pull parks what cannot be read
		}
		m := s.message(b, validity, e, f)
		out = append(out, model.Change{Op: model.Put, Ref: m.Ref, Ident: m.Ident, Message: m})
	}
	return out, nil
}
